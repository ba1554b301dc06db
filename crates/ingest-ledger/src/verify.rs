//! The invariants of the whole ledger, checked against what is stored.

use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::counts::counts_in;
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::history::payer_key;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::row_lines::lines_of;
use crate::row_set::RowSet;
use crate::states::{ChunkState, RowState};
use crate::{row_id, row_of};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// 1 to 5, as the contract numbers them.
    pub invariant: u8,
    /// The file.
    pub file_id: Option<i64>,
    /// The sheet.
    pub sheet: Option<String>,
    /// The row's number there.
    pub row_number: Option<i64>,
    /// What is wrong.
    pub detail: String,
}

/// Rows one call may carry, whatever the account's configuration.
const ROWS_PER_CALL_MAX: i64 = 5_000;

impl Broken {
    fn of_file(invariant: u8, file_id: i64, detail: String) -> Broken {
        Broken {
            invariant,
            file_id: Some(file_id),
            sheet: None,
            row_number: None,
            detail,
        }
    }

    async fn of_row(tx: &mut Tx, invariant: u8, id: i64, detail: String) -> Result<Broken> {
        let line = tx
            .row(
                "select sheet, row_number from rows where row_id = $1",
                args![id],
            )
            .await?;
        let (sheet, row_number) = match line {
            Some(line) => (Some(line.text(0)?), Some(line.int(1)?)),
            None => (None, None),
        };
        Ok(Broken {
            invariant,
            file_id: Some(row_of(id).0),
            sheet,
            row_number,
            detail,
        })
    }
}

impl Ledger {
    /// Everything that is wrong; nothing, if all is well. Reads the whole ledger; nothing is
    /// changed. Best run while no service works on it: it reads table by table.
    pub async fn verify(&self) -> Result<Vec<Broken>> {
        let mut tx = self.db.read().await?;
        let mut broken = Vec::new();
        rows_and_sums(&mut tx, &mut broken).await?;
        own_lines(&mut tx, &mut broken).await?;
        let chunks = ChunkLine::find(&mut tx, "order by c.chunk_id", args![]).await?;
        let attempts = AttemptLine::find(&mut tx, "order by a.attempt_id", args![]).await?;
        followers(&mut tx, &chunks, &mut broken).await?;
        bills_twice(&mut tx, &chunks, &attempts, &mut broken).await?;
        live_twice(&mut tx, &mut broken).await?;
        intents(&chunks, &attempts, &mut broken);
        calls(&mut tx, &chunks, &attempts, &mut broken).await?;
        Ok(broken)
    }
}

/// 1 and 5: every row is stored once, has one known state, and the money of a sheet's valid rows
/// is what was stored and what the states add up to.
async fn rows_and_sums(tx: &mut Tx, broken: &mut Vec<Broken>) -> Result<()> {
    let mut stored: BTreeMap<i64, (i64, i64, i64, i64)> = BTreeMap::new();
    let sums = tx
        .rows(
            "select row_id >> 24, count(*), max(row_id & 16777215), count(chunk_no),
                cast(coalesce(sum(case when chunk_no is not null then amount end), 0) as bigint)
             from rows group by row_id >> 24",
            args![],
        )
        .await?;
    for line in &sums {
        stored.insert(
            line.int(0)?,
            (line.int(1)?, line.int(2)?, line.int(3)?, line.int(4)?),
        );
    }
    let mut states: BTreeMap<i64, (BTreeMap<RowState, i64>, i64)> = BTreeMap::new();
    let found = tx
        .rows(
            "select file_id, state, count(*), cast(coalesce(sum(case when chunk_no is not null then amount end), 0) as bigint)
             from row_facts group by file_id, state",
            args![],
        )
        .await?;
    for line in &found {
        let (file_id, word, n) = (line.int(0)?, line.text(1)?, line.int(2)?);
        let entry = states.entry(file_id).or_default();
        entry.1 += line.int(3)?;
        match word.parse::<RowState>() {
            Ok(state) => *entry.0.entry(state).or_default() += n,
            Err(_) => broken.push(Broken::of_file(
                1,
                file_id,
                format!("{n} rows are in `{word}`, which is no state"),
            )),
        }
    }
    let files = tx
        .rows(
            "select file_id, rows_n, valid_n, valid_amount from files where stored_at is not null order by file_id",
            args![],
        )
        .await?;
    for line in &files {
        let (file_id, rows_n) = (line.int(0)?, line.int(1)?);
        let (valid_n, valid_amount) = (line.int(2)?, line.int(3)?);
        let (n, last, valid, amount) = stored.get(&file_id).copied().unwrap_or_default();
        if (n, last, valid) != (rows_n, rows_n, valid_n) {
            broken.push(Broken::of_file(1, file_id, format!("{rows_n} rows were read, {valid_n} of them valid; {n} are stored (the last is {last}), {valid} of them valid")));
        }
        let (found, sum) = states.remove(&file_id).unwrap_or_default();
        let counts = counts_in(tx, file_id).await?;
        if found != counts {
            broken.push(Broken::of_file(
                1,
                file_id,
                format!(
                    "the counts say {}, the rows say {}",
                    words(&counts),
                    words(&found)
                ),
            ));
        }
        if amount != valid_amount || sum != valid_amount {
            broken.push(Broken::of_file(5, file_id, format!("its valid rows came to {valid_amount} paisa; {amount} are stored, and the states add up to {sum}")));
        }
    }
    Ok(())
}

