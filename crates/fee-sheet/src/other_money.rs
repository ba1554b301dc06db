//! Amounts that their number format shows in other money than rupees (`$1500`
//! for 1500). The heading says nothing of it, and often enough it is only the
//! spreadsheet's habit: a person decides.

use crate::FieldKind;
use crate::headings::foreign_sign;
use crate::holds::{Hold, HoldWhy, Place, Shown};
use crate::row::{CellKind, Plan, SheetRow};

/// The amounts of one table's columns.
#[derive(Debug)]
pub(crate) struct OtherMoney {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    at: u16,
    heading: String,
    /// The first amount that is shown so, its sign and its row.
    shown: Option<(String, char, u32)>,
}

impl OtherMoney {
    pub(crate) fn new(plan: &Plan) -> Self {
        let amounts = plan.of_kind(FieldKind::Money).map(|(at, heading)| Column {
            at,
            heading: heading.to_owned(),
            shown: None,
        });
        Self {
            columns: amounts.collect(),
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        for column in self.columns.iter_mut().filter(|one| one.shown.is_none()) {
            let cell = row.cell(column.at);
            if cell.kind == CellKind::Number
                && cell.plain.is_some()
                && let Some(sign) = foreign_sign(cell.shown).filter(|sign| *sign != '%')
            {
                column.shown = Some((cell.shown.to_owned(), sign, row.row_number()));
            }
        }
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str) -> Vec<Hold> {
        let told = |column: &Column| {
            let (shown, sign, row) = column.shown.as_ref()?;
            Some(Hold {
                sheet: sheet.to_owned(),
                why: HoldWhy::ShownInOtherMoney {
                    column: Place::of(column.at, Some(&column.heading)),
                    sign: *sign,
                    first: Shown {
                        text: shown.clone(),
                        row: *row,
                    },
                },
            })
        };
        self.columns.iter().filter_map(told).collect()
    }
}
