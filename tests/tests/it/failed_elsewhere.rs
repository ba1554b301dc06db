//! The hub says that it refused rows, and made the bills all the same: what comes next for those
//! payers is held against the requests that nobody owns.

use asaanbill_sandbox::Fault;
use ingestd_tests::{Bill, World, bills, csv, on_each_engine};
use serde_json::json;

/// The next call is worked off and answered as if every row of it had been refused by name.
fn lie_about_the_next_call(world: &World, fees: &[Bill]) {
    let refused: Vec<_> = fees
        .iter()
        .map(|bill| {
            json!({"title": bill.title, "identifier": bill.identifier, "amount": bill.amount,
                "dueDate": bill.due_date, "amountAfterDueDate": bill.late,
                "status": "the registrar blocks this payer"})
        })
        .collect();
    let body = json!({"responseCode": "400", "responseMessage": "all added or failed payment records",
        "data": {"payments": refused}});
    world.next_call(Fault::AfterStatus {
        code: 400,
        body: Some(body),
    });
}

async fn state_of(world: &World, file: &str, payer: &str) -> String {
    let rows = world.rows_of(file).await;
    let row = rows.iter().find(|row| row.identifier == payer).unwrap();
    row.state.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_dropped_again_after_a_refusal_that_was_none_bills_nobody_twice() {
    on_each_engine(async |world| {
        let fees = bills("L", 2);
        lie_about_the_next_call(&world, &fees);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("rejected".to_owned(), 2)].into()
        );
        assert_eq!(world.hub_payments().len(), 2, "they were made all the same");

        // With another due date for one of them, as a bursar might try; and one payer is new.
        let mut again = bills("L", 3);
        again[1].due_date = "2035-09-10".to_owned();
        world.drop_sheet("again.csv", &csv(&again));
        world.run_once().await.ended_with(1);
        assert_eq!(state_of(&world, "again.csv", "L-00001").await, "held");
        assert_eq!(state_of(&world, "again.csv", "L-00002").await, "held");
        assert_eq!(state_of(&world, "again.csv", "L-00003").await, "billed");
        assert_eq!(world.hub_payments().len(), 3);
        let rows = world.rows_of("again.csv").await;
        let held = rows.iter().find(|row| row.identifier == "L-00001").unwrap();
        assert!(
            held.says()
                .contains("row 2 of fees.csv with the same identifier failed, but request"),
            "{held:?}"
        );

        // A person decides, row by row: never the whole file at once.
        let file = world.file_id("again.csv").await;
        let status = world.command(&["status"]).await;
        status
            .says("look at that request on the hub's own pages")
            .says(&format!("ingestd approve {file} --rows 2-3"));
        world.command(&["approve", &file]).await;
        assert_eq!(state_of(&world, "again.csv", "L-00001").await, "held");
        world
            .command(&["approve", &file, "--rows", "2"])
            .await
            .ended_with(1)
            .says("1 row is released that was held as `elsewhere`");
        assert_eq!(state_of(&world, "again.csv", "L-00001").await, "billed");
        assert_eq!(state_of(&world, "again.csv", "L-00002").await, "held");
        assert_eq!(world.hub_payments().len(), 4);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fix_sheet_of_rows_whose_refusal_was_none_bills_nobody_twice() {
    on_each_engine(async |world| {
        let fees = bills("M", 2);
        lie_about_the_next_call(&world, &fees);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);

        // As it is: the registrar says that the payers are not blocked any more.
        let fix = world.in_results("fees.csv.fix.xlsx");
        world.drop_sheet("fees.csv.fix.xlsx", &fix);
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("corrected".to_owned(), 2), ("held".to_owned(), 2)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}
