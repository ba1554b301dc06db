//! Endpoint 2: `POST /add?generationTypes=…`, one payment of four types.

use serde::Deserialize;

use super::{Call, Refuse, Refused, invalid_body, parameter, refused};
use crate::answers::{Data, Reply};
use crate::config::User;
use crate::events::{Bill, Event, GenerationType};
use crate::hub::{Hub, Waiting};
use crate::rows::{self, Row};

#[derive(Deserialize)]
struct AddBody {
    payment: Row,
}

/// Answers the payment with its PSID or QR string already assigned (unless
/// PSIDs are held).
pub(super) fn add(hub: &Hub, user: &User, call: &Call, refuse: &Refuse) -> Result<Reply, Refused> {
    let types = parameter(call, "generationTypes")?;
    let generation_type = GenerationType::from_query(types)
        .ok_or_else(|| refused(400, format!("generationTypes {types} is not valid")))?;
    let body: AddBody = serde_json::from_slice(&call.body).map_err(|_| invalid_body())?;
    let row = body.payment;
    let (held, errored, switched) = {
        let switches = &hub.desk().switches;
        let identifier = row.identifier.text();
        let errored = switches
            .error_identifiers
            .iter()
            .any(|name| name == identifier);
        (
            switches.psid_hold,
            errored,
            switches.refusal(identifier, row.title.text()),
        )
    };
    let refusal = rows::refusal(&row, generation_type)
        .or(switched)
        .or_else(|| refuse.refusal(0, row.identifier.text()));
    if let Some(message) = refusal {
        return Err(Box::new(Reply {
            rows: 1,
            ..Reply::refused(400, message)
        }));
    }
    let mut journal = hub.journal();
    let payment = journal.books.next_payment_id();
    let mut bill = Bill::from(&row);
    if bill.identifier.is_empty() {
        // "Record ID shall be set by default", the guide says.
        bill.identifier = payment.to_string();
    }
    let event = Event::Add {
        at_ms: hub.clock.now_ms(),
        user: user.username.clone(),
        payment,
        generation_type,
        assigned: !errored && (!held || !generation_type.has_psid()),
        bill,
    };
    journal.record(&event).map_err(|error| not_kept(&error))?;
    let number = journal
        .books
        .payment_number(payment)
        .expect("it was just recorded");
    let waits = journal.books.payment(number).standing == crate::books::Standing::Waiting;
    let mut data = Vec::new();
    hub.pen(user).added(&journal.books, number, &mut data);
    drop(journal);
    if waits {
        hub.assign_later(Waiting::Payment(payment));
    }
    Ok(Reply {
        rows: 1,
        ..Reply::ok(Data::Json(data))
    })
}

/// The journal can't be written, so nothing was done.
pub(super) fn not_kept(error: &std::io::Error) -> Refused {
    tracing::warn!(%error, "a call is answered 500: it can't be journalled");
    refused(500, "Something went wrong, please try again later")
}
