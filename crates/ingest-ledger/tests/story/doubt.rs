//! Calls whose outcome is not known: lost with their process, looked up, adopted, resolved.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

both!(
    a_dead_process_leaves_its_calls_unknown_and_a_late_answer_still_counts,
    lost
);

async fn lost(mut world: World) {
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let attempt = world.next_attempt().await;
    let other = world
        .ledger
        .lease_take(ACCOUNT, "there", Duration::from_secs(60))
        .await
        .unwrap();
    assert!(other.is_none(), "the lease is live");
    world.another_process().await;
    assert_eq!(world.states(file_id).await, [RowState::Unknown; 3]);
    assert_eq!(
        world.file(file_id).await.state,
        FileState::Sending,
        "it is being looked up"
    );
    let doubt = &world.ledger.unknown_chunks(ACCOUNT).await.unwrap()[0];
    assert!(!doubt.call_over, "the call's deadline has not passed");
    assert_eq!(doubt.attempt.outcome.as_deref(), Some("lost"));
    assert!(
        world.ledger.next_ready(ACCOUNT).await.unwrap().is_none(),
        "no timed rescue"
    );

    for _ in 0..ingest_ledger::LOOKS_BEFORE_ASKING {
        assert_eq!(world.file(file_id).await.state, FileState::Sending);
        world
            .ledger
            .look_later(&[attempt.chunk_id], Duration::from_secs(60))
            .await
            .unwrap();
    }
    assert_eq!(
        world.file(file_id).await.state,
        FileState::Held,
        "only a person is left"
    );
    assert_eq!(
        world.ledger.work_left(ACCOUNT).await.unwrap().unknown_stale,
        3
    );
    world.verified().await;

    world.settle(&attempt, taken("77")).await;
    assert_eq!(world.states(file_id).await, [RowState::Accepted; 3]);
    assert!(
        world
            .ledger
            .owned_requests(LOGIN)
            .await
            .unwrap()
            .contains("77")
    );
    world.verified().await;
}

both!(a_lost_answer_is_adopted_once_and_by_one_chunk, adopted);

async fn adopted(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(4)).await;
    let attempt = world.next_attempt().await;
    world
        .settle(
            &attempt,
            Settlement::Unknown {
                message: "timeout".into(),
            },
        )
        .await;
    let other = world
        .drop_in("b.csv", &[bill("Q1", 100, "2035-03-10")])
        .await;
    let second = world.next_attempt().await;
    world
        .settle(
            &second,
            Settlement::Unknown {
                message: "timeout".into(),
            },
        )
        .await;

    let (ledger, lease) = (&world.ledger, &world.lease);
    let matched: RowSet = [1, 2, 4].into_iter().collect();
    let adopt = |chunk: i64, rows: RowSet| async move {
        ledger.adopt(lease, chunk, "500", &rows).await.unwrap()
    };
    assert_eq!(adopt(attempt.chunk_id, matched.clone()).await, Adopted::Yes);
    assert_eq!(
        adopt(second.chunk_id, RowSet::range(1, 1)).await,
        Adopted::TakenByAnother
    );
    assert_eq!(
        adopt(attempt.chunk_id, matched.clone()).await,
        Adopted::NotUnknown
    );
    use RowState::*;
    assert_eq!(
        world.states(file_id).await,
        [Accepted, Accepted, Unknown, Accepted]
    );
    assert_eq!(world.states(other).await, [Unknown]);
    // The answer that comes after all changes nothing.
    world.settle(&attempt, taken("501")).await;
    let chunk = ledger.chunk(attempt.chunk_id).await.unwrap().unwrap();
    assert_eq!(chunk.request_id.as_deref(), Some("500"));
    world.verified().await;

    // The request, worked off, lacks the third row twice: the hub kept no bill of it.
    for expected in [Unknown, Rejected] {
        let open = ledger.open_rows(attempt.chunk_id).await.unwrap();
        assert!(open.iter().any(|row| row.row_no == 3));
        let reading = Reading {
            absent: RowSet::range(3, 3),
            processed: true,
            ask_in: Some(Duration::ZERO),
            ..Reading::default()
        };
        ledger.learn(attempt.chunk_id, &reading).await.unwrap();
        assert_eq!(world.states(file_id).await[2], expected);
    }
    assert_eq!(
        world.message(file_id, 3).await,
        "the hub kept no bill, and its reason was lost"
    );
    world.verified().await;
}

both!(what_a_person_resolves_as_not_sent_goes_again_once, resolved);

