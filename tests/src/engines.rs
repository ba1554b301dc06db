//! Each scenario on each engine, side by side: most of a scenario's time is
//! waiting, so two take little longer than one.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;
use futures::future::join_all;

use crate::postgres::{Database, databases};
use crate::world::{ACCOUNT, World};

/// Lives through a scenario on SQLite and on PostgreSQL. The world has one
/// account, `school`.
///
/// # Panics
/// If the scenario does, after saying on which engine.
pub async fn on_each_engine(scenario: impl AsyncFn(World)) {
    on_each_engine_with(&[ACCOUNT], scenario).await;
}

/// As [`on_each_engine`], in a world of these accounts.
///
/// # Panics
/// If the scenario does, after saying on which engine.
pub async fn on_each_engine_with(accounts: &[&str], scenario: impl AsyncFn(World)) {
    let world = |database| World::with_accounts(database, accounts);
    lived_through(world, &scenario).await;
}

/// As [`on_each_engine`], in a world whose hub posts callbacks: to [`World::relay`].
///
/// # Panics
/// If the scenario does, after saying on which engine.
pub async fn on_each_engine_called_back(scenario: impl AsyncFn(World)) {
    lived_through(World::called_back, &scenario).await;
}

async fn lived_through(make: impl Fn(Database) -> World, scenario: &impl AsyncFn(World)) {
    let runs = databases().await.into_iter().map(|database| {
        let engine = database.engine();
        let world = make(database);
        async move {
            let end = AssertUnwindSafe(scenario(world)).catch_unwind().await;
            (engine, end)
        }
    });
    let mut failed = None;
    for (engine, end) in join_all(runs).await {
        if let Err(panic) = end {
            eprintln!("it failed on {engine:?}");
            failed = Some(panic);
        }
    }
    if let Some(panic) = failed {
        resume_unwind(panic);
    }
}
