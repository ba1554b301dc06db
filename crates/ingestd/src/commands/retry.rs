//! `retry`: failed rows go again, the hub asked first; `--dry-run` only lists them.

use std::collections::BTreeSet;

use ingest_ledger::{Ledger, RetryFilter, RetryRow, RowState};
use serde::Serialize;

use super::asking;
use super::printing::{cell, many};
use super::terminal::Terminal;
use crate::cli::{Format, RetryArgs};
use crate::decisions::Ask;
use crate::exit::{Exit, Failure};

const COLUMNS: &[&str] = &[
    "file_id",
    "sheet",
    "row_number",
    "identifier",
    "state",
    "would_be_sent",
    "why_not",
];

/// A row that was asked about, as `--dry-run` lists it.
#[derive(Debug, Serialize)]
struct Candidate<'a> {
    row_id: i64,
    account: &'a str,
    file_id: i64,
    sheet: &'a str,
    row_number: i64,
    identifier: &'a str,
    state: RowState,
    bulk_payment_request_id: Option<&'a str>,
    would_be_sent: bool,
    why_not: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    fn of(row: &'a RetryRow) -> Self {
        Candidate {
            row_id: row.row_id,
            account: &row.account,
            file_id: row.file_id,
            sheet: &row.sheet,
            row_number: row.row_number,
            identifier: &row.identifier,
            state: row.state,
            bulk_payment_request_id: row.request_id.as_deref(),
            would_be_sent: row.refusal.is_none(),
            why_not: row.refusal.as_deref(),
        }
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.file_id.to_string(),
            self.sheet.to_owned(),
            self.row_number.to_string(),
            self.identifier.to_owned(),
            self.state.to_string(),
            if self.would_be_sent { "yes" } else { "no" }.to_owned(),
            cell(self.why_not),
        ]
    }
}

pub(super) async fn command(terminal: &Terminal, args: RetryArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let wait = asking::patience(&args.waiting);
    let dry_run = args.dry_run;
    let mut account = args.account.clone();
    if let Some(name) = &account {
        config.account(name)?;
    }
    if let Some(file_id) = args.file {
        let file = super::files::file(&ledger, file_id).await?;
        if account
            .as_ref()
            .is_some_and(|account| *account != file.account)
        {
            return Err(Failure::usage(format!(
                "file {file_id} is one of account {}",
                file.account
            )));
        }
        account = Some(file.account);
    }
    let filter = filter_of(args, account.clone())?;
    let exit = if dry_run {
        dry(terminal, &ledger, &filter).await?
    } else {
        // Without an account, each that has failed rows is asked.
        let accounts: BTreeSet<String> = match account {
            Some(account) => BTreeSet::from([account]),
            None => ledger
                .retry_candidates(&filter)
                .await?
                .into_iter()
                .map(|row| row.account)
                .collect(),
        };
        if accounts.is_empty() {
            terminal.note("no row failed that could be sent again");
        }
        let asks = accounts
            .into_iter()
            .map(|account| (account, ask_of(&filter)))
            .collect();
        asking::ask_each(terminal, &config, &ledger, asks, wait).await?
    };
    ledger.close().await;
    Ok(exit)
}

fn filter_of(args: RetryArgs, account: Option<String>) -> Result<RetryFilter, Failure> {
    let state = args
        .state
        .map(|state| state.parse::<RowState>())
        .transpose();
    Ok(RetryFilter {
        account,
        file_id: args.file,
        sheet: args.sheet,
        row_numbers: args.rows.map(|rows| rows.numbers()),
        states: state
            .map_err(|error| Failure::usage(error.to_string()))?
            .into_iter()
            .collect(),
    })
}

fn ask_of(filter: &RetryFilter) -> Ask {
    Ask::Retry {
        file_id: filter.file_id,
        sheet: filter.sheet.clone(),
        rows: filter.row_numbers.clone(),
        states: filter.states.clone(),
    }
}

/// What would be sent, what not, and why.
async fn dry(terminal: &Terminal, ledger: &Ledger, filter: &RetryFilter) -> Result<Exit, Failure> {
    let rows = ledger.retry_candidates(filter).await?;
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    for row in &rows {
        let candidate = Candidate::of(row);
        list.push(&candidate, || candidate.cells())?;
    }
    list.finish()?;
    if paper.format() == Format::Table {
        let sent = rows.iter().filter(|row| row.refusal.is_none()).count() as u64;
        let left = rows.len() as u64 - sent;
        paper.line(&format!(
            "{} would be sent again, {} not; nothing was sent now",
            many(sent, "row"),
            many(left, "row")
        ))?;
    }
    paper.finish()?;
    Ok(Exit::Done)
}
