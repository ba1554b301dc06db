//! The lines of a workbook of any kind, as the reading thread sends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use serde::{Deserialize, Serialize};

use crate::door::Left;
use crate::limits::Limits;
use crate::lines::{self, Event};
use crate::macro_sheets;
use crate::ods::Ods;
use crate::remarks::{Remark, SheetWhy};
use crate::row::{Cells, Grid, SheetRow};
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::walk::{Looking, Stop, Walk};
use crate::workbook_check::{self, Seen};
use crate::xls::Xls;
use crate::xlsb::Xlsb;
use crate::xlsx_cells;

/// A kind of workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookKind {
    /// Excel since 2007.
    Xlsx,
    /// The same in a binary writing.
    Xlsb,
    /// Excel 5 to 2003.
    Xls,
    /// OpenDocument: LibreOffice and others.
    Ods,
}

/// A sheet as it begins, before its headings are looked for.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct DoorSheet {
    pub(crate) name: String,
    pub(crate) epoch_1904: bool,
    /// How many columns the sheet says it has: a hint, 0 if absurd.
    pub(crate) declared_columns: u16,
    pub(crate) notes: Vec<Remark>,
    pub(crate) seen: Seen,
}

/// The receiving end of a workbook that is being read.
pub(crate) struct BookDoor {
    events: Receiver<Event>,
    lines: std::vec::IntoIter<(u32, Grid)>,
    /// How many sheets, from the first, are no longer wanted.
    skip: Arc<AtomicUsize>,
    begun: usize,
    in_sheet: bool,
    ended: bool,
    notes: Vec<Remark>,
    left: Vec<Left>,
}

/// Batches in flight: enough that neither side waits for long.
const IN_FLIGHT: usize = 4;

impl BookDoor {
    pub(crate) fn open(
        kind: BookKind,
        source: &Source,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        match kind {
            BookKind::Xlsx => {
                let checked = workbook_check::check(source, limits)?;
                let (source, limits) = (source.clone(), limits.clone());
                let mut nowhere = Vec::new();
                let mut read = source.clone();
                if let Some(list) = checked.list
                    && let Some(copy) = macro_sheets::without(&source, list, &limits)?
                {
                    (read, nowhere) = (copy, checked.nowhere.clone());
                }
                let mut door = Self::begin(checked.has_macros, move |events, skip| {
                    xlsx_cells::read(&read, &limits, &checked, events, skip);
                })?;
                door.left.extend(nowhere.into_iter().map(|sheet| Left {
                    sheet,
                    why: SheetWhy::Macros,
                }));
                Ok(door)
            }
            BookKind::Xlsb => {
                let book = Xlsb::open(source, limits)?;
                Self::walk(book.has_macros(), book, limits)
            }
            BookKind::Xls => {
                let book = Xls::open(source, limits)?;
                Self::walk(book.has_macros(), book, limits)
            }
            BookKind::Ods => {
                let book = Ods::open(source, limits)?;
                Self::walk(book.has_macros(), book, limits)
            }
        }
    }

    /// Looks through a workbook, and begins to read it.
    fn walk(
        has_macros: bool,
        mut book: impl Walk + Send + 'static,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let mut looking = Looking::new(limits);
        match book.walk(&mut looking) {
            Ok(()) | Err(Stop::Unwanted) => {}
            Err(Stop::Refused(refusal)) => return Err(refusal),
        }
        let (seen, limits) = (looking.sheets, limits.clone());
        Self::begin(has_macros, move |events, skip| {
            lines::tell(&mut book, seen, &limits, events, skip);
        })
    }

    fn begin(
        has_macros: bool,
        read: impl FnOnce(&SyncSender<Event>, &AtomicUsize) + Send + 'static,
    ) -> Result<Self, Unreadable> {
        let mut notes = Vec::new();
        if has_macros {
            notes.push(Remark::Macros);
        }
        let (sender, events) = sync_channel(IN_FLIGHT);
        let skip = Arc::new(AtomicUsize::new(0));
        let shared = Arc::clone(&skip);
        thread::Builder::new()
            .name("workbook".to_owned())
            .spawn(move || read(&sender, &shared))?;
        Ok(Self {
            events,
            lines: Vec::new().into_iter(),
            skip,
            begun: 0,
            in_sheet: false,
            ended: false,
            notes,
            left: Vec::new(),
        })
    }

    /// What is worth saying of the whole file, so far.
    pub(crate) fn notes(&self) -> &[Remark] {
        &self.notes
    }

    /// The sheets that were passed over since the last call: hidden ones, and those of macros.
    pub(crate) fn left(&mut self) -> Vec<Left> {
        std::mem::take(&mut self.left)
    }

    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        self.lines = Vec::new().into_iter();
        while !self.ended {
            match self.receive()? {
                Event::Sheet(sheet) => {
                    self.begun += 1;
                    self.in_sheet = true;
                    return Ok(Some(*sheet));
                }
                Event::Hidden(sheet) => {
                    self.notes.push(Remark::HiddenSheet(sheet.clone()));
                    self.left.push(Left {
                        sheet,
                        why: SheetWhy::Hidden,
                    });
                }
                Event::End => self.ended = true,
                Event::Lines(_) | Event::SheetEnd | Event::Failed(_) => {}
            }
        }
        Ok(None)
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        loop {
            if let Some((number, grid)) = self.lines.next() {
                row.number = number;
                row.cells = Cells::Grid(grid);
                return Ok(true);
            }
            if !self.in_sheet {
                return Ok(false);
            }
            match self.receive()? {
                Event::Lines(lines) => self.lines = lines.into_iter(),
                Event::End => (self.in_sheet, self.ended) = (false, true),
                Event::SheetEnd | Event::Sheet(_) | Event::Hidden(_) | Event::Failed(_) => {
                    self.in_sheet = false
                }
            }
        }
    }

    /// The rest of the sheet is not wanted.
    pub(crate) fn skip_sheet(&mut self) {
        self.in_sheet = false;
        self.skip.store(self.begun, Ordering::Relaxed);
    }

    fn receive(&mut self) -> Result<Event, Unreadable> {
        match self.events.recv() {
            Ok(Event::Failed(refusal)) => {
                (self.in_sheet, self.ended) = (false, true);
                Err(refusal)
            }
            Ok(event) => Ok(event),
            Err(_) => {
                (self.in_sheet, self.ended) = (false, true);
                Err(Unreadable::damaged("its reader gave up"))
            }
        }
    }
}
