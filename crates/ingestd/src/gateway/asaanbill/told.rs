//! AsaanBill's two callbacks (guide, "Call-back APIs"): what each names, and the answer it waits
//! for. They are not signed: all that is taken from one is what to ask the hub about.

use asaanbill_core::{BulkApprovedCallback, CallbackAnswer, ProcessedCallback};
use ingest_ledger::CallbackNames;

/// A bill was paid.
const PROCESSED: &str = "processed";
/// The bills of a bulk request have their PSIDs.
const BULK_APPROVED: &str = "bulk-payment-request-approved";

/// What the hub adds to the URL it is given.
pub const KINDS: &[&str] = &[PROCESSED, BULK_APPROVED];

/// What a callback names, as far as it can be read; what can't be read names nothing.
pub fn names(kind: &str, body: &[u8]) -> CallbackNames {
    let mut names = CallbackNames::default();
    match kind {
        PROCESSED => {
            if let Ok(said) = serde_json::from_slice::<ProcessedCallback>(body) {
                names.psids.extend(said.psid.map(|psid| psid.to_string()));
                // The hub may show a payer with blanks that we did not send, or without ours.
                for identifier in said.identifier.into_iter() {
                    let trimmed = identifier.trim();
                    if trimmed != identifier {
                        names.identifiers.push(trimmed.to_owned());
                    }
                    names.identifiers.push(identifier);
                }
            }
        }
        BULK_APPROVED => {
            if let Ok(said) = serde_json::from_slice::<BulkApprovedCallback>(body) {
                let id = said.bulk_payment_request_id;
                names.request_ids.extend(id.map(|id| id.to_string()));
            }
        }
        _ => {}
    }
    names
}

/// The answer's body: received, or why not.
pub fn answer(refused: Option<(u16, &str)>) -> Vec<u8> {
    let answer = match refused {
        None => CallbackAnswer::received(),
        Some((code, why)) => CallbackAnswer::refused(code, why),
    };
    serde_json::to_vec(&answer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_names_what_the_hub_is_to_be_asked_about() {
        let paid = br#"{"title": "Aina", "identifier": " A-1", "dueDate": "2025-06-13",
            "amount": "5000", "amountAfterDueDate": 5500.0, "psid": "100139100100154844584584"}"#;
        assert_eq!(
            names("processed", paid),
            CallbackNames {
                psids: vec!["100139100100154844584584".to_owned()],
                identifiers: vec!["A-1".to_owned(), " A-1".to_owned()],
                ..CallbackNames::default()
            }
        );
        for body in [
            &br#"{"bulkPaymentRequestId": 29}"#[..],
            br#"{"bulkPaymentRequestId": "29", "more": []}"#,
        ] {
            let named = names("bulk-payment-request-approved", body);
            assert_eq!(named.request_ids, ["29"]);
        }
    }

    #[test]
    fn what_can_not_be_read_names_nothing() {
        let deep = "[".repeat(60_000);
        for body in [
            &b""[..],
            b"null",
            b"<html>",
            b"\xff\xfe",
            br#"{"psid": {}, "identifier": []}"#,
            br#"{"bulkPaymentRequestId": 1e400}"#,
            deep.as_bytes(),
        ] {
            for kind in KINDS.iter().chain(&["another"]) {
                assert_eq!(names(kind, body), CallbackNames::default());
            }
        }
    }

    #[test]
    fn the_answer_is_the_guides() {
        assert_eq!(
            answer(None),
            br#"{"responseCode":200,"responseMessage":"Request processed successfully"}"#
        );
        assert_eq!(
            answer(Some((503, "not now"))),
            br#"{"responseCode":503,"responseMessage":"not now"}"#
        );
    }
}
