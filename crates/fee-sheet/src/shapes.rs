//! What the cells below a heading look like: evidence for a heading that is not
//! known, and against one that only seems to be.

use std::collections::HashSet;

use crate::FieldKind;
use crate::row::{SheetRow, Value};

/// Cells that are looked at.
const LOOKED_AT: usize = 20;

/// The first cells of a column that show something, counted by what they are.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shape {
    filled: usize,
    amounts: usize,
    /// Amounts that a bill could have: not the number of a class.
    priced: usize,
    dates: usize,
    /// Texts of letters, without a digit.
    texts: usize,
    /// Short, with a digit, and nothing else: what numbers of pupils look like.
    codes: usize,
    distinct: usize,
    /// Whole numbers of which each is one more than the one before.
    counted: usize,
}

/// The least that a bill comes to, in minor units.
const LEAST_BILL: i64 = 5_000;

impl Shape {
    /// The shape of a column in the lines given.
    pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a SheetRow>, column: u16) -> Self {
        let mut shape = Self::default();
        let mut seen = HashSet::new();
        let mut before: Option<u64> = None;
        for line in lines {
            let Some(cell) = line.filled().find(|cell| cell.column == column) else {
                continue;
            };
            let shown = cell.shown.trim();
            shape.filled += 1;
            seen.insert(shown.to_owned());
            let number = shown.parse::<u64>().ok();
            let next = before.is_none_or(|before| number == before.checked_add(1));
            shape.counted += usize::from(number.is_some() && next);
            before = number;
            let has = |is: fn(char) -> bool| shown.chars().any(is);
            let amount = match cell.as_amount() {
                Value::Money(minor) => Some(minor),
                _ => None,
            };
            shape.amounts += usize::from(amount.is_some());
            shape.priced += usize::from(amount.is_some_and(|minor| minor >= LEAST_BILL));
            if cell.is_date() {
                shape.dates += 1;
            } else if has(char::is_numeric) && shown.len() <= 40 && !shown.contains('.') {
                shape.codes += usize::from(shown.split_whitespace().count() <= 2);
            } else if has(char::is_alphabetic) && !has(char::is_numeric) {
                shape.texts += 1;
            }
            if shape.filled == LOOKED_AT {
                break;
            }
        }
        shape.distinct = seen.len();
        shape
    }

    /// Whether every cell is one of the kind; false without cells.
    pub(crate) fn is_all(&self, kind: FieldKind) -> bool {
        self.filled > 0
            && match kind {
                FieldKind::Money => self.amounts == self.filled,
                FieldKind::Date => self.dates == self.filled,
                FieldKind::Text => self.texts == self.filled,
                FieldKind::Code => self.codes == self.filled,
            }
    }

    /// Whether a heading that seems to be a field's may be it: most cells are
    /// of its kind.
    pub(crate) fn agrees(&self, kind: FieldKind) -> bool {
        let fit = match kind {
            FieldKind::Money => self.amounts,
            FieldKind::Date => self.dates,
            FieldKind::Text => self.filled - self.amounts.max(self.dates),
            FieldKind::Code => self.filled - self.dates,
        };
        self.filled > 0 && fit * 2 > self.filled
    }

    /// Whether the cells alone are reason enough to take the column for one of
    /// the kind, where it is the only one.
    pub(crate) fn suggests(&self, kind: FieldKind) -> bool {
        let fit = match kind {
            FieldKind::Money => self.priced,
            FieldKind::Date => self.dates,
            FieldKind::Text => self.texts,
            FieldKind::Code => self.codes,
        };
        let tells_apart = match kind {
            // Two pupils may have one name, but not one number.
            FieldKind::Text => self.distinct * 2 > self.filled,
            // Nor are rows that are counted numbers of pupils.
            FieldKind::Code => self.distinct == self.filled && self.counted < self.filled,
            FieldKind::Money | FieldKind::Date => true,
        };
        self.filled > 1 && fit * 5 >= self.filled * 4 && tells_apart
    }
}
