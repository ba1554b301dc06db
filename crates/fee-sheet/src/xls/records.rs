//! The records of an old workbook: a number, a length, and at most 64 KB.

use std::io::Read;

use super::container::{Stream, u16_at};
use crate::unreadable::Unreadable;

/// Goes on with the record before it.
const CONTINUE: u16 = 0x003C;

/// The records of a stream, one after the other.
pub(crate) struct Records {
    stream: Stream,
    /// The number and length of the record to come, already read.
    ahead: Option<(u16, u16)>,
    data: Vec<u8>,
    /// Bytes read since [`Records::begin_again`], and the most there may be:
    /// sheets that lie inside one another are read again and again.
    read: u64,
    read_max: u64,
}

impl Records {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            read: 0,
            read_max: stream.len().saturating_mul(3).max(1 << 20),
            stream,
            ahead: None,
            data: Vec::new(),
        }
    }

    /// What was read so far does not count: all of it is read again.
    pub(crate) fn begin_again(&mut self) {
        self.read = 0;
    }

    /// Goes to a place in the stream.
    pub(crate) fn go_to(&mut self, place: u64) -> Result<(), Unreadable> {
        self.ahead = None;
        self.stream.go_to(place).map_err(Unreadable::from_reading)
    }

    /// The next record's number; its bytes are [`Records::data`]. `None` at
    /// the end of the stream.
    pub(crate) fn next(&mut self) -> Result<Option<u16>, Unreadable> {
        let Some((number, bytes)) = self.peek()? else {
            return Ok(None);
        };
        self.ahead = None;
        self.read += 4 + u64::from(bytes);
        if self.read > self.read_max {
            return Err(Unreadable::damaged("its sheets lie inside one another"));
        }
        self.data.resize(usize::from(bytes), 0);
        self.stream
            .read_exact(&mut self.data)
            .map_err(Unreadable::from_reading)?;
        Ok(Some(number))
    }

    /// The bytes of the last record.
    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    fn peek(&mut self) -> Result<Option<(u16, u16)>, Unreadable> {
        if self.ahead.is_none() {
            let mut head = [0u8; 4];
            let mut filled = 0;
            while filled < head.len() {
                match self.stream.read(&mut head[filled..])? {
                    0 => break,
                    read => filled += read,
                }
            }
            // What is left of the last sector may be cut anywhere.
            if filled < head.len() {
                return Ok(None);
            }
            self.ahead = Some((u16_at(&head, 0), u16_at(&head, 2)));
        }
        Ok(self.ahead)
    }

    /// Goes on with the record that continues this one; `false` if none does.
    fn go_on(&mut self) -> Result<bool, Unreadable> {
        if !matches!(self.peek()?, Some((CONTINUE, _))) {
            return Ok(false);
        }
        Ok(self.next()?.is_some())
    }
}

/// The last record and those that continue it, as one run of bytes.
pub(crate) struct Run<'a> {
    records: &'a mut Records,
    at: usize,
    units: Vec<u16>,
}

impl<'a> Run<'a> {
    /// Begins behind so many bytes of the last record.
    pub(crate) fn new(records: &'a mut Records, at: usize) -> Self {
        Self {
            records,
            at,
            units: Vec::new(),
        }
    }

    /// Whether there is anything more.
    pub(crate) fn more(&mut self) -> Result<bool, Unreadable> {
        while self.at >= self.records.data.len() {
            if !self.records.go_on()? {
                return Ok(false);
            }
            self.at = 0;
        }
        Ok(true)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Unreadable> {
        if !self.more()? {
            return Err(Unreadable::damaged("a text of it ends too early"));
        }
        self.at += 1;
        Ok(self.records.data[self.at - 1])
    }

    pub(crate) fn short(&mut self) -> Result<u16, Unreadable> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(crate) fn long(&mut self) -> Result<u32, Unreadable> {
        Ok(u32::from(self.short()?) | u32::from(self.short()?) << 16)
    }

    pub(crate) fn skip(&mut self, mut bytes: u64) -> Result<(), Unreadable> {
        while bytes > 0 {
            if !self.more()? {
                return Err(Unreadable::damaged("a text of it ends too early"));
            }
            let here = (self.records.data.len() - self.at) as u64;
            let step = here.min(bytes);
            self.at += usize::try_from(step).unwrap_or(usize::MAX);
            bytes -= step;
        }
        Ok(())
    }

    /// So many letters, of one byte or of two; where a record ends among them,
    /// the next one begins by saying which.
    pub(crate) fn letters(
        &mut self,
        count: usize,
        mut wide: bool,
        text: &mut String,
    ) -> Result<(), Unreadable> {
        self.units.clear();
        while self.units.len() < count {
            if self.at >= self.records.data.len() {
                wide = self.byte()? & 1 != 0;
                continue;
            }
            let rest = &self.records.data[self.at..];
            let wanted = count - self.units.len();
            if wide {
                let units = rest.chunks_exact(2).take(wanted);
                let taken = units.len();
                if taken == 0 {
                    let unit = self.short()?;
                    self.units.push(unit);
                    continue;
                }
                self.units.extend(units.map(|pair| u16_at(pair, 0)));
                self.at += 2 * taken;
            } else {
                let taken = rest.len().min(wanted);
                self.units
                    .extend(rest[..taken].iter().map(|byte| u16::from(*byte)));
                self.at += taken;
            }
        }
        text.extend(
            char::decode_utf16(self.units.iter().copied())
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
        Ok(())
    }
}
