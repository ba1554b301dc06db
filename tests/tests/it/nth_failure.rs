//! The database fails once, at the n-th statement or the n-th commit, or the disk at the n-th write,
//! for n = 1, 2, 3 and on until a run meets no failure: whatever it was in the middle of, everything
//! comes to one end.

use asaanbill_sandbox::SwitchesChange;
use ingestd_tests::{Bill, World, bills, csv, on_each_engine, rounds_of_torture};

/// Every n under torture; else ever larger steps.
fn next(n: u32) -> u32 {
    match rounds_of_torture() {
        1 => n * 2 + n % 2,
        _ => n + 1,
    }
}

/// Five payers whom the hub takes, one whom it refuses, and a row that is no bill: two calls.
fn sheet() -> Vec<u8> {
    let mut rows = bills("N", 6);
    rows.push(Bill::new("N-bad", "0", "2035-03-10"));
    csv(&rows)
}

/// Whether the n-th of these came, and failed.
async fn fails_at(world: &World, what: &str, n: u32) -> bool {
    world.set("rows_per_request", "3");
    world.switch(SwitchesChange {
        refuse_identifiers: Some([("N-00006".to_owned(), "blocked".to_owned())].into()),
        ..SwitchesChange::default()
    });
    world.drop_sheet("fees.csv", &sheet());
    let at = format!("{what}:{n}");
    let run = ["run", "--once", "--patience", "60s"];
    let ran = world
        .command_with(&run, &[("INGESTD_DATABASE_FAILS_AT", &at)])
        .await;
    let failed = ran.stderr.contains("because a test asked for it");
    // A failure at the start ends a command with a sentence; later it goes on by itself.
    assert!([1, 5].contains(&ran.code), "{at}: {ran:?}");
    // What is left, if anything is.
    let rest = world.run_once().await;
    assert!([0, 1].contains(&rest.code), "{at}: {rest:?}");

    let rows = world.rows_of("fees.csv").await;
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    // An intent whose commit was not heard makes no call, and is known to have made none.
    assert_eq!(
        states,
        [
            "billed", "billed", "billed", "billed", "billed", "rejected", "invalid"
        ],
        "{at}"
    );
    world.nobody_is_billed_twice("school");
    world.hub_and_views_agree("school").await;
    assert_eq!(world.names_in("done"), ["fees.csv"], "{at}");
    world
        .result_sheets_agree("fees.csv", &crate::first_steps::as_lines(&sheet()))
        .await;
    world.verified().await;
    failed
}

async fn fails_once_anywhere(what: &'static str) {
    each_n(async |world: &World, n| fails_at(world, what, n).await).await;
}

/// For ever larger n, until none fails.
async fn each_n(fails: impl AsyncFn(&World, u32) -> bool) {
    each_n_by(next, fails).await;
}

async fn each_n_by(next: impl Fn(u32) -> u32, fails: impl AsyncFn(&World, u32) -> bool) {
    let mut n = 1;
    loop {
        let failures = std::cell::Cell::new(0);
        on_each_engine(async |world| {
            if fails(&world, n).await {
                failures.set(failures.get() + 1);
            }
        })
        .await;
        if failures.get() == 0 {
            break;
        }
        n = next(n);
    }
    assert!(n > 3, "only {n} were tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_statement_fails_everything_comes_to_one_end() {
    fails_once_anywhere("statement").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_commit_is_lost_everything_comes_to_one_end() {
    fails_once_anywhere("commit-lost").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_commit_is_not_heard_of_everything_comes_to_one_end() {
    fails_once_anywhere("commit-unheard").await;
}

/// A sheet with rows that fail, and one that can't be read: whether the n-th write came, and failed.
async fn disk_fails_at(world: &World, n: u32) -> bool {
    world.set("rows_per_request", "3");
    world.switch(SwitchesChange {
        refuse_identifiers: Some([("N-00006".to_owned(), "blocked".to_owned())].into()),
        ..SwitchesChange::default()
    });
    world.drop_sheet("fees.csv", &sheet());
    world.drop_sheet("notes.csv", b"Remember\nthe milk\n");
    let at = n.to_string();
    let run = ["run", "--once", "--patience", "60s"];
    let ran = world
        .command_with(&run, &[("INGESTD_WRITE_FAILS_AT", &at)])
        .await;
    let failed = ran.stderr.contains("because a test asked for it");
    // A folder that can't be made at the start is a matter of the configuration.
    assert!([1, 2, 3].contains(&ran.code), "write {n}: {ran:?}");
    let rest = world.run_once().await;
    assert!([0, 1].contains(&rest.code), "write {n}: {rest:?}");

    let rows = world.rows_of("fees.csv").await;
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(
        states,
        [
            "billed", "billed", "billed", "billed", "billed", "rejected", "invalid"
        ],
        "write {n}"
    );
    assert_eq!(
        world.bulk_calls().len(),
        2,
        "write {n}: nothing is sent for it"
    );
    world.nobody_is_billed_twice("school");
    world.hub_and_views_agree("school").await;
    assert_eq!(world.names_in("done"), ["fees.csv"], "write {n}");
    assert_eq!(
        world.names_in("unreadable"),
        ["notes.csv", "notes.csv.why.txt"],
        "write {n}"
    );
    assert_eq!(
        world.names_in("results"),
        [
            "fees.csv.fix.xlsx",
            "fees.csv.results.csv",
            "fees.csv.results.xlsx"
        ],
        "write {n}"
    );
    world
        .result_sheets_agree("fees.csv", &crate::first_steps::as_lines(&sheet()))
        .await;
    world.verified().await;
    failed
}

/// A sheet that waits is approved: whether the n-th write meanwhile came, and failed.
async fn disk_fails_in_an_approval_at(world: &World, n: u32) -> bool {
    world.set("approve", "\"always\"");
    world.drop_sheet("fees.csv", &csv(&bills("N", 3)));
    world.run_once().await.ended_with(1);
    assert!(
        world
            .names_in("results")
            .contains(&"fees.csv.held.txt".to_owned())
    );
    let file = world.file_id("fees.csv").await;
    let at = n.to_string();
    let ran = world
        .command_with(&["approve", &file], &[("INGESTD_WRITE_FAILS_AT", &at)])
        .await;
    let failed = ran.stderr.contains("because a test asked for it");
    world.run_once().await.ended_with(0);
    assert_eq!(
        world.states("school").await,
        [("billed".to_owned(), 3)].into()
    );
    // What it waited for is not said any more.
    assert_eq!(
        world.names_in("results"),
        ["fees.csv.results.csv", "fees.csv.results.xlsx"],
        "write {n}"
    );
    world.nobody_is_billed_twice("school");
    world.verified().await;
    failed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_write_to_a_disk_fails_everything_comes_to_one_end() {
    each_n(disk_fails_at).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_write_fails_while_a_sheet_is_approved_its_note_goes() {
    each_n(disk_fails_in_an_approval_at).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_folder_can_not_be_synced_the_note_about_a_file_is_written() {
    let one_by_one = |n: u32| n + 1;
    each_n_by(one_by_one, async |world: &World, n| {
        world.drop_sheet("notes.csv", b"Remember\nthe milk\n");
        let at = format!("sync:{n}");
        let ran = world
            .command_with(&["run", "--once"], &[("INGESTD_WRITE_FAILS_AT", &at)])
            .await;
        world.run_once().await;
        assert_eq!(
            world.names_in("unreadable"),
            ["notes.csv", "notes.csv.why.txt"],
            "{at}"
        );
        ran.stderr.contains("because a test asked for it")
    })
    .await;
}
