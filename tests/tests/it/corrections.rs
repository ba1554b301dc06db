//! Bad rows come back in a fix sheet; corrected and dropped in again, they
//! take the place of the rows they correct.

use std::collections::BTreeMap;

use ingestd_tests::{World, book, csv, on_each_engine, pages_of_xlsx};

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
        fees.push(ingestd_tests::Bill::new("T-00001", "7777", "2035-05-05"));
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
