//! Identifiers that may have lost their leading zeros. In a column where all
//! that begin with a nought have one length (`000123`), a shorter number
//! (`456`) is likely to be one of them, stripped by a spreadsheet; billing it
//! would bill nobody, or somebody else.

use crate::FieldKind;
use crate::holds::{Hold, HoldWhy, Place, Shown};
use crate::row::{CellKind, Plan, SheetRow};

/// Longer numbers are told apart no further.
const WIDTHS: usize = 16;

/// The identifiers of one table's columns.
#[derive(Debug)]
pub(crate) struct Stripped {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    at: u16,
    heading: String,
    /// The first that begins with a nought, and its row.
    padded: Option<(String, u32)>,
    /// Those have different lengths, so that none is the right one.
    uneven: bool,
    /// By length, the first number that begins with none.
    bare: [Option<u32>; WIDTHS],
    counts: [u64; WIDTHS],
}

impl Stripped {
    pub(crate) fn new(plan: &Plan) -> Self {
        let codes = plan.of_kind(FieldKind::Code).map(|(at, heading)| Column {
            at,
            heading: heading.to_owned(),
            padded: None,
            uneven: false,
            bare: [None; WIDTHS],
            counts: [0; WIDTHS],
        });
        Self {
            columns: codes.collect(),
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        for column in self.columns.iter_mut().filter(|column| !column.uneven) {
            let cell = row.cell(column.at);
            if matches!(cell.kind, CellKind::Text | CellKind::Number) {
                column.add(cell.shown.trim_ascii(), row.row_number());
            }
        }
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str) -> Vec<Hold> {
        let lost = |column: &Column| {
            let (padded, row) = column.padded.as_ref().filter(|_| !column.uneven)?;
            let shorter = padded.len().min(WIDTHS);
            let first = *column.bare[..shorter].iter().flatten().min()?;
            Some(Hold {
                sheet: sheet.to_owned(),
                why: HoldWhy::NoughtsLost {
                    column: Place::of(column.at, Some(&column.heading)),
                    digits: padded.len(),
                    padded: Shown {
                        text: padded.clone(),
                        row: *row,
                    },
                    first,
                    count: column.counts[..shorter].iter().sum(),
                },
            })
        };
        self.columns.iter().filter_map(lost).collect()
    }
}

impl Column {
    fn add(&mut self, shown: &str, row: u32) {
        let digits = shown.as_bytes();
        let Some(first) = digits.first().filter(|byte| byte.is_ascii_digit()) else {
            return;
        };
        if !digits.iter().all(u8::is_ascii_digit) {
            return;
        }
        if *first == b'0' && digits.len() > 1 {
            match &self.padded {
                Some((padded, _)) => self.uneven |= padded.len() != digits.len(),
                None => self.padded = Some((shown.to_owned(), row)),
            }
        } else if let Some(bare) = self.bare.get_mut(digits.len()) {
            bare.get_or_insert(row);
            self.counts[digits.len()] += 1;
        }
    }
}
