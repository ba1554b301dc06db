//! One account being served: its configuration, its lease, its gateway, and the signals between
//! the stops of its road.

mod keeping;
mod mending;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use ingest_ledger::{
    AccountLine, Desk, DoubtLine, Lease, Ledger, LedgerError, PauseKind, PlanRules, RowSet,
};
use tokio::sync::watch;

use crate::config::{Account, PastDueRule};
use crate::decisions::Reconciling;
use crate::elsewhere::{Failed, Holder, LookedAt};
use crate::exit::Failure;
use crate::gateway::{self, AskError, Gateway, NotReady};
use crate::sending::millis;
use crate::spool::Spool;
use crate::world::World;
pub use keeping::{LEASE_RENEWED_EVERY, LEASE_TTL};
pub use mending::Mending;

/// How long an account that the hub refused stays paused before it is tried again.
const PAUSE_RETRIED_AFTER: Duration = Duration::from_secs(15 * 60);
/// A report that could not be written (open elsewhere, say) is tried again after this.
const WRITTEN_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Rows after which the database's planner is told of them, at first and at most.
const STATISTICS_AFTER: u64 = 20_000;
const STATISTICS_AFTER_MAX: u64 = 1_000_000;
/// How soon rows that a request of nobody holds up are looked at again, at first and at last.
const ELSEWHERE_AGAIN_MIN: Duration = Duration::from_secs(15);
const ELSEWHERE_AGAIN_MAX: Duration = Duration::from_secs(3600);
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

/// What the last look into the inbox found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxNow {
    /// It was not looked into yet.
    NotScanned,
    /// Files are there that are not complete yet, or that are tried again soon.
    Waiting,
    /// Nothing is left in it that could be taken.
    Empty,
    /// All that is left in it can't be taken (it may not be read, say): a person must look.
    LeftAlone,
    /// The folder can't be read.
    Unavailable,
}

/// The right to claim and store one file; see [`Served::may_store`].
#[must_use]
pub struct Storing<'a> {
    served: &'a Served,
    sha256: [u8; 32],
}

