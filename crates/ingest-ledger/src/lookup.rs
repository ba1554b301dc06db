//! Chunks in doubt: looked up at the hub, adopted when found.

use crate::accounts::Lease;
use crate::asks::ask_about_replaced;
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::course;
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::foreign_bills::not_foreign;
use crate::history::bills_of;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::regroup::{Born, off_grid};
use crate::row_lines::{line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::sentences::Sentence;
use crate::states::{ChunkState, RowState};
use crate::step::{Step, once_more};
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// Complete readings that did not find a chunk in doubt, after which a person is asked to decide.
pub const LOOKS_BEFORE_ASKING: i64 = 2;

/// Did the login ever make a call?
const CALLS_MADE: &str =
    "select count(*) from (select 1 from chunks where login = $1 and attempts > 0 limit 1) as x";

/// A chunk whose call may have been taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubtLine {
    /// The chunk.
    pub chunk: ChunkLine,
    /// Its newest attempt.
    pub attempt: AttemptLine,
    /// When the intent of that was stored.
    pub attempt_at: DateTime<Utc>,
    /// How long ago that was, by the database's clock, in milliseconds.
    pub age_ms: i64,
    /// In how many milliseconds it is looked up; 0 or less: now.
    pub in_ms: i64,
    /// The call can't be under way any more: it returned in its own process, or that process's
    /// lease has ended and the deadline has passed. Only then may a person decide.
    pub call_over: bool,
}

/// What adopting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// The chunk has its request.
    Yes,
    /// Another chunk of this login owns that request.
    TakenByAnother,
    /// The chunk is not in doubt any more.
    NotUnknown,
}

