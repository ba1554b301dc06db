//! Chunks and attempts as lines of their tables.

use crate::course::in_doubt::Call;
use crate::db::{Line, Tx, Val, args, sql};
use crate::errors::{LedgerError, Result};
use crate::row_set::RowSet;
use crate::states::{ChunkState, HoldKind};
use crate::step::Step;
use chrono::{DateTime, NaiveDate, Utc};

/// The rows of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkLine {
    /// Its number.
    pub chunk_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// The file's name.
    pub file_name: String,
    /// The account.
    pub account: String,
    /// Its place in the file's grid; `None` for rows that go again, or in halves.
    pub chunk_no: Option<i64>,
    /// Where it stands.
    pub state: ChunkState,
    /// Rows of it, as last sent or planned.
    pub row_count: i64,
    /// Paisa of those rows.
    pub total_amount: i64,
    /// The earliest due date of its rows.
    pub first_due: NaiveDate,
    /// Who it was born with.
    pub members: RowSet,
    /// The rows that still follow it.
    pub live: RowSet,
    /// The hub's number for the call.
    pub request_id: Option<String>,
    /// The login that number belongs to: the one under which it was sent last.
    pub login: String,
    /// Calls made.
    pub attempts: i64,
    /// What there is to say.
    pub message: Option<String>,
    /// Why it is held.
    pub hold_kind: Option<HoldKind>,
    /// When it was planned.
    pub planned_at: DateTime<Utc>,
    /// When its last call was made.
    pub sent_at: Option<DateTime<Utc>>,
    /// When that was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Not sent before this.
    pub not_before: Option<DateTime<Utc>>,
    /// When it is looked up next, while unknown.
    pub next_look_at: Option<DateTime<Utc>>,
    /// Look-ups that found nothing.
    pub looks: i64,
    /// When the hub is asked next about its rows.
    pub next_ask_at: Option<DateTime<Utc>>,
    /// How often it was asked.
    pub asks: i64,
}

/// One call, from its intent to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptLine {
    /// Its number; rises over the whole ledger.
    pub attempt_id: i64,
    /// What was sent.
    pub chunk_id: i64,
    /// For whom.
    pub account: String,
    /// Under which lease.
    pub epoch: i64,
    /// By whom.
    pub holder: String,
    /// Of the body.
    pub body_sha256: Vec<u8>,
    /// Rows in the body.
    pub row_count: i64,
    /// Paisa in the body.
    pub total_amount: i64,
    /// Which rows.
    pub members: RowSet,
    /// When the intent was stored.
    pub intended_at: DateTime<Utc>,
    /// After this no byte of the call is under way any more.
    pub deadline_at: DateTime<Utc>,
    /// When its outcome was stored.
    pub answered_at: Option<DateTime<Utc>>,
    /// `taken`, `refused`, `held`, `split`, `ready`, `unknown`, or `lost` with the lease.
    pub outcome: Option<String>,
    /// What came with it.
    pub message: Option<String>,
    /// Rows of it that are known to have made no bill that lives: they may go again.
    pub cleared: RowSet,
    /// The rate that was allowed when it was made.
    pub per_minute: i64,
}

const CHUNK_COLUMNS: &str = "c.chunk_id, c.file_id, f.file_name, c.account, c.chunk_no, c.state, \
    c.row_count, c.total_amount, c.first_due, c.members, c.live, c.request_id, c.login, c.attempts, \
    c.message, c.hold_kind, c.planned_at, c.sent_at, c.answered_at, c.not_before, c.next_look_at, \
    c.looks, c.next_ask_at, c.asks";

const ATTEMPT_COLUMNS: &str = "a.attempt_id, a.chunk_id, a.account, a.epoch, a.holder, \
    a.body_sha256, a.row_count, a.total_amount, a.members, a.intended_at, a.deadline_at, \
    a.answered_at, a.outcome, a.message, a.cleared, a.per_minute";

