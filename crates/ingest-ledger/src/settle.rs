//! Settling: what a call's answer makes of its chunk.

use crate::asks::ask_about_replaced;
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::history::bills_of;
use crate::open::Ledger;
use crate::regroup::{Born, CANCELLED, off_grid};
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::send::Attempt;
use crate::states::{ChunkState, HoldKind, RowState};
use crate::step::Step;
use std::collections::BTreeMap;
use std::time::Duration;

/// What came back, as the table in the design sorts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The hub took it under this number.
    Taken {
        /// The hub's number.
        request_id: String,
        /// Rows it refused, in its words.
        refused: Vec<(u32, String)>,
        /// Rows its answer does not prove.
        unproven: RowSet,
        /// What there is to say.
        message: Option<String>,
        /// When to ask about the rows first.
        ask_in: Duration,
    },
    /// Rows refused one by one, and nothing taken.
    RowsRefused {
        /// In the hub's words.
        refused: Vec<(u32, String)>,
        /// Rows the answer does not name: unknown, as is any other row of the chunk that is not
        /// in `refused`.
        unnamed: RowSet,
        /// What there is to say.
        message: Option<String>,
    },
    /// Nothing taken; a person decides.
    Held {
        /// Why.
        kind: HoldKind,
        /// In words.
        message: String,
    },
    /// Nothing taken, the body was too large: its halves are ready.
    Split {
        /// What there is to say.
        message: String,
    },
    /// Nothing taken: ready again.
    Ready {
        /// What there is to say.
        message: String,
        /// Not before this has passed.
        wait: Option<Duration>,
    },
    /// It may have been taken.
    Unknown {
        /// What there is to say.
        message: String,
    },
}

impl Ledger {
    /// Stores what an attempt came to. Runs again harmlessly.
    ///
    /// No lease is asked for: a true answer is true whoever serves the account by now. It counts
    /// only while the attempt is its chunk's newest and has no answer, and the chunk is sending or
    /// (after its process was taken for dead) unknown; a chunk that was adopted meanwhile stays
    /// as it is.
    pub async fn settle(&self, attempt: &Attempt, settlement: &Settlement) -> Result<()> {
        match self.settle_once(attempt, settlement).await {
            // It may have been committed all the same: the attempt is read again, and says so.
            Err(error) if error.is_transient() => self.settle_once(attempt, settlement).await,
            done => done,
        }
    }

    async fn settle_once(&self, attempt: &Attempt, settlement: &Settlement) -> Result<()> {
        let mut step = self.step(&attempt.account).await?;
        let Some(newest) = AttemptLine::newest(&mut step.tx, attempt.chunk_id).await? else {
            return Err(LedgerError::corrupt(format!(
                "attempt {} is gone",
                attempt.attempt_id
            )));
        };
        if newest.attempt_id != attempt.attempt_id || newest.answered_at.is_some() {
            return Ok(());
        }
        let chunk = ChunkLine::need(&mut step.tx, attempt.chunk_id).await?;
        let from = match chunk.state {
            ChunkState::Sending => RowState::Sending,
            ChunkState::Unknown => RowState::Unknown,
            // A person took it for not sent, and it was: better late than billed again.
            ChunkState::Ready if matches!(settlement, Settlement::Taken { .. }) => RowState::Ready,
            _ => return Ok(()),
        };
        let cancelled = FileLine::need(&mut step.tx, chunk.file_id).await?.cancelled;
        let mut call = Call {
            step,
            chunk,
            from,
            cancelled,
        };
        let (outcome, message) = call.becomes(settlement).await?;
        let Call {
            mut step,
            mut chunk,
            ..
        } = call;
        chunk.answered_at = Some(step.now);
        chunk.save(&mut step).await?;
        step.tx
            .exec(
                "update attempts set answered_at = $2, outcome = $3, message = $4 where attempt_id = $1",
                args![attempt.attempt_id, step.now, outcome, message],
            )
            .await?;
        step.finish().await
    }
}

/// A call whose answer is being stored.
struct Call {
    step: Step,
    chunk: ChunkLine,
    /// Where its rows stood: sending, or unknown.
    from: RowState,
    /// Its file was cancelled: what was not taken is skipped.
    cancelled: bool,
}

