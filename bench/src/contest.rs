//! A contest: runners that do the same work, one after the other, round after round, so that
//! whatever else the machine does meets all of them. What comes out of a round is compared within
//! it; a ratio is the median of the rounds' ratios.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::figures::{Ratio, median, per_second};

/// What one run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    /// Rows gone through.
    pub(crate) rows: u64,
    /// For how long.
    pub(crate) micros: u64,
    /// The most memory of the process and its children, in KB, where that was looked at.
    pub(crate) peak_kb: Option<u64>,
    /// Whatever else it says, by name. `valid` must be the same for all.
    pub(crate) said: BTreeMap<String, u64>,
}

impl Ran {
    pub(crate) fn per_second(&self) -> u64 {
        per_second(self.rows, self.micros)
    }
}

/// One that takes part.
pub(crate) struct Runner<'a> {
    pub(crate) name: String,
    run: Box<dyn FnMut() -> Result<Ran> + 'a>,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(
        name: impl Into<String>,
        run: impl FnMut() -> Result<Ran> + 'a,
    ) -> Runner<'a> {
        Runner {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Of what a goal speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    /// Rows in a second.
    Speed,
    /// Memory.
    Peak,
    /// A number that runners say, rows in a second of these microseconds.
    SpeedIn(&'static str),
    /// A number that runners say.
    Said(&'static str),
}

impl Figure {
    fn of(self, ran: &Ran) -> Option<u64> {
        match self {
            Figure::Speed => Some(ran.per_second()),
            Figure::Peak => ran.peak_kb,
            Figure::SpeedIn(name) => ran.said.get(name).map(|us| per_second(ran.rows, *us)),
            Figure::Said(name) => ran.said.get(name).copied(),
        }
    }
}

/// How good is good.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(u64),
    AtMost(u64),
}

/// What is to be reached.
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) figure: Figure,
    /// Ours, by name.
    pub(crate) ours: String,
    /// Beside whom; `None`: the figure by itself.
    pub(crate) beside: Option<String>,
    /// Thousandths for a ratio, else in the figure's own unit.
    pub(crate) bound: Bound,
}

/// A goal, and what was found.
pub(crate) struct Found {
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) beside: Option<String>,
    pub(crate) bound: Bound,
    /// `None`: one of the two did not run.
    pub(crate) value: Option<u64>,
}

impl Found {
    pub(crate) fn is_ratio(&self) -> bool {
        self.beside.is_some()
    }

    pub(crate) fn reached(&self) -> Option<bool> {
        self.value.map(|value| match self.bound {
            Bound::AtLeast(bound) => value >= bound,
            Bound::AtMost(bound) => value <= bound,
        })
    }
}

/// What a contest came to.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) runs: Vec<(String, Vec<Ran>)>,
    pub(crate) found: Vec<Found>,
    /// Who did not take part, and what else is to be said.
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// Those of ours that have a goal and did not run: then nothing is known of it.
    pub(crate) fn lost(&self) -> impl Iterator<Item = &str> {
        let lost = self
            .runs
            .iter()
            .filter(|(name, runs)| runs.is_empty() && self.found.iter().any(|f| f.ours == *name));
        lost.map(|(name, _)| name.as_str())
    }

    /// How many times as fast the first runner is as this one: the median of the rounds' ratios.
    pub(crate) fn first_beside(&self, runs: &[Ran]) -> Option<Ratio> {
        let (_, first) = self.runs.first()?;
        let pairs = first.iter().zip(runs);
        let ratios = pairs.map(|(first, ran)| Ratio::of(first.per_second(), ran.per_second()).0);
        let ratios: Vec<u64> = ratios.collect();
        (!ratios.is_empty()).then(|| Ratio(median(ratios)))
    }
}

/// Runs all, `times` rounds, every round beginning with the next one.
pub(crate) fn hold<'a>(
    name: &str,
    about: impl Into<String>,
    times: u32,
    mut runners: Vec<Runner<'a>>,
    goals: Vec<Goal>,
) -> Result<Outcome> {
    let mut notes = Vec::new();
    let mut runs: Vec<(String, Vec<Ran>)> = runners
        .iter()
        .map(|runner| (runner.name.clone(), Vec::new()))
        .collect();
    let mut out: Vec<bool> = vec![false; runners.len()];
    for round in 0..times as usize {
        for place in 0..runners.len() {
            let at = (place + round) % runners.len();
            if out[at] {
                continue;
            }
            match (runners[at].run)() {
                Ok(ran) => {
                    let rate = crate::figures::short(ran.per_second());
                    eprintln!("bench:   {} {rate}/s", runners[at].name);
                    runs[at].1.push(ran);
                }
                Err(why) => {
                    out[at] = true;
                    let left_out = format!("{} is left out: {why:#}", runners[at].name);
                    eprintln!("bench:   {left_out}");
                    notes.push(left_out);
                }
            }
        }
    }
    if runs.iter().all(|(_, runs)| runs.is_empty()) {
        bail!("nobody ran: {}", notes.join("; "));
    }
    if let Some(quarrel) = quarrel(&runs) {
        notes.push(quarrel);
    }
    let found = goals.iter().map(|goal| found(goal, &runs)).collect();
    Ok(Outcome {
        name: name.to_owned(),
        about: about.into(),
        runs,
        found,
        notes,
    })
}

