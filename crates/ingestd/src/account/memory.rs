//! What is remembered between the steps of an account's road, and is gone with the process: when what
//! was asked, what could not be had, and what is therefore not tried yet. Nothing that money rests on.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ingest_ledger::{DoubtLine, LedgerError, RowSet};

use super::{Served, lock};
use crate::elsewhere::{Failed, Holder};
use crate::sending::millis;

/// A report that could not be written (open elsewhere, say) is tried again after this.
const WRITTEN_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Rows after which the database's planner is told of them, at first and at most.
pub(super) const STATISTICS_AFTER: u64 = 20_000;
const STATISTICS_AFTER_MAX: u64 = 1_000_000;
/// How soon rows that a request of nobody holds up are looked at again, at first and at last.
const ELSEWHERE_AGAIN_MIN: Duration = Duration::from_secs(15);
const ELSEWHERE_AGAIN_MAX: Duration = Duration::from_secs(3600);

impl Served {
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
            *written = (0, (written.1 * 4).min(STATISTICS_AFTER_MAX));
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
}
