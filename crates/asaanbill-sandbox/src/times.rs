//! The ways in which the hub writes a time or a due date.
//!
//! Times are Pakistan's (UTC+5), to the minute, without a zone, in two forms
//! that the guide's samples mix: `10:22 AM 10-Jan-2025` (endpoint 2) and
//! `05:31AM 12-Feb-2025` (endpoints 4 to 8).

use chrono::{DateTime, FixedOffset, NaiveDate};

/// A day that does not exist, as the guide's sample of endpoint 8 has it.
pub(crate) const IMPOSSIBLE: &str = "08:49AM 31-Jun-2025";

/// `05:31AM 12-Feb-2025`, or with a space before AM when `spaced`.
pub(crate) fn stamp(at_ms: i64, spaced: bool) -> String {
    let form = if spaced {
        "%I:%M %p %d-%b-%Y"
    } else {
        "%I:%M%p %d-%b-%Y"
    };
    in_pakistan(at_ms).format(form).to_string()
}

/// `27-01-2025`, as in `uploadedAt` of endpoint 5.
pub(crate) fn day(at_ms: i64) -> String {
    in_pakistan(at_ms).format("%d-%m-%Y").to_string()
}

/// Whether this is a real day written `yyyy-MM-dd`, and nothing else.
pub(crate) fn is_iso_day(text: &str) -> bool {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return false;
    }
    match (text[..4].parse(), text[5..7].parse(), text[8..].parse()) {
        (Ok(year), Ok(month), Ok(day)) => NaiveDate::from_ymd_opt(year, month, day).is_some(),
        _ => false,
    }
}

/// `2025-08-31` as `31-08-2025`. The text must be an ISO day.
pub(crate) fn day_first(iso: &str) -> String {
    match (iso.get(0..4), iso.get(5..7), iso.get(8..10)) {
        (Some(year), Some(month), Some(day)) => format!("{day}-{month}-{year}"),
        _ => iso.to_owned(),
    }
}

fn in_pakistan(at_ms: i64) -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(5 * 3600).expect("five hours are within a day");
    DateTime::from_timestamp_millis(at_ms)
        .unwrap_or_default()
        .with_timezone(&zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_pakistans_in_both_forms_of_the_guide() {
        // 2025-01-10 05:22:00 UTC.
        let at = 1_736_486_520_000;
        assert_eq!(stamp(at, true), "10:22 AM 10-Jan-2025");
        assert_eq!(stamp(at, false), "10:22AM 10-Jan-2025");
        assert_eq!(day(at), "10-01-2025");
        // 20:00 UTC is the next day in Pakistan.
        assert_eq!(stamp(1_736_539_200_000, false), "01:00AM 11-Jan-2025");
    }

    #[test]
    fn only_real_days_in_the_guides_form_are_days() {
        assert!(is_iso_day("2025-08-31"));
        assert!(is_iso_day("2028-02-29"));
        for wrong in [
            "2025-06-31",
            "2025-6-30",
            "31-08-2025",
            "",
            "2025-08-31 ",
            "2025/08/31",
            "+025-08-31",
        ] {
            assert!(!is_iso_day(wrong), "{wrong}");
        }
        assert_eq!(day_first("2025-08-31"), "31-08-2025");
    }
}
