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

both!(each_contradiction_is_named_for_what_it_is, contradictions);

async fn contradictions(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(4)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world
        .say_of_all(chunk, ingest_ledger::RowState::Billed)
        .await;
    let ready = world
        .drop_in(
            "b.csv",
            &[bill("Q1", 100, "2035-03-10"), bill("Q2", 100, "2035-03-10")],
        )
        .await;
    world.verified().await;
    let (billed, waiting) = (
        ingest_ledger::row_id(file_id, 1),
        ingest_ledger::row_id(ready, 1),
    );
    let at = "'2030-01-01T00:00:00.000Z'";
    for (says, breaks, mends) in [
        (
            "a state is kept for a row that is not stored",
            format!("insert into row_state (row_id, updated_at) values ({billed} + 100, {at})"),
            format!("delete from row_state where row_id = {billed} + 100"),
        ),
        (
            "a row is stored that belongs to no file",
            "insert into rows (row_id, file_id, row_number, sheet, title, identifier) values (99 * 16777216 + 1, 99, 2, 'Fees', 'x', 'x')".into(),
            "delete from rows where file_id = 99".into(),
        ),
        (
            "its number names another file than it does itself",
            format!("update rows set file_id = {ready} where row_id = {billed}"),
            format!("update rows set file_id = {file_id} where row_id = {billed}"),
        ),
        (
            "1 planned rows are in no chunk",
            format!("update rows set chunk_no = 7 where row_id = {waiting}"),
            format!("update rows set chunk_no = 0 where row_id = {waiting}"),
        ),
        (
            "1 rows follow chunk 1, which is another file's",
            format!("insert into row_state (row_id, chunk_id, updated_at) values ({waiting}, 1, {at})"),
            format!("delete from row_state where row_id = {waiting}"),
        ),
        (
            "chunk 1 (accepted) says that 4 rows follow it; 0 do, and 4 of those it names do not",
            "update chunks set live = members where chunk_id = 1".into(),
            "update chunks set live = '[]' where chunk_id = 1".into(),
        ),
        (
            "2 rows are in `split`, which is no state",
            "update chunks set state = 'split' where chunk_id = 2".into(),
            "update chunks set state = 'ready' where chunk_id = 2".into(),
        ),
        (
            "chunk 2 (ready) says that 2 rows follow it; 0 do, and 2 of those it names do not",
            "update chunks set chunk_no = null where chunk_id = 2".into(),
            "update chunks set chunk_no = 0 where chunk_id = 2".into(),
        ),
        (
            "it is held, and not listed so",
            format!("update row_state set state = 'held', hold_kind = 'later' where row_id = {billed}"),
            format!("update row_state set state = 'billed', hold_kind = null where row_id = {billed}"),
        ),
        (
            "it failed, and is not listed so",
            format!("update row_state set state = 'errored' where row_id = {billed}"),
            format!("update row_state set state = 'billed' where row_id = {billed}"),
        ),
        (
            "it is listed as failed, and is not",
            format!("insert into failed_rows values ({billed}, 'greenfield', 'errored')"),
            "delete from failed_rows".into(),
        ),
        (
            "attempt 1 carried 4 rows, 3 by name; 5000 are allowed",
            "update attempts set members = '[[1,3]]'".into(),
            "update attempts set members = '[[1,4]]'".into(),
        ),
        (
            "attempt 1 carried 4 rows, 3 by name; 5000 are allowed",
            "update attempts set members = '[[1,3],[9,9]]'".into(),
            "update attempts set members = '[[1,4]]'".into(),
        ),
        (
            "its valid rows came to 400011 paisa; 400010 are stored",
            format!("update files set valid_amount = valid_amount + 1 where file_id = {file_id}"),
            format!("update files set valid_amount = valid_amount - 1 where file_id = {file_id}"),
        ),
        (
            "a second live bill for P00001 due 2035-03-10, beside one in request f1 at the hub, which this database did not make",
            format!("insert into foreign_bills (account, login, request_id, payer_key, identifier, due_date, state, after_row, stored_at, updated_at)
                select 'greenfield', 'x', 'f1', payer_key, identifier, due_date, 'billed', 0, {at}, {at} from rows where row_id = {billed};
                update chunks set sent_at = '2031-01-01T00:00:00.000Z' where chunk_id = 1"),
            "delete from foreign_bills".into(),
        ),
    ] {
        world.raw.run(&breaks).await;
        let broken = world.ledger.verify().await.unwrap();
        assert!(
            broken.iter().any(|b| b.detail == says),
            "{breaks}: {broken:#?}"
        );
        world.raw.run(&mends).await;
        world.verified().await;
    }
}

both!(
    of_many_broken_rows_a_hundred_are_named_and_the_rest_are_counted,
    many
);

async fn many(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(250)).await;
    let first = ingest_ledger::row_id(file_id, 0);
    world
        .raw
        .run(&format!(
            "insert into held_rows select row_id, 'greenfield', 'later' from rows where row_id > {first};
             update rows set identifier = 'P00001', payer_key = (select min(payer_key) from rows where identifier = 'P00001');
             insert into row_state (row_id, state, updated_at) select row_id, 'billed', '2030-01-01T00:00:00.000Z' from rows"
        ))
        .await;
    let broken = world.ledger.verify().await.unwrap();
    let of = |invariant: u8, words: &str| {
        let found = broken
            .iter()
            .filter(|b| b.invariant == invariant && b.detail.contains(words));
        found.cloned().collect::<Vec<_>>()
    };
    let held = of(1, "it is listed as held, and is not");
    assert_eq!(held.len(), 101);
    assert_eq!(
        (
            held[0].file_id,
            held[0].sheet.as_deref(),
            held[0].row_number
        ),
        (Some(file_id), Some("Fees"), Some(2))
    );
    assert_eq!(
        held[100].detail,
        "150 more are not listed: it is listed as held, and is not"
    );
    assert_eq!(held[100].row_number, None);
    let twice = of(2, "a second live bill for P00001 due 2035-03-10");
    assert_eq!((twice.len(), twice[0].row_number), (100, Some(3)));
    assert_eq!(of(2, "149 more are not listed").len(), 1);
    world
        .raw
        .run(&format!(
            "delete from row_state; delete from held_rows; update rows set identifier = 'P' || row_id, payer_key = row_id where row_id > {first}"
        ))
        .await;
    world.verified().await;
}
