//! The connections that `verify` looks through: each sees the ledger as it was at one moment, and may
//! use more memory for sorting than the service's own, for the minute that it takes.

use crate::db::{Db, On, Pools, Tx, args};
use crate::errors::Result;
use sqlx::sqlite::SqlitePoolOptions;

/// One connection, or two where each does its part at the same time.
pub(super) struct Looking {
    pub(super) one: Tx,
    pub(super) other: Option<Tx>,
}

impl Looking {
    /// PostgreSQL shares the work among its own processes. A SQLite file is read by two connections made
    /// for it, for one uses one processor; one in memory as it is, for there a transaction that reads
    /// keeps all others from writing.
    pub(super) async fn at(db: &Db) -> Result<Looking> {
        match &db.pools {
            Pools::Postgres(pool) => {
                let begin = "begin isolation level repeatable read, read only";
                let mut one = db.tx(On::Pg(pool.begin_with(begin).await?));
                for setting in [
                    "set local work_mem = '64MB'",
                    // Between two statements lies what this process does with what it was told.
                    "set local idle_in_transaction_session_timeout = 0",
                ] {
                    one.exec(setting, args![]).await?;
                }
                Ok(Looking { one, other: None })
            }
            Pools::Sqlite { read, .. } => {
                let mut one = db.read().await?;
                let mode = one.row("pragma journal_mode", args![]).await?;
                if mode.map(|line| line.text(0)).transpose()?.as_deref() != Some("wal") {
                    return Ok(Looking { one, other: None });
                }
                // What does not fit into the cache is sorted in files.
                let options = (*read.connect_options()).clone();
                let options = options
                    .pragma("cache_size", "-32000")
                    .pragma("temp_store", "FILE");
                let pool = SqlitePoolOptions::new().max_connections(2);
                let pool = pool.connect_with(options).await?;
                let begin = "begin deferred";
                Ok(Looking {
                    one: db.tx(On::Lite(pool.begin_with(begin).await?)),
                    other: Some(db.tx(On::Lite(pool.begin_with(begin).await?))),
                })
            }
        }
    }
}
