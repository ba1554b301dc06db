//! Where lines come from: a text file or a workbook.

use crate::csv_door::CsvDoor;
use crate::row::SheetRow;
use crate::unreadable::Unreadable;
use crate::xlsx_door::{DoorSheet, XlsxDoor};

/// Where lines come from.
pub(crate) enum Door {
    Csv(Box<CsvDoor>),
    Xlsx(XlsxDoor),
}

impl Door {
    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        match self {
            Self::Csv(door) => Ok(door.next_sheet()),
            Self::Xlsx(door) => door.next_sheet(),
        }
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        match self {
            Self::Csv(door) => door.next_line(row),
            Self::Xlsx(door) => door.next_line(row),
        }
    }

    pub(crate) fn hidden(&mut self) -> Vec<String> {
        match self {
            Self::Csv(_) => Vec::new(),
            Self::Xlsx(door) => door.hidden(),
        }
    }

    pub(crate) fn skip_sheet(&mut self) {
        if let Self::Xlsx(door) = self {
            door.skip_sheet();
        }
    }
}
