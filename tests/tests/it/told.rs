//! What a person is told: by `status`, by the end of a run, and by the answer to a decision.

use std::collections::BTreeMap;
use std::io::Write;

use asaanbill_sandbox::{Endpoint, Fault, Rule, SwitchesChange};
use ingestd_tests::{World, bills, csv, on_each_engine};
use serde_json::json;

fn refuse(world: &World, identifiers: &[&str]) {
    let words = identifiers.iter().map(|one| (*one).to_owned());
    world.switch(SwitchesChange {
        refuse_identifiers: Some(words.map(|one| (one, "blocked".to_owned())).collect()),
        ..SwitchesChange::default()
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_names_a_file_with_failed_rows_and_what_sends_or_corrects_them() {
    on_each_engine(async |world| {
        refuse(&world, &["F-00001"]);
        let mut sheet = bills("F", 3);
        sheet[1].amount = "a lot".to_owned();
        world.drop_sheet("fees.csv", &csv(&sheet));
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.csv").await;
        assert_eq!(world.file("fees.csv").await["state"], "settled");
        let status = world.command(&["status"]).await.ended_with(0);
        status
            .says("2 rows failed: 1 wrong in the sheet (invalid), 1 refused by the hub (rejected)")
            .says(&format!("`ingestd retry --file {file}`"))
            .says("the fix sheet in results/");
        let waits = &world.json(&["status"]).await["waiting"];
        assert_eq!(
            (&waits[0]["what"], &waits[0]["rows"]),
            (&json!("failed"), &json!(2))
        );

        refuse(&world, &[]);
        world.command(&["retry", "--file", &file]).await;
        let status = world.command(&["status"]).await.stdout;
        assert!(
            status.contains("1 row failed: 1 wrong in the sheet"),
            "{status}"
        );
        assert!(!status.contains("ingestd retry"), "{status}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_after_two_refusals_speaks_of_them_and_of_no_password() {
    on_each_engine(async |world| {
        world.set("rows_per_request", "1");
        let refused = Fault::Status {
            code: 400,
            body: Some(json!({"responseCode": 400, "responseMessage": "no such campaign"})),
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::AddBulk, refused).for_ever());
        world.drop_sheet("fees.csv", &csv(&bills("P", 3)));
        let ran = world.run_once().await.ended_with(4);
        ran.says("two requests in a row")
            .says("are held")
            .says("`ingestd resume school`")
            .in_one_sentence();
        assert!(!ran.stderr.contains("password"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("no row was refused"), "{}", ran.stderr);
        let status = world.command(&["status"]).await.stdout;
        assert!(status.contains("`ingestd resume school`"), "{status}");
        assert!(!status.contains("password"), "{status}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_out_of_patience_blames_the_folder_only_where_something_is_wrong_with_it() {
    on_each_engine(async |world| {
        world.set("quiet_for", "\"10m\"");
        // Its writer is not done.
        let mut half = std::fs::File::create(world.inbox().join("fees.csv")).unwrap();
        half.write_all(&csv(&bills("H", 2))).unwrap();
        let ran = world.run_once_for("1s").await.ended_with(1);
        ran.says("left in").says("nothing is wrong with the folder");
        let service = world.start_service();
        let what = "the service serves the account";
        world
            .wait_until(what, async || {
                world
                    .command(&["status"])
                    .await
                    .stdout
                    .contains("served by")
            })
            .await;
        let ran = world.run_once_for("8s").await.ended_with(1);
        ran.says("is served by another process")
            .says("nothing is wrong with the folder")
            .in_one_sentence();
        assert!(!ran.stderr.contains("mend the folder"), "{}", ran.stderr);
        assert_eq!(service.stop().await, 0);
        drop(half);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_sheet_whose_copy_is_gone_is_told_and_comes_when_the_copy_is_put_back() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.csv", &csv(&bills("C", 2)));
        world.run_once().await.ended_with(1);
        std::fs::remove_dir_all(world.inbox().join(".spool")).unwrap();
        let file = world.file_id("fees.csv").await;
        world.command(&["approve", &file]).await;
        world.wait_for_states(&["billed"]).await;
        let ran = world.run_once().await.ended_with(1);
        ran.says("result sheets of fees.csv");
        let copy = world.file("fees.csv").await["sha256"].clone();
        let copy = world.inbox().join(".spool").join(copy.as_str().unwrap());
        let status = world.command(&["status"]).await.ended_with(0);
        status
            .says("its copy is gone")
            .says(&format!("back as {}", copy.display()));
        std::fs::copy(world.inbox().join("done/fees.csv"), copy).unwrap();
        world.run_once().await.ended_with(0);
        let status = world.command(&["status"]).await.stdout;
        assert!(!status.contains("its copy is gone"), "{status}");
        let result = String::from_utf8(world.in_results("fees.csv.results.csv")).unwrap();
        assert_eq!(result.matches("billed").count(), 2, "{result}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_says_what_it_lifted_though_the_rows_do_not_go_for_another_reason() {
    on_each_engine(async |world| {
        world.drop_sheet("first.csv", &csv(&bills("A", 2)));
        world.run_once().await.ended_with(0);
        world.set("approve", "\"always\"");
        let mut changed = bills("A", 2);
        for bill in &mut changed {
            bill.amount = "9000".to_owned();
            bill.late = "9000".to_owned();
        }
        world.drop_sheet("again.csv", &csv(&changed));
        world.run_once().await.ended_with(1);
        let again = world.file_id("again.csv").await;
        let approve = ["approve", &again, "--no-wait"];
        let ran = world.command(&approve).await.ended_with(0);
        ran.says("2 rows are not held as `changed` any more, and do not go for another reason")
            .says(&format!("`ingestd approve {again}` once more lets it go"));
        assert!(!ran.stdout.contains("nothing of file"), "{}", ran.stdout);
        assert_eq!(world.bulk_calls().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_printed_command_names_the_configuration_that_the_program_was_started_with() {
    on_each_engine(async |world| {
        refuse(&world, &["F-00001"]);
        world.drop_sheet("fees.csv", &csv(&bills("F", 2)));
        world.run_once().await.ended_with(1);
        let config = world.folder().join("ingestd.toml");
        let config = config.to_str().unwrap();
        let status = world.command(&["status", "--config", config]).await;
        let typed = format!("`ingestd --config '{config}'");
        status
            .says(&format!("{typed} run`"))
            .says(&format!("{typed} retry --file "));
        let unknown = world.command(&["file", "77", "--config", config]).await;
        unknown.ended_with(2).says(&format!("{typed} files`"));
        let here = world.command(&["file", "77"]).await.ended_with(2);
        here.says("`ingestd files`");
    })
    .await;
}
