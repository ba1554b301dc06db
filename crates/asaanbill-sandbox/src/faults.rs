//! Faults on command: rules that say which calls go wrong, and how.
//!
//! A call is tried against the rules in the order they were given. A rule
//! that fits and still has calls to skip counts one off and lets the next
//! rule look; the first that fits with nothing left to skip fires.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The hub's eight calls, by the names the control API has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// `POST /login`
    Login,
    /// `POST /add`
    Add,
    /// `POST /add-bulk`
    AddBulk,
    /// `GET /bulk-payment-request`
    BulkList,
    /// `GET /bulk-payment-request/{id}`
    BulkStatus,
    /// `GET /payment`
    PaymentList,
    /// `GET /payment/{id}`
    Payment,
    /// `GET /search/{psid}`
    Search,
}

/// When something goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which call; `None` (`"any"`) is every one.
    #[serde(with = "endpoint_or_any")]
    pub on: Option<Endpoint>,
    /// Whose call; `None` is everyone's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How many fitting calls go well first.
    #[serde(default)]
    pub skip: u32,
    /// How many fitting calls go wrong then; `None` (`null`) is all of them.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What goes wrong.
    #[serde(rename = "do", deserialize_with = "fault_in_any_form")]
    pub fault: Fault,
}

/// What goes wrong. The crate's page has the same as a table, with JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// This answer, and no work.
    Status {
        /// The HTTP status.
        code: u16,
        /// A JSON text is sent as it is, other JSON as JSON; without one the
        /// hub's usual `{"responseCode", "responseMessage", "data": null}`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// Further headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// The work is done and journalled, then this is answered.
    AfterStatus {
        /// The HTTP status.
        code: u16,
        /// As in `Status`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
    },
    /// The connection is closed; no work, no answer.
    CloseBefore {
        /// How much of the request's body is read before: 0 is right after
        /// the headers, `None` the whole of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read_bytes: Option<u64>,
    },
    /// The work is done and journalled; then the connection is closed
    /// without a byte.
    CloseAfter,
    /// The work is done; the headers and this many bytes of the body are
    /// sent under the full content-length; then the connection is closed.
    CutAfter {
        /// Bytes of the body that still arrive.
        bytes: u64,
    },
    /// Waits, then works and answers. A caller that gives up meanwhile does
    /// not stop the work.
    DelayBeforeMs(u64),
    /// Works, waits, then answers.
    DelayAfterMs(u64),
    /// 429 or 503 with this `Retry-After`, and no work.
    RetryAfter {
        /// The HTTP status.
        code: u16,
        /// The header's text, sensible or not.
        header: String,
    },
    /// 401, and the user's token is forgotten. No work.
    Unauthorized,
    /// A redirect, and no work.
    Redirect {
        /// The `Location`.
        to: String,
        /// The HTTP status, 307 if not given.
        #[serde(default = "temporary_redirect")]
        code: u16,
    },
    /// The work is done; a 200 with a page of HTML is answered.
    Html,
    /// The work is done; status and `responseCode` are these.
    BodyCode {
        /// The HTTP status.
        http: u16,
        /// The `responseCode`.
        code: u16,
    },
    /// The work is done; the rows of the `/add-bulk` echo are garbled.
    GarbleEcho(Garble),
    /// The work is done; the echo has its bulk id, and no `payments`.
    NoEcho,
    /// These rows of an `/add` or `/add-bulk` are refused.
    RefuseRows {
        /// Rows with these identifiers.
        #[serde(default)]
        identifiers: Vec<String>,
        /// The n-th row, the 2n-th row …
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<usize>,
        /// In these words.
        #[serde(default = "refusal")]
        message: String,
    },
    /// Every row is refused.
    RefuseAll {
        /// In these words.
        #[serde(default = "refusal")]
        message: String,
    },
    /// The work is done; the body arrives this slowly.
    Drip {
        /// At least 1.
        bytes_per_second: u64,
    },
    /// The work is done; the answer is a 200 whose JSON is this long.
    Huge {
        /// Bytes of the body.
        bytes: u64,
    },
}

/// What to do to the rows of an echo, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Garble {
    /// Every row's due date becomes another.
    pub other_dates: bool,
    /// The first row gets an identifier that nobody sent.
    pub foreign_identifier: bool,
    /// A row is added that nobody sent.
    pub extra_row: bool,
    /// Rows are reversed.
    pub shuffle: bool,
    /// This many rows are missing from the end.
    pub drop_rows: usize,
}

impl Rule {
    /// The fault happens to the next fitting call. `None` is any call.
    #[must_use]
    pub fn once(on: impl Into<Option<Endpoint>>, fault: Fault) -> Rule {
        Rule {
            on: on.into(),
            user: None,
            skip: 0,
            times: Some(1),
            fault,
        }
    }

    /// Lets this many fitting calls go well first.
    #[must_use]
    pub fn skip(self, skip: u32) -> Rule {
        Rule { skip, ..self }
    }

