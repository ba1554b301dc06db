//! What can be wrong with a row, said so that a bursar knows what to write.

use std::fmt;

use chrono::NaiveDate;

use crate::amount::{AmountError, Paisa};
use crate::dates::{self, DateError};

/// One of the five columns of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What the payer's banking app shows.
    Title,
    /// Who pays.
    Identifier,
    /// What is due until the due date.
    Amount,
    /// The due date.
    DueDate,
    /// What is due after it.
    AmountAfterDueDate,
}

/// Whether a row with the problem can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It is sent, and somebody should look.
    Warning,
    /// It is not.
    Error,
}

/// One thing that is wrong with one field of one row. Prints as a sentence
/// without its end: what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// The value as it stood; what was read of it where the text is the caller's.
    pub value: String,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Nothing there, or nothing that can be seen.
    Blank,
    /// A text that is no amount.
    NotAnAmount(AmountError),
    /// A text that is no date.
    NotADate(DateError),
    /// An amount of 0 or less.
    NotPositive,
    /// A late amount below the amount, which is given here.
    LateBelowAmount {
        /// The amount of the same row.
        amount: Paisa,
    },
    /// A year more than ninety years ahead, or one that four digits do not hold.
    YearOutOfRange,
    /// A due date before today.
    PastDue {
        /// The day it was judged on.
        today: NaiveDate,
        /// As the account's rules say.
        severity: Severity,
    },
    /// A late amount of three times the amount or more.
    LateMuchHigher {
        /// The amount of the same row.
        amount: Paisa,
    },
    /// Blanks at the ends or invisible characters, which are left out.
    Cleaned,
    /// A text of more characters than are sent.
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many are sent at most.
        most: usize,
    },
}

impl Field {
    /// All five, in the order of the guide.
    pub const ALL: [Field; 5] = [
        Field::Title,
        Field::Identifier,
        Field::Amount,
        Field::DueDate,
        Field::AmountAfterDueDate,
    ];

    /// Its name in lists and configuration: `amount_after_due_date`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Identifier => "identifier",
            Field::Amount => "amount",
            Field::DueDate => "due_date",
            Field::AmountAfterDueDate => "amount_after_due_date",
        }
    }

    /// Its name in a sentence: `amount after the due date`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Identifier => "identifier",
            Field::Amount => "amount",
            Field::DueDate => "due date",
            Field::AmountAfterDueDate => "amount after the due date",
        }
    }

    /// What to write into it, as the end of a sentence.
    const fn advice(self) -> &'static str {
        match self {
            Field::Title => "write the payer's name",
            Field::Identifier => "write the payer's number at the school",
            Field::Amount => "write the fee in rupees, such as 1500",
            Field::DueDate => "write the last day of payment, such as 2035-08-31",
            Field::AmountAfterDueDate => {
                "write rupees, such as 1500, or leave it blank to charge the amount"
            }
        }
    }
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl Problem {
    /// Whether the row can be sent all the same.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.kind {
            ProblemKind::LateMuchHigher { .. } | ProblemKind::Cleaned => Severity::Warning,
            ProblemKind::PastDue { severity, .. } => severity,
            _ => Severity::Error,
        }
    }

    /// Whether it keeps the row from being sent.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, advice, value) = (self.field.label(), self.field.advice(), &self.value);
        match &self.kind {
            ProblemKind::Blank => write!(f, "{label} is blank; {advice}"),
            ProblemKind::NotAnAmount(why) => write!(f, "{label} `{value}` {why}; {advice}"),
            ProblemKind::NotADate(why) => write!(f, "{label} `{value}` {why}; {advice}"),
            ProblemKind::NotPositive => write!(f, "{label} must be more than 0; {advice}"),
            ProblemKind::LateBelowAmount { amount } => {
                write!(
                    f,
                    "{label} is less than the amount; write {amount} or more, or leave it blank"
                )
            }
            ProblemKind::YearOutOfRange => {
                write!(f, "{label} lies too many years ahead; {advice}")
            }
            ProblemKind::PastDue { today, severity } => {
                write!(f, "{label} {value} is past; ")?;
                let today = dates::wire(*today);
                match severity {
                    Severity::Error => write!(f, "write {today} or a later day"),
                    Severity::Warning => write!(
                        f,
                        "it is sent, but the amount after the due date applies at once"
                    ),
                }
            }
            ProblemKind::LateMuchHigher { amount } => {
                write!(
                    f,
                    "{label} is three times the amount ({amount}) or more; look for a digit too many"
                )
            }
            ProblemKind::Cleaned => {
                write!(
                    f,
                    "{label} has blanks at its ends or invisible characters; it is sent without them"
                )
            }
            ProblemKind::TooLong { chars, most } => {
                write!(
                    f,
                    "{label} has {chars} characters, and {most} are sent at most; {advice}"
                )
            }
        }
    }
}
