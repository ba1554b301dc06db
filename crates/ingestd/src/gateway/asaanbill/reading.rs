//! What a whole reading of one of our own requests says of its rows (guide, section 5).
//!
//! A payment is a row's by its id, if it shows no other payer, or by all four values. Where they differ it is the row's only if
//! it is the one payment of that payer in the request, and the sums are the row's. What a request
//! shows of a payer in any other way is said, and proves nothing; only a row of whose payer it
//! shows no payment at all is absent.

use std::collections::HashMap;

use asaanbill_core::{Payment, PaymentStatus};
use ingest_ledger::{OpenRow, RowSet, RowState};

use super::likeness::{Likeness, Unclaimed};
use super::words::cleaned;
use crate::gateway::{RequestReading, RowReading};

/// Holds the payments of a request against the rows that were asked about.
pub(super) fn reading_of(
    processed: bool,
    payments: &[Payment],
    rows: &[OpenRow],
) -> RequestReading {
    let shown: HashMap<i64, &Payment> = payments
        .iter()
        .filter_map(|payment| Some((payment.id?, payment)))
        .collect();
    let known_id = |row: &OpenRow| {
        row.payment_id
            .as_deref()
            .and_then(|id| id.parse::<i64>().ok())
            .filter(|id| shown.get(id).is_some_and(|payment| may_be_of(row, payment)))
    };
    let mut by_id: HashMap<i64, &OpenRow> = rows
        .iter()
        .filter_map(|row| Some((known_id(row)?, row)))
        .collect();
    let mut unclaimed = Unclaimed::of(
        rows.iter()
            .filter(|row| known_id(row).is_none())
            .map(|row| (row.row_no, likeness(row))),
    );
    let mut found = Vec::new();
    let mut strangers: Vec<&Payment> = Vec::new();
    for payment in payments {
        let known = payment
            .id
            .filter(|id| by_id.get(id).is_some_and(|row| may_be_of(row, payment)))
            .and_then(|id| by_id.remove(&id))
            .map(|row| row.row_no);
        match known.or_else(|| unclaimed.claim(&Likeness::of_payment(payment)?)) {
            Some(row_no) => found.push(row_reading(row_no, payment)),
            None => strangers.push(payment),
        }
    }
    let mut foreign = strangers.len() as u64;
    let matched: RowSet = found.iter().map(|row| row.row_no).collect();
    let nameless = strangers.iter().any(|payment| payer(payment).is_none());
    let mut absent = RowSet::new();
    for row in rows.iter().filter(|row| !matched.contains(row.row_no)) {
        let theirs: Vec<&&Payment> = strangers
            .iter()
            .filter(|payment| payer(payment) == Some(row.identifier.trim()))
            .collect();
        let only_row = rows
            .iter()
            .filter(|other| other.identifier.trim() == row.identifier.trim())
            .count()
            == 1;
        match theirs[..] {
            [] if !nameless => absent.insert(row.row_no),
            [payment] if only_row && same_sums(row, payment) => {
                foreign -= 1;
                let mut read = row_reading(row.row_no, payment);
                read.message.get_or_insert_with(|| {
                    format!(
                        "the hub shows it with the due date {}",
                        cleaned(&payment.due_date.text)
                    )
                });
                found.push(read);
            }
            _ => found.push(RowReading {
                row_no: row.row_no,
                state: None,
                psid: None,
                payment_id: None,
                message: Some(
                    "its request shows a payment that may be this row's, with other values"
                        .to_owned(),
                ),
                is_another: theirs
                    .iter()
                    .all(|payment| Likeness::of_payment(payment).is_some())
                    && !theirs.is_empty(),
                is_refusal: false,
            }),
        }
    }
    RequestReading {
        processed,
        rows: found,
        absent,
        foreign,
    }
}

/// Numbers are a hub's own: another's payment may have one that is known as this row's.
fn may_be_of(row: &OpenRow, payment: &Payment) -> bool {
    payer(payment).is_none_or(|payer| payer == row.identifier.trim())
}

fn payer(payment: &Payment) -> Option<&str> {
    payment
        .identifier
        .as_deref()
        .map(str::trim)
        .filter(|identifier| !identifier.is_empty())
}

fn likeness(row: &OpenRow) -> Likeness {
    Likeness::of(&row.identifier, row.amount, row.late, row.due_date)
}

fn same_sums(row: &OpenRow, payment: &Payment) -> bool {
    let paisa =
        |heard: &asaanbill_core::Heard<asaanbill_core::Paisa>| heard.value.map(|sum| sum.paisa());
    paisa(&payment.amount) == Some(row.amount)
        && paisa(&payment.amount_after_due_date) == Some(row.late)
}

