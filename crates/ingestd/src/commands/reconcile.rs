//! `reconcile`: the hub is asked now, within the account's rate, about everything that is not final.

use ingest_ledger::Ledger;

use super::asking;
use super::terminal::Terminal;
use crate::cli::ReconcileArgs;
use crate::decisions::{Ask, Wait};
use crate::exit::{Exit, Failure};

pub(super) async fn command(terminal: &Terminal, args: ReconcileArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let accounts = match (args.file, args.account) {
        (Some(file_id), account) => {
            let file = super::files::file(&ledger, file_id).await?;
            if account.is_some_and(|account| account != file.account) {
                let whose = format!("file {file_id} is one of account {}", file.account);
                return Err(Failure::usage(whose));
            }
            vec![file.account]
        }
        (None, Some(account)) => vec![config.account(&account)?.name.clone()],
        (None, None) => config.accounts.keys().cloned().collect(),
    };
    let mut asks = Vec::new();
    for account in accounts {
        if anything_open(&ledger, &account, args.file).await? {
            let ask = Ask::Reconcile { file_id: args.file };
            asks.push((account, ask));
        }
    }
    if asks.is_empty() {
        terminal.note("nothing is open at the hub that it could be asked about");
    }
    let exit =
        asking::ask_each(terminal, &config, &ledger, asks, Wait::Final(args.patience)).await?;
    ledger.close().await;
    Ok(exit)
}

/// Whether the hub may have anything new to say.
async fn anything_open(
    ledger: &Ledger,
    account: &str,
    file_id: Option<i64>,
) -> Result<bool, Failure> {
    if !ledger.open_asks(account, file_id).await?.is_empty() {
        return Ok(true);
    }
    let doubts = ledger.unknown_chunks(account).await?;
    Ok(doubts
        .iter()
        .any(|doubt| file_id.is_none_or(|file_id| file_id == doubt.chunk.file_id)))
}
