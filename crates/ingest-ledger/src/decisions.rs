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
    /// When, by the database's clock, read under the account's lock: what the account's steps
    /// wrote before carries no later time, and what they write after carries a later one.
    pub asked_at: DateTime<Utc>,
    /// How far it is.
    pub state: DecisionState,
    /// The caller's own JSON.
    pub answer_json: Option<String>,
    /// When it was answered.
    pub done_at: Option<DateTime<Utc>>,
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
const SELECT: &str = "select decision_id, account, kind, ask_json, asked_by, asked_at, state, answer_json, done_at from decisions";

impl Ledger {
    /// Stores what a person asks; answers its number.
    pub async fn decision_ask(
        &self,
        account: &str,
        kind: &str,
        ask_json: &str,
        by: &str,
    ) -> Result<i64> {
        let mut step = self.step(account).await?;
        step.remember_now().await?;
        let decision_id = step
            .tx
            .number(
                "insert into decisions (account, kind, ask_json, asked_by, asked_at, state) values ($1, $2, $3, $4, $5, 'asked') returning decision_id",
                args![account, kind, ask_json, by, step.now],
            )
            .await?;
        step.finish().await?;
        Ok(decision_id)
    }

    /// The oldest unanswered one of the account, of this kind not.
    pub async fn decision_next(&self, account: &str, but: &str) -> Result<Option<Decision>> {
        let text = format!(
            "{SELECT} where account = $1 and done_at is null and kind <> $2 order by decision_id limit 1"
        );
        let values = args![account, but];
        let line = self.db.read().await?.row(sql(text), values).await?;
        line.as_ref().map(read).transpose()
    }

    /// The unanswered ones of the account of this kind, the oldest first.
    pub async fn decisions_waiting(&self, account: &str, kind: &str) -> Result<Vec<Decision>> {
        let text = format!(
            "{SELECT} where account = $1 and done_at is null and kind = $2 order by decision_id limit {WAITING_MAX}"
        );
        let values = args![account, kind];
        let lines = self.db.read().await?.rows(sql(text), values).await?;
        lines.iter().map(read).collect()
    }

    /// Answers it, once: an answer that is there already stays.
    pub async fn decision_answer(
        &self,
        decision_id: i64,
        state: DecisionState,
        answer_json: &str,
    ) -> Result<()> {
        let mut tx = self.db.write().await?;
        let now = tx.now().await?;
        tx.exec(
            "update decisions set state = $2, answer_json = $3, done_at = $4 where decision_id = $1 and done_at is null",
            args![decision_id, state.as_str(), answer_json, now],
        )
        .await?;
        tx.commit().await
    }

    /// One decision.
    pub async fn decision(&self, decision_id: i64) -> Result<Option<Decision>> {
        let text = format!("{SELECT} where decision_id = $1");
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

/// Those of these rows that came to where they stand only after a person had asked.
pub(crate) async fn moved_since(
    tx: &mut Tx,
    file_id: i64,
    rows: &RowSet,
    asked_at: DateTime<Utc>,
) -> Result<RowSet> {
    let head = "select row_id, updated_at from row_facts";
    let mut moved = RowSet::new();
    for line in rows_among(tx, head, "row_id", file_id, rows).await? {
        // A row whose time can't be told is not known to have stood there.
        if line
            .get::<Option<DateTime<Utc>>>(1)?
            .is_none_or(|at| at > asked_at)
        {
            moved.insert(row_of(line.int(0)?).1);
        }
    }
    Ok(moved)
}

fn read(line: &Line) -> Result<Decision> {
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
    })
}
