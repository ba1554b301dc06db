//! `pause` and `resume`: an account sends nothing until it may again.

mod moved;
mod restored;

use ingest_ledger::Ledger;
use serde_json::json;

use super::terminal::Terminal;
use crate::config::Account;
use crate::decisions::{Answer, AtOnce, Evidence, account_stands, evidence};
use crate::exit::{Exit, Failure};

/// Pauses an account until a person resumes it.
///
/// # Errors
/// Exit 5: the database.
pub async fn pause(ledger: &Ledger, account: &Account, reason: &str) -> Result<(), Failure> {
    // An account that was never served has no line yet, and is to be paused all the same.
    ledger.account_put(&account.name, &account.login()).await?;
    let decision = AtOnce {
        account: account.name.clone(),
        kind: "pause",
        ask: json!({"ask": "pause", "reason": reason}),
        answer: Answer {
            done: vec![format!(
                "{} is paused: a call under way ends, no other begins",
                account.name
            )],
            ..Answer::default()
        },
        evidence: Evidence {
            stood: stands(ledger, &account.name).await?,
            ..Evidence::default()
        },
    };
    decision.pause(ledger, reason).await?;
    Ok(())
}

/// What a person says when they resume an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resuming {
    /// The hub has another address, and is the same hub.
    pub moved: bool,
    /// The database came back from a backup.
    pub restored: bool,
}

/// Ends a pause, whatever its reason, once what the person says holds; but not one that stands for a
/// database that is behind. `moved`: the hub has another address, and is the same hub.
///
/// # Errors
/// Exit 1: it does not hold, and nothing was changed; that is recorded, too. Exit 4: the hub. Exit
/// 5: the database.
pub async fn resume(ledger: &Ledger, account: &Account, moved: bool) -> Result<(), Failure> {
    let stood = stands(ledger, &account.name).await?;
    let (held, mut evidence) = evidence::gathered(async {
        if moved {
            moved::take_along(ledger, account).await?;
        }
        restored::not_behind(ledger, account).await
    })
    .await;
    evidence.stood = stood;
    let mut decision = AtOnce {
        account: account.name.clone(),
        kind: "resume",
        ask: json!({"ask": "resume", "moved": moved}),
        answer: Answer::default(),
        evidence,
    };
    if let Err(failure) = held {
        decision.answer = refused(&failure);
        if is_recorded(&decision, Some(&failure)) {
            decision.record(ledger).await?;
        }
        return Err(failure);
    }
    if decision.evidence.stood.is_empty() {
        ledger.account_put(&account.name, &account.login()).await?;
    }
    decision.answer.done = vec![format!("{} may send again", account.name)];
    decision.resume(ledger).await?;
    Ok(())
}

/// Of an account that moved and whose database came back from a backup, the first of both: recorded by
/// itself, with what the hub showed.
async fn moved_first(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    let stood = stands(ledger, &account.name).await?;
    let (held, mut evidence) = evidence::gathered(moved::take_along(ledger, account)).await;
    evidence.stood = stood;
    let decision = AtOnce {
        account: account.name.clone(),
        kind: "resume",
        ask: json!({"ask": "resume", "moved": true, "restored": true}),
        answer: match &held {
            Ok(_) => Answer {
                done: vec![format!(
                    "the requests of {} are this hub's, at its other address",
                    account.name
                )],
                ..Answer::default()
            },
            Err(failure) => refused(failure),
        },
        evidence,
    };
    if is_recorded(&decision, held.as_ref().err()) {
        decision.record(ledger).await?;
    }
    held.map(drop)
}

/// Whether what came of a decision can be recorded: not where the database failed, and not of an account
/// without a line, which was never served.
fn is_recorded(decision: &AtOnce, failure: Option<&Failure>) -> bool {
    failure.is_none_or(|failure| failure.exit != Exit::Database)
        && !decision.evidence.stood.is_empty()
}

fn refused(failure: &Failure) -> Answer {
    match failure.exit {
        Exit::Hub => Answer::refused_by_hub(failure.sentence.clone()),
        _ => Answer::refused(failure.sentence.clone()),
    }
}

async fn stands(ledger: &Ledger, name: &str) -> Result<Vec<String>, Failure> {
    let lines = ledger.accounts().await?;
    let line = lines.iter().find(|line| line.account == name);
    Ok(line.map(account_stands).unwrap_or_default())
}

pub(super) async fn pause_command(
    terminal: &Terminal,
    name: &str,
    reason: Option<&str>,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = config.account(name)?;
    pause(&ledger, account, reason.unwrap_or("paused by hand")).await?;
    ledger.close().await;
    terminal.say(&format!(
        "{name} is paused: a call under way ends, no other begins; sheets are still taken, and what became of bills is \
         still asked. `ingestd resume {name}` ends the pause"
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn resume_command(
    terminal: &Terminal,
    name: &str,
    how: Resuming,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = config.account(name)?;
    if how.restored {
        if how.moved {
            moved_first(&ledger, account).await?;
        }
        let exit = restored::take_over(terminal, &config, &ledger, account).await?;
        ledger.close().await;
        return Ok(exit);
    }
    resume(&ledger, account, how.moved).await?;
    ledger.close().await;
    terminal.say(&format!("{name} may send again"))?;
    Ok(Exit::Done)
}
