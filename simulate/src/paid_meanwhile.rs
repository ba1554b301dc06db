//! The one thing that `verify` may say of a run in which nothing was done wrong: a parent paid a bill
//! after the call that replaces it had left. Nobody can know that before; `verify` and `status` name
//! the row, and a person sees to it. It is believed only where the hub's own books bear it out.

use asaanbill_sandbox::PaymentView;
use ingest_ledger::{Broken, ResultLine};

use crate::check::{bill_in, bill_of};
use crate::hub::Departure;

/// How `verify` begins what it says of such a row.
const SAYS: &str = "the bill that it replaced was paid meanwhile";

/// Whether `broken` tells of a bill that was paid only after the call of its successor had left.
pub(crate) fn nobody_could_know(
    broken: &Broken,
    rows: &[ResultLine],
    payments: &[PaymentView],
    departures: &[Departure],
) -> bool {
    let (Some(file_id), Some(row_number)) = (broken.file_id, broken.row_number) else {
        return false;
    };
    let mut of_it = rows
        .iter()
        .filter(|row| row.file_id == file_id && row.row_number == row_number);
    let (true, Some(row)) = (broken.detail.starts_with(SAYS), of_it.next()) else {
        return false;
    };
    let bill = bill_in(row);
    let left = departures
        .iter()
        .filter(|of| of.user == row.account && of.bills.contains(&bill))
        .map(|of| of.left_at_ms)
        .max();
    let mut replaced = payments.iter().filter(|of| {
        of.user == row.account
            && of.identifier == bill.identifier
            && of.due_date == bill.due_date
            && bill_of(of) != bill
    });
    left.is_some_and(|left| replaced.any(|of| of.paid_at_ms.is_some_and(|paid| paid >= left)))
}
