//! The whole job: from a sheet in the inbox to the last PSID stored, a hub without a limit, beside two
//! programs in Python and, on PostgreSQL, a crude one in Rust, which is the bound. Ours also writes the
//! result sheet and the fix sheet; its rows/s are of the whole run, start and sheets included, and it
//! says besides when the last PSID was stored. The others end there.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::child;
use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{self, Database, Engine};
use crate::ground::Ground;
use crate::hub::{Hub, PASSWORD, USERNAME};
use crate::site::{NO_LIMIT, Site};

pub(super) const ACCOUNT: &str = "bench";

const OURS: &str = "ingestd";
const PLAIN: &str = "python, plain";
const EXPERT: &str = "python, expert";
/// COPY, POST, and PSIDs appended: nothing is ever updated. The other one updates.
const CRUDE_APPEND: &str = "crude Rust, append";
const CRUDE_UPDATE: &str = "crude Rust, UPDATE";

/// What a runner says of its time to the last PSID.
const TO_BILLED: &str = "until_billed_micros";

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
        let mut runners = vec![Runner::new(OURS, || {
            let database = Database::fresh(ground, engine)?;
            ours(ground, engine, database.url(), ACCOUNT, &sheet)
        })];
        for (name, program) in [(PLAIN, "job_plain"), (EXPERT, "job_expert")] {
            let sheet = &sheet;
            runners.push(Runner::new(name, move || {
                let database = Database::fresh(ground, engine)?;
                reference(ground, ground.beside(program)?, database.url(), sheet)
            }));
        }
        if engine == Engine::Postgres {
            for (name, part) in [
                (CRUDE_APPEND, "crude-append"),
                (CRUDE_UPDATE, "crude-update"),
            ] {
                let sheet = &sheet;
                runners.push(Runner::new(name, move || {
                    let database = Database::fresh(ground, engine)?;
                    reference(ground, ground.part(part), database.url(), sheet)
                }));
            }
        }
        let goal = |what, figure, beside: &str, bound| Goal {
            what,
            figure,
            ours: OURS.to_owned(),
            beside: Some(beside.to_owned()),
            bound,
        };
        let mut goals = vec![goal(
            "memory beside the plain one",
            Figure::Peak,
            PLAIN,
            Bound::AtMost(300),
        )];
        for (beside, bound) in [(PLAIN, 10_000), (EXPERT, 2_000), (CRUDE_APPEND, 750)] {
            if beside == CRUDE_APPEND && engine != Engine::Postgres {
                continue;
            }
            let bound = Bound::AtLeast(bound);
            let to_billed = Figure::SpeedIn(TO_BILLED);
            goals.push(goal("speed of the whole run", Figure::Speed, beside, bound));
            goals.push(goal("speed to the last PSID", to_billed, beside, bound));
        }
        let name = format!("whole-job on {}", engine.name());
        let about = format!(
            "{} rows of CSV, 5,000 a call, hub without a limit in another process, every commit synced. Ours also writes the result sheet and the fix sheet; its time to the last PSID is from taking the file.",
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
        ran.said.insert(TO_BILLED.to_owned(), micros);
    }
    Ok(ran)
}

/// A program that does the same, and ends when it has the last PSID.
fn reference(ground: &Ground, mut command: Command, url: &str, sheet: &Path) -> Result<Ran> {
    let hub = Hub::start(ground)?;
    command
        .arg(sheet)
        .args([url, &hub.base_url, USERNAME, PASSWORD]);
    let mut ran = child::run(command, ground.scratch.path(), &[0])?;
    ran.said.insert(TO_BILLED.to_owned(), ran.micros);
    Ok(ran)
}
