//! The fix sheet: the rows that went wrong and no others, the bad cells
//! coloured and commented, a list to choose from where there is a choice,
//! ready to correct and drop back in. A hidden column ties each row to its
//! original.
//!
//! It holds but a part of the rows, so nothing in it may rest on the others:
//! a date that was read goes out as a date, whatever the order of day and
//! month it was written in.

use std::path::Path;

use rust_xlsxwriter::{Color, DataValidation, Format, Note, XlsxError};

use crate::choices::choices;
use crate::header::TOKEN_HEADING;
use crate::judge::Verdict;
use crate::reader::open_as;
use crate::results::WriteError;
use crate::row::{Cell, CellKind, Plan, SheetRow, Value};
use crate::workbook_out::{BookOut, ROWS_MAX, TEXT_FORMAT};
use crate::{FieldKind, ReadOptions};

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FixRow {
    /// What ties the corrected row to this one; [`SheetRow::token`] brings it
    /// back.
    pub token: String,
    /// The name of the field that is wrong, or `""` for the row as a whole,
    /// and a sentence that says what to write instead.
    pub problems: Vec<(String, String)>,
}

/// What the column of sentences is called: in English, in Urdu. Each is known again in a sheet that
/// comes back, whatever the school is spoken to in by then.
pub const TO_CORRECT: [&str; 2] = ["What to correct", "کیا درست کرنا ہے"];

/// Notes are held in memory until the workbook is saved, at 6 KB each; the rows
/// after this many have their colours and the message. Lists likewise.
const NOTES_MAX: u32 = 2_000;
const LISTS_MAX: u32 = 2_000;

/// The colour of a cell that is wrong.
const BAD: Color = Color::RGB(0x00FF_C7CE);

/// Writes the rows for which `fixes` gives something as a workbook to `out`,
/// which is not there yet, and tells how many they are; with none, nothing is
/// written. `fixes` is called for exactly the rows that
/// [`crate::SheetReader::next_row`] gives, with the sheet's name and the
/// row's number. `to_correct` heads the sentences, one of [`TO_CORRECT`].
///
/// # Errors
/// [`WriteError`]; what then lies at `out` is worthless.
pub fn write_fix_xlsx(
    original: &Path,
    file_name: &str,
    options: &ReadOptions,
    to_correct: &'static str,
    out: &Path,
    fixes: &mut dyn FnMut(&str, u32) -> Option<FixRow>,
) -> Result<u64, WriteError> {
    let mut sheet = open_as(original, file_name, options, true)?;
    let mut book = FixBook::new(out, to_correct)?;
    let mut row = SheetRow::default();
    let mut header = SheetRow::default();
    let mut begun = false;
    while let Some(verdict) = sheet.next_line(&mut row)? {
        match verdict {
            Verdict::Header => {
                header = row.in_one_line();
                begun = false;
            }
            Verdict::Row => {
                let Some(fix) = fixes(sheet.page_name(&row), row.number) else {
                    continue;
                };
                if !begun || book.at >= ROWS_MAX {
                    book.begin(sheet.page_name(&row), &header, options)?;
                    begun = true;
                }
                book.row(&row, &fix, options)?;
            }
            Verdict::Above | Verdict::LeftOut(_) | Verdict::Foreign => {}
        }
    }
    let rows = book.rows;
    if rows > 0 {
        book.book.save(out)?;
    }
    Ok(rows)
}

struct FixBook {
    to_correct: &'static str,
    book: BookOut,
    bold: Format,
    bad: Format,
    /// What is typed into such a cell stays what was typed, zeros in front too.
    code: Format,
    date: Format,
    /// Where the next row goes.
    at: u32,
    /// The columns for the message and, hidden, for the token.
    message: u16,
    /// The column of a date that stood above the headings.
    above: Option<u16>,
    rows: u64,
    notes: u32,
    lists: u32,
}

