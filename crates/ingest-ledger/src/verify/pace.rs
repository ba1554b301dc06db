//! 4: no account makes more calls in a minute than it is allowed. Calls are gone through one by one, in
//! the order in which they were made; no more than a minute of them is in memory.

use super::findings::{Findings, Place};
use crate::db::Tx;
use crate::errors::Result;
use chrono::{DateTime, Duration, Utc};
use std::collections::VecDeque;

/// Of each account the first minute that has too many calls is named.
pub(super) async fn pace(tx: &mut Tx, found: &mut Findings) -> Result<()> {
    let mut account = String::new();
    let mut minute = Minute::default();
    let mut worst: Option<TooMany> = None;
    let mut told = |account: &str, worst: Option<TooMany>| {
        if let Some(TooMany { first, n, allowed }) = worst {
            let kind = "an account's calls are too many for a minute";
            found.add(4, kind, Place::Ledger, || {
                format!("{n} calls of {account} in the minute from attempt {first}: {allowed} are allowed")
            });
        }
    };
    let text = "select account, attempt_id, intended_at, per_minute from attempts order by account, attempt_id";
    tx.each(text, |line| {
        let of: String = line.text(0)?;
        if of != account {
            told(&account, worst.take().or(minute.over()));
            (account, minute) = (of, Minute::default());
        }
        if worst.is_none() {
            worst = minute.call(line.int(1)?, line.get(2)?, line.int(3)?);
        }
        Ok(())
    })
    .await?;
    told(&account, worst.or(minute.over()));
    Ok(())
}

/// Calls of one account, none a minute or more after the first of them.
#[derive(Default)]
struct Minute {
    /// Number, time, and how many a minute were allowed.
    calls: VecDeque<(i64, DateTime<Utc>, i64)>,
}

/// `n` calls from this one on, within a minute that had room for fewer.
#[derive(Debug, PartialEq, Eq)]
struct TooMany {
    first: i64,
    n: usize,
    allowed: i64,
}

impl Minute {
    /// The next call. Answers the first of those before it whose minute ends here and had too many.
    fn call(&mut self, attempt_id: i64, at: DateTime<Utc>, allowed: i64) -> Option<TooMany> {
        // Where the time goes back the clock was set back, and nothing is known of the distance.
        let set_back = self.calls.back().is_some_and(|(_, last, _)| at < *last);
        let mut worst = None;
        while let Some((_, first, _)) = self.calls.front()
            && (set_back || at - *first >= Duration::seconds(60))
        {
            worst = worst.or(self.too_many());
            self.calls.pop_front();
        }
        self.calls.push_back((attempt_id, at, allowed));
        worst
    }

    /// No call follows.
    fn over(&mut self) -> Option<TooMany> {
        let mut worst = None;
        while worst.is_none() && !self.calls.is_empty() {
            worst = self.too_many();
            self.calls.pop_front();
        }
        worst
    }

    /// Are all of them too many for the minute that the first began?
    fn too_many(&self) -> Option<TooMany> {
        let n = self.calls.len();
        let &(first, _, allowed) = self.calls.front()?;
        // The rate may have been raised within it; nearly always its first call says enough.
        if n as i64 <= allowed {
            return None;
        }
        let most = self.calls.iter().map(|(_, _, allowed)| *allowed).max();
        let allowed = most.unwrap_or(allowed);
        (n as i64 > allowed).then_some(TooMany { first, n, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls at these seconds, the first of them number 1, `allowed` a minute: who is named.
    fn named(calls: &[(i64, i64)]) -> Option<TooMany> {
        let mut minute = Minute::default();
        let mut worst = None;
        for (i, &(second, allowed)) in calls.iter().enumerate() {
            let at = DateTime::from_timestamp(1_900_000_000 + second, 0)
                .expect("a time within the calendar");
            worst = worst.or(minute.call(i as i64 + 1, at, allowed));
        }
        worst.or(minute.over())
    }

    fn too_many(first: i64, n: usize, allowed: i64) -> Option<TooMany> {
        Some(TooMany { first, n, allowed })
    }

    #[test]
    fn a_call_a_minute_later_is_in_another_minute() {
        assert_eq!(named(&[]), None);
        assert_eq!(named(&[(0, 2), (30, 2), (60, 2), (90, 2)]), None);
        assert_eq!(named(&[(0, 2), (30, 2), (59, 2)]), too_many(1, 3, 2));
        let later = [(0, 2), (61, 2), (90, 2), (120, 2), (121, 2), (200, 2)];
        assert_eq!(named(&later), too_many(2, 3, 2));
    }

    #[test]
    fn the_last_minute_counts_though_nothing_follows_it() {
        assert_eq!(named(&[(0, 1), (100, 1), (101, 1)]), too_many(2, 2, 1));
    }

    #[test]
    fn a_rate_that_was_raised_or_lowered_counts_with_its_highest() {
        assert_eq!(named(&[(0, 1), (10, 3), (20, 3)]), None);
        assert_eq!(
            named(&[(0, 3), (10, 1), (20, 1), (30, 1)]),
            too_many(1, 4, 3)
        );
        assert_eq!(
            named(&[(0, 3), (10, 1), (70, 1), (75, 1)]),
            too_many(3, 2, 1)
        );
    }

    #[test]
    fn nothing_is_told_across_a_clock_that_was_set_back() {
        assert_eq!(named(&[(50, 2), (55, 2), (10, 2), (20, 2)]), None);
        assert_eq!(named(&[(50, 1), (55, 1), (10, 1)]), too_many(1, 2, 1));
        assert_eq!(named(&[(50, 1), (10, 1), (20, 1)]), too_many(2, 2, 1));
    }
}
