//! Approve: a person lets go what is held, and was held when they asked.

use crate::accounts::Lease;
use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, args, sql};
use crate::decisions::moved_since;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::held_list::rows_named;
use crate::history::bills_of;
use crate::lookup::leave_chunk;
use crate::mappings;
use crate::open::Ledger;
use crate::plan::PlanRules;
use crate::regroup::{Born, Judged, judge_rows, off_grid};
use crate::row_id;
use crate::row_lines::{held_rows, kinds_text, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::states::{ChunkState, FileState, HoldKind, RowState};
use crate::step::once_more;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Which of a file's held rows.
#[derive(Debug, Clone, Default)]
pub struct HeldFilter {
    /// Only this sheet's.
    pub sheet: Option<String>,
    /// Only these, numbered as the sheet does.
    pub row_numbers: Option<Vec<u32>>,
}

/// How many rows were let go, and from what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Released {
    /// What held them.
    pub kind: HoldKind,
    /// How many.
    pub rows: u64,
}

/// What an approval came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ApproveSummary {
    /// Rows let go, by reason.
    pub released: Vec<Released>,
    /// Rows that were let go by this reason, and did not go on: they are held for another one, need
    /// not be sent, or are past due.
    pub lifted: Vec<Released>,
    /// Rows that are held for another reason now, or were not named and must be.
    pub still_held: u64,
    /// Rows that were held only after the approval was asked for.
    pub held_since: u64,
    /// Rows that need not be sent.
    pub skipped: u64,
    /// Rows that are past due by now.
    pub invalid: u64,
}

impl HeldFilter {
    pub(crate) fn is_all(&self) -> bool {
        self.sheet.is_none() && self.row_numbers.is_none()
    }

    /// May a hold of this kind be lifted?
    fn lifts(&self, kind: HoldKind) -> bool {
        self.row_numbers.is_some() || !kind.needs_naming()
    }
}

