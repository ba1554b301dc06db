//! Money: a whole number of paisa, read from text and written as text, never
//! by way of a float.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// An amount of money in paisa, the hundredth part of a rupee.
///
/// ```
/// use asaanbill_core::Paisa;
///
/// let fee = Paisa::parse("1500.5")?;
/// assert_eq!(fee.paisa(), 150_050);
/// assert_eq!(fee.wire(), "1500.50");
/// assert_eq!(Paisa::parse("1500.00")?.wire(), "1500");
/// assert_eq!(Paisa::parse("1500")?.two_decimals(), "1500.00");
/// # Ok::<(), asaanbill_core::AmountError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paisa(i64);

/// Why a text is not an amount. Each prints as the end of a sentence that
/// starts with the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AmountError {
    /// Nothing but blanks.
    #[error("is blank")]
    Blank,
    /// A plus or a minus in front.
    #[error("has a sign")]
    Signed,
    /// A comma, a blank or an underscore between digits.
    #[error("has thousands separators")]
    Separator,
    /// `1.5E4`: a spreadsheet's notation, which may have lost digits.
    #[error("is in scientific notation")]
    Exponent,
    /// A third decimal that is not zero: there is nothing below a paisa.
    #[error("has more than two decimals")]
    TooFine,
    /// More than 92 thousand million million rupees.
    #[error("is too large")]
    TooLarge,
    /// Anything else.
    #[error("is not a number")]
    NotANumber,
}

impl Paisa {
    /// Nothing.
    pub const ZERO: Paisa = Paisa(0);

    /// An amount from its number of paisa, as a ledger stores it.
    #[must_use]
    pub const fn from_paisa(paisa: i64) -> Paisa {
        Paisa(paisa)
    }

    /// An amount in whole rupees; `None` where it does not fit.
    #[must_use]
    pub const fn from_rupees(rupees: i64) -> Option<Paisa> {
        match rupees.checked_mul(100) {
            Some(paisa) => Some(Paisa(paisa)),
            None => None,
        }
    }

    /// The number of paisa, as a ledger stores it.
    #[must_use]
    pub const fn paisa(self) -> i64 {
        self.0
    }

    /// Reads rupees as plain digits, with at most two decimals that count:
    /// `1500`, `1500.5`, `1500.00`, `15000.0`. Strict on purpose: whoever
    /// cleans `Rs. 1,500/-` into this form knows the sheet, this does not.
    ///
    /// # Errors
    /// Says what is in the way; see [`AmountError`]. Never panics.
    pub fn parse(text: &str) -> Result<Paisa, AmountError> {
        if text.trim().is_empty() {
            return Err(AmountError::Blank);
        }
        if text.starts_with(['+', '-']) {
            return Err(AmountError::Signed);
        }
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        if !is_digits(whole) || !decimals.is_none_or(is_digits) {
            return Err(what_is_wrong(text));
        }
        from_decimal(whole, decimals.unwrap_or(""), 0)
    }

    /// Reads the text of a JSON number exactly, exponent included:
    /// `15000.0`, `1.5E4`. A hub that writes numbers writes them like this.
    ///
    /// # Errors
    /// As [`Paisa::parse`], but exponents are read. Never panics.
    pub fn parse_json_number(text: &str) -> Result<Paisa, AmountError> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
            return Paisa::parse(text);
        };
        let exponent: i32 = exponent.parse().map_err(|_| AmountError::NotANumber)?;
        if mantissa.starts_with(['+', '-']) {
            return Err(AmountError::Signed);
        }
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        if !is_digits(whole) || !is_digits(decimals) {
            return Err(AmountError::NotANumber);
        }
        from_decimal(whole, decimals, exponent)
    }

    /// The form the hub is sent: `1500`, and decimals only for paisa, `1500.50`.
    #[must_use]
    pub fn wire(self) -> String {
        self.to_string()
    }

    /// The form people and lists read: always two decimals, `1500.00`.
    #[must_use]
    pub fn two_decimals(self) -> String {
        let (sign, rupees, paisa) = self.parts();
        format!("{sign}{rupees}.{paisa:02}")
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Paisa) -> Option<Paisa> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Paisa(sum)),
            None => None,
        }
    }

    /// Whether there is anything to pay.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Reads a JSON string or number as the hub writes amounts.
    pub(crate) fn from_json(value: &Value) -> Result<Paisa, AmountError> {
        match value {
            Value::String(text) => Paisa::parse(text.trim()),
            Value::Number(number) => Paisa::parse_json_number(&number.to_string()),
            Value::Null => Err(AmountError::Blank),
            _ => Err(AmountError::NotANumber),
        }
    }

    fn parts(self) -> (&'static str, u64, u64) {
        let sign = if self.0 < 0 { "-" } else { "" };
        let paisa = self.0.unsigned_abs();
        (sign, paisa / 100, paisa % 100)
    }
}

