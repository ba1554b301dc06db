//! 1 and 5: every row is stored once and has one known state, and the money of a sheet's valid rows is
//! what was stored and what the states add up to.
//!
//! One statement a span goes through the rows and their own lines, in their order, and answers a line
//! for each group of rows that stand alike: where they stand is then told from chunks in memory.

use super::findings::{Findings, Place};
use super::followers::{Chunks, followers};
use super::spans::Span;
use crate::archive::Sums;
use crate::chunk_lines::ChunkLine;
use crate::db::{Line, Tx, args};
use crate::errors::Result;
use crate::states::RowState;
use std::collections::BTreeMap;

/// Lines of `row_state` whose row is not stored.
pub(super) const LINE_WITHOUT_ROW: &str = "a state is kept for a row that is not stored";

/// Rows of a file that stand alike: in the same place of the grid, with the same facts of their own.
pub(super) struct Group {
    pub(super) file_id: i64,
    pub(super) chunk_no: Option<i64>,
    pub(super) own_chunk: Option<i64>,
    pub(super) own_state: Option<String>,
    pub(super) n: i64,
    last: i64,
    amount: i64,
    /// Those that have a line of their own.
    pub(super) lines: i64,
    /// Those whose `file_id` is not the one in their row id.
    astray: i64,
}

/// A file as its rows say it.
#[derive(Default)]
struct Found {
    n: i64,
    last: i64,
    valid: i64,
    amount: i64,
    states: BTreeMap<String, i64>,
}

/// How many rows have these states of their own: what the short lists must be as long as.
#[derive(Default)]
pub(super) struct OwnStates {
    pub(super) held: i64,
    pub(super) failed: i64,
}

impl Found {
    /// Rows that were moved into archives are where they were, as far as sums go.
    fn and(&mut self, archived: &Sums) {
        self.n += archived.rows;
        self.last = self.last.max(archived.last);
        self.valid += archived.valid;
        self.amount += archived.amount;
        for (state, n) in &archived.states {
            *self.states.entry(state.clone()).or_default() += n;
        }
    }
}

impl Group {
    fn read(line: &Line) -> Result<Group> {
        Ok(Group {
            file_id: line.int(0)?,
            chunk_no: line.get(1)?,
            own_chunk: line.get(2)?,
            own_state: line.get(3)?,
            n: line.int(4)?,
            last: line.int(5)?,
            amount: line.int(6)?,
            lines: line.int(7)?,
            astray: line.int(8)?,
        })
    }
}

/// Checks the rows of a span.
pub(super) async fn rows_and_sums(
    tx: &mut Tx,
    span: &Span,
    archived: &BTreeMap<i64, Sums>,
    chunks: &[ChunkLine],
    own: &mut OwnStates,
    found: &mut Findings,
) -> Result<()> {
    let groups: Vec<Group> = tx
        .rows(
            "select r.row_id >> 24, r.chunk_no, s.chunk_id, s.state, count(*), max(r.row_id & 16777215),
                cast(coalesce(sum(r.amount), 0) as bigint), count(s.row_id),
                count(case when r.file_id <> (r.row_id >> 24) then 1 end)
             from rows r
             left join row_state s on s.row_id = r.row_id and s.row_id >= $1 and s.row_id <= $2
             where r.row_id >= $1 and r.row_id <= $2
             group by r.row_id >> 24, r.chunk_no, s.chunk_id, s.state",
            args![span.first, span.last],
        )
        .await?
        .iter()
        .map(Group::read)
        .collect::<Result<_>>()?;
    lines_and_places(tx, span, &groups, found).await?;
    let chunks = Chunks::of(tx, chunks, &groups).await?;
    let mut files: BTreeMap<i64, Found> = BTreeMap::new();
    for group in &groups {
        match group.own_state.as_deref() {
            Some("held") => own.held += group.n,
            Some("rejected" | "errored") => own.failed += group.n,
            _ => {}
        }
        let file = files.entry(group.file_id).or_default();
        file.n += group.n;
        file.last = file.last.max(group.last);
        if group.chunk_no.is_some() {
            file.valid += group.n;
            file.amount += group.amount;
        }
        *file.states.entry(chunks.state_of(group)).or_default() += group.n;
    }
    for (&file_id, archived) in archived {
        files.entry(file_id).or_default().and(archived);
    }
    sums(tx, span, files, found).await?;
    followers(tx, span, &chunks, &groups, found).await
}

/// What a file was read as, what is stored of it, and what is counted of it.
async fn sums(
    tx: &mut Tx,
    span: &Span,
    mut files: BTreeMap<i64, Found>,
    found: &mut Findings,
) -> Result<()> {
    let mut counted = span.counts(tx).await?;
    for (&file_id, said) in span.files.iter().filter(|(_, said)| said.stored) {
        let file = files.remove(&file_id).unwrap_or_default();
        let place = Place::File(file_id);
        if (file.n, file.last, file.valid) != (said.rows_n, said.rows_n, said.valid_n) {
            found.add(1, "a file's rows are not those that were read", place, || {
                format!(
                    "{} rows were read, {} of them valid; {} are stored (the last is {}), {} of them valid",
                    said.rows_n, said.valid_n, file.n, file.last, file.valid
                )
            });
        }
        for (word, n) in &file.states {
            if word.parse::<RowState>().is_err() {
                found.add(1, "rows are in a state that is none", place, || {
                    format!("{n} rows are in `{word}`, which is no state")
                });
            }
        }
        let counts = counted.remove(&file_id).unwrap_or_default();
        if file.states != counts {
            found.add(
                1,
                "a file's counts are not those of its rows",
                place,
                || {
                    format!(
                        "the counts say {}, the rows say {}",
                        words(&counts),
                        words(&file.states)
                    )
                },
            );
        }
        let sum = file.amount;
        if sum != said.valid_amount {
            found.add(
                5,
                "a file's rows do not come to what was read",
                place,
                || {
                    format!(
                        "its valid rows came to {} paisa; {sum} are stored",
                        said.valid_amount
                    )
                },
            );
        }
    }
    Ok(())
}

fn words(counts: &BTreeMap<String, i64>) -> String {
    let words: Vec<String> = counts
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    words.join(", ")
}

/// Every own line belongs to a row, and every row to the file that its row id names.
async fn lines_and_places(
    tx: &mut Tx,
    span: &Span,
    groups: &[Group],
    found: &mut Findings,
) -> Result<()> {
    let all = args![span.first, span.last];
    let lines = "select count(*) from row_state where row_id >= $1 and row_id <= $2";
    let joined: i64 = groups.iter().map(|group| group.lines).sum();
    if tx.number(lines, all.clone()).await? != joined {
        let text = "select s.row_id from row_state s where s.row_id >= $1 and s.row_id <= $2
            and not exists (select 1 from rows r where r.row_id = s.row_id)";
        found
            .add_listed(tx, LINE_WITHOUT_ROW, text, all.clone())
            .await?;
    }
    if groups
        .iter()
        .any(|group| !span.files.contains_key(&group.file_id))
    {
        let text = "select r.row_id from rows r where r.row_id >= $1 and r.row_id <= $2
            and not exists (select 1 from files f where f.file_id = (r.row_id >> 24))";
        let kind = "a row is stored that belongs to no file";
        found.add_listed(tx, kind, text, all.clone()).await?;
    }
    if groups.iter().any(|group| group.astray > 0) {
        let text = "select r.row_id from rows r where r.row_id >= $1 and r.row_id <= $2
            and r.file_id <> (r.row_id >> 24)";
        let kind = "its number names another file than it does itself";
        found.add_listed(tx, kind, text, all).await?;
    }
    Ok(())
}
