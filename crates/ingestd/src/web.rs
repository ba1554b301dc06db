//! The service's own small web face: whether it lives, for whatever watches over the machine.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use ingest_ledger::Ledger;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::exit::Failure;

/// Listens, and answers `GET /health` until the service stops.
///
/// # Errors
/// The address is in use or not to be had.
pub async fn start(
    listen: SocketAddr,
    ledger: Ledger,
    mut stop: watch::Receiver<bool>,
) -> Result<JoinHandle<()>, Failure> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::usage(format!("can't listen on {listen}: {error}")).help(
            "another program (or another ingestd) has this port: stop it, or change [web] listen",
        )
    })?;
    let app = Router::new()
        .route("/health", get(health))
        .with_state(ledger);
    Ok(tokio::spawn(async move {
        let stopped = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        if let Err(error) = axum::serve(listener, app)
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
