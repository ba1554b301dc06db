//! Which field a heading is known for: by the lists of [`crate::school_words`], as
//! a small sentence about the due date, or without the month that it is for; and
//! of one in two lines, by both or by the lower one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::beside::{Beside, heard, is_any};
use crate::claims::{Claim, OPEN};
use crate::due_phrases;
use crate::guessing::OTHER_PEOPLE;
use crate::header::Matcher;
use crate::headings::{is_word, normal, timeless, words};
use crate::school_words::spelled_out;
use crate::speaking::{is_after_day, speaks_of_late};
use crate::two_lines::{Above, leaves_dates_alone, leaves_money_alone, leaves_payers_alone};
use crate::{Field, FieldKind};

/// A heading as it is to be matched.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub(crate) column: u16,
    /// As it is shown.
    pub(crate) shown: String,
    /// In two lines: the upper one, and the lower one.
    pub(crate) lines: Option<(String, String)>,
}

impl Heading {
    pub(crate) fn alone(column: u16, text: &str) -> Self {
        Self {
            column,
            shown: text.to_owned(),
            lines: None,
        }
    }

    pub(crate) fn below(column: u16, above: &str, text: &str) -> Self {
        Self {
            column,
            shown: format!("{above} {text}"),
            lines: Some((above.to_owned(), text.to_owned())),
        }
    }
}

/// Normal form → field, and how good a claim the heading has to it.
pub(crate) type Known = HashMap<String, (usize, Claim)>;

/// The headings that everybody writes for these fields. Thousands, and the same
/// for every file, so they are made once.
pub(crate) fn known_of(fields: &[Field]) -> Arc<Known> {
    type Made = Vec<(Vec<Field>, Arc<Known>)>;
    /// A program has one set of fields, or a few.
    const MADE_MAX: usize = 8;
    static MADE: Mutex<Made> = Mutex::new(Vec::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = made.iter().find(|(made, _)| made == fields) {
        return Arc::clone(known);
    }
    let mut known = Known::new();
    for (index, field) in fields.iter().enumerate() {
        for synonym in field.synonyms.iter().chain([&field.label, &field.name]) {
            for heading in spelled_out(synonym) {
                let form = normal(&heading);
                let claim = (index, Claim::of(&form));
                known.entry(form).or_insert(claim);
            }
        }
    }
    known.remove("");
    let known = Arc::new(known);
    if made.len() < MADE_MAX {
        made.push((fields.to_vec(), Arc::clone(&known)));
    }
    known
}

impl Matcher {
    /// The field of a heading, and the text that says so: of one in two lines
    /// both together, or the lower one, where the upper one leaves it alone.
    pub(crate) fn claim_of<'a>(
        &self,
        heading: &'a Heading,
        allowed: Above,
    ) -> Option<(usize, Claim, &'a str)> {
        let whole = self.claim(&heading.shown);
        let Some((above, below)) = &heading.lines else {
            return whole.map(|(field, claim, _)| (field, claim, &*heading.shown));
        };
        let alone = self.claim(below).filter(|(field, ..)| {
            let same = self.claim(above).is_some_and(|(above, ..)| above == *field);
            same || match self.fields[*field].kind {
                FieldKind::Money => leaves_money_alone(above, allowed),
                FieldKind::Text | FieldKind::Code => leaves_payers_alone(above),
                FieldKind::Date => leaves_dates_alone(above),
            }
        });
        match (whole, alone) {
            (Some((field, claim, _)), _) => Some((field, claim, &*heading.shown)),
            (None, Some((field, claim, _))) => Some((field, claim, below)),
            (None, None) => None,
        }
    }

    /// The field that a heading claims, how good the claim is, and the form of
    /// the heading that is known: its own, that of a small sentence, or its own
    /// without the month that it is for.
    pub(crate) fn claim<'a>(&self, heading: &'a str) -> Option<(usize, Claim, Cow<'a, str>)> {
        if !heading.chars().any(char::is_alphabetic) {
            return None;
        }
        let form = normal(heading);
        let known = |form: &str| {
            let own = self.of_school.get(form);
            own.or_else(|| self.of_all.get(form)).copied()
        };
        if let Some((field, claim)) = known(&form) {
            return Some((field, claim, Cow::Borrowed(heading)));
        }
        if form == OPEN {
            return None;
        }
        let words = words(heading);
        if let Some(meaning) = due_phrases::meaning(&words) {
            let (field, claim) = known(&normal(meaning))?;
            return Some((field, claim, Cow::Borrowed(meaning)));
        }
        if is_after_day(&form) {
            let meaning = "after due date";
            let (field, _) = known(&normal(meaning))?;
            return Some((field, Claim::Ordinary, Cow::Borrowed(meaning)));
        }
        if let Some(without) = timeless(&words)
            && let Some((field, claim)) = known(&normal(&without))
        {
            return Some((field, claim, Cow::Owned(without)));
        }
        if is_total_of_something(&words)
            && let Some((field, _)) = known(&normal("amount"))
        {
            return Some((field, Claim::Qualified, Cow::Borrowed(heading)));
        }
        self.claim_of_parts(heading)
    }

    /// A heading that says the same thing twice, in two languages or in other
    /// words: `Due Date (آخری تاریخ)`, `Fee / Dues`. All of its parts must
    /// claim one field; beside a payer's name a parent's may stand, where the
    /// cells name both, and beside the due date that something ends with it.
    fn claim_of_parts<'a>(&self, heading: &'a str) -> Option<(usize, Claim, Cow<'a, str>)> {
        let parts = parts(heading);
        if parts.len() < 2 {
            return None;
        }
        let (first, (field, claim, said)) = parts
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, self.claim(part)?)))?;
        let mut plain = true;
        for (at, other) in parts.iter().enumerate().filter(|(at, _)| *at != first) {
            let said = words(other);
            match (self.claim(other), self.fields[field].kind) {
                (Some((same, ..)), _) if same == field => {}
                // The payer's own name stands first.
                (None, FieldKind::Text) if at > first && is_any(&said, OTHER_PEOPLE) => {
                    plain = false;
                }
                (None, FieldKind::Date) if said.iter().all(|word| is_word(word, ENDS)) => {}
                _ => return None,
            }
        }
        let claim = if plain { claim } else { Claim::LastResort };
        Some((field, claim, said))
    }
}

