//! Where a stored file stands, by the counts of its rows and by what goes on by itself.

use crate::chunk_lines::ChunkLine;
use crate::counts::counts_in;
use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::lookup::LOOKS_BEFORE_ASKING;
use crate::states::{FileState, RowState};
use crate::unseen::accepted_unseen;
use std::collections::BTreeMap;

/// The state that its line has, and the one that is right; `None`: its state follows from no row.
pub(crate) async fn stands(
    tx: &mut Tx,
    account: &str,
    file_id: i64,
) -> Result<Option<(FileState, FileState)>> {
    let line = tx
        .row(
            "select state, stored_at is not null, cancelled_at is not null from files where file_id = $1",
            args![file_id],
        )
        .await?
        .ok_or_else(|| LedgerError::corrupt(format!("file {file_id} is gone")))?;
    let was: FileState = line.word(0)?;
    let (stored, cancelled): (bool, bool) = (line.get(1)?, line.get(2)?);
    let fixed = matches!(was, FileState::Unreadable | FileState::Duplicate);
    if fixed || !stored {
        return Ok(None);
    }
    let counts = counts_in(tx, file_id).await?;
    let n = |state| counts.get(&state).copied().unwrap_or(0);
    let mut moves = n(RowState::Ready) + n(RowState::Sending) + n(RowState::Accepted);
    if n(RowState::Accepted) > 0 {
        moves -= accepted_unseen(tx, account, Some(file_id)).await?;
    }
    let unknown = n(RowState::Unknown);
    let moving = moves > 0
        || (unknown > 0 && doubt_is_fresh(tx, file_id, unknown).await?)
        || (n(RowState::Held) > 0 && wait_ends_itself(tx, file_id).await?);
    Ok(Some((was, file_state(&counts, cancelled, moving))))
}

/// Is any of the file's doubt (`unknown` rows of it) still being looked into without a person?
async fn doubt_is_fresh(tx: &mut Tx, file_id: i64, unknown: i64) -> Result<bool> {
    let rest = "where c.file_id = $1 and c.state = 'unknown'";
    let chunks = ChunkLine::find(tx, rest, args![file_id]).await?;
    if chunks.iter().any(|chunk| chunk.looks < LOOKS_BEFORE_ASKING) {
        return Ok(true);
    }
    let followed: u64 = chunks.iter().map(|chunk| chunk.live.len()).sum();
    if unknown <= followed as i64 {
        return Ok(false);
    }
    // The others are rows of chunks that were taken.
    let n = tx
        .number(
            "select count(*) from chunks where file_id = $1 and state = 'accepted' and asks < 3 and next_ask_at is not null
                and not exists (select 1 from unseen_requests u where u.chunk_id = chunks.chunk_id)",
            args![file_id],
        )
        .await?;
    Ok(n > 0)
}

/// Does any held row of the file wait for one that moves, or that is done already?
async fn wait_ends_itself(tx: &mut Tx, file_id: i64) -> Result<bool> {
    let n = tx
        .number(
            "select count(*) from held_rows h join row_state s on s.row_id = h.row_id
             join row_facts e on e.row_id = s.waits_for
             where h.kind = 'waits' and h.row_id >= $1 and h.row_id < $2 and e.state not in ('held', 'unknown')",
            args![crate::row_id(file_id, 0), crate::row_id(file_id + 1, 0)],
        )
        .await?;
    Ok(n > 0)
}

/// Where a stored file stands, from its counts. `moving`: something of it goes on by itself.
fn file_state(counts: &BTreeMap<RowState, i64>, cancelled: bool, moving: bool) -> FileState {
    let any = |test: &dyn Fn(RowState) -> bool| counts.iter().any(|(s, n)| *n > 0 && test(*s));
    if moving {
        FileState::Sending
    } else if any(&|s| !s.is_settled()) {
        FileState::Held
    } else if cancelled && !any(&|s| s.may_be_at_hub() || s == RowState::Rejected) {
        FileState::Cancelled
    } else {
        FileState::Settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(RowState, i64)]) -> BTreeMap<RowState, i64> {
        of.iter().copied().collect()
    }

    #[test]
    fn a_file_is_settled_when_every_row_is_final_or_billed() {
        let all = counts(&[
            (RowState::Billed, 3),
            (RowState::Invalid, 1),
            (RowState::Ready, 0),
        ]);
        assert_eq!(file_state(&all, false, false), FileState::Settled);
        let one = counts(&[(RowState::Billed, 3), (RowState::Unknown, 1)]);
        assert_eq!(file_state(&one, false, false), FileState::Held);
        assert_eq!(file_state(&one, false, true), FileState::Sending);
    }

    #[test]
    fn a_file_is_cancelled_only_if_nothing_of_it_was_sent() {
        let none = counts(&[(RowState::Skipped, 3), (RowState::Invalid, 1)]);
        assert_eq!(file_state(&none, true, false), FileState::Cancelled);
        let some = counts(&[(RowState::Skipped, 3), (RowState::Billed, 1)]);
        assert_eq!(file_state(&some, true, false), FileState::Settled);
    }
}
