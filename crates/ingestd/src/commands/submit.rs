//! `submit`: one file is taken as if it had been dropped into the inbox.

use std::path::Path;

use super::asking;
use super::terminal::{Terminal, account_meant};
use crate::cli::SubmitArgs;
use crate::config::Account;
use crate::decisions::{Ask, Wait};
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::spool::{Spool, Spooled, hex};

/// Copies a file into the account's spool, to be taken from there.
///
/// # Errors
/// Exit 3: the file can't be read. Exit 2: the inbox can't be written.
pub fn into_spool(account: &Account, file: &Path) -> Result<Ask, Failure> {
    let name = super::check::plain_file_name(file)?;
    let spooled = spool_of(account)?
        .take(file)
        .map_err(|error| Failure::file(format!("{} can't be copied: {error}", file.display())))?;
    Ok(ask_for(name, spooled, false))
}

/// Where the account keeps its copies.
pub(super) fn spool_of(account: &Account) -> Result<Spool, Failure> {
    let unusable = |error: std::io::Error| {
        Failure::usage(format!(
            "the inbox {} can't be used: {error}",
            account.inbox.display()
        ))
        .help("`ingestd doctor` looks closer")
    };
    folder::make_folders(&account.inbox).map_err(unusable)?;
    let spool = Spool::of(&account.inbox);
    spool.make().map_err(unusable)?;
    Ok(spool)
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
    let ask = into_spool(account, &args.file)?;
    let wait = match args.wait {
        true => Wait::Final(args.patience),
        false => Wait::Answer,
    };
    let exit = asking::ask(terminal, &config, &ledger, &account.name, ask, wait).await?;
    ledger.close().await;
    Ok(exit)
}
