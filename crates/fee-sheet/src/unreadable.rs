//! Why a file as a whole can't be read. Each reason is one sentence for the
//! person who dropped the file, and says what to do.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::headings::words;

/// A file that can't be read, and what to do about it. What a door may say of
/// a file crosses from one process to another.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Unreadable {
    /// No bytes, or only blank ones.
    #[error("the file is empty: save the sheet again and drop it once more")]
    Empty,
    /// Sheets that may be seen, and no cell of them has anything in it.
    #[serde(skip)]
    #[error(
        "no sheet of the file that is shown has a filled cell: fill a sheet in, or show the one that is hidden, save the file again and drop it once more"
    )]
    NothingFilled,
    /// A folder with the name of a sheet.
    #[error("this is a folder, not a sheet: drop the files inside it one by one")]
    IsDirectory,
    /// A device, a pipe or a socket.
    #[error("this is not an ordinary file: save the sheet as .xlsx or .csv and drop that")]
    NotAFile,
    /// A web page, whatever its name says.
    #[error(
        "this is a web page (HTML), not a sheet, whatever its name says: open it in a spreadsheet program and save it as .xlsx"
    )]
    Html,
    /// A PDF document.
    #[error("this is a PDF, not a sheet: ask for the sheet itself, as .xlsx or .csv")]
    Pdf,
    /// A workbook that asks for a password.
    #[error(
        "the workbook has a password: open it, save it again without the password, and drop that"
    )]
    Encrypted,
    /// A workbook of Excel 4 or older, from before 1993.
    #[error(
        "this is a workbook of Excel 4 or older, which is not read: open it in a spreadsheet program, save it as .xlsx, and drop that"
    )]
    OldExcel,
    /// An archive (ZIP) in which nothing is a sheet.
    #[error(
        "there is no sheet in the archive (it holds {found}): put sheets into it, or drop them as they are"
    )]
    NoSheetInside {
        /// The names of what it holds, quoted.
        found: String,
    },
    /// A file in an archive can't be read, and it may well be a sheet: the
    /// others are not sent without it.
    #[error("`{member}` in the archive: {why}")]
    Member {
        /// Its name in the archive.
        member: String,
        /// Why it can't be read.
        why: Box<Unreadable>,
    },
    /// Something else that is recognised, but not read.
    #[error("this is {what}, which is not read: save the sheet as .xlsx or .csv and drop that")]
    OtherFormat {
        /// The format, with its article.
        what: Cow<'static, str>,
    },
    /// The file breaks its own format.
    #[error(
        "the file is damaged ({0}): open it in a spreadsheet program, save it again as .xlsx, and drop that"
    )]
    Damaged(String),
    /// A limit of [`crate::Limits`] is passed.
    #[error(
        "the file is too large: {what} (the limit is {limit}); split it, or delete what does not belong to the table"
    )]
    TooLarge {
        /// What was too much, and where.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// A quotation mark that nothing closes, or one too many.
    #[error(
        "the quotation marks of line {line} do not come in pairs, so that cells or lines may run together: close or delete the odd one, write two (\"\") for one that belongs to a value, and drop the file again"
    )]
    UnbalancedQuote {
        /// The line of the text file in which it was opened, from 1.
        line: u64,
    },
    /// Whoever takes the file apart used more memory than it may.
    #[error(
        "reading the file needs more memory than {limit_mb} MB, as no sheet of its size does: open it in a spreadsheet program, copy the table alone into a new sheet, save that as .xlsx or .csv, and drop it"
    )]
    NeedsMemory {
        /// How much it may use.
        limit_mb: u64,
    },
    /// Whoever takes the file apart took longer than it may.
    #[error(
        "the file was not read to its end within {limit_seconds} seconds on this machine: open it in a spreadsheet program, copy the table alone into a new sheet, save that as .csv, and drop it; a very long one in parts"
    )]
    TakesTooLong {
        /// How long it may take.
        limit_seconds: u64,
    },
    /// Whoever took the file apart failed on it.
    #[error(
        "our reader failed on this file ({0}): open it in a spreadsheet program, save it again as .xlsx or .csv, and drop that; please send us this one, so that it is read next time"
    )]
    ReaderFailed(String),
    /// Nobody can take the file apart just now. It says nothing of the file.
    #[error("the file can't be read just now ({0}): try it again in a moment")]
    NotNow(String),
    /// No line of the sheet has all the headings that are needed.
    #[serde(skip)]
    #[error("{}", no_columns(found, missing))]
    NoColumns {
        /// The headings of the line that came nearest, as written.
        found: Vec<String>,
        /// The fields that no heading names.
        missing: Vec<MissingField>,
    },
    /// Two columns have an equal right to one field.
    #[serde(skip)]
    #[error(
        "two columns of {sheet} could be the {field}: `{first}` and `{second}`; rename one of them, or name the right one under `columns` in the account's configuration"
    )]
    AmbiguousColumns {
        /// The sheet.
        sheet: String,
        /// The label of the field.
        #[serde(skip)]
        field: &'static str,
        /// The left heading.
        first: String,
        /// The right heading.
        second: String,
    },
    /// There are headings, and nothing below them.
    #[error("there is no row below the headings: fill the sheet in and drop it again")]
    NoRows,
    /// The file can't be opened or read.
    #[error("the file can't be read ({0}): check that it is there, complete, and may be read")]
    Io(
        #[from]
        #[serde(with = "in_words")]
        io::Error,
    ),
}

