//! May the next call be made? Whatever an intent asks for, in the order in which it is told.

use crate::chunk_lines::ChunkLine;
use crate::planted::Bug;
use crate::row_set::RowSet;
use crate::states::ChunkState;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// What an account's line says of its sending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    /// Until when the lease of whoever asks lasts.
    pub(crate) lease_until: Option<DateTime<Utc>>,
    /// A person, or the hub's refusals, paused it.
    pub(crate) paused: bool,
    /// A call is in doubt, and the hub has answered no read since.
    pub(crate) read_needed: bool,
    /// When its next call may be made.
    pub(crate) next_write_at: Option<DateTime<Utc>>,
    /// The distance between two of its calls.
    pub(crate) place: Duration,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// As far as this goes.
    Call,
    /// The lease ran out: somebody else may be sending.
    Fenced,
    /// The account is paused.
    Paused,
    /// The hub must have answered a read first.
    ReadNeeded,
    /// Not before this has passed.
    Wait(Duration),
    /// The next place lies further ahead than any place does: the clock jumped. A whole place is
    /// waited from now on.
    PlaceAnew(DateTime<Utc>),
    /// The chunk is not what it was.
    Changed,
}

/// May the account make a call now?
pub(crate) fn account_may_call(account: &Sending, now: DateTime<Utc>) -> May {
    let fenced = account.lease_until.is_none_or(|until| until <= now);
    if fenced && !Bug::LeaseNotFenced.is_planted() {
        return May::Fenced;
    }
    if account.paused {
        return May::Paused;
    }
    if account.read_needed && !Bug::SendsWhileInDoubt.is_planted() {
        return May::ReadNeeded;
    }
    let next_write_at = account
        .next_write_at
        .filter(|_| !Bug::RateOfOneProcess.is_planted());
    match next_write_at {
        Some(at) if at > now + account.place * 2 => May::PlaceAnew(now + account.place),
        Some(at) if at > now => May::Wait(until(at, now)),
        _ => May::Call,
    }
}

/// May this chunk of it go, with exactly these rows?
pub(crate) fn chunk_may_go(
    chunk: &ChunkLine,
    account: &str,
    rows: &RowSet,
    now: DateTime<Utc>,
) -> May {
    if chunk.state != ChunkState::Ready || chunk.account != account || chunk.live != *rows {
        return May::Changed;
    }
    match chunk.not_before.filter(|at| *at > now) {
        Some(at) => May::Wait(until(at, now)),
        None => May::Call,
    }
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default()
}
