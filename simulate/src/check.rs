//! What must hold at the end: what was dropped, what the database says, and what the hub has, held
//! against each other; and the program's own `verify`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asaanbill_sandbox::PaymentView;
use ingest_ledger::{
    BulkRequestLine, ChunkFilter, FileFilter, Ledger, LedgerError, ResultLine, RowFilter, RowState,
};
use ingestd::config::Account;
use sha2::{Digest, Sha256};

use crate::calls::too_many;
use crate::hub::{Departure, Hub, SentBill};
use crate::paid_meanwhile::nobody_could_know;
use crate::school::{Row, School};
use crate::world::World;

/// A call that replaces a bill leaves at most so long after the hub was asked whether that is paid: the
/// reading may be 20 s old when its intent is stored, which may take as long, and 5 s later no byte
/// may leave any more.
const ASKED_BEFORE_MS: i64 = 45_000;

/// What a run came to, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that schools dropped, each file once.
    pub rows: u64,
    /// Bills at the hub that were made.
    pub bills: u64,
    /// Calls that left and may have made bills.
    pub calls: u64,
    /// Times that a service died.
    pub deaths: u64,
    /// Rows that are unknown at the end, each with the command that decides it.
    pub unknown: u64,
    /// Rows that wait for a person.
    pub held: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} rows, {} bills, {} calls, {} deaths; at the end {} rows held and {} unknown",
            self.rows, self.bills, self.calls, self.deaths, self.held, self.unknown
        )
    }
}

impl Tally {
    /// Of one run more.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.rows += other.rows;
        self.bills += other.bills;
        self.calls += other.calls;
        self.deaths += other.deaths;
        self.unknown += other.unknown;
        self.held += other.held;
    }
}

/// Holds everything against everything; what is wrong is told to the world.
pub(crate) async fn check(
    world: &World,
    hub: &Hub,
    ledger: &Ledger,
    schools: &[School],
    accounts: &[Arc<Account>],
) -> Result<Tally, LedgerError> {
    let (payments, departures) = (hub.payments(), hub.departures());
    let broken = ledger.verify().await?;
    if !broken.is_empty() {
        let rows = ledger.rows(&RowFilter::default()).await?;
        for broken in broken {
            if !nobody_could_know(&broken, &rows, &payments, &departures) {
                world.wrong(format!("verify: {broken:?}"));
            }
        }
    }
    let mut tally = Tally {
        bills: payments.len() as u64,
        calls: departures.len() as u64,
        ..Tally::default()
    };
    each_bill_once(world, &payments);
    none_after_it_is_paid(world, &payments, &departures);
    // A clock that was set says nothing about how far apart two calls were.
    for account in accounts.iter().filter(|_| !world.clock_was_set()) {
        rate_is_kept(world, hub, account);
    }
    for school in schools {
        let rows = rows_of(ledger, &school.account).await?;
        nothing_lost(world, ledger, school, &rows, &mut tally).await?;
        let own: Vec<&PaymentView> = payments
            .iter()
            .filter(|payment| payment.user == school.account)
            .collect();
        only_what_was_meant(world, hub, school);
        states_are_true(world, &rows, &own);
        let chunks = chunks_of(ledger, &school.account).await?;
        every_bill_is_known(world, &rows, &chunks, &own);
        tally.unknown += count(&rows, RowState::Unknown);
        tally.held += count(&rows, RowState::Held);
    }
    Ok(tally)
}

fn count(rows: &[ResultLine], state: RowState) -> u64 {
    rows.iter().filter(|row| row.state == state).count() as u64
}

async fn rows_of(ledger: &Ledger, account: &str) -> Result<Vec<ResultLine>, LedgerError> {
    ledger
        .rows(&RowFilter {
            account: Some(account.to_owned()),
            ..RowFilter::default()
        })
        .await
}

async fn chunks_of(ledger: &Ledger, account: &str) -> Result<Vec<BulkRequestLine>, LedgerError> {
    ledger
        .chunks(&ChunkFilter {
            account: Some(account.to_owned()),
            ..ChunkFilter::default()
        })
        .await
}

/// A bill as the hub has it.
pub(crate) fn bill_of(payment: &PaymentView) -> SentBill {
    SentBill {
        identifier: payment.identifier.clone(),
        amount: plain(&payment.amount),
        due_date: payment.due_date.clone(),
        late: plain(&payment.amount_after_due_date),
    }
}

/// A bill as a row has it.
pub(crate) fn bill_in(row: &ResultLine) -> SentBill {
    let date = row.due_date.map(|due| due.format("%Y-%m-%d").to_string());
    SentBill {
        identifier: row.identifier.clone(),
        amount: plain(row.amount.as_deref().unwrap_or_default()),
        due_date: date.unwrap_or_default(),
        late: plain(row.amount_after_due_date.as_deref().unwrap_or_default()),
    }
}

