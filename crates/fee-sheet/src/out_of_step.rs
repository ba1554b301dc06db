//! Lines of a text file whose values may have slipped into other columns, although each of them can
//! be read: a line that ends early, right behind a value that may be two run together; values that
//! stand one column off because a heading is blank; a part of a name in a column without heading. A
//! line that is too long is told by itself ([`crate::flaws::Flaw::MoreCells`]).

use crate::holds::{Hold, HoldWhy, Place, Shown};
use crate::row::{Cells, Plan, SheetRow};
use crate::{Field, FieldKind, column_name};

/// The lines of one table.
#[derive(Debug)]
pub(crate) struct OutOfStep {
    /// Cells of the headings' line; nought where there is nothing to watch.
    width: usize,
    /// The columns that are read, with their headings.
    read: Vec<(u16, String)>,
    /// The last column that no bill is made without: a line that ends before it is no bill.
    needed: usize,
    /// Columns between others that have no heading.
    bare: Vec<u16>,
    /// Those of them that stand right behind a text that is read.
    behind_text: Vec<Behind>,
    /// Lines that have something beyond this column, by the column.
    beyond: Vec<u64>,
    /// By the column in which they end, lines that end early behind a value that is read: how many,
    /// and the first.
    short: Vec<(u64, u32)>,
    /// The first line that lacks just the cells that have no heading.
    one_off: Option<(u32, usize)>,
    lines: u64,
}

#[derive(Debug)]
struct Behind {
    column: u16,
    /// The text's column, in `read`.
    text: usize,
    filled: u64,
    first: Option<Shown>,
}

/// More columns than these are no fee sheet that a person typed.
const COLUMNS: usize = 256;

impl OutOfStep {
    /// `headed` are the columns that have a heading.
    pub(crate) fn new(fields: &[Field], plan: &Plan, headed: &[u16]) -> Self {
        let width = if plan.width > COLUMNS { 0 } else { plan.width };
        let last = headed.iter().max().copied().unwrap_or(0);
        let bare = (0..last).filter(|column| !headed.contains(column));
        let bare: Vec<u16> = bare.take(COLUMNS).collect();
        let (mut read, mut behind_text) = (Vec::new(), Vec::new());
        for (field, column) in plan.columns.iter().enumerate() {
            let Some(column) = *column else { continue };
            read.push((column, plan.headings[field].clone()));
            if fields[field].kind == FieldKind::Text && bare.contains(&(column + 1)) {
                behind_text.push(Behind {
                    column: column + 1,
                    text: read.len() - 1,
                    filled: 0,
                    first: None,
                });
            }
        }
        let required = plan.columns.iter().zip(&plan.required);
        let needed = required.filter_map(|(column, required)| column.filter(|_| *required));
        Self {
            width,
            needed: usize::from(needed.max().unwrap_or(0)),
            read,
            bare,
            behind_text,
            beyond: vec![0; width],
            short: vec![(0, 0); width],
            one_off: None,
            lines: 0,
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        let Cells::Text(record) = &row.cells else {
            return;
        };
        if self.width == 0 {
            return;
        }
        self.lines += 1;
        let filled = |column: u16| !row.cell(column).shown.is_empty();
        for behind in &mut self.behind_text {
            if filled(behind.column) {
                behind.filled += 1;
                behind.first.get_or_insert_with(|| Shown {
                    text: row.cell(behind.column).shown.to_owned(),
                    row: row.row_number(),
                });
            }
        }
        let cells = record.len();
        if cells >= self.width {
            let says = |at: &usize| record.get(*at).is_some_and(|cell| !cell.trim().is_empty());
            let last = (0..self.width).rev().find(says);
            if let Some(beyond) = last.and_then(|last| self.beyond.get_mut(last)) {
                *beyond += 1;
            }
            return;
        }
        let Some(last) = cells.checked_sub(1) else {
            return;
        };
        let reads = |column: usize| {
            let is_it = |(read, _): &(u16, String)| usize::from(*read) == column;
            self.read.iter().any(is_it)
        };
        if last >= self.needed && reads(last) && !record[last].trim().is_empty() {
            let (count, first) = &mut self.short[last];
            if *count == 0 {
                *first = row.row_number();
            }
            *count += 1;
        }
        let off = |bare: &u16| {
            let is_right = |(read, _): &(u16, String)| read > bare;
            filled(*bare) && self.read.iter().any(is_right)
        };
        if self.one_off.is_none()
            && cells + self.bare.len() == self.width
            && self.bare.iter().any(off)
        {
            self.one_off = Some((row.row_number(), cells));
        }
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str) -> Vec<Hold> {
        let hold = |why| Hold {
            sheet: sheet.to_owned(),
            why,
        };
        let mut holds = Vec::new();
        if let Some((row, cells)) = self.one_off {
            holds.push(hold(HoldWhy::OneColumnOff {
                row,
                cells,
                headings: self.width,
                bare: self
                    .bare
                    .iter()
                    .map(|column| column_name(*column))
                    .collect(),
            }));
        }
        let ends_early = self.short.iter().enumerate().find(|(last, (count, _))| {
            // Where most lines end here, or nothing ever stands beyond, this is how the file is.
            let whole: u64 = self.beyond.iter().skip(last + 1).sum();
            *count > 0 && whole > *count
        });
        if let Some((last, (count, first))) = ends_early {
            let heading = self
                .read
                .iter()
                .find(|(read, _)| usize::from(*read) == last);
            holds.push(hold(HoldWhy::EndsEarly {
                column: Place {
                    letters: heading.map_or_else(String::new, |(read, _)| column_name(*read)),
                    heading: heading.map(|(_, heading)| heading.clone()),
                },
                first: *first,
                count: *count,
                cells: last + 1,
                headings: self.width,
            }));
        }
        let spilt = |behind: &&Behind| behind.filled > 0 && behind.filled * 2 <= self.lines;
        for behind in self.behind_text.iter().filter(spilt) {
            let (column, heading) = &self.read[behind.text];
            let Some(first) = &behind.first else { continue };
            holds.push(hold(HoldWhy::BesideText {
                column: Place::of(*column, Some(heading)),
                bare: column_name(behind.column),
                first: first.clone(),
            }));
        }
        holds
    }
}
