//! A sheet's rows on their way to the ledger: read and judged in a thread of their own, handed
//! over in batches, and what is known of the whole file at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ingest_ledger::{
    CORRECTS_NOTHING, Correction, HoldKind, LateFact, NewRow, RowState, Stored, TableMapping,
};
use tokio::sync::mpsc;

use super::origin::OriginTwice;
use crate::config::{Account, ApproveRule, HeadingsRule};
use crate::exit::{Exit, Failure};
use crate::sheet::{
    self, JudgedRow, RowProblem, SheetRules, SheetSeen, SheetSummary, TwiceOutcome, rupees,
};
use crate::token;

/// Rows handed to the ledger at a time.
const BATCH_ROWS: usize = 5_000;
/// Bytes of their texts, after which a batch is large enough: a cell may hold 32 KB.
const BATCH_BYTES: usize = 8 << 20;

/// A row on its way from the reader to the ledger.
pub(super) struct ReadRow {
    row_no: u32,
    sheet: Arc<str>,
    row_number: u32,
    title: String,
    identifier: String,
    amount: Option<i64>,
    due_date: Option<chrono::NaiveDate>,
    late: Option<i64>,
    problems: Option<String>,
    valid: bool,
    corrects: Option<i64>,
}

impl ReadRow {
    fn of(row: &JudgedRow<'_>, sheet: &Arc<str>, corrects: Option<i64>) -> ReadRow {
        let shown = row.shown();
        ReadRow {
            row_no: row.row_no,
            sheet: Arc::clone(sheet),
            row_number: row.row_number,
            title: without_nul(shown.title),
            identifier: without_nul(shown.identifier),
            amount: shown.amount,
            due_date: shown.due_date,
            late: shown.late,
            problems: problems_json(row.problems),
            valid: row.bill.is_some(),
            corrects,
        }
    }

    fn bytes(&self) -> usize {
        self.title.len() + self.identifier.len() + self.problems.as_ref().map_or(0, String::len)
    }

    pub(super) fn as_new(&self) -> NewRow<'_> {
        NewRow {
            row_no: self.row_no,
            sheet: &self.sheet,
            row_number: self.row_number,
            title: &self.title,
            identifier: &self.identifier,
            amount: self.amount,
            due_date: self.due_date,
            amount_after_due_date: self.late,
            valid: self.valid,
            raw_json: None,
            problems_json: self.problems.as_deref(),
            corrects: self.corrects,
        }
    }

    /// The row as a correction, if it is a bill that is there to be one.
    pub(super) fn as_correction(&self) -> Option<Correction<'_>> {
        let corrects = self.corrects.filter(|_| self.valid)?;
        Some(Correction {
            row_no: self.row_no,
            corrects,
            identifier: &self.identifier,
        })
    }
}

/// No database text holds a NUL; such a row is never valid, so nothing that is sent changes.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

fn problems_json(problems: &[RowProblem]) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    let text = serde_json::to_string(problems).expect("problems are plain texts");
    Some(text.replace("\\u0000", "\\ufffd"))
}

/// The stored row that a token ties a correction to.
pub(crate) fn corrected_by(ledger_id: &str, token: &str) -> i64 {
    token::row_of(ledger_id, token).unwrap_or(CORRECTS_NOTHING)
}

pub(super) fn read_rows(
    path: &Path,
    file_name: &str,
    rules: &SheetRules,
    tokens_of: Option<&str>,
    to_ledger: &mpsc::Sender<Vec<ReadRow>>,
) -> Result<SheetSummary, Failure> {
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    let mut bytes = 0;
    let mut sheet: Arc<str> = Arc::from("");
    let hand_over = |batch: &mut Vec<ReadRow>| {
        let full = std::mem::replace(batch, Vec::with_capacity(BATCH_ROWS));
        to_ledger
            .blocking_send(full)
            .map_err(|_| Failure::new(Exit::Database, "the ledger stopped taking rows"))
    };
    let summary = sheet::judge_sheet(path, file_name, rules, &mut |row| {
        if *sheet != *row.sheet {
            sheet = Arc::from(row.sheet);
        }
        let tokens = row.token.zip(tokens_of);
        let corrects = tokens.map(|(token, ledger_id)| corrected_by(ledger_id, token));
        let read = ReadRow::of(row, &sheet, corrects);
        bytes += read.bytes();
        batch.push(read);
        if batch.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
            bytes = 0;
            hand_over(&mut batch)
        } else {
            Ok(())
        }
    })?;
    if !batch.is_empty() {
        hand_over(&mut batch)?;
    }
    Ok(summary)
}

