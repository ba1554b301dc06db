//! From a whole request to what its caller gets to see: the limit, the fault
//! that is due, the work, and the answer as the fault wants it.
//!
//! Synchronous, and without a connection: what a fault does to the line
//! itself is only named here, for whoever holds one.

use std::fmt;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::answers::{Data, Reply};
use crate::calls::{Call, Refuse, username, work};
use crate::faults::{Endpoint, Fault};
use crate::garbling;
use crate::hub::Hub;

/// An answer of the hub, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names are in lower case, and none is there twice. What belongs to a
    /// connection (`content-length`, `date`) is not among them.
    pub headers: Vec<(String, String)>,
    /// JSON, unless a fault made it something else.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(status: u16, body: Vec<u8>) -> Answer {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
        Answer {
            status: status.as_u16(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body,
        }
    }

    /// A header that can't be written is left out.
    fn set(&mut self, name: &str, value: &str) {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return;
        };
        if HeaderValue::from_bytes(value.as_bytes()).is_ok() {
            self.headers.retain(|(header, _)| *header != name.as_str());
            self.headers
                .push((name.as_str().to_owned(), value.to_owned()));
        }
    }

    /// This answer, because a fault's rule says so.
    fn told(status: u16, body: Option<&Value>) -> Answer {
        match body {
            None => Reply::refused(status, "The sandbox was told to answer this").into(),
            Some(Value::String(text)) => Answer::json(status, text.clone().into_bytes()),
            Some(json) => Answer::json(status, json.to_string().into_bytes()),
        }
    }
}

/// Without the body: a token may be in it, and payers' names.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        let mut answer = Answer::json(reply.http, reply.body());
        for (name, value) in &reply.headers {
            answer.set(name, value);
        }
        answer
    }
}

/// What the caller gets to see.
#[derive(Debug)]
pub(crate) enum Seen {
    Answer(Answer),
    /// The answer's headers and this much of its body.
    Cut(Answer, u64),
    /// The answer, at so many bytes a second.
    Dripped(Answer, u64),
    /// A 200 as long as that.
    Huge(u64),
    /// The connection is closed without a byte.
    Closed,
}

impl Seen {
    /// As the log of calls has it.
    pub(crate) fn status(&self) -> String {
        match self {
            Seen::Answer(answer) | Seen::Dripped(answer, _) => answer.status.to_string(),
            Seen::Huge(_) => "200".to_owned(),
            Seen::Cut(..) => "cut".to_owned(),
            Seen::Closed => "closed".to_owned(),
        }
    }
}

/// Works on the n-th call, and notes what came of it but for how it ended.
/// Waiting, where the fault is a delay, is left to who holds the line.
pub(crate) fn answer(hub: &Hub, call: Call, n: u64, fault: Option<&Fault>) -> Seen {
    if let Some(seen) = without_work(hub, username(&call.headers), fault) {
        return seen;
    }
    let reply = work(hub, &call, &refusals(fault));
    let endpoint = call.endpoint;
    // The body is let go before the answer is on its way.
    drop(call);
    hub.desk().settle(n, |call| {
        call.rows = reply.rows;
        call.bulk_id = reply.bulk;
    });
    // A stopped hub has no journal any more, and says nothing rather than 500.
    if reply.http == 500 && hub.journal().is_closed() {
        return Seen::Closed;
    }
    after_work(endpoint, reply, fault)
}

/// What is answered without any work.
fn without_work(hub: &Hub, username: &str, fault: Option<&Fault>) -> Option<Seen> {
    let too_many = "Too many requests, please try again later";
    let answer = match fault {
        Some(Fault::CloseBefore { .. }) => return Some(Seen::Closed),
        Some(Fault::Status {
            code,
            body,
            headers,
        }) => {
            let mut answer = Answer::told(*code, body.as_ref());
            for (name, value) in headers {
                answer.set(name, value);
            }
            answer
        }
        Some(Fault::RetryAfter { code, header }) => {
            let mut reply = Reply::refused(*code, too_many);
            reply.headers.push(("retry-after", header.clone()));
            reply.into()
        }
        Some(Fault::Unauthorized) => {
            if let Some((place, _)) = hub.user(username) {
                hub.desk().forget_token(place);
            }
            Reply::refused(401, "No valid authentication token provided").into()
        }
        Some(Fault::Redirect { to, code }) => {
            let mut reply = Reply::refused(*code, "Moved");
            reply.headers.push(("location", to.clone()));
            reply.into()
        }
        _ => {
            let now = hub.clock.steady_ms();
            let wait_ms = hub.desk().over_limit(username, now)?;
            let seconds = wait_ms.unsigned_abs().div_ceil(1000);
            let mut reply = Reply::refused(429, too_many);
            reply.headers.push(("retry-after", seconds.to_string()));
            reply.into()
        }
    };
    Some(Seen::Answer(answer))
}

fn refusals(fault: Option<&Fault>) -> Refuse {
    match fault {
        Some(Fault::RefuseAll { message }) => Refuse::All(message.clone()),
        Some(Fault::RefuseRows {
            identifiers,
            every,
            message,
        }) => Refuse::Rows {
            identifiers: identifiers.clone(),
            every: *every,
            message: message.clone(),
        },
        _ => Refuse::Nothing,
    }
}

/// What is answered once the work is done and journalled.
fn after_work(endpoint: Endpoint, mut reply: Reply, fault: Option<&Fault>) -> Seen {
    match fault {
        Some(Fault::AfterStatus { code, body }) => {
            return Seen::Answer(Answer::told(*code, body.as_ref()));
        }
        Some(Fault::CloseAfter) => return Seen::Closed,
        Some(Fault::CutAfter { bytes }) => return Seen::Cut(reply.into(), *bytes),
        Some(Fault::Drip { bytes_per_second }) => {
            return Seen::Dripped(Answer::json(reply.http, reply.body()), *bytes_per_second);
        }
        Some(Fault::Huge { bytes }) => return Seen::Huge(*bytes),
        Some(Fault::Html) => {
            let page = "<!DOCTYPE html><html><head><title>Portal</title></head>\
                        <body><h1>Please sign in to the network</h1></body></html>";
            let mut answer = Answer::json(200, page.into());
            answer.set("content-type", "text/html; charset=utf-8");
            return Seen::Answer(answer);
        }
        Some(Fault::BodyCode { http, code }) => {
            (reply.http, reply.code) = (*http, *code);
        }
        Some(Fault::GarbleEcho(garble)) => {
            if let (Endpoint::AddBulk, Data::Echo { rows, .. }) = (endpoint, &mut reply.data) {
                garbling::garble(rows, garble);
            }
        }
        Some(Fault::NoEcho) => {
            if let Some(bulk) = reply.bulk {
                let data = format!("{{\"bulkPaymentRequestId\":{bulk}}}");
                reply.data = Data::Json(data.into_bytes());
            }
        }
        _ => {}
    }
    Seen::Answer(reply.into())
}
