//! Cells gathered to lines, and lines to batches, which a reading thread sends
//! to whoever judges them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

use crate::book_door::DoorSheet;
use crate::cell_name;
use crate::limits::Limits;
use crate::number_cells::write_number;
use crate::remarks::Remark;
use crate::row::{CellKind, Grid, GridCell};
use crate::unreadable::Unreadable;
use crate::walk::{Listed, Met, Stop, Walk, Walker};
use crate::workbook_check::Seen;

/// What the thread tells.
pub(crate) enum Event {
    /// A sheet begins.
    Sheet(Box<DoorSheet>),
    /// Lines of it: row number from 1, and cells.
    Lines(Vec<(u32, Grid)>),
    /// The sheet ends.
    SheetEnd,
    /// A sheet that is hidden, and not read.
    Hidden(String),
    /// The workbook ends.
    End,
    /// It can't be read on.
    Failed(Unreadable),
}

const BATCH_LINES: usize = 256;
const BATCH_BYTES: usize = 128 << 10;
const GRID_ROWS: u32 = 1_048_576;
const GRID_COLUMNS: u32 = 16_384;

/// Walks through a workbook that was looked through before, to its end. `skip`
/// holds how many sheets, from the first, are no longer wanted.
pub(crate) fn tell(
    book: &mut dyn Walk,
    seen: Vec<Seen>,
    limits: &Limits,
    events: &SyncSender<Event>,
    skip: &AtomicUsize,
) {
    let mut telling = Telling {
        limits,
        events,
        skip,
        seen: seen.into_iter(),
        ordinal: 0,
        epoch_1904: false,
        lines: Lines::new(limits, false),
    };
    let last = match book.walk(&mut telling) {
        Ok(()) => Event::End,
        Err(Stop::Unwanted) => return,
        Err(Stop::Refused(refusal)) => Event::Failed(refusal),
    };
    // If nobody listens any more, nobody misses it.
    let _ = events.send(last);
}

/// The second walk through a workbook.
struct Telling<'a> {
    limits: &'a Limits,
    events: &'a SyncSender<Event>,
    skip: &'a AtomicUsize,
    seen: std::vec::IntoIter<Seen>,
    ordinal: usize,
    epoch_1904: bool,
    lines: Lines<'a>,
}

impl Walker for Telling<'_> {
    fn sheet(&mut self, sheet: &Listed) -> Result<bool, Stop> {
        if sheet.hidden {
            self.send(Event::Hidden(sheet.name.clone()))?;
            return Ok(false);
        }
        self.ordinal += 1;
        let seen = self.seen.next().unwrap_or_default();
        self.epoch_1904 = sheet.epoch_1904;
        self.lines = Lines::new(self.limits, seen.unordered);
        let begun = begun(sheet, seen, self.limits);
        self.send(Event::Sheet(Box::new(begun)))?;
        Ok(true)
    }

    fn wanted(&self) -> bool {
        self.skip.load(Ordering::Relaxed) < self.ordinal
    }

    fn cell(&mut self, row: u32, column: u32, met: Met<'_>) -> Result<(), Stop> {
        let epoch_1904 = self.epoch_1904;
        if matches!(met, Met::Text("")) {
            return Ok(());
        }
        self.lines
            .put(row, column, |text| write_met(text, met, epoch_1904))?;
        if self.lines.is_full() {
            let batch = self.lines.batch();
            self.send(Event::Lines(batch))?;
        }
        Ok(())
    }

    fn sheet_end(&mut self) -> Result<(), Stop> {
        self.lines.end_sheet()?;
        while let Some(batch) = self.lines.rest() {
            self.send(Event::Lines(batch))?;
        }
        self.send(Event::SheetEnd)
    }
}

impl Telling<'_> {
    fn send(&self, event: Event) -> Result<(), Stop> {
        self.events.send(event).map_err(|_| Stop::Unwanted)
    }
}

/// What is said of a sheet as it begins.
pub(crate) fn begun(sheet: &Listed, seen: Seen, limits: &Limits) -> DoorSheet {
    let declared = u16::try_from(sheet.declared_columns).unwrap_or(0);
    let mut notes = Vec::new();
    if seen.merged > 0 {
        notes.push(Remark::MergedCells {
            sheet: sheet.name.clone(),
            count: u64::from(seen.merged),
        });
    }
    DoorSheet {
        name: sheet.name.clone(),
        epoch_1904: sheet.epoch_1904,
        declared_columns: if declared <= limits.columns {
            declared
        } else {
            0
        },
        notes,
        seen,
    }
}

fn write_met(text: &mut String, met: Met<'_>, epoch_1904: bool) -> (CellKind, usize) {
    let kind = match met {
        Met::Text(shown) => {
            text.push_str(shown);
            CellKind::Text
        }
        Met::Number(value, format) => return write_number(text, value, format, epoch_1904),
        Met::Written { shown, plain } => {
            text.push_str(shown);
            if shown != plain {
                text.push_str(plain);
                return (CellKind::Number, plain.len());
            }
            CellKind::Number
        }
        Met::Masked { shown, plain } => {
            text.push_str(shown);
            text.push_str(plain);
            return (CellKind::Masked, plain.len());
        }
        Met::Day(shown) => {
            text.push_str(shown);
            CellKind::Date
        }
        Met::Month(shown) => {
            let month = shown.get(..7).unwrap_or(shown);
            text.push_str(shown);
            text.push_str(month);
            return (CellKind::Date, month.len());
        }
        Met::Truth(truth) => {
            text.push_str(if truth { "TRUE" } else { "FALSE" });
            CellKind::Truth
        }
        Met::Error(shown) => {
            text.push_str(shown);
            CellKind::Error
        }
        Met::Uncalculated => CellKind::Uncalculated,
    };
    (kind, 0)
}

