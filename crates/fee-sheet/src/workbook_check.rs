//! A workbook looked through before a parser trusts it: every part inflated
//! and counted (what the archive says of sizes is not believed), no text or
//! tag without end, no count that lies, no entities. What a later reading
//! can't see is noted on the way: hidden rows, hidden columns, merged cells,
//! macros.

mod seen;
mod struck;
mod values;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use crate::archive::Archive;
use crate::limits::Limits;
use crate::macro_sheets::is_nowhere;
use crate::source::Source;
use crate::unreadable::Unreadable;
pub(crate) use seen::Seen;
use struck::{Struck, is_on, styles_first};
use values::Values;

/// What was seen of a workbook.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) has_macros: bool,
    /// By sheet name.
    pub(crate) sheets: HashMap<String, Seen>,
    /// By sheet name, which part of the archive it is.
    pub(crate) parts: HashMap<String, usize>,
    /// Sheets that are listed and are nowhere: they held macros.
    pub(crate) nowhere: Vec<String>,
    /// The part that lists them.
    pub(crate) list: Option<usize>,
}

/// Names of cells: a parser keeps them all. Workbooks that were copied for years have thousands.
const NAMES_MAX: u64 = 100_000;

/// Inflates and looks through every part.
pub(crate) fn check(source: &Source, limits: &Limits) -> Result<Checked, Unreadable> {
    let mut archive = Archive::open(source, limits)?;
    archive.refuse_alike()?;
    let mut checked = Checked::default();
    let mut targets = HashMap::new();
    let mut listed = Vec::new();
    let mut parts = HashMap::new();
    let mut chunk = vec![0u8; 64 << 10];
    let mut struck = Struck::default();
    for index in styles_first(archive.names()) {
        let name = archive.names()[index].to_lowercase().replace('\\', "/");
        checked.has_macros |= name.ends_with("vbaproject.bin");
        let mut part = archive.part(index)?;
        let mut scan = Scan::new(&name, limits);
        scan.struck = struck;
        loop {
            let read = part.read(&mut chunk).map_err(Unreadable::from_reading)?;
            if read == 0 {
                break;
            }
            scan.feed(&chunk[..read])?;
        }
        struck = scan.struck;
        targets.extend(scan.targets);
        if scan.listed.iter().any(|(_, relation)| is_nowhere(relation)) {
            checked.list = Some(index);
        }
        listed.extend(scan.listed);
        parts.insert(name, (index, scan.seen));
    }
    let mut used = HashSet::new();
    for (sheet, relation) in listed {
        if is_nowhere(&relation) {
            checked.nowhere.push(sheet);
            continue;
        }
        let target: Option<&String> = targets.get(&relation);
        if target.is_some_and(|target| !used.insert(target)) {
            return Err(Unreadable::damaged("two of its sheets are the same"));
        }
        let part = target.and_then(|target| {
            let tail = target.trim_start_matches('/').to_lowercase();
            parts
                .iter()
                .find(|(name, _)| **name == tail || name.ends_with(&format!("/{tail}")))
        });
        if let Some((name, (index, seen))) = part {
            if is_unread(name) {
                return Err(Unreadable::damaged(format!(
                    "a sheet is said to be in {name}, which nobody looks through"
                )));
            }
            checked.parts.insert(sheet.clone(), *index);
            checked.sheets.insert(sheet, seen.clone());
        }
    }
    Ok(checked)
}

/// What a part is for, which decides what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Strings,
    Styles,
    Sheet,
    /// All sheets of an OpenDocument file.
    Content,
    Other,
}

/// One part, chunk by chunk, tag by tag.
pub(crate) struct Scan<'a> {
    limits: &'a Limits,
    name: String,
    role: Role,
    bytes_max: u64,
    bytes: u64,
    /// `None` until the first bytes say whether it is XML.
    xml: Option<bool>,
    in_tag: bool,
    /// The start of a tag that the last chunk cut.
    cut: Vec<u8>,
    text_run: usize,
    items: u64,
    /// Names that the workbook gives to cells.
    names: u64,
    seen: Seen,
    values: Values,
    struck: Struck,
    row: u32,
    targets: Vec<(String, String)>,
    listed: Vec<(String, String)>,
}

/// Longest text or tag of a part that is no cell's text.
const TOKEN_BYTES: usize = 1 << 20;

