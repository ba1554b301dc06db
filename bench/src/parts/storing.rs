//! Rows into the ledger as the intake stores them, and the same rows as a file for `psql \copy`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use chrono::NaiveDate;
use ingest_ledger::{Claim, Lease, Ledger, NewFile, NewRow};
use serde_json::{Value, json};

use super::micros;
use crate::sheets::{PAYERS, Rows, Written};

pub(super) const ACCOUNT: &str = "bench";
/// What the intake hands over at a time.
pub(super) const BATCH_ROWS: usize = 5_000;
pub(super) const ROWS_PER_REQUEST: u32 = 5_000;
const PROBLEM: &str = r#"[{"field":"amount","cell":"C2","value":"12O","problem":"Amount: `12O` is not a number","severity":"error"}]"#;

/// A row with its values read.
pub(super) struct Given {
    written: Written,
    amount: Option<i64>,
    due: Option<NaiveDate>,
    late: Option<i64>,
    /// A neighbour has its identifier: others never have.
    twice: bool,
}

impl Given {
    fn of(written: Written) -> Given {
        let paisa = |text: &str| text.parse::<i64>().ok().map(|rupees| rupees * 100);
        let (year, month, day) = written.due;
        Given {
            amount: paisa(&written.amount).filter(|amount| *amount > 0),
            due: NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()),
            late: paisa(&written.late),
            twice: false,
            written,
        }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.amount.is_some()
            && self.due.is_some()
            && self.late >= self.amount
            && !self.written.identifier.is_empty()
            && !self.twice
    }

    pub(super) fn as_new(&self, row_no: u32) -> NewRow<'_> {
        NewRow {
            row_no,
            sheet: "fees",
            row_number: row_no + 1,
            title: &self.written.title,
            identifier: &self.written.identifier,
            amount: self.amount,
            due_date: self.due,
            amount_after_due_date: self.late,
            valid: self.is_valid(),
            raw_json: None,
            problems_json: (!self.is_valid()).then_some(PROBLEM),
            corrects: None,
        }
    }
}

fn given(rows: u32) -> Vec<Given> {
    judged(Rows::new(1, PAYERS).take(rows as usize)).collect()
}

/// Rows in a sheet of their own.
pub(super) fn judged(rows: impl Iterator<Item = Written>) -> impl Iterator<Item = Given> {
    let mut rows = rows.map(Given::of).peekable();
    let mut before = String::new();
    std::iter::from_fn(move || {
        let mut row = rows.next()?;
        let of = &row.written.identifier;
        let next = rows.peek().map(|next| &next.written.identifier);
        row.twice = *of == before || next == Some(of);
        before.clone_from(of);
        Some(row)
    })
}

/// A file whose rows are stored, and how many of them are valid.
pub(super) struct InLedger {
    pub(super) ledger: Ledger,
    pub(super) lease: Lease,
    pub(super) file_id: i64,
    pub(super) valid: u64,
    pub(super) micros: u64,
}

/// The ledger, with our account in it and the right to serve that.
pub(super) async fn opened(url: &str) -> Result<(Ledger, Lease)> {
    let ledger = Ledger::open(url).await?;
    ledger
        .account_put(ACCOUNT, "http://localhost bench")
        .await?;
    let Some(lease) = ledger
        .lease_take(ACCOUNT, "bench", Duration::from_secs(3_600))
        .await?
    else {
        bail!("another holds the lease of a database that is ours");
    };
    Ok((ledger, lease))
}

/// A file whose contents are told from others' by `n`.
pub(super) fn file(n: u8) -> NewFile {
    NewFile {
        file_name: format!("fees{n}.csv"),
        sha256: [n; 32],
        size: 1,
        spool_name: format!("fees{n}.csv"),
        rows_per_request: ROWS_PER_REQUEST,
        by_hand: false,
        force: false,
        hold: None,
    }
}

pub(super) async fn stored(url: &str, rows: u32) -> Result<InLedger> {
    let (ledger, lease) = opened(url).await?;
    let Claim::New { file_id } = ledger.file_claim(&lease, &file(7)).await? else {
        bail!("the database is not empty");
    };
    let given = given(rows);
    let began = Instant::now();
    let mut next = 1;
    for batch in given.chunks(BATCH_ROWS) {
        let batch: Vec<NewRow<'_>> = (next..)
            .zip(batch)
            .map(|(row_no, row)| row.as_new(row_no))
            .collect();
        ledger.rows_store(&lease, file_id, &batch).await?;
        next += u32::try_from(batch.len())?;
    }
    let micros = micros(began);
    let valid = given.iter().filter(|row| row.is_valid()).count() as u64;
    Ok(InLedger {
        ledger,
        lease,
        file_id,
        valid,
        micros,
    })
}

pub(super) async fn store(url: &str, rows: u32) -> Result<Value> {
    let stored = stored(url, rows).await?;
    stored.ledger.close().await;
    Ok(json!({"rows": rows, "micros": stored.micros, "valid": stored.valid}))
}

/// The same rows in the columns of the table `rows`, as CSV.
pub(crate) fn copy_file(path: &Path, rows: u32) -> Result<()> {
    let mut to = BufWriter::new(File::create(path)?);
    let number = |value: Option<i64>| value.map_or_else(String::new, |n| n.to_string());
    let mut valid = 0i64;
    for (n, row) in (1i64..).zip(given(rows)) {
        let chunk_no = row
            .is_valid()
            .then_some(valid / i64::from(ROWS_PER_REQUEST));
        valid += i64::from(row.is_valid());
        // Any number that is another for each payer.
        let payer = n.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed());
        let due = row.due.map_or_else(String::new, |due| due.to_string());
        let problem = match row.is_valid() {
            true => String::new(),
            false => format!("\"{}\"", PROBLEM.replace('"', "\"\"")),
        };
        writeln!(
            to,
            "{},1,{},{},{},{},{payer},,{due},fees,{},\"{}\",,{problem}",
            (1i64 << 24) + n,
            n + 1,
            number(chunk_no),
            number(row.amount),
            number(row.late),
            row.written.title,
            row.written.identifier,
        )?;
    }
    to.flush()?;
    Ok(())
}
