//! Chunks whose answer was lost are looked for at the hub, and adopted where there is one answer.
//! Nothing here ever makes a chunk ready again by itself, but by `resend_absent_after`.

use std::time::Duration;

use ingest_ledger::{
    Adopted, DoubtLine, InVain, LedgerError, Sentence, look_again_in, may_go_again,
};

use crate::account::Served;
use crate::gateway::{Doubt, LookUp};
use crate::moments::Moment;
use crate::road::Step;
use crate::sending::millis;

/// Looks for every chunk in doubt, if one of them is due, or `read_needed`.
pub async fn step(served: &Served, read_needed: bool) -> Result<Step, LedgerError> {
    let doubts = served.ledger.unknown_chunks(&served.account.name).await?;
    if let Some(wait) = served.unread_wait() {
        return Ok(Step::Idle(Some(wait)));
    }
    match doubts.iter().map(|doubt| doubt.in_ms).min() {
        None if read_needed => {} // rows of a refused request are in doubt: any whole reading will do
        None => return Ok(Step::Idle(None)),
        Some(in_ms) if in_ms > 0 && !read_needed => return Ok(Step::Idle(Some(millis(in_ms)))),
        Some(_) => {}
    }
    let looked = match look(served, &doubts).await? {
        Ok(looked) => looked,
        Err(wait) => return Ok(Step::Idle(Some(wait))),
    };
    for doubt in doubts.iter().filter(|doubt| !is_found(doubt, &looked)) {
        resend_if_absent(served, doubt, &looked).await?;
    }
    Ok(Step::Did)
}

/// One complete reading of the hub's requests, held against all chunks in doubt: what is found
/// is adopted, the rest is looked for again later, and nothing is sent again: a person's decision
/// begins with this, too. The inner error says how long to wait where the hub could not be read.
pub async fn look(
    served: &Served,
    doubts: &[DoubtLine],
) -> Result<Result<LookUp, Duration>, LedgerError> {
    const UNREAD_AGAIN: Duration = Duration::from_secs(5);
    let ledger = &served.ledger;
    let asked: Vec<Doubt> = doubts_of(served, doubts).await?;
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let gateway = served.gateway();
    let reading = served.unless_stopped(gateway.look_up(&asked, &owned));
    let looked = match reading.await {
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
        Moment::RequestFound.reached();
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
    for doubt in doubts.iter().filter(|doubt| !is_found(doubt, &looked)) {
        let again = look_again_in(doubt.chunk.looks);
        ledger.look_later(&[doubt.chunk.chunk_id], again).await?;
    }
    served.moved();
    Ok(Ok(looked))
}

fn is_found(doubt: &DoubtLine, looked: &LookUp) -> bool {
    let mut found = looked.found.iter();
    found.any(|found| found.chunk_id == doubt.chunk.chunk_id)
}

/// The rows in doubt of each chunk, as a look-up needs them.
pub async fn doubts_of(served: &Served, doubts: &[DoubtLine]) -> Result<Vec<Doubt>, LedgerError> {
    let mut asked = Vec::with_capacity(doubts.len());
    for doubt in doubts {
        asked.push(Doubt {
            chunk_id: doubt.chunk.chunk_id,
            bills: served.ledger.chunk_bills(doubt.chunk.chunk_id).await?,
            settled: served
                .ledger
                .chunk_settled_bills(doubt.chunk.chunk_id)
                .await?,
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

/// Sends a chunk again that was looked for in vain, if the account's rule says so.
async fn resend_if_absent(
    served: &Served,
    doubt: &DoubtLine,
    looked: &LookUp,
) -> Result<(), LedgerError> {
    let chunk_id = doubt.chunk.chunk_id;
    let age = served.age_of(doubt);
    if served.account.resend_absent_after.is_none() {
        return Ok(());
    }
    let later = served.ledger.requests_after(chunk_id).await?;
    let in_vain = InVain {
        age,
        looks: doubt.chunk.looks + 1,
        may_be_there: may_not_be_called_absent(doubt, looked),
        list_is_alive: !looked.listed.is_disjoint(&later),
    };
    if !may_go_again(served.account.resend_absent_after, &in_vain) {
        return Ok(());
    }
    let message = Sentence::SentAgain.with(&[&in_vain.looks.to_string()]);
    tracing::warn!(chunk_id, "{message}");
    let rules = served.plan_rules();
    served
        .ledger
        .resolve_not_sent(&served.lease, chunk_id, None, &message, &rules)
        .await?;
    Ok(())
}
