//! Reads the fields of an answer one by one, so that an odd one never costs
//! the others. Numbers are taken by their text; a name that comes twice counts
//! as it came last; a name that is unknown is passed over.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::amount::Paisa;
use crate::heard::{Heard, text_of};
use crate::hub_time::HubTime;

/// The fields of one JSON object.
pub(crate) struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        Map::deserialize(deserializer).map(Fields)
    }
}

impl Fields {
    /// The object itself, or the only element of an array: the guide wraps
    /// `data` in an array in some samples and not in others.
    pub(crate) fn unwrapped(value: Value) -> Result<Fields, &'static str> {
        match value {
            Value::Object(map) => Ok(Fields(map)),
            Value::Array(mut items) if items.len() == 1 => match items.pop() {
                Some(Value::Object(map)) => Ok(Fields(map)),
                _ => Err("expected an object in the array"),
            },
            _ => Err("expected an object"),
        }
    }

    /// The value of a field that is there and not null.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// A string, or a number's or boolean's text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(text_of(&value)),
            _ => None,
        }
    }

    /// A whole number, written as a number or as a string.
    pub(crate) fn int(&mut self, name: &str) -> Option<i64> {
        self.take(name).as_ref().and_then(int_of)
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, name: &str) -> Option<u64> {
        self.int(name).and_then(|n| u64::try_from(n).ok())
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn amount(&mut self, name: &str) -> Heard<Paisa> {
        Heard::<Paisa>::amount(&self.take(name).unwrap_or_default())
    }

    pub(crate) fn date(&mut self, name: &str) -> Heard<NaiveDate> {
        Heard::<NaiveDate>::date(&self.take(name).unwrap_or_default())
    }

    pub(crate) fn time(&mut self, name: &str) -> Option<HubTime> {
        self.text(name).map(|text| HubTime::read(&text))
    }
}

/// `29`, `"29"` and `29.0` are all 29.
pub(crate) fn int_of(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => &text,
    };
    whole.parse().ok()
}
