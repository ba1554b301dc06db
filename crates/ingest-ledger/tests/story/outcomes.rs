//! What the hub says later: PSIDs, payments, discards, contradictions.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

fn said(row_no: u32, state: RowState) -> Learned {
    Learned {
        row_no,
        state,
        psid: None,
        payment_id: None,
        message: None,
    }
}

fn reading(facts: Vec<Learned>) -> Reading {
    Reading {
        facts,
        ask_in: Some(Duration::from_secs(3_600)),
        ..Reading::default()
    }
}

both!(rows_go_their_own_ways_and_never_back, ways);

async fn ways(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(6)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    let learn =
        |facts: Vec<Learned>| async { world.ledger.learn(chunk, &reading(facts)).await.unwrap() };
    let psid = |row_no: u32, state| Learned {
        psid: Some(format!("10{row_no}")),
        ..said(row_no, state)
    };
    let learnt = learn(vec![
        psid(1, Billed),
        psid(2, Paid),
        psid(3, Discarded),
        Learned {
            message: Some("drafting failed".into()),
            ..said(4, Errored)
        },
        Learned {
            message: Some("the hub calls it QUEUED".into()),
            ..said(5, Unknown)
        },
        said(6, Accepted),
    ])
    .await;
    assert_eq!(
        learnt,
        Learnt {
            changed: 5,
            open: 3,
            moved: [(Billed, 1), (Paid, 1), (Discarded, 1), (Errored, 1)].into(),
        }
    );
    assert_eq!(
        world.states(file_id).await,
        [Billed, Paid, Discarded, Errored, Accepted, Accepted]
    );
    assert_eq!(world.message(file_id, 5).await, "the hub calls it QUEUED");
    assert!(world.ledger.next_ask(ACCOUNT).await.unwrap().unwrap().in_ms > 3_500_000);
    world.verified().await;

    let again = learn(vec![psid(1, Billed), psid(2, Billed), said(1, Accepted)]).await;
    assert_eq!(again.changed, 1, "only the contradiction is new");
    assert_eq!(world.states(file_id).await[..2], [Billed, Paid]);
    assert_eq!(
        world.message(file_id, 2).await,
        "the hub later called it billed, after it was paid"
    );
    learn(vec![
        said(3, Paid),
        said(5, Paid),
        said(6, Paid),
        said(1, Paid),
    ])
    .await;
    assert_eq!(
        world.states(file_id).await,
        [Paid, Paid, Paid, Errored, Paid, Paid]
    );
    assert!(
        world.ledger.next_ask(ACCOUNT).await.unwrap().is_none(),
        "nothing is open"
    );
    assert_eq!(world.file(file_id).await.state, FileState::Settled);
    assert_eq!(world.ledger.unstamped(ACCOUNT, 99).await.unwrap().len(), 5);
    world.verified().await;
}

both!(
    a_confirmed_row_that_vanishes_is_a_persons_to_decide,
    vanished
);

async fn vanished(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    for expected in [
        RowState::Accepted,
        RowState::Unknown,
        RowState::Unknown,
        RowState::Unknown,
    ] {
        let lacking = Reading {
            absent: RowSet::range(2, 2),
            processed: true,
            ..reading(vec![said(1, RowState::Billed)])
        };
        world.ledger.learn(chunk, &lacking).await.unwrap();
        assert_eq!(world.states(file_id).await, [RowState::Billed, expected]);
    }
    assert_eq!(world.file(file_id).await.state, FileState::Held);
    world.verified().await;
}

both!(
    a_failed_reading_is_tried_later_and_a_quiet_one_touches_no_sheet,
    quiet
);

async fn quiet(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world.say_of_all(chunk, RowState::Billed).await;
    let before = world.file(file_id).await;
    world.say_of_all(chunk, RowState::Billed).await;
    assert_eq!(world.file(file_id).await.changed_at, before.changed_at);
    world
        .ledger
        .ask_later(chunk, Duration::from_secs(500))
        .await
        .unwrap();
    let ask = world.ledger.next_ask(ACCOUNT).await.unwrap().unwrap();
    assert!((490_000..=500_000).contains(&ask.in_ms), "{ask:?}");
    assert_eq!(
        world
            .ledger
            .asks(ACCOUNT, Some(file_id))
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        world
            .ledger
            .asks(ACCOUNT, Some(file_id + 1))
            .await
            .unwrap()
            .len(),
        0
    );
}

