//! CSV in every dress: lines as records with the numbers that a spreadsheet
//! would show beside them. The `csv` crate does the splitting; what it is
//! lenient about and we may not be (an open quote that swallows the cells or
//! the lines after it) is checked on the bytes of each record.

use std::io::{self, Read};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::book_door::DoorSheet;
use crate::delimiter;
use crate::encodings::{TextEncoding, Utf8Stream};
use crate::header::Matcher;
use crate::headings::is_blank;
use crate::limits::Limits;
use crate::quoting::{Quoting, Tight, lone_mark, swallowed};
use crate::row::{Cells, SheetRow};
use crate::source::Source;
use crate::unreadable::Unreadable;

const BUFFER: usize = 64 << 10;
const SAMPLE: u64 = 256 << 10;

/// The lines of a text file.
pub(crate) struct CsvDoor {
    reader: Reader<Window>,
    delimiter: u8,
    quoting: Quoting,
    sheet: Option<DoorSheet>,
    limits: Limits,
    /// Where the last record begins, and the one to come, in bytes of UTF-8.
    last_start: u64,
    next_start: u64,
    /// Rows as a spreadsheet counts, and lines as an editor does.
    rows: u32,
    lines: u64,
    /// The last record ended in a CR, whose LF is still to come.
    after_cr: bool,
    ended: bool,
}

