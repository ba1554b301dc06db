//! The database as others see it: plain SQL beside the ledger, for readers and for vandals.

use sqlx::{AssertSqlSafe, Column, Executor, Row};
use std::sync::atomic::{AtomicU32, Ordering};

/// A second, plain connection: what a downstream reader, or a vandal, would use.
#[derive(Clone)]
pub(crate) enum Raw {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database of its own in the server of `TEST_DATABASE_URL`.
pub(crate) async fn postgres_database() -> String {
    let server = server();
    let n = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("ledger_{}_{n}", std::process::id());
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    for sql in [
        format!("drop database if exists {name}"),
        format!("create database {name}"),
    ] {
        pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let (head, query) = match server.split_once('?') {
        Some((head, query)) => (head, format!("?{query}")),
        None => (server.as_str(), String::new()),
    };
    let (head, _) = head.rsplit_once('/').unwrap();
    format!("{head}/{name}{query}")
}

/// Drops a database that [`postgres_database`] made.
pub(crate) async fn postgres_dropped(url: &str) {
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    let pool = sqlx::PgPool::connect(&server()).await.unwrap();
    let sql = format!("drop database if exists {name} with (force)");
    pool.execute(AssertSqlSafe(sql)).await.unwrap();
}

fn server() -> String {
    std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
        panic!("TEST_DATABASE_URL is not set: run `cargo xtask test`, which starts a PostgreSQL")
    })
}

impl Raw {
    pub(crate) async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Raw::Sqlite(pool) => drop(pool.execute(sql).await.unwrap()),
            Raw::Postgres(pool) => drop(pool.execute(sql).await.unwrap()),
        }
    }

    /// The first column of every line, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Raw::Sqlite(pool) => {
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Raw::Postgres(pool) => {
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        self.texts(sql)
            .await
            .into_iter()
            .next()
            .flatten()
            .unwrap_or_default()
    }

    /// The names of a table's or view's columns, in order.
    pub(crate) async fn columns(&self, table: &str) -> Vec<String> {
        let sql = AssertSqlSafe(format!("select * from {table}"));
        match self {
            Raw::Sqlite(pool) => {
                let about = pool
                    .describe(sqlx::SqlSafeStr::into_sql_str(sql))
                    .await
                    .unwrap();
                about
                    .columns()
                    .iter()
                    .map(|c| c.name().to_owned())
                    .collect()
            }
            Raw::Postgres(pool) => {
                let about = pool
                    .describe(sqlx::SqlSafeStr::into_sql_str(sql))
                    .await
                    .unwrap();
                about
                    .columns()
                    .iter()
                    .map(|c| c.name().to_owned())
                    .collect()
            }
        }
    }
}
