//! Lists for people: files, chunks and rows, with the columns of the views.

use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, Val, args, sql};
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::payer_key;
use crate::open::Ledger;
use crate::states::{ChunkState, FileState, RowState};
use chrono::{DateTime, NaiveDate, Utc};

/// Which files.
#[derive(Debug, Clone, Default)]
pub struct FileFilter {
    /// Only this account's.
    pub account: Option<String>,
    /// Only in this state.
    pub state: Option<FileState>,
    /// Only older than this one (paging; the newest come first).
    pub before: Option<i64>,
    /// At most so many; 0: all.
    pub limit: u32,
}

/// Which chunks.
#[derive(Debug, Clone, Default)]
pub struct ChunkFilter {
    /// Only this account's.
    pub account: Option<String>,
    /// Only this file's.
    pub file_id: Option<i64>,
    /// Only in this state.
    pub state: Option<ChunkState>,
    /// Only after this one (paging).
    pub after: Option<i64>,
    /// At most so many; 0: all.
    pub limit: u32,
}

/// Which rows.
#[derive(Debug, Clone, Default)]
pub struct RowFilter {
    /// Only this account's.
    pub account: Option<String>,
    /// Only this file's.
    pub file_id: Option<i64>,
    /// Only this sheet's.
    pub sheet: Option<String>,
    /// Only in this state.
    pub state: Option<RowState>,
    /// Only this payer's.
    pub identifier: Option<String>,
    /// Only this PSID's.
    pub psid: Option<String>,
    /// Only after this row id (paging).
    pub after: Option<i64>,
    /// At most so many; 0: all.
    pub limit: u32,
}

/// A line of `bulk_requests`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BulkRequestLine {
    /// The chunk.
    pub chunk_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// For whom.
    pub account: String,
    /// Rows in its last call, or as planned.
    pub row_count: i64,
    /// Rupees with two decimals.
    pub total_amount: String,
    /// The hub's number: a number if it is one.
    pub bulk_payment_request_id: Option<serde_json::Value>,
    /// Where it stands.
    pub state: ChunkState,
    /// Calls made.
    pub attempts: i64,
    /// When the last was made.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// What there is to say.
    pub message: Option<String>,
}

/// A line of `bill_results`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ResultLine {
    /// The row's key.
    pub row_id: i64,
    /// The file.
    pub file_id: i64,
    /// Its name.
    pub file_name: String,
    /// The account.
    pub account: String,
    /// The sheet.
    pub sheet: String,
    /// The row's number there.
    pub row_number: i64,
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// Rupees with two decimals.
    pub amount: Option<String>,
    /// Until when.
    pub due_date: Option<NaiveDate>,
    /// Rupees with two decimals.
    pub amount_after_due_date: Option<String>,
    /// Where it stands.
    pub state: RowState,
    /// Its PSID.
    pub psid: Option<String>,
    /// The hub's number of its call.
    pub bulk_payment_request_id: Option<serde_json::Value>,
    /// What there is to say.
    pub message: Option<String>,
    /// When its last call was made.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it changed last.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
}

/// A statement's conditions as they come together.
#[derive(Default)]
struct Where {
    parts: Vec<String>,
    args: Vec<Val>,
}

impl Where {
    /// `{}` in the condition stands for the value.
    fn add(&mut self, condition: &str, value: impl Into<Val>) {
        self.args.push(value.into());
        self.parts
            .push(condition.replace("{}", &format!("${}", self.args.len())));
    }

    fn text(&self) -> String {
        if self.parts.is_empty() {
            String::new()
        } else {
            format!("where {}", self.parts.join(" and "))
        }
    }
}

fn limit(rows: u32) -> String {
    if rows == 0 {
        String::new()
    } else {
        format!(" limit {rows}")
    }
}

impl Ledger {
    /// Files, newest first.
    pub async fn files(&self, filter: &FileFilter) -> Result<Vec<FileLine>> {
        let mut all = Where::default();
        if let Some(account) = &filter.account {
            all.add("f.account = {}", account);
        }
        if let Some(state) = filter.state {
            all.add("f.state = {}", state.as_str());
        }
        if let Some(before) = filter.before {
            all.add("f.file_id < {}", before);
        }
        let rest = format!(
            "{} order by f.file_id desc{}",
            all.text(),
            limit(filter.limit)
        );
        FileLine::find(&mut self.db.read().await?, &rest, all.args).await
    }

    /// The newest files of which rows failed (`invalid`, `rejected`, `errored`) and may be corrected
    /// or sent again.
    pub async fn files_with_failed(&self, limit: u32) -> Result<Vec<FileLine>> {
        let rest = "where f.stored_at is not null and f.cancelled_at is null
            and exists (select 1 from file_counts x where x.file_id = f.file_id and x.n > 0
                and x.state in ('invalid', 'rejected', 'errored'))
            order by f.file_id desc limit $1";
        FileLine::find(&mut self.db.read().await?, rest, args![i64::from(limit)]).await
    }

    /// Chunks with all that is known of them, oldest first.
    pub async fn chunk_list(&self, filter: &ChunkFilter) -> Result<Vec<ChunkLine>> {
        let mut all = Where::default();
        if let Some(account) = &filter.account {
            all.add("c.account = {}", account);
        }
        if let Some(file_id) = filter.file_id {
            all.add("c.file_id = {}", file_id);
        }
        if let Some(state) = filter.state {
            all.add("c.state = {}", state.as_str());
        }
        if let Some(after) = filter.after {
            all.add("c.chunk_id > {}", after);
        }
        let rest = format!("{} order by c.chunk_id{}", all.text(), limit(filter.limit));
        ChunkLine::find(&mut self.db.read().await?, &rest, all.args).await
    }

