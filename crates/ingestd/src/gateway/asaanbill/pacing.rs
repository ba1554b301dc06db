//! The account's rate, counted in the ledger, so that a restart or a hand-over never exceeds it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use asaanbill_http::{CallKind, PaceError, Pacer};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::Ledger;

use crate::account::lock;
use crate::clock::Clock;
use crate::config::Account;
use crate::world::World;

/// A hub that counts any 60 seconds must never see one call too many, even if one took longer to
/// arrive.
const MINUTE_AND_A_BIT: Duration = Duration::from_millis(60_600);

/// Reads and sign-ins take their places from the ledger. A write's place is taken with its
/// intent, in one transaction.
pub(super) struct LedgerPacer {
    /// When this process may read next: by a clock that nobody can set, as the ledger's can be.
    next_here: Mutex<Option<Instant>>,
    ledger: Ledger,
    account: String,
    reads_per_minute: u32,
    clock: Arc<dyn Clock>,
}

impl LedgerPacer {
    pub(super) fn new(account: &Account, ledger: Ledger, world: &World) -> LedgerPacer {
        LedgerPacer {
            next_here: Mutex::default(),
            ledger,
            account: account.name.clone(),
            reads_per_minute: account.reads_per_minute.max(1),
            clock: Arc::clone(&world.clock),
        }
    }

    /// Takes the next place in this process: how long it is until then.
    fn place_here(&self) -> Duration {
        let now = self.clock.now();
        let mut next = lock(&self.next_here);
        let place = next.map_or(now, |next| next.max(now));
        *next = Some(place + MINUTE_AND_A_BIT / self.reads_per_minute);
        place.saturating_duration_since(now)
    }
}

impl Pacer for LedgerPacer {
    fn turn(&self, call: CallKind) -> BoxFuture<'_, Result<(), PaceError>> {
        async move {
            if call == CallKind::Write {
                return Ok(());
            }
            let wait = self.place_here();
            self.wait(wait).await;
            let wait = self
                .ledger
                .read_turn(&self.account, self.reads_per_minute)
                .await
                .map_err(|error| PaceError {
                    why: error.to_string(),
                })?;
            self.wait(wait).await;
            Ok(())
        }
        .boxed()
    }
}

impl LedgerPacer {
    async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            self.clock.sleep(time).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::virtual_time::Virtual;
    use crate::config::Config;
    use ingest_ledger::Surroundings;

    #[tokio::test]
    async fn reads_keep_their_distance_by_the_clock_that_was_given_and_writes_wait_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::of_greenfield(folder.path(), "reads_per_minute = 6");
        let account = config.account("greenfield").unwrap();
        let time = Virtual::at("2035-03-01T08:00:00Z");
        let around: Arc<dyn Surroundings> = time.clone();
        let ledger = Ledger::open_in("sqlite::memory:", around).await.unwrap();
        ledger.account_put("greenfield", "login").await.unwrap();
        let pacer = LedgerPacer::new(account, ledger.clone(), &time.world());
        pacer.turn(CallKind::SignIn).await.unwrap();
        assert_eq!(time.passed(), Duration::ZERO);
        for read in 1..=7 {
            pacer.turn(CallKind::Read).await.unwrap();
            pacer.turn(CallKind::Write).await.unwrap();
            let least = Duration::from_secs(10) * read;
            assert!(time.passed() > least, "read {read} at {:?}", time.passed());
            assert!(time.passed() < least + Duration::from_secs(1), "{read}");
        }
        // Whoever serves the account next goes on where this one stopped.
        let another = LedgerPacer::new(account, ledger, &time.world());
        another.turn(CallKind::Read).await.unwrap();
        assert!(time.passed() > Duration::from_secs(80));
    }
}
