//! What a call's answer makes of its chunk and of the rows that follow it.

use super::{awaiting, doubted};
use crate::chunk_lines::ChunkLine;
use crate::planted::Bug;
use crate::regroup::CANCELLED;
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::settle::Settlement;
use crate::states::{ChunkState, HoldKind, RowState};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What an answer comes to, beside the chunk as it is then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The attempt's outcome, in its stable word.
    pub(crate) outcome: &'static str,
    /// What is kept with the attempt.
    pub(crate) message: Option<String>,
    /// Where the rows stood that it is about.
    pub(crate) from: RowState,
    /// Rows refused by name, with what is said of each. They leave the chunk...
    pub(crate) refused: BTreeMap<u32, String>,
    /// ... for this state.
    pub(crate) refused_are: RowState,
    /// Rows of a taken call that its answer does not prove: unknown by themselves from now on.
    pub(crate) unproven: RowSet,
    /// The rows that follow the chunk, and what they are from now on.
    pub(crate) followers: (RowSet, RowState),
    /// The chunk's rows go on in halves.
    pub(crate) halved: Option<RowSet>,
    /// What a person lifted for these rows was lifted for this call alone.
    pub(crate) waived_no_more: RowSet,
    /// What it says of the account.
    pub(crate) account: OfAccount,
}

/// What an answer says of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfAccount {
    /// Nothing.
    Nothing,
    /// The hub took the sign-in and looked at the rows: earlier refusals are no row any more.
    Understood,
    /// It refused one more request without naming a row.
    RefusedWhole,
    /// A call is in doubt: nothing more is sent until a read is answered.
    ReadNeeded,
    /// Both: rows were looked at, and others are in doubt.
    UnderstoodAndReadNeeded,
}

/// Makes the chunk what the answer of its newest call says. `None`: the answer is too late to count;
/// the chunk was adopted meanwhile, say, or a person decided.
///
/// `owned`: the request number that came with it belongs to another chunk. `cancelled`: a person
/// cancelled its file, so that nothing of it goes again.
pub(crate) fn answered(
    chunk: &mut ChunkLine,
    settlement: &Settlement,
    owned: bool,
    cancelled: bool,
    now: DateTime<Utc>,
) -> Option<Answer> {
    let from = match awaiting(chunk.state) {
        Some(from) => from,
        // A person took it for not sent, and it was: better late than billed again.
        None if chunk.state == ChunkState::Ready
            && matches!(settlement, Settlement::Taken { .. }) =>
        {
            RowState::Ready
        }
        None => return None,
    };
    chunk.answered_at = Some(now);
    let mut course = Course {
        answer: Answer {
            outcome: "unknown",
            message: None,
            from,
            refused: BTreeMap::new(),
            refused_are: match cancelled {
                true => RowState::Skipped,
                false => RowState::Rejected,
            },
            unproven: RowSet::new(),
            followers: (RowSet::new(), from),
            halved: None,
            waived_no_more: RowSet::new(),
            account: OfAccount::Nothing,
        },
        chunk,
        cancelled,
        now,
    };
    course.goes_on(settlement, owned);
    Some(course.answer)
}

/// A chunk whose answer came.
struct Course<'a> {
    chunk: &'a mut ChunkLine,
    answer: Answer,
    cancelled: bool,
    now: DateTime<Utc>,
}

