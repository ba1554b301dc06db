//! With a history of so many rows: the whole job beside an empty database, pages, and `verify`. The
//! history is ten months of four schools, filled in by the ledger's own tests, and kept.

use anyhow::Result;

use super::whole_job::ours;
use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::figures::short;
use crate::ground::Ground;

const PAGES_ASKED: u32 = 200;
const PAGE_MICROS_MAX: u64 = 50_000;
const VERIFY_MICROS_MAX: u64 = 60_000_000;
/// Of each database the test of its own engine fills it in.
const FILLING: &str = "large::a_large_ledger_is_verified_within_a_minute_on_";

/// The URL of a database with so many rows of history, filled if it is not.
fn filled(ground: &Ground, engine: Engine, rows: u32) -> Result<String> {
    let url = database::kept(ground, engine, &format!("history_{rows}"))?;
    let there = database::number(
        &url,
        "select count(*) from (select 1 from feed_head where last_id > 0) as x",
    );
    if there.ok() != Some(1) {
        eprintln!("bench:   filling {} with {rows} rows", engine.name());
        let mut command = ground.filler()?;
        let test = format!(
            "{FILLING}{}",
            match engine {
                Engine::Postgres => "postgresql",
                Engine::Sqlite => "sqlite",
            }
        );
        command.args(["--ignored", "--exact", "--nocapture", &test]);
        command
            .env("LARGE_URL", &url)
            .env("LARGE_ROWS", rows.to_string());
        child::run(command, ground.scratch.path(), &[0])?;
    }
    Ok(url)
}

fn with_history(rows: u32) -> String {
    format!("{} rows of history", short(rows.into()))
}

/// A sheet of a new account goes through a database with other accounts' history.
pub(super) fn whole_jobs(ground: &Ground) -> Result<Vec<Outcome>> {
    let sheet = ground.sheets().csv(ground.rows)?;
    let mut outcomes = Vec::new();
    for engine in Engine::ALL {
        let mut runners = vec![Runner::new("empty", || {
            let database = Database::fresh(ground, engine)?;
            ours(ground, engine, database.url(), "bench", &sheet)
        })];
        let mut goals = Vec::new();
        for rows in &ground.history {
            let url = filled(ground, engine, *rows)?;
            let sheet = &sheet;
            let mut job = 0;
            runners.push(Runner::new(with_history(*rows), move || {
                // An account that has not billed yet: the same sheet is new to it.
                let taken = database::number(&url, "select count(*) from accounts")?;
                job += 1;
                ours(ground, engine, &url, &format!("bench{taken}x{job}"), sheet)
            }));
            goals.push(Goal {
                what: "speed with history beside an empty database",
                figure: Figure::Speed,
                ours: with_history(*rows),
                beside: Some("empty".to_owned()),
                bound: Bound::AtLeast(900),
            });
        }
        let name = format!("growth on {}", engine.name());
        let about = format!("The whole job of {} rows.", ground.rows);
        outcomes.push(hold(&name, about, ground.times, runners, goals)?);
    }
    Ok(outcomes)
}

/// Lists, pages of the views, and a payer's bills.
pub(super) fn pages(ground: &Ground) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for engine in Engine::ALL {
        let mut runners = Vec::new();
        let mut goals = Vec::new();
        for rows in &ground.history {
            let url = filled(ground, engine, *rows)?;
            runners.push(Runner::new(with_history(*rows), move || {
                let mut command = ground.part("pages");
                command.arg(&url).arg(PAGES_ASKED.to_string());
                child::run(command, ground.scratch.path(), &[0])
            }));
            for (what, name) in [
                ("list of files, p99 (µs)", "files_p99_micros"),
                ("list of chunks, p99 (µs)", "chunks_p99_micros"),
                ("page of bill_results, p99 (µs)", "bill_results_p99_micros"),
                ("page of result_changes, p99 (µs)", "changes_p99_micros"),
                ("a payer's bills, p99 (µs)", "payer_p99_micros"),
            ] {
                goals.push(Goal {
                    what,
                    figure: Figure::Said(name),
                    ours: with_history(*rows),
                    beside: None,
                    bound: Bound::AtMost(PAGE_MICROS_MAX),
                });
            }
        }
        let name = format!("pages on {}", engine.name());
        let about = format!(
            "{PAGES_ASKED} of each kind, at places that chance picks: 50 lines of a list, 1,000 of a view."
        );
        outcomes.push(hold(&name, about, ground.times, runners, goals)?);
    }
    Ok(outcomes)
}

/// `ingestd verify` on the whole database.
pub(super) fn verify(ground: &Ground) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for engine in Engine::ALL {
        let mut runners = Vec::new();
        let mut goals = Vec::new();
        for rows in &ground.history {
            let url = filled(ground, engine, *rows)?;
            runners.push(Runner::new(with_history(*rows), move || {
                let mut command = ground.ingestd();
                // A configuration is not needed where the environment names the database.
                let folder = tempfile::tempdir_in(ground.scratch.path())?;
                let config = folder.path().join("ingestd.toml");
                std::fs::write(&config, format!("[database]\nurl = \"{url}\"\n"))?;
                command.arg("--config").arg(&config).arg("verify");
                let mut ran = child::run(command, folder.path(), &[0])?;
                ran.rows = u64::try_from(database::number(&url, "select count(*) from rows")?)?;
                Ok(ran)
            }));
            goals.push(Goal {
                what: "all invariants checked (µs)",
                figure: Figure::Said("wall_micros"),
                ours: with_history(*rows),
                beside: None,
                bound: Bound::AtMost(VERIFY_MICROS_MAX),
            });
        }
        let name = format!("verify on {}", engine.name());
        outcomes.push(hold(
            &name,
            "`ingestd verify`.",
            ground.times,
            runners,
            goals,
        )?);
    }
    Ok(outcomes)
}