async fn resolved(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(4)).await;
    let attempt = world.next_attempt().await;
    world
        .settle(
            &attempt,
            Settlement::Unknown {
                message: "timeout".into(),
            },
        )
        .await;
    assert!(world.ledger.unknown_chunks(ACCOUNT).await.unwrap()[0].call_over);
    let (ledger, lease) = (&world.ledger, &world.lease);
    let resolve = |rows: Option<RowSet>| async move {
        let rows = rows.as_ref();
        ledger
            .resolve_not_sent(lease, attempt.chunk_id, rows, "not at the hub", &rules())
            .await
    };
    let part = resolve(Some(RowSet::range(2, 2))).await.unwrap();
    assert_eq!(part.ready, 1);
    use RowState::*;
    assert_eq!(
        world.states(file_id).await,
        [Unknown, Ready, Unknown, Unknown]
    );
    assert!(
        resolve(Some(RowSet::range(2, 2))).await.is_err(),
        "it is not in doubt any more"
    );
    world.verified().await;
    assert_eq!(resolve(None).await.unwrap().ready, 3);
    assert!(resolve(None).await.is_err());
    assert_eq!(world.states(file_id).await, [Ready; 4]);
    world.send_taken("1").await;
    world.send_taken("2").await;
    assert_eq!(world.states(file_id).await, [Accepted; 4]);
    world.verified().await;
}

both!(
    some_rows_of_an_unknown_chunk_are_adopted_and_the_others_stay_in_doubt,
    part_adopted
);

async fn part_adopted(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(4)).await;
    let attempt = world.next_attempt().await;
    let unknown = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&attempt, unknown).await;
    let (ledger, lease, chunk) = (&world.ledger, &world.lease, attempt.chunk_id);
    let part = RowSet::range(2, 3);
    let part = ledger.adopt_rows(lease, chunk, &part, "9").await;
    assert_eq!(part.unwrap(), Adopted::Yes);
    assert_eq!(
        world.states(file_id).await,
        [Unknown, Accepted, Accepted, Unknown]
    );
    world.verified().await;
    let rest: RowSet = [1, 4].into_iter().collect();
    assert_eq!(
        ledger.adopt(lease, chunk, "10", &rest).await.unwrap(),
        Adopted::Yes
    );
    assert_eq!(world.states(file_id).await, [Accepted; 4]);
    let rows = ledger.rows(&RowFilter::default()).await.unwrap();
    let called_at = Some(attempt.intended_at);
    assert!(rows.iter().all(|row| row.sent_at == called_at), "{rows:?}");
    world.verified().await;
}

both!(
    an_answer_that_comes_after_all_stops_what_was_resolved_as_not_sent,
    resolved_too_soon
);

async fn resolved_too_soon(mut world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    world.another_process().await;
    let (rules, chunk) = (rules(), attempt.chunk_id);
    let resolve = || {
        world
            .ledger
            .resolve_not_sent(&world.lease, chunk, None, "not there", &rules)
    };
    let too_soon = resolve().await.unwrap_err().to_string();
    assert!(too_soon.contains("may still be on its way"), "{too_soon}");
    assert_eq!(world.states(file_id).await, [RowState::Unknown; 2]);
    let asked_at = world.asked_at().await;
    let may = || world.ledger.may_be_resolved(&world.lease, chunk, asked_at);
    let either_way = may().await.unwrap_err().to_string();
    assert_eq!(either_way, too_soon);
    world.call_runs_out(&attempt).await;
    may().await.unwrap();
    assert_eq!(resolve().await.unwrap().ready, 2);
    world
        .settle(
            &attempt,
            Settlement::Unknown {
                message: "cut".into(),
            },
        )
        .await;
    assert_eq!(
        world.states(file_id).await,
        [RowState::Ready; 2],
        "doubt is no news"
    );
    world.settle(&attempt, taken("4")).await;
    assert_eq!(world.states(file_id).await, [RowState::Accepted; 2]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;
}

both!(
    unknown_rows_of_a_taken_chunk_are_adopted_under_another_number,
    rows_adopted
);

async fn rows_adopted(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let attempt = world.next_attempt().await;
    let settlement = Settlement::Taken {
        request_id: "8".into(),
        refused: Vec::new(),
        unproven: RowSet::range(2, 3),
        message: None,
        ask_in: Duration::ZERO,
    };
    world.settle(&attempt, settlement).await;
    let adopt = |rows: RowSet, request: &'static str| {
        let (ledger, lease) = (&world.ledger, &world.lease);
        async move {
            ledger
                .adopt_rows(lease, attempt.chunk_id, &rows, request)
                .await
                .unwrap()
        }
    };
    assert_eq!(
        adopt(RowSet::range(2, 2), "8").await,
        Adopted::TakenByAnother
    );
    assert_eq!(adopt(RowSet::range(1, 2), "9").await, Adopted::NotUnknown);
    assert_eq!(adopt(RowSet::range(2, 3), "9").await, Adopted::Yes);
    assert_eq!(world.states(file_id).await, [RowState::Accepted; 3]);
    let rows = world.ledger.rows(&RowFilter::default()).await.unwrap();
    let requests: Vec<_> = rows
        .iter()
        .map(|r| r.bulk_payment_request_id.clone())
        .collect();
    assert_eq!(requests, [Some(8.into()), Some(9.into()), Some(9.into())]);
    assert!(rows.iter().all(|row| row.sent_at.is_some()));
    world.verified().await;
}

