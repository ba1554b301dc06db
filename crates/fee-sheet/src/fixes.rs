//! The fix sheet: the rows that went wrong and no others, the bad cells
//! coloured and commented, ready to correct and drop back in. A hidden column
//! ties each row to its original.

use std::path::Path;

use rust_xlsxwriter::{Color, Format, Note, XlsxError};

use crate::ReadOptions;
use crate::header::TOKEN_HEADING;
use crate::judge::Verdict;
use crate::reader::open_as;
use crate::results::WriteError;
use crate::row::{Plan, SheetRow};
use crate::workbook_out::{BookOut, ROWS_MAX};

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

const MESSAGE_HEADING: &str = "What to correct";

/// Notes are held in memory until the workbook is saved, at 6 KB each; the rows
/// after this many have their colours and the message.
const NOTES_MAX: u32 = 2_000;

/// Writes the rows for which `fixes` gives something as a workbook to `out`,
/// which is not there yet, and tells how many they are; with none, nothing is
/// written. `fixes` is called for exactly the rows that
/// [`crate::SheetReader::next_row`] gives, with the sheet's place and the
/// row's number.
///
/// # Errors
/// [`WriteError`]; what then lies at `out` is worthless.
pub fn write_fix_xlsx(
    original: &Path,
    file_name: &str,
    options: &ReadOptions,
    out: &Path,
    fixes: &mut dyn FnMut(usize, u32) -> Option<FixRow>,
) -> Result<u64, WriteError> {
    let mut sheet = open_as(original, file_name, options, true)?;
    let mut book = FixBook::new(out)?;
    let mut row = SheetRow::default();
    let mut header = SheetRow::default();
    let mut begun = false;
    while let Some(verdict) = sheet.next_line(&mut row)? {
        match verdict {
            Verdict::Header => {
                header = row.clone();
                begun = false;
            }
            Verdict::Row => {
                let Some(fix) = fixes(row.sheet, row.number) else {
                    continue;
                };
                if !begun || book.at >= ROWS_MAX {
                    book.begin(sheet.page_name(&row), &header)?;
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
    book: BookOut,
    bold: Format,
    bad: Format,
    /// Where the next row goes.
    at: u32,
    /// The columns for the message and, hidden, for the token.
    message: u16,
    rows: u64,
    notes: u32,
}

impl FixBook {
    fn new(out: &Path) -> Result<Self, XlsxError> {
        Ok(Self {
            book: BookOut::new(out)?,
            bold: Format::new().set_bold(),
            bad: Format::new().set_background_color(Color::RGB(0x00FF_C7CE)),
            at: 0,
            message: 0,
            rows: 0,
            notes: 0,
        })
    }

    /// Begins a worksheet with the headings of the original.
    fn begin(&mut self, name: &str, header: &SheetRow) -> Result<(), XlsxError> {
        self.book.begin_page(name)?;
        let cells = || {
            header
                .filled()
                .filter(|cell| !is_ours(&header.plan, cell.column, cell.shown))
        };
        self.message = cells().map(|cell| cell.column + 1).max().unwrap_or(0);
        let token = self.message + 1;
        let page = self.book.page()?;
        // Before the first row: what a column looks like is written first.
        page.set_column_width(self.message, 60)?;
        page.set_column_hidden(token)?;
        page.set_freeze_panes(1, 0)?;
        for cell in cells() {
            self.book.cell(0, cell.column, &cell, Some(&self.bold))?;
        }
        self.book
            .text(0, self.message, MESSAGE_HEADING, Some(&self.bold))?;
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
        let column_of = |name: &str| {
            let field = options.fields.iter().position(|field| field.name == name)?;
            row.plan.columns.get(field).copied().flatten()
        };
        let bad: Vec<(u16, &str)> = fix
            .problems
            .iter()
            .filter_map(|(name, sentence)| Some((column_of(name)?, sentence.as_str())))
            .collect();
        for cell in row.filled().filter(|cell| cell.column < self.message) {
            let dress = bad
                .iter()
                .any(|(column, _)| *column == cell.column)
                .then_some(&self.bad);
            self.book.cell(self.at, cell.column, &cell, dress)?;
        }
        for (column, _) in bad.iter().filter(|(column, _)| *column < self.message) {
            if row.cell(*column).shown.is_empty() {
                self.book.text(self.at, *column, "", Some(&self.bad))?;
            }
        }
        self.notes(&bad)?;
        let sentences: Vec<String> = fix
            .problems
            .iter()
            .map(|(name, sentence)| {
                let label = options
                    .fields
                    .iter()
                    .find(|field| field.name == name)
                    .map(|field| field.label);
                label.map_or_else(|| sentence.clone(), |label| format!("{label}: {sentence}"))
            })
            .collect();
        self.book
            .text(self.at, self.message, &sentences.join(" "), None)?;
        self.book
            .text(self.at, self.message + 1, &fix.token, None)?;
        self.at += 1;
        self.rows += 1;
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
    plan.token == Some(column) || plan.token.is_some() && heading == MESSAGE_HEADING
}
