//! The lines of a file that somebody else takes apart, as they come. Nothing
//! of it is believed: what can't be ends the reading, and so does a closing
//! count that is not what came.

use std::io::{self, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::ReadOptions;
use crate::book_door::DoorSheet;
use crate::door::Left;
use crate::frames::{self, End, Kind, Lie, LinesIn, Opened, SENT_BYTES_MAX, SheetEnd};
use crate::limits::Limits;
use crate::read_by::{AnotherReader, Broke, LineStream};
use crate::remarks::Remark;
use crate::row::SheetRow;
use crate::unreadable::Unreadable;

/// Read from the stream at a time.
const BUFFER: usize = 128 << 10;

/// Bytes of names and notes that are taken of one file.
const SAID_BYTES_MAX: usize = 16 << 20;

/// A file that somebody else takes apart.
pub(crate) struct ReceivedDoor {
    stream: BufReader<Box<dyn LineStream>>,
    limits: Limits,
    opened: Opened,
    /// The memory of a frame, used again.
    frame: Vec<u8>,
    block: LinesIn,
    notes: Vec<Remark>,
    left: Vec<Left>,
    said_bytes: usize,
    /// Bytes of all frames.
    bytes: u64,
    sheets: u32,
    /// Lines of the sheet, and of the file before it.
    lines: u64,
    lines_before: u64,
    last_row: u32,
    in_sheet: bool,
    ended: bool,
}

impl ReceivedDoor {
    pub(crate) fn open(
        reader: &dyn AnotherReader,
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
    ) -> Result<Self, Unreadable> {
        let stream = reader.begin(path, file_name, options)?;
        let mut door = Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            limits: options.limits.clone(),
            opened: Opened {
                is_csv: false,
                delimiter: b',',
            },
            frame: Vec::new(),
            block: LinesIn::default(),
            notes: Vec::new(),
            left: Vec::new(),
            said_bytes: 0,
            bytes: 0,
            sheets: 0,
            lines: 0,
            lines_before: 0,
            last_row: 0,
            in_sheet: false,
            ended: false,
        };
        match door.frame()? {
            Kind::Opened => door.opened = door.json()?,
            other => return Err(door.unexpected(other)),
        }
        Ok(door)
    }

    pub(crate) fn is_csv(&self) -> bool {
        self.opened.is_csv
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.opened.delimiter
    }

    pub(crate) fn notes(&self) -> &[Remark] {
        &self.notes
    }

    pub(crate) fn left(&mut self) -> Vec<Left> {
        std::mem::take(&mut self.left)
    }

    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        while self.in_sheet {
            // What was not wanted, and had been sent all the same.
            self.frame_of_lines()?;
        }
        while !self.ended {
            match self.frame()? {
                Kind::Left => {
                    self.said(self.frame.len())?;
                    let left = self.json()?;
                    self.left.push(left);
                }
                Kind::Note => {
                    self.said(self.frame.len())?;
                    let note = self.json()?;
                    self.notes.push(note);
                }
                Kind::Sheet => {
                    self.said(self.frame.len())?;
                    self.sheets = self.sheets.saturating_add(1);
                    (self.lines, self.last_row, self.in_sheet) = (0, 0, true);
                    self.block = LinesIn::default();
                    return self.json().map(Some);
                }
                Kind::End => {
                    let end: End = self.json()?;
                    if (end.sheets, end.lines) != (self.sheets, self.lines_before) {
                        return Err(self.lied("its closing count is wrong"));
                    }
                    self.ended = true;
                    if !self.stream.buffer().is_empty() {
                        return Err(self.lied("it goes on after its end"));
                    }
                    self.stream.get_mut().ended_well()?;
                }
                other => return Err(self.unexpected(other)),
            }
        }
        Ok(None)
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        while self.in_sheet {
            match self.block.next(row, &self.limits) {
                Ok(true) if row.number > self.last_row && row.number <= self.limits.rows => {
                    self.last_row = row.number;
                    return Ok(true);
                }
                Ok(true) => return Err(self.lied("rows out of order")),
                Ok(false) => self.frame_of_lines()?,
                Err(lie) => return Err(self.lied(lie)),
            }
        }
        Ok(false)
    }

    /// The rest of the sheet is not wanted.
    pub(crate) fn skip_sheet(&mut self) {
        self.stream.get_mut().skip(self.sheets);
    }

    /// Takes the next lines of the sheet, or its end.
    fn frame_of_lines(&mut self) -> Result<(), Unreadable> {
        match self.frame()? {
            Kind::Lines => match self.block.take(&self.frame) {
                Ok(_) if self.bytes > SENT_BYTES_MAX => Err(self.lied("lines without end")),
                Ok(lines) => {
                    self.lines += u64::from(lines);
                    Ok(())
                }
                Err(lie) => Err(self.lied(lie)),
            },
            Kind::SheetEnd => {
                let end: SheetEnd = self.json()?;
                if end.lines != self.lines {
                    return Err(self.lied("the count of a sheet is wrong"));
                }
                self.lines_before += self.lines;
                self.in_sheet = false;
                Ok(())
            }
            other => Err(self.unexpected(other)),
        }
    }

    /// Reads a frame, and tells its kind.
    fn frame(&mut self) -> Result<Kind, Unreadable> {
        let (kind, length) = match frames::read_head(&mut self.stream) {
            Ok(Some(head)) => head,
            Ok(None) => return Err(self.lied("a frame of no kind")),
            Err(error) => return Err(self.early(error)),
        };
        self.bytes += length as u64;
        match frames::read_bytes(&mut self.stream, length, &mut self.frame) {
            Ok(()) => Ok(kind),
            Err(error) => Err(self.early(error)),
        }
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, Unreadable> {
        match serde_json::from_slice(&self.frame) {
            Ok(what) => Ok(what),
            Err(_) => Err(self.lied("a frame that does not say what it should")),
        }
    }

    fn said(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.said_bytes = self.said_bytes.saturating_add(bytes);
        match self.said_bytes > SAID_BYTES_MAX {
            true => Err(Unreadable::too_large(
                "the names of its sheets, and what is to be said of them, are too long",
                format!("{} MB", SAID_BYTES_MAX >> 20),
            )),
            false => Ok(()),
        }
    }

    /// A frame that has no place here; a refusal has one everywhere.
    fn unexpected(&mut self, kind: Kind) -> Unreadable {
        if kind != Kind::Refused {
            return self.lied("a frame out of place");
        }
        match self.json() {
            // The sender reads on no more; how it ends says nothing new.
            Ok(refusal) | Err(refusal) => {
                self.close();
                refusal
            }
        }
    }

    fn lied(&mut self, lie: Lie) -> Unreadable {
        self.close();
        self.stream.get_mut().broke(Broke::Lied(lie))
    }

    fn early(&mut self, error: io::Error) -> Unreadable {
        self.close();
        self.stream.get_mut().broke(Broke::Early(error))
    }

    fn close(&mut self) {
        (self.in_sheet, self.ended) = (false, true);
    }
}
