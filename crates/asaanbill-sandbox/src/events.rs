//! What the journal holds: one line for each thing that changed the hub.
//!
//! The books are nothing but these events, applied in order; what runs live
//! and what is replayed after a restart go the same way.

use serde::{Deserialize, Serialize};

/// The four values of `generationTypes` (guide, endpoint 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GenerationType {
    /// A PSID to be typed into a banking app.
    #[serde(rename = "PSID")]
    Psid,
    /// A static QR with the amount in it, and a PSID.
    #[serde(rename = "SQRC_WITH_AMOUNT")]
    SqrcWithAmount,
    /// A static QR whose payer types the amount.
    #[serde(rename = "SQRC_WITHOUT_AMOUNT")]
    SqrcWithoutAmount,
    /// A dynamic QR, valid for an hour.
    #[serde(rename = "DQRC")]
    Dqrc,
}

impl GenerationType {
    /// From the query's text.
    pub(crate) fn from_query(text: &str) -> Option<GenerationType> {
        match text {
            "PSID" => Some(GenerationType::Psid),
            "SQRC_WITH_AMOUNT" => Some(GenerationType::SqrcWithAmount),
            "SQRC_WITHOUT_AMOUNT" => Some(GenerationType::SqrcWithoutAmount),
            "DQRC" => Some(GenerationType::Dqrc),
            _ => None,
        }
    }

    /// Whether payments of this type get a PSID.
    pub(crate) fn has_psid(self) -> bool {
        matches!(self, GenerationType::Psid | GenerationType::SqrcWithAmount)
    }

    /// Whether payments of this type have a QR string.
    pub(crate) fn has_qr(self) -> bool {
        self != GenerationType::Psid
    }
}

/// A payment as it was accepted, every text exactly as sent. Texts that its
/// generation type does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bill {
    pub(crate) title: String,
    pub(crate) identifier: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) amount: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) due_date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) amount_after_due_date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// One payment from `/add`.
    Add {
        at_ms: i64,
        user: String,
        payment: u64,
        generation_type: GenerationType,
        /// Whether it had its PSID at once.
        assigned: bool,
        bill: Bill,
    },
    /// The accepted rows of one `/add-bulk`. Their payment ids count up from
    /// `first_payment`.
    AddBulk {
        at_ms: i64,
        user: String,
        bulk: u64,
        first_payment: u64,
        refused: u64,
        bills: Vec<Bill>,
    },
    /// A bulk request's payments got their PSIDs, but for the errored ones.
    AssignBulk {
        at_ms: i64,
        bulk: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        errored: Vec<u64>,
    },
    /// A payment of `/add` got its PSID late, or ended ERRORED.
    AssignPayment {
        at_ms: i64,
        payment: u64,
        errored: bool,
    },
    /// A payment was paid.
    Pay { at_ms: i64, payment: u64 },
}
