//! Identifiers that stand more than once in one file, whatever sheet or due date. A file may have
//! millions of such rows, so what is known of each is a few bytes, and a sentence is made when it is
//! asked for.

use std::fmt;
use std::sync::Arc;

use fee_sheet::{SheetInfo, SheetRow, cell_name};

use super::{BillView, Duplicate, LateWarning, RowProblem, TwiceOutcome};
use crate::config::DuplicateRule;
use crate::gateway::{IDENTIFIER_FIELD, Met, Seen};
use crate::language::Language;
use crate::said::{Place, Said};

/// The field that all of this is about.
const FIELD: &str = "identifier";

/// Bytes of all identifiers of a file: two million of them are a third of it.
pub(super) const IDENTIFIER_BYTES_MAX: u64 = 96 << 20;

/// Remembers every identifier of a file, exactly, and what each row was like.
pub(super) struct Twice {
    rule: DuplicateRule,
    seen: Seen,
    /// Bytes of the identifiers that are remembered.
    bytes: u64,
    rows: RowsSeen,
}

/// What is remembered of every row.
struct RowsSeen {
    language: Language,
    /// By row number less one: the line in its sheet.
    lines: Vec<u32>,
    /// By row number less one: its amount if it was valid; `i64::MIN` if it was not.
    amounts: Vec<i64>,
    /// Where each sheet begins: first row number, sheet index, column of the identifier.
    sheets: Vec<(u32, usize, Option<u16>)>,
}

const NOT_VALID: i64 = i64::MIN;

impl Twice {
    pub(super) fn new(rule: DuplicateRule, language: Language) -> Self {
        Twice {
            rule,
            seen: Seen::new(),
            bytes: 0,
            rows: RowsSeen {
                language,
                lines: Vec::new(),
                amounts: Vec::new(),
                sheets: Vec::new(),
            },
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
        let column = row.column(IDENTIFIER_FIELD);
        let rows = &mut self.rows;
        if rows
            .sheets
            .last()
            .is_none_or(|(_, sheet, _)| *sheet != row.sheet())
        {
            rows.sheets.push((row_no, row.sheet(), column));
        }
        rows.lines.push(row.row_number());
        rows.amounts
            .push(bill.map_or(NOT_VALID, |bill| bill.amount));
        if identifier.is_empty() {
            return;
        }
        self.bytes += identifier.len() as u64;
        let sighting = self.seen.add(identifier, row_no);
        if let Some(twin) = sighting.twin
            && sighting.same.is_none()
        {
            let name = |sheet: usize| {
                let info = sheets.get(sheet);
                info.map(|info| info.name.clone()).unwrap_or_default()
            };
            let place = rows.place(twin.row, row.sheet(), name);
            problems.push(RowProblem {
                field: FIELD.to_owned(),
                cell: column.map(|column| cell_name(column, row.row_number())),
                value: identifier.to_owned(),
                problem: rows.language.said(FIELD, identifier, &Said::Twin(place)),
                warning: true,
            });
        }
    }

    /// Whether the identifiers are more than is remembered.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > IDENTIFIER_BYTES_MAX
    }

    /// What is known of the rows only at the end of their file.
    pub(super) fn finish(self, sheets: &[SheetInfo]) -> Late {
        let met = self.seen.into_met();
        let mut order = Vec::with_capacity(met.repeats().len());
        let mut winners = Vec::new();
        let mut at = 0;
        for group in met.repeats().chunk_by(|one, next| one.0 == next.0) {
            let start = u32::try_from(at).unwrap_or(u32::MAX);
            at += group.len();
            let first = met.first_row(group[0].0).unwrap_or_default();
            let all = || std::iter::once(first).chain(group.iter().map(|(_, row)| *row));
            let is_valid = |row: &u32| self.rows.amount(*row) != NOT_VALID;
            let winner = match self.rule {
                DuplicateRule::Reject => None,
                DuplicateRule::LastWins => group
                    .iter()
                    .rev()
                    .map(|(_, row)| *row)
                    .chain([first])
                    .find(is_valid),
            };
            let loses = |row: &u32| match self.rule {
                DuplicateRule::Reject => true,
                DuplicateRule::LastWins => Some(*row) != winner && is_valid(row),
            };
            order.extend(all().filter(loses).map(|row| (row, start)));
            winners.extend(winner.map(|winner| (start, winner)));
        }
        order.sort_unstable();
        let mut spellings: Vec<(u32, u32, u32)> = met
            .spellings()
            .iter()
            .map(|(number, next)| (met.first_row(*number).unwrap_or_default(), *number, *next))
            .collect();
        spellings.sort_unstable();
        Late(Some(Arc::new(Found {
            met,
            rows: self.rows,
            names: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            order,
            winners,
            spellings,
        })))
    }
}

