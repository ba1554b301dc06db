//! `run`: the service, until it is told to stop; with `--once`, until nothing is left to do.

use super::terminal::Terminal;
use crate::cli::RunArgs;
use crate::exit::{Exit, Failure};
use crate::service::{self, RunOptions};

pub(super) async fn command(terminal: &Terminal, args: &RunArgs) -> Result<Exit, Failure> {
    let config = terminal.config()?;
    service::run(
        &config,
        RunOptions {
            once: args.once,
            patience: args.patience,
            quiet: terminal.quiet(),
        },
    )
    .await
}
