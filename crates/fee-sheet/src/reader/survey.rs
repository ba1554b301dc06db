//! The rest of a table asked before its first open date is given out: which
//! number of `05/10/2036` is the month may be shown a thousand rows further
//! down. A second reading of the same file runs ahead, only where it is
//! needed, and only to the first date that shows it.

use std::path::{Path, PathBuf};

use super::{SheetReader, open_as};
use crate::dates::{DayMonthOrder, Way, way};
use crate::judge::Verdict;
use crate::row::{CellKind, Plan, SheetRow};
use crate::{FieldKind, ReadOptions};

/// Where a file is read from once more.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    path: PathBuf,
    file_name: String,
}

impl Origin {
    pub(super) fn new(path: &Path, file_name: &str) -> Self {
        Self {
            path: path.to_owned(),
            file_name: file_name.to_owned(),
        }
    }
}

impl SheetReader {
    /// Settles how the dates of a row are read that is about to be given out.
    pub(super) fn settle_dates(&mut self, row: &SheetRow) {
        if let Some(watch) = &mut self.watch
            && watch.dates(row)
        {
            let survey = self
                .survey
                .get_or_insert_with(|| Survey::of(&self.origin, &self.options));
            let below = survey.proofs(row.sheet, &row.plan);
            watch.settle_dates(&row.plan, &below);
        }
    }
}

/// A second reading that runs ahead of the first. Tables come in order, so
/// one serves for the whole file.
pub(super) struct Survey {
    /// `None` once the file has ended, or can't be read on: the first reading
    /// will say so.
    ahead: Option<Box<SheetReader>>,
    row: SheetRow,
    /// The row belongs to a later table than was asked for.
    pending: bool,
}

impl Survey {
    pub(super) fn of(origin: &Origin, options: &ReadOptions) -> Self {
        // Which order the account has does not matter here, but a date must
        // be one for either reading to see the same lines.
        let options = ReadOptions {
            day_month_order: DayMonthOrder::Dmy,
            ..options.clone()
        };
        let ahead = open_as(&origin.path, &origin.file_name, &options, false);
        Self {
            ahead: ahead.ok().map(Box::new),
            row: SheetRow::default(),
            pending: false,
        }
    }

    /// For each field, the first order that a date of its column proves in the
    /// rest of a table.
    pub(super) fn proofs(&mut self, table: usize, plan: &Plan) -> Vec<Option<DayMonthOrder>> {
        let mut found = vec![None; plan.kinds.len()];
        while self.advance(table) {
            let mut all = true;
            for (field, proof) in found.iter_mut().enumerate() {
                if plan.kinds[field] != FieldKind::Date || proof.is_some() {
                    continue;
                }
                *proof = plan.columns[field].and_then(|column| proof_in(&self.row, column));
                all &= proof.is_some();
            }
            if all {
                break;
            }
        }
        found
    }

    /// Goes to the next row of a table; `false` at its end.
    fn advance(&mut self, table: usize) -> bool {
        loop {
            if !std::mem::take(&mut self.pending) {
                let Some(reader) = &mut self.ahead else {
                    return false;
                };
                match reader.judged_line(&mut self.row) {
                    Ok(Some(Verdict::Row)) => {}
                    Ok(Some(_)) => continue,
                    Ok(None) | Err(_) => {
                        self.ahead = None;
                        return false;
                    }
                }
            }
            if self.row.sheet > table {
                self.pending = true;
                return false;
            }
            if self.row.sheet == table {
                return true;
            }
        }
    }
}

fn proof_in(row: &SheetRow, column: u16) -> Option<DayMonthOrder> {
    let cell = row.cell(column);
    match way(cell.shown).filter(|_| cell.kind == CellKind::Text)? {
        Way::DayFirst => Some(DayMonthOrder::Dmy),
        Way::MonthFirst => Some(DayMonthOrder::Mdy),
        Way::Open => None,
    }
}
