//! The hub's three kinds of status. `PROCESSED` is a word of all three and
//! means another thing in each, so they are three types that never mix:
//! in an echo *the row was accepted*, of a bulk request *it was worked off*,
//! of a payment ***it is paid***.

use std::fmt;

/// What an `add-bulk` answer says of one row (guide, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EchoStatus {
    /// `PROCESSED`: the hub took the row. Not "paid".
    Accepted,
    /// Any other text: the hub's reason for refusing the row, in its words.
    Refused(String),
    /// No status at all. Neither taken nor refused: ask the hub.
    Unsaid,
}

impl EchoStatus {
    /// Reads an echo's status. Upper and lower case are one, so that a spelling
    /// can't turn a taken row into a refused one, which would be sent again.
    #[must_use]
    pub fn read(text: &str) -> EchoStatus {
        let text = text.trim();
        if text.eq_ignore_ascii_case("PROCESSED") {
            EchoStatus::Accepted
        } else if text.is_empty() {
            EchoStatus::Unsaid
        } else {
            EchoStatus::Refused(text.to_owned())
        }
    }

    /// Whether the hub took the row.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        *self == EchoStatus::Accepted
    }
}

/// How far the hub is with a bulk request (guide, sections 4 and 5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestStatus {
    /// `PROCESSED`: worked off; its payments are drafted or have failed.
    Processed,
    /// Anything else, in the hub's words; the guide names no other. Empty if
    /// it said nothing.
    Other(String),
}

impl RequestStatus {
    /// Reads a bulk request's status.
    #[must_use]
    pub fn read(text: &str) -> RequestStatus {
        let text = text.trim();
        if text.eq_ignore_ascii_case("PROCESSED") {
            RequestStatus::Processed
        } else {
            RequestStatus::Other(text.to_owned())
        }
    }

    /// Whether the hub is done with the request.
    #[must_use]
    pub fn is_processed(&self) -> bool {
        *self == RequestStatus::Processed
    }

    /// The hub's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            RequestStatus::Processed => "PROCESSED",
            RequestStatus::Other(text) => text,
        }
    }
}

/// What has become of a payment (guide, "Payment Status Matrix").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// `DRAFT`: no PSID yet.
    Draft,
    /// `IN_PROCESS`: scheduled for a PSID.
    InProcess,
    /// `PENDING`: in a sample of the guide, not in its matrix; on its way.
    Pending,
    /// `APPROVED`: has a PSID, not paid.
    Approved,
    /// `PROCESSED`: **paid**.
    Processed,
    /// `DISCARD`: its PSID went to a newer payment.
    Discard,
    /// `ERRORED`: drafting failed.
    Errored,
    /// A word the guide does not know, kept as it came; empty if none came.
    Other(String),
}

impl PaymentStatus {
    /// Reads a payment's status; an unknown one is kept.
    #[must_use]
    pub fn read(text: &str) -> PaymentStatus {
        let text = text.trim();
        match text.to_ascii_uppercase().as_str() {
            "DRAFT" => PaymentStatus::Draft,
            "IN_PROCESS" => PaymentStatus::InProcess,
            "PENDING" => PaymentStatus::Pending,
            "APPROVED" => PaymentStatus::Approved,
            "PROCESSED" => PaymentStatus::Processed,
            "DISCARD" => PaymentStatus::Discard,
            "ERRORED" => PaymentStatus::Errored,
            _ => PaymentStatus::Other(text.to_owned()),
        }
    }

    /// The hub's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            PaymentStatus::Draft => "DRAFT",
            PaymentStatus::InProcess => "IN_PROCESS",
            PaymentStatus::Pending => "PENDING",
            PaymentStatus::Approved => "APPROVED",
            PaymentStatus::Processed => "PROCESSED",
            PaymentStatus::Discard => "DISCARD",
            PaymentStatus::Errored => "ERRORED",
            PaymentStatus::Other(text) => text,
        }
    }

    /// Whether the money has come in.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        *self == PaymentStatus::Processed
    }

    /// Taken by the hub, and still without a PSID that can be paid.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(
            self,
            PaymentStatus::Draft | PaymentStatus::InProcess | PaymentStatus::Pending
        )
    }

    /// Whether nothing will ever change it again: paid, discarded or errored.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            PaymentStatus::Processed | PaymentStatus::Discard | PaymentStatus::Errored
        )
    }

    /// Whether the guide names it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, PaymentStatus::Other(_))
    }
}

impl fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RequestStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_means_three_things() {
        assert!(EchoStatus::read("PROCESSED").is_accepted());
        assert!(RequestStatus::read("PROCESSED").is_processed());
        assert!(PaymentStatus::read("PROCESSED").is_paid());
    }

    #[test]
    fn any_other_word_of_an_echo_is_the_reason_of_a_refusal() {
        let why = "amountAfterDueDate cannot be empty or null";
        assert_eq!(EchoStatus::read(why), EchoStatus::Refused(why.to_owned()));
        assert_eq!(EchoStatus::read("  "), EchoStatus::Unsaid);
    }

    #[test]
    fn an_unknown_payment_status_is_kept_as_text() {
        assert_eq!(
            PaymentStatus::read("REVERSED"),
            PaymentStatus::Other("REVERSED".to_owned())
        );
        assert_eq!(PaymentStatus::read("REVERSED").as_str(), "REVERSED");
        for word in [
            "DRAFT",
            "IN_PROCESS",
            "PENDING",
            "APPROVED",
            "PROCESSED",
            "DISCARD",
            "ERRORED",
        ] {
            assert_eq!(PaymentStatus::read(word).as_str(), word);
            assert!(PaymentStatus::read(word).is_known());
        }
    }
}
