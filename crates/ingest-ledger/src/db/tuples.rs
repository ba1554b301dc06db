//! Many lines out of a database. SQLite hands them over as one text: a line that goes from its thread to
//! ours by itself costs more than reading it.

use serde::de::DeserializeOwned;
use sqlx::FromRow;
use sqlx::postgres::PgRow;

use super::{On, Tx, Val, sql};
use crate::errors::{LedgerError, Result};
use crate::states::Engine;

impl Tx {
    /// What `select COLUMNS REST` finds, a tuple a line, in no order that may be relied on. Columns are
    /// numbers, texts, dates and times; one that a view makes of JSON has to be joined to `''`, or SQLite
    /// hands it over as JSON and not as its text.
    pub(crate) async fn tuples<T>(
        &mut self,
        columns: &str,
        rest: &str,
        values: Vec<Val>,
    ) -> Result<Vec<T>>
    where
        T: DeserializeOwned + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if self.engine() == Engine::Sqlite {
            let text = format!("select json_group_array(json_array({columns})) {rest}");
            let line = self.row(sql(text), values).await?;
            let text = line
                .ok_or_else(|| LedgerError::corrupt("a list that is always there"))?
                .text(0)?;
            return serde_json::from_str(&text)
                .map_err(|e| LedgerError::corrupt(format!("lines that can't be read: {e}")));
        }
        let text = self.about_to_run(sql(format!("select {columns} {rest}")))?;
        let query = bind_all!(sqlx::query_as::<_, T>(text), values, pg);
        Ok(match &mut self.on {
            On::Pg(tx) => query.fetch_all(&mut **tx).await?,
            On::PgRead(c) => query.fetch_all(&mut **c).await?,
            On::Lite(_) | On::LiteRead(_) => unreachable!("SQLite was asked above"),
        })
    }
}