/// Whoever counts other valid rows did other work.
fn quarrel(runs: &[(String, Vec<Ran>)]) -> Option<String> {
    let mut counts = runs.iter().flat_map(|(name, runs)| {
        let count = |ran: &Ran| ran.said.get("valid").map(|n| (name.as_str(), *n));
        runs.iter().filter_map(count)
    });
    let (first, n) = counts.next()?;
    let (other, m) = counts.find(|(_, m)| *m != n)?;
    Some(format!(
        "NOT THE SAME WORK: {first} counts {n} valid rows, {other} {m}"
    ))
}

fn found(goal: &Goal, runs: &[(String, Vec<Ran>)]) -> Found {
    let of = |name: &str| -> Vec<u64> {
        let of_it = runs.iter().find(|(runner, _)| runner == name);
        of_it.map_or_else(Vec::new, |(_, runs)| {
            runs.iter().filter_map(|ran| goal.figure.of(ran)).collect()
        })
    };
    let ours = of(&goal.ours);
    let values: Vec<u64> = match &goal.beside {
        None => ours,
        Some(beside) => {
            let pairs = ours.into_iter().zip(of(beside));
            pairs
                .map(|(ours, beside)| Ratio::of(ours, beside).0)
                .collect()
        }
    };
    Found {
        what: goal.what,
        ours: goal.ours.clone(),
        beside: goal.beside.clone(),
        bound: goal.bound,
        value: (!values.is_empty()).then(|| median(values)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ran(rows: u64, micros: u64, valid: u64) -> Ran {
        Ran {
            rows,
            micros,
            said: BTreeMap::from([("valid".to_owned(), valid)]),
            ..Ran::default()
        }
    }

    fn goal() -> Goal {
        Goal {
            what: "speed beside the other",
            figure: Figure::Speed,
            ours: "ours".to_owned(),
            beside: Some("other".to_owned()),
            bound: Bound::AtLeast(2_000),
        }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine is ten times slower in the second round, for both.
        let mut ours = vec![ran(10, 10, 5), ran(10, 100, 5), ran(10, 10, 5)].into_iter();
        let mut other = vec![ran(10, 30, 5), ran(10, 300, 5), ran(10, 30, 5)].into_iter();
        let runners = vec![
            Runner::new("ours", || Ok(ours.next().unwrap())),
            Runner::new("other", || Ok(other.next().unwrap())),
        ];
        let outcome = hold("c", "", 3, runners, vec![goal()]).unwrap();
        let found = &outcome.found[0];
        assert_eq!((found.value, found.reached()), (Some(3_000), Some(true)));
        assert!(outcome.notes.is_empty());
        let other = outcome.first_beside(&outcome.runs[1].1);
        assert_eq!(other, Some(Ratio(3_000)));
    }

    #[test]
    fn who_fails_is_left_out_and_named() {
        let runners = vec![
            Runner::new("ours", || Ok(ran(10, 10, 5))),
            Runner::new("other", || bail!("is not installed")),
        ];
        let outcome = hold("c", "", 2, runners, vec![goal()]).unwrap();
        assert_eq!(outcome.found[0].value, None);
        assert_eq!(outcome.notes, ["other is left out: is not installed"]);
        assert_eq!(outcome.runs[0].1.len(), 2);
        assert_eq!(outcome.lost().count(), 0);
    }

    #[test]
    fn one_of_ours_that_does_not_run_is_lost() {
        let runners = vec![
            Runner::new("ours", || bail!("no such sheet")),
            Runner::new("other", || Ok(ran(10, 10, 5))),
        ];
        let outcome = hold("c", "", 1, runners, vec![goal()]).unwrap();
        assert_eq!(outcome.lost().collect::<Vec<_>>(), ["ours"]);
        assert_eq!(outcome.first_beside(&outcome.runs[1].1), None);
    }

    #[test]
    fn who_counts_other_rows_is_told() {
        let runners = vec![
            Runner::new("ours", || Ok(ran(10, 10, 5))),
            Runner::new("other", || Ok(ran(10, 10, 6))),
        ];
        let outcome = hold("c", "", 1, runners, Vec::new()).unwrap();
        assert_eq!(
            outcome.notes,
            ["NOT THE SAME WORK: ours counts 5 valid rows, other 6"]
        );
    }
}
