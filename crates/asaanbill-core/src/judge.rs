//! Whether a row is a bill: the value, or everything that is wrong with it.
//!
//! Two doors. A reader of sheets, which knows cells and dates, brings a
//! [`Draft`] and calls [`judge`]; an integrator with plain texts brings a
//! [`RawBill`]. Both meet the same rules. What takes more than one row to see,
//! a duplicate, is [`duplicates`](crate::duplicates)' business.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::amount::Paisa;
use crate::bill::Bill;
use crate::dates;
use crate::problem::{Field, Problem, ProblemKind, Severity};
use crate::text;

mod raw_bill;

pub use raw_bill::{RawBill, Validated};

/// The most characters of an identifier. The guide names no limit; no number that a payer types in
/// comes near it, and 5,000 rows of a request stay within some megabytes.
pub const IDENTIFIER_CHARS_MAX: usize = 200;

/// The most characters of a title, likewise.
pub const TITLE_CHARS_MAX: usize = 1_000;

/// From how many times the amount on a late amount looks like a slip. The
/// guide's own sample, 1400 and then 14550, has one digit too many.
const LATE_LOOKS_WRONG_FROM: i128 = 3;

/// No bill is due in more years than these: 2126 is a slip for 2026, and 2099 may be a school's way to say never.
const YEARS_AHEAD_MAX: i32 = 90;

/// What the rows of an account are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The day it is where the school is. Due today is not past.
    pub today: NaiveDate,
    /// What becomes of a due date before today.
    pub past_due: PastDue,
}

/// What becomes of a due date in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PastDue {
    /// The row is invalid.
    #[default]
    Reject,
    /// The row is sent, with a warning.
    Warn,
    /// The row is sent.
    Allow,
}

/// A cell that the caller has read already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing in it, or no such column.
    Blank,
    /// What it holds.
    Value(T),
    /// Something that could not be read. The caller has said why, so no second
    /// problem is made of it; the row is invalid all the same.
    Unreadable,
}

/// A row of a sheet, its amounts and dates already read.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The title as it stands.
    pub title: &'a str,
    /// The identifier as it stands.
    pub identifier: &'a str,
    /// The amount.
    pub amount: Given<Paisa>,
    /// The due date.
    pub due_date: Given<NaiveDate>,
    /// The late amount; blank means the amount.
    pub amount_after_due_date: Given<Paisa>,
}

/// Judges one row: adds every problem to `problems`, and gives the bill if none
/// of this row is an error. Looks at no other row and at no clock. A good row
/// costs no allocation: the bill borrows its texts from the draft.
pub fn judge<'a>(
    draft: &Draft<'a>,
    rules: &Rules,
    problems: &mut Vec<Problem>,
) -> Option<Bill<'a>> {
    let title = judge_text(Field::Title, draft.title, TITLE_CHARS_MAX, problems);
    let identifier = judge_text(
        Field::Identifier,
        draft.identifier,
        IDENTIFIER_CHARS_MAX,
        problems,
    );
    let amount = judge_amount(draft.amount, problems);
    let due_date = judge_due_date(draft.due_date, rules, problems);
    let late = judge_late(draft.amount_after_due_date, amount, problems);
    Some(Bill {
        title: title?,
        identifier: identifier?,
        amount: amount?,
        due_date: due_date?,
        amount_after_due_date: late?,
    })
}

fn judge_text<'a>(
    field: Field,
    text: &'a str,
    most: usize,
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    let cleaned = text::clean(text);
    // A text of few bytes has few characters, which is told cheaply of nearly every one.
    let chars = if cleaned.len() > most {
        cleaned.chars().count()
    } else {
        0
    };
    let kind = if cleaned.is_empty() {
        ProblemKind::Blank
    } else if chars > most {
        ProblemKind::TooLong { chars, most }
    } else if cleaned.len() != text.len() || cleaned != text {
        ProblemKind::Cleaned
    } else {
        return Some(cleaned);
    };
    let is_sent = kind == ProblemKind::Cleaned;
    problems.push(Problem {
        field,
        value: text.to_owned(),
        kind,
    });
    is_sent.then_some(cleaned)
}

fn judge_amount(amount: Given<Paisa>, problems: &mut Vec<Problem>) -> Option<Paisa> {
    match amount {
        Given::Value(amount) => positive(Field::Amount, amount, problems),
        Given::Blank => {
            problems.push(Problem {
                field: Field::Amount,
                value: String::new(),
                kind: ProblemKind::Blank,
            });
            None
        }
        Given::Unreadable => None,
    }
}

fn judge_late(
    late: Given<Paisa>,
    amount: Option<Paisa>,
    problems: &mut Vec<Problem>,
) -> Option<Paisa> {
    let field = Field::AmountAfterDueDate;
    let late = match late {
        // The guide's advice where no late fee applies: send the amount again.
        Given::Blank => return amount,
        Given::Unreadable => return None,
        Given::Value(late) => positive(field, late, problems)?,
    };
    let Some(amount) = amount else {
        return Some(late);
    };
    if late < amount {
        problems.push(Problem {
            field,
            value: late.wire(),
            kind: ProblemKind::LateBelowAmount { amount },
        });
        return None;
    }
    if i128::from(late.paisa()) >= LATE_LOOKS_WRONG_FROM * i128::from(amount.paisa()) {
        problems.push(Problem {
            field,
            value: late.wire(),
            kind: ProblemKind::LateMuchHigher { amount },
        });
    }
    Some(late)
}

fn judge_due_date(
    due_date: Given<NaiveDate>,
    rules: &Rules,
    problems: &mut Vec<Problem>,
) -> Option<NaiveDate> {
    let field = Field::DueDate;
    let due_date = match due_date {
        Given::Value(due_date) => due_date,
        Given::Blank => {
            problems.push(Problem {
                field,
                value: String::new(),
                kind: ProblemKind::Blank,
            });
            return None;
        }
        Given::Unreadable => return None,
    };
    let last_year = rules.today.year().saturating_add(YEARS_AHEAD_MAX);
    if !dates::has_four_digit_year(due_date) || due_date.year() > last_year {
        problems.push(Problem {
            field,
            value: due_date.to_string(),
            kind: ProblemKind::YearOutOfRange,
        });
        return None;
    }
    if due_date >= rules.today {
        return Some(due_date);
    }
    let severity = match rules.past_due {
        PastDue::Allow => return Some(due_date),
        PastDue::Warn => Severity::Warning,
        PastDue::Reject => Severity::Error,
    };
    let kind = ProblemKind::PastDue {
        today: rules.today,
        severity,
    };
    problems.push(Problem {
        field,
        value: dates::wire(due_date),
        kind,
    });
    (severity == Severity::Warning).then_some(due_date)
}

fn positive(field: Field, amount: Paisa, problems: &mut Vec<Problem>) -> Option<Paisa> {
    if amount.is_positive() {
        return Some(amount);
    }
    problems.push(Problem {
        field,
        value: amount.wire(),
        kind: ProblemKind::NotPositive,
    });
    None
}

#[cfg(test)]
mod tests;
