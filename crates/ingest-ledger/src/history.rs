//! The database's side of "billed before": rows as they are judged, and the earlier rows of
//! their identifiers.

use crate::billed_before::{BillLine, Earlier};
use crate::db::{Tx, args, word};
use crate::errors::{LedgerError, Result};
use crate::foreign_bills::{add_foreign_bills, has_foreign_bills};
use crate::row_id;
use crate::row_lines::rows_among;
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::states::RowState;
use crate::unseen::unseen_of;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

/// A 64-bit key for a payer of an account (FNV-1a with a final mix). Stored: it must never change.
/// Two payers may share one: whoever looks rows up by it compares the identifiers too.
pub(crate) fn payer_key(account: &str, identifier: &str) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in account.bytes().chain([0]).chain(identifier.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) as i64
}

/// Did the account have rows before this file, or bills that the ledger did not make? If not, nothing
/// of it can have been billed before.
pub(crate) async fn has_history(tx: &mut Tx, account: &str, file_id: i64) -> Result<bool> {
    let sql = "select count(*) from (select 1 from files where account = $1 and file_id < $2 and valid_n > 0 limit 1) as x";
    Ok(
        tx.number(sql, args![account, file_id]).await? > 0
            || has_foreign_bills(tx, account).await?,
    )
}

/// May any row of this file meet another of its identifier: an earlier one, or one of a newer file
/// that was sent first?
pub(crate) async fn may_meet_others(tx: &mut Tx, account: &str, file_id: i64) -> Result<bool> {
    if has_history(tx, account, file_id).await? {
        return Ok(true);
    }
    let sql = "select count(*) from (select 1 from chunks where account = $1 and file_id > $2 and attempts > 0 limit 1) as x";
    Ok(tx.number(sql, args![account, file_id]).await? > 0)
}

/// Does the file have rows in several sheets, so that a row's number alone does not name it?
pub(crate) async fn has_several_sheets(tx: &mut Tx, file_id: i64) -> Result<bool> {
    let sql = "select count(*) from
        (select sheet from rows where row_id > $1 and row_id < $2 order by row_id limit 1) as a,
        (select sheet from rows where row_id > $1 and row_id < $2 order by row_id desc limit 1) as b
        where a.sheet <> b.sheet";
    let range = args![row_id(file_id, 0), row_id(file_id + 1, 0)];
    Ok(tx.number(sql, range).await? > 0)
}

const BILL: &str = "row_id, row_number, sheet, title, identifier, amount, due_date, coalesce(amount_after_due_date, amount)";

/// [`BILL`].
type Bill = (i64, i64, String, String, String, i64, NaiveDate, i64);

/// These rows of a file as they are sent, in order. Only rows that were valid when read.
pub(crate) async fn bills_of(tx: &mut Tx, file_id: i64, rows: &RowSet) -> Result<Vec<BillRow>> {
    let valid = "(select * from rows where chunk_no is not null) as valid";
    let found = rows_among(tx, BILL, valid, (file_id, rows), |bill: &Bill| bill.0).await?;
    let mut bills: Vec<BillRow> = found.into_iter().map(bill_of).collect();
    bills.sort_by_key(|bill| bill.row_no);
    if bills.len() as u64 != rows.len() {
        return Err(LedgerError::corrupt(format!(
            "file {file_id} lacks rows among {rows}"
        )));
    }
    Ok(bills)
}

fn bill_of(stored: Bill) -> BillRow {
    let (id, row_number, sheet, title, identifier, amount, due_date, late) = stored;
    BillRow {
        row_no: crate::row_of(id).1,
        row_number,
        sheet,
        title,
        identifier,
        amount,
        due_date,
        amount_after_due_date: late,
    }
}

/// A bill as the judgement wants it.
pub(crate) fn line_of(file_id: i64, bill: &BillRow) -> BillLine {
    BillLine {
        row_id: row_id(file_id, bill.row_no),
        file_id: Some(file_id),
        sheet: None,
        row_number: bill.row_number,
        title: bill.title.clone(),
        identifier: bill.identifier.clone(),
        amount: bill.amount,
        due_date: bill.due_date,
        late: bill.amount_after_due_date,
    }
}

const EARLIER: &str = "row_id, file_name, row_number, title, amount, due_date, late, state, psid, identifier, chunk_id, request_id";

/// [`EARLIER`].
type EarlierLine = (
    i64,
    String,
    i64,
    String,
    i64,
    NaiveDate,
    i64,
    String,
    Option<String>,
    String,
    Option<i64>,
    Option<String>,
);

