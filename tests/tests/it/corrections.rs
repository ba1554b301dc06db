//! Bad rows come back in a fix sheet; corrected and dropped in again, they
//! take the place of the rows they correct.

use std::collections::BTreeMap;

use asaanbill_sandbox::SwitchesChange;
use ingestd_tests::{Bill, World, book, csv, on_each_engine, pages_of_xlsx};

/// The example sheet of everything that goes wrong.
pub(crate) const MISTAKES: &[u8] = include_bytes!("../../../watch-dir.example/mistakes.csv");

/// The sheet's rows that can be billed, as it counts them.
const GOOD: [usize; 7] = [2, 20, 21, 22, 23, 24, 25];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_cost_no_good_one_and_come_back_with_their_reasons() {
    on_each_engine(async |world| {
        world.drop_sheet("mistakes.csv", MISTAKES);
        world.run_once().await.ended_with(1);

        let states = world.states("school").await;
        assert_eq!(
            states,
            [("billed".to_owned(), 7), ("invalid".to_owned(), 17)].into()
        );
        for row in world.results().await {
            let good = GOOD.contains(&row.row_number);
            assert_eq!(
                row.state,
                if good { "billed" } else { "invalid" },
                "{row:?}"
            );
            assert!(
                good || !row.says().is_empty(),
                "an invalid row says why: {row:?}"
            );
        }
        world.hub_and_views_agree("school").await;
        world
            .result_sheets_agree("mistakes.csv", &crate::first_steps::as_lines(MISTAKES))
            .await;

        let file = world.file("mistakes.csv").await;
        assert_eq!(file["state"], "settled");
        assert_eq!(file["rows"], 24);
        assert_eq!(file["counts"]["invalid"], 17);
        assert_eq!(file["counts"]["billed"], 7);

        let fix = &pages_of_xlsx(&world.in_results("mistakes.csv.fix.xlsx"))[0];
        let shown: Vec<&str> = fix
            .lines
            .iter()
            .filter_map(|line| Some(line.get(1)?.as_str()))
            .collect();
        assert_eq!(
            fix.lines.len(),
            1 + 17,
            "the headings and the rows to correct: {shown:?}"
        );
        assert!(
            !shown.contains(&"Ahmed Bhatti"),
            "a billed row is not to be corrected"
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrected_rows_take_the_place_of_their_originals_and_nothing_else_is_sent_again() {
    on_each_engine(async |world| {
        world.drop_sheet("mistakes.csv", MISTAKES);
        world.run_once().await.ended_with(1);
        let before: BTreeMap<_, _> = payments(&world);

        world.drop_sheet("mistakes.csv.fix.xlsx", &corrected(&world));
        world.run_once().await.ended_with(0);

        let states = world.states("school").await;
        assert_eq!(
            states,
            [("billed".to_owned(), 24), ("corrected".to_owned(), 17)].into()
        );
        assert!(world.rows_of("mistakes.csv").await.iter().all(|row| {
            row.state
                == if GOOD.contains(&row.row_number) {
                    "billed"
                } else {
                    "corrected"
                }
        }));
        let after = payments(&world);
        assert_eq!(after.len(), 24);
        for (identifier, ids) in &after {
            assert_eq!(ids.len(), 1, "{identifier} was billed more than once");
        }
        for (identifier, ids) in &before {
            assert_eq!(
                after.get(identifier),
                Some(ids),
                "{identifier} was sent again"
            );
        }
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        assert_eq!(world.file("mistakes.csv").await["state"], "settled");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_counts_once_however_often_the_fix_sheet_comes_back() {
    on_each_engine(async |world| {
        world.drop_sheet("mistakes.csv", MISTAKES);
        world.run_once().await.ended_with(1);
        let fix = corrected(&world);
        world.drop_sheet("fixed.xlsx", &fix);
        world.run_once().await.ended_with(0);
        let calls = world.bulk_calls().len();

        // The same rows saved once more: other bytes, the same tokens.
        let mut lines = pages_of_xlsx(&fix)[0].lines.clone();
        lines.push(Vec::new());
        lines.push(vec!["a note below".to_owned()]);
        world.drop_sheet("fixed-again.xlsx", &book(&lines));
        world.run_once().await;
        assert_eq!(world.bulk_calls().len(), calls, "nothing is sent for it");
        let states: Vec<String> = world
            .rows_of("fixed-again.xlsx")
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert!(
            !states.is_empty()
                && states
                    .iter()
                    .all(|state| ["held", "skipped", "invalid"].contains(&state.as_str())),
            "{states:?}"
        );
        assert_eq!(world.hub().state().payments_beyond_first, 0);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_later_row_wins_where_the_account_says_so() {
    on_each_engine(async |world| {
        world.set("duplicate_identifiers", "\"last-wins\"");
        let mut fees = ingestd_tests::bills("T", 3);
        fees.push(Bill::new("T-00001", "7777", "2035-05-05"));
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(0);
        let rows = world.results().await;
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["skipped", "billed", "billed", "billed"]);
        assert!(
            rows[0].says().contains('5'),
            "it names the row that wins: {}",
            rows[0].says()
        );
        assert_eq!(world.hub_payments().len(), 3);
        world.verified().await;
    })
    .await;
}

/// The payment ids of each identifier.
fn payments(world: &World) -> BTreeMap<String, Vec<u64>> {
    let mut ids: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for payment in world.hub_payments() {
        ids.entry(payment.identifier).or_default().push(payment.id);
    }
    ids
}

/// The fix sheet of `mistakes.csv`, every cell that was wrong corrected.
fn corrected(world: &World) -> Vec<u8> {
    let mut lines = pages_of_xlsx(&world.in_results("mistakes.csv.fix.xlsx"))[0]
        .lines
        .clone();
    let mut twins = 0;
    for line in lines.iter_mut().skip(1) {
        let shows = line[0].clone();
        let (cell, value) = match shows.as_str() {
            "no identifier" => (2, "MK-002"),
            "no title" => (1, "Amna Butt"),
            "a letter O for a zero" => (3, "12000"),
            "an amount of nothing" => (3, "90"),
            "a negative amount" => (3, "500"),
            "three decimals" => (3, "1250.55"),
            "less when late" => (5, "2600"),
            "a day that does not exist" | "a due date long past" => (4, "2035-03-31"),
            "an identifier that a spreadsheet destroyed" => (2, "MK-011"),
            "the same pupil twice" => {
                twins += 1;
                (2, if twins == 1 { "MK-012" } else { "MK-013" })
            }
            "an error cell" | "no amount" => (3, "2500"),
            "a due date in words" | "no due date" => (4, "2035-03-31"),
            "a late amount that is no number" => (5, "2600"),
            other => panic!("the fix sheet holds a row that was right: {other}"),
        };
        line[cell] = value.to_owned();
    }
    book(&lines)
}

/// What `ingestd plan` says of a fix sheet that comes back.
async fn plan(world: &World, fix: &[u8]) -> serde_json::Value {
    let sheet = world.folder().join("fix.xlsx");
    std::fs::write(&sheet, fix).unwrap();
    world
        .json(&["plan", sheet.to_str().unwrap(), "--account", "school"])
        .await
}

/// One bill that is good, and one whose amount is none: its row of the fix sheet.
async fn one_row_to_correct(world: &World) -> Vec<Vec<String>> {
    let good = Bill::new("A-1", "1500", "2035-03-10");
    let bad = Bill::new("B-2", "a lot", "2035-03-10");
    world.drop_sheet("fees.csv", &csv(&[good, bad]));
    world.run_once().await.ended_with(1);
    pages_of_xlsx(&world.in_results("fees.csv.fix.xlsx"))[0]
        .lines
        .clone()
}

/// The columns of the sheets that scenarios drop.
const IDENTIFIER: usize = 1;
const AMOUNT: usize = 2;
const DUE_DATE: usize = 3;
const LATE: usize = 4;

/// The row with a good amount.
fn mended(line: &[String], identifier: &str) -> Vec<String> {
    let mut line = line.to_vec();
    line[IDENTIFIER] = identifier.to_owned();
    line[AMOUNT] = "1700".to_owned();
    line[LATE] = "1800".to_owned();
    line
}

/// Identifier, state and message of the rows of a file.
async fn told(world: &World, file_name: &str) -> Vec<(String, String, String)> {
    let rows = world.rows_of(file_name).await.into_iter();
    rows.map(|row| {
        (
            row.identifier.clone(),
            row.state.clone(),
            row.says().to_owned(),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_rows_with_one_token_none_takes_the_place_and_both_are_held() {
    on_each_engine(async |world| {
        let lines = one_row_to_correct(&world).await;
        // Copied with its hidden token, to bill one payer more.
        let fix = book(&[
            lines[0].clone(),
            mended(&lines[1], "B-2"),
            mended(&lines[1], "C-3"),
        ]);
        let planned = plan(&world, &fix).await;
        let outcomes: Vec<&str> = planned["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["outcome"].as_str().unwrap())
            .collect();
        assert_eq!(outcomes, ["token", "token"], "{planned}");

        world.drop_sheet("fix.xlsx", &fix);
        world.run_once().await.ended_with(1);
        let told = told(&world, "fix.xlsx").await;
        for (at, identifier) in ["B-2", "C-3"].into_iter().enumerate() {
            assert_eq!(
                (told[at].0.as_str(), told[at].1.as_str()),
                (identifier, "held")
            );
            assert!(told[at].2.contains("another row of this file"), "{told:?}");
        }
        assert_eq!(world.rows_of("fees.csv").await[1].state, "invalid");
        assert_eq!(world.hub_payments().len(), 1);

        // A person who means both lets them go.
        let file = world.file_id("fix.xlsx").await;
        world.command(&["approve", &file]).await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 3);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_rows_with_one_token_the_good_one_is_held_where_the_other_is_invalid() {
    on_each_engine(async |world| {
        let lines = one_row_to_correct(&world).await;
        // The original stays as it was, and its copy is another payer.
        let fix = book(&[lines[0].clone(), lines[1].clone(), mended(&lines[1], "Q-9")]);
        let planned = plan(&world, &fix).await;
        assert_eq!(planned["rows"][0]["outcome"], "invalid", "{planned}");
        assert_eq!(planned["rows"][1]["outcome"], "token", "{planned}");

        world.drop_sheet("fix.xlsx", &fix);
        world.run_once().await.ended_with(1);
        let told = told(&world, "fix.xlsx").await;
        assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("Q-9", "held"));
        assert!(told[1].2.contains("another row of this file"), "{told:?}");
        assert_eq!(world.rows_of("fees.csv").await[1].state, "invalid");
        assert_eq!(world.hub_payments().len(), 1);
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_of_a_row_that_is_well_by_now_is_held() {
    on_each_engine(async |world| {
        let words = BTreeMap::from([("A-1".to_owned(), "A-1 is blocked".to_owned())]);
        let refused = |words| SwitchesChange {
            refuse_identifiers: Some(words),
            ..SwitchesChange::default()
        };
        world.switch(refused(words));
        let lines = one_row_to_correct(&world).await;
        assert_eq!(lines.len(), 3, "the refused row, and the invalid one");
        world.switch(refused(BTreeMap::new()));
        let file = world.file_id("fees.csv").await;
        world.command(&["retry", "--file", &file]).await;
        let calls = world.bulk_calls().len();

        // The fix sheet of before has a token for the row that was sent again meanwhile.
        let mut other_day = mended(&lines[1], "A-1");
        other_day[DUE_DATE] = "2035-05-10".to_owned();
        world.drop_sheet("fix.xlsx", &book(&[lines[0].clone(), other_day]));
        world.run_once().await.ended_with(1);
        let told = told(&world, "fix.xlsx").await;
        assert_eq!(told[0].1, "held");
        assert!(
            told[0].2.contains("needs no correction: it is billed"),
            "{told:?}"
        );
        assert_eq!(world.bulk_calls().len(), calls);
        assert_eq!(world.rows_of("fees.csv").await[0].state, "billed");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_is_checked_for_duplicates_against_the_file_it_came_from() {
    on_each_engine(async |world| {
        let lines = one_row_to_correct(&world).await;
        // The payer of the good row, for a later day: alone it would discard that row's bill.
        let mut line = mended(&lines[1], "A-1");
        line[DUE_DATE] = "2035-05-10".to_owned();
        let fix = book(&[lines[0].clone(), line]);
        let planned = plan(&world, &fix).await;
        assert_eq!(planned["rows"][0]["outcome"], "invalid", "{planned}");
        let foreseen = planned["rows"][0]["message"].as_str().unwrap().to_owned();

        world.drop_sheet("fix.xlsx", &fix);
        world.run_once().await.ended_with(1);
        let told_of_it = told(&world, "fix.xlsx").await;
        assert_eq!(told_of_it[0].1, "invalid");
        assert!(
            told_of_it[0].2.contains(&foreseen),
            "{told_of_it:?} {foreseen}"
        );
        assert!(
            foreseen.contains("row 2 of the sheet `fees` in `fees.csv`, which is billed"),
            "{foreseen}"
        );
        assert_eq!(world.rows_of("fees.csv").await[1].state, "invalid");
        assert_eq!(world.bulk_calls().len(), 1);

        // Its own fix sheet colours the identifier; with the right one, both are corrected.
        let lines = pages_of_xlsx(&world.in_results("fix.xlsx.fix.xlsx"))[0]
            .lines
            .clone();
        assert!(
            lines[1].iter().any(|cell| cell.starts_with("Identifier: ")),
            "{lines:?}"
        );
        world.drop_sheet(
            "fix 2.xlsx",
            &book(&[lines[0].clone(), mended(&lines[1], "B-2")]),
        );
        world.run_once().await.ended_with(0);
        assert_eq!(world.rows_of("fees.csv").await[1].state, "corrected");
        assert_eq!(world.rows_of("fix.xlsx").await[0].state, "corrected");
        assert_eq!(world.rows_of("fix 2.xlsx").await[0].state, "billed");
        assert_eq!(world.hub_payments().len(), 2);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_last_row_wins_a_correction_counts_where_its_original_stands() {
    on_each_engine(async |world| {
        world.set("duplicate_identifiers", "\"last-wins\"");
        world.set("changed_bills", "\"replace\"");
        let bad = |identifier: &str| Bill::new(identifier, "a lot", "2035-03-10");
        let good = Bill::new("A-1", "1500", "2035-03-10");
        world.drop_sheet("fees.csv", &csv(&[bad("X-1"), good, bad("X-2")]));
        world.run_once().await.ended_with(1);
        let lines = pages_of_xlsx(&world.in_results("fees.csv.fix.xlsx"))[0]
            .lines
            .clone();
        let fix = |n: usize| book(&[lines[0].clone(), mended(&lines[n], "A-1")]);

        world.drop_sheet("above.xlsx", &fix(1));
        world.run_once().await;
        let told_above = told(&world, "above.xlsx").await;
        assert_eq!(told_above[0].1, "skipped");
        assert!(
            told_above[0].2.contains("the last one counts"),
            "{told_above:?}"
        );
        assert_eq!(world.bulk_calls().len(), 1);

        world.drop_sheet("below.xlsx", &fix(2));
        world.run_once().await;
        assert_eq!(told(&world, "below.xlsx").await[0].1, "billed");
        assert_eq!(world.bulk_calls().len(), 2);
        world.verified().await;
    })
    .await;
}
