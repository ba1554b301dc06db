//! `cargo xtask simulate`: the whole road in one process, from many seeds, with faults at every step;
//! or the story of one seed; or every bug on purpose. The simulator itself is in `simulate/`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::workspace::cargo;

#[derive(Args)]
pub(crate) struct Options {
    /// As the simulator takes it: --seeds N, --first N, --seed N (its story), --bugs, --bug NAME, --fair
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let how = "run --quiet --locked --profile simulate --package ingestd-simulate --".split(' ');
    let status = cargo(how)
        .args(&options.arguments)
        .status()
        .context("cargo can't be started")?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
