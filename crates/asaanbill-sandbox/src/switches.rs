//! Standing switches: how the hub behaves until it is told otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// How the hub behaves now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Rows with these identifiers are refused with these words.
    pub refuse_identifiers: BTreeMap<String, String>,
    /// Rows whose title holds one of these texts are refused with its words.
    pub refuse_titles_containing: BTreeMap<String, String>,
    /// The most payments one `/add-bulk` may carry, if not the config's.
    pub max_rows: Option<usize>,
    /// Every call but `/login` is answered 403.
    pub role_denied: bool,
    /// Every call of the hub is closed without an answer and without work.
    /// The control API stays open. (For a port that refuses connections see
    /// `/sandbox/away`.)
    pub down: bool,
    /// PSIDs are not assigned until this is off again, or `/sandbox/assign`.
    pub psid_hold: bool,
    /// Payments of these identifiers end ERRORED instead of getting a PSID.
    pub error_identifiers: Vec<String>,
    /// More calls of a user than this within a minute are answered 429.
    pub limit_per_minute: Option<u32>,
    /// `/login` answers tokens that every other call refuses.
    pub dead_tokens: bool,
    /// Timestamps are of the 31st of June, as in the guide's endpoint 8.
    pub impossible_days: bool,
}

/// What to change; whatever is not named stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchesChange {
    /// Replaces the whole map.
    pub refuse_identifiers: Option<BTreeMap<String, String>>,
    /// Replaces the whole map.
    pub refuse_titles_containing: Option<BTreeMap<String, String>>,
    /// `null` goes back to the config's.
    #[serde(deserialize_with = "given")]
    pub max_rows: Option<Option<usize>>,
    /// See [`Switches::role_denied`].
    pub role_denied: Option<bool>,
    /// New passwords by user. Tokens given out before stay good.
    pub password: BTreeMap<String, String>,
    /// See [`Switches::down`].
    pub down: Option<bool>,
    /// See [`Switches::psid_hold`].
    pub psid_hold: Option<bool>,
    /// Replaces the whole list.
    pub error_identifiers: Option<Vec<String>>,
    /// `null` takes the limit away.
    #[serde(deserialize_with = "given")]
    pub limit_per_minute: Option<Option<u32>>,
    /// See [`Switches::dead_tokens`].
    pub dead_tokens: Option<bool>,
    /// See [`Switches::impossible_days`].
    pub impossible_days: Option<bool>,
}

/// Tells a `null` from a key that is not there.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

impl Switches {
    /// Makes the change, but for passwords, which the hub keeps elsewhere.
    pub(crate) fn change(&mut self, change: SwitchesChange) {
        fn put<T>(target: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *target = value;
            }
        }
        put(&mut self.refuse_identifiers, change.refuse_identifiers);
        put(
            &mut self.refuse_titles_containing,
            change.refuse_titles_containing,
        );
        put(&mut self.max_rows, change.max_rows);
        put(&mut self.role_denied, change.role_denied);
        put(&mut self.down, change.down);
        put(&mut self.psid_hold, change.psid_hold);
        put(&mut self.error_identifiers, change.error_identifiers);
        put(&mut self.limit_per_minute, change.limit_per_minute);
        put(&mut self.dead_tokens, change.dead_tokens);
        put(&mut self.impossible_days, change.impossible_days);
    }

    /// Why this row is refused by a switch, if it is.
    pub(crate) fn refusal(&self, identifier: &str, title: &str) -> Option<String> {
        if let Some(message) = self.refuse_identifiers.get(identifier) {
            return Some(message.clone());
        }
        self.refuse_titles_containing
            .iter()
            .find(|(part, _)| title.contains(part.as_str()))
            .map(|(_, message)| message.clone())
    }
}
