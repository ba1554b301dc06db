//! Rows of calls that the hub said it did not take, and that no request of ours holds: what is
//! billed to their payers next has to be held against the requests that nobody owns.

use crate::billed_before::{BillLine, Earlier, Verdict, approve_it, file, judge};
use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::{bills_of, payer_key};
use crate::open::Ledger;
use crate::regroup::by_file;
use crate::row_lines::lines_of;
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::states::{ChangedBills, HoldKind, RowState};
use crate::{row_id, row_of};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// A row that was sent and, by the hub's word, not taken, while a row of its payer is about to be
/// sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its key.
    pub row_id: i64,
    /// The chunk it went in.
    pub chunk_id: i64,
    /// The payer.
    pub identifier: String,
    /// The file's name.
    pub file_name: String,
    /// Its number in the sheet.
    pub row_number: i64,
    /// What the payer would have read.
    pub title: String,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that.
    pub late: i64,
}

/// The request that may hold such a row all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The row.
    pub failed: FailedRow,
    /// The hub's number of the request.
    pub request_id: String,
    /// Why it may.
    pub why: String,
    /// What the hub shows of it there; `None`: nothing that is known.
    pub state: Option<RowState>,
}

/// By payer.
pub type HeldElsewhere = BTreeMap<String, Vec<Elsewhere>>;

/// Calls that are looked back at together, the newest.
const CALLS_MAX: i64 = 100;

impl Ledger {
    /// The rows of the payers in a chunk that went in calls without a request, newest first; none of
    /// a payer whose row a person has let past such a one. Rows of the chunk itself are among them,
    /// if its own call was answered so. Nearly always empty.
    pub async fn failed_without_request(&self, chunk_id: i64) -> Result<Vec<FailedRow>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        failed(&mut tx, &chunk.account, chunk.file_id, &chunk.live).await
    }

    /// The same for rows of a file.
    pub async fn failed_before(
        &self,
        account: &str,
        file_id: i64,
        rows: &RowSet,
    ) -> Result<Vec<FailedRow>> {
        failed(&mut self.db.read().await?, account, file_id, rows).await
    }

    /// The same of payers whose rows are not stored.
    pub async fn failed_of_payers(
        &self,
        account: &str,
        identifiers: &[&str],
    ) -> Result<Vec<FailedRow>> {
        let mut tx = self.db.read().await?;
        if !any_call_refused(&mut tx, account).await? {
            return Ok(Vec::new());
        }
        let no_row = |payer: &&str| ((*payer).to_owned(), 0);
        let payers = identifiers.iter().map(no_row).collect();
        failed_of(&mut tx, account, &payers).await
    }

    /// All rows of the account's newest calls that were answered so, by file and chunk: who asks the
    /// hub about one of them asks about the others with it.
    pub async fn all_failed_without_request(
        &self,
        account: &str,
    ) -> Result<BTreeMap<(i64, i64), RowSet>> {
        let mut tx = self.db.read().await?;
        let mut all = BTreeMap::new();
        let sql = format!("{REFUSED_CALLS} order by c.chunk_id desc limit $2");
        let newest = tx
            .rows(crate::db::sql(sql), args![account, CALLS_MAX])
            .await?;
        for line in newest {
            let chunk_id = line.int(0)?;
            let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
            let lines = lines_of(&mut tx, chunk.file_id, &chunk.members).await?;
            let failed = |row_no: &u32| {
                lines.get(row_no).is_some_and(|line| {
                    line.chunk_id.is_none_or(|other| other == chunk_id)
                        && line
                            .state
                            .is_some_and(|state| state.is_failed() || state == RowState::Corrected)
                })
            };
            let rows: RowSet = chunk.members.iter().filter(failed).collect();
            if !rows.is_empty() {
                all.insert((chunk.file_id, chunk_id), rows);
            }
        }
        Ok(all)
    }

    /// The rows of a file that are held in such calls.
    pub async fn held_and_called(&self, file_id: i64) -> Result<RowSet> {
        let mut tx = self.db.read().await?;
        let account = FileLine::need(&mut tx, file_id).await?.account;
        let text = format!("{REFUSED_CALLS} and c.file_id = $2 and c.state = 'held'");
        let mut rows = RowSet::new();
        for line in tx.rows(sql(text), args![&account, file_id]).await? {
            rows = rows.union(&ChunkLine::need(&mut tx, line.int(0)?).await?.live);
        }
        Ok(rows)
    }

    /// The rows of an account that are held because a request of nobody may hold a failed row, by
    /// file: some thousands, after this row id.
    pub async fn held_elsewhere(&self, account: &str, after: i64) -> Result<BTreeMap<i64, RowSet>> {
        const ROWS_MAX: i64 = 5_000;
        let sql = "select row_id from held_rows where account = $1 and kind = $2 and row_id > $3 order by row_id limit $4";
        let values = args![account, HoldKind::Elsewhere.as_str(), after, ROWS_MAX];
        let lines = self.db.read().await?.rows(sql, values).await?;
        let ids: Vec<i64> = lines
            .iter()
            .map(|line| line.int(0))
            .collect::<Result<_>>()?;
        Ok(by_file(&ids))
    }
}

/// The chunks of an account of which the hub said that it took nothing, and that have no request.
const REFUSED_CALLS: &str = "select c.chunk_id from chunks c
    where c.account = $1 and c.request_id is null and c.attempts > 0 and exists (
        select 1 from attempts a where a.chunk_id = c.chunk_id and a.outcome in ('refused', 'held'))";