impl ChunkLine {
    /// Chunks that a condition finds. `c` is the chunk, `f` its file.
    pub(crate) async fn find(tx: &mut Tx, rest: &str, args: Vec<Val>) -> Result<Vec<ChunkLine>> {
        let text = format!(
            "select {CHUNK_COLUMNS} from chunks c join files f on f.file_id = c.file_id {rest}"
        );
        tx.rows(sql(text), args)
            .await?
            .iter()
            .map(ChunkLine::read)
            .collect()
    }

    /// One chunk.
    pub(crate) async fn get(tx: &mut Tx, chunk_id: i64) -> Result<Option<ChunkLine>> {
        Ok(
            ChunkLine::find(tx, "where c.chunk_id = $1", args![chunk_id])
                .await?
                .pop(),
        )
    }

    /// One chunk that must be there.
    pub(crate) async fn need(tx: &mut Tx, chunk_id: i64) -> Result<ChunkLine> {
        ChunkLine::get(tx, chunk_id)
            .await?
            .ok_or_else(|| LedgerError::Missing(format!("there is no chunk {chunk_id}")))
    }

    fn read(line: &Line) -> Result<ChunkLine> {
        Ok(ChunkLine {
            chunk_id: line.int(0)?,
            file_id: line.int(1)?,
            file_name: line.text(2)?,
            account: line.text(3)?,
            chunk_no: line.get(4)?,
            state: line.word(5)?,
            row_count: line.int(6)?,
            total_amount: line.int(7)?,
            first_due: line.get(8)?,
            members: line.row_set(9)?,
            live: line.row_set(10)?,
            request_id: line.get(11)?,
            login: line.text(12)?,
            attempts: line.int(13)?,
            message: line.get(14)?,
            hold_kind: line.maybe_word(15)?,
            planned_at: line.get(16)?,
            sent_at: line.get(17)?,
            answered_at: line.get(18)?,
            not_before: line.get(19)?,
            next_look_at: line.get(20)?,
            looks: line.int(21)?,
            next_ask_at: line.get(22)?,
            asks: line.int(23)?,
        })
    }

    /// Writes everything of the line that may change. Rows that left `live` must have a line of
    /// their own by the end of the step.
    pub(crate) async fn save(&self, step: &mut Step) -> Result<()> {
        let changed = step
            .tx
            .exec(
                "update chunks set state = $2, row_count = $3, total_amount = $4, first_due = $5,
                    live = $6, request_id = $7, attempts = $8, message = $9, hold_kind = $10,
                    changed_at = case when state = $2 then changed_at else $11 end, sent_at = $12, answered_at = $13, not_before = $14,
                    next_look_at = $15, looks = $16, next_ask_at = $17, asks = $18, login = $19
                 where chunk_id = $1",
                args![
                    self.chunk_id,
                    self.state.as_str(),
                    self.row_count,
                    self.total_amount,
                    self.first_due,
                    self.live.to_json(),
                    &self.request_id,
                    self.attempts,
                    &self.message,
                    self.hold_kind.map(HoldKind::as_str),
                    step.now,
                    self.sent_at,
                    self.answered_at,
                    self.not_before,
                    self.next_look_at,
                    self.looks,
                    self.next_ask_at,
                    self.asks,
                    &self.login,
                ],
            )
            .await?;
        if changed == 1 {
            Ok(())
        } else {
            Err(LedgerError::corrupt(format!(
                "chunk {} is gone",
                self.chunk_id
            )))
        }
    }
}

/// A chunk about to be born.
pub(crate) struct NewChunk<'a> {
    pub(crate) file_id: i64,
    pub(crate) chunk_no: Option<i64>,
    pub(crate) state: ChunkState,
    pub(crate) members: &'a RowSet,
    pub(crate) total_amount: i64,
    pub(crate) first_due: NaiveDate,
    pub(crate) message: Option<&'a str>,
    pub(crate) hold_kind: Option<HoldKind>,
    pub(crate) request_id: Option<&'a str>,
}