impl FixBook {
    fn new(out: &Path, to_correct: &'static str) -> Result<Self, XlsxError> {
        Ok(Self {
            to_correct,
            book: BookOut::new(out)?,
            bold: Format::new().set_bold(),
            bad: Format::new().set_background_color(BAD),
            code: Format::new().set_num_format_index(TEXT_FORMAT),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            at: 0,
            message: 0,
            above: None,
            rows: 0,
            notes: 0,
            lists: 0,
        })
    }

    /// Begins a worksheet with the headings of the original.
    fn begin(
        &mut self,
        name: &str,
        header: &SheetRow,
        options: &ReadOptions,
    ) -> Result<(), XlsxError> {
        self.book.begin_page(name)?;
        let cells = || {
            header
                .filled()
                .filter(|cell| !is_ours(&header.plan, cell.column, cell.shown))
        };
        self.message = cells().map(|cell| cell.column + 1).max().unwrap_or(0);
        self.above = header.plan.above.as_ref().map(|_| self.message);
        if self.above.is_some() {
            self.message += 1;
        }
        let token = self.message + 1;
        let (code, date) = (self.code.clone(), self.date.clone());
        let page = self.book.page()?;
        // Before the first row: what a column looks like is written first.
        for (field, column) in options.fields.iter().zip(&header.plan.columns) {
            let above = header.plan.above.as_ref();
            let above = above.filter(|above| options.fields[above.field].name == field.name);
            let column = column.or(above.and(self.above));
            let Some(column) = column.filter(|column| *column < self.message) else {
                continue;
            };
            page.set_column_width(column, width(field.kind))?;
            match field.kind {
                FieldKind::Code => page.set_column_format(column, &code)?,
                FieldKind::Date => page.set_column_format(column, &date)?,
                FieldKind::Text | FieldKind::Money => page,
            };
        }
        page.set_column_width(self.message, 60)?;
        page.set_column_hidden(token)?;
        page.set_freeze_panes(1, 0)?;
        for cell in cells() {
            self.book.cell(0, cell.column, &cell, Some(&self.bold))?;
        }
        if let (Some(above), Some(column)) = (&header.plan.above, self.above) {
            let label = options.fields[above.field].label;
            self.book.text(0, column, label, Some(&self.bold))?;
        }
        self.book
            .text(0, self.message, self.to_correct, Some(&self.bold))?;
        self.book.text(0, token, TOKEN_HEADING, Some(&self.bold))?;
        self.at = 1;
        Ok(())
    }

    fn row(
        &mut self,
        row: &SheetRow,
        fix: &FixRow,
        options: &ReadOptions,
    ) -> Result<(), XlsxError> {
        let (message, of_above) = (self.message, self.above);
        let field_of = |name: &str| options.fields.iter().position(|field| field.name == name);
        let column_of = |name: &str| {
            let field = field_of(name)?;
            let column = row.plan.columns.get(field).copied().flatten();
            let above = row.plan.above.as_ref();
            let above = above.filter(|above| above.field == field);
            let column = column.or(above.and(of_above));
            column.filter(|column| *column < message)
        };
        let bad: Vec<(u16, &str)> = fix
            .problems
            .iter()
            .filter_map(|(name, sentence)| Some((column_of(name)?, sentence.as_str())))
            .collect();
        let is_bad = |column: u16| bad.iter().any(|(other, _)| *other == column);
        for cell in row.filled().filter(|cell| cell.column < self.message) {
            let column = cell.column;
            let field = row.plan.columns.iter().position(|of| *of == Some(column));
            let dress = self.dress(
                field.map(|field| options.fields[field].kind),
                is_bad(column),
            );
            let read = field.map(|field| row.entry(field).value);
            match read {
                Some(Value::Date(date)) => {
                    let date = date.to_string();
                    let cell = Cell {
                        column,
                        shown: &date,
                        kind: CellKind::Date,
                        plain: None,
                    };
                    self.book.cell(self.at, column, &cell, dress.as_ref())?;
                }
                _ => self.book.cell(self.at, column, &cell, dress.as_ref())?,
            }
        }
        if let (Some(above), Some(column)) = (&row.plan.above, self.above) {
            let date = above.date.to_string();
            let cell = Cell {
                column,
                shown: &date,
                kind: CellKind::Date,
                plain: None,
            };
            let dress = self.dress(Some(FieldKind::Date), is_bad(column));
            self.book.cell(self.at, column, &cell, dress.as_ref())?;
        }
        for (name, _) in &fix.problems {
            let Some(column) = column_of(name).filter(|column| Some(*column) != self.above) else {
                continue;
            };
            if row.cell(column).shown.is_empty() {
                let kind = field_of(name).map(|field| options.fields[field].kind);
                let dress = self.dress(kind, true);
                self.book.text(self.at, column, "", dress.as_ref())?;
            }
        }
        self.notes(&bad)?;
        self.lists(row, &bad)?;
        let sentences: Vec<String> = fix
            .problems
            .iter()
            .map(|(name, sentence)| {
                let label = field_of(name).map(|field| options.fields[field].label);
                label.map_or_else(|| sentence.clone(), |label| format!("{label}: {sentence}"))
            })
            .collect();
        // What is wrong with the row as a whole has no cell but this one.
        let whole = fix
            .problems
            .iter()
            .any(|(name, _)| column_of(name).is_none());
        let dress = whole.then_some(&self.bad);
        self.book
            .text(self.at, self.message, &sentences.join(" "), dress)?;
        self.book
            .text(self.at, self.message + 1, &fix.token, None)?;
        self.at += 1;
        self.rows += 1;
        Ok(())
    }

