//! Failed rows that no request of ours holds: the hub said that it refused their calls, and what is
//! billed to their payers next has to be held against the requests that nobody owns.

use crate::billed_before::{BillLine, Verdict, approve_it};
use crate::chunk_lines::ChunkLine;
use crate::db::{args, sql};
use crate::errors::Result;
use crate::history::{bills_of, payer_key};
use crate::open::Ledger;
use crate::row_id;
use crate::row_lines::lines_of;
use crate::states::HoldKind;
use std::collections::{BTreeMap, BTreeSet};

/// A failed row whose call has no request, while another row of its payer is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its file.
    pub file_id: i64,
    /// Its place in it.
    pub row_no: u32,
    /// The chunk it went in.
    pub chunk_id: i64,
    /// The payer.
    pub identifier: String,
    /// The file's name.
    pub file_name: String,
    /// Its number in the sheet.
    pub row_number: i64,
}

/// The request that may hold a failed row all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The failed row.
    pub failed: FailedRow,
    /// The hub's number of the request.
    pub request_id: String,
    /// Why it may.
    pub why: String,
}

/// By payer.
pub type HeldElsewhere = BTreeMap<String, Elsewhere>;

impl Ledger {
    /// The failed rows of the payers in a chunk that went in calls without a request, newest first;
    /// none of a payer whose row a person has let past such a one. Nearly always empty.
    pub async fn failed_without_request(&self, chunk_id: i64) -> Result<Vec<FailedRow>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        let refused = "select count(*) from (select 1 from attempts where account = $1 and outcome = 'refused' limit 1) as x";
        if tx.number(refused, args![&chunk.account]).await? == 0 {
            return Ok(Vec::new());
        }
        let lines = lines_of(&mut tx, chunk.file_id, &chunk.live).await?;
        let mut payers: BTreeMap<String, i64> = BTreeMap::new();
        for bill in bills_of(&mut tx, chunk.file_id, &chunk.live).await? {
            let line = lines.get(&bill.row_no);
            if line.is_none_or(|line| !line.waived.contains(&HoldKind::Elsewhere)) {
                payers.insert(bill.identifier, row_id(chunk.file_id, bill.row_no));
            }
        }
        let keys: BTreeSet<i64> = payers
            .keys()
            .map(|payer| payer_key(&chunk.account, payer))
            .collect();
        let text = format!(
            "select row_id, file_id, row_no, chunk_id, identifier, file_name, row_number from row_facts
             where {} and account = $2 and state in ('rejected', 'errored', 'corrected')
               and chunk_id is not null and request_id is null
             order by row_id desc",
            tx.is_in("payer_key", 1)
        );
        let keys: Vec<i64> = keys.into_iter().collect();
        let mut failed = Vec::new();
        for line in tx.rows(sql(text), args![keys, &chunk.account]).await? {
            let (failed_id, identifier) = (line.int(0)?, line.text(4)?);
            // Another payer with the same key, or the row itself, retried.
            if payers.get(&identifier).is_none_or(|id| *id == failed_id) {
                continue;
            }
            failed.push(FailedRow {
                file_id: line.int(1)?,
                row_no: line.int(2)? as u32,
                chunk_id: line.int(3)?,
                identifier,
                file_name: line.text(5)?,
                row_number: line.int(6)?,
            });
        }
        Ok(failed)
    }
}

/// A row that would be sent is held if its payer has a failed row that may be billed all the same.
pub(crate) fn or_hold(
    verdict: Verdict,
    row: &BillLine,
    elsewhere: &HeldElsewhere,
    waived: &[HoldKind],
) -> Verdict {
    let Some(held) = elsewhere.get(&row.identifier) else {
        return verdict;
    };
    if !matches!(verdict, Verdict::Send { .. }) || waived.contains(&HoldKind::Elsewhere) {
        return verdict;
    }
    let Elsewhere {
        failed,
        request_id,
        why,
    } = held;
    let message = format!(
        "row {} of {} with the same identifier failed, but request {request_id} at the hub, which this database does not know, may hold it ({why}). If the hub's own pages show that no bill of it is left to pay: {}; if this row is not to be sent: `ingestd cancel {}`",
        failed.row_number,
        failed.file_name,
        approve_it(row),
        row.file_id
    );
    Verdict::Hold {
        kind: HoldKind::Elsewhere,
        message,
        waits_for: None,
    }
}
