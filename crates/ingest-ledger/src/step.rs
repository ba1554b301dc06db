//! A writing step: one transaction on one account's things, which keeps the counts, the files'
//! states and the change feed true as it goes.
//!
//! Every step locks the account's line first, so two steps of an account never interleave, and
//! takes the feed's numbers last, so changes become visible in the order of their numbers.

use crate::accounts::Lease;
use crate::clock::{self, Clock};
use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::file_stands::stands;
use crate::open::Ledger;
use crate::planted::Bug;
use crate::row_set::RowSet;
use crate::states::{FileState, RowState};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Rows in one line of the feed.
const FEED_ROWS_MAX: u64 = 5_000;

/// Runs a step again, once, if the database let it go for another transaction's sake.
macro_rules! once_more {
    ($step:expr) => {
        match $step.await {
            Err(error) if error.is_conflict() => $step.await,
            done => done,
        }
    };
}
pub(crate) use once_more;

/// The open transaction, and what it will have to write at its end.
pub(crate) struct Step {
    pub(crate) tx: Tx,
    pub(crate) account: String,
    /// The database's clock, read after the lock was had; never before that of an earlier step,
    /// but where it was set back and all that followed it was put right.
    pub(crate) now: DateTime<Utc>,
    /// The newest time of an earlier step that is remembered.
    clock_at: Option<DateTime<Utc>>,
    pub(crate) login: String,
    pub(crate) lease_holder: Option<String>,
    pub(crate) lease_epoch: i64,
    pub(crate) lease_until: Option<DateTime<Utc>>,
    pub(crate) paused: bool,
    pub(crate) read_needed: bool,
    pub(crate) next_write_at: Option<DateTime<Utc>>,
    pub(crate) next_read_at: Option<DateTime<Utc>>,
    counts: BTreeMap<(i64, RowState), i64>,
    feed: BTreeMap<(i64, RowState), RowSet>,
    touched: BTreeSet<i64>,
    /// Files whose state may follow from elsewhere, though no row of theirs changed.
    quiet: BTreeSet<i64>,
}

impl Ledger {
    /// Begins a step on an account, whoever serves it.
    pub(crate) async fn step(&self, account: &str) -> Result<Step> {
        let mut tx = self.db.write().await?;
        let sql = tx.pick(
            "select login, lease_holder, lease_epoch, lease_until, paused_kind is not null, read_needed, next_write_at, next_read_at, clock_at from accounts where account = $1 for update",
            "select login, lease_holder, lease_epoch, lease_until, paused_kind is not null, read_needed, next_write_at, next_read_at, clock_at from accounts where account = $1",
        );
        let missing = || LedgerError::Missing(format!("there is no account {account}"));
        let mut line = tx.row(sql, args![account]).await?.ok_or_else(missing)?;
        let now = match clock::clock(line.get(8)?, tx.now().await?) {
            Clock::Goes(now) => now,
            Clock::SetBack(seen, now) => {
                clock::put_right(&mut tx, account, seen, now).await?;
                line = tx.row(sql, args![account]).await?.ok_or_else(missing)?;
                now
            }
        };
        Ok(Step {
            account: account.to_owned(),
            now,
            clock_at: line.get(8)?,
            login: line.text(0)?,
            lease_holder: line.get(1)?,
            lease_epoch: line.int(2)?,
            lease_until: line.get(3)?,
            paused: line.get(4)?,
            read_needed: line.get(5)?,
            next_write_at: line.get(6)?,
            next_read_at: line.get(7)?,
            tx,
            counts: BTreeMap::new(),
            feed: BTreeMap::new(),
            touched: BTreeSet::new(),
            quiet: BTreeSet::new(),
        })
    }

    /// Begins a step that only the account's holder may take.
    pub(crate) async fn step_under(&self, lease: &Lease) -> Result<Step> {
        let step = self.step(&lease.account).await?;
        let fenced = step.lease_epoch != lease.epoch
            || step.lease_holder.as_deref() != Some(lease.holder.as_str());
        if fenced && !Bug::LeaseNotFenced.is_planted() {
            return Err(LedgerError::Fenced(lease.account.clone()));
        }
        Ok(step)
    }

    /// Begins a step on the account that a chunk or a file belongs to.
    pub(crate) async fn step_of_chunk(&self, chunk_id: i64) -> Result<Step> {
        let sql = "select account from chunks where chunk_id = $1";
        let line = self.db.read().await?.row(sql, args![chunk_id]).await?;
        let line =
            line.ok_or_else(|| LedgerError::Missing(format!("there is no chunk {chunk_id}")))?;
        self.step(&line.text(0)?).await
    }

    pub(crate) async fn step_of_file(&self, file_id: i64) -> Result<Step> {
        let sql = "select account from files where file_id = $1";
        let line = self.db.read().await?.row(sql, args![file_id]).await?;
        let line =
            line.ok_or_else(|| LedgerError::Missing(format!("there is no file {file_id}")))?;
        self.step(&line.text(0)?).await
    }
}

