//! Bills at the hub that this database did not make: asked about as long as the hub may have something
//! new to say of them, and before a row of their payers is judged.

use std::time::Duration;

use ingest_ledger::{ForeignAsk, ForeignRequest, LedgerError};

use crate::account::Served;
use crate::gateway::AskError;
use crate::road::Step;
use crate::sending::millis;

/// A request that can't be read is asked about again after this.
const UNREAD_AGAIN: Duration = Duration::from_secs(60);

/// Asks about the foreign request that is due next, if one is.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let account = &served.account.name;
    let Some(ask) = served.ledger.foreign_next_ask(account).await? else {
        return Ok(Step::Idle(None));
    };
    if ask.in_ms > 0 {
        return Ok(Step::Idle(Some(millis(ask.in_ms))));
    }
    match read(served, &ask.request_id).await? {
        Ok(_changed) => Ok(Step::Did),
        Err(error) => {
            not_read(served, &ask, &error).await?;
            Ok(Step::Idle(Some(Duration::from_secs(1))))
        }
    }
}

/// Asks about foreign requests whose bills are about to be judged against; what was read `within` this
/// time is not read again. `false`: the hub could not be asked about all of them.
pub async fn ask_first(
    served: &Served,
    asks: &[ForeignAsk],
    within: Duration,
) -> Result<bool, LedgerError> {
    for ask in asks.iter().filter(|ask| millis(ask.read_ms) > within) {
        if served.stopping() {
            return Ok(false);
        }
        if let Err(error) = read(served, &ask.request_id).await? {
            not_read(served, ask, &error).await?;
            // What the hub does not show any more stays as it was last seen: it holds up nobody else.
            if !matches!(error, AskError::NotFound(_) | AskError::Hidden(_)) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Reads a request that no chunk owns and stores what it shows; answers how many of its bills are new
/// or changed. The inner error is the hub's.
pub async fn read(served: &Served, request_id: &str) -> Result<Result<u64, AskError>, LedgerError> {
    let bills = match served.gateway().bills(request_id).await {
        Ok(bills) => bills,
        Err(error) => return Ok(Err(error)),
    };
    served.reached(None);
    served.ledger.read_answered(&served.account.name).await?;
    let request = ForeignRequest {
        request_id: request_id.to_owned(),
        bills,
    };
    let changed = served
        .ledger
        .foreign_request_read(&served.lease, &request)
        .await?;
    if changed > 0 {
        served.moved();
    }
    Ok(Ok(changed))
}

async fn not_read(served: &Served, ask: &ForeignAsk, error: &AskError) -> Result<(), LedgerError> {
    served.not_read(error).await?;
    let doublings = u32::try_from(ask.asks.clamp(0, 10)).unwrap_or(10);
    let wait = UNREAD_AGAIN * 2_u32.pow(doublings);
    let account = &served.account.name;
    served
        .ledger
        .foreign_ask_later(account, &ask.request_id, wait)
        .await
}
