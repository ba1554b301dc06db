//! A person's part: retry, approve, cancel, and what is asked of the service.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(failed_rows_go_again_each_once_and_no_other, retried);

async fn retried(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(5)).await;
    let attempt = world.next_attempt().await;
    let settlement = Settlement::Taken {
        request_id: "1".into(),
        refused: vec![(2, "no".into()), (4, "no".into())],
        unproven: RowSet::new(),
        message: None,
        ask_in: std::time::Duration::ZERO,
    };
    world.settle(&attempt, settlement).await;
    let all = RetryFilter {
        file_id: Some(file_id),
        ..RetryFilter::default()
    };
    let rows = world.ledger.retry_candidates(&all).await.unwrap();
    assert_eq!(
        rows.iter().map(|r| r.row_number).collect::<Vec<_>>(),
        [3, 5]
    );
    assert!(
        rows.iter()
            .all(|r| r.refusal.is_none() && r.request_id.as_deref() == Some("1"))
    );
    let named = RetryFilter {
        row_numbers: Some(vec![2, 3]),
        ..all.clone()
    };
    let named = world.ledger.retry_candidates(&named).await.unwrap();
    assert_eq!(named[0].refusal.as_deref(), Some("the hub took it"));
    assert_eq!(named[1].refusal, None);
    let errored = RetryFilter {
        states: vec![Errored],
        ..all.clone()
    };
    assert!(
        world
            .ledger
            .retry_candidates(&errored)
            .await
            .unwrap()
            .is_empty()
    );

    let ids: Vec<i64> = (1..=5).map(|n| row_id(file_id, n)).collect();
    let done = world
        .ledger
        .retry(&world.lease, &ids, &rules(), world.asked_at().await)
        .await
        .unwrap();
    assert_eq!((done.ready, done.left, done.chunks.len()), (2, 3, 1));
    let twice = world
        .ledger
        .retry(&world.lease, &ids, &rules(), world.asked_at().await)
        .await
        .unwrap();
    assert_eq!(
        (twice.ready, twice.left),
        (0, 5),
        "a retry asked for twice is done once"
    );
    assert_eq!(
        world.states(file_id).await,
        [Accepted, Ready, Accepted, Ready, Accepted]
    );
    let again = world.next_attempt().await;
    assert_eq!((again.row_count, again.total_amount), (2, 200_006));
    world.settle(&again, taken("2")).await;
    assert_eq!(world.states(file_id).await, [Accepted; 5]);
    let facts = vec![Learned {
        row_no: 4,
        state: Errored,
        psid: None,
        payment_id: Some("44".into()),
        message: Some("drafting failed".into()),
    }];
    let reading = Reading {
        facts,
        ..Reading::default()
    };
    world.ledger.learn(again.chunk_id, &reading).await.unwrap();
    let third = world
        .ledger
        .retry(&world.lease, &ids, &rules(), world.asked_at().await)
        .await
        .unwrap();
    assert_eq!((third.ready, third.left), (1, 4));
    world.send_and_bill_all(3).await;
    assert_eq!(world.states(file_id).await[3], Billed);
    world.verified().await;
}

both!(a_row_that_a_newer_one_overtook_is_not_retried, overtaken);

async fn overtaken(world: World) {
    let first = world.drop_in("a.csv", &pupils(1)).await;
    let attempt = world.next_attempt().await;
    world.settle(&attempt, first_row_refused()).await;
    world.drop_in("b.csv", &pupils(1)).await;
    world.send_and_bill_all(1).await;
    let filter = RetryFilter {
        account: Some(ACCOUNT.into()),
        ..RetryFilter::default()
    };
    let rows = world.ledger.retry_candidates(&filter).await.unwrap();
    assert_eq!(
        rows[0].refusal.as_deref(),
        Some("a newer row of its identifier was sent: row 2 of b.csv")
    );
    let done = world
        .ledger
        .retry(
            &world.lease,
            &[row_id(first, 1)],
            &rules(),
            world.asked_at().await,
        )
        .await
        .unwrap();
    assert_eq!((done.ready, done.left), (0, 1));
    world.verified().await;
}

both!(
    a_held_file_goes_when_it_is_approved_whole_or_row_by_row,
    approved
);

