//! The hub says that it refused rows, and made the bills all the same: what comes next for those
//! payers is held against the requests that nobody owns.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Rule, SwitchesChange};
use ingestd_tests::{Bill, World, bills, csv, on_each_engine};
use serde_json::json;

use crate::unreadable_requests::billed_by_another;

/// The next call is worked off and answered as if every row of it had been refused by name.
pub(crate) fn lie_about_the_next_call(world: &World, fees: &[Bill]) {
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

        // With another amount for one of them, as a bursar might try; and one payer is new.
        let mut again = bills("L", 3);
        again[1].amount = "900".to_owned();
        again[1].late = "900".to_owned();
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
                .contains("row 2 of fees.csv with the same identifier was not taken by the hub's word, but request"),
            "{held:?}"
        );

        // A person decides, row by row: never the whole file at once.
        let file = world.file_id("again.csv").await;
        let status = world.command(&["status"]).await;
        status
            .says("look at it on the hub's own pages")
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_months_bill_goes_though_an_earlier_row_may_be_billed_all_the_same() {
    on_each_engine(async |world| {
        let march = [Bill::new("N-00001", "100", "2035-03-10")];
        lie_about_the_next_call(&world, &march);
        world.drop_sheet("march.csv", &csv(&march));
        world.run_once().await.ended_with(1);
        // The hub discards March for April, or makes a second month's bill, as it would if we had
        // known: the order of the contract for bills with other due dates.
        world.drop_sheet(
            "april.csv",
            &csv(&[Bill::new("N-00001", "100", "2035-04-10")]),
        );
        world.run_once().await;
        assert_eq!(state_of(&world, "april.csv", "N-00001").await, "billed");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_refused_whole_that_was_taken_is_not_made_again_when_it_is_approved() {
    on_each_engine(async |world| {
        let fees = bills("O", 2);
        world.next_call(Fault::AfterStatus {
            code: 400,
            body: Some(
                json!({"responseCode": "400", "responseMessage": "Bad Request", "data": null}),
            ),
        });
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("held".to_owned(), 2)].into()
        );
        let file = world.file_id("fees.csv").await;
        // Row by row, as a careful person tries, and as a whole.
        let one = ["approve", &file, "--rows", "2"];
        for command in [&one[..], &["approve", &file]] {
            world.command(command).await.ended_with(1);
            assert_eq!(
                world.states("school").await,
                [("held".to_owned(), 2)].into()
            );
            assert_eq!(world.bulk_calls().len(), 1);
        }
        let rows = world.rows_of("fees.csv").await;
        assert!(
            rows[0].says().contains("this row was sent before"),
            "{:?}",
            rows[0]
        );

        // Cancelled and dropped again they are held as well.
        world.command(&["cancel", &file]).await.ended_with(0);
        let mut again = bills("O", 2);
        again[0].title.push('!');
        world.drop_sheet("again.csv", &csv(&again));
        world.run_once().await.ended_with(1);
        assert_eq!(state_of(&world, "again.csv", "O-00001").await, "held");
        assert_eq!(state_of(&world, "again.csv", "O-00002").await, "held");
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_of_others_held_up_goes_by_itself_once_that_one_can_be_read() {
    on_each_engine(async |world| {
        world.switch(SwitchesChange {
            refuse_identifiers: Some([("H-00001".to_owned(), "blocked".to_owned())].into()),
            ..SwitchesChange::default()
        });
        world.drop_sheet("fees.csv", &csv(&bills("H", 1)));
        world.run_once().await.ended_with(1);
        world.switch(SwitchesChange {
            refuse_identifiers: Some(BTreeMap::new()),
            ..SwitchesChange::default()
        });
        // A request of somebody else, at which the hub fails for now.
        let of_others = billed_by_another(&world, "Z-00001").await;
        assert!(of_others > 0);
        let broken = Fault::Status {
            code: 500,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, broken).for_ever());
        let service = world.start_service();
        let mut again = bills("H", 1);
        again[0].title.push('!');
        world.drop_sheet("again.csv", &csv(&again));
        world
            .wait_until("the row is held", async || {
                let rows = world.rows_of("again.csv").await;
                rows.iter().any(|row| row.state == "held")
            })
            .await;
        world.hub().clear_faults();
        world
            .wait_until("the row went by itself", async || {
                let rows = world.rows_of("again.csv").await;
                rows.iter().any(|row| row.state == "billed")
            })
            .await;
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_can_not_be_read_holds_up_only_the_payers_that_need_it() {
    on_each_engine(async |world| {
        let fees = bills("S", 2);
        lie_about_the_next_call(&world, &fees);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        let away = Fault::Status {
            code: 503,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkList, away).for_ever());
        world.drop_sheet(
            "again.csv",
            &csv(&[bills("S", 2), bills("S", 3)].concat()[2..]),
        );
        let service = world.start_service();
        world
            .wait_until("the first sheet waits", async || {
                let rows = world.rows_of("again.csv").await;
                !rows.is_empty() && rows.iter().all(|row| row.state == "ready")
            })
            .await;
        // Its payers were never refused anything: they need not wait behind the others.
        world.drop_sheet("others.csv", &csv(&bills("T", 2)));
        world
            .wait_until("the sheet behind it is billed", async || {
                let rows = world.rows_of("others.csv").await;
                !rows.is_empty() && rows.iter().all(|row| row.state == "billed")
            })
            .await;
        assert_eq!(state_of(&world, "again.csv", "S-00001").await, "ready");
        assert_eq!(service.stop().await, 0);
        world.verified().await;
    })
    .await;
}
