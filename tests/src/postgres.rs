//! Fresh databases. A test asks for [`databases`] and lives through each: one
//! SQLite file, one PostgreSQL database, both empty, both gone afterwards.
//!
//! PostgreSQL is the server of `TEST_DATABASE_URL`, which `cargo xtask test`
//! sets. Without it a test fails and says so: a test that is skipped unseen
//! proves nothing.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

pub(crate) const URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// The two engines that every promise holds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The one for many processes.
    Postgres,
}

/// An empty database of one's own. Dropping it removes it.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    url: String,
    home: Home,
}

/// What is to be removed.
#[derive(Debug)]
enum Home {
    Folder { _folder: TempDir },
    Server { url: String, name: String },
}

impl Database {
    /// Which engine, for the message of an assertion.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What `[database] url` is set to. SQLite's file does not exist yet: whoever
    /// opens it first makes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// One empty database of each engine.
///
/// # Panics
/// If there is no PostgreSQL to test on.
pub async fn databases() -> Vec<Database> {
    vec![sqlite(), postgres().await]
}

/// An empty SQLite database, its file not made yet.
fn sqlite() -> Database {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    Database {
        engine: Engine::Sqlite,
        url: format!("sqlite:{}", folder.path().join("ledger.db").display()),
        home: Home::Folder { _folder: folder },
    }
}

/// An empty PostgreSQL database.
async fn postgres() -> Database {
    let server = env::var(URL_VARIABLE).unwrap_or_default();
    assert!(
        !server.is_empty(),
        "no PostgreSQL to test on: run cargo xtask test, which starts one, or set {URL_VARIABLE}",
    );
    let name = unique_name();
    // Template0, because nobody is ever connected to it: a copy needs that.
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    match execute(&server, sql).await {
        Ok(()) => Database {
            engine: Engine::Postgres,
            url: with_database(&server, &name),
            home: Home::Server { url: server, name },
        },
        Err(why) => panic!("no database can be made on the server of {URL_VARIABLE}: {why:#}"),
    }
}

/// Best effort: a server of our own vanishes anyway, and a test that already
/// failed must not fail twice. On a thread of its own, since the test's runtime
/// may be ending.
impl Drop for Database {
    fn drop(&mut self) {
        if let Home::Server { url, name } = &self.home {
            let url = url.clone();
            let drops = [name.clone(), format!("{name}_copy")]
                .map(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            let dropped = thread::spawn(move || -> Result<()> {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                let [ours, copy] = drops;
                runtime.block_on(execute(&url, ours))?;
                runtime.block_on(execute(&url, copy))
            });
            match dropped.join() {
                Ok(Ok(())) => {}
                Ok(Err(why)) => eprintln!("{name} stays on the server: {why:#}"),
                Err(_) => eprintln!("{name} stays on the server"),
            }
        }
    }
}

/// Runs one statement on a connection of its own.
pub(crate) async fn execute(url: &str, sql: String) -> Result<()> {
    let mut connection = PgConnection::connect(url)
        .await
        .context("it can't be reached")?;
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// Never the same twice, though many test programs share a server.
fn unique_name() -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let random = RandomState::new().hash_one((std::process::id(), number));
    format!("ingestd_test_{}_{number}_{random:016x}", std::process::id())
}

/// The URL of another database on the same server: what lies between the
/// authority and the `?` is replaced.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority_from = address.find("://").map_or(0, |at| at + 3);
    let path_from = address[authority_from..]
        .find('/')
        .map_or(address.len(), |at| authority_from + at);
    format!("{}/{name}{query}", &address[..path_from])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use sqlx::{Row, SqliteConnection, sqlite::SqliteConnectOptions};

    use super::*;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:5432/old", "postgres://u:p@h:5432/new"),
            ("postgres://h", "postgres://h/new"),
            ("postgres://h/", "postgres://h/new"),
            (
                "postgres://u@localhost/old?host=/tmp/dir",
                "postgres://u@localhost/new?host=/tmp/dir",
            ),
            (
                "postgres://u@localhost?host=/tmp/dir",
                "postgres://u@localhost/new?host=/tmp/dir",
            ),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }

    #[test]
    fn names_are_unique() {
        assert_ne!(unique_name(), unique_name());
        assert!(unique_name().len() < 63, "PostgreSQL cuts longer names");
    }

    #[tokio::test]
    async fn each_engine_gives_an_empty_database() {
        let found = databases().await;
        assert_eq!(
            found.iter().map(Database::engine).collect::<Vec<_>>(),
            [Engine::Sqlite, Engine::Postgres]
        );

        let options: SqliteConnectOptions = found[0].url().parse().unwrap();
        let mut sqlite = SqliteConnection::connect_with(&options.create_if_missing(true))
            .await
            .unwrap();
        let tables = "SELECT count(*) FROM sqlite_master";
        assert_eq!(
            sqlx::query(tables)
                .fetch_one(&mut sqlite)
                .await
                .unwrap()
                .get::<i64, _>(0),
            0
        );

        let mut postgres = PgConnection::connect(found[1].url()).await.unwrap();
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(
            sqlx::query(tables)
                .fetch_one(&mut postgres)
                .await
                .unwrap()
                .get::<i64, _>(0),
            0
        );
    }

    #[tokio::test]
    async fn a_dropped_database_is_gone_although_someone_is_connected() {
        let database = postgres().await;
        let url = database.url().to_owned();
        let _connected = PgConnection::connect(&url).await.unwrap();

        drop(database);

        let refused = PgConnection::connect(&url).await.unwrap_err();
        assert!(refused.to_string().contains("does not exist"), "{refused}");
    }
}
