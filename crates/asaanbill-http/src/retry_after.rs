//! How long a busy hub wants to be left alone, and the gate that keeps every
//! call of the client back until then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::surroundings::{Answer, Surroundings};

/// The wait where the hub names none that makes sense.
pub(crate) const DEFAULT: Duration = Duration::from_secs(30);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What an answer asks for, if it does, received at this moment.
pub(crate) fn wait_asked_for(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    let asked = answer.retry_after.as_deref()?;
    let date = answer.date.as_deref().and_then(http_date);
    Some(wait_of(asked, date.unwrap_or(now)))
}

/// Reads `Retry-After`: seconds, or an HTTP date against `now` (the hub's own
/// `Date` where it sent one, so that a wrong clock here does no harm). What is
/// negative or no time at all is 30 seconds; the rest is kept between one
/// second and 15 minutes.
fn wait_of(header: &str, now: DateTime<Utc>) -> Duration {
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
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = text.split_once(',').map_or(text, |(_weekday, date)| date);
    DateTime::parse_from_rfc2822(date.trim())
        .ok()
        .map(|time| time.to_utc())
}

/// A little more than the wait, up to a tenth, so that many callers who were
/// told the same do not all come back in one moment.
pub(crate) fn jittered(wait: Duration, by: &dyn Surroundings) -> Duration {
    wait + share(wait, 10, by)
}

/// A little less than the pause, up to half, for the same reason.
pub(crate) fn shortened(pause: Duration, by: &dyn Surroundings) -> Duration {
    pause.saturating_sub(share(pause, 2, by))
}

/// Somewhere between nothing and one part in so many.
fn share(of: Duration, parts: u128, by: &dyn Surroundings) -> Duration {
    let share = of.as_millis() * u128::from(by.chance(1000)) / (1000 * parts);
    Duration::from_millis(u64::try_from(share).unwrap_or(0))
}

/// Closed while the hub wants to be left alone. It has no clock: whoever asks
/// says what time it is.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    opens: Mutex<Duration>,
}

impl Gate {
    /// Keeps all calls back for so long; an earlier, longer wait stays.
    pub(crate) fn close(&self, now: Duration, wait: Duration) {
        let mut opens = self.opens.lock().unwrap_or_else(PoisonError::into_inner);
        *opens = now.saturating_add(wait).max(*opens);
    }

    /// How much longer it is closed.
    pub(crate) fn closed_for(&self, now: Duration) -> Option<Duration> {
        let opens = *self.opens.lock().unwrap_or_else(PoisonError::into_inner);
        opens.checked_sub(now).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::surroundings::AnswerBody;

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
    fn the_hubs_own_date_is_believed_before_ours() {
        let mut answer = Answer {
            status: 429,
            retry_after: Some("Wed, 21 Oct 2026 07:29:30 GMT".to_owned()),
            date: None,
            body: AnswerBody::Whole(Vec::new()),
        };
        let ours = http_date("Wed, 21 Oct 2026 07:29:20 GMT").unwrap();
        let seconds = |answer: &Answer| wait_asked_for(answer, ours).map(|wait| wait.as_secs());
        assert_eq!(seconds(&answer), Some(10));
        answer.date = Some("Wed, 21 Oct 2026 07:28:00 GMT".to_owned());
        assert_eq!(seconds(&answer), Some(90));
        answer.date = Some("today".to_owned());
        assert_eq!(seconds(&answer), Some(10));
        answer.retry_after = None;
        assert_eq!(seconds(&answer), None);
    }

    #[test]
    fn the_gate_opens_after_the_longest_wait() {
        let ms = Duration::from_millis;
        let gate = Gate::default();
        assert_eq!(gate.closed_for(ms(0)), None);
        gate.close(ms(100), ms(40));
        gate.close(ms(110), ms(5));
        assert_eq!(gate.closed_for(ms(110)), Some(ms(30)));
        assert_eq!(gate.closed_for(ms(139)), Some(ms(1)));
        assert_eq!(gate.closed_for(ms(140)), None);
    }
}
