//! People: who approves, retries, cancels, resolves and pauses, sometimes wrongly. What they ask is
//! recorded in the ledger as the commands record it, and a service carries it out.

use std::sync::Arc;

use ingest_ledger::{
    ChunkFilter, ChunkState, FileFilter, FileState, Ledger, LedgerError, NewDecision, PauseKind,
    RowState,
};
use ingestd::decisions::Ask;

use crate::hub::Hub;
use crate::world::{DESK, World};

/// Who decides for an account.
pub(crate) struct Person {
    pub(crate) world: Arc<World>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) ledger: Ledger,
    pub(crate) account: String,
}

impl Person {
    /// Does something that people do, in any weather.
    pub(crate) async fn acts(&self) -> Result<(), LedgerError> {
        match self.world.below(10) {
            0 => self.approve_all().await,
            1 => self.retry().await,
            2 => self.ask(&Ask::Reconcile { file_id: None }).await,
            3 | 8 | 9 => self.resolve(self.world.below(2) == 0).await,
            4 if self.world.below(3) == 0 => self.cancel_one().await,
            5 => {
                self.world.tell(|| "a person pauses the account".to_owned());
                let reason = "the office is closed";
                self.ledger
                    .pause(&self.account, PauseKind::Person, reason, None)
                    .await
            }
            6 | 7 => self.resume().await,
            _ => Ok(()),
        }
    }

    /// What somebody does who wants everything done: called once the weather is fair.
    pub(crate) async fn tidies(&self) -> Result<(), LedgerError> {
        self.resume().await?;
        self.resolve(false).await?;
        self.approve_all().await?;
        self.retry().await
    }

    /// Says of calls in doubt the opposite of what the hub's books say.
    pub(crate) async fn is_mistaken(&self) -> Result<(), LedgerError> {
        self.resolve(true).await
    }

    /// Ends a pause, whoever made it.
    pub(crate) async fn resume(&self) -> Result<(), LedgerError> {
        self.ledger.unpause(&self.account).await
    }

    async fn ask(&self, ask: &Ask) -> Result<(), LedgerError> {
        self.world
            .tell(|| format!("a person of {} asks: {ask:?}", self.account));
        let json = serde_json::to_string(ask).unwrap_or_default();
        self.ledger
            .decision_ask(&NewDecision {
                account: &self.account,
                kind: ask.kind(),
                ask_json: &json,
                asked_by: "a person",
                asked_from: Some("the office"),
                command: None,
                files: &[],
            })
            .await?;
        self.world.poke_all(DESK);
        Ok(())
    }

    async fn approve_all(&self) -> Result<(), LedgerError> {
        for file in self.files().await? {
            let held = file.counts.get(&RowState::Held).copied().unwrap_or(0);
            if held > 0 || file.state == FileState::Held {
                self.ask(&Ask::Approve {
                    file_id: file.file_id,
                    reason: None,
                    sheet: None,
                    rows: None,
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn retry(&self) -> Result<(), LedgerError> {
        self.ask(&Ask::Retry {
            file_id: None,
            sheet: None,
            rows: None,
            states: vec![RowState::Rejected, RowState::Errored],
        })
        .await
    }

    async fn cancel_one(&self) -> Result<(), LedgerError> {
        let files = self.files().await?;
        let at = usize::try_from(self.world.below(files.len().max(1) as u64)).unwrap_or(0);
        match files.get(at) {
            Some(file) => {
                let file_id = file.file_id;
                self.ask(&Ask::Cancel { file_id }).await
            }
            None => Ok(()),
        }
    }

    /// Says of every call in doubt what became of it: as the hub's own books have it, or the
    /// opposite, which the service must refuse.
    async fn resolve(&self, wrongly: bool) -> Result<(), LedgerError> {
        let filter = |state| ChunkFilter {
            account: Some(self.account.clone()),
            state: Some(state),
            ..ChunkFilter::default()
        };
        for chunk in self.ledger.chunk_list(&filter(ChunkState::Unknown)).await? {
            let departures = self.hub.departures();
            let mut calls = departures.iter().rev();
            let call = calls.find(|of| of.call.is_some_and(|(id, _)| id == chunk.chunk_id));
            let sent = call.and_then(|of| of.bulk_id).map(|id| id.to_string());
            let others = departures.iter().filter_map(|of| of.bulk_id).next();
            let sent = match (wrongly, sent) {
                (true, Some(_)) => None,
                (true, None) => others.map(|id| id.to_string()),
                (false, sent) => sent,
            };
            self.ask(&Ask::Resolve {
                chunk_id: chunk.chunk_id,
                sheet: None,
                rows: None,
                sent,
            })
            .await?;
        }
        Ok(())
    }

    async fn files(&self) -> Result<Vec<ingest_ledger::FileLine>, LedgerError> {
        self.ledger
            .files(&FileFilter {
                account: Some(self.account.clone()),
                ..FileFilter::default()
            })
            .await
    }
}
