//! The invariants of the whole ledger, checked against what is stored.

use self::calls::{bills_twice, calls, intents, live_twice};
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::counts::counts_in;
use crate::db::{Tx, args};
use crate::errors::Result;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::row_lines::lines_of;
use crate::row_of;
use crate::states::{ChunkState, RowState};
use std::collections::BTreeMap;

mod calls;

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
