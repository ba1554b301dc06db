//! When a call may go: the account's calls a minute, evenly spaced.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

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
    writes: DefaultDirectRateLimiter,
    reads: DefaultDirectRateLimiter,
}

impl EvenPacer {
    /// So many calls a minute of either kind.
    #[must_use]
    pub fn new(writes_per_minute: NonZeroU32, reads_per_minute: NonZeroU32) -> EvenPacer {
        EvenPacer {
            writes: RateLimiter::direct(evenly(writes_per_minute)),
            reads: RateLimiter::direct(evenly(reads_per_minute)),
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
            limiter.until_ready().await;
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
    use governor::clock::{Clock, FakeRelativeClock};
    use governor::middleware::NoOpMiddleware;
    use governor::state::InMemoryState;

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
