//! Due dates as people type them and as spreadsheets store them. A date that
//! can be read two ways follows the account's order and says so, or is
//! refused; nothing else is guessed.

pub(crate) mod names;
mod pieces;

use chrono::{Days, NaiveDate};

use crate::flaws::{Flaw, Note};
use crate::headings::digit;
use pieces::{Piece, pieces};

/// Which of two numbers is the day where a date leaves it open (`05/03/2026`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum DayMonthOrder {
    /// Day first, as in Pakistan.
    #[default]
    Dmy,
    /// Month first, as in the United States.
    Mdy,
    /// Neither: such a date is refused.
    Reject,
}

/// Reads a date from text: `2035-03-05`, `05/03/2035`, `5-Mar-35`,
/// `5 March 2035`, `05.03.2035`, `۵ مارچ ۲۰۳۵`. Two-digit years are 20xx, and
/// refused from 70 on. A time after the date is ignored. A bare number of five
/// digits is taken for a day number of the 1900 system, or of the 1904 system
/// if `epoch_1904`.
///
/// # Errors
/// [`Flaw::NotADate`], [`Flaw::NoSuchDay`], [`Flaw::IncompleteDate`],
/// [`Flaw::DoubtfulYear`] or [`Flaw::AmbiguousDate`].
pub fn read_date(
    text: &str,
    order: DayMonthOrder,
    epoch_1904: bool,
) -> Result<(NaiveDate, Option<Note>), Flaw> {
    use Piece::{Month, Number};
    if let Some(date) = iso(text.as_bytes()) {
        return Ok((date, None));
    }
    if let Some((a, b, year)) = numbers(text.as_bytes()) {
        return two_ways(a, b, year, order);
    }
    if let Some(number) = bare_day_number(text) {
        let date = day_number(number, epoch_1904)?;
        return Ok((date, Some(Note::DayNumberTaken)));
    }
    let pieces = pieces(text).ok_or(Flaw::NotADate)?;
    let (year, month, day) = match pieces.as_slice() {
        [Number(y, 4), Number(m, 1 | 2), Number(d, 1 | 2)]
        | [Number(y, 4), Month(m), Number(d, 1 | 2)]
        | [Number(d, 1 | 2), Month(m), Number(y, 4)]
        | [Month(m), Number(d, 1 | 2), Number(y, 4)] => (*y, *m, *d),
        [Number(d, 1 | 2), Month(m), Number(y, 2)] | [Month(m), Number(d, 1 | 2), Number(y, 2)] => {
            (this_century(*y)?, *m, *d)
        }
        [
            Number(a, 1 | 2),
            Number(b, 1 | 2),
            Number(y, width @ (2 | 4)),
        ] => {
            if *width == 4 {
                return two_ways(*a, *b, *y, order);
            }
            let (date, note) = two_ways(*a, *b, this_century(*y)?, order)?;
            return Ok((date, note.or_else(|| year_first(date, *a, *b, *y))));
        }
        [Month(_)]
        | [Month(_), Number(_, 1 | 2 | 4)]
        | [Number(_, 1 | 2 | 4), Month(_)]
        | [Number(_, 1 | 2), Number(_, 1 | 2 | 4)]
        | [Number(_, 4), Number(_, 1 | 2)] => return Err(Flaw::IncompleteDate),
        _ => return Err(Flaw::NotADate),
    };
    let date = ymd(year, month, day).ok_or(Flaw::NoSuchDay)?;
    Ok((date, None))
}

/// A day number and nothing else, with the decimals that some programs write
/// behind every number: `49373`, `49373.0`.
fn bare_day_number(text: &str) -> Option<u32> {
    let text = text.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| digit(c).is_some());
    if whole.chars().count() != 5 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let number = whole.chars().filter_map(digit);
    Some(number.fold(0, |number, value| number * 10 + u32::from(value)))
}

/// The date of a spreadsheet's day number, within 2000 to 2099: a bare `5`
/// or `2035` in a date column is a slip, not a day of 1905.
///
/// # Errors
/// [`Flaw::NotADate`] outside that span.
pub(crate) fn day_number(number: u32, epoch_1904: bool) -> Result<NaiveDate, Flaw> {
    let days = u64::from(number) + if epoch_1904 { 1_462 } else { 0 };
    if !(36_526..73_051).contains(&days) {
        return Err(Flaw::NotADate);
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|epoch| epoch.checked_add_days(Days::new(days)))
        .ok_or(Flaw::NotADate)
}

