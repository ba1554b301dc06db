//! Headings further down of which too few are known to tell that they are headings:
//! words in every column that holds amounts, days and payers, and rows below. What
//! stands below may be another table, whose columns are others.

use std::sync::Arc;

use super::SheetReader;
use crate::FieldKind;
use crate::header::HEADINGS_MIN;
use crate::judge::is_header_again;
use crate::row::{Cell, CellKind, SheetRow, Value};
use crate::totals::says_total;
use crate::unreadable::Unreadable;

/// Lines of headings at most, one below the other.
const LINES: usize = 3;

impl SheetReader {
    /// Whether a line without values is one of headings, with rows below it.
    ///
    /// # Errors
    /// The lines below can't be read.
    pub(super) fn is_worded(&mut self, row: &SheetRow) -> Result<bool, Unreadable> {
        if self.lost || !has_words(row) || is_header_again(row) {
            return Ok(false);
        }
        self.read_ahead()?;
        for line in self.replay.iter().take(LINES) {
            let line = SheetRow {
                plan: Arc::clone(&self.plan),
                ..line.clone()
            };
            if !has_words(&line) {
                return Ok(has_a_row(&line));
            }
            let wanted = self.wanted();
            if is_header_again(&line) || !self.rubbish.has_fewer(&line, &self.matcher, wanted) {
                // Those are the headings, and this line stands above them.
                return Ok(false);
            }
        }
        Ok(false)
    }
}

/// Whether a line has words wherever a bill has its values, and no number of a payer.
fn has_words(row: &SheetRow) -> bool {
    let plan = &*row.plan;
    let fields = plan.columns.iter().zip(&plan.kinds).zip(&plan.required);
    let mut needed = fields.filter_map(|((column, kind), required)| {
        let column = column.filter(|_| *required)?;
        Some((row.cell(column), kind))
    });
    let says = |(cell, kind): (Cell<'_>, &FieldKind)| {
        let payers = matches!(kind, FieldKind::Text | FieldKind::Code);
        is_words(&cell) && !(payers && cell.shown.chars().any(char::is_numeric))
    };
    if !needed.all(says) {
        return false;
    }
    let (mut cells, mut labels) = (0, 0);
    for cell in row.filled() {
        if !is_words(&cell) {
            return false;
        }
        cells += 1;
        labels += usize::from(cell.shown.trim_end().ends_with(':'));
    }
    // `Class: | Five | Teacher: | Miss Sana` says something of the rows below.
    cells >= HEADINGS_MIN && (labels == 0 || labels == cells)
}

fn is_words(cell: &Cell<'_>) -> bool {
    let text = cell.shown.trim();
    cell.kind == CellKind::Text
        && text.starts_with(char::is_alphabetic)
        && text.chars().filter(|c| c.is_alphabetic()).count() > 1
}

/// Whether a line has an amount or a day beside other things, and is no sum.
fn has_a_row(row: &SheetRow) -> bool {
    let is_value = |cell: &Cell<'_>| matches!(cell.as_amount(), Value::Money(_)) || cell.is_date();
    row.filled().take(HEADINGS_MIN).count() >= HEADINGS_MIN
        && row.filled().any(|cell| is_value(&cell))
        && says_total(row, 0).is_none()
}
