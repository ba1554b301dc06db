//! `approve`: a person's decision on what is held.

use super::asking;
use super::terminal::Terminal;
use crate::cli::ApproveArgs;
use crate::decisions::Ask;
use crate::exit::{Exit, Failure};

pub(super) async fn command(terminal: &Terminal, args: ApproveArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let file = super::files::file(&ledger, args.file_id).await?;
    let wait = asking::patience(&args.waiting);
    let ask = Ask::Approve {
        file_id: args.file_id,
        reason: args.reason,
        sheet: args.sheet,
        rows: args.rows.map(|rows| rows.numbers()),
    };
    let exit = asking::ask(terminal, &config, &ledger, &file.account, ask, wait).await?;
    ledger.close().await;
    Ok(exit)
}
