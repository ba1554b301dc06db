//! With a history of so many rows: the whole job beside an empty database, pages, and `verify`.

use std::fs;

use anyhow::Result;

use super::histories::History;
use super::whole_job::{ACCOUNT, ours, ours_at};
use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::ground::Ground;
use crate::hub::{Hub, USERNAME};
use crate::site::{NO_LIMIT, Site};

const PAGES_ASKED: u32 = 200;
const PAGE_MICROS_MAX: u64 = 50_000;
const VERIFY_MICROS_MAX: u64 = 60_000_000;
const EMPTY: &str = "empty";

/// What is done with each history on each database.
struct Measured<'a> {
    name: &'static str,
    about: String,
    of: &'a [History],
    /// On the database that is kept.
    run: &'a dyn Fn(Engine, History, &str) -> Result<Ran>,
    /// With no history at all.
    empty: Option<&'a dyn Fn(Engine) -> Result<Ran>>,
    goals: &'a dyn Fn(String) -> Vec<Goal>,
}

impl Measured<'_> {
    /// A contest on each database.
    fn held(&self, ground: &Ground) -> Result<Vec<Outcome>> {
        let on = |engine: Engine| {
            let mut runners = Vec::new();
            let mut goals = Vec::new();
            if let Some(empty) = self.empty {
                runners.push(Runner::new(EMPTY, move || empty(engine)));
            }
            for rows in &ground.history {
                for history in self.of {
                    let url = history.kept(ground, engine, *rows)?;
                    let ours = history.named(*rows);
                    goals.extend((self.goals)(ours.clone()));
                    runners.push(Runner::new(ours, move || {
                        (self.run)(engine, *history, &url)
                    }));
                }
            }
            let name = format!("{} on {}", self.name, engine.name());
            hold(&name, &self.about, ground.times, runners, goals)
        };
        Engine::ALL.into_iter().map(on).collect()
    }
}

/// The same sheet into an empty database, beside strangers' rows, and for payers who have bills.
pub(super) fn whole_jobs(ground: &Ground) -> Result<Vec<Outcome>> {
    let sheet = ground.sheets().csv(ground.rows)?;
    Measured {
        name: "growth",
        about: format!(
            "The whole job of {} rows: beside rows of other accounts, and for payers who have paid a bill for each so many rows of history.",
            ground.rows
        ),
        of: &[History::Strangers, History::SamePayers],
        empty: Some(&|engine| {
            let database = Database::fresh(ground, engine)?;
            ours(ground, engine, database.url(), ACCOUNT, &sheet)
        }),
        run: &|engine, history, kept| {
            let database = Database::copied(ground, engine, kept)?;
            let url = database.url();
            let hub = Hub::start(ground)?;
            let site = Site::new(ground, ACCOUNT, url, &hub, NO_LIMIT, "quiet_for = \"0s\"\n")?;
            if history == History::SamePayers {
                database::run(url, &moved_to(&hub))?;
            }
            fs::copy(&sheet, site.inbox.join("fees.csv"))?;
            ours_at(ground, engine, url, &site)
        },
        goals: &|ours| {
            vec![Goal {
                what: "speed with history beside none",
                figure: Figure::Speed,
                ours,
                beside: Some(EMPTY.to_owned()),
                bound: Bound::AtLeast(900),
            }]
        },
    }
    .held(ground)
}

/// The account's bills are those of this hub, whose port is another one in each run.
fn moved_to(hub: &Hub) -> String {
    let base = hub.base_url.trim_end_matches("/integration");
    let login = format!("{base} {USERNAME}");
    format!(
        "update accounts set login = '{login}' where account = '{ACCOUNT}';
         update chunks set login = '{login}' where account = '{ACCOUNT}'"
    )
}

/// Lists, pages of the views, and a payer's bills.
pub(super) fn pages(ground: &Ground) -> Result<Vec<Outcome>> {
    const PAGES: [(&str, &str); 5] = [
        ("list of files, p99 (µs)", "files_p99_micros"),
        ("list of chunks, p99 (µs)", "chunks_p99_micros"),
        ("page of bill_results, p99 (µs)", "bill_results_p99_micros"),
        ("page of result_changes, p99 (µs)", "changes_p99_micros"),
        ("a payer's bills, p99 (µs)", "payer_p99_micros"),
    ];
    Measured {
        name: "pages",
        about: format!(
            "{PAGES_ASKED} of each kind, at places that chance picks: 50 lines of a list, 1,000 of a view."
        ),
        of: &[History::Strangers],
        empty: None,
        run: &|_, _, url| {
            let mut command = ground.part("pages");
            command.arg(url).arg(PAGES_ASKED.to_string());
            child::run(command, ground.scratch.path(), &[0])
        },
        goals: &|ours| {
            let goal = |(what, name)| Goal {
                what,
                figure: Figure::Said(name),
                ours: ours.clone(),
                beside: None,
                bound: Bound::AtMost(PAGE_MICROS_MAX),
            };
            PAGES.into_iter().map(goal).collect()
        },
    }
    .held(ground)
}

/// `ingestd verify` on the whole database.
pub(super) fn verify(ground: &Ground) -> Result<Vec<Outcome>> {
    Measured {
        name: "verify",
        about: "`ingestd verify`: every invariant of the whole database.".to_owned(),
        of: &[History::Strangers],
        empty: None,
        run: &|_, _, url| {
            let folder = tempfile::tempdir_in(ground.scratch.path())?;
            let config = folder.path().join("ingestd.toml");
            fs::write(&config, format!("[database]\nurl = \"{url}\"\n"))?;
            let mut command = ground.ingestd();
            command.arg("--config").arg(&config).arg("verify");
            let mut ran = child::run(command, folder.path(), &[0])?;
            ran.rows = u64::try_from(database::number(url, "select count(*) from rows")?)?;
            Ok(ran)
        },
        goals: &|ours| {
            vec![Goal {
                what: "all invariants checked (µs)",
                figure: Figure::Said("wall_micros"),
                ours,
                beside: None,
                bound: Bound::AtMost(VERIFY_MICROS_MAX),
            }]
        },
    }
    .held(ground)
}
