//! One column of money beside the amount: what its cells are, and whether it is
//! in the amount at all, as far as the rows show it.

use std::ops::RangeInclusive;

use super::parts::Parts;
use crate::beside::{Beside, Heard, says_paid};
use crate::flaws::Flaw;
use crate::row::{Cell, CellKind, SheetRow, Value};

/// A column that no field has.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) at: u16,
    pub(super) heard: Heard,
    /// Somewhere it holds something else than the amount.
    pub(super) differs: bool,
    /// The first row that it says is paid.
    pub(super) paid: Option<u32>,
    /// It holds money somewhere.
    met: bool,
    /// Somewhere it holds what is no amount of a bill.
    no_money: bool,
    /// The number of the row before, and whether all count on from there.
    counted: Option<(i64, bool)>,
    within: Within,
}

/// What a cell is as money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    Minor(i64),
    /// Money, and nobody can say how much.
    Unclear,
}

/// What a bill may come to, in minor units. Less is a number of things, and more
/// one of another kind.
const UNSAID_AMOUNTS: RangeInclusive<i64> = 2_000..=1_000_000_000;

impl Column {
    pub(super) fn new(at: u16, heard: Heard) -> Self {
        Self {
            at,
            heard,
            differs: false,
            paid: None,
            met: false,
            no_money: false,
            counted: None,
            within: Within::default(),
        }
    }

    /// Looks at its cell of a row, whose amount is given if it can be read.
    pub(super) fn look(&mut self, row: &SheetRow, amount: Option<i64>) -> Held {
        let cell = row.cell(self.at);
        let beside = self.heard.beside;
        if matches!(beside, Beside::Paid | Beside::Status)
            && self.paid.is_none()
            && (says_paid(beside, cell.shown) || beside == Beside::Paid && cell.is_date())
        {
            self.paid = Some(row.row_number());
        }
        if beside == Beside::Status || self.no_money {
            return Held::Nothing;
        }
        let held = held(&cell, self.heard);
        if beside == Beside::Unsaid {
            self.doubt(&cell, held);
        }
        let money = match held {
            Held::Nothing => false,
            Held::Minor(minor) => minor.abs() >= self.heard.least,
            Held::Unclear => true,
        };
        self.met |= money;
        if let Some(minor) = amount {
            self.differs |= held != Held::Minor(minor) && (money || held == Held::Nothing);
        }
        held
    }

    /// Whether a column whose heading says nothing holds something else than
    /// amounts.
    fn doubt(&mut self, cell: &Cell<'_>, held: Held) {
        match held {
            Held::Minor(minor) => {
                let whole = minor / 100;
                let next = self
                    .counted
                    .is_none_or(|(before, all)| all && whole == before.saturating_add(1));
                self.counted = Some((whole, next));
                // Noughts in front are those of a number that is no amount.
                let text = cell.shown.trim();
                let padded = text.starts_with('0') && !text.starts_with("0.");
                self.no_money |= padded || !UNSAID_AMOUNTS.contains(&minor.abs());
            }
            Held::Nothing => {
                let nothing = matches!(cell.as_amount(), Value::Blank | Value::Money(_));
                self.no_money |= !nothing;
            }
            Held::Unclear => {}
        }
    }

    /// Holds a row's amount against what the column holds in it.
    pub(super) fn compare(&mut self, amount: i64, parts: &Parts, held: Held) {
        if self.within.is_settled() {
            return;
        }
        match held {
            Held::Nothing => self.within.none(amount),
            Held::Minor(part) => {
                let fits = parts.come_without(amount, self.heard.beside, part);
                self.within.money(amount, fits);
            }
            Held::Unclear => self.within.money(amount, false),
        }
    }

    /// Whether it holds money somewhere.
    pub(super) fn is_met(&self) -> bool {
        // Rows that are counted are no amounts; a few may be so by chance.
        let counts = self.counted.is_some_and(|(_, all)| all);
        let counted = self.heard.beside == Beside::Unsaid && counts;
        self.met && !self.no_money && !(counted && self.within.rows > 2)
    }

    /// Whether the rows show that the amount leaves it out.
    pub(super) fn is_left_out(&self) -> bool {
        let part = matches!(
            self.heard.beside,
            Beside::Charge | Beside::LetOff | Beside::Paid
        );
        part && self.within.is_left_out()
    }
}

/// What the rows say of whether a column is in the amount.
#[derive(Debug, Default)]
struct Within {
    /// Rows where it holds money.
    rows: u64,
    /// Rows whose other parts come to the amount without it.
    without: u64,
    /// Some row holds none.
    blank: bool,
    /// The amount of the first row.
    first: Option<i64>,
    /// Some other row has another amount.
    several: bool,
}

impl Within {
    fn money(&mut self, amount: i64, without: bool) {
        self.rows += 1;
        self.without += u64::from(without);
        self.amount(amount);
    }

    fn none(&mut self, amount: i64) {
        self.blank = true;
        self.amount(amount);
    }

    fn amount(&mut self, amount: i64) {
        self.several |= *self.first.get_or_insert(amount) != amount;
    }

    /// Whether no further row could show that it is left out.
    fn is_settled(&self) -> bool {
        self.several && self.rows > 2 && self.without < self.rows
    }

    /// Whether without it the parts add up, or it makes no difference to the
    /// amount whether it holds anything. Of several amounts, one row's may be
    /// another's by chance.
    fn is_left_out(&self) -> bool {
        let adds_up = self.rows > 0 && self.without == self.rows;
        let no_difference = self.rows > 0 && self.blank && !self.several;
        adds_up || no_difference
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
            let noted = heard.arrears || !matches!(heard.beside, Beside::Charge | Beside::Unsaid);
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
