//! One line of a sheet, and the values of its fields. A `SheetRow` is reused
//! from line to line: its texts lie in one buffer, and a value is parsed when
//! it is asked for, so a row that nobody looks at costs nothing.

mod exchanged;
mod values;

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use csv::StringRecord;

use crate::FieldKind;
use crate::dates::DayMonthOrder;
use crate::flaws::{Flaw, Note};
use crate::headings::is_blank;
use crate::holds::Shown;
use values::{read, says_nothing};

/// What a field of a row holds, and what the sheet shows for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The text as the sheet shows it, blanks around it included.
    pub shown: &'a str,
    /// The column, from 0; `None` if the sheet has no such column.
    pub column: Option<u16>,
    /// What it is read as.
    pub value: Value<'a>,
    /// What was assumed to read it.
    pub note: Option<Note>,
}

/// What a cell is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing, or nothing that can be seen.
    Blank,
    /// A text or an identifier, as shown.
    Text(&'a str),
    /// An amount in minor units (paisa). It may be zero or negative.
    Money(i64),
    /// A date.
    Date(NaiveDate),
    /// Something that the field can't hold.
    Wrong(Flaw),
}

/// One line of a sheet below the headings. Made once with
/// [`SheetRow::default`] and handed to [`crate::SheetReader::next_row`] again
/// and again.
#[derive(Debug, Clone, Default)]
pub struct SheetRow {
    pub(crate) sheet: usize,
    /// The sheet's place among all whose lines are brought, headings or not.
    pub(crate) page: usize,
    pub(crate) number: u32,
    pub(crate) cells: Cells,
    pub(crate) plan: Arc<Plan>,
}

/// How the columns of one sheet are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// For each field its column, from 0.
    pub(crate) columns: Vec<Option<u16>>,
    pub(crate) kinds: Vec<FieldKind>,
    pub(crate) required: Vec<bool>,
    /// For each field its heading as shown, to know a repeated header.
    pub(crate) headings: Vec<String>,
    /// The hidden column of a fix sheet.
    pub(crate) token: Option<u16>,
    /// The account's order of day and month.
    pub(crate) order: DayMonthOrder,
    /// For each field the order of day and month that its heading asks for.
    pub(crate) written: Vec<Option<DayMonthOrder>>,
    /// For each field the order that the values of its column prove, known
    /// before the first row that needs it is given out; `None` if they prove
    /// none.
    pub(crate) proven: Vec<OnceLock<Option<DayMonthOrder>>>,
    /// The second line of the headings, to know it again: columns and texts,
    /// made comparable.
    pub(crate) second: Vec<(u16, String)>,
    /// All headings in one line each, where they stand in two.
    pub(crate) in_one_line: Vec<(u16, String)>,
    /// How many cells the line of the headings has, in a text file; else 0.
    pub(crate) width: usize,
    pub(crate) epoch_1904: bool,
    /// The due date of all rows, where a line above the headings says it and no
    /// column does.
    pub(crate) above: Option<DateAbove>,
}

/// A date that stands above the headings.
#[derive(Debug, Clone)]
pub(crate) struct DateAbove {
    pub(crate) field: usize,
    /// The text that says it, and its row.
    pub(crate) shown: Shown,
    pub(crate) date: NaiveDate,
    pub(crate) note: Option<Note>,
}

impl Plan {
    /// The columns of the fields of a kind, with their headings.
    pub(crate) fn of_kind(&self, kind: FieldKind) -> impl Iterator<Item = (u16, &str)> {
        let fields = self.columns.iter().zip(&self.kinds).zip(&self.headings);
        fields.filter_map(move |((column, of), heading)| {
            let column = column.filter(|_| *of == kind)?;
            Some((column, heading.as_str()))
        })
    }

    /// The field at which it is said that a whole line is out of step.
    fn speaks_for_the_line(&self, field: usize) -> bool {
        let amount = |(kind, required): (&FieldKind, &bool)| *kind == FieldKind::Money && *required;
        let fields = || self.kinds.iter().zip(&self.required);
        field == fields().position(amount).unwrap_or(0)
    }

    /// The order of day and month of a field, and whether it is only assumed.
    pub(crate) fn day_month_order(&self, field: usize) -> (DayMonthOrder, bool) {
        let written = self.written.get(field).copied().flatten();
        let proven = || self.proven.get(field)?.get().copied().flatten();
        match written.or_else(proven) {
            Some(order) => (order, false),
            None => (self.order, true),
        }
    }
}

