//! The migrations that a database lacks, each in a transaction of its own with its own record: a
//! process that dies in the midst of one leaves it not begun, or whole.
//!
//! In debug builds `INGESTD_DIES_AT=in-migration:N` and `after-migration:N` kill the process there,
//! where `INGESTD_UNDER_TEST` is set too: the N-th is carried out and not committed, or is committed
//! and the next not begun. In release builds nothing is left of this.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Database, Executor, Pool};

/// Carries out what the database lacks.
pub(super) async fn migrated<D: Database>(
    migrator: &Migrator,
    pool: &Pool<D>,
) -> Result<(), MigrateError>
where
    D::Connection: Migrate,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    #[cfg(debug_assertions)]
    if let Some(death) = death::Death::asked_for() {
        death.on(migrator, pool).await?;
    }
    migrator.run(pool).await
}

#[cfg(debug_assertions)]
mod death {
    use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
    use sqlx::{Database, Executor, Pool};

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

        pub(super) async fn on<D: Database>(
            &self,
            migrator: &Migrator,
            pool: &Pool<D>,
        ) -> Result<(), MigrateError>
        where
            D::Connection: Migrate,
            for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
        {
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
