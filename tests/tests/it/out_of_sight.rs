//! A request of the past that the hub does not show any more: only the rows that meet its bills
//! wait, `status` names it, and there is a way out.

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{Bill, World, csv, on_each_engine};

/// Two payers are billed; then the hub shows no request any more.
async fn billed_and_out_of_sight(world: &World) {
    let march = [
        Bill::new("P-1", "100", "2035-03-10"),
        Bill::new("P-2", "200", "2035-03-10"),
    ];
    world.drop_sheet("march.csv", &csv(&march));
    world.run_once().await.ended_with(0);
    let gone = Fault::Status {
        code: 404,
        body: None,
        headers: std::collections::BTreeMap::new(),
    };
    world.add_fault(Rule::once(Endpoint::BulkStatus, gone).for_ever());
}

fn april() -> Vec<u8> {
    csv(&[
        Bill::new("P-1", "150", "2035-04-10"),
        Bill::new("P-3", "300", "2035-04-10"),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_lets_a_row_go_whose_earlier_request_the_hub_does_not_show() {
    on_each_engine(async |world| {
        billed_and_out_of_sight(&world).await;
        world.drop_sheet("april.csv", &april());
        world.run_once_for("6s").await.ended_with(1);
        let rows = world.rows_of("april.csv").await;
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["held", "accepted"]);
        let file_id = world.file_id("april.csv").await;
        let way_out = format!("`ingestd approve {file_id} --rows 2`");
        let message = rows[0].message.clone().unwrap_or_default();
        assert!(message.contains(&way_out), "{message}");

        let status = world.json(&["status"]).await;
        let gone = &status["at_the_hub"][0];
        assert_eq!(gone["file_name"], "march.csv");
        let why = gone["why"].as_str().unwrap();
        assert!(why.contains("1 row waits because of it"), "{why}");
        let screen = world.command(&["status"]).await;
        screen.says("TO TAKE UP WITH THE HUB");

        let all = world.command(&["approve", &file_id, "--no-wait"]).await;
        all.ended_with(0).says("1 row is still held");
        assert_eq!(world.bulk_calls().len(), 2);
        world
            .command(&["approve", &file_id, "--rows", "2", "--no-wait"])
            .await
            .ended_with(0);
        world
            .wait_until("the row is sent", async || {
                world.run_once_for("1s").await;
                world.bulk_calls().len() == 3
            })
            .await;
        assert_eq!(world.hub_payments().len(), 4);

        world.hub().clear_faults();
        world
            .wait_until("everything is billed or discarded", async || {
                world.run_once().await;
                let mut states = world.states("school").await;
                states.retain(|_, n| *n > 0);
                states == [("billed".to_owned(), 3), ("discarded".to_owned(), 1)].into()
            })
            .await;
        assert_eq!(
            world.json(&["status"]).await["at_the_hub"],
            serde_json::json!([])
        );
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_waited_go_by_themselves_when_the_hub_shows_the_request_again() {
    on_each_engine(async |world| {
        billed_and_out_of_sight(&world).await;
        let mut service = world.start_service();
        world.drop_sheet("april.csv", &april());
        world
            .wait_until("the row is held and its neighbour sent", async || {
                let rows = world.rows_of("april.csv").await;
                let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
                states == ["held", "accepted"]
            })
            .await;
        assert_eq!(world.bulk_calls().len(), 2);
        world.hub().clear_faults();
        world
            .wait_until("the row goes", async || {
                let rows = world.rows_of("april.csv").await;
                rows.iter().all(|row| row.state == "billed")
            })
            .await;
        assert_eq!(world.bulk_calls().len(), 3);
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}
