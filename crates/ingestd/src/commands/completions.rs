//! `completions`: what a shell needs to complete our commands.

use clap::CommandFactory;
use clap_complete::Shell;

use super::terminal::Terminal;
use crate::cli::Cli;
use crate::exit::{Exit, Failure};

/// The script of a shell.
#[must_use]
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ingestd", &mut script);
    script
}

pub(super) fn command(terminal: &Terminal, shell: Shell) -> Result<Exit, Failure> {
    let script = String::from_utf8(script(shell))
        .map_err(|_| Failure::defect("the completions are not text"))?;
    let mut paper = terminal.paper();
    paper.text(&script)?;
    paper.finish()?;
    Ok(Exit::Done)
}
