//! What an account does when the hub would not have it, is not ready, or can't be read.

use std::time::Duration;

use ingest_ledger::{AccountLine, LedgerError, PauseKind};

use super::{PASSWORD_LOOKED_AT_EVERY, Served};
use crate::gateway::{AskError, NotReady};

/// How long an account that the hub refused stays paused before it is tried again.
const PAUSE_RETRIED_AFTER: Duration = Duration::from_secs(15 * 60);

impl Served {
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
