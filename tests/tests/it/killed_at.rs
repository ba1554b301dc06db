//! The program killed at each moment at which something was stored, or left it, that the next
//! process must find again; and the wire to the hub cut at each byte. Whatever happens, every
//! good row is billed once, every bad one comes back, and hub, database and sheets agree.
//!
//! `cargo xtask torture` lives through all of it many times, on databases that sync to disk.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Fault, Pay, SwitchesChange};
use ingestd_tests::{
    Bill, Then, Trouble, Way, Wire, World, bills, csv, on_each_engine, on_each_engine_called_back,
    rounds_of_torture,
};

/// Kills at the n-th time that a process comes to a moment.
fn dies_at(moment: &str, time: u32) -> (String, String) {
    ("INGESTD_DIES_AT".to_owned(), format!("{moment}:{time}"))
}

/// Ten payers whom the hub takes, one whom it refuses, and two rows that are no bills: three calls.
fn bills_dropped() -> Vec<Bill> {
    let mut rows = bills("D", 11);
    rows.push(Bill::new("D-bad-1", "0", "2035-03-10"));
    rows.push(Bill::new("D-bad-2", "100", "2035-02-31"));
    rows
}

fn sheet() -> Vec<u8> {
    csv(&bills_dropped())
}

fn refuse(world: &World, payers: &[&str]) {
    let words = payers
        .iter()
        .map(|payer| ((*payer).to_owned(), "blocked by the registrar".to_owned()));
    world.switch(SwitchesChange {
        refuse_identifiers: Some(words.collect()),
        ..SwitchesChange::default()
    });
}

fn small_calls(world: &World) {
    world.set("rows_per_request", "4");
    refuse(world, &["D-00011"]);
}

/// Runs a command that dies there.
async fn dies(world: &World, command: &[&str], moment: &str, time: u32) {
    let (name, value) = dies_at(moment, time);
    let ran = world.command_with(command, &[(&name, &value)]).await;
    assert_eq!(
        ran.code, -1,
        "it should die at {value}, and ended: {}{}",
        ran.stdout, ran.stderr
    );
    world.was_killed_at(moment);
}

const RUN: [&str; 4] = ["run", "--once", "--patience", "3m"];

/// The next processes bring it to an end; then hub, database and sheets agree.
async fn ends_well(world: &World, what: &str) {
    let ran = world.run_once().await;
    assert!([0, 1].contains(&ran.code), "{what}: {ran:?}");
    let at_hub: Vec<String> = world
        .hub_payments()
        .into_iter()
        .map(|payment| payment.identifier)
        .collect();
    let rows = world.rows_of("fees.csv").await;
    assert_eq!(rows.len(), 13, "{what}: every row is stored once");
    world.stored_as_dropped("fees.csv", &bills_dropped()).await;
    let mut unknown = BTreeMap::new();
    for row in &rows {
        let expected = match row.identifier.as_str() {
            "D-bad-1" | "D-bad-2" => "invalid",
            payer if at_hub.iter().any(|billed| billed == payer) => "billed",
            // Its call may never have left: a person says so, never a timer.
            _ if row.state == "unknown" => {
                *unknown.entry(row.request.clone()).or_insert(0) += 1;
                continue;
            }
            "D-00011" => "rejected",
            _ => "billed",
        };
        assert_eq!(row.state, expected, "{what}: {row:?}");
    }
    let unknown: usize = unknown.values().sum();
    assert!(unknown <= 4, "{what}: at most one call is in doubt");
    if unknown > 0 {
        world.command(&["status"]).await.says("ingestd resolve");
    }
    world.nobody_is_billed_twice("school");
    world.hub_and_views_agree("school").await;
    assert_eq!(world.names_in("done"), ["fees.csv"], "{what}");
    world
        .result_sheets_agree("fees.csv", &crate::first_steps::as_lines(&sheet()))
        .await;
    world.verified().await;
}

