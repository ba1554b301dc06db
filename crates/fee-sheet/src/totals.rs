//! Which lines speak of a total: by a word where the payer's name would be.

use std::sync::LazyLock;

use crate::FieldKind;
use crate::beside::is_any;
use crate::headings::{is_word, normal, words};
use crate::remarks::LineWhy;
use crate::row::SheetRow;
use crate::school_words::TOTALS;

/// What a sum is called besides, most of all one that goes on on the next page.
const MORE: &[&str] = &[
    "overall",
    "net",
    "gross",
    "t",
    "Σ",
    "jumla",
    "kul jumla",
    "c f",
    "c fwd",
    "b f",
    "b fwd",
    "carry forward",
    "carried forward",
    "carried over",
    "carried down",
    "brought forward",
    "brought down",
    "total c f",
    "total b f",
    "balance c d",
    "balance b d",
    "balance c f",
    "balance b f",
    "balance carried forward",
    "balance brought forward",
    "amount carried forward",
    "amount brought forward",
    "جملہ",
    "کل جملہ",
];

/// What a row calls its payer, if that is a word for a total.
pub(crate) fn named_total(row: &SheetRow) -> Option<&str> {
    let fields = row.plan.columns.iter().zip(&row.plan.kinds);
    let names = fields.filter(|(_, kind)| matches!(kind, FieldKind::Text | FieldKind::Code));
    names
        .filter_map(|(column, _)| Some(row.cell((*column)?).shown))
        .find(|shown| shown.len() < 80 && total_word(shown).is_some())
}

/// Whether one of the cells that would name a payer, or any cell if none of
/// those is filled, says that this is a sum or a count; why the line is left out
/// then.
pub(crate) fn says_total(row: &SheetRow, labels: usize) -> Option<LineWhy> {
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
    const SUMS: &str = "total totals subtotal tot subtot میزان ٹوٹل مجموعہ مجموعی meezan mizan majmua \
        majmooa majmoa majmuaa majmuah majmooah majmui majmooi";
    const COUNTS: &str =
        "students student pupils pupil strength records rows bills vouchers challans طلباء طلبہ";
    let form = normal(text);
    if form.is_empty() {
        return None;
    }
    static FORMS: LazyLock<Vec<String>> =
        LazyLock::new(|| TOTALS.iter().chain(MORE).map(|word| normal(word)).collect());
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
