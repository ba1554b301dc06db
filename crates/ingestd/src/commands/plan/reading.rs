//! A sheet on its way to be judged: read in a thread of its own, handed over in blocks, twice.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use ingest_ledger::{CORRECTS_NOTHING, CORRECTS_TWICE, Correction, Ledger, NewBill};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Outcome, PlannedRow};
use crate::config::Account;
use crate::exit::Failure;
use crate::intake::{corrected_by, in_origin};
use crate::sheet::{
    Duplicate, JudgedRow, RowProblem, SheetRules, SheetSummary, TwiceOutcome, judge_sheet, rupees,
};

/// Rows of a block: they are judged together.
const BLOCK_ROWS: usize = 5_000;
/// Blocks read ahead.
const BLOCKS_AHEAD: usize = 1;

/// A file that is being read, in blocks of `T`.
pub(super) struct Reading<T> {
    blocks: mpsc::Receiver<T>,
    thread: JoinHandle<Result<SheetSummary, Failure>>,
    file_name: String,
}

/// The payers of a block of rows.
#[derive(Default)]
pub(super) struct Payers {
    /// Of its valid rows.
    pub(super) identifiers: Vec<String>,
    /// Rows read by then.
    pub(super) read: u64,
    /// Rows of more than one sheet were read by then: a number alone does not name a row.
    pub(super) several_sheets: bool,
    /// Rows that more than one row of the file corrects; known with the last block.
    pub(super) corrected_twice: HashSet<i64>,
}

/// What was found of a row in its sheet alone.
pub(super) enum Found {
    /// It is a bill.
    Bill,
    /// It is none, and why.
    Invalid(String),
    /// A later row of its identifier wins.
    LaterRowWins(String),
}

/// A row as it was read.
pub(super) struct RowRead {
    pub(super) found: Found,
    /// Paisa.
    pub(super) amount: Option<i64>,
    sheet: Arc<str>,
    several_sheets: bool,
    row_number: u32,
    title: String,
    identifier: String,
    due_date: Option<NaiveDate>,
    late: Option<i64>,
    corrects: Option<i64>,
}

impl RowRead {
    /// The bill, if the row is one.
    pub(super) fn bill(&self) -> Option<NewBill<'_>> {
        let (Found::Bill, Some(amount), Some(due_date)) = (&self.found, self.amount, self.due_date)
        else {
            return None;
        };
        Some(NewBill {
            sheet: self.several_sheets.then_some(&*self.sheet),
            row_number: i64::from(self.row_number),
            title: &self.title,
            identifier: &self.identifier,
            amount,
            due_date,
            late: self.late.unwrap_or(amount),
            corrects: self.corrects,
        })
    }

    /// Whether it is there to take another row's place.
    pub(super) fn corrects(&self) -> bool {
        self.corrects.is_some()
    }

    /// The row as it is told of.
    pub(super) fn planned(&self, outcome: Outcome) -> PlannedRow {
        PlannedRow {
            sheet: self.sheet.to_string(),
            row: self.row_number,
            identifier: self.identifier.clone(),
            amount: self.amount.map(rupees),
            due_date: self.due_date.map(|day| day.format("%Y-%m-%d").to_string()),
            outcome,
            message: None,
            waits_for: None,
            discards: None,
            plain: outcome == Outcome::Duplicate,
        }
    }
}

impl<T: Send + 'static> Reading<T> {
    /// Reads in a thread of its own; `blocks` makes blocks of the rows and hands them over.
    fn start(
        path: &Path,
        file_name: &str,
        rules: &SheetRules,
        read: impl FnOnce(&Path, &str, &SheetRules, &mpsc::Sender<T>) -> Result<SheetSummary, Failure>
        + Send
        + 'static,
    ) -> Reading<T> {
        let (sender, blocks) = mpsc::channel(BLOCKS_AHEAD);
        let (path, name, rules) = (path.to_owned(), file_name.to_owned(), rules.clone());
        Reading {
            blocks,
            thread: tokio::task::spawn_blocking(move || read(&path, &name, &rules, &sender)),
            file_name: file_name.to_owned(),
        }
    }

    /// The next block, until there is none.
    pub(super) async fn next(&mut self) -> Option<T> {
        self.blocks.recv().await
    }

    /// What the whole file came to.
    pub(super) async fn end(self) -> Result<SheetSummary, Failure> {
        drop(self.blocks);
        let name = self.file_name;
        self.thread.await.unwrap_or_else(|panic| {
            tracing::error!(%panic, "the reader of a sheet died");
            Err(Failure::file(format!(
                "{name}: our reader failed on this file; please send it to us"
            )))
        })
    }
}

/// Nobody takes the blocks any more: the sentence is never shown, for whoever left has one.
fn hand_over<T>(blocks: &mpsc::Sender<T>, block: T) -> Result<(), Failure> {
    let left = |_| Failure::defect("the rows of a plan were not taken");
    blocks.blocking_send(block).map_err(left)
}

impl Reading<Payers> {
    /// The first reading: who is to be billed.
    pub(super) fn payers(
        path: &Path,
        file_name: &str,
        rules: &SheetRules,
        ledger_id: &str,
    ) -> Reading<Payers> {
        let ledger_id = ledger_id.to_owned();
        Reading::start(path, file_name, rules, move |path, name, rules, blocks| {
            let mut block = Payers::default();
            let (mut corrected, mut twice) = (HashSet::new(), HashSet::new());
            let mut first_sheet: Option<String> = None;
            let summary = judge_sheet(path, name, rules, &mut |row| {
                block.read = u64::from(row.row_no);
                let first = first_sheet.get_or_insert_with(|| row.sheet.to_owned());
                block.several_sheets |= first != row.sheet;
                if let Some(token) = row.token {
                    // A row that is not sent itself may be the one that is meant.
                    let corrects = corrected_by(&ledger_id, token);
                    if !corrected.insert(corrects) && corrects != CORRECTS_NOTHING {
                        twice.insert(corrects);
                    }
                }
                if let Some(bill) = &row.bill {
                    block.identifiers.push(bill.identifier.to_string());
                }
                match block.identifiers.len() == BLOCK_ROWS {
                    true => hand_over(blocks, std::mem::take(&mut block)),
                    false => Ok(()),
                }
            })?;
            block.corrected_twice = twice;
            hand_over(blocks, block)?;
            Ok(summary)
        })
    }
}

