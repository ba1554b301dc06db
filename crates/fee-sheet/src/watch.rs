//! What a sheet shows beside its rows, watched as they go by: columns that are
//! not read, merged cells. Each can be a reason to ask a person before
//! anything is sent.

use crate::Field;
use crate::changed::ChangedCodes;
use crate::dates::DayMonthOrder;
use crate::day_order::DayOrders;
use crate::holds::{Hold, Place};
use crate::merged::Merged;
use crate::other_money::OtherMoney;
use crate::out_of_step::OutOfStep;
use crate::remarks::Remark;
use crate::row::{Plan, SheetRow};
use crate::stripped::Stripped;
use crate::unused::Unused;
use crate::workbook_check::Seen;

/// One sheet's watch.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) sheet: usize,
    name: String,
    unused: Unused,
    days: DayOrders,
    stripped: Stripped,
    changed: ChangedCodes,
    other_money: OtherMoney,
    out_of_step: OutOfStep,
    merged: Merged,
    seen: Seen,
    /// Where a second line of headings may still stand.
    second_headings: Option<u32>,
    /// The columns that are read, and the first values of each that differ.
    examples: Vec<(u16, Vec<String>)>,
    /// How many rows are still looked at for them.
    examples_left: u8,
}

/// Values of a column that are shown, and how much of each.
const EXAMPLES: usize = 3;
const EXAMPLE_CHARS: usize = 60;

/// What is known of a sheet at its end.
pub(crate) struct Watched {
    /// Headings of columns that have values and are not read.
    pub(crate) unused: Vec<String>,
    /// What is worth saying.
    pub(crate) notes: Vec<Remark>,
    /// Why the file waits, as far as only the whole table shows it.
    pub(crate) holds: Vec<Hold>,
    /// For each column that is read, from the first field on, the first values
    /// that differ.
    pub(crate) examples: Vec<Vec<String>>,
}

impl Watch {
    pub(crate) fn new(
        sheet: usize,
        name: &str,
        unused: Unused,
        header_row: u32,
        fields: &[Field],
        plan: &Plan,
        seen: Seen,
    ) -> Self {
        let headed = unused.headed();
        Self {
            sheet,
            name: name.to_owned(),
            out_of_step: OutOfStep::new(fields, plan, &headed),
            unused,
            days: DayOrders::new(fields, plan),
            stripped: Stripped::new(plan),
            changed: ChangedCodes::new(plan),
            other_money: OtherMoney::new(plan),
            merged: seen.merges.watch(header_row, &plan.columns),
            seen,
            second_headings: Some(header_row + 1),
            examples: plan
                .columns
                .iter()
                .flatten()
                .map(|column| (*column, Vec::new()))
                .collect(),
            examples_left: 50,
        }
    }

    /// What the workbook says of the sheet.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Any line below the headings.
    pub(crate) fn line(&mut self, row: &SheetRow) {
        if let Some(line) = self.second_headings.take()
            && line == row.row_number()
        {
            self.unused.second_headings(row);
        }
    }

    /// The dates of a row that is about to be given out; whether the rest of
    /// the table has to be asked how they are read.
    pub(crate) fn dates(&mut self, row: &SheetRow) -> bool {
        self.days.row(row)
    }

    /// What the rest of the table says of its dates.
    pub(crate) fn settle_dates(&self, plan: &Plan, below: &[Option<DayMonthOrder>]) {
        self.days.settle(plan, below);
    }

    /// A row; why the file waits, if it does, once for each reason.
    pub(crate) fn row(&mut self, row: &SheetRow) -> Vec<Hold> {
        self.stripped.row(row);
        self.changed.row(row);
        self.other_money.row(row);
        self.out_of_step.row(row);
        if let Some(left) = self.examples_left.checked_sub(1) {
            self.examples_left = left;
            self.example(row);
        }
        let unused = self.unused.row(&self.name, row);
        let merged = self.merged.row(&self.name, row.row_number());
        unused.into_iter().chain(merged).collect()
    }

    /// Looks for values that were not seen yet.
    fn example(&mut self, row: &SheetRow) {
        for (column, seen) in &mut self.examples {
            let shown = row.cell(*column).shown.split_whitespace();
            let shown = shown.collect::<Vec<_>>().join(" ");
            let shown: String = shown.chars().take(EXAMPLE_CHARS).collect();
            if seen.len() < EXAMPLES && !shown.is_empty() && !seen.contains(&shown) {
                seen.push(shown);
            }
        }
    }

    /// The sheet ends.
    pub(crate) fn end(self, plan: &Plan) -> Watched {
        let mut notes = Vec::new();
        let hidden: Vec<(Place, bool)> = (0..1_024)
            .filter(|column| self.seen.is_hidden(*column) && plan.token != Some(*column))
            .filter_map(|column| {
                let read = plan.columns.contains(&Some(column));
                (read || self.unused.is_filled(column)).then(|| (self.unused.place(column), read))
            })
            .collect();
        if !hidden.is_empty() {
            notes.push(Remark::HiddenColumns {
                sheet: self.name.clone(),
                columns: hidden,
            });
        }
        let mut holds = self.unused.owing(&self.name);
        holds.extend(self.days.reasons(&self.name, plan));
        holds.extend(self.stripped.reasons(&self.name));
        holds.extend(self.changed.reasons(&self.name));
        holds.extend(self.other_money.reasons(&self.name));
        holds.extend(self.out_of_step.reasons(&self.name));
        notes.extend(self.days.notes(&self.name, plan));
        Watched {
            unused: self.unused.headings(&plan.columns, plan.token),
            notes,
            holds,
            examples: self.examples.into_iter().map(|(_, seen)| seen).collect(),
        }
    }
}
