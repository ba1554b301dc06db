//! A fee, its arrears and a total side by side: the total is what is to be
//! paid. That is only said where the sheet shows what the total is made of,
//! since `Fee` and `Total` alone may as well be a month and a year.

use crate::beside::{Beside, heard};
use crate::claims::Claim;
use crate::headings::words;
use crate::row::{SheetRow, Value};
use crate::speaking::speaks_of_late;

/// The columns of a line of headings that no field has, as far as they are
/// added to a bill or taken off it.
#[derive(Debug, Default)]
pub(crate) struct Charges {
    /// What is owed from before.
    arrears: Vec<u16>,
    /// Other charges.
    further: Vec<u16>,
    fines: Vec<u16>,
    let_off: Vec<u16>,
    /// Something that leaves open what a total is made of.
    doubt: bool,
}

/// A choice that the headings suggest, and the rows can still speak against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lean {
    pub(crate) field: usize,
    pub(crate) whole: (u16, String),
    pub(crate) part: (u16, String),
    /// What else the whole is made of.
    charges: Vec<u16>,
    /// What is taken off, so that the whole may be less than the part.
    let_off: Vec<u16>,
    /// The whole is only what its name says: it must be the sum in every line.
    strict: bool,
}

impl Charges {
    /// `others` are the headings that are no field's; `late_known` says that
    /// some column is the late amount, and a fine belongs to that one.
    pub(crate) fn of(others: &[(u16, &str)], late_known: bool) -> Self {
        let mut charges = Self::default();
        for (column, heading) in others {
            let words = words(heading);
            let a_sum = words.iter().any(|word| SUMS.contains(&word.as_str()));
            match heard(heading) {
                Some(heard) if heard.beside == Beside::Paid => charges.doubt = true,
                Some(heard) if heard.beside == Beside::LetOff => charges.let_off.push(*column),
                Some(heard) if heard.arrears => charges.arrears.push(*column),
                _ if a_sum => charges.doubt = true,
                _ if speaks_of_late(heading) => charges.fines.push(*column),
                Some(heard) if heard.beside == Beside::Charge => charges.further.push(*column),
                _ => {}
            }
        }
        if late_known {
            charges.fines.clear();
        }
        charges
    }

    /// Whether the one is the sum of which the other is a part, as far as
    /// the headings say.
    pub(crate) fn sum_up(&self, whole: (Claim, u16), part: (Claim, u16)) -> bool {
        let arrears = self.arrears.iter().any(|column| *column < whole.1);
        let named = match (whole.0, part.0) {
            (Claim::Whole, Claim::Plain) => arrears || self.within(whole.1).next().is_some(),
            // Dues without arrears beside them may be the arrears.
            (Claim::Qualified, Claim::Plain | Claim::Share | Claim::Part) => {
                self.within(whole.1).next().is_some()
            }
            (Claim::Dues, Claim::Plain | Claim::Share | Claim::Part) => arrears,
            _ => false,
        };
        // What stands behind a sum is not in it.
        let behind = [&self.arrears, &self.further, &self.let_off];
        let mut behind = behind.into_iter().flatten();
        named && part.1 < whole.1 && !self.doubt && behind.all(|column| *column < whole.1)
    }

    /// What stands before a sum and is added to it.
    fn within(&self, whole: u16) -> impl Iterator<Item = u16> {
        let all = [&self.arrears, &self.further, &self.fines];
        let all = all.into_iter().flatten().copied();
        all.filter(move |column| *column < whole)
    }

    /// The choice, to be held against the rows.
    pub(crate) fn lean(&self, field: usize, whole: (Claim, u16, &str), part: (u16, &str)) -> Lean {
        let (claim, column, heading) = whole;
        Lean {
            field,
            whole: (column, heading.to_owned()),
            part: (part.0, part.1.to_owned()),
            charges: self.within(column).collect(),
            let_off: self.let_off.clone(),
            strict: claim == Claim::Qualified,
        }
    }
}

impl Lean {
    /// Whether the lines given bear it out: no sum is less than its part, and
    /// one of the charges is an amount or nothing in every line.
    pub(crate) fn is_borne_out<'a>(&self, lines: impl Iterator<Item = &'a SheetRow>) -> bool {
        let mut charges = self.charges.clone();
        let mut adds_up = !self.strict;
        for line in lines {
            if self.strict {
                match self.adds_up(line) {
                    Some(true) => adds_up = true,
                    Some(false) => return false,
                    None => {}
                }
            }
            if let Value::Money(whole) = line.cell(self.whole.0).as_amount()
                && let Value::Money(part) = line.cell(self.part.0).as_amount()
                && whole < part
                && self.let_off.is_empty()
            {
                return false;
            }
            charges.retain(|column| !matches!(line.cell(*column).as_amount(), Value::Wrong(_)));
        }
        adds_up && !charges.is_empty()
    }

    /// Whether the whole of a line is the sum of its parts; `None` for a line
    /// without amounts.
    fn adds_up(&self, line: &SheetRow) -> Option<bool> {
        let money = |column: u16| match line.cell(column).as_amount() {
            Value::Money(minor) => Some(i128::from(minor)),
            _ => None,
        };
        let (whole, part) = (money(self.whole.0)?, money(self.part.0)?);
        let sum = |columns: &[u16]| -> i128 { columns.iter().filter_map(|at| money(*at)).sum() };
        Some(part + sum(&self.charges) - sum(&self.let_off) == whole)
    }
}

/// Words of another sum.
const SUMS: &[&str] = &[
    "total",
    "net",
    "grand",
    "gross",
    "payable",
    "after",
    "remaining",
    "outstanding",
    "kul",
    "کل",
];
