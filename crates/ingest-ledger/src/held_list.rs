//! What of a file is held, and why: counted, and told as far as a person reads on. A file may have
//! hundreds of thousands of held rows, each with words of its own, so they are read a page at a
//! time, and only the first words of each kind are kept.

use crate::approve::HeldFilter;
use crate::db::{Tx, args};
use crate::errors::Result;
use crate::files::FileLine;
use crate::open::Ledger;
use crate::plan::said_of_rows;
use crate::row_lines::held_rows;
use crate::row_set::RowSet;
use crate::states::HoldKind;
use crate::{row_id, row_of};
use std::collections::BTreeMap;

/// Rows that are read at a time.
const PAGE: i64 = 2_000;

/// Rows of a file that are held for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// The file.
    pub file_id: i64,
    /// The kind.
    pub kind: HoldKind,
    /// All of them (`row_no`).
    pub rows: RowSet,
    /// In words, with the rows of which they are said, in the order of the sheet: the first
    /// [`HeldLine::REASONS_MAX`] of them.
    pub reasons: Vec<(RowSet, String)>,
    /// It holds the file, and no row of it yet: each is held for a reason of its own first, which
    /// another line tells.
    pub behind: bool,
}

impl HeldLine {
    /// Reasons of one kind that are told; more than that nobody reads in one place.
    pub const REASONS_MAX: usize = 20;
}

impl Ledger {
    /// What of a file is held, by kind: rows that are held for a reason of their own, and those of
    /// chunks that are held as a whole.
    pub async fn held_list(&self, file_id: i64) -> Result<Vec<HeldLine>> {
        let mut tx = self.db.read().await?;
        let mut kinds: BTreeMap<HoldKind, Gathered> = BTreeMap::new();
        of_chunks(&mut tx, file_id, &mut kinds).await?;
        of_rows(&mut tx, file_id, &mut kinds).await?;
        // What holds the file is said even where each of its rows is held for a reason of its own.
        let file = FileLine::need(&mut tx, file_id).await?;
        if let Some((kind, reason)) = file.hold()
            && let Some(gathered) = kinds.get_mut(&kind)
        {
            // Its rows repeat the beginning of it.
            if let Some(rows) = gathered.reasons.remove(&said_of_rows(reason)) {
                gathered.reasons.insert(reason.to_owned(), rows);
            }
        } else if let Some((kind, reason)) = file.hold()
            && !kinds.is_empty()
        {
            let mut rows = RowSet::new();
            for gathered in kinds.values() {
                rows = rows.union(&gathered.rows).union(&gathered.of_chunks);
            }
            let gathered = kinds.entry(kind).or_default();
            gathered.chunk(&rows, reason.to_owned());
            gathered.behind = true;
        }
        let line = |(kind, gathered): (HoldKind, Gathered)| gathered.line(file_id, kind);
        Ok(kinds.into_iter().map(line).collect())
    }

    /// The held rows of a file that a filter names, as its sheets count them, by sheet.
    pub async fn held_numbers(
        &self,
        file_id: i64,
        filter: &HeldFilter,
    ) -> Result<BTreeMap<String, RowSet>> {
        let mut tx = self.db.read().await?;
        let mut held = held_rows(&mut tx, file_id).await?;
        for (_, _, live) in chunks_held(&mut tx, file_id).await? {
            held = held.union(&live);
        }
        let mut by_sheet: BTreeMap<String, RowSet> = BTreeMap::new();
        each_named(&mut tx, file_id, filter, |row_no, sheet, number| {
            if !held.contains(row_no) {
                return;
            }
            match by_sheet.get_mut(sheet) {
                Some(numbers) => numbers.insert(number),
                None => drop(by_sheet.insert(sheet.to_owned(), RowSet::range(number, number))),
            }
        })
        .await?;
        Ok(by_sheet)
    }
}

/// What is known of one kind while the rows are read.
#[derive(Default)]
struct Gathered {
    /// Rows with a reason of their own, ascending.
    rows: RowSet,
    /// Rows of held chunks.
    of_chunks: RowSet,
    /// Why: of the rows by the first of them, after those of the chunks.
    reasons: BTreeMap<String, RowSet>,
    /// Reasons of rows among them.
    told: usize,
    /// None of these rows follows it yet.
    behind: bool,
}

impl Gathered {
    /// Rows come in the order of the sheet, so the reasons that come first are the first.
    fn row(&mut self, row_no: u32, reason: String) {
        self.rows.insert(row_no);
        if let Some(rows) = self.reasons.get_mut(&reason) {
            rows.insert(row_no);
        } else if self.told < HeldLine::REASONS_MAX {
            self.told += 1;
            self.reasons.insert(reason, RowSet::range(row_no, row_no));
        }
    }

