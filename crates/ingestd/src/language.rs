//! The languages in which a bursar is told what is wrong with a sheet. One file
//! a language holds all its sentences; the compiler and a test see to it that
//! each has every one. A new language is a file like `english`, and its line
//! in each list here.
//!
//! A sentence comes without its end. It quotes what the cell shows between
//! backticks, says what is wrong and, behind a colon, what to write instead.

mod english;
mod urdu;

use clap::ValueEnum;
use fee_sheet::{Hold, LeftWhy, Remark, Unreadable};
use ingest_ledger::{Departures, RowState};

use crate::said::{Frame, Grounds, OfFile, OfNote, Said};

/// A language that a school is spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Urdu, in its own script.
    Ur,
}

/// The sentences of one language.
trait Words: Sync {
    /// What is said of a cell of a field; `shown` is what the cell shows, in its quotes.
    fn of_cell(&self, field: &str, shown: &str, said: &Said) -> String;

    /// Why a file can't be read; `None` where the reader's own words, which are English, must do.
    fn of_file(&self, refusal: &Unreadable) -> Option<String>;

    /// Why a file waits for a person; `None` where the reader's own words must do.
    fn of_hold(&self, hold: &Hold) -> Option<String>;

    /// What a reader remarks on a sheet or a file; `None` likewise.
    fn of_remark(&self, remark: &Remark) -> Option<String>;

    /// Why a line or a sheet was left out; `None` likewise.
    fn of_left(&self, why: &LeftWhy) -> Option<String>;

    /// In what a file departs from earlier ones; `None` where the ledger's own words must do.
    fn of_departures(&self, departures: &Departures) -> Option<String>;

    /// What there is to say of a file.
    fn of_the_file(&self, said: &OfFile) -> String;

    /// On what grounds a column was taken, for a person.
    fn of_grounds(&self, grounds: &Grounds) -> String;

    /// What `check` says around the problems.
    fn of_frame(&self, frame: &Frame) -> String;

    /// What the notes beside a sheet say.
    fn of_note(&self, note: &OfNote) -> String;

    /// What the ledger stored of a row in this state, or of why it is held: it stores English.
    fn of_stored(&self, state: RowState, words: &str) -> String;

    /// What a field is called, as its heading would be.
    fn label(&self, field: &str) -> &'static str;
}

impl Language {
    /// All of them, with the names that the configuration has for them.
    pub const ALL: [(&'static str, Language); 2] = [("en", Language::En), ("ur", Language::Ur)];

    fn words(self) -> &'static dyn Words {
        match self {
            Language::En => &english::English,
            Language::Ur => &urdu::Urdu,
        }
    }

    /// The sentence about a cell of a field, which shows `shown`.
    #[must_use]
    pub fn said(self, field: &str, shown: &str, said: &Said) -> String {
        visible(self.words().of_cell(field, &quoted(shown), said))
    }

    /// Why a file can't be read, in a sentence.
    #[must_use]
    pub fn unreadable(self, refusal: &Unreadable) -> String {
        let said = self.words().of_file(refusal);
        visible(said.unwrap_or_else(|| refusal.to_string()))
    }

    /// Why a file waits for a person, all its reasons in one text; `None` if there are none.
    #[must_use]
    pub fn holds(self, holds: &[Hold]) -> Option<String> {
        let words = self.words();
        let said = holds
            .iter()
            .map(|hold| words.of_hold(hold).unwrap_or_else(|| hold.to_string()));
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| visible(said.join(self.between())))
    }

