//! The sandbox as a thing that runs: its routes, its start, and its stop.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::answers::Reply;
use crate::callbacks::CallbackRecord;
use crate::config::{SandboxConfig, SandboxError};
use crate::control::{ControlError, Pay, PaymentView};
use crate::control_routes;
use crate::desk::CallRecord;
use crate::exchange::{exchange, response};
use crate::faults::Rule;
use crate::line::{Door, LineHandle};
use crate::open_hub::OpenHub;
use crate::switches::{Switches, SwitchesChange};

/// How long calls in flight may take to end when the sandbox stops.
const GRACE: Duration = Duration::from_secs(3);

/// A running hub. Dropping it stops it at once: nothing is journalled after
/// the drop, and connections close as soon as they are idle.
pub struct Sandbox {
    hub: Arc<OpenHub>,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts the hub on this listener, in the background. It serves until
    /// [`Sandbox::stop`], or until it is dropped.
    ///
    /// Must be called inside a tokio runtime, with a loopback listener.
    ///
    /// # Errors
    /// A listener that others can reach, users or callback URLs that make no
    /// sense, or a journal that can't be used.
    pub fn start(listener: TcpListener, config: SandboxConfig) -> Result<Sandbox, SandboxError> {
        let address = listener.local_addr().map_err(SandboxError::Listener)?;
        if !address.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(address));
        }
        let hub = Arc::new(OpenHub::open(config)?);
        let door = Door::new(listener, address, hub.away.subscribe(), hub.shut.clone());
        let app = routes().with_state(Arc::clone(&hub));
        let app = app.into_make_service_with_connect_info::<LineHandle>();
        let stopping = Arc::clone(&hub);
        let serving = tokio::spawn(async move {
            let serving = axum::serve(door, app)
                .with_graceful_shutdown(async move { stopping.stopped().await });
            if let Err(error) = serving.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        tokio::spawn(Arc::clone(&hub).assign_in_turn());
        Ok(Sandbox {
            hub,
            address,
            serving: Some(serving),
        })
    }

    /// What a client is configured with: `http://127.0.0.1:PORT/payment-hub/integration`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/payment-hub/integration", self.address)
    }

    /// Where the control API is: `http://127.0.0.1:PORT/sandbox`.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets calls in flight end (for three seconds), then stops and frees
    /// port and journal.
    pub async fn stop(mut self) {
        self.hub.stopping.send_replace(true);
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(GRACE, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }

    /// Adds fault rules behind those that are there.
    ///
    /// # Errors
    /// A rule that can't be kept; then none of them is.
    pub fn add_faults(&self, rules: impl IntoIterator<Item = Rule>) -> Result<(), ControlError> {
        self.hub.add_faults(rules.into_iter().collect()).map(drop)
    }

    /// The rules that are left, with what is left of their counts.
    #[must_use]
    pub fn faults(&self) -> Vec<Rule> {
        self.hub.desk().rules.clone()
    }

    /// Takes all rules away.
    pub fn clear_faults(&self) {
        self.hub.desk().rules.clear();
    }

    /// Changes standing switches; answers them all.
    ///
    /// # Errors
    /// A new password for a user that does not exist.
    pub fn switch(&self, change: SwitchesChange) -> Result<Switches, ControlError> {
        self.hub.switch_and_wake(change)
    }

    /// The switches as they stand.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.hub.desk().switches.clone()
    }

    /// Pays a bill (APPROVED to PROCESSED) and posts the callback.
    ///
    /// # Errors
    /// No such bill, or none that can be paid now.
    pub fn pay(&self, pay: &Pay) -> Result<PaymentView, ControlError> {
        self.hub.pay_and_post(pay)
    }

    /// Assigns every PSID that waits, held or not; answers how many bulk
    /// requests and single payments that were.
    ///
    /// # Errors
    /// The journal can't be written.
    pub fn assign(&self) -> Result<usize, ControlError> {
        self.hub.assign_all()
    }

    /// Every payment ever, oldest first; of one user or one identifier.
    #[must_use]
    pub fn payments(&self, user: Option<&str>, identifier: Option<&str>) -> Vec<PaymentView> {
        self.hub.views(user, identifier, 0..u32::MAX, usize::MAX).0
    }

    /// Every call since the start, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.hub.calls_after(0)
    }

    /// Every callback that came to an end.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.hub.desk().callbacks.clone()
    }

    /// Totals.
    #[must_use]
    pub fn state(&self) -> crate::State {
        self.hub.state()
    }

    /// Stops listening, so that connections are refused, or listens on the
    /// same port again. Returns once it is so. Calls on connections that are
    /// open already are closed without an answer meanwhile.
    pub async fn refuse_connections(&self, refuse: bool) {
        self.hub.refuse_connections(refuse).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.hub.stopping.send_replace(true);
        self.hub.journal().close();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Runs a hub until `shutdown` resolves; for a command line.
///
/// # Errors
/// As [`Sandbox::start`].
pub async fn serve(
    listener: TcpListener,
    config: SandboxConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), SandboxError> {
    let sandbox = Sandbox::start(listener, config)?;
    shutdown.await;
    sandbox.stop().await;
    Ok(())
}

/// The control API, and the hub's calls wherever it is not.
fn routes() -> Router<Arc<OpenHub>> {
    control_routes::routes()
        .fallback(call)
        .method_not_allowed_fallback(async || response(Reply::wrong_method().into()))
}

async fn call(
    State(hub): State<Arc<OpenHub>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    request: Request,
) -> Response {
    exchange(hub, line, request).await
}
