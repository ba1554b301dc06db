//! Accounts: who serves one (the lease), how fast it may call, and why it is paused.

use crate::chunk_lines::ChunkLine;
use crate::clock;
use crate::course;
use crate::db::{Line, args, sql};
use crate::errors::{LedgerError, Result};
use crate::open::Ledger;
use crate::paused_by_hand::{begin_pause, end_pause};
use crate::states::{PauseKind, RowState};
use crate::step::{Step, once_more};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The right to serve an account, held until another takes it. The epoch rises with every
/// taking, so a holder that slept through its time is recognised and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The account.
    pub account: String,
    /// Who holds it (host, process and a random part).
    pub holder: String,
    /// The how-manieth taking this is.
    pub epoch: i64,
}

/// An account as it stands now, by the database's clock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AccountLine {
    /// The account's name in the configuration.
    pub account: String,
    /// Base URL and user name: what the hub's request numbers are unique in.
    pub login: String,
    /// Who serves it, or served it last.
    pub lease_holder: Option<String>,
    /// The how-manieth lease it is.
    pub lease_epoch: i64,
    /// Until when the lease holds if it is not renewed.
    pub lease_until: Option<DateTime<Utc>>,
    /// Is the lease live?
    pub served: bool,
    /// Why the account is paused, if it is.
    pub paused_kind: Option<PauseKind>,
    /// The sentence that says so.
    pub paused_reason: Option<String>,
    /// Since when.
    pub paused_at: Option<DateTime<Utc>>,
    /// When it is tried again by itself; `None`: only a person ends it.
    pub pause_retry_at: Option<DateTime<Utc>>,
    /// Has that time come?
    pub pause_retry_due: bool,
    /// Nothing more is sent until a read is answered.
    pub read_needed: bool,
    /// Until the next call that writes may be made, in milliseconds.
    pub next_write_in_ms: i64,
    /// Until the next call that reads may be made, in milliseconds.
    pub next_read_in_ms: i64,
    /// 400 without an echo, since something was last taken.
    pub refusals_in_a_row: i64,
    /// 401 since something was last taken.
    pub sign_ins_in_a_row: i64,
}

/// What [`AccountLine::read`] reads, from the first column on.
pub(crate) const COLUMNS: &str = "account, login, lease_holder, lease_epoch, lease_until, paused_kind, \
    paused_reason, paused_at, pause_retry_at, read_needed, next_write_at, next_read_at, \
    refusals_in_a_row, sign_ins_in_a_row, clock_at";
/// How many these are.
pub(crate) const COLUMNS_N: usize = 15;

/// What is said where an account is asked for that the database does not know.
pub(crate) fn no_account(account: &str) -> LedgerError {
    LedgerError::Missing(format!("the account {account} is not in the database"))
}

impl AccountLine {
    pub(crate) fn read(line: &Line, now: DateTime<Utc>) -> Result<AccountLine> {
        // Whoever takes the lease next puts right what a clock that was set back left
        // behind; until then none of it holds.
        let behind = clock::is_behind(line.get(14)?, now);
        let in_ms = |at: Option<DateTime<Utc>>| {
            at.filter(|_| !behind)
                .map_or(0, |at| (at - now).num_milliseconds().max(0))
        };
        let lease_until: Option<DateTime<Utc>> = line.get(4)?;
        let lease_holder: Option<String> = line.get(2)?;
        let pause_retry_at: Option<DateTime<Utc>> = line.get(8)?;
        Ok(AccountLine {
            account: line.text(0)?,
            login: line.text(1)?,
            served: lease_holder.is_some() && !behind && is_live(lease_until, now),
            lease_holder,
            lease_epoch: line.int(3)?,
            lease_until,
            paused_kind: line.maybe_word(5)?,
            paused_reason: line.get(6)?,
            paused_at: line.get(7)?,
            pause_retry_at,
            pause_retry_due: pause_retry_at.is_some_and(|at| at <= now || behind),
            read_needed: line.get(9)?,
            next_write_in_ms: in_ms(line.get(10)?),
            next_read_in_ms: in_ms(line.get(11)?),
            refusals_in_a_row: line.int(12)?,
            sign_ins_in_a_row: line.int(13)?,
        })
    }
}

