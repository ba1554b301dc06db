//! The rest of a table asked before its first open date is given out: which
//! number of `05/10/2036` is the month may be shown a thousand rows further
//! down. A second reading of the same file runs ahead, only where it is
//! needed, and only to the first date that shows it.

use std::path::{Path, PathBuf};

use super::{SheetReader, open_as};
use crate::dates::{DayMonthOrder, Way, way};
use crate::judge::Verdict;
use crate::row::{CellKind, Plan, SheetRow};
use crate::unreadable::Unreadable;
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
    ///
    /// # Errors
    /// The rest of the table can't be asked: then nothing is guessed.
    pub(super) fn settle_dates(&mut self, row: &SheetRow) -> Result<(), Unreadable> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        if watch.dates(row) {
            let survey = match self.survey.take() {
                Some(survey) => survey,
                None => Survey::of(&self.origin, &self.options)?,
            };
            let below = self.survey.insert(survey).proofs(row.sheet, &row.plan)?;
            watch.settle_dates(&row.plan, &below);
        }
        Ok(())
    }
}

/// A second reading that runs ahead of the first. Tables come in order, so
/// one serves for the whole file.
pub(super) struct Survey {
    /// `None` once the file has ended.
    ahead: Option<Box<SheetReader>>,
    row: SheetRow,
    /// The row belongs to a later table than was asked for.
    pending: bool,
}

impl Survey {
    fn of(origin: &Origin, options: &ReadOptions) -> Result<Self, Unreadable> {
        // Which order the account has does not matter here, but a date must
        // be one for either reading to see the same lines.
        let options = ReadOptions {
            day_month_order: DayMonthOrder::Dmy,
            ..options.clone()
        };
        let ahead = open_as(&origin.path, &origin.file_name, &options, false)?;
        Ok(Self {
            ahead: Some(Box::new(ahead)),
            row: SheetRow::default(),
            pending: false,
        })
    }

    /// For each field, the first order that a date of its column proves in the
    /// rest of a table.
    fn proofs(
        &mut self,
        table: usize,
        plan: &Plan,
    ) -> Result<Vec<Option<DayMonthOrder>>, Unreadable> {
        let mut found = vec![None; plan.kinds.len()];
        while self.advance(table)? {
            let mut all = true;
            for (field, proof) in found.iter_mut().enumerate() {
                let column = plan.columns[field];
                let column = column.filter(|_| plan.kinds[field] == FieldKind::Date);
                if let (Some(column), None) = (column, &proof) {
                    *proof = proof_in(&self.row, column);
                    all &= proof.is_some();
                }
            }
            if all {
                break;
            }
        }
        Ok(found)
    }

    /// Goes to the next row of a table; `false` at its end.
    fn advance(&mut self, table: usize) -> Result<bool, Unreadable> {
        loop {
            if !std::mem::take(&mut self.pending) {
                let Some(reader) = &mut self.ahead else {
                    return Ok(false);
                };
                match reader.judged_line(&mut self.row)? {
                    Some(Verdict::Row) => {}
                    Some(_) => continue,
                    None => {
                        self.ahead = None;
                        return Ok(false);
                    }
                }
            }
            if self.row.sheet > table {
                self.pending = true;
                return Ok(false);
            }
            if self.row.sheet == table {
                return Ok(true);
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
