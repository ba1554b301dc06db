//! What a command that waits sees of the files it is about: whether anything of them still moves
//! by itself, and why it does not where rows are left that should.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ingest_ledger::{
    AccountLine, FileFilter, FileLine, FileState, Ledger, LedgerError, PauseKind, RowState,
};

use super::ask::{LOOKED_EVERY, Wait};
use super::reach::Reach;
use crate::account::{hub_refuses, what_mends};
use crate::commands::counted;
use crate::config::{Account, duration_shown};
use crate::exit::{Exit, Failure};
use crate::restored::what_to_do;

/// What one look at the files came to.
#[derive(Debug)]
pub(super) enum Look {
    /// Something still moves; a rest was taken.
    Moves,
    /// Every row is final, billed, or waits for a person or another row.
    Done,
    /// Rows are left that should move and don't: exit code, why, and what to do.
    StandsStill(Failure),
}

/// A command's eye on some files of an account.
pub(super) struct Watch<'a> {
    ledger: &'a Ledger,
    account: &'a Account,
    /// Calls that were looked for before the command asked for anything: none of its doing.
    before: BTreeSet<i64>,
    reach: Reach,
    since: Instant,
    /// How long it looks on; `None`: for ever.
    patience: Option<Duration>,
    seen: Vec<(FileState, BTreeMap<RowState, i64>)>,
}

impl<'a> Watch<'a> {
    /// Begins to watch, before anything is asked for: patience is counted from now.
    pub(super) async fn of(
        ledger: &'a Ledger,
        account: &'a Account,
        wait: Wait,
    ) -> Result<Watch<'a>, LedgerError> {
        let mut before = BTreeSet::new();
        for file in files_in_doubt(ledger, &account.name).await? {
            before.extend(ledger.looked_for(file.file_id).await?);
        }
        Ok(Watch {
            ledger,
            account,
            before,
            reach: Reach::of(&account.base_url),
            since: Instant::now(),
            patience: match wait {
                Wait::Answer => None,
                Wait::Final(patience) => Some(patience),
            },
            seen: Vec::new(),
        })
    }

    /// Looks once; rests before it answers that something moves.
    pub(super) async fn look(&mut self, file_ids: &[i64]) -> Result<Look, Failure> {
        let mut files = Vec::with_capacity(file_ids.len());
        for file_id in file_ids {
            files.extend(self.ledger.file(*file_id).await?);
        }
        let mut looked_for = false;
        for file in files.iter().filter(|file| in_doubt(file)) {
            let calls = self.ledger.looked_for(file.file_id).await?;
            looked_for |= !calls.is_subset(&self.before);
        }
        let moving = Moving::of(&files, looked_for);
        if moving.is_over() {
            return Ok(Look::Done);
        }
        if let Some(line) = self.line().await?
            && let Some(why) = moving.stopped_by_pause(&line)
        {
            return Ok(Look::StandsStill(why));
        }
        let now: Vec<_> = files
            .into_iter()
            .map(|file| (file.state, file.counts))
            .collect();
        if now != self.seen {
            self.seen = now;
            self.reach.moved();
        } else if !moving.in_flight
            && let Some(why) = self.reach.given_up().await
        {
            return Ok(Look::StandsStill(
                Failure::hub(format!(
                    "account {}: the hub can't be reached: {why}",
                    self.account.name
                ))
                .help(
                    "rows that were not sent stay ready; the service sends them when the hub answers",
                ),
            ));
        }
        if let Some(patience) = self.out_of_patience() {
            return Ok(Look::StandsStill(
                moving.not_finished(&self.account.name, patience),
            ));
        }
        tokio::time::sleep(LOOKED_EVERY).await;
        Ok(Look::Moves)
    }

    /// Why nobody waits any longer for what was asked to be decided at all, if nobody does.
    pub(super) fn not_decided(&self) -> Option<Failure> {
        let patience = duration_shown(self.out_of_patience()?);
        let name = &self.account.name;
        let failure = Failure::new(
            Exit::Attention,
            format!(
                "account {name}: what was asked for is not carried out after {patience}; it is recorded: the service goes on with it"
            ),
        );
        Some(failure.help("`ingestd status` says what the account waits for"))
    }

    /// The patience, once it is over.
    fn out_of_patience(&self) -> Option<Duration> {
        self.patience
            .filter(|patience| self.since.elapsed() >= *patience)
    }

    async fn line(&self) -> Result<Option<AccountLine>, LedgerError> {
        let lines = self.ledger.accounts().await?;
        Ok(lines
            .into_iter()
            .find(|line| line.account == self.account.name))
    }
}

