//! Reads the fields of an answer one by one, so that an odd one never costs
//! the others. Numbers are taken by their text; a name that comes twice counts
//! as it came last; a name that is unknown is passed over.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::NaiveDate;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::amount::Paisa;
use crate::heard::{Heard, text_of};
use crate::hub_time::HubTime;

/// The fields of one JSON object, as they came: so few that none is sorted, and no name is copied that
/// stands in the answer.
pub(crate) struct Fields<'de>(Vec<(Cow<'de, str>, Value)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::with_capacity(FIELDS_USUAL);
        while let Some(Name(name)) = map.next_key()? {
            fields.push((name, map.next_value()?));
        }
        Ok(Fields(fields))
    }
}

/// About as many as the largest object of the guide has.
const FIELDS_USUAL: usize = 16;

/// A field's name, borrowed where it stands in the text as it is.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl From<Map<String, Value>> for Fields<'_> {
    fn from(map: Map<String, Value>) -> Self {
        let fields = map.into_iter();
        Fields(fields.map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<'de> Fields<'de> {
    /// The object itself, or the only element of an array: the guide wraps
    /// `data` in an array in some samples and not in others.
    pub(crate) fn unwrapped(value: Value) -> Result<Fields<'de>, &'static str> {
        match value {
            Value::Object(map) => Ok(map.into()),
            Value::Array(mut items) if items.len() == 1 => match items.pop() {
                Some(Value::Object(map)) => Ok(map.into()),
                _ => Err("expected an object in the array"),
            },
            _ => Err("expected an object"),
        }
    }

    /// The value of a field that is there and not null.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let mut last = None;
        for (known, value) in &mut self.0 {
            if known == name {
                last = Some(std::mem::take(value));
            }
        }
        last.filter(|value| !value.is_null())
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

/// The fields of an object, but for a long one that is read straight into what it means: five
/// thousand payments as a tree of values would take five times their memory.
pub(crate) struct Around<'de, T> {
    pub(crate) fields: Fields<'de>,
    /// `None` if it is missing or null.
    pub(crate) long: Option<T>,
}

impl<'de, T> Around<'de, T> {
    /// Reads the object itself, or the only element of an array; `name` is the long field.
    pub(crate) fn read<D>(deserializer: D, name: &'static str) -> Result<Around<'de, T>, D::Error>
    where
        D: Deserializer<'de>,
        T: Deserialize<'de>,
    {
        deserializer.deserialize_any(AroundVisitor {
            name,
            in_array: false,
            long: PhantomData,
        })
    }

    /// Reads the rest of an object that has begun.
    pub(crate) fn rest<A>(mut map: A, name: &str) -> Result<Around<'de, T>, A::Error>
    where
        A: MapAccess<'de>,
        T: Deserialize<'de>,
    {
        let mut fields = Vec::new();
        let mut long = None;
        while let Some(Name(known)) = map.next_key()? {
            if known == name {
                long = map.next_value()?;
            } else {
                fields.push((known, map.next_value()?));
            }
        }
        let fields = Fields(fields);
        Ok(Around { fields, long })
    }
}

struct AroundVisitor<T> {
    name: &'static str,
    in_array: bool,
    long: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AroundVisitor<T> {
    type Value = Around<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.in_array {
            true => "an object in the array",
            false => "an object",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Around<'de, T>, A::Error> {
        Around::rest(map, self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Around<'de, T>, A::Error> {
        let inner = AroundVisitor {
            in_array: true,
            ..self
        };
        let around = match items.next_element_seed(inner)? {
            Some(around) if !self.in_array => around,
            _ => return Err(A::Error::custom("expected an object")),
        };
        match items.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom("expected an object")),
            None => Ok(around),
        }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for AroundVisitor<T> {
    type Value = Around<'de, T>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Around<'de, T>, D::Error> {
        deserializer.deserialize_any(self)
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
