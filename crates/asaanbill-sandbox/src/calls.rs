//! The eight calls of the guide: what each checks, does, and answers.
//!
//! Everything here is synchronous and knows no connection; faults are put
//! around it by `answering`, those of the wire by `exchange`.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, Uri};

use crate::answers::{Page, Reply};
use crate::config::User;
use crate::faults::Endpoint;
use crate::hub::Hub;

pub(crate) mod add;
pub(crate) mod add_bulk;
mod bulk_lists;
mod login;
mod payment_lists;

/// One call, read whole.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) endpoint: Endpoint,
    /// What stands behind the endpoint's path, decoded.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) query: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn new(
        endpoint: Endpoint,
        path: String,
        headers: HeaderMap,
        uri: &Uri,
        body: Bytes,
    ) -> Call {
        let query = Query::try_from_uri(uri)
            .map(|Query(query)| query)
            .unwrap_or_default();
        Call {
            endpoint,
            path,
            headers,
            query,
            body,
        }
    }
}

/// Who calls, as the call says; empty if it doesn't.
pub(crate) fn username(headers: &HeaderMap) -> &str {
    headers
        .get("username")
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default()
}

/// Rows that a fault wants refused.
#[derive(Debug, Default)]
pub(crate) enum Refuse {
    #[default]
    Nothing,
    All(String),
    Rows {
        identifiers: Vec<String>,
        every: Option<usize>,
        message: String,
    },
}

impl Refuse {
    /// Why the row at this place (from 0) is refused, if it is.
    fn refusal(&self, place: usize, identifier: &str) -> Option<String> {
        match self {
            Refuse::Nothing => None,
            Refuse::All(message) => Some(message.clone()),
            Refuse::Rows {
                identifiers,
                every,
                message,
            } => {
                let named = identifiers.iter().any(|name| name == identifier);
                let in_turn = every.is_some_and(|every| (place + 1).is_multiple_of(every));
                (named || in_turn).then(|| message.clone())
            }
        }
    }
}

/// Does the work of a call and says what to answer.
pub(crate) fn work(hub: &Hub, call: &Call, refuse: &Refuse) -> Reply {
    let done = if call.endpoint == Endpoint::Login {
        login::login(hub, call)
    } else {
        signed_in(hub, call).and_then(|user| match call.endpoint {
            Endpoint::Add => add::add(hub, user, call, refuse),
            Endpoint::AddBulk => add_bulk::add_bulk(hub, user, call, refuse),
            Endpoint::BulkList => bulk_lists::bulk_list(hub, user, call),
            Endpoint::BulkStatus => bulk_lists::bulk_status(hub, user, call),
            Endpoint::PaymentList => payment_lists::payment_list(hub, user, call),
            Endpoint::Payment => payment_lists::payment(hub, user, call),
            Endpoint::Search => payment_lists::search(hub, user, call),
            Endpoint::Login => unreachable!("login was answered above"),
        })
    };
    done.unwrap_or_else(|refusal| *refusal)
}

/// What a check answers where it fails.
type Refused = Box<Reply>;

fn refused(http: u16, message: impl Into<String>) -> Refused {
    Box::new(Reply::refused(http, message))
}

/// The three headers of every call after login, the limit, and the role.
fn signed_in<'a>(hub: &'a Hub, call: &Call) -> Result<&'a User, Refused> {
    let token = header(call, "x-auth-ph-key")?;
    let channel = header(call, "channel-id")?;
    let username = header(call, "username")?;
    if matches!(call.endpoint, Endpoint::Add | Endpoint::AddBulk) {
        json_content(call)?;
    }
    let unauthorized = || refused(401, "No valid authentication token provided");
    let (place, user) = hub.user(username).ok_or_else(unauthorized)?;
    let desk = hub.desk();
    if !desk.token_fits(place, token) || channel != user.channel_id.to_string() {
        return Err(unauthorized());
    }
    if desk.switches.role_denied || user.role_denied {
        return Err(refused(
            403,
            "You do not have the necessary permissions to perform this action",
        ));
    }
    Ok(user)
}

fn header<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refused> {
    call.headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.trim().is_empty())
        .ok_or_else(|| refused(400, format!("Required header '{name}' is missing")))
}

fn json_content(call: &Call) -> Result<(), Refused> {
    let content = header(call, "content-type")?;
    let kind = content.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(refused(
            400,
            format!("Content type '{kind}' is not supported, use application/json"),
        ))
    }
}

fn invalid_body() -> Refused {
    refused(400, "Invalid request body")
}

fn parameter<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refused> {
    call.query.get(name).map(String::as_str).ok_or_else(|| {
        refused(
            400,
            format!("Required request parameter '{name}' is missing"),
        )
    })
}

/// `pageNo` (0) and `pageSize` (100). A page larger than the hub's limit is
/// cut down to it, and the answer's `pageSize` says so.
fn page(hub: &Hub, call: &Call) -> Result<Page, Refused> {
    let number = |name: &str, default: usize| match call.query.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().map_err(|_| {
            refused(
                400,
                format!("Request parameter '{name}' is not a page number: {text}"),
            )
        }),
    };
    let limit = hub.config.page_limit.max(1);
    let size = number("pageSize", limit.min(100))?;
    if size == 0 {
        return Err(refused(400, "Page size must not be less than one"));
    }
    Ok(Page {
        number: number("pageNo", 0)?,
        size: size.min(limit),
    })
}
