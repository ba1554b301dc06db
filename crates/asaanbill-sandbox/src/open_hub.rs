//! The hub with its door open: what happens by itself while it has a port,
//! which is PSIDs assigned a moment later and callbacks posted; and how it
//! goes away for a while, and stops.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};

use crate::callbacks::{Callback, CallbackRecord, CallbackUrl};
use crate::clock::Clock;
use crate::config::{SandboxConfig, SandboxError};
use crate::control::{ControlError, Pay, PaymentView};
use crate::hub::{Assigned, Hub};
use crate::switches::{Switches, SwitchesChange};

/// Callbacks on their way at once.
const CALLBACKS_AT_ONCE: usize = 16;

#[derive(Debug)]
pub(crate) struct OpenHub {
    hub: Hub,
    waiting_changed: Notify,
    /// In the order of the config's users.
    callback_urls: Vec<Option<CallbackUrl>>,
    callback_slots: Semaphore,
    /// Set once, when the sandbox stops.
    pub(crate) stopping: watch::Sender<bool>,
    /// Whether connections are to be refused.
    pub(crate) away: watch::Sender<bool>,
    /// Whether they are.
    pub(crate) shut: watch::Sender<bool>,
}

/// An open hub is the hub, and can be asked all that it can.
impl Deref for OpenHub {
    type Target = Hub;

    fn deref(&self) -> &Hub {
        &self.hub
    }
}

impl OpenHub {
    pub(crate) fn open(config: SandboxConfig) -> Result<OpenHub, SandboxError> {
        let common = url(config.callback_url.as_deref())?;
        let mut callback_urls = Vec::new();
        for user in &config.users {
            let own = url(user.callback_url.as_deref())?;
            callback_urls.push(own.or_else(|| common.clone()));
        }
        Ok(OpenHub {
            hub: Hub::open(config, Clock::real())?,
            waiting_changed: Notify::new(),
            callback_urls,
            callback_slots: Semaphore::new(CALLBACKS_AT_ONCE),
            stopping: watch::Sender::new(false),
            away: watch::Sender::new(false),
            shut: watch::Sender::new(false),
        })
    }

    /// Resolves when the sandbox stops.
    pub(crate) async fn stopped(&self) {
        // The sender lives in `self`, so this ends only when it is set.
        let _ = self
            .stopping
            .subscribe()
            .wait_for(|stopping| *stopping)
            .await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Stops listening, or listens again, and waits until it is so.
    pub(crate) async fn refuse_connections(&self, refuse: bool) {
        self.away.send_replace(refuse);
        let mut shut = self.shut.subscribe();
        tokio::select! {
            _ = shut.wait_for(|shut| *shut == refuse) => {}
            () = self.stopped() => {}
        }
    }

    /// Looks again at what waits: something was added, or a hold taken away.
    pub(crate) fn wake_assigning(&self) {
        self.waiting_changed.notify_one();
    }

    /// Assigns PSIDs as they fall due, until the sandbox stops.
    pub(crate) async fn assign_in_turn(self: Arc<OpenHub>) {
        loop {
            let due = self.next_due();
            let fallen_due = async {
                match due {
                    Some(due) => {
                        let left = due.saturating_sub(self.clock.steady_ms()).max(0);
                        tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stopped() => return,
                () = self.waiting_changed.notified() => {}
                () = fallen_due => {
                    let hub = Arc::clone(&self);
                    let assigned = tokio::task::spawn_blocking(move || {
                        hub.assign_while(Hub::assign_due)
                    });
                    if let Ok(Err(error)) = assigned.await {
                        tracing::warn!(%error, "PSIDs can't be assigned yet");
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            }
        }
    }

    /// Assigns every PSID that waits, and posts the callbacks; answers how
    /// many bulk requests and single payments that were.
    pub(crate) fn assign_all(self: &Arc<OpenHub>) -> Result<usize, ControlError> {
        Ok(self.assign_while(Hub::assign_anyway)?)
    }

    fn assign_while(
        self: &Arc<OpenHub>,
        assign: impl Fn(&Hub) -> std::io::Result<Option<Assigned>>,
    ) -> std::io::Result<usize> {
        let mut count = 0;
        while let Some(assigned) = assign(self)? {
            count += 1;
            if let Assigned::Bulk(callback) = assigned {
                self.post(callback);
            }
        }
        Ok(count)
    }

    /// Pays one bill, and posts the callback.
    pub(crate) fn pay_and_post(
        self: &Arc<OpenHub>,
        pay: &Pay,
    ) -> Result<PaymentView, ControlError> {
        let paid = self.pay(pay)?;
        self.post(paid.callback);
        Ok(paid.payment)
    }

    /// Changes switches; what waits may not be held any more.
    pub(crate) fn switch_and_wake(&self, change: SwitchesChange) -> Result<Switches, ControlError> {
        let switches = self.switch(change)?;
        self.wake_assigning();
        Ok(switches)
    }

    /// Posts a callback to the user's URL, if there is one, and notes what
    /// came of it. Does not wait. Outside an async runtime nothing is posted.
    fn post(self: &Arc<OpenHub>, callback: Callback) {
        let url = self
            .user(&callback.user)
            .and_then(|(place, _)| self.callback_urls[place].clone());
        let (Some(url), Ok(runtime)) = (url, tokio::runtime::Handle::try_current()) else {
            return;
        };
        let hub = Arc::clone(self);
        runtime.spawn(async move {
            let at_ms = hub.clock.now_ms();
            let Ok(_slot) = hub.callback_slots.acquire().await else {
                return;
            };
            let outcome = url.post(callback.kind, &callback.body).await;
            let record = CallbackRecord::of(callback, at_ms, outcome);
            hub.desk().callbacks.push(record);
        });
    }
}

fn url(text: Option<&str>) -> Result<Option<CallbackUrl>, SandboxError> {
    text.map(CallbackUrl::parse).transpose()
}
