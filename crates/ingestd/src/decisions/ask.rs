//! How a command asks for a decision and waits for what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use ingest_ledger::{DecisionState, Ledger, RowState};
use serde::{Deserialize, Serialize};

use super::asker::Asker;
use super::evidence::files_of;
use super::meant::must_mean_something;
use super::watch::{Look, Watch};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::road::Stops;
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
    /// Ask the hub now about everything that is not final.
    Reconcile {
        /// Of this file alone.
        file_id: Option<i64>,
    },
    /// Take the account over for a database that came back from a backup.
    Restored {},
    /// Say what became of a call whose answer was lost.
    Resolve {
        /// The chunk.
        chunk_id: i64,
        /// Rows of this sheet alone.
        #[serde(default)]
        sheet: Option<String>,
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
            Ask::Reconcile { .. } => super::RECONCILE,
            Ask::Restored {} => "resume_restored",
            Ask::Resolve { .. } => "resolve",
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Why nothing was done, if nothing was.
    pub refused: Option<String>,
    /// Whose doing that is, where it is not the rules'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<RefusedBy>,
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// What was left alone and why, a sentence each.
    pub left: Vec<String>,
    /// The files it is about.
    pub files: Vec<i64>,
    /// Requests that the hub was asked about, where it was to be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Rows that came to another state for it, by that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<BTreeMap<RowState, u64>>,
    /// Why the file can't be read, where it can't.
    pub unreadable: Option<String>,
    /// Nothing is on its way because of it: there is nothing to wait for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sets_nothing_going: bool,
}

/// Why a decision was not carried out, where it is not what the rules say of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBy {
    /// The hub refused, or could not be asked.
    Hub,
    /// What was asked for can be read in more than one way, or names nothing that is there.
    Usage,
}

impl Answer {
    /// As it is stored.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).expect("an answer is plain texts and numbers")
    }

    /// Nothing was done: the rules don't allow it.
    pub fn refused(why: impl Into<String>) -> Answer {
        Answer {
            refused: Some(why.into()),
            ..Answer::default()
        }
    }

    /// Nothing was done: the hub refused, or could not be asked.
    pub fn refused_by_hub(why: impl Into<String>) -> Answer {
        Answer {
            refused_by: Some(RefusedBy::Hub),
            ..Answer::refused(why)
        }
    }

    /// Nothing was done: what was asked for can be read in more than one way, or names nothing that
    /// is there.
    pub fn ambiguous(why: impl Into<String>) -> Answer {
        Answer {
            refused_by: Some(RefusedBy::Usage),
            ..Answer::refused(why)
        }
    }
}

/// How long a command waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the decision is carried out.
    Answer,
    /// Until everything it set going is final, billed, or waits for a person; no longer than this,
    /// which is the hub's time to finish.
    Final(Duration),
}

/// What a command that waited is told.
#[derive(Debug)]
pub struct Came {
    /// What came of the decision.
    pub answer: Answer,
    /// Why the command waits no longer though rows are still on their way, if so.
    pub stands_still: Option<Failure>,
}

/// How often a command looks whether the service is done.
pub(super) const LOOKED_EVERY: Duration = Duration::from_millis(200);

/// Records what is asked and sees to it that it is done: by the service that holds the account,
/// or by this process where none does.
///
/// # Errors
/// Exit 2, and nothing is recorded: there is nothing of what is named. The database, or the account
/// can't be served (exit codes as everywhere).
pub async fn ask_and_wait(
    config: &Config,
    ledger: &Ledger,
    account: &str,
    ask: &Ask,
    wait: Wait,
) -> Result<Came, Failure> {
    let configured = config.account(account)?;
    must_mean_something(ledger, Some(account), ask).await?;
    ledger.account_put(account, &configured.login()).await?;
    let mut watch = Watch::of(ledger, configured, wait).await?;
    let text = serde_json::to_string(ask).expect("an ask is plain texts and numbers");
    let files = files_of(ledger, ask).await?;
    let asker = Asker::here();
    let decision_id = ledger
        .decision_ask(&asker.asking(account, ask.kind(), &text, &files))
        .await?;
    let mut answer: Option<Answer> = None;
    let mut stands_still = None;
    // Who asks how things stand, or takes something back, has not asked for anything to be sent.
    let stops = match ask {
        Ask::Reconcile { .. } | Ask::Cancel { .. } | Ask::Restored {} => Stops::Asking,
        _ => Stops::WithoutInbox,
    };
    service::alongside(config, ledger, account, stops, async || {
        if answer.is_none() {
            answer = answered(ledger, decision_id).await?;
        }
        let Some(answer) = &answer else {
            return watch.not_decided().map_or(Ok(false), Err);
        };
        if wait == Wait::Answer || answer.refused.is_some() || answer.sets_nothing_going {
            return Ok(true);
        }
        Ok(match watch.look(&answer.files).await? {
            Look::Moves => false,
            Look::Done => true,
            Look::StandsStill(why) => {
                stands_still = Some(why);
                true
            }
        })
    })
    .await?;
    let answer = answer.ok_or_else(|| {
        Failure::defect("the decision was carried out, but its answer is missing")
    })?;
    Ok(Came {
        answer,
        stands_still,
    })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_asked_and_answered_before_a_field_was_added_is_still_read() {
        let ask = r#"{"ask":"resolve","chunk_id":7,"rows":[5],"sent":null}"#;
        let read: Ask = serde_json::from_str(ask).unwrap();
        assert_eq!(
            read,
            Ask::Resolve {
                chunk_id: 7,
                sheet: None,
                rows: Some(vec![5]),
                sent: None
            }
        );
        let answer = r#"{"refused":"no","done":[],"left":[],"files":[],"unreadable":null}"#;
        let read: Answer = serde_json::from_str(answer).unwrap();
        assert_eq!(read, Answer::refused("no"));
    }
}
