//! The hub's timestamps: to the minute, without a zone, in two spellings, and
//! sometimes of a day that does not exist.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};

/// How far Pakistan's clocks are ahead of UTC. That the hub means Pakistan's
/// time is an assumption (the guide names no zone): show it, rest nothing on it.
const HOURS_AHEAD_OF_UTC: i64 = 5;

/// A time as the hub said it, and the moment it means if it means one.
///
/// ```
/// use asaanbill_core::HubTime;
///
/// let known = HubTime::read("05:31AM 12-Feb-2025");
/// assert_eq!(known.utc.map(|t| t.to_rfc3339()).as_deref(), Some("2025-02-12T00:31:00+00:00"));
/// assert_eq!(HubTime::read("N/A").utc, None);
/// assert_eq!(HubTime::read("08:49AM 31-Jun-2025").text, "08:49AM 31-Jun-2025");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HubTime {
    /// What the hub said, unchanged.
    pub text: String,
    /// The moment, where the text is one.
    pub utc: Option<DateTime<Utc>>,
}

impl HubTime {
    /// Reads `10:22 AM 10-Jan-2025` or `05:31AM 12-Feb-2025`; any other text is
    /// kept without a moment. Never fails.
    #[must_use]
    pub fn read(text: &str) -> HubTime {
        // A blank in a chrono format stands for any number of blanks, none included.
        let utc = NaiveDateTime::parse_from_str(text.trim(), "%I:%M %p %d-%b-%Y")
            .ok()
            .and_then(|local| local.checked_sub_signed(TimeDelta::hours(HOURS_AHEAD_OF_UTC)))
            .map(|utc| utc.and_utc());
        HubTime {
            text: text.to_owned(),
            utc,
        }
    }
}

/// As its text.
impl Serialize for HubTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_pakistan_time() {
        for (text, utc) in [
            ("10:22 AM 10-Jan-2025", Some("2025-01-10T05:22:00+00:00")),
            ("10:22AM 10-Jan-2025", Some("2025-01-10T05:22:00+00:00")),
            ("03:24PM 27-Jan-2025", Some("2025-01-27T10:24:00+00:00")),
            ("12:05AM 01-Jan-2025", Some("2024-12-31T19:05:00+00:00")),
            ("12:05 pm 01-Jan-2025", Some("2025-01-01T07:05:00+00:00")),
            ("08:49AM 31-Jun-2025", None),
            ("N/A", None),
            ("27-01-2025", None),
            ("", None),
        ] {
            let time = HubTime::read(text);
            assert_eq!(time.utc.map(|t| t.to_rfc3339()).as_deref(), utc, "{text}");
            assert_eq!(time.text, text);
        }
    }
}
