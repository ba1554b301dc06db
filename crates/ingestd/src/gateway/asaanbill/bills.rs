//! The bills of a request that no chunk owns, as they are remembered: whose, how much, where they
//! stand.

use asaanbill_core::Payment;
use ingest_ledger::{HubBill, RowState};

use super::reading::row_reading;

/// The bills among the payments of a request. What the hub lists in the words of a refusal is none.
///
/// # Errors
/// A payment that names no payer: it may be anybody's.
pub(super) fn bills_of(payments: &[Payment]) -> Result<Vec<HubBill>, String> {
    let mut bills = Vec::with_capacity(payments.len());
    for payment in payments {
        let read = row_reading(0, payment);
        if read.is_refusal {
            continue;
        }
        let payer = payment.identifier.as_deref().map(str::trim);
        let Some(payer) = payer.filter(|payer| !payer.is_empty()) else {
            return Err("it holds a payment that names no payer".to_owned());
        };
        let paisa =
            |heard: &asaanbill_core::Heard<asaanbill_core::Paisa>| Some(heard.value?.paisa());
        bills.push(HubBill {
            payment_id: read.payment_id,
            identifier: payer.to_owned(),
            amount: paisa(&payment.amount),
            late: paisa(&payment.amount_after_due_date),
            due_date: payment.due_date.value,
            state: read.state.unwrap_or(RowState::Unknown),
            psid: read.psid,
        });
    }
    Ok(bills)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn payment(identifier: Option<&str>, amount: &str, status: &str) -> Payment {
        serde_json::from_value(json!({
            "id": 7, "identifier": identifier, "amount": amount, "amountAfterDueDate": "1600.00",
            "dueDate": "31-08-2035", "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn a_bill_is_kept_with_what_can_be_read_of_it_and_a_refusal_is_none() {
        let payments = [
            payment(Some(" A-1 "), "1500.50", "PROCESSED"),
            payment(Some("A-2"), "fifteen", "ON_HOLD"),
            payment(Some("A-3"), "1500", "amount cannot be empty"),
        ];
        let bills = bills_of(&payments).unwrap();
        assert_eq!(bills.len(), 2);
        assert_eq!(bills[0].identifier, "A-1");
        assert_eq!(
            (bills[0].amount, bills[0].late),
            (Some(150_050), Some(160_000))
        );
        assert_eq!(bills[0].due_date, Some("2035-08-31".parse().unwrap()));
        assert_eq!(bills[0].state, RowState::Paid);
        assert_eq!((bills[1].amount, bills[1].state), (None, RowState::Unknown));
    }

    #[test]
    fn a_payment_of_nobody_is_no_whole_reading() {
        assert!(bills_of(&[payment(Some(" "), "1500", "DRAFT")]).is_err());
        assert!(bills_of(&[payment(None, "1500", "DRAFT")]).is_err());
    }
}