impl<'a> Scan<'a> {
    pub(crate) fn new(name: &str, limits: &'a Limits) -> Self {
        let (role, bytes_max) = if name.ends_with("sharedstrings.xml") {
            (Role::Strings, limits.shared_string_bytes)
        } else if name.ends_with("styles.xml") {
            (Role::Styles, limits.part_bytes)
        } else if name.contains("worksheets/") && name.ends_with(".xml") {
            (Role::Sheet, u64::MAX)
        } else if name == "content.xml" {
            (Role::Content, u64::MAX)
        } else {
            (Role::Other, limits.part_bytes)
        };
        Self {
            limits,
            name: name.to_owned(),
            role,
            bytes_max,
            bytes: 0,
            xml: is_unread(name).then_some(false),
            in_tag: false,
            cut: Vec::new(),
            text_run: 0,
            items: 0,
            names: 0,
            seen: Seen::default(),
            values: Values::default(),
            struck: Struck::default(),
            row: 0,
            targets: Vec::new(),
            listed: Vec::new(),
        }
    }

    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<(), Unreadable> {
        self.bytes += chunk.len() as u64;
        if self.bytes > self.bytes_max {
            let limit = format!("{} MB", self.bytes_max >> 20);
            return Err(Unreadable::too_large(
                format!("its part {} has too much in it", self.name),
                limit,
            ));
        }
        if self.xml.is_none() {
            self.xml = Some(self.begins_as_xml(chunk)?);
        }
        if self.xml == Some(false) {
            // Pictures and the like. Should a parser be led here after all, a
            // part of this size is the worst that it meets.
            self.bytes_max = self.bytes_max.min(self.limits.part_bytes);
            return Ok(());
        }
        let mut rest = chunk;
        while !rest.is_empty() {
            let wanted = if self.in_tag { b'>' } else { b'<' };
            let Some(end) = rest.iter().position(|byte| *byte == wanted) else {
                self.text_run += rest.len();
                if self.in_tag {
                    self.cut.extend_from_slice(rest);
                } else {
                    self.values.text(rest);
                }
                return self.check_run();
            };
            self.text_run += end;
            self.check_run()?;
            if self.in_tag {
                if self.cut.is_empty() && !is_unfinished(&rest[..end]) {
                    self.tag(&rest[..end])?;
                } else {
                    let mut tag = std::mem::take(&mut self.cut);
                    tag.extend_from_slice(&rest[..end]);
                    if is_unfinished(&tag) {
                        tag.push(b'>');
                        self.cut = tag;
                        self.text_run += 1;
                        rest = &rest[end + 1..];
                        continue;
                    }
                    self.tag(&tag)?;
                    tag.clear();
                    self.cut = tag;
                }
            } else {
                self.values.text(&rest[..end]);
            }
            self.in_tag = !self.in_tag;
            self.text_run = 0;
            rest = &rest[end + 1..];
        }
        Ok(())
    }

    fn begins_as_xml(&self, chunk: &[u8]) -> Result<bool, Unreadable> {
        let text = chunk
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(chunk)
            .trim_ascii_start();
        let wide = [&b"\xff\xfe"[..], b"\xfe\xff", b"<\0", b"\0<"];
        if wide.iter().any(|start| text.starts_with(start)) {
            return Err(Unreadable::damaged(format!(
                "its part {} is in UTF-16",
                self.name
            )));
        }
        Ok(text.first() == Some(&b'<'))
    }

