//! One call from its headers to its last byte: noted, read, worked on, and
//! answered, with whatever fault is due put where it belongs.
//!
//! Once a call is read whole it is worked on in a task of its own: as at a
//! real hub, a caller that hangs up does not stop the work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt;
use serde_json::Value;

use crate::answers::{Data, Reply};
use crate::calls::{Call, Refuse, work};
use crate::faults::{Endpoint, Fault};
use crate::garbling;
use crate::hub::Hub;
use crate::line::LineHandle;
use crate::times::now_ms;

/// What the caller gets to see.
enum Wire {
    Answer(Response),
    /// The answer's headers and this much of its body.
    Cut(Response, u64),
    Closed,
}

/// Takes one call through. `path` is what stands behind the endpoint.
pub(crate) async fn exchange(
    hub: Arc<Hub>,
    line: LineHandle,
    endpoint: Endpoint,
    path: String,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let username = parts
        .headers
        .get("username")
        .and_then(|name| name.to_str().ok());
    let username = username.unwrap_or_default().to_owned();
    let (n, fault) = hub.desk().arrive(now_ms(), endpoint, &username);
    // Until the body is here, a caller that hangs up drops this future.
    let mut arrival = Arrival {
        hub: &hub,
        n,
        status: "lost",
    };
    let read_max = match fault {
        Some(Fault::CloseBefore {
            read_bytes: Some(bytes),
        }) => bytes,
        _ => hub.config.body_bytes_max as u64,
    };
    let gone = hub.desk().switches.down || *hub.away.borrow();
    if gone || read_max == 0 {
        arrival.status = "closed";
        line.close();
        return Response::default();
    }
    let read = read_body(body, read_max).await;
    let body = match read {
        Ok(Some(body)) => body,
        Ok(None) if !matches!(fault, Some(Fault::CloseBefore { .. })) => {
            arrival.status = "413";
            return response(&Reply::refused(413, "Request body is too large"));
        }
        Ok(None) => {
            arrival.status = "closed";
            line.close();
            return Response::default();
        }
        Err(_) => {
            line.close();
            return Response::default();
        }
    };
    let query = Query::try_from_uri(&parts.uri)
        .map(|Query(query)| query)
        .unwrap_or_default();
    let call = Call {
        endpoint,
        path,
        headers: parts.headers,
        query,
        body,
    };
    arrival.status = "open";
    drop(arrival);
    let going_on = tokio::spawn(go_on(Arc::clone(&hub), call, username, n, fault));
    match going_on.await {
        Ok(Wire::Answer(response)) => response,
        Ok(Wire::Cut(response, bytes)) => {
            line.cut_after(bytes);
            response
        }
        Ok(Wire::Closed) => {
            line.close();
            Response::default()
        }
        Err(error) => {
            tracing::error!(%error, "a call was not finished");
            response(&Reply::refused(500, "Something went wrong"))
        }
    }
}

/// Notes what became of a call, also when its future is dropped.
struct Arrival<'a> {
    hub: &'a Hub,
    n: u64,
    status: &'static str,
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        let status = self.status;
        self.hub
            .desk()
            .settle(self.n, |call| call.status = status.to_owned());
    }
}

/// The whole body; `None` if it goes on after `max` bytes.
async fn read_body(body: Body, max: u64) -> Result<Option<Bytes>, axum::Error> {
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
        if whole.len() as u64 > max {
            return Ok(None);
        }
    }
    Ok(Some(whole.into()))
}

/// From the whole request to what the caller sees.
async fn go_on(hub: Arc<Hub>, call: Call, username: String, n: u64, fault: Option<Fault>) -> Wire {
    let wire = match before_work(&hub, &username, fault.as_ref()).await {
        Some(wire) => wire,
        None => {
            let refuse = refusals(fault.as_ref());
            let working = Arc::clone(&hub);
            let worked = tokio::task::spawn_blocking(move || {
                let (endpoint, reply) = (call.endpoint, work(&working, &call, &refuse));
                // The body is let go before the answer is on its way.
                drop(call);
                (endpoint, reply)
            });
            match worked.await {
                Ok((endpoint, reply)) => {
                    hub.desk().settle(n, |call| {
                        call.rows = reply.rows;
                        call.bulk_id = reply.bulk;
                    });
                    after_work(&hub, endpoint, reply, fault.as_ref()).await
                }
                Err(error) => {
                    tracing::error!(%error, "the work on a call was not finished");
                    Wire::Closed
                }
            }
        }
    };
    let status = match &wire {
        Wire::Answer(response) => response.status().as_u16().to_string(),
        Wire::Cut(..) => "cut".to_owned(),
        Wire::Closed => "closed".to_owned(),
    };
    hub.desk().settle(n, |call| call.status = status);
    wire
}

