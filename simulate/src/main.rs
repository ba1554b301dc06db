//! `cargo xtask simulate`: runs many seeds side by side, or tells the story of one.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use simulate::{Plan, Tally, run};

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
}

fn main() -> anyhow::Result<ExitCode> {
    let asked = Asked::parse();
    if let Some(seed) = asked.seed {
        let outcome = run(Plan {
            seed,
            with_story: true,
            fair: asked.fair,
        })?;
        outcome.story.iter().for_each(|line| println!("{line}"));
        println!("{:?} after {:?}", outcome.tally, outcome.lasted);
        for wrong in &outcome.wrong {
            println!("wrong: {wrong}");
        }
        return Ok(code(outcome.wrong.is_empty()));
    }
    let started = Instant::now();
    let (next, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let total = Mutex::new((Tally::default(), 0u64));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= asked.seeds {
                        break;
                    }
                    let plan = Plan {
                        seed: asked.first + n,
                        with_story: false,
                        fair: asked.fair,
                    };
                    let wrong = match run(plan) {
                        Ok(outcome) => {
                            let mut total = total.lock().expect("no thread panics while it counts");
                            total.0.add(&outcome.tally);
                            total.1 += 1;
                            outcome.wrong
                        }
                        Err(error) => vec![format!("{error:#}")],
                    };
                    if let Some(first) = wrong.first() {
                        eprintln!("seed {}: {first}", plan.seed);
                        let mut failed = failed.lock().expect("no thread panics while it notes");
                        failed.push(plan.seed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner()?;
    let (tally, ran) = total.into_inner()?;
    println!("{ran} seeds in {:.1?}: {tally:?}", started.elapsed());
    if !failed.is_empty() {
        println!(
            "{} went wrong; `cargo xtask simulate --seed {}` tells the first one's story",
            failed.len(),
            failed.iter().min().copied().unwrap_or_default()
        );
    }
    Ok(code(failed.is_empty()))
}

fn code(well: bool) -> ExitCode {
    match well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
