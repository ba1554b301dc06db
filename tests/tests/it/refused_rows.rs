//! Rows the hub refuses carry its words, and go again when it is mended.

use std::collections::BTreeMap;

use asaanbill_sandbox::SwitchesChange;
use ingestd_tests::{World, bills, csv, on_each_engine};

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
            .await;
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
        ran.says("row 2");
        assert_eq!(world.rows_of("fees.csv").await[0].state, "rejected");
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}