/// What is answered without any work.
async fn before_work(hub: &Hub, username: &str, fault: Option<&Fault>) -> Option<Wire> {
    match fault {
        Some(Fault::CloseBefore { .. }) => return Some(Wire::Closed),
        Some(Fault::Status {
            code,
            body,
            headers,
        }) => {
            let mut response = as_told(*code, body.as_ref());
            for (name, value) in headers {
                set_header(&mut response, name, value);
            }
            return Some(Wire::Answer(response));
        }
        Some(Fault::RetryAfter { code, header }) => {
            let mut reply = Reply::refused(*code, "Too many requests, please try again later");
            reply.headers.push(("retry-after", header.clone()));
            return Some(Wire::Answer(response(&reply)));
        }
        Some(Fault::Unauthorized) => {
            if let Some((place, _)) = hub.user(username) {
                hub.desk().forget_token(place);
            }
            let reply = Reply::refused(401, "No valid authentication token provided");
            return Some(Wire::Answer(response(&reply)));
        }
        Some(Fault::Redirect { to, code }) => {
            let mut reply = Reply::refused(*code, "Moved");
            reply.headers.push(("location", to.clone()));
            return Some(Wire::Answer(response(&reply)));
        }
        Some(Fault::DelayBeforeMs(ms)) if !wait(hub, *ms).await => return Some(Wire::Closed),
        _ => {}
    }
    let wait = hub.desk().over_limit(username, Instant::now())?;
    let mut reply = Reply::refused(429, "Too many requests, please try again later");
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    reply.headers.push(("retry-after", seconds.to_string()));
    Some(Wire::Answer(response(&reply)))
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
async fn after_work(
    hub: &Arc<Hub>,
    endpoint: Endpoint,
    mut reply: Reply,
    fault: Option<&Fault>,
) -> Wire {
    // A stopped hub has no journal any more, and says nothing rather than 500.
    if hub.is_stopping() && reply.http == 500 {
        return Wire::Closed;
    }
    match fault {
        Some(Fault::AfterStatus { code, body }) => Wire::Answer(as_told(*code, body.as_ref())),
        Some(Fault::CloseAfter) => Wire::Closed,
        Some(Fault::CutAfter { bytes }) => Wire::Cut(response(&reply), *bytes),
        Some(Fault::DelayAfterMs(ms)) => {
            if wait(hub, *ms).await {
                Wire::Answer(response(&reply))
            } else {
                Wire::Closed
            }
        }
        Some(Fault::Html) => {
            let page = "<!DOCTYPE html><html><head><title>Portal</title></head>\
                        <body><h1>Please sign in to the network</h1></body></html>";
            let mut response = Response::new(Body::from(page));
            set_header(&mut response, "content-type", "text/html; charset=utf-8");
            Wire::Answer(response)
        }
        Some(Fault::BodyCode { http, code }) => {
            (reply.http, reply.code) = (*http, *code);
            Wire::Answer(response(&reply))
        }
        Some(Fault::GarbleEcho(garble)) => {
            if let (Endpoint::AddBulk, Data::Echo { rows, .. }) = (endpoint, &mut reply.data) {
                garbling::garble(rows, garble);
            }
            Wire::Answer(response(&reply))
        }
        Some(Fault::NoEcho) => {
            if let Some(bulk) = reply.bulk {
                let data = format!("{{\"bulkPaymentRequestId\":{bulk}}}");
                reply.data = Data::Json(data.into_bytes());
            }
            Wire::Answer(response(&reply))
        }
        Some(Fault::Drip { bytes_per_second }) => {
            let whole = reply.body();
            let length = whole.len();
            let body = garbling::drip(Arc::clone(hub), whole, *bytes_per_second);
            let mut response = with_body(reply.http, body);
            set_header(
                &mut response,
                header::CONTENT_LENGTH.as_str(),
                &length.to_string(),
            );
            Wire::Answer(response)
        }
        Some(Fault::Huge { bytes }) => {
            Wire::Answer(with_body(200, garbling::huge(Arc::clone(hub), *bytes)))
        }
        _ => Wire::Answer(response(&reply)),
    }
}

/// Whether the wait went to its end; false if the sandbox stopped meanwhile.
async fn wait(hub: &Hub, ms: u64) -> bool {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(ms)) => true,
        () = hub.stopped() => false,
    }
}

/// A reply as it goes on the wire.
pub(crate) fn response(reply: &Reply) -> Response {
    let mut response = with_body(reply.http, Body::from(reply.body()));
    for (name, value) in &reply.headers {
        set_header(&mut response, name, value);
    }
    response
}

fn with_body(http: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(http).unwrap_or(StatusCode::IM_A_TEAPOT);
    set_header(&mut response, "content-type", "application/json");
    response
}

fn as_told(code: u16, body: Option<&Value>) -> Response {
    match body {
        None => response(&Reply::refused(code, "The sandbox was told to answer this")),
        Some(Value::String(text)) => with_body(code, Body::from(text.clone())),
        Some(json) => with_body(code, Body::from(json.to_string())),
    }
}

/// Headers that can't be written are left out; rules are checked before.
fn set_header(response: &mut Response, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
        response.headers_mut().insert(name, value);
    }
}
