//! A value as the hub said it, beside what was understood of it.

use chrono::NaiveDate;
use serde_json::Value;

use crate::amount::Paisa;
use crate::dates;

/// The hub's text for a value and, if it could be read, the value. A field
/// that the hub left out has an empty text and no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heard<T> {
    /// What the hub said: a string's text, a number's digits.
    pub text: String,
    /// What it means, if it could be read.
    pub value: Option<T>,
}

impl Heard<Paisa> {
    /// An amount, from a string or a number. Never fails.
    #[must_use]
    pub fn amount(json: &Value) -> Heard<Paisa> {
        Heard {
            text: text_of(json),
            value: Paisa::from_json(json).ok(),
        }
    }
}

impl Heard<NaiveDate> {
    /// A date in either of the guide's spellings, with slashes, or with a midnight behind it. Never
    /// fails.
    #[must_use]
    pub fn date(json: &Value) -> Heard<NaiveDate> {
        let text = text_of(json);
        let value = dates::parse_heard(&text).ok();
        Heard { text, value }
    }
}

/// What a person would read: no quotes round a string, nothing for null.
pub(crate) fn text_of(json: &Value) -> String {
    match json {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
