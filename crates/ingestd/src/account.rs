//! One account being served: its configuration, its lease, its gateway, and what the stops of its
//! road remember and tell one another.

mod keeping;
mod memory;
mod mending;
mod pauses;
mod signals;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use ingest_ledger::{AccountLine, Desk, Lease, Ledger, LedgerError, PlanRules, Sentence};
use tokio::sync::watch;

use crate::config::{Account, PastDueRule};
use crate::decisions::Reconciling;
use crate::elsewhere::LookedAt;
use crate::exit::Failure;
use crate::gateway::{self, Gateway};
use crate::spool::Spool;
use crate::world::World;
pub use keeping::{LEASE_RENEWED_EVERY, LEASE_TTL};
pub use mending::Mending;
pub use pauses::{hub_refuses, what_mends};
pub use signals::{InboxNow, Storing};

/// How often a paused account's password is looked at, in case it was mended.
pub const PASSWORD_LOOKED_AT_EVERY: Duration = Duration::from_secs(1);

/// An account whose lease we hold.
pub struct Served {
    /// Its configuration.
    pub account: Arc<Account>,
    /// Where everything is remembered.
    pub ledger: Ledger,
    /// The ledger's id, as markers and tokens name it.
    pub ledger_id: String,
    /// Our right to serve it.
    pub lease: Lease,
    /// Where its files are copied to.
    pub spool: Spool,
    /// What it meets outside of both.
    pub world: World,
    /// When the lease was last known to be ours.
    renewed_at: Mutex<Instant>,
    gateway: RwLock<Arc<dyn Gateway>>,
    /// When each request was read last, so that nothing is asked twice for one decision.
    read_at: Mutex<HashMap<i64, Instant>>,
    /// Whether the hub was asked what it had before our first call.
    asked_for_older: AtomicBool,
    /// Rows written since the database's planner was told, and after how many it is told next.
    written: Mutex<(u64, u64)>,
    /// Since when each request could not be read.
    hidden_since: Mutex<HashMap<i64, Instant>>,
    /// Which requests of nobody may hold failed rows, as far as that was looked at.
    looked_at: Mutex<LookedAt>,
    /// When rows that such a request holds up are looked at again, and how long that wait is.
    elsewhere_again: Mutex<Option<(Instant, Duration)>>,
    /// Not to be looked up before this, because the hub could not be read.
    unread_until: Mutex<Option<Instant>>,
    /// Calls in doubt as they were first seen: how old by the database's clock, and when by ours.
    doubted: Mutex<HashMap<i64, (Duration, Duration)>>,
    /// Why the hub could not be reached last, until it is reached again.
    unreachable: Mutex<Option<String>>,
    /// Why no call can be marked just now, so that none is made.
    unmarkable: Mutex<Option<String>>,
    /// Whether the marker was looked at since the lease was taken.
    marker_seen: AtomicBool,
    /// The chunk whose intent could not be confirmed as stored; no call was made for it.
    unsure_intent: Mutex<Option<i64>>,
    /// Callbacks heard since old ones were deleted last, and when that was.
    unswept: Mutex<(u64, Option<Instant>)>,
    /// A reconciliation that is under way: one request a step, so that sending goes on.
    pub(crate) reconciling: tokio::sync::Mutex<Option<Reconciling>>,
    /// Reports that could not be written, and when they are tried again.
    unwritten: Mutex<HashMap<i64, Instant>>,
    /// Checksums of the files that this process is storing: one file is stored once at a time.
    storing: watch::Sender<HashSet<[u8; 32]>>,
    inbox: watch::Sender<InboxNow>,
    moved: watch::Sender<u64>,
    stop: watch::Sender<bool>,
}

impl Served {
    /// An account whose lease was just taken.
    ///
    /// # Errors
    /// The gateway's configuration is not to be used.
    pub fn new(
        account: Arc<Account>,
        ledger: Ledger,
        ledger_id: String,
        lease: Lease,
        world: &World,
    ) -> Result<Served, Failure> {
        let spool = Spool::of(&account.inbox);
        let gateway = RwLock::new(gateway::of(&account, &ledger, world)?);
        Ok(Served {
            account,
            ledger,
            ledger_id,
            lease,
            spool,
            world: world.clone(),
            renewed_at: Mutex::new(world.clock.now()),
            gateway,
            read_at: Mutex::default(),
            asked_for_older: AtomicBool::new(false),
            written: Mutex::new((0, memory::STATISTICS_AFTER)),
            hidden_since: Mutex::default(),
            looked_at: Mutex::default(),
            elsewhere_again: Mutex::default(),
            unread_until: Mutex::default(),
            doubted: Mutex::default(),
            unreachable: Mutex::default(),
            unmarkable: Mutex::default(),
            marker_seen: AtomicBool::new(false),
            unsure_intent: Mutex::default(),
            unswept: Mutex::default(),
            reconciling: tokio::sync::Mutex::default(),
            unwritten: Mutex::default(),
            storing: watch::Sender::default(),
            inbox: watch::Sender::new(InboxNow::NotScanned),
            moved: watch::Sender::new(0),
            stop: watch::Sender::new(false),
        })
    }

    /// What passes while this process runs is counted from here.
    pub fn now(&self) -> Instant {
        self.world.clock.now()
    }

    /// What day it is in the account's time zone.
    pub fn today(&self) -> NaiveDate {
        self.account.day_at(self.world.clock.utc())
    }

    /// The payment hub.
    pub fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.gateway.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What lies on the account's desk just now.
    ///
    /// # Errors
    /// The database's.
    pub async fn desk(&self) -> Result<Desk, LedgerError> {
        self.ledger.desk(&self.account.name).await
    }

    /// The account's line in the ledger, as it stands now.
    ///
    /// # Errors
    /// The database's.
    pub async fn line(&self) -> Result<AccountLine, LedgerError> {
        self.ledger.account(&self.account.name).await
    }

    /// The rules a row is judged by when it is planned, and again before it is sent.
    pub fn plan_rules(&self) -> PlanRules {
        PlanRules {
            today: self.today(),
            past_due_reject: self.account.past_due_dates == PastDueRule::Reject,
            past_due_sentence: Sentence::PastWhenSent.text().to_owned(),
            changed_bills: self.account.changed_bills.in_the_ledger(),
            rows_per_request: u32::from(self.account.rows_per_request),
            hold: None,
            elsewhere: Default::default(),
        }
    }
}

/// What a mutex holds; a panic elsewhere does not make it unusable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
