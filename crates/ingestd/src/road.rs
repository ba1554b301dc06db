//! The road of one account, on one page:
//!
//! ```text
//! inbox → spool → rows → stored      intake      a file becomes stored rows
//!       → planned into chunks        planning    the hub asked about earlier bills
//!       → sent                       sending     intent, one call, its answer
//!       → looked for                 lookup      where the answer was lost
//!       → outcomes                   outcomes    PSIDs, payments
//!       → result sheet               reports     beside the sheet, for the bursar
//! ```
//!
//! Three loops walk it side by side: the intake ([`intake::pass`]), the desk ([`desk_step`]:
//! everything that talks to the hub or decides), and the reports ([`reports::step`]); two more keep
//! the lease and end a pause. Each is a step that may be taken by itself, and a loop around it that
//! rests when there is nothing to do. What time it is and how long a rest lasts, a step asks of the
//! account's [`World`](crate::world::World).

use std::time::Duration;

use ingest_ledger::LedgerError;

use crate::account::{Served, hub_refuses};
use crate::folder::{self, Finished, Inbox};
use crate::{
    callbacks, decisions, elsewhere, foreign, intake, lookup, outcomes, planning, reports, sending,
};

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something was done; there may be more.
    Did,
    /// There was nothing to do, until this long from now if anything is known to be due.
    Idle(Option<Duration>),
}

impl Step {
    /// Two steps as one: something was done if either did it, and the sooner rest counts.
    fn and(self, other: Step) -> Step {
        match (self, other) {
            (Step::Did, _) | (_, Step::Did) => Step::Did,
            (Step::Idle(Some(a)), Step::Idle(Some(b))) => Step::Idle(Some(a.min(b))),
            (Step::Idle(a), Step::Idle(b)) => Step::Idle(a.or(b)),
        }
    }
}

/// The desk rests at most this long, since another process may have asked for something.
const REST_MAX: Duration = Duration::from_secs(1);
/// After a failure of the database the road waits this long.
const FAILED_REST: Duration = Duration::from_secs(1);

/// Which stops are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stops {
    /// All of them.
    All,
    /// All but the inbox: a command that serves the account for its own sake takes no files.
    WithoutInbox,
    /// Those that ask the hub and send nothing: for a command that was not meant to send.
    Asking,
}

/// Walks the road of an account until it is asked to stop or its lease is lost.
///
/// # Errors
/// The database stays away or is not to be used; nothing that was stored is lost.
pub async fn walk(served: &Served, stops: Stops) -> Result<(), LedgerError> {
    let intake = async {
        if stops == Stops::All {
            intake_loop(served).await
        } else {
            Ok(())
        }
    };
    // All are waited for, whatever one of them ends with: a call in flight is never cut off.
    let (lease, pause, intake, desk, reports) = tokio::join!(
        ending(served, served.keep_lease()),
        ending(served, served.mend_pause()),
        ending(served, intake),
        ending(served, desk_loop(served, stops)),
        ending(served, reports_loop(served)),
    );
    desk.and(intake).and(reports).and(pause).and(lease)
}

/// One loop that fails for good ends the others after their step.
async fn ending(
    served: &Served,
    stop: impl Future<Output = Result<(), LedgerError>>,
) -> Result<(), LedgerError> {
    let end = stop.await;
    if end.is_err() {
        served.stop();
    }
    match end {
        Err(LedgerError::Fenced(_)) => Ok(()), // somebody else goes on from here
        end => end,
    }
}

