//! The invariants of calls and bills: 2 (nobody is billed twice), 3 (intents), 4 (size and pace)
//! and the money of each call.

use super::Broken;
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::history::payer_key;
use crate::row_set::RowSet;
use crate::states::ChunkState;
use crate::{row_id, row_of};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows one call may carry, whatever the account's configuration.
const ROWS_PER_CALL_MAX: i64 = 5_000;

/// 2: no row is in two calls that may both have made a bill of it. 3: nor is a call repeated
/// while its outcome is not known.
pub(super) async fn bills_twice(
    tx: &mut Tx,
    chunks: &[ChunkLine],
    attempts: &[AttemptLine],
    broken: &mut Vec<Broken>,
) -> Result<()> {
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    let mut by_file: BTreeMap<i64, Vec<&AttemptLine>> = BTreeMap::new();
    for attempt in attempts.iter().filter(|a| a.may_have_billed()) {
        if let Some(file_id) = file_of.get(&attempt.chunk_id) {
            by_file.entry(*file_id).or_default().push(attempt);
        }
    }
    for (file_id, attempts) in by_file {
        let mut before = RowSet::new();
        let mut chunks_before: BTreeSet<i64> = BTreeSet::new();
        for attempt in attempts {
            let may = attempt.members.subtract(&attempt.cleared);
            let twice = may.intersect(&before);
            let repeated = chunks_before.contains(&attempt.chunk_id);
            for row_no in twice.iter().take(100) {
                let (invariant, detail) = if repeated {
                    (
                        3,
                        format!(
                            "attempt {} repeats a call of chunk {} whose outcome was not known",
                            attempt.attempt_id, attempt.chunk_id
                        ),
                    )
                } else {
                    (
                        2,
                        format!(
                            "attempt {} is a second call that may have made a bill of it",
                            attempt.attempt_id
                        ),
                    )
                };
                broken.push(Broken::of_row(tx, invariant, row_id(file_id, row_no), detail).await?);
            }
            before = before.union(&may);
            chunks_before.insert(attempt.chunk_id);
        }
    }
    Ok(())
}

/// 2: no payer has two live bills for one due date, but one that is being replaced; a foreign bill
/// that was known when a row was sent counts as one.
pub(super) async fn live_twice(tx: &mut Tx, broken: &mut Vec<Broken>) -> Result<()> {
    let found = tx
        .rows(
            "select account, identifier, due_date from row_facts
             where state in ('accepted', 'billed') and payer_key is not null
             group by account, payer_key, identifier, due_date having count(*) > 1",
            args![],
        )
        .await?;
    for line in &found {
        let (account, identifier) = (line.text(0)?, line.text(1)?);
        let due_date: NaiveDate = line.get(2)?;
        let rows = tx
            .rows(
                "select x.row_id, s.replaces from row_facts x left join row_state s on s.row_id = x.row_id
                 where x.payer_key = $1 and x.account = $2 and x.identifier = $3 and x.due_date = $4
                   and x.state in ('accepted', 'billed') order by x.row_id",
                args![payer_key(&account, &identifier), &account, &identifier, due_date],
            )
            .await?;
        let mut before: Option<i64> = None;
        for row in &rows {
            let id = row.int(0)?;
            let replaces: Option<i64> = row.get(1)?;
            if let Some(older) = before.filter(|older| replaces != Some(*older)) {
                let (file_id, row_no) = row_of(older);
                let detail = format!(
                    "a second live bill for {identifier} due {due_date}, beside row {row_no} of file {file_id}"
                );
                broken.push(Broken::of_row(tx, 2, id, detail).await?);
            }
            before = Some(id);
        }
    }
    let foreign = tx
        .rows(
            "select x.row_id, b.request_id, b.identifier, b.due_date from foreign_bills b
             join row_facts x on x.payer_key = b.payer_key and x.account = b.account
               and x.identifier = b.identifier and x.due_date = b.due_date
             left join row_state s on s.row_id = x.row_id
             where b.state in ('accepted', 'billed') and x.state in ('accepted', 'billed')
               and x.sent_at > b.stored_at and (s.replaces is null or s.replaces <> -b.foreign_id)
             order by x.row_id",
            args![],
        )
        .await?;
    for line in &foreign {
        let due_date: NaiveDate = line.get(3)?;
        let detail = format!(
            "a second live bill for {} due {due_date}, beside one in request {} at the hub, which this database did not make",
            line.text(2)?,
            line.text(1)?
        );
        broken.push(Broken::of_row(tx, 2, line.int(0)?, detail).await?);
    }
    let paid = tx
        .rows(
            "select s.row_id, o.row_id from row_state s join row_facts n on n.row_id = s.row_id
             join row_facts o on o.row_id = s.replaces
             where s.replaces is not null and n.state in ('accepted', 'billed', 'paid')
               and o.state = 'paid' and o.due_date = n.due_date order by s.row_id",
            args![],
        )
        .await?;
    for line in &paid {
        let (file_id, row_no) = row_of(line.int(1)?);
        let detail = format!(
            "the bill that it replaced was paid meanwhile: row {row_no} of file {file_id}. The payer may pay twice"
        );
        broken.push(Broken::of_row(tx, 2, line.int(0)?, detail).await?);
    }
    Ok(())
}

