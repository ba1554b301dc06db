//! Cells written into a workbook of ours: values as they came, texts always
//! as texts, so that nothing that someone typed ever starts a formula.

use std::collections::HashSet;
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::row::{Cell, CellKind};

/// Rows that a worksheet holds.
pub(crate) const ROWS_MAX: u32 = 1_048_576;

/// The number format in which what is typed stays the text that was typed, and
/// the one of amounts, `#,##0.00`: both are in every workbook.
pub(crate) const TEXT_FORMAT: u8 = 49;
pub(crate) const AMOUNT_FORMAT: u8 = 4;

/// How hard a workbook is packed: 1 of 9. Harder takes a third of the time that a result sheet of a
/// million rows takes, for a file that is a little smaller.
const QUICKLY: u8 = 1;

/// Characters that a cell holds.
const CELL_CHARS: usize = 32_767;

/// A workbook that is written row by row, each row gone from memory when the
/// next begins.
pub(crate) struct BookOut {
    workbook: Workbook,
    pages: usize,
    names: HashSet<String>,
    date: Format,
    moment: Format,
}

impl BookOut {
    /// A new workbook; what it must set aside lies beside `out`.
    pub(crate) fn new(out: &Path) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(QUICKLY);
        if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            workbook.set_tempdir(folder)?;
        }
        Ok(Self {
            workbook,
            pages: 0,
            names: HashSet::new(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        })
    }

    /// Begins the next worksheet, named as near to `name` as Excel allows.
    pub(crate) fn begin_page(&mut self, name: &str) -> Result<(), XlsxError> {
        let name = self.free_name(name);
        self.workbook
            .add_worksheet_with_constant_memory()?
            .set_name(name)?;
        self.pages += 1;
        Ok(())
    }

    /// The worksheet that is being written.
    pub(crate) fn page(&mut self) -> Result<&mut Worksheet, XlsxError> {
        self.workbook
            .worksheet_from_index(self.pages.saturating_sub(1))
    }

    /// Writes a cell as it came; `dress` gives it a look of its own.
    pub(crate) fn cell(
        &mut self,
        row: u32,
        column: u16,
        cell: &Cell<'_>,
        dress: Option<&Format>,
    ) -> Result<(), XlsxError> {
        match cell.kind {
            // What a number format showed goes out as shown: an identifier. What it
            // only rounded goes out as it is.
            CellKind::Number if cell.plain.is_none() || cell.is_rounded() => {
                if let Some(number) = cell
                    .plain
                    .unwrap_or(cell.shown)
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite())
                {
                    let page = self.page()?;
                    match dress {
                        Some(dress) => page.write_number_with_format(row, column, number, dress)?,
                        None => page.write_number(row, column, number)?,
                    };
                    return Ok(());
                }
                self.text(row, column, cell.shown, dress)
            }
            CellKind::Date => match date_of(cell.shown) {
                Some(date) => {
                    let whole = cell.shown.len() <= 10;
                    let usual = if whole {
                        self.date.clone()
                    } else {
                        self.moment.clone()
                    };
                    let dress = dress.map_or(usual, |dress| {
                        dress.clone().set_num_format(if whole {
                            "yyyy-mm-dd"
                        } else {
                            "yyyy-mm-dd hh:mm:ss"
                        })
                    });
                    self.page()?
                        .write_datetime_with_format(row, column, &date, &dress)?;
                    Ok(())
                }
                None => self.text(row, column, cell.shown, dress),
            },
            CellKind::Truth => {
                self.page()?
                    .write_boolean(row, column, cell.shown == "TRUE")?;
                Ok(())
            }
            CellKind::Uncalculated => {
                if let Some(dress) = dress {
                    self.page()?.write_blank(row, column, dress)?;
                }
                Ok(())
            }
            CellKind::Text | CellKind::Number | CellKind::Error | CellKind::Masked => {
                self.text(row, column, cell.shown, dress)
            }
        }
    }

    /// Writes a text as a text, whatever it looks like.
    pub(crate) fn text(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        dress: Option<&Format>,
    ) -> Result<(), XlsxError> {
        let text = fitting(text);
        let page = self.page()?;
        match dress {
            Some(dress) if text.is_empty() => page.write_blank(row, column, dress)?,
            Some(dress) => page.write_string_with_format(row, column, text, dress)?,
            None => page.write_string(row, column, text)?,
        };
        Ok(())
    }

    /// Writes the workbook out.
    pub(crate) fn save(mut self, out: &Path) -> Result<(), XlsxError> {
        if self.pages == 0 {
            self.begin_page("Sheet1")?;
        }
        self.workbook.save(out)
    }

    fn free_name(&mut self, wanted: &str) -> String {
        let clean: String = wanted
            .chars()
            .map(|c| {
                if c.is_control() || "[]:*?/\\".contains(c) {
                    '_'
                } else {
                    c
                }
            })
            .collect();
        let clean = clean.trim_matches('\'').trim();
        let clean = if clean.is_empty() || clean.eq_ignore_ascii_case("history") {
            "Sheet"
        } else {
            clean
        };
        for number in 1u32.. {
            let tail = if number == 1 {
                String::new()
            } else {
                format!(" ({number})")
            };
            let mut name = String::new();
            let mut room = 31 - tail.len();
            for c in clean.chars() {
                // Excel counts UTF-16 units.
                if c.len_utf16() > room {
                    break;
                }
                room -= c.len_utf16();
                name.push(c);
            }
            let name = name.trim_end_matches('\'').to_owned() + &tail;
            if self.names.insert(name.to_lowercase()) {
                return name;
            }
        }
        wanted.to_owned()
    }
}

/// The text, cut where a cell ends, without the characters XML can't hold.
fn fitting(text: &str) -> String {
    if text.len() <= CELL_CHARS && !text.bytes().any(|byte| byte < b' ') {
        return text.to_owned();
    }
    text.chars()
        .filter(|c| *c >= ' ' || matches!(c, '\n' | '\t'))
        .take(CELL_CHARS)
        .collect()
}

fn date_of(shown: &str) -> Option<ExcelDateTime> {
    let number = |from: usize, to: usize| shown.get(from..to)?.parse::<u16>().ok();
    let small = |from: usize, to: usize| u8::try_from(number(from, to)?).ok();
    let date = ExcelDateTime::from_ymd(number(0, 4)?, small(5, 7)?, small(8, 10)?).ok()?;
    if shown.len() <= 10 {
        return Some(date);
    }
    date.and_hms(number(11, 13)?, small(14, 16)?, f64::from(small(17, 19)?))
        .ok()
}
