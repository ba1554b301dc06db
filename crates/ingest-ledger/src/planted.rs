//! Bugs that are planted on purpose, to check the checkers: each of them would cost a parent or a
//! school money, and the simulator must catch every one. In debug builds one of them may be planted on
//! the thread that runs the road; in release builds nothing is left of this.

/// A bug that somebody might well make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// A call whose connection was cut is made once more at once.
    CallsAgainWhenCut,
    /// What says `sending` after a crash is made ready.
    RescuesSending,
    /// A callback that says "paid" is believed.
    BelievesCallbacks,
    /// Rows settle by their place in the echo alone.
    EchoByPositionAlone,
    /// The intent is stored when the answer is there.
    IntentAfterCall,
    /// An answer whose storing failed is taken for "nothing was sent".
    OutcomeLostAtCommit,
    /// A step is taken whatever the lease's epoch is by now.
    LeaseNotFenced,
    /// The account's next place is not read from the ledger.
    RateOfOneProcess,
    /// A lost answer is taken for a refusal of everything.
    UnknownIsNotSent,
    /// A call begins however long ago its intent was stored.
    CallsLongAfterIntent,
    /// The next call does not wait until the hub has answered a read.
    SendsWhileInDoubt,
    /// `resend_absent_after` acts on the first look that finds nothing.
    ResendsAtFirstLook,
    /// Amounts go out in whole rupees.
    PaisaAreCut,
    /// What is discarded is not said.
    DiscardsInSilence,
    /// A bill that is paid counts as none.
    PaidCountsForNothing,
    /// A row does not wait for an earlier one that is still under way.
    WaitsForNobody,
    /// Rows refused by name are forgotten where the others are in doubt.
    RefusedRowsAreDropped,
    /// The last row of those that are stored together is lost.
    LosesTheLastRow,
}

impl Bug {
    /// All of them.
    pub const ALL: &'static [Bug] = &[
        Bug::CallsAgainWhenCut,
        Bug::RescuesSending,
        Bug::BelievesCallbacks,
        Bug::EchoByPositionAlone,
        Bug::IntentAfterCall,
        Bug::OutcomeLostAtCommit,
        Bug::LeaseNotFenced,
        Bug::RateOfOneProcess,
        Bug::UnknownIsNotSent,
        Bug::CallsLongAfterIntent,
        Bug::SendsWhileInDoubt,
        Bug::ResendsAtFirstLook,
        Bug::PaisaAreCut,
        Bug::DiscardsInSilence,
        Bug::PaidCountsForNothing,
        Bug::WaitsForNobody,
        Bug::RefusedRowsAreDropped,
        Bug::LosesTheLastRow,
    ];

    /// Whether it is planted here.
    #[inline]
    pub fn is_planted(self) -> bool {
        #[cfg(debug_assertions)]
        return planting::is_planted(self);
        #[cfg(not(debug_assertions))]
        false
    }
}

#[cfg(debug_assertions)]
pub use planting::plant;

#[cfg(debug_assertions)]
mod planting {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a bug on this thread, or pulls it out.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    pub(super) fn is_planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_there_only_where_it_was_planted_and_only_that_one() {
        plant(Some(Bug::RescuesSending));
        let here: Vec<&Bug> = Bug::ALL.iter().filter(|bug| bug.is_planted()).collect();
        assert_eq!(here, [&Bug::RescuesSending]);
        let elsewhere = std::thread::spawn(|| Bug::RescuesSending.is_planted());
        assert!(!elsewhere.join().unwrap_or(true));
        plant(None);
        assert!(!Bug::RescuesSending.is_planted());
    }
}
