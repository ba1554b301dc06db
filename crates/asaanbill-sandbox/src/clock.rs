//! The hub's one clock: nothing else in this crate asks what time it is.
//!
//! A hub with a port goes by this machine's clock. A hub in process is told
//! the time with every call, so that a test or a simulator decides when
//! things happen.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

#[derive(Debug)]
pub(crate) enum Clock {
    /// This machine's, and when the hub was started.
    Real(Instant),
    /// The latest time that anybody told, in milliseconds since 1970.
    Told(AtomicI64),
}

impl Clock {
    pub(crate) fn real() -> Clock {
        Clock::Real(Instant::now())
    }

    pub(crate) fn told(at_ms: i64) -> Clock {
        Clock::Told(AtomicI64::new(at_ms))
    }

    /// It is this late now. Time that was told goes on or stands still: an
    /// earlier one changes nothing, nor does telling a real clock.
    pub(crate) fn tell(&self, at_ms: i64) {
        if let Clock::Told(latest) = self {
            latest.fetch_max(at_ms, Ordering::Relaxed);
        }
    }

    /// Milliseconds since 1970: what is written down and shown.
    pub(crate) fn now_ms(&self) -> i64 {
        match self {
            Clock::Real(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| whole_ms(since.as_millis())),
            Clock::Told(latest) => latest.load(Ordering::Relaxed),
        }
    }

    /// Milliseconds since some start: what waits are measured by. A machine's
    /// clock that is set back or forth must not move it.
    pub(crate) fn steady_ms(&self) -> i64 {
        match self {
            Clock::Real(start) => whole_ms(start.elapsed().as_millis()),
            Clock::Told(_) => self.now_ms(),
        }
    }
}

/// Far more milliseconds than any clock shows are as many as fit.
pub(crate) fn whole_ms(ms: u128) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_time_never_goes_back() {
        let clock = Clock::told(1_000);
        clock.tell(3_000);
        clock.tell(2_000);
        assert_eq!((clock.now_ms(), clock.steady_ms()), (3_000, 3_000));
    }

    #[test]
    fn a_real_clock_is_told_nothing() {
        let clock = Clock::real();
        clock.tell(i64::MAX);
        assert!(clock.now_ms() < i64::MAX && clock.steady_ms() < clock.now_ms());
    }
}
