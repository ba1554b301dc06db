//! `cargo xtask bench`: builds the program and the bench for release, starts a PostgreSQL that syncs
//! every commit, makes a Python for the references, and lets `ingest-bench` measure.

mod filler;
mod python;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow};
use clap::Args;

use crate::postgres::{Durability, Programs, Server};
use crate::workspace::{cargo, root, step, target_directory};

#[derive(Args)]
pub(crate) struct Options {
    /// Only the measures whose names begin so: check-csv, check-xlsx, store-rows, outcomes, whole-job,
    /// limited-hub, first-call, growth, pages, verify
    name: Option<String>,
    /// Rows of the large sheet
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// How often each runner runs
    #[arg(long, default_value_t = 3)]
    times: u32,
    /// What chance begins with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rows of history in growth, pages and verify
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "1000000,10000000",
        value_name = "ROWS,…"
    )]
    history: Vec<u32>,
    /// Writes every run here, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Without the references in Python
    #[arg(long)]
    no_python: bool,
}

/// Measures that want a database with a history.
const WITH_HISTORY: [&str; 3] = ["growth", "pages", "verify"];
/// Measures with references in Python, and which these are.
const WITH_PYTHON: [(&str, &str); 3] = [
    ("check-csv", "polars, DuckDB, pandas, Python's csv"),
    ("check-xlsx", "openpyxl"),
    ("whole-job", "the plain and the expert program in Python"),
];

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let programs = Programs::find_or_install()?;
    let target = target_directory()?;
    let mut build = cargo([
        "build",
        "--locked",
        "--release",
        "-p",
        "ingestd",
        "-p",
        "ingest-bench",
        "--bins",
    ]);
    step("building ingestd and the bench for release", &mut build)?;
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;

    let mut bench = Command::new(target.join("release/ingest-bench"));
    bench.arg("run").args(&options.name);
    bench.arg("--folder").arg(&folder);
    for (name, value) in [
        ("--rows", options.rows.to_string()),
        ("--times", options.times.to_string()),
        ("--seed", options.seed.to_string()),
    ] {
        bench.args([name, &value]);
    }
    let history: Vec<String> = options.history.iter().map(u32::to_string).collect();
    bench.args(["--history", &history.join(",")]);
    if let Some(json) = &options.json {
        bench.arg("--json").arg(std::path::absolute(json)?);
    }
    bench.env("INGESTD_BIN", target.join("release/ingestd"));
    bench.env("BENCH_BESIDE", root().join("bench/beside"));
    if let Some(psql) = programs.psql() {
        bench.env("BENCH_PSQL", psql);
    }
    let asked = options.name.as_deref().unwrap_or_default();
    let with_python = WITH_PYTHON
        .iter()
        .filter(|(name, _)| name.starts_with(asked));
    let left_out: Vec<String> = with_python
        .map(|(name, who)| format!("{who} (in {name})"))
        .collect();
    if !left_out.is_empty() {
        let made = match options.no_python {
            true => Err(anyhow!("--no-python")),
            false => python::made(&folder.join("venv")),
        };
        match made {
            Ok(python) => drop(bench.env("BENCH_PYTHON", python)),
            Err(why) => eprintln!(
                "xtask: no references in Python: {why:#}\nxtask: left out, and every goal beside them not measured: {}",
                left_out.join("; ")
            ),
        }
    }
    if WITH_HISTORY.iter().any(|name| name.starts_with(asked)) {
        bench.env("BENCH_FILLER", filler::built()?);
    }
    let server = Server::start(&programs, &target.join("pg"), Durability::Durable)?;
    bench.env("TEST_DATABASE_URL", server.url());
    eprintln!("xtask: bench, on SQLite and on {programs}, a server of our own that syncs");
    let ended = bench.status().context("the bench could not be started")?;
    Ok(match ended.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
