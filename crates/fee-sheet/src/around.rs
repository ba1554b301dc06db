//! Lines that stand around the rows of a table and are none: drawn ones, the
//! numbers of the columns, the rest of a name, notes, counts, and where people sign.

use crate::FieldKind;
use crate::beside::is_any;
use crate::flaws::Flaw;
use crate::header::HEADINGS_MIN;
use crate::headings::{digit, is_blank, is_word, words};
use crate::row::{Cell, CellKind, SheetRow, Value};

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

/// Whether a line has words wherever a bill has its values, and no number of a payer.
pub(crate) fn has_words(row: &SheetRow) -> bool {
    let plan = &*row.plan;
    let fields = plan.columns.iter().zip(&plan.kinds).zip(&plan.required);
    let mut needed = fields.filter_map(|((column, kind), required)| {
        let column = column.filter(|_| *required)?;
        Some((row.cell(column), kind))
    });
    let says = |(cell, kind): (Cell<'_>, &FieldKind)| {
        let payers = matches!(kind, FieldKind::Text | FieldKind::Code);
        is_words(&cell) && !(payers && cell.shown.chars().any(char::is_numeric))
    };
    if !needed.all(says) {
        return false;
    }
    let (mut cells, mut labels) = (0, 0);
    for cell in row.filled() {
        if !is_words(&cell) {
            return false;
        }
        cells += 1;
        labels += usize::from(cell.shown.trim_end().ends_with(':'));
    }
    // `Class: | Five | Teacher: | Miss Sana` says something of the rows below.
    cells >= HEADINGS_MIN && (labels == 0 || labels == cells)
}

fn is_words(cell: &Cell<'_>) -> bool {
    let text = cell.shown.trim();
    cell.kind == CellKind::Text
        && text.starts_with(char::is_alphabetic)
        && text.chars().filter(|c| c.is_alphabetic()).count() > 1
}

/// Whether a cell of an amount or a day holds words instead: nobody's amount, and no
/// slip in one either.
pub(crate) fn is_prose(cell: &Cell<'_>, value: &Value<'_>) -> bool {
    let text = cell.shown.trim();
    let mut words = text.split(|c: char| !c.is_alphabetic());
    let worded = words.any(|word| word.chars().nth(2).is_some());
    let counted = text.len() <= 3 && text.chars().all(|c| digit(c).is_some());
    cell.kind == CellKind::Text
        && match value {
            Value::Wrong(Flaw::NotANumber) => worded,
            Value::Wrong(Flaw::NotADate) => worded || counted,
            _ => false,
        }
}

/// Whether a line without a payer's number that fills all columns has words for an
/// amount and a day: `Prepared by | Aslam | Checked by | Akram`, `Boys | 20 | Girls | 25`.
pub(crate) fn bills_nothing(row: &SheetRow) -> bool {
    let plan = &*row.plan;
    let required = |field: &usize| plan.required[*field];
    let mut fields = (0..plan.columns.len()).filter(required);
    let bills = plan.of_kind(FieldKind::Money).next().is_some();
    bills
        && fields.all(|field| {
            let cell = plan.columns[field].map(|column| row.cell(column));
            cell.is_none_or(|cell| match plan.kinds[field] {
                FieldKind::Text | FieldKind::Code => true,
                FieldKind::Money | FieldKind::Date => {
                    cell.kind == CellKind::Text && is_prose(&cell, &row.entry(field).value)
                }
            })
        })
}

/// Whether a line says of itself that it is a note: `Note: fee after 10th …`.
pub(crate) fn is_note(row: &SheetRow) -> bool {
    const NOTES: &str = "note notes nb important instruction instructions نوٹ ضروری ہدایت ہدایات";
    let first = row.filled().find(|cell| cell.kind == CellKind::Text);
    first.is_some_and(|cell| {
        let said = words(cell.shown);
        let begins = said.first().is_some_and(|word| is_word(word, NOTES));
        begins && (said.len() == 1 || cell.shown.contains([':', '-', '۔', '.']))
    })
}

/// Whether the name of a line is a sentence about fees.
pub(crate) fn is_sentence(row: &SheetRow) -> bool {
    const OF_FEES: &str = "fee fees dues late fine paid refundable challan bank please kindly submit submitted \
        contact parents must should will be charged charges per after before office accountant";
    let said = row.payer().map(words).unwrap_or_default();
    said.len() > 3 && said.iter().filter(|word| is_word(word, OF_FEES)).count() > 1
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
