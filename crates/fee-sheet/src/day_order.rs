//! Dates of one column that disagree about which of their numbers is the
//! month. One that can be read one way only (`05/13/2036`) speaks for the
//! others of its column (`05/10/2036`), and where those are read the other way
//! a person is asked.

use crate::column_name;
use crate::dates::{DayMonthOrder, Way, way};
use crate::row::{Plan, SheetRow};
use crate::{Field, FieldKind};

/// The dates of one table's columns.
#[derive(Debug)]
pub(crate) struct DayOrders {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    at: u16,
    heading: String,
    label: &'static str,
    order: DayMonthOrder,
    /// The heading asks for that order.
    written: bool,
    /// The first date that leaves the order open, and its row.
    open: Option<(String, u32)>,
    /// The first that can't be read in that order.
    against: Option<(String, u32)>,
}

impl DayOrders {
    pub(crate) fn new(fields: &[Field], plan: &Plan) -> Self {
        let dates = fields.iter().enumerate().filter_map(|(index, field)| {
            let at = plan.columns[index].filter(|_| field.kind == FieldKind::Date)?;
            let written = plan.written[index];
            Some(Column {
                at,
                heading: plan.headings[index].clone(),
                label: field.label,
                order: written.unwrap_or(plan.order),
                written: written.is_some(),
                open: None,
                against: None,
            })
        });
        // Nothing is taken for granted where dates that leave it open are refused.
        let dates = dates.filter(|column| column.order != DayMonthOrder::Reject);
        Self {
            columns: dates.collect(),
        }
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        for column in &mut self.columns {
            if column.open.is_some() && column.against.is_some() {
                continue;
            }
            let shown = row.cell(column.at).shown;
            let first = match (way(shown), column.order) {
                (Some(Way::Open), _) => &mut column.open,
                (Some(Way::MonthFirst), DayMonthOrder::Dmy)
                | (Some(Way::DayFirst), DayMonthOrder::Mdy) => &mut column.against,
                _ => continue,
            };
            if first.is_none() {
                *first = Some((shown.trim().to_owned(), row.row_number()));
            }
        }
    }

    /// Why the file waits, if it does.
    pub(crate) fn reasons(&self, sheet: &str) -> Vec<String> {
        let disagree = |column: &Column| {
            let (open, open_row) = column.open.as_ref()?;
            let (against, row) = column.against.as_ref()?;
            let (taken, other, form) = match column.order {
                DayMonthOrder::Mdy => ("month", "day", "dd/mm/yyyy"),
                _ => ("day", "month", "mm/dd/yyyy"),
            };
            let heading = if column.written {
                "correct the form in the heading".to_owned()
            } else {
                format!(
                    "head the column “{} ({form})” if that is its form",
                    column.label
                )
            };
            Some(format!(
                "the dates of column {} “{}” of the sheet `{sheet}` disagree: {against} (row {row}) has the {other} first, and {open} (row {open_row}) is read with the {taken} first: write them like 2035-03-05, or {heading}, or approve to read those that leave it open with the {taken} first",
                column_name(column.at),
                column.heading,
            ))
        };
        self.columns.iter().filter_map(disagree).collect()
    }
}
