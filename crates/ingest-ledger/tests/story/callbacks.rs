//! What hubs told us: stored as it came, bounded, and never more than a reason to ask.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::time::Duration;

/// Reads a minute: a place for a callback's asking every two seconds.
const READS: u32 = 60;

fn callback(kind: &str, body: &[u8]) -> NewCallback {
    let mut sha256 = [0; 32];
    for (at, byte) in body.iter().enumerate() {
        sha256[at % 32] ^= byte.wrapping_add((at / 32) as u8);
    }
    NewCallback {
        account: ACCOUNT.into(),
        kind: kind.into(),
        body: body.to_vec(),
        sha256,
    }
}

impl World {
    async fn comes(&self, body: &str) -> Kept {
        let new = [callback("processed", body.as_bytes())];
        self.ledger.callbacks_store(&new).await.unwrap()[0]
    }

    /// All that waits is heard, and names this; answers how many requests became due.
    async fn heard(&self, names: CallbackNames) -> u64 {
        let waiting = self
            .ledger
            .callbacks_waiting(ACCOUNT, 10_000)
            .await
            .unwrap();
        let ids: Vec<i64> = waiting.iter().map(|line| line.callback_id).collect();
        let due = self
            .ledger
            .callbacks_heard(&self.lease, &ids, &names, READS)
            .await;
        due.unwrap()
    }

    async fn next_in_ms(&self) -> Option<i64> {
        let next = self.ledger.next_ask(ACCOUNT).await.unwrap();
        next.map(|line| line.in_ms)
    }

    /// Everything that was called for lies so long ago.
    async fn a_while_passes(&self) {
        self.raw
            .run("update called_requests set called_at = '2020-01-01T00:00:00.000Z'")
            .await;
    }
}

fn requests(ids: &[&str]) -> CallbackNames {
    CallbackNames {
        request_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..CallbackNames::default()
    }
}

fn psid(psid: &str) -> CallbackNames {
    CallbackNames {
        psids: vec![psid.to_owned()],
        ..CallbackNames::default()
    }
}

fn payer(identifier: &str) -> CallbackNames {
    CallbackNames {
        identifiers: vec![identifier.to_owned()],
        ..CallbackNames::default()
    }
}

both!(
    a_callback_makes_what_it_names_due_and_changes_nothing_else,
    due
);

async fn due(world: World) {
    let file_id = world.drop_in("march.csv", &pupils(3)).await;
    world.send_and_bill_all(29).await;
    let before = world.states(file_id).await;
    for names in [requests(&["29"]), psid("1001P00002"), payer("P00003")] {
        assert!(world.next_in_ms().await.unwrap() > 30_000);
        assert_eq!(world.comes("{}").await, Kept::Stored);
        assert_eq!(world.heard(names).await, 1);
        assert!(world.next_in_ms().await.unwrap() <= 0);
        let asks = world.ledger.asks(ACCOUNT, None).await.unwrap()[0].asks;
        let line = world.ledger.next_ask(ACCOUNT).await.unwrap().unwrap();
        world.say_of_all(line.chunk_id, RowState::Billed).await;
        let after = world.ledger.asks(ACCOUNT, None).await.unwrap()[0].asks;
        assert_eq!(after, asks, "what a callback calls for does not count");
        world.a_while_passes().await;
    }
    let unknown = CallbackNames {
        request_ids: vec!["30".into(), "0".into(), "\0".into(), "9".repeat(1000)],
        psids: vec!["100139100100154854584585".into(), "a\0b".into()],
        identifiers: vec!["nobody".into(), String::new()],
    };
    world.comes("unknown").await;
    assert_eq!(world.heard(unknown).await, 0);
    assert!(world.next_in_ms().await.unwrap() > 30_000);
    assert_eq!(world.states(file_id).await, before);
    let counts = world.ledger.callback_counts(ACCOUNT).await.unwrap();
    assert_eq!((counts.waiting, counts.kept), (0, 4));
    assert!(counts.newest_at.is_some());
    world.verified().await;
}

both!(
    a_callback_that_is_early_or_late_or_final_ends_in_the_same_state,
    order
);

