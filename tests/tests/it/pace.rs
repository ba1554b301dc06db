//! Calls that make bills are evenly spaced, and counted across restarts.

use ingestd_tests::{World, bills, csv, on_each_engine};

/// How long lay between the calls, in milliseconds.
fn gaps_ms(world: &World) -> Vec<i64> {
    let calls = world.bulk_calls();
    calls
        .windows(2)
        .map(|pair| pair[1].at_ms - pair[0].at_ms)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_evenly_spaced_and_a_restart_does_not_begin_anew() {
    on_each_engine(async |world| {
        world.set("requests_per_minute", "60");
        world.set("rows_per_request", "5");
        world.drop_sheet("fees.csv", &csv(&bills("P", 30)));
        let service = world.start_service();
        world
            .wait_until("two of six calls are made", async || {
                world.bulk_calls().len() >= 2
            })
            .await;
        assert_eq!(service.stop().await, 0);
        let before = world.bulk_calls().len();
        assert!(before < 6, "the calls are not paced");
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 6);
        // A second between two, but for what the way to the hub takes.
        let gaps = gaps_ms(&world);
        assert!(
            gaps.iter().all(|gap| *gap >= 900),
            "{gaps:?}, restarted after {before} calls"
        );
        world.nobody_is_billed_twice("school");
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 30)].into()
        );
    })
    .await;
}
