//! The invariants of calls: 2 (no row goes twice), 3 (intents), 4 (their size) and the money of each
//! (5).

use super::findings::{Findings, Place};
use super::ranges::Ranges;
use crate::archive::Sums;
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::db::Tx;
use crate::errors::Result;
use crate::row_id;
use crate::row_set::RowSet;
use crate::states::ChunkState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows one call may carry, whatever the account's configuration.
const ROWS_PER_CALL_MAX: i64 = 5_000;

/// 2: no row is in two calls that may both have made a bill of it. 3: nor is a call repeated
/// while its outcome is not known.
pub(super) fn bills_twice(chunks: &[ChunkLine], attempts: &[AttemptLine], found: &mut Findings) {
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    let mut by_file: BTreeMap<i64, Vec<(&AttemptLine, RowSet)>> = BTreeMap::new();
    for attempt in attempts.iter().filter(|a| a.may_have_billed()) {
        if let Some(file_id) = file_of.get(&attempt.chunk_id) {
            let may = attempt.members.subtract(&attempt.cleared);
            by_file.entry(*file_id).or_default().push((attempt, may));
        }
    }
    for (file_id, attempts) in by_file {
        // Nearly always no row is in two of them, and that is told without going through them one by one.
        let carried: u64 = attempts.iter().map(|(_, may)| may.len()).sum();
        if RowSet::union_of(attempts.iter().map(|(_, may)| may)).len() == carried {
            continue;
        }
        let mut before = RowSet::new();
        let mut chunks_before: BTreeSet<i64> = BTreeSet::new();
        for (attempt, may) in attempts {
            let (id, chunk_id) = (attempt.attempt_id, attempt.chunk_id);
            let repeated = chunks_before.contains(&chunk_id);
            for row_no in may.intersect(&before).iter() {
                let place = Place::Row(row_id(file_id, row_no));
                if repeated {
                    let kind = "a call whose outcome was not known is repeated";
                    found.add(3, kind, place, || {
                        format!("attempt {id} repeats a call of chunk {chunk_id} whose outcome was not known")
                    });
                } else {
                    let kind = "two calls may have made a bill of one row";
                    found.add(2, kind, place, || {
                        format!("attempt {id} is a second call that may have made a bill of it")
                    });
                }
            }
            before = before.union(&may);
            chunks_before.insert(chunk_id);
        }
    }
}

/// 3: what was sent has an intent, and only one call of a chunk is open.
pub(super) fn intents(chunks: &[ChunkLine], attempts: &[AttemptLine], found: &mut Findings) {
    let mut of_chunk: HashMap<i64, Vec<&AttemptLine>> = HashMap::new();
    for attempt in attempts {
        of_chunk.entry(attempt.chunk_id).or_default().push(attempt);
    }
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    for chunk in chunks {
        let calls = of_chunk.get(&chunk.chunk_id).map_or(&[][..], Vec::as_slice);
        let mut wrong = |kind: &'static str, detail: String| {
            found.add(3, kind, Place::File(chunk.file_id), || {
                format!("chunk {}: {detail}", chunk.chunk_id)
            });
        };
        if calls.len() as i64 != chunk.attempts {
            wrong(
                "a chunk has more or fewer intents than calls",
                format!(
                    "{} calls were made, {} intents are stored",
                    chunk.attempts,
                    calls.len()
                ),
            );
        }
        let sent = matches!(
            chunk.state,
            ChunkState::Sending | ChunkState::Unknown | ChunkState::Accepted | ChunkState::Rejected
        );
        // Rows found at the hub under another number went with the call of an older chunk.
        let elsewhere = || {
            let of_file = |a: &&AttemptLine| file_of.get(&a.chunk_id) == Some(&chunk.file_id);
            let carried = attempts.iter().filter(of_file).map(|a| &a.members);
            chunk.chunk_no.is_none() && chunk.members.is_subset(&RowSet::union_of(carried))
        };
        if sent && calls.is_empty() && !elsewhere() {
            let detail = format!("it is {} without an intent", chunk.state);
            wrong("a chunk was sent without an intent", detail);
        }
        let open = |a: &&&AttemptLine| a.answered_at.is_none() && a.outcome.is_none();
        let open = calls.iter().filter(open).count();
        if open > 1 || (open == 1) != (chunk.state == ChunkState::Sending) {
            let detail = format!("it is {}, and {open} of its calls are open", chunk.state);
            wrong("a chunk's state and its open calls disagree", detail);
        }
    }
}

/// 4 and 5: no call is too large, and each carried the money of its rows; so will those that are
/// still to be made.
pub(super) async fn calls(
    tx: &mut Tx,
    archived: &BTreeMap<i64, Sums>,
    chunks: &[ChunkLine],
    attempts: &[AttemptLine],
    found: &mut Findings,
) -> Result<()> {
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    let archived = archived.values().flat_map(|sums| &sums.calls);
    let archived: HashMap<i64, (i64, i64)> = archived.map(|(call, sum)| (*call, *sum)).collect();
    let mut sums = Ranges::of_money();
    let mut carried = Vec::new();
    for attempt in attempts {
        if let Some(&file_id) = file_of.get(&attempt.chunk_id) {
            sums.add(tx, file_id, &attempt.members, 0).await?;
            carried.push((file_id, attempt));
        }
    }
    for ((file_id, attempt), (n, sum)) in carried.into_iter().zip(sums.sums(tx).await?) {
        let (id, place) = (attempt.attempt_id, Place::File(file_id));
        let (archived_n, archived) = archived.get(&id).copied().unwrap_or_default();
        let (n, sum) = (n + archived_n, sum + archived);
        if attempt.row_count > ROWS_PER_CALL_MAX || n != attempt.row_count {
            found.add(4, "a call carried too many rows, or others", place, || {
                format!(
                    "attempt {id} carried {} rows, {n} by name; {ROWS_PER_CALL_MAX} are allowed",
                    attempt.row_count
                )
            });
        }
        if sum != attempt.total_amount {
            found.add(
                5,
                "a call carried other money than its rows'",
                place,
                || {
                    format!(
                        "attempt {id} carried {} paisa, its rows come to {sum}",
                        attempt.total_amount
                    )
                },
            );
        }
    }
    let to_come = |c: &&ChunkLine| matches!(c.state, ChunkState::Ready | ChunkState::Held);
    let mut sums = Ranges::of_money();
    for chunk in chunks.iter().filter(to_come) {
        sums.add(tx, chunk.file_id, &chunk.live, 0).await?;
    }
    let sums = sums.sums(tx).await?;
    for (chunk, (n, sum)) in chunks.iter().filter(to_come).zip(sums) {
        if (n, sum) != (chunk.row_count, chunk.total_amount) {
            found.add(
                5,
                "a chunk's money is not its rows'",
                Place::File(chunk.file_id),
                || {
                    format!(
                        "chunk {} says {} rows and {} paisa, its rows are {n} and come to {sum}",
                        chunk.chunk_id, chunk.row_count, chunk.total_amount
                    )
                },
            );
        }
    }
    Ok(())
}