/// A sheet dropped into an empty world, and a process that dies at one of these moments, at the n-th
/// time that it comes there: each of them in every round.
async fn killed_at(moments: &[(&str, u32)]) {
    for round in 0..rounds_of_torture() {
        for &(moment, time) in moments {
            on_each_engine(async |world| {
                small_calls(&world);
                if moment == "file-seen" {
                    world.set("quiet_for", "\"300ms\"");
                }
                if moment == "request-found" {
                    world.next_call(Fault::CloseAfter);
                }
                world.drop_sheet("fees.csv", &sheet());
                dies(&world, &RUN, moment, time).await;
                ends_well(&world, &format!("{moment}:{time}, round {round}")).await;
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_file_is_taken_it_takes_it_once() {
    killed_at(&[
        ("file-seen", 1),
        ("file-complete", 1),
        ("copy-synced", 1),
        ("file-claimed", 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_its_rows_are_stored_it_stores_them_once() {
    killed_at(&[
        ("reading-begun", 1),
        ("rows-partly-stored", 1),
        ("rows-stored", 1),
        ("original-moved", 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_a_call_it_bills_everybody_once() {
    killed_at(&[
        ("chunks-planned", 1),
        ("intent-stored", 1),
        ("intent-stored", 3),
        ("call-marked", 1),
        ("call-marked", 3),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_a_call_it_bills_everybody_once() {
    killed_at(&[
        ("answer-read", 1),
        ("answer-read", 3),
        ("answer-stored", 1),
        ("answer-stored", 3),
        ("request-found", 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_tells_what_became_of_the_bills_it_tells_it_all() {
    killed_at(&[
        ("outcome-read", 1),
        ("outcome-read", 2),
        ("report-half-written", 1),
        ("report-in-place", 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_a_decision_carried_out_it_does_not_carry_it_out_again() {
    for _ in 0..rounds_of_torture() {
        on_each_engine(async |world| {
            small_calls(&world);
            world.drop_sheet("fees.csv", &sheet());
            world.run_once().await.ended_with(1);
            refuse(&world, &[]);
            let file = world.file_id("fees.csv").await;
            let retry = ["retry", "--file", &file];
            dies(&world, &retry, "decision-carried-out", 1).await;
            ends_well(&world, "decision-carried-out").await;
            let states = world.states("school").await;
            assert_eq!(
                states,
                [("billed".to_owned(), 11), ("invalid".to_owned(), 2)].into()
            );
            assert_eq!(world.bulk_calls().len(), 4);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_a_callback_in_hand_it_asks_the_hub_all_the_same() {
    for _ in 0..rounds_of_torture() {
        for moment in ["callback-received", "callback-stored"] {
            on_each_engine_called_back(async |world| {
                world.drop_sheet("fees.csv", &csv(&bills("D", 2)));
                world.run_once().await.ended_with(0);
                let (name, value) = dies_at(moment, 1);
                let mut service = world.start_service_with(&[(&name, &value)]);
                world.relay().pass_on_to(world.web_of(&service).await);
                world.hub().pay(&Pay::identifier("D-00002")).unwrap();
                world
                    .wait_until("the process died", async || service.ended().is_some())
                    .await;
                assert_eq!(service.ended(), Some(-1), "{moment}");
                world.was_killed_at(moment);

                // What was stored is heard by the next process; what was not, the hub is asked.
                let service = world.start_service();
                if moment == "callback-received" {
                    world.command(&["reconcile", "--account", "school"]).await;
                }
                world
                    .wait_until("the payment is known", async || {
                        world.rows_of("fees.csv").await[1].state == "paid"
                    })
                    .await;
                assert_eq!(service.stop().await, 0);
                world.stored_as_dropped("fees.csv", &bills("D", 2)).await;
                world.hub_and_views_agree("school").await;
                world.verified().await;
            })
            .await;
        }
    }
}

/// Where the wire falls silent while the process is killed, by what the hub has then.
const SILENT: [(&str, Way, usize); 4] = [
    ("connected and nothing sent", Way::ToHub, 0),
    ("the body partly sent", Way::ToHub, 600),
    ("the body sent and no answer", Way::FromHub, 0),
    ("the answer partly read", Way::FromHub, 200),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_call_it_bills_everybody_once() {
    for _ in 0..rounds_of_torture() {
        for (what, way, after) in SILENT {
            on_each_engine(async |world| {
                small_calls(&world);
                let wire = Wire::to_hub_of(&world).await;
                wire.breaks(Trouble {
                    way,
                    after,
                    then: Then::Silent,
                });
                world.drop_sheet("fees.csv", &sheet());
                let service = world.start_service();
                world.wait_until(what, async || wire.broken() == 1).await;
                service.kill9().await;
                world.was_killed_at(what);
                ends_well(&world, what).await;
                let unknown = world.states("school").await.get("unknown").copied();
                let expected = (way == Way::ToHub).then_some(4);
                assert_eq!(unknown, expected, "{what}");
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_at_any_byte_of_an_answer_the_call_is_found_and_nobody_billed_twice() {
    // One call a row, each cut a little further on than the one before, until an answer is shorter.
    // So many in one world: a hub's list that is read after each cut must not grow for ever.
    let (step, at_once) = match rounds_of_torture() {
        1 => (23, 16),
        _ => (1, 100),
    };
    let mut whole = Vec::new();
    for first in (0..).step_by(step * at_once) {
        let cuts: Vec<usize> = (first..).step_by(step).take(at_once).collect();
        let cut = each_answer_cut(&cuts).await;
        if cut == 0 {
            break;
        }
        whole.push(cut == at_once);
    }
    // Answers are not all of one length: only where the shortest ends may one have come whole.
    let before = whole.len().saturating_sub(2);
    assert!(whole[..before].iter().all(|whole| *whole), "{whole:?}");
    assert!(whole[0], "{whole:?}");
}

/// How many of the answers were cut, on the engine that had the most.
async fn each_answer_cut(cuts: &[usize]) -> usize {
    let most = std::cell::Cell::new(0);
    on_each_engine(async |world| {
        world.set("rows_per_request", "1");
        let wire = Wire::to_hub_of(&world).await;
        for after in cuts {
            wire.breaks(Trouble {
                way: Way::FromHub,
                after: *after,
                then: Then::Closed,
            });
        }
        world.drop_sheet("fees.csv", &csv(&bills("C", cuts.len() + 3)));
        world.run_once_for("9m").await.ended_with(0);
        // An answer that is shorter than that comes whole.
        most.set(most.get().max(usize::try_from(wire.broken()).unwrap()));
        assert_eq!(world.bulk_calls().len(), cuts.len() + 3);
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
    most.get()
}
