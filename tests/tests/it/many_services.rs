//! Four services share one PostgreSQL and the inboxes of twenty accounts. Any of them may be killed
//! at any time, and one that was paused past its lease is fenced.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{Engine, Service, World, bills, csv, databases, rounds_of_torture};

const SERVICES: usize = 4;
const ACCOUNTS: usize = 20;
const ROWS: usize = 20;
const KILLS: usize = 6;

fn names() -> Vec<String> {
    (1..=ACCOUNTS).map(|n| format!("school-{n:02}")).collect()
}

async fn on_postgresql(accounts: &[String]) -> World {
    let databases = databases().await;
    let one = databases
        .into_iter()
        .find(|database| database.engine() == Engine::Postgres);
    let names: Vec<&str> = accounts.iter().map(String::as_str).collect();
    World::with_accounts(one.expect("the tests have a PostgreSQL"), &names)
}

/// How many calls the hub has had of all accounts.
fn calls(world: &World, accounts: &[String]) -> usize {
    accounts
        .iter()
        .map(|account| world.bulk_calls_of(account).len())
        .sum()
}

fn signal(service: &Service, name: &str) {
    let pid = service.pid().expect("it runs").to_string();
    let sent = Command::new("kill").args([name, &pid]).status();
    assert!(sent.expect("kill can be run").success());
}

async fn ends_well(world: &World, accounts: &[String]) {
    world
        .wait_until("every row of every account is told", async || {
            let rows = world.results().await;
            rows.len() == ACCOUNTS * ROWS
                && rows
                    .iter()
                    .all(|row| ["billed", "unknown"].contains(&row.state.as_str()))
        })
        .await;
    for account in accounts {
        world.nobody_is_billed_twice(account);
        world.hub_and_views_agree(account).await;
        let at_hub: BTreeSet<String> = world
            .hub_payments_of(account)
            .into_iter()
            .map(|payment| payment.identifier)
            .collect();
        for row in world.rows_of_account(account).await {
            let expected = match at_hub.contains(&row.identifier) {
                true => "billed",
                false => "unknown",
            };
            assert_eq!(row.state, expected, "{row:?}");
        }
    }
    world.verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_services_serve_twenty_accounts_whichever_of_them_is_killed() {
    for round in 0..rounds_of_torture() as usize {
        let accounts = names();
        let world = on_postgresql(&accounts).await;
        for account in &accounts {
            world.set_of(account, "rows_per_request", "5");
            // Five calls a second at most, whoever makes them: `verify` holds them against it.
            world.set_of(account, "requests_per_minute", "300");
            let sheet = csv(&bills(&format!("{account}-"), ROWS));
            world.drop_sheet_for(account, "fees.csv", &sheet);
        }
        world.add_fault(Rule::once(Endpoint::AddBulk, Fault::DelayBeforeMs(150)).for_ever());
        let mut services: Vec<Service> = (0..SERVICES).map(|_| world.start_service()).collect();
        for kill in 0..KILLS {
            let so_far = calls(&world, &accounts);
            world
                .wait_until("some more calls are made", async || {
                    calls(&world, &accounts) >= (so_far + 3).min(ACCOUNTS * ROWS / 5)
                })
                .await;
            let whose = (kill * 7 + round) % SERVICES;
            services.remove(whose).kill9().await;
            world.was_killed_at("one of four services, at a random time");
            services.push(world.start_service());
        }
        ends_well(&world, &accounts).await;
        for service in services {
            assert_eq!(service.stop().await, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_was_paused_past_its_lease_wakes_and_is_fenced() {
    let accounts = vec!["school".to_owned()];
    let world = on_postgresql(&accounts).await;
    world.set("rows_per_request", "1");
    world.set("requests_per_minute", "300");
    let asleep = world.start_service();
    world.drop_sheet("fees.csv", &csv(&bills("Z", 30)));
    world
        .wait_until("it sends", async || calls(&world, &accounts) >= 2)
        .await;
    signal(&asleep, "-STOP");
    let other = world.start_service();
    let so_far = calls(&world, &accounts);
    world
        .wait_until("the other one goes on", async || {
            calls(&world, &accounts) >= so_far + 3
        })
        .await;
    signal(&asleep, "-CONT");
    world.wait_for_states(&["billed", "unknown"]).await;
    world.nobody_is_billed_twice("school");
    world.hub_and_views_agree("school").await;
    // The call that it slept through may be in doubt, and no other.
    let unknown = world.states("school").await.get("unknown").copied();
    assert!(unknown.unwrap_or(0) <= 1, "{unknown:?}");
    assert!(calls(&world, &accounts) <= 30, "no call is made twice");
    world.verified().await;
    for service in [asleep, other] {
        assert_eq!(service.stop().await, 0);
    }
}

/// Paused between its intent and its call, or between its mark and its call; in a torture for a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_paused_between_intent_and_call_wakes_and_makes_no_call() {
    for moment in ["intent-stored:2", "call-marked:2"] {
        let accounts = vec!["school".to_owned()];
        let world = on_postgresql(&accounts).await;
        world.set("rows_per_request", "4");
        let asleep = world.start_service_with(&[("INGESTD_STOPS_AT", moment)]);
        world.drop_sheet("fees.csv", &csv(&bills("P", 12)));
        world
            .wait_until("its second intent is stored", async || {
                world
                    .chunks()
                    .await
                    .iter()
                    .filter(|chunk| chunk.attempts > 0)
                    .count()
                    == 2
            })
            .await;
        let began = Instant::now();
        let at_least = match rounds_of_torture() {
            1 => Duration::ZERO,
            _ => Duration::from_secs(60),
        };
        let other = world.start_service();
        world
            .wait_until("the other one goes on behind it", async || {
                let states = world.states("school").await;
                began.elapsed() >= at_least
                    && states == [("billed".to_owned(), 8), ("unknown".to_owned(), 4)].into()
            })
            .await;
        assert_eq!(
            calls(&world, &accounts),
            2,
            "the call between was not made yet"
        );
        signal(&asleep, "-CONT");
        world
            .wait_until("the one that slept is told", async || {
                asleep.log().contains("another service has taken over")
            })
            .await;
        assert_eq!(asleep.stop().await, 0);
        assert_eq!(calls(&world, &accounts), 2, "it made its call all the same");
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
        assert_eq!(other.stop().await, 0);
    }
}