/// How far ahead a place for a read may lie and still be believed: further is a clock that jumped.
const READ_AHEAD_MAX: Duration = Duration::from_secs(300);

/// No lease is taken for longer: one that lies further ahead is of a clock that jumped, and dead.
const LEASE_LONGEST: Duration = Duration::from_secs(600);

impl Ledger {
    /// Takes the account's lease for `ttl` (at most ten minutes), unless another live holder has it. Whatever says
    /// `sending` is then `unknown`: the process that made the call is gone.
    pub async fn lease_take(
        &self,
        account: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        once_more!(self.lease_take_once(account, holder, ttl))
    }

    async fn lease_take_once(
        &self,
        account: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let mut step = self.step(account).await?;
        let ttl = ttl.min(LEASE_LONGEST);
        let live = is_live(step.lease_until, step.now);
        if live
            && step
                .lease_holder
                .as_deref()
                .is_some_and(|other| other != holder)
        {
            // What a clock that was set back left behind is put right all the same.
            step.finish().await?;
            return Ok(None);
        }
        let epoch = step.lease_epoch + 1;
        let until = step.now + ttl;
        step.tx
            .exec(
                "update accounts set lease_holder = $2, lease_epoch = $3, lease_until = $4 where account = $1",
                args![account, holder, epoch, until],
            )
            .await?;
        calls_are_lost(&mut step).await?;
        step.finish().await?;
        Ok(Some(Lease {
            account: account.to_owned(),
            holder: holder.to_owned(),
            epoch,
        }))
    }

