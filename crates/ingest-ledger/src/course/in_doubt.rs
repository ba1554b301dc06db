//! A call in doubt: when it is over, who may say that nothing was taken, and how often it is looked
//! for.

use crate::planted::Bug;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Complete readings without a match before `resend_absent_after` may act.
const LOOKS_BEFORE_RESENDING: i64 = 3;

/// One call, as far as it tells when a decision about it may be taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) chunk_id: i64,
    pub(crate) intended_at: DateTime<Utc>,
    /// After this no byte of it is under way any more.
    pub(crate) deadline_at: DateTime<Utc>,
    /// It returned in the process that made it.
    pub(crate) answered: bool,
    /// The lease under which that process made it has ended.
    pub(crate) gone: bool,
}

impl Call {
    /// Is no byte of it under way any more? It returned in the process that made it; or that
    /// process's lease ended, and its deadline has passed.
    pub(crate) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.answered || (self.gone && self.deadline_at < now)
    }

    /// Why nobody can say yet what became of it, if so. `asked_at`: when a person asked for it.
    pub(crate) fn undecidable(
        &self,
        now: DateTime<Utc>,
        asked_at: Option<DateTime<Utc>>,
    ) -> Option<String> {
        let chunk_id = self.chunk_id;
        if asked_at.is_some_and(|asked_at| self.intended_at > asked_at) {
            return Some(format!(
                "chunk {chunk_id} was sent again since you asked: look at it again"
            ));
        }
        (!self.is_over(now)).then(|| {
            format!(
                "the call of chunk {chunk_id} may still be on its way; ask again after {} UTC",
                self.deadline_at.format("%H:%M:%S")
            )
        })
    }
}

/// What is known when a chunk in doubt was looked for once more in vain.
#[derive(Debug, Clone)]
pub struct InVain {
    /// How long ago its call was intended, as far as no clock that jumped says so.
    pub age: Duration,
    /// Complete readings that did not find it, this one among them.
    pub looks: i64,
    /// Why it may not be called "not sent", if it may not.
    pub may_be_there: Option<String>,
    /// Whether the list shows a request that we made later: it is alive, and no old copy.
    pub list_is_alive: bool,
}

/// `resend_absent_after`: may the chunk be sent again without a person? Only where the account says
/// so, the time is over, three complete readings found nothing (the last just now), nothing stands
/// in the way, and the list shows a later request.
pub fn may_go_again(after: Option<Duration>, chunk: &InVain) -> bool {
    if Bug::ResendsAtFirstLook.is_planted() {
        return after.is_some();
    }
    after.is_some_and(|after| chunk.age >= after)
        && chunk.looks >= LOOKS_BEFORE_RESENDING
        && chunk.may_be_there.is_none()
        && chunk.list_is_alive
}

/// When a chunk is looked for again that so many complete readings did not show: soon at first,
/// then ever more rarely.
pub fn look_again_in(looks: i64) -> Duration {
    let seconds = match looks {
        ..=0 => 3,
        1 => 15,
        2 => 60,
        3 => 5 * 60,
        4..=6 => 15 * 60,
        7..=20 => 60 * 60,
        _ => 24 * 60 * 60,
    };
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Everything speaks for sending it again.
    fn in_vain() -> InVain {
        InVain {
            age: HOUR,
            looks: 3,
            may_be_there: None,
            list_is_alive: true,
        }
    }

    #[test]
    fn a_chunk_goes_again_without_a_person_only_if_every_condition_holds() {
        let half = Some(HOUR / 2);
        assert!(may_go_again(half, &in_vain()));
        assert!(may_go_again(Some(HOUR), &in_vain()));
        assert!(!may_go_again(None, &in_vain()), "the account says never");
        let refused = [
            InVain {
                age: HOUR / 2 - Duration::from_millis(1),
                ..in_vain()
            },
            InVain {
                looks: 2,
                ..in_vain()
            },
            InVain {
                may_be_there: Some("its call may still be on its way".to_owned()),
                ..in_vain()
            },
            InVain {
                list_is_alive: false,
                ..in_vain()
            },
        ];
        for (i, chunk) in refused.iter().enumerate() {
            assert!(!may_go_again(half, chunk), "condition {i}");
        }
    }

    #[test]
    fn a_call_is_over_when_it_returned_or_when_its_process_and_its_time_are_gone() {
        let at = |s: i64| DateTime::from_timestamp(2_000_000_000 + s, 0).unwrap_or_default();
        let call = |answered, gone| Call {
            chunk_id: 1,
            intended_at: at(0),
            deadline_at: at(150),
            answered,
            gone,
        };
        assert!(call(true, false).is_over(at(1)));
        assert!(!call(false, true).is_over(at(150)) && call(false, true).is_over(at(151)));
        assert!(
            !call(false, false).is_over(at(1_000_000)),
            "its process may be asleep"
        );
        assert!(call(true, false).undecidable(at(1), Some(at(-1))).is_some());
        assert!(call(true, false).undecidable(at(1), Some(at(0))).is_none());
    }
}
