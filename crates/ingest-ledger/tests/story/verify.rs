//! `verify` finds what it is there to find: each invariant, broken on purpose.

use crate::both;
use crate::world::*;

both!(each_broken_invariant_is_found_and_named, each);

async fn each(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(4)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world
        .say_of_all(chunk, ingest_ledger::RowState::Billed)
        .await;
    world
        .drop_in(
            "b.csv",
            &[bill("Q1", 100, "2035-03-10"), bill("Q2", 100, "2035-03-10")],
        )
        .await;
    world.verified().await;
    let first = ingest_ledger::row_id(file_id, 1);
    for (invariant, breaks, mends) in [
        (
            1,
            "update row_state set state = 'bilged' where row_id = {}",
            "update row_state set state = 'billed' where row_id = {}",
        ),
        (
            1,
            "update file_counts set n = n + 1 where state = 'billed'",
            "update file_counts set n = n - 1 where state = 'billed'",
        ),
        (
            1,
            "update files set rows_n = rows_n + 1 where file_id = 1",
            "update files set rows_n = rows_n - 1 where file_id = 1",
        ),
        (
            1,
            "insert into held_rows values ({}, 'greenfield', 'later')",
            "delete from held_rows",
        ),
        (
            1,
            "update chunks set live = '[[1,1]]' where state = 'ready'",
            "update chunks set live = '[[1,2]]' where state = 'ready'",
        ),
        (
            3,
            "update chunks set attempts = attempts + 1 where state = 'accepted'",
            "update chunks set attempts = attempts - 1 where state = 'accepted'",
        ),
        (
            3,
            "update attempts set answered_at = null, outcome = null",
            "update attempts set answered_at = intended_at, outcome = 'taken'",
        ),
        (
            4,
            "update attempts set row_count = 5001",
            "update attempts set row_count = 4",
        ),
        (
            4,
            "update attempts set per_minute = 0",
            "update attempts set per_minute = 1",
        ),
        (
            5,
            "update attempts set total_amount = total_amount + 1",
            "update attempts set total_amount = total_amount - 1",
        ),
        (
            5,
            "update rows set amount = amount + 1 where row_id = {}",
            "update rows set amount = amount - 1 where row_id = {}",
        ),
        (
            5,
            "update chunks set total_amount = total_amount - 1 where state = 'ready'",
            "update chunks set total_amount = total_amount + 1 where state = 'ready'",
        ),
        (
            2,
            "update rows set identifier = 'P00002', payer_key = (select payer_key from rows where identifier = 'P00002') where row_id = {}",
            "update rows set identifier = 'P00001', payer_key = -1 where row_id = {}",
        ),
    ] {
        world
            .raw
            .run(&breaks.replace("{}", &first.to_string()))
            .await;
        let broken = world.ledger.verify().await.unwrap();
        assert!(
            broken.iter().any(|b| b.invariant == invariant),
            "{breaks}: {broken:?}"
        );
        world
            .raw
            .run(&mends.replace("{}", &first.to_string()))
            .await;
    }
    // A second call for rows whose first call may have billed them.
    world.raw.run("insert into attempts (chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, answered_at, outcome, per_minute) select chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members, intended_at, deadline_at, answered_at, outcome, per_minute from attempts").await;
    let broken = world.ledger.verify().await.unwrap();
    assert!(
        broken
            .iter()
            .any(|b| b.invariant == 3 && b.row_number == Some(2)),
        "{broken:?}"
    );
    world.raw.run("update attempts set chunk_id = 2 where attempt_id = (select max(attempt_id) from attempts)").await;
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
