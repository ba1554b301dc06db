//! Workbooks of Excel 5 to 2003 (`.xls`), read record by record. The parser
//! that reads the newer kinds holds a whole sheet as a grid, and tells neither
//! hidden rows nor formats nor formulas without a value; so the records are
//! read here.

mod cells;
pub(crate) mod container;
mod globals;
mod records;

use crate::limits::Limits;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::walk::{Listed, Stop, Walk, Walker};
pub(crate) use cells::error_name;
use container::Container;
use globals::Globals;
use records::Records;

/// A workbook, its list of sheets and its texts read.
pub(crate) struct Xls {
    records: Records,
    globals: Globals,
    has_macros: bool,
}

impl Xls {
    pub(crate) fn open(source: &Source, limits: &Limits) -> Result<Self, Unreadable> {
        let container = Container::open(source)?;
        let stream = match container.stream("Workbook")? {
            Some(stream) => Some(stream),
            None => container.stream("Book")?,
        };
        let stream = stream.ok_or_else(|| Unreadable::damaged("there is no workbook in it"))?;
        let mut records = Records::new(stream);
        let globals = Globals::read(&mut records, limits)?;
        Ok(Self {
            records,
            globals,
            has_macros: container.has("_VBA_PROJECT_CUR"),
        })
    }

    pub(crate) fn has_macros(&self) -> bool {
        self.has_macros
    }
}

impl Walk for Xls {
    fn walk(&mut self, walker: &mut dyn Walker) -> Result<(), Stop> {
        self.records.begin_again();
        for sheet in &self.globals.sheets {
            self.records.go_to(u64::from(sheet.place))?;
            let Some(declared_columns) = cells::begin(&mut self.records)? else {
                continue;
            };
            let listed = Listed {
                name: sheet.name.clone(),
                hidden: sheet.hidden,
                epoch_1904: self.globals.epoch_1904,
                declared_columns,
            };
            if !walker.sheet(&listed)? {
                continue;
            }
            self.records.go_to(u64::from(sheet.place))?;
            cells::walk(&mut self.records, &self.globals, walker)?;
            walker.sheet_end()?;
        }
        Ok(())
    }
}
