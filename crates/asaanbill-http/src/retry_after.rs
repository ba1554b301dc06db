//! How long a busy hub wants to be left alone, and the gate that keeps every
//! call of the client back until then.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep_until};

/// The wait where the hub names none that makes sense.
pub(crate) const DEFAULT: Duration = Duration::from_secs(30);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Reads `Retry-After`: seconds, or an HTTP date against `now` (the hub's own
/// `Date` where it sent one, so that a wrong clock here does no harm). What is
/// negative or no time at all is 30 seconds; the rest is kept between one
/// second and 15 minutes.
pub(crate) fn wait_of(header: &str, now: DateTime<Utc>) -> Duration {
    let text = header.trim();
    let wait = if let Ok(seconds) = text.parse::<u64>() {
        Some(Duration::from_secs(seconds))
    } else if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        Some(LONGEST) // more seconds than a u64 holds
    } else {
        http_date(text).and_then(|then| (then - now).to_std().ok())
    };
    wait.map_or(DEFAULT, |wait| wait.clamp(SHORTEST, LONGEST))
}

/// An HTTP date. The day of the week is passed over: a wrong one does not make
/// the date wrong.
pub(crate) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = text.split_once(',').map_or(text, |(_weekday, date)| date);
    DateTime::parse_from_rfc2822(date.trim())
        .ok()
        .map(|time| time.to_utc())
}

/// A little more than the wait, up to a tenth, so that many callers who were
/// told the same do not all come back in one moment.
pub(crate) fn jittered(wait: Duration) -> Duration {
    wait + share(wait, 10)
}

/// A little less than the pause, up to half, for the same reason.
pub(crate) fn shortened(pause: Duration) -> Duration {
    pause.saturating_sub(share(pause, 2))
}

/// Somewhere between nothing and one part in so many.
fn share(of: Duration, parts: u128) -> Duration {
    // RandomState is keyed at random, which is all the randomness needed here.
    let random = RandomState::new().hash_one(0u8) % 1000;
    let share = of.as_millis() * u128::from(random) / (1000 * parts);
    Duration::from_millis(u64::try_from(share).unwrap_or(0))
}

/// Closed while the hub wants to be left alone.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    opens: Mutex<Option<Instant>>,
}

impl Gate {
    /// Keeps all calls back for so long; an earlier, longer wait stays.
    pub(crate) fn close(&self, wait: Duration) {
        let mut opens = self.opens.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now() + wait;
        *opens = Some(opens.map_or(at, |before| before.max(at)));
    }

    /// How much longer it is closed.
    pub(crate) fn closed_for(&self) -> Option<Duration> {
        let opens = *self.opens.lock().unwrap_or_else(PoisonError::into_inner);
        opens
            .map(|at| at.saturating_duration_since(Instant::now()))
            .filter(|left| !left.is_zero())
    }

    /// Waits until it is open.
    pub(crate) async fn wait(&self) {
        while let Some(left) = self.closed_for() {
            sleep_until(Instant::now() + left).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_form_of_retry_after_is_a_sensible_wait() {
        let now = http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
        for (header, seconds) in [
            ("7", 7),
            (" 120 ", 120),
            ("0", 1),
            ("999999999", 900),
            ("99999999999999999999999999", 900),
            ("-5", 30),
            ("soon", 30),
            ("", 30),
            ("Wed, 21 Oct 2026 07:29:30 GMT", 90),
            ("Wed, 21 Oct 2026 07:27:00 GMT", 30),
            ("Fri, 21 Oct 2126 07:28:00 GMT", 900),
        ] {
            assert_eq!(
                wait_of(header, now),
                Duration::from_secs(seconds),
                "{header:?}"
            );
        }
    }

    #[test]
    fn jitter_adds_a_tenth_at_most() {
        for _ in 0..100 {
            let wait = jittered(Duration::from_secs(100));
            assert!((100..=110).contains(&wait.as_secs()), "{wait:?}");
        }
    }

    #[tokio::test]
    async fn the_gate_opens_after_the_longest_wait() {
        let gate = Gate::default();
        assert_eq!(gate.closed_for(), None);
        gate.close(Duration::from_millis(40));
        gate.close(Duration::from_millis(5));
        let start = Instant::now();
        gate.wait().await;
        assert!(start.elapsed() >= Duration::from_millis(40));
        assert_eq!(gate.closed_for(), None);
    }
}