impl Ledger {
    /// Lets it go. Rows that wait for another row, or whose earlier bill is paid, only if named by
    /// number; none that was held after the person asked (`asked_at`, of the [`Decision`]). What
    /// was lifted is remembered, so that the same reason does not hold the row again; every other
    /// rule is judged again.
    ///
    /// # Errors
    /// [`LedgerError::Refused`]: the file is cancelled, or there is nothing of it to be held yet.
    ///
    /// [`Decision`]: crate::Decision
    pub async fn approve(
        &self,
        lease: &Lease,
        file_id: i64,
        filter: &HeldFilter,
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<ApproveSummary> {
        // Read before any chunk is let go: what that holds anew is not among these.
        let (named, rows) = {
            let mut tx = self.db.read().await?;
            let named = rows_named(&mut tx, file_id, filter).await?;
            (named, held_rows(&mut tx, file_id).await?)
        };
        let mut done = once_more!(self.approve_chunks(lease, file_id, filter, rules, asked_at))?;
        for piece in named
            .map_or(rows.clone(), |named| rows.intersect(&named))
            .pieces(5_000)
        {
            let part =
                once_more!(self.approve_rows(lease, file_id, &piece, filter, rules, asked_at))?;
            done.add(part);
        }
        Ok(done.summary())
    }

    /// The chunks that are held as a whole, and the file's own hold.
    async fn approve_chunks(
        &self,
        lease: &Lease,
        file_id: i64,
        filter: &HeldFilter,
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<Done> {
        let mut step = self.step_under(lease).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        if file.account != lease.account {
            return Err(LedgerError::Missing(format!(
                "{} has no file {file_id}",
                lease.account
            )));
        }
        if file.cancelled {
            return Err(LedgerError::Refused(format!(
                "file {file_id} was cancelled"
            )));
        }
        if let Some(why) = nothing_held_yet(&file, filter, asked_at) {
            return Err(LedgerError::Refused(why));
        }
        let held_since = chunks_held_since(&mut step.tx, file_id, asked_at).await?;
        let named = rows_named(&mut step.tx, file_id, filter).await?;
        let mut done = Done::default();
        for mut chunk in held_chunks(&mut step.tx, file_id).await? {
            let kind = chunk.hold_kind.unwrap_or(HoldKind::File);
            let rows = named
                .as_ref()
                .map_or(chunk.live.clone(), |n| chunk.live.intersect(n));
            if rows.is_empty() {
                continue;
            }
            if held_since.contains(&chunk.chunk_id) {
                done.held_since += rows.len();
                continue;
            }
            done.release(kind, rows.len());
            if rows == chunk.live {
                // Its rows are judged again when its intent is stored.
                step.moved(file_id, Some(RowState::Held), RowState::Ready, &rows);
                chunk.state = ChunkState::Ready;
                chunk.hold_kind = None;
                chunk.message = None;
                chunk.not_before = None;
                chunk.save(&mut step).await?;
                continue;
            }
            let judged =
                judge_rows(&mut step, rules, file_id, &rows, RowState::Held, false).await?;
            done.judged(&judged);
            let mut lines = judged.lines;
            for row_no in judged.send.iter() {
                let line = line_mut(&mut lines, file_id, row_no);
                line.sent_at = line.sent_at.max(chunk.sent_at);
            }
            let per = u64::from(rules.rows_per_request);
            off_grid(&mut step, file_id, &judged.bills, lines, per, &Born::READY).await?;
            step.moved(file_id, Some(RowState::Held), RowState::Ready, &judged.send);
            let left = bills_of(&mut step.tx, file_id, &chunk.live.subtract(&rows)).await?;
            chunk.row_count = left.len() as i64;
            chunk.total_amount = left.iter().map(|bill| bill.amount).sum();
            leave_chunk(&mut step, &mut chunk, &rows).await?;
        }
        // Who lets the whole file go lifts its own hold, if that was what they were shown; rows that
        // still wait for others go on then, without being held by it once more. Where a row is let
        // go only now from a hold of its own, the file's comes to light behind it; where none can be
        // but by its number, the file's is all that the person can have meant.
        let shown = file.planned_at.is_none()
            || file
                .hold_kind
                .is_none_or(|kind| done.released.contains_key(&kind))
            || (done.released.is_empty()
                && file.planned_at.is_some_and(|at| at <= asked_at)
                && all_need_naming(&mut step.tx, file_id, asked_at).await?);
        let over = shown && filter.is_all() && held_chunks(&mut step.tx, file_id).await?.is_empty();
        if over {
            let mut waived = file.waived.clone();
            waived.extend(file.hold_kind);
            waived.sort_unstable();
            waived.dedup();
            step.tx
                .exec(
                    "update files set hold_kind = null, hold_reason = null, waived = $2 where file_id = $1",
                    args![file_id, kinds_text(&waived)],
                )
                .await?;
            mappings::approved(&mut step, file_id).await?;
        }
        step.touch(file_id);
        step.finish().await?;
        Ok(done)
    }

    /// Rows that are held for reasons of their own.
    async fn approve_rows(
        &self,
        lease: &Lease,
        file_id: i64,
        rows: &RowSet,
        filter: &HeldFilter,
        rules: &PlanRules,
        asked_at: DateTime<Utc>,
    ) -> Result<Done> {
        let mut step = self.step_under(lease).await?;
        let mut done = Done::default();
        let mut lines = lines_of(&mut step.tx, file_id, rows).await?;
        lines.retain(|_, line| line.state == Some(RowState::Held));
        let held = lines.keys().copied().collect();
        let since = moved_since(&mut step.tx, file_id, &held, asked_at).await?;
        lines.retain(|row_no, _| !since.contains(*row_no));
        done.held_since += since.len();
        let mut kinds: BTreeMap<u32, HoldKind> = BTreeMap::new();
        for (row_no, line) in &mut lines {
            let kind = line.hold_kind.unwrap_or(HoldKind::File);
            if filter.lifts(kind) {
                kinds.insert(*row_no, kind);
                if !line.waived.contains(&kind) {
                    line.waived.push(kind);
                }
            } else {
                done.still_held += 1;
            }
        }
        lines.retain(|row_no, _| kinds.contains_key(row_no));
        save_lines(&mut step, lines.values()).await?;
        let lifted: RowSet = kinds.keys().copied().collect();
        let judged = judge_rows(&mut step, rules, file_id, &lifted, RowState::Held, false).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        let held_anew = lines_of(&mut step.tx, file_id, &judged.held).await?;
        for (row_no, kind) in &kinds {
            let line = held_anew.get(row_no);
            let as_before = line.is_some_and(|line| line.hold_kind == Some(*kind));
            let goes = file.hold().is_none() && judged.send.contains(*row_no);
            if !as_before && !goes {
                *done.lifted.entry(*kind).or_default() += 1;
            }
        }
        if file.hold().is_some() {
            // Their own hold is over; the file's comes to light now, and is for a person to lift.
            done.still_held += judged.send.len();
        } else {
            for row_no in judged.send.iter() {
                done.release(kinds.get(&row_no).copied().unwrap_or(HoldKind::File), 1);
            }
        }
        done.judged(&judged);
        judged.go_on(&mut step, rules, &file).await?;
        step.finish().await?;
        Ok(done)
    }
}

/// An approval's sums as they grow.
#[derive(Default)]
struct Done {
    released: BTreeMap<HoldKind, u64>,
    lifted: BTreeMap<HoldKind, u64>,
    still_held: u64,
    held_since: u64,
    skipped: u64,
    invalid: u64,
}

impl Done {
    fn release(&mut self, kind: HoldKind, rows: u64) {
        *self.released.entry(kind).or_default() += rows;
    }

    fn judged(&mut self, judged: &Judged) {
        self.still_held += judged.held.len();
        self.skipped += judged.skipped.len();
        self.invalid += judged.invalid.len();
    }

    fn add(&mut self, other: Done) {
        for (kind, rows) in other.released {
            self.release(kind, rows);
        }
        for (kind, rows) in other.lifted {
            *self.lifted.entry(kind).or_default() += rows;
        }
        self.still_held += other.still_held;
        self.held_since += other.held_since;
        self.skipped += other.skipped;
        self.invalid += other.invalid;
    }

    fn summary(self) -> ApproveSummary {
        let list = |of: BTreeMap<HoldKind, u64>| {
            of.into_iter()
                .filter(|(_, rows)| *rows > 0)
                .map(|(kind, rows)| Released { kind, rows })
                .collect()
        };
        ApproveSummary {
            released: list(self.released),
            lifted: list(self.lifted),
            still_held: self.still_held,
            held_since: self.held_since,
            skipped: self.skipped,
            invalid: self.invalid,
        }
    }
}

/// Why nothing of the file can have been shown as held to the person who asked, if so.
fn nothing_held_yet(
    file: &FileLine,
    filter: &HeldFilter,
    asked_at: DateTime<Utc>,
) -> Option<String> {
    let file_id = file.file_id;
    if file.state == FileState::Reading {
        return Some(format!(
            "file {file_id} is still being read; ask again in a moment"
        ));
    }
    let stored_at = file.stored_at?;
    if stored_at > asked_at {
        return Some(format!(
            "file {file_id} was still being read when you asked: look at it, and ask again"
        ));
    }
    (file.planned_at.is_none() && !filter.is_all())
        .then(|| format!("file {file_id} is still being planned; ask again in a moment"))
}

/// The chunks of the file that came to be held only after a person had asked.
async fn chunks_held_since(
    tx: &mut Tx,
    file_id: i64,
    asked_at: DateTime<Utc>,
) -> Result<BTreeSet<i64>> {
    let sql =
        "select chunk_id from chunks where file_id = $1 and state = 'held' and changed_at > $2";
    let lines = tx.rows(sql, args![file_id, asked_at]).await?;
    lines.iter().map(|line| line.int(0)).collect()
}

/// Do all rows of the file that are held for reasons of their own go only if they are named, and
/// did they when a person asked?
async fn all_need_naming(tx: &mut Tx, file_id: i64, asked_at: DateTime<Utc>) -> Result<bool> {
    let kinds: Vec<String> = HoldKind::ALL
        .iter()
        .filter(|kind| kind.needs_naming())
        .map(|kind| format!("'{kind}'"))
        .collect();
    let text = format!(
        "select count(*) from held_rows h join row_state s on s.row_id = h.row_id
         where h.row_id > $1 and h.row_id < $2 and (h.kind not in ({}) or s.updated_at > $3)",
        kinds.join(", ")
    );
    let values = args![row_id(file_id, 0), row_id(file_id + 1, 0), asked_at];
    Ok(tx.number(sql(text), values).await? == 0)
}

async fn held_chunks(tx: &mut Tx, file_id: i64) -> Result<Vec<ChunkLine>> {
    let rest = "where c.file_id = $1 and c.state = 'held' order by c.chunk_id";
    ChunkLine::find(tx, rest, args![file_id]).await
}
