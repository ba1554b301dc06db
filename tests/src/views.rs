//! What downstream systems read: the three views, by plain SQL on a
//! connection of one's own, as they would.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row as _, SqliteConnection};
use std::time::Duration;

use crate::postgres::Engine;
use crate::world::World;

/// A line of `bill_results`, each value as the database writes it as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The row's key.
    pub row_id: i64,
    /// The file.
    pub file_id: i64,
    /// Its name.
    pub file_name: String,
    /// Whose it is.
    pub account: String,
    /// The worksheet.
    pub sheet: String,
    /// The row's number there, the header counted.
    pub row_number: usize,
    /// What the payer's bank shows.
    pub title: String,
    /// Who pays.
    pub identifier: String,
    /// Rupees with two decimals.
    pub amount: Option<String>,
    /// `yyyy-MM-dd`.
    pub due_date: Option<String>,
    /// Rupees with two decimals.
    pub late: Option<String>,
    /// Where it stands.
    pub state: String,
    /// Its payment number.
    pub psid: Option<String>,
    /// The hub's number of its call.
    pub request: Option<String>,
    /// What there is to say.
    pub message: Option<String>,
    /// When its call was made.
    pub sent_at: Option<String>,
    /// When it changed last.
    pub updated_at: Option<String>,
    /// When it was paid.
    pub paid_at: Option<String>,
}

impl Row {
    /// The message, or nothing.
    pub fn says(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }
}

/// A line of `bulk_requests`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its number.
    pub chunk_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// For whom.
    pub account: String,
    /// How many rows.
    pub row_count: i64,
    /// Rupees with two decimals.
    pub total_amount: String,
    /// The hub's number of it.
    pub request: Option<String>,
    /// Where it stands.
    pub state: String,
    /// Calls made.
    pub attempts: i64,
    /// When the last was made.
    pub sent_at: Option<String>,
    /// When that was answered.
    pub answered_at: Option<String>,
    /// What there is to say.
    pub message: Option<String>,
}

/// A line of `result_changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub change_id: i64,
    /// The row.
    pub row_id: i64,
    /// The file.
    pub file_id: i64,
    /// The row's number in its sheet.
    pub row_number: i64,
    /// The state it came to.
    pub state: String,
    /// Its PSID by then.
    pub psid: Option<String>,
}

type Texts = Vec<Vec<Option<String>>>;

impl World {
    /// Every row of every file, oldest first; nothing while the program has
    /// not made its tables yet.
    pub async fn results(&self) -> Vec<Row> {
        let sql = selected(
            "row_id, file_id, file_name, account, sheet, row_number, title, identifier, amount, \
             due_date, amount_after_due_date, state, psid, bulk_payment_request_id, message, sent_at, updated_at, paid_at",
            "bill_results order by bill_results.row_id",
        );
        self.texts(&sql)
            .await
            .into_iter()
            .map(|cells| {
                let mut cells = cells.into_iter();
                let mut next = || cells.next().flatten();
                Row {
                    row_id: number(next()),
                    file_id: number(next()),
                    file_name: next().expect("a row has a file"),
                    account: next().expect("a row has an account"),
                    sheet: next().unwrap_or_default(),
                    row_number: usize::try_from(number(next())).expect("rows count up"),
                    title: next().unwrap_or_default(),
                    identifier: next().unwrap_or_default(),
                    amount: next(),
                    due_date: next(),
                    late: next(),
                    state: next().expect("a row has a state"),
                    psid: next(),
                    request: next(),
                    message: next(),
                    sent_at: next(),
                    updated_at: next(),
                    paid_at: next(),
                }
            })
            .collect()
    }

    /// Every chunk, oldest first.
    pub async fn chunks(&self) -> Vec<Chunk> {
        let sql = selected(
            "chunk_id, file_id, account, row_count, total_amount, bulk_payment_request_id, state, attempts, \
             sent_at, answered_at, message",
            "bulk_requests order by bulk_requests.chunk_id",
        );
        self.texts(&sql)
            .await
            .into_iter()
            .map(|cells| {
                let mut cells = cells.into_iter();
                let mut next = || cells.next().flatten();
                Chunk {
                    chunk_id: number(next()),
                    file_id: number(next()),
                    account: next().expect("a chunk has an account"),
                    row_count: number(next()),
                    total_amount: next().expect("a chunk has a sum"),
                    request: next(),
                    state: next().expect("a chunk has a state"),
                    attempts: number(next()),
                    sent_at: next(),
                    answered_at: next(),
                    message: next(),
                }
            })
            .collect()
    }

