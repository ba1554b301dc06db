//! One database out of two: the pools, a transaction, values and rows that are the same for
//! PostgreSQL and SQLite. Most statements are shared (`$1` works on both); where the dialects
//! differ, the statement is chosen with [`Tx::pick`].

use crate::errors::{LedgerError, Result};
use crate::states::Engine;
use crate::surroundings::{Point, Surroundings};
use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound, Utc};
use futures::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::{
    AssertSqlSafe, Decode, PgPool, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, SqlitePool,
    Transaction, Type,
};
use std::sync::Arc;

/// The pools, and what surrounds them.
#[derive(Clone)]
pub(crate) struct Db {
    pub(crate) pools: Pools,
    pub(crate) around: Arc<dyn Surroundings>,
}

/// SQLite has one writing connection, so writers queue here and not in the file.
#[derive(Clone)]
pub(crate) enum Pools {
    Postgres(PgPool),
    Sqlite { write: SqlitePool, read: SqlitePool },
}

impl Db {
    pub(crate) fn engine(&self) -> Engine {
        match self.pools {
            Pools::Postgres(_) => Engine::Postgres,
            Pools::Sqlite { .. } => Engine::Sqlite,
        }
    }

    /// A transaction that writes. SQLite takes the lock at once: a transaction that reads first
    /// and writes later fails outright when another wrote in between.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Ok(self.tx(match &self.pools {
            Pools::Postgres(pool) => On::Pg(pool.begin().await?),
            Pools::Sqlite { write, .. } => On::Lite(write.begin_with("BEGIN IMMEDIATE").await?),
        }))
    }

    /// A connection that only reads, each statement by itself.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(self.tx(match &self.pools {
            Pools::Postgres(pool) => On::PgRead(pool.acquire().await?),
            Pools::Sqlite { read, .. } => On::LiteRead(read.acquire().await?),
        }))
    }

    /// A connection of the caller's, at work in the same surroundings.
    pub(crate) fn tx(&self, on: On) -> Tx {
        Tx {
            on,
            around: Arc::clone(&self.around),
        }
    }

    pub(crate) async fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close().await,
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

/// A connection at work.
pub(crate) struct Tx {
    pub(crate) on: On,
    around: Arc<dyn Surroundings>,
}

/// A transaction, or single reads.
pub(crate) enum On {
    Pg(Transaction<'static, Postgres>),
    Lite(Transaction<'static, Sqlite>),
    PgRead(PoolConnection<Postgres>),
    LiteRead(PoolConnection<Sqlite>),
}

/// A value on its way into a statement.
#[derive(Debug, Clone)]
pub(crate) enum Val {
    Int(Option<i64>),
    Bool(bool),
    Text(Option<String>),
    Bytes(Vec<u8>),
    Time(Option<DateTime<Utc>>),
    Date(Option<NaiveDate>),
    /// A list of numbers: an array in PostgreSQL, JSON in SQLite. Used with [`Tx::is_in`].
    Ints(Vec<i64>),
    /// A list of days, likewise.
    Dates(Vec<NaiveDate>),
    /// A column of texts for PostgreSQL's `unnest`.
    Texts(Vec<Option<String>>),
    /// A column of numbers that may be missing, for `unnest`.
    MaybeInts(Vec<Option<i64>>),
    /// A column of times that may be missing, for `unnest`.
    Times(Vec<Option<DateTime<Utc>>>),
}

macro_rules! val_from {
    ($($type:ty => |$v:ident| $make:expr;)+) => {
        $(impl From<$type> for Val { fn from($v: $type) -> Val { $make } })+
    };
}
val_from! {
    i64 => |v| Val::Int(Some(v));
    u32 => |v| Val::Int(Some(i64::from(v)));
    Option<i64> => |v| Val::Int(v);
    bool => |v| Val::Bool(v);
    &str => |v| Val::Text(Some(v.to_owned()));
    &String => |v| Val::Text(Some(v.clone()));
    String => |v| Val::Text(Some(v));
    Option<&str> => |v| Val::Text(v.map(str::to_owned));
    Option<String> => |v| Val::Text(v);
    &Option<String> => |v| Val::Text(v.clone());
    DateTime<Utc> => |v| Val::Time(Some(v));
    Option<DateTime<Utc>> => |v| Val::Time(v);
    NaiveDate => |v| Val::Date(Some(v));
    Option<NaiveDate> => |v| Val::Date(v);
    Vec<i64> => |v| Val::Ints(v);
    Vec<NaiveDate> => |v| Val::Dates(v);
    &[u8] => |v| Val::Bytes(v.to_vec());
}

/// The values of a statement, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Val::from($value)),*] };
}
pub(crate) use args;

/// SQLite keeps times as text of one width, so that the order of texts is the order of times.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

macro_rules! bind_all {
    ($query:expr, $args:expr, $engine:ident) => {{
        let mut query = $query;
        for value in $args {
            query = match value {
                Val::Int(v) => query.bind(v),
                Val::Bool(v) => query.bind(v),
                Val::Text(v) => query.bind(v),
                Val::Bytes(v) => query.bind(v),
                other => bind_all!(@$engine query, other),
            };
        }
        query
    }};
    (@lite $query:ident, $value:ident) => {
        match $value {
            Val::Time(v) => $query.bind(v.map(time_text)),
            Val::Date(v) => $query.bind(v.map(|d| d.to_string())),
            Val::Ints(v) => $query.bind(ints_json(&v)),
            Val::Dates(v) => $query.bind(serde_json::json!(v).to_string()),
            _ => unreachable!("columns are bound for PostgreSQL only"),
        }
    };
    (@pg $query:ident, $value:ident) => {
        match $value {
            Val::Time(v) => $query.bind(v),
            Val::Date(v) => $query.bind(v),
            Val::Ints(v) => $query.bind(v),
            Val::Dates(v) => $query.bind(v),
            Val::Texts(v) => $query.bind(v),
            Val::MaybeInts(v) => $query.bind(v),
            Val::Times(v) => $query.bind(v),
            _ => unreachable!("bound above"),
        }
    };
}

mod many_lines;
mod tuples;

fn ints_json(numbers: &[i64]) -> String {
    let mut text = String::with_capacity(2 + numbers.len() * 12);
    text.push('[');
    for (i, n) in numbers.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&n.to_string());
    }
    text.push(']');
    text
}