async fn order(world: World) {
    let file_id = world.drop_in("march.csv", &pupils(2)).await;
    let attempt = world.next_attempt().await;
    // Before our own commit: nobody owns request 29 yet, and the payer's row is in flight.
    world.comes("early").await;
    let both = CallbackNames {
        identifiers: vec!["P00001".into()],
        ..requests(&["29"])
    };
    assert_eq!(world.heard(both.clone()).await, 0);
    world.settle(&attempt, taken("29")).await;
    assert!(
        world.next_in_ms().await.unwrap() <= 0,
        "it is asked about all the same"
    );
    world.say_of_all(attempt.chunk_id, RowState::Paid).await;
    assert_eq!(world.next_in_ms().await, None);
    // A month late: one more reading, and then none again.
    world.comes("late").await;
    assert_eq!(world.heard(both).await, 1);
    assert!(world.next_in_ms().await.unwrap() <= 0);
    world.say_of_all(attempt.chunk_id, RowState::Billed).await;
    assert_eq!(world.next_in_ms().await, None);
    assert_eq!(world.states(file_id).await, [RowState::Paid; 2]);
    world.verified().await;
}

both!(repeats_and_floods_have_a_bound, bounded);

async fn bounded(world: World) {
    assert_eq!(world.comes("same").await, Kept::Stored);
    assert_eq!(world.comes("same").await, Kept::Already);
    assert_eq!(world.heard(CallbackNames::default()).await, 0);
    assert_eq!(
        world.comes("same").await,
        Kept::Stored,
        "a new reason to ask"
    );
    let many: Vec<NewCallback> = (0..CALLBACKS_WAITING_MAX + 10)
        .map(|n| callback("processed", format!("{n}").as_bytes()))
        .collect();
    let kept = world.ledger.callbacks_store(&many).await.unwrap();
    let n = |what| kept.iter().filter(|kept| **kept == what).count() as i64;
    assert_eq!(
        (n(Kept::Stored), n(Kept::Full)),
        (CALLBACKS_WAITING_MAX - 1, 11)
    );
    assert_eq!(world.comes("one more").await, Kept::Full);
    let other = NewCallback {
        account: "riverside".into(),
        ..callback("processed", b"another account's")
    };
    assert_eq!(
        world.ledger.callbacks_store(&[other]).await.unwrap(),
        [Kept::Stored]
    );
    let mut n = 0;
    while world.ledger.callback_counts(ACCOUNT).await.unwrap().waiting > 0 {
        world.heard(CallbackNames::default()).await;
        n += 1;
        assert!(n < 10, "what is heard waits no more");
    }
    assert_eq!(world.comes("one more").await, Kept::Stored);
    let waiting = world.ledger.callbacks_waiting(ACCOUNT, 10).await.unwrap();
    assert_eq!((waiting.len(), &waiting[0].body[..]), (1, &b"one more"[..]));
}

both!(forged_callbacks_take_every_other_read_at_most, paced);

async fn paced(world: World) {
    // Four requests of one row each.
    let file_id = world
        .store_held("march.csv", &pupils(4), Vec::new(), None, 1)
        .await;
    world.plan(file_id).await;
    world.send_and_bill_all(1).await;
    let all = requests(&["1", "2", "3", "4"]);
    for round in 0..50 {
        world.comes(&format!("{round}")).await;
        let due = world.heard(all.clone()).await;
        assert_eq!(due, if round == 0 { 4 } else { 0 }, "in round {round}");
    }
    let asks = world
        .ledger
        .open_asks(ACCOUNT, Some(file_id))
        .await
        .unwrap();
    let places: Vec<i64> = asks.iter().map(|line| line.in_ms).collect();
    for pair in places.windows(2) {
        assert!(pair[1] - pair[0] >= 2_000, "{places:?}");
    }
    // One that was read just now has its next place only later.
    world.say_of_all(asks[0].chunk_id, RowState::Billed).await;
    world.comes("again").await;
    assert_eq!(world.heard(requests(&["1"])).await, 1);
    let next = world.ledger.open_asks(ACCOUNT, None).await.unwrap();
    let first = next.iter().find(|line| line.request_id == "1").unwrap();
    assert!(first.in_ms > 4_000, "{first:?}");
    world.verified().await;
}

both!(
    a_call_that_was_answered_early_does_not_hold_up_the_next,
    answered_early
);

