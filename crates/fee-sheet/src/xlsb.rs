//! Workbooks of Excel in their binary writing (`.xlsb`), read record by record
//! out of the archive that they are. The parser that reads the other kinds
//! tells neither hidden rows nor formats, and takes the lengths of records at
//! their word.

mod cells;
mod globals;
mod records;

use crate::archive::Archive;
use crate::limits::Limits;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::walk::{Listed, Stop, Walk, Walker};
use globals::Globals;
use records::Records;

/// A workbook, its list of sheets and its texts read.
pub(crate) struct Xlsb {
    archive: Archive,
    globals: Globals,
}

impl Xlsb {
    pub(crate) fn open(source: &Source, limits: &Limits) -> Result<Self, Unreadable> {
        let mut archive = Archive::open(source, limits)?;
        archive.refuse_alike()?;
        let globals = Globals::read(&mut archive, limits)?;
        Ok(Self { archive, globals })
    }

    pub(crate) fn has_macros(&self) -> bool {
        self.archive.has("xl/vbaproject.bin")
    }
}

impl Walk for Xlsb {
    fn walk(&mut self, walker: &mut dyn Walker) -> Result<(), Stop> {
        self.archive.begin_again();
        for sheet in &self.globals.sheets {
            let mut listed = Listed {
                name: sheet.name.clone(),
                hidden: sheet.hidden,
                epoch_1904: self.globals.epoch_1904,
                declared_columns: 0,
            };
            if sheet.hidden {
                walker.sheet(&listed)?;
                continue;
            }
            let place = self.archive.place(&sheet.part).ok_or_else(|| {
                Unreadable::damaged(format!("the sheet `{}` is not in it", sheet.name))
            })?;
            let mut records = Records::new(self.archive.part(place)?);
            listed.declared_columns = cells::begin(&mut records)?;
            if walker.sheet(&listed)? {
                cells::walk(&mut records, &self.globals, walker)?;
                walker.sheet_end()?;
            }
        }
        Ok(())
    }
}
