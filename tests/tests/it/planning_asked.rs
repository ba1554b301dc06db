//! Before a plan answers the hub is asked: by the service or by the command itself. What it can't be
//! asked about is said, and what can't be planned at all ends with the right exit code.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Pay, Rule};
use ingestd_tests::{Bill, bills, csv, on_each_engine};
use serde_json::json;

use crate::planning_ahead::{APRIL, MARCH, outcomes, planned, rows, sheet};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_that_holds_the_account_asks_the_hub_for_the_plan() {
    on_each_engine(async |world| {
        let first: Vec<Bill> = (1..=2)
            .map(|n| Bill::new(&format!("P-{n}"), "1000", MARCH))
            .collect();
        world.drop_sheet("first.csv", &csv(&first));
        let mut service = world.start_service();
        world.wait_for_states(&["billed"]).await;
        // By itself the service asks about an unpaid bill a minute later; the plan does not wait for that.
        world.hub().pay(&Pay::identifier("P-1")).unwrap();
        let second = [
            Bill::new("P-1", "1100", MARCH),
            Bill::new("P-2", "1000", MARCH),
        ];
        sheet(&world, "second.csv", &csv(&second));
        let plan = planned(&world, "second.csv", 1).await;
        assert_eq!(outcomes(&plan), ["changed_paid", "same_bill"]);
        assert_eq!(plan["asked"], json!({"requests": 1, "by": "service"}));
        assert_eq!(world.bulk_calls().len(), 1);
        assert_eq!(world.results().await.len(), 2);
        assert_eq!(service.ended(), None);

        // A hub that can't be read leaves the answer open: there is none.
        world.add_fault(Rule::once(Endpoint::BulkStatus, Fault::Html).for_ever());
        let ran = world
            .command(&["--format", "json", "plan", "second.csv"])
            .await;
        let ran = ran.ended_with(4);
        ran.in_one_sentence();
        assert_eq!(ran.stdout, "");
        world.hub().clear_faults();
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_meet_a_request_out_of_sight_are_named_and_others_are_not_held_up() {
    on_each_engine(async |world| {
        world.drop_sheet("first.csv", &csv(&[Bill::new("P-1", "100", MARCH)]));
        world.run_once().await.ended_with(0);
        let gone = Fault::Status {
            code: 404,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, gone).for_ever());
        let second = csv(&[
            Bill::new("P-1", "150", APRIL),
            Bill::new("P-2", "300", APRIL),
        ]);
        sheet(&world, "second.csv", &second);
        let plan = planned(&world, "second.csv", 1).await;
        assert_eq!(outcomes(&plan), ["unseen", "new"]);
        world.drop_sheet("second.csv", &second);
        world.run_once_for("6s").await.ended_with(1);
        let became = world.rows_of("second.csv").await;
        let said = rows(&plan)[0]["message"].as_str().unwrap();
        let file = became[0].file_id.to_string();
        assert_eq!(became[0].says(), said.replace("FILE_ID", &file));
        world.hub().clear_faults();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_t_be_planned_says_so_by_its_exit_code_and_prints_no_half_answer() {
    on_each_engine(async |world| {
        let plan = async |name| world.command(&["--format", "json", "plan", name]).await;
        let failed = async |name: &'static str, code: i32| {
            let ran = plan(name).await.ended_with(code);
            ran.in_one_sentence();
            assert_eq!(ran.stdout, "");
        };
        failed("absent.csv", 3).await;
        sheet(&world, "empty.csv", b"");
        failed("empty.csv", 3).await;
        let first = csv(&[Bill::new("P-1", "1000", MARCH)]);
        sheet(&world, "first.csv", &first);
        let nobody = world
            .command(&["plan", "first.csv", "--account", "nobody"])
            .await;
        nobody.ended_with(2).in_one_sentence();

        // Paused: said, and planned all the same.
        assert_eq!(
            plan("first.csv").await.ended_with(0).json()["notes"],
            json!([])
        );
        world.command(&["pause", "school"]).await.ended_with(0);
        let notes = plan("first.csv").await.ended_with(0).json()["notes"].to_string();
        assert!(notes.contains("ingestd resume school"), "{notes}");
        world.command(&["resume", "school"]).await.ended_with(0);

        world.drop_sheet("first.csv", &first);
        world.run_once().await.ended_with(0);
        sheet(
            &world,
            "second.csv",
            &csv(&[Bill::new("P-1", "1000", APRIL)]),
        );
        world.add_fault(
            Rule::once(
                Endpoint::BulkStatus,
                Fault::CloseBefore { read_bytes: None },
            )
            .for_ever(),
        );
        failed("second.csv", 4).await;
        world.hub().clear_faults();
        let impatient = world
            .command(&["--format", "json", "plan", "second.csv", "--patience", "0s"])
            .await;
        let impatient = impatient.ended_with(4);
        impatient.says("0 of 1 earlier requests").in_one_sentence();
        assert_eq!(impatient.stdout, "");
        assert_eq!(
            outcomes(&planned(&world, "second.csv", 0).await),
            ["discards"]
        );

        // Another database knows nothing of what this inbox's bills were.
        let other = format!("sqlite:{}", world.folder().join("other.db").display());
        let ran = world
            .command_with(&["plan", "second.csv"], &[("INGESTD_DATABASE_URL", &other)])
            .await;
        ran.ended_with(2).says("another database").in_one_sentence();
        let nowhere = format!("sqlite:{}", world.folder().join("no/folder/a.db").display());
        let ran = world
            .command_with(
                &["plan", "second.csv"],
                &[("INGESTD_DATABASE_URL", &nowhere)],
            )
            .await;
        ran.ended_with(5).in_one_sentence();
        assert_eq!(world.bulk_calls().len(), 1);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_patience_is_for_all_that_is_asked_together() {
    on_each_engine(async |world| {
        world.drop_sheet("first.csv", &csv(&bills("P", 1)));
        world.run_once().await.ended_with(0);
        let failed = bills("L", 1);
        crate::failed_elsewhere::lie_about_the_next_call(&world, &failed);
        world.drop_sheet("second.csv", &csv(&failed));
        world.run_once().await.ended_with(1);
        // Each of the two takes less than the patience, and both together more.
        for endpoint in [Endpoint::BulkStatus, Endpoint::BulkList] {
            world.add_fault(Rule::once(endpoint, Fault::DelayBeforeMs(3_000)));
        }
        let mut rows = [bills("P", 1), failed].concat();
        for row in &mut rows {
            row.due_date = "2035-04-10".to_owned();
        }
        std::fs::write(world.folder().join("third.csv"), csv(&rows)).unwrap();
        let plan = ["plan", "third.csv", "--patience", "4s"];
        world
            .command(&plan)
            .await
            .ended_with(4)
            .says("took longer than 4 s");
        world.command(&plan).await.ended_with(0);
    })
    .await;
}