impl Tx {
    pub(crate) fn engine(&self) -> Engine {
        match self.on {
            On::Pg(_) | On::PgRead(_) => Engine::Postgres,
            On::Lite(_) | On::LiteRead(_) => Engine::Sqlite,
        }
    }

    /// The statement of this database.
    pub(crate) fn pick<T>(&self, postgres: T, sqlite: T) -> T {
        match self.engine() {
            Engine::Postgres => postgres,
            Engine::Sqlite => sqlite,
        }
    }

    /// `column` is one of the numbers in the list bound as `$n`.
    pub(crate) fn is_in(&self, column: &str, n: usize) -> String {
        self.pick(
            format!("{column} = any(${n})"),
            format!("{column} in (select value from json_each(${n}))"),
        )
    }

    /// The list bound as `$n`, to stand behind `in` where no index finds its members: PostgreSQL looks each
    /// up by its hash, where it would go through an array.
    pub(crate) fn list(&self, n: usize, of: &str) -> String {
        self.pick(
            format!("(select unnest(${n}::{of}[]))"),
            format!("(select value from json_each(${n}))"),
        )
    }

    /// Tells the surroundings, which may let it fail.
    fn about_to_run(&self, sql: impl SqlSafeStr) -> Result<SqlStr> {
        let sql = sql.into_sql_str();
        self.around.statement(sql.as_str());
        self.around.before(Point::Statement)?;
        Ok(sql)
    }

    /// Runs a statement; answers how many lines it changed.
    pub(crate) async fn exec(&mut self, sql: impl SqlSafeStr, args: Vec<Val>) -> Result<u64> {
        let sql = self.about_to_run(sql)?;
        Ok(match &mut self.on {
            On::Pg(tx) => bind_all!(sqlx::query(sql), args, pg)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            On::PgRead(c) => bind_all!(sqlx::query(sql), args, pg)
                .execute(&mut **c)
                .await?
                .rows_affected(),
            On::Lite(tx) => bind_all!(sqlx::query(sql), args, lite)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            On::LiteRead(c) => bind_all!(sqlx::query(sql), args, lite)
                .execute(&mut **c)
                .await?
                .rows_affected(),
        })
    }

    /// All lines a statement finds.
    pub(crate) async fn rows(&mut self, sql: impl SqlSafeStr, args: Vec<Val>) -> Result<Vec<Line>> {
        let sql = self.about_to_run(sql)?;
        Ok(match &mut self.on {
            On::Pg(tx) => {
                let found = bind_all!(sqlx::query(sql), args, pg)
                    .fetch_all(&mut **tx)
                    .await?;
                found.into_iter().map(Line::Pg).collect()
            }
            On::PgRead(c) => {
                let found = bind_all!(sqlx::query(sql), args, pg)
                    .fetch_all(&mut **c)
                    .await?;
                found.into_iter().map(Line::Pg).collect()
            }
            On::Lite(tx) => {
                let found = bind_all!(sqlx::query(sql), args, lite)
                    .fetch_all(&mut **tx)
                    .await?;
                found.into_iter().map(Line::Lite).collect()
            }
            On::LiteRead(c) => {
                let found = bind_all!(sqlx::query(sql), args, lite)
                    .fetch_all(&mut **c)
                    .await?;
                found.into_iter().map(Line::Lite).collect()
            }
        })
    }

