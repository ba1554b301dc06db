//! What every answer of the hub comes in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::fields::int_of;
use crate::heard::text_of;

/// `{"responseCode", "responseMessage", "data"}`, any of which may be missing.
/// The code inside can disagree with the HTTP status: only 200 in both is
/// success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<T> {
    /// The hub's own code; `None` if it is missing or no number.
    pub response_code: Option<i64>,
    /// The hub's words.
    pub response_message: Option<String>,
    /// The answer itself; `None` if it is missing or null.
    pub data: Option<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Envelope<T>, D::Error> {
        deserializer.deserialize_map(Fill(PhantomData))
    }
}

struct Fill<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fill<T> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of the hub")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<T>, A::Error> {
        let mut envelope = Envelope {
            response_code: None,
            response_message: None,
            data: None,
        };
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "responseCode" => envelope.response_code = int_of(&map.next_value::<Value>()?),
                "responseMessage" => {
                    let text = text_of(&map.next_value::<Value>()?);
                    envelope.response_message = (!text.is_empty()).then_some(text);
                }
                "data" => envelope.data = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(envelope)
    }
}
