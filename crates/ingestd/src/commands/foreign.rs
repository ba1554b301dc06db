//! `foreign`: the bills at the hub that this database did not make, and that count as billed before.

use ingest_ledger::{ForeignBill, ForeignFilter, Ledger};
use serde::Serialize;

use super::printing::cell;
use super::rows::exact;
use super::terminal::Terminal;
use crate::cli::ForeignArgs;
use crate::exit::{Exit, Failure};

/// Bills asked for at a time.
const PAGE: u32 = 1_000;

const COLUMNS: &[&str] = &[
    "account",
    "bulk_payment_request_id",
    "payment_id",
    "identifier",
    "amount",
    "due_date",
    "amount_after_due_date",
    "state",
    "psid",
    "updated_at",
];

/// A bill as it is shown: money in rupees.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    bill: &'a ForeignBill,
    amount: Option<String>,
    amount_after_due_date: Option<String>,
}

/// Hands on every bill that fits, the oldest first.
///
/// # Errors
/// The database, or what `each` answers.
pub async fn foreign(
    ledger: &Ledger,
    filter: &ForeignFilter,
    each: &mut (dyn FnMut(&ForeignBill) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    let mut filter = ForeignFilter {
        limit: PAGE,
        ..filter.clone()
    };
    loop {
        let page = ledger.foreign_bills(&filter).await?;
        for bill in &page {
            each(bill)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => filter.after = last.foreign_id,
            _ => return Ok(()),
        }
    }
}

pub(super) async fn command(terminal: &Terminal, args: ForeignArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    if let Some(account) = &args.account {
        config.account(account)?;
    }
    let filter = ForeignFilter {
        account: args.account,
        identifier: args.identifier,
        ..ForeignFilter::default()
    };
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    foreign(&ledger, &filter, &mut |bill| {
        let shown = Shown {
            bill,
            amount: bill.amount.map(rupees),
            amount_after_due_date: bill.late.map(rupees),
        };
        list.push(&shown, || cells(&shown))
    })
    .await?;
    if list.finish()? == 0 {
        terminal.note("no foreign bill fits");
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

fn cells(shown: &Shown<'_>) -> Vec<String> {
    let bill = shown.bill;
    vec![
        bill.account.clone(),
        bill.request_id.clone(),
        cell(bill.payment_id.clone()),
        bill.identifier.clone(),
        cell(shown.amount.clone()),
        cell(bill.due_date),
        cell(shown.amount_after_due_date.clone()),
        bill.state.to_string(),
        cell(bill.psid.clone()),
        exact(Some(bill.updated_at)),
    ]
}

/// Paisa with two decimals, as amounts are everywhere else.
fn rupees(paisa: i64) -> String {
    let sign = if paisa < 0 { "-" } else { "" };
    let paisa = paisa.unsigned_abs();
    format!("{sign}{}.{:02}", paisa / 100, paisa % 100)
}
