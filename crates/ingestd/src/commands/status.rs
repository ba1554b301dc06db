//! `status`: one screen. Each account, the files in work, and everything that waits for a person,
//! with the command that decides it: nothing waits without a way out.

mod at_the_hub;
mod deciding;
mod door;
mod failed;
mod held;
mod waiting;

use chrono::{DateTime, Utc};
use ingest_ledger::{AccountLine, FileFilter, FileLine, FileState, Ledger, LedgerError, PauseKind};
use serde::Serialize;

use super::printing::{Paper, many, moment, shown, table};
use super::terminal::Terminal;
use crate::cli::Format;
use crate::config::{Account, Config, duration_shown};
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::reports;
use crate::restored::{self, Standing, behind_sentence};
pub use at_the_hub::AtTheHub;
pub(crate) use deciding::approval;
pub use deciding::deciding;
pub use door::CallbackDoor;
pub(super) use door::url_shape;
pub use held::{First, command_behind, rows_named, what_goes_first};
pub use waiting::{Waiting, waiting};

/// Files in work that are shown one by one.
const FILES_SHOWN: usize = 20;

/// What `status` answers.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The accounts of the configuration, and any other the database knows.
    pub accounts: Vec<AccountStatus>,
    /// Files that are not settled, newest first.
    pub files: Vec<FileLine>,
    /// What waits for a person: what is held or unknown, then the newest files with failed rows.
    pub waiting: Vec<Waiting>,
    /// There are more files with failed rows than are named.
    pub more_failed: bool,
    /// What is amiss at the hub, and only the hub can mend.
    pub at_the_hub: Vec<AtTheHub>,
}

/// One account.
#[derive(Debug, Serialize)]
pub struct AccountStatus {
    /// Its name.
    pub account: String,
    /// Whether a service works for it just now.
    pub serving: bool,
    /// Who: host, process.
    pub served_by: Option<String>,
    /// Why it sends nothing, if it is paused.
    pub paused: Option<String>,
    /// Whose doing the pause is.
    pub paused_kind: Option<PauseKind>,
    /// When it is tried again by itself; a pause without it ends by `ingestd resume`.
    pub tried_again_at: Option<DateTime<Utc>>,
    /// Nothing more is sent until the hub answers a question.
    pub waits_for_an_answer: bool,
    /// Calls that make bills, in any 60 seconds.
    pub requests_per_minute: Option<u32>,
    /// How many of them may still go out in the next 60 seconds.
    pub requests_left: Option<u32>,
    /// How long until the next of them may go out, in milliseconds.
    pub next_request_in_ms: i64,
    /// Its inbox.
    pub inbox: Option<String>,
    /// Why nothing can be taken from the inbox, if nothing can.
    pub folder_unavailable: Option<String>,
    /// Where the hub may post its callbacks, if it may.
    pub callbacks: Option<CallbackDoor>,
    /// Why nothing is sent although no pause says so: its database is behind, or no call can be marked.
    pub behind: Option<String>,
    /// Bills at the hub that this database did not make, and how many of them are open.
    pub foreign_bills: Option<(i64, i64)>,
    /// What is unusual about it, and what to do.
    pub note: Option<String>,
}

/// Everything that `status` shows.
///
/// # Errors
/// Exit 5: the database.
pub async fn status(config: &Config, ledger: &Ledger) -> Result<Status, Failure> {
    let lines = ledger.accounts().await?;
    let ledger_id = ledger.ledger_id().await?;
    let mut accounts = Vec::new();
    for account in config.accounts.values() {
        let line = lines.iter().find(|line| line.account == account.name);
        let inbox = account.inbox.to_string_lossy();
        let was_marked = ledger.inbox_was_marked(&account.name, &inbox).await?;
        let mut status = of_account(was_marked.then_some(&ledger_id), account, line);
        if status.folder_unavailable.is_none()
            && let Some(why) = reports::copy_gone(ledger, account).await?
        {
            status.note = Some(why);
        }
        if let Err(failure) = fits(ledger, account).await? {
            let help = failure.help.unwrap_or_default();
            status.note = Some(format!("it can't be served: {}; {help}", failure.sentence));
        }
        if status.paused_kind != Some(PauseKind::Restored)
            && let Standing::Behind(why) = restored::standing(ledger, &ledger_id, account).await?
        {
            status.behind = Some(behind_sentence(&account.name, &why));
        }
        let foreign = ledger.foreign_count(&account.name).await?;
        status.foreign_bills = (foreign.0 > 0).then_some(foreign);
        if account.callback.is_some() {
            let counts = ledger.callback_counts(&account.name).await?;
            status.callbacks = Some(CallbackDoor::of(config, account, counts));
        }
        accounts.push(status);
    }
    accounts.extend(
        lines
            .iter()
            .filter(|line| !config.accounts.contains_key(&line.account))
            .map(of_stranger),
    );

    let mut files = Vec::new();
    for state in [FileState::Reading, FileState::Sending, FileState::Held] {
        let filter = FileFilter {
            state: Some(state),
            ..FileFilter::default()
        };
        super::files::files(ledger, &filter, None, &mut |file| {
            files.push(file.clone());
            Ok(())
        })
        .await?;
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.file_id));
    let mut waiting = waiting(ledger, &files).await?;
    let (failed, more_failed) = failed::failed(ledger).await?;
    waiting.extend(failed);
    Ok(Status {
        accounts,
        files,
        waiting,
        more_failed,
        at_the_hub: at_the_hub::at_the_hub(ledger).await?,
    })
}