/// One round of everything that talks to the hub or decides, in the order of what must not wait. What
/// lies on the desk is told first, once: what a stop leaves for the next is met in the next round,
/// which comes at once.
///
/// # Errors
/// The database's, or the lease is lost; nothing that was stored is lost.
pub async fn desk_step(served: &Served, stops: Stops) -> Result<Step, LedgerError> {
    let desk = served.desk().await?;
    let mut all = Step::Idle(None);
    if desk.decisions {
        all = all.and(Box::pin(decisions::step(served)).await?);
    }
    all = all.and(Box::pin(callbacks::step(served, desk.callbacks)).await?);
    if hub_refuses(&desk.account) {
        return Ok(all);
    }
    let sends = stops != Stops::Asking;
    let read_needed = desk.account.read_needed;
    if desk.in_doubt || read_needed {
        all = all.and(Box::pin(lookup::step(served, read_needed)).await?);
    }
    if sends && desk.to_plan {
        all = all.and(Box::pin(planning::step(served)).await?);
    }
    if sends {
        all = all.and(Box::pin(sending::step(served, &desk)).await?);
    }
    if desk.to_ask {
        all = all.and(Box::pin(outcomes::step(served)).await?);
    }
    if desk.foreign_to_ask {
        all = all.and(Box::pin(foreign::step(served)).await?);
    }
    if sends && desk.waiting {
        all = all.and(rejudge_step(served).await?);
    }
    if sends && desk.elsewhere {
        all = all.and(Box::pin(elsewhere::let_go(served)).await?);
    }
    if desk.unstamped && all != Step::Did {
        all = all.and(Box::pin(outcomes::stamp_step(served)).await?);
    }
    Ok(all)
}

/// Rows that waited for another row are judged anew once that one is final or billed.
async fn rejudge_step(served: &Served) -> Result<Step, LedgerError> {
    let rules = served.plan_rules();
    match served.ledger.rejudge_waiting(&served.lease, &rules).await? {
        0 => Ok(Step::Idle(None)),
        _ => Ok(Step::Did),
    }
}

async fn desk_loop(served: &Served, stops: Stops) -> Result<(), LedgerError> {
    let mut news = served.news();
    while !served.stopping() {
        match tolerate(served, "the desk", desk_step(served, stops).await)? {
            Step::Did => {}
            Step::Idle(due) => {
                served
                    .rest(&mut news, due.unwrap_or(REST_MAX).min(REST_MAX))
                    .await
            }
        }
    }
    Ok(())
}

async fn intake_loop(served: &Served) -> Result<(), LedgerError> {
    let account = &served.account;
    let mut inbox = Inbox::new(&account.inbox, account.quiet_for);
    // Heard while the folder is there; one that is mounted anew is listened to anew.
    let (mut ears, mut finished) = (None, Finished::default());
    let mut available = true;
    while !served.stopping() {
        if ears.is_none() && folder::marked(&account.inbox, &served.ledger_id).is_ok() {
            let heard = folder::watch(&account.inbox);
            (ears, finished) = (Some(heard.0), heard.1);
            intake::sweep(served).await;
        }
        let pass = intake::pass(served, &mut inbox, finished.drain()).await?;
        if let Some(error) = &pass.unavailable {
            if available {
                tracing::warn!(inbox = %account.inbox.display(), %error, "folder unavailable; its files are not gone, it is tried again");
            }
            ears = None;
        }
        available = pass.unavailable.is_none();
        if pass.again {
            served.rest_unmoved(FAILED_REST).await;
            continue;
        }
        tokio::select! {
            () = finished.anything() => {}
            () = served.rest_unmoved(pass.rest) => {}
        }
    }
    Ok(())
}

async fn reports_loop(served: &Served) -> Result<(), LedgerError> {
    let mut news = served.news();
    while !served.stopping() {
        match tolerate(served, "the reports", reports::step(served).await)? {
            Step::Did => {}
            Step::Idle(_) => served.rest(&mut news, REST_MAX).await,
        }
    }
    Ok(())
}

/// A database that is away for a moment is waited for; a lost lease or a defect ends the road.
fn tolerate(
    served: &Served,
    who: &str,
    step: Result<Step, LedgerError>,
) -> Result<Step, LedgerError> {
    match step {
        Err(error) if error.is_transient() => {
            tracing::warn!(account = %served.account.name, who, %error, "the database is away; trying again");
            Ok(Step::Idle(Some(FAILED_REST)))
        }
        step => step,
    }
}

#[cfg(test)]
mod tests;
