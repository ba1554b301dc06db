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
use fee_sheet::Unreadable;

use crate::said::Said;

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
        self.words().of_cell(field, &quoted(shown), said)
    }

    /// Why a file can't be read, in a sentence.
    #[must_use]
    pub fn unreadable(self, refusal: &Unreadable) -> String {
        let said = self.words().of_file(refusal);
        said.unwrap_or_else(|| refusal.to_string())
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
    let is_urdu = |c: char| matches!(c, '\u{600}'..='\u{6ff}');
    if sentence.ends_with(['.', '!', '?', '۔', '؟']) {
        sentence.to_owned()
    } else if sentence.chars().any(is_urdu) {
        format!("{sentence}۔")
    } else {
        format!("{sentence}.")
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
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => None,
        c if c.is_control() => None,
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
mod tests;
