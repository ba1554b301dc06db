//! The steps of the road taken one by one, by a clock that only the test moves and on a ledger in
//! memory.

#![allow(clippy::unwrap_used)]

mod changing;

use std::sync::Arc;
use std::time::Duration;

use ingest_ledger::{FileState, Ledger, RowFilter, RowState, Surroundings};

use super::*;
use crate::account::LEASE_TTL;
use crate::clock::virtual_time::Virtual;
use crate::config::Config;
use crate::service;

struct School {
    folder: tempfile::TempDir,
    config: Config,
    ledger: Ledger,
    ledger_id: String,
    clock: Arc<Virtual>,
}

impl School {
    async fn at(utc: &str) -> School {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("greenfield.password"), "secret").unwrap();
        let config = Config::of_greenfield(folder.path(), "quiet_for = \"10s\"");
        let clock = Virtual::at(utc);
        let around: Arc<dyn Surroundings> = clock.clone();
        let ledger = Ledger::open_in("sqlite::memory:", around).await.unwrap();
        let ledger_id = ledger.ledger_id().await.unwrap();
        let account = config.account("greenfield").unwrap();
        service::prepare(account, &ledger, &ledger_id)
            .await
            .unwrap();
        School {
            folder,
            config,
            ledger,
            ledger_id,
            clock,
        }
    }

    async fn taken_by(&self, holder: &str) -> Option<Served> {
        let account = self.config.account("greenfield").unwrap();
        let world = self.clock.world();
        Served::take(account, &self.ledger, &self.ledger_id, holder, &world)
            .await
            .unwrap()
    }

    fn drop_in(&self, name: &str, due: &str) {
        let sheet =
            format!("Student Name,CNIC,Amount,Due Date\nAyesha Khan,3520212345671,1500,{due}\n");
        std::fs::write(self.folder.path().join("greenfield").join(name), sheet).unwrap();
    }

    async fn states(&self) -> Vec<RowState> {
        let rows = self.ledger.rows(&RowFilter::default()).await.unwrap();
        rows.into_iter().map(|row| row.state).collect()
    }
}

/// One pass; how long to rest after it.
async fn pass(served: &Served, inbox: &mut Inbox) -> Duration {
    let pass = intake::pass(served, inbox, Vec::new()).await.unwrap();
    assert!(!pass.again && pass.unavailable.is_none(), "{pass:?}");
    pass.rest
}

#[tokio::test]
async fn a_sheet_is_taken_once_it_was_quiet_by_the_clock_that_was_given() {
    let school = School::at("2035-03-01T08:00:00Z").await;
    let served = school.taken_by("one").await.unwrap();
    let mut inbox = Inbox::new(&served.account.inbox, served.account.quiet_for);
    school.drop_in("march.csv", "2035-03-10");
    let rest = pass(&served, &mut inbox).await;
    assert_eq!(
        rest,
        Duration::from_secs(5),
        "the scan comes before the quiet is over"
    );
    school.clock.goes_on(Duration::from_secs(9));
    assert_eq!(pass(&served, &mut inbox).await, Duration::from_secs(1));
    assert!(school.states().await.is_empty());
    school.clock.goes_on(Duration::from_secs(1));
    pass(&served, &mut inbox).await;
    assert_eq!(school.states().await, [RowState::Ready]);

    // The desk plans it, and finds nobody where the hub should be.
    let mut rest = None;
    for _ in 0..10 {
        rest = match desk_step(&served, Stops::All).await.unwrap() {
            Step::Did => None,
            Step::Idle(rest) => rest,
        };
        if rest.is_some() {
            break;
        }
    }
    assert!(rest.is_some(), "the hub is tried again");
    assert!(served.unreachable().is_some());
    let files = school.ledger.files(&Default::default()).await.unwrap();
    assert_eq!(files[0].state, FileState::Sending);
    assert_eq!(school.states().await, [RowState::Ready]);
    assert_eq!(reports::step(&served).await.unwrap(), Step::Idle(None));
}

#[tokio::test]
async fn a_due_date_has_passed_when_the_clock_that_was_given_says_so() {
    // In Karachi the eleventh has begun.
    for (now, state) in [
        ("2035-03-10T18:59:00Z", RowState::Ready),
        ("2035-03-10T19:01:00Z", RowState::Invalid),
    ] {
        let school = School::at(now).await;
        let served = school.taken_by("one").await.unwrap();
        let mut inbox = Inbox::new(&served.account.inbox, Duration::ZERO);
        school.drop_in("march.csv", "2035-03-10");
        pass(&served, &mut inbox).await;
        pass(&served, &mut inbox).await;
        assert_eq!(school.states().await, [state], "{now}");
    }
}

#[tokio::test]
async fn a_service_that_did_not_renew_its_lease_in_time_is_fenced() {
    let school = School::at("2035-03-01T08:00:00Z").await;
    let one = school.taken_by("one").await.unwrap();
    school.clock.goes_on(LEASE_TTL / 2);
    one.renew_lease().await.unwrap();
    school.clock.goes_on(LEASE_TTL - Duration::from_millis(1));
    assert!(school.taken_by("other").await.is_none());
    school.clock.goes_on(Duration::from_millis(2));
    let other = school.taken_by("other").await.unwrap();
    one.renew_lease().await.unwrap();
    assert!(one.stopping(), "another one serves the account by now");
    assert!(!other.stopping());
}

#[tokio::test]
async fn a_lease_that_can_not_be_renewed_is_given_up_when_it_ends_by_our_own_clock() {
    let school = School::at("2035-03-01T08:00:00Z").await;
    let served = school.taken_by("one").await.unwrap();
    school.clock.database_is_away();
    school.clock.goes_on(LEASE_TTL - Duration::from_millis(1));
    served.renew_lease().await.unwrap();
    assert!(!served.stopping());
    school.clock.goes_on(Duration::from_millis(1));
    assert!(served.renew_lease().await.is_err());
    assert!(served.stopping());
}
