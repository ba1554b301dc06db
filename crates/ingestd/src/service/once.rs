//! `run --once`: when is there nothing left to do?

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ingest_ledger::{
    AccountLine, FileFilter, FileLine, FileState, Ledger, LedgerError, PauseKind, RowState,
    WorkLeft,
};

use super::desk::Desk;
use super::progress::Progress;
use super::{RunOptions, stopping};
use crate::account::{InboxNow, hub_refuses, what_mends};
use crate::exit::{Exit, Failure};

const LOOKED_EVERY: Duration = Duration::from_millis(100);
const FILES_MAX: u32 = 100_000;
/// A result sheet that can't be written (it is open elsewhere, say), and a sheet that can't be
/// taken, are not waited for longer.
const STUCK_FOR: Duration = Duration::from_secs(20);

/// What was there before the run: only what it had to do with counts for its exit code.
pub(super) struct Before {
    open: BTreeSet<i64>,
    newest: i64,
}

impl Before {
    /// As the ledger is now, before anything moves.
    pub(super) async fn now(ledger: &Ledger, desks: &[Desk]) -> Result<Before, LedgerError> {
        let newest = ledger
            .files(&FileFilter {
                limit: 1,
                ..FileFilter::default()
            })
            .await?;
        Ok(Before {
            open: open_files(ledger, desks).await?,
            newest: newest.first().map_or(0, |file| file.file_id),
        })
    }

    /// The files this run was about: open when it began, or taken since.
    pub(super) async fn files(&self, ledger: &Ledger) -> Result<Vec<FileLine>, LedgerError> {
        let mut files = Vec::new();
        for file_id in &self.open {
            files.extend(ledger.file(*file_id).await?);
        }
        let filter = FileFilter {
            limit: FILES_MAX,
            ..FileFilter::default()
        };
        let newest = ledger.files(&filter).await?;
        files.extend(
            newest
                .into_iter()
                .filter(|file| file.file_id > self.newest && !self.open.contains(&file.file_id)),
        );
        files.sort_by_key(|file| file.file_id);
        Ok(files)
    }
}

/// Works until every row is final, billed, or waits for a person, or the patience is over.
pub(super) async fn until_done(
    ledger: &Ledger,
    desks: &[Desk],
    before: &Before,
    options: RunOptions,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let progress = Progress::new(options.quiet);
    let mut stuck_since: Option<Instant> = None;
    let out_of_patience = loop {
        match look(ledger, desks).await {
            Ok(Look::Done) => break false,
            Ok(Look::Stuck) => {
                if stuck_since.get_or_insert_with(Instant::now).elapsed() > STUCK_FOR {
                    break false;
                }
            }
            Ok(Look::Moving) => stuck_since = None,
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error.into()),
        }
        if started.elapsed() >= options.patience {
            break true;
        }
        if let Some(failure) = desks.iter().find_map(Desk::given_up) {
            progress.end();
            return Err(failure);
        }
        progress.show(ledger, before).await;
        tokio::select! {
            () = tokio::time::sleep(LOOKED_EVERY) => {}
            () = stopping::asked() => break true,
        }
    };
    progress.end();
    let files = before.files(ledger).await?;
    outcome(ledger, desks, &files, out_of_patience).await
}

enum Look {
    Done,
    /// Nothing moves but sheets that could not be taken or written.
    Stuck,
    Moving,
}

async fn look(ledger: &Ledger, desks: &[Desk]) -> Result<Look, LedgerError> {
    let lines = ledger.accounts().await?;
    let mut stuck = false;
    for desk in desks {
        let name = &desk.account.name;
        let line = lines.iter().find(|line| &line.account == name);
        let inbox_done = match desk.served() {
            Some(served) => {
                matches!(served.inbox_now(), InboxNow::Empty | InboxNow::LeftAlone)
            }
            // Another service holds the account, and takes what lies in its inbox.
            None => {
                line.is_some_and(|line| desk.is_served_elsewhere(line)) && desk.inbox_is_empty()
            }
        };
        let inbox_stuck = !inbox_done && desk.inbox_is_stuck();
        stuck |= inbox_stuck;
        let left = ledger.work_left(name).await?;
        let stamps_come = desk
            .served()
            .is_some_and(|served| served.unreachable().is_none())
            && !line.is_some_and(hub_refuses)
            && !ledger.unstamped(name, 1).await?.is_empty();
        // What can't be marked is not sent: nothing moves before a person has mended the folder.
        let unmarked = left.ready > 0
            && desk
                .served()
                .is_some_and(|served| served.unmarkable().is_some());
        stuck |= unmarked;
        let left = match unmarked {
            true => WorkLeft { ready: 0, ..left },
            false => left,
        };
        if !(inbox_done || inbox_stuck) || stamps_come || moves_by_itself(&left, line) {
            return Ok(Look::Moving);
        }
        for file in ledger.reports_due(name).await? {
            let failed = desk
                .served()
                .is_some_and(|served| served.could_not_write(file.file_id));
            if !failed {
                return Ok(Look::Moving);
            }
            stuck = true;
        }
    }
    Ok(if stuck { Look::Stuck } else { Look::Done })
}

/// Whether anything goes on without a person.
fn moves_by_itself(left: &WorkLeft, line: Option<&AccountLine>) -> bool {
    if left.sending > 0 {
        return true;
    }
    if line.is_some_and(hub_refuses) {
        return false; // nothing is sent or read until somebody mends it
    }
    let asked_about = left.accepted > 0 || left.unknown_fresh > 0;
    if line.is_some_and(|line| line.paused_kind.is_some()) {
        return asked_about; // paused by a person: outcomes are still learnt, nothing is sent
    }
    asked_about || left.files > 0 || left.ready > 0 || left.waits_moving > 0
}

