//! Dates as the guide writes them: out as `yyyy-MM-dd`, back as `yyyy-MM-dd`
//! or `dd-MM-yyyy`.

use chrono::{Datelike, NaiveDate};

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
