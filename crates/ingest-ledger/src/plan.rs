//! Planning: a stored file's rows are judged and put into chunks. Nothing is planned before the
//! last row is stored, because a duplicate may be the last row.

use crate::accounts::Lease;
use crate::chunk_lines::NewChunk;
use crate::counts::counts_in;
use crate::db::{Tx, args};
use crate::elsewhere::HeldElsewhere;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::history::{bills_of, has_history};
use crate::open::Ledger;
use crate::past_due::PastDue;
use crate::regroup::{Born, CANCELLED, judge_rows, off_grid};
use crate::row_lines::{RowLine, lines_of};
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::states::{ChangedBills, ChunkState, HoldKind, RowState};
use crate::step::{Step, once_more};
use crate::{row_id, row_of};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What the account's configuration says about judging rows, and what day it is there.
#[derive(Debug, Clone)]
pub struct PlanRules {
    /// The day at the school.
    pub today: NaiveDate,
    /// Is a bill that is past due by now refused?
    pub past_due_reject: bool,
    /// What such a row is told.
    pub past_due_sentence: String,
    /// What happens to other values for an unpaid bill.
    pub changed_bills: ChangedBills,
    /// 1 to 5000.
    pub rows_per_request: u32,
    /// The account's `approve` rule, if it holds this file.
    pub hold: Option<(HoldKind, String)>,
    /// Payers of whom a failed row may be billed all the same, by what was just read at the hub.
    pub elsewhere: HeldElsewhere,
}

/// What planning made of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Planned {
    /// Rows that will be sent.
    pub ready: u64,
    /// Rows that wait.
    pub held: u64,
    /// Rows that need not be sent.
    pub skipped: u64,
    /// Rows that are invalid, past due by now among them.
    pub invalid: u64,
    /// Calls it will take.
    pub chunks: u64,
}

/// A chunk of the file's grid on its way: who is still to be sent in it, and for how much.
struct GridChunk {
    chunk_no: i64,
    live: RowSet,
    amount: i64,
    first_due: NaiveDate,
}

impl Ledger {
    /// Judges the rows of a stored file and puts them into chunks.
    ///
    /// The rows are gone through in blocks, each with its own transaction if it has facts to
    /// write, and one closing transaction makes the chunks: memory holds one block. Runs again
    /// harmlessly: a row that was judged keeps its fact.
    pub async fn plan_file(
        &self,
        lease: &Lease,
        file_id: i64,
        rules: &PlanRules,
    ) -> Result<Planned> {
        let file = {
            let mut tx = self.db.read().await?;
            FileLine::need(&mut tx, file_id).await?
        };
        if file.stored_at.is_none() {
            return Err(LedgerError::Refused(format!(
                "file {file_id} is still being read"
            )));
        }
        if file.planned_at.is_none() {
            let grid = self.judge_blocks(lease, &file, rules).await?;
            once_more!(self.close_plan(lease, file_id, rules, &grid))?;
        }
        let mut tx = self.db.read().await?;
        if FileLine::need(&mut tx, file_id).await?.cancelled {
            // Cancelled while it was read or judged: what that left held goes, too.
            drop(tx);
            self.cancel(file_id).await?;
            tx = self.db.read().await?;
        }
        let counts = counts_in(&mut tx, file_id).await?;
        let n = |state| counts.get(&state).copied().unwrap_or(0) as u64;
        let chunks =
            "select count(*) from chunks where file_id = $1 and state in ('ready', 'held')";
        Ok(Planned {
            ready: n(RowState::Ready),
            held: n(RowState::Held),
            skipped: n(RowState::Skipped),
            invalid: n(RowState::Invalid),
            chunks: tx.number(chunks, args![file_id]).await? as u64,
        })
    }

