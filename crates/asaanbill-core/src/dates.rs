//! Dates as the guide writes them: out as `yyyy-MM-dd`, back as `yyyy-MM-dd`
//! or `dd-MM-yyyy`, and as hubs like this one also write them: with slashes, or with a midnight.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime};

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DateError {
    /// Nothing but blanks.
    #[error("is blank")]
    Blank,
    /// Neither `yyyy-MM-dd` nor `dd-MM-yyyy`.
    #[error("is not a date of the form yyyy-MM-dd")]
    NotADate,
    /// The right form, but no such day: `2026-02-30`.
    #[error("is a day that does not exist")]
    NoSuchDay,
}

/// Reads `yyyy-MM-dd` or `dd-MM-yyyy`, nothing else.
///
/// ```
/// use asaanbill_core::dates;
///
/// assert_eq!(dates::parse("2025-03-28"), dates::parse("28-03-2025"));
/// assert!(dates::parse("31-06-2025").is_err());
/// ```
///
/// # Errors
/// Says whether the form is wrong or the day does not exist. Never panics.
pub fn parse(text: &str) -> Result<NaiveDate, DateError> {
    if text.trim().is_empty() {
        return Err(DateError::Blank);
    }
    let b = text.as_bytes();
    if b.len() != 10 {
        return Err(DateError::NotADate);
    }
    let (year, month, day) = match (b[2], b[4], b[5], b[7]) {
        (_, b'-', _, b'-') => (&b[0..4], &b[5..7], &b[8..10]),
        (b'-', _, b'-', _) => (&b[6..10], &b[3..5], &b[0..2]),
        _ => return Err(DateError::NotADate),
    };
    match (number(year), number(month), number(day)) {
        (Some(year), Some(month), Some(day)) if year > 0 => {
            let year = i32::try_from(year).map_err(|_| DateError::NotADate)?;
            NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::NoSuchDay)
        }
        _ => Err(DateError::NotADate),
    }
}

/// Reads what a hub may make of a date that it was sent: as [`parse`], with `/` for `-` (the day
/// first), and with a time of midnight behind it (`2036-05-10T00:00:00`, `10-05-2036 00:00`). Where
/// an offset is named, midnight is meant there or in Pakistan. Any other time of day is no date.
///
/// # Errors
/// As [`parse`].
pub fn parse_heard(text: &str) -> Result<NaiveDate, DateError> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        let pakistan = FixedOffset::east_opt(5 * 3600).map(|zone| moment.with_timezone(&zone));
        return [Some(moment), pakistan]
            .into_iter()
            .flatten()
            .find(|at| at.time() == NaiveTime::MIN)
            .map(|at| at.date_naive())
            .ok_or(DateError::NotADate);
    }
    let (date, time) = text.split_at_checked(10).unwrap_or((text, ""));
    if !is_midnight(time) {
        return Err(DateError::NotADate);
    }
    parse(&date.replace('/', "-"))
}

/// Nothing, or a `T` or blank with noughts behind it.
fn is_midnight(time: &str) -> bool {
    match time.strip_prefix(['T', ' ']) {
        Some(clock) => matches!(clock, "00:00" | "00:00:00" | "00:00:00.0" | "00:00:00.000"),
        None => time.is_empty(),
    }
}

/// Writes `yyyy-MM-dd`.
#[must_use]
pub fn wire(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Whether the date fits the guide's four digits of a year.
#[must_use]
pub fn has_four_digit_year(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, b| {
        b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0'))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_of_the_guides_spellings_are_read() {
        let day = NaiveDate::from_ymd_opt(2025, 1, 10).unwrap();
        assert_eq!(parse("2025-01-10"), Ok(day));
        assert_eq!(parse("10-01-2025"), Ok(day));
        assert_eq!(wire(day), "2025-01-10");
    }

    #[test]
    fn a_hub_may_add_a_midnight_or_use_slashes() {
        let day = NaiveDate::from_ymd_opt(2036, 5, 10).unwrap();
        for text in [
            "2036-05-10",
            " 10-05-2036 ",
            "10/05/2036",
            "2036/05/10",
            "2036-05-10T00:00:00",
            "2036-05-10 00:00:00",
            "10-05-2036 00:00",
            "2036-05-10T00:00:00.000",
            "2036-05-10T00:00:00Z",
            "2036-05-10T00:00:00.000+05:00",
            "2036-05-09T19:00:00Z",
        ] {
            assert_eq!(parse_heard(text), Ok(day), "{text}");
        }
        for text in [
            "2036-05-10T12:00:00",
            "2036-05-10T12:00:00Z",
            "2036-05-10x",
            "10 May 2036",
        ] {
            assert_eq!(parse_heard(text), Err(DateError::NotADate), "{text}");
        }
        assert_eq!(parse_heard("31/06/2036"), Err(DateError::NoSuchDay));
        assert_eq!(parse_heard(" "), Err(DateError::Blank));
    }

    #[test]
    fn other_texts_say_what_is_wrong() {
        use DateError::*;
        for (text, why) in [
            ("", Blank),
            ("2025-1-10", NotADate),
            ("2025/01/10", NotADate),
            ("31-Jun-2025", NotADate),
            ("2025-06-31", NoSuchDay),
            ("31-06-2025", NoSuchDay),
            ("0000-01-01", NotADate),
            ("--------10", NotADate),
            ("۲۰۲۵۱", NotADate),
            ("2025-01-1x", NotADate),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }
}
