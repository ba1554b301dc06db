//! The record of what people decided: who, when, on what evidence, and what came of it.

use asaanbill_sandbox::Fault;
use ingestd_tests::{World, bills, csv, on_each_engine};
use serde_json::Value;

/// The record as JSON, the newest first.
async fn record(world: &World, arguments: &[&str]) -> Vec<Value> {
    let all = [&["decisions"], arguments].concat();
    world.json(&all).await.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_is_shown_with_who_asked_what_when_and_what_came_of_it() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.csv", &csv(&bills("A", 3)));
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.csv").await;
        let reason = "the head's list, page 3";
        world
            .command(&["approve", &file, "--rows", "2-3", "--reason", reason])
            .await;
        world.command(&["approve", &file]).await.ended_with(0);

        let all = record(&world, &["--file", &file]).await;
        let [second, first] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(first["kind"], "approve");
        assert_eq!(first["asked"]["reason"], reason);
        assert_eq!(first["asked"]["rows"], serde_json::json!([2, 3]));
        let command = first["command"].as_str().unwrap();
        assert!(command.starts_with("ingestd "), "{command}");
        assert!(
            command.ends_with(r"--rows 2-3 --reason 'the head'\''s list, page 3'"),
            "{command}"
        );
        let by = first["asked_by"].as_str().unwrap();
        assert!(
            by.split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        );
        assert!(first["asked_from"].as_str().unwrap().contains("process "));
        assert!(first["done_at"].as_str() >= first["asked_at"].as_str());
        assert!(!first["done_by"].as_str().unwrap().is_empty());
        assert_eq!(first["state"], "done");
        assert!(
            first["answer"]["done"][0]
                .as_str()
                .unwrap()
                .contains("2 rows are released"),
            "{first}"
        );
        // What stood when each of them was carried out.
        let stood = |line: &Value| line["evidence"]["stood"][0].as_str().unwrap().to_owned();
        assert!(stood(first).contains("held 3"), "{first}");
        assert!(
            stood(second).contains("held 1, billed 2") || stood(second).contains("billed 2"),
            "{second}"
        );

        assert_eq!(
            record(&world, &["--last", "1"]).await,
            std::slice::from_ref(second)
        );
        assert_eq!(record(&world, &["--account", "school"]).await.len(), 2);
        world
            .command(&["decisions", "--account", "nobody"])
            .await
            .ended_with(2);
        let shown = world.command(&["file", &file]).await;
        shown.says("decided").says(by);
        let whole = world.json(&["file", &file]).await;
        assert_eq!(whole["decisions"].as_array().unwrap().len(), 2);
        assert_eq!(whole["file_name"], "fees.csv");
        let csv = world.command(&["decisions", "--format", "csv"]).await;
        assert!(
            csv.stdout.starts_with("decision_id,account,asked,"),
            "{csv:?}"
        );
        assert_eq!(csv.stdout.lines().count(), 3, "{csv:?}");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resolution_is_shown_with_what_the_hub_showed_when_it_was_decided() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseBefore {
            read_bytes: Some(50),
        });
        world.drop_sheet("fees.csv", &csv(&bills("R", 4)));
        let ran = world.run_once_for("4s").await;
        assert!([1, 4].contains(&ran.code), "{ran:?}");
        let chunk = world.chunks().await[0].chunk_id.to_string();
        world
            .command(&["resolve", &chunk, "--sent", "987654"])
            .await
            .ended_with(1);
        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(0);
        let all = record(&world, &[]).await;
        let [done, refused] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(refused["state"], "refused");
        assert!(
            refused["answer"]["refused"]
                .as_str()
                .unwrap()
                .contains("987654")
        );
        let asked_about = &refused["evidence"]["requests"][0];
        assert_eq!(asked_about["request_id"], "987654");
        assert!(asked_about["unread"].is_string(), "{refused}");
        // The list was read whole before the chunk was called absent, and held no request.
        let list = &done["evidence"]["lists"][0];
        assert_eq!(
            (&list["requests"], &list["unread"]),
            (&0.into(), &Value::Null)
        );
        assert!(list["read_at"].as_str() >= done["asked_at"].as_str().map(|at| &at[..19]));
        let stood = done["evidence"]["stood"][0].as_str().unwrap();
        assert!(
            stood.starts_with(&format!("chunk {chunk}: unknown, rows 4, calls 1")),
            "{stood}"
        );
        let table = world.command(&["decisions"]).await;
        table
            .says("read whole: 0 requests")
            .says("rows are sent again");
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_paused_an_account_and_who_let_it_go_on_is_known() {
    on_each_engine(async |world| {
        let pause = ["pause", "school", "--reason", "holidays"];
        world.command(&pause).await.ended_with(0);
        world.command(&["resume", "school"]).await.ended_with(0);
        let all = record(&world, &[]).await;
        let [resume, pause] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(
            (&pause["kind"], &resume["kind"]),
            (&"pause".into(), &"resume".into())
        );
        assert_eq!(pause["asked"]["reason"], "holidays");
        assert_eq!(
            (&pause["state"], &resume["state"]),
            (&"done".into(), &"done".into())
        );
        let stood = resume["evidence"]["stood"][0].as_str().unwrap();
        assert!(
            stood.contains("paused as `person`") && stood.ends_with("holidays"),
            "{stood}"
        );
        assert_eq!(
            pause["evidence"]["stood"][0],
            "account school is not paused"
        );
        world.verified().await;
    })
    .await;
}
