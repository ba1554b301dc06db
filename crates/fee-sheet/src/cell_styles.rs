//! Which cells of a worksheet have a style that matters, in the order in which
//! they stand. The parser tells formulas or styles, not both, and a second
//! parser would hold all texts of the workbook once more; this looks at the
//! tags of the one part alone, on a thread of its own.

use std::io::{BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use zip::ZipArchive;

use crate::cell_named;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::workbook_check::attribute;

/// Row and column from 0, and the style.
type Styled = ((u32, u32), usize);

/// The cells whose style matters, as they are found.
pub(crate) struct CellStyles {
    found: Receiver<Found>,
    batch: std::vec::IntoIter<Styled>,
    next: Option<Styled>,
    ended: bool,
}

enum Found {
    Cells(Vec<Styled>),
    End,
    Failed(Unreadable),
}

const BATCH: usize = 4_096;
const IN_FLIGHT: usize = 4;
/// A tag of a cell or a row is never longer.
const TAG_BYTES: usize = 4_096;

impl CellStyles {
    /// Begins to look through a part of the workbook. `wanted` says of each
    /// style whether it matters.
    pub(crate) fn of(source: &Source, part: usize, wanted: Vec<bool>) -> Result<Self, Unreadable> {
        let (sender, found) = sync_channel(IN_FLIGHT);
        let source = source.clone();
        thread::Builder::new()
            .name("cell styles".to_owned())
            .spawn(move || {
                let last = match look(&source, part, &wanted, &sender) {
                    Ok(()) => Found::End,
                    Err(refusal) => Found::Failed(refusal),
                };
                // If nobody listens any more, nobody misses it.
                let _ = sender.send(last);
            })?;
        Ok(Self {
            found,
            batch: Vec::new().into_iter(),
            next: None,
            ended: false,
        })
    }

    /// The style of a cell, if it matters. Cells are asked for in order.
    pub(crate) fn at(&mut self, cell: (u32, u32)) -> Result<Option<usize>, Unreadable> {
        loop {
            if self.next.is_none() {
                self.next = self.advance()?;
            }
            match self.next {
                Some((place, _)) if place < cell => self.next = None,
                Some((place, style)) if place == cell => return Ok(Some(style)),
                _ => return Ok(None),
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Styled>, Unreadable> {
        loop {
            if let Some(styled) = self.batch.next() {
                return Ok(Some(styled));
            }
            if self.ended {
                return Ok(None);
            }
            match self.found.recv() {
                Ok(Found::Cells(cells)) => self.batch = cells.into_iter(),
                Ok(Found::End) => self.ended = true,
                Ok(Found::Failed(refusal)) => return Err(refusal),
                Err(_) => return Err(Unreadable::damaged("its styles can't be read")),
            }
        }
    }
}

fn look(
    source: &Source,
    part: usize,
    wanted: &[bool],
    sender: &SyncSender<Found>,
) -> Result<(), Unreadable> {
    let broken = |error: zip::result::ZipError| Unreadable::damaged(error);
    let mut archive = ZipArchive::new(BufReader::new(source.open()?)).map_err(broken)?;
    let mut part = archive.by_index(part).map_err(broken)?;
    let mut tags = Tags::new(wanted);
    let mut chunk = vec![0u8; 64 << 10];
    loop {
        let read = part.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        tags.feed(&chunk[..read]);
        if tags.found.len() >= BATCH {
            let cells = std::mem::take(&mut tags.found);
            if sender.send(Found::Cells(cells)).is_err() {
                return Ok(());
            }
        }
    }
    let _ = sender.send(Found::Cells(tags.found));
    Ok(())
}

/// The tags of a worksheet, chunk by chunk.
struct Tags<'a> {
    wanted: &'a [bool],
    in_tag: bool,
    /// The start of a tag that the last chunk cut.
    cut: Vec<u8>,
    /// Where a row or a cell stands that does not say it.
    row: u32,
    column: u32,
    found: Vec<Styled>,
}

impl<'a> Tags<'a> {
    fn new(wanted: &'a [bool]) -> Self {
        Self {
            wanted,
            in_tag: false,
            cut: Vec::new(),
            row: 0,
            column: 0,
            found: Vec::new(),
        }
    }

    fn feed(&mut self, mut rest: &[u8]) {
        loop {
            let wanted = if self.in_tag { b'>' } else { b'<' };
            let Some(end) = rest.iter().position(|byte| *byte == wanted) else {
                if self.in_tag && self.cut.len() < TAG_BYTES {
                    self.cut.extend_from_slice(rest);
                }
                return;
            };
            if self.in_tag {
                if self.cut.is_empty() {
                    self.tag(&rest[..end]);
                } else {
                    let mut tag = std::mem::take(&mut self.cut);
                    tag.extend_from_slice(&rest[..end]);
                    self.tag(&tag);
                    tag.clear();
                    self.cut = tag;
                }
            }
            self.in_tag = !self.in_tag;
            rest = &rest[end + 1..];
        }
    }

    fn tag(&mut self, tag: &[u8]) {
        let end = tag
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        let name = match end {
            // The end of an element begins with the stroke.
            Some(0) => return self.closed(&tag[1..]),
            Some(end) => &tag[..end],
            None => tag,
        };
        match local(name) {
            b"row" => {
                let row = attribute(tag, "r").and_then(|row| row.parse::<u32>().ok());
                if let Some(row) = row.and_then(|row| row.checked_sub(1)) {
                    self.row = row;
                }
                if tag.ends_with(b"/") {
                    self.closed(b"row");
                }
            }
            b"c" => self.cell(tag),
            _ => {}
        }
    }

    fn closed(&mut self, name: &[u8]) {
        if local(name.trim_ascii_end()) == b"row" {
            self.row = self.row.saturating_add(1);
            self.column = 0;
        }
    }

    fn cell(&mut self, tag: &[u8]) {
        let place = attribute(tag, "r").and_then(|name| place(&name));
        let (row, column) = place.unwrap_or((self.row, self.column));
        self.column = column.saturating_add(1);
        let style = attribute(tag, "s").and_then(|style| style.parse::<usize>().ok());
        let style = style.unwrap_or(0);
        if self.wanted.get(style) == Some(&true) {
            self.found.push(((row, column), style));
        }
    }
}

/// A name without its namespace.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

/// The place that `B17` names, both from 0.
fn place(name: &str) -> Option<(u32, u32)> {
    let (column, row) = cell_named(name)?;
    Some((row.checked_sub(1)?, u32::from(column)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(text: &str, chunk: usize) -> Vec<Styled> {
        let wanted = [false, true, true];
        let mut tags = Tags::new(&wanted);
        text.as_bytes()
            .chunks(chunk)
            .for_each(|part| tags.feed(part));
        tags.found
    }

    #[test]
    fn cells_are_found_where_they_stand_however_the_part_is_cut() {
        let text = r#"<x:worksheet xmlns:x="m"><sheetData><row r="2"><c r="B2" s="1"><v>1</v></c><c s="2"/><c r="AA2"/></row><row/><row><c s="1" t="s"><v>0</v></c><c s="7"/></row><x:row r="9" s="1"><x:c x:s="2" r="c9"/></x:row></sheetData></x:worksheet>"#;
        let expected = [((1, 1), 1), ((1, 2), 2), ((3, 0), 1), ((8, 2), 2)];
        for chunk in [1, 2, 7, 1_000] {
            assert_eq!(found(text, chunk), expected, "{chunk}");
        }
    }

    #[test]
    fn names_of_cells_are_places() {
        assert_eq!(place("A1"), Some((0, 0)));
        assert_eq!(place("XFD1048576"), Some((1_048_575, 16_383)));
        for none in ["", "A", "1", "A0", "Ä1", "AAAAAAAAAAAA1", "A1B"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