impl NewChunk<'_> {
    /// Stores it; answers its number. A taken one is asked about at once.
    pub(crate) async fn store(&self, step: &mut Step) -> Result<i64> {
        let ask_at = (self.state == ChunkState::Accepted).then_some(step.now);
        step.tx
            .number(
                "insert into chunks (file_id, account, chunk_no, state, row_count, total_amount,
                    first_due, members, live, request_id, login, message, hold_kind, planned_at,
                    changed_at, next_ask_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13, $13, $14)
                 returning chunk_id",
                args![
                    self.file_id,
                    &step.account,
                    self.chunk_no,
                    self.state.as_str(),
                    self.members.len() as i64,
                    self.total_amount,
                    self.first_due,
                    self.members.to_json(),
                    self.request_id,
                    &step.login,
                    self.message,
                    self.hold_kind.map(HoldKind::as_str),
                    step.now,
                    ask_at,
                ],
            )
            .await
    }
}

impl AttemptLine {
    /// Attempts that a condition finds. `a` is the attempt.
    pub(crate) async fn find(tx: &mut Tx, rest: &str, args: Vec<Val>) -> Result<Vec<AttemptLine>> {
        let text = format!("select {ATTEMPT_COLUMNS} from attempts a {rest}");
        tx.rows(sql(text), args)
            .await?
            .iter()
            .map(AttemptLine::read)
            .collect()
    }

    /// The newest attempt of a chunk.
    pub(crate) async fn newest(tx: &mut Tx, chunk_id: i64) -> Result<Option<AttemptLine>> {
        let rest = "where a.chunk_id = $1 order by a.attempt_id desc limit 1";
        Ok(AttemptLine::find(tx, rest, args![chunk_id]).await?.pop())
    }

    fn read(line: &Line) -> Result<AttemptLine> {
        Ok(AttemptLine {
            attempt_id: line.int(0)?,
            chunk_id: line.int(1)?,
            account: line.text(2)?,
            epoch: line.int(3)?,
            holder: line.text(4)?,
            body_sha256: line.get(5)?,
            row_count: line.int(6)?,
            total_amount: line.int(7)?,
            members: line.row_set(8)?,
            intended_at: line.get(9)?,
            deadline_at: line.get(10)?,
            answered_at: line.get(11)?,
            outcome: line.get(12)?,
            message: line.get(13)?,
            cleared: line.row_set(14)?,
            per_minute: line.int(15)?,
        })
    }

    /// The call, as far as it tells when a decision about it may be taken. `gone`: the lease under
    /// which it was made has ended.
    pub(crate) fn call(&self, gone: bool) -> Call {
        Call {
            chunk_id: self.chunk_id,
            intended_at: self.intended_at,
            deadline_at: self.deadline_at,
            answered: self.answered_at.is_some(),
            gone,
        }
    }

    /// May the call have made bills of its rows? (All but those that are cleared.)
    pub(crate) fn may_have_billed(&self) -> bool {
        !matches!(self.outcome.as_deref(), Some("held" | "split" | "ready"))
    }
}

/// These rows of a chunk made no bill that lives: they were refused, failed at the hub, or a
/// person has decided. Remembered with every call that carried them, before they go again.
pub(crate) async fn clear_attempts(step: &mut Step, chunk_id: i64, rows: &RowSet) -> Result<()> {
    let rest = "where a.chunk_id = $1 order by a.attempt_id";
    for attempt in AttemptLine::find(&mut step.tx, rest, args![chunk_id]).await? {
        let cleared = attempt.cleared.union(&rows.intersect(&attempt.members));
        if cleared != attempt.cleared {
            step.tx
                .exec(
                    "update attempts set cleared = $2 where attempt_id = $1",
                    args![attempt.attempt_id, cleared.to_json()],
                )
                .await?;
        }
    }
    Ok(())
}