    /// Prolongs it; `false`: it is another's by now.
    pub async fn lease_renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        // A step: so a clock that is set back is seen soon, though nothing else happens.
        let mut step = match self.step_under(lease).await {
            Err(LedgerError::Fenced(_)) => return Ok(false),
            step => step?,
        };
        let until = step.now + ttl.min(LEASE_LONGEST);
        step.tx
            .exec(
                "update accounts set lease_until = $2 where account = $1",
                args![&lease.account, until],
            )
            .await?;
        step.finish().await?;
        Ok(true)
    }

    /// Gives it back, so that the next one need not wait.
    pub async fn lease_release(&self, lease: &Lease) -> Result<()> {
        let mut tx = self.db.write().await?;
        tx.exec(
            "update accounts set lease_until = null, lease_holder = null where account = $1 and lease_holder = $2 and lease_epoch = $3",
            args![&lease.account, &lease.holder, lease.epoch],
        )
        .await?;
        tx.commit().await
    }

    /// Every account, by name.
    pub async fn accounts(&self) -> Result<Vec<AccountLine>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let text = format!("select {COLUMNS} from accounts order by account");
        let lines = tx.rows(sql(text), args![]).await?;
        lines.iter().map(|l| AccountLine::read(l, now)).collect()
    }

    /// The account's line.
    ///
    /// # Errors
    /// [`LedgerError::Missing`]: there is no such account; or the database's.
    pub async fn account(&self, account: &str) -> Result<AccountLine> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let text = format!("select {COLUMNS} from accounts where account = $1");
        let line = tx.row(sql(text), args![account]).await?;
        AccountLine::read(&line.ok_or_else(|| no_account(account))?, now)
    }

    /// Nothing is sent for the account until it is unpaused. A person's pause is not replaced by
    /// another kind but that of a restored database, and that by none; the same kind again moves
    /// only its reason and when it is tried again.
    pub async fn pause(
        &self,
        account: &str,
        kind: PauseKind,
        reason: &str,
        retry_in: Option<Duration>,
    ) -> Result<()> {
        let mut tx = self.db.write().await?;
        let now = tx.now().await?;
        begin_pause(&mut tx, account, kind, reason, retry_in, now).await?;
        tx.commit().await
    }

    /// Ends a pause and forgets the refusals that led to it.
    pub async fn unpause(&self, account: &str) -> Result<()> {
        let mut tx = self.db.write().await?;
        end_pause(&mut tx, account, true).await?;
        tx.commit().await
    }

    /// Ends a pause that is the hub's doing, and forgets the refusals that led to it.
    pub async fn unpause_by_itself(&self, account: &str) -> Result<()> {
        let mut tx = self.db.write().await?;
        end_pause(&mut tx, account, false).await?;
        tx.commit().await
    }

    /// Counts a 401; answers how many there were in a row.
    pub async fn sign_in_refused(&self, account: &str) -> Result<i64> {
        let mut tx = self.db.write().await?;
        let sql = "update accounts set sign_ins_in_a_row = sign_ins_in_a_row + 1 where account = $1 returning sign_ins_in_a_row";
        let n = tx.number(sql, args![account]).await?;
        tx.commit().await?;
        Ok(n)
    }

    /// Reserves the next even place for a call that reads; answers how long to wait for it.
    pub async fn read_turn(&self, account: &str, per_minute: u32) -> Result<Duration> {
        let mut step = self.step(account).await?;
        let turn = match step.next_read_at {
            Some(at) if at <= step.now => step.now,
            Some(at) if at <= step.now + READ_AHEAD_MAX => at,
            Some(_) => step.now + even_place(per_minute),
            None => step.now,
        };
        step.tx
            .exec(
                "update accounts set next_read_at = $2 where account = $1",
                args![account, turn + even_place(per_minute)],
            )
            .await?;
        let wait = (turn - step.now).to_std().unwrap_or_default();
        step.finish().await?;
        Ok(wait)
    }

    /// The hub answered a read: sending may go on.
    pub async fn read_answered(&self, account: &str) -> Result<()> {
        let needed = {
            let sql = "select read_needed from accounts where account = $1";
            self.db.read().await?.row(sql, args![account]).await?
        };
        if needed
            .map(|line| line.get::<bool>(0))
            .transpose()?
            .unwrap_or(false)
        {
            let mut tx = self.db.write().await?;
            tx.exec(
                "update accounts set read_needed = false where account = $1",
                args![account],
            )
            .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn is_live(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    until.is_some_and(|until| until > now && until <= now + LEASE_LONGEST)
}

/// The distance between two calls of `per_minute`, one per cent wider than even, so that no
/// rounding anywhere puts one call too many into a minute.
pub(crate) fn even_place(per_minute: u32) -> Duration {
    Duration::from_millis(u64::from(60_600 / per_minute.max(1)) + 1)
}

/// The process that was calling is gone: what it sent may have been taken.
async fn calls_are_lost(step: &mut Step) -> Result<()> {
    let sending = ChunkLine::find(
        &mut step.tx,
        "where c.account = $1 and c.state = 'sending' order by c.chunk_id",
        args![&step.account],
    )
    .await?;
    if sending.is_empty() {
        return Ok(());
    }
    for mut chunk in sending {
        let now = step.now;
        if !course::process_gone(&mut chunk, now) {
            continue;
        }
        step.moved(
            chunk.file_id,
            Some(RowState::Sending),
            course::awaiting(chunk.state).unwrap_or(RowState::Ready),
            &chunk.live,
        );
        chunk.save(step).await?;
        // Its answer, should it still come, is true: so it is marked, not answered.
        step.tx
            .exec(
                "update attempts set outcome = 'lost' where chunk_id = $1 and answered_at is null",
                args![chunk.chunk_id],
            )
            .await?;
    }
    step.tx
        .exec(
            "update accounts set read_needed = true where account = $1",
            args![&step.account],
        )
        .await?;
    Ok(())
}
