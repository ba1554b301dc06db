//! What the rows that were moved into archives come to: what `verify` adds to the rows that are stored.

use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::row_of;
use crate::row_set::RowSet;
use crate::states::RowState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row of an archive, as far as sums go.
pub(super) struct Moved {
    pub(super) row_no: u32,
    valid: bool,
    /// Paisa.
    amount: i64,
    state: RowState,
}

/// The columns of a line that sums are made of.
#[derive(Deserialize)]
struct Written {
    row: WrittenRow,
    state: Option<WrittenState>,
}

#[derive(Deserialize)]
struct WrittenRow {
    row_id: i64,
    chunk_no: Option<i64>,
    amount: Option<i64>,
}

#[derive(Deserialize)]
struct WrittenState {
    state: Option<String>,
}

impl Moved {
    /// The rows of a part, by its lines.
    pub(super) fn all(lines: &[String]) -> Result<Vec<Moved>> {
        lines.iter().map(|line| Moved::of(line)).collect()
    }

    fn of(line: &str) -> Result<Moved> {
        let written: Written = serde_json::from_str(line)
            .map_err(|e| LedgerError::Refused(format!("a line of the archive is no row: {e}")))?;
        let state = match written.state.and_then(|own| own.state) {
            Some(own) => crate::db::word(&own)?,
            None => RowState::Invalid,
        };
        Ok(Moved {
            row_no: row_of(written.row.row_id).1,
            valid: written.row.chunk_no.is_some(),
            amount: written.row.amount.unwrap_or(0),
            state,
        })
    }
}

/// What rows come to that are in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sums {
    pub(crate) rows: i64,
    /// Those that were valid when read.
    pub(crate) valid: i64,
    /// Paisa of the valid ones.
    pub(crate) amount: i64,
    /// The highest row number that was ever among them.
    pub(crate) last: i64,
    pub(crate) states: BTreeMap<String, i64>,
    /// By call (the attempt's number): how many of its rows they are, and the paisa of those.
    pub(crate) calls: BTreeMap<i64, (i64, i64)>,
}

impl Sums {
    pub(super) fn from_json(text: &str) -> Result<Sums> {
        serde_json::from_str(text)
            .map_err(|e| LedgerError::corrupt(format!("an archive's sums: {e}")))
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|e| LedgerError::corrupt(format!("an archive's sums: {e}")))
    }

    /// Rows more; `calls` are those of their file.
    pub(super) fn add(&mut self, rows: &[Moved], calls: &[(i64, RowSet)]) {
        self.count(rows, calls, 1);
    }

    /// Rows less.
    pub(super) fn subtract(&mut self, rows: &[Moved], calls: &[(i64, RowSet)]) {
        self.count(rows, calls, -1);
    }

    fn count(&mut self, rows: &[Moved], calls: &[(i64, RowSet)], sign: i64) {
        for row in rows {
            self.rows += sign;
            self.last = self.last.max(i64::from(row.row_no));
            *self.states.entry(row.state.to_string()).or_default() += sign;
            if row.valid {
                self.valid += sign;
                self.amount += sign * row.amount;
            }
        }
        let moved: RowSet = rows.iter().map(|row| row.row_no).collect();
        let amounts: BTreeMap<u32, i64> = rows.iter().map(|r| (r.row_no, r.amount)).collect();
        for (attempt_id, members) in calls {
            let of_call = members.intersect(&moved);
            if of_call.is_empty() {
                continue;
            }
            let sum = self.calls.entry(*attempt_id).or_default();
            sum.0 += sign * of_call.len() as i64;
            let paisa = of_call.iter().filter_map(|row_no| amounts.get(&row_no));
            sum.1 += sign * paisa.sum::<i64>();
        }
        self.states.retain(|_, n| *n != 0);
        self.calls.retain(|_, sum| *sum != (0, 0));
    }

    fn and(&mut self, other: Sums) {
        self.rows += other.rows;
        self.valid += other.valid;
        self.amount += other.amount;
        self.last = self.last.max(other.last);
        for (state, n) in other.states {
            *self.states.entry(state).or_default() += n;
        }
        for (attempt_id, (n, paisa)) in other.calls {
            let sum = self.calls.entry(attempt_id).or_default();
            *sum = (sum.0 + n, sum.1 + paisa);
        }
    }
}

/// What was moved out of each of these files (their numbers from the first to the last), if anything.
pub(crate) async fn sums_of_files(
    tx: &mut Tx,
    (first, last): (i64, i64),
) -> Result<BTreeMap<i64, Sums>> {
    let text =
        "select file_id, sums from archives where file_id >= $1 and file_id <= $2 and rows_n > 0";
    let mut all: BTreeMap<i64, Sums> = BTreeMap::new();
    for line in tx.rows(text, args![first, last]).await? {
        let sums = Sums::from_json(&line.text(1)?)?;
        all.entry(line.int(0)?).or_default().and(sums);
    }
    Ok(all)
}
