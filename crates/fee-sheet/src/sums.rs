//! A totals row is evidence: what it says is compared with the rows above it,
//! to the paisa. A difference means a row too many, too few, or mistyped; but
//! a total that was rounded to whole rupees is the same total.

use crate::holds::{FieldNamed, Hold, HoldWhy, Shown};
use crate::row::{SheetRow, Value};
use crate::totals::named_total;
use crate::{FieldKind, ReadOptions};

/// The sums of the amounts, running.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Each amount's field, its label, and its sums.
    amounts: Vec<Amount>,
    /// A totals row was met in this sheet.
    subtotals: bool,
    /// A row was.
    rows: bool,
}

#[derive(Debug)]
struct Amount {
    field: usize,
    named: FieldNamed,
    since_total: Sum,
    sheet: Sum,
    file: Sum,
}

/// A sum in minor units; `None` once an amount of it can't be read or it is
/// beyond counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum(Option<i64>);

impl Sum {
    const NOTHING: Self = Self(Some(0));

    fn add(&mut self, minor: Option<i64>) {
        self.0 = self
            .0
            .zip(minor)
            .and_then(|(sum, minor)| sum.checked_add(minor));
    }
}

impl Amount {
    fn count(&mut self, value: &Value<'_>) {
        let minor = match value {
            Value::Blank => return,
            Value::Money(minor) => Some(*minor),
            _ => None,
        };
        for sum in [&mut self.since_total, &mut self.sheet, &mut self.file] {
            sum.add(minor);
        }
    }
}

impl Sums {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let amounts = options
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.kind == FieldKind::Money)
            .map(|(index, field)| Amount {
                field: index,
                named: field.named(),
                since_total: Sum::NOTHING,
                sheet: Sum::NOTHING,
                file: Sum::NOTHING,
            })
            .collect();
        Self {
            amounts,
            subtotals: false,
            rows: false,
        }
    }

    /// Another sheet of the file begins.
    pub(crate) fn sheet(&mut self) {
        (self.subtotals, self.rows) = (false, false);
        for amount in &mut self.amounts {
            (amount.since_total, amount.sheet) = (Sum::NOTHING, Sum::NOTHING);
        }
    }

    /// Another table of the sheet begins: its totals may be its own.
    pub(crate) fn table(&mut self) {
        self.subtotals |= self.rows;
        for amount in &mut self.amounts {
            amount.since_total = Sum::NOTHING;
        }
    }

    /// Counts a row; says why the file waits if it has what those above it come to,
    /// and is called so.
    pub(crate) fn row(&mut self, sheet: &str, row: &SheetRow) -> Option<Hold> {
        let mut found = None;
        for at in 0..self.amounts.len() {
            let value = row.entry(self.amounts[at].field).value;
            if at == 0
                && let Value::Money(said) = value
            {
                found = self.total_as_row(sheet, row, said);
            }
            self.amounts[at].count(&value);
        }
        self.rows = true;
        found
    }

    fn total_as_row(&self, sheet: &str, row: &SheetRow, said: i64) -> Option<Hold> {
        let amount = self.amounts.first().filter(|_| self.rows)?;
        let sums = [amount.since_total, amount.sheet, amount.file];
        let is_sum = |sum: Sum| sum.0.is_some_and(|sum| sum != 0 && is_the_same(said, sum));
        if !sums.into_iter().any(is_sum) {
            return None;
        }
        let named = named_total(row)?;
        Some(Hold {
            sheet: sheet.to_owned(),
            why: HoldWhy::TotalAsRow {
                named: Shown {
                    text: named.split_whitespace().collect::<Vec<_>>().join(" "),
                    row: row.row_number(),
                },
                amount: said,
            },
        })
    }

    /// Compares a totals row; says why the file waits if it fits nothing: not
    /// the rows since the last totals row, not the sheet, not the file.
    pub(crate) fn total(&mut self, sheet: &str, row: &SheetRow) -> Option<Hold> {
        // On top of the rows it is the sum of what is still to come.
        if !self.rows {
            return None;
        }
        let subtotals = std::mem::replace(&mut self.subtotals, true);
        let mut found = None;
        for amount in &mut self.amounts {
            let Value::Money(said) = row.entry(amount.field).value else {
                continue;
            };
            let since = std::mem::replace(&mut amount.since_total, Sum::NOTHING);
            // A sum that is not known may be the one that is meant.
            let fits = |sum: Sum| sum.0.is_none_or(|sum| is_the_same(said, sum));
            if fits(since) || fits(amount.sheet) || fits(amount.file) || found.is_some() {
                continue;
            }
            let above = if subtotals && since != Sum::NOTHING {
                since
            } else {
                amount.sheet
            };
            found = Some(Hold {
                sheet: sheet.to_owned(),
                why: HoldWhy::TotalDiffers {
                    row: row.row_number(),
                    field: amount.named,
                    said,
                    above: above.0.unwrap_or(0),
                },
            });
        }
        found
    }
}

/// Whether a total says a sum, to the paisa or rounded to whole rupees. Where
/// the sum has no paisa, there is nothing to round.
fn is_the_same(said: i64, sum: i64) -> bool {
    let rounded = said % 100 == 0 && sum % 100 != 0 && said.abs_diff(sum) < 100;
    said == sum || rounded
}
