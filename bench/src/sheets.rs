//! The sheets that are measured on: five columns, about one row in fifty invalid, made from a seed.
//! The same seed and size are the same sheet, so it is made once and kept.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

pub(crate) const HEADINGS: [&str; 5] = [
    "Title",
    "Identifier",
    "Amount",
    "Due Date",
    "Amount After Due Date",
];

const FIRST_NAMES: [&str; 10] = [
    "Ayesha", "Bilal", "Fatima", "Hamza", "Iqra", "Junaid", "Maryam", "Omar", "Sana", "Zain",
];
const LAST_NAMES: [&str; 8] = [
    "Ahmed", "Baig", "Chaudhry", "Hussain", "Iqbal", "Khan", "Malik", "Qureshi",
];
/// When every row of a sheet is due, but in rows that say otherwise.
pub(crate) const YEAR: u16 = 2035;
/// The letters that the payers of the large sheets begin with.
pub(crate) const PAYERS: &str = "GF";
/// One row in so many is invalid.
const INVALID_ONE_IN: u32 = 50;

/// A row as it stands in the sheet.
pub(crate) struct Written {
    pub(crate) title: String,
    pub(crate) identifier: String,
    pub(crate) amount: String,
    /// Year, month, day; no such day in some invalid rows.
    pub(crate) due: (u16, u8, u8),
    pub(crate) late: String,
}

/// Rows by chance, without end.
pub(crate) struct Rows {
    chance: fastrand::Rng,
    n: u32,
    prefix: &'static str,
    year: u16,
}

impl Rows {
    pub(crate) fn new(seed: u64, prefix: &'static str) -> Rows {
        let chance = fastrand::Rng::with_seed(seed);
        Rows {
            chance,
            n: 0,
            prefix,
            year: YEAR,
        }
    }

    /// The same payers and amounts, due in another year.
    pub(crate) fn due_in(self, year: u16) -> Rows {
        Rows { year, ..self }
    }
}

impl Iterator for Rows {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        self.n += 1;
        let first = FIRST_NAMES[self.chance.usize(..FIRST_NAMES.len())];
        let last = LAST_NAMES[self.chance.usize(..LAST_NAMES.len())];
        let rupees = self.chance.u32(500..20_000);
        let mut row = Written {
            title: format!("{first} {last} class {}", self.chance.u32(1..13)),
            identifier: format!("{}-{:08}", self.prefix, self.n),
            amount: rupees.to_string(),
            due: (self.year, self.chance.u8(1..13), self.chance.u8(1..29)),
            late: (rupees + 500).to_string(),
        };
        if self.chance.u32(..INVALID_ONE_IN) == 0 {
            match self.chance.u8(..6) {
                0 => row.amount = format!("{}O", rupees / 10),
                1 => row.amount = "0".to_owned(),
                2 => row.identifier = String::new(),
                3 => row.due = (self.year, 2, 30),
                4 => row.late = (rupees - 100).to_string(),
                // As the row before it, which then is invalid, too.
                _ => row.identifier = format!("{}-{:08}", self.prefix, self.n.max(2) - 1),
            }
        }
        Some(row)
    }
}

/// Where sheets are kept.
pub(crate) struct Sheets {
    folder: PathBuf,
    seed: u64,
}

impl Sheets {
    pub(crate) fn in_folder(folder: PathBuf, seed: u64) -> Sheets {
        Sheets { folder, seed }
    }

    pub(crate) fn csv(&self, rows: u32) -> Result<PathBuf> {
        self.made(rows, "csv", |path| {
            csv(path, Rows::new(self.seed, PAYERS).take(rows as usize))
        })
    }

    pub(crate) fn xlsx(&self, rows: u32) -> Result<PathBuf> {
        self.made(rows, "xlsx", |path| {
            xlsx(path, Rows::new(self.seed, PAYERS).take(rows as usize))
        })
    }

    /// Under its name only when it is whole.
    fn made(&self, rows: u32, ending: &str, make: impl Fn(&Path) -> Result<()>) -> Result<PathBuf> {
        fs::create_dir_all(&self.folder)?;
        let path = self
            .folder
            .join(format!("fees-{rows}-seed{}.{ending}", self.seed));
        if !path.exists() {
            eprintln!("bench:   making {}", path.display());
            let part = path.with_extension("part");
            make(&part)?;
            fs::rename(&part, &path)?;
        }
        Ok(path)
    }
}

/// No field of ours needs quotes.
pub(crate) fn csv(path: &Path, rows: impl Iterator<Item = Written>) -> Result<()> {
    let mut to = BufWriter::new(File::create(path)?);
    writeln!(to, "{}", HEADINGS.join(","))?;
    for row in rows {
        let (year, month, day) = row.due;
        writeln!(
            to,
            "{},{},{},{year}-{month:02}-{day:02},{}",
            row.title, row.identifier, row.amount, row.late
        )?;
    }
    to.flush()?;
    Ok(())
}

/// Amounts are numbers, days are dates, and what is neither is a text.
fn xlsx(path: &Path, rows: impl Iterator<Item = Written>) -> Result<()> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let as_date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_row(0, 0, HEADINGS)?;
    for (line, row) in (1..).zip(rows) {
        sheet.write_string(line, 0, &row.title)?;
        sheet.write_string(line, 1, &row.identifier)?;
        for (column, text) in [(2, &row.amount), (4, &row.late)] {
            match text.parse::<u32>() {
                Ok(number) => sheet.write_number(line, column, number)?,
                Err(_) => sheet.write_string(line, column, text)?,
            };
        }
        let (year, month, day) = row.due;
        match chrono::NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()) {
            Some(_) => {
                let date = ExcelDateTime::from_ymd(year, month, day)?;
                sheet.write_datetime_with_format(line, 3, &date, &as_date)?;
            }
            None => {
                sheet.write_string(line, 3, format!("{year}-{month:02}-{day:02}"))?;
            }
        }
    }
    book.save(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_sheet_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let text = |seed: u64, place: &str| {
            let sheets = Sheets::in_folder(folder.path().join(place), seed);
            fs::read_to_string(sheets.csv(500).unwrap()).unwrap()
        };
        assert_eq!(text(1, "a"), text(1, "b"));
        assert_ne!(text(1, "a"), text(2, "a"));
        assert_eq!(text(1, "a").lines().count(), 501);
    }

    #[test]
    fn another_year_has_the_same_payers() {
        let (one, other) = (Rows::new(1, "GF"), Rows::new(1, "GF").due_in(2031));
        for (one, other) in one.zip(other).take(2_000) {
            assert_eq!(
                (one.identifier, one.amount, one.late),
                (other.identifier, other.amount, other.late)
            );
            assert_eq!((one.due.0, other.due.0), (2035, 2031));
        }
    }

    #[test]
    fn about_one_row_in_fifty_is_invalid() {
        let plain =
            |row: &Written| row.amount.parse::<u32>().is_ok_and(|n| n > 0) && row.due.2 != 30;
        let odd = Rows::new(1, "GF")
            .take(10_000)
            .filter(|row| !plain(row))
            .count();
        // Half of the six kinds, of one row in fifty.
        assert!((60..140).contains(&odd), "{odd}");
    }
}
