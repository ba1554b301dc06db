//! A ready chunk that can't go just now, though others can, is put off.

use crate::accounts::Lease;
use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;
use std::time::Duration;

impl Ledger {
    /// A chunk that is ready is not looked at again before this time is over: those behind it go on.
    pub async fn put_off(&self, lease: &Lease, chunk_id: i64, wait: Duration) -> Result<()> {
        let mut step = self.step_under(lease).await?;
        step.tx
            .exec(
                "update chunks set not_before = $2 where chunk_id = $1 and state = 'ready' and (not_before is null or not_before < $2)",
                args![chunk_id, step.now + wait],
            )
            .await?;
        step.finish().await
    }
}