impl Course<'_> {
    fn goes_on(&mut self, settlement: &Settlement, owned: bool) {
        match settlement {
            Settlement::Taken { request_id, .. } if owned => {
                let message = Sentence::OthersRequest.with(&[request_id]);
                self.in_doubt(message);
            }
            Settlement::Taken {
                request_id,
                refused,
                unproven,
                message,
                ask_in,
            } => {
                self.refused(refused);
                let unproven = unproven.intersect(&self.chunk.live);
                self.chunk.live = self.chunk.live.subtract(&unproven);
                let open = !self.chunk.live.is_empty() || !unproven.is_empty();
                self.answer.unproven = unproven;
                self.follow(ChunkState::Accepted, RowState::Accepted);
                self.chunk.request_id = Some(request_id.clone());
                self.chunk.message.clone_from(message);
                self.chunk.next_ask_at = open.then(|| self.now + *ask_in);
                self.chunk.asks = 0;
                self.answer.account = OfAccount::Understood;
                self.says("taken", message.clone());
            }
            Settlement::RowsRefused {
                refused, message, ..
            } => {
                self.refused(refused);
                self.answer.account = OfAccount::Understood;
                // Whom the answer does not name is in doubt, whether the caller listed it or not.
                if self.chunk.live.is_empty() {
                    self.chunk.state = ChunkState::Rejected;
                    self.chunk.message.clone_from(message);
                } else {
                    let words = message
                        .clone()
                        .unwrap_or_else(|| Sentence::NotNamed.text().to_owned());
                    self.in_doubt(words);
                    self.answer.account = OfAccount::UnderstoodAndReadNeeded;
                }
                self.says("refused", message.clone());
            }
            Settlement::Held { kind, message } => self.held(*kind, message),
            Settlement::Split { message } if self.chunk.live.len() <= 1 => {
                self.held(HoldKind::TooLarge, message);
            }
            Settlement::Split { message } => {
                if !self.skipped_if_cancelled() {
                    let live = std::mem::take(&mut self.chunk.live);
                    self.chunk.state = ChunkState::Split;
                    self.chunk.next_look_at = None;
                    self.chunk.message = Some(message.clone());
                    self.answer.followers = (live.clone(), RowState::Ready);
                    self.answer.halved = Some(live);
                }
                self.says("split", Some(message.clone()));
            }
            Settlement::Ready { message, wait } => {
                if !self.skipped_if_cancelled() {
                    self.follow(ChunkState::Ready, RowState::Ready);
                    self.chunk.message = Some(message.clone());
                    self.chunk.not_before = wait.map(|wait| self.now + wait);
                }
                self.says("ready", Some(message.clone()));
            }
            Settlement::Unknown { message } => self.in_doubt(message.clone()),
        }
    }

    fn says(&mut self, outcome: &'static str, message: Option<String>) {
        self.answer.outcome = outcome;
        self.answer.message = message;
    }

    /// All rows that still follow the chunk go where it goes.
    fn follow(&mut self, state: ChunkState, rows: RowState) {
        self.chunk.state = state;
        self.chunk.next_look_at = None;
        self.answer.followers = (self.chunk.live.clone(), rows);
    }

    /// Rows refused one by one, in the hub's words. They leave the chunk.
    fn refused(&mut self, refused: &[(u32, String)]) {
        for (row_no, words) in refused {
            if self.chunk.live.contains(*row_no) {
                let said = match self.cancelled {
                    true => Sentence::CancelledAndRefused.with(&[words]),
                    false => words.clone(),
                };
                self.answer.refused.insert(*row_no, said);
            }
        }
        let rows: RowSet = self.answer.refused.keys().copied().collect();
        self.chunk.live = self.chunk.live.subtract(&rows);
        if Bug::RefusedRowsAreDropped.is_planted() {
            self.answer.refused.clear();
        }
    }

    /// It may have been taken: looked up at once, and nothing more is sent until a read succeeds.
    fn in_doubt(&mut self, message: String) {
        doubted(self.chunk, message.clone(), self.now);
        self.answer.followers = (self.chunk.live.clone(), RowState::Unknown);
        self.answer.account = OfAccount::ReadNeeded;
        self.says("unknown", Some(message));
    }

    fn held(&mut self, kind: HoldKind, message: &str) {
        if kind == HoldKind::Refused {
            self.answer.account = OfAccount::RefusedWhole;
        }
        // A hold was lifted for this call, as things stood then.
        self.answer.waived_no_more = self.chunk.live.clone();
        if !self.skipped_if_cancelled() {
            self.follow(ChunkState::Held, RowState::Held);
            self.chunk.hold_kind = Some(kind);
            self.chunk.message = Some(message.to_owned());
        }
        self.says("held", Some(message.to_owned()));
    }

    /// Nothing was taken, and a person has cancelled the file.
    fn skipped_if_cancelled(&mut self) -> bool {
        if self.cancelled {
            self.follow(ChunkState::Skipped, RowState::Skipped);
            self.chunk.message = Some(CANCELLED.into());
        }
        self.cancelled
    }
}
