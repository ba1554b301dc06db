//! The program `ingestd`: six sentences, and the rest is in the library.

use std::process::ExitCode;

use clap::Parser;
use ingestd::cli::{self, Cli};
use ingestd::commands;
use ingestd::exit::Exit;

/// Gives memory back to the system after a large sheet.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::one_sentence_for_a_defect();
    let asked = Cli::parse();
    cli::start_log(&asked);
    cli::started_with(asked.global.config.as_deref());
    let ended = std::panic::catch_unwind(|| commands::dispatch(asked)).unwrap_or(Ok(Exit::Defect));
    let exit = ended.unwrap_or_else(|failure| {
        cli::print_failure(&failure);
        failure.exit
    });
    cli::code(exit)
}
