//! Due dates as people type them and as spreadsheets store them. A date that
//! can be read two ways follows the account's order and says so, or is
//! refused; nothing else is guessed.

use chrono::{Days, NaiveDate};

use crate::flaws::{Flaw, Note};
use crate::headings::{digit, invisible};

/// Which of two numbers is the day where a date leaves it open (`05/03/2026`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
/// refused from 70 on. A time after the date is ignored. A bare five-digit number is taken for a
/// day number of the 1900 system, or of the 1904 system if `epoch_1904`.
///
/// # Errors
/// [`Flaw::NotADate`], [`Flaw::DoubtfulYear`] or [`Flaw::AmbiguousDate`].
pub fn read_date(
    text: &str,
    order: DayMonthOrder,
    epoch_1904: bool,
) -> Result<(NaiveDate, Option<Note>), Flaw> {
    if let Some(date) = iso(text.as_bytes()) {
        return Ok((date, None));
    }
    if let Some((a, b, year)) = numbers(text.as_bytes()) {
        return two_ways(a, b, year, order);
    }
    let tokens = tokens(text).ok_or(Flaw::NotADate)?;
    let found = match tokens.as_slice() {
        [Token::Number(n, 5)] => {
            return day_number(*n, epoch_1904).map(|date| (date, Some(Note::DayNumberTaken)));
        }
        [
            Token::Number(y, 4),
            Token::Number(m, _),
            Token::Number(d, _),
        ] => ymd(*y, *m, *d),
        [
            Token::Number(y, 4),
            Token::Month(m),
            Token::Number(d, 1 | 2),
        ]
        | [
            Token::Number(d, 1 | 2),
            Token::Month(m),
            Token::Number(y, 4),
        ]
        | [
            Token::Month(m),
            Token::Number(d, 1 | 2),
            Token::Number(y, 4),
        ] => ymd(*y, *m, *d),
        [
            Token::Number(d, 1 | 2),
            Token::Month(m),
            Token::Number(y, 2),
        ]
        | [
            Token::Month(m),
            Token::Number(d, 1 | 2),
            Token::Number(y, 2),
        ] => ymd(this_century(*y)?, *m, *d),
        [
            Token::Number(a, 1 | 2),
            Token::Number(b, 1 | 2),
            Token::Number(y, width @ (2 | 4)),
        ] => {
            let year = if *width == 2 { this_century(*y)? } else { *y };
            return two_ways(*a, *b, year, order);
        }
        _ => None,
    };
    found.map(|date| (date, None)).ok_or(Flaw::NotADate)
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
        None => match tokens(text)?.as_slice() {
            [
                Token::Number(a, 1 | 2),
                Token::Number(b, 1 | 2),
                Token::Number(year, width @ (2 | 4)),
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
        (None, None, _) => Err(Flaw::NotADate),
    }
}

/// A piece of a date: a number with its count of digits, or a month's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Number(u32, usize),
    Month(u32),
}

/// A date has three pieces at most.
struct Tokens {
    found: [Token; 3],
    count: usize,
}

impl Tokens {
    fn push(&mut self, token: Token) -> Option<()> {
        *self.found.get_mut(self.count)? = token;
        self.count += 1;
        Some(())
    }

    fn as_slice(&self) -> &[Token] {
        &self.found[..self.count]
    }
}

/// The pieces of the text; `None` if a piece belongs to no date.
fn tokens(text: &str) -> Option<Tokens> {
    let text = without_time(text);
    if text.len() > 80 {
        return None;
    }
    let mut tokens = Tokens {
        found: [Token::Month(0); 3],
        count: 0,
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if digit(c).is_some() {
            let end = rest.find(|c| digit(c).is_none()).unwrap_or(rest.len());
            let mut number = 0u32;
            let mut width = 0;
            for value in rest[..end].chars().filter_map(digit) {
                number = number.checked_mul(10)?.checked_add(u32::from(value))?;
                width += 1;
            }
            tokens.push(Token::Number(number, width))?;
            rest = &rest[end..];
        } else if c.is_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(rest.len());
            let word = &rest[..end];
            let follows_a_number = matches!(tokens.as_slice().last(), Some(Token::Number(..)));
            if let Some(month) = month_named(word) {
                tokens.push(Token::Month(month))?;
            } else if !(weekday(word) || follows_a_number && ordinal(word)) {
                return None;
            }
            rest = &rest[end..];
        } else if matches!(c, '/' | '-' | '.' | ',' | '،' | '–' | '‑' | '\'' | '’')
            || c.is_whitespace()
            || invisible(c)
        {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
    }
    Some(tokens)
}

