//! How a command asks for a decision and waits for what came of it.

use std::time::Duration;

use ingest_ledger::{DecisionState, FileState, Ledger, RowState};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::service;

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Take a copy in the spool as if the file had been dropped.
    Submit {
        /// The file's name.
        file_name: String,
        /// The copy's name.
        spool_name: String,
        /// SHA-256 of it, as hexadecimal digits.
        sha256: String,
        /// Its size in bytes.
        size: u64,
        /// Made by `payments add`.
        by_hand: bool,
    },
    /// Send failed rows again.
    Retry {
        /// Of this file alone.
        file_id: Option<i64>,
        /// Of this sheet alone.
        sheet: Option<String>,
        /// These rows alone, as the sheet counts them.
        rows: Option<Vec<u32>>,
        /// Rows in these states (`rejected`, `errored`).
        states: Vec<RowState>,
    },
    /// Release what is held.
    Approve {
        /// The file.
        file_id: i64,
        /// Why, in the person's words.
        reason: Option<String>,
        /// Of this sheet alone.
        sheet: Option<String>,
        /// These rows alone, as the sheet counts them.
        rows: Option<Vec<u32>>,
    },
    /// Never send what is not at the hub.
    Cancel {
        /// The file.
        file_id: i64,
    },
    /// Say what became of a call whose answer was lost.
    Resolve {
        /// The chunk.
        chunk_id: i64,
        /// These rows alone, as the sheet counts them.
        rows: Option<Vec<u32>>,
        /// The hub's number of the request, or `None`: it never arrived.
        sent: Option<String>,
    },
}

impl Ask {
    /// Its name in the record of decisions.
    pub fn kind(&self) -> &'static str {
        match self {
            Ask::Submit { .. } => "submit",
            Ask::Retry { .. } => "retry",
            Ask::Approve { .. } => "approve",
            Ask::Cancel { .. } => "cancel",
            Ask::Resolve { .. } => "resolve",
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Why nothing was done, if nothing was.
    pub refused: Option<String>,
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// What was left alone and why, a sentence each.
    pub left: Vec<String>,
    /// The files it is about.
    pub files: Vec<i64>,
    /// Why the file can't be read, where it can't.
    pub unreadable: Option<String>,
}

impl Answer {
    /// Nothing was done.
    pub fn refused(why: impl Into<String>) -> Answer {
        Answer {
            refused: Some(why.into()),
            ..Answer::default()
        }
    }
}

/// How long a command waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the decision is carried out.
    Answer,
    /// Until everything it set going is final, billed, or waits for a person.
    Final,
}

/// How often a command looks whether the service is done.
const LOOKED_EVERY: Duration = Duration::from_millis(200);

/// Records what is asked and sees to it that it is done: by the service that holds the account,
/// or by this process where none does.
///
/// # Errors
/// The database, or the account can't be served (exit codes as everywhere).
pub async fn ask_and_wait(
    config: &Config,
    ledger: &Ledger,
    account: &str,
    ask: &Ask,
    wait: Wait,
) -> Result<Answer, Failure> {
    let configured = config.account(account)?;
    ledger.account_put(account, &configured.login()).await?;
    let text = serde_json::to_string(ask).expect("an ask is plain texts and numbers");
    let decision_id = ledger
        .decision_ask(account, ask.kind(), &text, &asked_by())
        .await?;
    let mut answer: Option<Answer> = None;
    service::alongside(config, ledger, account, async || {
        if answer.is_none() {
            answer = answered(ledger, decision_id).await?;
        }
        let Some(answer) = &answer else {
            return Ok(false);
        };
        Ok(match wait {
            Wait::Answer => true,
            Wait::Final => {
                answer.refused.is_some() || all_done(ledger, account, &answer.files).await?
            }
        })
    })
    .await?;
    answer.ok_or_else(|| Failure::defect("the decision was carried out, but its answer is missing"))
}

async fn answered(ledger: &Ledger, decision_id: i64) -> Result<Option<Answer>, Failure> {
    let decision = ledger.decision(decision_id).await?.ok_or_else(|| {
        Failure::new(
            Exit::Database,
            format!("decision {decision_id} is no longer in the database"),
        )
    })?;
    if decision.state == DecisionState::Asked {
        tokio::time::sleep(LOOKED_EVERY).await;
        return Ok(None);
    }
    let text = decision.answer_json.unwrap_or_default();
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Failure::defect(format!(
            "the answer to decision {decision_id} can't be read: {error}"
        ))
    })
}

/// Whether nothing of these files moves by itself any more, or the account is paused.
async fn all_done(ledger: &Ledger, account: &str, files: &[i64]) -> Result<bool, Failure> {
    if service::is_paused(ledger, account).await? {
        return Ok(true);
    }
    for file_id in files {
        let Some(file) = ledger.file(*file_id).await? else {
            continue;
        };
        let moving = [RowState::Ready, RowState::Sending, RowState::Accepted];
        // What a held file has accepted is in requests that the hub does not show.
        if file.state == FileState::Reading
            || (file.state != FileState::Held
                && moving
                    .iter()
                    .any(|state| file.counts.get(state).is_some_and(|n| *n > 0)))
            || service::still_looked_for(ledger, account).await?
        {
            tokio::time::sleep(LOOKED_EVERY).await;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who asks, as the record of decisions shows it.
fn asked_by() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown user".to_owned());
    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    format!("{user}@{host}")
}
