//! Bulk requests: the echo of `add-bulk`, the list of requests, and one
//! request with its payments (guide, sections 3, 4 and 5).

use std::fmt;

use chrono::NaiveDate;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::amount::Paisa;
use crate::fields::{Around, Fields, int_of};
use crate::heard::Heard;
use crate::hub_time::HubTime;
use crate::page::Page;
use crate::payment::Payment;
use crate::status::{EchoStatus, RequestStatus};

/// The `data` of an `add-bulk` answer, good (200) or bad (400).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddBulkEcho {
    /// The request's number, under which its payments are asked for.
    pub bulk_payment_request_id: Option<i64>,
    /// The rows as the hub has them, each with its own status; `None` if it
    /// echoed none.
    pub payments: Option<Vec<EchoRow>>,
}

/// One row of the echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoRow {
    /// As sent, blanks included.
    pub title: Option<String>,
    /// As sent, blanks included.
    pub identifier: Option<String>,
    /// As sent, as text or as a number.
    pub amount: Heard<Paisa>,
    /// In either spelling; the guide's own sample echoes another day than was sent.
    pub due_date: Heard<NaiveDate>,
    /// May be empty: it is the reason for a refusal in the guide's sample.
    pub amount_after_due_date: Heard<Paisa>,
    /// Accepted, or why not.
    pub status: EchoStatus,
}

/// One line of the list of bulk requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRequest {
    /// Its number.
    pub id: Option<i64>,
    /// When the hub got it.
    pub created_at: Option<HubTime>,
    /// When the hub last changed it.
    pub updated_at: Option<HubTime>,
    /// How many rows it has: `vouchersCount` or `paymentCount`. Whether refused
    /// rows are counted, the guide does not say.
    pub count: Option<u64>,
    /// How far the hub is with it.
    pub status: RequestStatus,
    /// What the hub has to say about it.
    pub message: Option<String>,
    /// `JSON` or `CSV`.
    pub content_type: Option<String>,
    /// The file's name, for one that came as a CSV.
    pub file_name: Option<String>,
}

/// One bulk request with its payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRequestDetail {
    /// Its number: `bulkPaymentRequestId`.
    pub id: Option<i64>,
    /// When the hub got it; the guide's sample has a date only.
    pub uploaded_at: Option<HubTime>,
    /// When the hub last changed it.
    pub updated_at: Option<HubTime>,
    /// How far the hub is with it.
    pub status: RequestStatus,
    /// What the hub has to say about it.
    pub message: Option<String>,
    /// Its payments, each with its current status.
    pub payments: Page<Payment>,
}

/// From an object, an array holding one, or a bare array of rows. An id that is
/// there but is no number is an error, not a missing id: from a missing one, a
/// caller concludes that nothing was taken.
impl<'de> Deserialize<'de> for AddBulkEcho {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AddBulkEcho, D::Error> {
        deserializer.deserialize_any(EchoVisitor)
    }
}

struct EchoVisitor;

impl<'de> Visitor<'de> for EchoVisitor {
    type Value = AddBulkEcho;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an echo")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AddBulkEcho, A::Error> {
        let Around { mut fields, long } = Around::rest(map, "payments")?;
        let bulk_payment_request_id = match fields.take("bulkPaymentRequestId") {
            Some(id) => Some(
                int_of(&id)
                    .ok_or_else(|| Error::custom("a bulkPaymentRequestId that is no number"))?,
            ),
            None => None,
        };
        Ok(AddBulkEcho {
            bulk_payment_request_id,
            payments: long,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<AddBulkEcho, A::Error> {
        let mut rows = Vec::new();
        // Only the first element may be an echo, and only if nothing follows it.
        if let Some(first) = items.next_element::<Value>()? {
            let second = items.next_element()?;
            if second.is_none() && is_echo(&first) {
                return serde_json::from_value(first).map_err(Error::custom);
            }
            rows.push(serde_json::from_value(first).map_err(Error::custom)?);
            rows.extend(second);
        }
        while let Some(next) = items.next_element()? {
            rows.push(next);
        }
        Ok(AddBulkEcho {
            bulk_payment_request_id: None,
            payments: Some(rows),
        })
    }
}

fn is_echo(value: &Value) -> bool {
    ["payments", "bulkPaymentRequestId"]
        .iter()
        .any(|name| value.get(name).is_some())
}

impl<'de> Deserialize<'de> for EchoRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EchoRow, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(EchoRow {
            title: fields.text("title"),
            identifier: fields.text("identifier"),
            amount: fields.amount("amount"),
            due_date: fields.date("dueDate"),
            amount_after_due_date: fields.amount("amountAfterDueDate"),
            status: EchoStatus::read(&fields.text("status").unwrap_or_default()),
        })
    }
}

