//! The answer of `check` on paper: for a bursar, as JSON, or as a CSV of the problems (of the bills,
//! if those are asked for).

use std::path::Path;

use serde_json::json;

use super::{Checked, PlacedBill, bills_of};
use crate::cli::Format;
use crate::commands::printing::{Paper, shown, table};
use crate::exit::Failure;
use crate::said::Frame;
use crate::sheet::rupees;
use crate::sheet::{SheetRules, SheetSummary};

const PROBLEM_COLUMNS: &[&str] = &[
    "file", "sheet", "row", "cell", "field", "value", "problem", "severity",
];
const BILL_COLUMNS: &[&str] = &[
    "file",
    "sheet",
    "row",
    "title",
    "identifier",
    "amount",
    "due_date",
    "amount_after_due_date",
];
/// Bills of a table that are laid out together.
const BILLS_TOGETHER: usize = 500;
/// Lines left out that a person is shown one by one.
const LEFT_OUT_MAX: usize = 10;

/// The answer, file after file.
pub(super) struct Telling<'p, 'w> {
    paper: &'p mut Paper<'w>,
    bills: bool,
    files: u64,
}

impl<'p, 'w> Telling<'p, 'w> {
    pub(super) fn begin(paper: &'p mut Paper<'w>, bills: bool) -> Result<Self, Failure> {
        match paper.format() {
            Format::Json => paper.text("[")?,
            Format::Csv => paper.csv(if bills { BILL_COLUMNS } else { PROBLEM_COLUMNS })?,
            Format::Table => {}
        }
        Ok(Telling {
            paper,
            bills,
            files: 0,
        })
    }

    /// One file: what was found, and what is wrong.
    pub(super) fn file(&mut self, path: &Path, checked: &mut Checked) -> Result<(), Failure> {
        match self.paper.format() {
            Format::Json => self.json_file(path, checked),
            Format::Csv if self.bills => Ok(()),
            Format::Csv => {
                let file = path.display().to_string();
                checked.problems(&mut |problem| {
                    self.paper.csv(&[
                        &file,
                        &problem.sheet,
                        &problem.row.to_string(),
                        problem.cell.as_deref().unwrap_or_default(),
                        &problem.field,
                        &problem.value,
                        &problem.problem,
                        &problem.severity,
                    ])
                })
            }
            Format::Table => self.page(path, checked),
        }
    }

