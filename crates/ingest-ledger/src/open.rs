//! Opening the ledger: which database, its durable settings, its migrations, its own name.

mod foreign;
mod memory;
mod migrating;

use crate::db::{Db, Pools, args};
use crate::errors::{LedgerError, Result};
use crate::states::Engine;
use crate::surroundings::{Real, Surroundings};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgConnection};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How often two processes that open one new SQLite file at once try again.
const OPEN_TRIES: u32 = 40;

/// How long a PostgreSQL server may take to answer at all.
const OPEN_PATIENCE: Duration = Duration::from_secs(10);

/// The ledger: one database, and every step that is taken in it. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) db: Db,
}

/// One setting that decides whether what was committed survives a power cut.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// The database's name for it.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// Is that good enough?
    pub good: bool,
    /// What to do if it isn't.
    pub advice: String,
}

impl Ledger {
    /// Opens `sqlite:PATH` (created if it is not there), `sqlite::memory:` or `postgres://…`, and
    /// brings it up to date. A database that a newer program has changed is refused, and so is one
    /// that holds another program's tables.
    pub async fn open(url: &str) -> Result<Ledger> {
        Ledger::open_in(url, Arc::new(Real)).await
    }

    /// As [`open`](Ledger::open), in surroundings of the caller's: its clock, and its failures.
    /// Opening is told to them, too.
    pub async fn open_in(url: &str, around: Arc<dyn Surroundings>) -> Result<Ledger> {
        let pools = if url.starts_with("sqlite:") {
            open_sqlite(url).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url).await?
        } else {
            return Err(LedgerError::Refused(
                "the database's url must begin with `sqlite:` or `postgres://`".to_owned(),
            ));
        };
        let db = Db { pools, around };
        name_it(Ledger { db }).await
    }

    /// The same database as another service meets it, in surroundings of its own.
    #[must_use]
    pub fn surrounded_by(&self, around: Arc<dyn Surroundings>) -> Ledger {
        let pools = self.db.pools.clone();
        Ledger {
            db: Db { pools, around },
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.db.engine()
    }

    /// Tells the database's planner about what a large load brought: until then it reads a page of
    /// a view as if the tables were as small as before. SQLite plans without it.
    pub async fn refresh_statistics(&self) -> Result<()> {
        if self.engine() == Engine::Postgres {
            let mut tx = self.db.write().await?;
            tx.exec("analyze rows, row_state, chunks", args![]).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The ledger's own name, made when it was created: a marker beside the spool tells with it
    /// that this is the ledger that serves the inbox.
    pub async fn ledger_id(&self) -> Result<String> {
        let line = self
            .db
            .read()
            .await?
            .row("select ledger_id from ledger", args![])
            .await?;
        line.ok_or_else(|| LedgerError::corrupt("a ledger without a name"))?
            .text(0)
    }

    /// The settings that make a commit last, as they are on the connections in use.
    pub async fn settings(&self) -> Result<Vec<Setting>> {
        let mut tx = self.db.read().await?;
        let mut settings = Vec::new();
        let mut add = |name: &str, value: String, good: bool, advice: &str| {
            settings.push(Setting {
                name: name.into(),
                value,
                good,
                advice: advice.into(),
            });
        };
        match self.engine() {
            Engine::Postgres => {
                for (name, sql, advice) in [
                    (
                        "synchronous_commit",
                        "show synchronous_commit",
                        "set synchronous_commit = on",
                    ),
                    (
                        "fsync",
                        "show fsync",
                        "set fsync = on in postgresql.conf: with it off a power cut may lose what was committed",
                    ),
                    (
                        "full_page_writes",
                        "show full_page_writes",
                        "set full_page_writes = on in postgresql.conf",
                    ),
                ] {
                    let line = tx.row(sql, args![]).await?;
                    let value = line.map(|l| l.text(0)).transpose()?.unwrap_or_default();
                    let good = value != "off";
                    add(name, value, good, advice);
                }
            }
            Engine::Sqlite => {
                // `synchronous` belongs to a connection: only the writer's counts.
                drop(tx);
                let mut tx = self.db.write().await?;
                let mode = tx.row("pragma journal_mode", args![]).await?;
                let mode = mode.map(|l| l.text(0)).transpose()?.unwrap_or_default();
                let good = mode == "wal" || mode == "memory";
                add(
                    "journal_mode",
                    mode,
                    good,
                    "put the database on a local disk: WAL needs one",
                );
                let level = tx.number("pragma synchronous", args![]).await?;
                add(
                    "synchronous",
                    level.to_string(),
                    level >= 2,
                    "2 (FULL) is set by ingestd itself",
                );
                let keys = tx.number("pragma foreign_keys", args![]).await?;
                add(
                    "foreign_keys",
                    keys.to_string(),
                    keys == 1,
                    "1 is set by ingestd itself",
                );
            }
        }
        Ok(settings)
    }

    /// Closes every connection; steps that are under way finish first.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Lines that SQLite's own thread may be ahead of who reads them: with few, each is a wait.
const ROWS_ON_THEIR_WAY: usize = 1_000;

async fn open_postgres(url: &str) -> Result<Pools> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|e| LedgerError::Refused(format!("the database's url can't be read: {e}")))?;
    // A pool goes on trying for ten seconds where a first refusal already says all.
    let first = tokio::time::timeout(OPEN_PATIENCE, PgConnection::connect_with(&options)).await;
    first
        .map_err(|_| sqlx::Error::PoolTimedOut)??
        .close()
        .await?;
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(|connection, _| {
            Box::pin(async move {
                // A commit is an answer only if it survives a power cut. Compiling our short
                // statements takes longer than running them. A process that was stopped in the middle
                // of a transaction must not keep its locks from the one that takes its place.
                connection
                    .execute(
                        "set synchronous_commit = on; set timezone = 'UTC'; set default_transaction_isolation = 'read committed'; set jit = off;
                         set idle_in_transaction_session_timeout = '15s'",
                    )
                    .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    let pools = Pools::Postgres(pool.clone());
    refuse_a_foreign_one(&pools, &POSTGRES).await?;
    let migrated = migrating::migrated(&POSTGRES, &pool).await;
    migrated.map_err(migration_failed)?;
    Ok(pools)
}

/// Before anything is set or migrated: what is in it may be another program's.
async fn refuse_a_foreign_one(pools: &Pools, ours: &Migrator) -> Result<()> {
    let looked = Db {
        pools: pools.clone(),
        around: Arc::new(Real),
    };
    foreign::refuse_a_foreign_one(&mut looked.read().await?, ours).await
}

async fn open_sqlite(url: &str) -> Result<Pools> {
    let mut tries = 0;
    loop {
        match try_open_sqlite(url).await {
            // Another process is making the same file: it has the lock, or made the table that
            // this one was about to make. A moment later its work is there to be found.
            Err(error) if tries < OPEN_TRIES && worth_another_try(&error) => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(25 * u64::from(tries.min(8)))).await;
            }
            done => return done,
        }
    }
}

fn worth_another_try(error: &LedgerError) -> bool {
    match error {
        LedgerError::Sql(e) => {
            let text = e.to_string();
            let made_meanwhile = ["already exists", "duplicate column", "UNIQUE"];
            error.is_transient() || made_meanwhile.iter().any(|words| text.contains(words))
        }
        _ => false,
    }
}

async fn try_open_sqlite(url: &str) -> Result<Pools> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|e| LedgerError::Refused(format!("the database's url can't be read: {e}")))?
        .busy_timeout(Duration::from_secs(10));
    let in_memory = memory::is_meant(url);
    if !in_memory && options.get_filename().exists() {
        // The journal's mode, once set, would stay in another program's file.
        let one = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        let looked = Pools::Sqlite {
            write: one.clone(),
            read: one.clone(),
        };
        let ours = refuse_a_foreign_one(&looked, &SQLITE).await;
        one.close().await;
        ours?;
    }
    let options = if in_memory {
        memory::named(options, url)
    } else {
        options
    };
    let options = options
        .create_if_missing(true)
        .busy_timeout(Duration::from_secs(10))
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-4000")
        .pragma("temp_store", "MEMORY")
        .statement_cache_capacity(200)
        .row_buffer_size(ROWS_ON_THEIR_WAY);
    let pool = SqlitePoolOptions::new()
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None);
    if in_memory {
        let (write, read) = memory::open(options, pool).await?;
        return Ok(Pools::Sqlite { write, read });
    }
    let options = options.journal_mode(SqliteJournalMode::Wal);
    // On a full disk SQLite may end a transaction by itself; sqlx then believes for ever that it is
    // open, and the connection is of no more use.
    let one = pool
        .clone()
        .max_connections(1)
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        });
    let write = one.connect_with(options.clone()).await?;
    let migrated = migrating::migrated(&SQLITE, &write).await;
    migrated.map_err(migration_failed)?;
    let read = pool
        .max_connections(3)
        .connect_with(options.pragma("cache_size", "-1000"))
        .await?;
    Ok(Pools::Sqlite { write, read })
}

/// Gives a new ledger its name; finds it named the next time.
async fn name_it(ledger: Ledger) -> Result<Ledger> {
    let mut tx = ledger.db.write().await?;
    let now = tx.now().await?;
    let id = ledger.db.around.name();
    tx.exec(
        "insert into ledger (one, ledger_id, created_at) values (1, $1, $2) on conflict (one) do nothing",
        args![id, now],
    )
    .await?;
    tx.exec(
        "insert into feed_head (one, last_id) values (1, 0) on conflict (one) do nothing",
        args![],
    )
    .await?;
    tx.commit().await?;
    Ok(ledger)
}

fn migration_failed(error: MigrateError) -> LedgerError {
    match error {
        MigrateError::VersionMissing(version) => LedgerError::Newer(version),
        MigrateError::VersionMismatch(version) => LedgerError::Corrupt(format!(
            "migration {version} is not the one this program carries"
        )),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => LedgerError::Corrupt(other.to_string()),
    }
}
