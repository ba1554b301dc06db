//! What would become of bills that are not taken yet: said beforehand, and then so.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::collections::BTreeSet;

/// The bills of a sheet as they are foreseen.
fn new_bills(bills: &[Bill]) -> Vec<NewBill<'_>> {
    (2..)
        .zip(bills)
        .map(|(row_number, bill)| NewBill {
            sheet: None,
            row_number,
            title: &bill.title,
            identifier: &bill.identifier,
            amount: bill.amount,
            due_date: bill.due,
            late: bill.amount,
            corrects: bill.corrects,
        })
        .collect()
}

async fn foreseen(world: &World, bills: &[Bill]) -> Vec<Verdict> {
    let bills = new_bills(bills);
    let foreseen = world
        .ledger
        .foresee(ACCOUNT, ChangedBills::Hold, &HeldElsewhere::new(), &bills)
        .await;
    foreseen.unwrap()
}

/// The state a row comes to by a verdict, and what is said of it.
fn said(verdict: &Verdict) -> (RowState, Option<String>) {
    match verdict {
        Verdict::Send { message, .. } => (RowState::Ready, message.clone()),
        Verdict::Skip { message } => (RowState::Skipped, Some(message.clone())),
        Verdict::Hold { message, .. } => (RowState::Held, Some(message.clone())),
    }
}

/// Everything that a ledger remembers of rows, to be compared.
async fn remembered(world: &World) -> (usize, Vec<FileLine>, Vec<Change>) {
    let ledger = &world.ledger;
    let rows = ledger.rows(&RowFilter::default()).await.unwrap().len();
    let files = ledger.files(&FileFilter::default()).await.unwrap();
    (rows, files, ledger.changes_after(0, 10_000).await.unwrap())
}

both!(
    what_is_foreseen_of_a_sheet_is_what_planning_makes_of_it,
    foreseen_then_planned
);

async fn foreseen_then_planned(world: World) {
    use RowState::*;
    let march = pupils(7);
    let first = world.drop_in("march.csv", &march).await;
    let sent = world.send_taken("1").await;
    world.say_of_all(sent.chunk_id, Billed).await;
    let paid = Reading {
        facts: vec![Learned {
            row_no: 3,
            state: Paid,
            psid: Some("1001P00003".into()),
            payment_id: None,
            message: None,
        }],
        processed: true,
        ..Reading::default()
    };
    world.ledger.learn(sent.chunk_id, &paid).await.unwrap();
    // One row that is still under way: another bill of the last pupil.
    world
        .drop_in("more.csv", &[bill("P00007", 5, "2035-06-10")])
        .await;

    let mut april = pupils(8);
    april[1].amount += 1; // unpaid: changed
    april[2].amount += 1; // paid: changed
    april[3].due = day("2035-04-10"); // discards an unpaid bill
    april[4].due = day("2035-02-10"); // an unpaid bill is later
    april[5].title = "Another".into();
    let before = remembered(&world).await;
    let verdicts = foreseen(&world, &april).await;
    assert_eq!(remembered(&world).await, before, "nothing is stored");

    let (states, messages): (Vec<RowState>, Vec<Option<String>>) =
        verdicts.iter().map(said).unzip();
    assert_eq!(
        states,
        [Skipped, Held, Held, Ready, Held, Held, Held, Ready]
    );
    let kinds: Vec<HoldKind> = verdicts
        .iter()
        .filter_map(|verdict| match verdict {
            Verdict::Hold { kind, .. } => Some(*kind),
            _ => None,
        })
        .collect();
    use HoldKind::{Changed, ChangedPaid, Later, Waits};
    assert_eq!(kinds, [Changed, ChangedPaid, Later, Changed, Waits]);
    let Verdict::Send { replaces, .. } = &verdicts[3] else {
        panic!("{:?}", verdicts[3])
    };
    assert_eq!(*replaces, Some(row_id(first, 4)));
    assert_eq!(messages[7], None);

    let second = world.drop_in("april.csv", &april).await;
    assert_eq!(world.states(second).await, states);
    for (row_no, message) in (1..).zip(messages) {
        let said = message.unwrap_or_default();
        assert_eq!(
            world.message(second, row_no).await,
            said.replace("FILE_ID", &second.to_string())
        );
    }
    world.verified().await;
}

