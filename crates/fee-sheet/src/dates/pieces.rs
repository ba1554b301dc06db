//! The pieces of a date's text: numbers with their counts of digits, and
//! months' names.

use unicode_normalization::char::is_combining_mark;

use super::names::{month_named, says_nothing};
use crate::headings::{digit, invisible};

/// A piece of a date: a number with its count of digits, or a month's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Number(u32, usize),
    Month(u32),
}

/// A date has three pieces at most.
pub(super) struct Pieces {
    found: [Piece; 3],
    count: usize,
}

impl Pieces {
    fn push(&mut self, piece: Piece) -> Option<()> {
        *self.found.get_mut(self.count)? = piece;
        self.count += 1;
        Some(())
    }

    pub(super) fn as_slice(&self) -> &[Piece] {
        &self.found[..self.count]
    }
}

/// Text that is longer is no date.
const BYTES_MAX: usize = 80;

/// The pieces of the text; `None` if a piece belongs to no date.
pub(super) fn pieces(text: &str) -> Option<Pieces> {
    let text = without_time(text);
    if text.len() > BYTES_MAX {
        return None;
    }
    let mut pieces = Pieces {
        found: [Piece::Month(0); 3],
        count: 0,
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if digit(c).is_some() {
            let end = rest.find(|c| digit(c).is_none()).unwrap_or(rest.len());
            let mut number = 0u32;
            let mut width = 0;
            for value in rest[..end].chars().filter_map(digit) {
                number = number.checked_mul(10)?.checked_add(u32::from(value))?;
                width += 1;
            }
            pieces.push(Piece::Number(number, width))?;
            rest = &rest[end..];
        } else if c.is_alphabetic() {
            let in_word =
                |c: char| c.is_alphabetic() || c == 'ـ' || invisible(c) || is_combining_mark(c);
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            let after_number = matches!(pieces.as_slice().last(), Some(Piece::Number(..)));
            if let Some(month) = month_named(word) {
                pieces.push(Piece::Month(month))?;
            } else if !says_nothing(word, after_number) {
                return None;
            }
            rest = &rest[end..];
        } else if is_between(c) {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
    }
    Some(pieces)
}

/// Signs that stand between the pieces of a date.
fn is_between(c: char) -> bool {
    matches!(
        c,
        '/' | '-'
            | '.'
            | ','
            | '،'
            | '۔'
            | '–'
            | '—'
            | '‑'
            | '‐'
            | '−'
            | '\''
            | '’'
            | '⁄'
            | '／'
            | '؍'
            | '\\'
    ) || c.is_whitespace()
        || invisible(c)
}

/// Cuts a time of day off: from the hour before the first colon on, or from
/// the `T` between.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let head = &text[..colon];
    let hour = head.trim_end_matches(|c| digit(c).is_some());
    let cut = hour.strip_suffix(['T', 't']).unwrap_or(hour);
    if cut.len() == head.len() { text } else { cut }
}
