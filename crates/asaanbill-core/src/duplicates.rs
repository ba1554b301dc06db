//! Which rows of a file name the same payer twice, at a million rows in little
//! memory.
//!
//! Two rows with one identifier would discard each other's bill at the hub, and
//! two that differ only in upper and lower case, or in how Arabic and Urdu write
//! a letter or a digit, are probably one payer. Both
//! are found as the rows go by, so that a file is read once.
//!
//! A hash only says where to look: identifiers are always compared byte by
//! byte. The hash is keyed anew for every [`Seen`], so no sheet can be made to
//! collide on purpose, nor does it help to spell one identifier in a million ways.

use std::hash::{BuildHasher, RandomState};

/// The identifiers seen so far, with the row that had each first.
///
/// A million identifiers of 15 bytes take less than 40 MB.
///
/// ```
/// use asaanbill_core::duplicates::Seen;
///
/// let mut seen = Seen::new();
/// assert!(seen.add("FS-1", 2).is_first());
/// assert!(seen.add("FS-2", 3).is_first());
///
/// let again = seen.add("FS-1", 4).same.expect("row 2 had it");
/// assert_eq!((again.row, again.unreported), (2, true)); // mark row 2 as well
/// let twin = seen.add("fs-2", 5).twin.expect("row 3 differs only in case");
/// assert_eq!(twin.row, 3);
///
/// assert_eq!(seen.duplicate_groups(), [vec![2, 4]]);
/// assert_eq!(seen.twin_groups(), [vec![3, 5]]);
/// assert_eq!(seen.first_spellings()[0].identifier, "FS-2");
/// ```
pub struct Seen {
    hasher: RandomState,
    /// Every different identifier, one after the other, each behind its length.
    arena: Vec<u8>,
    entries: Vec<Entry>,
    marks: Vec<Marks>,
    /// Open addressing, by the hash of the upper case, so that all spellings of
    /// an identifier lie together. 0 is empty, else the entry's number plus one.
    slots: Vec<u32>,
    /// Some bits of each slot's hash, so that most strangers are told apart
    /// without a look into the arena.
    tags: Vec<u8>,
    repeats: Vec<(u32, u32)>,
    twins: Vec<(u32, u32)>,
    folded: String,
}

/// What a row's identifier meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// An earlier row had exactly this identifier.
    pub same: Option<Earlier>,
    /// An earlier row had it in other upper and lower case, or in letters that
    /// are written otherwise. Only for the first row of each spelling.
    pub twin: Option<Earlier>,
}

/// The earlier row that a later one is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The first row that had the identifier.
    pub row: u32,
    /// Whether this is the first time that row is named in this respect: now is
    /// the time to mark it too.
    pub unreported: bool,
}

/// An identifier that came again in another spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstSpelling<'a> {
    /// The first row that had it.
    pub row: u32,
    /// As that row spelled it.
    pub identifier: &'a str,
    /// The first row that spelled it otherwise.
    pub next_row: u32,
}

/// What was met more than once, in a few bytes a row; made at the end by
/// [`Seen::into_met`].
pub struct Met {
    arena: Vec<u8>,
    entries: Vec<Entry>,
    repeats: Vec<(u32, u32)>,
    spellings: Vec<(u32, u32)>,
}

impl Met {
    /// Every repetition: the identifier's number, and the row that had it
    /// again. By identifier, and the rows of one in order; the first row of each
    /// ([`Met::first_row`]) is not among them.
    #[must_use]
    pub fn repeats(&self) -> &[(u32, u32)] {
        &self.repeats
    }

    /// Every identifier that came in another spelling, with the first row that
    /// had that.
    #[must_use]
    pub fn spellings(&self) -> &[(u32, u32)] {
        &self.spellings
    }

    /// The first row of an identifier, by its number.
    #[must_use]
    pub fn first_row(&self, identifier: u32) -> Option<u32> {
        Some(self.entries.get(identifier as usize)?.row)
    }

    /// An identifier, by its number.
    #[must_use]
    pub fn identifier(&self, identifier: u32) -> &str {
        let entry = self.entries.get(identifier as usize);
        let text = entry.map_or(&[][..], |entry| text_at(&self.arena, entry.start));
        // Only whole texts are ever stored.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// Where an identifier starts in the arena, and the row that had it first.
struct Entry {
    start: u32,
    row: u32,
}

/// What else is known of an entry, in one byte.
#[derive(Clone, Copy, Default)]
struct Marks(u8);

impl Marks {
    const REPEATED: u8 = 1;
    const TWINNED: u8 = 2;
    /// Lies at the hash of its own spelling, see [`SPELLINGS_TOGETHER`].
    const APART: u8 = 4;
    const ONE_SPELLING: u8 = 8;

    /// Sets a mark; whether it was new.
    fn set(&mut self, mark: u8) -> bool {
        let new = self.0 & mark == 0;
        self.0 |= mark;
        new
    }

    fn is_apart(self) -> bool {
        self.0 & Self::APART != 0
    }

    /// How many other spellings follow this first one, up to the limit.
    fn spellings(self) -> u8 {
        self.0 / Self::ONE_SPELLING
    }
}

/// From how many spellings of one identifier on the next ones lie apart, at the
/// hash of their own spelling. Else a sheet of a million spellings of one word
/// would be a chain of a million steps.
const SPELLINGS_TOGETHER: u8 = 31;

impl Sighting {
    /// Whether no earlier row is like this one.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.same.is_none() && self.twin.is_none()
    }
}

impl Default for Seen {
    fn default() -> Seen {
        Seen::new()
    }
}

impl Seen {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Seen {
        Seen {
            hasher: RandomState::new(),
            arena: Vec::new(),
            entries: Vec::new(),
            marks: Vec::new(),
            slots: vec![0; 1024],
            tags: vec![0; 1024],
            repeats: Vec::new(),
            twins: Vec::new(),
            folded: String::new(),
        }
    }