    /// The bills of the file just told of.
    pub(super) fn bills(
        &mut self,
        path: &Path,
        rules: &SheetRules,
        checked: &SheetSummary,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), Failure> {
        let file = path.display().to_string();
        let format = self.paper.format();
        let mut first = true;
        let mut together: Vec<Vec<String>> = Vec::new();
        if format == Format::Json {
            self.paper.text(",\n \"bills\": [")?;
        }
        bills_of(path, rules, checked, progress, &mut |bill| {
            match format {
                Format::Json => {
                    self.paper.text(if first { "\n  " } else { ",\n  " })?;
                    self.paper.json_piece(bill)?;
                }
                Format::Csv => {
                    let cells = bill_cells(bill);
                    let cells: Vec<&str> = [file.as_str()]
                        .into_iter()
                        .chain(cells.iter().map(String::as_str))
                        .collect();
                    self.paper.csv(&cells)?;
                }
                Format::Table => {
                    together.push(bill_cells(bill));
                    if together.len() == BILLS_TOGETHER {
                        self.paper
                            .laid_out(&table(&BILL_COLUMNS[1..], std::mem::take(&mut together)))?;
                    }
                }
            }
            first = false;
            Ok(())
        })?;
        match format {
            Format::Json => self.paper.text("]"),
            Format::Table if !together.is_empty() => {
                self.paper.laid_out(&table(&BILL_COLUMNS[1..], together))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn end_of_file(&mut self) -> Result<(), Failure> {
        match self.paper.format() {
            Format::Json => self.paper.text("}"),
            Format::Table => self.paper.line(""),
            Format::Csv => Ok(()),
        }
    }

    /// A file that can't be read; its sentence goes to standard error as well.
    pub(super) fn unreadable(&mut self, path: &Path, failure: &Failure) -> Result<(), Failure> {
        if self.paper.format() == Format::Json {
            self.next_in_json()?;
            self.paper.json_piece(&json!({
                "file": path.display().to_string(),
                "error": failure.sentence,
            }))?;
        }
        Ok(())
    }

    pub(super) fn end(self) -> Result<(), Failure> {
        match self.paper.format() {
            Format::Json => self.paper.line("\n]"),
            _ => Ok(()),
        }
    }

    fn next_in_json(&mut self) -> Result<(), Failure> {
        self.paper
            .text(if self.files == 0 { "\n" } else { ",\n" })?;
        self.files += 1;
        Ok(())
    }

    fn json_file(&mut self, path: &Path, checked: &mut Checked) -> Result<(), Failure> {
        self.next_in_json()?;
        let summary = &checked.summary;
        self.paper.text("{\"file\": ")?;
        self.paper.json_piece(&path.display().to_string())?;
        self.paper.text(", \"sheets\": ")?;
        self.paper.json_piece(&summary.sheets)?;
        let (rows, valid, invalid, skipped) = (
            summary.rows,
            summary.valid,
            summary.invalid,
            checked.skipped,
        );
        self.paper.text(&format!(",\n \"rows\": {rows}, \"valid\": {valid}, \"invalid\": {invalid}, \"skipped\": {skipped}"))?;
        self.paper.text(&format!(
            ", \"total\": \"{}\", \"held\": ",
            rupees(summary.valid_total)
        ))?;
        self.paper.json_piece(&summary.held)?;
        self.paper.text(",\n \"notes\": ")?;
        self.paper.json_piece(&summary.notes)?;
        self.paper.text(",\n \"problems\": [")?;
        let mut first = true;
        checked.problems(&mut |problem| {
            self.paper.text(if first { "\n  " } else { ",\n  " })?;
            first = false;
            self.paper.json_piece(problem)
        })?;
        self.paper.text("],\n \"left_out\": ")?;
        self.paper.json_piece(&checked.summary.left_out)
    }

    fn page(&mut self, path: &Path, checked: &Checked) -> Result<(), Failure> {
        let summary = &checked.summary;
        self.paper.line(&path.display().to_string())?;
        let language = checked.language;
        for sheet in &summary.sheets {
            let mapping = sheet.mapping.clone().into_iter().collect();
            let table = Frame::Table(sheet.name.clone(), sheet.header_row, mapping);
            self.indented(&language.frame(&table))?;
            for guess in sheet.said_of_guesses(language) {
                self.indented(&shown(&guess))?;
            }
            if !sheet.unused.is_empty() {
                self.indented(&language.frame(&Frame::NotUsed(sheet.unused.join(", "))))?;
            }
            for note in &sheet.notes {
                self.indented(&shown(note))?;
            }
        }
        for note in &summary.notes {
            self.indented(&shown(note))?;
        }
        self.indented(&language.frame(&Frame::Counts {
            rows: summary.rows,
            valid: summary.valid,
            invalid: summary.invalid,
            skipped: checked.skipped,
            total: summary.valid_total,
        }))?;
        if let Some(held) = &summary.held {
            self.indented(&language.frame(&Frame::WouldWait(held.clone())))?;
        }
        for (errors, heading) in [(true, Frame::Wrong), (false, Frame::ToLookAt)] {
            let lines = checked.kinds.lines(errors);
            if !lines.is_empty() {
                self.indented(&language.frame(&heading))?;
            }
            for line in lines {
                self.paper.line(&format!("    {line}"))?;
            }
        }
        if !summary.left_out.is_empty() {
            self.indented(&language.frame(&Frame::LeftOut))?;
        }
        for line in summary.left_out.iter().take(LEFT_OUT_MAX) {
            let left = Frame::Left(line.sheet.to_owned(), line.row, line.why);
            self.paper.line(&format!("    {}", language.frame(&left)))?;
        }
        match summary.left_out.len().saturating_sub(LEFT_OUT_MAX) {
            0 => Ok(()),
            more => {
                let more = language.frame(&Frame::LeftMore(more as u64));
                self.paper.line(&format!("    {more}"))
            }
        }
    }

    fn indented(&mut self, line: &str) -> Result<(), Failure> {
        self.paper.line(&format!("  {line}"))
    }
}

fn bill_cells(bill: &PlacedBill<'_>) -> Vec<String> {
    vec![
        bill.sheet.to_owned(),
        bill.row.to_string(),
        bill.title.to_owned(),
        bill.identifier.to_owned(),
        bill.amount.clone(),
        bill.due_date.clone(),
        bill.amount_after_due_date.clone(),
    ]
}