async fn approved(world: World) {
    use RowState::*;
    let hold = Some((HoldKind::File, "rows 7 and 9 are hidden".to_owned()));
    let file_id = world
        .store_held("a.csv", &pupils(5), Vec::new(), hold, 3)
        .await;
    world.plan(file_id).await;
    assert_eq!(world.states(file_id).await, [Held; 5]);
    assert_eq!(world.file(file_id).await.hold_kind, Some(HoldKind::File));
    assert_eq!(
        world.ledger.reports_due(ACCOUNT).await.unwrap().len(),
        1,
        "newly held"
    );
    let some = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2, 4, 5]),
    };
    let listed = world.ledger.held_numbers(file_id, &some).await.unwrap();
    assert_eq!(listed["Fees"].to_string(), "2,4-5");
    world.approve(file_id, &some).await.unwrap();
    assert_eq!(
        world.states(file_id).await,
        [Ready, Held, Ready, Ready, Held]
    );
    assert_eq!(
        world.file(file_id).await.hold_kind,
        Some(HoldKind::File),
        "two rows still wait"
    );
    world.verified().await;
    let rest = HeldFilter::default();
    let released = world.approve(file_id, &rest).await.unwrap();
    assert_eq!(
        released.released,
        [Released {
            kind: HoldKind::File,
            rows: 2
        }]
    );
    assert_eq!(world.file(file_id).await.hold_kind, None);
    world.send_and_bill_all(1).await;
    assert_eq!(world.states(file_id).await, [Billed; 5]);

    let big = PlanRules {
        hold: Some((HoldKind::Approval, "over Rs 50,000".into())),
        ..rules()
    };
    let second = world
        .store("b.csv", &[bill("Q1", 6_000_000, "2035-03-10")], Vec::new())
        .await;
    world
        .ledger
        .plan_file(&world.lease, second, &big)
        .await
        .unwrap();
    assert_eq!(world.states(second).await, [Held]);
    assert_eq!(
        world.file(second).await.hold_reason.as_deref(),
        Some("over Rs 50,000")
    );
    world.approve(second, &rest).await.unwrap();
    assert_eq!(world.states(second).await, [Ready]);
    world.verified().await;
}

both!(
    what_is_cancelled_is_never_sent_and_what_was_not_taken_is_skipped,
    cancelled
);