/// Could a payer type it? The guide's are 24 digits; `N/A`, `0` and `PENDING` are none.
fn is_payable(psid: &str) -> bool {
    const DIGITS_MIN: usize = 8;
    psid.len() >= DIGITS_MIN
        && psid.bytes().all(|byte| byte.is_ascii_digit())
        && psid.bytes().any(|byte| byte != b'0')
}

pub(super) fn row_reading(row_no: u32, payment: &Payment) -> RowReading {
    let psid = payment
        .psid
        .as_ref()
        .map(|psid| cleaned(psid.as_str()))
        .filter(|psid| is_payable(psid));
    let (state, message) = match &payment.status {
        PaymentStatus::Draft | PaymentStatus::InProcess | PaymentStatus::Pending => {
            (Some(RowState::Accepted), None)
        }
        // Without a number that a payer could type it is not billed yet.
        PaymentStatus::Approved if psid.is_none() => (Some(RowState::Accepted), None),
        PaymentStatus::Approved => (Some(RowState::Billed), None),
        PaymentStatus::Processed => (Some(RowState::Paid), None),
        PaymentStatus::Discard => (
            Some(RowState::Discarded),
            Some("a newer bill took its PSID".to_owned()),
        ),
        PaymentStatus::Errored => (
            Some(RowState::Errored),
            Some("the hub failed drafting it".to_owned()),
        ),
        PaymentStatus::Other(word) => (
            None,
            Some(format!(
                "the hub says `{}`, which is in no list of ours",
                cleaned(word)
            )),
        ),
    };
    let is_refusal = match &payment.status {
        PaymentStatus::Other(words) => psid.is_none() && words.trim().contains(' '),
        _ => false,
    };
    RowReading {
        row_no,
        state,
        psid,
        payment_id: payment.id.map(|id| id.to_string()),
        is_another: false,
        is_refusal,
        message,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn row(row_no: u32, identifier: &str) -> OpenRow {
        OpenRow {
            row_no,
            state: RowState::Unknown,
            title: "T".to_owned(),
            identifier: identifier.to_owned(),
            amount: 150_000,
            due_date: "2035-08-31".parse().unwrap(),
            late: 160_000,
            payment_id: None,
            psid: None,
        }
    }

    fn payment(id: i64, identifier: Option<&str>, amount: &str, due_date: &str) -> Payment {
        serde_json::from_value(json!({
            "id": id, "identifier": identifier, "amount": amount, "amountAfterDueDate": "1600",
            "dueDate": due_date, "status": "APPROVED", "psid": "100139001001548545848857",
        }))
        .unwrap()
    }

    #[test]
    fn a_payment_of_another_payer_is_not_the_rows_though_its_number_is() {
        let known = OpenRow {
            payment_id: Some("7".to_owned()),
            ..row(1, "A")
        };
        let read = |payer| {
            let payments = [payment(7, payer, "1500.0", "31-08-2035")];
            reading_of(true, &payments, std::slice::from_ref(&known))
        };
        for ours in [Some(" A "), None] {
            assert_eq!(read(ours).rows[0].row_no, 1, "{ours:?}");
            assert_eq!(read(ours).rows[0].state, Some(RowState::Billed));
        }
        let strange = read(Some("B"));
        assert!(strange.rows.is_empty() && strange.absent.contains(1));
        assert_eq!(strange.foreign, 1);
    }

    #[test]
    fn a_row_is_absent_only_where_its_payer_has_no_payment_at_all() {
        let rows = [row(1, "A"), row(2, "B")];
        let reading = reading_of(
            true,
            &[payment(7, Some("A"), "1500.0", "31-08-2035")],
            &rows,
        );
        assert_eq!(reading.absent, [2].into_iter().collect());
        assert_eq!((reading.rows.len(), reading.foreign), (1, 0));
        let nameless = [
            payment(7, Some("A"), "1500", "2035-08-31"),
            payment(8, None, "1500", "2035-08-31"),
        ];
        let reading = reading_of(true, &nameless, &rows);
        assert!(reading.absent.is_empty(), "the nameless one may be B's");
        assert_eq!(reading.foreign, 1);
    }

    #[test]
    fn a_payment_with_another_due_date_is_the_rows_if_it_is_the_payers_only_one() {
        let reading = reading_of(
            true,
            &[payment(7, Some("A"), "1500", "2035-08-30")],
            &[row(1, "A")],
        );
        assert_eq!(reading.rows[0].state, Some(RowState::Billed));
        assert!(
            reading.rows[0]
                .message
                .as_deref()
                .unwrap()
                .contains("2035-08-30")
        );
        assert_eq!(reading.foreign, 0, "it is the row's, and no stranger");
        let two = [
            payment(7, Some("A"), "1500", "2035-08-30"),
            payment(8, Some("A"), "1500", "2035-08-29"),
        ];
        let reading = reading_of(true, &two, &[row(1, "A")]);
        assert_eq!(reading.rows[0].state, None);
        assert!(reading.absent.is_empty());
    }

    #[test]
    fn nothing_that_the_hub_puts_where_a_word_should_be_reaches_us_as_it_came() {
        let junk = format!("\0\u{1b}[31m\u{202e}{}", "x".repeat(10_000));
        let said = |status: &str, due_date: &str, psid: &str| {
            let payment = serde_json::from_value(json!({
                "id": 7, "identifier": "A", "amount": "1500", "amountAfterDueDate": "1600",
                "dueDate": due_date, "status": status, "psid": psid,
            }))
            .unwrap();
            reading_of(true, &[payment], &[row(1, "A")]).rows.remove(0)
        };
        let word = said(&junk, "2035-08-31", "10013900");
        assert_eq!(word.state, None);
        let date = said("APPROVED", &junk, "10013900");
        assert_eq!(date.state, Some(RowState::Billed));
        let psid = said("APPROVED", "2035-08-31", &junk);
        assert_eq!((psid.state, &psid.psid), (Some(RowState::Accepted), &None));
        for text in [word.message, date.message] {
            let text = text.unwrap();
            assert!(text.contains("[31mx"), "{text}");
            assert!(text.chars().count() < 250, "{text}");
            assert!(!text.contains(['\0', '\u{1b}', '\u{202e}']), "{text:?}");
        }
        let none = said("APPROVED", "2035-08-31", "\0\u{200b}");
        assert_eq!((none.state, none.psid), (Some(RowState::Accepted), None));
    }

    #[test]
    fn a_sentence_in_place_of_a_status_is_a_refusal_and_a_word_may_be_a_bill() {
        let says = |status: &str, psid: Option<&str>| {
            let payment = serde_json::from_value(json!({
                "id": 7, "identifier": "A", "amount": "1500", "amountAfterDueDate": "1600",
                "dueDate": "2035-08-31", "status": status, "psid": psid,
            }))
            .unwrap();
            reading_of(true, &[payment], &[row(1, "A")]).rows.remove(0)
        };
        assert!(says("amountAfterDueDate cannot be empty or null", None).is_refusal);
        assert!(!says("blocked for now", Some("100139001001548545848857")).is_refusal);
        for status in ["ON_HOLD", "APPROVED", "DRAFT"] {
            assert!(!says(status, None).is_refusal, "{status}");
        }
    }

    #[test]
    fn what_no_payer_could_type_is_no_psid() {
        let says = |psid: &str| {
            let payment = serde_json::from_value(json!({
                "id": 7, "identifier": "A", "amount": "1500", "amountAfterDueDate": "1600",
                "dueDate": "2035-08-31", "status": "APPROVED", "psid": psid,
            }))
            .unwrap();
            reading_of(true, &[payment], &[row(1, "A")]).rows.remove(0)
        };
        for psid in [
            "N/A",
            "-",
            "0",
            "null",
            "PENDING",
            "000000000000000000000000",
            "1001 39",
        ] {
            let row = says(psid);
            assert_eq!(
                (row.state, row.psid),
                (Some(RowState::Accepted), None),
                "{psid}"
            );
            assert_eq!(row.message, None, "{psid}");
        }
        let row = says("100139001001548545848857");
        assert_eq!(row.state, Some(RowState::Billed));
    }

    #[test]
    fn other_sums_prove_nothing_and_are_no_absence() {
        let reading = reading_of(
            true,
            &[payment(7, Some("A"), "1400", "2035-08-31")],
            &[row(1, "A")],
        );
        assert_eq!(reading.rows[0].state, None);
        assert!(reading.rows[0].is_another, "all of it can be read");
        assert!(reading.absent.is_empty());
        let unread = [payment(7, Some("A"), "fifteen hundred", "2035-08-31")];
        let reading = reading_of(true, &unread, &[row(1, "A")]);
        assert!(!reading.rows[0].is_another, "it may be this one");
    }

    #[test]
    fn a_payment_id_of_an_older_call_does_not_hide_the_row() {
        let known = OpenRow {
            payment_id: Some("3".to_owned()),
            ..row(1, "A")
        };
        let reading = reading_of(
            true,
            &[payment(7, Some("A"), "1500", "2035-08-31")],
            &[known],
        );
        assert_eq!(reading.rows[0].state, Some(RowState::Billed));
        assert_eq!(reading.rows[0].payment_id.as_deref(), Some("7"));
    }
}