impl RowsSeen {
    fn amount(&self, row_no: u32) -> i64 {
        let at = (row_no as usize).checked_sub(1);
        let amount = at.and_then(|at| self.amounts.get(at));
        amount.copied().unwrap_or(NOT_VALID)
    }

    fn line(&self, row_no: u32) -> u32 {
        let at = (row_no as usize).checked_sub(1);
        at.and_then(|at| self.lines.get(at))
            .copied()
            .unwrap_or_default()
    }

    fn sheet_of(&self, row_no: u32) -> (usize, Option<u16>) {
        let at = self.sheets.partition_point(|(first, ..)| *first <= row_no);
        let found = at.checked_sub(1).and_then(|at| self.sheets.get(at));
        found.map_or((0, None), |(_, sheet, column)| (*sheet, *column))
    }

    fn place(&self, row_no: u32, from_sheet: usize, name: impl Fn(usize) -> String) -> Place {
        let (sheet, _) = self.sheet_of(row_no);
        Place {
            row: self.line(row_no),
            sheet: (sheet != from_sheet).then(|| name(sheet)),
        }
    }
}

/// What is known of some rows only at the end of their file: those whose identifier stands more than
/// once, and those that a later one differs from only in case.
#[derive(Clone, Default)]
pub struct Late(Option<Arc<Found>>);

struct Found {
    met: Met,
    rows: RowsSeen,
    /// The sheets' names.
    names: Vec<String>,
    /// The rows that are not sent for it, in order, and where the repetitions of their identifier
    /// begin.
    order: Vec<(u32, u32)>,
    /// Where the repetitions of an identifier begin, and the row of it that counts.
    winners: Vec<(u32, u32)>,
    /// The first row of an identifier, its number, and the first row of another spelling.
    spellings: Vec<(u32, u32, u32)>,
}

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows twice", self.count())
    }
}

impl Late {
    /// How many rows are not sent because their identifier stands more than once.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |found| found.order.len())
    }

    /// How many rows are warned of because a later one differs only in case.
    pub fn twin_count(&self) -> usize {
        self.0.as_ref().map_or(0, |found| found.spellings.len())
    }

    /// The amount of the valid ones among the rows that are not sent, how many these are, and
    /// what becomes of them.
    pub(super) fn lost(&self) -> (i64, u64, Option<TwiceOutcome>) {
        let Some(found) = &self.0 else {
            return (0, 0, None);
        };
        let amounts = found.order.iter().map(|(row, _)| found.rows.amount(*row));
        let valid = amounts.filter(|amount| *amount != NOT_VALID);
        let (total, count) =
            valid.fold((0, 0), |(total, count), amount| (total + amount, count + 1));
        let outcome = match found.winners.is_empty() {
            true => TwiceOutcome::Invalid,
            false => TwiceOutcome::Skipped,
        };
        (total, count, Some(outcome))
    }

    /// How many of the rows that are not sent are valid by themselves.
    pub fn valid_count(&self) -> u64 {
        self.lost().1
    }

    /// Whether a row is not sent because its identifier stands more than once.
    pub fn has(&self, row_no: u32) -> bool {
        let found = self.0.as_ref();
        found.is_some_and(|found| found.place(row_no).is_some())
    }

    /// What is known of such a row.
    pub fn duplicate(&self, row_no: u32) -> Option<Duplicate> {
        let found = self.0.as_ref()?;
        Some(found.duplicate(found.place(row_no)?))
    }

    /// All such rows, in order.
    pub fn duplicates(&self) -> impl Iterator<Item = Duplicate> + Send + use<> {
        let found = self.0.clone();
        (0..self.count()).filter_map(move |at| Some(found.as_ref()?.duplicate(at)))
    }

    /// The rows that a later one differs from only in case, in order: there was nothing to say of
    /// them when they went by.
    pub fn twins(&self) -> impl Iterator<Item = LateWarning> + Send + use<> {
        let found = self.0.clone();
        (0..self.twin_count()).filter_map(move |at| found.as_ref()?.twin(at))
    }
}

