//! What a person lifts, they lift for the call that follows, as things stood when they were asked.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

fn april() -> Vec<Bill> {
    vec![bill("P00001", 900, "2035-04-10")]
}

fn row_2() -> HeldFilter {
    HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    }
}

/// A sheet that is held as a whole, and a later one of the same payer that a person lets past it.
async fn one_lets_past_another(world: &World) -> (i64, i64) {
    let hold = Some((HoldKind::File, "row 9 is hidden".to_owned()));
    let march = world
        .store_held("march.csv", &pupils(1), Vec::new(), hold, 5_000)
        .await;
    world.plan(march).await;
    let april = world.drop_in("april.csv", &april()).await;
    assert_eq!(world.states(april).await, [RowState::Held]);
    let released = world.approve(april, &row_2()).await.unwrap();
    assert_eq!(released.released[0].kind, HoldKind::Waits);
    assert_eq!(world.states(april).await, [RowState::Ready]);
    (march, april)
}

async fn cut(world: &World) -> Attempt {
    let attempt = world.next_attempt().await;
    let unknown = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&attempt, unknown).await;
    attempt
}

both!(
    a_hold_that_was_lifted_for_a_refused_call_is_judged_again_when_the_row_is_retried,
    retried
);

async fn retried(world: World) {
    use RowState::*;
    let (march, april) = one_lets_past_another(&world).await;
    let attempt = world.next_attempt().await;
    world.settle(&attempt, first_row_refused()).await;
    // The row that it was let past may be a bill by now.
    world.approve(march, &HeldFilter::default()).await.unwrap();
    cut(&world).await;
    assert_eq!(world.states(march).await, [Unknown]);
    let asked_at = world.asked_at().await;
    let (rows, rules) = ([row_id(april, 1)], rules());
    let again = world.ledger.retry(&world.lease, &rows, &rules, asked_at);
    let again = again.await.unwrap();
    assert_eq!((again.ready, again.held), (0, 1));
    assert_eq!(world.states(april).await, [Held]);
    assert!(world.message(april, 1).await.contains("which is unknown"));
    // Who has seen that can decide it.
    world.approve(april, &row_2()).await.unwrap();
    assert_eq!(world.states(april).await, [Ready]);
    world.verified().await;
}

both!(
    a_hold_that_was_lifted_for_a_call_that_never_arrived_is_judged_again,
    never_arrived
);

async fn never_arrived(world: World) {
    use RowState::*;
    let (_, april) = one_lets_past_another(&world).await;
    let chunk = cut(&world).await.chunk_id;
    let rules = rules();
    let resolved = world
        .ledger
        .resolve_not_sent(&world.lease, chunk, None, "not there", &rules);
    let resolved = resolved.await.unwrap();
    assert_eq!((resolved.ready, resolved.held), (0, 1));
    assert_eq!(world.states(april).await, [Held]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;
}

both!(
    a_file_whose_rows_all_wait_is_let_go_and_each_goes_when_what_it_waits_for_is_done,
    file_that_waits
);

async fn file_that_waits(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(1)).await;
    let hold = Some((HoldKind::Approval, "every sheet is approved".to_owned()));
    let april = world
        .store_held("april.csv", &april(), Vec::new(), hold, 5_000)
        .await;
    world.plan(april).await;
    let listed = async || {
        let held = ledger.held_list(april).await.unwrap();
        let kind = |line: HeldLine| (line.kind, line.behind);
        held.into_iter().map(kind).collect::<Vec<_>>()
    };
    let both = [(HoldKind::Approval, true), (HoldKind::Waits, false)];
    assert_eq!(listed().await, both);

    // Not by a decision about what was held otherwise when it was asked.
    let asked_at = world.asked_at().await;
    world.goes_on_after(asked_at).await;
    world
        .raw
        .run("update row_state set updated_at = '2040-01-01T00:00:00.000Z' where state = 'held'")
        .await;
    let (all, rules) = (HeldFilter::default(), rules());
    let stale = ledger.approve(&world.lease, april, &all, &rules, asked_at);
    assert_eq!(stale.await.unwrap().held_since, 1);
    assert_eq!(listed().await, both);
    world
        .raw
        .run("update row_state set updated_at = '2020-01-01T00:00:00.000Z' where state = 'held'")
        .await;

    let done = world.approve(april, &all).await.unwrap();
    assert_eq!((done.released.len(), done.still_held), (0, 1));
    assert_eq!(listed().await, [(HoldKind::Waits, false)]);
    assert_eq!(world.file(april).await.hold_kind, None);
    world.send_and_bill_all(1).await;
    assert_eq!(world.states(march).await, [Billed]);
    ledger.rejudge_waiting(&world.lease, &rules).await.unwrap();
    assert_eq!(world.states(april).await, [Ready]);
    world.verified().await;
}

both!(
    a_hold_that_was_lifted_for_a_call_refused_whole_is_judged_again_when_it_is_approved,
    refused_whole
);

async fn refused_whole(world: World) {
    use RowState::*;
    let (march, april) = one_lets_past_another(&world).await;
    let attempt = world.next_attempt().await;
    let held = Settlement::Held {
        kind: HoldKind::Refused,
        message: "no".into(),
    };
    world.settle(&attempt, held).await;
    world.approve(march, &HeldFilter::default()).await.unwrap();
    cut(&world).await;
    assert_eq!(world.states(march).await, [Unknown]);
    world.approve(april, &HeldFilter::default()).await.unwrap();
    // Before it is sent it is judged by every rule, and waits for the one in doubt.
    let rows = RowSet::range(1, 1);
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap();
    if let Some(chunk) = chunk {
        let intent = Intent {
            rows: &rows,
            body_sha256: [0; 32],
            per_minute: FAST,
            deadline: std::time::Duration::from_secs(150),
            rules: &rules(),
        };
        let lease = &world.lease;
        world.ledger.read_answered(ACCOUNT).await.unwrap();
        let intended = world.ledger.intend(lease, chunk.chunk_id, &intent).await;
        assert_eq!(intended.unwrap(), Intended::Changed);
    }
    assert_eq!(world.states(april).await, [Held]);
    assert!(world.message(april, 1).await.contains("which is unknown"));
    world.verified().await;
}
