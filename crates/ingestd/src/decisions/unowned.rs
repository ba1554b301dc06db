//! Failed rows and what else the hub has: a request that this database does not know may hold them
//! all the same, made by another program, by a person, or by a call that the hub said it refused.

use std::collections::BTreeMap;

use ingest_ledger::{BillRow, LedgerError, OpenRow, RetryRow, RowSet, RowState};

use crate::account::Served;
use crate::gateway::{AskError, Doubt, InTheWay, RowReading};

/// Refuses those rows that a request may hold which no chunk owns. The inner error: the hub could
/// not be asked, so nothing is known.
pub(super) async fn refuse_held_elsewhere(
    served: &Served,
    candidates: &mut [RetryRow],
) -> Result<Result<(), AskError>, LedgerError> {
    let ledger = &served.ledger;
    let mut by_chunk: BTreeMap<(i64, i64), RowSet> = BTreeMap::new();
    for row in candidates.iter().filter(|row| may_go(row)) {
        // One that names no chunk is held against every request there is.
        let chunk_id = row.chunk_id.unwrap_or_default();
        let rows = by_chunk.entry((row.file_id, chunk_id)).or_default();
        rows.insert(row.row_no);
    }
    if by_chunk.is_empty() {
        return Ok(Ok(()));
    }
    let mut doubts = Vec::with_capacity(by_chunk.len());
    let mut files = Vec::with_capacity(by_chunk.len());
    for ((file_id, chunk_id), rows) in &by_chunk {
        doubts.push(Doubt {
            chunk_id: *chunk_id,
            bills: ledger.bills(*file_id, rows).await?,
            settled: Vec::new(),
        });
        files.push(*file_id);
    }
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let looked = match served.gateway().look_up(&doubts, &owned).await {
        Ok(looked) => looked,
        Err(error) => return Ok(Err(error)),
    };
    served.reached(None);
    ledger.read_answered(&served.account.name).await?;
    let mut refused: BTreeMap<(i64, u32), String> = BTreeMap::new();
    for (doubt, file_id) in doubts.iter().zip(files) {
        let obstacles = looked.in_the_way.iter();
        for obstacle in obstacles.filter(|obstacle| obstacle.chunk_id == doubt.chunk_id) {
            let held = match rows_it_may_hold(served, doubt, obstacle).await {
                Ok(held) => held,
                Err(error) => return Ok(Err(error)),
            };
            for (row_no, why) in held {
                refused.entry((file_id, row_no)).or_insert_with(|| {
                    format!(
                        "request {} at the hub, which this database does not know, may hold it: {why}",
                        obstacle.request_id
                    )
                });
            }
        }
    }
    for row in candidates.iter_mut().filter(|row| may_go(row)) {
        row.refusal = refused.remove(&(row.file_id, row.row_no));
    }
    Ok(Ok(()))
}

fn may_go(row: &RetryRow) -> bool {
    row.refusal.is_none()
}

/// Which rows of a chunk a request may hold, and why: all of them, unless it is worked off and can
/// be read.
async fn rows_it_may_hold(
    served: &Served,
    doubt: &Doubt,
    obstacle: &InTheWay,
) -> Result<Vec<(u32, String)>, AskError> {
    let rows: Vec<OpenRow> = doubt.bills.iter().map(as_open).collect();
    let all = |why: &str| {
        doubt
            .bills
            .iter()
            .map(|bill| (bill.row_no, why.to_owned()))
            .collect()
    };
    match served.gateway().ask(&obstacle.request_id, &rows).await {
        // Another amount or due date is another bill of the payer, and no reason not to send this one.
        Ok(reading) if reading.processed => Ok(doubt
            .bills
            .iter()
            .filter(|bill| {
                let may_be = |row: &RowReading| row.row_no == bill.row_no && !row.is_another;
                reading.rows.iter().any(may_be)
            })
            .map(|bill| {
                let why = format!(
                    "it bills {} too. If the hub's own pages show that this is another bill, drop the row in again in a new sheet",
                    bill.identifier
                );
                (bill.row_no, why)
            })
            .collect()),
        Ok(_) => Ok(all("the hub has not worked it off yet; ask again once it has")),
        Err(AskError::NotFound(_) | AskError::Unreadable(_)) => Ok(all(&obstacle.why)),
        Err(error @ (AskError::Refused(_) | AskError::Ledger(_))) => Err(error),
    }
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow::of(bill.clone(), RowState::Rejected)
}