/// Cells gathered to lines, and lines to batches.
pub(crate) struct Lines<'a> {
    limits: &'a Limits,
    batch: Vec<(u32, Grid)>,
    bytes: usize,
    /// The row that is being gathered, from 0.
    row: Option<u32>,
    grid: Grid,
    rows: u32,
    /// The lines of a sheet whose rows are out of order; such a sheet is held
    /// whole.
    unordered: Option<BTreeMap<u32, Grid>>,
    held_bytes: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(limits: &'a Limits, unordered: bool) -> Self {
        Self {
            limits,
            batch: Vec::new(),
            bytes: 0,
            row: None,
            grid: Grid::default(),
            rows: 0,
            unordered: unordered.then(BTreeMap::new),
            held_bytes: 0,
        }
    }

    /// Whether a batch should be sent.
    pub(crate) fn is_full(&self) -> bool {
        self.batch.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES
    }

    /// Takes the lines that are complete.
    pub(crate) fn batch(&mut self) -> Vec<(u32, Grid)> {
        self.bytes = 0;
        std::mem::take(&mut self.batch)
    }

    /// Takes what is left once the sheet has ended, a batch at a time.
    pub(crate) fn rest(&mut self) -> Option<Vec<(u32, Grid)>> {
        if let Some(held) = &mut self.unordered {
            while self.batch.len() < BATCH_LINES
                && let Some((row, grid)) = held.pop_first()
            {
                self.batch.push((row + 1, grid));
            }
        }
        let batch = self.batch();
        (!batch.is_empty()).then_some(batch)
    }

    /// A cell; `write` puts what it shows behind the line's text, and tells how
    /// much of that is a number's plain text.
    pub(crate) fn put(
        &mut self,
        row: u32,
        column: u32,
        write: impl FnOnce(&mut String) -> (CellKind, usize),
    ) -> Result<(), Unreadable> {
        if row >= GRID_ROWS || column >= GRID_COLUMNS {
            return Err(Unreadable::damaged("a cell lies outside every worksheet"));
        }
        let name = || cell_name(u16::try_from(column).unwrap_or(u16::MAX), row + 1);
        if column >= u32::from(self.limits.columns) {
            let what = format!("there is something in cell {}", name());
            return Err(Unreadable::too_large(
                what,
                format!("{} columns", self.limits.columns),
            ));
        }
        if self.row != Some(row) {
            self.end_line()?;
            self.begin_line(row);
        }
        let start = self.grid.text.len();
        let (kind, plain) = write(&mut self.grid.text);
        if self.grid.text.len() - start > self.limits.cell_bytes {
            let what = format!("cell {} holds too long a text", name());
            return Err(Unreadable::too_large(
                what,
                format!("{} KB a cell", self.limits.cell_bytes >> 10),
            ));
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let end = self.grid.text.len();
        self.grid.cells.push(GridCell {
            column: u16::try_from(column).unwrap_or(u16::MAX),
            kind,
            start: place(start),
            shown_end: place(end - plain),
            plain_end: place(end),
        });
        Ok(())
    }

    fn begin_line(&mut self, row: u32) {
        self.row = Some(row);
        if let Some(held) = &mut self.unordered
            && let Some(grid) = held.remove(&row)
        {
            self.held_bytes -= weight(&grid);
            self.grid = grid;
        }
    }

    /// The sheet ends.
    pub(crate) fn end_sheet(&mut self) -> Result<(), Unreadable> {
        self.end_line()
    }

    fn end_line(&mut self) -> Result<(), Unreadable> {
        let Some(row) = self.row.take() else {
            return Ok(());
        };
        if row < self.rows && self.unordered.is_none() {
            let why = format!("row {} comes after row {}", row + 1, self.rows);
            return Err(Unreadable::damaged(why));
        }
        self.rows = self.rows.max(row + 1);
        if self.rows > self.limits.rows {
            let limit = format!("{} rows a sheet", self.limits.rows);
            return Err(Unreadable::too_large("it has too many rows", limit));
        }
        let mut grid = std::mem::take(&mut self.grid);
        if !grid
            .cells
            .is_sorted_by(|one, next| one.column < next.column)
        {
            grid.cells.sort_by_key(|cell| cell.column);
            if let Some(twice) = grid
                .cells
                .windows(2)
                .find(|pair| pair[0].column == pair[1].column)
            {
                let why = format!(
                    "cell {} is there twice",
                    cell_name(twice[0].column, row + 1)
                );
                return Err(Unreadable::damaged(why));
            }
        }
        if let Some(held) = &mut self.unordered {
            self.held_bytes += weight(&grid);
            held.insert(row, grid);
            if self.held_bytes > self.limits.unordered_bytes {
                let limit = format!("{} MB", self.limits.unordered_bytes >> 20);
                return Err(Unreadable::too_large(
                    "its rows are out of order, and there are too many to sort",
                    limit,
                ));
            }
            return Ok(());
        }
        self.bytes += grid.text.len();
        self.batch.push((row + 1, grid));
        Ok(())
    }
}

/// What a line costs in memory, about.
fn weight(grid: &Grid) -> usize {
    size_of::<Grid>() + grid.text.capacity() + grid.cells.capacity() * size_of::<GridCell>()
}