    /// Goes through the file's valid rows, a grid chunk at a time.
    async fn judge_blocks(
        &self,
        lease: &Lease,
        file: &FileLine,
        rules: &PlanRules,
    ) -> Result<Vec<GridChunk>> {
        let file_id = file.file_id;
        let end = row_id(file_id + 1, 0);
        let mut after = row_id(file_id, 0);
        let mut grid = Vec::new();
        let mut tx = self.db.read().await?;
        let history = has_history(&mut tx, &lease.account, file_id).await?;
        let past_due = PastDue::of(&mut tx, &lease.account, rules).await?;
        drop(tx);
        loop {
            let mut tx = self.db.read().await?;
            let block = "select min(chunk_no), min(row_id), max(row_id), cast(sum(amount) as bigint), min(due_date), count(*) from
                (select row_id, chunk_no, amount, due_date from rows
                 where row_id > $1 and row_id < $2 and chunk_no is not null order by row_id limit $3) as x";
            let block = tx
                .row(block, args![after, end, file.rows_per_request])
                .await?
                .ok_or_else(|| LedgerError::corrupt("a sum that is always there"))?;
            let Some(chunk_no) = block.get(0)? else {
                break;
            };
            let (first, last) = (block.int(1)?, block.int(2)?);
            after = last;
            let mut chunk = GridChunk {
                chunk_no,
                live: valid_among(&mut tx, first, last, block.int(5)?).await?,
                amount: block.int(3)?,
                first_due: block.get(4)?,
            };
            let settled: RowSet = lines_of(&mut tx, file_id, &chunk.live)
                .await?
                .values()
                .filter(|line| has_gone_on(line))
                .map(RowLine::row_no)
                .collect();
            drop(tx);
            let whole = chunk.live.len();
            chunk.live = chunk.live.subtract(&settled);
            let meets = history || past_due.has(chunk.first_due);
            if !chunk.live.is_empty() && !file.cancelled && meets {
                chunk.live = once_more!(self.judge_block(lease, file_id, rules, &chunk.live))?;
            }
            if !chunk.live.is_empty() && chunk.live.len() != whole {
                self.sum_up(file_id, &mut chunk).await?;
            }
            if !chunk.live.is_empty() {
                grid.push(chunk);
            }
        }
        Ok(grid)
    }

    /// What the rows that are left of a block come to.
    async fn sum_up(&self, file_id: i64, chunk: &mut GridChunk) -> Result<()> {
        let mut tx = self.db.read().await?;
        let bills = bills_of(&mut tx, file_id, &chunk.live).await?;
        chunk.amount = bills.iter().map(|bill| bill.amount).sum();
        if let Some(first_due) = bills.iter().map(|bill| bill.due_date).min() {
            chunk.first_due = first_due;
        }
        Ok(())
    }

    /// Judges one block; answers the rows that may be sent.
    async fn judge_block(
        &self,
        lease: &Lease,
        file_id: i64,
        rules: &PlanRules,
        live: &RowSet,
    ) -> Result<RowSet> {
        let mut step = self.step_under(lease).await?;
        let judged = judge_rows(&mut step, rules, file_id, live, RowState::Ready, false).await?;
        // A row that will be sent may have something said about it.
        judged.save_said(&mut step).await?;
        step.finish().await?;
        Ok(judged.send)
    }

    /// Makes the chunks, all in one transaction with the word that the file is planned.
    async fn close_plan(
        &self,
        lease: &Lease,
        file_id: i64,
        rules: &PlanRules,
        grid: &[GridChunk],
    ) -> Result<()> {
        let mut step = self.step_under(lease).await?;
        close_plan(
            &mut step,
            file_id,
            rules.hold.as_ref(),
            rules.rows_per_request,
            grid,
        )
        .await?;
        step.finish().await
    }

