//! A backup of a world's database, and its return: what a school does after a disk died.

use std::env;

use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;

use crate::postgres::{Engine, URL_VARIABLE, execute};
use crate::world::World;

/// A database as it stood once. On PostgreSQL the copy goes with the world's own database.
#[derive(Debug)]
pub struct Backup {
    /// Of SQLite: where the copy lies.
    folder: TempDir,
}

impl World {
    /// Copies the database as it stands; nobody works on it meanwhile.
    ///
    /// # Panics
    /// If it can't be copied.
    pub async fn back_up(&self) -> Backup {
        let backup = Backup {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        };
        match self.engine() {
            Engine::Sqlite => {
                let copy = backup.folder.path().join("copy.db");
                let mut file = sqlx::SqliteConnection::connect(self.database_url())
                    .await
                    .expect("the database is there");
                let sql = format!("vacuum into '{}'", copy.display());
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut file)
                    .await
                    .expect("it can be copied");
                file.close().await.expect("it can be closed");
            }
            Engine::Postgres => {
                let (ours, copy) = names_of(self);
                on_the_server(format!("DROP DATABASE IF EXISTS {copy} WITH (FORCE)")).await;
                on_the_server(format!("CREATE DATABASE {copy} TEMPLATE {ours}")).await;
            }
        }
        backup
    }

    /// Puts the copy in the database's place.
    ///
    /// # Panics
    /// If it can't be put there.
    pub async fn restore(&self, backup: &Backup) {
        self.empty_database().await;
        match self.engine() {
            Engine::Sqlite => {
                let copy = backup.folder.path().join("copy.db");
                std::fs::copy(copy, file_of(self)).expect("the copy can be put back");
            }
            Engine::Postgres => {
                let (ours, copy) = names_of(self);
                on_the_server(format!("DROP DATABASE {ours} WITH (FORCE)")).await;
                on_the_server(format!("CREATE DATABASE {ours} TEMPLATE {copy}")).await;
            }
        }
    }

    /// Puts a database without anything in it in the database's place.
    ///
    /// # Panics
    /// If it can't.
    pub async fn empty_database(&self) {
        match self.engine() {
            Engine::Sqlite => {
                for ending in ["", "-wal", "-shm"] {
                    drop(std::fs::remove_file(format!("{}{ending}", file_of(self))));
                }
            }
            Engine::Postgres => {
                let (ours, _) = names_of(self);
                on_the_server(format!("DROP DATABASE {ours} WITH (FORCE)")).await;
                on_the_server(format!("CREATE DATABASE {ours} TEMPLATE template0")).await;
            }
        }
    }
}

fn file_of(world: &World) -> String {
    world
        .database_url()
        .trim_start_matches("sqlite:")
        .to_owned()
}

/// The names of the world's database on its server, and of its copy.
fn names_of(world: &World) -> (String, String) {
    let url = world.database_url();
    let path = url.split('?').next().unwrap_or_default();
    let ours = path.rsplit('/').next().unwrap_or_default().to_owned();
    let copy = format!("{ours}_copy");
    (ours, copy)
}

async fn on_the_server(sql: String) {
    let server = env::var(URL_VARIABLE).expect("a world on PostgreSQL has a server");
    execute(&server, sql)
        .await
        .expect("the server does what a test needs");
}