/// Whether the account may be served with the login that the configuration gives it: the inner
/// answer is why not, as `run` says it.
pub(super) async fn fits(
    ledger: &Ledger,
    account: &Account,
) -> Result<Result<(), Failure>, Failure> {
    match ledger.account_fits(&account.name, &account.login()).await {
        Err(error @ (LedgerError::KnownAs { .. } | LedgerError::OtherHub { .. })) => {
            let failure = Failure::from(error);
            // Where it is said, it is said of this account.
            let whose = format!("account {}: ", account.name);
            let says = failure.sentence.trim_start_matches(&whose).to_owned();
            Ok(Err(Failure {
                sentence: says,
                ..failure
            }))
        }
        fits => Ok(Ok(fits?)),
    }
}

/// `marked_by`: the ledger, if it has marked the account's inbox.
fn of_account(
    marked_by: Option<&String>,
    account: &Account,
    line: Option<&AccountLine>,
) -> AccountStatus {
    let folder_unavailable = folder::taking_trouble(&account.inbox, marked_by.map(String::as_str));
    let unwritten = folder::results_trouble(&account.inbox);
    let note = unwritten.map(|why| format!("no result sheet can be written: {why}"));
    let note = note.or_else(|| note_on(account, line));

    let next_request_in_ms = line.map_or(0, |line| line.next_write_in_ms.max(0));
    AccountStatus {
        account: account.name.clone(),
        serving: line.is_some_and(|line| line.served),
        served_by: line
            .filter(|line| line.served)
            .and_then(|line| line.lease_holder.clone()),
        paused: line.and_then(pause_of),
        paused_kind: line.and_then(|line| line.paused_kind),
        tried_again_at: line.and_then(|line| line.pause_retry_at),
        waits_for_an_answer: line.is_some_and(|line| line.read_needed),
        requests_per_minute: Some(account.requests_per_minute),
        requests_left: Some(left(account.requests_per_minute, next_request_in_ms)),
        next_request_in_ms,
        inbox: Some(account.inbox.display().to_string()),
        folder_unavailable,
        callbacks: None,
        behind: None,
        foreign_bills: None,
        note,
    }
}

/// What is unusual about how it is served.
fn note_on(account: &Account, line: Option<&AccountLine>) -> Option<String> {
    match line {
        Some(line) if line.login != account.login() => {
            Some("its base_url or username changed since it was served last".to_owned())
        }
        Some(line) if line.served => None,
        Some(_) => Some("no service works for it: `ingestd run` starts one".to_owned()),
        None => Some("it was never served yet: `ingestd run` starts a service".to_owned()),
    }
}

/// An account that the database knows and the configuration does not.
fn of_stranger(line: &AccountLine) -> AccountStatus {
    AccountStatus {
        account: line.account.clone(),
        serving: line.served,
        served_by: line.lease_holder.clone().filter(|_| line.served),
        paused: pause_of(line),
        paused_kind: line.paused_kind,
        tried_again_at: line.pause_retry_at,
        waits_for_an_answer: line.read_needed,
        requests_per_minute: None,
        requests_left: None,
        next_request_in_ms: line.next_write_in_ms.max(0),
        inbox: None,
        folder_unavailable: None,
        callbacks: None,
        behind: None,
        foreign_bills: None,
        note: Some("it is not in this configuration".to_owned()),
    }
}

/// How many evenly spaced calls still fit in the next 60 seconds, the first of them after `next_ms`.
fn left(per_minute: u32, next_ms: i64) -> u32 {
    let room = u64::try_from(60_000 - next_ms).unwrap_or(0);
    let fit = (room * u64::from(per_minute)).div_ceil(60_000);
    u32::try_from(fit).unwrap_or(per_minute).min(per_minute)
}

fn pause_of(line: &AccountLine) -> Option<String> {
    line.paused_kind.map(|kind| {
        line.paused_reason
            .clone()
            .unwrap_or_else(|| kind.to_string())
    })
}

