//! A person says that the hub has rows in doubt in the very request that their call made, though
//! what it shows does not prove it.

use crate::accounts::Lease;
use crate::chunk_lines::ChunkLine;
use crate::errors::Result;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::row_lines::{SAID, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::states::{ChunkState, RowState};
use crate::step::once_more;

impl Ledger {
    /// These rows of a taken chunk, as far as they are unknown, are accepted again on a person's
    /// word; answers how many they were. Their request is asked about as before: what it shows of
    /// them outweighs that word, and that it is not shown does not.
    pub async fn said_taken(&self, lease: &Lease, chunk_id: i64, rows: &RowSet) -> Result<u64> {
        once_more!(self.said_taken_once(lease, chunk_id, rows))
    }

    async fn said_taken_once(&self, lease: &Lease, chunk_id: i64, rows: &RowSet) -> Result<u64> {
        let mut step = self.step_under(lease).await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if chunk.state != ChunkState::Accepted || chunk.account != lease.account {
            return Ok(0);
        }
        let file_id = chunk.file_id;
        let mut lines = lines_of(&mut step.tx, file_id, rows).await?;
        let in_doubt: RowSet = rows
            .iter()
            .filter(|n| state_in(&chunk, *n, lines.get(n)) == Some(RowState::Unknown))
            .collect();
        let request = chunk.request_id.as_deref().unwrap_or_default();
        let says = Sentence::SaidTaken.with(&[request]);
        for row_no in in_doubt.iter() {
            let line = line_mut(&mut lines, file_id, row_no);
            line.own(RowState::Accepted, Some(says.clone()));
            line.absent = SAID;
        }
        let these = lines.values().filter(|l| in_doubt.contains(l.row_no()));
        save_lines(&mut step, these).await?;
        step.moved(
            file_id,
            Some(RowState::Unknown),
            RowState::Accepted,
            &in_doubt,
        );
        chunk.next_ask_at = chunk.next_ask_at.or(Some(step.now));
        chunk.save(&mut step).await?;
        step.finish().await?;
        Ok(in_doubt.len())
    }
}
