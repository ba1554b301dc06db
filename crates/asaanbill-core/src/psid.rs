//! The PSID: the 24 digits under which a payer finds the bill in any banking app.

use std::fmt;

use serde::{Serialize, Serializer};

/// How many digits the guide gives a PSID.
const DIGITS: usize = 24;

/// A Payment System Identifier. Text, never a number: it has more digits than
/// any number type a spreadsheet keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Psid(String);

/// Why a text is not a PSID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a PSID; a PSID is 24 digits, such as 100139100100154854584585")]
pub struct PsidError {
    /// The text that was given.
    pub text: String,
}

impl Psid {
    /// Reads what a person typed: 24 digits, blanks around them allowed.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(text: &str) -> Result<Psid, PsidError> {
        let psid = Psid(text.trim().to_owned());
        if psid.is_well_formed() {
            Ok(psid)
        } else {
            Err(PsidError {
                text: text.to_owned(),
            })
        }
    }

    /// Keeps what the hub said, whatever its length, so that it can be shown;
    /// `None` if it said nothing.
    #[must_use]
    pub fn heard(text: &str) -> Option<Psid> {
        let text = text.trim();
        (!text.is_empty()).then(|| Psid(text.to_owned()))
    }

    /// Whether it is 24 digits.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.0.len() == DIGITS && self.0.bytes().all(|b| b.is_ascii_digit())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Psid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As a string: a number would lose digits.
impl Serialize for Psid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_psid_is_24_digits() {
        assert_eq!(
            Psid::parse(" 100139100100154854584585 ")
                .map(|p| p.to_string())
                .as_deref(),
            Ok("100139100100154854584585")
        );
        for wrong in [
            "",
            "10013910010015485458458",
            "1001391001001548545845850",
            "10013910010015485458458x",
        ] {
            assert!(Psid::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_odd_psid_from_the_hub_is_still_shown() {
        let odd = Psid::heard("12345");
        assert_eq!(odd.as_ref().map(Psid::as_str), Some("12345"));
        assert_eq!(odd.map(|p| p.is_well_formed()), Some(false));
        assert_eq!(Psid::heard("  "), None);
    }
}
