//! What a row meets when its identifier was billed before: a pure judgement.
//!
//! The hub keeps a payer's PSID for ever. A new bill for it discards the unpaid one before, and a
//! new bill after a paid one is a second, payable bill. So a row is sent only where that is what
//! the school meant; these are the four rules of the contract, in order.

use crate::planted::Bug;
use crate::sentences::Sentence;
use crate::states::{ChangedBills, HoldKind, RowState};
use chrono::NaiveDate;

/// The row that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// Its key.
    pub row_id: i64,
    /// The file it came in; `None` while that was not taken yet, and has no number.
    pub file_id: Option<i64>,
    /// The sheet it stands in, if its file has rows in several: a number alone does not name it.
    pub sheet: Option<String>,
    /// Its number in the sheet.
    pub row_number: i64,
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that.
    pub late: i64,
}

/// An earlier row of the same account and identifier, or a newer one that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its key; a higher one is newer.
    pub row_id: i64,
    /// The file it came in.
    pub file_name: String,
    /// Its number in the sheet.
    pub row_number: i64,
    /// What the payer reads.
    pub title: String,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that.
    pub late: i64,
    /// Where it stands.
    pub state: RowState,
    /// Its PSID, if it has one.
    pub psid: Option<String>,
    /// The hub's number of its request, if the hub can't be asked about that one any more.
    pub out_of_sight: Option<String>,
    /// The bill at the hub that it is, if it is no row of ours. It is then older than the row that is
    /// judged, and `row_id` only says where it stands among the others.
    pub foreign: Option<Foreign>,
}

/// A bill at the hub that this ledger did not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its number in the ledger; of two a higher one is newer.
    pub foreign_id: i64,
    /// The hub's number of the request that holds it.
    pub request_id: String,
    /// The hub's number of the payment, if it gave one.
    pub payment_id: Option<String>,
}

impl Earlier {
    /// Where it stands in time: a higher place is newer.
    fn place_in_time(&self) -> (i64, Option<i64>) {
        let foreign = self.foreign.as_ref();
        (self.row_id, foreign.map(|foreign| foreign.foreign_id))
    }
}

/// What becomes of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent; the message names the unpaid bill that this discards.
    Send {
        /// What to say about it.
        message: Option<String>,
        /// That bill's row; of a foreign bill its number, negative.
        replaces: Option<i64>,
    },
    /// The same bill is already made.
    Skip {
        /// Which.
        message: String,
    },
    /// It waits.
    Hold {
        /// For what.
        kind: HoldKind,
        /// In words.
        message: String,
        /// For which row, under rule 1.
        waits_for: Option<i64>,
    },
}

