//! How the service ends: asked by ctrl-c or SIGTERM, it finishes the step it is in.

use std::time::Duration;

use tokio::task::JoinHandle;

/// A call in flight may need this long; what has not ended by then is left as `sending`, and
/// looked up by whoever serves the account next.
const DRAINED_WITHIN: Duration = Duration::from_secs(20);

/// Resolves when a person or the system asks the process to stop.
pub(super) async fn asked() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
            }
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Waits for the accounts to finish their steps; a second request to stop ends the wait.
pub(super) async fn drain(serving: Vec<JoinHandle<()>>) {
    let all = async {
        for desk in serving {
            if let Err(error) = desk.await {
                tracing::error!(%error, "serving an account failed");
            }
        }
    };
    tokio::select! {
        () = all => {}
        () = tokio::time::sleep(DRAINED_WITHIN) => {
            tracing::warn!("a step is still under way; a call that is in flight is looked up when the account is served again");
        }
        () = asked() => {}
    }
}