    /// What stands between two sentences of one text.
    #[must_use]
    pub fn between(self) -> &'static str {
        match self {
            Language::En => "; ",
            Language::Ur => "؛ ",
        }
    }

    /// What stands between the items of a list.
    #[must_use]
    pub fn comma(self) -> &'static str {
        match self {
            Language::En => ", ",
            Language::Ur => "، ",
        }
    }

    /// What a reader remarks on a sheet or a file.
    #[must_use]
    pub fn remark(self, remark: &Remark) -> String {
        let said = self.words().of_remark(remark);
        visible(said.unwrap_or_else(|| remark.to_string()))
    }

    /// Why a line or a sheet was left out.
    #[must_use]
    pub fn left(self, why: &LeftWhy) -> String {
        let said = self.words().of_left(why);
        visible(said.unwrap_or_else(|| why.to_string()))
    }

    /// In what a file departs from earlier ones.
    #[must_use]
    pub fn departures(self, departures: &Departures) -> String {
        let said = self.words().of_departures(departures);
        visible(said.unwrap_or_else(|| departures.to_string()))
    }

    /// What there is to say of a file.
    #[must_use]
    pub fn of_file(self, said: &OfFile) -> String {
        visible(self.words().of_the_file(said))
    }

    /// On what grounds a column was taken, for a person.
    #[must_use]
    pub fn grounds(self, grounds: &Grounds) -> String {
        visible(self.words().of_grounds(grounds))
    }

    /// What `check` says around the problems.
    #[must_use]
    pub fn frame(self, frame: &Frame) -> String {
        visible(self.words().of_frame(frame))
    }

    /// What a note beside a sheet says.
    #[must_use]
    pub fn note(self, note: &OfNote) -> String {
        visible(self.words().of_note(note))
    }

    /// What the ledger stored of a row in this state, or of why it is held.
    #[must_use]
    pub fn stored(self, state: RowState, words: &str) -> String {
        visible(self.words().of_stored(state, words))
    }

    /// What the fix sheet calls its column of sentences; every reader knows it in every language.
    #[must_use]
    pub fn to_correct(self) -> &'static str {
        match self {
            Language::En => fee_sheet::TO_CORRECT[0],
            Language::Ur => fee_sheet::TO_CORRECT[1],
        }
    }

    /// What a field is called in this language; an unknown one, nothing.
    #[must_use]
    pub fn label(self, field: &str) -> &'static str {
        self.words().label(field)
    }
}

/// A sentence with its end, as it stands among others in a cell.
#[must_use]
pub fn ended(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?', '۔', '؟']) {
        sentence.to_owned()
    } else if sentence.chars().any(is_urdu) {
        format!("{sentence}۔")
    } else {
        format!("{sentence}.")
    }
}

/// Whether it is a letter of Urdu, or one of its marks.
fn is_urdu(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}')
}

/// Whether a character acts on the screen that shows it: a control character, or one that turns the
/// direction of the text around it. The end of a line is not one of them.
fn acts(c: char) -> bool {
    c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A sentence without what acts on the terminal, or turns the line, that shows it: headings, names of
/// sheets and of files are whatever somebody wrote. Its lines stay lines.
fn visible(sentence: String) -> String {
    if sentence.contains(acts) {
        sentence.replace(acts, "")
    } else {
        sentence
    }
}

/// Longer values are cut: the sheet has the rest.
const QUOTED_CHARS: usize = 60;

/// A value as a sentence quotes it: in one line, without what nobody sees, and
/// not as long as a sheet.
fn quoted(shown: &str) -> String {
    let mut chars = shown.trim().chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(' '),
        '`' => Some('\''),
        '\u{200e}' | '\u{200f}' => None,
        c if acts(c) => None,
        c => Some(c),
    });
    let mut text: String = chars.by_ref().take(QUOTED_CHARS).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

/// Characters by their numbers, since nobody sees them: `U+202E`.
fn numbered(unseen: &[char]) -> String {
    const NAMED: usize = 3;
    let mut named: Vec<char> = unseen.to_vec();
    named.sort_unstable();
    named.dedup();
    let more = if named.len() > NAMED { " …" } else { "" };
    let numbers: Vec<String> = named
        .iter()
        .take(NAMED)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    format!("{}{more}", numbers.join(" "))
}

/// Rupees as a bursar writes them: decimals only for paisa.
fn rupees(paisa: i64) -> String {
    match paisa % 100 {
        0 => (paisa / 100).to_string(),
        _ => crate::sheet::rupees(paisa),
    }
}

#[cfg(test)]
mod only_urdu;
#[cfg(test)]
mod tests;