/// An error of the system, as it is said.
mod in_words {
    use std::io;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(error: &io::Error, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(error)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<io::Error, D::Error> {
        String::deserialize(d).map(io::Error::other)
    }
}

/// A field without a column, and the headings that would have been taken for
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingField {
    /// The field's name, as in [`crate::Field::name`].
    pub field: &'static str,
    /// The field's label.
    pub label: &'static str,
    /// The headings that would have been recognised, the school's own first.
    pub recognised: Vec<String>,
}

/// How many recognised headings a message names for one field.
const NAMED: usize = 6;

struct Quoted<'a>(&'a [String], usize);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().take(self.1).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        if self.0.len() > self.1 {
            write!(f, " …")?;
        }
        Ok(())
    }
}

fn no_columns(found: &[String], missing: &[MissingField]) -> String {
    let mut text = String::new();
    for field in missing {
        text.push_str(&format!(
            "no column for the {} (one of {} would be recognised); ",
            field.label,
            Quoted(&field.recognised, NAMED)
        ));
    }
    if found.is_empty() {
        text.push_str("no headings were found");
    } else {
        text.push_str(&format!("the headings found are {}", Quoted(found, 40)));
    }
    if let Some((first, last)) = halves_of_name(found) {
        text.push_str(&format!(
            "; `{first}` and `{last}` are halves of one name: put both into one column called `Name`"
        ));
    }
    text.push_str(
        "; rename the column, or name it under `columns` in the account's configuration, and drop the file again",
    );
    text
}

/// The headings of two columns that hold the halves of a name, if there are
/// such, the first half first.
#[must_use]
pub fn halves_of_name(found: &[String]) -> Option<(&str, &str)> {
    const FIRST: &[&str] = &["first name", "given name", "forename"];
    const LAST: &[&str] = &["last name", "surname", "second name", "family name"];
    let heading = |known: &[&str]| {
        let ends = |heading: &&String| {
            let words = words(heading).join(" ");
            known.iter().any(|known| words.ends_with(known))
        };
        found.iter().find(ends).map(String::as_str)
    };
    Some((heading(FIRST)?, heading(LAST)?))
}

impl Unreadable {
    pub(crate) fn too_large(what: impl Into<String>, limit: impl Into<String>) -> Self {
        Self::TooLarge {
            what: what.into(),
            limit: limit.into(),
        }
    }

    pub(crate) fn damaged(why: impl fmt::Display) -> Self {
        Self::Damaged(why.to_string())
    }

    /// Carries a refusal through a reader of somebody else's.
    pub(crate) fn into_reading(self) -> io::Error {
        io::Error::other(self)
    }

    /// What a failed reading of part of a file means: our own refusal, bytes
    /// that break their format, or a disk that does not answer.
    pub(crate) fn from_reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Other => error.downcast::<Self>().unwrap_or_else(Self::damaged),
            io::ErrorKind::UnexpectedEof => Self::damaged("it ends too early"),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::damaged(error),
            // A part that is packed in a way that nobody knows.
            io::ErrorKind::Unsupported => Self::damaged(error),
            _ => Self::Io(error),
        }
    }
}
