//! How one request goes out, whatever it is: when its turn comes, through the
//! client's surroundings, and never into the wait of a busy hub.

use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::departure::TOO_LATE;
use crate::pace::{CallKind, PaceError};
use crate::request::Request;
use crate::retry_after::jittered;
use crate::surroundings::{Answer, Limits, NoAnswer, Surroundings};

impl Client {
    /// The world outside.
    pub(crate) fn surroundings(&self) -> &dyn Surroundings {
        &*self.inner.surroundings
    }

    /// Waits until the hub may be called: the busy hub's wait first, then the
    /// pacer's turn; and both again if the hub became busy meanwhile.
    pub(crate) async fn turn(&self, kind: CallKind) -> Result<(), PaceError> {
        loop {
            while let Some(left) = self.busy_for() {
                self.surroundings().sleep(left).await;
            }
            self.inner.pacer.turn(kind).await?;
            if self.busy_for().is_none() {
                return Ok(());
            }
        }
    }

    /// How much longer the hub wants to be left alone.
    pub(crate) fn busy_for(&self) -> Option<Duration> {
        self.inner.gate.closed_for(self.surroundings().now())
    }

    /// Leaves the hub alone for as long as it asked and a little more, which
    /// is returned.
    pub(crate) fn leave_alone(&self, asked: Duration) -> Duration {
        let wait = jittered(asked, self.surroundings());
        self.inner.gate.close(self.surroundings().now(), wait);
        wait
    }

    /// Sends the request, once, and brings its answer.
    pub(crate) async fn exchange(
        &self,
        request: Request,
        deadline: Duration,
    ) -> Result<Answer, NoAnswer> {
        let limits = Limits {
            deadline,
            answer_bytes_max: self.inner.settings.answer_bytes_max,
        };
        let body = request.body.as_ref().map(Arc::clone);
        let started = self.surroundings().now();
        let outcome = self.surroundings().exchange(request, limits).await;
        tracing::debug!(
            status = outcome.as_ref().ok().map(|answer| answer.status),
            took_ms = self
                .surroundings()
                .now()
                .saturating_sub(started)
                .as_millis(),
            "called the hub"
        );
        if body.is_some_and(|body| body.was_kept_back()) {
            // Whatever the layers below make of a body that does not come.
            return Err(NoAnswer::NotSent(TOO_LATE.to_owned()));
        }
        outcome
    }
}
