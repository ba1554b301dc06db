//! A totals row is evidence: what it says is compared with the rows above it,
//! to the paisa. A difference means a row too many, too few, or mistyped; but
//! a total that was rounded to whole rupees is the same total.

use crate::headings::{has_digits, is_blank};
use crate::holds::{FieldNamed, Hold, HoldWhy, Shown};
use crate::judge::names_section;
use crate::row::{SheetRow, Value};
use crate::totals::named_total;
use crate::{FieldKind, ReadOptions};

/// The sums of the amounts, running.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Each amount's field, its label, and its sums.
    amounts: Vec<Amount>,
    /// A totals row was met in this sheet.
    subtotals: bool,
    /// A row was.
    rows: bool,
    identifiers: Identifiers,
}

#[derive(Debug)]
struct Amount {
    field: usize,
    named: FieldNamed,
    /// What the row that is looked at has of it, if anything; nothing that is known where
    /// it can't be read.
    now: Option<Option<i64>>,
    since_total: Sum,
    sheet: Sum,
    file: Sum,
}

/// What a row is to the sums.
pub(crate) enum Summed {
    /// A row, and why the file waits for it.
    Row(Option<Hold>),
    /// The total of those above it, and why the file waits for that.
    Total(Option<Hold>),
}

/// A sum in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    /// `None` once an amount of it can't be read or it is beyond counting.
    minor: Option<i64>,
    /// How many amounts it is made of.
    rows: u64,
}

impl Sum {
    const NOTHING: Self = Self {
        minor: Some(0),
        rows: 0,
    };

    fn add(&mut self, minor: Option<i64>) {
        self.rows += 1;
        let both = self.minor.zip(minor);
        self.minor = both.and_then(|(sum, minor)| sum.checked_add(minor));
    }
}

/// What all identifiers of a sheet have in common.
#[derive(Debug)]
struct Identifiers {
    /// Their field.
    field: Option<usize>,
    /// Each has a digit.
    all_have_digits: bool,
    /// Each has a letter.
    any_has_letters: bool,
}

impl Identifiers {
    fn new(field: Option<usize>) -> Self {
        Self {
            field,
            all_have_digits: true,
            any_has_letters: false,
        }
    }

    fn add(&mut self, row: &SheetRow) {
        if let Some(shown) = self.shown(row).filter(|shown| !is_blank(shown)) {
            self.all_have_digits = self.all_have_digits && has_digits(shown);
            self.any_has_letters = self.any_has_letters || has_letters(shown);
        }
    }

    fn shown<'a>(&self, row: &'a SheetRow) -> Option<&'a str> {
        let column = *row.plan.columns.get(self.field?)?;
        Some(row.cell(column?).shown)
    }

    /// Whether a row has no identifier.
    fn is_blank(&self, row: &SheetRow) -> bool {
        self.shown(row).is_some_and(is_blank)
    }

    /// Whether a row has an identifier that looks like none of the others.
    fn is_other(&self, row: &SheetRow) -> bool {
        self.shown(row).is_some_and(|shown| {
            !is_blank(shown)
                && (self.all_have_digits && !has_digits(shown)
                    || !self.any_has_letters && has_letters(shown))
        })
    }
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
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
                now: None,
                since_total: Sum::NOTHING,
                sheet: Sum::NOTHING,
                file: Sum::NOTHING,
            })
            .collect();
        Self {
            amounts,
            subtotals: false,
            rows: false,
            identifiers: Identifiers::new(
                options
                    .fields
                    .iter()
                    .position(|field| field.kind == FieldKind::Code && field.required),
            ),
        }
    }

    /// Another sheet of the file begins.
    pub(crate) fn sheet(&mut self) {
        (self.subtotals, self.rows) = (false, false);
        self.identifiers = Identifiers::new(self.identifiers.field);
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

    /// Counts a row, and says why the file waits if it has what those above it come
    /// to, and is called so or after a class, or has another kind of identifier than
    /// they. Or it is no
    /// row but their total: then it is compared as one.
    pub(crate) fn row(&mut self, sheet: &str, row: &SheetRow) -> Summed {
        for amount in &mut self.amounts {
            amount.now = match row.entry(amount.field).value {
                Value::Money(minor) => Some(Some(minor)),
                Value::Blank => None,
                _ => Some(None),
            };
        }
        let Some((said, of_rows)) = self.sum_said() else {
            self.count(row);
            return Summed::Row(None);
        };
        if of_rows && self.is_bare(row) {
            return Summed::Total(self.total(sheet, row));
        }
        let named = named_total(row).or_else(|| {
            let payer = row.payer().filter(|_| of_rows)?;
            let unlike = self.identifiers.is_other(row) || names_section(payer);
            unlike.then_some(payer)
        });
        let hold = named.map(|named| Hold {
            sheet: sheet.to_owned(),
            why: HoldWhy::TotalAsRow {
                named: Shown {
                    text: named.split_whitespace().collect::<Vec<_>>().join(" "),
                    row: row.row_number(),
                },
                amount: said,
            },
        });
        self.count(row);
        Summed::Row(hold)
    }

    /// Whether a line is nobody's bill: it has no payer, or neither a day nor an
    /// identifier such as those above.
    fn is_bare(&self, row: &SheetRow) -> bool {
        let blank = |kind: FieldKind| {
            let mut columns = row.plan.of_kind(kind);
            columns.all(|(column, _)| is_blank(row.cell(column).shown))
        };
        let dated = row.plan.of_kind(FieldKind::Date).next().is_some();
        blank(FieldKind::Text) && blank(FieldKind::Code)
            || dated
                && blank(FieldKind::Date)
                && (self.identifiers.is_blank(row) || self.identifiers.is_other(row))
    }

    /// The amount of a row if it is a sum of those above it, and whether of several.
    fn sum_said(&self) -> Option<(i64, bool)> {
        let amount = self.amounts.first().filter(|_| self.rows)?;
        let said = amount.now.flatten()?;
        let sums = [amount.since_total, amount.sheet, amount.file];
        let is_said = |sum: &Sum| {
            let said = |sum| sum != 0 && is_the_same(said, sum);
            sum.minor.is_some_and(said)
        };
        let rows = sums.iter().filter(|sum| is_said(sum)).map(|sum| sum.rows);
        rows.max().map(|rows| (said, rows > 1))
    }

    fn count(&mut self, row: &SheetRow) {
        self.rows = true;
        self.identifiers.add(row);
        for amount in &mut self.amounts {
            let Some(minor) = amount.now else { continue };
            for sum in [&mut amount.since_total, &mut amount.sheet, &mut amount.file] {
                sum.add(minor);
            }
        }
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
            let fits = |sum: Sum| sum.minor.is_none_or(|sum| is_the_same(said, sum));
            if fits(since) || fits(amount.sheet) || fits(amount.file) || found.is_some() {
                continue;
            }
            let above = if subtotals && since.minor != Some(0) {
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
                    above: above.minor.unwrap_or(0),
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
