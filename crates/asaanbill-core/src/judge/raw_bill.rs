//! The door for plain texts: a row as an integrator has it, its amounts and date
//! still to be read.

use chrono::NaiveDate;

use super::{Draft, Given, Rules, judge};
use crate::amount::{AmountError, Paisa};
use crate::bill::Bill;
use crate::dates::{self, DateError};
use crate::problem::{Field, Problem, ProblemKind};
use crate::text;

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
