//! Rows named by their number: in a workbook of several sheets that may be several rows, and no
//! command picks one, nor takes them all.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule, SwitchesChange};
use ingestd_tests::{Bill, bills, csv, on_each_engine};
use rust_xlsxwriter::Workbook;

const GRADE: &str = "Grade 1";
const CLASS: &str = "Ali's class";

/// A workbook of these sheets; the first row of each is its row 2.
fn workbook(sheets: &[(&str, Vec<Bill>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, bills) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        let headings = ["Student Name", "Student ID", "Fee", "Due Date"];
        for (column, heading) in (0..).zip(headings) {
            sheet.write(0, column, heading).unwrap();
        }
        for (row, bill) in (1..).zip(bills) {
            let cells = [&bill.title, &bill.identifier, &bill.amount, &bill.due_date];
            for (column, cell) in (0..).zip(cells) {
                sheet.write(row, column, cell).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn two_sheets() -> Vec<u8> {
    workbook(&[(GRADE, bills("G", 2)), (CLASS, bills("C", 2))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_row_is_not_released_by_a_number_that_two_sheets_have() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("fees.xlsx", &two_sheets());
        world.run_once().await.ended_with(1);
        let file = world.file_id("fees.xlsx").await;
        let refused = world.command(&["approve", &file, "--rows", "2-3"]).await;
        refused
            .ended_with(2)
            .says("row 2 is in the sheets Ali's class and Grade 1: add --sheet")
            .in_one_sentence();
        assert_eq!(
            world.states("school").await,
            [("held".to_owned(), 4)].into()
        );

        world
            .command(&["approve", &file, "--sheet", GRADE, "--rows", "2"])
            .await
            .says("1 row is released");
        // Of the rows that are still held only one has this number.
        world
            .command(&["approve", &file, "--rows", "2"])
            .await
            .says("1 row is released");
        let states: Vec<String> = world
            .results()
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(states, ["billed", "held", "billed", "held"]);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_row_is_not_retried_by_a_number_that_two_sheets_have() {
    on_each_engine(async |world| {
        let refuse = |identifiers: &[&str]| {
            let words: BTreeMap<String, String> = identifiers
                .iter()
                .map(|one| ((*one).to_owned(), "blocked".to_owned()))
                .collect();
            world.switch(SwitchesChange {
                refuse_identifiers: Some(words),
                ..SwitchesChange::default()
            });
        };
        refuse(&["G-00002", "C-00002"]);
        world.drop_sheet("fees.xlsx", &two_sheets());
        world.run_once().await.ended_with(1);
        refuse(&[]);
        let file = world.file_id("fees.xlsx").await;
        let both = "row 3 is in the sheets Grade 1 and Ali's class: add --sheet";
        for more in [&["--dry-run"][..], &[]] {
            let line = [&["retry", "--file", &file, "--rows", "3"], more].concat();
            world.command(&line).await.ended_with(2).says(both);
        }
        assert_eq!(world.bulk_calls().len(), 1);
        world
            .command(&["retry", "--file", &file, "--sheet", CLASS, "--rows", "3"])
            .await
            .says("1 row is sent again");
        world
            .command(&["retry", "--file", &file, "--rows", "3"])
            .await
            .ended_with(0)
            .says("1 row is sent again");
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 4)].into()
        );
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_that_are_shown_for_rows_in_doubt_name_their_sheets() {
    on_each_engine(async |world| {
        let garbled = Garble {
            drop_rows: 3,
            ..Garble::default()
        };
        world.next_call(Fault::GarbleEcho(garbled));
        let broken = Fault::Status {
            code: 500,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, broken).for_ever());
        world.drop_sheet("fees.xlsx", &two_sheets());
        world.run_once_for("6s").await.ended_with(1);
        let chunk = world.chunks().await[0].chunk_id.to_string();
        let sheets = [("'Grade 1'", "3"), (r"'Ali'\''s class'", "2-3")];
        let status = world.command(&["status"]).await;
        for (sheet, rows) in sheets {
            status.says(&format!(
                "ingestd resolve {chunk} --sheet {sheet} --rows {rows} --not-sent"
            ));
        }
        let resolve = async |more: &[&str]| {
            let line = [&["resolve", &chunk, "--not-sent"], more].concat();
            world.command(&line).await
        };
        resolve(&["--rows", "3"])
            .await
            .ended_with(2)
            .says("row 3 is in the sheets Grade 1 and Ali's class: add --sheet");
        resolve(&["--rows", "3", "--sheet", "Grade 2"])
            .await
            .ended_with(2)
            .says("is in a sheet `Grade 2`");
        // While the hub can't be asked, nothing is decided.
        resolve(&["--rows", "3", "--sheet", GRADE])
            .await
            .ended_with(4)
            .in_one_sentence();
        world.hub().clear_faults();
        resolve(&["--rows", "2-3", "--sheet", GRADE])
            .await
            .says(&format!("row 2 is not in doubt in chunk {chunk}"))
            .says("the hub was asked again");
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 1, "the hub had them");
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_note_of_held_rows_names_the_sheet_in_which_they_stand() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("march.csv", &csv(&bills("C", 2)));
        world.run_once().await.ended_with(1);
        let mut april = bills("C", 2);
        for bill in &mut april {
            bill.due_date = "2035-04-30".to_owned();
        }
        let book = workbook(&[(GRADE, bills("G", 2)), (CLASS, april)]);
        world.drop_sheet("april.xlsx", &book);
        world.run_once().await.ended_with(1);
        let file = world.file_id("april.xlsx").await;
        let line = format!(r"ingestd approve {file} --sheet 'Ali'\''s class' --rows 2-3");
        let note = String::from_utf8(world.in_results("april.xlsx.held.txt")).unwrap();
        assert!(note.contains(&line), "{note}");
        assert!(note.contains("row 2 of Ali's class: waits for"), "{note}");
        world.command(&["status"]).await.says(&line);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_note_of_many_held_rows_tells_of_the_first_of_them_and_counts_the_rest() {
    on_each_engine(async |world| {
        world.drop_sheet("march.csv", &csv(&bills("M", 300)));
        world.run_once().await.ended_with(0);
        let mut changed = bills("M", 300);
        for bill in &mut changed {
            bill.amount = "9000".to_owned();
            bill.late = "9000".to_owned();
        }
        world.drop_sheet("again.csv", &csv(&changed));
        world.run_once().await.ended_with(1);
        let file = world.file_id("again.csv").await;
        let note = String::from_utf8(world.in_results("again.csv.held.txt")).unwrap();
        assert!(note.len() < 10_000, "{} bytes", note.len());
        assert!(note.contains("300 rows are held:"), "{note}");
        let told: Vec<&str> = note
            .lines()
            .filter(|line| line.starts_with("  row "))
            .collect();
        assert_eq!(told.len(), 20, "{note}");
        for (n, line) in told.iter().enumerate() {
            assert!(line.starts_with(&format!("  row {}: ", n + 2)), "{line}");
        }
        assert!(
            note.contains("and 280 more; the result sheet says it for each"),
            "{note}"
        );
        let command = format!("ingestd approve {file} --rows 2-301");
        assert!(note.contains(&command), "{note}");
        let status = world.json(&["status"]).await;
        let waits = &status["waiting"][0];
        assert!(waits["command"].as_str().unwrap().contains(&command));
        let why = waits["why"].as_str().unwrap();
        assert!(
            why.starts_with("row 2: ") && why.contains("299 more rows"),
            "{why}"
        );
    })
    .await;
}
