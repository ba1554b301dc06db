//! Lines that stand around the rows of a table and are none: drawn ones, the
//! numbers of the columns, the rest of a name, counts, and where people sign.

use crate::FieldKind;
use crate::beside::is_any;
use crate::headings::{digit, is_blank, words};
use crate::row::{CellKind, SheetRow};

/// Whether all that a line shows is drawn: `-----`, `=====`.
pub(crate) fn is_dashes(row: &SheetRow) -> bool {
    let mut cells = row.filled().peekable();
    let drawn = |c: char| {
        matches!(c, '-' | '_' | '=' | '.' | '*' | '~' | '–' | '—' | '|' | '+') || c.is_whitespace()
    };
    cells.peek().is_some()
        && cells.all(|cell| cell.kind == CellKind::Text && cell.shown.chars().all(drawn))
}

/// Whether a line is where people sign: none of its cells has a digit, but that of
/// the date, and one says who signs.
pub(crate) fn is_signature(row: &SheetRow) -> bool {
    const SIGNS: &str = "prepared checked verified approved signature signatures sign signed principal headmaster \
        headmistress accountant bursar cashier incharge stamp auditor treasurer registrar \
        دستخط پرنسپل اکاؤنٹنٹ مہر";
    let mut cells = row.filled().peekable();
    cells.peek().is_some()
        && row.filled().all(|cell| {
            cell.kind == CellKind::Text
                && cell.shown.len() < 80
                && (!cell.shown.chars().any(char::is_numeric) || is_dated(cell.shown))
        })
        && cells.any(|cell| is_any(&words(cell.shown), SIGNS))
}

/// Whether a text says on which day people signed: `Date: 01-12-2035`.
fn is_dated(text: &str) -> bool {
    let says = words(text)
        .first()
        .is_some_and(|word| word == "date" || word == "dated");
    says && text.contains(':')
}

/// Whether a line numbers the columns: `1 2 3 4 5`, `(1) (2) (3)`, `A B C D`.
pub(crate) fn is_numbered(row: &SheetRow) -> bool {
    let mut count = 0;
    for cell in row.filled() {
        count += 1;
        let text = cell.plain.unwrap_or(cell.shown);
        let fits = match cell.kind {
            // A number below a heading of dates is shown as a day of that time.
            CellKind::Date => text.starts_with("1899-") || text.starts_with("190"),
            _ => place(text) == Some(count),
        };
        if !fits {
            return false;
        }
    }
    let blank = |column: u16| is_blank(row.cell(column).shown);
    let columns = row.plan.columns.iter().zip(&row.plan.required);
    let mut wanted = columns.filter_map(|(column, required)| column.filter(|_| *required));
    count > 2 && !wanted.any(blank)
}

/// The place of a column that a text says: a number, or a letter of the alphabet.
fn place(text: &str) -> Option<u32> {
    let marks = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '.');
    let text = text.trim_matches(marks);
    let mut signs = text.chars();
    match (signs.next()?, signs.next()) {
        (letter @ ('a'..='z' | 'A'..='Z'), None) => {
            Some(u32::from(letter.to_ascii_lowercase()) - u32::from('a') + 1)
        }
        _ if text.chars().count() > 2 => None,
        _ => text.chars().try_fold(0, |number, sign| {
            Some(number * 10 + u32::from(digit(sign)?))
        }),
    }
}

/// Whether a line is the rest of the name above: whose child it is, alone.
pub(crate) fn continues(row: &SheetRow) -> bool {
    let mut cells = row.filled();
    let (Some(cell), None) = (cells.next(), cells.next()) else {
        return false;
    };
    let columns = row.plan.columns.iter().zip(&row.plan.kinds);
    let mut names = columns.filter(|(_, kind)| **kind == FieldKind::Text);
    if !names.any(|(column, _)| *column == Some(cell.column)) {
        return false;
    }
    let words = words(cell.shown);
    let begins =
        |start: &[&str]| words.len() > start.len() && start.iter().eq(words[..start.len()].iter());
    [
        &["s", "o"],
        &["d", "o"],
        &["w", "o"],
        &["c", "o"],
        &["son", "of"],
        &["daughter", "of"],
        &["wife", "of"],
    ]
    .iter()
    .any(|start| begins(*start))
}

/// Whether a line counts something: a word where the number of a payer would be,
/// and a number where the name would.
pub(crate) fn is_counted(row: &SheetRow) -> bool {
    let fields = || {
        row.plan
            .columns
            .iter()
            .zip(&row.plan.kinds)
            .zip(&row.plan.required)
    };
    let all = |kind: FieldKind, fits: &dyn Fn(char) -> bool, never: &dyn Fn(char) -> bool| {
        let mut of_kind = fields().filter(|((_, of), required)| **of == kind && **required);
        of_kind.all(|((column, _), _)| {
            let shown = column.map_or("", |column| row.cell(column).shown);
            shown.chars().any(fits) && !shown.chars().any(never)
        })
    };
    row.filled().count() == 2
        && all(FieldKind::Text, &char::is_numeric, &char::is_alphabetic)
        && all(FieldKind::Code, &char::is_alphabetic, &char::is_numeric)
}

/// Whether a line says into which account the fees go: nobody's number, and a
/// bank where the name of a payer would be. Its amount is what was paid in.
pub(crate) fn names_bank(row: &SheetRow) -> bool {
    const BANKS: &str = "bank iban deposit deposited deposits hbl ubl mcb nbp abl بینک اکاؤنٹ";
    let fields = row.plan.columns.iter().zip(&row.plan.kinds);
    let mut texts = fields.filter_map(|(column, kind)| Some((row.cell((*column)?), kind)));
    let mut named = false;
    let numberless = texts.all(|(cell, kind)| match kind {
        FieldKind::Code => cell.kind == CellKind::Text && is_blank(cell.shown),
        FieldKind::Text if cell.kind == CellKind::Text && !is_blank(cell.shown) => {
            let words = words(cell.shown);
            let account = words.windows(2).any(|pair| pair == ["a", "c"]);
            named |= account || is_any(&words, BANKS);
            true
        }
        _ => true,
    });
    numberless && named
}
