//! What the hub told us of its own accord (`web` stored it): it is a reason to ask the hub, and
//! nothing more. Whatever comes twice, in disorder, too early, too late, or from somebody else,
//! changes only when the hub is asked.

use std::time::Duration;

use ingest_ledger::planted::Bug;
use ingest_ledger::{
    CallbackLine, CallbackNames, ChunkFilter, Learned, LedgerError, Reading, RowFilter, RowState,
    row_of,
};

use crate::account::Served;
use crate::gateway;
use crate::road::Step;

/// Callbacks that are heard in one transaction, and transactions in one step: all that may wait.
const HEARD_AT_A_TIME: u32 = 500;
const TIMES_A_STEP: usize = 20;
/// Callbacks heard after which, or time after which, old ones are deleted.
const SWEPT_AFTER: u64 = 1_000;
const SWEPT_EVERY: Duration = Duration::from_secs(3600);

/// Hears the callbacks that wait, if some do, the oldest first: what they name becomes due to be asked
/// about.
pub async fn step(served: &Served, some_wait: bool) -> Result<Step, LedgerError> {
    let account = &served.account;
    if account.callback.is_none() {
        return Ok(Step::Idle(None));
    }
    let (mut heard, mut due) = (0, 0);
    for _ in 0..if some_wait { TIMES_A_STEP } else { 0 } {
        let (callbacks, requests) = hear(served).await?;
        heard += callbacks;
        due += requests;
        if callbacks < u64::from(HEARD_AT_A_TIME) || served.stopping() {
            break;
        }
    }
    if served.sweep_is_due(heard, SWEPT_AFTER, SWEPT_EVERY) {
        served.ledger.callbacks_sweep(&account.name).await?;
    }
    if heard == 0 {
        return Ok(Step::Idle(None));
    }
    tracing::info!(
        account = %account.name, callbacks = heard, requests = due,
        "callbacks were heard; the hub is asked about what they name"
    );
    Ok(Step::Did)
}

/// Hears the oldest callbacks; answers how many, and how many requests became due for them.
async fn hear(served: &Served) -> Result<(u64, u64), LedgerError> {
    let account = &served.account;
    let waiting = served
        .ledger
        .callbacks_waiting(&account.name, HEARD_AT_A_TIME)
        .await?;
    if waiting.is_empty() {
        return Ok((0, 0));
    }
    let mut names = CallbackNames::default();
    for callback in &waiting {
        let said = gateway::callback_names(account.gateway, &callback.kind, &callback.body);
        names.request_ids.extend(said.request_ids);
        names.psids.extend(said.psids);
        names.identifiers.extend(said.identifiers);
    }
    if Bug::BelievesCallbacks.is_planted() {
        believe(served, &waiting).await?;
    }
    let ids: Vec<i64> = waiting.iter().map(|line| line.callback_id).collect();
    let due = served
        .ledger
        .callbacks_heard(&served.lease, &ids, &names, account.reads_per_minute)
        .await?;
    Ok((waiting.len() as u64, due))
}

/// What must never be done, for [`Bug::BelievesCallbacks`]: a bill is paid because somebody says so.
async fn believe(served: &Served, waiting: &[CallbackLine]) -> Result<(), LedgerError> {
    let gateway = served.account.gateway;
    for callback in waiting
        .iter()
        .filter(|said| said.body.windows(9).any(|at| at == b"PROCESSED"))
    {
        for psid in gateway::callback_names(gateway, &callback.kind, &callback.body).psids {
            let filter = RowFilter {
                psid: Some(psid),
                state: Some(RowState::Billed),
                ..RowFilter::default()
            };
            for row in served.ledger.rows(&filter).await? {
                let (_, row_no) = row_of(row.row_id);
                let chunks = served
                    .ledger
                    .chunk_list(&ChunkFilter {
                        file_id: Some(row.file_id),
                        ..ChunkFilter::default()
                    })
                    .await?;
                let Some(chunk) = chunks.iter().find(|chunk| chunk.members.contains(row_no)) else {
                    continue;
                };
                let paid = Learned {
                    row_no,
                    state: RowState::Paid,
                    psid: row.psid,
                    payment_id: None,
                    message: None,
                };
                served
                    .ledger
                    .learn(
                        chunk.chunk_id,
                        &Reading {
                            facts: vec![paid],
                            ..Reading::default()
                        },
                    )
                    .await?;
            }
        }
    }
    Ok(())
}
