//! Lines on their way from one process to another, in frames: a kind, a
//! length, and that many bytes. A frame of lines holds many of them, first the
//! shape of every cell and then all their texts in one piece, so that a
//! million rows cost little more than copying their bytes. What the frames
//! mean is in [`crate::sending`] and [`crate::receiving`].

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

mod cells;

pub(crate) use cells::{Lie, LinesIn, LinesOut, line_bytes_max};

/// No frame is longer: a block, and a line as long as a line may be.
pub(crate) const FRAME_BYTES_MAX: usize = 4 << 20;

/// All lines of a file together are no more.
pub(crate) const SENT_BYTES_MAX: u64 = 2 << 30;

/// A block of lines is sent once it is this large.
pub(crate) const BLOCK_BYTES: usize = 64 << 10;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The file is open: [`Opened`].
    Opened = 1,
    /// A sheet that is not read: [`crate::door::Left`].
    Left,
    /// A sentence about the file as a whole.
    Note,
    /// A sheet begins: [`crate::xlsx_door::DoorSheet`].
    Sheet,
    /// Lines of it.
    Lines,
    /// The sheet ends: [`SheetEnd`].
    SheetEnd,
    /// The file ends: [`End`].
    End,
    /// It can't be read (on): [`crate::Unreadable`].
    Refused,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::Opened,
        Kind::Left,
        Kind::Note,
        Kind::Sheet,
        Kind::Lines,
        Kind::SheetEnd,
        Kind::End,
        Kind::Refused,
    ];

    fn of(byte: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What is known of a file that is open.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    pub(crate) is_csv: bool,
    pub(crate) delimiter: u8,
}

/// How many lines a sheet had.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SheetEnd {
    pub(crate) lines: u64,
}

/// The closing count.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) sheets: u32,
    pub(crate) lines: u64,
}

/// Writes a frame, in one piece.
pub(crate) fn write(out: &mut dyn Write, kind: Kind, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::other("more than a frame holds"));
    }
    let mut frame = Vec::with_capacity(5 + length);
    frame.push(kind as u8);
    frame.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    for part in parts {
        frame.extend_from_slice(part);
    }
    out.write_all(&frame)
}

/// Reads what kind of frame comes, and its length.
pub(crate) fn read_head(from: &mut dyn Read) -> io::Result<Option<(Kind, usize)>> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    Ok(Kind::of(kind)
        .filter(|_| length <= FRAME_BYTES_MAX)
        .map(|kind| (kind, length)))
}

/// Reads so many bytes into `into`, whose memory is used again.
pub(crate) fn read_bytes(from: &mut dyn Read, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
    into.clear();
    let read = from.take(length as u64).read_to_end(into)?;
    if read == length {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Writes a number in as few bytes as it needs: seven bits each, the highest
/// says that more follow.
pub(crate) fn push_number(into: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        into.push(0x80 | u8::try_from(number & 0x7f).unwrap_or(0));
        number >>= 7;
    }
    into.push(u8::try_from(number).unwrap_or(0));
}

/// Reads what [`push_number`] wrote; `None` if there is no such number.
pub(crate) fn pull_number(from: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let (first, rest) = from.split_first()?;
        *from = rest;
        let bits = u32::from(first & 0x7f);
        number |= bits
            .checked_shl(shift)
            .filter(|shifted| shifted >> shift == bits)?;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_written_and_no_other() {
        for number in [0, 1, 127, 128, 300, 65_535, 1 << 28, u32::MAX] {
            let mut bytes = Vec::new();
            push_number(&mut bytes, number);
            let mut from = bytes.as_slice();
            assert_eq!(pull_number(&mut from), Some(number));
            assert!(from.is_empty());
        }
        for bytes in [
            &[][..],
            &[0x80],
            &[0xff; 5],
            &[0x80, 0x80, 0x80, 0x80, 0x10],
        ] {
            assert_eq!(pull_number(&mut &bytes[..]), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_frame_of_no_kind_or_beyond_its_limit_is_none() {
        let mut frame = Vec::new();
        write(&mut frame, Kind::Note, &[b"one ", b"sentence"]).unwrap();
        let mut from = frame.as_slice();
        assert_eq!(read_head(&mut from).unwrap(), Some((Kind::Note, 12)));
        let mut text = Vec::new();
        read_bytes(&mut from, 12, &mut text).unwrap();
        assert_eq!(text, b"one sentence");
        assert_eq!(read_head(&mut &[9u8, 0, 0, 0, 0][..]).unwrap(), None);
        assert_eq!(read_head(&mut &[5u8, 0, 0, 0, 1][..]).unwrap(), None);
        assert!(read_head(&mut &[5u8, 0, 0][..]).is_err());
        assert!(read_bytes(&mut &b"short"[..], 6, &mut text).is_err());
    }
}
