//! The database's clock ran a year ahead and is put right: nothing waits for it, no decision is
//! refused because of it, and nothing goes that would not have gone.

use crate::both;
use crate::raw::Raw;
use crate::world::*;
use chrono::{DateTime, Utc};
use ingest_ledger::*;
use std::time::Duration;

/// Every time that the ledger wrote.
const TIMES: &[(&str, &[&str])] = &[
    (
        "accounts",
        &[
            "lease_until",
            "paused_at",
            "pause_retry_at",
            "next_write_at",
            "next_read_at",
            "clock_at",
        ],
    ),
    (
        "chunks",
        &[
            "planned_at",
            "changed_at",
            "sent_at",
            "answered_at",
            "not_before",
            "next_look_at",
            "next_ask_at",
        ],
    ),
    ("attempts", &["intended_at", "deadline_at", "answered_at"]),
    ("unstamped_rows", &["next_at"]),
    ("unseen_requests", &["since"]),
    (
        "files",
        &[
            "taken_at",
            "stored_at",
            "planned_at",
            "settled_at",
            "cancelled_at",
            "changed_at",
            "results_written_at",
            "results_seen_at",
        ],
    ),
    ("row_state", &["updated_at", "sent_at"]),
    ("decisions", &["asked_at"]),
    ("called_requests", &["called_at"]),
    ("callbacks", &["received_at", "processed_at"]),
];

impl World {
    /// All that was done so far was done while the clock ran a year ahead; it is right again now.
    async fn clock_is_set_back_by_a_year(&self) {
        for (table, columns) in TIMES {
            let later = columns.iter().map(|column| match self.raw {
                Raw::Sqlite(_) => {
                    format!("{column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '+1 year')")
                }
                Raw::Postgres(_) => format!("{column} = {column} + interval '1 year'"),
            });
            let later: Vec<String> = later.collect();
            self.raw
                .run(&format!("update {table} set {}", later.join(", ")))
                .await;
        }
    }

    /// How many times of the ledger lie in the future, but those that something waits for.
    async fn times_ahead(&self, waits_until: DateTime<Utc>) -> Vec<String> {
        let limit = waits_until.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let mut ahead = Vec::new();
        for (table, columns) in TIMES {
            for column in *columns {
                // Whether a call was answered is told by there being a time.
                if (*table, *column) == ("attempts", "answered_at") {
                    continue;
                }
                let sql = format!(
                    "select cast(count(*) as text) from {table} where {column} > '{limit}'"
                );
                if self.raw.text(&sql).await != "0" {
                    ahead.push(format!("{table}.{column}"));
                }
            }
        }
        ahead
    }
}

both!(
    after_a_clock_that_ran_a_year_ahead_everything_goes_on_at_once,
    goes_on
);

async fn goes_on(mut world: World) {
    use RowState::*;
    let ledger = world.ledger.clone();
    // A chunk that the hub asked to send later, one in doubt, one that is billed, a paused account.
    let taken_file = world.drop_in("taken.csv", &pupils(2)).await;
    world.send_and_bill_all(1).await;
    let lost_file = world
        .drop_in("lost.csv", &[bill("L1", 1_000, "2035-03-10")])
        .await;
    let lost = world.next_attempt().await;
    let unknown = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&lost, unknown).await;
    let later_file = world
        .drop_in("later.csv", &[bill("W1", 1_000, "2035-03-10")])
        .await;
    let later = world.next_attempt().await;
    let wait = Settlement::Ready {
        message: "503".into(),
        wait: Some(Duration::from_secs(30)),
    };
    world.settle(&later, wait).await;
    ledger
        .look_later(&[lost.chunk_id], Duration::from_secs(20))
        .await
        .unwrap();
    let retry_in = Some(Duration::from_secs(40));
    ledger
        .pause(ACCOUNT, PauseKind::Refused, "403", retry_in)
        .await
        .unwrap();
    world
        .raw
        .run("update accounts set next_write_at = lease_until, next_read_at = lease_until")
        .await;

    world.clock_is_set_back_by_a_year().await;
    let line = ledger.accounts().await.unwrap().remove(0);
    assert!(!line.served, "its process may be dead");
    assert_eq!((line.next_write_in_ms, line.pause_retry_due), (0, true));

    // Who asks for the lease finds it held by whoever renewed it last, for as long as it had to go.
    let there = ledger.lease_take(ACCOUNT, "there", Duration::from_secs(8));
    assert_eq!(there.await.unwrap(), None);
    let line = ledger.accounts().await.unwrap().remove(0);
    assert!(line.served);
    let within = Utc::now() + Duration::from_secs(660);
    assert_eq!(world.times_ahead(within).await, Vec::<String>::new());
    let waits = ledger.next_ready_in(ACCOUNT).await.unwrap().unwrap();
    assert!(waits <= Duration::from_secs(31), "{waits:?}");
    let doubt = ledger.unknown_chunks(ACCOUNT).await.unwrap().remove(0);
    assert!(doubt.in_ms <= 21_000, "{}", doubt.in_ms);
    assert!((0..60_000).contains(&doubt.age_ms), "{}", doubt.age_ms);
    let ask = ledger.next_ask(ACCOUNT).await.unwrap().unwrap();
    assert!(ask.in_ms <= 61_000, "{}", ask.in_ms);
    world.verified().await;

    world.another_process().await;
    ledger.unpause(ACCOUNT).await.unwrap();
    world.raw.run("update chunks set not_before = null").await;
    world
        .raw
        .run("update accounts set next_write_at = null")
        .await;
    world.send_and_bill_all(10).await;
    assert_eq!(world.states(taken_file).await, [Billed; 2]);
    assert_eq!(world.states(lost_file).await, [Unknown]);
    assert_eq!(world.states(later_file).await, [Billed]);
    world.verified().await;
}