both!(
    a_correction_is_foreseen_by_what_its_token_names,
    corrections_foreseen
);

async fn corrections_foreseen(world: World) {
    let first = world
        .drop_in("march.csv", &[invalid("A"), bill("B", 100, "2035-03-10")])
        .await;
    let correcting = |identifier: &str, row_id: i64| Bill {
        corrects: Some(row_id),
        ..bill(identifier, 100, "2035-03-10")
    };
    let fixes = [
        correcting("A", row_id(first, 1)), // waits for a correction
        correcting("C", row_id(first, 2)), // is well
        correcting("D", 0),                // is no row of this ledger
    ];
    let verdicts = foreseen(&world, &fixes).await;
    let (states, messages): (Vec<RowState>, Vec<Option<String>>) =
        verdicts.iter().map(said).unzip();
    use RowState::{Held, Ready};
    assert_eq!(states, [Ready, Held, Held]);
    let second = world.drop_in("fix.csv", &fixes).await;
    assert_eq!(world.states(second).await, states);
    assert_eq!(
        world.message(second, 2).await,
        messages[1]
            .clone()
            .unwrap_or_default()
            .replace("FILE_ID", &second.to_string())
    );
    world.verified().await;
}

both!(
    the_hub_is_asked_about_the_open_bills_of_new_payers_at_once,
    asked_soon
);

async fn asked_soon(world: World) {
    let ledger = &world.ledger;
    assert!(!ledger.has_billed_before(ACCOUNT).await.unwrap());
    world.drop_in("march.csv", &pupils(2)).await;
    assert!(ledger.has_billed_before(ACCOUNT).await.unwrap());
    let chunk = world.send_taken("1").await.chunk_id;
    world.say_of_all(chunk, RowState::Billed).await;
    let payers = |payers: &'static [&'static str]| ledger.open_chunks_of_payers(ACCOUNT, payers);
    assert_eq!(payers(&["X"]).await.unwrap(), BTreeSet::new());
    let chunks = payers(&["X", "P00002"]).await.unwrap();
    assert_eq!(chunks, BTreeSet::from([chunk]));

    let of = async || ledger.asks_of_chunks(&chunks).await.unwrap().remove(0);
    assert!(of().await.in_ms > 0, "it has just been asked");
    ledger.ask_soon(ACCOUNT, &chunks).await.unwrap();
    assert!(of().await.in_ms <= 0);
    let next = ledger.next_ask(ACCOUNT).await.unwrap().unwrap();
    assert_eq!((next.chunk_id, next.asks), (chunk, of().await.asks));
    // A request of which nothing is open is asked about, too, and then left alone again.
    world.say_of_all(chunk, RowState::Paid).await;
    assert_eq!(ledger.next_ask(ACCOUNT).await.unwrap(), None);
    ledger.ask_soon(ACCOUNT, &chunks).await.unwrap();
    assert!(ledger.next_ask(ACCOUNT).await.unwrap().is_some());
    world.say_of_all(chunk, RowState::Paid).await;
    assert_eq!(ledger.next_ask(ACCOUNT).await.unwrap(), None);
    world.verified().await;
}

both!(
    bytes_that_were_taken_before_are_known_without_taking_them_again,
    known_bytes
);

async fn known_bytes(world: World) {
    let ledger = &world.ledger;
    let sha256 = new_file("march.csv", 5_000).sha256;
    let known = async || ledger.taken_before(ACCOUNT, &sha256).await.unwrap();
    assert_eq!(known().await, None);
    let Claim::New { file_id } = ledger
        .file_claim(&world.lease, &new_file("march.csv", 5_000))
        .await
        .unwrap()
    else {
        panic!("it is new")
    };
    let reading = known().await.expect("it is being read");
    assert_eq!(
        (reading.file_id, reading.state),
        (file_id, FileState::Reading)
    );
    world.store_rows(file_id, &pupils(1)).await;
    let stored = Stored {
        rows: 1,
        valid: 1,
        sheets_json: "{}".into(),
        ..Stored::default()
    };
    ledger
        .file_stored(&world.lease, file_id, &stored)
        .await
        .unwrap();
    assert_eq!(known().await.map(|file| file.file_id), Some(file_id));
    world.plan(file_id).await;
    ledger.cancel(file_id).await.unwrap();
    assert_eq!(known().await, None, "a cancelled file may come again");
    world.verified().await;
}
