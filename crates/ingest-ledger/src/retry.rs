//! Retry: failed rows go again, each once, and only those that had failed when it was asked.

use crate::accounts::Lease;
use crate::chunk_lines::clear_attempts;
use crate::db::{Tx, args, sql};
use crate::decisions::moved_since;
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::{bills_of, payer_key};
use crate::open::Ledger;
use crate::plan::PlanRules;
use crate::regroup::{Born, by_file, judge_rows, off_grid};
use crate::row_lines::{RowLine, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::states::RowState;
use crate::step::{Step, once_more};
use crate::unseen::unseen_of;
use crate::{row_id, row_of};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which rows to send again.
#[derive(Debug, Clone, Default)]
pub struct RetryFilter {
    /// Only this account's.
    pub account: Option<String>,
    /// Only this file's.
    pub file_id: Option<i64>,
    /// Only this sheet's.
    pub sheet: Option<String>,
    /// Only these, numbered as the sheet does; rows that did not fail are then listed too, with
    /// the reason why they are not sent again.
    pub row_numbers: Option<Vec<u32>>,
    /// `Rejected`, `Errored`, or both if empty.
    pub states: Vec<RowState>,
}

/// A row that may be sent again, or the reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryRow {
    /// Its key.
    pub row_id: i64,
    /// The account.
    pub account: String,
    /// The file.
    pub file_id: i64,
    /// Its place in it.
    pub row_no: u32,
    /// The sheet.
    pub sheet: String,
    /// Its number there.
    pub row_number: i64,
    /// Where it stands.
    pub state: RowState,
    /// The payer.
    pub identifier: String,
    /// The hub's number of the call it went with.
    pub request_id: Option<String>,
    /// The chunk it went with.
    pub chunk_id: Option<i64>,
    /// Why it is not sent again; `None`: it is.
    pub refusal: Option<String>,
}

/// What a retry came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RetrySummary {
    /// Rows that will be sent.
    pub ready: u64,
    /// Rows that wait.
    pub held: u64,
    /// Rows that need not be sent.
    pub skipped: u64,
    /// Rows that are past due by now.
    pub invalid: u64,
    /// Rows that were not failed any more, or may not go again.
    pub left: u64,
    /// Rows that failed (again) only after the retry was asked for.
    pub failed_since: u64,
    /// The new chunks.
    pub chunks: Vec<i64>,
}

impl RetrySummary {
    fn add(&mut self, other: RetrySummary) {
        self.ready += other.ready;
        self.held += other.held;
        self.skipped += other.skipped;
        self.invalid += other.invalid;
        self.left += other.left;
        self.failed_since += other.failed_since;
        self.chunks.extend(other.chunks);
    }
}

/// Rows of one transaction.
const ROWS_MAX: u64 = 5_000;

impl Ledger {
    /// The rows a retry would send, and those it would not, with the reason.
    pub async fn retry_candidates(&self, filter: &RetryFilter) -> Result<Vec<RetryRow>> {
        let mut tx = self.db.read().await?;
        let ids = candidates(&mut tx, filter).await?;
        let mut rows = Vec::with_capacity(ids.len());
        for part in ids.chunks(ROWS_MAX as usize) {
            let text = format!(
                "select x.row_id, x.account, x.file_id, x.row_no, x.sheet, x.row_number, x.state, x.identifier, x.request_id, x.chunk_id, x.psid, x.payment_id, f.cancelled_at is not null
                 from row_facts x join files f on f.file_id = x.file_id where {} order by x.row_id",
                tx.is_in("x.row_id", 1)
            );
            let found = tx.rows(sql(text), args![part.to_vec()]).await?;
            let mut part = Vec::with_capacity(found.len());
            for line in &found {
                let state: RowState = line.word(6)?;
                let at_hub = line.get::<Option<String>>(10)?.is_some()
                    || line.get::<Option<String>>(11)?.is_some();
                part.push(RetryRow {
                    row_id: line.int(0)?,
                    account: line.text(1)?,
                    file_id: line.int(2)?,
                    row_no: line.int(3)? as u32,
                    sheet: line.text(4)?,
                    row_number: line.int(5)?,
                    state,
                    identifier: line.text(7)?,
                    request_id: line.get(8)?,
                    chunk_id: line.get(9)?,
                    refusal: refusal(state, at_hub, line.get(12)?).map(str::to_owned),
                });
            }
            refuse_overtaken(&mut tx, &mut part).await?;
            refuse_unseen(&mut tx, &mut part).await?;
            let wanted = |row: &RetryRow| {
                filter.row_numbers.is_some()
                    || (row.state.is_failed()
                        && (filter.states.is_empty() || filter.states.contains(&row.state)))
            };
            rows.extend(part.into_iter().filter(wanted));
        }
        Ok(rows)
    }

