//! Lines that stand around the rows of a table and are none: drawn ones, the
//! numbers of the columns, the rest of a name, counts, and where people sign.

use crate::FieldKind;
use crate::beside::is_any;
use crate::headings::{digit, words};
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
    let bare = |text: &str| -> Option<u32> {
        let marks = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '.');
        let mut signs = text.trim_matches(marks).chars();
        let (first, second) = (signs.next()?, signs.next());
        if let (Some(value), None | Some('0'..='9')) = (digit(first), second) {
            let rest = second.and_then(digit).filter(|_| signs.next().is_none());
            return match (second, rest) {
                (None, _) => Some(u32::from(value)),
                (_, Some(rest)) => Some(u32::from(value) * 10 + u32::from(rest)),
                _ => None,
            };
        }
        let letter = first.is_ascii_alphabetic() && second.is_none();
        letter.then(|| u32::from(first.to_ascii_lowercase()) - u32::from('a') + 1)
    };
    let columns = row.plan.columns.iter().zip(&row.plan.required);
    let mut wanted = columns.filter(|(_, required)| **required);
    let mut next = 0;
    for cell in row.filled() {
        next += 1;
        if bare(cell.shown) != Some(next) {
            return false;
        }
    }
    next > 2 && wanted.all(|(column, _)| column.is_none_or(|at| bare(row.cell(at).shown).is_some()))
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