/// `yyyy-mm-dd` and nothing else, without a detour: most cells are that.
fn iso(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let mut number = 0u32;
    for byte in [y1, y2, y3, y4, m1, m2, d1, d2] {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    ymd(number / 10_000, number / 100 % 100, number % 100)
}

/// `dd/mm/yyyy` or `mm/dd/yyyy` and nothing else, likewise.
fn numbers(text: &[u8]) -> Option<(u32, u32, u32)> {
    let [
        a1,
        a2,
        b'/' | b'-' | b'.',
        b1,
        b2,
        b'/' | b'-' | b'.',
        year @ ..,
    ] = text
    else {
        return None;
    };
    let read = |digits: &[&u8]| {
        let all = digits.iter().all(|byte| byte.is_ascii_digit());
        all.then(|| {
            digits
                .iter()
                .fold(0, |number, byte| number * 10 + u32::from(**byte - b'0'))
        })
    };
    let [y1, y2, y3, y4] = year else { return None };
    Some((read(&[a1, a2])?, read(&[b1, b2])?, read(&[y1, y2, y3, y4])?))
}

/// The year of two digits. Nothing is billed for 2070 as yet, and `10/05/99`
/// is a slip, or a date of birth.
fn this_century(year: u32) -> Result<u32, Flaw> {
    if year < 70 {
        Ok(2000 + year)
    } else {
        Err(Flaw::DoubtfulYear)
    }
}

/// Whether three numbers of two digits are another date with the year first:
/// `27/01/28`, and not `10/05/35`. Nobody bills for years before this program.
fn year_first(read_as: NaiveDate, year: u32, month: u32, day: u32) -> Option<Note> {
    let other = ymd(this_century(year).ok()?, month, day);
    other
        .filter(|other| year >= 24 && *other != read_as)
        .map(|_| Note::YearMayComeFirst)
}

/// Which ways a date of numbers can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Both, and they are two dates.
    Open,
    DayFirst,
    MonthFirst,
}

/// Which ways a text can be read, if it is a date of numbers that ends with
/// its year, and the two are not one.
pub(crate) fn way(text: &str) -> Option<Way> {
    let bytes = text.as_bytes();
    if iso(bytes).is_some() {
        return None;
    }
    let (a, b, year) = match numbers(bytes) {
        Some(plain) => plain,
        None => match pieces(text)?.as_slice() {
            [
                Piece::Number(a, 1 | 2),
                Piece::Number(b, 1 | 2),
                Piece::Number(year, width @ (2 | 4)),
            ] => {
                let year = if *width == 2 {
                    this_century(*year).ok()?
                } else {
                    *year
                };
                (*a, *b, year)
            }
            _ => return None,
        },
    };
    match (ymd(year, b, a), ymd(year, a, b)) {
        (Some(one), Some(other)) if one != other => Some(Way::Open),
        (Some(_), None) => Some(Way::DayFirst),
        (None, Some(_)) => Some(Way::MonthFirst),
        _ => None,
    }
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1900..=9999).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn two_ways(
    a: u32,
    b: u32,
    year: u32,
    order: DayMonthOrder,
) -> Result<(NaiveDate, Option<Note>), Flaw> {
    let day_first = ymd(year, b, a);
    let month_first = ymd(year, a, b);
    match (day_first, month_first, order) {
        (Some(one), Some(other), _) if one == other => Ok((one, None)),
        (Some(_), Some(_), DayMonthOrder::Reject) => Err(Flaw::AmbiguousDate),
        (Some(date), Some(_), DayMonthOrder::Dmy) | (Some(_), Some(date), DayMonthOrder::Mdy) => {
            Ok((date, Some(Note::DateOrderAssumed)))
        }
        (Some(date), None, _) | (None, Some(date), _) => Ok((date, None)),
        (None, None, _) => Err(Flaw::NoSuchDay),
    }
}

#[cfg(test)]
mod tests;
