//! Every answer a call can have, and what it makes of the chunk.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

both!(refused_and_unproven_rows_leave_a_taken_chunk, taken_in_part);

async fn taken_in_part(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(5)).await;
    let attempt = world.next_attempt().await;
    assert_eq!(world.states(file_id).await, [RowState::Sending; 5]);
    world
        .settle(
            &attempt,
            Settlement::Taken {
                request_id: "29".into(),
                refused: vec![(2, "amountAfterDueDate cannot be empty or null".into())],
                unproven: [4].into_iter().collect(),
                message: None,
                ask_in: Duration::ZERO,
            },
        )
        .await;
    use RowState::*;
    assert_eq!(
        world.states(file_id).await,
        [Accepted, Rejected, Accepted, Unknown, Accepted]
    );
    assert_eq!(
        world.message(file_id, 2).await,
        "amountAfterDueDate cannot be empty or null"
    );
    let of_file = RowFilter {
        file_id: Some(file_id),
        ..RowFilter::default()
    };
    let shown = world.ledger.rows(&of_file).await.unwrap();
    assert!(
        shown
            .iter()
            .all(|r| r.bulk_payment_request_id == Some(29.into()))
    );
    assert_eq!(
        world
            .raw
            .text("select cast(bulk_payment_request_id as text) from bulk_requests")
            .await,
        "29"
    );
    world.verified().await;
}

both!(
    a_number_that_another_call_owns_puts_the_chunk_in_doubt,
    number_twice
);

async fn number_twice(world: World) {
    world.drop_in("a.csv", &pupils(2)).await;
    world.send_taken("29").await;
    let other = world
        .drop_in("b.csv", &[bill("Q1", 100, "2035-03-10")])
        .await;
    world.send_taken("29").await;
    assert_eq!(world.states(other).await, [RowState::Unknown]);
    assert!(world.ledger.accounts().await.unwrap()[0].read_needed);
    world.verified().await;
}

both!(
    rows_refused_one_by_one_and_rows_that_the_answer_does_not_name,
    refused_rows
);

async fn refused_rows(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let attempt = world.next_attempt().await;
    let refused = Settlement::RowsRefused {
        refused: vec![(1, "no".into()), (3, "no".into())],
        unnamed: [2].into_iter().collect(),
        message: None,
    };
    world.settle(&attempt, refused).await;
    use RowState::*;
    assert_eq!(world.states(file_id).await, [Rejected, Unknown, Rejected]);
    let chunk = world.ledger.chunk(attempt.chunk_id).await.unwrap().unwrap();
    assert_eq!(
        (chunk.state, chunk.live.to_json().as_str()),
        (ChunkState::Unknown, "[[2,2]]")
    );

    let other = world
        .drop_in("b.csv", &[bill("Q1", 100, "2035-03-10")])
        .await;
    let ready = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(
        world.intend(&ready).await,
        Intended::ReadNeeded,
        "a read must be answered first"
    );
    let attempt = world.next_attempt().await;
    let all = Settlement::RowsRefused {
        refused: vec![(1, "no".into())],
        unnamed: RowSet::new(),
        message: Some("all refused".into()),
    };
    world.settle(&attempt, all).await;
    assert_eq!(world.states(other).await, [Rejected]);
    let chunk = world.ledger.chunk(attempt.chunk_id).await.unwrap().unwrap();
    assert_eq!(chunk.state, ChunkState::Rejected);
    assert_eq!(world.file(other).await.state, FileState::Settled);
    world.verified().await;
}

both!(a_call_refused_without_a_reason_is_held_and_counted, held);

async fn held(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    let refused = Settlement::Held {
        kind: HoldKind::Refused,
        message: "400".into(),
    };
    world.settle(&attempt, refused).await;
    assert_eq!(world.states(file_id).await, [RowState::Held; 2]);
    assert_eq!(world.file(file_id).await.state, FileState::Held);
    assert_eq!(
        world.ledger.accounts().await.unwrap()[0].refusals_in_a_row,
        1
    );
    let held = world.ledger.held_list(file_id).await.unwrap();
    assert_eq!(
        (held.len(), held[0].kind, held[0].reasons[0].1.as_str()),
        (1, HoldKind::Refused, "400")
    );
    assert_eq!(world.ledger.sign_in_refused(ACCOUNT).await.unwrap(), 1);
    assert_eq!(world.ledger.sign_in_refused(ACCOUNT).await.unwrap(), 2);
    let released = world
        .approve(file_id, &HeldFilter::default())
        .await
        .unwrap();
    assert_eq!(
        released.released,
        [Released {
            kind: HoldKind::Refused,
            rows: 2
        }]
    );
    world.send_taken("5").await;
    let account = &world.ledger.accounts().await.unwrap()[0];
    assert_eq!(
        (account.refusals_in_a_row, account.sign_ins_in_a_row),
        (0, 0)
    );
    assert_eq!(world.states(file_id).await, [RowState::Accepted; 2]);
    world.verified().await;
}

both!(
    a_body_that_is_too_large_goes_in_halves_and_one_row_alone_is_held,
    split
);

