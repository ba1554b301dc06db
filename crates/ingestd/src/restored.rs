//! Is this the database that made the account's newest call? One that came back from a backup has
//! forgotten calls, and would bill again what it forgot. The marker beside the spool knows the newest
//! one: it is read before every call, and written before the call's first byte leaves.

use std::time::Duration;

use ingest_ledger::{Attempt, Ledger, LedgerError, NewestCall, PauseKind};

use crate::account::Served;
use crate::config::Account;
use crate::folder::newest_call::{self, Found, Marker};
use crate::intake::blocking;

/// An inbox that is away is looked for again after this.
const AWAY_AGAIN: Duration = Duration::from_secs(5);
/// A hub that could not say whether the database is behind is asked again after this.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// How the trouble of an inbox that is away begins.
const AWAY: &str = "its inbox is away: ";

/// How a database stands to what was sent for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It knows the newest call.
    Right,
    /// There is no marker yet: nothing was sent since markers are written.
    Unmarked,
    /// There was a marker, and it is gone: only the hub knows whether calls were forgotten.
    Lost,
    /// It does not know the newest call, for this reason.
    Behind(String),
    /// The inbox is away, so nothing is known.
    Away(String),
}

/// Looks at the marker of an account and holds it against the ledger.
///
/// # Errors
/// The database's.
pub async fn standing(
    ledger: &Ledger,
    ledger_id: &str,
    account: &Account,
) -> Result<Standing, LedgerError> {
    let (inbox, ours) = (account.inbox.clone(), ledger_id.to_owned());
    let found = match blocking(move || newest_call::read(&inbox, &ours)).await {
        Ok(found) => found,
        Err(error) => return Ok(Standing::Away(error.to_string())),
    };
    Ok(match found {
        Found::Strange(why) => Standing::Behind(why),
        Found::Nothing if ledger.was_marked(&account.name).await? => Standing::Lost,
        Found::Nothing => Standing::Unmarked,
        Found::Marker(marker) if marker.ledger_id != ledger_id => {
            Standing::Behind("the marker beside its spool names another database's call".to_owned())
        }
        Found::Marker(Marker { call: None, .. }) => Standing::Right,
        Found::Marker(Marker {
            call: Some(call), ..
        }) => match ledger.knows_call(&call).await? {
            true => Standing::Right,
            false => Standing::Behind(format!(
                "the marker beside its spool names call {}, which this database does not know",
                call.attempt_id
            )),
        },
    })
}

/// What is said of an account whose database is behind.
pub fn behind_sentence(account: &str, why: &str) -> String {
    format!(
        "{why}: it seems to have come back from a backup, and could bill again what it forgot, so nothing is sent; \
         {}",
        what_to_do(account)
    )
}

/// The command that ends it, and what that does.
pub fn what_to_do(account: &str) -> String {
    format!(
        "put the right database back, or `ingestd resume {account} --restored`: it asks the hub for every bill that this \
         database does not know, takes the sheets in done/ again that it does not know, and lets the account send"
    )
}

/// Whether calls may be made for the account, before any is intended: `Err` holds how long to wait
/// where not. An account whose database is behind is paused, and goes on by itself once the right one
/// is there.
pub async fn may_call(served: &Served) -> Result<Result<(), Option<Duration>>, LedgerError> {
    let (ledger, account) = (&served.ledger, &served.account);
    let standing = standing(ledger, &served.ledger_id, account).await?;
    let standing = match standing {
        Standing::Lost => match lost(served).await? {
            Ok(standing) => standing,
            Err(wait) => return Ok(Err(Some(wait))),
        },
        standing => standing,
    };
    let paused = served.line().await?.paused_kind == Some(PauseKind::Restored);
    match standing {
        Standing::Right | Standing::Unmarked | Standing::Lost => {
            if served.unmarkable().is_some_and(|why| why.starts_with(AWAY)) {
                served.can_mark(None);
            }
            let newest = ledger.newest_call(&account.name).await?;
            if standing == Standing::Right {
                ledger.call_marked(&account.name).await?;
            } else if standing == Standing::Lost || newest.is_some() {
                // The folder is a new one, or calls were made before markers were written.
                if let Err(why) = write(served, newest).await? {
                    served.can_mark(Some(why));
                    return Ok(Err(Some(AWAY_AGAIN)));
                }
            }
            if paused {
                tracing::info!(account = %account.name, "its database knows the newest call again");
                ledger.unpause(&account.name).await?;
                served.moved();
            }
            Ok(Ok(()))
        }
        Standing::Behind(why) => {
            if !paused {
                let reason = behind_sentence(&account.name, &why);
                tracing::warn!(account = %account.name, reason, "account paused");
                ledger
                    .pause(&account.name, PauseKind::Restored, &reason, None)
                    .await?;
                served.moved();
            }
            Ok(Err(None))
        }
        Standing::Away(why) => {
            if served.can_mark(Some(format!("{AWAY}{why}"))) {
                tracing::warn!(
                    account = %account.name, why,
                    "nothing is sent while the inbox is away, because no call may be made that is not marked in it"
                );
            }
            Ok(Err(Some(AWAY_AGAIN)))
        }
    }
}