impl Reading<Vec<RowRead>> {
    /// The second reading, with what only the end of the first one showed.
    pub(super) fn rows(
        path: &Path,
        file_name: &str,
        rules: &SheetRules,
        ledger_id: &str,
        first: &SheetSummary,
        (several_sheets, corrected_twice): (bool, HashSet<i64>),
    ) -> Reading<Vec<RowRead>> {
        let twice = first.late.clone();
        let ledger_id = ledger_id.to_owned();
        Reading::start(path, file_name, rules, move |path, name, rules, blocks| {
            let mut block = Vec::with_capacity(BLOCK_ROWS);
            let mut sheet: Arc<str> = Arc::from("");
            let summary = judge_sheet(path, name, rules, &mut |row| {
                if *sheet != *row.sheet {
                    sheet = Arc::from(row.sheet);
                }
                let mut read = row_read(row, &sheet, twice.duplicate(row.row_no).as_ref());
                read.several_sheets = several_sheets;
                if let (Found::Bill, Some(token)) = (&read.found, row.token) {
                    // Of two rows that correct the same one, nobody can say which is meant.
                    let corrects = corrected_by(&ledger_id, token);
                    let twice = corrected_twice.contains(&corrects);
                    read.corrects = Some(if twice { CORRECTS_TWICE } else { corrects });
                }
                block.push(read);
                match block.len() == BLOCK_ROWS {
                    true => hand_over(
                        blocks,
                        std::mem::replace(&mut block, Vec::with_capacity(BLOCK_ROWS)),
                    ),
                    false => Ok(()),
                }
            })?;
            if !block.is_empty() {
                hand_over(blocks, block)?;
            }
            Ok(summary)
        })
    }
}

/// Finds the corrections of a block that another row of the file they came from goes before.
pub(super) async fn held_against_origin(
    ledger: &Ledger,
    account: &Account,
    block: &mut [RowRead],
) -> Result<(), Failure> {
    let correction = |(at, row): (u32, &'_ RowRead)| match (&row.found, row.corrects) {
        (Found::Bill, Some(corrects)) => Some((at, corrects, row.identifier.clone())),
        _ => None,
    };
    let found: Vec<(u32, i64, String)> = (0..).zip(&*block).filter_map(correction).collect();
    let corrections: Vec<Correction<'_>> = found
        .iter()
        .map(|(row_no, corrects, identifier)| Correction {
            row_no: *row_no,
            corrects: *corrects,
            identifier,
        })
        .collect();
    for twice in in_origin(ledger, account, &corrections).await? {
        let said = twice.problem.problem;
        if let Some(row) = block.get_mut(twice.row_no as usize) {
            row.found = match twice.outcome {
                TwiceOutcome::Invalid => Found::Invalid(said),
                TwiceOutcome::Skipped => Found::LaterRowWins(said),
            };
        }
    }
    Ok(())
}

fn row_read(row: &JudgedRow<'_>, sheet: &Arc<str>, twice: Option<&Duplicate>) -> RowRead {
    let found = match twice {
        Some(twice) if twice.outcome == TwiceOutcome::Skipped => {
            Found::LaterRowWins(twice.problem.problem.clone())
        }
        Some(twice) => Found::Invalid(wrong(row.problems, Some(&twice.problem))),
        None if row.bill.is_none() => Found::Invalid(wrong(row.problems, None)),
        None => Found::Bill,
    };
    let shown = row.shown();
    RowRead {
        found,
        amount: shown.amount,
        sheet: Arc::clone(sheet),
        several_sheets: false,
        row_number: row.row_number,
        title: shown.title,
        identifier: shown.identifier,
        due_date: shown.due_date,
        late: shown.late,
        corrects: None,
    }
}

/// Everything that is wrong with a row, in one line.
fn wrong(problems: &[RowProblem], twice: Option<&RowProblem>) -> String {
    let errors = problems.iter().filter(|problem| !problem.warning);
    let said: Vec<String> = errors
        .chain(twice)
        .map(|problem| match &problem.cell {
            Some(cell) => format!("{cell}: {}", problem.problem),
            None => problem.problem.clone(),
        })
        .collect();
    said.join("; ")
}

/// Whether two readings came to the same.
pub(super) fn is_same(one: &SheetSummary, other: &SheetSummary) -> bool {
    let counts = |summary: &SheetSummary| {
        (
            summary.rows,
            summary.valid,
            summary.valid_total,
            summary.late.count(),
        )
    };
    counts(one) == counts(other)
}

/// What makes two files the same.
pub(super) async fn sha256_of(path: &Path) -> Result<[u8; 32], Failure> {
    let path = path.to_owned();
    let shown = path.display().to_string();
    let hashing = tokio::task::spawn_blocking(move || -> std::io::Result<[u8; 32]> {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hash.finalize().into()),
                n => hash.update(&buffer[..n]),
            }
        }
    });
    let hashed = hashing.await.map_err(std::io::Error::other);
    hashed
        .and_then(|hashed| hashed)
        .map_err(|error| Failure::file(format!("{shown} can't be read: {error}")))
}
