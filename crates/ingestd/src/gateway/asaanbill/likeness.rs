//! What makes a bill of ours and a payment of the hub's the same: identifier, amount, late
//! amount and due date, all four, one to one. Never a guess.

use std::collections::HashMap;

use asaanbill_core::{Heard, Paisa, Payment};
use chrono::NaiveDate;
use ingest_ledger::BillRow;

/// The four values that tell one bill from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Likeness {
    identifier: String,
    amount: i64,
    late: i64,
    due_date: NaiveDate,
}

impl Likeness {
    /// Of a bill of ours.
    pub(super) fn of_bill(bill: &BillRow) -> Likeness {
        Likeness::of(
            &bill.identifier,
            bill.amount,
            bill.amount_after_due_date,
            bill.due_date,
        )
    }

    /// Of four values.
    pub(super) fn of(identifier: &str, amount: i64, late: i64, due_date: NaiveDate) -> Likeness {
        Likeness {
            identifier: identifier.trim().to_owned(),
            amount,
            late,
            due_date,
        }
    }

    /// Of what the hub said, if it said all four.
    pub(super) fn heard(
        identifier: Option<&str>,
        amount: &Heard<Paisa>,
        late: &Heard<Paisa>,
        due_date: &Heard<NaiveDate>,
    ) -> Option<Likeness> {
        Some(Likeness::of(
            identifier?,
            amount.value?.paisa(),
            late.value?.paisa(),
            due_date.value?,
        ))
    }

    /// Of a payment of the hub's, if it says all four.
    pub(super) fn of_payment(payment: &Payment) -> Option<Likeness> {
        Likeness::heard(
            payment.identifier.as_deref(),
            &payment.amount,
            &payment.amount_after_due_date,
            &payment.due_date,
        )
    }
}

/// Rows of ours, each to be given away once.
pub(super) struct Unclaimed {
    rows: HashMap<Likeness, Vec<u32>>,
}

impl Unclaimed {
    /// All of these.
    pub(super) fn of(rows: impl IntoIterator<Item = (u32, Likeness)>) -> Unclaimed {
        let mut unclaimed: HashMap<Likeness, Vec<u32>> = HashMap::new();
        for (row_no, likeness) in rows {
            unclaimed.entry(likeness).or_default().push(row_no);
        }
        for rows in unclaimed.values_mut() {
            rows.sort_unstable_by(|a, b| b.cmp(a)); // given away from the end: lowest first
        }
        Unclaimed { rows: unclaimed }
    }

    /// The lowest row with this likeness that nobody has claimed yet.
    pub(super) fn claim(&mut self, likeness: &Likeness) -> Option<u32> {
        self.rows.get_mut(likeness)?.pop()
    }
}
