//! A person says what became of a call; the hub is asked, and what it shows is not overruled.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule, SwitchesChange};
use ingestd_tests::{World, bills, csv, on_each_engine};

fn unread() -> Fault {
    Fault::Status {
        code: 503,
        body: None,
        headers: BTreeMap::new(),
    }
}

fn broken() -> Fault {
    Fault::Status {
        code: 500,
        body: None,
        headers: BTreeMap::new(),
    }
}

fn refuse(world: &World, identifiers: &[&str]) {
    let words: BTreeMap<String, String> = identifiers
        .iter()
        .map(|one| ((*one).to_owned(), "blocked".to_owned()))
        .collect();
    world.switch(SwitchesChange {
        refuse_identifiers: Some(words),
        ..SwitchesChange::default()
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_request_that_a_person_names_is_read_though_the_list_of_all_can_not_be() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseAfter);
        world.add_fault(Rule::once(Endpoint::BulkList, unread()).for_ever());
        world.drop_sheet("fees.csv", &csv(&bills("S", 4)));
        let ran = world.run_once_for("6s").await;
        assert!([1, 4].contains(&ran.code), "{ran:?}");
        let chunk = world.chunks().await[0].chunk_id.to_string();
        let request = world.bulk_calls()[0].bulk_id.unwrap().to_string();
        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(4)
            .in_one_sentence();
        world
            .command(&["resolve", &chunk, "--sent", "987654"])
            .await
            .ended_with(1)
            .says("987654");
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 4)].into()
        );
        world
            .command(&["resolve", &chunk, "--sent", &request])
            .await
            .ended_with(0)
            .says(&format!("is request {request}, with 4 rows"));
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_that_are_named_are_found_in_a_request_and_the_others_stay_in_doubt() {
    on_each_engine(async |world| {
        // The hub takes two rows of five: too few to be taken for the chunk by themselves.
        refuse(&world, &["R-00003", "R-00004", "R-00005"]);
        world.next_call(Fault::CloseAfter);
        world.drop_sheet("fees.csv", &csv(&bills("R", 5)));
        world.run_once().await.ended_with(1);
        let states = async || {
            let rows = world.rows_of("fees.csv").await;
            rows.into_iter().map(|row| row.state).collect::<Vec<_>>()
        };
        assert_eq!(states().await, ["unknown"; 5]);
        let chunk = world.chunks().await[0].chunk_id.to_string();
        let request = world.bulk_calls()[0].bulk_id.unwrap().to_string();
        let resolve = async |rows: &str| {
            let line = ["resolve", &chunk, "--rows", rows, "--sent", &request];
            world.command(&line).await
        };
        resolve("2")
            .await
            .ended_with(1)
            .says("name all the rows that it holds, and no others");
        assert_eq!(states().await, ["unknown"; 5]);
        resolve("2-4,99")
            .await
            .says("the hub has 2 rows of them")
            .says(&format!("row 99 is not in doubt in chunk {chunk}"))
            .says(&format!(
                "1 row is not shown in request {request}, and stays unknown"
            ));
        assert_eq!(
            states().await,
            ["billed", "billed", "unknown", "unknown", "unknown"]
        );
        world.verified().await;

        refuse(&world, &[]);
        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(0)
            .says("3 rows are sent again");
        assert_eq!(states().await, ["billed"; 5]);
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_the_hub_can_not_be_asked_about_ends_with_4() {
    on_each_engine(async |world| {
        refuse(&world, &["D-00001"]);
        world.drop_sheet("fees.csv", &csv(&bills("D", 3)));
        world.run_once().await.ended_with(1);
        refuse(&world, &[]);
        let mut changed = bills("D", 3);
        changed.remove(0);
        changed[0].amount = "7".to_owned();
        changed[0].late = "8".to_owned();
        world.drop_sheet("changed.csv", &csv(&changed));
        world.run_once().await.ended_with(1);
        let states = world.states("school").await;
        assert_eq!(states["held"], 1, "{states:?}");
        let file = world.file_id("changed.csv").await;
        world.add_fault(Rule::once(Endpoint::BulkStatus, unread()).for_ever());
        for line in [&["retry"][..], &["approve", &file]] {
            world
                .command(line)
                .await
                .ended_with(4)
                .says("could not be asked")
                .in_one_sentence();
        }
        assert_eq!(world.states("school").await, states);
        world.hub().clear_faults();
        world.command(&["retry"]).await.says("1 row is sent again");
        world
            .command(&["approve", &file])
            .await
            .says("1 row is released");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_does_not_wait_for_a_call_of_another_file_that_is_still_looked_for() {
    on_each_engine(async |world| {
        // The echo leaves a row out, and the request can't be read: it is, again and again.
        let garbled = Garble {
            drop_rows: 1,
            ..Garble::default()
        };
        world.next_call(Fault::GarbleEcho(garbled));
        world.add_fault(Rule::once(Endpoint::BulkStatus, broken()).for_ever());
        world.drop_sheet("one.csv", &csv(&bills("A", 3)));
        world.run_once_for("6s").await.ended_with(1);
        let unknown = async || world.states("school").await["unknown"];
        assert_eq!(unknown().await, 1);
        // Of this one nothing is left to do at once.
        refuse(&world, &["B-00001", "B-00002"]);
        let two = world.folder().join("two.csv");
        std::fs::write(&two, csv(&bills("B", 2))).unwrap();
        let submit = [
            "submit",
            two.to_str().unwrap(),
            "--wait",
            "--patience",
            "20s",
        ];
        let ran = world.command(&submit).await.ended_with(1);
        ran.says("settled: rejected 2");
        assert!(!ran.stderr.contains("has not finished"), "{}", ran.stderr);
        assert_eq!(unknown().await, 1);
    })
    .await;
}
