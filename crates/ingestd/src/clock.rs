//! What time it is, for everything on the road: rests, limits and ages by clocks that nobody can
//! set, and the day in the account's time zone. A test or a simulator brings a clock of its own, so
//! nothing on the road asks the machine.

#[cfg(test)]
pub(crate) mod virtual_time;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;

/// The clocks of a process. Leases, pacing and waits that outlive it go by the ledger's.
pub trait Clock: Send + Sync {
    /// For what passes while the process runs. It may stand still while the machine sleeps.
    fn now(&self) -> Instant;

    /// A clock that goes on while the machine sleeps and that nobody can set: no call begins long
    /// after its intent was stored.
    fn awake(&self) -> Duration;

    /// The calendar's time: what day it is, and nothing else on the road, goes by it.
    fn utc(&self) -> DateTime<Utc>;

    /// Resolves when so much time has passed.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// This machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn awake(&self) -> Duration {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let id = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let id = rustix::time::ClockId::Monotonic;
        let now = rustix::time::clock_gettime(id);
        Duration::new(
            u64::try_from(now.tv_sec).unwrap_or(0),
            u32::try_from(now.tv_nsec).unwrap_or(0),
        )
    }

    fn utc(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(time).boxed()
    }
}
