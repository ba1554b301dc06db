//! Which requests are older than a chunk's call: the hub's times against the hub's times, and its
//! numbers against its numbers. Our own clock has no say: one that ran a day ahead when the call
//! was made would hide the very request that the call made, and it would be billed again.

use std::collections::HashSet;

use asaanbill_core::BulkRequest;
use chrono::{DateTime, TimeDelta, Utc};

/// Older by at least this, or not older: the hub names no zone, and calls cross on their way.
pub(super) const OLDER_BY: TimeDelta = TimeDelta::days(1);

/// The youngest request that the hub is known to have taken before a chunk was first sent.
pub(super) struct Earlier(Option<(i64, DateTime<Utc>)>);

impl Earlier {
    /// Among the hub's list, of those whose numbers came back before the chunk was first sent;
    /// by their own answers: one that was found later may be another's, and younger.
    pub(super) fn of(listed: &[BulkRequest], taken_before: Option<&HashSet<String>>) -> Earlier {
        let youngest = taken_before.and_then(|numbers| {
            listed
                .iter()
                .filter_map(numbered)
                .filter(|(id, _)| numbers.contains(&id.to_string()))
                .max_by_key(|(id, created_at)| (*created_at, *id))
        });
        Earlier(youngest)
    }

    /// Whether a request is too old to be the chunk's: both its time and its number say so. What
    /// can't be read excludes nothing, and without a request to compare with nothing is excluded.
    pub(super) fn excludes(&self, request: &BulkRequest) -> bool {
        match (&self.0, numbered(request)) {
            (Some((earlier_id, earlier_at)), Some((id, created_at))) => {
                id < *earlier_id && earlier_at.signed_duration_since(created_at) > OLDER_BY
            }
            _ => false,
        }
    }
}

fn numbered(request: &BulkRequest) -> Option<(i64, DateTime<Utc>)> {
    Some((request.id?, request.created_at.as_ref()?.utc?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// A request of the hub's list; the time as the hub writes it.
    fn request(id: Option<i64>, created_at: Option<&str>) -> BulkRequest {
        serde_json::from_value(serde_json::json!({"id": id, "createdAt": created_at})).unwrap()
    }

    fn at_hour(hour: i64) -> String {
        let start: DateTime<Utc> = "2035-01-01T00:00:00Z".parse().unwrap();
        (start + TimeDelta::hours(hour))
            .format("%I:%M%p %d-%b-%Y")
            .to_string()
    }

    fn numbers(ids: &[i64]) -> HashSet<String> {
        ids.iter().map(i64::to_string).collect()
    }

    #[test]
    fn a_request_is_too_old_only_a_day_before_one_that_we_had_already_been_given() {
        let listed = [
            request(Some(5), Some("10:00 AM 05-Jan-2035")),
            request(Some(6), Some("10:00 AM 10-Jan-2035")),
            // Taken for a later call: it says nothing about this one.
            request(Some(9), Some("10:00 AM 20-Jan-2035")),
        ];
        let earlier = Earlier::of(&listed, Some(&numbers(&[5, 6])));
        for (id, created_at, excluded) in [
            (Some(4), Some("09:59 AM 09-Jan-2035"), true),
            (Some(4), Some("10:00 AM 09-Jan-2035"), false),
            (Some(8), Some("10:00 AM 12-Jan-2035"), false),
            // A number that came later than ours, whatever its time says.
            (Some(8), Some("10:00 AM 01-Jan-2035"), false),
            (Some(4), Some("08:49AM 31-Jun-2025"), false),
            (Some(4), Some("N/A"), false),
            (Some(4), None, false),
            (None, Some("10:00 AM 01-Jan-2035"), false),
        ] {
            let asked = request(id, created_at);
            assert_eq!(earlier.excludes(&asked), excluded, "{asked:?}");
        }
    }

    #[test]
    fn without_a_request_of_ours_to_compare_with_nothing_is_too_old() {
        let ancient = request(Some(1), Some("10:00 AM 01-Jan-1970"));
        let timeless = [request(Some(6), Some("N/A")), request(Some(7), None)];
        let listed = [request(Some(6), Some("10:00 AM 10-Jan-2035"))];
        for (listed, taken_before) in [
            (&listed[..], None),
            (&listed[..], Some(numbers(&[]))),
            (&listed[..], Some(numbers(&[77]))),
            (&timeless[..], Some(numbers(&[6, 7]))),
            (&[][..], Some(numbers(&[6]))),
        ] {
            assert!(!Earlier::of(listed, taken_before.as_ref()).excludes(&ancient));
        }
    }

    proptest! {
        /// The hub takes calls one after another, ours and others', and some times can't be read.
        /// The request of a call is never too old for it, nor is any that came after.
        #[test]
        fn the_request_of_a_call_is_never_too_old_for_it(
            calls in proptest::collection::vec((0_i64..100, any::<bool>(), 0_u8..5), 1..30),
            which in any::<proptest::sample::Index>(),
            down in any::<bool>(),
        ) {
            let mut hour = 0;
            let listed: Vec<BulkRequest> = (1_i64..).zip(&calls).map(|(n, (hours, _, spelling))| {
                hour += hours;
                // Numbers that fall instead of rising must do no harm either.
                let id = if down { 1_000 - n } else { n };
                let time = at_hour(hour);
                request(Some(id), match spelling { 0 => None, 1 => Some("N/A"), _ => Some(&time) })
            }).collect();
            let lost = which.index(calls.len());
            let before: Vec<i64> = (0..lost).filter(|at| calls[*at].1).filter_map(|at| listed[at].id).collect();
            let earlier = Earlier::of(&listed, Some(&numbers(&before)));
            for request in &listed[lost..] {
                prop_assert!(!earlier.excludes(request));
            }
            // And what is read again and again is no more than a day's worth, where times can be
            // read and numbers rise.
            let readable = |at: &usize| calls[*at].2 > 1;
            let youngest = (0..lost).filter(|at| calls[*at].1).filter(readable).max();
            if let (false, Some(youngest)) = (down, youngest) {
                let time = |at: usize| listed[at].created_at.as_ref().unwrap().utc.unwrap();
                for at in (0..youngest).filter(readable) {
                    let old = time(youngest) - time(at) > OLDER_BY;
                    prop_assert_eq!(earlier.excludes(&listed[at]), old);
                }
            }
        }

        #[test]
        fn no_time_of_the_hub_makes_it_stumble(a in "\\PC{0,30}", year in 0_i32..999_999) {
            let odd = format!("05:31AM 12-Feb-{year}");
            let listed = [request(Some(2), Some(&odd)), request(Some(1), Some(&a))];
            for of in [1, 2] {
                let earlier = Earlier::of(&listed, Some(&numbers(&[of])));
                for request in &listed {
                    let _ = earlier.excludes(request);
                }
                prop_assert!(!earlier.excludes(&listed[0]));
            }
        }
    }
}
