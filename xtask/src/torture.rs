//! `cargo xtask torture`: what the tests do once, many times, with databases that sync every commit
//! to disk as in production. It takes hours, and no test waits for it.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::test;

#[derive(Args)]
pub(crate) struct Options {
    /// How often each kill is tried on each database
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the scenarios whose names hold this
    #[arg(default_value = "killed_at")]
    name: String,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let arguments = ["-p", "ingestd-tests", "--test", "it", &options.name].map(str::to_owned);
    let rounds = ("INGESTD_TORTURE", options.rounds.to_string());
    test::run_with(true, &arguments, &[rounds])
}
