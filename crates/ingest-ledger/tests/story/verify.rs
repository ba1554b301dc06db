//! `verify` finds what it is there to find: everything that it checks is broken on purpose, on each
//! database, and named for what it is.

mod bills;
mod calls;
mod how_many;
mod rows;
mod spans;

use crate::both;
use crate::world::*;
use ingest_ledger::{RowState, row_id};

/// One line of SQL that breaks an invariant, what `verify` then says, and the line that mends it.
struct Vandal {
    invariant: u8,
    says: &'static str,
    breaks: &'static str,
    mends: &'static str,
}

/// File 1 is billed: four pupils, `{billed}` the first of them, in chunk 1, which was call 1. File 2 is
/// ready: Q1, which is row `{ready}`, and Q2, in chunk 2.
async fn two_files(world: &World) {
    assert_eq!(world.drop_in("a.csv", &pupils(4)).await, 1);
    let attempt = world.send_taken("1").await;
    assert_eq!((attempt.chunk_id, attempt.attempt_id), (1, 1));
    world.say_of_all(1, RowState::Billed).await;
    let two = [bill("Q1", 100, "2035-03-10"), bill("Q2", 100, "2035-03-10")];
    assert_eq!(world.drop_in("b.csv", &two).await, 2);
    world.verified().await;
}

/// Each is named by the very words, and nothing is left of it once it is mended.
async fn each_is_named(world: World, vandals: &[Vandal]) {
    two_files(&world).await;
    let text = |sql: &str| {
        sql.replace("{billed}", &row_id(1, 1).to_string())
            .replace("{ready}", &row_id(2, 1).to_string())
            .replace("{now}", "'2030-01-01T00:00:00.000Z'")
    };
    for vandal in vandals {
        world.raw.run(&text(vandal.breaks)).await;
        let broken = world.ledger.verify().await.unwrap();
        assert!(
            broken
                .iter()
                .any(|b| (b.invariant, b.detail.as_str()) == (vandal.invariant, vandal.says)),
            "{}: {broken:#?}",
            vandal.breaks
        );
        world.raw.run(&text(vandal.mends)).await;
        world.verified().await;
    }
}

both!(a_bill_paid_while_it_was_replaced_is_listed, paid_twice);

async fn paid_twice(world: World) {
    use ingest_ledger::*;
    world.drop_in("a.csv", &pupils(1)).await;
    let old = world.send_taken("1").await.chunk_id;
    world.say_of_all(old, RowState::Billed).await;
    let mut bills = pupils(1);
    bills[0].amount += 100;
    let file_id = world.store("b.csv", &bills, Vec::new()).await;
    let replace = PlanRules {
        changed_bills: ChangedBills::Replace,
        ..rules()
    };
    world
        .ledger
        .plan_file(&world.lease, file_id, &replace)
        .await
        .unwrap();
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    let intent = Intent {
        rows: &chunk.live,
        body_sha256: [0; 32],
        per_minute: FAST,
        deadline: std::time::Duration::from_secs(60),
        rules: &replace,
    };
    let attempt = loop {
        match world
            .ledger
            .intend(&world.lease, chunk.chunk_id, &intent)
            .await
            .unwrap()
        {
            Intended::Go(attempt) => break attempt,
            Intended::Wait(wait) => tokio::time::sleep(wait).await,
            other => panic!("{other:?}"),
        }
    };
    world.settle(&attempt, taken("2")).await;
    world.verified().await;
    world.say_of_all(old, RowState::Paid).await;
    let broken = world.ledger.verify().await.unwrap();
    assert_eq!((broken.len(), broken[0].invariant), (1, 2));
    assert!(broken[0].detail.contains("may pay twice"), "{broken:?}");
}
