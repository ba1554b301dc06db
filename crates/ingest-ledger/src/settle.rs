//! Settling: what a call's answer makes of its chunk is decided in `course`; here it is stored.

use crate::asks::ask_about_replaced;
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::course::{Answer, OfAccount, answered};
use crate::db::{args, sql};
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::foreign_bills::not_foreign;
use crate::history::bills_of;
use crate::open::Ledger;
use crate::planted::Bug;
use crate::regroup::{Born, off_grid};
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::send::Attempt;
use crate::sentences::Sentence;
use crate::states::{ChunkState, HoldKind, RowState};
use crate::step::Step;
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
            Err(error) if error.is_transient() && Bug::OutcomeLostAtCommit.is_planted() => {
                let message = error.to_string();
                let nothing = Settlement::Ready {
                    message,
                    wait: None,
                };
                self.settle_once(attempt, &nothing).await
            }
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
        let mut chunk = ChunkLine::need(&mut step.tx, attempt.chunk_id).await?;
        let cancelled = FileLine::need(&mut step.tx, chunk.file_id).await?.cancelled;
        let owned = match settlement {
            Settlement::Taken { request_id, .. } => {
                owned_by_another(&mut step, &chunk, request_id).await?
            }
            _ => false,
        };
        let now = step.now;
        let Some(answer) = answered(&mut chunk, settlement, owned, cancelled, now) else {
            return Ok(());
        };
        store(&mut step, &chunk, &answer).await?;
        if chunk.state == ChunkState::Accepted {
            if let Some(request_id) = &chunk.request_id {
                not_foreign(&mut step, request_id).await?;
            }
            ask_about_replaced(&mut step, &chunk).await?;
        }
        chunk.save(&mut step).await?;
        step.tx
            .exec(
                "update attempts set answered_at = $2, outcome = $3, message = $4 where attempt_id = $1",
                args![attempt.attempt_id, now, answer.outcome, &answer.message],
            )
            .await?;
        step.finish().await
    }
}

async fn owned_by_another(step: &mut Step, chunk: &ChunkLine, request_id: &str) -> Result<bool> {
    let sql = "select count(*) from chunks where login = $1 and request_id = $2 and chunk_id <> $3";
    let args = args![&chunk.login, request_id, chunk.chunk_id];
    Ok(step.tx.number(sql, args).await? > 0)
}

/// Stores what an answer says of the chunk's rows and of its account.
async fn store(step: &mut Step, chunk: &ChunkLine, answer: &Answer) -> Result<()> {
    let (file_id, from) = (chunk.file_id, Some(answer.from));
    if !answer.refused.is_empty() {
        let rows: RowSet = answer.refused.keys().copied().collect();
        let mut lines = lines_of(&mut step.tx, file_id, &rows).await?;
        for (row_no, words) in &answer.refused {
            line_mut(&mut lines, file_id, *row_no).own(answer.refused_are, Some(words.clone()));
        }
        save_lines(step, lines.values()).await?;
        step.moved(file_id, from, answer.refused_are, &rows);
    }
    if !answer.unproven.is_empty() {
        let mut lines = lines_of(&mut step.tx, file_id, &answer.unproven).await?;
        for row_no in answer.unproven.iter() {
            let words = Sentence::NotShown.text();
            line_mut(&mut lines, file_id, row_no).own(RowState::Unknown, Some(words.into()));
        }
        save_lines(step, lines.values()).await?;
        step.moved(file_id, from, RowState::Unknown, &answer.unproven);
    }
    if !answer.waived_no_more.is_empty() {
        let mut lines = lines_of(&mut step.tx, file_id, &answer.waived_no_more).await?;
        lines.retain(|_, line| !line.waived.is_empty());
        for line in lines.values_mut() {
            line.waived.clear();
        }
        save_lines(step, lines.values()).await?;
    }
    if let Some(rows) = &answer.halved {
        in_halves(step, chunk, rows).await?;
    }
    let (followers, state) = &answer.followers;
    step.moved(file_id, from, *state, followers);
    of_account(step, answer.account).await
}

/// Two chunks take the place of one that was too large; it keeps only the memory of who it was
/// born with.
async fn in_halves(step: &mut Step, chunk: &ChunkLine, rows: &RowSet) -> Result<()> {
    let file_id = chunk.file_id;
    let bills = bills_of(&mut step.tx, file_id, rows).await?;
    let mut lines = lines_of(&mut step.tx, file_id, rows).await?;
    for row_no in rows.iter() {
        line_mut(&mut lines, file_id, row_no).sent_at = chunk.sent_at;
    }
    let half = rows.len().div_ceil(2);
    off_grid(step, file_id, &bills, lines, half, &Born::READY).await?;
    Ok(())
}

async fn of_account(step: &mut Step, what: OfAccount) -> Result<()> {
    const UNDERSTOOD: &str = "refusals_in_a_row = 0, sign_ins_in_a_row = 0";
    let set = match what {
        OfAccount::Nothing => return Ok(()),
        OfAccount::Understood => UNDERSTOOD.to_owned(),
        OfAccount::RefusedWhole => "refusals_in_a_row = refusals_in_a_row + 1".to_owned(),
        OfAccount::ReadNeeded => "read_needed = true".to_owned(),
        OfAccount::UnderstoodAndReadNeeded => format!("{UNDERSTOOD}, read_needed = true"),
    };
    let account = step.account.clone();
    let text = format!("update accounts set {set} where account = $1");
    step.tx.exec(sql(text), args![&account]).await?;
    Ok(())
}