impl Call {
    /// Makes the chunk what the settlement says; answers the attempt's outcome and message.
    async fn becomes(&mut self, settlement: &Settlement) -> Result<(&'static str, Option<String>)> {
        match settlement {
            Settlement::Taken {
                request_id,
                refused,
                unproven,
                message,
                ask_in,
            } => {
                if self.owned_by_another(request_id).await? {
                    let message = format!(
                        "the hub answered with the number {request_id}, which belongs to another call: being looked up"
                    );
                    self.in_doubt(message.clone()).await?;
                    return Ok(("unknown", Some(message)));
                }
                self.taken(request_id, refused, unproven, message, *ask_in)
                    .await?;
                Ok(("taken", message.clone()))
            }
            Settlement::RowsRefused {
                refused, message, ..
            } => {
                self.hub_understood().await?;
                self.refused(refused).await?;
                // Whom the answer does not name is in doubt, whether the caller listed it or not.
                if self.chunk.live.is_empty() {
                    self.chunk.state = ChunkState::Rejected;
                    self.chunk.message.clone_from(message);
                } else {
                    let words = message.clone().unwrap_or_else(|| {
                        "the hub refused other rows of the call and did not name this one: being looked up".into()
                    });
                    self.in_doubt(words).await?;
                }
                Ok(("refused", message.clone()))
            }
            Settlement::Held { kind, message } => {
                self.held(*kind, message).await?;
                Ok(("held", Some(message.clone())))
            }
            Settlement::Split { message } => {
                if self.chunk.live.len() <= 1 {
                    self.held(HoldKind::TooLarge, message).await?;
                    return Ok(("held", Some(message.clone())));
                }
                self.split(message).await?;
                Ok(("split", Some(message.clone())))
            }
            Settlement::Ready { message, wait } => {
                if !self.skipped_if_cancelled() {
                    self.follow(ChunkState::Ready, RowState::Ready);
                    self.chunk.message = Some(message.clone());
                    self.chunk.not_before = wait.map(|wait| self.step.now + wait);
                }
                Ok(("ready", Some(message.clone())))
            }
            Settlement::Unknown { message } => {
                self.in_doubt(message.clone()).await?;
                Ok(("unknown", Some(message.clone())))
            }
        }
    }

    /// All rows that still follow the chunk go where it goes.
    fn follow(&mut self, state: ChunkState, rows: RowState) {
        self.chunk.state = state;
        self.chunk.next_look_at = None;
        self.step
            .moved(self.chunk.file_id, Some(self.from), rows, &self.chunk.live);
    }

    /// The hub took the sign-in and looked at the rows: what it refused before is no row any more.
    async fn hub_understood(&mut self) -> Result<()> {
        let sql =
            "update accounts set refusals_in_a_row = 0, sign_ins_in_a_row = 0 where account = $1";
        self.step.tx.exec(sql, args![&self.chunk.account]).await?;
        Ok(())
    }

    async fn owned_by_another(&mut self, request_id: &str) -> Result<bool> {
        let sql =
            "select count(*) from chunks where login = $1 and request_id = $2 and chunk_id <> $3";
        let n = self
            .step
            .tx
            .number(
                sql,
                args![&self.chunk.login, request_id, self.chunk.chunk_id],
            )
            .await?;
        Ok(n > 0)
    }

    async fn taken(
        &mut self,
        request_id: &str,
        refused: &[(u32, String)],
        unproven: &RowSet,
        message: &Option<String>,
        ask_in: Duration,
    ) -> Result<()> {
        self.refused(refused).await?;
        let file_id = self.chunk.file_id;
        let unproven = unproven.intersect(&self.chunk.live);
        if !unproven.is_empty() {
            let mut lines = lines_of(&mut self.step.tx, file_id, &unproven).await?;
            for row_no in unproven.iter() {
                line_mut(&mut lines, file_id, row_no).own(
                    RowState::Unknown,
                    Some(
                        "the hub's answer does not show this row: being read from its request"
                            .into(),
                    ),
                );
            }
            save_lines(&mut self.step, lines.values()).await?;
            self.step
                .moved(file_id, Some(self.from), RowState::Unknown, &unproven);
            self.chunk.live = self.chunk.live.subtract(&unproven);
        }
        self.follow(ChunkState::Accepted, RowState::Accepted);
        let open = !self.chunk.live.is_empty() || !unproven.is_empty();
        self.chunk.request_id = Some(request_id.to_owned());
        self.chunk.message.clone_from(message);
        self.chunk.next_ask_at = open.then(|| self.step.now + ask_in);
        self.chunk.asks = 0;
        ask_about_replaced(&mut self.step, &self.chunk).await?;
        self.hub_understood().await
    }

