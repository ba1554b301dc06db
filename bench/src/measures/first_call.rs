//! From a sheet of 500 rows that is dropped into the inbox of a running service to its first call at
//! the hub, as a customer has it: default settings of the folder, the service idle before. It is dropped
//! when it is renamed into the inbox, or when a program that wrote it there has closed it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::contest::{Bound, Figure, Goal, Outcome, Ran, Runner, hold};
use crate::database::{Database, Engine};
use crate::figures::of_hundred;
use crate::ground::Ground;
use crate::hub::Hub;
use crate::sheets::{self, Rows};
use crate::site::{NO_LIMIT, Site};

const ROWS: u32 = 500;
const DROPS: u32 = 20;
const PATIENCE: Duration = Duration::from_secs(60);
const LOOKED_EVERY: Duration = Duration::from_millis(20);
const P50_MS_MAX: u64 = 1_000;

pub(super) fn run(ground: &Ground) -> Result<Vec<Outcome>> {
    let mut runners = Vec::new();
    let mut goals = Vec::new();
    for engine in Engine::ALL {
        for how in [How::Renamed, How::Closed] {
            let name = format!("{} on {}", how.named(), engine.name());
            runners.push(Runner::new(name.clone(), move || {
                drops(ground, engine, how)
            }));
            goals.push(Goal {
                what: "to the first call, p50 (ms)",
                figure: Figure::Said("p50_ms"),
                ours: name,
                beside: None,
                bound: Bound::AtMost(P50_MS_MAX),
            });
        }
    }
    let about = format!(
        "{ROWS} rows, {DROPS} sheets one after the other; the next is dropped when the last has been called."
    );
    Ok(vec![hold(
        "first-call",
        about,
        ground.times,
        runners,
        goals,
    )?])
}

/// How a sheet comes into the inbox.
#[derive(Clone, Copy)]
enum How {
    Renamed,
    Closed,
}

impl How {
    fn named(self) -> &'static str {
        match self {
            How::Renamed => "renamed",
            How::Closed => "written and closed",
        }
    }

    /// Brings it there; answers when that was done, in milliseconds since 1970.
    fn drop_in(self, outside: &Path, inside: &Path) -> Result<i64> {
        match self {
            How::Renamed => {
                let at = now_ms()?;
                fs::rename(outside, inside)?;
                Ok(at)
            }
            How::Closed => {
                // In pieces, as a program writes that saves a sheet.
                let text = fs::read(outside)?;
                let mut file = fs::File::create(inside)?;
                for piece in text.chunks(4_096) {
                    file.write_all(piece)?;
                }
                let at = now_ms()?;
                drop(file);
                Ok(at)
            }
        }
    }
}

fn now_ms() -> Result<i64> {
    Ok(i64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis(),
    )?)
}

/// `ingestd run`, killed when it is dropped: nothing of it is needed afterwards.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn drops(ground: &Ground, engine: Engine, how: How) -> Result<Ran> {
    let database = Database::fresh(ground, engine)?;
    let mut hub = Hub::start(ground)?;
    let site = Site::new(ground, "bench", database.url(), &hub, NO_LIMIT, "")?;
    let mut command = site.ingestd(ground);
    command
        .arg("run")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _service = Service(command.spawn()?);
    let began = Instant::now();
    let mut took = Vec::new();
    for n in 0..DROPS {
        // Payers of its own for each sheet: all are new bills. The first drop finds the service starting,
        // and does not count.
        let rows = Rows::new(u64::from(n), PREFIXES[n as usize % PREFIXES.len()]);
        let rows = rows
            .skip((n as usize / PREFIXES.len()) * 1_000)
            .take(ROWS as usize);
        let outside = site.path().join("next.csv");
        sheets::csv(&outside, rows)?;
        let calls = hub.calls_ms()?.len();
        let dropped_ms = how.drop_in(&outside, &site.inbox.join(format!("fees{n}.csv")))?;
        let called_ms = wait_for_call(&mut hub, calls)?;
        if n > 0 {
            took.push(u64::try_from((called_ms - dropped_ms).max(0))?);
        }
    }
    let micros = u64::try_from(began.elapsed().as_micros())?;
    Ok(Ran {
        rows: u64::from(ROWS * DROPS),
        micros,
        peak_kb: None,
        said: BTreeMap::from([
            ("p50_ms".to_owned(), of_hundred(&took, 50)),
            ("p99_ms".to_owned(), of_hundred(&took, 99)),
        ]),
    })
}

const PREFIXES: [&str; 4] = ["GA", "GB", "GC", "GD"];

/// When the call after the first `known` ones came.
fn wait_for_call(hub: &mut Hub, known: usize) -> Result<i64> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let calls = hub.calls_ms()?;
        if calls.len() > known {
            return calls.get(known).copied().context("a call has a time");
        }
        thread::sleep(LOOKED_EVERY);
    }
    bail!("no call was made within {} s", PATIENCE.as_secs())
}
