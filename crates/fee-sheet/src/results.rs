//! The result sheet: the sheet as it came, same lines, same order, same
//! values, and to the right of its headings what became of each row.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, XlsxError};

use crate::ReadOptions;
use crate::headings::digit;
use crate::judge::Verdict;
use crate::reader::{SheetReader, open_as};
use crate::row::SheetRow;
use crate::unreadable::Unreadable;
use crate::workbook_out::{BookOut, ROWS_MAX};

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult<'a> {
    /// Its state, in the ledger's word.
    pub state: Cow<'a, str>,
    /// Its PSID, if it has one.
    pub psid: Option<Cow<'a, str>>,
    /// What there is to say; may be empty.
    pub message: Cow<'a, str>,
}

/// Why a sheet could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The original can't be read (again).
    #[error("the original: {0}")]
    Original(#[from] Unreadable),
    /// The workbook can't be written.
    #[error("the workbook can't be written: {0}")]
    Workbook(#[from] XlsxError),
    /// The file can't be written.
    #[error("the file can't be written: {0}")]
    Io(#[from] std::io::Error),
}

/// What is asked for each row, in the sheets' order: by the sheet's name and
/// the row's number.
pub type Results<'f, 'r> = dyn FnMut(&str, u32) -> Option<RowResult<'r>> + 'f;

const HEADINGS: [&str; 3] = ["State", "PSID", "Message"];
const ADDED: u16 = 3;

/// Writes the sheet with its results as a workbook to `out`, which is not
/// there yet. `results` is called for exactly the rows that
/// [`SheetReader::next_row`] gives; a row without a result stays as it is.
///
/// # Errors
/// [`WriteError`]; what then lies at `out` is worthless.
pub fn write_result_xlsx(
    original: &Path,
    file_name: &str,
    options: &ReadOptions,
    out: &Path,
    results: &mut Results<'_, '_>,
) -> Result<(), WriteError> {
    let sheet = open_as(original, file_name, options, true)?;
    write_pages(sheet, out, results, ROWS_MAX)
}

/// Writes worksheets of at most `rows_max` rows.
fn write_pages(
    mut sheet: SheetReader,
    out: &Path,
    results: &mut Results<'_, '_>,
    rows_max: u32,
) -> Result<(), WriteError> {
    let mut book = BookOut::new(out)?;
    let bold = Format::new().set_bold();
    let mut row = SheetRow::default();
    let mut page = None;
    let mut added = Added::default();
    let mut above: Vec<SheetRow> = Vec::new();
    let mut header = SheetRow::default();
    // How many rows of the sheet lie on earlier worksheets.
    let mut offset = 0;
    while let Some(verdict) = sheet.next_line(&mut row)? {
        if page != Some(row.page) {
            page = Some(row.page);
            book.begin_page(sheet.page_name(&row))?;
            (added, offset) = (Added::default(), 0);
        }
        match verdict {
            // Their width is only known with the headings.
            Verdict::Above => {
                above.push(row.clone());
                continue;
            }
            Verdict::Header => {
                added = Added::beside(&row, &above, sheet.declared_columns());
                header = row.clone();
                for line in above.drain(..) {
                    copy_line(&mut book, &line, line.number - 1, Added::default())?;
                }
            }
            Verdict::Row | Verdict::LeftOut(_) | Verdict::Foreign => {}
        }
        let mut at = row.number - 1 - offset;
        if at >= rows_max {
            book.begin_page(sheet.page_name(&row))?;
            write_header(&mut book, &header, 0, added, &bold)?;
            at = 1;
            offset = row.number - 2;
        }
        if verdict == Verdict::Header {
            write_header(&mut book, &row, at, added, &bold)?;
            continue;
        }
        copy_line(&mut book, &row, at, added)?;
        if verdict == Verdict::Row
            && let Some(result) = results(sheet.page_name(&row), row.number)
        {
            book.text(at, added.column, &result.state, None)?;
            if let Some(psid) = &result.psid {
                book.text(at, added.column + 1, psid, None)?;
            }
            if !result.message.is_empty() {
                book.text(at, added.column + 2, &result.message, None)?;
            }
        }
    }
    book.save(out)?;
    Ok(())
}

/// Where the added columns stand; cells of the sheet that lie there, or
/// further right, move to the right of them.
#[derive(Debug, Clone, Copy)]
struct Added {
    column: u16,
}

impl Default for Added {
    fn default() -> Self {
        Self { column: u16::MAX }
    }
}

impl Added {
    fn beside(header: &SheetRow, above: &[SheetRow], declared: u16) -> Self {
        let width = |line: &SheetRow| line.filled().last().map_or(0, |cell| cell.column + 1);
        let widest = above.iter().chain([header]).map(width).max().unwrap_or(0);
        Self {
            column: widest.max(declared),
        }
    }

    fn place(self, column: u16) -> u16 {
        if column >= self.column {
            column.saturating_add(ADDED)
        } else {
            column
        }
    }
}

fn copy_line(book: &mut BookOut, row: &SheetRow, at: u32, added: Added) -> Result<(), XlsxError> {
    for cell in row.filled() {
        book.cell(at, added.place(cell.column), &cell, None)?;
    }
    Ok(())
}

fn write_header(
    book: &mut BookOut,
    header: &SheetRow,
    at: u32,
    added: Added,
    bold: &Format,
) -> Result<(), XlsxError> {
    for cell in header.filled() {
        book.cell(at, added.place(cell.column), &cell, Some(bold))?;
    }
    for (column, heading) in (added.column..).zip(HEADINGS) {
        book.text(at, column, heading, Some(bold))?;
    }
    Ok(())
}

/// As [`write_result_xlsx`], as CSV: UTF-8 with its mark, the original's own
/// delimiter, blank lines kept. A cell that a spreadsheet would take for a
/// formula gets an apostrophe before it.
///
/// # Errors
/// As [`write_result_xlsx`].
pub fn write_result_csv(
    original: &Path,
    file_name: &str,
    options: &ReadOptions,
    out: &Path,
    results: &mut Results<'_, '_>,
) -> Result<(), WriteError> {
    let mut sheet = open_as(original, file_name, options, true)?;
    let mut file = BufWriter::new(File::create(out)?);
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .delimiter(sheet.delimiter())
        .from_writer(file);
    write_lines(&mut sheet, &mut writer, results)?;
    let file = writer.into_inner().map_err(|error| error.into_error())?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(())
}

fn write_lines(
    sheet: &mut SheetReader,
    writer: &mut csv::Writer<BufWriter<File>>,
    results: &mut Results<'_, '_>,
) -> Result<(), WriteError> {
    let written = |error: csv::Error| WriteError::Io(error.into());
    let mut row = SheetRow::default();
    let mut page = None;
    let mut last = 0;
    let mut above: Vec<SheetRow> = Vec::new();
    let mut added = Added::default();
    let mut fields: Vec<Cow<'_, str>> = Vec::new();
    while let Some(verdict) = sheet.next_line(&mut row)? {
        if page != Some(row.page) {
            if page.is_some() {
                writer.write_record([""]).map_err(written)?;
            }
            page = Some(row.page);
            (last, added) = (0, Added::default());
        }
        match verdict {
            Verdict::Above => {
                above.push(row.clone());
                continue;
            }
            Verdict::Header => {
                added = Added::beside(&row, &above, sheet.declared_columns());
                for line in above.drain(..) {
                    blank_until(writer, &mut last, line.number)?;
                    writer
                        .write_record(cells(&line).iter().map(|cell| cell.as_bytes()))
                        .map_err(written)?;
                }
            }
            Verdict::Row | Verdict::LeftOut(_) | Verdict::Foreign => {}
        }
        blank_until(writer, &mut last, row.number)?;
        let shown = cells(&row);
        let width = usize::from(added.column);
        let result = if verdict == Verdict::Row {
            results(sheet.page_name(&row), row.number)
        } else {
            None
        };
        let added_here = match (&verdict, result) {
            (Verdict::Header, _) => Some(HEADINGS.map(|heading| heading.into())),
            (_, Some(result)) => Some([
                result.state,
                result.psid.unwrap_or_default(),
                result.message,
            ]),
            _ => None,
        };
        fields.clear();
        match added_here {
            Some(added) => {
                fields.extend(
                    shown
                        .iter()
                        .take(width)
                        .map(|cell| Cow::Owned(cell.clone().into_owned())),
                );
                fields.resize(width.max(fields.len()), Cow::Borrowed(""));
                fields.extend(
                    added
                        .into_iter()
                        .map(|text| Cow::Owned(harmless(&text).into_owned())),
                );
                fields.extend(
                    shown
                        .iter()
                        .skip(width)
                        .map(|cell| Cow::Owned(cell.clone().into_owned())),
                );
                writer
                    .write_record(fields.iter().map(|cell| cell.as_bytes()))
                    .map_err(written)?;
            }
            None => writer
                .write_record(shown.iter().map(|cell| cell.as_bytes()))
                .map_err(written)?,
        }
    }
    Ok(())
}

/// Writes the blank lines between the last line and this one.
fn blank_until(
    writer: &mut csv::Writer<BufWriter<File>>,
    last: &mut u32,
    number: u32,
) -> Result<(), WriteError> {
    // A sheet that jumps a million rows is not followed line by line.
    let gap = number.saturating_sub(*last).saturating_sub(1).min(10_000);
    for _ in 0..gap {
        writer
            .write_record([""])
            .map_err(|error| WriteError::Io(error.into()))?;
    }
    *last = number;
    Ok(())
}

fn cells(row: &SheetRow) -> Vec<Cow<'_, str>> {
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    for cell in row.filled() {
        cells.resize(usize::from(cell.column), Cow::Borrowed(""));
        cells.push(harmless(cell.shown));
    }
    if cells.is_empty() {
        cells.push(Cow::Borrowed(""));
    }
    cells
}

/// The text, with an apostrophe before it if a spreadsheet would take it for
/// a formula. Plain signed numbers stay.
fn harmless(text: &str) -> Cow<'_, str> {
    let starts = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return Cow::Borrowed(text);
    };
    let number = matches!(first, '+' | '-')
        && chars.clone().next().is_some_and(|c| digit(c).is_some())
        && chars.all(|c| digit(c).is_some() || matches!(c, '.' | ',' | ' '));
    let after_blanks = text.trim_start().chars().next().unwrap_or(first);
    if (starts(first) || starts(after_blanks)) && !number {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Field, FieldKind};
    use calamine::{Data, Reader, Xlsx, open_workbook};

    #[test]
    fn more_rows_than_a_worksheet_holds_go_on_in_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("large.csv");
        std::fs::write(
            &original,
            "School\nName,Class\nA,1\nB,2\n\nC,3\nD,4\nE,5\nF,6\nG,7\n",
        )
        .unwrap();
        let options = ReadOptions {
            fields: vec![Field {
                name: "title",
                label: "Title",
                kind: FieldKind::Text,
                required: true,
                synonyms: &["name"],
            }],
            ..ReadOptions::default()
        };
        let out = folder.path().join("large.results.xlsx");
        let sheet = open_as(&original, "large.csv", &options, true).unwrap();
        let mut asked = Vec::new();
        let mut billed = |_: &str, row: u32| {
            asked.push(row);
            Some(RowResult {
                state: "billed".into(),
                psid: None,
                message: row.to_string().into(),
            })
        };
        write_pages(sheet, &out, &mut billed, 4).unwrap();
        assert_eq!(asked, [3, 4, 6, 7, 8, 9, 10]);
        let mut book: Xlsx<_> = open_workbook(&out).unwrap();
        let shown: Vec<(String, String)> = book
            .worksheets()
            .into_iter()
            .map(|(name, range)| {
                let column = |at| -> String {
                    range
                        .rows()
                        .map(|row| row.get(at).map_or(String::new(), Data::to_string))
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                (name, format!("{} / {}", column(0), column(4)))
            })
            .collect();
        let page = |name: &str, cells: &str| (name.to_owned(), cells.to_owned());
        assert_eq!(
            shown,
            [
                page("large", "School Name A B /  Message 3 4"),
                page("large (2)", "Name C D E / Message 6 7 8"),
                page("large (3)", "Name F G / Message 9 10"),
            ]
        );
    }
}
