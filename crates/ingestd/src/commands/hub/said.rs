//! What the hub said, cleaned: the guide's spellings become one, and what can't be read stays as it was said.

use asaanbill_core::{BulkRequest, BulkRequestDetail, Heard, HubTime, Paisa, Payment, dates};
use chrono::NaiveDate;
use serde::Serialize;

use crate::commands::printing::cell;

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentSaid {
    /// The hub's number for it.
    pub payment_id: Option<i64>,
    /// What the payer's bank shows.
    pub title: Option<String>,
    /// Who pays.
    pub identifier: Option<String>,
    /// Rupees with two decimals.
    pub amount: Option<String>,
    /// `yyyy-MM-dd`.
    pub due_date: Option<String>,
    /// Rupees with two decimals.
    pub amount_after_due_date: Option<String>,
    /// The PSID, once there is one.
    pub psid: Option<String>,
    /// The hub's word: `APPROVED` is unpaid, `PROCESSED` is paid.
    pub status: String,
    /// UTC, where it can be read.
    pub created_at: Option<String>,
    /// UTC, where it can be read.
    pub updated_at: Option<String>,
    /// UTC, where it can be read.
    pub paid_at: Option<String>,
}

impl PaymentSaid {
    pub(super) const COLUMNS: &'static [&'static str] = &[
        "payment_id",
        "title",
        "identifier",
        "amount",
        "due_date",
        "amount_after_due_date",
        "psid",
        "status",
        "created_at",
        "updated_at",
        "paid_at",
    ];

    pub(super) fn of(payment: &Payment) -> Self {
        PaymentSaid {
            payment_id: payment.id,
            title: trimmed(payment.title.as_deref()),
            identifier: trimmed(payment.identifier.as_deref()),
            amount: amount(&payment.amount),
            due_date: date(&payment.due_date),
            amount_after_due_date: amount(&payment.amount_after_due_date),
            psid: payment.psid.as_ref().map(|psid| psid.as_str().to_owned()),
            status: payment.status.as_str().to_owned(),
            created_at: time(payment.created_at.as_ref()),
            updated_at: time(payment.updated_at.as_ref()),
            paid_at: time(payment.paid_at.as_ref()),
        }
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            cell(self.payment_id),
            cell(self.title.clone()),
            cell(self.identifier.clone()),
            cell(self.amount.clone()),
            cell(self.due_date.clone()),
            cell(self.amount_after_due_date.clone()),
            cell(self.psid.clone()),
            self.status.clone(),
            cell(self.created_at.clone()),
            cell(self.updated_at.clone()),
            cell(self.paid_at.clone()),
        ]
    }
}

/// A bulk request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestSaid {
    /// The hub's number for it.
    pub bulk_payment_request_id: Option<i64>,
    /// The hub's word: `PROCESSED` is worked off (not paid).
    pub status: String,
    /// How many payments it holds, as the hub counts.
    pub count: Option<u64>,
    /// `JSON` or `CSV`.
    pub content_type: Option<String>,
    /// The file it came as, where it came as one.
    pub file_name: Option<String>,
    /// UTC, where it can be read.
    pub created_at: Option<String>,
    /// UTC, where it can be read.
    pub updated_at: Option<String>,
    /// What the hub says about it.
    pub message: Option<String>,
}

impl RequestSaid {
    pub(super) const COLUMNS: &'static [&'static str] = &[
        "bulk_payment_request_id",
        "status",
        "count",
        "content_type",
        "file_name",
        "created_at",
        "updated_at",
        "message",
    ];

    pub(super) fn of(request: &BulkRequest) -> Self {
        RequestSaid {
            bulk_payment_request_id: request.id,
            status: request.status.as_str().to_owned(),
            count: request.count,
            content_type: request.content_type.clone(),
            file_name: request.file_name.clone(),
            created_at: time(request.created_at.as_ref()),
            updated_at: time(request.updated_at.as_ref()),
            message: request.message.clone(),
        }
    }

    pub(super) fn of_detail(request: &BulkRequestDetail, count: u64) -> Self {
        RequestSaid {
            bulk_payment_request_id: request.id,
            status: request.status.as_str().to_owned(),
            count: request.payments.total.or(Some(count)),
            content_type: None,
            file_name: None,
            created_at: time(request.uploaded_at.as_ref()),
            updated_at: time(request.updated_at.as_ref()),
            message: request.message.clone(),
        }
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            cell(self.bulk_payment_request_id),
            self.status.clone(),
            cell(self.count),
            cell(self.content_type.clone()),
            cell(self.file_name.clone()),
            cell(self.created_at.clone()),
            cell(self.updated_at.clone()),
            cell(self.message.clone()),
        ]
    }
}

/// A bulk request with its payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestWithPayments {
    /// The request.
    #[serde(flatten)]
    pub request: RequestSaid,
    /// Its payments, as they stand now.
    pub payments: Vec<PaymentSaid>,
}

fn amount(heard: &Heard<Paisa>) -> Option<String> {
    heard
        .value
        .map(Paisa::two_decimals)
        .or_else(|| said(&heard.text))
}

fn date(heard: &Heard<NaiveDate>) -> Option<String> {
    heard
        .value
        .map(|date| date.format("%Y-%m-%d").to_string())
        .or_else(|| said(&heard.text))
}

/// A time in UTC, or the day where the hub says no more; its own text where it is neither; nothing for "N/A".
fn time(heard: Option<&HubTime>) -> Option<String> {
    let heard = heard?;
    match heard.utc {
        Some(utc) => Some(utc.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        None => match dates::parse(heard.text.trim()) {
            Ok(day) => Some(day.format("%Y-%m-%d").to_string()),
            Err(_) => said(&heard.text).filter(|text| text != "N/A"),
        },
    }
}

fn said(text: &str) -> Option<String> {
    trimmed(Some(text))
}

fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}
