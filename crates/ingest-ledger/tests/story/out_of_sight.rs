//! Requests that the hub does not show any more, and bills that were paid while being replaced.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

async fn out_of_sight_now(world: &World, chunk_id: i64) -> Result<Duration, LedgerError> {
    let again = (Duration::from_secs(5), Duration::from_secs(60));
    world.ledger.unseen(chunk_id, "404", again).await
}

both!(
    a_row_that_meets_a_request_out_of_sight_waits_and_others_go,
    out_of_sight
);

async fn out_of_sight(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let old = world.send_taken("812").await.chunk_id;
    world.say_of_all(old, Billed).await;
    assert_eq!(out_of_sight_now(&world, old).await.unwrap(), Duration::ZERO);
    out_of_sight_now(&world, old).await.unwrap();
    assert_eq!(ledger.unseen_list().await.unwrap().len(), 1);

    // One new payer, one of the two, and the same bill once more for the other.
    let mut bills = pupils(3);
    bills[0].due = day("2036-01-10");
    let april = world.drop_in("april.csv", &bills).await;
    assert_eq!(world.states(april).await, [Held, Skipped, Ready]);
    assert_eq!(
        world.message(april, 1).await,
        format!(
            "row 2 of march.csv with the same identifier, which was billed, went in request 812, and the hub does not show that request any more: whether a bill of it is paid or still to be paid can't be told. Judged again by itself when it is shown; to bill this row all the same: `ingestd approve {april} --rows 2`"
        )
    );
    let [line] = &ledger.unseen_list().await.unwrap()[..] else {
        panic!("one request is out of sight")
    };
    assert_eq!(
        (line.request_id.as_str(), line.file_id, line.rows_held),
        ("812", march, 1)
    );
    world.send_and_bill_all(900).await;
    assert_eq!(world.file(april).await.state, FileState::Held);
    assert_eq!(ledger.work_left(ACCOUNT).await.unwrap().waits_moving, 0);
    assert_eq!(
        ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        0
    );

    // A person must name it; once it is sent, nothing of it waits.
    let all = world.approve(april, &HeldFilter::default()).await.unwrap();
    assert_eq!((all.released.len(), all.still_held), (0, 1));
    let named = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    };
    let named = world.approve(april, &named).await.unwrap();
    assert_eq!(
        named.released,
        [Released {
            kind: HoldKind::Unseen,
            rows: 1
        }]
    );
    world.send_and_bill_all(901).await;
    assert_eq!(world.states(april).await, [Billed, Skipped, Billed]);
    assert_eq!(ledger.unseen_list().await.unwrap()[0].rows_held, 0);
    world.verified().await;
}

both!(
    a_request_that_is_shown_again_lets_what_waited_for_it_go_by_itself,
    in_sight_again
);

async fn in_sight_again(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let old = world.send_taken("812").await.chunk_id;
    // Not even whether the hub made the bills is known: rows that meet them wait first for that.
    let april: Vec<Bill> = pupils(2)
        .into_iter()
        .map(|b| Bill {
            due: day("2036-01-10"),
            ..b
        })
        .collect();
    let april = world.drop_in("april.csv", &april).await;
    assert!(
        world
            .message(april, 1)
            .await
            .starts_with("waits for row 2 of march.csv")
    );
    assert_eq!(ledger.work_left(ACCOUNT).await.unwrap().waits_moving, 2);
    out_of_sight_now(&world, old).await.unwrap();
    assert_eq!(
        ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        2
    );
    assert_eq!(world.states(april).await, [Held; 2]);
    assert!(world.message(april, 1).await.contains("request 812"));
    assert_eq!(world.file(april).await.state, FileState::Held);
    assert_eq!(world.file(march).await.state, FileState::Held);
    assert_eq!(ledger.work_left(ACCOUNT).await.unwrap().accepted, 0);
    assert_eq!(
        ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        0
    );

    world.say_of_all(old, Paid).await;
    assert_eq!(world.file(march).await.state, FileState::Settled);
    assert_eq!(ledger.unseen_list().await.unwrap(), []);
    assert_eq!(
        ledger
            .rejudge_waiting(&world.lease, &rules())
            .await
            .unwrap(),
        2
    );
    assert_eq!(world.states(april).await, [Ready; 2]);
    world.verified().await;
}

both!(
    a_refused_row_whose_request_is_out_of_sight_is_not_sent_again,
    refused_out_of_sight
);

