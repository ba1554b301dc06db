//! Decisions that a command carries out itself, at once: `pause` and `resume`. They are recorded as
//! those are that the holder of the account carries out, in the step that does them.

use ingest_ledger::{AccountLine, CarriedOut, DecisionState, Ledger, LedgerError, NewDecision};
use serde_json::Value;

use super::asker::{Asker, this_process};
use super::{Answer, Evidence};

/// What a command decided, and what it rests on.
#[derive(Debug)]
pub struct AtOnce {
    /// The account.
    pub account: String,
    /// `pause`, `resume`.
    pub kind: &'static str,
    /// What was asked, exactly.
    pub ask: Value,
    /// What comes of it.
    pub answer: Answer,
    /// What was seen.
    pub evidence: Evidence,
}

impl AtOnce {
    /// Pauses the account, and records it.
    ///
    /// # Errors
    /// The database's.
    pub async fn pause(&self, ledger: &Ledger, reason: &str) -> Result<i64, LedgerError> {
        self.put(async |asked, done| ledger.pause_asked(reason, &asked, &done).await)
            .await
    }

    /// Ends the account's pause, and records it.
    ///
    /// # Errors
    /// The database's.
    pub async fn resume(&self, ledger: &Ledger) -> Result<i64, LedgerError> {
        self.put(async |asked, done| ledger.unpause_asked(&asked, &done).await)
            .await
    }

    /// Records what was refused.
    ///
    /// # Errors
    /// The database's.
    pub async fn record(&self, ledger: &Ledger) -> Result<i64, LedgerError> {
        self.put(async |asked, done| ledger.decision_record(&asked, &done).await)
            .await
    }

    async fn put(
        &self,
        store: impl AsyncFnOnce(NewDecision<'_>, CarriedOut<'_>) -> Result<i64, LedgerError>,
    ) -> Result<i64, LedgerError> {
        let asker = Asker::here();
        let (ask, evidence) = (self.ask.to_string(), self.evidence.json());
        let answer = self.answer.json();
        let process = this_process();
        let asked = asker.asking(&self.account, self.kind, &ask, &[]);
        let done = CarriedOut {
            state: match self.answer.refused {
                Some(_) => DecisionState::Refused,
                None => DecisionState::Done,
            },
            answer_json: &answer,
            done_by: &process,
            evidence_json: Some(&evidence),
            files: &self.answer.files,
        };
        store(asked, done).await
    }
}

/// How an account stands when it is decided about.
pub(crate) fn account_stands(line: &AccountLine) -> Vec<String> {
    let name = &line.account;
    let paused = match (line.paused_kind, &line.paused_reason, line.paused_at) {
        (None, ..) => format!("account {name} is not paused"),
        (Some(kind), reason, at) => format!(
            "account {name} is paused as `{}`{}: {}",
            kind.as_str(),
            at.map(|at| format!(" since {}", at.format("%Y-%m-%d %H:%M:%S UTC")))
                .unwrap_or_default(),
            reason.as_deref().unwrap_or("no reason given"),
        ),
    };
    let served = match &line.lease_holder {
        Some(holder) if line.served => format!("it is served by {holder}"),
        _ => "nobody serves it".to_owned(),
    };
    vec![paused, served]
}