both!(
    what_was_held_failed_or_lost_while_the_clock_ran_ahead_is_decided_when_asked,
    decided_after
);

async fn decided_after(world: World) {
    use RowState::*;
    // A bill that another follows with other values; a row that the hub refuses; a lost answer.
    let first = world
        .drop_in("march.csv", &[bill("P1", 1_000, "2035-03-10")])
        .await;
    world.send_and_bill_all(1).await;
    let failed = world
        .drop_in("failed.csv", &[bill("P2", 1_000, "2035-03-10")])
        .await;
    let refused = Settlement::RowsRefused {
        refused: vec![(1, "no".into())],
        unnamed: RowSet::new(),
        message: None,
    };
    world.settle(&world.next_attempt().await, refused).await;
    let changed = world
        .drop_in("again.csv", &[bill("P1", 2_000, "2035-03-10")])
        .await;
    let whole = world
        .drop_in("whole.csv", &[bill("Q1", 1_000, "2035-03-10")])
        .await;
    let refused = Settlement::Held {
        kind: HoldKind::Refused,
        message: "400".into(),
    };
    world.settle(&world.next_attempt().await, refused).await;
    let lost = world
        .drop_in("lost.csv", &[bill("L1", 1_000, "2035-03-10")])
        .await;
    let in_doubt = world.next_attempt().await;
    let unknown = Settlement::Unknown {
        message: "cut".into(),
    };
    world.settle(&in_doubt, unknown).await;
    assert_eq!(world.states(first).await, [Billed]);
    assert_eq!(world.states(failed).await, [Rejected]);
    assert_eq!(world.states(changed).await, [Held]);

    world.clock_is_set_back_by_a_year().await;
    let all = HeldFilter::default();
    for file_id in [changed, whole] {
        let released = world.approve(file_id, &all).await.unwrap();
        assert_eq!((released.released.len(), released.held_since), (1, 0));
        assert_eq!(world.states(file_id).await, [Ready]);
    }
    let ids = [row_id(failed, 1)];
    let asked_at = world.asked_at().await;
    let rules = rules();
    let retried = world.ledger.retry(&world.lease, &ids, &rules, asked_at);
    assert_eq!(retried.await.unwrap().ready, 1);
    let resolved = world.ledger.resolve_not_sent_as_asked(
        &world.lease,
        in_doubt.chunk_id,
        None,
        "not there",
        &rules,
        world.asked_at().await,
    );
    assert_eq!(resolved.await.unwrap().ready, 1);
    assert_eq!(world.states(lost).await, [Ready]);
    world.verified().await;
}

both!(
    a_decision_asked_while_the_clock_ran_ahead_lifts_nothing_that_came_after_it,
    asked_ahead
);

async fn asked_ahead(world: World) {
    use RowState::*;
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let decision = world
        .ledger
        .decision_ask(&asking("approve", "{}", "amina"))
        .await
        .unwrap();
    let refused = Settlement::Held {
        kind: HoldKind::Refused,
        message: "400".into(),
    };
    world.settle(&world.next_attempt().await, refused).await;
    world.clock_is_set_back_by_a_year().await;
    // The first step puts the times right, before the decision is read.
    let ttl = Duration::from_secs(60);
    assert!(world.ledger.lease_renew(&world.lease, ttl).await.unwrap());
    let asked = world.ledger.decision(decision).await.unwrap().unwrap();
    assert!(asked.asked_at <= Utc::now());
    let (rules, all) = (rules(), HeldFilter::default());
    let done = world
        .ledger
        .approve(&world.lease, file_id, &all, &rules, asked.asked_at)
        .await;
    match done {
        Ok(done) => assert_eq!((done.released.len(), done.held_since), (0, 2)),
        Err(error) => assert!(error.to_string().contains("when you asked"), "{error}"),
    }
    assert_eq!(world.states(file_id).await, [Held; 2]);
    world.verified().await;
}

both!(
    a_lease_further_ahead_than_any_is_taken_for_is_a_dead_one,
    lease_ahead
);

async fn lease_ahead(world: World) {
    let ledger = &world.ledger;
    let take = || ledger.lease_take(ACCOUNT, "there", Duration::from_secs(8));
    assert_eq!(take().await.unwrap(), None, "it is held");
    world
        .raw
        .run("update accounts set lease_until = '2199-01-01T00:00:00.000Z'")
        .await;
    assert!(!ledger.accounts().await.unwrap()[0].served);
    assert!(take().await.unwrap().is_some());
    world.verified().await;
}

both!(
    what_a_hub_tells_of_is_asked_about_though_the_last_call_for_it_lay_ahead,
    told_of
);

async fn told_of(world: World) {
    world.drop_in("march.csv", &pupils(2)).await;
    world.send_and_bill_all(29).await;
    let ledger = &world.ledger;
    let names = CallbackNames {
        request_ids: vec!["29".into()],
        ..CallbackNames::default()
    };
    let heard = || ledger.callbacks_heard(&world.lease, &[], &names, 60);
    assert_eq!(heard().await.unwrap(), 1);
    let chunk = ledger.next_ask(ACCOUNT).await.unwrap().unwrap().chunk_id;
    world.say_of_all(chunk, RowState::Billed).await;
    world.clock_is_set_back_by_a_year().await;
    assert_eq!(heard().await.unwrap(), 1);
    let next = ledger.next_ask(ACCOUNT).await.unwrap().unwrap();
    assert!(next.in_ms < 10_000, "{next:?}");
}
