//! The account's rate, counted in the ledger, so that a restart or a hand-over never exceeds it.

use std::num::NonZeroU32;
use std::sync::Arc;

use asaanbill_http::{CallKind, EvenPacer, PaceError, Pacer};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::Ledger;

use crate::clock::Clock;
use crate::config::Account;
use crate::world::World;

/// Reads and sign-ins take their places from the ledger. A write's place is taken with its
/// intent, in one transaction; here it only passes the limiter of this process.
pub(super) struct LedgerPacer {
    here: EvenPacer,
    ledger: Ledger,
    account: String,
    reads_per_minute: u32,
    clock: Arc<dyn Clock>,
}

impl LedgerPacer {
    pub(super) fn new(account: &Account, ledger: Ledger, world: &World) -> LedgerPacer {
        let reads = NonZeroU32::new(account.reads_per_minute).unwrap_or(NonZeroU32::MIN);
        LedgerPacer {
            here: EvenPacer::new(NonZeroU32::MAX, reads),
            ledger,
            account: account.name.clone(),
            reads_per_minute: account.reads_per_minute,
            clock: Arc::clone(&world.clock),
        }
    }
}

impl Pacer for LedgerPacer {
    fn turn(&self, call: CallKind) -> BoxFuture<'_, Result<(), PaceError>> {
        async move {
            if call == CallKind::Write {
                return Ok(());
            }
            self.here.turn(call).await?;
            let wait = self
                .ledger
                .read_turn(&self.account, self.reads_per_minute)
                .await
                .map_err(|error| PaceError {
                    why: error.to_string(),
                })?;
            self.clock.sleep(wait).await;
            Ok(())
        }
        .boxed()
    }
}
