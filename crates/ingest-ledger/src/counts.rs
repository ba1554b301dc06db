//! Counts by state: kept with every change, never counted over.

use crate::db::{Tx, args};
use crate::errors::Result;
use crate::open::Ledger;
use crate::states::RowState;
use std::collections::BTreeMap;

impl Ledger {
    /// How many rows of a file are in each state; states without rows are left out.
    pub async fn counts(&self, file_id: i64) -> Result<BTreeMap<RowState, i64>> {
        counts_in(&mut self.db.read().await?, file_id).await
    }
}

/// The same within a step.
pub(crate) async fn counts_in(tx: &mut Tx, file_id: i64) -> Result<BTreeMap<RowState, i64>> {
    let lines = tx
        .rows(
            "select state, n from file_counts where file_id = $1 and n <> 0",
            args![file_id],
        )
        .await?;
    lines
        .iter()
        .map(|line| Ok((line.word(0)?, line.int(1)?)))
        .collect()
}
