//! `resend_absent_after`: a call that the hub never got goes again without a person, once.

use asaanbill_sandbox::{Fault, SwitchesChange};
use ingestd_tests::{World, bills, csv, on_each_engine};

/// A chunk that three complete readings did not show stays in doubt, though it was to go again after
/// a second: something else speaks against it.
async fn looked_for_three_times(world: &World, calls: usize) {
    let mut service = world.start_service();
    world
        .wait_until("it was looked for three times", async || {
            world.looks().await.first() >= Some(&3)
        })
        .await;
    // What a reading decides is done before the service ends.
    assert_eq!(service.ended(), None);
    assert_eq!(service.stop().await, 0);
    assert_eq!(world.bulk_calls().len(), calls, "nothing went again");
    let rows = world.rows_of("lost.csv").await;
    assert!(rows.iter().all(|row| row.state == "unknown"), "{rows:?}");
    world.verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_the_hub_never_got_goes_again_where_the_account_says_so() {
    on_each_engine(async |world| {
        world.set("resend_absent_after", "\"1s\"");
        world.next_call(Fault::CloseBefore { read_bytes: None });
        let mut service = world.start_service();
        world.drop_sheet("lost.csv", &csv(&bills("L", 3)));
        world.wait_for_states(&["unknown"]).await;
        // A later request of ours shows that the hub's list is alive.
        world.drop_sheet("later.csv", &csv(&bills("M", 3)));
        world.wait_for_states(&["billed"]).await;
        assert_eq!(world.bulk_calls().len(), 3);
        assert_eq!(world.hub_payments().len(), 6);
        let chunks = world.json(&["chunks"]).await;
        let attempts: Vec<i64> = chunks
            .as_array()
            .unwrap()
            .iter()
            .map(|chunk| chunk["attempts"].as_i64().unwrap())
            .collect();
        assert_eq!(attempts.iter().sum::<i64>(), 3);
        world.hub_and_views_agree("school").await;
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_names_a_request_does_not_set_off_the_rule_that_sends_again() {
    on_each_engine(async |world| {
        world.set("resend_absent_after", "\"1s\"");
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("lost.csv", &csv(&bills("L", 3)));
        world.run_once().await.ended_with(1);
        // A later request of ours shows that the hub's list is alive.
        world.drop_sheet("later.csv", &csv(&bills("M", 3)));
        world.run_once().await.ended_with(1);
        let chunk = world.chunks().await[0].chunk_id.to_string();
        world
            .command(&["resolve", &chunk, "--sent", "987654"])
            .await
            .ended_with(1)
            .says("987654");
        assert_eq!(world.rows_of("lost.csv").await[0].state, "unknown");
        assert_eq!(world.bulk_calls().len(), 2);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_later_request_in_the_list_nothing_goes_again() {
    on_each_engine(async |world| {
        world.set("resend_absent_after", "\"1s\"");
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("lost.csv", &csv(&bills("L", 3)));
        looked_for_three_times(&world, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_at_the_hub_may_hold_does_not_go_again() {
    on_each_engine(async |world| {
        world.set("resend_absent_after", "\"1s\"");
        // One row of three is taken: too few to be the call, and too many for it to go again.
        let refused = ["L-00002", "L-00003"].map(|payer| (payer.to_owned(), "no".to_owned()));
        world.switch(SwitchesChange {
            refuse_identifiers: Some(refused.into()),
            ..SwitchesChange::default()
        });
        world.next_call(Fault::CloseAfter);
        world.drop_sheet("lost.csv", &csv(&bills("L", 3)));
        world.run_once_for("6s").await;
        world.drop_sheet("later.csv", &csv(&bills("M", 3)));
        looked_for_three_times(&world, 2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_complete_readings_are_too_few() {
    on_each_engine(async |world| {
        world.set("resend_absent_after", "\"1s\"");
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("lost.csv", &csv(&bills("L", 3)));
        let mut service = world.start_service();
        world.wait_for_states(&["unknown"]).await;
        world.drop_sheet("later.csv", &csv(&bills("M", 3)));
        world
            .wait_until(
                "it was looked for twice, and a later call was taken",
                async || world.looks().await.first() >= Some(&2) && world.bulk_calls().len() >= 2,
            )
            .await;
        // What the second reading decides is done before the service ends.
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        if world.looks().await.first() == Some(&2) {
            assert_eq!(
                world.bulk_calls().len(),
                2,
                "it went again after two readings"
            );
        }
        world.verified().await;
    })
    .await;
}