async fn open_files(ledger: &Ledger, desks: &[Desk]) -> Result<BTreeSet<i64>, LedgerError> {
    let mut open = BTreeSet::new();
    for desk in desks {
        for state in [FileState::Reading, FileState::Sending, FileState::Held] {
            let filter = FileFilter {
                account: Some(desk.account.name.clone()),
                state: Some(state),
                limit: FILES_MAX,
                ..FileFilter::default()
            };
            open.extend(ledger.files(&filter).await?.iter().map(|file| file.file_id));
        }
    }
    Ok(open)
}

/// What lies in an inbox and was not taken, or is to be told the bursar and could not be written.
async fn left_undone(ledger: &Ledger, desks: &[Desk]) -> Result<Option<Failure>, LedgerError> {
    let mut sentences = Vec::new();
    let mut trouble = false;
    let lines = ledger.accounts().await?;
    for desk in desks {
        let name = &desk.account.name;
        let left = match desk.served().map(|served| served.inbox_now()) {
            Some(InboxNow::Empty) => None,
            _ => desk.left_in_inbox(),
        };
        if let Some(left) = left {
            trouble |= left.trouble;
            let line = lines.iter().find(|line| &line.account == name);
            let by = line.filter(|line| line.served && desk.served().is_none());
            let by = by.and_then(|line| line.lease_holder.as_ref());
            let by = by.map(|by| format!("; the account is served by another process, {by}"));
            let by = by.unwrap_or_default();
            sentences.push(format!("account {name}: {}{by}", left.says));
        }
        let waiting = ledger.work_left(name).await?.ready;
        if let Some(why) = desk.served().and_then(|served| served.unmarkable())
            && waiting > 0
        {
            trouble = true;
            let rows = crate::commands::counted(waiting.unsigned_abs(), "row waits", "rows wait");
            sentences.push(format!("account {name}: {rows} to be sent: {why}"));
        }
        let results = desk.account.inbox.join("results");
        let due = ledger.reports_due(name).await?;
        let failed = |file_id| {
            desk.served()
                .is_some_and(|served| served.could_not_write(file_id))
        };
        for file in due.iter().filter(|file| failed(file.file_id)) {
            trouble = true;
            sentences.push(format!(
                "account {name}: the result sheets of {} (file {}) could not be written into {}",
                file.file_name,
                file.file_id,
                results.display()
            ));
        }
    }
    if sentences.is_empty() {
        return Ok(None);
    }
    let failure = Failure::new(Exit::Attention, sentences.join("; "));
    Ok(Some(failure.help(match trouble {
        true => "nothing is lost: mend the folder and run again; `ingestd doctor` looks closer, and export writes a result sheet elsewhere",
        false => "nothing is lost, and nothing is wrong with the folder: the patience was over; who serves the account next goes on with what lies there",
    })))
}

async fn outcome(
    ledger: &Ledger,
    desks: &[Desk],
    files: &[FileLine],
    out_of_patience: bool,
) -> Result<Exit, Failure> {
    for line in ledger.accounts().await? {
        let ours = desks.iter().any(|desk| desk.account.name == line.account);
        if ours && hub_refuses(&line) {
            let help = what_mends(&line);
            let reason = line.paused_reason.unwrap_or_default();
            let paused = Failure::hub(format!("account {} is paused: {reason}", line.account));
            return Err(paused.help(help));
        }
    }
    for line in ledger.accounts().await? {
        let ours = desks.iter().any(|desk| desk.account.name == line.account);
        if ours && line.paused_kind == Some(PauseKind::Restored) {
            let reason = line.paused_reason.unwrap_or_default();
            let behind = format!("account {} sends nothing: {reason}", line.account);
            return Err(Failure::new(Exit::Attention, behind));
        }
    }
    if out_of_patience {
        for desk in desks {
            let unreached = desk.served().and_then(|served| served.unreachable());
            if let Some(why) = unreached {
                return Err(Failure::hub(format!(
                    "account {}: the hub can't be reached: {why}",
                    desk.account.name
                ))
                .help("rows that were not sent stay ready, and go the next time"));
            }
        }
    }
    if let Some(failure) = left_undone(ledger, desks).await? {
        return Err(failure);
    }
    for line in ledger.accounts().await? {
        let ours = desks.iter().any(|desk| desk.account.name == line.account);
        let left = ledger.work_left(&line.account).await?;
        if ours && line.paused_kind.is_some() && left.ready + left.files > 0 {
            tracing::warn!(
                account = %line.account, rows = left.ready,
                "the account is paused, so rows wait: `ingestd resume {}` ends the pause", line.account
            );
            return Ok(Exit::Attention);
        }
    }
    let for_a_person = [
        RowState::Invalid,
        RowState::Rejected,
        RowState::Errored,
        RowState::Held,
        RowState::Unknown,
    ];
    let unfinished = [RowState::Ready, RowState::Sending, RowState::Accepted];
    let has = |states: &[RowState]| {
        files.iter().any(|file| {
            states
                .iter()
                .any(|state| file.counts.get(state).is_some_and(|n| *n > 0))
        })
    };
    let held = files.iter().any(|file| file.state == FileState::Held);
    let unreadable = files.iter().any(|file| file.state == FileState::Unreadable);
    if has(&for_a_person) || held || (out_of_patience && has(&unfinished)) || unreadable {
        return Ok(Exit::Attention);
    }
    Ok(Exit::Done)
}
