//! `resume --moved`: the hub has another address, or calls the user by another name, and is the same
//! hub. What was billed there is known under the new login from then on.
//!
//! The hub is asked: one that lists none of the requests that were made is another one, where
//! nothing of it is billed.

use std::collections::HashSet;

use ingest_ledger::{Ledger, LedgerError};

use super::restored::requests_listed;
use crate::config::Account;
use crate::exit::{Exit, Failure};

/// Takes what was billed along to the login that the configuration names now.
pub(super) async fn take_along(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    let (name, login) = (&account.name, account.login());
    let lines = ledger.accounts().await?;
    let Some(line) = lines.iter().find(|line| line.account == *name) else {
        return Ok(ledger.account_put(name, &login).await?);
    };
    if line.login == login {
        return Ok(());
    }
    if line.served {
        let holder = line.lease_holder.as_deref().unwrap_or_default();
        return Err(stays(
            name,
            format!("it is served by {holder} with the configuration of before"),
        )
        .help("stop that service, and ask again"));
    }
    let made = ledger.owned_requests(&line.login).await?;
    if !made.is_empty() {
        let listed = requests_listed(ledger, account).await?;
        let listed: HashSet<String> = listed.iter().map(i64::to_string).collect();
        if made.is_disjoint(&listed) {
            return Err(stays(
                name,
                format!(
                    "the hub at {} lists none of the bulk requests that were made as `{}`, so it is another hub",
                    account.base_url, line.login
                ),
            )
            .help("give the account a name of its own in the configuration"));
        }
    }
    match ledger.account_moved(name, &login).await {
        Err(LedgerError::Refused(why)) => Err(stays(name, why)),
        moved => Ok(moved?),
    }
}

fn stays(name: &str, why: String) -> Failure {
    Failure::new(
        Exit::Attention,
        format!("account {name} stays as it is: {why}"),
    )
}