/// Judges a row against the other rows of exactly its identifier and account: earlier ones (a
/// lower row id), and newer ones that were sent before it after all. (Rows in `invalid`, `corrected`, `skipped`, `rejected`, `errored` or `discarded` count
/// for nothing, unless their request is out of sight). `waived` are the holds that a person has lifted for this row; every other rule
/// still applies. The order of `earlier` does not matter.
pub fn judge(
    row: &BillLine,
    earlier: &[Earlier],
    changed: ChangedBills,
    waived: &[HoldKind],
) -> Verdict {
    if let Some(newer) = newest(earlier.iter().filter(|e| overtakes(row, e)))
        && !waived.contains(&HoldKind::Overtaken)
    {
        if is_bill(newer.state) && same_bill(row, newer) {
            return Verdict::Skip {
                message: same_bill_sentence(newer),
            };
        }
        return Verdict::Hold {
            kind: HoldKind::Overtaken,
            message: overtaken_sentence(row, newer),
            waits_for: None,
        };
    }
    let all = earlier.iter().filter(|e| e.row_id < row.row_id);
    let out_of_sight = newest(all.clone().filter(|e| e.out_of_sight.is_some()));
    let earlier: Vec<&Earlier> = all.filter(|e| counts(e.state)).collect();

    // 1. Something of this payer is still under way: first that, then this. An accepted bill with
    // the same values, and nothing newer for that day, is no reason to wait: it is this bill.
    let this_bill = newest(
        earlier
            .iter()
            .copied()
            .filter(|e| is_bill(e.state) && e.due_date == row.due_date),
    )
    .filter(|e| is_same(row, e));
    let is_under_way = |e: &&Earlier| {
        is_unsettled(e.state)
            || (e.state == RowState::Accepted
                && e.out_of_sight.is_none()
                && this_bill.is_none_or(|s| s.place_in_time() != e.place_in_time()))
    };
    let first = newest(earlier.iter().copied().filter(is_under_way));
    if let Some(first) = first
        && !waived.contains(&HoldKind::Waits)
        && !Bug::WaitsForNobody.is_planted()
    {
        return Verdict::Hold {
            kind: HoldKind::Waits,
            message: waits_sentence(first),
            waits_for: first.foreign.is_none().then_some(first.row_id),
        };
    }
    let bills: Vec<&Earlier> = earlier.into_iter().filter(|e| is_bill(e.state)).collect();

    // 2. A bill with this due date: the newest of them decides.
    let same_day = newest(bills.iter().copied().filter(|e| e.due_date == row.due_date));
    if let Some(bill) = same_day {
        let paid = bill.state == RowState::Paid;
        if same_bill(row, bill) {
            return Verdict::Skip {
                message: same_bill_sentence(bill),
            };
        }
        if paid && !waived.contains(&HoldKind::ChangedPaid) {
            let message = changed_paid_sentence(row, bill);
            return Verdict::Hold {
                kind: HoldKind::ChangedPaid,
                message,
                waits_for: None,
            };
        }
        if !paid && changed == ChangedBills::Hold && !waived.contains(&HoldKind::Changed) {
            let message = changed_sentence(row, bill);
            return Verdict::Hold {
                kind: HoldKind::Changed,
                message,
                waits_for: None,
            };
        }
    }

    // 3. Bills with other due dates (after that one, which the hub then has discarded others for).
    let since = same_day.map(Earlier::place_in_time);
    let other = newest(
        bills
            .iter()
            .copied()
            .filter(|e| e.due_date != row.due_date && Some(e.place_in_time()) > since),
    );
    if let Some(bill) = other
        && bill.due_date > row.due_date
        && bill.state != RowState::Paid
        && !waived.contains(&HoldKind::Later)
    {
        let message = later_sentence(row, bill);
        return Verdict::Hold {
            kind: HoldKind::Later,
            message,
            waits_for: None,
        };
    }

    // What the hub can't be asked about may be paid by now, or made after all.
    if let Some(hidden) = out_of_sight
        && !waived.contains(&HoldKind::Unseen)
    {
        return Verdict::Hold {
            kind: HoldKind::Unseen,
            message: unseen_sentence(row, hidden),
            waits_for: Some(hidden.row_id),
        };
    }

    // 4. None, or none that speaks against it. What it discards is said.
    let unpaid = newest(bills.iter().copied().filter(|e| e.state != RowState::Paid));
    Verdict::Send {
        message: unpaid
            .filter(|_| !Bug::DiscardsInSilence.is_planted())
            .map(discards_sentence),
        replaces: unpaid.map(|bill| match &bill.foreign {
            Some(foreign) => -foreign.foreign_id,
            None => bill.row_id,
        }),
    }
}

/// Does an earlier row in this state count at all?
fn counts(state: RowState) -> bool {
    is_bill(state) || is_unsettled(state)
}

/// The hub has, or is making, a bill of it.
fn is_bill(state: RowState) -> bool {
    let is_paid = state == RowState::Paid && !Bug::PaidCountsForNothing.is_planted();
    is_paid || matches!(state, RowState::Accepted | RowState::Billed)
}

/// It may still become a bill.
fn is_unsettled(state: RowState) -> bool {
    matches!(
        state,
        RowState::Ready | RowState::Sending | RowState::Unknown | RowState::Held
    )
}

/// Was this newer row sent, so that the older one would take its place at the hub, or be a second
/// bill for its day? A newer bill for another day that is paid is neither.
fn overtakes(row: &BillLine, e: &Earlier) -> bool {
    use RowState::{Accepted, Billed, Paid, Sending, Unknown};
    e.row_id > row.row_id
        && match e.state {
            Sending | Unknown | Accepted | Billed => true,
            Paid => e.due_date == row.due_date,
            _ => false,
        }
}

/// Is it the bill that the row asks for? Once it is paid, its title does not matter.
fn same_bill(row: &BillLine, bill: &Earlier) -> bool {
    bill.due_date == row.due_date
        && bill.amount == row.amount
        && bill.late == row.late
        && (bill.state == RowState::Paid || bill.title == row.title)
}

/// Has it exactly the row's values?
fn is_same(row: &BillLine, e: &Earlier) -> bool {
    e.amount == row.amount
        && e.late == row.late
        && e.due_date == row.due_date
        && e.title == row.title
}

fn newest<'a>(rows: impl Iterator<Item = &'a Earlier>) -> Option<&'a Earlier> {
    rows.max_by_key(|e| e.place_in_time())
}