both!(
    reads_are_spread_evenly_and_an_answered_one_lets_sending_go_on,
    reads
);

async fn reads(world: World) {
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(world.ledger.read_turn(ACCOUNT, 60).await.unwrap());
    }
    assert_eq!(waits[0], Duration::ZERO);
    assert!(waits[2] > Duration::from_millis(1_900) && waits[2] < Duration::from_millis(2_030));
    world
        .raw
        .run("update accounts set next_read_at = '2099-01-01T00:00:00.000Z', read_needed = true")
        .await;
    let jumped = world.ledger.read_turn(ACCOUNT, 60).await.unwrap();
    assert!(jumped <= Duration::from_millis(1_020), "{jumped:?}");
    world.ledger.read_answered(ACCOUNT).await.unwrap();
    assert!(!world.ledger.accounts().await.unwrap()[0].read_needed);
    assert!(
        world
            .ledger
            .lease_renew(&world.lease, Duration::from_secs(9))
            .await
            .unwrap()
    );
    world.ledger.lease_release(&world.lease).await.unwrap();
    assert!(!world.ledger.accounts().await.unwrap()[0].served);
    assert!(
        !world
            .ledger
            .lease_renew(&world.lease, Duration::from_secs(9))
            .await
            .unwrap()
    );
}

both!(
    a_chunk_that_was_planned_under_another_login_belongs_to_the_one_it_was_sent_under,
    sent_under_another_login
);

async fn sent_under_another_login(world: World) {
    let ledger = &world.ledger;
    world.drop_in("a.csv", &pupils(2)).await;
    // The user name was misspelt, and nothing was sent under it.
    ledger.account_put(ACCOUNT, "right").await.unwrap();
    let attempt = world.send_taken("7").await;
    assert!(ledger.never_called(LOGIN).await.unwrap());
    assert!(!ledger.never_called("right").await.unwrap());
    assert_eq!(
        ledger.owned_requests("right").await.unwrap(),
        ["7".to_owned()].into()
    );
    let chunk = ledger.chunk(attempt.chunk_id).await.unwrap().unwrap();
    assert_eq!(chunk.login, "right");
    world.verified().await;
}

both!(
    what_the_hub_listed_after_a_call_is_not_older_than_that_call,
    listed_after
);

async fn listed_after(world: World) {
    let ledger = &world.ledger;
    let unknown = || Settlement::Unknown {
        message: "cut".into(),
    };
    world.drop_in("a.csv", &pupils(2)).await;
    let lost = world.next_attempt().await;
    world.settle(&lost, unknown()).await;
    // The hub's address changes, and its list is read before the first call there.
    for table in ["accounts", "chunks"] {
        let sql = format!("update {table} set login = 'moved'");
        world.raw.run(&sql).await;
    }
    world.raw.run("update chunks set attempts = 0").await;
    let listed = ["50".to_owned()].into();
    ledger
        .older_requests(&world.lease, "moved", &listed)
        .await
        .unwrap();
    world.raw.run("update chunks set attempts = 1").await;
    let later = [bill("Q1", 1_000, "2035-03-10")];
    world.drop_in("b.csv", &later).await;
    let later = world.next_attempt().await;
    world.settle(&later, unknown()).await;
    let older = async |chunk_id| {
        let older = ledger.listed_before(chunk_id).await.unwrap();
        older.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(older(lost.chunk_id).await, Vec::<String>::new());
    assert_eq!(older(later.chunk_id).await, ["50"]);
    world.verified().await;
}
