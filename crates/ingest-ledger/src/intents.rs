//! Intents whose storing could not be confirmed: the connection broke at COMMIT, so the process
//! that meant to call does not know whether its intent is in the database.

use crate::accounts::Lease;
use crate::chunk_lines::AttemptLine;
use crate::db::args;
use crate::errors::Result;
use crate::open::Ledger;
use crate::send::Attempt;

impl Ledger {
    /// Intents of this lease that are stored and not answered. Only the process that holds the
    /// lease knows whether it has a call in flight; if it has none, no byte of these ever left,
    /// and it settles them as [`Settlement::Ready`](crate::Settlement::Ready).
    pub async fn open_intents(&self, lease: &Lease) -> Result<Vec<Attempt>> {
        // Under the account's lock: a commit that is still on its way is waited for.
        let mut step = self.step_under(lease).await?;
        let tx = &mut step.tx;
        let rest = "join chunks c on c.chunk_id = a.chunk_id and c.state = 'sending'
            where a.account = $1 and a.epoch = $2 and a.holder = $3 and a.answered_at is null
            order by a.attempt_id";
        let found =
            AttemptLine::find(tx, rest, args![&lease.account, lease.epoch, &lease.holder]).await?;
        let mut intents = Vec::with_capacity(found.len());
        for line in found {
            let file_id = tx
                .number(
                    "select file_id from chunks where chunk_id = $1",
                    args![line.chunk_id],
                )
                .await?;
            intents.push(Attempt {
                attempt_id: line.attempt_id,
                chunk_id: line.chunk_id,
                file_id,
                account: line.account,
                intended_at: line.intended_at,
                row_count: line.row_count,
                total_amount: line.total_amount,
            });
        }
        Ok(intents)
    }
}