/// Which bill it is, with its PSID if it has one.
fn bill_named(e: &Earlier) -> String {
    match &e.psid {
        Some(psid) => Sentence::WithPsid.with(&[&place(e), psid]),
        None => place(e),
    }
}

fn place(e: &Earlier) -> String {
    let Some(foreign) = &e.foreign else {
        return Sentence::RowOf.with(&[&e.row_number.to_string(), &e.file_name]);
    };
    match &foreign.payment_id {
        Some(payment_id) => Sentence::ForeignPayment.with(&[payment_id, &foreign.request_id]),
        None => Sentence::ForeignPaymentUnnumbered.with(&[&foreign.request_id]),
    }
}

/// Paisa as rupees: `1,500` stays `1500`, and paisa are shown only where there are some.
fn rupees(paisa: i64) -> String {
    let sign = if paisa < 0 { "-" } else { "" };
    let (whole, rest) = (paisa.unsigned_abs() / 100, paisa.unsigned_abs() % 100);
    let amount = match rest {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:02}"),
    };
    Sentence::Rupees.with(&[&amount])
}

/// The file's number, or the word for it that `--help` has.
pub(crate) fn file(row: &BillLine) -> String {
    row.file_id
        .map_or_else(|| "FILE_ID".to_owned(), |file_id| file_id.to_string())
}

/// The command that lets just this row go.
pub(crate) fn approve_it(row: &BillLine) -> String {
    let sheet = match &row.sheet {
        Some(sheet) => format!(" --sheet '{}'", sheet.replace('\'', r"'\''")),
        None => String::new(),
    };
    format!(
        "`ingestd approve {}{sheet} --rows {}`",
        file(row),
        row.row_number
    )
}

fn overtaken_sentence(row: &BillLine, newer: &Earlier) -> String {
    let stands = match &newer.psid {
        Some(psid) => Sentence::WithPsid.with(&[newer.state.as_str(), psid]),
        None => newer.state.to_string(),
    };
    let due = newer.due_date.to_string();
    Sentence::Overtaken.with(&[&place(newer), &due, &stands, &approve_it(row)])
}

fn waits_sentence(first: &Earlier) -> String {
    let stands = match (&first.foreign, first.state) {
        (Some(_), RowState::Unknown) => Sentence::InNoKnownState.text(),
        (_, state) => state.as_str(),
    };
    Sentence::Waits.with(&[&place(first), stands])
}

fn same_bill_sentence(bill: &Earlier) -> String {
    let sentence = match bill.state {
        RowState::Paid => Sentence::SamePaid,
        _ => Sentence::SameMade,
    };
    sentence.with(&[&bill_named(bill)])
}

/// What differs, in words.
fn differences(row: &BillLine, bill: &Earlier) -> String {
    let mut words = Vec::new();
    if bill.amount != row.amount {
        let amounts = [rupees(row.amount), rupees(bill.amount)];
        words.push(Sentence::AmountDiffers.with(&amounts.each_ref().map(String::as_str)));
    }
    if bill.late != row.late {
        let amounts = [rupees(row.late), rupees(bill.late)];
        words.push(Sentence::LateDiffers.with(&amounts.each_ref().map(String::as_str)));
    }
    if bill.title != row.title {
        words.push(Sentence::TitleDiffers.text().to_owned());
    }
    words.join(Sentence::BETWEEN)
}

fn changed_sentence(row: &BillLine, bill: &Earlier) -> String {
    let differences = differences(row, bill);
    Sentence::Changed.with(&[
        &bill_named(bill),
        &differences,
        &approve_it(row),
        &file(row),
    ])
}

fn changed_paid_sentence(row: &BillLine, bill: &Earlier) -> String {
    let differences = differences(row, bill);
    Sentence::ChangedPaid.with(&[&bill_named(bill), &differences, &approve_it(row)])
}

fn later_sentence(row: &BillLine, bill: &Earlier) -> String {
    let due = bill.due_date.to_string();
    Sentence::Later.with(&[&due, &bill_named(bill), &approve_it(row)])
}

fn unseen_sentence(row: &BillLine, hidden: &Earlier) -> String {
    let request = hidden.out_of_sight.as_deref().unwrap_or_default();
    let stood = hidden.state.as_str();
    Sentence::Unseen.with(&[&place(hidden), stood, request, &approve_it(row)])
}

fn discards_sentence(bill: &Earlier) -> String {
    let due = bill.due_date.to_string();
    Sentence::Discards.with(&[&rupees(bill.amount), &due, &bill_named(bill)])
}

#[cfg(test)]
mod tests;