impl CsvDoor {
    pub(crate) fn open(
        source: &Source,
        file_name: &str,
        encoding: TextEncoding,
        matcher: &Matcher,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let mut sample = Vec::new();
        Utf8Stream::new(source.open()?, encoding)?
            .take(SAMPLE)
            .read_to_end(&mut sample)?;
        let complete = (sample.len() as u64) < SAMPLE;
        let sample = String::from_utf8_lossy(&sample);
        if complete && is_blank(&sample) {
            return Err(Unreadable::Empty);
        }
        let layout = delimiter::told(&sample, complete, limits.header_lines, matcher);
        let quoting = Quoting::told(&sample, complete, layout.delimiter);
        let text = Utf8Stream::new(source.open()?, encoding)?;
        let window = Window {
            inner: Tight::new(text, layout.delimiter, quoting),
            kept: Vec::new(),
            kept_from: 0,
            keep_from: 0,
            limit: limits.record_bytes + 2 * BUFFER,
            overflowed: false,
        };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(layout.delimiter)
            .quote(quoting.mark)
            .escape(quoting.escape)
            .buffer_capacity(BUFFER)
            .from_reader(window);
        let stem = Path::new(file_name)
            .file_stem()
            .unwrap_or(file_name.as_ref());
        let mut door = Self {
            reader,
            delimiter: layout.delimiter,
            quoting,
            sheet: Some(DoorSheet {
                name: stem.to_string_lossy().into_owned(),
                ..DoorSheet::default()
            }),
            limits: limits.clone(),
            last_start: 0,
            next_start: 0,
            rows: 0,
            lines: 1,
            after_cr: false,
            ended: false,
        };
        if layout.says_separator {
            let mut record = StringRecord::new();
            door.read(&mut record)?;
            door.rows = 0;
        }
        Ok(door)
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub(crate) fn next_sheet(&mut self) -> Option<DoorSheet> {
        self.sheet.take()
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        if !matches!(row.cells, Cells::Text(_)) {
            row.cells = Cells::Text(StringRecord::new());
        }
        let Cells::Text(record) = &mut row.cells else {
            return Ok(false);
        };
        if !self.read(record)? {
            return Ok(false);
        }
        row.number = self.rows;
        if record.len() > usize::from(self.limits.columns)
            && record
                .iter()
                .skip(usize::from(self.limits.columns))
                .any(|cell| !is_blank(cell))
        {
            let what = format!("row {} has {} columns", self.rows, record.len());
            return Err(Unreadable::too_large(
                what,
                format!("{} columns", self.limits.columns),
            ));
        }
        if record.as_slice().len() > self.limits.cell_bytes
            && let Some(column) = record
                .iter()
                .position(|cell| cell.len() > self.limits.cell_bytes)
        {
            let name = crate::cell_name(u16::try_from(column).unwrap_or(u16::MAX), self.rows);
            let what = format!(
                "cell {name} holds {} KB of text",
                record[column].len() >> 10
            );
            return Err(Unreadable::too_large(
                what,
                format!("{} KB a cell", self.limits.cell_bytes >> 10),
            ));
        }
        Ok(true)
    }

    fn read(&mut self, record: &mut StringRecord) -> Result<bool, Unreadable> {
        if self.ended {
            return Ok(false);
        }
        self.last_start = self.next_start;
        self.reader.get_mut().keep_from = self.last_start;
        let read = self
            .reader
            .read_record(record)
            .map_err(|error| self.refusal(error))?;
        let end = self.reader.position().byte();
        let raw = self.reader.get_ref().between(self.last_start, end);
        let blank = blank_lines(raw, self.after_cr);
        if !read {
            self.ended = true;
            return Ok(false);
        }
        let raw = &raw[blank.bytes..];
        let first_line = self.lines + u64::from(blank.lines);
        let spans = record
            .as_slice()
            .bytes()
            .any(|byte| byte == b'\n' || byte == b'\r');
        if raw.contains(&self.quoting.mark) {
            let lone = lone_mark(raw, self.delimiter, self.quoting);
            let swallowed = || spans.then(|| swallowed(raw, self.delimiter, self.quoting.mark));
            if let Some(line) = lone.or_else(|| swallowed().flatten()) {
                return Err(Unreadable::UnbalancedQuote {
                    line: first_line + line,
                });
            }
        }
        self.after_cr = raw.last() == Some(&b'\r');
        self.lines = first_line + if spans { line_ends(raw) } else { 1 };
        self.rows = self.rows.saturating_add(blank.lines).saturating_add(1);
        self.next_start = end;
        if self.rows > self.limits.rows {
            let limit = format!("{} rows a sheet", self.limits.rows);
            return Err(Unreadable::too_large("it has too many rows", limit));
        }
        Ok(true)
    }

    /// What a failed read means: a record without end is an open quote, or a
    /// line that nobody typed.
    fn refusal(&self, error: csv::Error) -> Unreadable {
        let window = self.reader.get_ref();
        if window.overflowed {
            let raw = window.between(self.last_start, u64::MAX);
            let blank = blank_lines(raw, self.after_cr);
            let first_line = self.lines + u64::from(blank.lines);
            if let Some(line) = lone_mark(&raw[blank.bytes..], self.delimiter, self.quoting) {
                return Unreadable::UnbalancedQuote {
                    line: first_line + line,
                };
            }
            if raw.len() == blank.bytes {
                let line = self.lines;
                let what = format!("{} lines from line {line} on are blank", blank.lines);
                let limit = format!("{} KB of blank lines", self.limits.record_bytes >> 10);
                return Unreadable::too_large(what, limit);
            }
            let what = format!("line {first_line} is longer than a line of a sheet");
            return Unreadable::too_large(
                what,
                format!("{} KB a line", self.limits.record_bytes >> 10),
            );
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Unreadable::Io(error),
            other => Unreadable::damaged(format!("line {}: {other:?}", self.lines)),
        }
    }
}

struct BlankLines {
    lines: u32,
    bytes: usize,
}

/// The line ends before a record: each is a row that a spreadsheet shows
/// blank, and that the `csv` crate passes over.
fn blank_lines(raw: &[u8], after_cr: bool) -> BlankLines {
    let mut blank = BlankLines { lines: 0, bytes: 0 };
    if after_cr && raw.first() == Some(&b'\n') {
        blank.bytes = 1;
    }
    loop {
        match raw[blank.bytes..] {
            [b'\r', b'\n', ..] => blank.bytes += 2,
            [b'\r' | b'\n', ..] => blank.bytes += 1,
            _ => return blank,
        }
        blank.lines += 1;
    }
}

fn line_ends(raw: &[u8]) -> u64 {
    let ends = |index: usize, byte: u8| {
        byte == b'\n' || byte == b'\r' && raw.get(index + 1) != Some(&b'\n')
    };
    raw.iter()
        .enumerate()
        .filter(|(index, byte)| ends(*index, **byte))
        .count() as u64
}

/// A stream that keeps the bytes of the record that is being read, and ends
/// in an error if the record has no end.
struct Window {
    inner: Tight<Utf8Stream>,
    kept: Vec<u8>,
    /// The place of the first kept byte.
    kept_from: u64,
    /// The place of the first byte still wanted.
    keep_from: u64,
    limit: usize,
    overflowed: bool,
}

impl Window {
    fn between(&self, start: u64, end: u64) -> &[u8] {
        let at = |place: u64| {
            let offset = place.saturating_sub(self.kept_from);
            usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(self.kept.len())
        };
        &self.kept[at(start)..at(end)]
    }
}

impl Read for Window {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let unwanted = self.keep_from.saturating_sub(self.kept_from);
        let unwanted = usize::try_from(unwanted)
            .unwrap_or(usize::MAX)
            .min(self.kept.len());
        self.kept.drain(..unwanted);
        self.kept_from += unwanted as u64;
        if self.kept.len() > self.limit {
            self.overflowed = true;
            return Err(io::Error::other("a record without end"));
        }
        let read = self.inner.read(out)?;
        self.kept.extend_from_slice(&out[..read]);
        Ok(read)
    }
}
