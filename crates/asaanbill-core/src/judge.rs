//! Whether a row is a bill: the value, or everything that is wrong with it.
//!
//! Two doors. A reader of sheets, which knows cells and dates, brings a
//! [`Draft`] and calls [`judge`]; an integrator with plain texts brings a
//! [`RawBill`]. Both meet the same rules. What takes more than one row to see,
//! a duplicate, is [`duplicates`](crate::duplicates)' business.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::amount::{AmountError, Paisa};
use crate::bill::Bill;
use crate::dates::{self, DateError};
use crate::problem::{Field, Problem, ProblemKind, Severity};
use crate::text;

/// From how many times the amount on a late amount looks like a slip. The
/// guide's own sample, 1400 and then 14550, has one digit too many.
const LATE_LOOKS_WRONG_FROM: i128 = 3;

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

/// A row as five plain texts: amounts as digits (`1500.50`), the date as
/// `yyyy-MM-dd` or `dd-MM-yyyy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawBill<'a> {
    /// The title as it stands.
    pub title: &'a str,
    /// The identifier as it stands.
    pub identifier: &'a str,
    /// The amount.
    pub amount: &'a str,
    /// The due date.
    pub due_date: &'a str,
    /// The late amount; blank means the amount.
    pub amount_after_due_date: &'a str,
}

/// A value if there are no errors, and all problems, warnings included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated<T> {
    /// The value, unless an error is among the problems.
    pub value: Option<T>,
    /// All of them, not just the first.
    pub problems: Vec<Problem>,
}

/// Judges one row: adds every problem to `problems`, and gives the bill if none
/// of this row is an error. Looks at no other row and at no clock. A good row
/// costs no allocation: the bill borrows its texts from the draft.
pub fn judge<'a>(
    draft: &Draft<'a>,
    rules: &Rules,
    problems: &mut Vec<Problem>,
) -> Option<Bill<'a>> {
    let title = judge_text(Field::Title, draft.title, problems);
    let identifier = judge_text(Field::Identifier, draft.identifier, problems);
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

impl<'a> RawBill<'a> {
    /// The bill, or everything that is wrong with the row. Never panics.
    #[must_use]
    pub fn validate(&self, rules: &Rules) -> Validated<Bill<'a>> {
        let mut problems = Vec::new();
        let draft = Draft {
            title: self.title,
            identifier: self.identifier,
            amount: given_amount(Field::Amount, self.amount, &mut problems),
            due_date: given_date(self.due_date, &mut problems),
            amount_after_due_date: given_amount(
                Field::AmountAfterDueDate,
                self.amount_after_due_date,
                &mut problems,
            ),
        };
        let value = judge(&draft, rules, &mut problems);
        problems.sort_by_key(|problem| problem.field);
        Validated { value, problems }
    }
}

