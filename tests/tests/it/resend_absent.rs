//! `resend_absent_after`: a call that the hub never got goes again without a person, once.

use asaanbill_sandbox::Fault;
use ingestd_tests::{bills, csv, on_each_engine};

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
