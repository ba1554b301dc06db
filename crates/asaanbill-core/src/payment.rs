//! A payment as the hub answers it (guide, sections 2, 5, 6, 7 and 8).

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use crate::amount::Paisa;
use crate::fields::Fields;
use crate::heard::Heard;
use crate::hub_time::HubTime;
use crate::psid::Psid;
use crate::status::PaymentStatus;

/// A payment. Every field that any sample of the guide lacks may be missing
/// here, and a field that can't be read never fails the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The hub's own number for it.
    pub id: Option<i64>,
    /// What the payer's banking app shows. Bulk status leaves it out.
    pub title: Option<String>,
    /// Who pays, in the school's words, as the hub has it (blanks included).
    pub identifier: Option<String>,
    /// What is due until the due date.
    pub amount: Heard<Paisa>,
    /// What is due after it.
    pub amount_after_due_date: Heard<Paisa>,
    /// The last day on which `amount` is enough.
    pub due_date: Heard<NaiveDate>,
    /// The PSID, once it is assigned.
    pub psid: Option<Psid>,
    /// The text of its QR, where it has one.
    pub qr_string: Option<String>,
    /// What has become of it.
    pub status: PaymentStatus,
    /// When the hub made it.
    pub created_at: Option<HubTime>,
    /// When the hub last changed it.
    pub updated_at: Option<HubTime>,
    /// When it was paid; `N/A` while it is not. Bulk status leaves it out.
    pub paid_at: Option<HubTime>,
    /// The period it is for; null in every sample.
    pub period: Option<String>,
    /// What the identifier means; null in every sample.
    pub identifier_description: Option<String>,
    /// Whom the bill names.
    pub billed_to_name: Option<String>,
    /// Where they live.
    pub billed_to_address: Option<String>,
    /// Their telephone number.
    pub billed_to_contact: Option<String>,
}

impl<'de> Deserialize<'de> for Payment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Payment, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Payment {
            id: fields.int("id"),
            title: fields.text("title"),
            identifier: fields.text("identifier"),
            amount: fields.amount("amount"),
            amount_after_due_date: fields.amount("amountAfterDueDate"),
            due_date: fields.date("dueDate"),
            psid: fields.text("psid").and_then(|text| Psid::heard(&text)),
            qr_string: fields.text("qrString"),
            status: PaymentStatus::read(&fields.text("status").unwrap_or_default()),
            created_at: fields.time("createdAt"),
            updated_at: fields.time("updatedAt"),
            paid_at: fields.time("paidAt"),
            period: fields.text("period"),
            identifier_description: fields.text("identifierDescription"),
            billed_to_name: fields.text("billedToName"),
            billed_to_address: fields.text("billedToAddress"),
            billed_to_contact: fields.text("billedToContact"),
        })
    }
}
