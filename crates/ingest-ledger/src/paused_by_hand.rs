//! A person pauses an account, or ends a pause: done and recorded in one step, so that no pause is
//! found of which nobody knows who made it, and when.

use crate::db::{Tx, args};
use crate::decisions::{CarriedOut, NewDecision, put_answered};
use crate::errors::Result;
use crate::open::Ledger;
use crate::states::PauseKind;
use chrono::{DateTime, Utc};
use std::time::Duration;

impl Ledger {
    /// Pauses the account until a person ends it; answers the decision's number.
    pub async fn pause_asked(
        &self,
        reason: &str,
        asked: &NewDecision<'_>,
        done: &CarriedOut<'_>,
    ) -> Result<i64> {
        let mut step = self.step(asked.account).await?;
        let person = PauseKind::Person;
        begin_pause(&mut step.tx, asked.account, person, reason, None, step.now).await?;
        let decision_id = put_answered(&mut step, asked, done).await?;
        step.finish().await?;
        Ok(decision_id)
    }

    /// Ends a pause, whatever its reason, and forgets the refusals that led to it; answers the
    /// decision's number.
    pub async fn unpause_asked(
        &self,
        asked: &NewDecision<'_>,
        done: &CarriedOut<'_>,
    ) -> Result<i64> {
        let mut step = self.step(asked.account).await?;
        end_pause(&mut step.tx, asked.account, true).await?;
        let decision_id = put_answered(&mut step, asked, done).await?;
        step.finish().await?;
        Ok(decision_id)
    }
}

/// A person's pause is not replaced by another kind; the same kind again moves only its reason and
/// when it is tried again.
pub(crate) async fn begin_pause(
    tx: &mut Tx,
    account: &str,
    kind: PauseKind,
    reason: &str,
    retry_in: Option<Duration>,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.exec(
        "update accounts set paused_kind = $2, paused_reason = $3, pause_retry_at = $5,
            paused_at = case when paused_kind = $2 then paused_at else $4 end
         where account = $1 and (paused_kind is null or $2 = 'restored'
            or paused_kind <> 'restored' and (paused_kind <> 'person' or $2 = 'person'))",
        args![
            account,
            kind.as_str(),
            reason,
            now,
            retry_in.map(|wait| now + wait)
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn end_pause(tx: &mut Tx, account: &str, a_persons_too: bool) -> Result<()> {
    tx.exec(
        "update accounts set paused_kind = null, paused_reason = null, paused_at = null, pause_retry_at = null, refusals_in_a_row = 0, sign_ins_in_a_row = 0
         where account = $1 and ($2 = 1 or paused_kind not in ('person', 'restored'))",
        args![account, i64::from(a_persons_too)],
    )
    .await?;
    Ok(())
}