impl SheetRow {
    /// What the row holds for a field: its place in
    /// [`crate::ReadOptions::fields`]. A field without a column is blank.
    pub fn entry(&self, field: usize) -> Entry<'_> {
        let nothing = Entry {
            shown: "",
            column: None,
            value: Value::Blank,
            note: None,
        };
        let (Some(Some(column)), Some(kind)) =
            (self.plan.columns.get(field), self.plan.kinds.get(field))
        else {
            return match &self.plan.above {
                Some(above) if above.field == field => Entry {
                    shown: &above.shown.text,
                    value: Value::Date(above.date),
                    note: above.note,
                    ..nothing
                },
                _ => nothing,
            };
        };
        let cell = self.cell(*column);
        if let Some(flaw) = self.out_of_step()
            && self.plan.speaks_for_the_line(field)
        {
            return Entry {
                shown: cell.shown,
                column: Some(*column),
                value: Value::Wrong(flaw),
                note: None,
            };
        }
        let (order, assumed) = match kind {
            FieldKind::Date => self.plan.day_month_order(field),
            _ => (self.plan.order, true),
        };
        let required = self
            .plan
            .required
            .get(field)
            .is_none_or(|required| *required);
        let (value, note) = match *kind {
            FieldKind::Money if !required && says_nothing(&cell) => (Value::Blank, None),
            kind => read(&cell, kind, order, self.plan.epoch_1904),
        };
        let value = match value {
            Value::Text(code) if *kind == FieldKind::Code && required => {
                self.exchanged(code).map_or(value, Value::Wrong)
            }
            value => value,
        };
        // What the heading says, or the column proves, is not assumed.
        let note = note.filter(|note| assumed || *note != Note::DateOrderAssumed);
        // What a format leaves out of a day is not shown.
        let shown = match cell.kind {
            CellKind::Date => cell.plain.unwrap_or(cell.shown),
            _ => cell.shown,
        };
        Entry {
            shown,
            column: Some(*column),
            value,
            note,
        }
    }

    /// The column of a field, from 0; `None` if the sheet has no such column.
    pub fn column(&self, field: usize) -> Option<u16> {
        self.plan.columns.get(field).copied().flatten()
    }

    /// The sheet's place in [`crate::SheetReader::sheets`].
    pub fn sheet(&self) -> usize {
        self.sheet
    }

    /// The row's number as the spreadsheet counts: from 1, headings included.
    pub fn row_number(&self) -> u32 {
        self.number
    }

    /// What the hidden column of a fix sheet holds: which earlier row this
    /// one corrects.
    pub fn token(&self) -> Option<&str> {
        let shown = self.cell(self.plan.token?).shown.trim();
        (!shown.is_empty()).then_some(shown)
    }

    /// Whether the sheet is one of ours to correct: it has the hidden column
    /// for tokens, even if this row's is blank.
    pub fn has_token_column(&self) -> bool {
        self.plan.token.is_some()
    }

    /// A line of headings, those in two lines written in one, as they would be
    /// read again.
    pub(crate) fn in_one_line(&self) -> SheetRow {
        if self.plan.in_one_line.is_empty() {
            return self.clone();
        }
        let mut grid = Grid::default();
        for (column, heading) in &self.plan.in_one_line {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let start = place(grid.text.len());
            grid.text.push_str(heading);
            let end = place(grid.text.len());
            grid.cells.push(GridCell {
                column: *column,
                kind: CellKind::Text,
                start,
                shown_end: end,
                plain_end: end,
            });
        }
        SheetRow {
            cells: Cells::Grid(grid),
            ..self.clone()
        }
    }

    /// How many cells a line of a text file has, blank ones included.
    pub(crate) fn width(&self) -> usize {
        match &self.cells {
            Cells::Text(record) => record.len(),
            Cells::Grid(_) => 0,
        }
    }

    /// What is wrong with a line of a text file that has something beyond the
    /// last heading: a delimiter in it may be part of a value, and everything
    /// behind it in the wrong column.
    fn out_of_step(&self) -> Option<Flaw> {
        let (cells, headings) = (self.width(), self.plan.width);
        if headings == 0 || cells <= headings {
            return None;
        }
        let Cells::Text(record) = &self.cells else {
            return None;
        };
        let filled = |cell: &str| !is_blank(cell);
        record
            .iter()
            .skip(headings)
            .any(filled)
            .then_some(Flaw::MoreCells { cells, headings })
    }

    /// Bytes of its texts.
    pub(crate) fn bytes(&self) -> usize {
        match &self.cells {
            Cells::Text(record) => record.as_slice().len(),
            Cells::Grid(grid) => grid.text.len(),
        }
    }

    pub(crate) fn cell(&self, column: u16) -> Cell<'_> {
        match &self.cells {
            Cells::Text(record) => {
                let shown = record.get(usize::from(column)).unwrap_or("");
                Cell {
                    column,
                    shown: unwrapped(shown),
                    kind: CellKind::Text,
                    plain: None,
                }
            }
            Cells::Grid(grid) => grid
                .cells
                .binary_search_by_key(&column, |cell| cell.column)
                .map_or(
                    Cell {
                        column,
                        ..Cell::default()
                    },
                    |index| grid.view(&grid.cells[index]),
                ),
        }
    }

    /// Hands on the cells that show something in the columns that are wanted.
    /// The others cost next to nothing: this runs on every row.
    pub(crate) fn filled_among(
        &self,
        columns: u16,
        mut wanted: impl FnMut(u16) -> bool,
        mut each: impl FnMut(&Cell<'_>),
    ) {
        match &self.cells {
            Cells::Text(record) => {
                let width = u16::try_from(record.len()).unwrap_or(u16::MAX).min(columns);
                for column in (0..width).filter(|column| wanted(*column)) {
                    let cell = self.cell(column);
                    if !is_blank(cell.shown) {
                        each(&cell);
                    }
                }
            }
            Cells::Grid(grid) => {
                for cell in grid.cells.iter().filter(|cell| wanted(cell.column)) {
                    let cell = grid.view(cell);
                    if cell.kind != CellKind::Text || !is_blank(cell.shown) {
                        each(&cell);
                    }
                }
            }
        }
    }

    /// Every cell that shows something, from the left.
    pub(crate) fn filled(&self) -> Filled<'_> {
        Filled { row: self, next: 0 }
    }
}