/// Why the file as a whole waits for a person: something about the sheet, the account's rule, or
/// both. Who lets the file go decides on both, so both are said.
pub(crate) fn hold_of(summary: &SheetSummary, account: &Account) -> Option<(HoldKind, String)> {
    let rule = match account.approve {
        ApproveRule::Always => {
            Some("this account asks for approval before anything is sent".to_owned())
        }
        ApproveRule::Over(limit) if summary.valid_total > limit => Some(format!(
            "its bills come to Rs. {}, more than the Rs. {} this account sends without approval",
            rupees(summary.valid_total),
            rupees(limit)
        )),
        _ => None,
    };
    match (&summary.held, rule) {
        (Some(why), Some(rule)) => Some((HoldKind::File, format!("{why}; {rule}"))),
        (Some(why), None) => Some((HoldKind::File, why.clone())),
        (None, Some(rule)) => Some((HoldKind::Approval, rule)),
        (None, None) => None,
    }
}

/// How its tables were read, where that is compared with earlier sheets.
pub(crate) fn mappings_of(summary: &SheetSummary, account: &Account) -> Vec<TableMapping> {
    match account.changed_headings {
        HeadingsRule::Hold => SheetSeen::mappings(&summary.sheets),
        HeadingsRule::Allow => Vec::new(),
    }
}

pub(super) fn stored_facts(
    summary: &SheetSummary,
    account: &Account,
    in_origin: Vec<OriginTwice>,
) -> Stored {
    // The ledger counts rows as they were read; what stands twice is a fact of its own.
    let duplicates_valid = summary
        .duplicates
        .iter()
        .filter(|row| row.was_valid)
        .count() as u64;
    Stored {
        rows: summary.rows,
        valid: summary.valid + duplicates_valid,
        sheets_json: SheetSeen::to_json(&summary.sheets),
        message: summary.message(),
        hold: hold_of(summary, account),
        mappings: mappings_of(summary, account),
        late: late_facts(summary, in_origin),
    }
}

/// What was found of rows that had gone by: those that stand twice, in their own file or in the one
/// that they correct, and those of which a later one differs only in case.
fn late_facts(summary: &SheetSummary, in_origin: Vec<OriginTwice>) -> Vec<LateFact> {
    let mut twins: BTreeMap<u32, &RowProblem> = summary
        .twins
        .iter()
        .map(|twin| (twin.row_no, &twin.problem))
        .collect();
    let mut facts: Vec<LateFact> = Vec::with_capacity(summary.duplicates.len() + twins.len());
    let twice_here: BTreeSet<u32> = summary.duplicates.iter().map(|row| row.row_no).collect();
    let in_origin = in_origin
        .into_iter()
        .filter(|twice| !twice_here.contains(&twice.row_no))
        .map(|twice| (twice.row_no, twice.outcome, twice.problem));
    let here = summary.duplicates.iter();
    let here = here.map(|twice| (twice.row_no, twice.outcome, twice.problem.clone()));
    for (row_no, outcome, problem) in here.chain(in_origin) {
        let skipped = outcome == TwiceOutcome::Skipped;
        let message = skipped.then(|| problem.problem.clone());
        let mut problems: Vec<RowProblem> = Vec::new();
        if !skipped {
            problems.push(problem);
        }
        problems.extend(twins.remove(&row_no).cloned());
        facts.push(LateFact {
            row_no,
            state: Some(match outcome {
                TwiceOutcome::Invalid => RowState::Invalid,
                TwiceOutcome::Skipped => RowState::Skipped,
            }),
            message,
            problems_json: problems_json(&problems),
        });
    }
    facts.extend(twins.into_iter().map(|(row_no, problem)| LateFact {
        row_no,
        state: None,
        message: None,
        problems_json: problems_json(std::slice::from_ref(problem)),
    }));
    facts
}
