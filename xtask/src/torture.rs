//! `cargo xtask torture`: what the tests do once, many times, with databases that sync every commit
//! to disk as in production. It takes an hour, and no test waits for it. At its end it says how
//! many kills were made at each moment on each database. `cargo xtask torture fuzz` tries the readers
//! of sheets instead.

mod fuzz;
mod tally;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::test;
use tally::Tally;

/// The scenarios that kill the program. They mostly wait for a dead process's lease to end, so
/// some of them run side by side.
const KILLS: &str = "killed";
const AT_ONCE: &str = "--test-threads=4";

#[derive(Args)]
pub(crate) struct Options {
    /// How often each kill is tried on each database
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the scenarios whose names hold this; or `fuzz`, the readers of sheets with inputs made by
    /// chance
    #[arg(default_value = KILLS)]
    name: String,
    /// Of `fuzz`, this target alone: csv, xlsx, xlsb, xls, ods, zip, frames, headings, amounts, dates
    target: Option<String>,
    /// How long each target of `fuzz` runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    minutes: u32,
}

/// The name that means no scenario.
const FUZZ: &str = "fuzz";

/// Fails if a scenario does; or, where all that kill were asked for, if a moment was not met in every round.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.name == FUZZ {
        return fuzz::run(options.minutes, options.target.as_deref());
    }
    let scenarios = ["-p", "ingestd-tests", "--test", "it", &options.name];
    let arguments: Vec<String> = scenarios
        .into_iter()
        .chain(["--", AT_ONCE])
        .map(str::to_owned)
        .collect();
    let book = tempfile::NamedTempFile::new().context("no temporary file can be made")?;
    let variables = [
        ("INGESTD_TORTURE", options.rounds.to_string()),
        ("INGESTD_KILLS", book.path().display().to_string()),
    ];
    let code = test::run_with(true, &arguments, &variables)?;
    let noted = std::fs::read_to_string(book.path()).context("the book of kills can't be read")?;
    let tally = Tally::of(&noted);
    if !noted.is_empty() {
        println!("{tally}");
    }
    let rounds = usize::try_from(options.rounds)?;
    let fewer = tally.fewer_than(rounds);
    if options.name == KILLS && !fewer.is_empty() {
        eprintln!("xtask: fewer kills than {rounds}: {}", fewer.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(code)
}
