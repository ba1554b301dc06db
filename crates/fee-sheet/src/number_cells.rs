//! The one place where a float comes in: a number cell of a workbook. It is
//! written as its shortest text that reads back the same, at once, and no
//! arithmetic is ever done on it, here or later.

use std::fmt::{Arguments, Write};

use calamine::{ExcelDateTime, ExcelDateTimeType};

use crate::codes::DigitFormat;
use crate::number_formats::NumberFormat;
use crate::row::CellKind;

/// The numbers that are days: from the first to the last that a sheet shows.
const DAYS: std::ops::Range<f64> = 1.0..2_958_466.0;

/// Writes what the sheet shows for a number, and behind it, where a number
/// format shows something else, the number itself; tells the length of the
/// latter.
pub(crate) fn write_number(
    text: &mut String,
    value: f64,
    format: &NumberFormat,
    epoch_1904: bool,
) -> (CellKind, usize) {
    match format {
        NumberFormat::Day if DAYS.contains(&value) => {
            let date = ExcelDateTime::new(value, ExcelDateTimeType::DateTime, epoch_1904);
            write_date(text, &date);
            (CellKind::Date, 0)
        }
        NumberFormat::Month if DAYS.contains(&value) => {
            let date = ExcelDateTime::new(value, ExcelDateTimeType::DateTime, epoch_1904);
            write_month(text, &date)
        }
        NumberFormat::Rounded(decimals) => rounded(text, value, *decimals),
        NumberFormat::Digits(format) => number(text, value, Some(format)),
        NumberFormat::Day | NumberFormat::Month | NumberFormat::Plain => number(text, value, None),
    }
}

/// A day of which the sheet shows its month and year alone, or one of them,
/// and behind it what is shown.
pub(crate) fn write_month(text: &mut String, date: &ExcelDateTime) -> (CellKind, usize) {
    write_date(text, date);
    let (year, month, ..) = date.to_ymd_hms_milli();
    let day = text.len();
    push(text, format_args!("{year:04}-{month:02}"));
    (CellKind::Date, text.len() - day)
}

/// A number of which only some decimals are shown, and behind it the number.
fn rounded(text: &mut String, value: f64, decimals: usize) -> (CellKind, usize) {
    let start = text.len();
    let (kind, _) = number(text, value, None);
    let digits = text[start..].to_owned();
    let hides = |(_, fraction): (&str, &str)| fraction.len() > decimals;
    if kind != CellKind::Number || !digits.split_once('.').is_some_and(hides) {
        return (kind, 0);
    }
    text.truncate(start);
    text.push_str(&with_decimals(&digits, decimals));
    text.push_str(&digits);
    (CellKind::Number, digits.len())
}

/// A day as `yyyy-MM-dd`, and its time of day if it has one.
pub(crate) fn write_date(text: &mut String, date: &ExcelDateTime) {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    push(text, format_args!("{year:04}-{month:02}-{day:02}"));
    if (hour, minute, second) != (0, 0, 0) {
        push(text, format_args!(" {hour:02}:{minute:02}:{second:02}"));
    }
}

/// A number's text with so many decimals and no more, rounded as a spreadsheet
/// does, the half away from nought.
pub(crate) fn with_decimals(digits: &str, decimals: usize) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (kept, rest) = fraction.split_at(decimals.min(fraction.len()));
    let mut shown: Vec<u8> = format!("{whole}{kept}").into_bytes();
    if rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
        let mut at = shown.len();
        loop {
            match at.checked_sub(1).map(|before| (before, shown[before])) {
                Some((before, b'9')) => {
                    shown[before] = b'0';
                    at = before;
                }
                Some((before, digit)) if digit.is_ascii_digit() => {
                    shown[before] = digit + 1;
                    break;
                }
                _ => {
                    shown.insert(at, b'1');
                    break;
                }
            }
        }
    }
    let point = shown.len() - kept.len();
    let mut shown = String::from_utf8_lossy(&shown).into_owned();
    if !kept.is_empty() {
        shown.insert(point, '.');
    }
    shown
}

/// A number, through the format of an identifier where it has one.
pub(crate) fn number(
    text: &mut String,
    value: f64,
    format: Option<&DigitFormat>,
) -> (CellKind, usize) {
    if !value.is_finite() {
        text.push_str("#NUM!");
        return (CellKind::Error, 0);
    }
    let start = text.len();
    push(text, format_args!("{value}"));
    if let Some(format) = format {
        let digits = text[start..].to_owned();
        if let Some(shown) = format.mask(&digits) {
            text.truncate(start);
            text.push_str(&shown);
            text.push_str(&digits);
            return (CellKind::Masked, digits.len());
        }
        let mut shown = String::new();
        if format.write(&digits, &mut shown) && shown != digits {
            text.truncate(start);
            text.push_str(&shown);
            text.push_str(&digits);
            return (CellKind::Number, digits.len());
        }
    }
    (CellKind::Number, 0)
}

/// A number in the four bytes that Excel packs most numbers into: the upper
/// half of a float, or a whole number, and either maybe divided by a hundred.
/// The division moves the point of a text, which is exact.
pub(crate) fn packed(bits: u32) -> f64 {
    let hundredth = bits & 1 != 0;
    let value = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if !hundredth || !value.is_finite() {
        return value;
    }
    format!("{value}e-2").parse().unwrap_or(f64::NAN)
}

fn push(text: &mut String, what: Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = text.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number_formats::PLAIN;

    fn shown(value: f64, format: &NumberFormat) -> String {
        let mut text = String::new();
        write_number(&mut text, value, format, false);
        text
    }

    #[test]
    fn packed_numbers_are_what_the_sheet_shows() {
        let whole = |number: i32| number.cast_unsigned() << 2 | 2;
        assert_eq!(shown(packed(whole(1500)), PLAIN), "1500");
        assert_eq!(shown(packed(whole(-7)), PLAIN), "-7");
        assert_eq!(shown(packed(whole(150_025) | 1), PLAIN), "1500.25");
        assert_eq!(shown(packed(whole(30) | 1), PLAIN), "0.3");
        let half = |number: f64| u32::try_from(number.to_bits() >> 32).unwrap_or(0) & !3;
        assert_eq!(shown(packed(half(0.5)), PLAIN), "0.5");
        assert_eq!(shown(packed(half(12_345.5) | 1), PLAIN), "123.455");
        assert_eq!(shown(packed(0x7FF0_0000), PLAIN), "#NUM!");
    }

    #[test]
    fn formats_make_days_and_identifiers_of_numbers() {
        assert_eq!(shown(49_373.0, &NumberFormat::Day), "2035-03-05");
        assert_eq!(shown(49_373.5, &NumberFormat::Day), "2035-03-05 12:00:00");
        assert_eq!(shown(0.5, &NumberFormat::Day), "0.5");
        assert_eq!(shown(95.0, &NumberFormat::parse("000000")), "00009595");
        assert_eq!(shown(49_369.0, &NumberFormat::Month), "2035-03-012035-03");
        assert_eq!(shown(1500.75, &NumberFormat::Rounded(0)), "15011500.75");
        assert_eq!(shown(1500.75, &NumberFormat::Rounded(1)), "1500.81500.75");
        assert_eq!(shown(1500.0, &NumberFormat::Rounded(0)), "1500");
        assert_eq!(shown(1500.5, &NumberFormat::Rounded(0)), "15011500.5");
        assert_eq!(shown(-999.96, &NumberFormat::Rounded(1)), "-1000.0-999.96");
        assert_eq!(shown(0.25, &NumberFormat::Rounded(0)), "00.25");
    }
}