async fn refused_out_of_sight(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    let settlement = Settlement::Taken {
        request_id: "812".into(),
        refused: vec![(1, "no such payer".into())],
        unproven: RowSet::new(),
        message: None,
        ask_in: Duration::ZERO,
    };
    world.settle(&attempt, settlement).await;
    assert_eq!(world.states(march).await, [Rejected, Accepted]);
    let filter = RetryFilter {
        account: Some(ACCOUNT.into()),
        ..RetryFilter::default()
    };
    let candidates = || ledger.retry_candidates(&filter);
    assert_eq!(candidates().await.unwrap()[0].refusal, None);
    out_of_sight_now(&world, attempt.chunk_id).await.unwrap();
    let rows = candidates().await.unwrap();
    let refusal = rows[0].refusal.as_deref().unwrap();
    assert!(refusal.contains("does not show the request"), "{refusal}");
    let retried = ledger
        .retry(
            &world.lease,
            &[rows[0].row_id],
            &rules(),
            world.asked_at().await,
        )
        .await
        .unwrap();
    assert_eq!((retried.ready, retried.left), (0, 1));

    // The same row in a new sheet waits as well: the hub may have made its bill after all.
    let again = world.drop_in("again.csv", &pupils(1)).await;
    assert_eq!(world.states(again).await, [Held]);
    assert!(world.message(again, 1).await.contains("which was rejected"));
    world.verified().await;
}

both!(
    a_bill_paid_while_it_was_being_replaced_is_shown_until_the_newer_one_is_done,
    paid_while_replaced
);

async fn paid_while_replaced(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    world.drop_in("march.csv", &pupils(2)).await;
    let old = world.send_taken("1").await.chunk_id;
    world.say_of_all(old, Billed).await;
    let mut bills = pupils(2);
    bills[0].amount += 50_000;
    bills[1].due = day("2036-01-10");
    let second = world.drop_in("march fixed.csv", &bills).await;
    assert_eq!(world.states(second).await, [Held, Ready]);
    world.approve(second, &HeldFilter::default()).await.unwrap();
    world.send_and_bill_all(2).await;
    assert_eq!(ledger.paid_replaced().await.unwrap(), []);

    world.say_of_all(old, Paid).await;
    let listed = ledger.paid_replaced().await.unwrap();
    assert_eq!(listed.len(), 1, "another month's bill is no second bill");
    assert_eq!(
        (
            listed[0].file_id,
            listed[0].row_number,
            listed[0].paid_row_number
        ),
        (second, 2, 2)
    );
    assert_eq!(
        world.message(second, 1).await,
        "the bill that this one replaces was paid meanwhile (row 2 of march.csv): the payer may pay twice"
    );
    for chunk in ledger.asks(ACCOUNT, Some(second)).await.unwrap() {
        world.say_of_all(chunk.chunk_id, Discarded).await;
    }
    assert_eq!(ledger.paid_replaced().await.unwrap(), []);
    world.verified().await;
}

both!(
    rows_taken_in_a_request_that_is_never_shown_are_a_persons_to_decide,
    never_shown
);

async fn never_shown(world: World) {
    use RowState::*;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let chunk = world.send_taken("7777").await.chunk_id;
    out_of_sight_now(&world, chunk).await.unwrap();
    assert_eq!(world.states(march).await, [Accepted; 2], "it may be late");
    let long_ago = "update unseen_requests set since = '2020-01-01T00:00:00.000Z'";
    world.raw.run(long_ago).await;
    out_of_sight_now(&world, chunk).await.unwrap();
    assert_eq!(world.states(march).await, [Unknown; 2]);
    assert_eq!(world.file(march).await.state, FileState::Held);
    world.verified().await;

    // The hub shows it after all: that outweighs the doubt. Then it is gone once more.
    let ledger = &world.ledger;
    let one = Reading {
        facts: vec![Learned {
            row_no: 1,
            state: Billed,
            psid: Some("100139100100154854584585".into()),
            payment_id: None,
            message: None,
        }],
        absent: RowSet::range(2, 2),
        processed: true,
        ask_in: Some(Duration::from_secs(60)),
    };
    for _ in 0..3 {
        ledger.learn(chunk, &one).await.unwrap();
    }
    assert_eq!(world.states(march).await, [Billed, Unknown]);
    assert_eq!(world.message(march, 1).await, "");
    let rows = RowSet::range(2, 2);
    let resolved = ledger
        .resolve_not_sent(&world.lease, chunk, Some(&rows), "not there", &rules())
        .await
        .unwrap();
    assert_eq!(resolved.ready, 1);
    world.send_and_bill_all(7778).await;
    assert_eq!(world.states(march).await, [Billed; 2]);
    world.verified().await;
}