    /// Notes that `row` has this identifier, and says which earlier row is like
    /// it. `row` is the caller's own number and comes back as it was.
    ///
    /// # Panics
    /// If the different identifiers together pass 4 GB.
    pub fn add(&mut self, identifier: &str, row: u32) -> Sighting {
        let mut folded = std::mem::take(&mut self.folded);
        fold(identifier, &mut folded);
        let sighting = self.look_up_or_insert(identifier, &folded, row);
        self.folded = folded;
        sighting
    }

    /// How many different identifiers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The rows of every identifier that came more than once, first row first.
    #[must_use]
    pub fn duplicate_groups(&self) -> Vec<Vec<u32>> {
        self.groups(&self.repeats)
    }

    /// For every identifier that came in more than one spelling, the first row
    /// of each spelling.
    #[must_use]
    pub fn twin_groups(&self) -> Vec<Vec<u32>> {
        self.groups(&self.twins)
    }

    /// For every identifier that came in more than one spelling, the first of
    /// them. When its row went by there was nothing to say of it yet, so it is
    /// marked at the end.
    #[must_use]
    pub fn first_spellings(&self) -> Vec<FirstSpelling<'_>> {
        let mut twins = self.twins.clone();
        twins.sort_by_key(|(entry, _)| *entry); // stable: rows stay in order
        twins.dedup_by_key(|(entry, _)| *entry);
        twins
            .into_iter()
            .map(|(entry, next_row)| FirstSpelling {
                row: self.entries[entry as usize].row,
                // Only whole texts are ever stored.
                identifier: std::str::from_utf8(self.text(entry)).unwrap_or_default(),
                next_row,
            })
            .collect()
    }

    /// What was met more than once; all that only served to find it is given
    /// up.
    #[must_use]
    pub fn into_met(self) -> Met {
        let (mut repeats, mut spellings) = (self.repeats, self.twins);
        repeats.sort_unstable();
        spellings.sort_unstable();
        spellings.dedup_by_key(|(entry, _)| *entry);
        Met {
            arena: self.arena,
            entries: self.entries,
            repeats,
            spellings,
        }
    }

