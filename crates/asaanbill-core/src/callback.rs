//! What the hub posts to the integrator, and the answer it waits for
//! (guide, "Call-back APIs"). They are not signed: a callback is a hint to ask
//! the hub, never a fact.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use crate::amount::Paisa;
use crate::fields::Fields;
use crate::heard::Heard;
use crate::psid::Psid;

/// `POST /processed`: somebody says that a payment was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessedCallback {
    /// The payment's title.
    pub title: Option<String>,
    /// The payment's identifier.
    pub identifier: Option<String>,
    /// Its due date.
    pub due_date: Heard<NaiveDate>,
    /// Its amount.
    pub amount: Heard<Paisa>,
    /// Its amount after the due date.
    pub amount_after_due_date: Heard<Paisa>,
    /// Its PSID.
    pub psid: Option<Psid>,
}

/// `POST /bulk-payment-request-approved`: a bulk request's payments have their
/// PSIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkApprovedCallback {
    /// Which request.
    pub bulk_payment_request_id: Option<i64>,
}

/// The answer to either, due within five seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallbackAnswer {
    /// 200 acknowledges receipt.
    pub response_code: u16,
    /// For a person.
    pub response_message: String,
}

impl CallbackAnswer {
    /// Acknowledges receipt, in the guide's words.
    #[must_use]
    pub fn received() -> CallbackAnswer {
        CallbackAnswer {
            response_code: 200,
            response_message: "Request processed successfully".to_owned(),
        }
    }

    /// Refuses it; the hub may try again.
    #[must_use]
    pub fn refused(response_code: u16, why: impl Into<String>) -> CallbackAnswer {
        CallbackAnswer {
            response_code,
            response_message: why.into(),
        }
    }
}

impl<'de> Deserialize<'de> for ProcessedCallback {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ProcessedCallback, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(ProcessedCallback {
            title: fields.text("title"),
            identifier: fields.text("identifier"),
            due_date: fields.date("dueDate"),
            amount: fields.amount("amount"),
            amount_after_due_date: fields.amount("amountAfterDueDate"),
            psid: fields.text("psid").and_then(|text| Psid::heard(&text)),
        })
    }
}

impl<'de> Deserialize<'de> for BulkApprovedCallback {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BulkApprovedCallback, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(BulkApprovedCallback {
            bulk_payment_request_id: fields.int("bulkPaymentRequestId"),
        })
    }
}
