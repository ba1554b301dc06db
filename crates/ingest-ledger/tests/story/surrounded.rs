//! A ledger whose clock and failures are the test's own: what waits, waits for that clock, and a
//! step that fails leaves nothing behind but what its commit kept.

use crate::world::*;
use chrono::{DateTime, Utc};
use ingest_ledger::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that stands still, and the point at which the next step fails.
#[derive(Debug)]
struct Ours {
    now: Mutex<DateTime<Utc>>,
    fails: Mutex<Option<Point>>,
    met: Mutex<Vec<Point>>,
}

impl Ours {
    fn new() -> Arc<Ours> {
        Arc::new(Ours {
            now: Mutex::new("2035-03-01T08:00:00Z".parse().unwrap()),
            fails: Mutex::default(),
            met: Mutex::default(),
        })
    }

    fn goes_on(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }

    fn fails_at(&self, what: Point) {
        *self.fails.lock().unwrap() = Some(what);
    }
}

impl Surroundings for Ours {
    fn now(&self) -> Option<DateTime<Utc>> {
        Some(*self.now.lock().unwrap())
    }

    fn before(&self, what: Point) -> Result<(), LedgerError> {
        self.met.lock().unwrap().push(what);
        if self
            .fails
            .lock()
            .unwrap()
            .take_if(|at| *at == what)
            .is_some()
        {
            return Err(LedgerError::Unreachable("the test cut it".to_owned()));
        }
        Ok(())
    }

    fn name(&self) -> String {
        "the test's ledger".to_owned()
    }
}

async fn opened(around: &Arc<Ours>) -> Ledger {
    let around: Arc<dyn Surroundings> = around.clone();
    let ledger = Ledger::open_in("sqlite::memory:", around).await.unwrap();
    ledger.account_put(ACCOUNT, LOGIN).await.unwrap();
    ledger
}

const TTL: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_lease_runs_out_when_the_clock_that_was_given_says_so() {
    let ours = Ours::new();
    let ledger = opened(&ours).await;
    assert_eq!(ledger.ledger_id().await.unwrap(), "the test's ledger");
    let take = async |holder| ledger.lease_take(ACCOUNT, holder, TTL).await.unwrap();
    let first = take("first").await.unwrap();
    ours.goes_on(Duration::from_millis(7_900));
    assert!(take("second").await.is_none(), "it holds for 0.1 s more");
    assert!(ledger.lease_renew(&first, TTL).await.unwrap());
    ours.goes_on(Duration::from_millis(7_900));
    assert!(take("second").await.is_none(), "it was renewed");
    ours.goes_on(Duration::from_millis(200));
    assert!(take("second").await.is_some());
    assert!(!ledger.lease_renew(&first, TTL).await.unwrap());
}

#[tokio::test]
async fn places_for_reads_are_counted_by_the_clock_that_was_given() {
    let ours = Ours::new();
    let ledger = opened(&ours).await;
    let turn = async || ledger.read_turn(ACCOUNT, 60).await.unwrap();
    assert_eq!(turn().await, Duration::ZERO);
    let second = turn().await;
    assert!((1_000..1_100).contains(&second.as_millis()), "{second:?}");
    ours.goes_on(Duration::from_secs(10));
    assert_eq!(turn().await, Duration::ZERO);
}

#[tokio::test]
async fn what_fails_on_its_way_keeps_nothing_and_what_was_not_heard_of_is_kept() {
    for (point, kept) in [
        (Point::Statement, false),
        (Point::CommitLost, false),
        (Point::CommitUnheard, true),
    ] {
        let ours = Ours::new();
        let ledger = opened(&ours).await;
        ours.fails_at(point);
        let error = ledger.account_put("other", "another login").await;
        let error = error.unwrap_err();
        assert!(error.is_transient(), "{point:?}: {error}");
        let lines = ledger.accounts().await.unwrap();
        let is_there = lines.iter().any(|line| line.account == "other");
        assert_eq!(is_there, kept, "{point:?}");
        ledger.account_put("other", "another login").await.unwrap();
    }
}

#[tokio::test]
async fn one_service_of_two_meets_a_failure_alone_and_both_see_one_database() {
    let (ours, theirs) = (Ours::new(), Ours::new());
    let ledger = opened(&ours).await;
    let other = ledger.surrounded_by(theirs.clone());
    theirs.fails_at(Point::Statement);
    assert!(ledger.accounts().await.is_ok());
    assert!(other.accounts().await.is_err());
    assert_eq!(
        other.ledger_id().await.unwrap(),
        ledger.ledger_id().await.unwrap()
    );
}

#[tokio::test]
async fn two_ledgers_in_memory_share_nothing() {
    let (a, b) = (opened(&Ours::new()).await, opened(&Ours::new()).await);
    a.account_put("of a", "login").await.unwrap();
    assert_eq!(a.accounts().await.unwrap().len(), 2);
    assert_eq!(b.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn reads_beside_a_writer_in_memory_wait_for_it_and_see_what_it_left() {
    let ledger = opened(&Ours::new()).await;
    let written = futures::future::join_all((0..20).map(|n| {
        let ledger = ledger.clone();
        async move {
            let name = format!("account {n:02}");
            ledger.account_put(&name, &name).await.unwrap();
            let lines = ledger.accounts().await.unwrap();
            lines.iter().any(|line| line.account == name)
        }
    }));
    assert!(written.await.into_iter().all(|seen| seen));
}
