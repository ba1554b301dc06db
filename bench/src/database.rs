//! A database for one run, gone after it: empty, or a copy of one that is kept because filling it
//! takes minutes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use sqlx::sqlite::SqliteConnectOptions;
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
        Database::made(ground, engine, |server, name| {
            run(server, &format!("create database {name}"))
        })
    }

    /// A copy of one that is kept: whatever is done to it, the next one is the same again.
    pub(crate) fn copied(ground: &Ground, engine: Engine, kept: &str) -> Result<Database> {
        let database = Database::made(ground, engine, |server, name| {
            let (head, _) = kept.split_once('?').unwrap_or((kept, ""));
            let (_, template) = head.rsplit_once('/').context("a URL names a database")?;
            // File by file, each synced before it is done: the default writes a log as long as the database,
            // and whoever comes next would wait for the disk.
            let version = "select cast(current_setting('server_version_num') as bigint)";
            let how = match number(server, version)? {
                150_000.. => " strategy file_copy",
                _ => "",
            };
            run(
                server,
                &format!("create database {name} template {template}{how}"),
            )
        })?;
        if let Some(file) = &database.file {
            let kept = kept.strip_prefix("sqlite:").unwrap_or(kept);
            std::fs::copy(kept, file).with_context(|| format!("{kept} can't be copied"))?;
            std::fs::File::open(file)?.sync_all()?;
        }
        Ok(database)
    }

    /// `create` makes a database of that name in that server.
    fn made(
        ground: &Ground,
        engine: Engine,
        create: impl FnOnce(&str, &str) -> Result<()>,
    ) -> Result<Database> {
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
                create(&server, &name)?;
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
            removed(file);
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

/// A database that is kept, filled by `fill` if it is not there: it has its name only once that is done.
pub(crate) fn kept(
    ground: &Ground,
    engine: Engine,
    name: &str,
    fill: impl FnOnce(&str) -> Result<()>,
) -> Result<String> {
    let part = format!("{name}_part");
    match engine {
        Engine::Sqlite => {
            let file = |name: &str| ground.folder.join(format!("{name}.db"));
            let url = |name: &str| format!("sqlite:{}", file(name).display());
            if !file(name).exists() {
                removed(&file(&part));
                fill(&url(&part))?;
                // All of it in the one file.
                run(&url(&part), "pragma wal_checkpoint(truncate)")?;
                std::fs::rename(file(&part), file(name))?;
                removed(&file(&part));
            }
            Ok(url(name))
        }
        Engine::Postgres => {
            let server = ground.postgres()?;
            let there = format!("select count(*) from pg_database where datname = '{name}'");
            if number(server, &there)? == 0 {
                run(
                    server,
                    &format!("drop database if exists {part} with (force)"),
                )?;
                run(server, &format!("create database {part}"))?;
                fill(&named(server, &part)?)?;
                run(server, &format!("alter database {part} rename to {name}"))?;
            }
            named(server, name)
        }
    }
}

/// Deletes a database of SQLite's, with what stands beside it.
fn removed(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = file.to_owned().into_os_string();
        name.push(ending);
        drop(std::fs::remove_file(name));
    }
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
                let options = url.parse::<SqliteConnectOptions>()?.create_if_missing(true);
                let mut connection = SqliteConnection::connect_with(&options).await?;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_database_is_named_in_the_url_of_its_server() {
        let server = "postgres://me@localhost:5432/postgres?host=/tmp";
        assert_eq!(
            named(server, "x").unwrap(),
            "postgres://me@localhost:5432/x?host=/tmp"
        );
        assert_eq!(Engine::of(server), Engine::Postgres);
    }

    #[test]
    fn what_is_kept_is_filled_once_and_a_copy_changes_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::in_folder(folder.path());
        let keep = |fill: &dyn Fn(&str) -> Result<()>| kept(&ground, Engine::Sqlite, "ten", fill);
        // Who is interrupted begins anew.
        keep(&|url| {
            run(url, "create table half (n)")?;
            anyhow::bail!("interrupted")
        })
        .unwrap_err();
        let fill = |url: &str| run(url, "create table x (n integer); insert into x values (10)");
        let url = keep(&fill).unwrap();
        assert_eq!(keep(&|_| panic!("it is there")).unwrap(), url);

        let sum = "select sum(n) from x";
        let copy = Database::copied(&ground, Engine::Sqlite, &url).unwrap();
        run(copy.url(), "insert into x values (5)").unwrap();
        assert_eq!(number(copy.url(), sum).unwrap(), 15);
        assert_eq!(number(&url, sum).unwrap(), 10);
        let file = copy.file.clone().unwrap();
        drop(copy);
        assert!(!file.exists());
    }
}