async fn failed(tx: &mut Tx, account: &str, file_id: i64, rows: &RowSet) -> Result<Vec<FailedRow>> {
    if !any_call_refused(tx, account).await? {
        return Ok(Vec::new());
    }
    let lines = lines_of(tx, file_id, rows).await?;
    let mut payers: BTreeMap<String, i64> = BTreeMap::new();
    for bill in bills_of(tx, file_id, rows).await? {
        let line = lines.get(&bill.row_no);
        if line.is_none_or(|line| !line.waived.contains(&HoldKind::Elsewhere)) {
            payers.insert(bill.identifier, row_id(file_id, bill.row_no));
        }
    }
    failed_of(tx, account, &payers).await
}

/// Did the hub ever say of a call of the account that it took nothing?
async fn any_call_refused(tx: &mut Tx, account: &str) -> Result<bool> {
    let any = format!("select count(*) from ({REFUSED_CALLS} limit 1) as x");
    Ok(tx.number(sql(any), args![account]).await? > 0)
}

/// The rows of these payers that went in such calls; of those that are not settled only the one
/// that is about to be sent itself.
async fn failed_of(
    tx: &mut Tx,
    account: &str,
    payers: &BTreeMap<String, i64>,
) -> Result<Vec<FailedRow>> {
    let keys: BTreeSet<i64> = payers.keys().map(|p| payer_key(account, p)).collect();
    let text = format!(
        "select row_id, chunk_id, identifier, file_name, row_number, title, amount, due_date, late, state from row_facts
         where {} and account = $1 and chunk_id in ({REFUSED_CALLS})
           and state in ('rejected', 'errored', 'corrected', 'skipped', 'ready', 'held')
         order by row_id desc",
        tx.is_in("payer_key", 2)
    );
    let keys: Vec<i64> = keys.into_iter().collect();
    let mut failed = Vec::new();
    for line in tx.rows(sql(text), args![account, keys]).await? {
        let (row_id, identifier) = (line.int(0)?, line.text(2)?);
        // Another payer may have the same key.
        let Some(about_to_go) = payers.get(&identifier) else {
            continue;
        };
        // What is not settled yet is waited for by others.
        let state: RowState = line.word(9)?;
        let settled = !matches!(state, RowState::Ready | RowState::Held);
        if !settled && row_id != *about_to_go {
            continue;
        }
        failed.push(FailedRow {
            row_id,
            chunk_id: line.int(1)?,
            identifier,
            file_name: line.text(3)?,
            row_number: line.int(4)?,
            title: line.text(5)?,
            amount: line.int(6)?,
            due_date: line.get(7)?,
            late: line.int(8)?,
        });
    }
    Ok(failed)
}

/// The rows that these rows correct, by the row that does: a person said that both are one fee.
pub(crate) async fn corrected_by(
    tx: &mut Tx,
    file_id: i64,
    rows: &RowSet,
) -> Result<BTreeMap<u32, i64>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(BTreeMap::new());
    };
    let sql = "select row_id, corrects from rows where row_id >= $1 and row_id <= $2 and corrects is not null";
    let range = args![row_id(file_id, first), row_id(file_id, last)];
    let lines = tx.rows(sql, range).await?;
    lines
        .iter()
        .map(|line| Ok((row_of(line.int(0)?).1, line.int(1)?)))
        .collect()
}

/// A row that would be sent is held if its payer has a failed row which may be a bill all the same,
/// and a bill like that would not let it go: it is the same fee, or another for its day. `corrects`
/// is the row that it corrects.
pub(crate) fn or_hold(
    verdict: Verdict,
    row: &BillLine,
    earlier: &[Earlier],
    corrects: Option<i64>,
    elsewhere: &HeldElsewhere,
    (changed, waived): (ChangedBills, &[HoldKind]),
) -> Verdict {
    let held = elsewhere
        .get(&row.identifier)
        .map_or(&[][..], Vec::as_slice);
    if !matches!(verdict, Verdict::Send { .. }) || waived.contains(&HoldKind::Elsewhere) {
        return verdict;
    }
    let stands_in_the_way = |held: &&Elsewhere| {
        let failed = &held.failed;
        let as_if = |state| {
            let mut earlier = earlier.to_vec();
            earlier.push(Earlier {
                row_id: failed.row_id,
                file_name: failed.file_name.clone(),
                row_number: failed.row_number,
                title: failed.title.clone(),
                amount: failed.amount,
                due_date: failed.due_date,
                late: failed.late,
                state,
                psid: None,
                out_of_sight: None,
                foreign: None,
            });
            !matches!(judge(row, &earlier, changed, waived), Verdict::Send { .. })
        };
        failed.row_id == row.row_id
            || corrects == Some(failed.row_id)
            || match held.state {
                Some(RowState::Paid) => as_if(RowState::Paid),
                Some(_) => as_if(RowState::Billed),
                None => as_if(RowState::Billed) || as_if(RowState::Paid),
            }
    };
    let Some(held) = held.iter().find(stands_in_the_way) else {
        return verdict;
    };
    let Elsewhere {
        failed,
        request_id,
        why,
        ..
    } = held;
    let which = match failed.row_id == row.row_id {
        true => Sentence::ItselfElsewhere.text().to_owned(),
        false => {
            let place = [&failed.row_number.to_string(), &failed.file_name];
            let place = Sentence::RowOf.with(&place.map(String::as_str));
            Sentence::OtherElsewhere.with(&[&place])
        }
    };
    let (approve, file) = (approve_it(row), file(row));
    let message = Sentence::Elsewhere.with(&[&which, request_id, why, &approve, &file]);
    Verdict::Hold {
        kind: HoldKind::Elsewhere,
        message,
        waits_for: None,
    }
}