pub(super) async fn command(terminal: &Terminal) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let status = status(&config, &ledger).await?;
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&status)?,
        Format::Csv => {
            paper.csv(&[
                "account", "file_id", "chunk_id", "rows", "what", "why", "command",
            ])?;
            for waiting in &status.waiting {
                let cells = waiting.cells();
                paper.csv(&cells.iter().map(String::as_str).collect::<Vec<_>>())?;
            }
        }
        Format::Table => screen(&mut paper, &status)?,
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

fn screen(paper: &mut Paper<'_>, status: &Status) -> Result<(), Failure> {
    paper.line("ACCOUNTS")?;
    if status.accounts.is_empty() {
        paper.line("  none: add a section [accounts.NAME] to the configuration")?;
    }
    for account in &status.accounts {
        paper.line(&format!(
            "  {}: {}",
            account.account,
            shown(&standing(account))
        ))?;
        if let Some(why) = &account.folder_unavailable {
            let inbox = account.inbox.as_deref().unwrap_or_default();
            paper.line(&format!(
                "    folder unavailable: {inbox}: {why}; nothing new is taken until it is back"
            ))?;
        }
        if let Some(why) = &account.behind {
            paper.line(&format!("    SENDS NOTHING: {}", shown(why)))?;
        }
        if let Some((bills, open)) = account.foreign_bills {
            let bills = super::counted(
                bills.unsigned_abs(),
                "bill at the hub that this database did not make counts",
                "bills at the hub that this database did not make count",
            );
            paper.line(&format!(
                "    {bills} as billed before, {open} still to be paid or being made: `ingestd foreign --account {}`",
                account.account
            ))?;
        }
        if let Some(door) = &account.callbacks {
            paper.line(&format!("    {}", shown(&door.sentence())))?;
        }
        if let Some(note) = &account.note {
            paper.line(&format!("    {note}"))?;
        }
    }
    paper.line("FILES IN WORK")?;
    if status.files.is_empty() {
        paper.line("  none")?;
    } else {
        let rows = status.files.iter().take(FILES_SHOWN).map(|file| {
            vec![
                file.file_id.to_string(),
                file.file_name.clone(),
                file.account.clone(),
                file.state.to_string(),
                super::files::counts(file),
                moment(Some(file.taken_at)),
            ]
        });
        paper.laid_out(&table(
            &["file", "name", "account", "state", "rows", "taken"],
            rows.collect(),
        ))?;
    }
    if status.files.len() > FILES_SHOWN {
        paper.line(&format!(
            "  and {} more: `ingestd files`",
            status.files.len() - FILES_SHOWN
        ))?;
    }
    paper.line("WAITS FOR A PERSON")?;
    if status.waiting.is_empty() {
        paper.line("  nothing")?;
    }
    for waiting in &status.waiting {
        paper.line(&format!("  {}", shown(&waiting.sentence())))?;
        paper.line(&format!("    {}", waiting.command))?;
    }
    if status.more_failed {
        paper.line("  and older files with failed rows: `ingestd files` counts them")?;
    }
    if !status.at_the_hub.is_empty() {
        paper.line("TO TAKE UP WITH THE HUB")?;
    }
    for amiss in &status.at_the_hub {
        paper.line(&format!("  {}", shown(&amiss.why)))?;
        paper.line(&format!("    {}", amiss.what_to_do))?;
    }
    Ok(())
}

/// How an account stands, in a sentence.
fn standing(account: &AccountStatus) -> String {
    let mut parts = Vec::new();
    parts.push(match (&account.served_by, account.serving) {
        (Some(by), true) => format!("served by {by}"),
        (None, true) => "served".to_owned(),
        (_, false) => "not served".to_owned(),
    });
    if let Some(why) = &account.paused {
        let end = match account.tried_again_at {
            Some(at) => {
                let or = match account.paused_kind {
                    Some(PauseKind::SignIn) => ", or when the password file changes",
                    _ => "",
                };
                format!(
                    "tried again at {} UTC{or}; `ingestd resume {}` tries at once",
                    moment(Some(at)),
                    account.account
                )
            }
            // Its reason says what ends it.
            None if account.paused_kind == Some(PauseKind::Restored) => {
                "nothing is sent until then".to_owned()
            }
            None => format!("`ingestd resume {}` ends the pause", account.account),
        };
        parts.push(format!("PAUSED ({why}); {end}"));
    }
    if account.waits_for_an_answer {
        parts.push("nothing more is sent until the hub answers a question".to_owned());
    }
    if let (Some(rate), Some(left)) = (account.requests_per_minute, account.requests_left) {
        let wait = std::time::Duration::from_millis(account.next_request_in_ms.unsigned_abs());
        let next = if wait.is_zero() {
            "the next may go at once".to_owned()
        } else {
            format!("the next in {}", duration_shown(wait))
        };
        parts.push(format!(
            "{left} of {} left in the next minute, {next}",
            many(rate.into(), "call")
        ));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests;