fn judge_text<'a>(
    field: Field,
    text: &'a str,
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    let cleaned = text::clean(text);
    let kind = if cleaned.is_empty() {
        ProblemKind::Blank
    } else if cleaned.len() != text.len() || cleaned != text {
        ProblemKind::Cleaned
    } else {
        return Some(cleaned);
    };
    let blank = kind == ProblemKind::Blank;
    problems.push(Problem {
        field,
        value: text.to_owned(),
        kind,
    });
    (!blank).then_some(cleaned)
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
    if !dates::has_four_digit_year(due_date) {
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

fn given_amount(field: Field, text: &str, problems: &mut Vec<Problem>) -> Given<Paisa> {
    let cleaned = text::clean(text);
    match Paisa::parse(&cleaned) {
        Ok(amount) => {
            note_cleaning(field, text, &cleaned, problems);
            Given::Value(amount)
        }
        Err(AmountError::Blank) => Given::Blank,
        Err(why) => {
            problems.push(Problem {
                field,
                value: text.to_owned(),
                kind: ProblemKind::NotAnAmount(why),
            });
            Given::Unreadable
        }
    }
}

fn given_date(text: &str, problems: &mut Vec<Problem>) -> Given<NaiveDate> {
    let field = Field::DueDate;
    let cleaned = text::clean(text);
    match dates::parse(&cleaned) {
        Ok(date) => {
            note_cleaning(field, text, &cleaned, problems);
            Given::Value(date)
        }
        Err(DateError::Blank) => Given::Blank,
        Err(why) => {
            problems.push(Problem {
                field,
                value: text.to_owned(),
                kind: ProblemKind::NotADate(why),
            });
            Given::Unreadable
        }
    }
}

fn note_cleaning(field: Field, text: &str, cleaned: &str, problems: &mut Vec<Problem>) {
    if cleaned != text {
        problems.push(Problem {
            field,
            value: text.to_owned(),
            kind: ProblemKind::Cleaned,
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: RawBill<'static> = RawBill {
        title: "Ayesha Khan",
        identifier: "GF-001",
        amount: "1500",
        due_date: "2035-08-31",
        amount_after_due_date: "1600",
    };

    fn rules(past_due: PastDue) -> Rules {
        Rules {
            today: NaiveDate::from_ymd_opt(2035, 8, 31).unwrap(),
            past_due,
        }
    }

    /// What a person reads about the row, `error` or `warning` first.
    fn said(row: RawBill<'_>) -> Vec<String> {
        let judged = row.validate(&rules(PastDue::Reject));
        assert_eq!(
            judged.value.is_none(),
            judged.problems.iter().any(Problem::is_error)
        );
        judged
            .problems
            .iter()
            .map(|p| format!("{}: {p}", p.severity()))
            .collect()
    }

    #[test]
    fn a_good_row_borrows_and_says_nothing() {
        let judged = GOOD.validate(&rules(PastDue::Reject));
        assert_eq!(judged.problems, []);
        let bill = judged.value.unwrap();
        assert!(matches!(
            (bill.title, bill.identifier),
            (Cow::Borrowed("Ayesha Khan"), Cow::Borrowed("GF-001"))
        ));
    }

    #[test]
    fn all_problems_of_a_row_come_at_once() {
        let row = RawBill {
            title: " ",
            identifier: "",
            amount: "1,500",
            due_date: "31/08/35",
            amount_after_due_date: "0",
        };
        assert_eq!(
            said(row),
            [
                "error: title is blank; write the payer's name",
                "error: identifier is blank; write the payer's number at the school",
                "error: amount `1,500` has thousands separators; write the fee in rupees, such as 1500",
                "error: due date `31/08/35` is not a date of the form yyyy-MM-dd; write the last day of payment, such as 2035-08-31",
                "error: amount after the due date must be more than 0; write rupees, such as 1500, or leave it blank to charge the amount",
            ]
        );
    }

    #[test]
    fn each_error_says_what_to_write_instead() {
        assert_eq!(
            said(RawBill {
                amount: "0",
                ..GOOD
            }),
            ["error: amount must be more than 0; write the fee in rupees, such as 1500"]
        );
        assert_eq!(
            said(RawBill { amount: "", ..GOOD }),
            ["error: amount is blank; write the fee in rupees, such as 1500"]
        );
        assert_eq!(
            said(RawBill {
                amount_after_due_date: "1499.99",
                ..GOOD
            }),
            [
                "error: amount after the due date is less than the amount; write 1500 or more, or leave it blank"
            ]
        );
        assert_eq!(
            said(RawBill {
                due_date: "2035-08-30",
                ..GOOD
            }),
            ["error: due date 2035-08-30 is past; write 2035-08-31 or a later day"]
        );
        assert_eq!(
            said(RawBill {
                due_date: "",
                ..GOOD
            }),
            ["error: due date is blank; write the last day of payment, such as 2035-08-31"]
        );
    }

    #[test]
    fn the_guides_slip_of_a_digit_is_a_warning() {
        assert_eq!(
            said(RawBill {
                amount: "1400",
                amount_after_due_date: "14550",
                ..GOOD
            }),
            [
                "warning: amount after the due date is three times the amount (1400) or more; look for a digit too many"
            ]
        );
        assert_eq!(
            said(RawBill {
                amount: "1000",
                amount_after_due_date: "2999.99",
                ..GOOD
            }),
            Vec::<String>::new()
        );
    }

    #[test]
    fn blanks_at_the_ends_are_left_out_with_a_warning() {
        let row = RawBill {
            identifier: " FS-BSME-055",
            ..GOOD
        };
        let judged = row.validate(&rules(PastDue::Reject));
        assert_eq!(judged.value.unwrap().identifier, "FS-BSME-055");
        assert_eq!(judged.problems.len(), 1);
        assert_eq!(judged.problems[0].severity(), Severity::Warning);
        assert_eq!(judged.problems[0].value, " FS-BSME-055");
    }

    #[test]
    fn a_blank_late_amount_is_the_amount() {
        let judged = RawBill {
            amount_after_due_date: " ",
            ..GOOD
        }
        .validate(&rules(PastDue::Reject));
        assert_eq!(
            judged.value.unwrap().amount_after_due_date,
            Paisa::from_paisa(150_000)
        );
        assert_eq!(judged.problems, []);
    }

    #[test]
    fn a_past_due_date_is_what_the_account_says() {
        let row = RawBill {
            due_date: "2035-08-30",
            ..GOOD
        };
        let outcome = |past_due| {
            let judged = row.validate(&rules(past_due));
            (
                judged.value.is_some(),
                judged.problems.first().map(Problem::severity),
            )
        };
        assert_eq!(outcome(PastDue::Reject), (false, Some(Severity::Error)));
        assert_eq!(outcome(PastDue::Warn), (true, Some(Severity::Warning)));
        assert_eq!(outcome(PastDue::Allow), (true, None));
    }

    #[test]
    fn what_the_caller_could_not_read_is_invalid_without_a_second_problem() {
        let draft = Draft {
            title: "Ayesha Khan",
            identifier: "GF-001",
            amount: Given::Unreadable,
            due_date: Given::Unreadable,
            amount_after_due_date: Given::Unreadable,
        };
        let mut problems = Vec::new();
        assert_eq!(judge(&draft, &rules(PastDue::Reject), &mut problems), None);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_year_of_five_digits_is_refused() {
        let draft = Draft {
            title: "Ayesha Khan",
            identifier: "GF-001",
            amount: Given::Value(Paisa::from_paisa(100)),
            due_date: Given::Value(NaiveDate::from_ymd_opt(20_350, 8, 31).unwrap()),
            amount_after_due_date: Given::Blank,
        };
        let mut problems = Vec::new();
        assert_eq!(judge(&draft, &rules(PastDue::Allow), &mut problems), None);
        assert_eq!(problems[0].kind, ProblemKind::YearOutOfRange);
    }
}
