//! `cancel`: those rows of a file that are not at the hub are never sent.

use super::asking;
use super::terminal::Terminal;
use crate::decisions::{Ask, Wait};
use crate::exit::{Exit, Failure};

pub(super) async fn command(terminal: &Terminal, file_id: i64) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let file = super::files::file(&ledger, file_id).await?;
    let exit = asking::ask(
        terminal,
        &config,
        &ledger,
        &file.account,
        Ask::Cancel { file_id },
        Wait::Answer,
    )
    .await?;
    ledger.close().await;
    Ok(exit)
}
