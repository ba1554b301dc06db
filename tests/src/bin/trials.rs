//! `cargo xtask trials`: the trials that `docs/RELIABILITY.md` gives figures of. Prints a table for
//! each engine; ends with an error if a count is not what it must be.

use std::time::{Duration, Instant};

use ingestd_tests::trials::{Table, after_faults, fair, forged, lost_answers, restarts};
use ingestd_tests::{Database, Engine, databases};

const USAGE: &str = "trials lost-answers|forged|restarts|fair|after-faults|all [--n N] [--seed S] [--engine sqlite|postgres]";

#[derive(Clone, Copy)]
struct Asked {
    n: Option<usize>,
    seed: u64,
    engine: Option<Engine>,
}

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let mut asked = Asked {
        n: None,
        seed: 1,
        engine: None,
    };
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        match (word.as_str(), value.as_str()) {
            ("--n", n) => asked.n = Some(n.parse()?),
            ("--seed", seed) => asked.seed = seed.parse()?,
            ("--engine", "sqlite") => asked.engine = Some(Engine::Sqlite),
            ("--engine", "postgres") => asked.engine = Some(Engine::Postgres),
            _ => anyhow::bail!("usage: {USAGE}"),
        }
    }
    let names = match name.as_str() {
        "all" => vec!["fair", "restarts", "after-faults", "forged", "lost-answers"],
        name => vec![name],
    };
    let runtime = tokio::runtime::Runtime::new()?;
    for name in names {
        runtime.block_on(on_each_engine(name, asked))?;
    }
    Ok(())
}

/// One engine after the other, so that neither disturbs the other's times.
async fn on_each_engine(name: &str, asked: Asked) -> anyhow::Result<()> {
    for database in databases().await {
        let engine = database.engine();
        if asked.engine.is_some_and(|one| one != engine) {
            continue;
        }
        let began = Instant::now();
        let table = one(name, database, asked).await?;
        println!("\n{name} on {engine:?}, {} s\n", began.elapsed().as_secs());
        println!("| measured | found |\n|---|---|\n{table}");
    }
    Ok(())
}

async fn one(name: &str, database: Database, asked: Asked) -> anyhow::Result<Table> {
    let n = |usual| asked.n.unwrap_or(usual);
    Ok(match name {
        "lost-answers" => {
            let n = n(10_000);
            lost_answers::run(database, n, n.min(20), asked.seed).await
        }
        "forged" => forged::run(database, n(100_000), asked.seed).await,
        "restarts" => restarts::run(database, n(10)).await,
        "fair" => fair::run(database, n(12_000)).await,
        "after-faults" => {
            let faults_for = Duration::from_secs(60);
            after_faults::run(database, n(12_000), faults_for, asked.seed).await
        }
        _ => anyhow::bail!("usage: {USAGE}"),
    })
}
