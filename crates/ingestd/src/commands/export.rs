//! `export`: the result sheet of a file, written again.

use std::path::Path;

use super::terminal::Terminal;
use crate::exit::{Exit, Failure};

pub(super) async fn command(
    terminal: &Terminal,
    file_id: i64,
    out: Option<&Path>,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let file = super::files::file(&ledger, file_id).await?;
    let account = config.account(&file.account)?;
    if let Some(out) = out {
        let known = out
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("xlsx") || end.eq_ignore_ascii_case("csv"));
        if !known {
            return Err(Failure::usage(format!(
                "{} ends neither in .xlsx nor in .csv",
                out.display()
            ))
            .help("the ending says which of the two is written"));
        }
    }
    let written = crate::reports::export(&ledger, account, file_id, out).await?;
    ledger.close().await;
    terminal.say(&written.display().to_string())?;
    Ok(Exit::Done)
}
