//! What a cell is as a text, a code, an amount or a day, and what is wrong with it if it is none.

use chrono::{Datelike, NaiveDate};

use super::{Cell, CellKind, Value};
use crate::FieldKind;
use crate::codes;
use crate::dates::{self, DayMonthOrder};
use crate::flaws::{Flaw, Note};
use crate::headings::is_blank;
use crate::money;

/// A cell as its field asks for it, and what is worth saying of that.
pub(super) fn read<'a>(
    cell: &Cell<'a>,
    kind: FieldKind,
    order: DayMonthOrder,
    epoch_1904: bool,
) -> (Value<'a>, Option<Note>) {
    if let Some(value) = without_value(cell) {
        return (value, None);
    }
    let value = match kind {
        FieldKind::Text => Value::Text(cell.shown),
        FieldKind::Code => read_code(cell),
        FieldKind::Money => match read_money(cell) {
            Ok(minor) => {
                let note = cell.is_rounded().then_some(Note::PaisaNotShown);
                return (Value::Money(minor), note);
            }
            Err(flaw) => Value::Wrong(money::named(flaw, cell.shown)),
        },
        FieldKind::Date => match read_day(cell, order, epoch_1904) {
            Ok((date, note)) => return (Value::Date(date), note),
            Err(flaw) => Value::Wrong(flaw),
        },
    };
    (value, None)
}

/// What a cell is, whatever its field, where it holds nothing that can be read.
fn without_value<'a>(cell: &Cell<'a>) -> Option<Value<'a>> {
    Some(match cell.kind {
        CellKind::Error => Value::Wrong(Flaw::ErrorCell(cell.shown.to_owned())),
        CellKind::Uncalculated => Value::Wrong(Flaw::FormulaWithoutValue),
        CellKind::Masked => {
            let (shown, held) = match cell.plain {
                Some(number) => (cell.shown, number),
                None => ("", cell.shown),
            };
            Value::Wrong(Flaw::ShownOtherwise {
                shown: shown.to_owned(),
                held: held.to_owned(),
            })
        }
        CellKind::Text if is_blank(cell.shown) => Value::Blank,
        CellKind::Text if is_error_text(cell.shown) => {
            Value::Wrong(Flaw::ErrorCell(cell.shown.trim().to_owned()))
        }
        CellKind::Text if is_fence(cell.shown) => Value::Wrong(Flaw::TooNarrow),
        _ => return None,
    })
}

/// Whether a text says that there is no amount: `-`, `nil`. What has to be there
/// is not said to be absent so.
pub(super) fn says_nothing(cell: &Cell<'_>) -> bool {
    const NOTHING: [&str; 7] = ["nil", "nill", "none", "n/a", "na", "n.a.", "not applicable"];
    let text = cell.shown.trim();
    // Nearly every cell holds an amount, and begins with a digit.
    if cell.kind != CellKind::Text || text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let drawn = |c: char| matches!(c, '-' | '–' | '—' | '−' | '_' | '.' | '/');
    !text.is_empty() && text.chars().all(drawn)
        || NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn read_code<'a>(cell: &Cell<'a>) -> Value<'a> {
    match cell.kind {
        CellKind::Date => Value::Wrong(Flaw::TurnedIntoDate),
        CellKind::Number if codes::beyond_precision(cell.plain.unwrap_or(cell.shown)) => {
            Value::Wrong(Flaw::PrecisionLost)
        }
        _ if codes::is_exponent(cell.shown) => Value::Wrong(Flaw::PrecisionLost),
        _ => Value::Text(cell.shown),
    }
}

fn read_money(cell: &Cell<'_>) -> Result<i64, Flaw> {
    match cell.kind {
        CellKind::Number => {
            let read = money::read_number_cell(cell.plain.unwrap_or(cell.shown));
            // What is shown in other money is for a person to decide.
            let rate = cell.plain.is_some() && cell.shown.ends_with('%');
            match read {
                Ok(minor) if !rate || minor == 0 => Ok(minor),
                _ if rate => Err(Flaw::Percentage),
                read => read,
            }
        }
        CellKind::Text => money::read_amount(cell.shown),
        _ => Err(Flaw::NotANumber),
    }
}

fn read_day(
    cell: &Cell<'_>,
    order: DayMonthOrder,
    epoch_1904: bool,
) -> Result<(NaiveDate, Option<Note>), Flaw> {
    match cell.kind {
        CellKind::Number => {
            let text = cell.plain.unwrap_or(cell.shown);
            let whole = text.split('.').next().unwrap_or(text).parse::<u32>();
            let days = whole.map_err(|_| Flaw::NotADate)?;
            Ok((dates::day_number(days, epoch_1904)?, None))
        }
        CellKind::Truth => Err(Flaw::NotADate),
        // The first is what a spreadsheet makes of a month that was typed.
        CellKind::Date if cell.plain.is_some() => {
            match dates::read_date(cell.shown, order, epoch_1904)?.0 {
                date if date.day() == 1 => Err(Flaw::IncompleteDate),
                date => Ok((date, Some(Note::DayNotShown))),
            }
        }
        _ => dates::read_date(cell.shown, order, epoch_1904),
    }
}

impl Cell<'_> {
    /// Whether the sheet shows a number with fewer decimals than it has.
    pub(crate) fn is_rounded(&self) -> bool {
        let is_fraction = |plain: &str| plain.contains('.');
        self.kind == CellKind::Number
            && self.plain.is_some_and(is_fraction)
            && money::read_number_cell(self.shown).is_ok()
    }

    /// What the cell would be as an amount.
    pub(crate) fn as_amount(&self) -> Value<'_> {
        if let (CellKind::Masked, Some(number)) = (self.kind, self.plain) {
            return money::read_number_cell(number).map_or_else(Value::Wrong, Value::Money);
        }
        without_value(self)
            .unwrap_or_else(|| read_money(self).map_or_else(Value::Wrong, Value::Money))
    }

    /// Whether the cell is a date by itself, and not a number that could be one.
    pub(crate) fn is_date(&self) -> bool {
        self.kind == CellKind::Date
            || self.kind == CellKind::Text
                && matches!(
                    read(self, FieldKind::Date, DayMonthOrder::Dmy, false),
                    (
                        Value::Date(_),
                        None | Some(Note::DateOrderAssumed | Note::YearMayComeFirst)
                    )
                )
    }
}

/// Whether a text is what a spreadsheet shows, and writes into a CSV, where a
/// column is too narrow for what is in it.
fn is_fence(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 3 && text.bytes().all(|byte| byte == b'#')
}

/// Whether a text is how a spreadsheet writes an error into a CSV.
fn is_error_text(text: &str) -> bool {
    const ERRORS: [&str; 10] = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
    ];
    let text = text.trim_start();
    text.starts_with('#') && ERRORS.contains(&text.trim_end())
}
