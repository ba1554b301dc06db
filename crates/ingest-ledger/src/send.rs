//! Sending: the next chunk, its bills, and the intent that is stored before the call.

use crate::accounts::{Lease, even_place};
use crate::chunk_lines::ChunkLine;
use crate::course;
use crate::course::before_a_call::{May, Sending, account_may_call, chunk_may_go};
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::history::{bills_of, may_meet_others};
use crate::open::Ledger;
use crate::outcomes::own_chunk;
use crate::past_due::PastDue;
use crate::plan::PlanRules;
use crate::regroup::judge_rows;
use crate::row_lines::{RowLine, lines_of};
use crate::row_set::RowSet;
use crate::states::{ChunkState, RowState};
use crate::step::{Step, once_more};
use chrono::{DateTime, NaiveDate, Utc};
use std::time::Duration;

/// A row as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRow {
    /// Its place in the file.
    pub row_no: u32,
    /// Its number in the sheet.
    pub row_number: i64,
    /// The sheet.
    pub sheet: String,
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that; the amount where the sheet had none.
    pub amount_after_due_date: i64,
}

/// What is about to be sent.
#[derive(Debug, Clone)]
pub struct Intent<'a> {
    /// The rows in the body.
    pub rows: &'a RowSet,
    /// Of the body.
    pub body_sha256: [u8; 32],
    /// The account's `requests_per_minute`.
    pub per_minute: u32,
    /// The call's overall deadline.
    pub deadline: Duration,
    /// Every row is judged again.
    pub rules: &'a PlanRules,
}

/// A call that may now be made, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number.
    pub attempt_id: i64,
    /// What is sent.
    pub chunk_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// For whom.
    pub account: String,
    /// When the intent was stored.
    pub intended_at: DateTime<Utc>,
    /// Rows in the body.
    pub row_count: i64,
    /// Paisa in the body.
    pub total_amount: i64,
}

/// What an intent met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intended {
    /// Stored: make the call.
    Go(Attempt),
    /// Too early for the account's rate: try again after this.
    Wait(Duration),
    /// The account is paused.
    Paused,
    /// A call's outcome is unknown: a read must be answered first.
    ReadNeeded,
    /// The chunk is not what it was: take the next one.
    Changed,
}

impl Ledger {
    /// The oldest chunk that may be sent now.
    pub async fn next_ready(&self, account: &str) -> Result<Option<ChunkLine>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let rest = "where c.account = $1 and c.state = 'ready' and (c.not_before is null or c.not_before <= $2)
            order by c.chunk_id limit 1";
        Ok(ChunkLine::find(&mut tx, rest, args![account, now])
            .await?
            .pop())
    }

    /// How long until a ready chunk may be sent; `None`: there is none.
    pub async fn next_ready_in(&self, account: &str) -> Result<Option<Duration>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let line = tx
            .row(
                "select min(coalesce(not_before, $2)) from chunks where account = $1 and state = 'ready'",
                args![account, now],
            )
            .await?;
        let at: Option<DateTime<Utc>> = line.map(|line| line.get(0)).transpose()?.flatten();
        Ok(at.map(|at| (at - now).to_std().unwrap_or_default()))
    }

    /// The rows that follow the chunk, in order.
    pub async fn chunk_bills(&self, chunk_id: i64) -> Result<Vec<BillRow>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        bills_of(&mut tx, chunk.file_id, &chunk.live).await
    }

    /// One chunk.
    pub async fn chunk(&self, chunk_id: i64) -> Result<Option<ChunkLine>> {
        ChunkLine::get(&mut self.db.read().await?, chunk_id).await
    }

    /// Stores the intent: one durable transaction, after which exactly one call may be made.
    ///
    /// Under the live lease; not while the account is paused, or while a call's outcome waits for
    /// a read; not before the account's next place; only if the chunk is still ready with exactly
    /// these rows, each of which is judged again.
    pub async fn intend(
        &self,
        lease: &Lease,
        chunk_id: i64,
        intent: &Intent<'_>,
    ) -> Result<Intended> {
        once_more!(self.intend_once(lease, chunk_id, intent))
    }

    async fn intend_once(
        &self,
        lease: &Lease,
        chunk_id: i64,
        intent: &Intent<'_>,
    ) -> Result<Intended> {
        let mut step = self.step_under(lease).await?;
        let (now, place) = (step.now, even_place(intent.per_minute));
        let may = account_may_call(&step.sending(place), now);
        if let May::PlaceAnew(at) = may {
            step.next_write(at).await?;
            step.finish().await?;
            return Ok(Intended::Wait(place));
        }
        if let Some(why) = why_not(may, lease)? {
            return Ok(why);
        }
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        let may = chunk_may_go(&chunk, &lease.account, intent.rows, now);
        if let Some(why) = why_not(may, lease)? {
            return Ok(why);
        }
        if !still_to_be_sent(&mut step, &mut chunk, intent.rules).await?
            || chunk.live != *intent.rows
        {
            step.finish().await?;
            return Ok(Intended::Changed);
        }
        let deadline_at = now + intent.deadline;
        let attempt_id = step
            .tx
            .number(
                "insert into attempts (chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, per_minute)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning attempt_id",
                args![
                    chunk_id,
                    &lease.account,
                    lease.epoch,
                    &lease.holder,
                    &intent.body_sha256[..],
                    chunk.row_count,
                    chunk.total_amount,
                    chunk.live.to_json(),
                    step.now,
                    deadline_at,
                    intent.per_minute,
                ],
            )
            .await?;
        course::intended(&mut chunk, &step.login, now);
        chunk.save(&mut step).await?;
        step.moved(
            chunk.file_id,
            Some(RowState::Ready),
            RowState::Sending,
            &chunk.live,
        );
        step.next_write(now + place).await?;
        step.remember_now().await?;
        let attempt = Attempt {
            attempt_id,
            chunk_id,
            file_id: chunk.file_id,
            account: lease.account.clone(),
            intended_at: step.now,
            row_count: chunk.row_count,
            total_amount: chunk.total_amount,
        };
        step.finish().await?;
        Ok(Intended::Go(attempt))
    }
}

