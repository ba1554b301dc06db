//! The main job on sheets without a fault: folder in, bills and results out.

use ingestd_tests::{Bill, bills, csv, on_each_engine, xlsx};

use crate::first_steps::as_lines;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_a_clean_csv_is_billed_once_and_everyone_tells_the_same() {
    on_each_engine(async |world| {
        let fees = bills("FS", 500);
        let bytes = csv(&fees);
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);

        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 500)].into()
        );
        assert_eq!(world.hub_payments().len(), 500);
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world
            .result_sheets_agree("fees.csv", &as_lines(&bytes))
            .await;

        assert_eq!(world.names_in(""), ["done", "results", "unreadable"]);
        assert_eq!(world.names_in("done"), ["fees.csv"]);
        assert_eq!(
            std::fs::read(world.inbox().join("done/fees.csv")).unwrap(),
            bytes
        );
        assert_eq!(
            world.names_in("results"),
            ["fees.csv.results.csv", "fees.csv.results.xlsx"],
            "nothing to correct, nothing held"
        );
        assert_eq!(world.bulk_calls().len(), 1);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_with_real_dates_and_numbers_is_billed_to_the_paisa() {
    on_each_engine(async |world| {
        let fees = bills("XL", 500);
        world.drop_sheet("fees.xlsx", &xlsx(&fees));
        world.run_once().await.ended_with(0);

        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        let rows = world.rows_of("fees.xlsx").await;
        assert_eq!(rows.len(), 500);
        for (row, fee) in rows.iter().zip(&fees) {
            assert_eq!(row.state, "billed");
            assert_eq!(row.title, fee.title);
            assert_eq!(row.identifier, fee.identifier);
            assert_eq!(row.due_date.as_deref(), Some(fee.due_date.as_str()));
            assert_eq!(row.amount, Some(two_decimals(&fee.amount)));
            assert_eq!(row.late, Some(two_decimals(&fee.late)));
        }
        let pages = ingestd_tests::pages_of_xlsx(&world.in_results("fees.xlsx.results.xlsx"));
        let lines = pages[0].results();
        assert_eq!(lines.len(), 500);
        pages[0].psids_are_texts();
        for (line, row) in lines.iter().zip(&rows) {
            assert_eq!(line.number, row.row_number);
            assert_eq!(line.cells[1], row.identifier);
            assert_eq!(Some(&line.psid), row.psid.as_ref());
            assert_eq!(line.state, row.state);
        }
        assert_eq!(world.names_in("done"), ["fees.xlsx"]);
        assert_eq!(world.names_in("results"), ["fees.xlsx.results.xlsx"]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_rupees_go_out_plain_and_paisa_with_decimals_and_a_blank_late_amount_as_the_amount() {
    on_each_engine(async |world| {
        let fees = [
            Bill::new("W-1", "1500", "2035-03-31"),
            Bill::new("W-2", "1500.50", "2035-03-31"),
            Bill {
                late: String::new(),
                ..Bill::new("W-3", "1500.00", "2035-03-31")
            },
        ];
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        let sent: Vec<_> = world
            .hub_payments()
            .into_iter()
            .map(|payment| {
                (
                    payment.identifier,
                    payment.amount,
                    payment.amount_after_due_date,
                )
            })
            .collect();
        let expected = [
            ("W-1", "1500", "1500"),
            ("W-2", "1500.50", "1500.50"),
            ("W-3", "1500", "1500"),
        ];
        assert_eq!(
            sent,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_written_starts_a_formula() {
    on_each_engine(async |world| {
        let mut fees = bills("F", 4);
        fees[0].title = "=HYPERLINK(\"http://example.com\")".to_owned();
        fees[1].title = "@SUM(A1)".to_owned();
        fees[2].title = "+cmd|' /C calc'!A0".to_owned();
        fees[3].title = "-2+3".to_owned();
        fees[3].amount = "none".to_owned();
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        let mut pages = ingestd_tests::pages_of_csv(&world.in_results("fees.csv.results.csv"));
        pages.extend(ingestd_tests::pages_of_xlsx(
            &world.in_results("fees.csv.results.xlsx"),
        ));
        pages.extend(ingestd_tests::pages_of_xlsx(
            &world.in_results("fees.csv.fix.xlsx"),
        ));
        for page in pages {
            assert!(
                page.formulas.is_empty(),
                "{:?} in {:?}",
                page.formulas,
                page.lines
            );
        }
        assert_eq!(world.states("school").await["billed"], 3);
    })
    .await;
}

/// Views have always two decimals.
fn two_decimals(amount: &str) -> String {
    let paisa = ingestd_tests::paisa(amount);
    format!("{}.{:02}", paisa / 100, paisa % 100)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identifiers_that_differ_only_in_case_are_both_warned_of_and_both_billed() {
    on_each_engine(async |world| {
        let fees = ["gf-a", "GF-1", "GF-A"].map(|payer| Bill::new(payer, "100", "2035-03-10"));
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        let rows = world.rows_of("fees.csv").await;
        assert!(rows.iter().all(|row| row.state == "billed"));
        let says = |at: usize| rows[at].message.clone().unwrap_or_default();
        assert!(says(0).contains("row 4"), "{}", says(0));
        assert_eq!(says(1), "");
        assert!(says(2).contains("row 2"), "{}", says(2));
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_total_of_which_a_part_is_paid_waits_and_a_table_below_another_is_read_by_its_own_headings()
 {
    on_each_engine(async |world| {
        let paid = "Name,Roll No,Total Fee,Paid,Balance,Due Date\nAli,P-1,1500,1000,500,2035-03-31\n";
        world.drop_sheet("paid.csv", paid.as_bytes());
        let two = "Name,Roll No,Fee,Due Date\nAli,T-1,1500,2035-03-31\n\nRoll No,Due Date (mm/dd/yyyy),Name,Fee\nT-2,03/12/2035,Sara,1600\n";
        world.drop_sheet("two.csv", two.as_bytes());
        world.run_once().await.ended_with(1);

        assert_eq!(world.file("paid.csv").await["state"], "held");
        let note = String::from_utf8(world.in_results("paid.csv.held.txt")).unwrap();
        assert!(
            note.contains("column D “Paid” holds what is paid already")
                && note.contains("take columns D and E out")
                && note.contains("ingestd approve"),
            "{note}"
        );
        let sent: Vec<_> = world
            .hub_payments()
            .into_iter()
            .map(|payment| (payment.identifier, payment.title, payment.due_date))
            .collect();
        let expected = [
            ("T-1", "Ali", "2035-03-31"),
            ("T-2", "Sara", "2035-03-12"),
        ];
        assert_eq!(
            sent,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );

        let id = world.file_id("paid.csv").await;
        world.command(&["approve", &id]).await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        world.verified().await;
    })
    .await;
}
