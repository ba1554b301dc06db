//! `cargo xtask simulate`: runs many seeds side by side, or tells the story of one, or shows that bugs
//! on purpose are caught.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulate::{Bug, Plan, caught_within, run, run_all};

/// A run asks for little memory, often, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the whole road from seeds, with faults at every step.
#[derive(Parser)]
struct Asked {
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Tells the story of this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// No faults: nothing may be held or in doubt for no reason.
    #[arg(long)]
    fair: bool,
    /// This bug is planted: with `--seed`, in that run; with `--bugs`, no other.
    #[arg(long)]
    bug: Option<String>,
    /// Plants every bug there is, and says within how many seeds each is caught.
    #[arg(long)]
    bugs: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let asked = Asked::parse();
    let bug = asked.bug.as_deref().map(bug_named).transpose()?;
    let plan = Plan {
        seed: asked.first,
        with_story: false,
        fair: asked.fair,
        bug,
    };
    if let Some(seed) = asked.seed {
        return tell(Plan {
            seed,
            with_story: true,
            ..plan
        });
    }
    if asked.bugs {
        return catch(bug, asked.first, asked.seeds);
    }
    let started = Instant::now();
    let all = run_all(plan, asked.seeds);
    println!(
        "{} seeds in {:.1?}: {}",
        all.ran,
        started.elapsed(),
        all.tally
    );
    println!(
        "lost {}, double {}, silent discards {}",
        all.lost, all.double, all.silent
    );
    for (seed, wrong) in &all.wrong {
        println!("seed {seed}: {wrong}");
    }
    let Some((seed, _)) = all.wrong.first() else {
        return Ok(ExitCode::SUCCESS);
    };
    println!("the story of seed {seed}, as `cargo xtask simulate --seed {seed}` tells it:");
    tell(Plan {
        seed: *seed,
        with_story: true,
        ..plan
    })?;
    Ok(ExitCode::FAILURE)
}

fn tell(plan: Plan) -> anyhow::Result<ExitCode> {
    let outcome = run(plan)?;
    outcome.story.iter().for_each(|line| println!("{line}"));
    println!("{} in {:?}", outcome.tally, outcome.lasted);
    for wrong in &outcome.wrong {
        println!("wrong: {wrong}");
    }
    Ok(code(outcome.wrong.is_empty()))
}

fn catch(only: Option<Bug>, first: u64, seeds: u64) -> anyhow::Result<ExitCode> {
    let mut missed = 0;
    for bug in Bug::ALL
        .iter()
        .filter(|bug| only.is_none_or(|only| only == **bug))
    {
        match caught_within(*bug, first, seeds) {
            Some((seed, wrong)) => println!("(Bug::{bug:?}, {seed}), // {wrong}"),
            None => {
                missed += 1;
                println!("{bug:?}: NOT CAUGHT within {seeds} seeds");
            }
        }
    }
    println!(
        "{} of {} bugs caught",
        Bug::ALL.len() - missed,
        Bug::ALL.len()
    );
    Ok(code(missed == 0))
}

fn bug_named(name: &str) -> anyhow::Result<Bug> {
    let found = Bug::ALL.iter().find(|bug| format!("{bug:?}") == name);
    found
        .copied()
        .ok_or_else(|| anyhow::anyhow!("there is no bug {name}; there are {:?}", Bug::ALL))
}

fn code(well: bool) -> ExitCode {
    match well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