impl Step {
    /// These rows went from one state to another (`from` is `None` for rows that are new).
    pub(crate) fn moved(
        &mut self,
        file_id: i64,
        from: Option<RowState>,
        to: RowState,
        rows: &RowSet,
    ) {
        if rows.is_empty() {
            return;
        }
        self.touched.insert(file_id);
        if from == Some(to) {
            return;
        }
        let n = rows.len() as i64;
        if let Some(from) = from {
            *self.counts.entry((file_id, from)).or_default() -= n;
        }
        *self.counts.entry((file_id, to)).or_default() += n;
        self.shown(file_id, to, rows);
    }

    /// Something that the feed carries changed without a change of state (a PSID).
    pub(crate) fn shown(&mut self, file_id: i64, state: RowState, rows: &RowSet) {
        let feed = self.feed.entry((file_id, state)).or_default();
        *feed = if feed.is_empty() {
            rows.clone()
        } else {
            feed.union(rows)
        };
        self.touched.insert(file_id);
    }

    /// The file's own line may read differently after this step.
    pub(crate) fn touch(&mut self, file_id: i64) {
        self.touched.insert(file_id);
    }

    /// The file's state may be another, though none of its rows changed: it is written only then.
    pub(crate) fn touch_quietly(&mut self, file_id: i64) {
        self.quiet.insert(file_id);
    }

    /// The time of this step is remembered: no later one goes by an earlier time.
    pub(crate) async fn remember_now(&mut self) -> Result<()> {
        self.clock_at = Some(self.now);
        clock::remember(&mut self.tx, &self.account, self.now).await
    }

    /// Writes counts, files' states and the feed, and commits.
    pub(crate) async fn finish(mut self) -> Result<()> {
        if clock::is_news(self.clock_at, self.now) {
            self.remember_now().await?;
        }
        for ((file_id, state), n) in std::mem::take(&mut self.counts) {
            if n != 0 {
                self.tx
                    .exec(
                        "insert into file_counts (file_id, state, n) values ($1, $2, $3) on conflict (file_id, state) do update set n = file_counts.n + excluded.n",
                        args![file_id, state.as_str(), n],
                    )
                    .await?;
            }
        }
        let touched = std::mem::take(&mut self.touched);
        for file_id in &touched {
            self.file_follows(*file_id, false).await?;
        }
        for file_id in std::mem::take(&mut self.quiet).difference(&touched) {
            self.file_follows(*file_id, true).await?;
        }
        let feed = std::mem::take(&mut self.feed);
        let n: i64 = feed.values().map(|rows| rows.len() as i64).sum();
        if n > 0 {
            let sql = "update feed_head set last_id = last_id + $1 where one = 1 returning last_id";
            let mut last_id = self.tx.number(sql, args![n]).await? - n;
            for ((file_id, state), rows) in feed {
                // Short lines: a page of the feed expands the lines it touches.
                for rows in rows.pieces(FEED_ROWS_MAX) {
                    let n = rows.len() as i64;
                    last_id += n;
                    self.tx
                        .exec(
                            "insert into changes (last_id, n, changed_at, file_id, state, rows) values ($1, $2, $3, $4, $5, $6)",
                            args![last_id, n, self.now, file_id, state.as_str(), with_places(&rows)],
                        )
                        .await?;
                }
            }
            if self.tx.engine() == crate::Engine::Postgres {
                self.tx.exec("notify ingestd_results", args![]).await?;
            }
        }
        self.tx.commit().await
    }

    /// Brings a file's state in line with its counts.
    async fn file_follows(&mut self, file_id: i64, quietly: bool) -> Result<()> {
        let Some((was, state)) = stands(&mut self.tx, &self.account, file_id).await? else {
            return Ok(());
        };
        if quietly && state == was {
            return Ok(());
        }
        let settled = matches!(state, FileState::Settled | FileState::Cancelled);
        // A file that comes to another state is shown in it, though an earlier sheet showed the
        // same one: what a retry made of its rows is not an hour's matter.
        self.tx
            .exec(
                "update files set state = $2, changed_at = $3, settled_at = coalesce(settled_at, $4),
                    results_state = case when state = $2 then results_state end where file_id = $1",
                args![file_id, state.as_str(), self.now, settled.then_some(self.now)],
            )
            .await?;
        Ok(())
    }
}

/// `[[1,4800,0],[4802,5000,4800]]`: ranges, each with how many rows come before it.
fn with_places(rows: &RowSet) -> String {
    let mut before = 0u64;
    let ranges: Vec<(u32, u32, u64)> = rows
        .ranges()
        .iter()
        .map(|&(a, b)| {
            let place = before;
            before += u64::from(b - a) + 1;
            (a, b, place)
        })
        .collect();
    // Numbers always make JSON.
    serde_json::to_string(&ranges).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feed_lines_carry_each_ranges_place() {
        let rows: RowSet = (1..=4800).chain(4802..=5000).collect();
        assert_eq!(with_places(&rows), "[[1,4800,0],[4802,5000,4800]]");
    }
}
