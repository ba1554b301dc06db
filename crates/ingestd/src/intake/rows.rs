//! A sheet's rows on their way to the ledger: read and judged in a thread of their own, handed
//! over in batches, and what is known of the whole file at its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ingest_ledger::{
    CORRECTS_NOTHING, Correction, Departures, HoldKind, LateFact, LateFacts, Ledger, LedgerError,
    NewRow, RowState, Stored, TableMapping,
};
use tokio::sync::mpsc;

use super::origin::OriginTwice;
use crate::config::{Account, ApproveRule, HeadingsRule};
use crate::exit::{Exit, Failure};
use crate::language::Language;
use crate::said::OfFile;
use crate::sheet::{
    self, JudgedRow, RowProblem, SheetRules, SheetSeen, SheetSummary, TwiceOutcome,
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
    let rule = asks_approval(account, summary.valid_total);
    match (&summary.held, rule) {
        (Some(why), Some(rule)) => Some((
            HoldKind::File,
            format!("{why}{}{rule}", account.language.between()),
        )),
        (Some(why), None) => Some((HoldKind::File, why.clone())),
        (None, Some(rule)) => Some((HoldKind::Approval, rule)),
        (None, None) => None,
    }
}

/// Why the account would have a file of this total wait, whatever is in it.
pub(crate) fn asks_approval(account: &Account, total: i64) -> Option<String> {
    let said = match account.approve {
        ApproveRule::Always => OfFile::AllApproved,
        ApproveRule::Over(limit) if total > limit => OfFile::OverLimit { total, limit },
        ApproveRule::Over(_) | ApproveRule::Never => return None,
    };
    Some(account.language.of_file(&said))
}

/// The rules of an account, with the headings by which its sheets were read so far.
pub(crate) async fn as_usual(
    rules: SheetRules,
    ledger: &Ledger,
    account: &str,
) -> Result<SheetRules, LedgerError> {
    let known = ledger.mapping_known(account).await?;
    let usual = known.map(|(mapping, _)| mapping).unwrap_or_default();
    Ok(SheetRules { usual, ..rules })
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
    let departed = match account.language {
        Language::En => None,
        Language::Ur => Some(in_urdu as fn(&Departures) -> String),
    };
    Stored {
        rows: summary.rows,
        valid: summary.valid + summary.late.valid_count(),
        sheets_json: SheetSeen::to_json(&summary.sheets),
        message: summary.message(),
        hold: hold_of(summary, account),
        mappings: mappings_of(summary, account),
        departed,
        late: late_facts(summary, in_origin),
    }
}

fn in_urdu(departures: &Departures) -> String {
    Language::Ur.departures(departures)
}

/// What was found of rows that had gone by: those that stand twice, in their own file or in the one
/// that they correct, and those of which a later one differs only in case.
fn late_facts(summary: &SheetSummary, in_origin: Vec<OriginTwice>) -> LateFacts {
    let late = summary.late.clone();
    let in_origin: Arc<BTreeMap<u32, (TwiceOutcome, RowProblem)>> = Arc::new(
        in_origin
            .into_iter()
            .filter(|twice| !late.has(twice.row_no))
            .map(|twice| (twice.row_no, (twice.outcome, twice.problem)))
            .collect(),
    );
    LateFacts::new(move || {
        let mut here = late.duplicates().peekable();
        let mut twins = late.twins().peekable();
        let in_origin = Arc::clone(&in_origin);
        let mut asked_from = 0;
        Box::new(std::iter::from_fn(move || {
            let origin = in_origin.range(asked_from..).next();
            let row_no = here
                .peek()
                .map(|twice| twice.row_no)
                .into_iter()
                .chain(twins.peek().map(|twin| twin.row_no))
                .chain(origin.map(|(row_no, _)| *row_no))
                .min()?;
            asked_from = row_no + 1;
            let twice = here.next_if(|twice| twice.row_no == row_no);
            let twice = twice.map(|twice| (twice.outcome, twice.problem));
            let twice = twice.or_else(|| in_origin.get(&row_no).cloned());
            let twin = twins.next_if(|twin| twin.row_no == row_no);
            Some(late_fact(row_no, twice, twin.map(|twin| twin.problem)))
        }))
    })
}

fn late_fact(
    row_no: u32,
    twice: Option<(TwiceOutcome, RowProblem)>,
    twin: Option<RowProblem>,
) -> LateFact {
    let mut problems = Vec::new();
    let (mut state, mut message) = (None, None);
    match twice {
        Some((TwiceOutcome::Skipped, problem)) => {
            (state, message) = (Some(RowState::Skipped), Some(problem.problem));
        }
        Some((TwiceOutcome::Invalid, problem)) => {
            state = Some(RowState::Invalid);
            problems.push(problem);
        }
        None => {}
    }
    problems.extend(twin);
    LateFact {
        row_no,
        state,
        message,
        problems_json: problems_json(&problems),
    }
}
