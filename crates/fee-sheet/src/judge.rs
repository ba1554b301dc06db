//! What a line below the headings is: a row, or something that stands around
//! a table (the headings again, a totals row, a signature). A line that
//! could be a row is a row, even an impossible one: what is left out is left
//! out with a reason.

use crate::FieldKind;
use crate::around::{
    bills_nothing, continues, is_counted, is_dashes, is_note, is_numbered, is_prose, is_sentence,
    is_signature, names_bank,
};
use crate::beside::is_any;
use crate::headings::{has_digits, is_blank, is_word, normal, words};
use crate::merged::Ranges;
use crate::remarks::LineWhy;
use crate::row::{CellKind, SheetRow, Value};
use crate::titles::part;
use crate::totals::says_total;

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
    LeftOut(LineWhy),
    /// A line of a sheet without headings.
    Foreign,
}

/// What a line looks like by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing to be seen.
    Blank,
    Row,
    LeftOut(LineWhy),
    /// Left out if no row follows, for this reason; a row if one does.
    Below(LineWhy),
    /// Left out either way: for the first reason if a row follows.
    Aside(LineWhy, LineWhy),
}

/// Looks at a line below the headings.
pub(crate) fn look(row: &SheetRow) -> Look {
    let plan = &*row.plan;
    let (mut labels, mut labels_wanted) = (0, 0);
    let (mut wanted_blank, mut numbered) = (false, false);
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
                numbered |= plan.kinds[field] == FieldKind::Code && has_digits(cell.shown);
            }
            _ => {}
        }
    }
    if is_header_again(row) {
        return Look::LeftOut(LineWhy::HeadingsAgain);
    }
    if !wanted_blank {
        return if is_dashes(row) {
            Look::LeftOut(LineWhy::Drawn)
        } else if is_numbered(row) {
            Look::LeftOut(LineWhy::Numbered)
        } else if !numbered && bills_nothing(row) {
            Look::Below(LineWhy::NoteBelow)
        } else {
            Look::Row
        };
    }
    let values = |kind: FieldKind| {
        let fields = plan.columns.iter().zip(&plan.kinds).enumerate();
        let of_kind = fields.filter(|(_, (column, of))| column.is_some() && **of == kind);
        let filled = of_kind.filter(|(field, (column, _))| {
            let cell = column.map(|column| row.cell(column)).unwrap_or_default();
            let shown = cell.kind != CellKind::Text || !is_blank(cell.shown);
            shown && !is_prose(&cell, &row.entry(*field).value)
        });
        filled.count()
    };
    let (amounts, dates) = (values(FieldKind::Money), values(FieldKind::Date));
    let mut cells = row.filled();
    let Some(first) = cells.next() else {
        return Look::Blank;
    };
    let count = 1 + cells.take(2).count();
    let named = labels == labels_wanted && labels > 0;
    if !(named && dates > 0)
        && let Some(why) = says_total(row, labels)
    {
        return Look::LeftOut(why);
    }
    if is_dashes(row) {
        return Look::LeftOut(LineWhy::Drawn);
    }
    if is_numbered(row) {
        return Look::LeftOut(LineWhy::Numbered);
    }
    if continues(row) {
        return Look::LeftOut(LineWhy::Continued);
    }
    if amounts == 0 && dates == 0 && !(named && numbered) && is_note(row) {
        return Look::LeftOut(LineWhy::Note);
    }
    if is_signature(row) {
        return Look::Below(LineWhy::SignatureBelow);
    }
    if dates == 0 && names_bank(row) {
        return Look::Below(LineWhy::BankBelow);
    }
    if amounts == 0 && dates == 0 && is_counted(row) {
        return Look::Below(LineWhy::Count);
    }
    if labels == 0 && amounts > 0 && dates == 0 {
        return Look::Below(LineWhy::TotalBelow);
    }
    if named && amounts == 0 && dates == 0 && is_sentence(row) {
        return Look::Below(LineWhy::NoteBelow);
    }
    if !named && amounts == 0 && dates == 0 && count <= 2 {
        let read = plan.columns.contains(&Some(first.column));
        return if count == 1 && !read {
            Look::Aside(LineWhy::NoteWithin, LineWhy::NoteBelow)
        } else {
            Look::Below(LineWhy::NoteBelow)
        };
    }
    Look::Row
}

/// Whether the cells of all columns that are required hold their headings.
pub(crate) fn is_header_again(row: &SheetRow) -> bool {
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
        || is_second_line(row)
}

/// Whether a line is the second one of two lines of headings once more.
fn is_second_line(row: &SheetRow) -> bool {
    let second = &row.plan.second;
    !second.is_empty()
        && second
            .iter()
            .all(|(column, text)| normal(row.cell(*column).shown) == *text)
        && row.filled().count() == second.len()
}

/// Whether a line is the title of a section, such as `Class 5-A` across the
/// table: one cell that is merged across, or says so. A name alone is a row,
/// whose rest is missing.
pub(crate) fn is_section(row: &SheetRow, merges: &Ranges) -> bool {
    let mut cells = row.filled();
    let (Some(cell), None) = (cells.next(), cells.next()) else {
        return false;
    };
    if cell.kind != CellKind::Text || matches!(cell.as_amount(), Value::Money(_)) {
        return false;
    }
    let across = merges.across(row.number);
    if across.iter().any(|(first, _)| *first == cell.column) {
        return true;
    }
    names_section(cell.shown) || part(cell.shown).is_some()
}

/// Whether a text names a part of a school: `Class 5-A`, `Boys`.
pub(crate) fn names_section(text: &str) -> bool {
    let words = words(text);
    let begins = words.first().is_some_and(|word| is_word(word, SECTIONS));
    begins && words.len() <= 8 || words.len() <= 6 && is_any(&words, SECTION_WORDS)
}

/// What the title of a section has somewhere.
const SECTION_WORDS: &str = "class section campus branch کلاس جماعت سیکشن";

/// What the title of a section begins with.
const SECTIONS: &str = "class section grade campus branch shift wing group block phase street sector floor tower \
    batch semester program department jamaat jamat route house family village \
    nursery prep kg pg playgroup montessori playgroup boys girls junior senior \
    کلاس جماعت سیکشن کیمپس برانچ شاخ درجہ";