impl Found {
    fn place(&self, row_no: u32) -> Option<usize> {
        self.order
            .binary_search_by_key(&row_no, |(row, _)| *row)
            .ok()
    }

    fn duplicate(&self, at: usize) -> Duplicate {
        let (row_no, start) = self.order[at];
        let (number, _) = self.met.repeats()[start as usize];
        let (sheet, column) = self.rows.sheet_of(row_no);
        let winner = self
            .winners
            .binary_search_by_key(&start, |(start, _)| *start)
            .ok()
            .map(|at| self.winners[at].1);
        let said = match winner {
            Some(winner) => Said::LaterRowCounts(self.place_of(winner, sheet)),
            None => {
                let (others, more) = self.others(row_no, number, start as usize, sheet);
                Said::Twice(others, more)
            }
        };
        Duplicate {
            row_no,
            sheet: self.name(sheet),
            row_number: self.rows.line(row_no),
            outcome: match winner {
                Some(_) => TwiceOutcome::Skipped,
                None => TwiceOutcome::Invalid,
            },
            was_valid: self.rows.amount(row_no) != NOT_VALID,
            problem: self.problem(row_no, column, number, &said, winner.is_some()),
        }
    }

    fn twin(&self, at: usize) -> Option<LateWarning> {
        let (row_no, number, next) = *self.spellings.get(at)?;
        let (sheet, column) = self.rows.sheet_of(row_no);
        let said = Said::Twin(self.place_of(next, sheet));
        Some(LateWarning {
            row_no,
            sheet: self.name(sheet),
            row_number: self.rows.line(row_no),
            problem: self.problem(row_no, column, number, &said, true),
        })
    }

    fn problem(
        &self,
        row_no: u32,
        column: Option<u16>,
        number: u32,
        said: &Said,
        warning: bool,
    ) -> RowProblem {
        let identifier = self.met.identifier(number);
        RowProblem {
            field: FIELD.to_owned(),
            cell: column.map(|column| cell_name(column, self.rows.line(row_no))),
            value: identifier.to_owned(),
            problem: self.rows.language.said(FIELD, identifier, said),
            warning,
        }
    }

    /// At most three other rows of an identifier, and how many more there are.
    fn others(&self, row_no: u32, number: u32, start: usize, sheet: usize) -> (Vec<Place>, usize) {
        const NAMED_MAX: usize = 3;
        let rest = &self.met.repeats()[start..];
        let count = rest.partition_point(|(other, _)| *other == number);
        let repeats = rest[..count].iter().map(|(_, row)| *row);
        let all = self.met.first_row(number).into_iter().chain(repeats);
        let named: Vec<Place> = all
            .filter(|other| *other != row_no)
            .take(NAMED_MAX)
            .map(|other| self.place_of(other, sheet))
            .collect();
        // The first row is one more than its repetitions, and this row is not another one.
        let more = count - named.len();
        (named, more)
    }

    fn place_of(&self, row_no: u32, from_sheet: usize) -> Place {
        self.rows
            .place(row_no, from_sheet, |sheet| self.name(sheet))
    }

    fn name(&self, sheet: usize) -> String {
        self.names.get(sheet).cloned().unwrap_or_default()
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
