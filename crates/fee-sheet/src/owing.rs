//! Whether the amount that is read is what is to be paid, as far as the sheet
//! shows it: money beside it (charges, discounts, what is paid, what is left)
//! either is part of it, by where it stands or because the rows add up, or
//! the file waits for a person.

mod column;
mod parts;

use crate::beside::{Beside, Heard, LEFT, TOTAL, is_any};
use crate::claims::Claim;
use crate::headings::words;
use crate::holds::{BesideWhat, Hold, HoldWhy, Place, Shown};
use crate::row::{SheetRow, Value};
use column::{Column, Held};
use parts::{Parts, Proof};

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
            Claim::Share | Claim::Part | Claim::Qualified | Claim::LastResort => Self::Plain,
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
    /// One of them that has as good a right to be the amount.
    asked: Option<u16>,
    /// Whether the rows add up, without the columns whose headings say nothing.
    proof: Proof,
    /// The same with them.
    whole_proof: Proof,
    /// Columns that say how often the amount is charged, and the first that says
    /// more than once.
    times: Vec<(u16, Option<Shown>)>,
    /// What the columns of a row hold; here to be used again.
    held: Vec<Held>,
}

impl Owing {
    pub(crate) fn new(amount: Option<(usize, u16, Standing)>) -> Self {
        Self {
            amount,
            columns: Vec::new(),
            asked: None,
            proof: Proof::default(),
            whole_proof: Proof::default(),
            times: Vec::new(),
            held: Vec::new(),
        }
    }

    /// A column that says how often the amount is charged.
    pub(crate) fn times(&mut self, at: u16) {
        if matches!(self.amount, Some((_, _, Standing::Plain))) {
            self.times.push((at, None));
        }
    }

    /// A column that has as good a right to be the amount.
    pub(crate) fn ask(&mut self, at: u16) {
        self.asked = Some(at);
        let heard = Heard {
            beside: Beside::Sum,
            arrears: false,
            least: 1,
        };
        self.columns.push(Column::new(at, heard));
    }

    /// A column that no field has; told of a second time, it is what is said then.
    pub(crate) fn column(&mut self, at: u16, heard: Heard) {
        self.no_money(at);
        let own = matches!(self.amount, None | Some((_, _, Standing::Own)));
        let known = self.columns.iter().any(|column| column.at == at);
        if !known && (!own || heard.beside == Beside::Status) {
            self.columns.push(Column::new(at, heard));
        }
    }

    /// A column that says after all what it is, and that is no money beside the
    /// amount.
    pub(crate) fn no_money(&mut self, at: u16) {
        self.columns
            .retain(|column| column.at != at || column.heard.beside != Beside::Unsaid);
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        for (at, first) in self.times.iter_mut().filter(|(_, first)| first.is_none()) {
            let cell = row.cell(*at);
            // The number of an amount in minor units: more than once.
            let more =
                matches!(cell.as_amount(), Value::Money(minor) if (200..=6_000).contains(&minor));
            *first = more.then(|| Shown {
                text: cell.shown.trim().to_owned(),
                row: row.row_number(),
            });
        }
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
        let mut all_held = std::mem::take(&mut self.held);
        all_held.clear();
        for column in &mut self.columns {
            let held = column.look(row, amount.map(|(minor, _)| minor));
            if let Some((_, before)) = amount {
                parts.add(column.heard.beside, held, column.at < before);
            }
            all_held.push(held);
        }
        if let Some((minor, _)) = amount {
            self.compare(minor, &parts, &all_held);
        }
        self.held = all_held;
    }

    /// Holds the amount of a row against what stands beside it.
    fn compare(&mut self, minor: i64, parts: &Parts, held: &[Held]) {
        self.proof.add(parts.come_to(minor, false));
        self.whole_proof.add(parts.come_to(minor, true));
        for (column, held) in self.columns.iter_mut().zip(held) {
            column.compare(minor, parts, *held);
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
        let Some((_, amount, standing)) = self.amount else {
            return reasons;
        };
        let times = self.times.iter().filter_map(|(at, first)| {
            Some(hold(HoldWhy::Times {
                amount: place(amount),
                times: place(*at),
                first: first.clone()?,
            }))
        });
        reasons.extend(times);
        if standing != Standing::Own {
            let whole = self.is_proven(true, amount, standing);
            let said = whole || self.is_proven(false, amount, standing);
            let open = self.columns.iter().filter(|column| {
                let unsaid = column.heard.beside == Beside::Unsaid;
                let proven = if unsaid { whole } else { said };
                let asked = self.asked == Some(column.at) && column.is_met() && column.differs;
                asked || !proven && !self.is_covered(column, amount, standing)
            });
            let open: Vec<&Column> = open.collect();
            let beside: Vec<(Place, BesideWhat)> = open
                .iter()
                .map(|column| {
                    let what = match column.heard.beside {
                        Beside::Charge | Beside::Unsaid => BesideWhat::Charge,
                        Beside::LetOff => BesideWhat::LetOff,
                        Beside::Paid | Beside::Status => BesideWhat::Paid,
                        Beside::Sum => BesideWhat::Sum,
                    };
                    (place(column.at), what)
                })
                .collect();
            if !beside.is_empty() {
                let mut sums = open
                    .iter()
                    .filter(|column| column.heard.beside == Beside::Sum);
                let instead = match (sums.next(), sums.next()) {
                    (Some(one), None) => Some(place(one.at)),
                    _ => None,
                };
                reasons.push(hold(HoldWhy::MoneyBeside {
                    amount: place(amount),
                    beside,
                    instead,
                }));
            }
        }
        reasons
    }

    /// Whether every row adds up to its amount, and not by chance; with the
    /// columns whose headings say nothing, or without.
    fn is_proven(&self, unsaid: bool, amount: u16, standing: Standing) -> bool {
        let proof = if unsaid {
            &self.whole_proof
        } else {
            &self.proof
        };
        let mut met = self
            .columns
            .iter()
            .filter(|column| column.is_met() && (unsaid || column.heard.beside != Beside::Unsaid));
        // A breakdown stands before its sum, unless that one says it is one.
        proof.holds() && (standing != Standing::Plain || met.all(|column| column.at < amount))
    }

    /// Whether a column changes nothing about the amount, as far as the
    /// headings say and the rows do not speak against them.
    fn is_covered(&self, column: &Column, amount: u16, standing: Standing) -> bool {
        let before = column.at < amount;
        let beside = column.heard.beside;
        if !column.is_met() || beside == Beside::Sum && !column.differs || beside == Beside::Status
        {
            return true;
        }
        let taken_off = |column: &Column| matches!(column.heard.beside, Beside::Paid | Beside::Sum);
        let says = match standing {
            Standing::Own => return true,
            Standing::Plain => false,
            Standing::Total => before && beside != Beside::Paid,
            Standing::Payable => before,
            Standing::Left => taken_off(column) || before && self.columns.iter().any(taken_off),
        };
        let whole = matches!(standing, Standing::Total | Standing::Payable);
        says && !(whole && column.is_left_out())
    }
}
