//! What a person decides: recorded first, then carried out by whoever serves the account, or by
//! the command itself, under the account's lease, where no service runs.

mod ask;
mod asker;
mod at_once;
mod carry;
pub mod evidence;
mod meant;
mod named;
mod reach;
mod reconcile;
mod resolve;
mod restored;
mod unowned;
mod watch;

pub use ask::{Answer, Ask, Came, RefusedBy, Wait, ask_and_wait};
pub use at_once::AtOnce;
pub(crate) use at_once::account_stands;
pub use carry::retry_in_several_sheets;
pub use evidence::{Evidence, ListSeen, RequestSeen};
pub use meant::must_mean_something;
pub use named::Named;
pub use reconcile::Reconciling;

use ingest_ledger::{CarriedOut, Decision, DecisionState, LedgerError};

use crate::account::Served;
use crate::moments::Moment;
use crate::road::Step;

/// The kind of the decision that is carried out piece by piece.
const RECONCILE: &str = "reconcile";

/// Carries out the oldest decision that was asked for and is not answered yet, and a piece of a
/// reconciliation.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let next = served
        .ledger
        .decision_next(&served.account.name, RECONCILE)
        .await?;
    let Some(decision) = next else {
        return reconcile::step(served).await;
    };
    let (answer, evidence) = match serde_json::from_str::<Ask>(&decision.ask_json) {
        Ok(ask) => {
            let stood = evidence::stands(&served.ledger, &ask).await?;
            let carried = carry::out(served, &ask, decision.asked_at);
            let (came, mut seen) = evidence::gathered(carried).await;
            seen.stood = stood;
            let answer = match came {
                Ok(answer) => answer,
                Err(LedgerError::Refused(why)) => Answer::refused(why),
                Err(LedgerError::Missing(why)) => Answer::ambiguous(why),
                Err(error) => return Err(error),
            };
            (answer, seen)
        }
        Err(error) => {
            let why = format!("this service does not know what was asked for: {error}");
            (Answer::refused(why), Evidence::default())
        }
    };
    answered(served, &decision, &answer, &evidence).await?;
    Ok(Step::Did)
}

/// Stores what came of a decision.
async fn answered(
    served: &Served,
    decision: &Decision,
    answer: &Answer,
    evidence: &Evidence,
) -> Result<(), LedgerError> {
    let state = if answer.refused.is_some() {
        DecisionState::Refused
    } else {
        DecisionState::Done
    };
    let (text, seen) = (answer.json(), evidence.json());
    // A reconciliation of everything may be about every file there is.
    let files: &[i64] = match decision.kind.as_str() {
        RECONCILE => &[],
        _ => &answer.files,
    };
    let done = CarriedOut {
        state,
        answer_json: &text,
        done_by: &served.lease.holder,
        evidence_json: Some(&seen),
        files,
    };
    Moment::DecisionCarriedOut.reached();
    served
        .ledger
        .decision_answer(decision.decision_id, &done)
        .await?;
    tracing::info!(
        decision_id = decision.decision_id, kind = %decision.kind, by = %decision.asked_by,
        done = answer.refused.is_none(), "a person's decision was carried out"
    );
    served.moved();
    Ok(())
}
