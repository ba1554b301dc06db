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
    if obstacle.is_unread {
        return Ok(all(&obstacle.why));
    }
    match served.gateway().ask(&obstacle.request_id, &rows).await {
        Ok(reading) if reading.processed => Ok(doubt
            .bills
            .iter()
            .filter(|bill| {
                let may_be = |row: &RowReading| row.row_no == bill.row_no && may_be_billed(row);
                reading.rows.iter().any(may_be)
            })
            .map(|bill| (bill.row_no, format!("it bills {} too", bill.identifier)))
            .collect()),
        Ok(_) => Ok(all("the hub has not worked it off yet")),
        Err(AskError::NotFound(why) | AskError::Hidden(why)) => Ok(all(&why)),
        Err(error) => Err(error),
    }
}

/// Another amount or due date is another bill of the payer, and no reason not to send this one; nor
/// is what the hub failed or discarded, or lists with the words of its refusal: a hub may list a
/// request that it refused as a whole.
fn may_be_billed(row: &RowReading) -> bool {
    let is_over = matches!(row.state, Some(RowState::Errored | RowState::Discarded));
    !(row.is_another || row.is_refusal || is_over)
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow::of(bill.clone(), RowState::Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_bill_of_the_failed_row_stands_in_the_way() {
        let shown = |state| RowReading {
            row_no: 1,
            state,
            psid: None,
            payment_id: None,
            message: None,
            is_another: false,
            is_refusal: false,
        };
        for state in [
            None,
            Some(RowState::Accepted),
            Some(RowState::Billed),
            Some(RowState::Paid),
        ] {
            assert!(may_be_billed(&shown(state)), "{state:?}");
        }
        for state in [RowState::Errored, RowState::Discarded] {
            assert!(!may_be_billed(&shown(Some(state))), "{state:?}");
        }
        let another = RowReading {
            is_another: true,
            ..shown(None)
        };
        let refusal = RowReading {
            is_refusal: true,
            ..shown(None)
        };
        assert!(!may_be_billed(&another) && !may_be_billed(&refusal));
    }
}