async fn answered_early(world: World) {
    let file_id = world
        .store_held("march.csv", &pupils(4), Vec::new(), None, 1)
        .await;
    world.plan(file_id).await;
    world.send_and_bill_all(1).await;
    world.comes("first").await;
    assert_eq!(world.heard(requests(&["1", "2", "3", "4"])).await, 4);
    let asks = world.ledger.open_asks(ACCOUNT, None).await.unwrap();
    let last = asks.last().unwrap();
    assert!(last.in_ms > 4_000, "{last:?}");
    // Read before its place has come, for a reason of its own; then somebody pays.
    world.say_of_all(last.chunk_id, RowState::Billed).await;
    world.comes("paid").await;
    assert_eq!(world.heard(requests(&[&last.request_id])).await, 1);
    let asks = world.ledger.open_asks(ACCOUNT, None).await.unwrap();
    let again = asks.iter().find(|line| line.chunk_id == last.chunk_id);
    assert!(again.unwrap().in_ms < 20_000, "{again:?}");
    world.verified().await;
}

both!(
    a_reading_that_somebody_of_ours_waits_for_counts_whoever_called_for_it,
    ours_counts
);

async fn ours_counts(world: World) {
    world.drop_in("march.csv", &pupils(2)).await;
    world.send_and_bill_all(29).await;
    world.comes("{}").await;
    assert_eq!(world.heard(requests(&["29"])).await, 1);
    let ledger = &world.ledger;
    let before = ledger.open_asks(ACCOUNT, None).await.unwrap().remove(0);
    ledger
        .ask_soon(ACCOUNT, &[before.chunk_id].into())
        .await
        .unwrap();
    world.say_of_all(before.chunk_id, RowState::Billed).await;
    let after = ledger.open_asks(ACCOUNT, None).await.unwrap().remove(0);
    assert_eq!(after.asks, before.asks + 1);
    // And whoever pays from then on is heard of as before.
    world.comes("paid").await;
    assert_eq!(world.heard(requests(&["29"])).await, 1);
    assert!(world.next_in_ms().await.unwrap() < 10_000);
    world.verified().await;
}

both!(
    what_was_heard_is_kept_for_a_month_and_not_without_bound,
    swept
);

async fn swept(world: World) {
    let day = Duration::from_secs(24 * 3600);
    for (body, age) in [("old", 31), ("young", 29)] {
        world.comes(body).await;
        world.heard(CallbackNames::default()).await;
        let at = chrono::Utc::now() - day * age;
        let at = at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        world
            .raw
            .run(&format!(
                "update callbacks set processed_at = '{at}' where callback_id = (select max(callback_id) from callbacks)"
            ))
            .await;
    }
    world.comes("waits").await;
    assert_eq!(world.ledger.callbacks_sweep(ACCOUNT).await.unwrap(), 1);
    let counts = world.ledger.callback_counts(ACCOUNT).await.unwrap();
    assert_eq!((counts.waiting, counts.kept), (1, 1));
    // 600 of 64 KB are more than is kept of bodies.
    for part in 0..6 {
        let big: Vec<NewCallback> = (0..100)
            .map(|n| {
                let mut body = vec![b'x'; 64 * 1024];
                body[0] = n;
                body[1] = part;
                callback("processed", &body)
            })
            .collect();
        world.ledger.callbacks_store(&big).await.unwrap();
        world.heard(CallbackNames::default()).await;
    }
    world.ledger.callbacks_sweep(ACCOUNT).await.unwrap();
    let kept = world.ledger.callback_counts(ACCOUNT).await.unwrap().kept;
    assert_eq!(kept, 512);
}

both!(a_holder_that_lost_its_lease_hears_nothing, fenced);

async fn fenced(mut world: World) {
    let old = world.lease.clone();
    world.comes("{}").await;
    world.another_process().await;
    let waiting = world.ledger.callbacks_waiting(ACCOUNT, 10).await.unwrap();
    let heard = world
        .ledger
        .callbacks_heard(&old, &[waiting[0].callback_id], &requests(&["1"]), READS)
        .await;
    assert!(matches!(heard, Err(LedgerError::Fenced(_))));
    assert_eq!(
        world.ledger.callback_counts(ACCOUNT).await.unwrap().waiting,
        1
    );
}
