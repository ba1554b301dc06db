//! The control API over HTTP, under `/sandbox`. The crate's page describes it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{ControlError, Pay};
use crate::faults::Rule;
use crate::open_hub::OpenHub;
use crate::switches::SwitchesChange;

/// Payments written between two breaths of the lock.
const PAYMENTS_AT_ONCE: usize = 5000;

type Told = Result<Response, ControlError>;

pub(crate) fn routes() -> Router<Arc<OpenHub>> {
    Router::new()
        .route(
            "/sandbox/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/sandbox/switches", get(switches).post(switch))
        .route("/sandbox/pay", post(pay))
        .route("/sandbox/assign", post(assign))
        .route("/sandbox/away", post(away))
        .route("/sandbox/payments", get(payments))
        .route("/sandbox/calls", get(calls))
        .route("/sandbox/callbacks", get(callbacks))
        .route("/sandbox/state", get(state))
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match &self {
            ControlError::Wrong(_) => StatusCode::BAD_REQUEST,
            ControlError::NotFound(_) => StatusCode::NOT_FOUND,
            ControlError::NotNow(_) => StatusCode::CONFLICT,
            ControlError::Journal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, axum::Json(json!({"error": self.to_string()}))).into_response()
    }
}

/// JSON whatever the content type, so that `curl -d` is enough.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::Wrong(error.to_string()))
}

fn show(value: &impl Serialize) -> Response {
    axum::Json(value).into_response()
}

/// Work that syncs the journal leaves the async threads alone.
async fn blocking<T: Send + 'static>(
    hub: &Arc<OpenHub>,
    work: impl FnOnce(&Arc<OpenHub>) -> T + Send + 'static,
) -> Result<T, ControlError> {
    let hub = Arc::clone(hub);
    tokio::task::spawn_blocking(move || work(&hub))
        .await
        .map_err(|error| ControlError::Journal(io::Error::other(error)))
}

async fn faults(State(hub): State<Arc<OpenHub>>) -> Response {
    show(&hub.desk().rules)
}

async fn add_faults(State(hub): State<Arc<OpenHub>>, body: Bytes) -> Told {
    let rules: Vec<Rule> = match read::<Value>(&body)? {
        rule @ Value::Object(_) => vec![serde_json::from_value(rule)],
        Value::Array(rules) => rules.into_iter().map(serde_json::from_value).collect(),
        _ => {
            return Err(ControlError::Wrong(
                "faults are a rule or a list of rules".to_owned(),
            ));
        }
    }
    .into_iter()
    .collect::<Result<_, _>>()
    .map_err(|error: serde_json::Error| ControlError::Wrong(error.to_string()))?;
    Ok(show(&hub.add_faults(rules)?))
}

async fn clear_faults(State(hub): State<Arc<OpenHub>>) -> Response {
    hub.desk().rules.clear();
    show(&json!([]))
}

async fn switches(State(hub): State<Arc<OpenHub>>) -> Response {
    show(&hub.desk().switches)
}

async fn switch(State(hub): State<Arc<OpenHub>>, body: Bytes) -> Told {
    let change: SwitchesChange = read(&body)?;
    Ok(show(&hub.switch_and_wake(change)?))
}

async fn pay(State(hub): State<Arc<OpenHub>>, body: Bytes) -> Told {
    let wish: Pay = read(&body)?;
    Ok(show(
        &blocking(&hub, move |hub| hub.pay_and_post(&wish)).await??,
    ))
}

async fn assign(State(hub): State<Arc<OpenHub>>) -> Told {
    let assigned = blocking(&hub, OpenHub::assign_all).await??;
    Ok(show(&json!({"assigned": assigned})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Away {
    ms: u64,
}

/// Answers once nothing listens any more; the hub comes back by itself.
async fn away(State(hub): State<Arc<OpenHub>>, body: Bytes) -> Told {
    let Away { ms } = read(&body)?;
    hub.refuse_connections(true).await;
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(ms)) => {}
            () = hub.stopped() => {}
        }
        hub.refuse_connections(false).await;
    });
    Ok(show(&json!({"away_ms": ms})))
}

/// An array, written piece by piece so that a million payments need no
/// gigabyte.
async fn payments(
    State(hub): State<Arc<OpenHub>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let user = query.get("user").cloned();
    let identifier = query.get("identifier").cloned();
    let pieces = stream::unfold(Some(0), move |from: Option<u32>| {
        let (hub, user, identifier) = (Arc::clone(&hub), user.clone(), identifier.clone());
        async move {
            let from = from?;
            let piece = blocking(&hub, move |hub| {
                let range = from..u32::MAX;
                let (views, next) = hub.views(
                    user.as_deref(),
                    identifier.as_deref(),
                    range,
                    PAYMENTS_AT_ONCE,
                );
                let mut piece = Vec::new();
                for view in views {
                    piece.extend_from_slice(if piece.is_empty() && from == 0 {
                        b"\n"
                    } else {
                        b",\n"
                    });
                    serde_json::to_writer(&mut piece, &view)?;
                }
                Ok::<_, io::Error>((Bytes::from(piece), (next != u32::MAX).then_some(next)))
            });
            match piece.await.map_err(io::Error::other).flatten() {
                Ok((piece, next)) => Some((Ok(piece), next)),
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    let edge = |text: &'static [u8]| stream::iter([Ok(Bytes::from_static(text))]);
    let whole = edge(b"[").chain(pieces).chain(edge(b"\n]\n"));
    (
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(whole),
    )
        .into_response()
}

async fn calls(
    State(hub): State<Arc<OpenHub>>,
    Query(query): Query<HashMap<String, String>>,
) -> Told {
    let after = match query.get("after").map(|after| after.parse()) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            return Err(ControlError::Wrong(
                "after is the number of a call".to_owned(),
            ));
        }
    };
    Ok(show(&hub.calls_after(after)))
}

async fn callbacks(State(hub): State<Arc<OpenHub>>) -> Response {
    show(&hub.desk().callbacks)
}

async fn state(State(hub): State<Arc<OpenHub>>) -> Response {
    show(&hub.state())
}
