//! `check`: sheets read and judged, without network or database.
//!
//! A file is read in one pass; what is wrong with its rows is spilt to a temporary file once it is
//! more than a little, so that a million rows need no memory. `--bills` reads the file a second time.

mod kinds;
mod telling;

use std::path::Path;

use serde::Serialize;

use super::spill::Spill;
use super::terminal::Terminal;
use crate::cli::{CheckArgs, Format};
use crate::config::Account;
use crate::contained::Reader;
use crate::exit::{Exit, Failure};
use crate::intake;
use crate::language::Language;
use crate::said::Frame;
use crate::sheet::rupees;
use crate::sheet::{BillView, JudgedRow, RowProblem, SheetRules, SheetSummary, judge_sheet};
use kinds::Kinds;

/// One problem with its place, as JSON and CSV show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct PlacedProblem {
    /// The worksheet.
    pub sheet: String,
    /// The row, as the spreadsheet counts it.
    pub row: u32,
    /// The cell (`B17`), if the sheet has that column.
    pub cell: Option<String>,
    /// The field.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
    /// `error` (the row is not sent) or `warning`.
    pub severity: String,
}

impl PlacedProblem {
    fn new(sheet: &str, row: u32, problem: &RowProblem) -> Self {
        PlacedProblem {
            sheet: sheet.to_owned(),
            row,
            cell: problem.cell.clone(),
            field: problem.field.clone(),
            value: problem.value.clone(),
            problem: problem.problem.clone(),
            severity: if problem.warning { "warning" } else { "error" }.to_owned(),
        }
    }
}

/// A valid row as it would be sent.
#[derive(Clone, Debug, Serialize)]
pub struct PlacedBill<'a> {
    /// The worksheet.
    pub sheet: &'a str,
    /// The row, as the spreadsheet counts it.
    pub row: u32,
    /// What the payer's bank shows.
    pub title: &'a str,
    /// Who pays.
    pub identifier: &'a str,
    /// Rupees with two decimals.
    pub amount: String,
    /// `yyyy-MM-dd`.
    pub due_date: String,
    /// Rupees with two decimals.
    pub amount_after_due_date: String,
}

impl<'a> PlacedBill<'a> {
    fn new(sheet: &'a str, row: u32, bill: &'a BillView<'a>) -> Self {
        PlacedBill {
            sheet,
            row,
            title: &bill.title,
            identifier: &bill.identifier,
            amount: rupees(bill.amount),
            due_date: bill.due_date.format("%Y-%m-%d").to_string(),
            amount_after_due_date: rupees(bill.amount_after_due_date),
        }
    }
}

/// A file that was read, with everything that is to be said of it.
#[derive(Debug)]
pub struct Checked {
    /// What the whole file came to; `held` has the account's approval rule in it.
    pub summary: SheetSummary,
    /// Rows that are not sent although nothing is wrong with them: a later row wins.
    pub skipped: u64,
    language: Language,
    kinds: Kinds,
    spill: Spill<PlacedProblem>,
}

impl Checked {
    /// Every problem in the order of the rows, one at a time.
    ///
    /// # Errors
    /// The temporary file they were spilt to, or what `each` answers.
    pub fn problems(
        &mut self,
        each: &mut dyn FnMut(&PlacedProblem) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // What is known of a row only at the end of its file comes before what was said at once.
        let placed =
            |sheet: &str, row, problem: &RowProblem| PlacedProblem::new(sheet, row, problem);
        let mut duplicates = self.summary.late.duplicates().peekable();
        let mut twins = self.summary.late.twins().peekable();
        // Those of the rows before one, each row's duplicate before its twin.
        let mut before =
            |row_no: u32, each: &mut dyn FnMut(&PlacedProblem) -> Result<(), Failure>| {
                loop {
                    let twin = twins.peek().map(|twin| twin.row_no);
                    let duplicate = duplicates.peek().map(|duplicate| duplicate.row_no);
                    let first = duplicate.into_iter().chain(twin).min();
                    if first.is_none_or(|first| first >= row_no) {
                        return Ok(());
                    }
                    if duplicate == first
                        && let Some(one) = duplicates.next()
                    {
                        each(&placed(&one.sheet, one.row_number, &one.problem))?;
                    } else if let Some(one) = twins.next() {
                        each(&placed(&one.sheet, one.row_number, &one.problem))?;
                    }
                }
            };
        self.spill.read(&mut |row_no, problem| {
            before(row_no, each)?;
            each(problem)
        })?;
        before(u32::MAX, each)
    }

    /// Whether a person should look at the file.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.summary.invalid > 0 || self.summary.held.is_some() {
            Exit::Attention
        } else {
            Exit::Done
        }
    }
}

