//! The simulator's share of every test run: some seeds, the same seed twice, and every bug on purpose
//! caught by a seed that is known to (`cargo xtask simulate --bugs` finds them anew once the road takes
//! other steps). `.ci/run` runs a thousand seeds of the quick build, `cargo xtask simulate` any number.
#![allow(clippy::unwrap_used)]

use simulate::{Bug, Plan, run, run_all};

const SEEDS: u64 = 20;

/// A seed that catches each bug, and catches nothing without it.
const KNOWN: &[(Bug, u64)] = &[
    (Bug::CallsAgainWhenCut, 11),
    (Bug::RescuesSending, 3),
    (Bug::BelievesCallbacks, 3),
    (Bug::EchoByPositionAlone, 750),
    (Bug::IntentAfterCall, 2),
    (Bug::OutcomeLostAtCommit, 67),
    (Bug::LeaseNotFenced, 25),
    (Bug::RateOfOneProcess, 33),
    (Bug::UnknownIsNotSent, 15),
    (Bug::CallsLongAfterIntent, 29),
    (Bug::SendsWhileInDoubt, 321),
    (Bug::ResendsAtFirstLook, 77),
    (Bug::PaisaAreCut, 3),
    (Bug::DiscardsInSilence, 3),
    (Bug::PaidCountsForNothing, 11),
    (Bug::WaitsForNobody, 1_180),
    (Bug::RefusedRowsAreDropped, 26),
    (Bug::LosesTheLastRow, 2),
];

#[test]
fn nothing_is_lost_doubled_or_discarded_in_silence_whatever_fails() {
    let plan = Plan {
        seed: 1,
        ..Plan::default()
    };
    let all = run_all(plan, SEEDS);
    assert!(all.wrong.is_empty(), "{:?}", all.wrong);
    assert_eq!(
        (all.ran, all.lost, all.double, all.silent),
        (SEEDS, 0, 0, 0)
    );
    assert!(
        all.tally.deaths > 0 && all.tally.bills > SEEDS,
        "{}",
        all.tally
    );
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = || {
        let plan = Plan {
            seed: 3,
            with_story: true,
            ..Plan::default()
        };
        run(plan).unwrap().story
    };
    let first = story();
    assert!(first.len() > 20);
    assert_eq!(first, story());
}

#[test]
fn every_bug_on_purpose_is_caught() {
    for bug in Bug::ALL {
        let (_, seed) = KNOWN.iter().find(|(known, _)| known == bug).unwrap();
        let plan = Plan {
            seed: *seed,
            bug: Some(*bug),
            ..Plan::default()
        };
        let wrong = run(plan).unwrap().wrong;
        assert!(!wrong.is_empty(), "{bug:?} with seed {seed}");
        let without = Plan { bug: None, ..plan };
        let wrong = run(without).unwrap().wrong;
        assert!(wrong.is_empty(), "seed {seed} without a bug: {wrong:?}");
    }
}
