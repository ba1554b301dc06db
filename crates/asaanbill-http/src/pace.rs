//! When a call may go: the account's calls a minute, evenly spaced.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::surroundings::Surroundings;

/// What a turn is asked for. Writes are counted apart from everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// `add` and `add-bulk`.
    Write,
    /// Everything that changes nothing.
    Read,
    /// A login. [`EvenPacer`] counts it as a read.
    SignIn,
}

/// Why a pacer gives no turn, such as a ledger that can't be reached. The call
/// is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no turn to call the hub: {why}")]
pub struct PaceError {
    /// For a person.
    pub why: String,
}

/// Decides when the next call may go. The client asks before every request,
/// repeated reads and logins included, and waits for as long as it takes.
///
/// The default, [`EvenPacer`], counts in memory. A service that runs as many
/// processes, or must not exceed its rate across a restart, brings one that
/// counts in its database. The wait a busy hub asks for (`Retry-After`) is not
/// the pacer's business: the client keeps it before it asks for a turn.
pub trait Pacer: Send + Sync {
    /// Resolves when the call may go.
    fn turn(&self, call: CallKind) -> BoxFuture<'_, Result<(), PaceError>>;
}

/// Evenly spaced turns without bursts: at most `n` in any 60 seconds.
pub struct EvenPacer {
    writes: Limiter,
    reads: Limiter,
    time: Time,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Time, NoOpMiddleware<Duration>>;

impl EvenPacer {
    /// So many calls a minute of either kind, by tokio's clock.
    #[must_use]
    pub fn new(writes_per_minute: NonZeroU32, reads_per_minute: NonZeroU32) -> EvenPacer {
        EvenPacer::by(
            Time::Tokio(Instant::now()),
            writes_per_minute,
            reads_per_minute,
        )
    }

    /// The same by the clock of these surroundings.
    #[must_use]
    pub fn in_surroundings(
        surroundings: Arc<dyn Surroundings>,
        writes_per_minute: NonZeroU32,
        reads_per_minute: NonZeroU32,
    ) -> EvenPacer {
        EvenPacer::by(Time::Of(surroundings), writes_per_minute, reads_per_minute)
    }

    fn by(time: Time, writes_per_minute: NonZeroU32, reads_per_minute: NonZeroU32) -> EvenPacer {
        let limiter = |rate| RateLimiter::direct_with_clock(evenly(rate), time.clone());
        EvenPacer {
            writes: limiter(writes_per_minute),
            reads: limiter(reads_per_minute),
            time,
        }
    }
}

/// Whose time it is.
#[derive(Clone)]
enum Time {
    /// Counted from this moment on.
    Tokio(Instant),
    Of(Arc<dyn Surroundings>),
}

impl Time {
    async fn sleep(&self, how_long: Duration) {
        match self {
            Time::Tokio(_) => tokio::time::sleep(how_long).await,
            Time::Of(surroundings) => surroundings.sleep(how_long).await,
        }
    }
}

impl Clock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        match self {
            Time::Tokio(started) => started.elapsed(),
            Time::Of(surroundings) => surroundings.now(),
        }
    }
}

/// One turn every 60 s / n, and a hundredth more: a hub that counts any 60
/// seconds must never see n + 1, even if one call took longer to arrive.
fn evenly(per_minute: NonZeroU32) -> Quota {
    const MINUTE_AND_A_BIT: Duration = Duration::from_millis(60_600);
    // A burst of 1 is what `with_period` starts from; the period is never 0.
    Quota::with_period(MINUTE_AND_A_BIT / per_minute.get()).unwrap_or(Quota::per_minute(per_minute))
}

impl Pacer for EvenPacer {
    fn turn(&self, call: CallKind) -> BoxFuture<'_, Result<(), PaceError>> {
        let limiter = match call {
            CallKind::Write => &self.writes,
            CallKind::Read | CallKind::SignIn => &self.reads,
        };
        async move {
            while let Err(not_yet) = limiter.check() {
                let wait = not_yet.wait_time_from(self.time.now());
                self.time.sleep(wait).await;
            }
            Ok(())
        }
        .boxed()
    }
}

impl fmt::Debug for EvenPacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvenPacer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use governor::clock::FakeRelativeClock;

    #[test]
    fn no_sixty_seconds_see_more_calls_than_allowed() {
        for per_minute in [1u32, 7, 30, 60, 600] {
            let quota = evenly(NonZeroU32::new(per_minute).unwrap());
            let clock = FakeRelativeClock::default();
            let limiter = RateLimiter::<_, InMemoryState, _, NoOpMiddleware<_>>::direct_with_clock(
                quota,
                clock.clone(),
            );
            let mut turns = Vec::new();
            let mut at = Duration::ZERO;
            while turns.len() < per_minute as usize * 2 + 2 {
                match limiter.check() {
                    Ok(()) => turns.push(at),
                    Err(not_yet) => {
                        let wait = not_yet.wait_time_from(clock.now());
                        clock.advance(wait);
                        at += wait;
                    }
                }
            }
            for window in turns.windows(per_minute as usize + 1) {
                assert!(
                    window[per_minute as usize] - window[0] > Duration::from_secs(60),
                    "{per_minute}"
                );
            }
        }
    }
}
