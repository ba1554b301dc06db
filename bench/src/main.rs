//! `cargo xtask bench`: each measure beside its reference in the same run, interleaved, several
//! times. The task starts this program with a PostgreSQL that syncs, an optimised `ingestd`, and
//! Python where there is one; `ingest-bench part …` is one runner in a process of its own.

mod child;
mod contest;
mod database;
mod figures;
mod ground;
mod hub;
mod machine;
mod measures;
mod parts;
mod report;
mod sheets;
mod site;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;

use ground::Ground;
use machine::Machine;

#[derive(Parser)]
enum Asked {
    /// Runs the measures whose names begin with NAME, or all
    Run(Options),
    /// One runner in a process of its own; its last line is what it measured
    Part {
        name: String,
        arguments: Vec<String>,
    },
}

#[derive(clap::Args)]
struct Options {
    /// Which measures: those whose names begin so
    name: Option<String>,
    /// Rows of the large sheet
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// How often each runner runs
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// What chance begins with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rows of history in the measures that want one
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000, 10_000_000])]
    history: Vec<u32>,
    /// Writes all that was measured here, too
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where sheets and databases are kept; sheets are made once
    #[arg(long)]
    folder: PathBuf,
}

fn main() -> Result<ExitCode> {
    match Asked::parse() {
        Asked::Part { name, arguments } => {
            parts::run(&name, &arguments).map(|()| ExitCode::SUCCESS)
        }
        Asked::Run(options) => run(&options),
    }
}

fn run(options: &Options) -> Result<ExitCode> {
    let ground = Ground::of(options)?;
    let asked = options.name.as_deref().unwrap_or_default();
    let chosen: Vec<_> = measures::all()
        .into_iter()
        .filter(|measure| measure.name.starts_with(asked))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = measures::all().iter().map(|measure| measure.name).collect();
        bail!(
            "no measure begins with `{asked}`; there are {}",
            names.join(", ")
        );
    }
    let machine = Machine::seen(&ground);
    println!("{machine}");
    let mut outcomes = Vec::new();
    let mut failed = false;
    for measure in chosen {
        eprintln!("bench: {}", measure.name);
        match (measure.run)(&ground) {
            Ok(of_it) => {
                for outcome in of_it {
                    println!("{}", report::table(&outcome));
                    failed |= outcome.lost().next().is_some();
                    outcomes.push(outcome);
                }
            }
            Err(why) => {
                failed = true;
                eprintln!("bench: {} could not be measured: {why:#}", measure.name);
            }
        }
        if let Some(path) = &options.json {
            report::write_json(path, &ground, &machine, &outcomes)?;
        }
    }
    Ok(match failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}
