//! The service's own small web face: whether it lives, for whatever watches over the machine, and
//! the door for what hubs tell of their own accord.

mod callbacks;
mod connections;
mod keeper;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use ingest_ledger::Ledger;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Account;
use crate::exit::Failure;
use connections::{Connections, Peer};

/// What is called with an account's name once callbacks of it are stored, to wake whoever serves it.
pub type Heard = Arc<dyn Fn(&str) + Send + Sync>;

/// Listens, and answers `GET /health` and the callbacks of these accounts until the service stops.
///
/// # Errors
/// The address is in use or not to be had; a callback's secret can't be read.
pub async fn start(
    listen: SocketAddr,
    ledger: Ledger,
    accounts: impl Iterator<Item = &Arc<Account>>,
    heard: Heard,
    mut stop: watch::Receiver<bool>,
) -> Result<JoinHandle<()>, Failure> {
    let doors = callbacks::doors(accounts)?;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::usage(format!("can't listen on {listen}: {error}")).help(
            "another program (or another ingestd) has this port: stop it, or change [web] listen",
        )
    })?;
    let at = listener.local_addr().unwrap_or(listen);
    tracing::info!(listen = %at, callbacks = doors.len(), "the web face listens");
    let keeper = keeper::start(ledger.clone(), heard);
    let app = Router::new()
        .route("/health", get(health))
        .with_state(ledger)
        .merge(callbacks::router(doors, keeper));
    Ok(tokio::spawn(async move {
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        let app = app.into_make_service_with_connect_info::<Peer>();
        if let Err(error) = axum::serve(Connections::of(listener), app)
            .with_graceful_shutdown(stopped)
            .await
        {
            tracing::error!(%error, "the web face failed");
        }
    }))
}

/// 200 with the accounts and who serves them, or 503 where the database is away.
async fn health(State(ledger): State<Ledger>) -> (StatusCode, Json<Value>) {
    match ledger.accounts().await {
        Ok(accounts) => {
            let accounts: Vec<Value> = accounts
                .iter()
                .map(|line| json!({"account": line.account, "served": line.served, "paused": line.paused_reason}))
                .collect();
            (
                StatusCode::OK,
                Json(json!({"ok": true, "accounts": accounts})),
            )
        }
        Err(error) => {
            tracing::warn!(%error, "asked for health while the database is away");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({"ok": false, "message": "the database is away"})),
            )
        }
    }
}
