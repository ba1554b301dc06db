//! Stores what comes in at the door: whatever waits at a moment goes into one transaction, so that
//! a hundred callers cost one sync of the disk, and none waits for the ninety-nine before it.

use std::time::Duration;

use ingest_ledger::{Kept, Ledger, NewCallback};
use tokio::sync::{mpsc, oneshot};

use super::Heard;

/// Callbacks that may wait to be stored; more are refused at once.
const QUEUE: usize = 1_024;
/// Callbacks in one transaction.
const AT_A_TIME: usize = 128;
/// The hub waits five seconds for its answer, reading the body included.
const STORED_WITHIN: Duration = Duration::from_secs(2);

type Waiting = (NewCallback, oneshot::Sender<Option<Kept>>);

/// Hands callbacks to be stored.
#[derive(Clone)]
pub(super) struct Keeper(mpsc::Sender<Waiting>);

impl Keeper {
    /// Stores it durably; `None`: it could not be stored in time.
    pub(super) async fn keep(&self, callback: NewCallback) -> Option<Kept> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((callback, answer)).ok()?;
        let answered = tokio::time::timeout(STORED_WITHIN, answered).await;
        answered.ok()?.ok()?
    }
}

/// Begins to store; ends when nobody can hand anything in any more.
pub(super) fn start(ledger: Ledger, heard: Heard) -> Keeper {
    let (sender, mut queue) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let mut waiting: Vec<Waiting> = Vec::new();
        while queue.recv_many(&mut waiting, AT_A_TIME).await > 0 {
            // Nobody waits any more for what lay too long: its caller was told so.
            waiting.retain(|(_, answer)| !answer.is_closed());
            let (callbacks, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
            if callbacks.is_empty() {
                continue;
            }
            let kept = match ledger.callbacks_store(&callbacks).await {
                Ok(kept) => kept.into_iter().map(Some).collect(),
                Err(error) => {
                    tracing::warn!(%error, callbacks = callbacks.len(), "callbacks could not be stored; the hub is told to repeat them");
                    vec![None; callbacks.len()]
                }
            };
            let mut accounts: Vec<&str> = Vec::new();
            for (callback, kept) in callbacks.iter().zip(&kept) {
                if *kept == Some(Kept::Stored) && !accounts.contains(&&*callback.account) {
                    accounts.push(&callback.account);
                }
            }
            for account in accounts {
                heard(account);
            }
            for (answer, kept) in answers.into_iter().zip(kept) {
                let _ = answer.send(kept); // a caller that is gone needs no answer
            }
        }
    });
    Keeper(sender)
}
