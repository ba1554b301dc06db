//! The cells of a workbook, streamed. The parser borrows the workbook while
//! it reads, so it runs on a thread of its own and sends lines in batches;
//! reading and checking then take two cores, and a parser that panics costs
//! one file. Only the streaming reader is used: a range would ask for memory
//! for the whole grid that the file claims.

use std::collections::HashSet;
use std::fmt::Write;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::cell_name;
use crate::codes::DigitFormat;
use crate::limits::Limits;
use crate::row::{CellKind, Grid, GridCell};
use crate::unreadable::Unreadable;
use crate::workbook_check::Checked;
use crate::xlsx_door::DoorSheet;

type Book = Xlsx<BufReader<File>>;

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

/// The receiver is gone: nobody wants to know more.
struct Unwanted;

const BATCH_LINES: usize = 256;
const BATCH_BYTES: usize = 128 << 10;
const GRID_ROWS: u32 = 1_048_576;

/// Reads a workbook to its end. `skip` holds how many sheets, from the first,
/// are no longer wanted.
pub(crate) fn read(
    path: &Path,
    limits: &Limits,
    checked: &Checked,
    events: &SyncSender<Event>,
    skip: &AtomicUsize,
) {
    let last = match read_book(path, limits, checked, events, skip) {
        Ok(Ok(())) => Event::End,
        Ok(Err(Unwanted)) => return,
        Err(refusal) => Event::Failed(refusal),
    };
    // If nobody listens any more, nobody misses it.
    let _ = events.send(last);
}

fn open(path: &Path) -> Result<Book, Unreadable> {
    Book::new(BufReader::new(File::open(path)?)).map_err(refusal)
}

fn refusal(error: XlsxError) -> Unreadable {
    match error {
        XlsxError::Io(error) => Unreadable::Io(error),
        XlsxError::Password => Unreadable::Encrypted,
        // An error newer than the parser; it does not say in which cell.
        XlsxError::CellError(text) => {
            Unreadable::damaged(format!("one of its cells shows the error {text}"))
        }
        other => Unreadable::damaged(other),
    }
}

fn read_book(
    path: &Path,
    limits: &Limits,
    checked: &Checked,
    events: &SyncSender<Event>,
    skip: &AtomicUsize,
) -> Result<Result<(), Unwanted>, Unreadable> {
    let mut book = open(path)?;
    let mut styled: Option<Book> = None;
    let mut names = HashSet::new();
    let mut ordinal = 0;
    for sheet in book.sheets_metadata().to_vec() {
        if !names.insert(sheet.name.to_lowercase()) {
            return Err(Unreadable::damaged(format!(
                "two of its sheets are named `{}`",
                sheet.name
            )));
        }
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            if events.send(Event::Hidden(sheet.name)).is_err() {
                return Ok(Err(Unwanted));
            }
            continue;
        }
        ordinal += 1;
        let epoch_1904 = book.has_1904_epoch();
        let mut reader = match book.worksheet_cells_reader(&sheet.name) {
            Err(XlsxError::NotAWorksheet(_)) => continue,
            other => other.map_err(refusal)?,
        };
        let formats: Vec<Option<DigitFormat>> = reader
            .styles()
            .iter()
            .map(|style| DigitFormat::parse(&style.number_format.as_ref()?.format_code))
            .collect();
        // The parser tells formulas or formats, not both: where a format
        // writes identifiers, the sheet is read twice, in step.
        let mut styles = None;
        if formats.iter().any(Option::is_some) {
            if styled.is_none() {
                styled = Some(open(path)?);
            }
            if let Some(book) = &mut styled {
                styles = Some(book.worksheet_cells_reader(&sheet.name).map_err(refusal)?);
            }
        }
        let mut next_style = match &mut styles {
            Some(styles) => styles.next_style_id().map_err(refusal)?,
            None => None,
        };
        let seen = checked.sheets.get(&sheet.name).cloned().unwrap_or_default();
        let declared = u16::try_from(reader.dimensions().end.1.saturating_add(1)).unwrap_or(0);
        let begun = DoorSheet {
            name: sheet.name.clone(),
            epoch_1904,
            declared_columns: if declared <= limits.columns {
                declared
            } else {
                0
            },
            notes: notes(&sheet.name, &seen),
            seen,
        };
        if events.send(Event::Sheet(Box::new(begun))).is_err() {
            return Ok(Err(Unwanted));
        }
        let mut lines = Lines {
            limits,
            batch: Vec::new(),
            bytes: 0,
            row: None,
            grid: Grid::default(),
            rows: 0,
        };
        while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(refusal)? {
            let mut format = None;
            if let Some((row, column, style)) = next_style
                && (row, column) == cell.pos
            {
                format = formats.get(style).and_then(Option::as_ref);
                next_style = match &mut styles {
                    Some(styles) => styles.next_style_id().map_err(refusal)?,
                    None => None,
                };
            }
            let uncalculated = cell.formula.is_some();
            lines.cell(cell.pos, &cell.value, uncalculated, format)?;
            if lines.is_full() {
                if events
                    .send(Event::Lines(std::mem::take(&mut lines.batch)))
                    .is_err()
                {
                    return Ok(Err(Unwanted));
                }
                lines.bytes = 0;
                if skip.load(Ordering::Relaxed) >= ordinal {
                    break;
                }
            }
        }
        lines.end_line()?;
        if events
            .send(Event::Lines(lines.batch))
            .and_then(|()| events.send(Event::SheetEnd))
            .is_err()
        {
            return Ok(Err(Unwanted));
        }
    }
    Ok(Ok(()))
}

