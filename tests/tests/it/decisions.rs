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
        world.run_once_for("6s").await.ended_with(1);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_waits_ends_where_the_account_is_paused_and_says_why() {
    on_each_engine(async |world| {
        // The hub refuses: as `run --once` ends, with a service and without.
        std::fs::write(world.folder().join("fees.csv"), csv(&bills("W", 3))).unwrap();
        world.write("school.password", "mistyped");
        world
            .command(&["submit", "fees.csv", "--wait"])
            .await
            .ended_with(4)
            .says("sending: ready 3")
            .says("account school is paused: ")
            .in_one_sentence();
        let service = world.start_service();
        world
            .command(&BY_HAND)
            .await
            .ended_with(4)
            .says("account school is paused: ");
        assert_eq!(service.stop().await, 0);
        assert_eq!(world.bulk_calls().len(), 0);

        // A person: the rows wait for `resume`.
        world.write("school.password", "secret");
        world.run_once().await.ended_with(0);
        world.command(&["pause", "school"]).await.ended_with(0);
        std::fs::write(world.folder().join("more.csv"), csv(&bills("X", 2))).unwrap();
        world
            .command(&["submit", "more.csv", "--wait"])
            .await
            .ended_with(1)
            .says("account school is paused (paused by hand), so 2 rows wait to be sent")
            .says("ingestd resume school")
            .in_one_sentence();
        world.command(&["resume", "school"]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 6)].into()
        );
        world.verified().await;
    })
    .await;
}

const BY_HAND: [&str; 10] = [
    "payments",
    "add",
    "--title",
    "Late Entry",
    "--identifier",
    "BH-7",
    "--amount",
    "900",
    "--due-date",
    "2035-06-30",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_releases_nothing_does_not_wait_for_the_files_other_rows() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        let broken = Fault::Status {
            code: 500,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, broken).for_ever());
        let service = world.start_service();
        world.drop_sheet("fees.csv", &csv(&bills("O", 3)));
        world.wait_for_states(&["held"]).await;
        let file = world.file_id("fees.csv").await;
        world
            .command(&["approve", &file, "--rows", "2", "--no-wait"])
            .await
            .ended_with(0);
        world.wait_for_states(&["held", "accepted"]).await;
        // Its row is accepted, and nothing more is learnt of it.
        world
            .command(&["approve", &file, "--rows", "2"])
            .await
            .says("row 2 is not held")
            .says("nothing of file");
        assert_eq!(world.rows_of("fees.csv").await[0].state, "accepted");
        assert_eq!(service.stop().await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_about_nothing_that_is_there_is_usage() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.csv", &csv(&bills("Z", 3)));
        world.drop_sheet("gone.csv", &csv(&bills("G", 1)));
        world.drop_sheet("empty.csv", b"");
        world.run_once().await;
        let file = world.file_id("fees.csv").await;
        let gone = world.file_id("gone.csv").await;
        let empty = world.file_id("empty.csv").await;
        world.command(&["cancel", &gone]).await.ended_with(0);
        for (line, says) in [
            (
                &["approve", &file, "--rows", "99"][..],
                "row 99 is not in file",
            ),
            (&["approve", &file, "--sheet", "nope"], "sheet `nope`"),
            (
                &["retry", "--file", &file, "--rows", "98-99"],
                "rows 98-99 are not in",
            ),
            (&["retry", "--sheet", "nope"], "sheet `nope`"),
            (&["retry", "--sheet", "nope", "--dry-run"], "sheet `nope`"),
            (&["approve", &gone], "was cancelled"),
            (&["approve", &empty], "can't be read"),
            (&["cancel", &empty], "can't be read"),
        ] {
            world
                .command(line)
                .await
                .ended_with(2)
                .says(says)
                .in_one_sentence();
        }
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.command(&["approve", &file]).await.ended_with(1);
        let chunk = world.chunks().await;
        let chunk = chunk.iter().find(|chunk| chunk.state == "unknown").unwrap();
        let chunk = chunk.chunk_id.to_string();
        world
            .command(&["resolve", &chunk, "--sent", "abc"])
            .await
            .ended_with(2)
            .says("is a number")
            .in_one_sentence();
        world
            .command(&["resolve", &chunk, "--rows", "99", "--not-sent"])
            .await
            .ended_with(2)
            .says("row 99 is not in file");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_may_be_under_way_is_offered_to_be_decided_from_its_deadline_on() {
    on_each_engine(async |world| {
        world.next_call(Fault::DelayBeforeMs(30_000));
        let service = world.start_service();
        world.drop_sheet("fees.csv", &csv(&bills("K", 2)));
        world.wait_for_states(&["sending"]).await;
        service.kill9().await;
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 2)].into()
        );
        let chunk = world.chunks().await[0].chunk_id.to_string();
        let status = world.command(&["status"]).await;
        status
            .says("UTC on (until then its call may be under way)")
            .says(&format!("`ingestd resolve {chunk} --not-sent`"));
        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(1)
            .says("may still be on its way");
        world.verified().await;
    })
    .await;
}
