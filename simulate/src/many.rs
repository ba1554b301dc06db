//! Many seeds, on as many threads as there are cores.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ingest_ledger::planted::Bug;

use crate::check::Tally;
use crate::run::{Outcome, Plan, run};

/// What many runs came to.
#[derive(Debug, Clone, Default)]
pub struct All {
    /// Runs that came to an end.
    pub ran: u64,
    /// Everything, added up.
    pub tally: Tally,
    /// Rows that were lost.
    pub lost: u64,
    /// Bills that were made twice.
    pub double: u64,
    /// Unpaid bills that were discarded in silence.
    pub silent: u64,
    /// Seeds that went wrong, each with the first thing that did.
    pub wrong: Vec<(u64, String)>,
}

/// Runs so many seeds from the plan's on.
pub fn run_all(plan: Plan, seeds: u64) -> All {
    let all = Mutex::new(All::default());
    on_all_cores(plan, seeds, |seed, outcome| {
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.ran += 1;
        all.tally.add(&outcome.tally);
        let of_kind =
            |kind: &str| outcome.wrong.iter().filter(|w| w.starts_with(kind)).count() as u64;
        all.lost += of_kind("LOST");
        all.double += of_kind("DOUBLE");
        all.silent += of_kind("SILENT");
        if let Some(first) = outcome.wrong.first() {
            all.wrong.push((seed, first.clone()));
        }
        true
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.wrong.sort();
    all
}

/// The first seed that is found to catch a bug, among so many, and what it says.
pub fn caught_within(bug: Bug, first: u64, seeds: u64) -> Option<(u64, String)> {
    let caught = Mutex::new(None);
    let plan = Plan {
        seed: first,
        bug: Some(bug),
        ..Plan::default()
    };
    on_all_cores(plan, seeds, |seed, outcome| {
        let Some(wrong) = outcome.wrong.into_iter().next() else {
            return true;
        };
        let mut caught = caught.lock().unwrap_or_else(PoisonError::into_inner);
        caught.get_or_insert((seed, wrong));
        false
    });
    caught.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs them until `then` says that it is enough.
fn on_all_cores(plan: Plan, seeds: u64, then: impl Fn(u64, Outcome) -> bool + Sync) {
    let (next, enough) = (AtomicU64::new(0), AtomicBool::new(false));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, enough, then) = (&next, &enough, &then);
    std::thread::scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || {
                stay_on(core);
                while !enough.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= seeds {
                        break;
                    }
                    let seed = plan.seed + n;
                    let outcome = run(Plan { seed, ..plan }).unwrap_or_else(|error| Outcome {
                        wrong: vec![format!("it could not be run: {error:#}")],
                        ..Outcome::default()
                    });
                    if !then(seed, outcome) {
                        enough.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

/// A run hands every statement to a thread of SQLite and waits for it: on one core that costs half of
/// what it costs across two. Where it can't be had, the run is slower.
#[cfg(target_os = "linux")]
fn stay_on(core: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    let Some(nth) = (0..CpuSet::MAX_CPU)
        .filter(|cpu| allowed.is_set(*cpu))
        .nth(core)
    else {
        return;
    };
    let mut one = CpuSet::new();
    one.set(nth);
    let _ = sched_setaffinity(None, &one);
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_core: usize) {}