async fn cancelled(world: World) {
    use RowState::*;
    let unsent = world.drop_in("a.csv", &pupils(2)).await;
    let summary = world.ledger.cancel(unsent).await.unwrap();
    assert_eq!(
        summary,
        CancelSummary {
            skipped: 2,
            in_doubt: 0,
            at_hub: 0
        }
    );
    assert_eq!(world.states(unsent).await, [Skipped; 2]);
    assert_eq!(world.file(unsent).await.state, FileState::Cancelled);

    let mut bills = pupils(4);
    bills[2].valid = false;
    let unplanned = world.store("b.csv", &bills, Vec::new()).await;
    assert_eq!(world.ledger.cancel(unplanned).await.unwrap().skipped, 3);
    assert_eq!(
        world.states(unplanned).await,
        [Skipped, Skipped, Invalid, Skipped]
    );
    assert!(
        world
            .ledger
            .files_to_plan(ACCOUNT)
            .await
            .unwrap()
            .is_empty()
    );
    world.verified().await;

    // Cancelled while it was still being read: nothing of it is ever sent.
    let name = new_file("early.csv", 5_000);
    let Claim::New { file_id: early } = world.ledger.file_claim(&world.lease, &name).await.unwrap()
    else {
        panic!("it is new")
    };
    world.ledger.cancel(early).await.unwrap();
    let wrong_token = Bill {
        corrects: Some(row_id(1, 1)),
        ..bill("R1", 100, "2035-03-10")
    };
    let bills = [wrong_token, bill("R2", 100, "2035-03-10")];
    world.store_rows(early, &bills).await;
    let stored = Stored {
        rows: 2,
        valid: 2,
        ..Stored::default()
    };
    world
        .ledger
        .file_stored(&world.lease, early, &stored)
        .await
        .unwrap();
    assert_eq!(world.plan(early).await.skipped, 2);
    assert_eq!(world.file(early).await.state, FileState::Cancelled);

    // In flight: skipped if not taken; what the hub has stays.
    let flying = world
        .store_held("c.csv", &pupils(4), Vec::new(), None, 2)
        .await;
    world.plan(flying).await;
    let first = world.next_attempt().await;
    let second = world.next_attempt().await;
    assert_eq!(world.ledger.cancel(flying).await.unwrap().in_doubt, 4);
    world.settle(&first, taken("1")).await;
    world
        .settle(
            &second,
            Settlement::Ready {
                message: "429".into(),
                wait: None,
            },
        )
        .await;
    assert_eq!(
        world.states(flying).await,
        [Accepted, Accepted, Skipped, Skipped]
    );
    world.say_of_all(first.chunk_id, Billed).await;
    assert_eq!(
        world.file(flying).await.state,
        FileState::Settled,
        "something of it was sent"
    );

    // In doubt: skipped when a person says that it was not sent.
    let doubtful = world
        .drop_in("d.csv", &[bill("Q1", 100, "2035-03-10")])
        .await;
    let attempt = world.next_attempt().await;
    world
        .settle(
            &attempt,
            Settlement::Unknown {
                message: "cut".into(),
            },
        )
        .await;
    world.ledger.cancel(doubtful).await.unwrap();
    assert_eq!(world.states(doubtful).await, [Unknown]);
    let chunk = attempt.chunk_id;
    let rules = rules();
    let resolved = world
        .ledger
        .resolve_not_sent(&world.lease, chunk, None, "not there", &rules);
    assert_eq!(resolved.await.unwrap().skipped, 1);
    assert_eq!(world.states(doubtful).await, [Skipped]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    let approved = world.approve(doubtful, &HeldFilter::default()).await;
    assert!(matches!(approved, Err(LedgerError::Refused(_))));
    world.verified().await;
}

both!(what_a_person_asks_is_kept_until_it_is_answered_once, asked);

async fn asked(world: World) {
    let ledger = &world.ledger;
    let piecemeal = ledger
        .decision_ask(&asking("reconcile", "{}", "a timer"))
        .await
        .unwrap();
    let first = ledger
        .decision_ask(&asking("retry", r#"{"file":1}"#, "amina"))
        .await
        .unwrap();
    let second = ledger
        .decision_ask(&asking("pause", "{}", "amina"))
        .await
        .unwrap();
    let next = ledger
        .decision_next(ACCOUNT, "reconcile")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (next.decision_id, next.kind.as_str(), next.state),
        (first, "retry", DecisionState::Asked)
    );
    ledger
        .decision_answer(first, &came_of(DecisionState::Done, r#"{"ready":2}"#))
        .await
        .unwrap();
    ledger
        .decision_answer(first, &came_of(DecisionState::Refused, "{}"))
        .await
        .unwrap();
    let done = ledger.decision(first).await.unwrap().unwrap();
    assert_eq!(
        (done.state, done.answer_json.as_deref()),
        (DecisionState::Done, Some(r#"{"ready":2}"#))
    );
    assert_eq!(
        ledger
            .decision_next(ACCOUNT, "reconcile")
            .await
            .unwrap()
            .unwrap()
            .decision_id,
        second
    );
    let waiting = async || {
        let waiting = ledger.decisions_waiting(ACCOUNT, "reconcile").await;
        let ids = waiting.unwrap().into_iter().map(|line| line.decision_id);
        ids.collect::<Vec<i64>>()
    };
    assert_eq!(waiting().await, [piecemeal]);
    ledger
        .decision_answer(piecemeal, &came_of(DecisionState::Done, "{}"))
        .await
        .unwrap();
    assert_eq!(waiting().await, [] as [i64; 0]);
}

both!(
    rows_named_of_a_file_that_is_not_planned_yet_release_nothing,
    not_planned
);

async fn not_planned(world: World) {
    use RowState::*;
    let hold = Some((HoldKind::File, "rows 7 and 9 are hidden".to_owned()));
    let file_id = world
        .store_held("a.csv", &pupils(5), Vec::new(), hold, 3)
        .await;
    let one = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![5]),
    };
    let sheet = HeldFilter {
        sheet: Some("Fees".into()),
        row_numbers: None,
    };
    for filter in [&one, &sheet] {
        let refused = world.approve(file_id, filter).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("file {file_id} is still being planned; ask again in a moment")
        );
    }
    world.plan(file_id).await;
    assert_eq!(world.states(file_id).await, [Held; 5]);
    world.approve(file_id, &one).await.unwrap();
    assert_eq!(world.states(file_id).await, [Held, Held, Held, Ready, Held]);

    // A person lets the whole file go before it is planned: nothing of it is held.
    let hold = Some((HoldKind::File, "row 3 is hidden".to_owned()));
    let whole = world
        .store_held(
            "b.csv",
            &[bill("Q1", 100, "2035-03-10")],
            Vec::new(),
            hold,
            3,
        )
        .await;
    world.approve(whole, &HeldFilter::default()).await.unwrap();
    world.plan(whole).await;
    assert_eq!(world.states(whole).await, [Ready]);

    // Nobody can have been shown what holds a file that is not read yet.
    let name = new_file("c.csv", 5_000);
    let Claim::New { file_id: reading } =
        world.ledger.file_claim(&world.lease, &name).await.unwrap()
    else {
        panic!("it is new")
    };
    let asked_at = world.asked_at().await;
    let all = HeldFilter::default();
    let refused = world.approve(reading, &all).await.unwrap_err().to_string();
    assert!(refused.contains("is still being read"), "{refused}");
    world.goes_on_after(asked_at).await;
    world
        .store_rows(reading, &[bill("R1", 100, "2035-03-10")])
        .await;
    let stored = Stored {
        rows: 1,
        valid: 1,
        hold: Some((HoldKind::File, "row 4 is hidden".to_owned())),
        ..Stored::default()
    };
    world
        .ledger
        .file_stored(&world.lease, reading, &stored)
        .await
        .unwrap();
    let early = world
        .ledger
        .approve(&world.lease, reading, &all, &rules(), asked_at)
        .await;
    let early = early.unwrap_err().to_string();
    assert!(early.contains("was still being read"), "{early}");
    world.plan(reading).await;
    assert_eq!(world.states(reading).await, [Held]);
    world.verified().await;
}
