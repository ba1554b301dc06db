//! Whether the amount that is read is what is to be paid, as far as the sheet
//! shows it: money beside it (charges, discounts, what is paid, what is left)
//! either is part of it, by where it stands or because the rows add up, or
//! the file waits for a person.

use crate::beside::{Beside, Heard, LEFT, TOTAL, is_any, says_paid};
use crate::claims::Claim;
use crate::flaws::Flaw;
use crate::headings::words;
use crate::holds::{BesideWhat, Hold, HoldWhy, Place};
use crate::row::{Cell, CellKind, SheetRow, Value};

/// What the heading of the amount says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The school's configuration names it, and has answered every question.
    Own,
    /// A sum of what stands before it.
    Total,
    /// The same, and what is paid or let off is taken off it.
    Payable,
    /// What is left to be paid.
    Left,
    /// Says only that it is an amount, or that it is a part.
    Plain,
}

impl Standing {
    pub(crate) fn of(claim: Claim, heading: &str) -> Self {
        const PAYABLE: &str = "payable net due wajib واجب قابل تک";
        let words = words(heading);
        let any = |list: &'static str| is_any(&words, list);
        match claim {
            Claim::Own(_) => Self::Own,
            _ if any(LEFT) => Self::Left,
            Claim::Share | Claim::Part | Claim::LastResort => Self::Plain,
            _ if any(PAYABLE) => Self::Payable,
            // The amount of a bill is all of it.
            _ if any(TOTAL) || any("dues bill بل") => Self::Total,
            _ => Self::Plain,
        }
    }
}

/// The money beside the amount of one table.
#[derive(Debug)]
pub(crate) struct Owing {
    /// The amount's field, its column and what that is.
    amount: Option<(usize, u16, Standing)>,
    columns: Vec<Column>,
    /// Some row does not add up to its amount.
    unproven: bool,
    /// Some row of several parts does.
    shown: bool,
}

#[derive(Debug)]
struct Column {
    at: u16,
    heard: Heard,
    /// It holds money somewhere.
    met: bool,
    /// Somewhere it holds something else than the amount.
    differs: bool,
    /// The first row that it says is paid.
    paid: Option<u32>,
}

/// What a cell is as money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Minor(i64),
    /// Money, and nobody can say how much.
    Unclear,
}

impl Owing {
    pub(crate) fn new(amount: Option<(usize, u16, Standing)>) -> Self {
        Self {
            amount,
            columns: Vec::new(),
            unproven: false,
            shown: false,
        }
    }