    /// Rows refused one by one, in the hub's words. They leave the chunk.
    async fn refused(&mut self, refused: &[(u32, String)]) -> Result<()> {
        let file_id = self.chunk.file_id;
        let words: BTreeMap<u32, &str> = refused
            .iter()
            .filter(|(row_no, _)| self.chunk.live.contains(*row_no))
            .map(|(row_no, words)| (*row_no, words.as_str()))
            .collect();
        if words.is_empty() {
            return Ok(());
        }
        let rows: RowSet = words.keys().copied().collect();
        let mut lines = lines_of(&mut self.step.tx, file_id, &rows).await?;
        let state = if self.cancelled {
            RowState::Skipped
        } else {
            RowState::Rejected
        };
        for (row_no, words) in words {
            let message = match state {
                RowState::Skipped => format!("cancelled; the hub had refused it: {words}"),
                _ => words.to_owned(),
            };
            line_mut(&mut lines, file_id, row_no).own(state, Some(message));
        }
        save_lines(&mut self.step, lines.values()).await?;
        self.step.moved(file_id, Some(self.from), state, &rows);
        self.chunk.live = self.chunk.live.subtract(&rows);
        Ok(())
    }

    /// It may have been taken: looked up at once, and nothing more is sent until a read succeeds.
    async fn in_doubt(&mut self, message: String) -> Result<()> {
        self.follow(ChunkState::Unknown, RowState::Unknown);
        self.chunk.message = Some(message);
        self.chunk.next_look_at = Some(self.step.now);
        self.chunk.looks = 0;
        let sql = "update accounts set read_needed = true where account = $1";
        self.step.tx.exec(sql, args![&self.chunk.account]).await?;
        Ok(())
    }

    async fn held(&mut self, kind: HoldKind, message: &str) -> Result<()> {
        if kind == HoldKind::Refused {
            self.step
                .tx
                .exec(
                    "update accounts set refusals_in_a_row = refusals_in_a_row + 1 where account = $1",
                    args![&self.chunk.account],
                )
                .await?;
        }
        // A hold was lifted for this call, as things stood then.
        let mut lines = lines_of(&mut self.step.tx, self.chunk.file_id, &self.chunk.live).await?;
        lines.retain(|_, line| !line.waived.is_empty());
        for line in lines.values_mut() {
            line.waived.clear();
        }
        save_lines(&mut self.step, lines.values()).await?;
        if !self.skipped_if_cancelled() {
            self.follow(ChunkState::Held, RowState::Held);
            self.chunk.hold_kind = Some(kind);
            self.chunk.message = Some(message.to_owned());
        }
        Ok(())
    }

    /// Nothing was taken, and a person has cancelled the file.
    fn skipped_if_cancelled(&mut self) -> bool {
        if self.cancelled {
            self.follow(ChunkState::Skipped, RowState::Skipped);
            self.chunk.message = Some(CANCELLED.into());
        }
        self.cancelled
    }

    /// The halves of the chunk are ready; it keeps only the memory of who it was born with.
    async fn split(&mut self, message: &str) -> Result<()> {
        if self.skipped_if_cancelled() {
            return Ok(());
        }
        let file_id = self.chunk.file_id;
        let live = std::mem::take(&mut self.chunk.live);
        let bills = bills_of(&mut self.step.tx, file_id, &live).await?;
        let mut lines = lines_of(&mut self.step.tx, file_id, &live).await?;
        for row_no in live.iter() {
            line_mut(&mut lines, file_id, row_no).sent_at = self.chunk.sent_at;
        }
        let half = live.len().div_ceil(2);
        off_grid(&mut self.step, file_id, &bills, lines, half, &Born::READY).await?;
        self.step
            .moved(file_id, Some(self.from), RowState::Ready, &live);
        self.chunk.state = ChunkState::Split;
        self.chunk.next_look_at = None;
        self.chunk.message = Some(message.to_owned());
        Ok(())
    }
}
