//! Identifiers that stand more than once in one file, whatever sheet or due date.

use std::collections::HashMap;

use fee_sheet::{SheetInfo, SheetRow, cell_name};

use super::{BillView, Duplicate, LateWarning, RowProblem, TwiceOutcome};
use crate::config::DuplicateRule;
use crate::gateway::{IDENTIFIER_FIELD, Seen};
use crate::language::Language;
use crate::said::{Place, Said};

/// The field that all of this is about.
const FIELD: &str = "identifier";

/// Bytes of all identifiers of a file: two million of them are a third of it.
pub(super) const IDENTIFIER_BYTES_MAX: u64 = 96 << 20;

/// Remembers every identifier of a file, exactly, and what each row was like.
pub(super) struct Twice {
    rule: DuplicateRule,
    language: Language,
    seen: Seen,
    /// Bytes of the identifiers that are remembered.
    bytes: u64,
    /// By row number less one: the line in its sheet.
    lines: Vec<u32>,
    /// By row number less one: its amount if it was valid; `i64::MIN` if it was not.
    amounts: Vec<i64>,
    /// Where each sheet begins: first row number, sheet index, column of the identifier.
    sheets: Vec<(u32, usize, Option<u16>)>,
    /// Of rows whose identifier was seen before: the identifier.
    identifiers: HashMap<u32, String>,
}

const NOT_VALID: i64 = i64::MIN;

impl Twice {
    pub(super) fn new(rule: DuplicateRule, language: Language) -> Self {
        Twice {
            rule,
            language,
            seen: Seen::new(),
            bytes: 0,
            lines: Vec::new(),
            amounts: Vec::new(),
            sheets: Vec::new(),
            identifiers: HashMap::new(),
        }
    }

    /// Notes a row. One that differs from an earlier one only in case is warned of at once.
    pub(super) fn see(
        &mut self,
        row_no: u32,
        row: &SheetRow,
        identifier: &str,
        bill: Option<&BillView<'_>>,
        sheets: &[SheetInfo],
        problems: &mut Vec<RowProblem>,
    ) {
        let column = row.entry(IDENTIFIER_FIELD).column;
        if self
            .sheets
            .last()
            .is_none_or(|(_, sheet, _)| *sheet != row.sheet())
        {
            self.sheets.push((row_no, row.sheet(), column));
        }
        self.lines.push(row.row_number());
        self.amounts
            .push(bill.map_or(NOT_VALID, |bill| bill.amount));
        if identifier.is_empty() {
            return;
        }
        self.bytes += identifier.len() as u64;
        let sighting = self.seen.add(identifier, row_no);
        if sighting.same.is_some() {
            self.identifiers.insert(row_no, identifier.to_owned());
        } else if let Some(twin) = sighting.twin {
            problems.push(RowProblem {
                field: FIELD.to_owned(),
                cell: column.map(|column| cell_name(column, row.row_number())),
                value: identifier.to_owned(),
                problem: self.said(
                    identifier,
                    &Said::Twin(self.place(twin.row, row.sheet(), sheets)),
                ),
                warning: true,
            });
        }
    }