    /// A column that no field has.
    pub(crate) fn column(&mut self, at: u16, heard: Heard) {
        let own = matches!(self.amount, None | Some((_, _, Standing::Own)));
        let known = self.columns.iter().any(|column| column.at == at);
        if !known && (!own || heard.beside == Beside::Status) {
            self.columns.push(Column {
                at,
                heard,
                met: false,
                differs: false,
                paid: None,
            });
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        if self.columns.is_empty() {
            return;
        }
        let amount = self.amount.and_then(|(field, column, _)| {
            let Value::Money(minor) = row.entry(field).value else {
                return None;
            };
            Some((minor, column))
        });
        let mut parts = Parts::default();
        for column in &mut self.columns {
            let cell = row.cell(column.at);
            let beside = column.heard.beside;
            if matches!(beside, Beside::Paid | Beside::Status)
                && column.paid.is_none()
                && (says_paid(beside, cell.shown) || beside == Beside::Paid && cell.is_date())
            {
                column.paid = Some(row.row_number());
            }
            if beside == Beside::Status {
                continue;
            }
            let held = held(&cell, column.heard);
            let money = match held {
                Held::Nothing => false,
                Held::Minor(minor) => minor.abs() >= column.heard.least,
                Held::Unclear => true,
            };
            column.met |= money;
            if let Some((minor, before)) = amount {
                column.differs |= held != Held::Minor(minor) && (money || held == Held::Nothing);
                parts.add(beside, held, column.at < before);
            }
        }
        if let Some((minor, _)) = amount {
            match parts.come_to(minor) {
                Some(several) => self.shown |= several,
                None => self.unproven = true,
            }
        }
    }

    /// Why the file waits, if it does. `place` names a column.
    pub(crate) fn reasons(&self, sheet: &str, place: impl Fn(u16) -> Place) -> Vec<Hold> {
        let hold = |why: HoldWhy| Hold {
            sheet: sheet.to_owned(),
            why,
        };
        let mut reasons: Vec<Hold> = self
            .columns
            .iter()
            .filter_map(|column| {
                Some(hold(HoldWhy::PaidAlready {
                    column: place(column.at),
                    row: column.paid?,
                }))
            })
            .collect();
        if let Some((_, amount, standing)) = self.amount
            && standing != Standing::Own
            && !self.is_proven(amount, standing)
        {
            let open = self
                .columns
                .iter()
                .filter(|column| !self.is_covered(column, amount, standing));
            let beside: Vec<(Place, BesideWhat)> = open
                .map(|column| {
                    let what = match column.heard.beside {
                        Beside::Charge => BesideWhat::Charge,
                        Beside::LetOff => BesideWhat::LetOff,
                        Beside::Paid | Beside::Status => BesideWhat::Paid,
                        Beside::Sum => BesideWhat::Sum,
                    };
                    (place(column.at), what)
                })
                .collect();
            if !beside.is_empty() {
                let amount = place(amount);
                reasons.push(hold(HoldWhy::MoneyBeside { amount, beside }));
            }
        }
        reasons
    }

    /// Whether every row adds up to its amount, and not by chance.
    fn is_proven(&self, amount: u16, standing: Standing) -> bool {
        let mut met = self.columns.iter().filter(|column| column.met);
        // A breakdown stands before its sum, unless that one says it is one.
        self.shown
            && !self.unproven
            && (standing != Standing::Plain || met.all(|column| column.at < amount))
    }

    /// Whether a column changes nothing about the amount, as far as the
    /// headings say.
    fn is_covered(&self, column: &Column, amount: u16, standing: Standing) -> bool {
        let before = column.at < amount;
        let beside = column.heard.beside;
        if !column.met || beside == Beside::Sum && !column.differs || beside == Beside::Status {
            return true;
        }
        let taken_off = |column: &Column| matches!(column.heard.beside, Beside::Paid | Beside::Sum);
        match standing {
            Standing::Own => true,
            Standing::Plain => false,
            Standing::Total => before && beside != Beside::Paid,
            Standing::Payable => before,
            Standing::Left => taken_off(column) || before && self.columns.iter().any(taken_off),
        }
    }
}

/// What the columns beside the amount of one row hold.
#[derive(Debug, Default)]
struct Parts {
    charges: i128,
    /// Let off, or paid.
    off: i128,
    /// Sums before the amount.
    sums: Vec<i128>,
    several: u8,
    unclear: bool,
}

impl Parts {
    fn add(&mut self, beside: Beside, held: Held, before: bool) {
        let minor = match held {
            Held::Nothing | Held::Minor(0) => return,
            Held::Minor(minor) => i128::from(minor),
            Held::Unclear => {
                self.unclear = true;
                return;
            }
        };
        match beside {
            Beside::Charge => self.charges += minor,
            Beside::LetOff | Beside::Paid => self.off += minor.abs(),
            Beside::Sum if before => self.sums.push(minor),
            Beside::Sum | Beside::Status => return,
        }
        self.several = self.several.saturating_add(1);
    }

    /// Whether they come to the amount, and if so whether they are several.
    fn come_to(&self, amount: i64) -> Option<bool> {
        let fits = |sum: &i128| sum - self.off == i128::from(amount);
        let found = !self.unclear && (fits(&self.charges) || self.sums.iter().any(fits));
        found.then_some(self.several > 1)
    }
}

/// Reads a cell as money or a rate. A note behind a number of what is owed or
/// paid (`500 (bus)`) does not make it nothing.
fn held(cell: &Cell<'_>, heard: Heard) -> Held {
    if cell.kind == CellKind::Uncalculated {
        return Held::Unclear;
    }
    match cell.as_amount() {
        Value::Money(0) | Value::Blank => Held::Nothing,
        Value::Money(minor) => Held::Minor(minor),
        Value::Wrong(
            Flaw::TooManyDecimals | Flaw::TooLarge | Flaw::Percentage | Flaw::OtherCurrency(_),
        ) => Held::Unclear,
        _ if cell.kind != CellKind::Text => Held::Nothing,
        _ => {
            let text = cell.shown.trim();
            let rate = text.strip_suffix('%').map(str::trim_end);
            let noted = heard.arrears || heard.beside != Beside::Charge;
            let head = text
                .split(|c: char| c.is_whitespace() || matches!(c, '+' | '(' | '/' | '-' | '%'))
                .next()
                .filter(|_| noted && !cell.is_date());
            let read = rate.or(head).map(crate::money::read_amount);
            match read {
                None | Some(Ok(0) | Err(Flaw::NotANumber)) => Held::Nothing,
                Some(_) => Held::Unclear,
            }
        }
    }
}
