//! What was seen of a sheet before its cells are read, which only its end tells.

use super::attribute;
use crate::merged::Ranges;

/// What was seen of one sheet.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Seen {
    pub(crate) hidden_rows: u32,
    pub(crate) last_hidden_row: u32,
    /// First and last of each run of hidden columns, from 0.
    hidden_columns: Vec<(u16, u16)>,
    /// Whether any cell has a formula.
    pub(crate) formulas: bool,
    pub(crate) merged: u32,
    /// Those of them that are higher than one row.
    pub(crate) merges: Ranges,
    /// Its rows do not come in their order.
    pub(crate) unordered: bool,
    /// Rows in which something is struck through.
    pub(crate) struck_rows: u32,
    pub(crate) last_struck_row: u32,
}

/// Runs of hidden columns that are remembered; no honest sheet has more.
const HIDDEN_RUNS: usize = 1_024;

impl Seen {
    pub(crate) fn is_hidden(&self, column: u16) -> bool {
        self.hidden_columns
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&column))
    }

    /// Something of a row, from 1, is struck through.
    pub(crate) fn strike(&mut self, row: u32) {
        if self.struck_rows == 0 || self.last_struck_row != row {
            self.struck_rows = self.struck_rows.saturating_add(1);
        }
        self.last_struck_row = self.last_struck_row.max(row);
    }

    pub(super) fn hide(&mut self, tag: &[u8]) {
        let number = |name| attribute(tag, name)?.parse::<u16>().ok()?.checked_sub(1);
        if let (Some(first), Some(last)) = (number("min"), number("max")) {
            self.hide_columns(first, last);
        }
    }

    pub(crate) fn hide_columns(&mut self, first: u16, last: u16) {
        if self.hidden_columns.len() < HIDDEN_RUNS {
            self.hidden_columns.push((first, last));
        }
    }
}