/// Digits and decimals times a power of ten, in paisa; exact or an error.
fn from_decimal(whole: &str, decimals: &str, exponent: i32) -> Result<Paisa, AmountError> {
    // The value is `digits` x 10^shift paisa.
    let decimals = decimals.trim_end_matches('0');
    let mut shift = i64::from(exponent) + 2 - i64::try_from(decimals.len()).unwrap_or(i64::MAX / 2);
    let digits = [whole, decimals].concat();
    let mut digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(Paisa::ZERO);
    }
    while shift < 0 {
        digits = digits.strip_suffix('0').ok_or(AmountError::TooFine)?;
        shift += 1;
    }
    let mut paisa: i64 = digits.parse().map_err(|_| AmountError::TooLarge)?;
    for _ in 0..shift {
        paisa = paisa.checked_mul(10).ok_or(AmountError::TooLarge)?;
    }
    Ok(Paisa(paisa))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Names the fault of a text that is no plain decimal.
fn what_is_wrong(text: &str) -> AmountError {
    const SEPARATORS: [char; 5] = [',', '_', '\'', ' ', '\u{a0}'];
    let is_digit = |c: char| c.is_ascii_digit();
    if text.starts_with(is_digit) && text.ends_with(is_digit) {
        let joined = text.replace(SEPARATORS, "");
        if joined != text && !matches!(Paisa::parse(&joined), Err(AmountError::NotANumber)) {
            return AmountError::Separator;
        }
        if text.contains(['e', 'E'])
            && !matches!(Paisa::parse_json_number(text), Err(AmountError::NotANumber))
        {
            return AmountError::Exponent;
        }
    }
    AmountError::NotANumber
}

/// Prints as [`Paisa::wire`].
impl fmt::Display for Paisa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, rupees, paisa) = self.parts();
        if paisa == 0 {
            write!(f, "{sign}{rupees}")
        } else {
            write!(f, "{sign}{rupees}.{paisa:02}")
        }
    }
}

/// Always a string, as the guide's fields are: `"1500"`.
impl Serialize for Paisa {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From a string or a number, exactly.
impl<'de> Deserialize<'de> for Paisa {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Paisa, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Paisa::from_json(&value)
            .map_err(|why| de::Error::custom(format!("the amount {value} {why}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plain_amounts_are_read_to_the_paisa() {
        for (text, paisa) in [
            ("1500", 150_000),
            ("1500.5", 150_050),
            ("1500.00", 150_000),
            ("15000.0", 1_500_000),
            ("0.01", 1),
            ("0", 0),
            ("007", 700),
            ("12.340000000", 1_234),
            ("92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(Paisa::parse(text), Ok(Paisa(paisa)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_plain_amount_says_why() {
        use AmountError::*;
        for (text, why) in [
            ("", Blank),
            (" ", Blank),
            ("-5", Signed),
            ("+5", Signed),
            ("1,500", Separator),
            ("1 500", Separator),
            ("1.5E4", Exponent),
            ("3.5202E+12", Exponent),
            ("12.345", TooFine),
            ("92233720368547758.08", TooLarge),
            ("99999999999999999999999999", TooLarge),
            ("12,0O", NotANumber),
            ("1500.", NotANumber),
            (".5", NotANumber),
            ("1.2.3", NotANumber),
            ("۱۵۰۰", NotANumber),
            ("Rs 5", NotANumber),
        ] {
            assert_eq!(Paisa::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn json_numbers_are_read_from_their_text() {
        for (json, paisa) in [
            ("15000.0", 1_500_000),
            ("\"1400\"", 140_000),
            ("\" 1400.50 \"", 140_050),
            ("1.5E4", 1_500_000),
            ("1.5e+4", 1_500_000),
            ("150000E-2", 150_000),
            ("0e999999999", 0),
            ("0.1", 10),
        ] {
            let read: Paisa = serde_json::from_str(json).unwrap();
            assert_eq!(read, Paisa(paisa), "{json}");
        }
        for json in [
            "-5",
            "1e400",
            "1e-3",
            "0.001",
            "null",
            "[]",
            "{}",
            "true",
            "\"x\"",
            "1e99999999999",
        ] {
            assert!(serde_json::from_str::<Paisa>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_extremes_still_print() {
        assert_eq!(Paisa(i64::MIN).wire(), "-92233720368547758.08");
        assert_eq!(Paisa(-5).two_decimals(), "-0.05");
        assert_eq!(Paisa(i64::MAX).checked_add(Paisa(1)), None);
        assert_eq!(Paisa::from_rupees(i64::MAX), None);
    }
}