/// The cells of a row that show something.
pub(crate) struct Filled<'a> {
    row: &'a SheetRow,
    next: usize,
}

impl<'a> Iterator for Filled<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        loop {
            let cell = match &self.row.cells {
                Cells::Text(record) => {
                    record.get(self.next)?;
                    self.row.cell(u16::try_from(self.next).ok()?)
                }
                Cells::Grid(grid) => grid.view(grid.cells.get(self.next)?),
            };
            self.next += 1;
            if cell.kind != CellKind::Text || !is_blank(cell.shown) {
                return Some(cell);
            }
        }
    }
}

/// The cells of a line, as its format gives them.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    /// A record of a CSV.
    Text(StringRecord),
    /// The cells of a worksheet's row.
    Grid(Grid),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Grid(Grid::default())
    }
}

/// The cells of a worksheet's row, from the left, their texts in one buffer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    pub(crate) text: String,
    pub(crate) cells: Vec<GridCell>,
}

/// One cell: where its text lies, and what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GridCell {
    pub(crate) column: u16,
    pub(crate) kind: CellKind,
    pub(crate) start: u32,
    pub(crate) shown_end: u32,
    /// Where a number's plain text ends, if a number format shows another.
    pub(crate) plain_end: u32,
}

impl Grid {
    pub(crate) fn view(&self, cell: &GridCell) -> Cell<'_> {
        let at = |from: u32, to: u32| self.text.get(from as usize..to as usize).unwrap_or("");
        Cell {
            column: cell.column,
            shown: at(cell.start, cell.shown_end),
            kind: cell.kind,
            plain: (cell.plain_end > cell.shown_end).then(|| at(cell.shown_end, cell.plain_end)),
        }
    }
}

/// What a cell of a worksheet is, before anyone knows its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CellKind {
    #[default]
    Text,
    Number,
    /// A number that the sheet shows as a date; the text is `yyyy-MM-dd`, and
    /// `yyyy-MM-dd HH:mm:ss` if there is a time of day.
    Date,
    Truth,
    Error,
    /// A formula that was never calculated.
    Uncalculated,
    /// A number in whose place the sheet shows another one, or nothing; the
    /// number stands behind it. Or a text, where it shows nothing.
    Masked,
}

/// One cell of a line, borrowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    pub(crate) column: u16,
    pub(crate) shown: &'a str,
    pub(crate) kind: CellKind,
    /// The number's own text, where a format shows another.
    pub(crate) plain: Option<&'a str>,
}

/// `="00123"` in a CSV is how a spreadsheet is told to show 00123.
fn unwrapped(shown: &str) -> &str {
    if !shown.starts_with('=') {
        return shown;
    }
    shown
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains('"'))
        .unwrap_or(shown)
}
