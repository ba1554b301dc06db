//! What a line below the headings is: a row, or something that stands around
//! a table (the headings again, a totals row, a signature). A line that
//! could be a row is a row, even an impossible one: what is left out is left
//! out with a reason.

use crate::FieldKind;
use crate::headings::{is_blank, normal};
use crate::row::SheetRow;
use crate::school_words::TOTALS;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A title line above the headings.
    Above,
    /// The line of the headings.
    Header,
    /// A row of the table.
    Row,
    /// Something else below the headings, and why it is left out.
    LeftOut(&'static str),
    /// A line of a sheet without headings.
    Foreign,
}

/// What a line looks like by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing to be seen.
    Blank,
    Row,
    LeftOut(&'static str),
    /// Left out if no row follows, for this reason; a row if one does.
    Below(&'static str),
    /// Left out either way: for the first reason if a row follows.
    Aside(&'static str, &'static str),
}

pub(crate) const REPEATED: &str = "the headings again";
const TOTAL: &str = "a totals row: it says so itself";
const TOTAL_BELOW: &str = "a totals row: an amount alone, below the last row";
const NOTE_BELOW: &str = "a note or a signature: below the last row, without amount and date";
const NOTE_WITHIN: &str = "a line between: one cell outside the columns that are read";

/// Whether a line was left out as a sum of others.
pub(crate) fn is_total(why: &str) -> bool {
    why == TOTAL || why == TOTAL_BELOW
}

/// Looks at a line below the headings.
pub(crate) fn look(row: &SheetRow) -> Look {
    let plan = &*row.plan;
    let (mut labels, mut labels_wanted) = (0, 0);
    let (mut amounts, mut dates) = (0, 0);
    let mut wanted_blank = false;
    for (field, column) in plan.columns.iter().enumerate() {
        let Some(column) = column else { continue };
        let cell = row.cell(*column);
        let filled = cell.kind != crate::row::CellKind::Text || !is_blank(cell.shown);
        let required = plan.required[field];
        wanted_blank |= required && !filled;
        match plan.kinds[field] {
            FieldKind::Text | FieldKind::Code if required => {
                labels_wanted += 1;
                labels += usize::from(filled);
            }
            FieldKind::Text | FieldKind::Code => {}
            FieldKind::Money => amounts += usize::from(filled),
            FieldKind::Date => dates += usize::from(filled),
        }
    }
    if is_header_again(row) {
        return Look::LeftOut(REPEATED);
    }
    if !wanted_blank {
        return Look::Row;
    }
    let mut cells = row.filled();
    let Some(first) = cells.next() else {
        return Look::Blank;
    };
    let count = 1 + cells.take(2).count();
    let named = labels == labels_wanted && labels > 0;
    if !(named && dates > 0) && says_total(row, labels) {
        return Look::LeftOut(TOTAL);
    }
    if labels == 0 && amounts > 0 && dates == 0 {
        return Look::Below(TOTAL_BELOW);
    }
    if !named && amounts == 0 && dates == 0 && count <= 2 {
        let read = plan.columns.contains(&Some(first.column));
        return if count == 1 && !read {
            Look::Aside(NOTE_WITHIN, NOTE_BELOW)
        } else {
            Look::Below(NOTE_BELOW)
        };
    }
    Look::Row
}

/// Whether the cells of all columns that are required hold their headings.
fn is_header_again(row: &SheetRow) -> bool {
    let plan = &*row.plan;
    let columns = || {
        let all = plan.columns.iter().zip(&plan.required).zip(&plan.headings);
        all.filter_map(|((column, required), heading)| {
            Some((column.filter(|_| *required)?, heading))
        })
    };
    // The first letters of some cell differ in nearly every row, and decide
    // cheaply.
    let first = |text: &str| {
        text.trim_ascii_start()
            .as_bytes()
            .first()
            .map(u8::to_ascii_lowercase)
    };
    columns().count() > 0
        && columns().all(|(column, heading)| first(row.cell(column).shown) == first(heading))
        && columns().all(|(column, heading)| normal(row.cell(column).shown) == normal(heading))
}

/// Whether one of the cells that would name a payer, or any cell if none of
/// those is filled, says that this is a sum.
fn says_total(row: &SheetRow, labels: usize) -> bool {
    let plan = &*row.plan;
    row.filled().take(12).any(|cell| {
        let field = plan
            .columns
            .iter()
            .position(|column| *column == Some(cell.column));
        let can_name = match field {
            Some(field) => matches!(plan.kinds[field], FieldKind::Text | FieldKind::Code),
            None => labels == 0,
        };
        can_name && cell.shown.len() < 60 && is_total_word(cell.shown)
    })
}

fn is_total_word(text: &str) -> bool {
    let text = normal(text);
    !text.is_empty() && TOTALS.iter().any(|word| normal(word) == text)
}