/// What may end on the due date.
const ENDS: &str = "expiry expires validity closing date dt";

/// Whether the words are a total of something that is charged: `Total Rent Due`,
/// `Total Admission Dues`. What has a span of its own, is paid, let off, late or
/// owed from before is another sum.
fn is_total_of_something(words: &[String]) -> bool {
    const CHARGED: &str =
        "fee fees due dues charges bill payable amount rent rents فیس واجبات رقم کرایہ";
    let [first, between @ .., last] = words else {
        return false;
    };
    let is_other = |word: &String| {
        let spans = "annual annually yearly year semester quarterly quarter half past before \
            after excl excluding without incl including with no number of for per each other";
        is_word(word, spans) || word.chars().any(char::is_numeric)
    };
    is_word(first, "total kul کل ٹوٹل")
        && is_word(last, CHARGED)
        && (1..=3).contains(&between.len())
        && !between.iter().any(is_other)
        && heard(&between.join(" "))
            .is_none_or(|heard| heard.beside == Beside::Charge && !heard.arrears)
        && !is_any(between, OTHER_PEOPLE)
        && !speaks_of_late(&words.join(" "))
        && heard(&words.join(" ")).is_some_and(|heard| heard.beside == Beside::Sum)
}

/// The parts of a heading that signs part, or two scripts.
fn parts(heading: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in heading.split(['(', ')', '/', '|', '[', ']', '\\', '\n', '،']) {
        let mut start = 0;
        let mut arabic = None;
        for (at, c) in piece.char_indices().filter(|(_, c)| c.is_alphabetic()) {
            let is_arabic = matches!(c, '\u{600}'..='\u{6ff}' | '\u{fb50}'..='\u{fefc}');
            if arabic.is_some_and(|before| before != is_arabic) {
                parts.push(&piece[start..at]);
                start = at;
            }
            arabic = Some(is_arabic);
        }
        parts.push(&piece[start..]);
    }
    parts.retain(|part| part.chars().any(char::is_alphabetic));
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_heading_in_two_languages_has_two_parts() {
        assert_eq!(parts("Due Date (آخری تاریخ)"), ["Due Date ", "آخری تاریخ"]);
        assert_eq!(parts("Fee فیس"), ["Fee ", "فیس"]);
        assert_eq!(
            parts("Student Name / Father Name"),
            ["Student Name ", " Father Name"]
        );
        assert_eq!(parts("Roll No."), ["Roll No."]);
        assert_eq!(parts("(Rs.)"), ["Rs."]);
    }
}