    /// Sends failed rows again: each is judged anew, by every rule: what a person lifted for the call
    /// that failed is not lifted for this one. A row that did not fail (any more) is left,
    /// and so is one that failed after the person asked (`asked_at`, of the
    /// [`Decision`](crate::Decision)): a retry asked for, or carried out, twice is done once.
    pub async fn retry(
        &self,
        lease: &Lease,
        row_ids: &[i64],
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<RetrySummary> {
        let mut summary = RetrySummary::default();
        for (file_id, rows) in by_file(row_ids) {
            for piece in rows.pieces(ROWS_MAX) {
                let done = once_more!(self.retry_once(lease, file_id, &piece, rules, asked_at))?;
                summary.add(done);
            }
        }
        Ok(summary)
    }

    async fn retry_once(
        &self,
        lease: &Lease,
        file_id: i64,
        rows: &RowSet,
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<RetrySummary> {
        let mut step = self.step_under(lease).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        let mut lines = lines_of(&mut step.tx, file_id, rows).await?;
        lines.retain(|_, line| line.state.is_some_and(RowState::is_failed));
        let mut asked: Vec<RetryRow> = Vec::new();
        if file.account == lease.account {
            for bill in bills_of(&mut step.tx, file_id, &lines.keys().copied().collect()).await? {
                let line = line_mut(&mut lines, file_id, bill.row_no);
                let at_hub = line.psid.is_some() || line.payment_id.is_some();
                let state = line.state.unwrap_or(RowState::Ready);
                asked.push(RetryRow {
                    row_id: line.row_id,
                    account: file.account.clone(),
                    file_id,
                    row_no: bill.row_no,
                    sheet: bill.sheet,
                    row_number: bill.row_number,
                    state,
                    identifier: bill.identifier,
                    request_id: None,
                    chunk_id: line.chunk_id,
                    refusal: refusal(state, at_hub, file.cancelled).map(str::to_owned),
                });
            }
            refuse_overtaken(&mut step.tx, &mut asked).await?;
            refuse_unseen(&mut step.tx, &mut asked).await?;
        }
        asked.retain(|row| row.refusal.is_none());
        let left = rows.len() - asked.len() as u64;
        let failed = asked.iter().map(|row| row.row_no).collect();
        let since = moved_since(&mut step.tx, file_id, &failed, asked_at).await?;
        asked.retain(|row| !since.contains(row.row_no));
        let mut done = RetrySummary {
            left,
            failed_since: since.len(),
            ..RetrySummary::default()
        };
        self.clear_rows(&mut step, file_id, &asked, &mut lines)
            .await?;
        for from in [RowState::Rejected, RowState::Errored] {
            let these: RowSet = asked
                .iter()
                .filter(|row| row.state == from)
                .map(|row| row.row_no)
                .collect();
            if these.is_empty() {
                continue;
            }
            let judged = judge_rows(&mut step, rules, file_id, &these, from, false).await?;
            let per = u64::from(rules.rows_per_request);
            let chunks = off_grid(
                &mut step,
                file_id,
                &judged.bills,
                judged.lines,
                per,
                &Born::READY,
            )
            .await?;
            step.moved(file_id, Some(from), RowState::Ready, &judged.send);
            done.ready += judged.send.len();
            done.held += judged.held.len();
            done.skipped += judged.skipped.len();
            done.invalid += judged.invalid.len();
            done.chunks.extend(chunks);
        }
        step.finish().await?;
        Ok(done)
    }

    /// The calls that carried these rows made no bill of them; what was said of that is over.
    async fn clear_rows(
        &self,
        step: &mut Step,
        file_id: i64,
        asked: &[RetryRow],
        lines: &mut BTreeMap<u32, RowLine>,
    ) -> Result<()> {
        let ids: Vec<i64> = asked.iter().map(|row| row.row_id).collect();
        let text = format!(
            "select row_id, chunk_id, sent_at from row_facts where chunk_id is not null and {}",
            step.tx.is_in("row_id", 1)
        );
        let mut chunks: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for found in step.tx.rows(sql(text), args![ids]).await? {
            let row_no = row_of(found.int(0)?).1;
            chunks.entry(found.int(1)?).or_default().push(row_no);
            let line = line_mut(lines, file_id, row_no);
            line.sent_at = found.get(2)?;
            line.message = None;
            line.psid = None;
            line.payment_id = None;
            line.replaces = None;
            line.absent = 0;
            // A hold was lifted for that call, as things stood then.
            line.waived.clear();
        }
        for (chunk_id, rows) in chunks {
            clear_attempts(step, chunk_id, &rows.into_iter().collect()).await?;
        }
        let these: RowSet = asked.iter().map(|row| row.row_no).collect();
        save_lines(
            step,
            lines.values().filter(|line| these.contains(line.row_no())),
        )
        .await
    }
}

/// The rows a filter means, by id.
async fn candidates(tx: &mut Tx, filter: &RetryFilter) -> Result<Vec<i64>> {
    let (first, end) = match filter.file_id {
        Some(file_id) => (row_id(file_id, 0), row_id(file_id + 1, 0)),
        None => (0, i64::MAX),
    };
    let numbers: Vec<i64> = filter
        .row_numbers
        .iter()
        .flatten()
        .map(|n| i64::from(*n))
        .collect();
    let (table, more) = if filter.row_numbers.is_some() {
        (
            "rows r join files f on f.file_id = (r.row_id >> 24)",
            tx.is_in("r.row_number", 5),
        )
    } else {
        (
            "failed_rows h join rows r on r.row_id = h.row_id join files f on f.file_id = (r.row_id >> 24)",
            tx.pick("$5::bigint[] is not null", "$5 is not null")
                .to_owned(),
        )
    };
    let text = format!(
        "select r.row_id from {table}
         where r.row_id > $1 and r.row_id < $2 and ($3 = '' or f.account = $3) and ($4 = '' or r.sheet = $4) and {more}
         order by r.row_id"
    );
    let account = filter.account.as_deref().unwrap_or_default();
    let sheet = filter.sheet.as_deref().unwrap_or_default();
    let lines = tx
        .rows(sql(text), args![first, end, account, sheet, numbers])
        .await?;
    lines.iter().map(|line| line.int(0)).collect()
}

/// Why a row in this state may not go again.
fn refusal(state: RowState, at_hub: bool, cancelled: bool) -> Option<&'static str> {
    use RowState::*;
    match state {
        Rejected if at_hub => Some("the hub shows a bill for it after all"),
        Rejected | Errored if cancelled => Some("its file was cancelled"),
        Rejected | Errored => None,
        Accepted | Billed | Paid | Discarded => Some("the hub took it"),
        Sending | Unknown => Some("the hub may have taken it: `ingestd status` says what decides"),
        Corrected => Some("a corrected row took its place"),
        Invalid => Some("the sheet is wrong: correct it, and drop it in again"),
        Skipped => Some("it is not to be sent"),
        Held => Some("it is held: `ingestd status` says what lets it go"),
        Ready => Some("it is about to be sent anyway"),
    }
}

/// Refuses rows whose identifier has a newer row that was sent: the older one would take its
/// place at the hub.
async fn refuse_overtaken(tx: &mut Tx, rows: &mut [RetryRow]) -> Result<()> {
    let mut keys: Vec<i64> = rows
        .iter()
        .filter(|row| row.refusal.is_none())
        .map(|row| payer_key(&row.account, &row.identifier))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let Some(oldest) = rows.iter().map(|row| row.row_id).min() else {
        return Ok(());
    };
    let text = format!(
        "select row_id, account, identifier, file_name, row_number from row_facts
         where {} and row_id > $2 and state in ('sending', 'unknown', 'accepted', 'billed', 'paid', 'discarded')",
        tx.is_in("payer_key", 1)
    );
    let mut newest: HashMap<(String, String), (i64, String)> = HashMap::new();
    for line in tx.rows(sql(text), args![keys, oldest]).await? {
        let place = format!("row {} of {}", line.int(4)?, line.text(3)?);
        let entry = newest.entry((line.text(1)?, line.text(2)?)).or_default();
        if line.int(0)? > entry.0 {
            *entry = (line.int(0)?, place);
        }
    }
    for row in rows.iter_mut().filter(|row| row.refusal.is_none()) {
        if let Some((newer, place)) = newest.get(&(row.account.clone(), row.identifier.clone()))
            && *newer > row.row_id
        {
            row.refusal = Some(format!("a newer row of its identifier was sent: {place}"));
        }
    }
    Ok(())
}

/// Refuses rows whose own request the hub does not show any more: nothing says that it made no
/// bill of them after all.
async fn refuse_unseen(tx: &mut Tx, rows: &mut [RetryRow]) -> Result<()> {
    let accounts: BTreeSet<String> = rows.iter().map(|row| row.account.clone()).collect();
    let mut unseen: Vec<i64> = Vec::new();
    for account in &accounts {
        unseen.extend(unseen_of(tx, account).await?);
    }
    if unseen.is_empty() {
        return Ok(());
    }
    let text = format!(
        "select row_id from row_facts where {} and {}",
        tx.is_in("row_id", 1),
        tx.is_in("chunk_id", 2)
    );
    let ids: Vec<i64> = rows.iter().map(|row| row.row_id).collect();
    let lines = tx.rows(sql(text), args![ids, unseen]).await?;
    let hidden: BTreeSet<i64> = lines
        .iter()
        .map(|line| line.int(0))
        .collect::<Result<_>>()?;
    for row in rows.iter_mut() {
        if row.refusal.is_none() && hidden.contains(&row.row_id) {
            row.refusal = Some(
                "the hub does not show the request any more in which it failed (`ingestd status`), so nothing says that it made no bill; a new sheet with this row is held, and goes if a person approves it"
                    .to_owned(),
            );
        }
    }
    Ok(())
}