    /// Whether the identifiers are more than is remembered.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > IDENTIFIER_BYTES_MAX
    }

    /// The warning of every row that a later one differs from only in case, in row order: there
    /// was nothing to say of it when it went by.
    pub(super) fn first_spellings(&self, sheets: &[SheetInfo]) -> Vec<LateWarning> {
        let mut warnings: Vec<LateWarning> = self
            .seen
            .first_spellings()
            .into_iter()
            .map(|first| {
                let (sheet, column) = self.sheet_of(first.row);
                let line = self.lines[first.row as usize - 1];
                LateWarning {
                    row_no: first.row,
                    sheet: sheets
                        .get(sheet)
                        .map(|sheet| sheet.name.clone())
                        .unwrap_or_default(),
                    row_number: line,
                    problem: RowProblem {
                        field: FIELD.to_owned(),
                        cell: column.map(|column| cell_name(column, line)),
                        value: first.identifier.to_owned(),
                        problem: self.said(
                            first.identifier,
                            &Said::Twin(self.place(first.next_row, sheet, sheets)),
                        ),
                        warning: true,
                    },
                }
            })
            .collect();
        warnings.sort_by_key(|warning| warning.row_no);
        warnings
    }

    /// The rows of every identifier that stands more than once, in row order, and the amount
    /// of the valid ones among them that are not sent.
    pub(super) fn finish(self, sheets: &[SheetInfo]) -> (Vec<Duplicate>, i64) {
        let mut duplicates = Vec::new();
        let mut lost_total = 0;
        for rows in &self.seen.duplicate_groups() {
            let identifier = rows.iter().find_map(|row| self.identifiers.get(row));
            let winner = match self.rule {
                DuplicateRule::Reject => None,
                DuplicateRule::LastWins => rows
                    .iter()
                    .rev()
                    .copied()
                    .find(|row| self.amount(*row) != NOT_VALID),
            };
            for &row_no in rows {
                let amount = self.amount(row_no);
                let was_valid = amount != NOT_VALID;
                if Some(row_no) == winner || (self.rule == DuplicateRule::LastWins && !was_valid) {
                    continue;
                }
                if was_valid {
                    lost_total += amount;
                }
                let (sheet, column) = self.sheet_of(row_no);
                let line = self.lines[row_no as usize - 1];
                let said = match winner {
                    Some(winner) => Said::LaterRowCounts(self.place(winner, sheet, sheets)),
                    None => {
                        let (others, more) = self.others(row_no, rows, sheet, sheets);
                        Said::Twice(others, more)
                    }
                };
                let value = identifier.cloned().unwrap_or_default();
                let problem = self.said(&value, &said);
                duplicates.push(Duplicate {
                    row_no,
                    sheet: sheets
                        .get(sheet)
                        .map(|sheet| sheet.name.clone())
                        .unwrap_or_default(),
                    row_number: line,
                    outcome: if winner.is_some() {
                        TwiceOutcome::Skipped
                    } else {
                        TwiceOutcome::Invalid
                    },
                    was_valid,
                    problem: RowProblem {
                        field: FIELD.to_owned(),
                        cell: column.map(|column| cell_name(column, line)),
                        value,
                        problem,
                        warning: winner.is_some(),
                    },
                });
            }
        }
        duplicates.sort_by_key(|duplicate| duplicate.row_no);
        (duplicates, lost_total)
    }

    fn amount(&self, row_no: u32) -> i64 {
        self.amounts[row_no as usize - 1]
    }

    fn sheet_of(&self, row_no: u32) -> (usize, Option<u16>) {
        let at = self.sheets.partition_point(|(first, ..)| *first <= row_no);
        let (_, sheet, column) = self.sheets[at - 1];
        (sheet, column)
    }

    fn said(&self, identifier: &str, said: &Said) -> String {
        self.language.said(FIELD, identifier, said)
    }

    /// At most three other rows, and how many more there are.
    fn others(
        &self,
        row_no: u32,
        rows: &[u32],
        sheet: usize,
        sheets: &[SheetInfo],
    ) -> (Vec<Place>, usize) {
        const NAMED_MAX: usize = 3;
        let others = rows.iter().copied().filter(|other| *other != row_no);
        let named: Vec<Place> = others
            .clone()
            .take(NAMED_MAX)
            .map(|other| self.place(other, sheet, sheets))
            .collect();
        let more = others.count() - named.len();
        (named, more)
    }

    fn place(&self, row_no: u32, from_sheet: usize, sheets: &[SheetInfo]) -> Place {
        let (sheet, _) = self.sheet_of(row_no);
        let other = (sheet != from_sheet).then(|| {
            let info = sheets.get(sheet);
            info.map(|info| info.name.clone()).unwrap_or_default()
        });
        Place {
            row: self.lines[row_no as usize - 1],
            sheet: other,
        }
    }
}

/// What rows have in common whose identifier stands more than once, whichever the identifiers are.
pub fn said_of_all(outcome: TwiceOutcome, language: Language) -> String {
    let said = match outcome {
        TwiceOutcome::Invalid => Said::AllTwice,
        TwiceOutcome::Skipped => Said::LaterRowsCount,
    };
    language.said(FIELD, "", &said)
}
