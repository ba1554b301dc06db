//! How the service ends: asked by ctrl-c or SIGTERM, it finishes the step it is in.

use std::time::Duration;

use tokio::task::JoinHandle;

/// A call in flight may need this long; what has not ended by then is left as `sending`, and
/// looked up by whoever serves the account next.
const DRAINED_WITHIN: Duration = Duration::from_secs(20);

/// Resolves when a person or the system asks the process to stop.
pub(super) async fn asked() {
    Ear::open().asked().await;
}

/// Hears who asks the process to stop, from when it is opened: also before anybody waits for it.
pub(super) struct Ear {
    #[cfg(unix)]
    signals: [Option<tokio::signal::unix::Signal>; 2],
}

#[cfg(unix)]
impl Ear {
    pub(super) fn open() -> Ear {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::terminate(), SignalKind::interrupt()];
        Ear {
            signals: signals.map(|kind| signal(kind).ok()),
        }
    }

    /// Resolves when the process was asked to stop.
    pub(super) async fn asked(mut self) {
        let [terminate, interrupt] = self.signals.each_mut().map(async |signal| match signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await, // the system's own way of stopping it is left
        });
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}

#[cfg(not(unix))]
impl Ear {
    pub(super) fn open() -> Ear {
        Ear {}
    }

    /// Resolves when the process was asked to stop.
    pub(super) async fn asked(self) {
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