    /// Happens to this many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Rule {
        Rule {
            times: Some(times),
            ..self
        }
    }

    /// Happens until the rule is taken away.
    #[must_use]
    pub fn for_ever(self) -> Rule {
        Rule {
            times: None,
            ..self
        }
    }

    /// Happens to this user's calls only.
    #[must_use]
    pub fn for_user(self, user: &str) -> Rule {
        Rule {
            user: Some(user.to_owned()),
            ..self
        }
    }

    fn fits(&self, endpoint: Endpoint, user: &str) -> bool {
        self.on.is_none_or(|on| on == endpoint)
            && self.user.as_deref().is_none_or(|name| name == user)
    }

    /// Why this rule can't be kept.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.times == Some(0) {
            return Some("times is at least 1, or null for ever".to_owned());
        }
        let code = match &self.fault {
            Fault::Status { code, .. }
            | Fault::AfterStatus { code, .. }
            | Fault::RetryAfter { code, .. }
            | Fault::Redirect { code, .. } => *code,
            Fault::BodyCode { http, .. } => *http,
            Fault::Drip {
                bytes_per_second: 0,
            } => {
                return Some("bytes_per_second is at least 1".to_owned());
            }
            Fault::RefuseRows { every: Some(0), .. } => {
                return Some("every is at least 1".to_owned());
            }
            _ => 200,
        };
        (!(200..600).contains(&code)).then(|| format!("{code} is not a status to answer with"))
    }
}

impl Fault {
    /// Its name in the control API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Fault::Status { .. } => "status",
            Fault::AfterStatus { .. } => "after_status",
            Fault::CloseBefore { .. } => "close_before",
            Fault::CloseAfter => "close_after",
            Fault::CutAfter { .. } => "cut_after",
            Fault::DelayBeforeMs(_) => "delay_before_ms",
            Fault::DelayAfterMs(_) => "delay_after_ms",
            Fault::RetryAfter { .. } => "retry_after",
            Fault::Unauthorized => "unauthorized",
            Fault::Redirect { .. } => "redirect",
            Fault::Html => "html",
            Fault::BodyCode { .. } => "body_code",
            Fault::GarbleEcho(_) => "garble_echo",
            Fault::NoEcho => "no_echo",
            Fault::RefuseRows { .. } => "refuse_rows",
            Fault::RefuseAll { .. } => "refuse_all",
            Fault::Drip { .. } => "drip",
            Fault::Huge { .. } => "huge",
        }
    }
}

impl Fault {
    /// Whether it is about the connection alone, and needs one.
    pub(crate) fn is_of_the_line(&self) -> bool {
        match self {
            Fault::CloseBefore {
                read_bytes: Some(_),
            }
            | Fault::CutAfter { .. }
            | Fault::DelayBeforeMs(_)
            | Fault::DelayAfterMs(_)
            | Fault::Drip { .. }
            | Fault::Huge { .. } => true,
            Fault::Status { .. }
            | Fault::AfterStatus { .. }
            | Fault::CloseBefore { read_bytes: None }
            | Fault::CloseAfter
            | Fault::RetryAfter { .. }
            | Fault::Unauthorized
            | Fault::Redirect { .. }
            | Fault::Html
            | Fault::BodyCode { .. }
            | Fault::GarbleEcho(_)
            | Fault::NoEcho
            | Fault::RefuseRows { .. }
            | Fault::RefuseAll { .. } => false,
        }
    }
}

/// The fault for this call, if a rule fires; used-up rules go away.
pub(crate) fn fire(rules: &mut Vec<Rule>, endpoint: Endpoint, user: &str) -> Option<Fault> {
    for at in 0..rules.len() {
        let rule = &mut rules[at];
        if !rule.fits(endpoint, user) {
            continue;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                rules.remove(at);
            }
        }
        return Some(fault);
    }
    None
}

fn once() -> Option<u32> {
    Some(1)
}

fn refusal() -> String {
    "Payment could not be drafted".to_owned()
}

fn temporary_redirect() -> u16 {
    307
}

/// `"close_after"`, `{"close_after": {}}` and `{"close_after": true}` are the
/// same; so are `"close_before"` and `{"close_before": {}}`.
fn fault_in_any_form<'de, D: Deserializer<'de>>(value: D) -> Result<Fault, D::Error> {
    const WITHOUT_FIELDS: [&str; 4] = ["close_after", "unauthorized", "html", "no_echo"];
    let value = match Value::deserialize(value)? {
        Value::String(name) => Value::Object([(name, Value::Null)].into_iter().collect()),
        value => value,
    };
    let Value::Object(map) = value else {
        return Err(serde::de::Error::custom(
            "`do` is one fault: its name, or {name: details}",
        ));
    };
    let mut faults = map.into_iter();
    let (Some((name, details)), None) = (faults.next(), faults.next()) else {
        return Err(serde::de::Error::custom("`do` holds exactly one fault"));
    };
    let details = match details {
        Value::Null | Value::Bool(true) => Value::Object(serde_json::Map::new()),
        details => details,
    };
    let plain = WITHOUT_FIELDS.contains(&name.as_str()) && details == serde_json::json!({});
    let fault = if plain {
        Value::String(name)
    } else {
        Value::Object([(name, details)].into_iter().collect())
    };
    serde_json::from_value(fault).map_err(serde::de::Error::custom)
}

mod endpoint_or_any {
    use super::{Endpoint, Value};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(
        on: &Option<Endpoint>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        match on {
            Some(endpoint) => endpoint.serialize(out),
            None => out.serialize_str("any"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        value: D,
    ) -> Result<Option<Endpoint>, D::Error> {
        match Value::deserialize(value)? {
            Value::String(any) if any == "any" => Ok(None),
            // The list of the names it could be ends with `search`, and lacks the one that is none.
            value => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| serde::de::Error::custom(format!("`on`: {error} or `any`"))),
        }
    }
}