both!(
    what_a_person_says_of_a_request_that_is_not_shown_stands_until_a_reading_says_otherwise,
    said_by_a_person
);

async fn said_by_a_person(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let chunk = world.send_taken("7777").await.chunk_id;
    let never_shown = async || {
        out_of_sight_now(&world, chunk).await.unwrap();
        let long_ago = "update unseen_requests set since = '2020-01-01T00:00:00.000Z'";
        world.raw.run(long_ago).await;
        out_of_sight_now(&world, chunk).await.unwrap();
    };
    never_shown().await;
    assert_eq!(world.states(march).await, [Unknown; 2]);
    let both = RowSet::range(1, 2);
    let said = ledger.said_taken(&world.lease, chunk, &both);
    assert_eq!(said.await.unwrap(), 2);
    never_shown().await;
    assert_eq!(world.states(march).await, [Accepted; 2]);
    let said = world.message(march, 1).await;
    assert_eq!(said, "a person said that the hub has it in request 7777");
    assert_eq!(ledger.asks(ACCOUNT, None).await.unwrap().len(), 1);
    world.verified().await;

    // The hub shows it, and the second row is not there.
    let fact = Learned {
        row_no: 1,
        state: Billed,
        psid: Some("100139100100154854584585".into()),
        payment_id: None,
        message: None,
    };
    let reading = Reading {
        facts: vec![fact],
        absent: RowSet::range(2, 2),
        processed: true,
        ask_in: Some(Duration::from_secs(60)),
    };
    for _ in 0..3 {
        ledger.learn(chunk, &reading).await.unwrap();
    }
    assert_eq!(world.states(march).await, [Billed, Unknown]);
    assert_eq!(world.message(march, 1).await, "");
    assert!(
        world
            .message(march, 2)
            .await
            .contains("`ingestd status` says what decides")
    );
    world.verified().await;
}

both!(
    rows_in_doubt_that_their_request_lists_are_told_apart_from_those_it_lacks,
    listed
);

async fn listed(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    let unproven = Settlement::Taken {
        request_id: "77".into(),
        refused: Vec::new(),
        unproven: RowSet::range(1, 2),
        message: None,
        ask_in: Duration::ZERO,
    };
    world.settle(&attempt, unproven).await;
    let in_doubt = async || ledger.listed_in_doubt(march).await.unwrap().to_string();
    assert_eq!(in_doubt().await, "");
    let on_hold = Learned {
        row_no: 1,
        state: Unknown,
        psid: None,
        payment_id: Some("9".into()),
        message: Some("the hub says `ON_HOLD`".into()),
    };
    let reading = Reading {
        facts: vec![on_hold],
        absent: RowSet::range(2, 2),
        processed: true,
        ask_in: Some(Duration::from_secs(60)),
    };
    ledger.learn(attempt.chunk_id, &reading).await.unwrap();
    assert_eq!(world.states(march).await, [Unknown; 2]);
    assert_eq!(in_doubt().await, "1");
    let gone = Reading {
        absent: RowSet::range(1, 1),
        facts: Vec::new(),
        ..reading
    };
    ledger.learn(attempt.chunk_id, &gone).await.unwrap();
    assert_eq!(in_doubt().await, "");
    assert_eq!(world.states(march).await, [Unknown; 2]);
    world.verified().await;
}

both!(
    a_row_once_confirmed_is_not_refused_by_absences_though_it_was_listed_in_between,
    listed_in_between
);

async fn listed_in_between(world: World) {
    use RowState::*;
    let ledger = &world.ledger;
    let march = world.drop_in("march.csv", &pupils(1)).await;
    let chunk = world.send_taken("7777").await.chunk_id;
    let row = RowSet::range(1, 1);
    let lacks = Reading {
        facts: Vec::new(),
        absent: row,
        processed: true,
        ask_in: Some(Duration::from_secs(60)),
    };
    let lists = Reading {
        facts: vec![Learned {
            row_no: 1,
            state: Unknown,
            psid: None,
            payment_id: None,
            message: Some("the hub says `ON_HOLD`".into()),
        }],
        absent: RowSet::new(),
        ..lacks.clone()
    };
    for reading in [&lacks, &lacks, &lists, &lacks, &lacks, &lacks] {
        ledger.learn(chunk, reading).await.unwrap();
    }
    assert_eq!(world.states(march).await, [Unknown], "a person decides");
    world.verified().await;
}
