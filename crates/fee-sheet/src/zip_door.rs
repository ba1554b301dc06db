//! An archive (ZIP) with sheets in it, read one file after the other. Nothing
//! is ever unpacked to a place that a name decides: each file is held in
//! memory while it is read, up to a limit. What may be a sheet and can't be
//! read refuses the whole archive, so that no class is billed while another is
//! forgotten; what is certainly none is left, and named.

use std::collections::HashSet;
use std::io::Read;

use crate::archive::Archive;
use crate::book_door::{BookDoor, DoorSheet};
use crate::content::{self, Content};
use crate::csv_door::CsvDoor;
use crate::door::{Door, Left};
use crate::header::Matcher;
use crate::limits::Limits;
use crate::remarks::{Remark, SheetWhy};
use crate::row::SheetRow;
use crate::source::Source;
use crate::unreadable::Unreadable;

/// The lines of all sheets in an archive.
pub(crate) struct ZipDoor {
    archive: Archive,
    limits: Limits,
    matcher: Matcher,
    /// Places of the files still to be read, the last one first.
    members: Vec<usize>,
    member: Option<(String, Box<Door>)>,
    names: HashSet<String>,
    left: Vec<Left>,
    notes: Vec<Remark>,
    /// Whether any of them had a sheet.
    found: bool,
}

impl ZipDoor {
    pub(crate) fn open(
        source: &Source,
        matcher: Matcher,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let archive = Archive::open(source, limits)?;
        let mut members = Vec::new();
        let mut passed_over = Vec::new();
        for (place, name) in archive.names().iter().enumerate() {
            if name.ends_with(['/', '\\']) {
                continue;
            }
            if is_nobodys(name) {
                passed_over.push(shown(name));
            } else {
                members.push(place);
            }
        }
        members.reverse();
        let mut notes = Vec::new();
        if !passed_over.is_empty() {
            let files = some_of(&passed_over);
            notes.push(Remark::NobodysFiles { files });
        }
        Ok(Self {
            archive,
            limits: limits.clone(),
            matcher,
            members,
            member: None,
            names: HashSet::new(),
            left: Vec::new(),
            notes,
            found: false,
        })
    }

    pub(crate) fn notes(&self) -> &[Remark] {
        &self.notes
    }

    pub(crate) fn left(&mut self) -> Vec<Left> {
        std::mem::take(&mut self.left)
    }

    pub(crate) fn next_sheet(&mut self) -> Result<Option<DoorSheet>, Unreadable> {
        loop {
            if let Some((member, door)) = &mut self.member {
                let sheet = door.next_sheet().map_err(|why| inside(member, why))?;
                let within = |sheet: &str| match **door {
                    Door::Csv(_) => member.clone(),
                    _ => format!("{member}: {sheet}"),
                };
                if let Some(mut sheet) = sheet {
                    let name = within(&sheet.name);
                    let notes = std::mem::take(&mut sheet.notes);
                    let notes = notes.into_iter().map(|note| of_member(member, note));
                    sheet.notes = notes.collect();
                    sheet.name = name;
                    self.left.extend(door.left().into_iter().map(|left| Left {
                        sheet: format!("{member}: {}", left.sheet),
                        ..left
                    }));
                    self.found = true;
                    return Ok(Some(sheet));
                }
                self.left.extend(door.left().into_iter().map(|left| Left {
                    sheet: format!("{member}: {}", left.sheet),
                    ..left
                }));
                let notes = door.notes().iter().cloned();
                let notes = notes.map(|note| of_member(member, note));
                self.notes.extend(notes);
                self.member = None;
            }
            let Some(place) = self.members.pop() else {
                return if self.found {
                    Ok(None)
                } else {
                    Err(self.nothing())
                };
            };
            self.begin(place)?;
        }
    }

    pub(crate) fn next_line(&mut self, row: &mut SheetRow) -> Result<bool, Unreadable> {
        match &mut self.member {
            Some((member, door)) => door.next_line(row).map_err(|why| inside(member, why)),
            None => Ok(false),
        }
    }

    pub(crate) fn skip_sheet(&mut self) {
        if let Some((_, door)) = &mut self.member {
            door.skip_sheet();
        }
    }

