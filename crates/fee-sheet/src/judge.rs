//! What a line below the headings is: a row, or something that stands around
//! a table (the headings again, a totals row, a signature). A line that
//! could be a row is a row, even an impossible one: what is left out is left
//! out with a reason.

use std::sync::LazyLock;

use crate::FieldKind;
use crate::beside::is_any;
use crate::headings::{is_blank, is_word, normal, words};
use crate::merged::Ranges;
use crate::remarks::LineWhy;
use crate::row::{CellKind, SheetRow, Value};
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
        return Look::LeftOut(LineWhy::HeadingsAgain);
    }
    if !wanted_blank {
        return match is_dashes(row) {
            true => Look::LeftOut(LineWhy::Drawn),
            false => Look::Row,
        };
    }
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
    if is_signature(row) {
        return Look::Below(LineWhy::SignatureBelow);
    }
    if labels == 0 && amounts > 0 && dates == 0 {
        return Look::Below(LineWhy::TotalBelow);
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
    let words = words(cell.shown);
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

/// Whether all that a line shows is drawn: `-----`, `=====`.
fn is_dashes(row: &SheetRow) -> bool {
    let mut cells = row.filled().peekable();
    let drawn = |c: char| {
        matches!(c, '-' | '_' | '=' | '.' | '*' | '~' | '–' | '—' | '|' | '+') || c.is_whitespace()
    };
    cells.peek().is_some()
        && cells.all(|cell| cell.kind == CellKind::Text && cell.shown.chars().all(drawn))
}

/// Whether a line is where people sign: none of its cells has a digit, and one
/// says who signs.
fn is_signature(row: &SheetRow) -> bool {
    const SIGNS: &str = "prepared checked verified approved signature signatures sign signed principal headmaster \
        headmistress accountant bursar cashier incharge stamp auditor treasurer registrar \
        دستخط پرنسپل اکاؤنٹنٹ مہر";
    let mut cells = row.filled().peekable();
    cells.peek().is_some()
        && row.filled().all(|cell| {
            cell.kind == CellKind::Text
                && cell.shown.len() < 80
                && !cell.shown.chars().any(char::is_numeric)
        })
        && cells.any(|cell| is_any(&words(cell.shown), SIGNS))
}

/// Whether one of the cells that would name a payer, or any cell if none of
/// those is filled, says that this is a sum or a count; why the line is left out
/// then.
fn says_total(row: &SheetRow, labels: usize) -> Option<LineWhy> {
    let plan = &*row.plan;
    let mut said = row.filled().take(12).filter_map(|cell| {
        let field = plan
            .columns
            .iter()
            .position(|column| *column == Some(cell.column));
        let can_name = match field {
            Some(field) => matches!(plan.kinds[field], FieldKind::Text | FieldKind::Code),
            None => labels == 0,
        };
        (can_name && cell.shown.len() < 80)
            .then(|| total_word(cell.shown))
            .flatten()
    });
    said.next()
}

/// Why a line is left out that a text stands in, if it speaks of a total:
/// `Total`, `Class 5 Total`, `Total (35 students)`; `Total Students` counts.
fn total_word(text: &str) -> Option<LineWhy> {
    const SUMS: &str = "total totals subtotal میزان ٹوٹل مجموعہ مجموعی meezan mizan majmua";
    const COUNTS: &str =
        "students student pupils pupil strength records rows bills vouchers challans طلباء طلبہ";
    let form = normal(text);
    if form.is_empty() {
        return None;
    }
    static FORMS: LazyLock<Vec<String>> =
        LazyLock::new(|| TOTALS.iter().map(|word| normal(word)).collect());
    if FORMS.contains(&form) {
        return Some(LineWhy::Total);
    }
    let mut words = words(text);
    words.retain(|word| !word.chars().all(char::is_numeric));
    if words.is_empty() || words.len() > 6 {
        return None;
    }
    let sum = |word: Option<&String>| word.is_some_and(|word| is_word(word, SUMS));
    if words.len() > 1 && sum(words.first()) && is_any(&words[1..2], COUNTS) {
        return Some(LineWhy::Count);
    }
    (sum(words.first()) || sum(words.last())).then_some(LineWhy::Total)
}
