//! Rows the hub refuses carry its words, and go again when it is mended.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Rule, SwitchesChange};
use ingestd_tests::{Bill, World, bills, csv, on_each_engine, pages_of_csv};

use crate::unreadable_requests::billed_by_another;

fn refuse(world: &World, identifiers: &[&str]) {
    let words: BTreeMap<String, String> = identifiers
        .iter()
        .map(|one| {
            (
                (*one).to_owned(),
                format!("{one} is blocked by the registrar"),
            )
        })
        .collect();
    world.switch(SwitchesChange {
        refuse_identifiers: Some(words),
        ..SwitchesChange::default()
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_row_has_the_hubs_words_and_retry_sends_it_and_no_other() {
    on_each_engine(async |world| {
        refuse(&world, &["R-00002", "R-00004", "R-00009"]);
        world.drop_sheet("fees.csv", &csv(&bills("R", 10)));
        world.run_once().await.ended_with(1);
        for row in world.results().await {
            if ["R-00002", "R-00004", "R-00009"].contains(&row.identifier.as_str()) {
                assert_eq!(row.state, "rejected");
                let words = format!("{} is blocked by the registrar", row.identifier);
                assert!(row.says().contains(&words), "{row:?}");
            } else {
                assert_eq!(row.state, "billed");
            }
        }
        assert!(
            world
                .names_in("results")
                .contains(&"fees.csv.fix.xlsx".to_owned())
        );
        let file = world.file_id("fees.csv").await;

        // While the hub is not mended nothing is lost by trying, and a dry run sends nothing.
        let dry = world
            .command(&["--format", "json", "retry", "--file", &file, "--dry-run"])
            .await
            .ended_with(0)
            .json();
        let listed: Vec<_> = dry
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["identifier"].as_str().unwrap())
            .collect();
        assert_eq!(listed, ["R-00002", "R-00004", "R-00009"]);
        assert_eq!(world.bulk_calls().len(), 1);

        refuse(&world, &[]);
        world
            .command(&["retry", "--file", &file])
            .await
            .ended_with(0);
        let sizes: Vec<usize> = world.bulk_calls().iter().map(|call| call.rows).collect();
        assert_eq!(sizes, [10, 3], "those rows and no other");
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 10)].into()
        );
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;

        world
            .command(&["retry", "--file", &file])
            .await
            .ended_with(0);
        assert_eq!(world.bulk_calls().len(), 2, "nothing failed any more");
        world.verified().await;
    })
    .await;
}

