//! The course of a chunk: what happens to it next, from where it stands and what it meets. Nothing
//! here reads a clock, a database or a hub: the time, and what was found and said, are arguments.
//! The ledger's steps fetch them and store what is answered; the service makes the calls.
//!
//! ```text
//!             intended                 answered: taken
//!   ready ──────────────▶ sending ─────────────────────▶ accepted
//!     ▲                    │ │ │                            ▲
//!     │ answered: provably │ │ └─ answered: nothing taken,  │ found at the hub
//!     │ nothing taken      │ │    or rows by name ─▶ held,  │ in one request
//!     ├────────────────────┘ │       split, rejected        │ that nobody owns
//!     │                      │ the answer does not say,     │
//!     │                      ▼ or its process is gone       │
//!     └───────────────── unknown ───────────────────────────┘
//!        not sent, says a person who asked the hub, or `resend_absent_after`
//! ```
//!
//! What an intent asks for is in [`before_a_call`]; what may be said of a call in doubt, in
//! [`in_doubt`].

mod answers;
pub(crate) mod before_a_call;
pub(crate) mod in_doubt;
#[cfg(test)]
mod tests;

pub(crate) use answers::{Answer, OfAccount, answered};

use crate::chunk_lines::ChunkLine;
use crate::planted::Bug;
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::states::{ChunkState, RowState};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Its intent is being stored: from now on it may be at the hub.
pub(crate) fn intended(chunk: &mut ChunkLine, login: &str, now: DateTime<Utc>) {
    chunk.state = ChunkState::Sending;
    // It may have been planned under another.
    login.clone_into(&mut chunk.login);
    chunk.attempts += 1;
    chunk.sent_at = Some(now);
    chunk.answered_at = None;
    chunk.not_before = None;
    chunk.message = None;
}

/// The process that was calling is gone: what it sent may have been taken. Whatever says `sending`
/// is in doubt, and no time that passes makes it ready again. Answers whether it was sending.
pub(crate) fn process_gone(chunk: &mut ChunkLine, now: DateTime<Utc>) -> bool {
    if chunk.state != ChunkState::Sending {
        return false;
    }
    let words = Sentence::ServiceStopped.text();
    doubted(chunk, words.to_owned(), now);
    if Bug::RescuesSending.is_planted() {
        chunk.state = ChunkState::Ready;
    }
    true
}

/// It may have been taken: it is looked up at once.
fn doubted(chunk: &mut ChunkLine, message: String, now: DateTime<Utc>) {
    chunk.state = ChunkState::Unknown;
    chunk.message = Some(message);
    chunk.next_look_at = Some(now);
    chunk.looks = 0;
}

/// A complete reading did not show it: it is looked for again, later. Nothing else follows from it.
pub(crate) fn looked_in_vain(chunk: &mut ChunkLine, again: Duration, now: DateTime<Utc>) -> bool {
    if chunk.state != ChunkState::Unknown {
        return false;
    }
    chunk.looks += 1;
    chunk.next_look_at = Some(now + again);
    true
}

/// One request of the hub, which no chunk owns, holds these rows of it. Answers which of its rows
/// the request holds and which it lacks; `None`: it is not in doubt (any more).
pub(crate) fn found(
    chunk: &mut ChunkLine,
    request_id: &str,
    matched: &RowSet,
    now: DateTime<Utc>,
) -> Option<(RowSet, RowSet)> {
    if chunk.state != ChunkState::Unknown {
        return None;
    }
    let held = matched.intersect(&chunk.live);
    let lacking = chunk.live.subtract(&held);
    chunk.state = ChunkState::Accepted;
    chunk.live = held.clone();
    chunk.request_id = Some(request_id.to_owned());
    chunk.message = Some(Sentence::Found.with(&[request_id]));
    chunk.next_look_at = None;
    chunk.next_ask_at = Some(now);
    chunk.asks = 0;
    chunk.answered_at = chunk.answered_at.or(Some(now));
    Some((held, lacking))
}

/// It was never taken, says who may say so: those of its rows that are still to be sent go again.
pub(crate) fn not_sent(chunk: &mut ChunkLine, send: RowSet, message: &str) {
    chunk.state = ChunkState::Ready;
    chunk.next_look_at = None;
    chunk.message = Some(message.to_owned());
    chunk.live = send;
}

/// Rows went on elsewhere. A chunk that no row follows any more is done, but one that was taken: it
/// keeps its request.
pub(crate) fn left_by(chunk: &mut ChunkLine, rows: &RowSet) {
    let followed = !chunk.live.is_empty();
    chunk.live = chunk.live.subtract(rows);
    if followed && chunk.live.is_empty() && chunk.state != ChunkState::Accepted {
        chunk.state = ChunkState::Split;
        chunk.next_look_at = None;
    }
}

/// What the rows are that an answer is about: where they stand while its chunk waits for it.
pub(crate) fn awaiting(state: ChunkState) -> Option<RowState> {
    match state {
        ChunkState::Sending => Some(RowState::Sending),
        ChunkState::Unknown => Some(RowState::Unknown),
        _ => None,
    }
}
