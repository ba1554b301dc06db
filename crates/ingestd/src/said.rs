//! What there is to say of a cell or a row, in no language yet. Whoever finds
//! something says it with one of these; `language` makes it a sentence that
//! a bursar reads.

use chrono::NaiveDate;
use fee_sheet::Flaw;
use ingest_ledger::HoldKind;

/// One thing to say, with everything that the sentence needs beside what the
/// cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The cell can't be read.
    Flaw(Flaw),
    /// Day and month could be read either way round; this day was taken.
    OrderAssumed(NaiveDate),
    /// The year was taken to stand last, which gives this day, long from now; it may stand first.
    YearMayComeFirst(NaiveDate),
    /// A bare number was taken for a spreadsheet's number of this day.
    DayNumberTaken(NaiveDate),
    /// The sheet shows month and year alone, and the cell has this day.
    DayNotShown(NaiveDate),
    /// The sheet shows an amount rounded; what the cell has, in paisa.
    PaisaNotShown(i64),
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
    /// A year that lies too far ahead.
    YearOutOfRange,
    /// A date before today, which is given here; the row is not sent.
    Past(NaiveDate),
    /// A date before today; the row is sent all the same.
    PastButSent,
    /// More characters than are sent: how many, and how many at most.
    TooLong(usize, usize),
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

/// What there is to say of a file, beside its rows and its reader's remarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfFile {
    /// So many lines are no rows.
    LinesLeftOut(usize),
    /// Sheets were left as a whole: some of their names, and how many more.
    SheetsLeft(Vec<String>, usize),
    /// The column of a field was guessed.
    Guess(Guess),
    /// The account has every file approved.
    AllApproved,
    /// The bills come to more than the account sends without approval, in paisa.
    OverLimit {
        /// What they come to.
        total: i64,
        /// What it sends.
        limit: i64,
    },
    /// The identifiers are too long to be compared; the limit in MB.
    IdentifiersTooLong(u64),
    /// There are more rows than are counted.
    TooManyRows,
    /// The amounts come to more than is counted.
    TooMuchMoney,
}

/// A column that was guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The field.
    pub field: String,
    /// The sheet.
    pub sheet: String,
    /// The column's letters.
    pub column: String,
    /// Its heading.
    pub heading: String,
    /// On what grounds.
    pub how: Grounds,
}

/// On what grounds a column was taken for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// Its heading is spelt nearly like this one.
    Spelling(String),
    /// It is the better of two; the heading of the other.
    Choice(String),
    /// What stands in it.
    Shape,
    /// No guess: configured, or a heading that is known.
    Known(String),
}

/// What `check` says around the problems, on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A table that was found: the sheet, the line of its headings, and what serves which field.
    Table(String, u32, Vec<(String, String)>),
    /// Columns that are not used.
    NotUsed(String),
    /// What the rows come to.
    Counts {
        /// All of them.
        rows: u64,
        /// The bills among them.
        valid: u64,
        /// The others.
        invalid: u64,
        /// Those that a later row goes before.
        skipped: u64,
        /// Paisa of the valid ones.
        total: i64,
    },
    /// The file would wait.
    WouldWait(String),
    /// Above what is wrong.
    Wrong,
    /// Above what is to be looked at.
    ToLookAt,
    /// Above what was left out.
    LeftOut,
    /// A line that was left out: sheet, row, why.
    Left(String, u32, String),
    /// So many more of them.
    LeftMore(u64),
    /// Problems of kinds that are not told apart.
    OtherKinds(u64),
    /// Behind some places: so many more.
    AndMore(u64),
    /// A row, where no cell is named.
    Row(u32),
    /// So many files were checked.
    FilesChecked(u64),
    /// A table, where its columns follow line by line: its sheet, the line of its headings.
    TableBelow(String, u32),
    /// A column of such a table: field, letters, heading, on what grounds, what stands in it.
    Column {
        /// The field.
        field: String,
        /// The column's letters.
        column: String,
        /// Its heading.
        heading: String,
        /// On what grounds, in words.
        grounds: String,
        /// Some values.
        examples: String,
    },
    /// The headings of a sheet that is not understood.
    Headings(String),
    /// Beside a field of such a sheet.
    WriteHeading,
    /// What to do about such a sheet: the table, and its file.
    NameHeadings(String, String),
}

/// What the notes beside a sheet say, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfNote {
    /// The file waits for a person.
    Waits {
        /// Its name.
        file: String,
        /// Its number.
        file_id: i64,
    },
    /// So many rows are held.
    Held(u64),
    /// So many rows.
    Rows(u64),
    /// So many more, each with a reason of its own.
    More(u64),
    /// Rows by their numbers.
    Numbers {
        /// `5,9-12`.
        numbers: String,
        /// It is a single one.
        one: bool,
        /// The sheet, where there are several.
        sheet: Option<String>,
    },
    /// Who decides held rows, and how.
    Decides {
        /// Why they are held.
        kind: HoldKind,
        /// The file.
        file_id: i64,
        /// What a command adds to name just these rows, if that can be written.
        named: Option<String>,
    },
    /// The same, where rows are held for reasons of their own first.
    Behind {
        /// Each goes before the file's own hold only if it is named.
        named: bool,
        /// The file.
        file_id: i64,
    },
    /// Rows that may or may not be at the hub.
    Unknown {
        /// How many.
        rows: u64,
        /// Why, for a screen.
        why: String,
        /// What decides it, for a screen.
        command: String,
    },
    /// A file holds what another one held.
    SameBytes {
        /// Its name.
        name: String,
        /// That of the other.
        of: String,
        /// When that was taken, for a person.
        taken_at: String,
        /// That one's number.
        file_id: i64,
    },
    /// A file can't be read.
    NothingSent(String),
}
