//! `plan`: what sending a sheet would do is said beforehand, the hub asked, and then it is so;
//! saying it sends and stores nothing.

use std::collections::BTreeMap;
use std::fs;

use asaanbill_sandbox::Pay;
use ingestd_tests::{Bill, Row, World, bills, csv, on_each_engine};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::failed_elsewhere::lie_about_the_next_call;

pub(crate) const MARCH: &str = "2035-03-10";
pub(crate) const APRIL: &str = "2035-04-10";

/// Writes a sheet beside the configuration: it is no file of the inbox.
pub(crate) fn sheet(world: &World, name: &str, bytes: &[u8]) {
    fs::write(world.folder().join(name), bytes).unwrap();
}

/// What `plan` says of a file, as JSON.
pub(crate) async fn planned(world: &World, name: &str, code: i32) -> Value {
    let ran = world
        .command(&["--format", "json", "plan", name, "--account", "school"])
        .await;
    ran.ended_with(code).json()
}

pub(crate) fn rows(plan: &Value) -> &[Value] {
    plan["rows"].as_array().unwrap()
}

pub(crate) fn outcomes(plan: &Value) -> Vec<&str> {
    rows(plan)
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect()
}

/// Everything that sending would change: rows, chunks, changes, files, folders, the hub's books.
async fn standing(world: &World) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        world.results().await,
        world.changes_after(0).await,
        world.chunks().await.len(),
        world.json(&["files"]).await,
        ["", "done", "results", "unreadable"].map(|folder| world.names_in(folder)),
        spooled(world),
        (world.bulk_calls().len(), world.hub_payments().len()),
    )
}

fn spooled(world: &World) -> usize {
    fs::read_dir(world.inbox().join(".spool")).map_or(0, Iterator::count)
}

/// The state that a row comes to of which this was said.
fn state_of(outcome: &str) -> &'static str {
    match outcome {
        "new" | "discards" => "billed",
        "same_bill" | "later_row_wins" => "skipped",
        "invalid" => "invalid",
        _ => "held",
    }
}

/// Insists that what was said of every row is what became of it.
fn agree(plan: &Value, became: &[Row]) {
    assert_eq!(rows(plan).len(), became.len());
    for (said, row) in rows(plan).iter().zip(became) {
        let outcome = said["outcome"].as_str().unwrap();
        assert_eq!(said["row"], row.row_number, "{said} {row:?}");
        assert_eq!(said["sheet"], row.sheet, "{said} {row:?}");
        assert_eq!(said["identifier"], row.identifier, "{said} {row:?}");
        assert_eq!(row.state, state_of(outcome), "{said} {row:?}");
        assert_eq!(said["amount"], json!(row.amount), "{said} {row:?}");
        assert_eq!(said["due_date"], json!(row.due_date), "{said} {row:?}");
        let message = said["message"].as_str().unwrap_or_default();
        if matches!(row.state.as_str(), "held" | "skipped" | "billed") {
            let message = message.replace("FILE_ID", &row.file_id.to_string());
            assert_eq!(row.says(), message, "{said}");
        }
    }
}

/// Four payers of March are billed, and one of them has a row that is held.
async fn march(world: &World) {
    let march: Vec<Bill> = ["SAME", "CHANGED", "PAID", "NEXT", "BACK", "WAITS"]
        .map(|payer| Bill::new(payer, "1000", MARCH))
        .into();
    world.drop_sheet("march.csv", &csv(&march));
    world.run_once().await.ended_with(0);
    let held = [Bill::new("WAITS", "1100", MARCH)];
    world.drop_sheet("held.csv", &csv(&held));
    world.run_once().await.ended_with(1);
}