/// The files of an account of which rows are in doubt.
async fn files_in_doubt(ledger: &Ledger, account: &str) -> Result<Vec<FileLine>, LedgerError> {
    let mut files = Vec::new();
    for state in [FileState::Sending, FileState::Held] {
        let filter = FileFilter {
            account: Some(account.to_owned()),
            state: Some(state),
            ..FileFilter::default()
        };
        files.extend(ledger.files(&filter).await?);
    }
    files.retain(in_doubt);
    Ok(files)
}

/// Whether rows of a file are in doubt.
fn in_doubt(file: &FileLine) -> bool {
    file.counts
        .get(&RowState::Unknown)
        .is_some_and(|rows| *rows > 0)
}

/// What of some files moves by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moving {
    /// A file is being read, or was not planned yet.
    unplanned: bool,
    /// Rows that are to be sent.
    to_send: u64,
    /// A call is under way.
    in_flight: bool,
    /// The hub has rows of which more is to be learnt.
    at_hub: bool,
    /// Rows that are to be sent, in a call, or at the hub.
    unfinished: u64,
}

impl Moving {
    /// `looked_for`: calls in doubt have not been looked for often enough yet.
    fn of(files: &[FileLine], looked_for: bool) -> Moving {
        let mut moving = Moving {
            at_hub: looked_for,
            ..Moving::default()
        };
        for file in files {
            moving.unplanned |= file.state == FileState::Reading
                || (file.state == FileState::Sending && file.planned_at.is_none());
            // What a held file has accepted is in requests that the hub does not show.
            if file.state == FileState::Held {
                continue;
            }
            let n = |state| {
                let n = file.counts.get(&state).copied().unwrap_or_default();
                n.unsigned_abs()
            };
            moving.to_send += n(RowState::Ready);
            moving.in_flight |= n(RowState::Sending) > 0;
            moving.at_hub |= n(RowState::Accepted) > 0;
            let on_their_way = [RowState::Ready, RowState::Sending, RowState::Accepted];
            moving.unfinished += on_their_way.map(n).iter().sum::<u64>();
        }
        moving
    }

    fn is_over(&self) -> bool {
        *self == Moving::default()
    }

    /// What a command says that waited this long.
    fn not_finished(&self, account: &str, patience: Duration) -> Failure {
        let rows = match self.unfinished {
            0 => "all of it".to_owned(),
            n => counted(n, "row", "rows"),
        };
        let patience = duration_shown(patience);
        Failure::new(
            Exit::Attention,
            format!("account {account}: the hub has not finished {rows} after {patience}; nothing is lost: the service goes on with it"),
        )
        .help("`ingestd run` is the service, `ingestd status` says how far it is; a longer --patience waits longer")
    }

    /// Why a pause keeps what is left from moving, if one does. A call under way ends first. While
    /// a person pauses the account sheets are still planned, and what became of bills is learnt.
    fn stopped_by_pause(&self, line: &AccountLine) -> Option<Failure> {
        let kind = line.paused_kind?;
        if self.in_flight {
            return None;
        }
        let (name, reason) = (&line.account, line.paused_reason.clone());
        let reason = reason.unwrap_or_else(|| kind.to_string());
        if hub_refuses(line) {
            let paused = Failure::hub(format!("account {name} is paused: {reason}"));
            return Some(paused.help(what_mends(line)));
        }
        (!self.unplanned && !self.at_hub).then(|| {
            let wait = counted(self.to_send, "row waits", "rows wait");
            Failure::new(
                Exit::Attention,
                format!("account {name} is paused ({reason}), so {wait} to be sent"),
            )
            .help(match kind {
                PauseKind::Restored => what_to_do(name),
                _ => format!("`ingestd resume {name}` ends the pause"),
            })
        })
    }
}
