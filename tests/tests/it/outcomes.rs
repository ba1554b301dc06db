//! PSIDs that come later, and payments.

use asaanbill_sandbox::{Pay, SwitchesChange};
use ingestd_tests::{bills, csv, on_each_engine, xlsx};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn psids_that_the_hub_assigns_later_are_found_by_asking() {
    on_each_engine(async |world| {
        world.switch(SwitchesChange {
            psid_hold: Some(true),
            ..SwitchesChange::default()
        });
        let mut service = world.start_service();
        world.drop_sheet("fees.csv", &csv(&bills("L", 4)));
        world.wait_for_states(&["accepted"]).await;
        assert!(
            world
                .results()
                .await
                .iter()
                .all(|row| row.psid.is_none() && row.request.is_some())
        );
        assert_eq!(world.file("fees.csv").await["state"], "sending");
        world.switch(SwitchesChange {
            psid_hold: Some(false),
            ..SwitchesChange::default()
        });
        world.wait_for_states(&["billed"]).await;
        world.hub_and_views_agree("school").await;
        world
            .wait_until("the result sheet is written", async || {
                world
                    .names_in("results")
                    .contains(&"fees.csv.results.xlsx".to_owned())
            })
            .await;
        assert_eq!(service.ended(), None);
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_hub_has_not_finished_within_the_patience_is_left_as_it_is() {
    on_each_engine(async |world| {
        world.switch(SwitchesChange {
            psid_hold: Some(true),
            ..SwitchesChange::default()
        });
        world.drop_sheet("fees.csv", &csv(&bills("L", 4)));
        world.run_once_for("8s").await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("accepted".to_owned(), 4)].into()
        );
        world.switch(SwitchesChange {
            psid_hold: Some(false),
            ..SwitchesChange::default()
        });
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_waits_has_patience_and_leaves_the_rest_to_the_service() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("more.csv", &csv(&bills("X", 3)));
        world.run_once().await.ended_with(1);
        let file = world.file_id("more.csv").await;
        world.set("approve", "\"never\"");
        let psids_held_back = |held_back| {
            world.switch(SwitchesChange {
                psid_hold: Some(held_back),
                ..SwitchesChange::default()
            });
        };
        psids_held_back(true);
        let soon_over = async |arguments: &[&str], rows: &str| {
            let ran = world
                .command(&[arguments, &["--patience", "3s"]].concat())
                .await
                .ended_with(1);
            ran.in_one_sentence();
            let told = format!(
                "the hub has not finished {rows} after 3 s; nothing is lost: the service goes on with it"
            );
            assert!(ran.stderr.contains(&told), "{}", ran.stderr);
        };
        std::fs::write(world.folder().join("fees.csv"), csv(&bills("W", 4))).unwrap();
        soon_over(&["submit", "fees.csv", "--account", "school", "--wait"], "4 rows").await;
        let by_hand = [
            "payments", "add", "--account", "school", "--title", "Lab fee", "--identifier", "W-9",
            "--amount", "1500", "--due-date", "2035-03-31",
        ];
        soon_over(&by_hand, "1 row").await;
        soon_over(&["approve", &file], "3 rows").await;
        // On a machine with much else to do, the last call may be the service's.
        let states = world.states("school").await;
        let waits = |state: &String| ["accepted", "ready", "sending"].contains(&&**state);
        assert!(states.keys().all(waits), "{states:?}");
        assert_eq!(states.values().sum::<usize>(), 8);

        psids_held_back(false);
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 8)].into()
        );
        assert_eq!(world.bulk_calls().len(), 3, "no bill is made again");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_reaches_the_results_with_its_time() {
    on_each_engine(async |world| {
        let fees = bills("P", 3);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        world.hub().pay(&Pay::identifier("P-00002")).unwrap();
        // The sheet saved again is a reason to ask the hub about these bills now.
        world.drop_sheet("again.xlsx", &xlsx(&fees));
        world.run_once().await.ended_with(0);
        world
            .wait_until("the time of the payment is known", async || {
                world.run_once().await;
                world.rows_of("fees.csv").await[1].paid_at.is_some()
            })
            .await;
        let rows = world.rows_of("fees.csv").await;
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["billed", "paid", "billed"]);
        assert_eq!(rows[0].paid_at, None);
        world.hub_and_views_agree("school").await;
        let listed = world.json(&["rows", "--state", "paid"]).await;
        assert_eq!(listed[0]["identifier"], "P-00002");
        assert!(listed[0]["paid_at"].is_string());
        world.verified().await;
    })
    .await;
}
