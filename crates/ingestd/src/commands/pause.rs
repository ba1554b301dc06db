//! `pause` and `resume`: an account sends nothing until it may again.

mod moved;
mod restored;

use ingest_ledger::{Ledger, PauseKind};

use super::terminal::Terminal;
use crate::config::Account;
use crate::exit::{Exit, Failure};

/// Pauses an account until a person resumes it.
///
/// # Errors
/// Exit 5: the database.
pub async fn pause(ledger: &Ledger, account: &Account, reason: &str) -> Result<(), Failure> {
    // An account that was never served has no line yet, and is to be paused all the same.
    ledger.account_put(&account.name, &account.login()).await?;
    Ok(ledger
        .pause(&account.name, PauseKind::Person, reason, None)
        .await?)
}

/// Ends a pause, whatever its reason.
///
/// # Errors
/// Exit 5: the database.
pub async fn unpause(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    Ok(ledger.unpause(&account.name).await?)
}

pub(super) async fn command(
    terminal: &Terminal,
    name: &str,
    reason: Option<&str>,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = config.account(name)?;
    pause(&ledger, account, reason.unwrap_or("paused by hand")).await?;
    ledger.close().await;
    terminal.say(&format!(
        "{name} is paused: a call under way ends, no other begins; sheets are still taken, and what became of bills is \
         still asked. `ingestd resume {name}` ends the pause"
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn resume(
    terminal: &Terminal,
    name: &str,
    moved: bool,
    restored: bool,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = config.account(name)?;
    if moved {
        moved::take_along(&ledger, account).await?;
    }
    if restored {
        restored::take_over(&ledger, account).await?;
    }
    unpause(&ledger, account).await?;
    ledger.close().await;
    terminal.say(&format!("{name} may send again"))?;
    Ok(Exit::Done)
}