/// A sheet that meets each rule once, a row each.
fn each_rule() -> Vec<u8> {
    csv(&[
        Bill::new("SAME", "1000", MARCH),
        Bill::new("CHANGED", "1000.50", MARCH),
        Bill::new("PAID", "1200", MARCH),
        Bill::new("NEXT", "1300", APRIL),
        Bill::new("BACK", "1400", "2035-02-10"),
        Bill::new("WAITS", "1500", APRIL),
        Bill::new("NEW", "0.05", APRIL),
        Bill::new("WRONG", "12,0O", APRIL),
        Bill::new("TWICE", "1700", APRIL),
        Bill::new("TWICE", "1800", APRIL),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_is_foreseen_and_sending_agrees_row_by_row() {
    on_each_engine(async |world| {
        march(&world).await;
        // What the ledger does not know yet: the hub is asked.
        world.hub().pay(&Pay::identifier("PAID")).unwrap();
        sheet(&world, "april.csv", &each_rule());
        let plan = planned(&world, "april.csv", 1).await;

        assert_eq!(
            outcomes(&plan),
            [
                "same_bill",
                "changed",
                "changed_paid",
                "discards",
                "later",
                "waits",
                "new",
                "invalid",
                "invalid",
                "invalid"
            ]
        );
        assert_eq!(plan["asked"], json!({"requests": 1, "by": "command"}));
        let counts: BTreeMap<&str, u64> = [
            ("new", 1),
            ("discards", 1),
            ("same_bill", 1),
            ("changed", 1),
            ("changed_paid", 1),
            ("later", 1),
            ("waits", 1),
            ("invalid", 3),
        ]
        .into();
        assert_eq!(plan["counts"], json!(counts));
        assert_eq!(plan["totals"]["new"], "0.05");
        assert_eq!(plan["totals"]["changed"], "1000.50");
        assert_eq!(
            plan["would_be"],
            json!({
                "sent": {"rows": 2, "total": "1300.05"},
                "skipped": {"rows": 1, "total": "1000.00"},
                "held": {"rows": 4, "total": "5100.50"},
                "invalid": {"rows": 3, "total": "3500.00"},
            })
        );
        let said = |row: usize| rows(&plan)[row]["message"].as_str().unwrap();
        assert!(said(3).contains("row 5 of march.csv"), "{}", said(3));
        assert!(
            said(5).contains("waits for row 2 of held.csv"),
            "{}",
            said(5)
        );
        assert!(
            said(1).contains("`ingestd approve FILE_ID --rows 3`"),
            "{}",
            said(1)
        );
        assert!(said(7).contains("C9: "), "{}", said(7));
        let first_row = |payer: &str, rows: Vec<Row>| {
            let row = rows.into_iter().find(|row| row.identifier == payer);
            row.unwrap().row_id
        };
        let march = world.rows_of("march.csv").await;
        assert_eq!(rows(&plan)[3]["discards"], first_row("NEXT", march));
        let held = world.rows_of("held.csv").await;
        assert_eq!(rows(&plan)[5]["waits_for"], first_row("WAITS", held));

        // Asked once, the hub has told all there is: nothing else may change by a plan.
        let before = standing(&world).await;
        let again = planned(&world, "april.csv", 1).await;
        assert_eq!(rows(&again), rows(&plan));
        assert_eq!(standing(&world).await, before, "nothing is sent or stored");

        world.drop_sheet("april.csv", &each_rule());
        world.run_once().await.ended_with(1);
        agree(&plan, &world.rows_of("april.csv").await);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rules_of_the_account_are_those_that_the_plan_goes_by() {
    on_each_engine(async |world| {
        let first = [
            Bill::new("P-1", "1000", MARCH),
            Bill::new("P-2", "1000", MARCH),
        ];
        world.drop_sheet("first.csv", &csv(&first));
        world.run_once().await.ended_with(0);
        world.set("changed_bills", "\"replace\"");
        world.set("duplicate_identifiers", "\"last-wins\"");
        let second = csv(&[
            Bill::new("P-1", "900", MARCH),
            Bill::new("P-3", "100", MARCH),
            Bill::new("P-1", "1100", MARCH),
        ]);
        sheet(&world, "second.csv", &second);
        let plan = planned(&world, "second.csv", 0).await;
        assert_eq!(outcomes(&plan), ["later_row_wins", "new", "discards"]);
        assert_eq!(
            plan["totals"],
            json!({"new": "100.00", "discards": "1100.00", "later_row_wins": "900.00"})
        );

        // What holds the file as a whole holds what would go of it.
        world.set("approve", "\"over 1000\"");
        let held = planned(&world, "second.csv", 1).await;
        assert_eq!(outcomes(&held), ["later_row_wins", "approval", "approval"]);
        let why = held["held"].as_str().unwrap();
        assert!(why.contains("Rs. 1200.00"), "{why}");
        assert_eq!(rows(&held)[1]["message"], why);
        assert!(
            rows(&held)[2]["message"]
                .as_str()
                .unwrap()
                .contains("first.csv"),
            "{held}"
        );
        let table = world.command(&["plan", "second.csv"]).await.ended_with(1);
        table
            .says("The whole file would wait for a person")
            .says(why);
        assert!(!table.stdout.contains("P-3"), "{}", table.stdout);
        world.set("approve", "\"over 1200\"");
        assert_eq!(outcomes(&planned(&world, "second.csv", 0).await)[1], "new");

        world.drop_sheet("second.csv", &second);
        world.run_once().await.ended_with(0);
        agree(&plan, &world.rows_of("second.csv").await);

        // A file of which nothing would go is held by no rule.
        world.set("approve", "\"always\"");
        let third = csv(&[Bill::new("P-2", "1000", MARCH)]);
        sheet(&world, "third.csv", &third);
        let plan = planned(&world, "third.csv", 0).await;
        assert_eq!(outcomes(&plan), ["same_bill"]);
        assert_eq!(plan["held"], Value::Null);
        world.drop_sheet("third.csv", &third);
        world.run_once().await.ended_with(0);
        agree(&plan, &world.rows_of("third.csv").await);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_with_hidden_rows_would_wait_and_a_row_is_named_with_its_sheet() {
    on_each_engine(async |world| {
        // The workbook's headings are others than the first sheet's, which is not what waits here.
        world.set("changed_headings", "\"allow\"");
        world.drop_sheet("first.csv", &csv(&[Bill::new("P-2", "1000", MARCH)]));
        world.run_once().await.ended_with(0);
        let mut workbook = Workbook::new();
        for (name, payer, amount) in [("Grade 1", "P-1", "500"), ("Grade 2", "P-2", "600")] {
            let page = workbook.add_worksheet();
            page.set_name(name).unwrap();
            let lines = [
                ["Student Name", "Student ID", "Fee", "Due Date"],
                ["Pupil", payer, amount, MARCH],
                ["Another", &format!("{payer}-b"), amount, MARCH],
            ];
            for (row, cells) in (0..).zip(lines) {
                for (column, cell) in (0..).zip(cells) {
                    page.write_string(row, column, cell).unwrap();
                }
            }
        }
        let open = workbook.save_to_buffer().unwrap();
        workbook
            .worksheet_from_index(0)
            .unwrap()
            .set_row_hidden(2)
            .unwrap();
        let hidden = workbook.save_to_buffer().unwrap();

        sheet(&world, "open.xlsx", &open);
        let plan = planned(&world, "open.xlsx", 1).await;
        assert_eq!(outcomes(&plan), ["new", "new", "changed", "new"]);
        let message = rows(&plan)[2]["message"].as_str().unwrap();
        assert!(
            message.contains("`ingestd approve FILE_ID --sheet 'Grade 2' --rows 2`"),
            "{message}"
        );
        sheet(&world, "hidden.xlsx", &hidden);
        let held = planned(&world, "hidden.xlsx", 1).await;
        assert_eq!(outcomes(&held), ["file", "file", "changed", "file"]);
        assert!(held["held"].as_str().unwrap().contains("hidden"), "{held}");
        // Who lets it go decides on the account's rule too, so both are said.
        world.set("approve", "\"always\"");
        let both = planned(&world, "hidden.xlsx", 1).await;
        assert_eq!(outcomes(&both), ["file", "file", "changed", "file"]);
        let why = both["held"].as_str().unwrap();
        assert!(why.contains("hidden") && why.contains("approval"), "{why}");
        world.set("approve", "\"never\"");

        world.drop_sheet("open.xlsx", &open);
        world.run_once().await.ended_with(1);
        agree(&plan, &world.rows_of("open.xlsx").await);
        world.drop_sheet("hidden.xlsx", &hidden);
        world.run_once().await.ended_with(1);
        let states: Vec<String> = world
            .rows_of("hidden.xlsx")
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        // By then three of its four bills are made, and the fourth is held: none is sent.
        assert!(!states.contains(&"billed".to_owned()), "{states:?}");
        assert_eq!(world.hub_payments().len(), 4);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_taken_before_is_a_duplicate_as_a_whole() {
    on_each_engine(async |world| {
        let bytes = csv(&[bills("D", 2), vec![Bill::new("BAD", "0", MARCH)]].concat());
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(1);
        sheet(&world, "renamed.csv", &bytes);
        let before = standing(&world).await;
        let calls = world.hub().calls().len();
        let plan = planned(&world, "renamed.csv", 0).await;
        assert_eq!(outcomes(&plan), ["duplicate"; 3]);
        assert_eq!(plan["duplicate_of"]["file_name"], "fees.csv");
        assert_eq!(plan["would_be"]["sent"]["rows"], 0);
        let table = world.command(&["plan", "renamed.csv"]).await.ended_with(0);
        table.says("nothing would be sent for it again");
        assert!(!table.stdout.contains("D-00001"), "{}", table.stdout);
        assert_eq!(world.hub().calls().len(), calls, "the hub hears nothing");
        assert_eq!(standing(&world).await, before);

        // One that was cancelled may come again.
        world.set("approve", "\"always\"");
        let other = csv(&bills("E", 2));
        world.drop_sheet("other.csv", &other);
        world.run_once().await.ended_with(1);
        let file = world.file_id("other.csv").await;
        world.command(&["cancel", &file]).await.ended_with(0);
        sheet(&world, "other again.csv", &other);
        let plan = planned(&world, "other again.csv", 1).await;
        assert_eq!(outcomes(&plan), ["approval", "approval"]);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_of_nobody_may_hold_of_a_failed_row_is_foreseen() {
    on_each_engine(async |world| {
        let fees = bills("L", 2);
        lie_about_the_next_call(&world, &fees);
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        let fix = world.in_results("fees.csv.fix.xlsx");
        sheet(&world, "fix.xlsx", &fix);
        let of_fix = planned(&world, "fix.xlsx", 1).await;
        assert_eq!(outcomes(&of_fix), ["elsewhere", "elsewhere"]);

        let again = csv(&bills("L", 3));
        sheet(&world, "again.csv", &again);
        let before = standing(&world).await;
        let plan = planned(&world, "again.csv", 1).await;
        assert_eq!(outcomes(&plan), ["elsewhere", "elsewhere", "new"]);
        assert_eq!(standing(&world).await, before);
        world.drop_sheet("again.csv", &again);
        world.run_once().await.ended_with(1);
        agree(&plan, &world.rows_of("again.csv").await);
        assert_eq!(world.hub_payments().len(), 3);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_sheet_is_foreseen_by_its_hidden_tokens() {
    on_each_engine(async |world| {
        world.drop_sheet("fees.csv", &csv(&[Bill::new("P-1", "0", MARCH)]));
        world.run_once().await.ended_with(1);
        let mut lines = ingestd_tests::pages_of_xlsx(&world.in_results("fees.csv.fix.xlsx"))
            .remove(0)
            .lines;
        for cell in &mut lines[1] {
            if cell == "0" {
                "100".clone_into(cell);
            }
        }
        // A token that is none of this database is held, though no bill is there yet to be met.
        let mut foreign = lines.clone();
        for cell in &mut foreign[1] {
            if cell
                .split_once('-')
                .is_some_and(|(_, check)| check.len() == 12)
            {
                "7-000000000000".clone_into(cell);
            }
        }
        sheet(&world, "foreign.xlsx", &ingestd_tests::book(&foreign));
        let plan = planned(&world, "foreign.xlsx", 1).await;
        assert_eq!(outcomes(&plan), ["token"]);
        let fixed = ingestd_tests::book(&lines);
        sheet(&world, "fixed.xlsx", &fixed);
        assert_eq!(outcomes(&planned(&world, "fixed.xlsx", 0).await), ["new"]);
        world.drop_sheet("fixed.xlsx", &fixed);
        world.run_once().await.ended_with(0);
        assert_eq!(world.states("school").await["corrected"], 1);

        // The same correction once more, for another payer: its original needs none any more.
        for cell in &mut lines[1] {
            if cell == "P-1" {
                "P-2".clone_into(cell);
            }
        }
        let once_more = ingestd_tests::book(&lines);
        sheet(&world, "once more.xlsx", &once_more);
        let plan = planned(&world, "once more.xlsx", 1).await;
        assert_eq!(outcomes(&plan), ["token"]);
        world.drop_sheet("once more.xlsx", &once_more);
        world.run_once().await.ended_with(1);
        agree(&plan, &world.rows_of("once more.xlsx").await);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_sheet_of_new_bills_is_told_in_a_few_lines_and_listed_whole_in_json_and_csv() {
    on_each_engine(async |world| {
        let mut all = bills("L", 12_000);
        all[7_000].amount = "nothing".to_owned();
        sheet(&world, "large.csv", &csv(&all));
        let plan = planned(&world, "large.csv", 1).await;
        assert_eq!(plan["counts"], json!({"new": 11_999, "invalid": 1}));
        assert_eq!(plan["asked"], json!({"requests": 0, "by": "nobody"}));
        let numbers: Vec<u64> = rows(&plan)
            .iter()
            .map(|row| row["row"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, (2..=12_001).collect::<Vec<u64>>());
        let new: i64 = rows(&plan)
            .iter()
            .filter(|row| row["outcome"] == "new")
            .map(|row| ingestd_tests::paisa(row["amount"].as_str().unwrap()))
            .sum();
        let total = plan["totals"]["new"].as_str().unwrap();
        assert_eq!(ingestd_tests::paisa(total), new);

        let table = world.command(&["plan", "large.csv"]).await.ended_with(1);
        table.says("11,999").says(total).says("L-07001");
        assert!(table.stdout.lines().count() < 30, "{}", table.stdout);
        let ran = world
            .command(&["--format", "csv", "plan", "large.csv"])
            .await;
        let lines = crate::first_steps::as_lines(ran.ended_with(1).stdout.as_bytes());
        assert_eq!(lines.len(), 12_001);
        let columns = [
            "sheet",
            "row",
            "identifier",
            "amount",
            "due_date",
            "outcome",
            "message",
        ];
        assert_eq!(lines[0], columns);
        assert_eq!(lines[1][2..6], ["L-00001", "1001.00", "2035-03-02", "new"]);
        assert_eq!(world.hub().calls().len(), 0);
        assert_eq!(world.results().await.len(), 0);
        assert_eq!(spooled(&world), 0);
    })
    .await;
}
