//! Everything around the build. `cargo xtask` lists the tasks; each one is a
//! file of this folder.

mod bench;
mod check;
mod postgres;
mod sheets;
mod simulate;
mod test;
mod tidy;
mod torture;
mod trials;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Everything around the build"
)]
enum Task {
    /// Every test, on SQLite and on a real PostgreSQL
    Test(test::Options),
    /// Every kill and every cut again and again, on databases that sync to disk
    Torture(torture::Options),
    /// The figures of docs/RELIABILITY.md, measured anew
    Trials(trials::Options),
    /// How fast, and in how much memory: each measure beside its reference, in one run
    Bench(bench::Options),
    /// Formatting, clippy, documentation, tidy, licences: what a change must pass besides its tests
    Check,
    /// The arrows between our crates, and the house rules a compiler does not know
    Tidy,
    /// The whole road in one process from many seeds, with faults at every step; the story of one
    Simulate(simulate::Options),
    /// Makes the sheets of watch-dir.example anew
    Sheets,
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Test(options) => test::run(&options),
        Task::Torture(options) => torture::run(&options),
        Task::Trials(options) => trials::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Check => check::run(),
        Task::Tidy => tidy::run(),
        Task::Simulate(options) => simulate::run(&options),
        Task::Sheets => sheets::run(),
    };
    done.unwrap_or_else(|why| {
        eprintln!("xtask: {why:#}");
        ExitCode::FAILURE
    })
}
