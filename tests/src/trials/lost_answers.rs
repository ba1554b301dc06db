//! Calls whose answers are lost, many thousand of them: how often does each go onto the wire?

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Table;
use super::losing_line::{LosingLine, Loss, Seen};
use super::patience::while_it_moves;
use crate::postgres::Database;
use crate::sheets_in::{bills, csv};
use crate::world::World;

/// Each has a rate, a hub's list and a sender of its own.
const ACCOUNTS: usize = 20;

/// Sends `n` rows in calls of one row each, loses each call's answer, and waits until every row is
/// billed or unknown. `silent` of the calls end by the caller's own deadline, two minutes later.
///
/// # Panics
/// If a bill went onto the wire twice, or is twice at the hub; if one that the hub had is not found;
/// or if hub, journal and database disagree.
pub async fn run(database: Database, n: usize, silent: usize, seed: u64) -> Table {
    let names: Vec<String> = (1..=ACCOUNTS.min(n)).map(|k| format!("s{k:02}")).collect();
    let accounts: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::with_accounts(database, &accounts);
    let line = LosingLine::to(world.hub().address(), seed, silent)
        .await
        .expect("there is a free port");
    let hub = world.hub().address().to_string();
    let through = world
        .hub()
        .base_url()
        .replace(&hub, &line.address.to_string());
    let mut rows = 0;
    for (k, account) in accounts.iter().enumerate() {
        for (key, value) in [
            ("base_url", format!("{through:?}")),
            ("rows_per_request", "1".to_owned()),
            ("requests_per_minute", "60000".to_owned()),
            ("reads_per_minute", "60000".to_owned()),
        ] {
            world.set_of(account, key, &value);
        }
        let share = (n + k) / accounts.len();
        rows += share;
        let sheet = csv(&bills(&format!("{account}-"), share));
        world.drop_sheet_for(account, "fees.csv", &sheet);
    }
    let began = Instant::now();
    let service = world.start_service();
    let states = settled(&world, &line, rows).await;
    let took = began.elapsed();
    assert_eq!(service.stop().await, 0);

    let seen = line.seen();
    let never_left = each_went_once(&world, &seen, rows).await;
    for account in &accounts {
        world.nobody_is_billed_twice(account);
        world.hub_and_views_agree(account).await;
    }
    world.verified().await;
    told(&seen, &states, never_left, took)
}

async fn settled(world: &World, line: &LosingLine, rows: usize) -> BTreeMap<String, usize> {
    while_it_moves("every row is on the wire", async || {
        (line.calls() >= rows, line.calls())
    })
    .await;
    let seen = line.seen();
    let never_there = |losses: &&Vec<Loss>| !losses.iter().any(|loss| loss.reached_the_hub());
    let unknown = seen.values().filter(never_there).count();
    let mut states = BTreeMap::new();
    while_it_moves("what the hub had is found", async || {
        states.clear();
        for row in world.results().await {
            *states.entry(row.state).or_default() += 1;
        }
        let at = |state: &str| states.get(state).copied().unwrap_or(0);
        let billed = at("billed");
        (billed == rows - unknown && at("unknown") == unknown, billed)
    })
    .await;
    states
}

/// Each row was one call on the wire, and each call that arrived made one bill. Answers the attempts of
/// which no byte left: they were made again, and count for nothing.
async fn each_went_once(world: &World, seen: &Seen, rows: usize) -> i64 {
    assert_eq!(seen.len(), rows, "every row was on the wire");
    let chunks = world.chunks().await;
    assert_eq!(chunks.len(), rows, "every row was a call of its own");
    let never_left = chunks.iter().map(|chunk| chunk.attempts - 1).sum();
    let mut bills: BTreeMap<String, usize> = BTreeMap::new();
    for payment in world.hub_payments() {
        *bills.entry(payment.identifier).or_default() += 1;
    }
    for (payer, losses) in seen {
        assert_eq!(losses.len(), 1, "{payer} went {losses:?}");
        let made = bills.get(payer).copied().unwrap_or(0);
        assert_eq!(made, usize::from(losses[0].reached_the_hub()), "{payer}");
    }
    never_left
}

fn told(seen: &Seen, states: &BTreeMap<String, usize>, never_left: i64, took: Duration) -> Table {
    let mut losses: BTreeMap<Loss, usize> = BTreeMap::new();
    for loss in seen.values().flatten() {
        *losses.entry(*loss).or_default() += 1;
    }
    let most = seen.values().map(Vec::len).max().unwrap_or(0);
    let mut table = Table::default();
    table.line("calls whose answer was lost", seen.len());
    for (loss, n) in losses {
        table.line(format!("… {}", loss.in_words()), n);
    }
    table.line("calls on the wire per row, the most", most);
    table.line("attempts of which no byte left, made again", never_left);
    for (state, n) in states {
        table.line(format!("rows {state} in the end"), n);
    }
    table.line("took", super::table::seconds(took));
    table
}
