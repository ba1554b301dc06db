//! What a person decides: approve, cancel, pause and resume.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule, SwitchesChange};
use ingestd_tests::{bills, csv, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_asks_for_approval_sends_nothing_before_it_is_given() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.csv", &csv(&bills("A", 4)));
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("held".to_owned(), 4)].into()
        );
        assert_eq!(world.bulk_calls().len(), 0);
        let file = world.file_id("fees.csv").await;
        assert_eq!(world.file("fees.csv").await["state"], "held");
        let note = String::from_utf8(world.in_results("fees.csv.held.txt")).unwrap();
        assert!(note.contains(&format!("ingestd approve {file}")), "{note}");
        world
            .command(&["status"])
            .await
            .says(&format!("ingestd approve {file}"));

        world
            .command(&["approve", &file])
            .await
            .ended_with(0)
            .says("4 rows are released that were held as");
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.names_in("results"),
            ["fees.csv.results.csv", "fees.csv.results.xlsx"]
        );
        world.command(&["approve", &file]).await;
        assert_eq!(world.bulk_calls().len(), 1, "approved twice is sent once");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_sheet_over_the_sum_waits_for_approval() {
    on_each_engine(async |world| {
        world.set("approve", "\"over 3000\"");
        // 1001 + 1002 = 2003, and 1001 + 1002 + 1003 = 3006.
        world.drop_sheet("small.csv", &csv(&bills("S", 2)));
        world.drop_sheet("large.csv", &csv(&bills("L", 3)));
        world.run_once().await.ended_with(1);
        let of = async |name: &str| {
            world
                .rows_of(name)
                .await
                .into_iter()
                .map(|row| row.state)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("small.csv").await, ["billed"; 2]);
        assert_eq!(of("large.csv").await, ["held"; 3]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_rows_of_a_held_sheet_can_be_approved_alone() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.csv", &csv(&bills("R", 6)));
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.csv").await;
        world.command(&["approve", &file, "--rows", "3,5-6"]).await;
        let states: Vec<String> = world
            .results()
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(
            states,
            ["held", "billed", "held", "billed", "billed", "held"]
        );
        assert_eq!(world.hub_payments().len(), 3);
        world.command(&["approve", &file]).await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 6)].into()
        );
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_cancelled_before_anything_was_sent_is_never_sent() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        let bytes = csv(&bills("C", 4));
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.csv").await;
        world.command(&["cancel", &file]).await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("skipped".to_owned(), 4)].into()
        );
        assert!(
            world
                .results()
                .await
                .iter()
                .all(|row| row.says().contains("cancel"))
        );
        assert_eq!(world.file("fees.csv").await["state"], "cancelled");
        world.set("approve", "\"never\"");
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub().state().payments, 0);
        assert!(
            !world
                .names_in("results")
                .contains(&"fees.csv.held.txt".to_owned())
        );

        // A cancelled file is no duplicate: the same bytes are taken again.
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 4);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_what_is_at_the_hub_already_leaves_it_there() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("H", 2)));
        world.run_once().await.ended_with(0);
        let file = world.file_id("fees.csv").await;
        world.command(&["cancel", &file]).await;
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 2)].into()
        );
        assert_eq!(world.file("fees.csv").await["state"], "settled");
        world.command(&["cancel", "999"]).await.in_one_sentence();
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_paused_by_a_person_sends_nothing_until_it_is_resumed() {
    on_each_engine(async |world| {
        let mut service = world.start_service();
        world
            .wait_until("the account is known", async || {
                world.command(&["pause", "school"]).await.code == 0
            })
            .await;
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        world.wait_for_states(&["ready"]).await;
        world
            .command(&["status"])
            .await
            .says("PAUSED")
            .says("ingestd resume school");
        assert_eq!(world.bulk_calls().len(), 0);
        world.command(&["resume", "school"]).await.ended_with(0);
        world.wait_for_states(&["billed"]).await;
        assert_eq!(service.ended(), None);

        // What a person asks is carried out by the service that holds the account.
        world.set("approve", "\"always\"");
        assert_eq!(service.stop().await, 0);
        let service = world.start_service();
        world.drop_sheet("more.csv", &csv(&bills("Q", 3)));
        world
            .wait_until("the second sheet is held", async || {
                world
                    .rows_of("more.csv")
                    .await
                    .iter()
                    .filter(|row| row.state == "held")
                    .count()
                    == 3
            })
            .await;
        let file = world.file_id("more.csv").await;
        world.command(&["approve", &file]).await.ended_with(0);
        world.wait_for_states(&["billed"]).await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_can_be_retried_by_their_number_alone() {
    on_each_engine(async |world| {
        let refuse = |identifiers: &[&str]| {
            let words: BTreeMap<String, String> = identifiers
                .iter()
                .map(|one| ((*one).to_owned(), "blocked".to_owned()))
                .collect();
            world.switch(SwitchesChange {
                refuse_identifiers: Some(words),
                ..SwitchesChange::default()
            });
        };
        refuse(&["N-00001", "N-00004"]);
        world.drop_sheet("fees.csv", &csv(&bills("N", 6)));
        world.run_once().await.ended_with(1);
        refuse(&[]);
        let told = world.command(&["retry", "--rows", "2-3"]).await;
        told.says("1 row is sent again")
            .says("row 3: the hub took it");
        let states = async || {
            let rows = world.rows_of("fees.csv").await;
            rows.into_iter().map(|row| row.state).collect::<Vec<_>>()
        };
        let left = ["billed", "billed", "billed", "rejected", "billed", "billed"];
        assert_eq!(states().await, left, "row 5 was not named");
        world.command(&["retry", "--rows", "5"]).await.ended_with(0);
        assert_eq!(states().await, ["billed"; 6]);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_names_the_unknown_rows_of_a_call_that_was_taken_and_the_rate_that_is_left() {
    on_each_engine(async |world| {
        let garbled = Garble {
            drop_rows: 3,
            ..Garble::default()
        };
        world.next_call(Fault::GarbleEcho(garbled));
        let broken = Fault::Status {
            code: 500,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, broken).for_ever());
        world.drop_sheet("fees.csv", &csv(&bills("U", 8)));
        world.run_once_for("2s").await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("accepted".to_owned(), 5), ("unknown".to_owned(), 3)].into()
        );
        let chunks = world.json(&["chunks"]).await;
        let chunk = chunks[0]["chunk_id"].to_string();
        assert_eq!(chunks[0]["state"], "accepted");
        world
            .command(&["status"])
            .await
            .ended_with(0)
            .says(&format!("ingestd resolve {chunk} --rows 7-9 --not-sent"))
            .says("3 rows unknown")
            .says("calls left in the next minute");
        let status = world.json(&["status"]).await;
        assert_eq!(status["waiting"][0]["rows"], 3);
        assert!(status["accounts"][0]["requests_left"].is_u64(), "{status}");
    })
    .await;
}
