//! What is worth saying of a file beside its rows and its refusals, in no
//! language: what was passed over, or read otherwise than somebody may think,
//! and why a line or a sheet is left out. The sentence in English stands here.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::holds::{Place, Shown};

/// Something to know of a sheet or of a file. What a door may say of a file
/// crosses from one process to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Remark {
    /// The workbook has macros.
    Macros,
    /// A sheet is hidden, and was left.
    HiddenSheet(String),
    /// A sheet has merged cells.
    MergedCells {
        /// The sheet.
        sheet: String,
        /// How many ranges.
        count: u64,
    },
    /// Files of an archive that no person put there.
    NobodysFiles {
        /// Some of their names, quoted.
        files: String,
    },
    /// The same of one file in an archive.
    Inside {
        /// Its name in the archive.
        member: String,
        /// What is said of it.
        remark: Box<Remark>,
    },
    /// Columns are hidden, and read as the others are.
    #[serde(skip)]
    HiddenColumns {
        /// The sheet.
        sheet: String,
        /// Each, and whether it serves a field.
        columns: Vec<(Place, bool)>,
    },
    /// Dates of a column are read in another order than the account's.
    #[serde(skip)]
    DatesRead {
        /// The sheet.
        sheet: String,
        /// The column.
        column: Place,
        /// The month comes first.
        month_first: bool,
        /// What shows it.
        proof: Shown,
    },
    /// No column has the due date; a line above the headings says it for all.
    #[serde(skip)]
    DueDateAbove {
        /// The sheet.
        sheet: String,
        /// What that line shows, and where.
        shown: Shown,
        /// The day it was read as.
        date: NaiveDate,
    },
}

impl Remark {
    /// Whether it tells of a guess, which a person should look at.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        matches!(self, Remark::DueDateAbove { .. })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::Macros => {
                f.write_str("the workbook has macros: they were not run, only values were read")
            }
            Remark::HiddenSheet(sheet) => {
                write!(f, "the sheet `{sheet}` is hidden and was left")
            }
            Remark::MergedCells { sheet, count } => write!(
                f,
                "the sheet `{sheet}` has merged cells ({count}): each counts only as its first cell"
            ),
            Remark::NobodysFiles { files } => {
                write!(f, "left in the archive, as programs put it there: {files}")
            }
            Remark::Inside { member, remark } => write!(f, "{member}: {remark}"),
            Remark::HiddenColumns { sheet, columns } => {
                let said = columns.iter().map(|(place, read)| match read {
                    true => place.to_string(),
                    false => format!("{place} (not used)"),
                });
                let said: Vec<String> = said.collect();
                write!(
                    f,
                    "the sheet `{sheet}` has hidden columns, which are read as the others are: {}",
                    said.join(", ")
                )
            }
            Remark::DatesRead {
                sheet,
                column,
                month_first,
                proof,
            } => {
                let first = if *month_first { "month" } else { "day" };
                write!(
                    f,
                    "the dates of column {column} of the sheet `{sheet}` are read with the {first} first, as {} (row {}) shows",
                    proof.text, proof.row
                )
            }
            Remark::DueDateAbove { sheet, shown, date } => write!(
                f,
                "no column of the sheet `{sheet}` has the due date: it is taken from “{}” (row {}) for all rows, a guess, and read as {}",
                shown.text,
                shown.row,
                date.format("%-d %B %Y")
            ),
        }
    }
}

/// Why a line is no row, or why a sheet is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftWhy {
    /// A line.
    Line(LineWhy),
    /// A whole sheet, or a file in an archive.
    Sheet(SheetWhy),
}

impl fmt::Display for LeftWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeftWhy::Line(why) => why.fmt(f),
            LeftWhy::Sheet(why) => why.fmt(f),
        }
    }
}

/// Why a line below the headings is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineWhy {
    /// The headings stand again, as on the next page.
    HeadingsAgain,
    /// The lower of two lines of headings.
    SecondLine,
    /// Other headings, and the lines below are read by them.
    OtherHeadings,
    /// Other headings, of which some are missing.
    UnclearHeadings,
    /// A line below such headings.
    BelowUnclear,
    /// A sum that says so.
    Total,
    /// An amount alone below the last row.
    TotalBelow,
    /// What the rows above come to, and nobody's bill.
    TotalOfRows,
    /// A note below the last row.
    NoteBelow,
    /// A note that says so.
    Note,
    /// Where people sign.
    SignatureBelow,
    /// Where the money goes, or was paid in.
    BankBelow,
    /// A count of rows.
    Count,
    /// A line that is drawn.
    Drawn,
    /// The title of a section.
    Section,
    /// A cell alone, beside the columns that are read.
    NoteWithin,
    /// The numbers of the columns.
    Numbered,
    /// The rest of the name in the row above.
    Continued,
}

impl LineWhy {
    /// Whether the line was left out as a sum of others.
    pub(crate) fn is_total(self) -> bool {
        matches!(
            self,
            LineWhy::Total | LineWhy::TotalBelow | LineWhy::TotalOfRows
        )
    }
}

impl fmt::Display for LineWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineWhy::HeadingsAgain => "the headings again",
            LineWhy::SecondLine => "the second line of the headings",
            LineWhy::OtherHeadings => {
                "other headings, or in other columns: the lines below are read by them"
            }
            LineWhy::UnclearHeadings => "other headings, of which some are missing",
            LineWhy::BelowUnclear => "below headings that can't be read",
            LineWhy::Total => "a totals row: it says so itself",
            LineWhy::TotalBelow => "a totals row: an amount alone, below the last row",
            LineWhy::TotalOfRows => {
                "a totals row: it has what the rows above it come to, and no payer's number"
            }
            LineWhy::NoteBelow => {
                "a note or a signature: below the last row, without amount and date"
            }
            LineWhy::Note => "a note, and not a row: it says so itself",
            LineWhy::SignatureBelow => "a signature: below the last row, without any number",
            LineWhy::BankBelow => {
                "a bank's line: below the last row, without an identifier and a date"
            }
            LineWhy::Count => "a count, and not a row: it says so itself",
            LineWhy::Drawn => "a line of dashes",
            LineWhy::Section => "the title of a section: one cell alone",
            LineWhy::NoteWithin => "a line between: one cell outside the columns that are read",
            LineWhy::Numbered => "the numbers of the columns",
            LineWhy::Continued => "whose child it is: the rest of the row above",
        })
    }
}

/// Why a sheet, or a file in an archive, is left as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SheetWhy {
    /// No line of the sheet has all headings.
    WithoutHeadings,
    /// The sheet is hidden.
    Hidden,
    /// The sheet is a list of macros.
    Macros,
    /// The file is empty.
    FileEmpty,
    /// The file is something else than a sheet.
    FileIs(String),
}

impl fmt::Display for SheetWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SheetWhy::WithoutHeadings => {
                "the sheet is left: no line of it has all the headings that are needed"
            }
            SheetWhy::Hidden => "the sheet is left: it is hidden",
            SheetWhy::Macros => "the sheet is left: it holds macros, and no cells",
            SheetWhy::FileEmpty => "the file is left: it is empty",
            SheetWhy::FileIs(what) => return write!(f, "the file is left: it is {what}"),
        })
    }
}
