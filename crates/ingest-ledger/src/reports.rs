//! Which result sheets are to be written (again).

use crate::db::args;
use crate::errors::Result;
use crate::files::FileLine;
use crate::open::Ledger;
use std::time::Duration;

impl Ledger {
    /// Files whose result sheet is to be written (again), oldest first: settled, cancelled or
    /// held and not shown so since they came to it (a retry settles a file once more), or changed
    /// while the last writing is an hour past; and a file that one row keeps from settling is
    /// shown an hour after it was taken. Not those with rows in an archive: their sheets would lack
    /// them.
    pub async fn reports_due(&self, account: &str) -> Result<Vec<FileLine>> {
        let mut tx = self.db.read().await?;
        let hour_ago = tx.now().await? - Duration::from_secs(3600);
        let rest = "where f.account = $1 and f.stored_at is not null and f.planned_at is not null
              and not exists (select 1 from archives a where a.file_id = f.file_id and a.rows_n > 0)
              and ((f.state in ('settled', 'held', 'cancelled') and coalesce(f.results_state, '') <> f.state)
                or (f.changed_at > f.results_seen_at and f.results_written_at <= $2)
                or (f.results_written_at is null and f.taken_at <= $2))
            order by f.file_id";
        FileLine::find(&mut tx, rest, args![account, hour_ago]).await
    }

    /// The result sheet was written, with what the file was as `seen`. One that changed while it
    /// was written, and was not shown in its state before, stays due.
    pub async fn report_written(&self, seen: &FileLine) -> Result<()> {
        let mut step = self.step_of_file(seen.file_id).await?;
        step.tx
            .exec(
                "update files set results_written_at = $2, results_seen_at = $3,
                    results_state = case when changed_at = $3 or changed_at is null then $4 else results_state end where file_id = $1",
                args![seen.file_id, step.now, seen.changed_at, seen.state.as_str()],
            )
            .await?;
        step.finish().await
    }
}
