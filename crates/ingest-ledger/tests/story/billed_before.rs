//! The same pupils again: a sheet dropped twice, saved again, changed, corrected, paid.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(a_sheet_that_comes_again_bills_nobody_twice, again);

async fn again(world: World) {
    use RowState::*;
    let first = world.drop_in("march.csv", &pupils(3)).await;
    // Saved again by Excel while the first is still under way: it waits, row by row.
    let second = world.drop_in("march (1).csv", &pupils(3)).await;
    assert_eq!(world.states(second).await, [Held; 3]);
    assert_eq!(
        world.file(second).await.state,
        FileState::Sending,
        "what it waits for moves"
    );
    assert_eq!(
        world.ledger.work_left(ACCOUNT).await.unwrap().waits_moving,
        3
    );
    assert!(
        world
            .message(second, 1)
            .await
            .starts_with("waits for row 2 of march.csv")
    );
    assert_eq!(
        world
            .ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        0
    );
    assert_eq!(world.ledger.earlier_chunks(second).await.unwrap(), []);

    let chunk = world.send_taken("1").await.chunk_id;
    let asks = world.ledger.earlier_chunks(second).await.unwrap();
    assert_eq!((asks.len(), asks[0].request_id.as_str()), (1, "1"));
    world.say_of_all(chunk, Billed).await;
    assert_eq!(
        world
            .ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        3
    );
    assert_eq!(world.states(second).await, [Skipped; 3]);
    assert_eq!(
        world.message(second, 2).await,
        "the same bill is already made: row 3 of march.csv, PSID 1001P00002"
    );
    assert_eq!(world.file(second).await.state, FileState::Settled);
    assert_eq!(world.states(first).await, [Billed; 3]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;

    // One row added: one call with that row alone, and no line for the others but why not.
    let third = world.drop_in("march (2).csv", &pupils(4)).await;
    assert_eq!(
        world.states(third).await,
        [Skipped, Skipped, Skipped, Ready]
    );
    world.send_and_bill_all(2).await;
    assert_eq!(
        world.states(third).await,
        [Skipped, Skipped, Skipped, Billed]
    );
    world.verified().await;
}

both!(
    a_changed_amount_is_held_and_replaces_only_if_a_person_says_so,
    changed
);

async fn changed(world: World) {
    use RowState::*;
    let first = world.drop_in("march.csv", &pupils(2)).await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(2);
    bills[0].amount += 50_000;
    let second = world.drop_in("march fixed.csv", &bills).await;
    assert_eq!(world.states(second).await, [Held, Skipped]);
    assert_eq!(world.file(second).await.state, FileState::Held);
    assert!(
        world
            .message(second, 1)
            .await
            .contains("amount Rs 1500.01 instead of Rs 1000.01")
    );
    let released = world.approve(second, &HeldFilter::default()).await.unwrap();
    assert_eq!(
        released.released,
        [Released {
            kind: HoldKind::Changed,
            rows: 1
        }]
    );
    assert_eq!(world.states(second).await, [Ready, Skipped]);
    assert!(
        world
            .message(second, 1)
            .await
            .starts_with("replaces the unpaid bill of Rs 1000.01")
    );

    // Asked about at once, because it may have been paid in the meantime.
    let old = world.ledger.asks(ACCOUNT, Some(first)).await.unwrap()[0].chunk_id;
    let later = std::time::Duration::from_secs(86_400);
    world.ledger.ask_later(old, later).await.unwrap();
    let new = world.send_taken("2").await.chunk_id;
    assert!(world.ledger.asks(ACCOUNT, Some(first)).await.unwrap()[0].in_ms <= 0);
    world.say_of_all(new, Billed).await;
    world.verified().await;
    let facts = [(1, Discarded), (2, Billed)].map(|(row_no, state)| Learned {
        row_no,
        state,
        psid: None,
        payment_id: None,
        message: None,
    });
    let reading = Reading {
        facts: facts.to_vec(),
        ..Reading::default()
    };
    world.ledger.learn(old, &reading).await.unwrap();
    assert_eq!(world.states(first).await, [Discarded, Billed]);
    world.verified().await;

    // After payment, another amount is a second bill: only if its row is named.
    world.say_of_all(new, Paid).await;
    bills[0].amount += 1;
    let third = world.drop_in("march again.csv", &bills).await;
    assert_eq!(world.states(third).await, [Held, Skipped]);
    let all = world.approve(third, &HeldFilter::default()).await;
    assert_eq!(
        (
            all.as_ref().unwrap().released.len(),
            all.unwrap().still_held
        ),
        (0, 1)
    );
    let named = HeldFilter {
        sheet: Some("Fees".into()),
        row_numbers: Some(vec![2]),
    };
    let named = world.approve(third, &named).await.unwrap();
    assert_eq!(
        named.released,
        [Released {
            kind: HoldKind::ChangedPaid,
            rows: 1
        }]
    );
    world.send_and_bill_all(3).await;
    assert_eq!(world.states(third).await, [Billed, Skipped]);
    world.verified().await;
}

both!(
    what_became_true_after_planning_stops_the_call,
    judged_at_the_intent
);

async fn judged_at_the_intent(world: World) {
    use RowState::*;
    let due = |date: &str| {
        [
            bill("P1", 100, date),
            bill(&format!("only {date}"), 100, date),
        ]
    };
    let march = world.drop_in("march.csv", &due("2035-03-10")).await;
    world.send_and_bill_all(1).await;
    // April is planned while March is unpaid: it goes, and says what it discards.
    let april = world.drop_in("april.csv", &due("2035-04-10")).await;
    assert!(
        world
            .message(april, 1)
            .await
            .contains("due 2035-03-10 (row 2 of march.csv")
    );
    world.send_and_bill_all(2).await;
    // A late sheet for March would discard April's unpaid bill.
    let late = world
        .drop_in("march late.csv", &[bill("P1", 70, "2035-03-20")])
        .await;
    assert_eq!(world.states(late).await, [Held]);
    assert!(
        world
            .message(late, 1)
            .await
            .contains("later due date 2035-04-10")
    );
    let held = world.ledger.held_list(late).await.unwrap();
    assert_eq!(held[0].kind, HoldKind::Later);

    // May is planned, and then an older file's row is approved before May goes out.
    let may = world.drop_in("may.csv", &due("2035-05-10")).await;
    assert_eq!(
        world.states(may).await,
        [Held, Ready],
        "one waits for the held row"
    );
    world.ledger.cancel(late).await.unwrap();
    world
        .ledger
        .rejudge_waiting(&world.lease, &rules())
        .await
        .unwrap();
    assert_eq!(world.states(may).await, [Ready, Ready]);
    world.send_and_bill_all(3).await;
    assert_eq!(world.states(march).await, [Billed, Billed]);
    world.verified().await;
}

both!(
    an_intent_holds_back_rows_that_would_bill_twice_by_now,
    shrunk
);

async fn shrunk(world: World) {
    use RowState::*;
    // A corrected row comes in a later file while the failed one goes again: one of them waits.
    let first = world.drop_in("a.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    let refused = Settlement::RowsRefused {
        refused: vec![(1, "no".into()), (2, "no".into())],
        unnamed: RowSet::new(),
        message: None,
    };
    world.settle(&attempt, refused).await;
    let second = world.drop_in("b.csv", &pupils(3)).await;
    assert_eq!(
        world.states(second).await,
        [Ready; 3],
        "refused bills do not count"
    );
    let later = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    let failed = RetryFilter {
        file_id: Some(first),
        ..RetryFilter::default()
    };
    let ids: Vec<i64> = world
        .ledger
        .retry_candidates(&failed)
        .await
        .unwrap()
        .iter()
        .map(|row| row.row_id)
        .collect();
    assert_eq!(
        world
            .ledger
            .retry(&world.lease, &ids, &rules(), world.asked_at().await)
            .await
            .unwrap()
            .ready,
        2
    );
    assert_eq!(world.intend(&later).await, Intended::Changed);
    assert_eq!(world.states(second).await, [Held, Held, Ready]);
    let chunk = world.ledger.chunk(later.chunk_id).await.unwrap().unwrap();
    assert_eq!((chunk.row_count, chunk.total_amount), (1, 100_003));
    world.send_and_bill_all(1).await;
    world
        .ledger
        .rejudge_waiting(&world.lease, &rules())
        .await
        .unwrap();
    assert_eq!(world.states(first).await, [Billed; 2]);
    assert_eq!(world.states(second).await, [Skipped, Skipped, Billed]);
    world.verified().await;
}

both!(
    a_row_let_go_before_planning_ended_goes_in_one_call_only,
    planning_cut_short
);

async fn planning_cut_short(world: World) {
    use RowState::*;
    world.drop_in("march.csv", &pupils(1)).await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(2);
    bills[0].amount += 1;
    let second = world.drop_in("march fixed.csv", &bills).await;
    assert_eq!(world.states(second).await, [Held, Ready]);
    // The process died after it had judged the rows, and before it made the chunks.
    world
        .raw
        .run(&format!("delete from chunks where file_id = {second}"))
        .await;
    world
        .raw
        .run(&format!(
            "update files set planned_at = null where file_id = {second}"
        ))
        .await;
    let all = HeldFilter::default();
    world.approve(second, &all).await.unwrap();
    world.plan(second).await;
    assert_eq!(world.states(second).await, [Ready, Ready]);
    world.send_and_bill_all(2).await;
    assert_eq!(world.states(second).await, [Billed, Billed]);
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;
}

both!(
    an_older_row_is_not_sent_behind_a_newer_one_but_by_name,
    overtaken
);

async fn overtaken(world: World) {
    use RowState::*;
    let named = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    };
    world.drop_in("march.csv", &pupils(1)).await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(1);
    bills[0].amount += 1;
    let second = world.drop_in("second.csv", &bills).await;
    bills[0].amount += 1;
    let third = world.drop_in("third.csv", &bills).await;
    assert_eq!(world.states(second).await, [Held]);
    assert!(world.message(third, 1).await.starts_with("waits for row 2"));
    // A person lets the newest go past the one before it, twice: past the wait, and the change.
    for _ in 0..2 {
        world.approve(third, &named).await.unwrap();
    }
    world.send_and_bill_all(2).await;
    assert_eq!(world.states(third).await, [Billed]);

    let all = world.approve(second, &HeldFilter::default()).await.unwrap();
    assert_eq!((all.released.len(), all.still_held), (0, 1));
    let message = world.message(second, 1).await;
    assert!(
        message.starts_with(
            "a newer row with the same identifier was sent before this one: row 2 of third.csv"
        ),
        "{message}"
    );
    let all = world.approve(second, &HeldFilter::default()).await.unwrap();
    assert_eq!((all.released.len(), all.still_held), (0, 1));
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;
    world.approve(second, &named).await.unwrap();
    world.send_and_bill_all(3).await;
    assert_eq!(world.states(second).await, [Billed]);
}