    /// Plans a file that a person cancelled: nothing of it is judged, nothing will be sent.
    pub(crate) async fn plan_cancelled(&self, step: &mut Step, file_id: i64) -> Result<()> {
        let sums = step
            .tx
            .rows(
                "select chunk_no, min(row_id), max(row_id), cast(sum(amount) as bigint), min(due_date), count(*) from rows
                 where row_id > $1 and row_id < $2 and chunk_no is not null group by chunk_no order by chunk_no",
                args![row_id(file_id, 0), row_id(file_id + 1, 0)],
            )
            .await?;
        let mut grid = Vec::new();
        for line in &sums {
            let (first, last) = (line.int(1)?, line.int(2)?);
            let valid = valid_among(&mut step.tx, first, last, line.int(5)?).await?;
            let own = lines_of(&mut step.tx, file_id, &valid).await?;
            let out = own
                .values()
                .filter(|line| has_gone_on(line))
                .map(RowLine::row_no)
                .collect();
            let live = valid.subtract(&out);
            if !live.is_empty() {
                grid.push(GridChunk {
                    chunk_no: line.int(0)?,
                    live,
                    amount: line.int(3)?,
                    first_due: line.get(4)?,
                });
            }
        }
        close_plan(step, file_id, None, 1, &grid).await
    }
}

/// The rows from `first` to `last` of a file that were valid when they were read, `count` of them: both
/// are, and what lies between is told by whichever are fewer.
async fn valid_among(tx: &mut Tx, first: i64, last: i64, count: i64) -> Result<RowSet> {
    let mostly_valid = last - first < 2 * count;
    let sql = if mostly_valid {
        "select row_id from rows where row_id >= $1 and row_id <= $2 and chunk_no is null order by row_id"
    } else {
        "select row_id from rows where row_id >= $1 and row_id <= $2 and chunk_no is not null order by row_id"
    };
    let mut told = RowSet::new();
    for line in tx.rows(sql, args![first, last]).await? {
        told.insert(row_of(line.int(0)?).1);
    }
    Ok(if mostly_valid {
        RowSet::range(row_of(first).1, row_of(last).1).subtract(&told)
    } else {
        told
    })
}

/// The row was judged in an earlier run that did not end: it has a state of its own, or was let go
/// from one, and follows a chunk of its own.
fn has_gone_on(line: &RowLine) -> bool {
    line.state.is_some() || line.chunk_id.is_some()
}

async fn close_plan(
    step: &mut Step,
    file_id: i64,
    rule_hold: Option<&(HoldKind, String)>,
    rows_per_request: u32,
    grid: &[GridChunk],
) -> Result<()> {
    let file = FileLine::need(&mut step.tx, file_id).await?;
    if file.planned_at.is_some() {
        return Ok(());
    }
    let file_hold = file
        .hold_kind
        .map(|kind| (kind, file.hold_reason.clone().unwrap_or_default()));
    let hold = file_hold
        .as_ref()
        .or(rule_hold)
        .filter(|(kind, _)| !file.waived.contains(kind));
    let said_of_rows = hold.map_or_else(String::new, |(_, reason)| said_of_rows(reason));
    let born = if file.cancelled {
        Born {
            state: ChunkState::Skipped,
            message: Some(CANCELLED),
            hold_kind: None,
            request_id: None,
        }
    } else if let Some((kind, _)) = hold {
        Born {
            state: ChunkState::Held,
            message: Some(&said_of_rows),
            hold_kind: Some(*kind),
            request_id: None,
        }
    } else {
        Born::READY
    };
    let per = u64::from(rows_per_request.max(1));
    let sizes: Vec<u64> = grid.iter().map(|chunk| chunk.live.len()).collect();
    // A cancelled file makes no calls, so its chunks may be as empty as they are.
    let leave = if file.cancelled {
        Vec::new()
    } else {
        off_the_grid(&sizes, per)
    };
    for (i, chunk) in grid.iter().enumerate().filter(|(i, _)| !leave.contains(i)) {
        debug_assert_eq!(sizes[i], chunk.live.len());
        NewChunk {
            file_id,
            chunk_no: Some(chunk.chunk_no),
            state: born.state,
            members: &chunk.live,
            total_amount: chunk.amount,
            first_due: chunk.first_due,
            message: born.message,
            hold_kind: born.hold_kind,
            request_id: None,
        }
        .store(step)
        .await?;
    }
    let mut bills = Vec::new();
    let mut lines = BTreeMap::new();
    for (at, &i) in leave.iter().enumerate() {
        bills.extend(bills_of(&mut step.tx, file_id, &grid[i].live).await?);
        lines.extend(lines_of(&mut step.tx, file_id, &grid[i].live).await?);
        // Whole calls go as soon as they are full: memory holds two chunks, never the file.
        let last = at + 1 == leave.len();
        let full = bills.len() - bills.len() % per as usize;
        let ready: Vec<BillRow> = bills
            .drain(..if last { bills.len() } else { full })
            .collect();
        let rest: BTreeMap<u32, RowLine> = match bills.first() {
            Some(first) => lines.split_off(&first.row_no),
            None => BTreeMap::new(),
        };
        let theirs = std::mem::replace(&mut lines, rest);
        off_grid(step, file_id, &ready, theirs, per, &born).await?;
    }
    let became = born.state.row_state().unwrap_or(RowState::Ready);
    for chunk in grid {
        step.moved(file_id, Some(RowState::Ready), became, &chunk.live);
    }
    if let (None, Some((kind, reason)), false) = (&file_hold, hold, grid.is_empty()) {
        // The account's rule holds the file: its line says so as for any other reason.
        step.tx
            .exec(
                "update files set hold_kind = $2, hold_reason = $3 where file_id = $1",
                args![file_id, kind.as_str(), reason],
            )
            .await?;
    }
    step.tx
        .exec(
            "update files set planned_at = $2 where file_id = $1",
            args![file_id, step.now],
        )
        .await?;
    step.touch(file_id);
    Ok(())
}

