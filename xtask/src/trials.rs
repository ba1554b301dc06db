//! `cargo xtask trials`: the figures of `docs/RELIABILITY.md`, measured anew on the whole program,
//! with databases that sync every commit to disk. It takes its time, and no test waits for it.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::postgres::{Durability, Programs, Server};
use crate::workspace::{cargo, step, target_directory};

/// The one trial without a database.
const WIRE: &str = "wire";
const WIRE_CALLS: u32 = 10_000;

#[derive(Args)]
pub(crate) struct Options {
    /// lost-answers, forged, restarts, fair, after-faults, or all of them; or wire: lost answers of the
    /// client crate alone
    name: String,
    /// How many calls, callbacks, restarts or rows; each trial has its own usual number
    #[arg(long)]
    n: Option<u32>,
    /// What chance begins with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On this engine alone: sqlite or postgres
    #[arg(long)]
    engine: Option<String>,
    /// Of the optimised program
    #[arg(long)]
    release: bool,
}

/// The PostgreSQL is always a server of our own: a trial lets it crash.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.name == WIRE {
        return wire(options);
    }
    let programs = Programs::find_or_install()?;
    let mut build = cargo([
        "build",
        "--locked",
        "-p",
        "ingestd-tests",
        "-p",
        "ingestd",
        "--bins",
    ]);
    if options.release {
        build.arg("--release");
    }
    step("building ingestd and its trials", &mut build)?;
    let target = target_directory()?;
    let built = target.join(match options.release {
        true => "release",
        false => "debug",
    });
    let server = Server::start(&programs, &target.join("pg"), Durability::Durable)?;
    let mut trials = std::process::Command::new(built.join("trials"));
    trials
        .arg(&options.name)
        .args(["--seed", &options.seed.to_string()])
        .env("TEST_DATABASE_URL", server.url())
        .env("INGESTD_BIN", built.join("ingestd"));
    if let Some(n) = options.n {
        trials.args(["--n", &n.to_string()]);
    }
    if let Some(engine) = &options.engine {
        trials.args(["--engine", engine]);
    }
    eprintln!("xtask: trials, on SQLite and on {programs}, a server of our own");
    let ended = trials.status().context("the trials could not be started")?;
    Ok(match ended.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The client crate's own test of lost answers, with many more of them.
fn wire(options: &Options) -> Result<ExitCode> {
    let mut test = cargo([
        "test",
        "--locked",
        "-p",
        "asaanbill-http",
        "--test",
        "client",
    ]);
    test.args(["lost_answers", "--", "--nocapture"]);
    test.env("LOST_ANSWERS", options.n.unwrap_or(WIRE_CALLS).to_string());
    step("lost answers of the client alone", &mut test)?;
    Ok(ExitCode::SUCCESS)
}
