//! Which encoding a text file is in, and its bytes as UTF-8. The whole file
//! is looked at once before anything is read from it (a pass of a second a
//! gigabyte), so that a letter in the last row can't change what the first
//! rows meant.

use std::io::{self, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1256,
};

use crate::source::Bytes;
use crate::unreadable::Unreadable;

/// An encoding, and how many bytes of mark stand before the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextEncoding {
    pub(crate) encoding: &'static Encoding,
    pub(crate) mark_bytes: u64,
}

const CHUNK: usize = 256 << 10;

/// Tells the encoding of a file that stands at its start.
pub(crate) fn told(file: &mut Bytes) -> Result<TextEncoding, Unreadable> {
    let mut chunk = vec![0u8; CHUNK];
    let first = fill(file, &mut chunk)?;
    let head = &chunk[..first];
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        return Ok(TextEncoding {
            encoding,
            mark_bytes: mark as u64,
        });
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return Ok(TextEncoding {
            encoding,
            mark_bytes: 0,
        });
    }
    let nuls = head.iter().filter(|byte| **byte == 0).count();
    if nuls > head.len() / 4 || head.iter().take(64).all(|byte| *byte == 0) {
        return Err(Unreadable::damaged(
            "it is full of empty bytes, as if it were still being copied",
        ));
    }
    let mut survey = Survey::default();
    let mut filled = first;
    while filled > 0 {
        survey.look(&chunk[..filled]);
        filled = fill(file, &mut chunk)?;
    }
    if survey.is_utf8() {
        return Ok(TextEncoding {
            encoding: UTF_8,
            mark_bytes: 0,
        });
    }
    file.seek(SeekFrom::Start(0))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = 4 << 20;
    loop {
        let filled = fill(file, &mut chunk)?;
        left -= filled.min(left);
        detector.feed(&chunk[..filled], filled == 0 || left == 0);
        if filled == 0 || left == 0 {
            break;
        }
    }
    // Of the 8-bit encodings, these two are what spreadsheets here write: an
    // Arabic-script guess means Urdu, every other one Latin.
    let guess = detector.guess(None, Utf8Detection::Deny);
    let arabic = ["windows-1256", "ISO-8859-6"].contains(&guess.name());
    let encoding = if arabic { WINDOWS_1256 } else { WINDOWS_1252 };
    Ok(TextEncoding {
        encoding,
        mark_bytes: 0,
    })
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut Bytes, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// ASCII in UTF-16 has a NUL in every other place; separators, line ends and
/// digits are ASCII in any language.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(4096) & !1];
    let nuls = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (nuls(0), nuls(1));
    let pairs = head.len() / 2;
    if pairs == 0 {
        None
    } else if odd * 8 >= pairs && even * 16 <= odd {
        Some(UTF_16LE)
    } else if even * 8 >= pairs && odd * 16 <= even {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether all of a file is UTF-8, found chunk by chunk.
#[derive(Default)]
struct Survey {
    broken: bool,
    /// The bytes of a letter that a chunk's end cut.
    cut: Vec<u8>,
}

impl Survey {
    fn look(&mut self, mut chunk: &[u8]) {
        while !self.cut.is_empty() && !self.broken && !chunk.is_empty() {
            self.cut.push(chunk[0]);
            chunk = &chunk[1..];
            match std::str::from_utf8(&self.cut) {
                Ok(_) => self.cut.clear(),
                Err(error) if error.error_len().is_some() => self.broken = true,
                Err(_) => {}
            }
        }
        if self.broken {
            return;
        }
        if let Err(error) = std::str::from_utf8(chunk) {
            if error.error_len().is_some() {
                self.broken = true;
            } else {
                self.cut.extend_from_slice(&chunk[error.valid_up_to()..]);
            }
        }
    }

    fn is_utf8(&self) -> bool {
        !self.broken && self.cut.is_empty()
    }
}

/// The text of a file as UTF-8 bytes: straight through where it is UTF-8.
pub(crate) enum Utf8Stream {
    Straight(Bytes),
    Decoded(Box<Decoding>),
}

/// A decoder with its two buffers.
pub(crate) struct Decoding {
    file: Bytes,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_at: usize,
    text_end: usize,
    ended: bool,
    flushed: bool,
}

impl Utf8Stream {
    /// Opens the text at its start, behind the byte order mark.
    pub(crate) fn new(mut file: Bytes, told: TextEncoding) -> io::Result<Self> {
        file.seek(SeekFrom::Start(told.mark_bytes))?;
        if told.encoding == UTF_8 {
            return Ok(Self::Straight(file));
        }
        Ok(Self::Decoded(Box::new(Decoding {
            file,
            decoder: told.encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 64 << 10],
            raw_at: 0,
            raw_end: 0,
            text: vec![0; 128 << 10],
            text_at: 0,
            text_end: 0,
            ended: false,
            flushed: false,
        })))
    }
}

