//! What a reader of a workbook meets as it walks through it, and who is told.
//! Each workbook is walked through twice: once to see what only its end tells
//! (hidden rows, merged cells, rows out of order), and again for its cells.

use std::collections::HashSet;

use crate::limits::Limits;
use crate::number_formats::NumberFormat;
use crate::unreadable::Unreadable;
use crate::workbook_check::Seen;

/// What stands in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Met<'a> {
    Text(&'a str),
    /// A number, and the format it is shown in.
    Number(f64, &'a NumberFormat),
    /// A number that the file holds as text: what is shown, and the number.
    Written {
        shown: &'a str,
        plain: &'a str,
    },
    /// A number in whose place something else is shown; or a text that is not
    /// shown, and then there is no number.
    Masked {
        shown: &'a str,
        plain: &'a str,
    },
    /// A day, `yyyy-MM-dd`, maybe with ` HH:mm:ss`.
    Day(&'a str),
    /// The same, of which only month and year are shown, or one of them.
    Month(&'a str),
    Truth(bool),
    Error(&'a str),
    /// A formula that was never calculated.
    Uncalculated,
}

/// A text, and whether its format shows it.
pub(crate) fn seen<'a>(text: &'a str, format: &NumberFormat) -> Met<'a> {
    match format.hides_texts() && !text.is_empty() {
        true => Met::Masked {
            shown: text,
            plain: "",
        },
        false => Met::Text(text),
    }
}

/// Why a walk ends early.
pub(crate) enum Stop {
    /// Nobody wants to know more.
    Unwanted,
    /// It can't be read on.
    Refused(Unreadable),
}

impl From<Unreadable> for Stop {
    fn from(refusal: Unreadable) -> Self {
        Self::Refused(refusal)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(Unreadable::from_reading(error))
    }
}

/// A sheet, as its workbook lists it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    pub(crate) epoch_1904: bool,
    /// How many columns it says it has; 0 if it does not say.
    pub(crate) declared_columns: u64,
}

/// Who is told. Rows and columns count from 0.
pub(crate) trait Walker {
    /// A sheet begins; whether its cells are wanted.
    fn sheet(&mut self, sheet: &Listed) -> Result<bool, Stop>;
    /// Whether the rest of the sheet is still wanted.
    fn wanted(&self) -> bool {
        true
    }
    fn cell(&mut self, row: u32, column: u32, met: Met<'_>) -> Result<(), Stop>;
    /// The row is hidden; told before its cells.
    fn hidden_row(&mut self, _row: u32) {}
    /// Something in the row is struck through.
    fn struck(&mut self, _row: u32) {}
    fn hidden_columns(&mut self, _first: u32, _last: u32) {}
    /// First and last row, first and last column of cells that are merged.
    fn merged(&mut self, _rows: (u32, u32), _columns: (u32, u32)) {}
    fn sheet_end(&mut self) -> Result<(), Stop>;
}

/// A workbook that can be walked through from its start, again and again.
pub(crate) trait Walk {
    fn walk(&mut self, walker: &mut dyn Walker) -> Result<(), Stop>;
}

/// The first time: what is seen of each sheet that is not hidden.
pub(crate) struct Looking<'a> {
    limits: &'a Limits,
    names: HashSet<String>,
    pub(crate) sheets: Vec<Seen>,
    seen: Seen,
    hidden_rows: HashSet<u32>,
    counted: Option<u32>,
    last_row: u32,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            names: HashSet::new(),
            sheets: Vec::new(),
            seen: Seen::default(),
            hidden_rows: HashSet::new(),
            counted: None,
            last_row: 0,
        }
    }
}

impl Walker for Looking<'_> {
    fn sheet(&mut self, sheet: &Listed) -> Result<bool, Stop> {
        if self.names.len() >= self.limits.sheets {
            return Err(Unreadable::too_large(
                "it has too many sheets",
                format!("{} sheets", self.limits.sheets),
            )
            .into());
        }
        if !self.names.insert(sheet.name.to_lowercase()) {
            return Err(Unreadable::damaged(format!(
                "two of its sheets are named `{}`",
                sheet.name
            ))
            .into());
        }
        Ok(!sheet.hidden)
    }

    fn cell(&mut self, row: u32, _column: u32, met: Met<'_>) -> Result<(), Stop> {
        if matches!(met, Met::Text("")) {
            return Ok(());
        }
        self.seen.unordered |= row < self.last_row;
        self.last_row = row;
        if self.counted != Some(row) && self.hidden_rows.contains(&row) {
            self.counted = Some(row);
            self.seen.hidden_rows += 1;
            self.seen.last_hidden_row = self.seen.last_hidden_row.max(row.saturating_add(1));
        }
        Ok(())
    }

    fn hidden_row(&mut self, row: u32) {
        if self.hidden_rows.len() < self.limits.rows as usize {
            self.hidden_rows.insert(row);
        }
    }

    fn struck(&mut self, row: u32) {
        self.seen.strike(row.saturating_add(1));
    }

    fn hidden_columns(&mut self, first: u32, last: u32) {
        let place = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
        self.seen.hide_columns(place(first), place(last));
    }

    fn merged(&mut self, (top, bottom): (u32, u32), (left, right): (u32, u32)) {
        let place = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
        self.seen.merged = self.seen.merged.saturating_add(1);
        self.seen.merges.add_range(
            (place(left), top.saturating_add(1)),
            (place(right), bottom.saturating_add(1)),
        );
    }

    fn sheet_end(&mut self) -> Result<(), Stop> {
        self.sheets.push(std::mem::take(&mut self.seen));
        self.hidden_rows.clear();
        (self.counted, self.last_row) = (None, 0);
        Ok(())
    }
}
