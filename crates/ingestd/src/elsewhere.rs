//! Failed rows and what else the hub has: a request that this database does not know may hold them
//! all the same, made by another program, by a person, or by a call that the hub said it refused.

use std::collections::BTreeMap;

use ingest_ledger::{BillRow, Elsewhere, HeldElsewhere, LedgerError, OpenRow, RowSet, RowState};

use crate::account::Served;
use crate::gateway::{AskError, Doubt, InTheWay, RowReading};

/// Failed rows, by file and by the chunk they went in; 0 for a row that names no chunk, which is
/// then held against every request there is.
pub type Failed = BTreeMap<(i64, i64), RowSet>;

/// A request that may hold a failed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The hub's number.
    pub request_id: String,
    /// Why it may.
    pub why: String,
}

/// The failed rows of a chunk's payers that a request may hold which no chunk owns, before the chunk
/// is sent. The inner error: the hub could not be asked, so nothing is known.
///
/// # Errors
/// The database's.
pub async fn of_chunk(
    served: &Served,
    chunk_id: i64,
) -> Result<Result<HeldElsewhere, AskError>, LedgerError> {
    let failed = served.ledger.failed_without_request(chunk_id).await?;
    let mut rows = Failed::new();
    for row in &failed {
        let of_chunk = rows.entry((row.file_id, row.chunk_id)).or_default();
        of_chunk.insert(row.row_no);
    }
    let holders = match holders_of(served, &rows).await? {
        Ok(holders) => holders,
        Err(error) => return Ok(Err(error)),
    };
    let mut held = HeldElsewhere::new();
    for failed in failed {
        let Some(Holder { request_id, why }) = holders.get(&(failed.file_id, failed.row_no)) else {
            continue;
        };
        held.entry(failed.identifier.clone())
            .or_insert_with(|| Elsewhere {
                failed,
                request_id: request_id.clone(),
                why: why.clone(),
            });
    }
    Ok(Ok(held))
}

/// Which of these failed rows a request may hold that no chunk owns, by file and row. The inner
/// error: the hub could not be asked, so nothing is known.
///
/// # Errors
/// The database's.
pub async fn holders_of(
    served: &Served,
    failed: &Failed,
) -> Result<Result<BTreeMap<(i64, u32), Holder>, AskError>, LedgerError> {
    let mut holders = BTreeMap::new();
    if failed.is_empty() {
        return Ok(Ok(holders));
    }
    let ledger = &served.ledger;
    let mut doubts = Vec::with_capacity(failed.len());
    for ((file_id, chunk_id), rows) in failed {
        doubts.push(Doubt {
            chunk_id: *chunk_id,
            bills: ledger.bills(*file_id, rows).await?,
            settled: Vec::new(),
        });
    }
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let looked = match served.gateway().look_up(&doubts, &owned).await {
        Ok(looked) => looked,
        Err(error) => return Ok(Err(error)),
    };
    served.reached(None);
    ledger.read_answered(&served.account.name).await?;
    for (doubt, (file_id, _)) in doubts.iter().zip(failed.keys()) {
        let obstacles = looked.in_the_way.iter();
        for obstacle in obstacles.filter(|obstacle| obstacle.chunk_id == doubt.chunk_id) {
            let held = match rows_it_may_hold(served, doubt, obstacle).await {
                Ok(held) => held,
                Err(error) => return Ok(Err(error)),
            };
            for (row_no, why) in held {
                let holder = || Holder {
                    request_id: obstacle.request_id.clone(),
                    why,
                };
                holders.entry((*file_id, row_no)).or_insert_with(holder);
            }
        }
    }
    Ok(Ok(holders))
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
            .map(|bill| (bill.row_no, format!("it bills {} too", bill.identifier)))
            .collect()),
        Ok(_) => Ok(all("the hub has not worked it off yet")),
        Err(AskError::NotFound(_) | AskError::Unreadable(_)) => Ok(all(&obstacle.why)),
        Err(error @ (AskError::Refused(_) | AskError::Ledger(_))) => Err(error),
    }
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow::of(bill.clone(), RowState::Rejected)
}
