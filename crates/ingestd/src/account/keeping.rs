//! The account's lease: taken, kept for as long as the account is served, and lost.

use std::sync::Arc;
use std::time::Duration;

use ingest_ledger::{Ledger, LedgerError};

use super::{Served, hub_refuses, lock};
use crate::config::Account;
use crate::exit::Failure;
use crate::world::World;

/// How long a lease lasts without being renewed: short, so that another service (or this one,
/// started again) goes on within seconds.
pub const LEASE_TTL: Duration = Duration::from_secs(8);
/// How often a lease is renewed.
pub const LEASE_RENEWED_EVERY: Duration = Duration::from_secs(2);

impl Served {
    /// Takes an account's lease, and with it the account; `None`: somebody else has it. Calls of
    /// which it is not known that they ended are unknown from now on.
    ///
    /// # Errors
    /// The gateway's configuration is not to be used (the lease is given back), or the database's.
    pub async fn take(
        account: &Arc<Account>,
        ledger: &Ledger,
        ledger_id: &str,
        holder: &str,
        world: &World,
    ) -> Result<Option<Served>, Failure> {
        let taken = ledger.lease_take(&account.name, holder, LEASE_TTL).await?;
        let Some(lease) = taken else {
            return Ok(None);
        };
        let (known, id) = (Arc::clone(account), ledger_id.to_owned());
        match Served::new(known, ledger.clone(), id, lease.clone(), world) {
            Ok(served) => Ok(Some(served)),
            Err(failure) => {
                ledger.lease_release(&lease).await?;
                Err(failure)
            }
        }
    }

    /// A process that has just begun tries an account that the hub refused once more, whatever
    /// was mended meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub async fn new_process_new_try(&self) -> Result<(), LedgerError> {
        if hub_refuses(&self.line().await?) {
            self.ledger.unpause_by_itself(&self.account.name).await?;
        }
        Ok(())
    }

    /// Keeps the lease alive; when it is lost, everything stops.
    pub async fn keep_lease(&self) -> Result<(), LedgerError> {
        while !self.stopping() {
            self.rest_unmoved(LEASE_RENEWED_EVERY).await;
            if !self.stopping() {
                self.renew_lease().await?;
            }
        }
        Ok(())
    }

    /// Renews the lease once; when it is lost, everything stops.
    ///
    /// # Errors
    /// The database's, once the lease has not been renewed for as long as it lasts.
    pub async fn renew_lease(&self) -> Result<(), LedgerError> {
        match self.ledger.lease_renew(&self.lease, LEASE_TTL).await {
            Ok(true) => *lock(&self.renewed_at) = self.now(),
            Ok(false) => {
                tracing::warn!(account = %self.account.name, "another service has taken over this account");
                self.stop();
            }
            Err(error) if self.now() < *lock(&self.renewed_at) + LEASE_TTL => {
                tracing::warn!(account = %self.account.name, %error, "the lease could not be renewed; trying again");
            }
            Err(error) => {
                self.stop();
                return Err(error);
            }
        }
        Ok(())
    }
}
