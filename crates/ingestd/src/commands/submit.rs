//! `submit`: one file is taken as if it had been dropped into the inbox.

use std::path::Path;

use ingest_ledger::Ledger;

use super::asking;
use super::terminal::{Terminal, account_meant};
use crate::cli::SubmitArgs;
use crate::config::Account;
use crate::decisions::{Ask, Wait};
use crate::exit::{Exit, Failure};
use crate::service::inbox_ready;
use crate::spool::{Spool, Spooled, hex};

/// Copies a file into the account's spool, to be taken from there.
///
/// # Errors
/// Exit 3: the file can't be read. Exit 2: the inbox is not there, or can't be written.
pub async fn into_spool(ledger: &Ledger, account: &Account, file: &Path) -> Result<Ask, Failure> {
    let name = super::check::plain_file_name(file)?;
    let spooled = spool_of(ledger, account)
        .await?
        .take(file)
        .map_err(|error| Failure::file(format!("{} can't be copied: {error}", file.display())))?;
    Ok(ask_for(name, spooled, false))
}

/// Where the account keeps its copies. An inbox that is not there just now has no place for one, and
/// is not made anew: whatever was put there would be hidden when it is back.
pub(super) async fn spool_of(ledger: &Ledger, account: &Account) -> Result<Spool, Failure> {
    let ledger_id = ledger.ledger_id().await?;
    match inbox_ready(account, ledger, &ledger_id).await? {
        None => Ok(Spool::of(&account.inbox)),
        Some(why) => Err(Failure::usage(format!(
            "account {}: the inbox {} is unavailable: {why}",
            account.name,
            account.inbox.display()
        ))
        .help("nothing was stored or sent; try again when it is back")),
    }
}

pub(super) fn ask_for(file_name: String, spooled: Spooled, by_hand: bool) -> Ask {
    Ask::Submit {
        file_name,
        spool_name: spooled.name,
        sha256: hex(&spooled.sha256),
        size: spooled.size,
        by_hand,
    }
}

pub(super) async fn command(terminal: &Terminal, args: SubmitArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = account_meant(&config, &args.whose)?;
    let ask = into_spool(&ledger, account, &args.file).await?;
    let wait = match args.wait {
        true => Wait::Final(args.patience),
        false => Wait::Answer,
    };
    let exit = asking::ask(terminal, &config, &ledger, &account.name, ask, wait).await?;
    ledger.close().await;
    Ok(exit)
}