    /// How many complete readings of the hub's list did not show each chunk, oldest chunk first.
    pub async fn looks(&self) -> Vec<i64> {
        let sql = selected("looks", "chunks order by chunks.chunk_id");
        let looks = self
            .texts(&sql)
            .await
            .into_iter()
            .map(|cells| cells.into_iter().next());
        looks.map(|cell| number(cell.flatten())).collect()
    }

    /// What changed after the change of this number, in order.
    pub async fn changes_after(&self, change_id: i64) -> Vec<Change> {
        let sql = selected(
            "change_id, row_id, file_id, row_number, state, psid",
            &format!(
                "result_changes where result_changes.change_id > {change_id} order by result_changes.change_id"
            ),
        );
        self.texts(&sql)
            .await
            .into_iter()
            .map(|cells| {
                let mut cells = cells.into_iter();
                let mut next = || cells.next().flatten();
                Change {
                    change_id: number(next()),
                    row_id: number(next()),
                    file_id: number(next()),
                    row_number: number(next()),
                    state: next().expect("a change has a state"),
                    psid: next(),
                }
            })
            .collect()
    }

    /// The columns of a view, in their order.
    pub async fn columns_of(&self, view: &str) -> Vec<String> {
        let sql = match self.engine() {
            Engine::Sqlite => format!("select name from pragma_table_info('{view}') order by cid"),
            Engine::Postgres => format!(
                "select cast(column_name as text) from information_schema.columns \
                 where table_name = '{view}' and table_schema = current_schema() order by ordinal_position"
            ),
        };
        let names = self.texts(&sql).await;
        names
            .into_iter()
            .filter_map(|mut cells| cells.remove(0))
            .collect()
    }

    /// The type a view's column has, as the engine calls it.
    pub async fn type_of(&self, view: &str, column: &str) -> String {
        let sql = match self.engine() {
            Engine::Sqlite => {
                format!("select typeof({column}) from {view} where {column} is not null limit 1")
            }
            Engine::Postgres => {
                format!(
                    "select cast(pg_typeof({column}) as text) from {view} where {column} is not null limit 1"
                )
            }
        };
        let mut found = self.texts(&sql).await;
        found
            .pop()
            .and_then(|mut cells| cells.remove(0))
            .unwrap_or_default()
    }

    /// Any query whose columns are all texts.
    pub(crate) async fn texts(&self, sql: &str) -> Texts {
        let found = match self.engine() {
            Engine::Sqlite => on_sqlite(self.database_url(), sql).await,
            Engine::Postgres => on_postgres(self.database_url(), sql).await,
        };
        match found {
            Ok(texts) => texts,
            Err(error) if is_not_made_yet(&error) => Vec::new(),
            Err(error) => panic!("{sql}: {error}"),
        }
    }
}

fn selected(columns: &str, from: &str) -> String {
    let casts: Vec<String> = columns
        .split(',')
        .map(|column| format!("cast({} as text)", column.trim()))
        .collect();
    format!("select {} from {from}", casts.join(", "))
}

async fn on_sqlite(url: &str, sql: &str) -> Result<Texts, sqlx::Error> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options
        .busy_timeout(Duration::from_secs(20))
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let found = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(&mut connection)
        .await?;
    let texts = found
        .iter()
        .map(|row| (0..row.len()).map(|at| row.get(at)).collect())
        .collect();
    connection.close().await?;
    Ok(texts)
}

async fn on_postgres(url: &str, sql: &str) -> Result<Texts, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let found = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(&mut connection)
        .await?;
    let texts = found
        .iter()
        .map(|row| (0..row.len()).map(|at| row.get(at)).collect())
        .collect();
    connection.close().await?;
    Ok(texts)
}

/// The program has not made its file or its tables yet.
fn is_not_made_yet(error: &sqlx::Error) -> bool {
    let text = error.to_string();
    [
        "no such table",
        "does not exist",
        "unable to open database file",
    ]
    .iter()
    .any(|why| text.contains(why))
}

fn number(text: Option<String>) -> i64 {
    let text = text.expect("a number is there");
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is no whole number"))
}
