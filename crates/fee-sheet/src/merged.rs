//! Merged cells over rows of the table. Only the first of them has the value,
//! and the others look blank: a late amount that is blank is sent as the
//! amount, so a merge in a column that is read never passes in silence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::holds::{Hold, HoldWhy};
use crate::{cell_name, cell_named};

/// Ranges that are remembered of one sheet. A sheet with more holds its file.
const RANGES_MAX: usize = 4_000;

/// Rows of which it is remembered that cells are merged across them. Headings
/// and the titles of sections are few.
const ACROSS_MAX: usize = 20_000;

/// A merged range that is higher than one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    first_column: u16,
    last_column: u16,
    first_row: u32,
    last_row: u32,
}

/// The ranges of a sheet, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ranges {
    ranges: Vec<Range>,
    /// There were more than are remembered.
    more: bool,
    /// By row, the first and the last column of ranges wider than one column.
    across: BTreeMap<u32, Vec<(u16, u16)>>,
    across_count: usize,
}

impl Ranges {
    /// Notes a range such as `C5:C7` or `D4:E4`.
    pub(crate) fn add(&mut self, reference: &str) {
        if let Some(range) = parse(reference) {
            self.remember(range);
        }
    }

    /// Notes a range by its corners, each a column from 0 and a row from 1.
    pub(crate) fn add_range(
        &mut self,
        (first_column, first_row): (u16, u32),
        (last_column, last_row): (u16, u32),
    ) {
        self.remember(Range {
            first_column,
            last_column,
            first_row,
            last_row,
        });
    }

    fn remember(&mut self, range: Range) {
        if range.first_column < range.last_column && self.across_count < ACROSS_MAX {
            self.across_count += 1;
            let columns = (range.first_column, range.last_column);
            self.across
                .entry(range.first_row)
                .or_default()
                .push(columns);
        }
        if range.first_row >= range.last_row {
            return;
        }
        if self.ranges.len() < RANGES_MAX {
            self.ranges.push(range);
        } else {
            self.more = true;
        }
    }

    /// The first and the last column of each range that begins in a row and is
    /// wider than one column.
    pub(crate) fn across(&self, row: u32) -> &[(u16, u16)] {
        self.across.get(&row).map_or(&[], Vec::as_slice)
    }

    /// Watches the rows below the headings, in the columns that are read.
    pub(crate) fn watch(&self, header_row: u32, columns: &[Option<u16>]) -> Merged {
        let mut ranges: Vec<Range> = self
            .ranges
            .iter()
            .copied()
            .filter(|range| range.last_row > header_row)
            .filter(|range| {
                let within = range.first_column..=range.last_column;
                columns
                    .iter()
                    .flatten()
                    .any(|column| within.contains(column))
            })
            .collect();
        ranges.sort_by_key(|range| range.first_row);
        Merged {
            ranges,
            next: 0,
            open: Vec::new(),
            more: self.more,
        }
    }
}

fn parse(reference: &str) -> Option<Range> {
    let (first, last) = reference.split_once(':')?;
    let ((first_column, first_row), (last_column, last_row)) =
        (cell_named(first)?, cell_named(last)?);
    Some(Range {
        first_column,
        last_column,
        first_row,
        last_row,
    })
}

/// The ranges that rows are compared with as they go by.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// By their first row.
    ranges: Vec<Range>,
    next: usize,
    /// Ranges that the rows have reached, and how many rows lay in each.
    open: Vec<(Range, u32)>,
    more: bool,
}

impl Merged {
    /// Looks at a row's number; says once why the file waits, if it does.
    pub(crate) fn row(&mut self, sheet: &str, number: u32) -> Option<Hold> {
        let hold = |why| Hold {
            sheet: sheet.to_owned(),
            why,
        };
        if std::mem::take(&mut self.more) {
            let limit = RANGES_MAX;
            return Some(hold(HoldWhy::TooManyMerged { limit }));
        }
        if self.ranges.is_empty() {
            return None;
        }
        while let Some(range) = self.ranges.get(self.next)
            && range.first_row <= number
        {
            self.open.push((*range, 0));
            self.next += 1;
        }
        self.open.retain(|(range, _)| range.last_row >= number);
        let mut found = None;
        for (range, rows) in &mut self.open {
            *rows += 1;
            if *rows > 1 {
                found = Some(*range);
                break;
            }
        }
        let range = found?;
        // One is enough for a person to look at the sheet.
        *self = Self::default();
        Some(hold(HoldWhy::MergedRows {
            first: cell_name(range.first_column, range.first_row),
            last: cell_name(range.last_column, range.last_row),
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn held(references: &[&str], rows: &[u32]) -> Option<String> {
        let mut ranges = Ranges::default();
        for reference in references {
            ranges.add(reference);
        }
        let mut merged = ranges.watch(3, &[Some(0), None, Some(2)]);
        let mut found = rows.iter().filter_map(|row| merged.row("S", *row));
        let first = found.next();
        assert_eq!(found.next(), None, "it is said once");
        first.map(|hold| hold.to_string())
    }

    #[test]
    fn a_range_over_two_rows_of_a_column_that_is_read_is_named() {
        let why = held(&["A1:G1", "C5:C7"], &[4, 5, 6, 7]).unwrap();
        assert!(why.contains("cells C5:C7 of"), "{why}");
        assert!(held(&["$B$5:$D$6"], &[4, 5, 6]).is_some());
    }

    #[test]
    fn ranges_beside_above_and_below_the_rows_say_nothing() {
        for range in [
            "B5:B7",
            "A2:A4",
            "C8:C9",
            "A5:C5",
            "nonsense",
            "A:C",
            "ZZZZ5:ZZZZ9",
        ] {
            assert_eq!(held(&[range], &[4, 5, 6, 7]), None, "{range}");
        }
        // One row and a line that is no row.
        assert_eq!(held(&["A7:A8"], &[4, 5, 6, 7]), None);
    }

    #[test]
    fn more_ranges_than_are_remembered_hold_the_file() {
        let many: Vec<String> = (0..=RANGES_MAX)
            .map(|n| format!("B{}:B{}", 2 * n + 5, 2 * n + 6))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(held(&many, &[4]).unwrap().contains("too many"));
    }
}