    /// Chunks as `bulk_requests` shows them, oldest first.
    pub async fn chunks(&self, filter: &ChunkFilter) -> Result<Vec<BulkRequestLine>> {
        let chunks = self.chunk_list(filter).await?;
        Ok(chunks
            .into_iter()
            .map(|chunk| BulkRequestLine {
                chunk_id: chunk.chunk_id,
                file_id: chunk.file_id,
                account: chunk.account,
                row_count: chunk.row_count,
                total_amount: decimal(chunk.total_amount),
                bulk_payment_request_id: chunk.request_id.map(as_number),
                state: chunk.state,
                attempts: chunk.attempts,
                sent_at: chunk.sent_at,
                answered_at: chunk.answered_at,
                message: chunk.message,
            })
            .collect())
    }

    /// Rows as `bill_results` shows them, in order.
    pub async fn rows(&self, filter: &RowFilter) -> Result<Vec<ResultLine>> {
        let mut tx = self.db.read().await?;
        let mut all = Where::default();
        if let Some(account) = &filter.account {
            all.add("account = {}", account);
        }
        if let Some(file_id) = filter.file_id {
            // By its range alone, so that a page begins where the last one ended.
            all.add("row_id >= {}", crate::row_id(file_id, 0));
            all.add("row_id < {}", crate::row_id(file_id + 1, 0));
        }
        if let Some(sheet) = &filter.sheet {
            all.add("sheet = {}", sheet);
        }
        if let Some(state) = filter.state {
            all.add("state = {}", state.as_str());
            if filter.file_id.is_none() {
                // Only files that have such rows: the others are not even looked at.
                all.add(
                    "file_id in (select x.file_id from file_counts x where x.state = {} and x.n > 0)",
                    state.as_str(),
                );
            }
            if state.is_failed() {
                all.add(
                    "row_id in (select x.row_id from failed_rows x where x.state = {})",
                    state.as_str(),
                );
            }
        }
        if let Some(identifier) = &filter.identifier {
            all.add("identifier = {}", identifier);
            let keys = self
                .payer_keys(&mut tx, filter.account.as_deref(), identifier)
                .await?;
            let among = tx.is_in("x.payer_key", all.args.len() + 1);
            all.add(
                &format!("row_id in (select x.row_id from rows x where {among})"),
                keys,
            );
        }
        if let Some(psid) = &filter.psid {
            all.add("psid = {}", psid);
        }
        if let Some(after) = filter.after {
            all.add("row_id > {}", after);
        }
        let text = format!(
            "select row_id, file_id, file_name, account, sheet, row_number, title, identifier,
                cast(amount as text), due_date, cast(amount_after_due_date as text), state, psid,
                request_id, message, sent_at, updated_at, paid_at
             from bill_results {} order by row_id{}",
            all.text(),
            limit(filter.limit)
        );
        let lines = tx.rows(sql(text), all.args).await?;
        lines
            .iter()
            .map(|line| {
                Ok(ResultLine {
                    row_id: line.int(0)?,
                    file_id: line.int(1)?,
                    file_name: line.text(2)?,
                    account: line.text(3)?,
                    sheet: line.text(4)?,
                    row_number: line.int(5)?,
                    title: line.text(6)?,
                    identifier: line.text(7)?,
                    amount: line.get(8)?,
                    due_date: line.get(9)?,
                    amount_after_due_date: line.get(10)?,
                    state: line.word(11)?,
                    psid: line.get(12)?,
                    bulk_payment_request_id: line.get::<Option<String>>(13)?.map(as_number),
                    message: line.get(14)?,
                    sent_at: line.get(15)?,
                    updated_at: line.get(16)?,
                    paid_at: line.get(17)?,
                })
            })
            .collect()
    }

    /// The keys under which a payer's rows are found: one an account.
    async fn payer_keys(
        &self,
        tx: &mut Tx,
        account: Option<&str>,
        identifier: &str,
    ) -> Result<Vec<i64>> {
        if let Some(account) = account {
            return Ok(vec![payer_key(account, identifier)]);
        }
        let lines = tx.rows("select account from accounts", args![]).await?;
        lines
            .iter()
            .map(|line| Ok(payer_key(&line.text(0)?, identifier)))
            .collect()
    }
}

/// Paisa as rupees with two decimals.
fn decimal(paisa: i64) -> String {
    let sign = if paisa < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:02}",
        paisa.unsigned_abs() / 100,
        paisa.unsigned_abs() % 100
    )
}

/// AsaanBill's numbers are numbers; another hub's may not be.
fn as_number(request_id: String) -> serde_json::Value {
    match request_id.parse::<i64>() {
        Ok(number) if number.to_string() == request_id => number.into(),
        _ => request_id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paisa_are_shown_as_rupees_with_two_decimals() {
        assert_eq!(decimal(150_000), "1500.00");
        assert_eq!(decimal(5), "0.05");
        assert_eq!(decimal(-150), "-1.50");
    }

    #[test]
    fn a_request_is_a_number_where_it_is_one() {
        assert_eq!(as_number("29".into()), serde_json::json!(29));
        assert_eq!(as_number("029".into()), serde_json::json!("029"));
        assert_eq!(as_number("B-29".into()), serde_json::json!("B-29"));
    }
}