impl<'de> Deserialize<'de> for BulkRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BulkRequest, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        let id = fields.int("id");
        let count = fields.count("vouchersCount");
        Ok(BulkRequest {
            id: id.or_else(|| fields.int("bulkPaymentRequestId")),
            created_at: fields.time("createdAt"),
            updated_at: fields.time("updatedAt"),
            count: count.or_else(|| fields.count("paymentCount")),
            status: RequestStatus::read(&fields.text("status").unwrap_or_default()),
            message: fields.text("message"),
            content_type: fields.text("contentType"),
            file_name: fields.text("fileName"),
        })
    }
}

/// Without its payments it is an error: a request that can't be read whole.
impl<'de> Deserialize<'de> for BulkRequestDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BulkRequestDetail, D::Error> {
        let Around { mut fields, long } = Around::read(deserializer, "payments")?;
        let payments = long.ok_or_else(|| Error::missing_field("payments"))?;
        let id = fields.int("bulkPaymentRequestId");
        Ok(BulkRequestDetail {
            id: id.or_else(|| fields.int("id")),
            uploaded_at: fields.time("uploadedAt"),
            updated_at: fields.time("updatedAt"),
            status: RequestStatus::read(&fields.text("status").unwrap_or_default()),
            message: fields.text("message"),
            payments,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ROW: &str = r#"{"identifier": "A1", "amount": 1500, "status": "PROCESSED"}"#;

    fn echo(text: &str) -> Result<AddBulkEcho, serde_json::Error> {
        // As text, and as a tree of values: both are read.
        let from_text = serde_json::from_str::<AddBulkEcho>(text);
        let value: Value = serde_json::from_str(text).unwrap();
        match (from_text, serde_json::from_value::<AddBulkEcho>(value)) {
            (Ok(a), Ok(b)) => {
                assert_eq!(a, b, "{text}");
                Ok(a)
            }
            (a, b) => {
                assert!(a.is_err() && b.is_err(), "{text}: {a:?}, {b:?}");
                a
            }
        }
    }

    #[test]
    fn an_echo_is_read_in_every_wrapping() {
        let whole = format!(r#"{{"bulkPaymentRequestId": "11", "payments": [{ROW}]}}"#);
        for (text, id, rows) in [
            (whole.clone(), Some(11), Some(1)),
            (format!("[{whole}]"), Some(11), Some(1)),
            (format!("[{ROW}]"), None, Some(1)),
            (format!("[{ROW}, {ROW}, {ROW}]"), None, Some(3)),
            ("[]".to_owned(), None, Some(0)),
            (r#"{"payments": null}"#.to_owned(), None, None),
            ("{}".to_owned(), None, None),
        ] {
            let echo = echo(&text).unwrap();
            assert_eq!(echo.bulk_payment_request_id, id, "{text}");
            assert_eq!(echo.payments.map(|rows| rows.len()), rows, "{text}");
        }
        for text in [
            r#"{"bulkPaymentRequestId": "eleven"}"#,
            r#"{"payments": {}}"#,
            r#"[{"payments": 1}]"#,
            "[1]",
            "null",
            r#""11""#,
        ] {
            assert!(echo(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_read_however_it_is_written_and_the_last_of_two_counts() {
        let text = r#"{"\u0069dentifier": "A1", "amount": "1", "x": {}, "amount": "2"}"#;
        let row: EchoRow = serde_json::from_str(text).unwrap();
        assert_eq!(row.identifier.as_deref(), Some("A1"));
        assert_eq!(row.amount.text, "2");
    }
}
