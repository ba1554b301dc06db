//! The change feed as it is read: one line a transaction, file and state in the table, one line
//! a row and change here. [`crate::step`] writes it.

use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;
use crate::states::RowState;
use chrono::{DateTime, Utc};

/// One row's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Rises by one a row and change.
    pub change_id: i64,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Which row.
    pub row_id: i64,
    /// Of which file.
    pub file_id: i64,
    /// The sheet.
    pub sheet: String,
    /// Its number there.
    pub row_number: i64,
    /// What it became.
    pub state: RowState,
    /// Its PSID, for states that have one.
    pub psid: Option<String>,
}

impl Ledger {
    /// The changes after `change_id`, in order, at most `limit` of them. Who has seen change N
    /// never later finds a new one up to N.
    pub async fn changes_after(&self, change_id: i64, limit: u32) -> Result<Vec<Change>> {
        let mut tx = self.db.read().await?;
        // Numbers have no gaps, so the batch that ends at or after this one fills the answer.
        let sql = "select coalesce(min(last_id), $1) from changes where last_id >= $1";
        let upto = tx.number(sql, args![change_id + i64::from(limit)]).await?;
        let lines = tx
            .rows(
                "select change_id, changed_at, row_id, file_id, sheet, row_number, state, psid
                 from result_changes
                 where batch_last_id > $1 and batch_last_id <= $2 and change_id > $1
                 order by change_id limit $3",
                args![change_id, upto, limit],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                Ok(Change {
                    change_id: line.int(0)?,
                    changed_at: line.get(1)?,
                    row_id: line.int(2)?,
                    file_id: line.int(3)?,
                    sheet: line.text(4)?,
                    row_number: line.int(5)?,
                    state: line.word(6)?,
                    psid: line.get(7)?,
                })
            })
            .collect()
    }

    /// The newest change's number; 0: there is none.
    pub async fn newest_change(&self) -> Result<i64> {
        self.db
            .read()
            .await?
            .number("select last_id from feed_head where one = 1", args![])
            .await
    }
}
