//! How the stops of an account's road tell one another: which file is being stored, what lies in the
//! inbox, that something moved, and that they are to end.

use std::time::Duration;

use tokio::sync::watch;

use super::Served;
use crate::gateway::AskError;

/// What the last look into the inbox found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxNow {
    /// It was not looked into yet.
    NotScanned,
    /// Files are there that are not complete yet, or that are tried again soon.
    Waiting,
    /// Nothing is left in it that could be taken.
    Empty,
    /// All that is left in it can't be taken (it may not be read, say): a person must look.
    LeftAlone,
    /// The folder can't be read.
    Unavailable,
}

/// The right to claim and store one file; see [`Served::may_store`].
#[must_use]
pub struct Storing<'a> {
    served: &'a Served,
    sha256: [u8; 32],
}

impl Drop for Storing<'_> {
    fn drop(&mut self) {
        self.served.storing.send_modify(|storing| {
            storing.remove(&self.sha256);
        });
    }
}

impl Served {
    /// The right to claim and store the file with this checksum, unless another loop of this
    /// process is at it. It ends when the answer is dropped.
    pub fn may_store(&self, sha256: [u8; 32]) -> Option<Storing<'_>> {
        self.storing
            .send_if_modified(|storing| storing.insert(sha256))
            .then(|| Storing {
                served: self,
                sha256,
            })
    }

    /// As [`Served::may_store`], once nobody else is at it.
    pub async fn storing(&self, sha256: [u8; 32]) -> Storing<'_> {
        let mut others = self.storing.subscribe();
        loop {
            if let Some(storing) = self.may_store(sha256) {
                return storing;
            }
            let _ = others.wait_for(|storing| !storing.contains(&sha256)).await;
        }
    }

    /// Notes what a look into the inbox found.
    pub fn inbox_is(&self, now: InboxNow) {
        self.inbox.send_replace(now);
    }

    /// What the last look into the inbox found.
    pub fn inbox_now(&self) -> InboxNow {
        *self.inbox.borrow()
    }

    /// Tells the other stops that there may be something to do.
    pub fn moved(&self) {
        self.moved
            .send_modify(|times| *times = times.wrapping_add(1));
    }

    /// What moved from now on; nothing is missed between two rests.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Waits until a stop says that something moved, the time is over, or we are to stop.
    pub async fn rest(&self, news: &mut watch::Receiver<u64>, at_most: Duration) {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            _ = news.changed() => {}
            () = self.world.clock.sleep(at_most) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// What tells the stops to end, for work that goes on in a thread of its own.
    pub fn stop_signal(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// A long reading of the hub, given up once we are to stop: nothing is lost by it.
    pub async fn unless_stopped<T>(
        &self,
        reading: impl Future<Output = Result<T, AskError>>,
    ) -> Result<T, AskError> {
        tokio::select! {
            biased;
            read = reading => read,
            () = self.stopped() => {
                Err(AskError::Unreadable("the service is being stopped".to_owned()))
            }
        }
    }

    /// Asks every stop to end after the step it is in.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether the stops are to end.
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Resolves when the stops are to end.
    pub async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Waits until the time is over or we are to stop.
    pub async fn rest_unmoved(&self, at_most: Duration) {
        tokio::select! {
            () = self.world.clock.sleep(at_most) => {}
            () = self.stopped() => {}
        }
    }
}