/// Reads and judges one file; `progress` is told the rows read so far now and then.
///
/// # Errors
/// Exit 3: the file can't be read.
pub fn check_file(
    path: &Path,
    rules: &SheetRules,
    account: Option<&Account>,
    progress: &mut dyn FnMut(u64),
) -> Result<Checked, Failure> {
    let name = plain_file_name(path)?;
    let mut spill = Spill::new();
    let mut kinds = Kinds::said_in(rules.language);
    let mut summary = judge_sheet(path, &name, rules, &mut |row: &JudgedRow<'_>| {
        for problem in row.problems {
            let placed = PlacedProblem::new(row.sheet, row.row_number, problem);
            kinds.add(&placed);
            spill.write(row.row_no, &placed)?;
        }
        tell(progress, row.row_no);
        Ok(())
    })?;
    let mut skipped = 0;
    for duplicate in summary.late.duplicates() {
        let placed = PlacedProblem::new(&duplicate.sheet, duplicate.row_number, &duplicate.problem);
        kinds.add_duplicate(&placed, duplicate.outcome);
        skipped += u64::from(duplicate.was_valid && duplicate.problem.warning);
    }
    for twin in summary.late.twins() {
        kinds.add(&PlacedProblem::new(
            &twin.sheet,
            twin.row_number,
            &twin.problem,
        ));
    }
    if summary.held.is_none() {
        let asks = |account| intake::asks_approval(account, summary.valid_total);
        summary.held = account.and_then(asks);
    }
    Ok(Checked {
        language: rules.language,
        summary,
        skipped,
        kinds,
        spill,
    })
}

/// Reads a file again and hands on each row that would be sent.
///
/// # Errors
/// Exit 3: the file can't be read, or is no longer the one that was checked.
pub fn bills_of(
    path: &Path,
    rules: &SheetRules,
    checked: &SheetSummary,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(&PlacedBill<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let name = plain_file_name(path)?;
    let again = judge_sheet(path, &name, rules, &mut |row: &JudgedRow<'_>| {
        tell(progress, row.row_no);
        match &row.bill {
            Some(bill) if !checked.late.has(row.row_no) => {
                each(&PlacedBill::new(row.sheet, row.row_number, bill))
            }
            _ => Ok(()),
        }
    })?;
    let same = |summary: &SheetSummary| {
        (
            summary.rows,
            summary.valid,
            summary.valid_total,
            summary.late.count(),
        )
    };
    if same(&again) != same(checked) {
        return Err(Failure::file(format!("{name} changed while it was read"))
            .help("check it again once it is complete"));
    }
    Ok(())
}

/// The name of a file that may be opened: a pipe or a device would never end.
pub(super) fn plain_file_name(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let about = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::file(format!("there is no file {shown}")),
        _ => Failure::file(format!("{shown} can't be read: {error}")),
    })?;
    if about.is_dir() {
        return Err(Failure::file(format!("{shown} is a folder, not a sheet"))
            .help("name the sheets in it"));
    }
    if !about.is_file() {
        return Err(Failure::file(format!("{shown} is not a plain file")));
    }
    Ok(crate::folder::shown(
        path.file_name().unwrap_or(path.as_os_str()),
    ))
}

fn tell(progress: &mut dyn FnMut(u64), row_no: u32) {
    if row_no.is_multiple_of(4096) {
        progress(u64::from(row_no));
    }
}

pub(super) fn command(terminal: &Terminal, args: &CheckArgs) -> Result<Exit, Failure> {
    let config = terminal.config_if_any()?;
    let account = match (&config, &args.account) {
        (Some(config), Some(name)) => Some(config.account(name)?.clone()),
        (None, Some(_)) => {
            return Err(terminal
                .config()
                .err()
                .unwrap_or_else(|| Failure::defect("no configuration")));
        }
        (Some(config), None) if config.accounts.len() == 1 => {
            config.accounts.values().next().cloned()
        }
        (Some(config), None) if config.accounts.len() > 1 => {
            terminal.note("checked by the rules that hold where none are configured; --account checks by an account's own");
            None
        }
        (_, None) => None,
    };
    let rules = match (&account, &config) {
        (Some(account), _) => SheetRules::of(account, Reader::AChild),
        (None, Some(config)) => SheetRules {
            language: config.language,
            ..SheetRules::defaults(Reader::AChild)
        },
        (None, None) => SheetRules::defaults(Reader::AChild),
    };

    let mut paper = terminal.paper();
    let mut telling = telling::Telling::begin(&mut paper, args.bills)?;
    let mut worst = Exit::Done;
    for path in &args.files {
        let bar = terminal.progress(&path.display().to_string(), None);
        let checked = check_file(path, &rules, account.as_deref(), &mut |rows| {
            bar.set_position(rows)
        });
        bar.finish_and_clear();
        match checked {
            Ok(mut checked) => {
                worst = worst.max(checked.exit());
                telling.file(path, &mut checked)?;
                if args.bills {
                    let bar =
                        terminal.progress(&path.display().to_string(), Some(checked.summary.rows));
                    let told = telling.bills(path, &rules, &checked.summary, &mut |rows| {
                        bar.set_position(rows)
                    });
                    bar.finish_and_clear();
                    told?;
                }
                telling.end_of_file()?;
            }
            Err(failure) if failure.exit == Exit::File => {
                worst = worst.max(Exit::File);
                telling.unreadable(path, &failure)?;
                crate::cli::print_failure(&failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    telling.end()?;
    if terminal.format() == Format::Table && args.files.len() > 1 {
        let checked = Frame::FilesChecked(args.files.len() as u64);
        paper.line(&rules.language.frame(&checked))?;
    }
    paper.finish()?;
    Ok(worst)
}

#[cfg(test)]
mod tests;