/// `1500.00`, `1500.0` and `1500` are one amount.
fn plain(amount: &str) -> String {
    match amount.split_once('.') {
        Some((whole, rest)) if rest.trim_end_matches('0').is_empty() => whole.to_owned(),
        Some((whole, rest)) => format!("{whole}.{rest:0<2}"),
        None => amount.to_owned(),
    }
}

/// A payer's bill is made again only where another of theirs took its place meanwhile (also one that
/// the hub then failed to draft), and never once it is paid.
fn each_bill_once(world: &World, payments: &[PaymentView]) {
    let mut of_payers: BTreeMap<(&str, &str), Vec<&PaymentView>> = BTreeMap::new();
    for payment in payments {
        let payer = (payment.user.as_str(), payment.identifier.as_str());
        of_payers.entry(payer).or_default().push(payment);
    }
    let is_bill = |of: &PaymentView| of.status != "ERRORED";
    for payments in of_payers.into_values() {
        for (at, payment) in payments.iter().enumerate() {
            let mut later = payments[at + 1..].iter().enumerate();
            let again = later.find(|(_, of)| is_bill(of) && bill_of(of) == bill_of(payment));
            let Some((between, again)) = again.filter(|_| is_bill(payment)) else {
                continue;
            };
            if between == 0 || payment.status == "PROCESSED" {
                let both = [payment, again].map(|of| (of.bulk_id, of.id, &of.status));
                world.wrong(format!(
                    "DOUBLE: {:?} was made twice: {both:?}",
                    bill_of(payment)
                ));
            }
        }
    }
}

/// After a bill is paid nothing is billed again for its day: only a person who names the row may do
/// that, and nobody here does. (Paid while its successor was on its way, it is `verify` that says so.)
fn none_after_it_is_paid(world: &World, payments: &[PaymentView], departures: &[Departure]) {
    let left_at: BTreeMap<u64, i64> = departures
        .iter()
        .filter_map(|of| Some((of.bulk_id?, of.left_at_ms)))
        .collect();
    for paid in payments {
        let Some(at) = paid.paid_at_ms else { continue };
        let mut later = payments.iter().filter(|of| {
            of.user == paid.user
                && of.identifier == paid.identifier
                && of.due_date == paid.due_date
                && of.id > paid.id
                && of.status != "ERRORED"
        });
        let left_after = |of: &PaymentView| {
            let left = of.bulk_id.and_then(|id| left_at.get(&id));
            left.is_none_or(|left| *left > at + ASKED_BEFORE_MS)
        };
        if let Some(again) = later.find(|of| left_after(of)) {
            let (bill, again) = (bill_of(paid), bill_of(again));
            world.wrong(format!(
                "DOUBLE: {bill:?} was paid, and {again:?} was billed after it"
            ));
        }
    }
}

