//! What there is to say of a cell or a row, in no language yet. Whoever finds
//! something says it with one of these; `language` makes it a sentence that
//! a bursar reads.

use chrono::NaiveDate;
use fee_sheet::Flaw;

/// One thing to say, with everything that the sentence needs beside what the
/// cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The cell can't be read.
    Flaw(Flaw),
    /// Day and month could be read either way round; this day was taken.
    OrderAssumed(NaiveDate),
    /// A bare number was taken for a spreadsheet's number of this day.
    DayNumberTaken(NaiveDate),
    /// Nothing there, or nothing that can be seen.
    Blank,
    /// An amount of nought.
    Nought,
    /// An amount below nought.
    Negative,
    /// A late amount below the amount, which is given here in paisa.
    LateBelowAmount(i64),
    /// A late amount of three times the amount, in paisa, or more.
    LateMuchHigher(i64),
    /// A year that four digits don't hold.
    YearOutOfRange,
    /// A date before today, which is given here; the row is not sent.
    Past(NaiveDate),
    /// A date before today; the row is sent all the same.
    PastButSent,
    /// Blanks at the ends, left out; what is sent.
    Trimmed(String),
    /// Characters that nobody sees, left out: which, and what is sent.
    Unseen(Vec<char>, String),
    /// The identifier stands again, and the row named is the last.
    LaterRowCounts(Place),
    /// The same of many rows at once.
    LaterRowsCount,
    /// The identifier stands more than once, here too, and this many times more.
    Twice(Vec<Place>, usize),
    /// The same of many rows at once.
    AllTwice,
    /// The identifier of a correction stands in the file that it came from, too.
    InOrigin(FilePlace),
    /// The same, further down there, and the last row counts.
    LaterInOrigin(FilePlace),
    /// An identifier that differs only in how its letters are written.
    Twin(Place),
}

/// A row of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The file's name.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// As the spreadsheet counts.
    pub row: i64,
    /// Where it stands: the word of its state.
    pub state: &'static str,
}

/// Another row, named from where the reader stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As the spreadsheet counts.
    pub row: u32,
    /// The sheet, if it is another one.
    pub sheet: Option<String>,
}
