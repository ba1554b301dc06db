//! The XML of an OpenDocument file, piece by piece. Every piece is looked at
//! before the parser gets it: no text or tag without end, no entities, no
//! elements a thousand deep, all of which a parser would hold in memory.

use std::borrow::Cow;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::archive::Part;
use crate::limits::Limits;
use crate::unreadable::Unreadable;
use crate::workbook_check::Scan;

/// Elements inside one another; an honest file has a dozen.
const DEPTH_MAX: usize = 200;

/// A part that is looked at as it is read.
struct Looked<'a> {
    part: Part<'a>,
    scan: Scan<'a>,
}

impl Read for Looked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.part.read(out)?;
        self.scan
            .feed(&out[..read])
            .map_err(Unreadable::into_reading)?;
        Ok(read)
    }
}

/// The pieces of a part.
pub(super) struct Xml<'a> {
    reader: Reader<BufReader<Looked<'a>>>,
    piece: Vec<u8>,
    depth: usize,
}

impl<'a> Xml<'a> {
    pub(super) fn new(part: Part<'a>, limits: &'a Limits) -> Self {
        let looked = Looked {
            part,
            scan: Scan::new("content.xml", limits),
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, looked));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            piece: Vec::new(),
            depth: 0,
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, Unreadable> {
        self.piece.clear();
        match self.reader.read_event_into(&mut self.piece) {
            Ok(Event::Eof) if self.depth > 0 => Err(Unreadable::damaged("it ends too early")),
            Ok(Event::Eof) => Ok(None),
            Ok(piece) => {
                match piece {
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                if self.depth > DEPTH_MAX {
                    return Err(Unreadable::damaged("its elements lie too deep"));
                }
                Ok(Some(piece))
            }
            Err(quick_xml::Error::Io(error)) => Err(match Arc::try_unwrap(error) {
                Ok(error) => Unreadable::from_reading(error),
                Err(shared) => Unreadable::damaged(shared),
            }),
            Err(other) => Err(Unreadable::damaged(other)),
        }
    }

    /// The next piece, where the part must not end.
    pub(super) fn next_within(&mut self) -> Result<Event<'_>, Unreadable> {
        self.next()?
            .ok_or_else(|| Unreadable::damaged("it ends too early"))
    }

    /// Passes over the rest of the element whose start was the last piece.
    pub(super) fn pass_over(&mut self) -> Result<(), Unreadable> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next_within()?;
        }
        Ok(())
    }
}

/// An attribute by its name, with its prefix as every program writes it.
pub(super) fn attribute<'e>(
    start: &'e BytesStart<'_>,
    name: &str,
) -> Result<Option<Cow<'e, str>>, Unreadable> {
    let found = start.try_get_attribute(name).map_err(Unreadable::damaged)?;
    found.map(|attribute| value_of(&attribute)).transpose()
}

/// What an attribute says.
pub(super) fn value_of<'e>(attribute: &Attribute<'e>) -> Result<Cow<'e, str>, Unreadable> {
    attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .map_err(Unreadable::damaged)
}

/// How many times an attribute says that something is there.
pub(super) fn count_of(attribute: &Attribute<'_>) -> Result<u64, Unreadable> {
    // More than can be counted is as much as too many.
    Ok(value_of(attribute)?.trim().parse().unwrap_or(u64::MAX))
}

/// How many times something is there: once where nothing is said.
pub(super) fn repeated(start: &BytesStart<'_>, name: &str) -> Result<u64, Unreadable> {
    let said = start.try_get_attribute(name).map_err(Unreadable::damaged)?;
    said.map_or(Ok(1), |said| count_of(&said))
}