both!(
    a_row_that_another_chunk_has_is_never_sent_from_this_one,
    strays
);

async fn strays(world: World) {
    let file_id = world.drop_in("march.csv", &pupils(3)).await;
    let second = row_id(file_id, 2);
    world
        .raw
        .run(&format!(
            "insert into row_state (row_id, chunk_id, updated_at) values ({second}, 99, '2026-01-01T00:00:00.000Z')"
        ))
        .await;
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(world.intend(&chunk).await, Intended::Changed);
    let chunk = world.ledger.next_ready(ACCOUNT).await.unwrap().unwrap();
    let Intended::Go(attempt) = world.intend(&chunk).await else {
        panic!("the other two go")
    };
    assert_eq!((attempt.row_count, attempt.total_amount), (2, 200_004));
    let bills = world.ledger.chunk_bills(attempt.chunk_id).await.unwrap();
    let row_nos: Vec<u32> = bills.iter().map(|bill| bill.row_no).collect();
    assert_eq!(row_nos, [1, 3]);
}

both!(
    a_row_whose_wait_is_over_is_held_by_what_holds_its_file,
    file_held_meanwhile
);

async fn file_held_meanwhile(world: World) {
    use RowState::*;
    world.drop_in("july.csv", &pupils(2)).await;
    // August is held as a whole; its first two rows wait for July's besides, its third does not.
    let mut bills = pupils(3);
    for bill in &mut bills {
        bill.due = day("2036-01-10");
    }
    let hold = (HoldKind::File, "its total differs".to_owned());
    let august = world
        .store_held("august.csv", &bills, Vec::new(), Some(hold.clone()), 5_000)
        .await;
    world.plan(august).await;
    // All rows of September wait.
    let only = &bills[..1];
    let september = world
        .store_held("september.csv", only, Vec::new(), Some(hold), 5_000)
        .await;
    world.plan(september).await;
    assert_eq!(world.states(august).await, [Held; 3]);
    assert!(world.message(august, 1).await.starts_with("waits for"));
    world.send_and_bill_all(1).await;
    let by = rules();
    let rejudge = || world.ledger.rejudge_waiting(&world.lease, &by);
    assert_eq!(rejudge().await.unwrap(), 2);
    assert_eq!(world.states(august).await, [Held; 3]);
    assert_eq!(world.message(august, 1).await, "its total differs");
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    world.verified().await;

    // One row named lets one go, and the file stays held.
    let one = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    };
    let released = world.approve(august, &one).await.unwrap().released;
    assert_eq!(released.iter().map(|r| r.rows).sum::<u64>(), 1);
    assert_eq!(world.states(august).await, [Ready, Held, Held]);
    world.send_and_bill_all(2).await;
    rejudge().await.unwrap();
    assert_eq!(world.states(september).await, [Skipped], "the same bill");
    world.approve(august, &HeldFilter::default()).await.unwrap();
    world.send_and_bill_all(3).await;
    assert_eq!(world.states(august).await, [Billed; 3]);
    world.verified().await;
}

