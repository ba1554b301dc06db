//! `retry`: failed rows go again, the hub asked first; `--dry-run` only lists them.

use std::collections::{BTreeMap, BTreeSet};

use ingest_ledger::{Ledger, RetryFilter, RetryRow, RowState};
use serde::Serialize;

use super::asking;
use super::printing::{cell, many, shown};
use super::terminal::Terminal;
use crate::cli::{Format, RetryArgs};
use crate::decisions::{Ask, must_mean_something, retry_in_several_sheets};
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
    /// `waits`: why it would be held, where it may go again.
    fn of(row: &'a RetryRow, waits: Option<&'a str>) -> Self {
        let why_not = row.refusal.as_deref().or(waits);
        Candidate {
            row_id: row.row_id,
            account: &row.account,
            file_id: row.file_id,
            sheet: &row.sheet,
            row_number: row.row_number,
            identifier: &row.identifier,
            state: row.state,
            bulk_payment_request_id: row.request_id.as_deref(),
            would_be_sent: why_not.is_none(),
            why_not,
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
    let mut filter = filter_of(args, account.clone())?;
    if filter.row_numbers.is_some() && filter.file_id.is_none() {
        let rows = ledger.retry_candidates(&filter).await?;
        filter.file_id = the_one_file(&rows)?;
    }
    must_mean_something(&ledger, account.as_deref(), &ask_of(&filter)).await?;
    let exit = if dry_run {
        dry(terminal, &candidates(&ledger, &filter).await?)?
    } else {
        // Without an account, each that has failed rows is asked: none, if one can't be.
        let accounts: BTreeSet<String> = match account {
            Some(account) => BTreeSet::from([account]),
            None => candidates(&ledger, &filter)
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

/// The file whose rows are meant where none is named: that with failed rows of these numbers. Every
/// file has rows of any number, so there may only be one such file.
fn the_one_file(rows: &[RetryRow]) -> Result<Option<i64>, Failure> {
    let files: BTreeSet<i64> = rows
        .iter()
        .filter(|row| row.state.is_failed())
        .map(|row| row.file_id)
        .collect();
    if files.len() > 1 {
        let files: Vec<String> = files.iter().map(i64::to_string).collect();
        let files = files.join(", ");
        return Err(Failure::usage(format!(
            "rows of these numbers failed in the files {files}: --file says which is meant"
        )));
    }
    Ok(files.into_iter().next())
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

/// The rows that are meant.
async fn candidates(ledger: &Ledger, filter: &RetryFilter) -> Result<Vec<RetryRow>, Failure> {
    let rows = ledger.retry_candidates(filter).await?;
    match retry_in_several_sheets(filter, &rows) {
        Some(why) => Err(Failure::usage(shown(&why))),
        None => Ok(rows),
    }
}

/// What would be sent, what not, and why.
fn dry(terminal: &Terminal, rows: &[RetryRow]) -> Result<Exit, Failure> {
    let waits = waiting_for_another(rows);
    let (mut sent, mut left) = (0, 0);
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    for row in rows {
        let candidate = Candidate::of(row, waits.get(&row.row_id).map(String::as_str));
        match candidate.would_be_sent {
            true => sent += 1,
            false => left += 1,
        }
        list.push(&candidate, || candidate.cells())?;
    }
    list.finish()?;
    if paper.format() == Format::Table {
        paper.line(&format!(
            "{} would be sent again, {} not; nothing was sent now. The hub is asked first: a row that it turns out to hold is left alone",
            many(sent, "row"),
            many(left, "row")
        ))?;
    }
    paper.finish()?;
    Ok(Exit::Done)
}

/// Of the rows of one payer that may go again only the one that was stored first does; the next is
/// held until that one is done. Each with why, by row id.
fn waiting_for_another(rows: &[RetryRow]) -> BTreeMap<i64, String> {
    let mut newest: BTreeMap<(&str, &str), &RetryRow> = BTreeMap::new();
    let mut waits = BTreeMap::new();
    // The ledger lists them in the order they were stored.
    for row in rows.iter().filter(|row| row.refusal.is_none()) {
        if let Some(first) = newest.insert((&row.account, &row.identifier), row) {
            let why = format!(
                "it would wait for row {} of file {} with the same identifier, which goes first",
                first.row_number, first.file_id
            );
            waits.insert(row.row_id, why);
        }
    }
    waits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(row_id: i64, identifier: &str, refusal: Option<&str>) -> RetryRow {
        RetryRow {
            row_id,
            account: "school".to_owned(),
            file_id: row_id,
            row_no: 1,
            sheet: "fees".to_owned(),
            row_number: 2,
            state: RowState::Rejected,
            identifier: identifier.to_owned(),
            request_id: None,
            chunk_id: Some(row_id),
            refusal: refusal.map(str::to_owned),
        }
    }

    #[test]
    fn row_numbers_alone_mean_the_one_file_in_which_they_failed() {
        let taken = RetryRow {
            state: RowState::Billed,
            ..row(1, "A", Some("the hub took it"))
        };
        let failed = |row_id| row(row_id, "B", None);
        assert_eq!(the_one_file(&[]).unwrap(), None);
        let one = the_one_file(&[taken.clone(), failed(2)]);
        assert_eq!(one.unwrap(), Some(2));
        let two = the_one_file(&[taken, failed(2), failed(3)]).unwrap_err();
        assert!(two.sentence.contains("the files 2, 3"), "{}", two.sentence);
    }

    #[test]
    fn of_one_payers_rows_the_first_would_go_and_the_next_wait_for_it() {
        let rows = [
            row(1, "A", Some("the hub took it")),
            row(2, "A", None),
            row(3, "B", None),
            row(4, "A", None),
        ];
        let waits = waiting_for_another(&rows);
        assert_eq!(waits.keys().copied().collect::<Vec<_>>(), [4]);
        assert!(waits[&4].contains("row 2 of file 2"), "{waits:?}");
        let shown = Candidate::of(&rows[3], waits.get(&4).map(String::as_str));
        assert!(!shown.would_be_sent && shown.why_not.is_some());
    }
}