both!(
    a_failed_row_that_the_hub_made_after_all_is_never_sent_again,
    after_all
);

async fn after_all(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(3)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world
        .ledger
        .learn(
            chunk,
            &reading(vec![said(1, Errored), said(2, Errored), said(3, Errored)]),
        )
        .await
        .unwrap();
    assert_eq!(world.states(file_id).await, [Errored; 3]);

    // Though nothing of it is open, the hub is asked about it before anything goes again: for a
    // retry, and for the same sheet saved again.
    let asked = world.ledger.asks(ACCOUNT, Some(file_id)).await.unwrap();
    assert_eq!(asked.len(), 1);
    let open = world.ledger.open_rows(chunk).await.unwrap();
    assert_eq!(
        open.iter().map(|row| row.row_no).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let again = world.store("b.csv", &pupils(3), Vec::new()).await;
    let earlier = world.ledger.earlier_chunks(again).await.unwrap();
    assert_eq!(
        earlier.iter().map(|line| line.chunk_id).collect::<Vec<_>>(),
        [chunk]
    );

    let paid = Learned {
        psid: Some("102".into()),
        ..said(2, Paid)
    };
    world
        .ledger
        .learn(chunk, &reading(vec![said(1, Billed), paid]))
        .await
        .unwrap();
    assert_eq!(world.states(file_id).await, [Billed, Paid, Errored]);
    let filter = RetryFilter {
        account: Some(ACCOUNT.into()),
        file_id: Some(file_id),
        ..RetryFilter::default()
    };
    let candidates = world.ledger.retry_candidates(&filter).await.unwrap();
    assert_eq!(
        candidates.iter().map(|row| row.row_no).collect::<Vec<_>>(),
        [3]
    );
    world.plan(again).await;
    assert_eq!(world.states(again).await, [Skipped, Skipped, Ready]);
    world.verified().await;
}

both!(
    a_payment_without_a_time_is_asked_about_a_few_times_more,
    time_of_payment
);

async fn time_of_payment(world: World) {
    let file_id = world.drop_in("march.csv", &pupils(1)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    world.say_of_all(chunk, RowState::Paid).await;
    for _ in 0..6 {
        assert_eq!(world.ledger.unstamped(ACCOUNT, 9).await.unwrap().len(), 1);
        world.ledger.paid_stamp(file_id, 1, None).await.unwrap();
        assert_eq!(world.ledger.unstamped(ACCOUNT, 9).await.unwrap(), []);
        world
            .raw
            .run("update unstamped_rows set next_at = '2020-01-01T00:00:00.000Z'")
            .await;
    }
    assert_eq!(
        world.ledger.unstamped(ACCOUNT, 9).await.unwrap(),
        [],
        "it never knows"
    );
    world.verified().await;
}

both!(
    who_asks_before_its_turn_does_not_make_the_hub_be_asked_more_rarely,
    before_its_turn
);

async fn before_its_turn(world: World) {
    let ledger = &world.ledger;
    world.drop_in("a.csv", &pupils(1)).await;
    let chunk = world.send_taken("1").await.chunk_id;
    let asks = async || ledger.next_ask(ACCOUNT).await.unwrap().unwrap().asks;
    let billed = Learned {
        row_no: 1,
        state: RowState::Billed,
        psid: Some("100139".into()),
        payment_id: Some("9".into()),
        message: None,
    };
    let hourly = Reading {
        ask_in: Some(std::time::Duration::from_secs(3600)),
        ..reading(vec![billed])
    };
    for _ in 0..3 {
        ledger.learn(chunk, &hourly).await.unwrap();
    }
    let in_turn = asks().await;
    for _ in 0..3 {
        ledger.learn(chunk, &hourly).await.unwrap();
    }
    assert_eq!(asks().await, in_turn);
    ledger.ask_soon(ACCOUNT, &[chunk].into()).await.unwrap();
    ledger.learn(chunk, &hourly).await.unwrap();
    assert_eq!(asks().await, in_turn + 1, "it was to be asked by now");
    world.verified().await;
}
