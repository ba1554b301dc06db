//! A database that came back from a backup, or an empty one in its place: it has forgotten calls, and
//! sends nothing until it has learnt from the hub what it forgot.

use std::fs;

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{Bill, World, bills, csv, on_each_engine, on_each_engine_with};

const RESTORED: &[&str] = &["resume", "school", "--restored"];

/// Bills a sheet, takes a backup, bills another one, and puts the backup in place.
async fn with_a_forgotten_sheet(world: &World, forgotten: &[Bill]) {
    world.drop_sheet("march.csv", &csv(&bills("A", 3)));
    world.run_once().await.ended_with(0);
    let backup = world.back_up().await;
    world.drop_sheet("april.csv", &csv(forgotten));
    world.run_once().await.ended_with(0);
    world.restore(&backup).await;
}

/// The same bills as a school's program saves them again: other bytes.
fn saved_again(bills: &[Bill]) -> Vec<u8> {
    let mut text = csv(bills);
    text.extend(b"\n");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_database_sends_nothing_until_it_knows_what_it_forgot() {
    on_each_engine_with(&["school", "other"], async |world| {
        let april = bills("B", 3);
        world.drop_sheet_for("other", "one.csv", &csv(&bills("X", 2)));
        with_a_forgotten_sheet(&world, &april).await;
        let calls = world.bulk_calls().len();

        // It is said before any service runs, and by the service.
        let status = world.command(&["status"]).await.ended_with(0);
        status
            .says("SENDS NOTHING")
            .says("ingestd resume school --restored");
        let doctor = world.command(&["doctor"]).await;
        assert_ne!(doctor.code, 0);
        doctor
            .says("WRONG  school: newest call")
            .says("resume school --restored");
        doctor.says("ok     other: newest call");
        for _ in 0..2 {
            world.drop_sheet("march.csv", &csv(&bills("A", 3)));
            world.drop_sheet("april.csv", &csv(&april));
            world.drop_sheet("april-again.csv", &saved_again(&april));
            let ran = world.run_once().await.ended_with(1);
            ran.says("resume school --restored").in_one_sentence();
        }
        assert_eq!(world.bulk_calls().len(), calls);
        let status = world.command(&["status"]).await;
        status
            .says("PAUSED")
            .says("ingestd resume school --restored");
        // The other account goes on.
        world.drop_sheet_for("other", "two.csv", &csv(&bills("Y", 2)));
        world.run_once().await.ended_with(1);
        assert_eq!(world.hub_payments_of("other").len(), 4);
        // A pause that stands for it does not end by itself.
        let refused = world.command(&["resume", "school"]).await.ended_with(1);
        refused.says("--restored");
        world.run_once().await.ended_with(1);
        assert_eq!(world.bulk_calls().len(), calls);

        let resumed = world.command(RESTORED).await.ended_with(0);
        resumed.says("3 bills in them count as billed before");
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), calls, "nothing is billed twice");
        for name in ["april.csv", "april-again.csv"] {
            let rows = world.rows_of(name).await;
            assert_eq!(rows.len(), 3);
            for row in rows {
                assert_eq!(row.state, "skipped", "{row:?}");
                assert!(row.says().contains("PSID "), "{row:?}");
            }
        }
        let foreign = world.json(&["foreign", "--account", "school"]).await;
        let foreign = foreign.as_array().unwrap();
        assert_eq!(foreign.len(), 3);
        assert_eq!(foreign[0]["identifier"], "B-00001");
        assert_eq!(foreign[0]["amount"], "1001.00");
        assert_eq!(foreign[0]["state"], "billed");
        let status = world.command(&["status"]).await;
        status.says("3 bills at the hub that this database did not make");

        // What is new is billed; what changes a forgotten bill is held as for any other.
        world.drop_sheet("may.csv", &csv(&bills("C", 2)));
        world.run_once().await.ended_with(0);
        let mut changed = april.clone();
        changed.truncate(1);
        changed[0].amount = "4000".to_owned();
        changed[0].late = "4100".to_owned();
        world.drop_sheet("changed.csv", &csv(&changed));
        world.run_once().await.ended_with(1);
        let held = world.rows_of("changed.csv").await;
        assert_eq!(held[0].state, "held");
        assert!(held[0].says().contains("with other values"), "{held:?}");
        assert_eq!(world.hub_payments_of("school").len(), 8);
        world.nobody_is_billed_twice("school");
        world.verified().await;
        // A person replaces it all the same: the hub discards the forgotten one.
        let file = world.file_id("changed.csv").await;
        world.command(&["approve", &file]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(world.rows_of("changed.csv").await[0].state, "billed");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sheets_in_done_that_the_database_forgot_are_taken_again_and_what_was_not_billed_waits() {
    on_each_engine(async |world| {
        let april = bills("B", 3);
        with_a_forgotten_sheet(&world, &april).await;
        // As if it had been cancelled after the backup was taken.
        fs::write(
            world.inbox().join("done/cancelled.csv"),
            csv(&bills("C", 2)),
        )
        .unwrap();
        let calls = world.bulk_calls().len();

        let resumed = world.command(RESTORED).await.ended_with(0);
        resumed.says("2 sheets that this database did not know were taken again");
        world.run_once().await.ended_with(1);
        assert_eq!(world.bulk_calls().len(), calls);
        let states = async |name: &str| -> Vec<String> {
            let rows = world.rows_of(name).await;
            rows.into_iter().map(|row| row.state).collect()
        };
        assert_eq!(states("april.csv").await, ["skipped"; 3]);
        assert_eq!(states("cancelled.csv").await, ["held"; 2]);
        let status = world.command(&["status"]).await;
        status.says("taken again after the database came back from a backup");
        assert_eq!(world.names_in("done").len(), 3, "nothing moved");

        // Asked for once more it changes nothing, and a person may let the rest go.
        world.command(RESTORED).await.ended_with(0);
        let file = world.file_id("cancelled.csv").await;
        world.command(&["approve", &file]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(states("cancelled.csv").await, ["billed"; 2]);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_the_restored_database_still_holds_are_not_billed_a_second_time() {
    on_each_engine(async |world| {
        world.set("approve", "\"always\"");
        world.drop_sheet("march.csv", &csv(&bills("A", 3)));
        world.run_once().await.ended_with(1);
        let backup = world.back_up().await;
        let file = world.file_id("march.csv").await;
        world.command(&["approve", &file]).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 1);
        world.restore(&backup).await;

        // What a person decides meanwhile sends nothing.
        world.command(&["approve", &file, "--no-wait"]).await;
        world.run_once().await.ended_with(1);
        assert_eq!(world.bulk_calls().len(), 1);
        world.command(RESTORED).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 1);
        let states = world.states("school").await;
        assert_eq!(states, [("skipped".to_owned(), 3)].into());
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_database_takes_over_only_when_a_person_says_so() {
    on_each_engine(async |world| {
        let march = bills("A", 3);
        world.drop_sheet("march.csv", &csv(&march));
        world.run_once().await.ended_with(0);
        world.empty_database().await;
        let refused = world.run_once().await.ended_with(2);
        refused.says("resume school --restored").in_one_sentence();
        let doctor = world.command(&["doctor"]).await;
        doctor.says("resume school --restored");
        // Its mark taken away by hand is not enough.
        let mark = world.inbox().join(".ingestd");
        let theirs = fs::read(&mark).unwrap();
        fs::remove_file(&mark).unwrap();
        world.drop_sheet("again.csv", &saved_again(&march));
        world.run_once().await.ended_with(1).says("--restored");
        assert_eq!(world.bulk_calls().len(), 1);
        fs::write(&mark, theirs).unwrap();

        world.command(RESTORED).await.ended_with(0);
        world.run_once().await.ended_with(0);
        let states = world.states("school").await;
        assert_eq!(states, [("skipped".to_owned(), 6)].into());
        assert_eq!(world.bulk_calls().len(), 1);
        world.drop_sheet("april.csv", &csv(&bills("B", 2)));
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 5);
        world.nobody_is_billed_twice("school");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_can_not_be_read_whole_leaves_the_account_as_it_is() {
    on_each_engine(async |world| {
        with_a_forgotten_sheet(&world, &bills("B", 3)).await;
        world.drop_sheet("may.csv", &csv(&bills("C", 2)));
        let calls = world.bulk_calls().len();
        let fault = Fault::Status {
            code: 500,
            body: None,
            headers: Default::default(),
        };
        world.add_fault(Rule::once(Endpoint::BulkStatus, fault).for_ever());
        let refused = world.command(RESTORED).await.ended_with(4);
        refused.says("could not be read whole");
        world.run_once().await.ended_with(1).says("--restored");
        assert_eq!(world.bulk_calls().len(), calls);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_database_put_back_goes_on_by_itself() {
    on_each_engine(async |world| {
        world.drop_sheet("march.csv", &csv(&bills("A", 3)));
        world.run_once().await.ended_with(0);
        let old = world.back_up().await;
        let marker = world.inbox().join(".spool/newest-call");
        let of_march = fs::read(&marker).unwrap();
        world.drop_sheet("april.csv", &csv(&bills("B", 3)));
        world.run_once().await.ended_with(0);
        let of_april = fs::read(&marker).unwrap();
        assert_ne!(of_march, of_april);
        world.restore(&old).await;
        world.drop_sheet("may.csv", &csv(&bills("C", 2)));
        world.run_once().await.ended_with(1);
        assert_eq!(world.hub_payments().len(), 6);
        // The marker of that time stands for the database of that time.
        fs::write(&marker, of_march).unwrap();
        world.run_once().await.ended_with(0);
        assert_eq!(world.hub_payments().len(), 8);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_can_not_be_marked_is_not_made() {
    on_each_engine(async |world| {
        world.drop_sheet("march.csv", &csv(&bills("A", 3)));
        let marker = world.inbox().join(".spool/newest-call");
        fs::create_dir_all(&marker).unwrap();
        let ran = world.run_once_for("8s").await.ended_with(1);
        ran.says("3 rows wait to be sent");
        assert_eq!(world.bulk_calls().len(), 0);
        let states = world.states("school").await;
        assert_eq!(states, [("ready".to_owned(), 3)].into());
        fs::remove_dir(&marker).unwrap();
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 1);
        assert!(marker.is_file());
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_marker_is_written_again_only_if_the_hub_lists_nothing_that_was_forgotten() {
    on_each_engine(async |world| {
        let april = bills("B", 3);
        world.drop_sheet("march.csv", &csv(&bills("A", 3)));
        world.run_once().await.ended_with(0);
        let marker = world.inbox().join(".spool/newest-call");
        fs::remove_file(&marker).unwrap();
        world.drop_sheet("february.csv", &csv(&bills("F", 2)));
        world.run_once().await.ended_with(0);
        assert!(marker.is_file());

        let backup = world.back_up().await;
        world.drop_sheet("april.csv", &csv(&april));
        world.run_once().await.ended_with(0);
        world.restore(&backup).await;
        fs::remove_file(&marker).unwrap();
        world.drop_sheet("again.csv", &saved_again(&april));
        let ran = world.run_once().await.ended_with(1);
        ran.says("the marker beside its spool is gone");
        assert_eq!(world.bulk_calls().len(), 3);
        world.command(RESTORED).await.ended_with(0);
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 3);
        world.verified().await;
    })
    .await;
}
