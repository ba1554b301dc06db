//! What a row meets when its payer was billed before: the table of the
//! contract, line by line.

use asaanbill_sandbox::Pay;
use ingestd_tests::{Bill, Row, World, bills, csv, on_each_engine, xlsx};

/// One payer's bill.
fn bill(amount: &str, due_date: &str) -> Bill {
    Bill::new("P-1", amount, due_date)
}

/// The first bill of the payer is made, and unpaid.
async fn billed_first(world: &World, first: &Bill) {
    world.drop_sheet("first.csv", &csv(std::slice::from_ref(first)));
    world.run_once().await.ended_with(0);
    assert_eq!(world.hub_payments().len(), 1);
}

fn paid(world: &World) {
    world.hub().pay(&Pay::identifier("P-1")).unwrap();
}

/// Drops a second bill of the payer, runs, and answers its row.
async fn then(world: &World, second: &Bill, code: i32) -> Row {
    world.drop_sheet("second.csv", &csv(std::slice::from_ref(second)));
    world.run_once().await.ended_with(code);
    world.rows_of("second.csv").await.remove(0)
}

async fn first_row(world: &World) -> Row {
    world.rows_of("first.csv").await.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bytes_again_are_a_duplicate_under_any_name() {
    on_each_engine(async |world| {
        let bytes = csv(&bills("D", 5));
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);
        world.drop_sheet("renamed.csv", &bytes);
        world.run_once().await.ended_with(0);

        assert_eq!(world.bulk_calls().len(), 1);
        assert_eq!(world.hub_payments().len(), 5);
        assert_eq!(
            world.results().await.len(),
            5,
            "its rows are not stored again"
        );
        let files = world.json(&["files"]).await;
        let states: Vec<&str> = files
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["duplicate", "duplicate", "settled"]);
        assert_eq!(
            world.names_in("done").len(),
            3,
            "{:?}",
            world.names_in("done")
        );
        let notes: Vec<String> = world
            .names_in("results")
            .into_iter()
            .filter(|name| name.starts_with("renamed.csv"))
            .collect();
        assert_eq!(
            notes.len(),
            1,
            "a note names the earlier file: {:?}",
            world.names_in("results")
        );
        let note = String::from_utf8(world.in_results(&notes[0])).unwrap();
        assert!(note.contains("fees.csv"), "{note}");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_saved_again_by_a_spreadsheet_bills_nobody_twice() {
    on_each_engine(async |world| {
        let fees = bills("S", 5);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        let mut more = fees.clone();
        more.push(Bill::new("S-NEW", "900", "2035-03-31"));
        world.drop_sheet("fees.xlsx", &xlsx(&more));
        world.run_once().await.ended_with(0);
        let rows = world.rows_of("fees.xlsx").await;
        for row in &rows[..5] {
            assert_eq!(row.state, "skipped", "{row:?}");
            assert!(
                row.says().contains("fees.csv"),
                "it names the bill: {row:?}"
            );
        }
        assert_eq!(rows[5].state, "billed", "a row that was added is billed");
        let sizes: Vec<usize> = world.bulk_calls().iter().map(|call| call.rows).collect();
        assert_eq!(sizes, [5, 1]);
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_while_unpaid_is_held_and_replaces_the_bill_once_approved() {
    on_each_engine(async |world| {
        let mut fees = bills("C", 4);
        world.drop_sheet("first.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        fees[1].amount = "5555".to_owned();
        fees[1].late = "6000".to_owned();
        world.drop_sheet("second.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        let states: Vec<String> = world
            .rows_of("second.csv")
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(states, ["skipped", "held", "skipped", "skipped"]);
        assert_eq!(world.bulk_calls().len(), 1);
        assert_eq!(world.file("second.csv").await["state"], "held");
        let file = world.file_id("second.csv").await;
        let note = String::from_utf8(world.in_results("second.csv.held.txt")).unwrap();
        assert!(note.contains(&format!("ingestd approve {file}")), "{note}");
        world
            .command(&["status"])
            .await
            .says(&format!("ingestd approve {file}"));

        world
            .command(&["approve", &file, "--reason", "the fee was raised"])
            .await
            .ended_with(0);
        let row = world.rows_of("second.csv").await.remove(1);
        assert_eq!(
            (row.state.as_str(), row.amount.as_deref()),
            ("billed", Some("5555.00"))
        );
        let sizes: Vec<usize> = world.bulk_calls().iter().map(|call| call.rows).collect();
        assert_eq!(sizes, [4, 1]);
        // The bill it replaced is asked about at once.
        world.run_once().await.ended_with(0);
        let old = world.rows_of("first.csv").await.remove(1);
        assert_eq!(old.state, "discarded", "{old:?}");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_while_unpaid_replaces_by_itself_where_the_account_says_so() {
    on_each_engine(async |world| {
        world.set("changed_bills", "\"replace\"");
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        let row = then(&world, &bill("1200", "2035-03-31"), 0).await;
        assert_eq!(row.state, "billed");
        let first = first_row(&world).await;
        assert_eq!(first.state, "discarded");
        assert!(
            row.says().contains("first.csv"),
            "the message names the bill it discards: {row:?}"
        );
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_title_alone_is_another_bill_while_unpaid_and_none_once_paid() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        let renamed = Bill {
            title: "Another Name".to_owned(),
            ..bill("1000", "2035-03-31")
        };
        let row = then(&world, &renamed, 1).await;
        assert_eq!(row.state, "held", "{row:?}");
        let file = world.file_id("second.csv").await;
        world.command(&["cancel", &file]).await.ended_with(0);
        paid(&world);
        let renamed = Bill {
            title: "A Third Name".to_owned(),
            ..bill("1000", "2035-03-31")
        };
        world.drop_sheet("third.csv", &csv(&[renamed]));
        world.run_once().await.ended_with(0);
        assert_eq!(world.rows_of("third.csv").await[0].state, "skipped");
        assert_eq!(
            first_row(&world).await.state,
            "paid",
            "the hub was asked first"
        );
        assert_eq!(world.hub_payments().len(), 1);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bill_after_payment_is_skipped() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        paid(&world);
        world.drop_sheet("second.xlsx", &xlsx(&[bill("1000", "2035-03-31")]));
        world.run_once().await.ended_with(0);
        let row = world.rows_of("second.xlsx").await.remove(0);
        assert_eq!(row.state, "skipped");
        assert!(row.says().contains("paid"), "{row:?}");
        assert_eq!(world.hub_payments().len(), 1);
        let first = first_row(&world).await;
        assert_eq!(first.state, "paid");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_after_payment_is_held_and_goes_only_if_named() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        paid(&world);
        let row = then(&world, &bill("1300", "2035-03-31"), 1).await;
        assert_eq!(row.state, "held", "{row:?}");
        assert!(row.says().contains("paid"), "{row:?}");
        let file = world.file_id("second.csv").await;
        world.command(&["approve", &file]).await;
        assert_eq!(
            world.rows_of("second.csv").await[0].state,
            "held",
            "not without being named"
        );
        assert_eq!(world.hub_payments().len(), 1);
        world
            .command(&["approve", &file, "--rows", "2"])
            .await
            .ended_with(0);
        assert_eq!(world.rows_of("second.csv").await[0].state, "billed");
        assert_eq!(first_row(&world).await.state, "paid");
        assert_eq!(world.hub_payments().len(), 2);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_due_date_is_sent_and_names_the_unpaid_bill_it_discards() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        let psid = first_row(&world).await.psid.unwrap();
        let row = then(&world, &bill("1000", "2035-04-30"), 0).await;
        assert_eq!(row.state, "billed");
        assert_eq!(row.psid.as_ref(), Some(&psid), "the payer keeps the PSID");
        assert!(
            row.says().contains(&psid) && row.says().contains("first.csv"),
            "{row:?}"
        );
        assert_eq!(first_row(&world).await.state, "discarded");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_due_date_after_payment_is_sent_and_discards_nothing() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        paid(&world);
        let row = then(&world, &bill("1000", "2035-02-28"), 0).await;
        assert_eq!(row.state, "billed");
        assert!(!row.says().contains("discard"), "{row:?}");
        assert_eq!(first_row(&world).await.state, "paid");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_due_date_than_that_of_an_unpaid_bill_is_held() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        let row = then(&world, &bill("900", "2035-02-28"), 1).await;
        assert_eq!(row.state, "held", "{row:?}");
        assert!(row.says().contains("first.csv"), "{row:?}");
        assert_eq!(world.hub_payments().len(), 1);
        assert_eq!(
            first_row(&world).await.state,
            "billed",
            "nothing is discarded unsaid"
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sheets_for_the_same_payers_dropped_together_bill_them_once() {
    on_each_engine(async |world| {
        let fees = bills("T", 6);
        world.drop_sheet("a.csv", &csv(&fees));
        world.drop_sheet("b.xlsx", &xlsx(&fees));
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 6);
        world.nobody_is_billed_twice("school");
        let states: Vec<String> = world
            .rows_of("b.xlsx")
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(
            states, ["skipped"; 6],
            "each waited for the other sheet's row and was judged anew"
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identifier_that_differs_in_case_is_another_payer() {
    on_each_engine(async |world| {
        billed_first(&world, &bill("1000", "2035-03-31")).await;
        let row = then(&world, &Bill::new("p-1", "1000", "2035-03-31"), 0).await;
        assert_eq!(row.state, "billed");
        assert_eq!(world.hub_payments().len(), 2);
    })
    .await;
}

/// Two payers' bills of March, which wait to be approved, and of April, which also wait for those.
async fn two_months_wait_for_approval(world: &World) {
    world.set("approve", "\"always\"");
    for (name, due) in [("march.csv", "2035-03-10"), ("april.csv", "2035-04-10")] {
        let bill = |n: u32| Bill::new(&format!("A-{n}"), "100", due);
        world.drop_sheet(name, &csv(&[bill(1), bill(2)]));
        world.run_once().await.ended_with(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_whose_rows_all_wait_for_another_is_approved_and_goes_behind_it() {
    on_each_engine(async |world| {
        two_months_wait_for_approval(&world).await;
        let [march, april] = [
            world.file_id("march.csv").await,
            world.file_id("april.csv").await,
        ];
        let states = async |file: &str| {
            let rows = world.rows_of(file).await;
            rows.into_iter().map(|row| row.state).collect::<Vec<_>>()
        };
        let status = world.command(&["status"]).await;
        status.says(&format!("`ingestd approve {april}` lifts this alone"));
        let note = String::from_utf8(world.in_results("april.csv.held.txt")).unwrap();
        let lifts = format!("ingestd approve {april} lifts this alone");
        assert!(note.contains(&lifts), "{note}");
        world
            .command(&["approve", &april])
            .await
            .says(&format!("file {april} itself is held no longer"))
            .says("2 rows are still held");
        assert_eq!(states("april.csv").await, ["held"; 2]);
        assert_eq!(world.bulk_calls().len(), 0);
        world.command(&["approve", &march]).await;
        world.run_once().await.ended_with(0);
        assert_eq!(states("march.csv").await, ["discarded"; 2]);
        assert_eq!(states("april.csv").await, ["billed"; 2]);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lets_named_rows_of_a_held_sheet_go_names_them_once_more() {
    on_each_engine(async |world| {
        two_months_wait_for_approval(&world).await;
        let april = world.file_id("april.csv").await;
        let one = ["approve", &april, "--rows", "3", "--no-wait"];
        world.command(&one).await.ended_with(0).says(&format!(
            "`ingestd approve {april} --rows 3` once more lets them go"
        ));
        assert_eq!(world.bulk_calls().len(), 0);
        world
            .command(&one)
            .await
            .ended_with(0)
            .says("1 row is released that was held as `approval`");
        world.run_once().await;
        let sent = world.hub_payments();
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(sent[0].identifier, "A-2");
        world.verified().await;
    })
    .await;
}
