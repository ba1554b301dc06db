//! 1: the rows that follow a chunk are those that the chunk names, and a planned row has a chunk.

use super::findings::{Findings, Place};
use super::ranges::Ranges;
use super::rows::Group;
use super::spans::Span;
use crate::RowSet;
use crate::chunk_lines::ChunkLine;
use crate::db::Tx;
use crate::errors::Result;
use crate::states::{ChunkState, RowState};
use std::collections::{BTreeMap, HashMap};

/// The chunks that groups of rows can follow.
pub(super) struct Chunks<'a> {
    all: &'a [ChunkLine],
    by_id: HashMap<i64, (i64, ChunkState)>,
    on_grid: HashMap<(i64, i64), (i64, ChunkState)>,
}

impl<'a> Chunks<'a> {
    pub(super) async fn of(
        tx: &mut Tx,
        all: &'a [ChunkLine],
        groups: &[Group],
    ) -> Result<Chunks<'a>> {
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
    pub(super) fn state_of(&self, group: &Group) -> String {
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
pub(super) async fn followers(
    tx: &mut Tx,
    span: &Span,
    chunks: &Chunks<'_>,
    groups: &[Group],
    found: &mut Findings,
) -> Result<()> {
    let mut follow: HashMap<(i64, i64), i64> = HashMap::new();
    let mut lines: HashMap<i64, i64> = HashMap::new();
    let mut homeless: BTreeMap<i64, i64> = BTreeMap::new();
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
            None => *homeless.entry(group.file_id).or_default() += group.n,
        }
    }
    for (file_id, n) in homeless {
        let kind = "planned rows are in no chunk";
        found.add(1, kind, Place::File(file_id), || {
            format!("{n} planned rows are in no chunk")
        });
    }
    let mut own_lines = Ranges::of_followers();
    for chunk in chunks.all {
        let none = RowSet::new();
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
