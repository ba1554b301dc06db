//! What people ask of the service that holds an account: stored first, done by the holder.
//!
//! A decision is about what stood when it was asked. It may be carried out twice (its process died
//! before the answer was stored, or a person typed it again), and what was held, failed or sent
//! since then nobody was shown: it is left for another decision.

use crate::db::{Line, Tx, args, sql};
use crate::errors::{LedgerError, Result};
use crate::history::{bills_of, has_several_sheets};
use crate::open::Ledger;
use crate::row_lines::rows_among;
use crate::row_of;
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::step::Step;
use chrono::{DateTime, Utc};

/// How far a decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionState {
    /// Waits for the holder of the account.
    Asked,
    /// Done; the answer says what.
    Done,
    /// Not done; the answer says why.
    Refused,
}

/// What a person asked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub decision_id: i64,
    /// The account.
    pub account: String,
    /// `retry`, `approve`, …: the caller's word.
    pub kind: String,
    /// The caller's own JSON.
    pub ask_json: String,
    /// Who asked.
    pub asked_by: String,
    /// From where, as far as that is known.
    pub asked_from: Option<String>,
    /// The command as it was typed.
    pub command: Option<String>,
    /// When, by the database's clock, read under the account's lock: what the account's steps
    /// wrote before carries no later time, and what they write after carries a later one.
    pub asked_at: DateTime<Utc>,
    /// How far it is.
    pub state: DecisionState,
    /// The caller's own JSON.
    pub answer_json: Option<String>,
    /// When it was answered.
    pub done_at: Option<DateTime<Utc>>,
    /// The process that carried it out.
    pub done_by: Option<String>,
    /// What was seen when it was decided: the caller's own JSON.
    pub evidence_json: Option<String>,
}

/// What is taken down when a person asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewDecision<'a> {
    /// The account.
    pub account: &'a str,
    /// `retry`, `approve`, …: the caller's word.
    pub kind: &'a str,
    /// The caller's own JSON.
    pub ask_json: &'a str,
    /// Who asks.
    pub asked_by: &'a str,
    /// From where, as far as that is known.
    pub asked_from: Option<&'a str>,
    /// The command as it was typed.
    pub command: Option<&'a str>,
    /// The files that it names.
    pub files: &'a [i64],
}

/// What came of a decision, and on what evidence.
#[derive(Debug, Clone, Copy)]
pub struct CarriedOut<'a> {
    /// Done or refused.
    pub state: DecisionState,
    /// The caller's own JSON.
    pub answer_json: &'a str,
    /// The process that carried it out.
    pub done_by: &'a str,
    /// What was seen when it was decided: the caller's own JSON.
    pub evidence_json: Option<&'a str>,
    /// The files that it turned out to be about.
    pub files: &'a [i64],
}

impl DecisionState {
    /// The stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            DecisionState::Asked => "asked",
            DecisionState::Done => "done",
            DecisionState::Refused => "refused",
        }
    }
}

/// Unanswered decisions of one kind that are looked at together.
const WAITING_MAX: u32 = 1_000;
pub(crate) const SELECT: &str = "select d.decision_id, d.account, d.kind, d.ask_json, d.asked_by, d.asked_at, d.state, d.answer_json, d.done_at, d.asked_from, d.command, d.done_by, d.evidence_json from decisions d";

impl Ledger {
    /// Stores what a person asks; answers its number.
    pub async fn decision_ask(&self, asked: &NewDecision<'_>) -> Result<i64> {
        let mut step = self.step(asked.account).await?;
        let decision_id = put(&mut step, asked).await?;
        step.finish().await?;
        Ok(decision_id)
    }

    /// Stores what a person asked and what came of it at once, where nothing was left to be done by
    /// whoever serves the account; answers its number.
    pub async fn decision_record(
        &self,
        asked: &NewDecision<'_>,
        done: &CarriedOut<'_>,
    ) -> Result<i64> {
        let mut step = self.step(asked.account).await?;
        let decision_id = put_answered(&mut step, asked, done).await?;
        step.finish().await?;
        Ok(decision_id)
    }

    /// The oldest unanswered one of the account, of this kind not.
    pub async fn decision_next(&self, account: &str, but: &str) -> Result<Option<Decision>> {
        let text = format!(
            "{SELECT} where d.account = $1 and d.done_at is null and d.kind <> $2 order by d.decision_id limit 1"
        );
        let values = args![account, but];
        let line = self.db.read().await?.row(sql(text), values).await?;
        line.as_ref().map(read).transpose()
    }

    /// The unanswered ones of the account of this kind, the oldest first.
    pub async fn decisions_waiting(&self, account: &str, kind: &str) -> Result<Vec<Decision>> {
        let text = format!(
            "{SELECT} where d.account = $1 and d.done_at is null and d.kind = $2 order by d.decision_id limit {WAITING_MAX}"
        );
        let values = args![account, kind];
        let lines = self.db.read().await?.rows(sql(text), values).await?;
        lines.iter().map(read).collect()
    }

