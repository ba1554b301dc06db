//! The lines of a workbook, as the reading thread sends them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::limits::Limits;
use crate::row::{Cells, Grid, SheetRow};
use crate::unreadable::Unreadable;
use crate::workbook_check::{self, Seen};
use crate::xlsx_cells::{self, Event};

/// A sheet as it begins, before its headings are looked for.
#[derive(Debug, Default, Clone)]
pub(crate) struct DoorSheet {
    pub(crate) name: String,
    pub(crate) epoch_1904: bool,
    /// How many columns the sheet says it has: a hint, 0 if absurd.
    pub(crate) declared_columns: u16,
    pub(crate) notes: Vec<String>,
    pub(crate) seen: Seen,
}

/// The receiving end of a workbook that is being read.
pub(crate) struct XlsxDoor {
    events: Receiver<Event>,
    lines: std::vec::IntoIter<(u32, Grid)>,
    /// How many sheets, from the first, are no longer wanted.
    skip: Arc<AtomicUsize>,
    begun: usize,
    in_sheet: bool,
    ended: bool,
    notes: Vec<String>,
    hidden: Vec<String>,
}

/// Batches in flight: enough that neither side waits for long.
const IN_FLIGHT: usize = 4;

impl XlsxDoor {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, Unreadable> {
        let checked = workbook_check::check(path, limits)?;
        let mut notes = Vec::new();
        if checked.has_macros {
            notes.push(
                "the workbook has macros: they were not run, only values were read".to_owned(),
            );
        }
        let (sender, events) = sync_channel(IN_FLIGHT);
        let skip = Arc::new(AtomicUsize::new(0));
        let (path, limits, shared) = (path.to_owned(), limits.clone(), Arc::clone(&skip));
        thread::Builder::new()
            .name("workbook".to_owned())
            .spawn(move || xlsx_cells::read(&path, &limits, &checked, &sender, &shared))?;
        Ok(Self {
            events,
            lines: Vec::new().into_iter(),
            skip,
            begun: 0,
            in_sheet: false,
            ended: false,
            notes,
            hidden: Vec::new(),
        })
    }

    /// What is worth saying of the whole file, so far.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The hidden sheets that were passed over since the last call.
    pub(crate) fn hidden(&mut self) -> Vec<String> {
        std::mem::take(&mut self.hidden)
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
                    self.notes
                        .push(format!("the sheet `{sheet}` is hidden and was left"));
                    self.hidden.push(sheet);
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
