//! Outcomes stored: a chunk taken, PSIDs of 5,000 rows; beside UPDATE … FROM UNNEST on a wide row.

use anyhow::Result;

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{Database, Engine};
use crate::ground::Ground;

const BESIDE: &str = "UPDATE … FROM UNNEST";

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let part = |name: &'static str, engine: Engine| {
        move || -> Result<Ran> {
            let database = Database::fresh(ground, engine)?;
            let mut command = ground.part(name);
            command.arg(database.url()).arg(ground.rows.to_string());
            let mut ran = child::run(command, ground.scratch.path(), &[0])?;
            ran.peak_kb = None;
            Ok(ran)
        }
    };
    let on = |engine: Engine| format!("ledger on {}", engine.name());
    let mut runners: Vec<Runner<'_>> = Engine::ALL
        .into_iter()
        .map(|engine| Runner::new(on(engine), part("settle", engine)))
        .collect();
    runners.push(Runner::new(BESIDE, part("update-unnest", Engine::Postgres)));
    let goal = |what, figure, bound| Goal {
        what,
        figure,
        ours: on(Engine::Postgres),
        beside: Some(BESIDE.to_owned()),
        bound: Bound::AtLeast(bound),
    };
    let goals = vec![
        goal(
            "rows taken beside it",
            Figure::SpeedIn("taken_micros"),
            20_000,
        ),
        goal(
            "PSIDs stored beside it",
            Figure::SpeedIn("psids_micros"),
            2_000,
        ),
    ];
    let about = format!(
        "{} rows in chunks of 5,000. Ours: intent, answer and PSIDs, each a synced transaction; rows/s is of all three together. Planning is said, and not in the sum.",
        ground.rows
    );
    Ok(vec![hold("outcomes", about, ground.times, runners, goals)?])
}
