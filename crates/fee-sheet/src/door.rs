//! Where lines come from: a text file, a workbook, or an archive of them.

use crate::book_door::{BookDoor, DoorSheet};
use crate::csv_door::CsvDoor;
use crate::row::SheetRow;
use crate::unreadable::Unreadable;
use crate::zip_door::ZipDoor;

/// Where lines come from.
pub(crate) enum Door {
    Csv(Box<CsvDoor>),
    Book(BookDoor),
    Zip(Box<ZipDoor>),
}

/// A sheet, or a file in an archive, that is not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) sheet: String,
    pub(crate) why: String,
}

impl Door {
    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        match self {
            Self::Csv(door) => Ok(door.next_sheet()),
            Self::Book(door) => door.next_sheet(),
            Self::Zip(door) => door.next_sheet(),
        }
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        match self {
            Self::Csv(door) => door.next_line(row),
            Self::Book(door) => door.next_line(row),
            Self::Zip(door) => door.next_line(row),
        }
    }

    /// What was passed over since the last call.
    pub(crate) fn left(&mut self) -> Vec<Left> {
        match self {
            Self::Csv(_) => Vec::new(),
            Self::Book(door) => door.hidden(),
            Self::Zip(door) => door.left(),
        }
    }

    pub(crate) fn skip_sheet(&mut self) {
        match self {
            Self::Csv(_) => {}
            Self::Book(door) => door.skip_sheet(),
            Self::Zip(door) => door.skip_sheet(),
        }
    }

    /// What is worth saying of the file as a whole, so far.
    pub(crate) fn notes(&self) -> &[String] {
        match self {
            Self::Csv(_) => &[],
            Self::Book(door) => door.notes(),
            Self::Zip(door) => door.notes(),
        }
    }
}
