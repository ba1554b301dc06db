//! What a wrong cell may have meant, where that is one of a few things: the
//! fix sheet offers them as a drop-down list. A bill's fields hold no words
//! from a fixed list, so what leaves a choice is a date whose day and month
//! can be read either way round, and an amount whose comma or point can.

use crate::DayMonthOrder;
use crate::dates::read_date;
use crate::flaws::Flaw;
use crate::money::read_amount;
use crate::row::{Entry, Value};

/// The readings of a cell, each as it should be written; fewer than two are
/// no choice, and then there are none.
pub(crate) fn choices(entry: &Entry<'_>) -> Vec<String> {
    let mut readings = match &entry.value {
        Value::Wrong(Flaw::AmbiguousDate) => dates(entry.shown),
        Value::Wrong(Flaw::NotANumber | Flaw::OddGrouping) => amounts(entry.shown),
        _ => Vec::new(),
    };
    readings.dedup();
    if readings.len() < 2 {
        readings.clear();
    }
    readings
}

fn dates(shown: &str) -> Vec<String> {
    [DayMonthOrder::Dmy, DayMonthOrder::Mdy]
        .into_iter()
        .filter_map(|order| read_date(shown, order, false).ok())
        .map(|(date, _)| date.to_string())
        .collect()
}

/// `1.500` is fifteen hundred where the point groups, and one and a half
/// where it does not.
fn amounts(shown: &str) -> Vec<String> {
    let text = shown.trim();
    let is_mark = |c: char| matches!(c, '.' | ',');
    let plain = |c: char| c.is_ascii_digit() || is_mark(c);
    let Some(at) = text.rfind(is_mark).filter(|_| text.chars().all(plain)) else {
        return Vec::new();
    };
    let digits = |part: &str| part.replace(is_mark, "");
    let (whole, decimals) = (digits(&text[..at]), digits(&text[at + 1..]));
    let grouped = format!("{whole}{decimals}");
    let decimals = decimals.trim_end_matches('0');
    let pointed = format!("{whole}.{decimals:0<2}");
    [grouped, pointed]
        .into_iter()
        .filter(|reading| read_amount(reading).is_ok_and(|minor| minor > 0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shown: &str, flaw: Flaw) -> Vec<String> {
        choices(&Entry {
            shown,
            column: Some(0),
            value: Value::Wrong(flaw),
            note: None,
        })
    }

    #[test]
    fn a_date_that_can_be_read_two_ways_offers_both_and_no_other_cell_any() {
        let both = ["2035-03-05", "2035-05-03"];
        assert_eq!(of("05/03/2035", Flaw::AmbiguousDate), both);
        assert!(of("05/03/2035", Flaw::NotADate).is_empty());
        assert!(of("", Flaw::AmbiguousDate).is_empty());
    }

    #[test]
    fn an_amount_whose_mark_can_be_read_two_ways_offers_both() {
        assert_eq!(of("1.500", Flaw::NotANumber), ["1500", "1.50"]);
        assert_eq!(of("15,0", Flaw::NotANumber), ["150", "15.00"]);
        assert!(of("12,0O", Flaw::NotANumber).is_empty());
        assert!(of("a lot", Flaw::NotANumber).is_empty());
        assert!(of(",", Flaw::NotANumber).is_empty());
        // More than two decimals is no reading.
        assert!(of("1.5005", Flaw::NotANumber).is_empty());
    }
}