both!(
    what_holds_a_file_is_shown_and_let_go_though_its_rows_are_held_for_their_own,
    file_hold_behind_rows
);

async fn file_hold_behind_rows(world: World) {
    use RowState::*;
    world.drop_in("march.csv", &pupils(1)).await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(1);
    bills[0].amount += 1;
    let hold = (HoldKind::File, "a late fee is not used".to_owned());
    let second = world
        .store_held("fixed.csv", &bills, Vec::new(), Some(hold), 5_000)
        .await;
    world.plan(second).await;
    let kinds = async || {
        let held = world.ledger.held_list(second).await.unwrap();
        held.into_iter().map(|line| line.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, [HoldKind::File, HoldKind::Changed]);
    // Who lets the row go has not been asked about the file: that comes to light now.
    let all = HeldFilter::default();
    let first = world.approve(second, &all).await.unwrap();
    assert_eq!((first.released.len(), first.still_held), (0, 1));
    assert_eq!(world.states(second).await, [Held]);
    assert_eq!(world.message(second, 1).await, "a late fee is not used");
    assert_eq!(kinds().await, [HoldKind::File]);
    let then = world.approve(second, &all).await.unwrap();
    assert_eq!(then.released[0].kind, HoldKind::File);
    assert_eq!(world.states(second).await, [Ready]);
    world.send_and_bill_all(2).await;
    assert_eq!(world.states(second).await, [Billed]);
    world.verified().await;
}
