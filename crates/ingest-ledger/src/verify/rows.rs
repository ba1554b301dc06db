//! 1 and 5: every row is stored once, has one known state, follows the chunk that says so, and the
//! money of a sheet's valid rows is what was stored and what the states add up to.
//!
//! One statement a span goes through the rows and their own lines, in their order, and answers a line
//! for each group of rows that stand alike: where they stand is then told from chunks in memory.

use super::findings::{Findings, Place};
use super::ranges::Ranges;
use super::spans::Span;
use crate::chunk_lines::ChunkLine;
use crate::db::{Line, Tx, args};
use crate::errors::Result;
use crate::states::{ChunkState, RowState};
use std::collections::{BTreeMap, HashMap};

/// Lines of `row_state` whose row is not stored.
pub(super) const LINE_WITHOUT_ROW: &str = "a state is kept for a row that is not stored";

/// Rows of a file that stand alike: in the same place of the grid, with the same facts of their own.
struct Group {
    file_id: i64,
    chunk_no: Option<i64>,
    own_chunk: Option<i64>,
    own_state: Option<String>,
    n: i64,
    last: i64,
    amount: i64,
    /// Those that have a line of their own.
    lines: i64,
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

/// The chunks that groups of rows can follow.
struct Chunks<'a> {
    all: &'a [ChunkLine],
    by_id: HashMap<i64, (i64, ChunkState)>,
    on_grid: HashMap<(i64, i64), (i64, ChunkState)>,
}

impl<'a> Chunks<'a> {
    async fn of(tx: &mut Tx, all: &'a [ChunkLine], groups: &[Group]) -> Result<Chunks<'a>> {
        let mut by_id = HashMap::new();
        let mut on_grid = HashMap::new();
        for chunk in all {
            by_id.insert(chunk.chunk_id, (chunk.chunk_id, chunk.state));
            if let Some(no) = chunk.chunk_no {
                on_grid.insert((chunk.file_id, no), (chunk.chunk_id, chunk.state));
            }
        }
        // A row's own line may name a chunk of any file.
        for id in groups.iter().filter_map(|group| group.own_chunk) {
            if !by_id.contains_key(&id)
                && let Some(chunk) = ChunkLine::get(tx, id).await?
            {
                by_id.insert(id, (id, chunk.state));
            }
        }
        Ok(Chunks {
            all,
            by_id,
            on_grid,
        })
    }

    fn chunk_of(&self, group: &Group) -> Option<(i64, ChunkState)> {
        match group.own_chunk {
            Some(id) => self.by_id.get(&id).copied(),
            None => self.on_grid.get(&(group.file_id, group.chunk_no?)).copied(),
        }
    }

    /// As `row_facts` says it: a state of its own comes first, then `invalid`, then its chunk's.
    fn state_of(&self, group: &Group) -> String {
        match (&group.own_state, group.chunk_no) {
            (Some(own), _) => own.clone(),
            (None, None) => RowState::Invalid.to_string(),
            (None, Some(_)) => self
                .chunk_of(group)
                .map_or("ready".to_owned(), |(_, state)| state.to_string()),
        }
    }
}

/// The rows that follow a chunk are those the chunk says, and a planned row has a chunk.
async fn followers(
    tx: &mut Tx,
    span: &Span,
    chunks: &Chunks<'_>,
    groups: &[Group],
    found: &mut Findings,
) -> Result<()> {
    let mut follow: HashMap<(i64, i64), i64> = HashMap::new();
    let mut lines: HashMap<i64, i64> = HashMap::new();
    for group in groups {
        *lines.entry(group.file_id).or_default() += group.lines;
        let planned = span
            .files
            .get(&group.file_id)
            .is_some_and(|file| file.planned);
        if group.own_state.is_some() || group.chunk_no.is_none() || !planned {
            continue;
        }
        match chunks.chunk_of(group) {
            Some((chunk_id, _)) => *follow.entry((group.file_id, chunk_id)).or_default() += group.n,
            None => found.add(
                1,
                "planned rows are in no chunk",
                Place::File(group.file_id),
                || format!("{} planned rows are in no chunk", group.n),
            ),
        }
    }
    let mut own_lines = Ranges::of_followers();
    for chunk in chunks.all {
        let none = crate::RowSet::new();
        let looked_at = match lines.get(&chunk.file_id) {
            Some(1..) => &chunk.live,
            _ => &none,
        };
        let own = match chunk.chunk_no {
            Some(_) => 0,
            None => chunk.chunk_id,
        };
        own_lines.add(tx, chunk.file_id, looked_at, own).await?;
    }
    let own_lines = own_lines.sums(tx).await?;
    for (chunk, (lines, faithful)) in chunks.all.iter().zip(own_lines) {
        let n = follow.remove(&(chunk.file_id, chunk.chunk_id)).unwrap_or(0);
        let live = chunk.live.len() as i64;
        let no_members = chunk.live.subtract(&chunk.members).len() as i64;
        // On the grid a row follows unless its line says otherwise; off the grid only if it says so.
        let astray = match (chunk.state, chunk.chunk_no) {
            (ChunkState::Split, _) => live,
            (_, Some(_)) => (lines - faithful).max(no_members),
            (_, None) => (live - faithful).max(no_members),
        };
        if n != live || astray > 0 || (chunk.state == ChunkState::Split && n > 0) {
            found.add(1, "a chunk's rows are not those that follow it", Place::File(chunk.file_id), || {
                format!(
                    "chunk {} ({}) says that {live} rows follow it; {n} do, and {astray} of those it names do not",
                    chunk.chunk_id, chunk.state
                )
            });
        }
    }
    for ((file_id, chunk_id), n) in follow {
        found.add(
            1,
            "rows follow a chunk of another file",
            Place::File(file_id),
            || format!("{n} rows follow chunk {chunk_id}, which is another file's"),
        );
    }
    Ok(())
}
