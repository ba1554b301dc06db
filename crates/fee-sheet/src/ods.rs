//! OpenDocument workbooks (`.ods`), read as a stream. The parser that reads
//! the other kinds holds every sheet as a grid in memory, and knows only the
//! numbers, where the file has what the sheet shows beside them: an identifier
//! with its leading zeros.

mod cell;
mod looks;
mod row;
mod shown;
mod table;
mod xml;

use std::collections::HashSet;
use std::io::Read;

use quick_xml::events::Event;

use crate::archive::Archive;
use crate::limits::Limits;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::walk::{Listed, Stop, Walk, Walker};
use looks::Looks;
use xml::{Xml, attribute};

/// A workbook whose archive was opened.
pub(crate) struct Ods {
    archive: Archive,
    content: usize,
    limits: Limits,
}

impl Ods {
    pub(crate) fn open(source: &Source, limits: &Limits) -> Result<Self, Unreadable> {
        let mut archive = Archive::open(source, limits)?;
        archive.refuse_alike()?;
        let content = archive.place("content.xml");
        if has_encrypted_parts(&mut archive)? && !is_plain(&mut archive, content)? {
            return Err(Unreadable::Encrypted);
        }
        let content = content.ok_or_else(|| Unreadable::damaged("there is no content in it"))?;
        Ok(Self {
            archive,
            content,
            limits: limits.clone(),
        })
    }

    pub(crate) fn has_macros(&self) -> bool {
        self.archive.has_below("basic/") || self.archive.has_below("scripts/")
    }
}

/// What holds for the whole workbook.
#[derive(Default)]
struct Around {
    /// The style that is being described.
    style: Option<String>,
    /// Styles of sheets that are not shown.
    hiding: HashSet<String>,
    epoch_1904: bool,
    looks: Looks,
}

impl Walk for Ods {
    fn walk(&mut self, walker: &mut dyn Walker) -> Result<(), Stop> {
        self.archive.begin_again();
        let mut xml = Xml::new(self.archive.part(self.content)?, &self.limits);
        let mut around = Around::default();
        let mut repeated = 0;
        loop {
            let start = match xml.next()? {
                Some(Event::Start(start)) => start,
                Some(_) => continue,
                None => return Ok(()),
            };
            around.looks.start(&start, &self.limits)?;
            match start.name().as_ref() {
                "table:table" => {
                    let name = attribute(&start, "table:name")?.unwrap_or_default();
                    let style = attribute(&start, "table:style-name")?;
                    let listed = Listed {
                        name: name.into_owned(),
                        hidden: style.is_some_and(|style| around.hiding.contains(&*style)),
                        epoch_1904: around.epoch_1904,
                        declared_columns: 0,
                    };
                    if walker.sheet(&listed)? {
                        table::walk(&mut xml, &self.limits, &around.looks, &mut repeated, walker)?;
                        walker.sheet_end()?;
                    } else {
                        xml.pass_over()?;
                    }
                }
                // Old contents of cells, and tables inside drawings.
                "table:tracked-changes" | "table:shapes" | "office:forms" => xml.pass_over()?,
                "style:style" => {
                    let name = attribute(&start, "style:name")?;
                    around.style = name.map(std::borrow::Cow::into_owned);
                }
                "style:table-properties" => {
                    if attribute(&start, "table:display")?.as_deref() == Some("false")
                        && let Some(style) = around.style.take()
                        && around.hiding.len() < self.limits.sheets
                    {
                        around.hiding.insert(style);
                    }
                }
                "table:null-date" => {
                    let day = attribute(&start, "table:date-value")?.unwrap_or_default();
                    around.epoch_1904 = begins_in_1904(&day)?;
                }
                _ => {}
            }
        }
    }
}

/// The day from which numbers count as days: one of two.
fn begins_in_1904(day: &str) -> Result<bool, Unreadable> {
    match day.get(..10).unwrap_or(day) {
        "1899-12-30" | "" => Ok(false),
        "1904-01-01" => Ok(true),
        _ => Err(Unreadable::damaged(format!(
            "its days count from {day}, which no other program does"
        ))),
    }
}

/// Whether the sheets themselves can be read: a library of macros may have a
/// password of its own.
fn is_plain(archive: &mut Archive, content: Option<usize>) -> Result<bool, Unreadable> {
    let Some(place) = content else {
        return Ok(false);
    };
    let head = archive.head(place, 64)?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    Ok(text.trim_ascii_start().starts_with(b"<"))
}

/// Whether any part is encrypted: the list of parts says so.
fn has_encrypted_parts(archive: &mut Archive) -> Result<bool, Unreadable> {
    const MARK: &[u8] = b"encryption-data";
    const BYTES: u64 = 16 << 20;
    let Some(place) = archive.place("META-INF/manifest.xml") else {
        return Ok(false);
    };
    let mut list = archive.part(place)?.take(BYTES);
    let mut chunk = vec![0u8; 64 << 10];
    let mut kept = 0;
    loop {
        let read = list
            .read(&mut chunk[kept..])
            .map_err(Unreadable::from_reading)?;
        if read == 0 {
            return Ok(false);
        }
        let filled = kept + read;
        if chunk[..filled].windows(MARK.len()).any(|part| part == MARK) {
            return Ok(true);
        }
        kept = filled.min(MARK.len() - 1);
        chunk.copy_within(filled - kept..filled, 0);
    }
}
