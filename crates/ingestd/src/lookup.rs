//! Chunks whose answer was lost are looked for at the hub, and adopted where there is one answer.
//! Nothing here ever makes a chunk ready again by itself, but by `resend_absent_after`.

use std::time::Duration;

use ingest_ledger::{Adopted, DoubtLine, LedgerError};

use crate::account::Served;
use crate::gateway::{Doubt, LookUp};
use crate::road::Step;
use crate::sending::millis;

/// Complete readings without a match before `resend_absent_after` may act.
const LOOKS_BEFORE_RESENDING: i64 = 3;

/// Looks for every chunk in doubt, if one of them is due.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let doubts = served.ledger.unknown_chunks(&served.account.name).await?;
    let read_needed = served.line().await?.read_needed;
    if let Some(wait) = served.unread_wait() {
        return Ok(Step::Idle(Some(wait)));
    }
    match doubts.iter().map(|doubt| doubt.in_ms).min() {
        None if read_needed => {} // rows of a refused request are in doubt: any whole reading will do
        None => return Ok(Step::Idle(None)),
        Some(in_ms) if in_ms > 0 && !read_needed => return Ok(Step::Idle(Some(millis(in_ms)))),
        Some(_) => {}
    }
    match look(served, &doubts).await? {
        Ok(_) => Ok(Step::Did),
        Err(wait) => Ok(Step::Idle(Some(wait))),
    }
}

/// One complete reading of the hub's requests, held against all chunks in doubt: what is found
/// is adopted, the rest is looked for again later. The inner error says how long to wait where
/// the hub could not be read.
pub async fn look(
    served: &Served,
    doubts: &[DoubtLine],
) -> Result<Result<LookUp, Duration>, LedgerError> {
    const UNREAD_AGAIN: Duration = Duration::from_secs(5);
    let ledger = &served.ledger;
    let asked: Vec<Doubt> = doubts_of(served, doubts).await?;
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let looked = match served.gateway().look_up(&asked, &owned).await {
        Ok(looked) => looked,
        Err(error) => {
            served.not_read(&error).await?;
            served.unread_for(UNREAD_AGAIN);
            return Ok(Err(UNREAD_AGAIN));
        }
    };
    served.reached(None);
    ledger.read_answered(&served.account.name).await?;
    for found in &looked.found {
        match ledger
            .adopt(
                &served.lease,
                found.chunk_id,
                &found.request_id,
                &found.rows,
            )
            .await?
        {
            Adopted::Yes => tracing::info!(
                chunk_id = found.chunk_id, request = %found.request_id, rows = found.rows.len(),
                "a chunk whose answer was lost was found at the hub"
            ),
            Adopted::TakenByAnother | Adopted::NotUnknown => {}
        }
    }
    for doubt in doubts {
        if looked
            .found
            .iter()
            .all(|found| found.chunk_id != doubt.chunk.chunk_id)
        {
            let again = look_again_in(doubt.chunk.looks);
            ledger.look_later(&[doubt.chunk.chunk_id], again).await?;
            resend_if_absent(served, doubt, &looked).await?;
        }
    }
    served.moved();
    Ok(Ok(looked))
}

/// The rows in doubt of each chunk, as a look-up needs them.
pub async fn doubts_of(served: &Served, doubts: &[DoubtLine]) -> Result<Vec<Doubt>, LedgerError> {
    let mut asked = Vec::with_capacity(doubts.len());
    for doubt in doubts {
        asked.push(Doubt {
            chunk_id: doubt.chunk.chunk_id,
            attempt_at: doubt.attempt_at,
            bills: served.ledger.chunk_bills(doubt.chunk.chunk_id).await?,
        });
    }
    Ok(asked)
}

/// Why a chunk may not be called "not sent" after a complete reading, if it may not.
pub fn may_not_be_called_absent(doubt: &DoubtLine, looked: &LookUp) -> Option<String> {
    if !doubt.call_over {
        return Some(format!(
            "its call may still be on its way; ask again after {} UTC",
            doubt.attempt.deadline_at.format("%H:%M:%S")
        ));
    }
    looked
        .in_the_way
        .iter()
        .find(|obstacle| obstacle.chunk_id == doubt.chunk.chunk_id)
        .map(|obstacle| {
            format!(
                "request {} at the hub may be it: {}",
                obstacle.request_id, obstacle.why
            )
        })
}

/// `resend_absent_after`: sent again without a person, but only where the account says so, the
/// time is over, three complete readings found nothing (this one just now), nothing stands in
/// the way, and the list shows a later request, so that it is alive.
async fn resend_if_absent(
    served: &Served,
    doubt: &DoubtLine,
    looked: &LookUp,
) -> Result<(), LedgerError> {
    let Some(after) = served.account.resend_absent_after else {
        return Ok(());
    };
    let later = served
        .ledger
        .requests_since(&served.account.login(), doubt.attempt_at)
        .await?;
    if millis(doubt.age_ms) < after
        || doubt.chunk.looks + 1 < LOOKS_BEFORE_RESENDING
        || looked.listed.is_disjoint(&later)
        || may_not_be_called_absent(doubt, looked).is_some()
    {
        return Ok(());
    }
    let message = format!(
        "not found at the hub in {} complete readings; sent again by resend_absent_after",
        doubt.chunk.looks + 1
    );
    tracing::warn!(chunk_id = doubt.chunk.chunk_id, "{message}");
    served
        .ledger
        .resolve_not_sent(
            &served.lease,
            doubt.chunk.chunk_id,
            None,
            &message,
            &served.plan_rules(),
        )
        .await?;
    Ok(())
}

/// Soon at first, then ever more rarely.
fn look_again_in(looks: i64) -> Duration {
    let seconds = match looks {
        ..=0 => 3,
        1 => 15,
        2 => 60,
        3 => 5 * 60,
        4..=6 => 15 * 60,
        7..=20 => 60 * 60,
        _ => 24 * 60 * 60,
    };
    Duration::from_secs(seconds)
}
