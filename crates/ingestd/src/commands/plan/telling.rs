//! A plan on paper. JSON and CSV have every row as it comes; a table first the counts, then the rows
//! that are not simply new, then what it comes to in rupees.

use std::path::Path;

use serde_json::json;

use super::{Becomes, Planned, PlannedRow};
use crate::cli::Format;
use crate::commands::printing::{Paper, cell, grouped, many, shown, table};
use crate::commands::spill::Spill;
use crate::config::Account;
use crate::exit::Failure;
use crate::service::AskedBy;

const COLUMNS: &[&str] = &[
    "sheet",
    "row",
    "identifier",
    "amount",
    "due_date",
    "outcome",
    "message",
];

/// The answer, row after row.
pub(super) struct Telling<'p, 'w> {
    paper: &'p mut Paper<'w>,
    file: String,
    account: String,
    rows: u64,
    /// What a table shows below its counts.
    to_look_at: Spill<PlannedRow>,
    any_to_look_at: bool,
}

impl<'p, 'w> Telling<'p, 'w> {
    pub(super) fn begin(
        paper: &'p mut Paper<'w>,
        file: &Path,
        account: &Account,
    ) -> Result<Self, Failure> {
        let file = file.display().to_string();
        match paper.format() {
            Format::Json => {
                paper.text("{\"file\": ")?;
                paper.json_piece(&file)?;
                paper.text(", \"account\": ")?;
                paper.json_piece(&account.name)?;
                paper.text(",\n \"rows\": [")?;
            }
            Format::Csv => paper.csv(COLUMNS)?,
            Format::Table => {}
        }
        Ok(Telling {
            paper,
            file,
            account: account.name.clone(),
            rows: 0,
            to_look_at: Spill::new(),
            any_to_look_at: false,
        })
    }

    /// One row, in the order of the sheet.
    pub(super) fn row(&mut self, row: &PlannedRow) -> Result<(), Failure> {
        match self.paper.format() {
            Format::Json => {
                self.paper
                    .text(if self.rows == 0 { "\n  " } else { ",\n  " })?;
                self.paper.json_piece(row)?;
            }
            Format::Csv => {
                let cells = cells(row);
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                self.paper.csv(&cells)?;
            }
            Format::Table if row.plain => {}
            Format::Table => {
                self.any_to_look_at = true;
                self.to_look_at.write(row.row, row)?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// All rows are told of.
    pub(super) fn end(mut self, planned: &Planned) -> Result<(), Failure> {
        match self.paper.format() {
            Format::Json => self.rest_of_json(planned),
            Format::Csv => Ok(()),
            Format::Table => self.page(planned),
        }
    }

    fn rest_of_json(&mut self, planned: &Planned) -> Result<(), Failure> {
        let paper = &mut self.paper;
        paper.text("],\n \"counts\": {")?;
        for (n, (outcome, sum)) in planned.tally.lines().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            paper.text(&format!("{comma}\"{}\": {}", outcome.as_str(), sum.rows))?;
        }
        paper.text("},\n \"totals\": {")?;
        for (n, (outcome, sum)) in planned.tally.lines().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            paper.text(&format!(
                "{comma}\"{}\": \"{}\"",
                outcome.as_str(),
                sum.rupees()
            ))?;
        }
        paper.text("},\n \"would_be\": {")?;
        for (n, becomes) in Becomes::ALL.into_iter().enumerate() {
            let (comma, sum) = (if n == 0 { "" } else { ", " }, planned.tally.of(becomes));
            paper.text(&format!(
                "{comma}\"{}\": {{\"rows\": {}, \"total\": \"{}\"}}",
                becomes.as_str(),
                sum.rows,
                sum.rupees()
            ))?;
        }
        paper.text("},\n \"held\": ")?;
        paper.json_piece(&planned.held)?;
        paper.text(", \"duplicate_of\": ")?;
        let duplicate_of = planned.duplicate_of.as_ref().map(|of| {
            json!({"file_id": of.file_id, "file_name": of.file_name, "state": of.state, "taken_at": of.taken_at})
        });
        paper.json_piece(&duplicate_of)?;
        paper.text(",\n \"asked\": ")?;
        paper.json_piece(&json!({"requests": planned.requests, "by": planned.asked_by}))?;
        paper.text(", \"left_out\": ")?;
        paper.json_piece(&planned.summary.left_out)?;
        paper.text(", \"notes\": ")?;
        paper.json_piece(&planned.notes)?;
        paper.line("}")
    }

    fn page(&mut self, planned: &Planned) -> Result<(), Failure> {
        let title = format!(
            "{} for account {}: {}; nothing is sent or stored now",
            shown(&self.file),
            self.account,
            many(self.rows, "row")
        );
        self.paper.line(&title)?;
        for line in said_of_all(planned) {
            self.paper.line(&format!("  {}", shown(&line)))?;
        }
        let counts: Vec<Vec<String>> = planned
            .tally
            .lines()
            .map(|(outcome, sum)| {
                vec![
                    outcome.as_str().to_owned(),
                    grouped(sum.rows),
                    outcome.means().to_owned(),
                ]
            })
            .collect();
        if !counts.is_empty() {
            self.paper.line("")?;
            self.paper
                .laid_out(&table(&["outcome", "rows", "what happens"], counts))?;
        }
        if self.any_to_look_at {
            self.paper.line("")?;
            let mut list = self.paper.list(COLUMNS)?;
            self.to_look_at
                .read(&mut |_, row| list.push(row, || cells(row)))?;
            list.finish()?;
        }
        let mut sums: Vec<Vec<String>> = planned
            .tally
            .lines()
            .map(|(outcome, sum)| vec![outcome.as_str().to_owned(), sum.rupees()])
            .collect();
        for becomes in Becomes::ALL {
            let sum = planned.tally.of(becomes);
            if sum.rows > 0 {
                let all = format!("all {}: {}", becomes.as_str(), many(sum.rows, "row"));
                sums.push(vec![all, sum.rupees()]);
            }
        }
        if sums.is_empty() {
            return Ok(());
        }
        self.paper.line("")?;
        self.paper.laid_out(&table(&["outcome", "Rs."], sums))
    }
}

/// What holds for the file as a whole, a line each.
fn said_of_all(planned: &Planned) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(of) = &planned.duplicate_of {
        lines.push(format!(
            "It holds exactly what {} held, which was taken as file {}: nothing would be sent for it again.",
            of.file_name, of.file_id
        ));
    }
    let requests = many(planned.requests, "earlier request");
    match planned.asked_by {
        AskedBy::Nobody => {}
        AskedBy::Command => lines.push(format!(
            "The hub was asked first, about {requests} of these payers."
        )),
        AskedBy::Service => lines.push(format!(
            "The service that holds the account asked the hub first, about {requests} of these payers."
        )),
    }
    if let Some(held) = &planned.held {
        lines.push(format!("The whole file would wait for a person: {held}"));
    }
    if let Some(left_out) = planned.summary.message() {
        lines.push(format!("{left_out} (`ingestd check` lists why)."));
    }
    lines.extend(planned.notes.iter().cloned());
    lines
}

fn cells(row: &PlannedRow) -> Vec<String> {
    vec![
        row.sheet.clone(),
        row.row.to_string(),
        row.identifier.clone(),
        cell(row.amount.as_ref()),
        cell(row.due_date.as_ref()),
        row.outcome.as_str().to_owned(),
        cell(row.message.as_ref()),
    ]
}