impl Read for Utf8Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Straight(file) => file.read(out),
            Self::Decoded(decoding) => decoding.read(out),
        }
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text_end {
            if self.flushed {
                return Ok(0);
            }
            if self.raw_at == self.raw_end && !self.ended {
                self.raw_at = 0;
                self.raw_end = self.file.read(&mut self.raw)?;
                self.ended = self.raw_end == 0;
            }
            let raw = &self.raw[self.raw_at..self.raw_end];
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.raw_at += read;
            (self.text_at, self.text_end) = (0, written);
            self.flushed = self.ended && result == CoderResult::InputEmpty;
        }
        let count = out.len().min(self.text_end - self.text_at);
        out[..count].copy_from_slice(&self.text[self.text_at..self.text_at + count]);
        self.text_at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn read_back(bytes: &[u8]) -> (&'static str, String) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut file = Bytes::File(file);
        let encoding = told(&mut file).unwrap();
        let mut text = String::new();
        Utf8Stream::new(file, encoding)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        (encoding.encoding.name(), text)
    }

    #[test]
    fn every_encoding_of_our_sheets_is_told_apart() {
        let urdu =
            "نام,رقم,رول نمبر\nعائشہ صدیقہ,۱۵۰۰,FS-1\nمحمد علی,1500,FS-2\nفاطمہ زہرا,1200,FS-3\n";
        let latin = "Name,Fee\nZoë Müller,1500\nJosé Peña,1200\n";
        let arabic_letters = "الاسم;المبلغ\nمحمد علي;1500\nفاطمة;1200\nعائشة;1300\n";
        assert_eq!(read_back(urdu.as_bytes()), ("UTF-8", urdu.to_owned()));
        let marked = [b"\xef\xbb\xbf", urdu.as_bytes()].concat();
        assert_eq!(read_back(&marked), ("UTF-8", urdu.to_owned()));
        for mark in ["\u{feff}", ""] {
            let text = format!("{mark}{urdu}");
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read_back(&little), ("UTF-16LE", urdu.to_owned()));
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(read_back(&big), ("UTF-16BE", urdu.to_owned()));
        }
        assert_eq!(
            read_back(&WINDOWS_1252.encode(latin).0),
            ("windows-1252", latin.to_owned())
        );
        assert_eq!(
            read_back(&WINDOWS_1256.encode(arabic_letters).0),
            ("windows-1256", arabic_letters.to_owned())
        );
    }

    #[test]
    fn a_letter_cut_by_a_chunk_is_still_utf8() {
        let mut survey = Survey::default();
        let text = "نام".as_bytes();
        for byte in text {
            survey.look(std::slice::from_ref(byte));
        }
        assert!(survey.is_utf8());
        survey.look(b"\xd9");
        assert!(!survey.is_utf8());
    }

    #[test]
    fn a_file_that_is_still_being_filled_is_refused() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[0; 9_000]).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        assert!(matches!(
            told(&mut Bytes::File(file)),
            Err(Unreadable::Damaged(_))
        ));
    }
}