    /// Begins the next file, if it is a sheet.
    fn begin(&mut self, place: usize) -> Result<(), Unreadable> {
        let member = self.own_name(place);
        let bytes = self.unpack(place).map_err(|why| inside(&member, why))?;
        if bytes.is_empty() {
            self.leave(member, SheetWhy::FileEmpty);
            return Ok(());
        }
        let source = Source::memory(bytes);
        let content = match content::told(&source, &self.limits) {
            Ok(content) => content,
            Err(Unreadable::Pdf) => {
                self.leave(member, SheetWhy::FileIs("a PDF".to_owned()));
                return Ok(());
            }
            Err(Unreadable::OtherFormat { what }) if is_surely_no_sheet(&what) => {
                self.leave(member, SheetWhy::FileIs(what.into_owned()));
                return Ok(());
            }
            Err(why) => return Err(inside(&member, why)),
        };
        let door = match content {
            Content::Archive => {
                let why = Unreadable::OtherFormat {
                    what: "an archive inside an archive".into(),
                };
                return Err(inside(&member, why));
            }
            Content::Book(kind) => BookDoor::open(kind, &source, &self.limits).map(Door::Book),
            Content::Text(encoding) => {
                CsvDoor::open(&source, &member, encoding, &self.matcher, &self.limits)
                    .map(|door| Door::Csv(Box::new(door)))
            }
        };
        match door {
            Ok(door) => self.member = Some((member, Box::new(door))),
            Err(Unreadable::Empty) => self.leave(member, SheetWhy::FileEmpty),
            Err(why) => return Err(inside(&member, why)),
        }
        Ok(())
    }

    /// The file as it is, in memory.
    fn unpack(&mut self, place: usize) -> Result<Vec<u8>, Unreadable> {
        let part = self.archive.part(place)?;
        // As much as the archive says, so that no more is taken than is needed.
        let said = part.said_bytes().min(self.limits.member_bytes) + 1;
        let mut bytes = Vec::with_capacity(usize::try_from(said).unwrap_or(0));
        part.take(self.limits.member_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(Unreadable::from_reading)?;
        if bytes.len() as u64 > self.limits.member_bytes {
            let limit = format!("{} MB in an archive", self.limits.member_bytes >> 20);
            return Err(Unreadable::too_large("it is too large", limit));
        }
        Ok(bytes)
    }

    fn leave(&mut self, member: String, why: SheetWhy) {
        self.left.push(Left { sheet: member, why });
    }

    /// The name by which the file's sheets go; no two have the same.
    fn own_name(&mut self, place: usize) -> String {
        let name = self.archive.names().get(place).map(|name| shown(name));
        let name = name.unwrap_or_default();
        let mut own = name.clone();
        for number in 2u32.. {
            if self.names.insert(own.clone()) {
                break;
            }
            own = format!("{name} ({number})");
        }
        own
    }

    fn nothing(&self) -> Unreadable {
        let names: Vec<String> = self
            .archive
            .names()
            .iter()
            .map(|name| shown(name))
            .collect();
        Unreadable::NoSheetInside {
            found: some_of(&names),
        }
    }
}

fn of_member(member: &str, remark: Remark) -> Remark {
    Remark::Inside {
        member: member.to_owned(),
        remark: Box::new(remark),
    }
}

fn inside(member: &str, why: Unreadable) -> Unreadable {
    match why {
        Unreadable::Io(_) => why,
        why => Unreadable::Member {
            member: member.to_owned(),
            why: Box::new(why),
        },
    }
}

/// Pictures and documents that lie beside sheets. A web page or a document
/// that a spreadsheet program could have written is not among them.
fn is_surely_no_sheet(what: &str) -> bool {
    [
        "picture",
        "Word",
        "PowerPoint",
        "RTF",
        "shortcut to a web page",
        "program",
        "e-mail",
        "no sheet",
        "shortcut to another file",
    ]
    .iter()
    .any(|part| what.contains(part))
}

/// Files that no person put there.
fn is_nobodys(name: &str) -> bool {
    let name = name.replace('\\', "/");
    let last = name.rsplit('/').next().unwrap_or(&name);
    name.starts_with("__MACOSX/")
        || name.contains("/__MACOSX/")
        || last.starts_with('.')
        || last.starts_with("~$")
        || ["thumbs.db", "desktop.ini"].contains(&last.to_lowercase().as_str())
}

/// A name as it can be shown: one line, whatever someone wrote into it.
fn shown(name: &str) -> String {
    const LETTERS: usize = 120;
    let clean = |c: char| {
        if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            '_'
        } else {
            c
        }
    };
    let name: String = name.replace('\\', "/").chars().map(clean).collect();
    let letters = name.chars().count();
    if letters <= LETTERS {
        return name;
    }
    // The end of a name tells more than its start.
    let tail: String = name.chars().skip(letters - LETTERS).collect();
    format!("…{tail}")
}

fn some_of(names: &[String]) -> String {
    const NAMED: usize = 5;
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut text = names
        .iter()
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    text
}
