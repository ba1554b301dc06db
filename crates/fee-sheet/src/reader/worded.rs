//! Headings further down of which too few are known to tell that they are headings:
//! words in every column that holds amounts, days and payers, and rows below. What
//! stands below may be another table, whose columns are others.

use std::sync::Arc;

use super::SheetReader;
use crate::FieldKind;
use crate::around::has_words;
use crate::header::HEADINGS_MIN;
use crate::judge::is_header_again;
use crate::row::{Cell, SheetRow, Value};
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

/// Whether a line has an amount, and a day where bills have one, and is no sum.
fn has_a_row(row: &SheetRow) -> bool {
    let dated = row.plan.of_kind(FieldKind::Date).next().is_some();
    let is_amount = |cell: Cell<'_>| matches!(cell.as_amount(), Value::Money(_));
    row.filled().take(HEADINGS_MIN).count() >= HEADINGS_MIN
        && row.filled().any(is_amount)
        && (!dated || row.filled().any(|cell| cell.is_date()))
        && says_total(row, 0).is_none()
}