/// What an intent meets that may not be stored now; `None`: it may, as far as this goes.
fn why_not(may: May, lease: &Lease) -> Result<Option<Intended>> {
    Ok(Some(match may {
        May::Call => return Ok(None),
        May::Fenced => return Err(LedgerError::Fenced(lease.account.clone())),
        May::Paused => Intended::Paused,
        May::ReadNeeded => Intended::ReadNeeded,
        May::Wait(wait) => Intended::Wait(wait),
        May::PlaceAnew(_) | May::Changed => Intended::Changed,
    }))
}

impl Step {
    /// What the account's line says of its sending.
    fn sending(&self, place: Duration) -> Sending {
        Sending {
            lease_until: self.lease_until,
            paused: self.paused,
            read_needed: self.read_needed,
            next_write_at: self.next_write_at,
            place,
        }
    }

    /// The account's next call is made at this time or later.
    async fn next_write(&mut self, at: DateTime<Utc>) -> Result<()> {
        let sql = "update accounts set next_write_at = $2 where account = $1";
        let args = args![&self.account, at];
        self.tx.exec(sql, args).await?;
        Ok(())
    }
}

/// A row with a state of its own, or with another chunk, does not follow this one, whatever its list
/// says: it is never sent from here.
async fn leave_strays(step: &mut Step, chunk: &mut ChunkLine) -> Result<()> {
    let lines = lines_of(&mut step.tx, chunk.file_id, &chunk.live).await?;
    let strays: RowSet = lines
        .values()
        .filter(|line| line.state.is_some() || line.chunk_id != own_chunk(chunk))
        .map(RowLine::row_no)
        .collect();
    if strays.is_empty() {
        return Ok(());
    }
    chunk.live = chunk.live.subtract(&strays);
    let left = bills_of(&mut step.tx, chunk.file_id, &chunk.live).await?;
    chunk.row_count = left.len() as i64;
    chunk.total_amount = left.iter().map(|bill| bill.amount).sum();
    if chunk.live.is_empty() {
        chunk.state = ChunkState::Skipped;
        chunk.message = Some("its rows went in other chunks".into());
    }
    chunk.save(step).await
}

/// Judges a chunk's rows once more. If any of them is not to be sent after all, that is stored,
/// the chunk shrinks (or is skipped), and the answer is `false`.
async fn still_to_be_sent(
    step: &mut Step,
    chunk: &mut ChunkLine,
    rules: &PlanRules,
) -> Result<bool> {
    leave_strays(step, chunk).await?;
    if chunk.live.is_empty() {
        return Ok(false);
    }
    let file = FileLine::need(&mut step.tx, chunk.file_id).await?;
    let past_due = PastDue::of(&mut step.tx, &chunk.account, rules).await?;
    if !file.cancelled
        && !past_due.has(chunk.first_due)
        && rules.elsewhere.is_empty()
        && !may_meet_others(&mut step.tx, &chunk.account, chunk.file_id).await?
    {
        return Ok(true);
    }
    let before = chunk.live.clone();
    let judged = judge_rows(
        step,
        rules,
        chunk.file_id,
        &before,
        RowState::Ready,
        file.cancelled,
    )
    .await?;
    // What is said of the rows that go (the bill they discard) is stored with the intent.
    judged.save_said(step).await?;
    if judged.send == before {
        return Ok(true);
    }
    chunk.live = judged.send;
    chunk.row_count = judged.bills.len() as i64;
    chunk.total_amount = judged.bills.iter().map(|bill| bill.amount).sum();
    if let Some(first_due) = judged.bills.iter().map(|bill| bill.due_date).min() {
        chunk.first_due = first_due;
    }
    if chunk.live.is_empty() {
        chunk.state = ChunkState::Skipped;
        chunk.message = Some("none of its rows is to be sent any more".into());
    }
    chunk.save(step).await?;
    Ok(false)
}
