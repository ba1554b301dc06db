//! Cancel: what is not at the hub is never sent.

use crate::chunk_lines::ChunkLine;
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::open::Ledger;
use crate::regroup::CANCELLED;
use crate::row_lines::{held_rows, lines_of, save_lines};
use crate::states::{ChunkState, FileState, RowState};
use crate::step::once_more;

/// What a cancellation came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CancelSummary {
    /// Rows that will never be sent.
    pub skipped: u64,
    /// Rows in flight or in doubt: skipped if it turns out that they were not taken.
    pub in_doubt: u64,
    /// Rows that are at the hub, and stay there.
    pub at_hub: u64,
}

impl Ledger {
    /// Cancels a file: what is ready or held is skipped at once, also while another process
    /// serves the account, and what turns out not taken later is skipped then. A file that is
    /// still being read is stored, and nothing of it is sent.
    pub async fn cancel(&self, file_id: i64) -> Result<CancelSummary> {
        once_more!(self.cancel_once(file_id))
    }

    async fn cancel_once(&self, file_id: i64) -> Result<CancelSummary> {
        let mut step = self.step_of_file(file_id).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        if matches!(file.state, FileState::Unreadable | FileState::Duplicate) {
            return Err(LedgerError::Refused(format!(
                "file {file_id} is {}: there is nothing to cancel",
                file.state
            )));
        }
        step.tx
            .exec(
                "update files set cancelled_at = coalesce(cancelled_at, $2), hold_kind = null, hold_reason = null where file_id = $1",
                args![file_id, step.now],
            )
            .await?;
        let mut skipped = 0;
        if file.stored_at.is_some() && file.planned_at.is_none() {
            skipped += file.counts.get(&RowState::Ready).copied().unwrap_or(0) as u64;
            self.plan_cancelled(&mut step, file_id).await?;
        }
        let rest = "where c.file_id = $1 and c.state in ('ready', 'held') order by c.chunk_id";
        for mut chunk in ChunkLine::find(&mut step.tx, rest, args![file_id]).await? {
            let from = chunk.state.row_state();
            step.moved(file_id, from, RowState::Skipped, &chunk.live);
            skipped += chunk.live.len();
            chunk.state = ChunkState::Skipped;
            chunk.hold_kind = None;
            chunk.message = Some(CANCELLED.into());
            chunk.save(&mut step).await?;
        }
        let held = held_rows(&mut step.tx, file_id).await?;
        for piece in held.pieces(5_000) {
            let mut lines = lines_of(&mut step.tx, file_id, &piece).await?;
            for line in lines.values_mut() {
                line.own(RowState::Skipped, Some(CANCELLED.into()));
            }
            save_lines(&mut step, lines.values()).await?;
        }
        step.moved(file_id, Some(RowState::Held), RowState::Skipped, &held);
        skipped += held.len();
        step.touch(file_id);
        let n = |states: &[RowState]| -> u64 {
            states
                .iter()
                .filter_map(|s| file.counts.get(s))
                .sum::<i64>() as u64
        };
        let summary = CancelSummary {
            skipped,
            in_doubt: n(&[RowState::Sending, RowState::Unknown]),
            at_hub: n(&[
                RowState::Accepted,
                RowState::Billed,
                RowState::Paid,
                RowState::Discarded,
            ]),
        };
        step.finish().await?;
        Ok(summary)
    }
}