    /// Answers it, once: an answer that is there already stays.
    pub async fn decision_answer(&self, decision_id: i64, done: &CarriedOut<'_>) -> Result<()> {
        let mut tx = self.db.write().await?;
        let now = tx.now().await?;
        answer(&mut tx, decision_id, done, now).await?;
        tx.commit().await
    }

    /// One decision.
    pub async fn decision(&self, decision_id: i64) -> Result<Option<Decision>> {
        let text = format!("{SELECT} where d.decision_id = $1");
        let line = self
            .db
            .read()
            .await?
            .row(sql(text), args![decision_id])
            .await?;
        line.as_ref().map(read).transpose()
    }

    /// These rows of a file, valid when read, as their sheet has them, in order.
    pub async fn bills(&self, file_id: i64, rows: &RowSet) -> Result<Vec<BillRow>> {
        bills_of(&mut self.db.read().await?, file_id, rows).await
    }

    /// Has the file rows in several sheets, so that a row's number alone does not name it?
    pub async fn has_several_sheets(&self, file_id: i64) -> Result<bool> {
        has_several_sheets(&mut self.db.read().await?, file_id).await
    }
}

/// Stores what a person asks, within a step; answers its number.
async fn put(step: &mut Step, asked: &NewDecision<'_>) -> Result<i64> {
    step.remember_now().await?;
    let decision_id = step
        .tx
        .number(
            "insert into decisions (account, kind, ask_json, asked_by, asked_at, state, asked_from, command) values ($1, $2, $3, $4, $5, 'asked', $6, $7) returning decision_id",
            args![
                asked.account,
                asked.kind,
                asked.ask_json,
                asked.asked_by,
                step.now,
                asked.asked_from,
                asked.command
            ],
        )
        .await?;
    is_about(&mut step.tx, decision_id, asked.files).await?;
    Ok(decision_id)
}

/// The same with what came of it.
pub(crate) async fn put_answered(
    step: &mut Step,
    asked: &NewDecision<'_>,
    done: &CarriedOut<'_>,
) -> Result<i64> {
    let decision_id = put(step, asked).await?;
    answer(&mut step.tx, decision_id, done, step.now).await?;
    Ok(decision_id)
}

async fn answer(
    tx: &mut Tx,
    decision_id: i64,
    done: &CarriedOut<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let answered = tx
        .exec(
            "update decisions set state = $2, answer_json = $3, done_at = $4, done_by = $5, evidence_json = $6 where decision_id = $1 and done_at is null",
            args![
                decision_id,
                done.state.as_str(),
                done.answer_json,
                now,
                done.done_by,
                done.evidence_json
            ],
        )
        .await?;
    if answered > 0 {
        is_about(tx, decision_id, done.files).await?;
    }
    Ok(())
}

/// It is found by these files.
async fn is_about(tx: &mut Tx, decision_id: i64, files: &[i64]) -> Result<()> {
    for file_id in files {
        tx.exec(
            "insert into decision_files (file_id, decision_id) values ($1, $2) on conflict do nothing",
            args![*file_id, decision_id],
        )
        .await?;
    }
    Ok(())
}

/// Those of these rows that came to where they stand only after a person had asked.
pub(crate) async fn moved_since(
    tx: &mut Tx,
    file_id: i64,
    rows: &RowSet,
    asked_at: DateTime<Utc>,
) -> Result<RowSet> {
    let id = |line: &(i64, Option<DateTime<Utc>>)| line.0;
    let at = rows_among(tx, "row_id, updated_at", "row_facts", (file_id, rows), id).await?;
    // A row whose time can't be told is not known to have stood there.
    let moved = at
        .into_iter()
        .filter(|(_, at)| at.is_none_or(|at| at > asked_at));
    Ok(moved.map(|(id, _)| row_of(id).1).collect())
}

pub(crate) fn read(line: &Line) -> Result<Decision> {
    let state = line.text(6)?;
    Ok(Decision {
        decision_id: line.int(0)?,
        account: line.text(1)?,
        kind: line.text(2)?,
        ask_json: line.text(3)?,
        asked_by: line.text(4)?,
        asked_at: line.get(5)?,
        state: match state.as_str() {
            "asked" => DecisionState::Asked,
            "done" => DecisionState::Done,
            "refused" => DecisionState::Refused,
            _ => {
                return Err(LedgerError::corrupt(format!(
                    "a decision in state `{state}`"
                )));
            }
        },
        answer_json: line.get(7)?,
        done_at: line.get(8)?,
        asked_from: line.get(9)?,
        command: line.get(10)?,
        done_by: line.get(11)?,
        evidence_json: line.get(12)?,
    })
}