fn notes(name: &str, seen: &crate::workbook_check::Seen) -> Vec<String> {
    let mut notes = Vec::new();
    if seen.merged > 0 {
        notes.push(format!(
            "the sheet `{name}` has merged cells ({}): each counts only as its first cell",
            seen.merged
        ));
    }
    notes
}

/// Cells gathered to lines, and lines to batches.
struct Lines<'a> {
    limits: &'a Limits,
    batch: Vec<(u32, Grid)>,
    bytes: usize,
    /// The row that is being gathered, from 0.
    row: Option<u32>,
    grid: Grid,
    rows: u32,
}

impl Lines<'_> {
    fn is_full(&self) -> bool {
        self.batch.len() >= BATCH_LINES || self.bytes >= BATCH_BYTES
    }

    fn cell(
        &mut self,
        (row, column): (u32, u32),
        value: &DataRef<'_>,
        has_formula: bool,
        format: Option<&DigitFormat>,
    ) -> Result<(), Unreadable> {
        let blank = match value {
            DataRef::Empty => !has_formula,
            DataRef::String(text) => text.is_empty(),
            DataRef::SharedString(text) => text.is_empty(),
            _ => false,
        };
        if blank {
            return Ok(());
        }
        if row >= GRID_ROWS || column >= 16_384 {
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
            self.row = Some(row);
        }
        let start = self.grid.text.len();
        let (kind, plain) = write_value(&mut self.grid.text, value, format);
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

    fn end_line(&mut self) -> Result<(), Unreadable> {
        let Some(row) = self.row.take() else {
            return Ok(());
        };
        if row < self.rows {
            let why = format!("row {} comes after row {}", row + 1, self.rows);
            return Err(Unreadable::damaged(why));
        }
        self.rows = row + 1;
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
        self.bytes += grid.text.len();
        self.batch.push((row + 1, grid));
        Ok(())
    }
}

/// Writes what the sheet shows, and behind it, where a number format shows
/// something else, the number itself; tells the length of the latter.
fn write_value(
    text: &mut String,
    value: &DataRef<'_>,
    format: Option<&DigitFormat>,
) -> (CellKind, usize) {
    match value {
        DataRef::Empty => (CellKind::Uncalculated, 0),
        DataRef::Bool(truth) => {
            text.push_str(if *truth { "TRUE" } else { "FALSE" });
            (CellKind::Truth, 0)
        }
        DataRef::Error(error) => {
            push(text, format_args!("{error}"));
            (CellKind::Error, 0)
        }
        DataRef::String(string) | DataRef::DateTimeIso(string) | DataRef::DurationIso(string) => {
            text.push_str(string);
            (CellKind::Text, 0)
        }
        DataRef::SharedString(string) => {
            text.push_str(string);
            (CellKind::Text, 0)
        }
        DataRef::DateTime(date)
            if date.is_datetime() && (1.0..2_958_466.0).contains(&date.as_f64()) =>
        {
            write_date(text, date);
            (CellKind::Date, 0)
        }
        DataRef::DateTime(date) => number(text, date.as_f64(), format),
        DataRef::Float(value) => number(text, *value, format),
        DataRef::Int(value) => {
            push(text, format_args!("{value}"));
            (CellKind::Number, 0)
        }
    }
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = text.write_fmt(what);
}

fn write_date(text: &mut String, date: &ExcelDateTime) {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    push(text, format_args!("{year:04}-{month:02}-{day:02}"));
    if (hour, minute, second) != (0, 0, 0) {
        push(text, format_args!(" {hour:02}:{minute:02}:{second:02}"));
    }
}

/// A number as its shortest text that reads back the same: no arithmetic is
/// done on it, here or later.
fn number(text: &mut String, value: f64, format: Option<&DigitFormat>) -> (CellKind, usize) {
    let start = text.len();
    push(text, format_args!("{value}"));
    if let Some(format) = format {
        let digits = text[start..].to_owned();
        let mut shown = String::new();
        if digits.len() <= 15 && format.write(&digits, &mut shown) {
            text.truncate(start);
            text.push_str(&shown);
            text.push_str(&digits);
            return (CellKind::Number, digits.len());
        }
    }
    (CellKind::Number, 0)
}
