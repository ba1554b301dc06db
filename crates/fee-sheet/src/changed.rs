//! Identifiers in a text file that may not be what was typed: a spreadsheet makes
//! dates of some (`5-1` becomes `5-Jan`) and noughts of the last digits of others,
//! and a program may write them as numbers with a point. In a workbook a cell says
//! what it is; a CSV keeps only what was shown. A person decides.

use crate::FieldKind;
use crate::dates::names::ENGLISH;
use crate::holds::{Changed, Hold, HoldWhy, Place, Shown};
use crate::row::{CellKind, Plan, SheetRow};

/// The digits that a spreadsheet keeps of a number.
const DIGITS_KEPT: usize = 15;

/// A number of fewer digits is shown in full.
const DIGITS_LONG: usize = 12;

/// The identifiers of one table's columns.
#[derive(Debug)]
pub(crate) struct ChangedCodes {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    at: u16,
    heading: String,
    /// Identifiers that are there.
    filled: u64,
    /// Of those, the ones of many digits.
    long: u64,
    dates: Seen,
    noughts: Seen,
    pointed: Seen,
    quoted: Seen,
}

/// How many there are, and the first of them.
#[derive(Debug, Default)]
struct Seen {
    count: u64,
    first: Option<Shown>,
}

impl Seen {
    fn add(&mut self, text: &str, row: u32) {
        self.count += 1;
        self.first.get_or_insert_with(|| Shown {
            text: text.to_owned(),
            row,
        });
    }
}

impl ChangedCodes {
    pub(crate) fn new(plan: &Plan) -> Self {
        let codes = plan.of_kind(FieldKind::Code).map(|(at, heading)| Column {
            at,
            heading: heading.to_owned(),
            filled: 0,
            long: 0,
            dates: Seen::default(),
            noughts: Seen::default(),
            pointed: Seen::default(),
            quoted: Seen::default(),
        });
        Self {
            columns: codes.collect(),
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        for column in &mut self.columns {
            let cell = row.cell(column.at);
            let text = cell.shown.trim();
            if cell.kind == CellKind::Text && !text.is_empty() {
                column.add(text, row.row_number());
            }
        }
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str) -> Vec<Hold> {
        self.columns
            .iter()
            .flat_map(|column| column.reasons(sheet))
            .collect()
    }
}

impl Column {
    fn add(&mut self, text: &str, row: u32) {
        self.filled += 1;
        let bytes = text.as_bytes();
        let (first, last) = (bytes[0], bytes[bytes.len() - 1]);
        if matches!(first, b'\'' | b'"') || matches!(last, b'\'' | b'"') {
            self.quoted.add(text, row);
        } else if last == b'0' && is_pointed(text) {
            self.pointed.add(text, row);
        } else if bytes.len() >= DIGITS_LONG && bytes.iter().all(u8::is_ascii_digit) {
            self.long += 1;
            let lost = text.get(DIGITS_KEPT..).filter(|lost| !lost.is_empty());
            let cut = lost.is_some_and(|lost| lost.bytes().all(|digit| digit == b'0'));
            if cut || text.ends_with("0000") {
                self.noughts.add(text, row);
            }
        } else if bytes.len() <= 6 && is_day_of_month(text) {
            self.dates.add(text, row);
        }
    }

    fn reasons(&self, sheet: &str) -> Vec<Hold> {
        let all_long = self.noughts.count == self.long && self.long > 1;
        let all_pointed = self.pointed.count == self.filled;
        let seen = [
            (Changed::Dates, &self.dates, true),
            (Changed::Noughts, &self.noughts, all_long),
            (Changed::Pointed, &self.pointed, all_pointed),
            (Changed::Quoted, &self.quoted, true),
        ];
        let told = seen.into_iter().filter(|(.., asked)| *asked);
        told.filter_map(|(how, seen, _)| {
            Some(Hold {
                sheet: sheet.to_owned(),
                why: HoldWhy::IdentifiersChanged {
                    column: Place::of(self.at, Some(&self.heading)),
                    how,
                    first: seen.first.clone()?,
                    count: seen.count,
                },
            })
        })
        .collect()
    }
}

/// Whether a text is a whole number with a point and a nought: `1001.0`.
fn is_pointed(text: &str) -> bool {
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00"));
    whole.is_some_and(|whole| !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text is how a spreadsheet shows a day without its year, or a month:
/// `5-Jan`, `Jan-05`.
fn is_day_of_month(text: &str) -> bool {
    let Some((one, other)) = text.split_once('-') else {
        return false;
    };
    let number = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let month = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let is = text.len() == 3 && ENGLISH.iter().any(|month| month[..3] == lower);
        is && text.as_bytes()[0].is_ascii_uppercase() && text[1..] == lower[1..]
    };
    number(one) && month(other) || month(one) && number(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_makes_of_an_identifier_is_told_from_one() {
        for text in ["5-Jan", "12-Dec", "Jan-05", "Feb-1"] {
            assert!(is_day_of_month(text), "{text}");
        }
        for text in [
            "5-13", "5-JAN", "GR-05", "Jan-2035", "5-Janu", "A5-Jan", "-Jan",
        ] {
            assert!(!is_day_of_month(text), "{text}");
        }
        assert!(is_pointed("1001.0") && is_pointed("7.00"));
        assert!(!is_pointed("10.1") && !is_pointed("R1.0") && !is_pointed(".0"));
    }
}
