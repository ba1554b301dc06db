//! Where lines come from: a text file, a workbook, an archive of them, or
//! somebody else who takes them apart.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ReadOptions;
use crate::book_door::{BookDoor, DoorSheet};
use crate::content::{self, Content};
use crate::csv_door::CsvDoor;
use crate::header::Matcher;
use crate::read_by::ReadBy;
use crate::receiving::ReceivedDoor;
use crate::remarks::{Remark, SheetWhy};
use crate::row::SheetRow;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::zip_door::ZipDoor;

/// Where lines come from.
pub(crate) enum Door {
    Csv(Box<CsvDoor>),
    Book(BookDoor),
    Zip(Box<ZipDoor>),
    Received(Box<ReceivedDoor>),
}

/// A sheet, or a file in an archive, that is not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) sheet: String,
    pub(crate) why: SheetWhy,
}

/// Bytes of a sheet's name: every line that is left out says it.
const NAME_BYTES_MAX: usize = 1_024;

impl Door {
    /// Opens a file, told by its content and not by its name.
    pub(crate) fn open(
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
        matcher: &Matcher,
    ) -> Result<Self, Unreadable> {
        if let ReadBy::Another(reader) = &options.read_by {
            let door = ReceivedDoor::open(&**reader, path, file_name, options)?;
            return Ok(Self::Received(Box::new(door)));
        }
        let source = Source::file(path);
        Ok(match content::told(&source, &options.limits)? {
            Content::Book(kind) => Self::Book(BookDoor::open(kind, &source, &options.limits)?),
            Content::Archive => Self::Zip(Box::new(ZipDoor::open(
                &source,
                Matcher::new(options),
                &options.limits,
            )?)),
            Content::Text(encoding) => Self::Csv(Box::new(CsvDoor::open(
                &source,
                file_name,
                encoding,
                matcher,
                &options.limits,
            )?)),
        })
    }

    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        let sheet = match self {
            Self::Csv(door) => door.next_sheet(),
            Self::Book(door) => door.next_sheet()?,
            Self::Zip(door) => door.next_sheet()?,
            Self::Received(door) => door.next_sheet()?,
        };
        match &sheet {
            Some(sheet) if sheet.name.len() > NAME_BYTES_MAX => Err(Unreadable::too_large(
                format!("the name of a sheet has {} bytes", sheet.name.len()),
                format!("{NAME_BYTES_MAX} bytes"),
            )),
            _ => Ok(sheet),
        }
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        match self {
            Self::Csv(door) => door.next_line(row),
            Self::Book(door) => door.next_line(row),
            Self::Zip(door) => door.next_line(row),
            Self::Received(door) => door.next_line(row),
        }
    }

    /// What was passed over since the last call.
    pub(crate) fn left(&mut self) -> Vec<Left> {
        match self {
            Self::Csv(_) => Vec::new(),
            Self::Book(door) => door.left(),
            Self::Zip(door) => door.left(),
            Self::Received(door) => door.left(),
        }
    }

    /// What is worth saying of the whole file, so far.
    pub(crate) fn notes(&self) -> &[Remark] {
        match self {
            Self::Csv(_) => &[],
            Self::Book(door) => door.notes(),
            Self::Zip(door) => door.notes(),
            Self::Received(door) => door.notes(),
        }
    }

    pub(crate) fn skip_sheet(&mut self) {
        match self {
            Self::Csv(_) => {}
            Self::Book(door) => door.skip_sheet(),
            Self::Zip(door) => door.skip_sheet(),
            Self::Received(door) => door.skip_sheet(),
        }
    }

    /// Whether it is a text file.
    pub(crate) fn is_csv(&self) -> bool {
        match self {
            Self::Csv(_) => true,
            Self::Book(_) | Self::Zip(_) => false,
            Self::Received(door) => door.is_csv(),
        }
    }

    /// The character between the cells of a text file.
    pub(crate) fn delimiter(&self) -> u8 {
        match self {
            Self::Csv(door) => door.delimiter(),
            Self::Book(_) | Self::Zip(_) => b',',
            Self::Received(door) => door.delimiter(),
        }
    }
}