/// Characters of a file's reason that each of its rows repeats.
const REASON_CHARS: usize = 500;

/// The whole file's reason to wait, as it is said of each of its rows: a million of them repeat it, so a
/// long one is cut. The file's own line has all of it.
pub(crate) fn said_of_rows(reason: &str) -> String {
    match reason.char_indices().nth(REASON_CHARS) {
        Some((end, _)) => format!("{} …", reason[..end].trim_end()),
        None => reason.to_owned(),
    }
}

/// Which chunks should leave the grid, so that no call goes out nearly empty: the emptiest few
/// whose rows, put together, bring the calls down to three per cent above the fewest possible.
/// Few, because every row off the grid costs a line.
fn off_the_grid(sizes: &[u64], per: u64) -> Vec<usize> {
    let live: u64 = sizes.iter().sum();
    let calls_max = live.div_ceil(per).max(live * 103 / (per * 100));
    let mut emptiest: Vec<usize> = (0..sizes.len()).collect();
    emptiest.sort_by_key(|&i| (sizes[i], i));
    let mut moved = 0;
    for n in 0..=emptiest.len() {
        if n > 0 {
            moved += sizes[emptiest[n - 1]];
        }
        let calls = (sizes.len() - n) as u64 + moved.div_ceil(per);
        if calls <= calls_max {
            emptiest.truncate(n);
            emptiest.sort_unstable();
            return emptiest;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::{off_the_grid, said_of_rows};

    #[test]
    fn a_long_reason_of_a_file_is_cut_where_each_of_its_rows_repeats_it() {
        assert_eq!(said_of_rows("the totals differ"), "the totals differ");
        let cut = said_of_rows(&"اور ".repeat(400));
        assert!(cut.ends_with(" …") && cut.chars().count() <= 502, "{cut}");
    }

    #[test]
    fn the_grid_is_left_only_by_as_many_chunks_as_saves_calls() {
        assert!(off_the_grid(&[], 5_000).is_empty());
        assert!(off_the_grid(&[1], 5_000).is_empty());
        assert!(off_the_grid(&[5_000, 5_000, 2_000], 5_000).is_empty());
        assert_eq!(off_the_grid(&[10, 10, 10], 5_000), [0, 1, 2]);
        assert_eq!(off_the_grid(&[5_000, 12, 5_000, 30], 5_000), [1, 3]);
        let nearly_full = vec![4_750; 200];
        assert_eq!(
            off_the_grid(&nearly_full, 5_000).len(),
            100,
            "five calls saved, by 100 chunks"
        );
        let full_enough = vec![4_900; 200];
        assert!(off_the_grid(&full_enough, 5_000).is_empty());
    }
}
