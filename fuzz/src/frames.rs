//! What a child process sends back: frames made of fuzz bytes, and the lines
//! that lie in honest ones.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use fee_sheet::{AnotherReader, Broke, LineStream, ReadBy, ReadOptions, Unreadable};

use crate::breaks::{MARK, pieces};

const SHEET: u8 = 4;
const LINES: u8 = 5;
const SHEET_END: u8 = 6;
const END: u8 = 7;

/// The stream that the bytes stand for: each frame behind a mark, with its
/// kind. A closing count that is left out is written as it should be, so that
/// the lines before it are not void from the beginning.
pub fn stream(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    let (mut sheets, mut lines, mut lines_all) = (0u64, 0u64, 0u64);
    for piece in pieces(bytes, MARK) {
        let Some((kind, body)) = piece.split_first() else {
            continue;
        };
        let counted;
        let body = match *kind {
            SHEET_END if body.is_empty() => {
                counted = format!("{{\"lines\":{lines}}}");
                counted.as_bytes()
            }
            END if body.is_empty() => {
                counted = format!("{{\"sheets\":{sheets},\"lines\":{lines_all}}}");
                counted.as_bytes()
            }
            _ => body,
        };
        match (*kind, body.first_chunk::<4>()) {
            (SHEET, _) => (sheets, lines) = (sheets + 1, 0),
            (LINES, Some(count)) => {
                let count = u64::from(u32::from_le_bytes(*count));
                (lines, lines_all) = (lines + count, lines_all + count);
            }
            _ => {}
        }
        stream.push(*kind);
        stream.extend(u32::try_from(body.len()).unwrap_or(0).to_le_bytes());
        stream.extend(body);
    }
    stream
}

/// An honest stream, as [`stream`] takes it.
pub fn open(stream: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, body) in honest(stream) {
        bytes.extend(MARK);
        bytes.push(kind);
        if !matches!(kind, SHEET_END | END) {
            bytes.extend(body);
        }
    }
    bytes
}

/// The frames of an honest stream: kind and body.
fn honest(mut stream: &[u8]) -> Vec<(u8, &[u8])> {
    let mut frames = Vec::new();
    while let [kind, a, b, c, d, rest @ ..] = stream {
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let (body, rest) = rest.split_at(length.min(rest.len()));
        frames.push((*kind, body));
        stream = rest;
    }
    frames
}

/// For every sheet of an honest stream its name, and the numbers of its lines
/// that show anything.
pub(crate) fn lines_by_sheet(stream: &[u8]) -> Vec<(String, BTreeSet<u32>)> {
    let mut sheets = Vec::new();
    for (kind, body) in honest(stream) {
        match kind {
            SHEET => {
                let sheet: serde_json::Value =
                    serde_json::from_slice(body).expect("an honest stream");
                let name = sheet["name"].as_str().unwrap_or_default().to_owned();
                sheets.push((name, BTreeSet::new()));
            }
            LINES => {
                if let Some((_, sheet)) = sheets.last_mut() {
                    lines(body, sheet);
                }
            }
            _ => {}
        }
    }
    sheets
}

/// Takes a frame of lines apart, as `fee-sheet/src/frames/cells.rs` describes
/// it, with code of its own.
fn lines(body: &[u8], into: &mut BTreeSet<u32>) {
    let number =
        |at: usize| u32::from_le_bytes([body[at], body[at + 1], body[at + 2], body[at + 3]]);
    let (count, shapes) = (number(0), number(4) as usize);
    let (mut shapes, mut texts) = body[8..].split_at(shapes);
    for _ in 0..count {
        let line = pull(&mut shapes);
        let is_grid = pull(&mut shapes) == 1;
        let mut shows = false;
        for _ in 0..pull(&mut shapes) {
            let mut length = 0;
            if is_grid {
                let _column = pull(&mut shapes);
                // What is no text shows something whatever it is.
                shows |= pull(&mut shapes) != 0;
                length += pull(&mut shapes);
            }
            length += pull(&mut shapes);
            let (text, rest) = texts.split_at(length as usize);
            shows |= String::from_utf8_lossy(text)
                .chars()
                .any(char::is_alphanumeric);
            texts = rest;
        }
        if shows {
            into.insert(line);
        }
    }
}

fn pull(from: &mut &[u8]) -> u32 {
    let mut number = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (first, rest) = from.split_first().expect("an honest stream");
        *from = rest;
        number |= u32::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

/// Somebody who has sent these bytes.
#[derive(Debug)]
struct Sent(Vec<u8>);

struct Lines(Cursor<Vec<u8>>);

/// The same options, with somebody else who has taken the file apart.
pub fn sent(options: &ReadOptions, stream: Vec<u8>) -> ReadOptions {
    ReadOptions {
        read_by: ReadBy::Another(Arc::new(Sent(stream))),
        ..options.clone()
    }
}

impl AnotherReader for Sent {
    fn begin(&self, _: &Path, _: &str, _: &ReadOptions) -> Result<Box<dyn LineStream>, Unreadable> {
        Ok(Box::new(Lines(Cursor::new(self.0.clone()))))
    }
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl LineStream for Lines {
    fn skip(&mut self, _: u32) {}

    fn ended_well(&mut self) -> Result<(), Unreadable> {
        match self.0.position() == self.0.get_ref().len() as u64 {
            true => Ok(()),
            false => Err(self.broke(Broke::Lied("it goes on after its end"))),
        }
    }

    fn broke(&mut self, how: Broke) -> Unreadable {
        Unreadable::ReaderFailed(format!("{how:?}"))
    }
}