/// The other rows of each bill's identifier that count, earlier and newer, by the bill's row id.
pub(crate) async fn earlier_of(
    tx: &mut Tx,
    account: &str,
    bills: &[BillLine],
) -> Result<HashMap<i64, Vec<Earlier>>> {
    let mut found: HashMap<i64, Vec<Earlier>> = HashMap::new();
    if bills.is_empty() {
        return Ok(found);
    }
    let mut by_identifier: HashMap<&str, Vec<i64>> = HashMap::new();
    for bill in bills {
        by_identifier
            .entry(&bill.identifier)
            .or_default()
            .push(bill.row_id);
    }
    let asked = Asked::of(account, bills, &by_identifier);
    let keys = asked.that_may_matter(tx, account).await?;
    let unseen = unseen_of(tx, account).await?;
    let rest = format!(
        "from row_facts
         where {} and account = $2
           and (state not in ('invalid', 'corrected', 'skipped', 'rejected', 'errored', 'discarded')
             or state in ('corrected', 'rejected', 'errored') and {})",
        tx.is_in("payer_key", 1),
        tx.is_in("chunk_id", 3)
    );
    let hidden: Vec<i64> = unseen.iter().copied().collect();
    let lines: Vec<EarlierLine> = match keys.is_empty() {
        true => Vec::new(),
        false => {
            tx.tuples(EARLIER, &rest, args![keys, account, hidden])
                .await?
        }
    };
    for (
        row_id,
        file_name,
        row_number,
        title,
        amount,
        due_date,
        late,
        state,
        psid,
        identifier,
        chunk_id,
        request_id,
    ) in lines
    {
        // Another payer with the same key is no earlier row of this one.
        let Some(bills) = by_identifier.get(identifier.as_str()) else {
            continue;
        };
        let state = word(&state)?;
        let is_hidden = chunk_id.is_some_and(|chunk_id| unseen.contains(&chunk_id));
        let earlier = Earlier {
            row_id,
            file_name,
            row_number,
            title,
            amount,
            due_date,
            late,
            state,
            psid,
            out_of_sight: request_id.filter(|_| is_hidden && may_move(state)),
            foreign: None,
        };
        for &bill in bills.iter().filter(|bill| earlier.row_id != **bill) {
            found.entry(bill).or_default().push(earlier.clone());
        }
    }
    add_foreign_bills(tx, account, bills, &mut found).await?;
    Ok(found)
}

/// Bills that are asked about: their payers, their rows, and the days they are due.
struct Asked {
    payers: BTreeSet<i64>,
    /// Payers of two of the bills: each may be the other's earlier one.
    of_two: Vec<i64>,
    rows: Vec<i64>,
    due: BTreeSet<NaiveDate>,
}

impl Asked {
    fn of(account: &str, bills: &[BillLine], by_identifier: &HashMap<&str, Vec<i64>>) -> Asked {
        let key = |identifier: &&str| payer_key(account, identifier);
        let twice = by_identifier.iter().filter(|(_, bills)| bills.len() > 1);
        Asked {
            payers: by_identifier.keys().map(key).collect(),
            of_two: twice.map(|(identifier, _)| key(identifier)).collect(),
            rows: bills.iter().map(|bill| bill.row_id).collect(),
            due: bills.iter().map(|bill| bill.due_date).collect(),
        }
    }

    /// The payers of whom anything else is stored than bills that are paid and were due on other days.
    /// Those say nothing of a bill by themselves, and after some years nearly all rows are of that kind:
    /// they are told from the others without a look at their chunks, and are not brought here.
    async fn that_may_matter(self, tx: &mut Tx, account: &str) -> Result<Vec<i64>> {
        // Of an unpaid bill that we did not make, a paid one that is newer says something.
        if has_foreign_bills(tx, account).await? {
            return Ok(self.payers.into_iter().collect());
        }
        let rest = format!(
            "from (select distinct payer_key from row_facts
             where {} and account = $2 and row_id not in {}
               and (own_state is null and chunk_no is not null
                 or own_state not in ('paid', 'invalid', 'skipped', 'discarded')
                 or due_date in {})) as x",
            tx.is_in("payer_key", 1),
            tx.list(3, "bigint"),
            tx.list(4, "date")
        );
        let payers: Vec<i64> = self.payers.into_iter().collect();
        let due: Vec<NaiveDate> = self.due.into_iter().collect();
        let values = args![payers, account, self.rows, due];
        let found: Vec<(i64,)> = tx.tuples("payer_key", &rest, values).await?;
        let mut keys: BTreeSet<i64> = found.into_iter().map(|(key,)| key).collect();
        keys.extend(self.of_two);
        Ok(keys.into_iter().collect())
    }
}

/// May the hub have something new to say of a row that it took or refused?
fn may_move(state: RowState) -> bool {
    use RowState::*;
    matches!(
        state,
        Accepted | Billed | Unknown | Rejected | Errored | Corrected
    )
}

/// The keys of the payers of these rows, as they are stored.
pub(crate) async fn payers_of(tx: &mut Tx, file_id: i64, rows: &RowSet) -> Result<BTreeSet<i64>> {
    let id = |line: &(i64, Option<i64>)| line.0;
    let lines = rows_among(tx, "row_id, payer_key", "rows", (file_id, rows), id).await?;
    Ok(lines.into_iter().filter_map(|(_, key)| key).collect())
}

/// The taken chunks that hold rows of these payers before this row about which the hub may say
/// something new: open ones (accepted or billed), and failed ones that it may have made after all.
pub(crate) async fn open_chunks_of_keys(
    tx: &mut Tx,
    account: &str,
    keys: BTreeSet<i64>,
    newest: i64,
) -> Result<BTreeSet<i64>> {
    /// A row's own state is told before its chunk is looked up.
    const STATES: &str = "'accepted', 'billed', 'rejected', 'errored', 'corrected'";
    let rest = format!(
        "from (select distinct chunk_id as it from row_facts
         where {} and account = $2 and row_id < $3 and state in ({STATES})
           and (own_state is null or own_state in ({STATES})) and request_id is not null) as x",
        tx.is_in("payer_key", 1)
    );
    let keys: Vec<i64> = keys.into_iter().collect();
    let chunks: Vec<(i64,)> = tx.tuples("it", &rest, args![keys, account, newest]).await?;
    Ok(chunks.into_iter().map(|(chunk_id,)| chunk_id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payers_key_never_changes() {
        // Stored in every ledger there is: another value would make old bills invisible.
        let key = payer_key("greenfield", "FS-BSCS-095");
        assert_eq!(key, -1_025_140_148_118_498_035);
        assert_ne!(payer_key("a", "bc"), payer_key("ab", "c"));
    }
}