/// The states that the result sheet of a CSV shows.
fn shown(world: &World, name: &str) -> Vec<String> {
    let page = pages_of_csv(&world.in_results(name)).remove(0);
    page.results().into_iter().map(|line| line.state).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_settles_again_is_shown_at_once_and_its_fix_sheet_goes() {
    on_each_engine(async |world| {
        refuse(&world, &["S-00002"]);
        world.drop_sheet("fees.csv", &csv(&bills("S", 3)));
        world.run_once().await.ended_with(1);
        let results = "fees.csv.results.csv";
        assert_eq!(shown(&world, results), ["billed", "rejected", "billed"]);
        let fix = "fees.csv.fix.xlsx".to_owned();
        assert!(world.names_in("results").contains(&fix));

        // Sent again and refused again: it settles as it was, and says so.
        world.command(&["retry"]).await.ended_with(1);
        assert_eq!(shown(&world, results), ["billed", "rejected", "billed"]);
        assert!(world.names_in("results").contains(&fix));

        // By the command itself, where no service runs.
        refuse(&world, &[]);
        world.command(&["retry"]).await.ended_with(0);
        assert_eq!(shown(&world, results), ["billed"; 3]);
        assert!(!world.names_in("results").contains(&fix));

        // By a service that holds the account.
        refuse(&world, &["T-00001"]);
        let service = world.start_service();
        world.drop_sheet("more.csv", &csv(&bills("T", 2)));
        let results = "more.csv.results.csv";
        let shows = async |states: [&str; 2]| {
            let sentence = format!("the result sheet of more.csv shows {states:?}");
            let there = |name: &str| world.names_in("results").contains(&name.to_owned());
            world
                .wait_until(&sentence, async || {
                    there(results)
                        && shown(&world, results) == states
                        && there("more.csv.fix.xlsx") == states.contains(&"rejected")
                })
                .await;
        };
        shows(["rejected", "billed"]).await;
        refuse(&world, &[]);
        world.command(&["retry"]).await.ended_with(0);
        shows(["billed", "billed"]).await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fix_sheet_that_was_corrected_where_it_lies_is_left_alone() {
    on_each_engine(async |world| {
        refuse(&world, &["S-00002"]);
        world.drop_sheet("fees.csv", &csv(&bills("S", 3)));
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.csv").await;
        let fix = "fees.csv.fix.xlsx";
        let again = format!("fees.csv-{file}.fix.xlsx");
        let there = |name: &str| world.names_in("results").contains(&name.to_owned());
        assert!(there(fix) && !there(&again));
        let corrected = b"corrected by the bursar, and saved";
        std::fs::write(world.inbox().join("results").join(fix), corrected).unwrap();

        // Refused again, the fix sheet is due again.
        world.command(&["retry"]).await.ended_with(1);
        assert_eq!(world.in_results(fix), corrected);
        assert!(there(&again));
        world.command(&["retry"]).await.ended_with(1);

        // Mended, there is nothing to fix.
        refuse(&world, &[]);
        world.command(&["retry"]).await.ended_with(0);
        assert_eq!(world.in_results(fix), corrected);
        assert!(!there(&again));
        assert_eq!(shown(&world, "fees.csv.results.csv"), ["billed"; 3]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_of_a_billed_row_is_refused_and_says_why() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&bills("B", 3)));
        world.run_once().await.ended_with(0);
        let file = world.file_id("fees.csv").await;
        let asked = [
            "--format",
            "json",
            "retry",
            "--file",
            &file,
            "--rows",
            "3",
            "--dry-run",
        ];
        let dry = world.command(&asked).await.json();
        assert_eq!(dry[0]["would_be_sent"], false);
        assert!(!dry[0]["why_not"].as_str().unwrap().is_empty());
        let ran = world
            .command(&["retry", "--file", &file, "--rows", "3"])
            .await
            .ended_with(1);
        ran.says("row 3");
        assert_eq!(world.bulk_calls().len(), 1);
        assert_eq!(world.hub_payments().len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_the_hub_failed_drafting_is_errored_and_can_be_sent_again() {
    on_each_engine(async |world| {
        world.switch(SwitchesChange {
            error_identifiers: Some(vec!["E-00002".to_owned()]),
            ..SwitchesChange::default()
        });
        world.drop_sheet("fees.csv", &csv(&bills("E", 3)));
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 2), ("errored".to_owned(), 1)].into()
        );
        world.switch(SwitchesChange {
            error_identifiers: Some(Vec::new()),
            ..SwitchesChange::default()
        });
        world
            .command(&["retry", "--state", "errored"])
            .await
            .ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        let sizes: Vec<usize> = world.bulk_calls().iter().map(|call| call.rows).collect();
        assert_eq!(sizes, [3, 1]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_whose_payer_was_billed_since_is_not_sent_again() {
    on_each_engine(async |world| {
        refuse(&world, &["N-00001"]);
        world.drop_sheet("fees.csv", &csv(&bills("N", 2)));
        world.run_once().await.ended_with(1);
        refuse(&world, &[]);
        let file = world.file_id("fees.csv").await;
        world.drop_sheet("later.csv", &csv(&bills("N", 1)));
        world.run_once().await;
        assert_eq!(
            world.rows_of("later.csv").await[0].state,
            "billed",
            "a rejected bill does not count"
        );
        let ran = world.command(&["retry", "--file", &file]).await;
        ran.ended_with(1).says("row 2");
        assert_eq!(world.rows_of("fees.csv").await[0].state, "rejected");
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_a_refused_call_is_not_sent_again_while_a_request_of_others_may_hold_it() {
    on_each_engine(async |world| {
        refuse(&world, &["U-00001", "U-00002", "U-00003"]);
        let mut fees =
            ["U-00001", "U-00002", "U-00003"].map(|payer| Bill::new(payer, "100", "2035-03-10"));
        // Of this payer the other request has another bill: no reason not to send ours.
        fees[2].amount = "250".to_owned();
        fees[2].late = "250".to_owned();
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        for row in world.results().await {
            assert_eq!((row.state.as_str(), row.request), ("rejected", None));
        }
        refuse(&world, &[]);
        let file = world.file_id("fees.csv").await;
        let elsewhere = billed_by_another(&world, "U-00003").await;
        let other = billed_by_another(&world, "U-00001").await;
        world
            .wait_until("the other requests are worked off", async || {
                let worked_off = async |request: i64| {
                    let shown = world.json(&["bulk", "show", &request.to_string()]).await;
                    shown["status"] == "PROCESSED"
                };
                worked_off(other).await && worked_off(elsewhere).await
            })
            .await;
        world
            .command(&["retry", "--file", &file, "--dry-run"])
            .await
            .ended_with(0)
            .says("The hub is asked first");

        // While the hub's list can't be read, nothing is sent.
        let unread = Fault::Status {
            code: 503,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkList, unread).for_ever());
        world
            .command(&["retry", "--file", &file])
            .await
            .ended_with(4)
            .says("could not be asked first");
        assert_eq!(world.bulk_calls().len(), 3, "ours and the others'");
        world.hub().clear_faults();

        let ran = world.command(&["retry", "--file", &file]).await;
        ran.says("2 rows are sent again").says(&format!(
            "row 2: request {other} at the hub, which this database does not know, may hold it"
        ));
        let rows = world.results().await;
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["rejected", "billed", "billed"]);
        assert_eq!(world.bulk_calls().len(), 4);
        assert_eq!(world.hub_payments().len(), 4);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_of_two_rows_of_one_payer_what_a_retry_does() {
    on_each_engine(async |world| {
        refuse(&world, &["D-00001"]);
        world.drop_sheet("first.csv", &csv(&bills("D", 1)));
        world.run_once().await.ended_with(1);
        world.drop_sheet("second.csv", &csv(&bills("D", 2)));
        world.run_once().await.ended_with(1);
        refuse(&world, &[]);
        let dry = world.json(&["retry", "--dry-run"]).await;
        assert_eq!(dry[0]["would_be_sent"], true, "{dry}");
        assert_eq!(dry[1]["would_be_sent"], false, "{dry}");
        let first = world.file_id("first.csv").await;
        let why = dry[1]["why_not"].as_str().unwrap();
        assert!(why.contains(&format!("row 2 of file {first}")), "{why}");
        world
            .command(&["retry"])
            .await
            .says("1 row is sent again")
            .says("1 row is held now");
        world.run_once().await.ended_with(0);
        assert_eq!(world.rows_of("first.csv").await[0].state, "billed");
        assert_eq!(world.rows_of("second.csv").await[0].state, "skipped");
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}
