//! What a command that waits sees of the files it is about: whether anything of them still moves
//! by itself, and why it does not where rows are left that should.

use std::collections::BTreeMap;

use ingest_ledger::{AccountLine, FileLine, FileState, Ledger, LedgerError, RowState};

use super::ask::LOOKED_EVERY;
use super::reach::Reach;
use crate::account::hub_refuses;
use crate::commands::counted;
use crate::config::Account;
use crate::exit::{Exit, Failure};
use crate::service;

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
    reach: Reach,
    seen: Vec<(FileState, BTreeMap<RowState, i64>)>,
}

impl<'a> Watch<'a> {
    pub(super) fn of(ledger: &'a Ledger, account: &'a Account) -> Watch<'a> {
        Watch {
            ledger,
            account,
            reach: Reach::of(&account.base_url),
            seen: Vec::new(),
        }
    }

    /// Looks once; rests before it answers that something moves.
    pub(super) async fn look(&mut self, file_ids: &[i64]) -> Result<Look, Failure> {
        let mut files = Vec::with_capacity(file_ids.len());
        for file_id in file_ids {
            files.extend(self.ledger.file(*file_id).await?);
        }
        let looked_for =
            !files.is_empty() && service::still_looked_for(self.ledger, &self.account.name).await?;
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
        tokio::time::sleep(LOOKED_EVERY).await;
        Ok(Look::Moves)
    }

    async fn line(&self) -> Result<Option<AccountLine>, LedgerError> {
        let lines = self.ledger.accounts().await?;
        Ok(lines
            .into_iter()
            .find(|line| line.account == self.account.name))
    }
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
}

impl Moving {
    /// `looked_for`: chunks in doubt have not been looked for often enough yet.
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
        }
        moving
    }

    fn is_over(&self) -> bool {
        *self == Moving::default()
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
            return Some(Failure::hub(format!("account {name} is paused: {reason}")).help(
                "nothing was lost and no row was refused for it; mend it (a new password in its file is noticed by itself), and the service goes on",
            ));
        }
        (!self.unplanned && !self.at_hub).then(|| {
            let wait = counted(self.to_send, "row waits", "rows wait");
            Failure::new(
                Exit::Attention,
                format!("account {name} is paused ({reason}), so {wait} to be sent"),
            )
            .help(format!("`ingestd resume {name}` ends the pause"))
        })
    }
}
