//! What a person decides: recorded first, then carried out by whoever serves the account, or by
//! the command itself, under the account's lease, where no service runs.

mod ask;
mod carry;
mod meant;
mod named;
mod reach;
mod resolve;
mod unowned;
mod watch;

pub use ask::{Answer, Ask, Came, RefusedBy, Wait, ask_and_wait};
pub use carry::retry_in_several_sheets;
pub use meant::must_mean_something;
pub use named::Named;

use ingest_ledger::{DecisionState, LedgerError};

use crate::account::Served;
use crate::moments::Moment;
use crate::road::Step;

/// Carries out the oldest decision that was asked for and is not answered yet.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let Some(decision) = served.ledger.decision_next(&served.account.name).await? else {
        return Ok(Step::Idle(None));
    };
    let answer = match serde_json::from_str::<Ask>(&decision.ask_json) {
        Ok(ask) => match carry::out(served, &ask, decision.asked_at).await {
            Ok(answer) => answer,
            Err(LedgerError::Refused(why)) => Answer::refused(why),
            Err(LedgerError::Missing(why)) => Answer::ambiguous(why),
            Err(error) => return Err(error),
        },
        Err(error) => Answer::refused(format!(
            "this service does not know what was asked for: {error}"
        )),
    };
    let state = if answer.refused.is_some() {
        DecisionState::Refused
    } else {
        DecisionState::Done
    };
    let text = serde_json::to_string(&answer).expect("an answer is plain texts and numbers");
    Moment::DecisionCarriedOut.reached();
    served
        .ledger
        .decision_answer(decision.decision_id, state, &text)
        .await?;
    tracing::info!(
        decision_id = decision.decision_id, kind = %decision.kind, by = %decision.asked_by,
        done = answer.refused.is_none(), "a person's decision was carried out"
    );
    served.moved();
    Ok(Step::Did)
}