    /// How a cell of such a field looks.
    fn dress(&self, kind: Option<FieldKind>, bad: bool) -> Option<Format> {
        let base = match bad {
            true => self.bad.clone(),
            false => Format::new(),
        };
        match kind {
            Some(FieldKind::Code) => Some(base.set_num_format_index(TEXT_FORMAT)),
            Some(FieldKind::Date) => Some(base.set_num_format("yyyy-mm-dd")),
            Some(FieldKind::Text | FieldKind::Money) | None => bad.then_some(base),
        }
    }

    /// A list to choose from, where a bad cell leaves a choice. Anything else
    /// may be typed all the same.
    fn lists(&mut self, row: &SheetRow, bad: &[(u16, &str)]) -> Result<(), XlsxError> {
        for (field, column) in row.plan.columns.iter().enumerate() {
            let Some(column) = column.filter(|of| bad.iter().any(|(other, _)| other == of)) else {
                continue;
            };
            let readings = choices(&row.entry(field));
            if readings.is_empty() || self.lists >= LISTS_MAX {
                continue;
            }
            let list = DataValidation::new()
                .allow_list_strings(&readings)?
                .show_error_message(false);
            let at = self.at;
            self.book
                .page()?
                .add_data_validation(at, column, at, column, &list)?;
            self.lists += 1;
        }
        Ok(())
    }

    /// One note a cell, all that is wrong with it in it.
    fn notes(&mut self, bad: &[(u16, &str)]) -> Result<(), XlsxError> {
        for (index, (column, _)) in bad.iter().enumerate() {
            if self.notes >= NOTES_MAX || bad[..index].iter().any(|(earlier, _)| earlier == column)
            {
                continue;
            }
            let all: Vec<&str> = bad
                .iter()
                .filter(|(other, _)| other == column)
                .map(|(_, text)| *text)
                .collect();
            let text: String = all.join("\n").chars().take(1_000).collect();
            let note = Note::new(text).add_author_prefix(false);
            self.book.page()?.insert_note(self.at, *column, &note)?;
            self.notes += 1;
        }
        Ok(())
    }
}

/// The columns that an earlier fix sheet added are made anew.
fn is_ours(plan: &Plan, column: u16, heading: &str) -> bool {
    plan.token == Some(column) || plan.token.is_some() && TO_CORRECT.contains(&heading)
}

/// A width at which most values of such a field can be read, in characters.
fn width(kind: FieldKind) -> u16 {
    match kind {
        FieldKind::Text => 28,
        FieldKind::Code => 20,
        FieldKind::Money => 14,
        FieldKind::Date => 13,
    }
}