fn words(counts: &BTreeMap<RowState, i64>) -> String {
    let words: Vec<String> = counts
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    words.join(", ")
}

/// 1: own lines belong to rows, and the short lists say what the lines say.
async fn own_lines(tx: &mut Tx, broken: &mut Vec<Broken>) -> Result<()> {
    for (sql, detail) in [
        (
            "select s.row_id from row_state s where not exists (select 1 from rows r where r.row_id = s.row_id) order by 1 limit 100",
            "a state is kept for a row that is not stored",
        ),
        (
            "select r.row_id from rows r where not exists (select 1 from files f where f.file_id = (r.row_id >> 24)) order by 1 limit 100",
            "a row is stored that belongs to no file",
        ),
        (
            "select h.row_id from held_rows h where not exists (select 1 from row_state s where s.row_id = h.row_id and s.state = 'held' and s.hold_kind = h.kind) order by 1 limit 100",
            "it is listed as held, and is not",
        ),
        (
            "select s.row_id from row_state s where s.state = 'held' and not exists (select 1 from held_rows h where h.row_id = s.row_id) order by 1 limit 100",
            "it is held, and not listed so",
        ),
        (
            "select h.row_id from failed_rows h where not exists (select 1 from row_state s where s.row_id = h.row_id and s.state = h.state) order by 1 limit 100",
            "it is listed as failed, and is not",
        ),
        (
            "select s.row_id from row_state s where s.state in ('rejected', 'errored') and not exists (select 1 from failed_rows h where h.row_id = s.row_id) order by 1 limit 100",
            "it failed, and is not listed so",
        ),
    ] {
        for line in tx.rows(sql, args![]).await? {
            let id = line.int(0)?;
            broken.push(Broken::of_row(tx, 1, id, detail.to_owned()).await?);
        }
    }
    Ok(())
}

/// 1: the rows that follow a chunk are those the chunk says, and a planned row has a chunk.
async fn followers(tx: &mut Tx, chunks: &[ChunkLine], broken: &mut Vec<Broken>) -> Result<()> {
    let mut follow: BTreeMap<i64, i64> = BTreeMap::new();
    let found = tx
        .rows(
            "select x.file_id, x.chunk_id, count(*) from row_facts x join files f on f.file_id = x.file_id
             where x.own_state is null and x.chunk_no is not null and f.planned_at is not null
             group by x.file_id, x.chunk_id",
            args![],
        )
        .await?;
    for line in &found {
        let n = line.int(2)?;
        match line.get::<Option<i64>>(1)? {
            Some(chunk_id) => *follow.entry(chunk_id).or_default() += n,
            None => broken.push(Broken::of_file(
                1,
                line.int(0)?,
                format!("{n} planned rows are in no chunk"),
            )),
        }
    }
    for chunk in chunks {
        let n = follow.remove(&chunk.chunk_id).unwrap_or(0);
        let lines = lines_of(tx, chunk.file_id, &chunk.live).await?;
        let strays = chunk
            .live
            .iter()
            .filter(|row_no| {
                state_in(chunk, *row_no, lines.get(row_no)).is_none()
                    || lines.get(row_no).is_some_and(|line| line.state.is_some())
            })
            .count();
        if n != chunk.live.len() as i64 || strays > 0 || (chunk.state == ChunkState::Split && n > 0)
        {
            broken.push(Broken::of_file(1, chunk.file_id, format!(
                "chunk {} ({}) says that {} rows follow it; {n} do, and {strays} of those it names do not",
                chunk.chunk_id, chunk.state, chunk.live.len()
            )));
        }
    }
    Ok(())
}

/// 2: no row is in two calls that may both have made a bill of it. 3: nor is a call repeated
/// while its outcome is not known.
async fn bills_twice(
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

/// 2: no payer has two live bills for one due date, but one that is being replaced.
async fn live_twice(tx: &mut Tx, broken: &mut Vec<Broken>) -> Result<()> {
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
fn intents(chunks: &[ChunkLine], attempts: &[AttemptLine], broken: &mut Vec<Broken>) {
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
async fn calls(
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
        attempts.sort_by_key(|a| (a.intended_at, a.attempt_id));
        for (i, first) in attempts.iter().enumerate() {
            let minute: Vec<_> = attempts[i..]
                .iter()
                .take_while(|a| a.intended_at - first.intended_at < chrono::Duration::seconds(60))
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