    /// Goes through what a statement without values finds, one line at a time: as many as there may be,
    /// one is in memory.
    pub(crate) async fn each(
        &mut self,
        sql: impl SqlSafeStr,
        mut take: impl FnMut(Line) -> Result<()>,
    ) -> Result<()> {
        let sql = self.about_to_run(sql)?;
        macro_rules! go_through {
            ($on:expr, $line:expr) => {{
                let mut found = sqlx::query(sql).fetch($on);
                while let Some(line) = found.try_next().await? {
                    take($line(line))?;
                }
            }};
        }
        match &mut self.on {
            On::Pg(tx) => go_through!(&mut **tx, Line::Pg),
            On::PgRead(c) => go_through!(&mut **c, Line::Pg),
            On::Lite(tx) => go_through!(&mut **tx, Line::Lite),
            On::LiteRead(c) => go_through!(&mut **c, Line::Lite),
        }
        Ok(())
    }

    /// The one line a statement finds, if it finds one.
    pub(crate) async fn row(
        &mut self,
        sql: impl SqlSafeStr,
        args: Vec<Val>,
    ) -> Result<Option<Line>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// The one number a statement answers.
    pub(crate) async fn number(&mut self, sql: impl SqlSafeStr, args: Vec<Val>) -> Result<i64> {
        let line = self.row(sql, args).await?;
        line.ok_or_else(|| LedgerError::corrupt("a number that is always there"))?
            .get(0)
    }

    /// What leases, pacing and waits go by, in milliseconds: the database's own clock, or the one
    /// that the ledger was given.
    pub(crate) async fn now(&mut self) -> Result<DateTime<Utc>> {
        if let Some(now) = self.around.now() {
            return Ok(now.trunc_subsecs(3));
        }
        let sql = self.pick(
            "select clock_timestamp()",
            "select strftime('%Y-%m-%dT%H:%M:%fZ','now')",
        );
        let line = self.row(sql, Vec::new()).await?;
        let now: DateTime<Utc> = line
            .ok_or_else(|| LedgerError::corrupt("a clock that answers"))?
            .get(0)?;
        Ok(now.trunc_subsecs(3))
    }

    /// Makes it last. A reader has nothing to commit.
    pub(crate) async fn commit(self) -> Result<()> {
        match self.on {
            On::PgRead(_) | On::LiteRead(_) => return Ok(()),
            On::Pg(tx) => {
                self.around.before(Point::CommitLost)?;
                tx.commit().await?;
            }
            On::Lite(tx) => {
                self.around.before(Point::CommitLost)?;
                tx.commit().await?;
            }
        }
        self.around.before(Point::CommitUnheard)
    }
}

/// A statement put together from parts of ours (never from what a person or a sheet said).
pub(crate) fn sql(text: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(text)
}

/// One of our own words; any other is not ours.
pub(crate) fn word<T>(text: &str) -> Result<T>
where
    T: std::str::FromStr<Err = crate::states::UnknownWord>,
{
    text.parse()
        .map_err(|e| LedgerError::corrupt(format!("{e}")))
}

/// One line of an answer.
pub(crate) enum Line {
    Pg(sqlx::postgres::PgRow),
    Lite(sqlx::sqlite::SqliteRow),
}

impl Line {
    pub(crate) fn get<T>(&self, column: usize) -> Result<T>
    where
        T: for<'r> Decode<'r, Postgres>
            + Type<Postgres>
            + for<'r> Decode<'r, Sqlite>
            + Type<Sqlite>,
    {
        Ok(match self {
            Line::Pg(row) => row.try_get(column)?,
            Line::Lite(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        self.get(column)
    }

    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.get(column)
    }

    /// One of our own words; any other is not ours.
    pub(crate) fn word<T>(&self, column: usize) -> Result<T>
    where
        T: std::str::FromStr<Err = crate::states::UnknownWord>,
    {
        word(&self.text(column)?)
    }

    pub(crate) fn maybe_word<T>(&self, column: usize) -> Result<Option<T>>
    where
        T: std::str::FromStr<Err = crate::states::UnknownWord>,
    {
        let text: Option<String> = self.get(column)?;
        text.map(|text| word(&text)).transpose()
    }

    pub(crate) fn row_set(&self, column: usize) -> Result<crate::RowSet> {
        crate::RowSet::from_json(&self.text(column)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::Ledger;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_is_not_the_end_of_all_writing() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let ledger = Ledger::open(&url).await.unwrap();
        // What a full disk does: SQLite rolls back, and sqlx is not told.
        let mut tx = ledger.db.write().await.unwrap();
        tx.exec("rollback", vec![]).await.unwrap();
        drop(tx);
        for account in ["a", "b"] {
            ledger.account_put(account, account).await.unwrap();
        }
        assert_eq!(ledger.accounts().await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_passes() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let ledger = Ledger::open(&url).await.unwrap();
        let mut tx = ledger.db.write().await.unwrap();
        tx.exec("pragma max_page_count = 1", vec![]).await.unwrap();
        let full = tx
            .exec(
                "insert into accounts (account, login) values ('a', hex(randomblob(100000)))",
                vec![],
            )
            .await
            .unwrap_err();
        drop(tx);
        assert!(full.is_transient());
        assert!(full.to_string().contains("no room left"), "{full}");
    }
}
