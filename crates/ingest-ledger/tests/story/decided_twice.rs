//! A decision is about what stood when it was asked: carried out again (its process died before the
//! answer was stored, or a person typed it twice), it touches nothing that nobody was shown.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(
    an_approval_carried_out_twice_does_not_lift_a_hold_that_nobody_was_shown,
    approved_twice
);

async fn approved_twice(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    world
        .drop_in("march.csv", &[bill("P1", 1_000, "2035-03-10")])
        .await;
    let first = world.send_taken("1").await;
    world.say_of_all(first.chunk_id, Billed).await;
    let changed = world
        .drop_in("again.csv", &[bill("P1", 2_000, "2035-03-10")])
        .await;
    assert_eq!(world.states(changed).await, [Held]);

    let named = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    };
    let asked_at = world.asked_at().await;
    let rules = rules();
    let carried_out = || ledger.approve(&world.lease, changed, &named, &rules, asked_at);
    let released = carried_out().await.unwrap();
    assert_eq!(released.released[0].kind, HoldKind::Changed);
    assert_eq!(world.states(changed).await, [Ready]);

    // The hub is asked before it is sent: the earlier bill is paid by now.
    world.goes_on_after(asked_at).await;
    world.say_of_all(first.chunk_id, Paid).await;
    let chunk = ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(world.intend(&chunk).await, Intended::Changed);
    assert_eq!(world.states(changed).await, [Held]);

    let again = carried_out().await.unwrap();
    assert_eq!((again.released.len(), again.held_since), (0, 1));
    assert_eq!(world.states(changed).await, [Held]);
    world.verified().await;

    // Who has seen it can decide it.
    let seen = world.approve(changed, &named).await.unwrap();
    assert_eq!(seen.released[0].kind, HoldKind::ChangedPaid);
    assert_eq!(world.states(changed).await, [Ready]);
    world.verified().await;
}

both!(
    an_approval_lets_a_chunk_go_once_and_not_again_when_it_is_held_anew,
    chunk_held_anew
);

async fn chunk_held_anew(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let refuse = async || {
        let attempt = world.next_attempt().await;
        let refused = Settlement::Held {
            kind: HoldKind::Refused,
            message: "400 without a word of the rows".into(),
        };
        world.settle(&attempt, refused).await;
    };
    refuse().await;
    let asked_at = world.asked_at().await;
    let (rules, all) = (rules(), HeldFilter::default());
    let carried_out = || {
        world
            .ledger
            .approve(&world.lease, file_id, &all, &rules, asked_at)
    };
    assert_eq!(carried_out().await.unwrap().released[0].rows, 2);
    world.goes_on_after(asked_at).await;
    refuse().await;
    let again = carried_out().await.unwrap();
    assert_eq!((again.released.len(), again.held_since), (0, 2));
    assert_eq!(world.states(file_id).await, [Held; 2]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.approve(file_id, &all).await.unwrap();
    assert_eq!(world.states(file_id).await, [Ready; 2]);
    world.verified().await;
}

both!(
    what_an_approval_holds_anew_is_not_lifted_by_the_same_approval,
    held_by_its_own_approval
);

async fn held_by_its_own_approval(world: World) {
    use RowState::*;
    world
        .drop_in("march.csv", &[bill("P00002", 1_000, "2035-03-10")])
        .await;
    let hold = Some((HoldKind::File, "row 9 is hidden".to_owned()));
    let file_id = world
        .store_held("all.csv", &pupils(3), Vec::new(), hold, 3)
        .await;
    // The earlier bill is discarded when the sheet is planned, and shown as billed after all.
    let first = world.send_taken("1").await;
    world.say_of_all(first.chunk_id, Discarded).await;
    world.plan(file_id).await;
    assert_eq!(world.states(file_id).await, [Held; 3]);
    let older = "update row_state set state = 'billed' where state = 'discarded'";
    world.raw.run(older).await;

    let named = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2, 3]),
    };
    let done = world.approve(file_id, &named).await.unwrap();
    assert_eq!((done.still_held, done.held_since), (1, 0));
    assert_eq!(world.states(file_id).await, [Ready, Held, Held]);
    assert!(
        world.message(file_id, 2).await.contains("other values"),
        "it waits for a decision of its own"
    );
}

both!(
    a_retry_carried_out_twice_does_not_send_what_failed_again_since,
    retried_twice
);