impl Drop for Storing<'_> {
    fn drop(&mut self) {
        self.served.storing.send_modify(|storing| {
            storing.remove(&self.sha256);
        });
    }
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
            written: Mutex::new((0, STATISTICS_AFTER)),
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

    /// Whether the hub was asked already what it had before our first call; it is from now on.
    pub fn asked_for_older(&self) -> bool {
        self.asked_for_older.swap(true, Ordering::Relaxed)
    }

    /// Notes that so many rows were written. After a large load the database's planner is told,
    /// ever more rarely as the tables grow: pages of the views stay quick at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn wrote(&self, rows: u64) -> Result<(), LedgerError> {
        {
            let mut written = lock(&self.written);
            written.0 += rows;
            if written.0 < written.1 {
                return Ok(());
            }
            *written = (0, (written.1 * 2).min(STATISTICS_AFTER_MAX));
        }
        self.ledger.refresh_statistics().await
    }

    /// Notes that a request was read just now.
    pub fn was_read(&self, chunk_id: i64) {
        lock(&self.read_at).insert(chunk_id, self.now());
        lock(&self.hidden_since).remove(&chunk_id);
    }

    /// Notes that the hub fails at a request alone; for how long that has been so.
    pub fn hidden_for(&self, chunk_id: i64) -> Duration {
        let now = self.now();
        let since = *lock(&self.hidden_since).entry(chunk_id).or_insert(now);
        now.duration_since(since)
    }

    /// Whether a request was read within this time.
    pub fn read_within(&self, chunk_id: i64, within: Duration) -> bool {
        lock(&self.read_at)
            .get(&chunk_id)
            .is_some_and(|at| self.now().saturating_duration_since(*at) <= within)
    }

    /// Notes that the hub's requests could not be read: not again before this time is over.
    pub fn unread_for(&self, wait: Duration) {
        *lock(&self.unread_until) = Some(self.now() + wait);
    }

    /// How long the hub's requests are not to be read, if they are not.
    pub fn unread_wait(&self) -> Option<Duration> {
        let until = (*lock(&self.unread_until))?;
        until.checked_duration_since(self.now())
    }

    /// How old a call in doubt is: by the database's clock, but by no more than what passed since
    /// this process first saw it. A clock that jumps ahead makes nothing older.
    pub fn age_of(&self, doubt: &DoubtLine) -> Duration {
        let (by_database, now) = (millis(doubt.age_ms), self.world.clock.awake());
        let mut doubted = lock(&self.doubted);
        let (age, since) = *doubted
            .entry(doubt.attempt.attempt_id)
            .or_insert((by_database, now));
        by_database.min(age + now.saturating_sub(since))
    }

    /// Which request may hold a failed row, if that was looked at within this time.
    pub fn holder_within(&self, row: (i64, u32), within: Duration) -> Option<Option<Holder>> {
        lock(&self.looked_at).within(row, within, self.now())
    }

    /// Remembers which requests may hold these failed rows.
    pub fn held_against_requests(&self, rows: &Failed, holders: &BTreeMap<(i64, u32), Holder>) {
        lock(&self.looked_at).remember(rows, holders, self.now());
    }

    /// Forgets which requests may hold these rows: they were sent since.
    pub fn forget_holders(&self, file_id: i64, rows: &RowSet) {
        lock(&self.looked_at).forget(file_id, rows);
    }

    /// How long rows that a request of nobody holds up are not looked at again, if they are not.
    pub fn elsewhere_wait(&self) -> Option<Duration> {
        let (until, _) = (*lock(&self.elsewhere_again))?;
        until.checked_duration_since(self.now())
    }

    /// Notes that they were looked at: soon again if some went on, else ever more rarely.
    pub fn elsewhere_looked_at(&self, some_went_on: bool) {
        let mut again = lock(&self.elsewhere_again);
        let wait = match *again {
            Some((_, wait)) if !some_went_on => (wait * 2).min(ELSEWHERE_AGAIN_MAX),
            _ => ELSEWHERE_AGAIN_MIN,
        };
        *again = Some((self.now() + wait, wait));
    }

    /// Why the hub can't be reached, if it could not the last time it was tried.
    pub fn unreachable(&self) -> Option<String> {
        lock(&self.unreachable).clone()
    }

    /// Notes that the hub was reached, or why it was not.
    pub fn reached(&self, trouble: Option<String>) {
        *lock(&self.unreachable) = trouble;
    }

    /// Why no call can be marked just now, if none can: nothing is sent.
    pub fn unmarkable(&self) -> Option<String> {
        lock(&self.unmarkable).clone()
    }

    /// Notes that calls can be marked, or why not; whether that is news.
    pub fn can_mark(&self, trouble: Option<String>) -> bool {
        let mut unmarkable = lock(&self.unmarkable);
        let news = trouble != *unmarkable;
        *unmarkable = trouble;
        news
    }

    /// Whether the marker was looked at since the lease was taken; from now on it was.
    pub fn marker_was_seen(&self) -> bool {
        self.marker_seen.swap(true, Ordering::Relaxed)
    }

    /// The chunk whose intent may or may not be stored, without a call.
    pub fn unsure_intent(&self) -> Option<i64> {
        *lock(&self.unsure_intent)
    }

    /// Notes a chunk whose intent may or may not be stored, or that there is none.
    pub fn unsure_of(&self, chunk_id: Option<i64>) {
        *lock(&self.unsure_intent) = chunk_id;
    }

    /// Notes so many more callbacks that were heard; whether old ones are to be deleted now.
    pub fn sweep_is_due(&self, heard: u64, after: u64, every: Duration) -> bool {
        let mut unswept = lock(&self.unswept);
        unswept.0 += heard;
        let now = self.now();
        let long_ago = |at: Instant| now.saturating_duration_since(at) >= every;
        let due = unswept.0 >= after || unswept.1.is_none_or(long_ago);
        if due {
            *unswept = (0, Some(now));
        }
        due
    }

    /// Notes that a file's reports could not be written: tried again a little later.
    pub fn not_written(&self, file_id: i64) {
        lock(&self.unwritten).insert(file_id, self.now() + WRITTEN_AGAIN_AFTER);
    }

    /// Whether a file's reports could not be written the last time they were tried.
    pub fn could_not_write(&self, file_id: i64) -> bool {
        lock(&self.unwritten).contains_key(&file_id)
    }

    /// Notes that a file's reports are written.
    pub fn was_written(&self, file_id: i64) {
        lock(&self.unwritten).remove(&file_id);
    }

    /// Whether a file's reports may be tried now.
    pub fn may_write(&self, file_id: i64) -> bool {
        lock(&self.unwritten)
            .get(&file_id)
            .is_none_or(|until| *until <= self.now())
    }

    /// The right to claim and store the file with this checksum, unless another loop of this
    /// process is at it. It ends when the answer is dropped.
    pub fn may_store(&self, sha256: [u8; 32]) -> Option<Storing<'_>> {
        self.storing
            .send_if_modified(|storing| storing.insert(sha256))
            .then(|| Storing {
                served: self,
                sha256,
            })
    }

    /// As [`Served::may_store`], once nobody else is at it.
    pub async fn storing(&self, sha256: [u8; 32]) -> Storing<'_> {
        let mut others = self.storing.subscribe();
        loop {
            if let Some(storing) = self.may_store(sha256) {
                return storing;
            }
            let _ = others.wait_for(|storing| !storing.contains(&sha256)).await;
        }
    }

    /// Notes what a look into the inbox found.
    pub fn inbox_is(&self, now: InboxNow) {
        self.inbox.send_replace(now);
    }

    /// What the last look into the inbox found.
    pub fn inbox_now(&self) -> InboxNow {
        *self.inbox.borrow()
    }

    /// Tells the other stops that there may be something to do.
    pub fn moved(&self) {
        self.moved
            .send_modify(|times| *times = times.wrapping_add(1));
    }

    /// What moved from now on; nothing is missed between two rests.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Waits until a stop says that something moved, the time is over, or we are to stop.
    pub async fn rest(&self, news: &mut watch::Receiver<u64>, at_most: Duration) {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            _ = news.changed() => {}
            () = self.world.clock.sleep(at_most) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// What tells the stops to end, for work that goes on in a thread of its own.
    pub fn stop_signal(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// A long reading of the hub, given up once we are to stop: nothing is lost by it.
    pub async fn unless_stopped<T>(
        &self,
        reading: impl Future<Output = Result<T, AskError>>,
    ) -> Result<T, AskError> {
        tokio::select! {
            biased;
            read = reading => read,
            () = self.stopped() => {
                Err(AskError::Unreadable("the service is being stopped".to_owned()))
            }
        }
    }

    /// Asks every stop to end after the step it is in.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether the stops are to end.
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Resolves when the stops are to end.
    pub async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// The rules a row is judged by when it is planned, and again before it is sent.
    pub fn plan_rules(&self) -> PlanRules {
        PlanRules {
            today: self.today(),
            past_due_reject: self.account.past_due_dates == PastDueRule::Reject,
            past_due_sentence: "the due date has passed: write a due date that is today or later"
                .to_owned(),
            changed_bills: self.account.changed_bills.in_the_ledger(),
            rows_per_request: u32::from(self.account.rows_per_request),
            hold: None,
            elsewhere: Default::default(),
        }
    }

    /// Pauses the account because the hub would not have it; its rows stay as they are.
    pub async fn pause(&self, kind: PauseKind, reason: &str) -> Result<(), LedgerError> {
        let name = &self.account.name;
        let or = match kind {
            PauseKind::SignIn => ", when its password changes,",
            _ => "",
        };
        tracing::warn!(
            account = %name, reason,
            "account paused; it is tried again in 15 minutes{or} or by `ingestd resume {name}`"
        );
        self.ledger
            .pause(&self.account.name, kind, reason, Some(PAUSE_RETRIED_AFTER))
            .await
    }

    /// Turns a gateway that is not ready into what the road does about it: how long to wait.
    pub async fn not_ready(&self, why: NotReady) -> Result<Duration, LedgerError> {
        const UNREACHABLE_RETRIED_AFTER: Duration = Duration::from_secs(5);
        match why {
            NotReady::SignInRefused(words) => {
                self.pause(
                    PauseKind::SignIn,
                    &format!("the hub refused to sign in: {words}"),
                )
                .await?;
                Ok(PASSWORD_LOOKED_AT_EVERY)
            }
            NotReady::Wait(wait, _) => Ok(wait),
            NotReady::Unreachable(why) => {
                tracing::warn!(account = %self.account.name, %why, "the hub can't be reached; trying again");
                self.reached(Some(why));
                Ok(UNREACHABLE_RETRIED_AFTER)
            }
        }
    }

    /// What a failed reading means for the account.
    pub async fn not_read(&self, error: &AskError) -> Result<(), LedgerError> {
        match error {
            AskError::Refused(words) => self.pause(PauseKind::Refused, words).await,
            AskError::Unreadable(_) => {
                tracing::warn!(account = %self.account.name, %error, "asking the hub failed; trying again later");
                self.reached(Some(error.to_string()));
                Ok(())
            }
            AskError::NotFound(_) | AskError::Hidden(_) | AskError::Ledger(_) => {
                tracing::warn!(account = %self.account.name, %error, "asking about a request failed; trying again later");
                Ok(())
            }
        }
    }

    /// Waits until the time is over or we are to stop.
    pub async fn rest_unmoved(&self, at_most: Duration) {
        tokio::select! {
            () = self.world.clock.sleep(at_most) => {}
            () = self.stopped() => {}
        }
    }
}

/// What mends a pause that is the hub's doing, and what became of the rows.
pub fn what_mends(line: &AccountLine) -> String {
    let at_once = format!("`ingestd resume {}` tries it at once", line.account);
    match line.paused_kind {
        Some(PauseKind::Refused) => format!(
            "ask the hub why it refuses; the rows of a call that it refused whole are held (`ingestd status` says what lets them go), \
             the others wait; it is tried again every 15 minutes, and {at_once}"
        ),
        _ => format!(
            "nothing was lost and no row was refused for it; mend it: a new password in its file is noticed by itself, and {at_once}"
        ),
    }
}

/// Whether the hub would not have this account: it is paused, and neither by a person nor because of
/// its database.
pub fn hub_refuses(line: &AccountLine) -> bool {
    line.paused_kind
        .is_some_and(|kind| !matches!(kind, PauseKind::Person | PauseKind::Restored))
}

/// What a mutex holds; a panic elsewhere does not make it unusable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
