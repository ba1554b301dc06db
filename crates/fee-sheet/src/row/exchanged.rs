//! Whether the name and the number of a payer stand in each other's columns: told
//! by one row alone, since no name is a number and no number is a word.

use super::{Plan, SheetRow};
use crate::FieldKind;
use crate::flaws::Flaw;
use crate::headings::has_digits;

/// As many letters in a row as a number such as `GHS-12` or `ABCD-7` does not have.
const LETTERS_OF_A_WORD: usize = 5;

/// The same of a text without any digit.
const LETTERS_OF_A_NAME: usize = 3;

impl Plan {
    /// The column of the payer's name.
    fn name(&self) -> Option<u16> {
        let fields = self.columns.iter().zip(&self.kinds).zip(&self.required);
        let mut names =
            fields.filter(|((_, kind), required)| **kind == FieldKind::Text && **required);
        *names.next()?.0.0
    }
}

impl SheetRow {
    /// What the row calls its payer.
    pub(crate) fn payer(&self) -> Option<&str> {
        Some(self.cell(self.plan.name()?).shown.trim())
    }

    /// What is wrong with an identifier that is a word, where a number stands for
    /// the name.
    pub(super) fn exchanged(&self, identifier: &str) -> Option<Flaw> {
        // Nearly every identifier has a digit.
        if !is_a_word(identifier) {
            return None;
        }
        let name = self.payer()?;
        is_a_number(name).then(|| Flaw::Exchanged {
            name: name.to_owned(),
        })
    }
}

fn is_a_word(text: &str) -> bool {
    !has_digits(text) && longest(text) >= LETTERS_OF_A_NAME
}

fn is_a_number(text: &str) -> bool {
    has_digits(text) && longest(text) < LETTERS_OF_A_WORD
}

/// The most letters that stand together.
fn longest(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphabetic());
    words.map(|word| word.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{is_a_number, is_a_word};

    #[test]
    fn a_number_is_told_from_a_word() {
        for text in ["103", "A-103", "GHS-2035-12", "۱۰۳"] {
            assert!(is_a_number(text) && !is_a_word(text), "{text}");
        }
        for text in ["Bilal", "Ali Khan", "علی"] {
            assert!(is_a_word(text) && !is_a_number(text), "{text}");
        }
        for text in ["House 12", "Street No 4", ""] {
            assert!(!is_a_number(text) && !is_a_word(text), "{text}");
        }
    }
}
