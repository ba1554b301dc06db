//! Rows that a retry leaves, because a request that nobody owns may hold them.

use ingest_ledger::{LedgerError, RetryRow};

use crate::account::Served;
use crate::elsewhere::{self, Failed};
use crate::gateway::AskError;

/// Refuses those rows that a request may hold which no chunk owns. The inner error: the hub could
/// not be asked, so nothing is known.
pub(super) async fn refuse_held_elsewhere(
    served: &Served,
    candidates: &mut [RetryRow],
) -> Result<Result<(), AskError>, LedgerError> {
    let mut failed = Failed::new();
    for row in candidates.iter().filter(|row| may_go(row)) {
        let chunk_id = row.chunk_id.unwrap_or_default();
        let rows = failed.entry((row.file_id, chunk_id)).or_default();
        rows.insert(row.row_no);
    }
    let mut holders = match elsewhere::holders_of(served, &failed).await? {
        Ok(holders) => holders,
        Err(error) => return Ok(Err(error)),
    };
    for row in candidates.iter_mut().filter(|row| may_go(row)) {
        let holder = holders.remove(&(row.file_id, row.row_no));
        row.refusal = holder.map(|holder| {
            format!(
                "request {} at the hub, which this database does not know, may hold it: {}. If the hub's own pages show that \
                 this is another bill, drop the row in again in a new sheet",
                holder.request_id, holder.why
            )
        });
    }
    Ok(Ok(()))
}

fn may_go(row: &RetryRow) -> bool {
    row.refusal.is_none()
}