    fn groups(&self, pairs: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|(entry, _)| *entry); // stable: rows stay in order
        pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| {
                let first = self.entries[group[0].0 as usize].row;
                std::iter::once(first)
                    .chain(group.iter().map(|(_, row)| *row))
                    .collect()
            })
            .collect()
    }

    fn look_up_or_insert(&mut self, identifier: &str, folded: &str, row: u32) -> Sighting {
        let hash = self.hasher.hash_one(folded.as_bytes());
        let (mut same, leader) = self.find(hash, identifier, folded);
        let crowded = leader
            .is_some_and(|leader| self.marks[leader as usize].spellings() == SPELLINGS_TOGETHER);
        let own_hash = if crowded {
            self.hasher.hash_one(identifier.as_bytes())
        } else {
            hash
        };
        if same.is_none() && crowded {
            same = self.find(own_hash, identifier, folded).0;
        }
        if let Some(same) = same {
            self.repeats.push((same, row));
            let unreported = self.marks[same as usize].set(Marks::REPEATED);
            return Sighting {
                same: Some(Earlier {
                    row: self.entries[same as usize].row,
                    unreported,
                }),
                twin: None,
            };
        }

        let twin = leader.map(|leader| {
            self.twins.push((leader, row));
            let marks = &mut self.marks[leader as usize];
            if !crowded {
                marks.0 += Marks::ONE_SPELLING;
            }
            let unreported = marks.set(Marks::TWINNED);
            Earlier {
                row: self.entries[leader as usize].row,
                unreported,
            }
        });
        self.store(identifier, row, crowded);
        self.occupy(own_hash);
        Sighting { same: None, twin }
    }

    /// The entry with exactly this identifier, or else the first spelling of it.
    fn find(&self, hash: u64, identifier: &str, folded: &str) -> (Option<u32>, Option<u32>) {
        let mut leader = None;
        let mut at = self.home(hash);
        while let Some(entry) = self.slots[at].checked_sub(1) {
            if self.tags[at] == tag(hash) {
                let text = self.text(entry);
                if text == identifier.as_bytes() {
                    return (Some(entry), leader.or(Some(entry)));
                }
                if leader.is_none()
                    && !self.marks[entry as usize].is_apart()
                    && folds_to(text, folded)
                {
                    leader = Some(entry);
                }
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        (None, leader)
    }

    fn store(&mut self, identifier: &str, row: u32, apart: bool) {
        let start = u32::try_from(self.arena.len())
            .expect("the identifiers of one file are less than 4 GB");
        let length = u32::try_from(identifier.len()).expect("one identifier is less than 4 GB");
        let needed = identifier.len() + 5;
        if self.arena.capacity() - self.arena.len() < needed {
            // By a sixteenth, not by doubling: at a million rows that is 15 MB of air.
            self.arena
                .reserve_exact(needed.max(self.arena.len() / 16).max(1 << 16));
        }
        match u8::try_from(length) {
            Ok(short) if short < u8::MAX => self.arena.push(short),
            _ => {
                self.arena.push(u8::MAX);
                self.arena.extend_from_slice(&length.to_le_bytes());
            }
        }
        self.arena.extend_from_slice(identifier.as_bytes());
        self.entries.push(Entry { start, row });
        self.marks.push(Marks(if apart { Marks::APART } else { 0 }));
    }

    fn text(&self, entry: u32) -> &[u8] {
        text_at(&self.arena, self.entries[entry as usize].start)
    }

    /// Gives the newest entry its slot.
    fn occupy(&mut self, hash: u64) {
        // At most three quarters full, so that a search ends soon.
        if self.entries.len() * 4 > self.slots.len() * 3 {
            self.grow();
        } else {
            self.put(hash, self.entries.len() - 1);
        }
    }

    fn put(&mut self, hash: u64, entry: usize) {
        let mut at = self.home(hash);
        while self.slots[at] != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] =
            u32::try_from(entry + 1).expect("there are fewer identifiers than bytes of them");
        self.tags[at] = tag(hash);
    }

    /// Doubles the table and puts every entry in again, in order: the first
    /// spelling of an identifier is then still the first one met.
    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots = vec![0; size];
        self.tags = vec![0; size];
        let mut folded = String::new();
        for entry in 0..self.entries.len() {
            let text = self.text(
                u32::try_from(entry).expect("there are fewer identifiers than bytes of them"),
            );
            let hash = match std::str::from_utf8(text) {
                Ok(text) if !self.marks[entry].is_apart() => {
                    fold(text, &mut folded);
                    self.hasher.hash_one(folded.as_bytes())
                }
                _ => self.hasher.hash_one(text),
            };
            self.put(hash, entry);
        }
    }

    fn home(&self, hash: u64) -> usize {
        // The table's size is a power of two below 2^32.
        (hash & 0xffff_ffff) as usize & (self.slots.len() - 1)
    }
}

fn text_at(arena: &[u8], start: u32) -> &[u8] {
    let bytes = &arena[start as usize..];
    match bytes {
        [u8::MAX, a, b, c, d, rest @ ..] => &rest[..u32::from_le_bytes([*a, *b, *c, *d]) as usize],
        [length, rest @ ..] => &rest[..usize::from(*length)],
        [] => bytes,
    }
}

/// Bits of the hash that the slot's place does not already tell.
fn tag(hash: u64) -> u8 {
    (hash >> 56) as u8
}

/// The identifier in upper case, letters that Arabic and Urdu write
/// differently made one, into a buffer that is used again.
fn fold(identifier: &str, into: &mut String) {
    into.clear();
    if identifier.is_ascii() {
        into.push_str(identifier);
        into.make_ascii_uppercase();
    } else {
        into.extend(
            identifier
                .chars()
                .filter_map(unified)
                .flat_map(char::to_uppercase),
        );
    }
}

/// A letter as it is compared; `None` for what only dresses the one before.
fn unified(c: char) -> Option<char> {
    let in_ascii = |zero: char| char::from_digit(u32::from(c) - u32::from(zero), 10);
    match c {
        'ي' | 'ى' => Some('ی'),
        'ك' => Some('ک'),
        'ه' | 'ة' | 'ھ' => Some('ہ'),
        '۰'..='۹' => in_ascii('۰'),
        '٠'..='٩' => in_ascii('٠'),
        // Lengthening strokes, joiners, vowels.
        'ـ' | '\u{200c}' | '\u{200d}' | '\u{64b}'..='\u{652}' | '\u{670}' => None,
        _ => Some(c),
    }
}

fn folds_to(text: &[u8], folded: &str) -> bool {
    if text.is_ascii() {
        return text.eq_ignore_ascii_case(folded.as_bytes());
    }
    let mut other = String::new();
    std::str::from_utf8(text).is_ok_and(|text| {
        fold(text, &mut other);
        other == folded
    })
}

#[cfg(test)]
mod tests;
