//! Where a dynamic QR is made: a longitude and a latitude, kept as the exact
//! decimal text they were given in.

use std::fmt;

/// A longitude, -180 to 180, as decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Longitude(String);

/// A latitude, -90 to 90, as decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Latitude(String);

/// Why a text is no longitude or latitude.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a {what}; write degrees from -{limit} to {limit} as a decimal, such as {example}"
)]
pub struct PlaceError {
    text: String,
    what: &'static str,
    limit: u32,
    example: &'static str,
}

impl Longitude {
    /// Reads decimal degrees such as `72.996636`.
    ///
    /// # Errors
    /// If it is no plain decimal, or outside -180 to 180.
    pub fn parse(text: &str) -> Result<Longitude, PlaceError> {
        degrees(text, 180).map(Longitude).ok_or_else(|| PlaceError {
            text: text.to_owned(),
            what: "longitude",
            limit: 180,
            example: "72.996636",
        })
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Latitude {
    /// Reads decimal degrees such as `33.646342`.
    ///
    /// # Errors
    /// If it is no plain decimal, or outside -90 to 90.
    pub fn parse(text: &str) -> Result<Latitude, PlaceError> {
        degrees(text, 90).map(Latitude).ok_or_else(|| PlaceError {
            text: text.to_owned(),
            what: "latitude",
            limit: 90,
            example: "33.646342",
        })
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The trimmed text, if it is a plain decimal within the limit. Compared digit
/// by digit: a float would round a place that was given exactly.
fn degrees(text: &str, limit: u32) -> Option<String> {
    let text = text.trim();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| {
        !part.is_empty() && part.len() <= 20 && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let in_range = whole < limit || (whole == limit && decimals.bytes().all(|b| b == b'0'));
    in_range.then(|| text.to_owned())
}

impl fmt::Display for Longitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Latitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_checked_and_kept_digit_for_digit() {
        for good in ["72.996636", "-180", "180.000", "0", "-0.5"] {
            assert_eq!(
                Longitude::parse(good).map(|l| l.to_string()).as_deref(),
                Ok(good)
            );
        }
        for bad in [
            "180.0001",
            "181",
            "72,9",
            "",
            "-",
            "1e2",
            "1.",
            ".5",
            "NaN",
            "--1",
            "99999999999999999999999",
        ] {
            assert!(Longitude::parse(bad).is_err(), "{bad}");
        }
        assert!(Latitude::parse("90").is_ok());
        assert!(Latitude::parse("90.1").is_err());
    }
}
