//! The whole job: from a sheet in the inbox to the last PSID stored, a hub without a limit, beside two
//! programs in Python. Ours also writes the result sheet and the fix sheet; its rows/s are of the whole
//! run, start and sheets included, and it says besides when the last PSID was stored.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::ground::Ground;
use crate::hub::{Hub, PASSWORD, USERNAME};
use crate::site::{NO_LIMIT, Site};

const ACCOUNT: &str = "bench";

/// From taking the newest file to its last change, in microseconds.
const UNTIL_BILLED: [(Engine, &str); 2] = [
    (
        Engine::Postgres,
        "select cast(extract(epoch from (select max(changed_at) from changes where state = 'billed' and file_id = f.file_id) - f.taken_at) * 1000000 as bigint)
         from files f order by f.file_id desc limit 1",
    ),
    (
        Engine::Sqlite,
        "select cast(round((julianday((select max(changed_at) from changes where state = 'billed' and file_id = f.file_id)) - julianday(f.taken_at)) * 86400000) as integer) * 1000
         from files f order by f.file_id desc limit 1",
    ),
];

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let sheet = ground.sheets().csv(ground.rows)?;
    let mut outcomes = Vec::new();
    for engine in Engine::ALL {
        let mut runners = vec![Runner::new("ingestd", || {
            let database = Database::fresh(ground, engine)?;
            ours(ground, engine, database.url(), ACCOUNT, &sheet)
        })];
        for name in ["plain", "expert"] {
            let sheet = &sheet;
            runners.push(Runner::new(format!("python, {name}"), move || {
                let database = Database::fresh(ground, engine)?;
                beside(ground, &format!("job_{name}"), database.url(), sheet)
            }));
        }
        let goal = |what, figure, beside: &str, bound| Goal {
            what,
            figure,
            ours: "ingestd".to_owned(),
            beside: Some(format!("python, {beside}")),
            bound,
        };
        let goals = vec![
            goal(
                "speed beside the plain one",
                Figure::Speed,
                "plain",
                Bound::AtLeast(10_000),
            ),
            goal(
                "memory beside the plain one",
                Figure::Peak,
                "plain",
                Bound::AtMost(300),
            ),
            goal(
                "speed beside the expert one",
                Figure::Speed,
                "expert",
                Bound::AtLeast(2_000),
            ),
        ];
        let name = format!("whole-job on {}", engine.name());
        let about = format!(
            "{} rows of CSV, 5,000 a call, hub without a limit in another process, every commit synced.",
            ground.rows
        );
        outcomes.push(hold(&name, about, ground.times, runners, goals)?);
    }
    Ok(outcomes)
}

/// `run --once` on a sheet that lies in the inbox.
pub(super) fn ours(
    ground: &Ground,
    engine: Engine,
    url: &str,
    account: &str,
    sheet: &Path,
) -> Result<Ran> {
    let hub = Hub::start(ground)?;
    let site = Site::new(ground, account, url, &hub, NO_LIMIT, "quiet_for = \"0s\"\n")?;
    fs::copy(sheet, site.inbox.join("fees.csv"))?;
    ours_at(ground, engine, url, &site)
}

/// As [`ours`], at a site whose inbox has its sheet.
pub(super) fn ours_at(ground: &Ground, engine: Engine, url: &str, site: &Site) -> Result<Ran> {
    let mut command = site.ingestd(ground);
    command.args(["--quiet", "run", "--once", "--patience", "60m"]);
    // Invalid rows are an exit code of their own.
    let mut ran = child::run(command, site.path(), &[0, 1])?;
    let newest = "(select max(file_id) from files)";
    let rows = database::number(
        url,
        &format!("select rows_n from files where file_id = {newest}"),
    )?;
    let billed = format!(
        "select coalesce(sum(n), 0) from file_counts where file_id = {newest} and state = 'billed'"
    );
    let billed = match engine {
        Engine::Postgres => database::number(url, &format!("select ({billed})::bigint"))?,
        Engine::Sqlite => database::number(url, &billed)?,
    };
    if billed == 0 {
        bail!(
            "nothing was billed: {}",
            fs::read_to_string(site.path().join("stderr"))?
        );
    }
    ran.rows = u64::try_from(rows)?;
    ran.said.insert("valid".to_owned(), u64::try_from(billed)?);
    if let Some((_, sql)) = UNTIL_BILLED.iter().find(|(one, _)| *one == engine) {
        let micros = u64::try_from(database::number(url, sql)?)?;
        ran.said.insert("until_billed_micros".to_owned(), micros);
    }
    Ok(ran)
}

fn beside(ground: &Ground, program: &str, url: &str, sheet: &Path) -> Result<Ran> {
    let hub = Hub::start(ground)?;
    let mut command = ground.beside(program)?;
    command
        .arg(sheet)
        .args([url, &hub.base_url, USERNAME, PASSWORD]);
    child::run(command, ground.scratch.path(), &[0])
}