/// Every row of every sheet is stored once, as the sheet has it.
async fn nothing_lost(
    world: &World,
    ledger: &Ledger,
    school: &School,
    rows: &[ResultLine],
    tally: &mut Tally,
) -> Result<(), LedgerError> {
    let files = ledger
        .files(&FileFilter {
            account: Some(school.account.clone()),
            ..FileFilter::default()
        })
        .await?;
    let mut seen = BTreeSet::new();
    for sheet in &school.sheets {
        let sha256: [u8; 32] = Sha256::digest(&sheet.bytes).into();
        if !seen.insert(sha256) {
            continue;
        }
        tally.rows += sheet.rows.len() as u64;
        let holds: Vec<_> = files
            .iter()
            .filter(|file| file.sha256 == ingestd::spool::hex(&sha256) && file.stored_at.is_some())
            .collect();
        if holds.is_empty() {
            world.wrong(format!("LOST: {} was never stored", sheet.name));
            continue;
        }
        // A file is taken anew where all of it was invalid, or it was cancelled.
        for file in holds {
            let stored: Vec<&ResultLine> = rows
                .iter()
                .filter(|row| row.file_id == file.file_id)
                .collect();
            if stored.len() != sheet.rows.len() {
                let (has, meant) = (stored.len(), sheet.rows.len());
                world.wrong(format!("LOST: {} has {has} rows of {meant}", sheet.name));
                continue;
            }
            for (row, meant) in stored.iter().zip(&sheet.rows) {
                if meant.broken
                    != (row.state == RowState::Invalid || row.state == RowState::Corrected)
                {
                    let past_due = meant.due < world.utc().date_naive();
                    if !past_due {
                        world.wrong(format!(
                            "{} row {} is {}",
                            sheet.name, row.row_number, row.state
                        ));
                    }
                } else if !meant.broken && bill_in(row) != meant.bill() {
                    let (is, was) = (bill_in(row), meant.bill());
                    world.wrong(format!(
                        "{} row {} is {is:?}, and was {was:?}",
                        sheet.name, row.row_number
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Nothing left for the hub that no sheet says.
fn only_what_was_meant(world: &World, hub: &Hub, school: &School) {
    let rows = school.sheets.iter().flat_map(|sheet| &sheet.rows);
    let meant: BTreeSet<SentBill> = rows.filter(|row| !row.broken).map(Row::bill).collect();
    for left in hub
        .departures()
        .iter()
        .filter(|of| of.user == school.account)
    {
        for bill in left.bills.iter().filter(|bill| !meant.contains(bill)) {
            world.wrong(format!("MADE UP: {bill:?} left, and no sheet says so"));
        }
    }
}

/// What must hold at any moment: a row that was refused by name has no bill.
pub(crate) async fn while_it_runs(
    world: &World,
    hub: &Hub,
    ledger: &Ledger,
    account: &str,
) -> Result<(), LedgerError> {
    let rows = rows_of(ledger, account).await?;
    let payments = hub.payments();
    for row in rows.iter().filter(|row| row.state == RowState::Rejected) {
        let bill = bill_in(row);
        let billed = payments
            .iter()
            .any(|of| of.user == account && of.status != "ERRORED" && bill_of(of) == bill);
        let of_another = rows
            .iter()
            .any(|of| of.row_id != row.row_id && bill_in(of) == bill && of.sent_at.is_some());
        if billed && !of_another {
            world.wrong(format!("{bill:?} is called rejected, and was billed"));
        }
    }
    Ok(())
}

/// What a row says of itself, the hub bears out.
fn states_are_true(world: &World, rows: &[ResultLine], payments: &[&PaymentView]) {
    for row in rows {
        let bill = bill_in(row);
        let at_the_hub: Vec<&&PaymentView> =
            payments.iter().filter(|of| bill_of(of) == bill).collect();
        let has = |statuses: &[&str]| {
            at_the_hub
                .iter()
                .any(|of| statuses.contains(&of.status.as_str()))
        };
        let fits = match row.state {
            RowState::Accepted => has(&[
                "DRAFT",
                "IN_PROCESS",
                "APPROVED",
                "PROCESSED",
                "DISCARD",
                "ERRORED",
            ]),
            RowState::Billed => has(&["APPROVED", "PROCESSED", "DISCARD"]),
            RowState::Paid => has(&["PROCESSED"]),
            RowState::Discarded => has(&["DISCARD"]),
            RowState::Errored => has(&["ERRORED"]),
            // The same bill may have gone with another sheet since.
            RowState::Rejected => {
                let of_another = rows.iter().any(|of| {
                    of.row_id != row.row_id && of.state.may_be_at_hub() && bill_in(of) == bill
                });
                of_another || !has(&["DRAFT", "IN_PROCESS", "APPROVED", "PROCESSED", "DISCARD"])
            }
            _ => true,
        };
        if !fits {
            let hub: Vec<_> = at_the_hub
                .iter()
                .map(|of| (&of.status, of.bulk_id))
                .collect();
            let place = (&row.file_name, row.row_number);
            world.wrong(format!(
                "{place:?} says {}, and the hub has {hub:?}: {:?}",
                row.state, row.message
            ));
        }
    }
}

/// Every bill at the hub is a row's that says so, or may yet be found to be one that is in doubt.
fn every_bill_is_known(
    world: &World,
    rows: &[ResultLine],
    chunks: &[BulkRequestLine],
    payments: &[&PaymentView],
) {
    let owned: BTreeSet<String> = chunks
        .iter()
        .filter_map(|chunk| chunk.bulk_payment_request_id.as_ref())
        .map(|id| id.to_string().trim_matches('"').to_owned())
        .collect();
    for payment in payments.iter().filter(|of| of.status != "ERRORED") {
        let bill = bill_of(payment);
        let of_it = || rows.iter().filter(|row| bill_in(row) == bill);
        let known = of_it().any(|row| {
            matches!(
                row.state,
                RowState::Accepted | RowState::Billed | RowState::Paid | RowState::Discarded
            )
        });
        let in_doubt =
            of_it().any(|row| matches!(row.state, RowState::Unknown | RowState::Sending));
        let id = payment.bulk_id.map(|id| id.to_string()).unwrap_or_default();
        if !known && !in_doubt {
            let states: Vec<_> = of_it().map(|row| (row.state, &row.message)).collect();
            world.wrong(format!(
                "FORGOTTEN: payment {} of request {id} (owned: {}) is {}, and its rows say {states:?}",
                payment.id, owned.contains(&id), payment.status
            ));
        }
    }
}

/// Never more calls in a minute than the account may make, by the times of their intents.
fn rate_is_kept(world: &World, hub: &Hub, account: &Account) {
    let departures = hub.departures();
    let mut times: Vec<i64> = departures
        .iter()
        .filter(|of| of.user == account.name)
        .filter_map(|of| of.intended_at)
        .map(|at| at.timestamp_millis())
        .collect();
    if too_many(&mut times, account.requests_per_minute) {
        let (name, most) = (&account.name, account.requests_per_minute);
        world.wrong(format!("{name} made more than {most} calls in a minute"));
    }
}
