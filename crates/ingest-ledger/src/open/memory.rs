//! SQLite in memory: the same ledger without a file, for tests and simulators. It lives as long as
//! a connection to it does, so as long as the [`Ledger`](crate::Ledger) and its clones.
//!
//! SQLite's own `memdb` keeps it, so that several connections share it under one name: a read waits
//! for a transaction that writes, and sees what that one left. `sqlite::memory:` is a new one every
//! time; `sqlite:/NAME?vfs=memdb` is the one of that name in this process, for whoever looks at it
//! beside the ledger.

use super::{SQLITE, migration_failed};
use crate::errors::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Whether a URL names a database in memory.
pub(super) fn is_meant(url: &str) -> bool {
    [":memory:", "mode=memory", "vfs=memdb"]
        .iter()
        .any(|word| url.contains(word))
}

/// Opens it: what writes, and what reads.
pub(super) async fn open(
    options: SqliteConnectOptions,
    pool: SqlitePoolOptions,
) -> Result<(SqlitePool, SqlitePool)> {
    let options = options.journal_mode(SqliteJournalMode::Memory);
    let one = pool.clone().max_connections(1);
    let write = one.connect_with(options.clone()).await?;
    let tables = "select count(*) from sqlite_schema";
    if sqlx::query_scalar::<_, i64>(tables)
        .fetch_one(&write)
        .await?
        == 0
    {
        copy_template_to(&name_of(&options)).await?;
    }
    SQLITE.run(&write).await.map_err(migration_failed)?;
    Ok((write, pool.max_connections(2).connect_lazy_with(options)))
}

/// The options of a database of its own, where the URL names none.
pub(super) fn named(options: SqliteConnectOptions, url: &str) -> SqliteConnectOptions {
    if url.contains("vfs=memdb") {
        return options;
    }
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    in_memory(&format!("/ledger {number}"))
}

/// `memdb` shares what has a name that begins with a slash.
fn in_memory(name: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(name)
        .vfs("memdb")
        .create_if_missing(true)
}

fn name_of(options: &SqliteConnectOptions) -> String {
    options.get_filename().display().to_string()
}

/// Migrating takes long for a simulator that needs a thousand ledgers: it is done once a process,
/// and every ledger begins as a copy.
static TEMPLATE: Mutex<Option<SqliteConnection>> = Mutex::const_new(None);

async fn copy_template_to(name: &str) -> Result<()> {
    let mut template = TEMPLATE.lock().await;
    let template = match &mut *template {
        Some(template) => template,
        none => {
            let options = in_memory("/template of a ledger");
            let mut made = SqliteConnection::connect_with(&options).await?;
            SQLITE.run(&mut made).await.map_err(migration_failed)?;
            none.insert(made)
        }
    };
    let target = format!(
        "file:{}?vfs=memdb",
        name.replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23")
    );
    sqlx::query("vacuum into $1")
        .bind(target)
        .execute(template)
        .await?;
    Ok(())
}
