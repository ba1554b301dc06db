//! Resolve: rows in doubt were not sent, says a person (or the rule of `resend_absent_after`).

use crate::accounts::Lease;
use crate::chunk_lines::{AttemptLine, ChunkLine, clear_attempts};
use crate::course;
use crate::decisions::moved_since;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::lookup::leave_chunk;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::plan::PlanRules;
use crate::regroup::{Born, judge_rows, off_grid};
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::states::{ChunkState, RowState};
use crate::step::once_more;
use chrono::{DateTime, Utc};

/// What became of rows that were in doubt.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Resolved {
    /// Rows that will be sent.
    pub ready: u64,
    /// Rows that wait.
    pub held: u64,
    /// Rows that are not to be sent.
    pub skipped: u64,
    /// Rows that are past due by now.
    pub invalid: u64,
    /// Rows that came to be in doubt, or of which the hub said something new, only after the person
    /// had asked: they stay in doubt.
    pub in_doubt_since: u64,
}

impl Ledger {
    /// Unknown rows of the chunk (all of them, or `rows`) were never taken: they are judged anew, by
    /// every rule (what a person lifted for that call is not lifted for the next), and skipped if
    /// their file was cancelled. A chunk that is resolved as a whole goes again as
    /// it is; other rows go in chunks of their own.
    ///
    /// The caller has asked the hub. Refused while the call may still be under way.
    pub async fn resolve_not_sent(
        &self,
        lease: &Lease,
        chunk_id: i64,
        rows: Option<&RowSet>,
        message: &str,
        rules: &PlanRules,
    ) -> Result<Resolved> {
        once_more!(self.resolve_once(lease, chunk_id, rows, message, rules, None))
    }

    /// As [`Ledger::resolve_not_sent`], for a person who asked for it at this time (of the
    /// [`Decision`](crate::Decision)). Refused if the chunk was sent again since: its last call
    /// is not the one that the person knew of. Rows of a taken call that came to be in doubt since
    /// are left.
    pub async fn resolve_not_sent_as_asked(
        &self,
        lease: &Lease,
        chunk_id: i64,
        rows: Option<&RowSet>,
        message: &str,
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<Resolved> {
        let asked_at = Some(asked_at);
        once_more!(self.resolve_once(lease, chunk_id, rows, message, rules, asked_at))
    }

    /// May a person who asked at this time decide now what became of the chunk's rows, either way?
    ///
    /// # Errors
    /// [`LedgerError::Refused`]: its last call may still be under way, or is a later one than the
    /// person knew of.
    pub async fn may_be_resolved(
        &self,
        lease: &Lease,
        chunk_id: i64,
        asked_at: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let newest = AttemptLine::newest(&mut tx, chunk_id).await?;
        match newest.and_then(|attempt| {
            let call = attempt.call(attempt.epoch < lease.epoch);
            call.undecidable(now, Some(asked_at))
        }) {
            Some(why) => Err(LedgerError::Refused(why)),
            None => Ok(()),
        }
    }

    async fn resolve_once(
        &self,
        lease: &Lease,
        chunk_id: i64,
        rows: Option<&RowSet>,
        message: &str,
        rules: &PlanRules,
        asked_at: Option<DateTime<Utc>>,
    ) -> Result<Resolved> {
        let mut step = self.step_under(lease).await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if chunk.account != lease.account {
            return Err(LedgerError::Missing(format!(
                "there is no chunk {chunk_id} in {}",
                lease.account
            )));
        }
        if let Some(attempt) = AttemptLine::newest(&mut step.tx, chunk_id).await?
            && let Some(why) = attempt
                .call(attempt.epoch < step.lease_epoch)
                .undecidable(step.now, asked_at)
        {
            return Err(LedgerError::Refused(why));
        }
        let file_id = chunk.file_id;
        let mut lines = lines_of(&mut step.tx, file_id, &chunk.members).await?;
        let unknown: RowSet = chunk
            .members
            .iter()
            .filter(|n| state_in(&chunk, *n, lines.get(n)) == Some(RowState::Unknown))
            .collect();
        let mut chosen = rows.map_or_else(|| unknown.clone(), |rows| rows.intersect(&unknown));
        if chosen.is_empty() || rows.is_some_and(|rows| *rows != chosen) {
            return Err(LedgerError::Refused(format!(
                "chunk {chunk_id} has no such rows in doubt: only {unknown} are unknown"
            )));
        }
        let mut since = RowSet::new();
        if let Some(asked_at) = asked_at {
            // Rows that follow a chunk in doubt stand where its call left them, which was looked at.
            let of_their_own = chosen.subtract(&chunk.live);
            since = moved_since(&mut step.tx, file_id, &of_their_own, asked_at).await?;
            chosen = chosen.subtract(&since);
        }
        if chosen.is_empty() {
            return Err(LedgerError::Refused(format!(
                "what you name of chunk {chunk_id} came to be in doubt, or was told anew, only since you asked: look at it again"
            )));
        }
        clear_attempts(&mut step, chunk_id, &chosen).await?;
        let cancelled = FileLine::need(&mut step.tx, file_id).await?.cancelled;
        let whole = chunk.state == ChunkState::Unknown && chosen == chunk.live;
        // The doubt's own words are over; what else the lines say is kept.
        lines.retain(|n, _| chosen.contains(*n));
        for line in lines.values_mut() {
            // A hold was lifted for that call, as things stood then.
            line.waived.clear();
            if line.state != Some(RowState::Unknown) {
                continue;
            }
            line.message = None;
            // Whatever payment it was thought to be: its next call makes another.
            line.payment_id = None;
            line.psid = None;
            line.replaces = None;
            line.absent = 0;
        }
        save_lines(&mut step, lines.values()).await?;
        let judged = judge_rows(
            &mut step,
            rules,
            file_id,
            &chosen,
            RowState::Unknown,
            cancelled,
        )
        .await?;
        let resolved = Resolved {
            ready: judged.send.len(),
            held: judged.held.len(),
            skipped: judged.skipped.len(),
            invalid: judged.invalid.len(),
            in_doubt_since: since.len(),
        };
        step.moved(
            file_id,
            Some(RowState::Unknown),
            RowState::Ready,
            &judged.send,
        );
        if whole && !judged.send.is_empty() {
            judged.save_said(&mut step).await?;
            course::not_sent(&mut chunk, judged.send, message);
            chunk.row_count = judged.bills.len() as i64;
            chunk.total_amount = judged.bills.iter().map(|bill| bill.amount).sum();
            if let Some(first_due) = judged.bills.iter().map(|bill| bill.due_date).min() {
                chunk.first_due = first_due;
            }
            chunk.save(&mut step).await?;
        } else {
            let mut lines = judged.lines;
            for row_no in judged.send.iter() {
                let line = line_mut(&mut lines, file_id, row_no);
                line.sent_at = line.sent_at.max(chunk.sent_at);
            }
            let born = Born {
                message: Some(message),
                ..Born::READY
            };
            let per = u64::from(rules.rows_per_request);
            off_grid(&mut step, file_id, &judged.bills, lines, per, &born).await?;
            leave_chunk(&mut step, &mut chunk, &chosen).await?;
        }
        step.finish().await?;
        Ok(resolved)
    }
}