async fn retried_twice(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let refuse = async |rows: &[u32]| {
        let attempt = world.next_attempt().await;
        let refused = Settlement::RowsRefused {
            refused: rows.iter().map(|n| (*n, "no".into())).collect(),
            unnamed: RowSet::new(),
            message: None,
        };
        world.settle(&attempt, refused).await;
    };
    refuse(&[1, 2, 3]).await;
    let ids: Vec<i64> = [1, 2].map(|n| row_id(file_id, n)).into();
    let asked_at = world.asked_at().await;
    let rules = rules();
    let carried_out = || world.ledger.retry(&world.lease, &ids, &rules, asked_at);
    assert_eq!(carried_out().await.unwrap().ready, 2);
    world.goes_on_after(asked_at).await;
    refuse(&[1, 2]).await;
    let again = carried_out().await.unwrap();
    assert_eq!((again.ready, again.left, again.failed_since), (0, 0, 2));
    assert_eq!(world.states(file_id).await, [Rejected; 3]);
    let now = world.asked_at().await;
    let later = world.ledger.retry(&world.lease, &ids, &rules, now);
    assert_eq!(later.await.unwrap().ready, 2);
    world.verified().await;
}

both!(
    a_decision_carried_out_twice_does_not_resolve_a_later_call,
    resolved_twice
);

async fn resolved_twice(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let cut = async || {
        let attempt = world.next_attempt().await;
        let unknown = Settlement::Unknown {
            message: "cut".into(),
        };
        world.settle(&attempt, unknown).await;
        attempt.chunk_id
    };
    let chunk = cut().await;
    let asked_at = world.asked_at().await;
    let rules = rules();
    let carried_out = |asked_at| {
        world.ledger.resolve_not_sent_as_asked(
            &world.lease,
            chunk,
            None,
            "not there",
            &rules,
            asked_at,
        )
    };
    assert_eq!(carried_out(asked_at).await.unwrap().ready, 2);
    world.goes_on_after(asked_at).await;
    assert_eq!(cut().await, chunk, "the chunk goes again as it is");
    let again = carried_out(asked_at).await.unwrap_err().to_string();
    assert!(again.contains("was sent again since you asked"), "{again}");
    assert_eq!(world.states(file_id).await, [RowState::Unknown; 2]);
    let now = world.asked_at().await;
    assert_eq!(carried_out(now).await.unwrap().ready, 2);
    world.verified().await;
}

both!(
    a_decision_carried_out_twice_does_not_resolve_rows_that_came_to_be_in_doubt_since,
    resolved_rows_twice
);

async fn resolved_rows_twice(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let attempt = world.next_attempt().await;
    let unproven = Settlement::Taken {
        request_id: "77".into(),
        refused: Vec::new(),
        unproven: RowSet::range(1, 1),
        message: None,
        ask_in: std::time::Duration::ZERO,
    };
    world.settle(&attempt, unproven).await;
    let asked_at = world.asked_at().await;
    world.goes_on_after(asked_at).await;
    let lacks = async |rows: RowSet| {
        let reading = Reading {
            absent: rows,
            processed: true,
            ask_in: Some(std::time::Duration::from_secs(60)),
            ..Reading::default()
        };
        let learnt = world.ledger.learn(attempt.chunk_id, &reading).await;
        learnt.unwrap();
    };
    // That the first row was counted absent once is nothing that a person is shown; the third
    // vanishes meanwhile.
    lacks(RowSet::range(1, 1)).await;
    lacks(RowSet::range(3, 3)).await;
    lacks(RowSet::range(3, 3)).await;
    assert_eq!(world.states(file_id).await, [Unknown, Accepted, Unknown]);

    let rules = rules();
    let carried_out = |asked_at| {
        let chunk = attempt.chunk_id;
        let (lease, says) = (&world.lease, "not there");
        world
            .ledger
            .resolve_not_sent_as_asked(lease, chunk, None, says, &rules, asked_at)
    };
    let first = carried_out(asked_at).await.unwrap();
    assert_eq!((first.ready, first.in_doubt_since), (1, 1));
    let again = carried_out(asked_at).await.unwrap_err().to_string();
    assert!(again.contains("only since you asked"), "{again}");
    assert_eq!(world.states(file_id).await, [Ready, Accepted, Unknown]);
    let now = world.asked_at().await;
    assert_eq!(carried_out(now).await.unwrap().ready, 1);
    world.verified().await;
}