    fn check_run(&self) -> Result<(), Unreadable> {
        if self.text_run > TOKEN_BYTES {
            let what = format!("its part {} holds a text of more than 1 MB", self.name);
            return Err(Unreadable::too_large(
                what,
                format!("{} KB a cell", self.limits.cell_bytes >> 10),
            ));
        }
        Ok(())
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), Unreadable> {
        if self.role == Role::Sheet {
            let local = local_name(tag);
            self.values.tag(tag, local, &self.name)?;
            if self.struck.any() && self.values.ends(tag, local) {
                let (cell, value) = self.values.cell();
                if self.struck.is_cell(cell, value) {
                    self.seen.strike(self.row);
                }
            }
            // Nearly all tags of a workbook are these, and say nothing more.
            if matches!(local, b"c" | b"v" | b"t" | b"is") {
                return Ok(());
            }
        }
        if tag.first().is_none_or(|byte| *byte == b'/') {
            return Ok(());
        }
        if tag.starts_with(b"!DOCTYPE") {
            return Err(Unreadable::damaged(format!(
                "its part {} declares entities",
                self.name
            )));
        }
        if tag.starts_with(b"?xml") {
            return self.declaration(tag);
        }
        let local = local_name(tag);
        match self.role {
            Role::Styles => self.struck.style_tag(tag, local),
            Role::Strings => self.struck.text_tag(tag, local),
            _ => {}
        }
        match (self.role, local) {
            (Role::Strings, b"si") => self.count("texts", self.limits.shared_strings)?,
            (Role::Strings, b"sst") => {
                let declared =
                    attribute(tag, "uniqueCount").and_then(|count| count.parse::<u64>().ok());
                if declared.is_some_and(|count| count > self.limits.shared_strings) {
                    return Err(self.too_many("texts", self.limits.shared_strings));
                }
            }
            (Role::Styles, b"xf" | b"font" | b"fill" | b"border" | b"numFmt") => {
                self.count("cell formats", self.limits.cell_formats)?;
            }
            (Role::Sheet, b"row") => {
                self.row = attribute(tag, "r")
                    .and_then(|row| row.parse().ok())
                    .unwrap_or(self.row.saturating_add(1));
                if is_hidden(tag) && !tag.ends_with(b"/") {
                    self.seen.hidden_rows += 1;
                    self.seen.last_hidden_row = self.row;
                }
            }
            (Role::Sheet, b"sheetData") => {
                self.items += 1;
                if self.items > 1 {
                    // The parser reads the first alone.
                    let why = format!("its part {} has rows in two places", self.name);
                    return Err(Unreadable::damaged(why));
                }
            }
            (Role::Sheet, b"f") => self.seen.formulas = true,
            (Role::Sheet, b"strike") if is_on(tag) => self.seen.strike(self.row),
            (Role::Sheet, b"col") if is_hidden(tag) => self.seen.hide(tag),
            (Role::Sheet, b"mergeCell") => {
                self.seen.merged += 1;
                if let Some(reference) = attribute(tag, "ref") {
                    self.seen.merges.add(&reference);
                }
            }
            (Role::Other, b"sheet") if self.name.ends_with("workbook.xml") => {
                self.count("sheets", self.limits.sheets as u64)?;
                if let (Some(name), Some(relation)) = (attribute(tag, "name"), attribute(tag, "id"))
                {
                    self.listed.push((name, relation));
                }
            }
            (Role::Other, b"definedName") if self.name.ends_with("workbook.xml") => {
                self.names += 1;
                if self.names > NAMES_MAX {
                    return Err(self.too_many("names", NAMES_MAX));
                }
            }
            (Role::Other, b"Relationship") if self.name.ends_with(".rels") => {
                self.count("relations", 20_000)?;
                if self.name.ends_with("workbook.xml.rels")
                    && let (Some(id), Some(target)) =
                        (attribute(tag, "Id"), attribute(tag, "Target"))
                {
                    self.targets.push((id, target));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn declaration(&self, tag: &[u8]) -> Result<(), Unreadable> {
        let encoding = attribute(tag, "encoding")
            .unwrap_or_default()
            .to_lowercase();
        let known = ["", "utf-8", "utf8", "us-ascii", "ascii"].contains(&encoding.as_str())
            || encoding.starts_with("iso-8859-")
            || encoding.starts_with("windows-125");
        if known {
            return Ok(());
        }
        Err(Unreadable::damaged(format!(
            "its part {} is in {encoding}",
            self.name
        )))
    }

    fn count(&mut self, what: &str, limit: u64) -> Result<(), Unreadable> {
        self.items += 1;
        if self.items > limit {
            Err(self.too_many(what, limit))
        } else {
            Ok(())
        }
    }

    fn too_many(&self, what: &str, limit: u64) -> Unreadable {
        Unreadable::too_large(
            format!(
                "its part {} has, or says it has, too many {what}",
                self.name
            ),
            format!("{limit} {what}"),
        )
    }
}

/// The name of a tag, without what stands before its colon, or its slash.
pub(crate) fn local_name(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_prefix(b"/").unwrap_or(tag);
    // In one go: this runs on every tag of a workbook.
    let mut start = 0;
    for (at, byte) in tag.iter().enumerate() {
        match byte {
            b':' => start = at + 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'/' => return &tag[start..at],
            _ => {}
        }
    }
    &tag[start..]
}

/// Whether a part is of no reader: the properties of a document, what other
/// programs lay beside a workbook (often in UTF-16), and what is no XML of an
/// XML workbook. A workbook that says one of its sheets is there is refused.
fn is_unread(name: &str) -> bool {
    ["customxml/", "docprops/"]
        .iter()
        .any(|folder| name.starts_with(folder) && !name.ends_with(".rels"))
        || name.starts_with("xl/customproperty") && name.ends_with(".bin")
}

/// Whether a comment or a quoted text goes on behind a `>`: a parser holds the
/// whole of it, whatever stands in it.
fn is_unfinished(tag: &[u8]) -> bool {
    if !matches!(tag.first(), Some(b'!' | b'?')) {
        return false;
    }
    let goes_on = |start: &[u8], end: &[u8]| {
        tag.starts_with(start) && (tag.len() < start.len() + end.len() || !tag.ends_with(end))
    };
    goes_on(b"!--", b"--") || goes_on(b"![CDATA[", b"]]") || goes_on(b"?", b"?")
}

fn is_hidden(tag: &[u8]) -> bool {
    attribute(tag, "hidden").is_some_and(|value| value == "1" || value == "true")
}

/// An attribute's value by its local name, entities resolved.
pub(crate) fn attribute(tag: &[u8], name: &str) -> Option<String> {
    let mut from = 0;
    while let Some(found) = find(&tag[from..], name.as_bytes()) {
        let start = from + found;
        let after = &tag[start + name.len()..];
        let stands_alone =
            start > 0 && matches!(tag[start - 1], b' ' | b'\t' | b'\r' | b'\n' | b':');
        from = start + name.len();
        if !stands_alone {
            continue;
        }
        let Some((b'=', value)) = after.trim_ascii_start().split_first() else {
            continue;
        };
        let Some((quote @ (b'"' | b'\''), value)) = value.trim_ascii_start().split_first() else {
            continue;
        };
        let end = value.iter().position(|byte| byte == quote)?;
        let text = String::from_utf8_lossy(&value[..end]);
        if !text.contains('&') {
            return Some(text.into_owned());
        }
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'");
        return Some(text.replace("&amp;", "&"));
    }
    None
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
