//! kill -9 at any moment: nothing is billed twice, nothing is lost, and what
//! can be known is found out again.

use std::collections::BTreeSet;
use std::time::Duration;

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{World, bills, csv, on_each_engine, rounds_of_torture};

const KILLS: u64 = 10;

/// A moment between 20 ms and 1.5 s after the service took the account: never
/// the same twice, and the same in every run.
fn moment(kill: u64) -> Duration {
    let scattered = (kill + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(20 + scattered % 1480)
}

/// Whether the account is served by the process of this id.
async fn serves(world: &World, pid: u32) -> bool {
    let status = world.command(&["--format", "json", "status"]).await;
    let named = format!(":{pid}:");
    status.code == 0
        && status.json()["accounts"][0]["served_by"]
            .as_str()
            .is_some_and(|by| by.contains(&named))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_bills_everybody_once() {
    for round in 0..u64::from(rounds_of_torture()) {
        killed_at_random_moments(round).await;
    }
}

async fn killed_at_random_moments(round: u64) {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("K", 12_000)));
        world.add_fault(Rule::once(Endpoint::AddBulk, Fault::DelayBeforeMs(700)).for_ever());
        for kill in 0..KILLS {
            let mut service = world.start_service();
            let pid = service.pid().unwrap();
            world
                .wait_until("the service took over the account", async || {
                    serves(&world, pid).await
                })
                .await;
            // Not a wait for something: the moment of the kill is what is tried.
            tokio::time::sleep(moment(round * KILLS + kill)).await;
            assert_eq!(service.ended(), None, "it must not end by itself");
            service.kill9().await;
            world.was_killed_at("at a random time");
        }
        let ran = world.run_once().await;
        assert!([0, 1].contains(&ran.code), "{ran:?}");

        world.nobody_is_billed_twice("school");
        let at_hub: BTreeSet<String> = world
            .hub_payments()
            .into_iter()
            .map(|payment| payment.identifier)
            .collect();
        let rows = world.results().await;
        assert_eq!(rows.len(), 12_000, "each row is stored once");
        world
            .stored_as_dropped("fees.csv", &bills("K", 12_000))
            .await;
        for row in &rows {
            let expected = if at_hub.contains(&row.identifier) {
                "billed"
            } else {
                "unknown"
            };
            assert_eq!(row.state, expected, "{row:?}");
        }
        world.hub_and_views_agree("school").await;
        // A call that was killed before it arrived whole waits for a person.
        let unknown = rows.iter().filter(|row| row.state == "unknown").count();
        if unknown > 0 {
            world.command(&["status"]).await.says("ingestd resolve");
        }
        assert_eq!(at_hub.len() + unknown, 12_000);
        assert_eq!(world.names_in("done"), ["fees.csv"]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_services_one_sends_and_the_other_goes_on_when_it_is_killed() {
    on_each_engine(async |world| {
        world.set("rows_per_request", "50");
        let first = world.start_service();
        let pid = first.pid().unwrap();
        world
            .wait_until("the first service has the account", async || {
                serves(&world, pid).await
            })
            .await;
        let mut second = world.start_service();
        world.add_fault(Rule::once(Endpoint::AddBulk, Fault::DelayBeforeMs(200)).for_ever());
        world.drop_sheet("fees.csv", &csv(&bills("T", 500)));
        world
            .wait_until("some calls are made", async || {
                world.bulk_calls().len() >= 3
            })
            .await;
        assert_eq!(second.ended(), None, "it waits for its turn");
        first.kill9().await;
        world.wait_for_states(&["billed"]).await;
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        let calls = world.bulk_calls();
        assert_eq!(calls.len(), 10, "no call is made twice: {calls:?}");
        assert_eq!(second.stop().await, 0);
        world.verified().await;
    })
    .await;
}
