//! A stretch of faults of every kind, then none: within two minutes every row is settled, or held
//! for a reason it names, or unknown with the command that decides it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule};

use super::Table;
use super::chance::Chance;
use super::patience::while_it_moves;
use super::table::seconds;
use crate::postgres::{Database, Engine};
use crate::running::Service;
use crate::sheets_in::{bills, csv};
use crate::world::World;

const ACCOUNTS: usize = 10;
/// Everything is to have its place within this.
const WITHIN: Duration = Duration::from_secs(120);
/// Another fault this often, another kill every so many faults.
const FAULT_EVERY: Duration = Duration::from_millis(250);
const KILL_EVERY: usize = 40;
const SETTLED: [&str; 8] = [
    "invalid",
    "corrected",
    "skipped",
    "rejected",
    "paid",
    "discarded",
    "errored",
    "billed",
];

/// Sends `n` rows while faults come for so long, services killed among them; then waits, without
/// faults, until everything has its place.
///
/// # Panics
/// If something never has one; if anybody is billed twice; if hub and database disagree.
pub async fn run(database: Database, n: usize, faults_for: Duration, seed: u64) -> Table {
    let engine = database.engine();
    let names: Vec<String> = (1..=ACCOUNTS).map(|k| format!("s{k:02}")).collect();
    let accounts: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::with_accounts(database, &accounts);
    let share = n.div_ceil(ACCOUNTS);
    for account in &accounts {
        world.set_of(account, "rows_per_request", "10");
        // The work lasts about as long as the faults do.
        let calls = u64::try_from(share.div_ceil(10)).unwrap_or(u64::MAX);
        let a_minute = (calls * 60 / faults_for.as_secs().max(1)).clamp(30, 6_000);
        world.set_of(account, "requests_per_minute", &a_minute.to_string());
        let sheet = csv(&bills(&format!("{account}-"), share));
        world.drop_sheet_for(account, "fees.csv", &sheet);
    }
    let services = match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => 2,
    };
    let mut services: Vec<Service> = (0..services).map(|_| world.start_service()).collect();
    let (faults, kills) = trouble(&world, &mut services, faults_for, seed).await;
    world.hub().clear_faults();
    let began = Instant::now();
    let rows = share * ACCOUNTS;
    let mut in_time = 0;
    while_it_moves("every row has its place", async || {
        let (in_place, without) = places(&world).await;
        if began.elapsed() <= WITHIN {
            in_time = in_place;
        }
        (in_place == rows, (in_place, without))
    })
    .await;
    let (took, states) = (began.elapsed(), states(&world).await);
    for service in services {
        assert_eq!(service.stop().await, 0);
    }
    for account in &accounts {
        world.nobody_is_billed_twice(account);
        world.hub_and_views_agree(account).await;
    }
    world.verified().await;

    let mut table = Table::default();
    table.line("faults", faults);
    table.line("services killed", kills);
    table.line("rows", rows);
    for (state, n) in states {
        table.line(format!("… {state} in the end"), n);
    }
    let within = format!("… with their place within {}", seconds(WITHIN));
    table.line(within, in_time);
    table.line("all of them had it after", seconds(took));
    table
}

/// A fault now and then, for so long; answers how many, and how many kills.
async fn trouble(
    world: &World,
    services: &mut Vec<Service>,
    faults_for: Duration,
    seed: u64,
) -> (usize, usize) {
    let mut chance = Chance::from(seed);
    let (began, mut faults, mut kills) = (Instant::now(), 0, 0);
    while began.elapsed() < faults_for {
        // The rhythm of the trouble, not a wait for something.
        tokio::time::sleep(FAULT_EVERY).await;
        faults += 1;
        if faults % KILL_EVERY == 0 {
            kills += 1;
            services.remove(0).kill9().await;
            services.push(world.start_service());
        }
        if faults % 61 == 0 {
            world.hub().refuse_connections(true).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            world.hub().refuse_connections(false).await;
        }
        let on = match chance.below(3) {
            0 => [
                Endpoint::BulkList,
                Endpoint::BulkStatus,
                Endpoint::Payment,
                Endpoint::Login,
            ][chance.below(4)],
            _ => Endpoint::AddBulk,
        };
        world.add_fault(Rule::once(on, fault(&mut chance, on)));
    }
    (faults, kills)
}

/// Any fault but those that pause an account by design (401 and 403 again and again): after them it
/// is tried again every quarter of an hour, or by a person at once.
fn fault(chance: &mut Chance, on: Endpoint) -> Fault {
    let status = |code| Fault::Status {
        code,
        body: None,
        headers: BTreeMap::new(),
    };
    if on != Endpoint::AddBulk {
        return match chance.below(5) {
            0 => status(503),
            1 => Fault::CloseAfter,
            2 => Fault::Html,
            3 => Fault::CutAfter { bytes: 20 },
            _ => Fault::DelayBeforeMs(1_500),
        };
    }
    let garbled = |garble| Fault::GarbleEcho(garble);
    match chance.below(16) {
        0 | 1 => Fault::CloseAfter,
        2 => Fault::CloseBefore { read_bytes: None },
        3 => Fault::CloseBefore {
            read_bytes: Some(chance.below(900) as u64),
        },
        4 | 5 => Fault::CutAfter {
            bytes: chance.below(600) as u64,
        },
        6 => status(503),
        7 => Fault::AfterStatus {
            code: 503,
            body: None,
        },
        8 => Fault::RetryAfter {
            code: 429,
            header: "2".to_owned(),
        },
        9 => Fault::Html,
        10 => Fault::NoEcho,
        11 => garbled(Garble {
            drop_rows: 2,
            ..Garble::default()
        }),
        12 => garbled(Garble {
            foreign_identifier: true,
            ..Garble::default()
        }),
        13 => garbled(Garble {
            shuffle: true,
            other_dates: true,
            ..Garble::default()
        }),
        14 => Fault::RefuseRows {
            identifiers: Vec::new(),
            every: Some(4),
            message: "blocked by the registrar".to_owned(),
        },
        _ => Fault::DelayAfterMs(2_000),
    }
}

async fn states(world: &World) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for row in world.results().await {
        *states.entry(row.state).or_default() += 1;
    }
    states
}

/// What `status` names as waiting for a person: file, `held` or `unknown`, and that a command decides it.
async fn waiting(world: &World) -> BTreeSet<(i64, String)> {
    let status = world.json(&["status"]).await;
    let waiting = status["waiting"].as_array().cloned().unwrap_or_default();
    let decided = waiting.iter().filter(|entry| {
        let command = entry["command"].as_str().unwrap_or_default();
        command.contains("ingestd ")
    });
    decided
        .filter_map(|entry| {
            Some((
                entry["file_id"].as_i64()?,
                entry["what"].as_str()?.to_owned(),
            ))
        })
        .collect()
}

/// Rows that are settled, or held for a reason that they name, or unknown; of the last two only those
/// that `status` names a command for. And the others, by their state.
async fn places(world: &World) -> (usize, BTreeMap<String, usize>) {
    let waiting = waiting(world).await;
    let has_a_place = |row: &crate::views::Row| {
        let named = || waiting.contains(&(row.file_id, row.state.clone()));
        match row.state.as_str() {
            "held" => !row.says().is_empty() && named(),
            "unknown" => named(),
            state => SETTLED.contains(&state),
        }
    };
    let (mut in_place, mut without) = (0, BTreeMap::new());
    for row in world.results().await {
        match has_a_place(&row) {
            true => in_place += 1,
            false => *without.entry(row.state).or_default() += 1,
        }
    }
    (in_place, without)
}
