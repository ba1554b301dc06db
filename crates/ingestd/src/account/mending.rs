//! The end of a pause that is the hub's doing: a new password, or the time to try again.

use std::sync::PoisonError;

use ingest_ledger::LedgerError;

use super::{PASSWORD_LOOKED_AT_EVERY, Served, hub_refuses};
use crate::gateway;

/// The password that was seen last, and whether the account is still to be tried with it.
#[derive(Debug)]
pub struct Mending {
    password: Option<[u8; 32]>,
    changed: bool,
}

impl Served {
    /// While the hub refuses the account: waits for a new password or for the time to try again.
    pub async fn mend_pause(&self) -> Result<(), LedgerError> {
        let mut mending = self.mending();
        while !self.stopping() {
            self.rest_unmoved(PASSWORD_LOOKED_AT_EVERY).await;
            self.mend_step(&mut mending).await?;
        }
        Ok(())
    }

    /// What [`Served::mend_step`] begins with.
    pub fn mending(&self) -> Mending {
        Mending {
            password: self.password_now(),
            changed: false,
        }
    }

    /// Looks once whether an account that the hub refused may be tried again: its password is
    /// another one, or it is time.
    ///
    /// # Errors
    /// The database's, but where it is only away for a moment.
    pub async fn mend_step(&self, mending: &mut Mending) -> Result<(), LedgerError> {
        let now = self.password_now();
        if now.is_some() && now != mending.password {
            match gateway::of(&self.account, &self.ledger, &self.world) {
                Ok(gateway) => {
                    *self.gateway.write().unwrap_or_else(PoisonError::into_inner) = gateway;
                }
                Err(failure) => {
                    tracing::warn!(account = %self.account.name, %failure, "the new password can't be used");
                    return Ok(());
                }
            }
            mending.password = now;
            mending.changed = true;
        }
        match self.try_again_if_due(mending.changed).await {
            Ok(()) => mending.changed = false,
            Err(error) if error.is_transient() => {} // `changed` is kept for the next time
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn try_again_if_due(&self, password_changed: bool) -> Result<(), LedgerError> {
        let line = self.line().await?;
        if hub_refuses(&line) && (password_changed || line.pause_retry_due) {
            tracing::info!(account = %self.account.name, "trying the paused account again");
            self.ledger.unpause_by_itself(&self.account.name).await?;
            self.moved();
        }
        Ok(())
    }

    fn password_now(&self) -> Option<[u8; 32]> {
        use secrecy::ExposeSecret;
        use sha2::{Digest, Sha256};
        let password = self.account.read_password().ok()?;
        Some(Sha256::digest(password.expose_secret().as_bytes()).into())
    }
}
