//! The records of a binary workbook: a number of one or two bytes, a length of
//! one to four, and as many bytes as that says, up to a limit of ours.

use std::io::{BufReader, Read};

use crate::archive::Part;
use crate::unreadable::Unreadable;
use crate::xls::container::{u16_at, u32_at};

/// The longest record that is read: a cell with the longest text that a cell
/// holds, and its formula. Longer ones are passed over.
const RECORD_BYTES: u32 = 1 << 20;

/// The records of a part, one after the other.
pub(super) struct Records<'a> {
    part: BufReader<Part<'a>>,
    data: Vec<u8>,
    /// The record was too long, and is not there.
    passed_over: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(part: Part<'a>) -> Self {
        Self {
            part: BufReader::with_capacity(64 << 10, part),
            data: Vec::new(),
            passed_over: false,
        }
    }

    /// The next record's number; its bytes are [`Records::data`]. `None` at
    /// the end of the part.
    pub(super) fn next(&mut self) -> Result<Option<u16>, Unreadable> {
        let Some(first) = self.byte()? else {
            return Ok(None);
        };
        let mut number = u16::from(first);
        if first & 0x80 != 0 {
            let second = self.needed()?;
            number = u16::from(first & 0x7F) | u16::from(second & 0x7F) << 7;
        }
        let mut bytes = 0u32;
        for shift in [0, 7, 14, 21] {
            let byte = self.needed()?;
            bytes |= u32::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        self.data.clear();
        self.passed_over = bytes > RECORD_BYTES;
        let mut record = self.part.by_ref().take(bytes.into());
        let read = if self.passed_over {
            std::io::copy(&mut record, &mut std::io::sink())
        } else {
            record.read_to_end(&mut self.data).map(|read| read as u64)
        };
        if read.map_err(Unreadable::from_reading)? < u64::from(bytes) {
            return Err(Unreadable::damaged("it ends too early"));
        }
        Ok(Some(number))
    }

    /// The next record's number, where the part must not end yet.
    pub(super) fn next_within(&mut self) -> Result<u16, Unreadable> {
        self.next()?
            .ok_or_else(|| Unreadable::damaged("it ends too early"))
    }

    /// The bytes of the last record, at least so many.
    pub(super) fn data(&self, least: usize) -> Result<&[u8], Unreadable> {
        if self.passed_over {
            let limit = format!("{} KB a record", RECORD_BYTES >> 10);
            return Err(Unreadable::too_large("it has a record too long", limit));
        }
        if self.data.len() < least {
            return Err(Unreadable::damaged("one of its records is cut short"));
        }
        Ok(&self.data)
    }

    fn byte(&mut self) -> Result<Option<u8>, Unreadable> {
        let mut byte = [0u8];
        loop {
            match self.part.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Unreadable::from_reading(error)),
            }
        }
    }

    fn needed(&mut self) -> Result<u8, Unreadable> {
        self.byte()?
            .ok_or_else(|| Unreadable::damaged("it ends too early"))
    }
}

/// A text behind its length, written to `text`; the place behind it.
pub(super) fn read_text(data: &[u8], at: usize, text: &mut String) -> Result<usize, Unreadable> {
    let cut = || Unreadable::damaged("one of its texts is cut short");
    let count = u32_at(data, at) as usize;
    // No text at all, where there may be none.
    if count == 0xFFFF_FFFF {
        return Ok(at + 4);
    }
    let end = count
        .checked_mul(2)
        .and_then(|bytes| bytes.checked_add(at + 4))
        .ok_or_else(cut)?;
    let letters = data.get(at + 4..end).ok_or_else(cut)?;
    let units = letters.chunks_exact(2).map(|pair| u16_at(pair, 0));
    text.extend(
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)),
    );
    Ok(end)
}