    fn chunk(&mut self, live: &RowSet, reason: String) {
        self.of_chunks = self.of_chunks.union(live);
        let rows = self.reasons.entry(reason).or_default();
        *rows = rows.union(live);
    }

    fn line(self, file_id: i64, kind: HoldKind) -> HeldLine {
        let swapped = self
            .reasons
            .into_iter()
            .map(|(reason, rows)| (rows, reason));
        let mut reasons: Vec<(RowSet, String)> = swapped.collect();
        reasons.sort_by_key(|(rows, _)| rows.first());
        reasons.truncate(HeldLine::REASONS_MAX);
        HeldLine {
            file_id,
            kind,
            rows: self.rows.union(&self.of_chunks),
            reasons,
            behind: self.behind,
        }
    }
}

/// Chunks that are held as a whole: what holds each, in words, and the rows that follow it.
async fn chunks_held(tx: &mut Tx, file_id: i64) -> Result<Vec<(HoldKind, String, RowSet)>> {
    let text = "select hold_kind, coalesce(message, ''), live from chunks
        where file_id = $1 and state = 'held' order by chunk_id";
    let mut held = Vec::new();
    for line in tx.rows(text, args![file_id]).await? {
        let kind = line.maybe_word(0)?.unwrap_or(HoldKind::File);
        held.push((kind, line.text(1)?, line.row_set(2)?));
    }
    Ok(held)
}

async fn of_chunks(
    tx: &mut Tx,
    file_id: i64,
    kinds: &mut BTreeMap<HoldKind, Gathered>,
) -> Result<()> {
    for (kind, reason, live) in chunks_held(tx, file_id).await? {
        if !live.is_empty() {
            kinds.entry(kind).or_default().chunk(&live, reason);
        }
    }
    Ok(())
}

async fn of_rows(
    tx: &mut Tx,
    file_id: i64,
    kinds: &mut BTreeMap<HoldKind, Gathered>,
) -> Result<()> {
    let text = "select h.row_id, h.kind, coalesce(s.message, '')
        from held_rows h join row_state s on s.row_id = h.row_id
        where h.row_id > $1 and h.row_id < $2 order by h.row_id limit $3";
    let (mut after, end) = (row_id(file_id, 0), row_id(file_id + 1, 0));
    loop {
        let page = tx.rows(text, args![after, end, PAGE]).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.int(0)?;
        for line in &page {
            let row_no = row_of(line.int(0)?).1;
            kinds
                .entry(line.word(1)?)
                .or_default()
                .row(row_no, line.text(2)?);
        }
    }
}

/// The rows that a filter names; `None`: all.
pub(crate) async fn rows_named(
    tx: &mut Tx,
    file_id: i64,
    filter: &HeldFilter,
) -> Result<Option<RowSet>> {
    if filter.is_all() {
        return Ok(None);
    }
    let mut rows = RowSet::new();
    each_named(tx, file_id, filter, |row_no, _, _| rows.insert(row_no)).await?;
    Ok(Some(rows))
}

/// Every row that a filter names, in order: its `row_no`, its sheet, and its number there.
async fn each_named(
    tx: &mut Tx,
    file_id: i64,
    filter: &HeldFilter,
    mut seen: impl FnMut(u32, &str, u32),
) -> Result<()> {
    let numbers: Option<RowSet> = filter
        .row_numbers
        .as_ref()
        .map(|numbers| numbers.iter().copied().collect());
    // The statement finds whatever lies between the first and the last.
    let (least, most) = match &numbers {
        Some(numbers) => match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) => (i64::from(first), i64::from(last)),
            _ => return Ok(()),
        },
        None => (0, i64::MAX),
    };
    let text = "select row_id, sheet, row_number from rows where row_id > $1 and row_id < $2
            and ($3 = 0 or sheet = $4) and row_number >= $5 and row_number <= $6
         order by row_id limit $7";
    let (mut after, end) = (row_id(file_id, 0), row_id(file_id + 1, 0));
    loop {
        let values = args![
            after,
            end,
            i64::from(filter.sheet.is_some()),
            filter.sheet.as_deref().unwrap_or_default(),
            least,
            most,
            PAGE,
        ];
        let page = tx.rows(text, values).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.int(0)?;
        for line in &page {
            // No sheet has a row of a number that is none.
            let Ok(number) = u32::try_from(line.int(2)?) else {
                continue;
            };
            if numbers.as_ref().is_none_or(|n| n.contains(number)) {
                seen(row_of(line.int(0)?).1, &line.text(1)?, number);
            }
        }
    }
}
