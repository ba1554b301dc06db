//! The values of a worksheet's cells, as they stand between their tags. The
//! parser takes a place among the shared texts that it can't read for the
//! first place, and of a number that goes on behind an entity, a remark or
//! another tag it takes the beginning: either would be a wrong bill in
//! silence. No program writes such values, so their file is damaged.

use super::attribute;
use crate::unreadable::Unreadable;

/// A place has no more digits, and what is no place is looked at so far.
const LOOKED_AT: usize = 64;
const PLACE_DIGITS: usize = 9;

/// Where in a worksheet's cells we are.
#[derive(Default)]
pub(super) struct Values {
    /// The tag of the cell.
    cell: Vec<u8>,
    in_value: bool,
    /// How the value begins.
    value: Vec<u8>,
}

impl Values {
    /// What stands between two tags, or a part of it.
    pub(super) fn text(&mut self, text: &[u8]) {
        if self.in_value {
            let room = LOOKED_AT.saturating_sub(self.value.len());
            self.value.extend_from_slice(&text[..text.len().min(room)]);
        }
    }

    /// The next tag, by its local name, and with its slash.
    pub(super) fn tag(&mut self, tag: &[u8], local: &[u8], part: &str) -> Result<(), Unreadable> {
        if self.in_value {
            self.in_value = false;
            let why = match tag.first() == Some(&b'/') && local == b"v" {
                true => self.wrong(),
                false => Some("goes on behind another tag"),
            };
            return match why {
                Some(why) => Err(Unreadable::damaged(format!(
                    "a value in its part {part} {why}"
                ))),
                None => Ok(()),
            };
        }
        match local {
            b"c" if !tag.starts_with(b"/") => {
                self.cell.clear();
                self.cell.extend_from_slice(tag);
            }
            b"v" if !tag.starts_with(b"/") && !tag.ends_with(b"/") => {
                self.in_value = true;
                self.value.clear();
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the tag ends the value of a cell, or begins its text.
    pub(super) fn ends(&self, tag: &[u8], local: &[u8]) -> bool {
        match tag.starts_with(b"/") {
            true => local == b"v",
            false => local == b"is",
        }
    }

    /// The cell's tag, and how its value begins.
    pub(super) fn cell(&self) -> (&[u8], &[u8]) {
        (&self.cell, &self.value)
    }

    /// What is wrong with the value. Nearly all are digits, and right.
    fn wrong(&self) -> Option<&'static str> {
        let digits = self.value.iter().all(u8::is_ascii_digit);
        if digits && self.value.len() <= PLACE_DIGITS {
            return None;
        }
        match attribute(&self.cell, "t").as_deref() {
            Some("s") => Some("names a text that is not there"),
            None | Some("n" | "b" | "e") if self.value.contains(&b'&') => {
                Some("is a number with an entity in it")
            }
            _ => None,
        }
    }
}
