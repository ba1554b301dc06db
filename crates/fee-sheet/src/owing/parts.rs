//! Whether what stands beside the amount of a row comes to it.

use super::column::Held;
use crate::beside::Beside;

/// What the columns beside the amount of one row hold.
#[derive(Debug, Default)]
pub(super) struct Parts {
    charges: i128,
    /// Below headings that say nothing.
    unsaid: i128,
    /// Let off, or paid.
    off: i128,
    /// Sums before the amount.
    sums: Vec<i128>,
    several: u8,
    unclear: bool,
}

impl Parts {
    pub(super) fn add(&mut self, beside: Beside, held: Held, before: bool) {
        let minor = match held {
            Held::Nothing | Held::Minor(0) => return,
            Held::Minor(minor) => i128::from(minor),
            Held::Unclear => {
                self.unclear |= beside != Beside::Unsaid;
                return;
            }
        };
        match beside {
            Beside::Charge => self.charges += minor,
            Beside::LetOff | Beside::Paid => self.off += minor.abs(),
            Beside::Sum if before => self.sums.push(minor),
            Beside::Unsaid => {
                self.unsaid += minor;
                return;
            }
            Beside::Sum | Beside::Status => return,
        }
        self.several = self.several.saturating_add(1);
    }

    /// Whether they come to the amount, and if so whether they are several; with
    /// what stands below headings that say nothing, or without.
    pub(super) fn come_to(&self, amount: i64, with_unsaid: bool) -> Option<bool> {
        let unsaid = if with_unsaid { self.unsaid } else { 0 };
        let several = self.several > 1 || unsaid != 0 && self.several > 0;
        self.fit(amount, unsaid - self.off).then_some(several)
    }

    /// Whether all but one of them come to the amount.
    pub(super) fn come_without(&self, amount: i64, beside: Beside, minor: i64) -> bool {
        let minor = i128::from(minor);
        match beside {
            Beside::Charge => {
                !self.unclear && self.charges - minor - self.off == i128::from(amount)
            }
            Beside::LetOff | Beside::Paid => self.fit(amount, minor.abs() - self.off),
            Beside::Sum | Beside::Status | Beside::Unsaid => false,
        }
    }

    /// Whether the charges, or a sum of them, come to the amount with what else
    /// is added.
    fn fit(&self, amount: i64, added: i128) -> bool {
        let fits = |sum: &i128| sum + added == i128::from(amount);
        !self.unclear && (fits(&self.charges) || self.sums.iter().any(fits))
    }
}

/// Whether the rows add up to their amounts.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Some row does not.
    unproven: bool,
    /// Some row of several parts does.
    shown: bool,
}

impl Proof {
    pub(super) fn add(&mut self, several: Option<bool>) {
        match several {
            Some(several) => self.shown |= several,
            None => self.unproven = true,
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.shown && !self.unproven
    }
}