/// Cuts a time of day off: from the hour before the first colon on, or from
/// the `T` between.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let head = &text[..colon];
    let hour = head.trim_end_matches(|c| digit(c).is_some());
    let cut = hour.strip_suffix(['T', 't']).unwrap_or(hour);
    if cut.len() == head.len() { text } else { cut }
}

fn ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th", "of"]
        .iter()
        .any(|suffix| word.eq_ignore_ascii_case(suffix))
}

fn weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    word.len() >= 3 && DAYS.iter().any(|day| starts_with(day, word))
}

fn starts_with(name: &str, word: &str) -> bool {
    name.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// The month of an English name or its first letters, of a Roman Urdu name,
/// or of an Urdu one.
fn month_named(word: &str) -> Option<u32> {
    const ENGLISH: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const ROMAN: [&[&str]; 12] = [
        &["janwari", "janvari"],
        &["farwari", "farvari"],
        &[],
        &["aprail", "apreel"],
        &["mai", "mayi"],
        &["joon"],
        &["julai", "joolai"],
        &["agast"],
        &["sitambar", "sitamber"],
        &["aktubar", "aktoobar", "oktobar"],
        &["nawambar", "navambar", "nowambar"],
        &["disambar", "dasambar"],
    ];
    const URDU: [&[&str]; 12] = [
        &["جنوری"],
        &["فروری"],
        &["مارچ"],
        &["اپریل"],
        &["مئی", "مئ"],
        &["جون"],
        &["جولائی"],
        &["اگست"],
        &["ستمبر"],
        &["اکتوبر"],
        &["نومبر"],
        &["دسمبر"],
    ];
    let index = if word.is_ascii() {
        (word.len() >= 3)
            .then(|| ENGLISH.iter().position(|name| starts_with(name, word)))
            .flatten()
            .or_else(|| {
                ROMAN
                    .iter()
                    .position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(word)))
            })
    } else {
        let same = |a: char, b: char| {
            let plain = |c| if c == 'ي' || c == 'ى' { 'ی' } else { c };
            plain(a) == plain(b)
        };
        URDU.iter().position(|names| {
            names.iter().any(|name| {
                name.chars().count() == word.chars().count()
                    && name.chars().zip(word.chars()).all(|(a, b)| same(a, b))
            })
        })
    };
    index.and_then(|index| u32::try_from(index + 1).ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::Datelike;
    use proptest::prelude::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn dates_are_read_as_bursars_write_them() {
        for text in [
            "2035-03-25",
            "25/03/2035",
            "25-03-2035",
            "25.03.2035",
            "25-Mar-35",
            "25 March 2035",
            "March 25, 2035",
            "25th March 2035",
            "Sunday, 25 March 2035",
            "2035/3/25",
            "2035-03-25 00:00:00",
            "2035-03-25T10:30:00Z",
            "25/3/35",
            "03/25/2035",
            "25Mar2035",
            "۲۵ مارچ ۲۰۳۵",
            "۲۵/۰۳/۲۰۳۵",
            "25-mar-2035 5:30 PM",
            " 25/03/2035 ",
            "25 March, 2035",
            "2035-Mar-25",
        ] {
            assert_eq!(
                read_date(text, DayMonthOrder::Dmy, false),
                Ok((date(2035, 3, 25), None)),
                "{text}"
            );
        }
        for text in ["5 aktubar 2035", "5 اکتوبر 2035", "5 Oct 35"] {
            assert_eq!(
                read_date(text, DayMonthOrder::Reject, false),
                Ok((date(2035, 10, 5), None)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_that_can_be_read_two_ways_follows_the_account_and_says_so() {
        let assumed = Some(Note::DateOrderAssumed);
        let text = "05/03/2035";
        assert_eq!(
            read_date(text, DayMonthOrder::Dmy, false),
            Ok((date(2035, 3, 5), assumed))
        );
        assert_eq!(
            read_date(text, DayMonthOrder::Mdy, false),
            Ok((date(2035, 5, 3), assumed))
        );
        assert_eq!(
            read_date(text, DayMonthOrder::Reject, false),
            Err(Flaw::AmbiguousDate)
        );
        assert_eq!(
            read_date("05/05/2035", DayMonthOrder::Reject, false),
            Ok((date(2035, 5, 5), None))
        );
        assert_eq!(
            read_date("25/03/2035", DayMonthOrder::Reject, false),
            Ok((date(2035, 3, 25), None))
        );
    }

    #[test]
    fn a_year_of_two_digits_that_may_be_of_the_last_century_is_refused() {
        for text in ["10/05/99", "10-May-99", "10 May 70", "May 10, 85"] {
            let read = read_date(text, DayMonthOrder::Dmy, false);
            assert_eq!(read, Err(Flaw::DoubtfulYear), "{text}");
        }
        let read = read_date("10-May-69", DayMonthOrder::Dmy, false);
        assert_eq!(read, Ok((date(2069, 5, 10), None)));
    }

    #[test]
    fn a_date_that_can_be_read_one_way_only_proves_its_order() {
        for (text, expected) in [
            ("05/13/2036", Some(Way::MonthFirst)),
            ("5-13-36", Some(Way::MonthFirst)),
            ("25/03/2036", Some(Way::DayFirst)),
            ("۲۵/۰۳/۲۰۳۶", Some(Way::DayFirst)),
            ("05/10/2036", Some(Way::Open)),
            ("5.10.36 00:00", Some(Way::Open)),
            ("05/05/2036", None),
            ("2036-05-13", None),
            ("2036/05/13", None),
            ("13 May 2036", None),
            ("31/31/2036", None),
            ("49805", None),
        ] {
            assert_eq!(way(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "tomorrow",
            "31/02/2035",
            "2035-13-01",
            "5 March",
            "2035",
            "5",
            "13/13/2035",
            "1/2/3/4",
            "5/3/235",
            "2035-03",
            "20350305",
            "Rs 1500",
            "end of month",
            "5:30",
            "99999",
        ] {
            assert_eq!(
                read_date(text, DayMonthOrder::Dmy, false),
                Err(Flaw::NotADate),
                "{text}"
            );
        }
    }

    #[test]
    fn day_numbers_of_both_systems_are_read() {
        assert_eq!(day_number(49_373, false), Ok(date(2035, 3, 5)));
        assert_eq!(day_number(47_911, true), Ok(date(2035, 3, 5)));
        assert_eq!(day_number(2035, false), Err(Flaw::NotADate));
        let taken = Some(Note::DayNumberTaken);
        assert_eq!(
            read_date("49373", DayMonthOrder::Dmy, false),
            Ok((date(2035, 3, 5), taken))
        );
    }

    proptest! {
        #[test]
        fn every_date_round_trips_in_every_dress(days in 0u64..36_500) {
            let date = date(2000, 1, 1).checked_add_days(Days::new(days)).unwrap();
            for style in ["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%y", "%d %B %Y", "%d.%m.%Y", "%-d-%-m-%y"] {
                let text = date.format(style).to_string();
                let doubtful = date.year() >= 2070 && style.ends_with("%y");
                let expected = if doubtful { Err(Flaw::DoubtfulYear) } else { Ok(date) };
                prop_assert_eq!(read_date(&text, DayMonthOrder::Dmy, false).map(|read| read.0), expected, "{}", text);
            }
            let text = date.format("%m/%d/%Y").to_string();
            prop_assert_eq!(read_date(&text, DayMonthOrder::Mdy, false).map(|read| read.0), Ok(date), "{}", text);
        }

        #[test]
        fn no_text_panics_as_a_date(text in ".{0,60}") {
            let _ = read_date(&text, DayMonthOrder::Dmy, false);
        }
    }
}
