//! What the hub says, cleaned.

#![allow(clippy::unwrap_used)]

use asaanbill_core::Payment;
use serde_json::json;

use super::*;

fn payment(value: serde_json::Value) -> serde_json::Value {
    let payment: Payment = serde_json::from_value(value).unwrap();
    serde_json::to_value(PaymentSaid::of(&payment)).unwrap()
}

#[test]
fn both_spellings_of_amounts_and_dates_become_one() {
    let said = payment(json!({
        "id": 25, "amount": 50.0, "amountAfterDueDate": "55", "identifier": " FS-BSCS-095", "title": "Muhammad Mahd Sheikh",
        "dueDate": "10-01-2025", "psid": "100139100100154854584585", "status": "APPROVED",
        "createdAt": "10:22 AM 10-Jan-2025", "paidAt": "N/A"
    }));
    assert_eq!(
        said,
        json!({
            "payment_id": 25, "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095", "amount": "50.00",
            "due_date": "2025-01-10", "amount_after_due_date": "55.00", "psid": "100139100100154854584585",
            "status": "APPROVED", "created_at": "2025-01-10T05:22:00Z", "updated_at": null, "paid_at": null
        })
    );
}

#[test]
fn what_can_t_be_read_is_shown_as_it_was_said() {
    let said = payment(
        json!({"id": 1, "amount": "a lot", "dueDate": "soon", "status": "PENDING", "createdAt": "08:49AM 31-Jun-2025", "updatedAt": "27-01-2025"}),
    );
    assert_eq!(
        (&said["amount"], &said["due_date"]),
        (&json!("a lot"), &json!("soon"))
    );
    assert_eq!(
        (&said["status"], &said["created_at"]),
        (&json!("PENDING"), &json!("08:49AM 31-Jun-2025"))
    );
    assert_eq!(said["updated_at"], json!("2025-01-27"));
}