impl Ledger {
    /// Chunks in doubt, the next to be looked up first.
    pub async fn unknown_chunks(&self, account: &str) -> Result<Vec<DoubtLine>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let lease = tx
            .row(
                "select lease_epoch, lease_holder is not null, lease_until from accounts where account = $1",
                args![account],
            )
            .await?;
        let Some(lease) = lease else {
            return Ok(Vec::new());
        };
        let epoch = lease.int(0)?;
        let until: Option<DateTime<Utc>> = lease.get(2)?;
        let live = lease.get::<bool>(1)? && until.is_some_and(|until| until > now);
        let rest =
            "where c.account = $1 and c.state = 'unknown' order by c.next_look_at, c.chunk_id";
        let mut doubts = Vec::new();
        for chunk in ChunkLine::find(&mut tx, rest, args![account]).await? {
            let Some(attempt) = AttemptLine::newest(&mut tx, chunk.chunk_id).await? else {
                let what = format!("chunk {} is unknown without an attempt", chunk.chunk_id);
                return Err(LedgerError::corrupt(what));
            };
            let call = attempt.call(attempt.epoch < epoch || !live);
            doubts.push(DoubtLine {
                attempt_at: attempt.intended_at,
                age_ms: (now - attempt.intended_at).num_milliseconds(),
                in_ms: chunk
                    .next_look_at
                    .map_or(0, |at| (at - now).num_milliseconds()),
                call_over: call.is_over(now),
                chunk,
                attempt,
            });
        }
        Ok(doubts)
    }

    /// The hub's numbers that chunks of this login own.
    pub async fn owned_requests(&self, login: &str) -> Result<HashSet<String>> {
        let sql = "select request_id from chunks where login = $1 and request_id is not null";
        let lines = self.db.read().await?.rows(sql, args![login]).await?;
        lines.iter().map(|line| line.text(0)).collect()
    }

    /// The hub's numbers that came back, in their own answers, from calls of this chunk's login made
    /// before any call that carried it: told by the attempts' numbers, never by a clock. A request
    /// that was found later is not among them: it may be another's, and younger.
    pub async fn requests_before(&self, chunk_id: i64) -> Result<HashSet<String>> {
        // Rows that go again do so in chunks of their own: the whole file's calls count.
        let sql = "select c.request_id from chunks c join attempts a on a.chunk_id = c.chunk_id
            where c.login = (select login from chunks where chunk_id = $1) and c.request_id is not null
              and a.outcome = 'taken'
              and a.attempt_id < (select min(o.attempt_id) from attempts o join chunks f on f.chunk_id = o.chunk_id
                where f.file_id = (select file_id from chunks where chunk_id = $1))";
        let lines = self.db.read().await?.rows(sql, args![chunk_id]).await?;
        lines.iter().map(|line| line.text(0)).collect()
    }

    /// What the hub listed before any call that carried the chunk's rows, and before the first of
    /// its login, and when it did, by the database's clock: none of it can hold a row of the chunk.
    pub async fn listed_before(&self, chunk_id: i64) -> Result<HashMap<String, DateTime<Utc>>> {
        // Rows that go again do so in chunks of their own: the whole file's calls count.
        let sql = "select o.request_id, o.listed_at from older_requests o
            where o.login = (select login from chunks where chunk_id = $1)
              and o.after_attempt < (select min(a.attempt_id) from attempts a join chunks f on f.chunk_id = a.chunk_id
                where f.file_id = (select file_id from chunks where chunk_id = $1))";
        let lines = self.db.read().await?.rows(sql, args![chunk_id]).await?;
        lines
            .iter()
            .map(|line| Ok((line.text(0)?, line.get(1)?)))
            .collect()
    }

    /// Is the next call of this login the first one, as far as this ledger knows?
    pub async fn never_called(&self, login: &str) -> Result<bool> {
        Ok(self
            .db
            .read()
            .await?
            .number(CALLS_MADE, args![login])
            .await?
            == 0)
    }

    /// The hub lists these before the first call of the login. Refused once a call was made.
    pub async fn older_requests(
        &self,
        lease: &Lease,
        login: &str,
        requests: &HashSet<String>,
    ) -> Result<()> {
        let mut step = self.step_under(lease).await?;
        if step.tx.number(CALLS_MADE, args![login]).await? > 0 {
            return Err(LedgerError::Refused(format!(
                "calls were made for {login} already"
            )));
        }
        // The account may have called under another login before: that call's request is not older.
        let newest = "select coalesce(max(attempt_id), 0) from attempts where account = $1";
        let after_attempt = step.tx.number(newest, args![&lease.account]).await?;
        // In one order, so that equal runs meet equal statements.
        let requests: BTreeSet<&String> = requests.iter().collect();
        for request_id in requests {
            step.tx
                .exec(
                    "insert into older_requests (login, request_id, listed_at, after_attempt) values ($1, $2, $3, $4) on conflict do nothing",
                    args![login, request_id, step.now, after_attempt],
                )
                .await?;
        }
        step.finish().await
    }

    /// The hub's numbers of calls that this chunk's login made after the chunk's last one: a list
    /// that shows one of them is not an old list.
    pub async fn requests_after(&self, chunk_id: i64) -> Result<HashSet<String>> {
        let sql = "select c.request_id from chunks c join attempts a on a.chunk_id = c.chunk_id
            where c.login = (select login from chunks where chunk_id = $1) and c.request_id is not null
              and a.outcome = 'taken'
              and a.attempt_id > (select max(attempt_id) from attempts where chunk_id = $1)";
        let lines = self.db.read().await?.rows(sql, args![chunk_id]).await?;
        lines.iter().map(|line| line.text(0)).collect()
    }

    /// The rows of an unknown chunk that do not follow it any more (refused by name, say): a request
    /// that holds them too may be the chunk's all the same.
    pub async fn chunk_settled_bills(&self, chunk_id: i64) -> Result<Vec<BillRow>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        bills_of(&mut tx, chunk.file_id, &chunk.members.subtract(&chunk.live)).await
    }

    /// The hub has the chunk under this number, and these rows of it (perhaps none: it may list
    /// only rows of which it says nothing that can be understood). The others become unknown
    /// by themselves, until readings of the request say what became of them.
    pub async fn adopt(
        &self,
        lease: &Lease,
        chunk_id: i64,
        request_id: &str,
        matched: &RowSet,
    ) -> Result<Adopted> {
        taken_if_unique(once_more!(
            self.adopt_once(lease, chunk_id, request_id, matched)
        ))
    }

    async fn adopt_once(
        &self,
        lease: &Lease,
        chunk_id: i64,
        request_id: &str,
        matched: &RowSet,
    ) -> Result<Adopted> {
        let mut step = self.step_under(lease).await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if chunk.account != lease.account {
            return Ok(Adopted::NotUnknown);
        }
        let login = chunk.login.clone();
        let Some((known, rest)) = course::found(&mut chunk, request_id, matched, step.now) else {
            return Ok(Adopted::NotUnknown);
        };
        if is_owned(&mut step, &login, request_id).await? {
            return Ok(Adopted::TakenByAnother);
        }
        let mut lines = lines_of(&mut step.tx, chunk.file_id, &rest).await?;
        for row_no in rest.iter() {
            line_mut(&mut lines, chunk.file_id, row_no).own(
                RowState::Unknown,
                Some(Sentence::NotListedYet.with(&[request_id])),
            );
        }
        save_lines(&mut step, lines.values()).await?;
        step.moved(
            chunk.file_id,
            Some(RowState::Unknown),
            RowState::Accepted,
            &known,
        );
        chunk.save(&mut step).await?;
        not_foreign(&mut step, request_id).await?;
        ask_about_replaced(&mut step, &chunk).await?;
        step.finish().await?;
        Ok(Adopted::Yes)
    }

    /// Unknown rows of a taken chunk are at the hub under another number: they go on in a chunk
    /// of their own, which owns it.
    pub async fn adopt_rows(
        &self,
        lease: &Lease,
        chunk_id: i64,
        rows: &RowSet,
        request_id: &str,
    ) -> Result<Adopted> {
        taken_if_unique(once_more!(
            self.adopt_rows_once(lease, chunk_id, rows, request_id)
        ))
    }

    async fn adopt_rows_once(
        &self,
        lease: &Lease,
        chunk_id: i64,
        rows: &RowSet,
        request_id: &str,
    ) -> Result<Adopted> {
        let mut step = self.step_under(lease).await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if is_owned(&mut step, &chunk.login, request_id).await? {
            return Ok(Adopted::TakenByAnother);
        }
        let mut lines = lines_of(&mut step.tx, chunk.file_id, rows).await?;
        let unknown: RowSet = rows
            .iter()
            .filter(|n| state_in(&chunk, *n, lines.get(n)) == Some(RowState::Unknown))
            .collect();
        if unknown.is_empty() || unknown != *rows || chunk.account != lease.account {
            return Ok(Adopted::NotUnknown);
        }
        for row_no in unknown.iter() {
            let line = line_mut(&mut lines, chunk.file_id, row_no);
            line.sent_at = line.sent_at.max(chunk.sent_at);
            line.message = None;
        }
        let bills = bills_of(&mut step.tx, chunk.file_id, &unknown).await?;
        let message = Sentence::Found.with(&[request_id]);
        let born = Born {
            state: ChunkState::Accepted,
            message: Some(&message),
            hold_kind: None,
            request_id: Some(request_id),
        };
        off_grid(
            &mut step,
            chunk.file_id,
            &bills,
            lines,
            unknown.len(),
            &born,
        )
        .await?;
        step.moved(
            chunk.file_id,
            Some(RowState::Unknown),
            RowState::Accepted,
            &unknown,
        );
        leave_chunk(&mut step, &mut chunk, &unknown).await?;
        not_foreign(&mut step, request_id).await?;
        step.finish().await?;
        Ok(Adopted::Yes)
    }

    /// Nothing fits: look again after this.
    pub async fn look_later(&self, chunk_ids: &[i64], look_in: Duration) -> Result<()> {
        for chunk_id in chunk_ids {
            let mut step = self.step_of_chunk(*chunk_id).await?;
            let mut chunk = ChunkLine::need(&mut step.tx, *chunk_id).await?;
            if course::looked_in_vain(&mut chunk, look_in, step.now) {
                chunk.save(&mut step).await?;
                step.touch_quietly(chunk.file_id);
                step.finish().await?;
            }
        }
        Ok(())
    }
}

/// Rows went on elsewhere. A chunk in doubt that no row follows any more is done.
pub(crate) async fn leave_chunk(
    step: &mut Step,
    chunk: &mut ChunkLine,
    rows: &RowSet,
) -> Result<()> {
    course::left_by(chunk, rows);
    chunk.save(step).await
}

async fn is_owned(step: &mut Step, login: &str, request_id: &str) -> Result<bool> {
    let sql = "select count(*) from chunks where login = $1 and request_id = $2";
    Ok(step.tx.number(sql, args![login, request_id]).await? > 0)
}

/// Another account with the same login may have adopted it between our look and our commit.
fn taken_if_unique(done: Result<Adopted>) -> Result<Adopted> {
    match done {
        Err(error) if error.is_unique() => Ok(Adopted::TakenByAnother),
        done => done,
    }
}
