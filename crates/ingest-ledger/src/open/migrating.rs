//! The migrations that a database lacks, each in a transaction of its own with its own record: a
//! process that dies in the midst of one leaves it not begun, or whole.
//!
//! In debug builds `INGESTD_DIES_AT=in-migration:N` and `after-migration:N` kill the process there,
//! where `INGESTD_UNDER_TEST` is set too: the N-th is carried out and not committed, or is committed
//! and the next not begun. In release builds nothing is left of this.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{PgPool, SqlitePool};

pub(super) async fn on_postgres(migrator: &Migrator, pool: &PgPool) -> Result<(), MigrateError> {
    #[cfg(debug_assertions)]
    if let Some(death) = death::Death::asked_for() {
        death.on_postgres(migrator, pool).await?;
    }
    migrator.run(pool).await
}

pub(super) async fn on_sqlite(migrator: &Migrator, pool: &SqlitePool) -> Result<(), MigrateError> {
    #[cfg(debug_assertions)]
    if let Some(death) = death::Death::asked_for() {
        death.on_sqlite(migrator, pool).await?;
    }
    migrator.run(pool).await
}

#[cfg(debug_assertions)]
mod death {
    use sqlx::migrate::{MigrateError, Migration, Migrator};
    use sqlx::{PgPool, SqlitePool};

    /// The migration at which the process dies, counted from 1.
    pub(super) struct Death {
        inside: bool,
        number: usize,
    }

    impl Death {
        pub(super) fn asked_for() -> Option<Death> {
            std::env::var_os("INGESTD_UNDER_TEST")?;
            let asked = std::env::var("INGESTD_DIES_AT").ok()?;
            let (name, number) = asked.split_once(':')?;
            Some(Death {
                inside: match name {
                    "in-migration" => true,
                    "after-migration" => false,
                    _ => return None,
                },
                number: number.parse().ok()?,
            })
        }

        /// The migrations before that one, and that one.
        fn until<'m>(&self, migrator: &'m Migrator) -> (Option<&'m Migration>, &'m Migration) {
            let all: Vec<&Migration> = migrator.iter().collect();
            let at = self.number.clamp(1, all.len()) - 1;
            (at.checked_sub(1).map(|before| all[before]), all[at])
        }

        pub(super) async fn on_postgres(
            &self,
            migrator: &Migrator,
            pool: &PgPool,
        ) -> Result<(), MigrateError> {
            let (before, migration) = self.until(migrator);
            if let Some(before) = before {
                migrator.run_to(before.version, pool).await?;
            }
            if self.inside {
                let mut tx = pool.begin().await?;
                sqlx::raw_sql(migration.sql.clone())
                    .execute(&mut *tx)
                    .await?;
                std::process::abort();
            }
            migrator.run_to(migration.version, pool).await?;
            std::process::abort();
        }

        pub(super) async fn on_sqlite(
            &self,
            migrator: &Migrator,
            pool: &SqlitePool,
        ) -> Result<(), MigrateError> {
            let (before, migration) = self.until(migrator);
            if let Some(before) = before {
                migrator.run_to(before.version, pool).await?;
            }
            if self.inside {
                let mut tx = pool.begin().await?;
                sqlx::raw_sql(migration.sql.clone())
                    .execute(&mut *tx)
                    .await?;
                std::process::abort();
            }
            migrator.run_to(migration.version, pool).await?;
            std::process::abort();
        }
    }
}
