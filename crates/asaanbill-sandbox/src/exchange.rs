//! One call on a connection, from its headers to its last byte: noted, read,
//! worked on, and answered, with whatever a fault does to the line put where
//! it belongs.
//!
//! Once a call is read whole it is worked on in a task of its own: as at a
//! real hub, a caller that hangs up does not stop the work.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt;

use crate::answering::{Answer, Seen, answer};
use crate::answers::Reply;
use crate::calls::{Call, username};
use crate::faults::{Endpoint, Fault};
use crate::garbling;
use crate::hub::Hub;
use crate::line::LineHandle;
use crate::open_hub::OpenHub;
use crate::routes;

/// Takes one call through.
pub(crate) async fn exchange(hub: Arc<OpenHub>, line: LineHandle, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (endpoint, path) = match routes::find(&parts.method, parts.uri.path()) {
        Ok(found) => found,
        Err(reply) => return response(reply.into()),
    };
    let at_ms = hub.clock.now_ms();
    let (n, fault) = hub.desk().arrive(at_ms, endpoint, username(&parts.headers));
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
            return response(Reply::too_large().into());
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
    let call = Call::new(endpoint, path, parts.headers, &parts.uri, body);
    arrival.status = "open";
    drop(arrival);
    let going_on = tokio::spawn(go_on(Arc::clone(&hub), call, n, fault));
    match going_on.await {
        Ok(Seen::Answer(answer)) => response(answer),
        Ok(Seen::Cut(answer, bytes)) => {
            line.cut_after(bytes);
            response(answer)
        }
        Ok(Seen::Dripped(mut answer, bytes_per_second)) => {
            let whole = std::mem::take(&mut answer.body);
            let length = HeaderValue::from(whole.len());
            let mut response = response(answer);
            *response.body_mut() = garbling::drip(hub, whole, bytes_per_second);
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length);
            response
        }
        Ok(Seen::Huge(bytes)) => {
            let mut response = response(Answer::json(200, Vec::new()));
            *response.body_mut() = garbling::huge(hub, bytes);
            response
        }
        Ok(Seen::Closed) => {
            line.close();
            Response::default()
        }
        Err(error) => {
            tracing::error!(%error, "a call was not finished");
            response(Reply::refused(500, "Something went wrong").into())
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
async fn go_on(hub: Arc<OpenHub>, call: Call, n: u64, fault: Option<Fault>) -> Seen {
    let seen = worked_on(&hub, call, n, fault).await;
    hub.desk().settle(n, |call| call.status = seen.status());
    seen
}

async fn worked_on(hub: &Arc<OpenHub>, call: Call, n: u64, fault: Option<Fault>) -> Seen {
    if let Some(Fault::DelayBeforeMs(ms)) = fault
        && !wait(hub, ms).await
    {
        return Seen::Closed;
    }
    let after_ms = match fault {
        Some(Fault::DelayAfterMs(ms)) => ms,
        _ => 0,
    };
    let adds = matches!(call.endpoint, Endpoint::Add | Endpoint::AddBulk);
    let working = Arc::clone(hub);
    let worked = tokio::task::spawn_blocking(move || answer(&working, call, n, fault.as_ref()));
    let seen = match worked.await {
        Ok(seen) => seen,
        Err(error) => {
            tracing::error!(%error, "the work on a call was not finished");
            Seen::Closed
        }
    };
    if adds {
        hub.wake_assigning();
    }
    if after_ms > 0 && !wait(hub, after_ms).await {
        return Seen::Closed;
    }
    seen
}

/// Whether the wait went to its end; false if the sandbox stopped meanwhile.
async fn wait(hub: &OpenHub, ms: u64) -> bool {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(ms)) => true,
        () = hub.stopped() => false,
    }
}

/// An answer as it goes on the wire.
pub(crate) fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