/// The marker is gone that was there. If the hub lists no request that may be a forgotten call's, it
/// was the folder that was lost, and not the database that is behind.
async fn lost(served: &Served) -> Result<Result<Standing, Duration>, LedgerError> {
    let listed = match served.gateway().every_request().await {
        Ok(listed) => listed,
        Err(error) => {
            served.not_read(&error).await?;
            return Ok(Err(ASKED_AGAIN));
        }
    };
    let login = served.account.login();
    let known = served.ledger.known_requests(&login).await?;
    let owned = served.ledger.owned_requests(&login).await?;
    let number = |id: &String| id.parse::<i64>().unwrap_or(i64::MAX);
    let newest_owned = owned.iter().map(number).max().unwrap_or(i64::MIN);
    let forgotten = listed
        .iter()
        .filter(|id| !known.contains(*id) && number(id) > newest_owned)
        .count();
    Ok(Ok(match forgotten {
        0 => {
            tracing::warn!(
                account = %served.account.name,
                "the marker beside its spool was gone; the hub lists no request that this database does not know, so it is written again"
            );
            Standing::Lost
        }
        n => Standing::Behind(format!(
            "the marker beside its spool is gone, and the hub lists {} newer than all that this database knows",
            crate::commands::many(n as u64, "bulk request")
        )),
    }))
}

/// Marks a call whose intent is stored, before its first byte leaves. The inner error says why the
/// call is not to be made.
pub async fn mark(served: &Served, attempt: &Attempt, body_sha256: [u8; 32]) -> Result<(), String> {
    let call = NewestCall {
        attempt_id: attempt.attempt_id,
        body_sha256,
    };
    let marked = match write(served, Some(call)).await {
        Ok(marked) => marked,
        Err(error) => Err(format!(
            "that it is written could not be remembered: {error}"
        )),
    };
    let why = marked.err().map(|why| {
        format!(
            "the call was not made, because the marker beside the spool could not be written: {why}"
        )
    });
    if served.can_mark(why.clone())
        && let Some(why) = &why
    {
        tracing::warn!(account = %served.account.name, "{why}; it is tried again");
    }
    why.map_or(Ok(()), Err)
}

/// Writes the marker, and remembers that there is one. One that names a call after this one is another
/// service's, which has taken over: it stays.
pub(crate) async fn write(
    served: &Served,
    call: Option<NewestCall>,
) -> Result<Result<(), String>, LedgerError> {
    let (inbox, ledger_id) = (served.account.inbox.clone(), served.ledger_id.clone());
    let written = blocking(move || {
        if let Found::Marker(before) = newest_call::read(&inbox, &ledger_id)?
            && before.ledger_id == ledger_id
            && before.call.map(|call| call.attempt_id) > call.as_ref().map(|call| call.attempt_id)
        {
            return Err(std::io::Error::other("a newer call is marked already"));
        }
        newest_call::write(&inbox, &Marker { ledger_id, call })
    })
    .await;
    match written {
        Ok(()) => {
            served.ledger.call_marked(&served.account.name).await?;
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}