async fn split(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let too_large = || Settlement::Split {
        message: "413".into(),
    };
    let whole = world.next_attempt().await;
    world.settle(&whole, too_large()).await;
    assert_eq!(world.states(file_id).await, [RowState::Ready; 3]);
    let first = world.next_attempt().await;
    assert_eq!(first.row_count, 2);
    world.settle(&first, too_large()).await;
    let last = world.next_attempt().await;
    assert_eq!((last.row_count, last.total_amount), (1, 100_003));
    world.settle(&last, taken("1")).await;
    let one = world.next_attempt().await;
    world.settle(&one, too_large()).await;
    let two = world.next_attempt().await;
    world.settle(&two, taken("2")).await;
    use RowState::*;
    assert_eq!(world.states(file_id).await, [Held, Accepted, Accepted]);
    let split = ChunkFilter {
        state: Some(ChunkState::Split),
        ..ChunkFilter::default()
    };
    assert_eq!(world.ledger.chunks(&split).await.unwrap().len(), 2);
    world.verified().await;
}

both!(
    a_chunk_that_provably_was_not_sent_is_ready_again_after_its_wait,
    ready_again
);

async fn ready_again(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    let wait = Some(Duration::from_secs(300));
    world
        .settle(
            &attempt,
            Settlement::Ready {
                message: "429".into(),
                wait,
            },
        )
        .await;
    assert_eq!(world.states(file_id).await, [RowState::Ready; 2]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    let due = world.ledger.next_ready_in(ACCOUNT).await.unwrap().unwrap();
    assert!(
        due > Duration::from_secs(290) && due <= Duration::from_secs(300),
        "{due:?}"
    );
    world.raw.run("update chunks set not_before = null").await;
    let again = world.send_taken("1").await;
    assert!(again.attempt_id > attempt.attempt_id);
    let sent = &world.ledger.chunks(&ChunkFilter::default()).await.unwrap()[0];
    assert_eq!((sent.attempts, sent.total_amount.as_str()), (2, "2000.03"));
    world.verified().await;
}

both!(
    an_intent_is_refused_while_paused_too_early_fenced_or_changed,
    intents
);

async fn intents(mut world: World) {
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();

    world
        .ledger
        .pause(ACCOUNT, PauseKind::Person, "holidays", None)
        .await
        .unwrap();
    world
        .ledger
        .pause(ACCOUNT, PauseKind::SignIn, "401", Some(Duration::ZERO))
        .await
        .unwrap();
    let account = &world.ledger.accounts().await.unwrap()[0];
    assert_eq!(
        account.paused_kind,
        Some(PauseKind::Person),
        "a person's pause stays"
    );
    assert_eq!(world.intend(&chunk).await, Intended::Paused);
    world.ledger.unpause(ACCOUNT).await.unwrap();

    let rules = rules();
    let some: RowSet = [1, 2].into_iter().collect();
    let mut intent = Intent {
        rows: &some,
        body_sha256: [0; 32],
        per_minute: 1,
        deadline: Duration::from_secs(60),
        rules: &rules,
    };
    let other_rows = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await
        .unwrap();
    assert_eq!(other_rows, Intended::Changed);

    let stale = world.lease.clone();
    world.another_process().await;
    intent.rows = &chunk.live;
    let fenced = world.ledger.intend(&stale, chunk.chunk_id, &intent).await;
    assert!(matches!(fenced, Err(LedgerError::Fenced(_))), "{fenced:?}");

    let go = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await
        .unwrap();
    let Intended::Go(attempt) = go else {
        panic!("{go:?}")
    };
    world
        .settle(
            &attempt,
            Settlement::Ready {
                message: "no route".into(),
                wait: None,
            },
        )
        .await;
    let early = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await
        .unwrap();
    let Intended::Wait(wait) = early else {
        panic!("{early:?}")
    };
    assert!(
        wait > Duration::from_secs(55) && wait < Duration::from_secs(61),
        "{wait:?}"
    );
    // A clock that jumped: a place that lies a year ahead is not believed.
    let year = "update accounts set next_write_at = '2099-01-01T00:00:00.000Z'";
    world.raw.run(year).await;
    let jumped = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await
        .unwrap();
    let Intended::Wait(wait) = jumped else {
        panic!("{jumped:?}")
    };
    assert!(wait < Duration::from_secs(61), "{wait:?}");

    world
        .raw
        .run("update accounts set next_write_at = null, lease_until = '2020-01-01T00:00:00.000Z'")
        .await;
    let late = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await;
    assert!(
        matches!(late, Err(LedgerError::Fenced(_))),
        "the lease ran out: {late:?}"
    );
    assert_eq!(world.states(file_id).await, [RowState::Ready; 3]);
    world.verified().await;
}

both!(
    rows_that_are_past_due_by_now_are_taken_out_before_the_call,
    past_due
);

async fn past_due(world: World) {
    let bills = [bill("A", 100, "2035-03-10"), bill("B", 200, "2035-04-10")];
    let file_id = world.drop_in("a.csv", &bills).await;
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    let rules = PlanRules {
        today: day("2035-03-11"),
        ..rules()
    };
    let intent = Intent {
        rows: &chunk.live,
        body_sha256: [0; 32],
        per_minute: FAST,
        deadline: Duration::from_secs(60),
        rules: &rules,
    };
    let answer = world
        .ledger
        .intend(&world.lease, chunk.chunk_id, &intent)
        .await
        .unwrap();
    assert_eq!(answer, Intended::Changed);
    assert_eq!(
        world.states(file_id).await,
        [RowState::Invalid, RowState::Ready]
    );
    assert_eq!(world.message(file_id, 1).await, "the due date has passed");
    let attempt = world.next_attempt().await;
    assert_eq!((attempt.row_count, attempt.total_amount), (1, 200));
    world.verified().await;
}
