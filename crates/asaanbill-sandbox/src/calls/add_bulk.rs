//! Endpoint 3: `POST /add-bulk?contentType=JSON`, up to 5000 payments, each
//! echoed with a status of its own.

use serde::Deserialize;

use super::add::not_kept;
use super::{Call, Refuse, Refused, invalid_body, parameter, refused};
use crate::answers::{Data, PROCESSED_WELL, Reply};
use crate::config::User;
use crate::events::{Bill, Event, GenerationType};
use crate::hub::{Hub, Waiting};
use crate::rows::{self, Row};
use crate::writing::object;

const IN_PART: &str = "Processed successfully but one or more payments have errors. \
                       Refer to the \"status\" of each payment";
const NONE: &str = "Invalid bulk payment request, please refer to the \"status\" of each payment";

#[derive(Deserialize)]
struct BulkBody {
    payments: Vec<Row>,
}

/// A row as it is echoed: the texts as sent, and PROCESSED (here: accepted)
/// or what is wrong with it.
#[derive(Debug)]
pub(crate) struct EchoRow {
    pub(crate) row: Row,
    pub(crate) refusal: Option<String>,
}

impl EchoRow {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        object(out, |o| {
            self.row.write(o);
            o.text("status", self.refusal.as_deref().unwrap_or("PROCESSED"));
        });
    }
}

/// 200 if at least one row was accepted; 400 with the same echo if none was.
pub(super) fn add_bulk(
    hub: &Hub,
    user: &User,
    call: &Call,
    refuse: &Refuse,
) -> Result<Reply, Refused> {
    let content = parameter(call, "contentType")?;
    if content != "JSON" {
        return Err(refused(400, format!("contentType {content} is not valid")));
    }
    let body: BulkBody = serde_json::from_slice(&call.body).map_err(|_| invalid_body())?;
    let rows = body.payments.len();
    let switches = hub.desk().switches.clone();
    let rows_max = switches.max_rows.unwrap_or(hub.config.rows_max);
    let size = match rows {
        0 => Some("payments cannot be empty or null".to_owned()),
        rows if rows > rows_max => Some(format!("payments cannot be more than {rows_max}")),
        _ => None,
    };
    if let Some(message) = size {
        return Err(Box::new(Reply {
            rows,
            ..Reply::refused(400, message)
        }));
    }
    let echo: Vec<EchoRow> = body
        .payments
        .into_iter()
        .enumerate()
        .map(|(place, row)| {
            let identifier = row.identifier.text();
            let refusal = rows::refusal(&row, GenerationType::Psid)
                .or_else(|| switches.refusal(identifier, row.title.text()))
                .or_else(|| refuse.refusal(place, identifier));
            EchoRow { row, refusal }
        })
        .collect();
    let bills: Vec<Bill> = echo
        .iter()
        .filter(|echo| echo.refusal.is_none())
        .map(|echo| Bill::from(&echo.row))
        .collect();
    if bills.is_empty() {
        let data = Data::Echo {
            bulk: None,
            rows: echo,
        };
        return Ok(Reply {
            rows,
            ..Reply::with(400, NONE, data)
        });
    }
    let message = if bills.len() == rows {
        PROCESSED_WELL
    } else {
        IN_PART
    };
    let bulk = record(hub, user, bills, rows)?;
    let data = Data::Echo {
        bulk: Some(bulk),
        rows: echo,
    };
    Ok(Reply {
        rows,
        bulk: Some(bulk),
        ..Reply::with(200, message, data)
    })
}

fn record(hub: &Hub, user: &User, bills: Vec<Bill>, rows: usize) -> Result<u64, Refused> {
    let mut journal = hub.journal();
    let bulk = journal.books.next_bulk_id();
    let event = Event::AddBulk {
        at_ms: hub.clock.now_ms(),
        user: user.username.clone(),
        bulk,
        first_payment: journal.books.next_payment_id(),
        refused: (rows - bills.len()) as u64,
        bills,
    };
    journal.record(&event).map_err(|error| not_kept(&error))?;
    // While the journal is held, so that requests wait in the order they came.
    hub.assign_later(Waiting::Bulk(bulk));
    Ok(bulk)
}
