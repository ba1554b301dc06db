//! `rows`: rows and their state, the columns of the view `bill_results`.

use ingest_ledger::{Ledger, ResultLine, RowFilter, RowState};

use super::printing::{cell, moment};
use super::terminal::Terminal;
use crate::cli::{Format, RowsArgs};
use crate::exit::{Exit, Failure};

/// Rows asked for at a time.
const PAGE: u32 = 2000;

/// Every column of the view, for CSV.
const ALL_COLUMNS: &[&str] = &[
    "row_id",
    "file_id",
    "file_name",
    "account",
    "sheet",
    "row_number",
    "title",
    "identifier",
    "amount",
    "due_date",
    "amount_after_due_date",
    "state",
    "psid",
    "bulk_payment_request_id",
    "message",
    "sent_at",
    "updated_at",
    "paid_at",
];

/// What fits on a screen.
const SCREEN_COLUMNS: &[&str] = &[
    "file_id",
    "sheet",
    "row",
    "identifier",
    "title",
    "amount",
    "due_date",
    "state",
    "psid",
    "paid_at",
    "message",
];

/// Hands on every row that fits, in their order, until there is no more or `limit` is reached.
///
/// # Errors
/// The database, or what `each` answers.
pub async fn rows(
    ledger: &Ledger,
    filter: &RowFilter,
    limit: Option<u64>,
    each: &mut (dyn FnMut(&ResultLine) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut filter = filter.clone();
    while left > 0 {
        filter.limit = u32::try_from(left).unwrap_or(u32::MAX).min(PAGE);
        let page = ledger.rows(&filter).await?;
        for row in &page {
            each(row)?;
        }
        left -= (page.len() as u64).min(left);
        match page.last() {
            Some(last) if page.len() == filter.limit as usize => filter.after = Some(last.row_id),
            _ => break,
        }
    }
    Ok(())
}

pub(super) async fn command(terminal: &Terminal, args: RowsArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    if let Some(account) = &args.account {
        config.account(account)?;
    }
    let file = match args.file {
        Some(file_id) => Some(super::files::file(&ledger, file_id).await?),
        None => None,
    };
    let state = args
        .state
        .map(|state| state.parse::<RowState>())
        .transpose();
    let filter = RowFilter {
        account: args.account,
        file_id: args.file,
        sheet: args.sheet,
        state: state.map_err(|error| Failure::usage(error.to_string()))?,
        identifier: args.identifier,
        psid: args.psid,
        ..RowFilter::default()
    };
    let mut paper = terminal.paper();
    let on_screen = paper.format() == Format::Table;
    let mut list = paper.list(if on_screen {
        SCREEN_COLUMNS
    } else {
        ALL_COLUMNS
    })?;
    rows(&ledger, &filter, args.limit, &mut |row| {
        list.push(row, || {
            if on_screen {
                screen_cells(row)
            } else {
                all_cells(row)
            }
        })
    })
    .await?;
    if list.finish()? == 0 {
        terminal.note("no row fits");
    }
    if let Some(more) = file.as_ref().and_then(super::archive::not_here) {
        terminal.note(&more);
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

fn screen_cells(row: &ResultLine) -> Vec<String> {
    vec![
        row.file_id.to_string(),
        row.sheet.clone(),
        row.row_number.to_string(),
        row.identifier.clone(),
        row.title.clone(),
        cell(row.amount.clone()),
        cell(row.due_date),
        row.state.to_string(),
        cell(row.psid.clone()),
        moment(row.paid_at),
        cell(row.message.clone()),
    ]
}

fn all_cells(row: &ResultLine) -> Vec<String> {
    vec![
        row.row_id.to_string(),
        row.file_id.to_string(),
        row.file_name.clone(),
        row.account.clone(),
        row.sheet.clone(),
        row.row_number.to_string(),
        row.title.clone(),
        row.identifier.clone(),
        cell(row.amount.clone()),
        cell(row.due_date),
        cell(row.amount_after_due_date.clone()),
        row.state.to_string(),
        cell(row.psid.clone()),
        bulk_id(row.bulk_payment_request_id.as_ref()),
        cell(row.message.clone()),
        exact(row.sent_at),
        exact(row.updated_at),
        exact(row.paid_at),
    ]
}

/// A moment for a program: ISO 8601, UTC, to the millisecond.
pub(super) fn exact(at: Option<chrono::DateTime<chrono::Utc>>) -> String {
    at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// The hub's number of a request, which is a number or a text.
pub(super) fn bulk_id(id: Option<&serde_json::Value>) -> String {
    match id {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
