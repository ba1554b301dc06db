//! A hub that allows so many calls a minute: the time from the first call to the last, beside the time
//! that as many calls take at the least, and how many calls it took.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use super::whole_job::ours_at;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{Database, Engine};
use crate::figures::Ratio;
use crate::ground::Ground;
use crate::hub::Hub;
use crate::site::Site;

const PER_MINUTE: u32 = 60;
const MINUTE_MS: i64 = 60_000;
/// Twenty calls take nineteen seconds at the least.
const ROWS_MAX: u32 = 100_000;
const ROWS_PER_CALL: u64 = 5_000;

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let rows = ground.rows.min(ROWS_MAX);
    let sheet = ground.sheets().csv(rows)?;
    let runner = |engine: Engine| {
        let sheet = &sheet;
        Runner::new(
            format!("ingestd on {}", engine.name()),
            move || -> Result<Ran> {
                let database = Database::fresh(ground, engine)?;
                let mut hub = Hub::start(ground)?;
                let site = Site::new(
                    ground,
                    "bench",
                    database.url(),
                    &hub,
                    PER_MINUTE,
                    "quiet_for = \"0s\"\n",
                )?;
                fs::copy(sheet, site.inbox.join("fees.csv"))?;
                let mut ran = ours_at(ground, engine, database.url(), &site)?;
                let calls = hub.calls_ms()?;
                ran.said.extend(paced(
                    &calls,
                    ran.said.get("valid").copied().unwrap_or_default(),
                )?);
                Ok(ran)
            },
        )
    };
    let goals = Engine::ALL.iter().flat_map(|engine| {
        let goal = |what, name, bound| Goal {
            what,
            figure: Figure::Said(name),
            ours: format!("ingestd on {}", engine.name()),
            beside: None,
            bound: Bound::AtMost(bound),
        };
        [
            goal(
                "first to last call, in thousandths of the least",
                "of_the_least_thousandths",
                1_020,
            ),
            goal(
                "calls, in thousandths of full ones",
                "of_full_calls_thousandths",
                1_030,
            ),
            goal(
                "the most calls in any minute",
                "most_in_a_minute",
                PER_MINUTE.into(),
            ),
        ]
    });
    let about = format!("{rows} rows at {PER_MINUTE} calls a minute.");
    let runners = Engine::ALL.into_iter().map(runner).collect();
    Ok(vec![hold(
        "limited-hub",
        about,
        ground.times,
        runners,
        goals.collect(),
    )?])
}

/// What the calls' times come to.
fn paced(calls_ms: &[i64], valid: u64) -> Result<BTreeMap<String, u64>> {
    let (first, last) = (calls_ms.first(), calls_ms.last());
    let (first, last) = first.zip(last).context("no call was made")?;
    let calls = calls_ms.len() as u64;
    let least = u64::try_from(MINUTE_MS)? * (calls - 1) / u64::from(PER_MINUTE);
    let took = u64::try_from(last - first)?;
    let in_a_minute = |from: &i64| {
        let calls = calls_ms
            .iter()
            .filter(|at| (*from..from + MINUTE_MS).contains(*at));
        calls.count() as u64
    };
    let full = valid.div_ceil(ROWS_PER_CALL);
    Ok(BTreeMap::from([
        ("calls".to_owned(), calls),
        ("first_to_last_micros".to_owned(), took * 1000),
        (
            "of_the_least_thousandths".to_owned(),
            Ratio::of(took, least).0,
        ),
        (
            "of_full_calls_thousandths".to_owned(),
            Ratio::of(calls, full).0,
        ),
        (
            "most_in_a_minute".to_owned(),
            calls_ms.iter().map(in_a_minute).max().unwrap_or_default(),
        ),
    ]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn calls_a_second_apart_are_as_fast_as_sixty_a_minute_may_be() {
        let calls: Vec<i64> = (0..20).map(|n| 1_000_000 + n * 1_010).collect();
        let said = paced(&calls, 98_000).unwrap();
        assert_eq!(said["of_the_least_thousandths"], 1_010);
        assert_eq!(said["of_full_calls_thousandths"], 1_000);
        assert_eq!(said["most_in_a_minute"], 20);
    }
}
