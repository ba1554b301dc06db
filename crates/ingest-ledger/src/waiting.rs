//! Rows that wait for another row (rule 1), or for the hub to show its request again: judged anew
//! by themselves once that one is done, or seen.

use crate::accounts::Lease;
use crate::db::{Val, args};
use crate::errors::Result;
use crate::file_stands::stands;
use crate::files::FileLine;
use crate::open::Ledger;
use crate::plan::PlanRules;
use crate::regroup::{by_file, judge_rows};
use crate::row_lines::{RowLine, lines_of};
use crate::row_set::RowSet;
use crate::states::{HoldKind, RowState};
use crate::step::once_more;

/// Rows of one transaction.
const ROWS_MAX: i64 = 5_000;

impl Ledger {
    /// Judges every waiting row whose earlier row is final or billed by now, or in sight again;
    /// answers how many.
    pub async fn rejudge_waiting(&self, lease: &Lease, rules: &PlanRules) -> Result<u64> {
        let mut judged = 0;
        let mut after = 0;
        loop {
            let due = self.waiting_done(&lease.account, after).await?;
            let Some(last) = due.last() else { break };
            after = *last;
            for (file_id, rows) in by_file(&due) {
                let kinds = &[HoldKind::Waits, HoldKind::Unseen];
                judged += once_more!(self.rejudge_once(lease, file_id, &rows, kinds, rules))?;
            }
        }
        self.waiting_files_follow(lease).await?;
        Ok(judged)
    }

    /// Judges rows anew that were held because a request of nobody might hold a failed row of their
    /// payer, by what was just read of such requests (in the rules). Those that it still holds stay as
    /// they are, unwritten; answers how many others there were.
    pub async fn rejudge_elsewhere(
        &self,
        lease: &Lease,
        file_id: i64,
        rows: &RowSet,
        rules: &PlanRules,
    ) -> Result<u64> {
        let free = once_more!(self.free_of_elsewhere(lease, file_id, rows, rules))?;
        if free.is_empty() {
            return Ok(0);
        }
        let kinds = &[HoldKind::Elsewhere];
        once_more!(self.rejudge_once(lease, file_id, &free, kinds, rules))
    }

    /// Those of these rows that no such request holds up any more, by the very judgement that is
    /// theirs when they go; nothing is stored.
    async fn free_of_elsewhere(
        &self,
        lease: &Lease,
        file_id: i64,
        rows: &RowSet,
        rules: &PlanRules,
    ) -> Result<RowSet> {
        let mut step = self.step_under(lease).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        let cancelled = file.cancelled;
        let judged = judge_rows(&mut step, rules, file_id, rows, RowState::Held, cancelled).await?;
        let lines = lines_of(&mut step.tx, file_id, &judged.held).await?;
        let still_held: RowSet = lines
            .values()
            .filter(|line| line.hold_kind == Some(HoldKind::Elsewhere))
            .map(RowLine::row_no)
            .collect();
        Ok(rows.subtract(&still_held)) // the transaction is dropped, and with it what was judged
    }

    /// Rows whose wait is over.
    async fn waiting_done(&self, account: &str, after: i64) -> Result<Vec<i64>> {
        let mut done = self
            .row_ids(
                "select h.row_id from held_rows h
                 join row_state s on s.row_id = h.row_id
                 join row_facts e on e.row_id = s.waits_for
                 where h.account = $1 and h.row_id > $2
                   and (h.kind = 'waits' and e.state in ('invalid', 'corrected', 'skipped', 'rejected', 'paid', 'discarded', 'errored', 'billed')
                     or h.kind = 'waits' and e.state = 'accepted' and exists (select 1 from unseen_requests u where u.chunk_id = e.chunk_id)
                     or h.kind = 'unseen' and not exists (select 1 from unseen_requests u where u.chunk_id = e.chunk_id))
                 order by h.row_id limit $3",
                args![account, after, ROWS_MAX],
            )
            .await?;
        if done.len() < ROWS_MAX as usize {
            done.extend(self.waiting_for_no_foreign_bill(account, after).await?);
            done.sort_unstable();
        }
        Ok(done)
    }

    /// Rows that waited for a bill that is no row of ours, while none of their payer is open. Few
    /// rows do, so all of them are found at once.
    async fn waiting_for_no_foreign_bill(&self, account: &str, after: i64) -> Result<Vec<i64>> {
        self.row_ids(
            "select h.row_id from held_rows h
                 join row_state s on s.row_id = h.row_id
                 join rows r on r.row_id = h.row_id
                 where h.account = $1 and h.row_id > $2 and h.kind = 'waits' and s.waits_for is null
                   and not exists (select 1 from foreign_bills b where b.payer_key = r.payer_key
                     and b.account = h.account and b.state in ('accepted', 'unknown'))
                 order by h.row_id",
            args![account, after],
        )
        .await
    }

    async fn row_ids(&self, sql: &'static str, values: Vec<Val>) -> Result<Vec<i64>> {
        let lines = self.db.read().await?.rows(sql, values).await?;
        lines.iter().map(|line| line.int(0)).collect()
    }

    async fn rejudge_once(
        &self,
        lease: &Lease,
        file_id: i64,
        rows: &RowSet,
        kinds: &[HoldKind],
        rules: &PlanRules,
    ) -> Result<u64> {
        let mut step = self.step_under(lease).await?;
        let lines = lines_of(&mut step.tx, file_id, rows).await?;
        let waiting: RowSet = lines
            .values()
            .filter(|l| l.state == Some(RowState::Held))
            .filter(|l| l.hold_kind.is_some_and(|kind| kinds.contains(&kind)))
            .map(RowLine::row_no)
            .collect();
        let file = FileLine::need(&mut step.tx, file_id).await?;
        let judged = judge_rows(
            &mut step,
            rules,
            file_id,
            &waiting,
            RowState::Held,
            file.cancelled,
        )
        .await?;
        judged.go_on(&mut step, rules, &file).await?;
        step.finish().await?;
        Ok(waiting.len())
    }

    /// A file whose rows wait is `held` or `sending` by what they wait for, which may have changed
    /// in another file.
    async fn waiting_files_follow(&self, lease: &Lease) -> Result<()> {
        let sql =
            "select distinct row_id >> 24 from held_rows where account = $1 and kind = 'waits'";
        let mut tx = self.db.read().await?;
        let mut other = Vec::new();
        for line in tx.rows(sql, args![&lease.account]).await? {
            let file_id = line.int(0)?;
            let stands = stands(&mut tx, &lease.account, file_id).await?;
            if stands.is_some_and(|(was, now)| was != now) {
                other.push(file_id);
            }
        }
        drop(tx);
        if other.is_empty() {
            return Ok(());
        }
        let mut step = self.step_under(lease).await?;
        for file_id in other {
            step.touch_quietly(file_id);
        }
        step.finish().await
    }
}
