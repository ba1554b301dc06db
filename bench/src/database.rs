//! A database for one run, gone after it, or one that is kept because filling it takes minutes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::ground::Ground;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Sqlite,
}

impl Engine {
    pub(crate) const ALL: [Engine; 2] = [Engine::Postgres, Engine::Sqlite];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
            Engine::Sqlite => "SQLite",
        }
    }

    fn of(url: &str) -> Engine {
        match url.starts_with("sqlite:") {
            true => Engine::Sqlite,
            false => Engine::Postgres,
        }
    }
}

/// An empty database; dropped with this.
pub(crate) struct Database {
    url: String,
    /// The server and the name it has there.
    at: Option<(String, String)>,
    file: Option<PathBuf>,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Database {
    pub(crate) fn fresh(ground: &Ground, engine: Engine) -> Result<Database> {
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench_{}_{n}", std::process::id());
        match engine {
            Engine::Sqlite => {
                let file = ground.scratch.path().join(format!("{name}.db"));
                Ok(Database {
                    url: format!("sqlite:{}", file.display()),
                    at: None,
                    file: Some(file),
                })
            }
            Engine::Postgres => {
                let server = ground.postgres()?.to_owned();
                run(&server, &format!("create database {name}"))?;
                Ok(Database {
                    url: named(&server, &name)?,
                    at: Some((server, name)),
                    file: None,
                })
            }
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.at {
            let gone = run(
                server,
                &format!("drop database if exists {name} with (force)"),
            );
            if let Err(why) = gone {
                eprintln!("bench: {name} is left behind: {why:#}");
            }
        }
        if let Some(file) = &self.file {
            for ending in ["", "-wal", "-shm"] {
                let mut name = file.clone().into_os_string();
                name.push(ending);
                drop(std::fs::remove_file(name));
            }
        }
    }
}

/// The URL of a database of the server's.
fn named(server: &str, name: &str) -> Result<String> {
    let (head, query) = match server.split_once('?') {
        Some((head, query)) => (head, format!("?{query}")),
        None => (server, String::new()),
    };
    let (head, _) = head
        .rsplit_once('/')
        .context("the server's URL names a database")?;
    Ok(format!("{head}/{name}{query}"))
}

/// A database of that name in the server, made if it is not there; never dropped by us.
pub(crate) fn kept(ground: &Ground, engine: Engine, name: &str) -> Result<String> {
    match engine {
        Engine::Sqlite => Ok(format!(
            "sqlite:{}",
            kept_file(&ground.folder, name).display()
        )),
        Engine::Postgres => {
            let server = ground.postgres()?;
            let there = format!("select count(*) from pg_database where datname = '{name}'");
            if number(server, &there)? == 0 {
                run(server, &format!("create database {name}"))?;
            }
            named(server, name)
        }
    }
}

fn kept_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.db"))
}

/// Runs statements.
pub(crate) fn run(url: &str, sql: &str) -> Result<()> {
    let sql = AssertSqlSafe(sql.to_owned());
    runtime()?.block_on(async {
        match Engine::of(url) {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    })
}

/// The one number that a statement answers.
pub(crate) fn number(url: &str, sql: &str) -> Result<i64> {
    let sql = AssertSqlSafe(sql.to_owned());
    runtime()?.block_on(async {
        Ok(match Engine::of(url) {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(url).await?;
                let found = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                found
            }
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(url).await?;
                let found = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                found
            }
        })
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}
