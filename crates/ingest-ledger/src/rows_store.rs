//! Rows on their way in, thousands at a time.

use crate::accounts::Lease;
use crate::db::{Val, args};
use crate::errors::{LedgerError, Result};
use crate::history::payer_key;
use crate::open::Ledger;
use crate::{ROW_BITS, row_id};
use chrono::NaiveDate;

/// One row as it was read. Stored once, never changed.
#[derive(Debug, Clone)]
pub struct NewRow<'a> {
    /// 1 for the first row read, rising by one over all sheets.
    pub row_no: u32,
    /// The sheet's name.
    pub sheet: &'a str,
    /// The row's number as the spreadsheet counts.
    pub row_number: u32,
    /// As it will be sent.
    pub title: &'a str,
    /// As it will be sent.
    pub identifier: &'a str,
    /// Paisa; `None` if it could not be read.
    pub amount: Option<i64>,
    /// `None` if it could not be read.
    pub due_date: Option<NaiveDate>,
    /// Paisa; `None` if blank (the amount is sent) or unreadable.
    pub amount_after_due_date: Option<i64>,
    /// No problem of it is an error. Needs an amount and a due date.
    pub valid: bool,
    /// What was written in its cells; kept for invalid rows alone.
    pub raw_json: Option<&'a str>,
    /// `[{"field","cell","value","problem","severity"}]`, if there are any; warnings too.
    pub problems_json: Option<&'a str>,
    /// The row (its row id) that this one is a correction of.
    pub corrects: Option<i64>,
}

const COLUMNS: &str = "row_id, file_id, row_number, chunk_no, amount, amount_after_due_date, payer_key, \
    corrects, due_date, sheet, title, identifier, raw_json, problems_json";

impl Ledger {
    /// Stores the next rows of a file that is being read, in order. About 20,000 a call is best:
    /// each call is one transaction.
    ///
    /// Only the holder of the lease under which the file was claimed may store its rows.
    pub async fn rows_store(&self, lease: &Lease, file_id: i64, rows: &[NewRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        let sql = tx.pick(
            "select state, epoch, rows_n, valid_n, rows_per_request, valid_amount from files where file_id = $1 for update",
            "select state, epoch, rows_n, valid_n, rows_per_request, valid_amount from files where file_id = $1",
        );
        let file = tx
            .row(sql, args![file_id])
            .await?
            .ok_or_else(|| LedgerError::Missing(format!("there is no file {file_id}")))?;
        if file.text(0)? != "reading" || file.int(1)? != lease.epoch {
            return Err(LedgerError::Fenced(lease.account.clone()));
        }
        let (rows_n, valid_n, grid) = (file.int(2)?, file.int(3)?, file.int(4)?.max(1));
        let mut next = rows_n;
        let mut valid = valid_n;
        let mut amount = file.int(5)?;
        let mut chunk_nos = Vec::with_capacity(rows.len());
        for row in rows {
            next += 1;
            if i64::from(row.row_no) != next || next >= 1 << ROW_BITS {
                return Err(LedgerError::Refused(format!(
                    "row {} of file {file_id} is stored out of order, or is one too many",
                    row.row_no
                )));
            }
            if row.valid && (row.amount.is_none() || row.due_date.is_none()) {
                return Err(LedgerError::Refused(format!(
                    "row {} of file {file_id} can't be valid: it has no amount or no due date",
                    row.row_no
                )));
            }
            chunk_nos.push(row.valid.then_some(valid / grid));
            valid += i64::from(row.valid);
            if row.valid {
                let sum = amount.checked_add(row.amount.unwrap_or(0));
                amount = sum.ok_or_else(|| {
                    LedgerError::Refused(format!(
                        "the amounts of file {file_id} are too large to add up"
                    ))
                })?;
            }
        }
        let lines = rows.iter().zip(&chunk_nos);
        let lines = lines.map(|(row, chunk_no)| values_of(&lease.account, file_id, row, *chunk_no));
        tx.add_lines(&format!("rows ({COLUMNS})"), lines).await?;
        tx.exec(
            "update files set rows_n = $2, valid_n = $3, valid_amount = $4 where file_id = $1",
            args![file_id, next, valid, amount],
        )
        .await?;
        tx.commit().await
    }
}

fn key_of(account: &str, row: &NewRow<'_>) -> Option<i64> {
    (!row.identifier.is_empty()).then(|| payer_key(account, row.identifier))
}

/// The row as it is stored, in the order of [`COLUMNS`].
fn values_of(account: &str, file_id: i64, row: &NewRow<'_>, chunk_no: Option<i64>) -> [Val; 14] {
    [
        row_id(file_id, row.row_no).into(),
        file_id.into(),
        row.row_number.into(),
        chunk_no.into(),
        row.amount.into(),
        row.amount_after_due_date.into(),
        key_of(account, row).into(),
        row.corrects.into(),
        row.due_date.into(),
        row.sheet.into(),
        row.title.into(),
        row.identifier.into(),
        row.raw_json.into(),
        row.problems_json.into(),
    ]
}