/// 3: what was sent has an intent, and only one call of a chunk is open.
pub(super) fn intents(chunks: &[ChunkLine], attempts: &[AttemptLine], broken: &mut Vec<Broken>) {
    let mut of_chunk: HashMap<i64, Vec<&AttemptLine>> = HashMap::new();
    let mut carried: HashMap<i64, RowSet> = HashMap::new();
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    for attempt in attempts {
        of_chunk.entry(attempt.chunk_id).or_default().push(attempt);
        if let Some(file_id) = file_of.get(&attempt.chunk_id) {
            let rows = carried.entry(*file_id).or_default();
            *rows = rows.union(&attempt.members);
        }
    }
    for chunk in chunks {
        let attempts = of_chunk.remove(&chunk.chunk_id).unwrap_or_default();
        let mut wrong = |detail: String| {
            broken.push(Broken::of_file(
                3,
                chunk.file_id,
                format!("chunk {}: {detail}", chunk.chunk_id),
            ));
        };
        if attempts.len() as i64 != chunk.attempts {
            wrong(format!(
                "{} calls were made, {} intents are stored",
                chunk.attempts,
                attempts.len()
            ));
        }
        let sent = matches!(
            chunk.state,
            ChunkState::Sending | ChunkState::Unknown | ChunkState::Accepted | ChunkState::Rejected
        );
        // Rows found at the hub under another number went with the call of an older chunk.
        let elsewhere = chunk.chunk_no.is_none()
            && carried
                .get(&chunk.file_id)
                .is_some_and(|rows| chunk.members.is_subset(rows));
        if sent && attempts.is_empty() && !elsewhere {
            wrong(format!("it is {} without an intent", chunk.state));
        }
        let open = |a: &&&AttemptLine| a.answered_at.is_none() && a.outcome.is_none();
        let open = attempts.iter().filter(open).count();
        if open > 1 || (open == 1) != (chunk.state == ChunkState::Sending) {
            wrong(format!(
                "it is {}, and {open} of its calls are open",
                chunk.state
            ));
        }
    }
}

/// 4 and 5: no call is too large, none is too soon after another, and each carried the money of
/// its rows.
pub(super) async fn calls(
    tx: &mut Tx,
    chunks: &[ChunkLine],
    attempts: &[AttemptLine],
    broken: &mut Vec<Broken>,
) -> Result<()> {
    let file_of: HashMap<i64, i64> = chunks.iter().map(|c| (c.chunk_id, c.file_id)).collect();
    let mut by_account: BTreeMap<&str, Vec<&AttemptLine>> = BTreeMap::new();
    for attempt in attempts {
        let Some(&file_id) = file_of.get(&attempt.chunk_id) else {
            continue;
        };
        by_account
            .entry(&attempt.account)
            .or_default()
            .push(attempt);
        let (n, sum) = sum_of(tx, file_id, &attempt.members).await?;
        if attempt.row_count > ROWS_PER_CALL_MAX || n != attempt.row_count {
            broken.push(Broken::of_file(
                4,
                file_id,
                format!(
                    "attempt {} carried {} rows, {n} by name; {ROWS_PER_CALL_MAX} are allowed",
                    attempt.attempt_id, attempt.row_count
                ),
            ));
        }
        if sum != attempt.total_amount {
            broken.push(Broken::of_file(
                5,
                file_id,
                format!(
                    "attempt {} carried {} paisa, its rows come to {sum}",
                    attempt.attempt_id, attempt.total_amount
                ),
            ));
        }
    }
    for chunk in chunks
        .iter()
        .filter(|c| matches!(c.state, ChunkState::Ready | ChunkState::Held))
    {
        let (n, sum) = sum_of(tx, chunk.file_id, &chunk.live).await?;
        if (n, sum) != (chunk.row_count, chunk.total_amount) {
            broken.push(Broken::of_file(
                5,
                chunk.file_id,
                format!(
                    "chunk {} says {} rows and {} paisa, its rows are {n} and come to {sum}",
                    chunk.chunk_id, chunk.row_count, chunk.total_amount
                ),
            ));
        }
    }
    for (account, mut attempts) in by_account {
        // In the order in which they were made. Where the time goes back the clock was set back, and
        // nothing is known of the distance.
        attempts.sort_by_key(|a| a.attempt_id);
        for (i, first) in attempts.iter().enumerate() {
            let mut last = first.intended_at;
            let minute: Vec<_> = attempts[i..]
                .iter()
                .take_while(|a| {
                    let goes_on = a.intended_at >= last;
                    last = a.intended_at;
                    goes_on && last - first.intended_at < chrono::Duration::seconds(60)
                })
                .collect();
            let allowed = minute.iter().map(|a| a.per_minute).max().unwrap_or(0);
            if minute.len() as i64 > allowed {
                let detail = format!(
                    "{} calls of {account} in the minute from attempt {}: {allowed} are allowed",
                    minute.len(),
                    first.attempt_id
                );
                broken.push(Broken {
                    invariant: 4,
                    file_id: None,
                    sheet: None,
                    row_number: None,
                    detail,
                });
                break;
            }
        }
    }
    Ok(())
}

/// How many of these rows are stored, and what they come to.
async fn sum_of(tx: &mut Tx, file_id: i64, rows: &RowSet) -> Result<(i64, i64)> {
    let head = "select count(*), cast(coalesce(sum(amount), 0) as bigint) from rows where";
    let (mut n, mut sum) = (0, 0);
    if rows.ranges().len() <= 8 {
        for &(a, b) in rows.ranges() {
            let text = format!("{head} row_id >= $1 and row_id <= $2");
            let ids = args![row_id(file_id, a), row_id(file_id, b)];
            if let Some(line) = tx.row(sql(text), ids).await? {
                n += line.int(0)?;
                sum += line.int(1)?;
            }
        }
        return Ok((n, sum));
    }
    for piece in rows.pieces(5_000) {
        let ids: Vec<i64> = piece.iter().map(|row_no| row_id(file_id, row_no)).collect();
        let text = format!("{head} {}", tx.is_in("row_id", 1));
        if let Some(line) = tx.row(sql(text), args![ids]).await? {
            n += line.int(0)?;
            sum += line.int(1)?;
        }
    }
    Ok((n, sum))
}
