//! The log: to standard error, so that standard output is the answer alone.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::{Cli, Command};

/// Starts the log. `RUST_LOG` decides what is said; without it the service says what it does, and
/// the other commands only what is wrong, more with `-v` and less with `-q`. Statements of the
/// database, slow ones too, are not logged unless `RUST_LOG` asks for them: they would drown the rest.
pub fn start(cli: &Cli) {
    let ours = match (cli.global.quiet, cli.global.verbose, &cli.command) {
        (true, _, _) => "error",
        (false, 0, Command::Run(_) | Command::Sandbox(_)) => "info",
        (false, 0, _) => "warn",
        (false, 1, Command::Run(_) | Command::Sandbox(_)) => "debug",
        (false, 1, _) => "info",
        (false, 2, _) => "debug",
        (false, _, _) => "trace",
    };
    let others = if cli.global.quiet { "error" } else { "warn" };
    let default = format!(
        "{others},sqlx=error,ingestd={ours},ingest_ledger={ours},asaanbill_http={ours},asaanbill_sandbox={ours},fee_sheet={ours}"
    );
    let filter = match std::env::var("RUST_LOG") {
        Ok(wish) if !wish.trim().is_empty() => EnvFilter::try_new(&wish).unwrap_or_else(|error| {
            eprintln!("ingestd: RUST_LOG is not understood ({error}); going on without it");
            EnvFilter::new(&default)
        }),
        _ => EnvFilter::new(&default),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .try_init();
    crate::moments::say_what_is_obeyed();
    // A second start in one process (a test) keeps the first one's log.
    drop(started);
}
