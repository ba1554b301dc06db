//! What became of the bills: the hub is asked about every request that is not final, sooner
//! when fresh, rarely when old, and always within the account's rate.

use std::collections::HashMap;
use std::time::Duration;

use ingest_ledger::{AskLine, Learned, Learnt, LedgerError, OpenRow, Reading, RowState};

use crate::account::Served;
use crate::gateway::{AskError, RequestReading};
use crate::moments::Moment;
use crate::road::Step;
use crate::sending::millis;

/// Payments whose time is not known yet, asked about at a time.
const STAMPS_AT_A_TIME: u32 = 5;
/// A request that is out of sight is asked about again after as long as it has been so, but
/// within these bounds.
const UNSEEN_AGAIN_MIN: Duration = Duration::from_secs(5);
const UNSEEN_AGAIN_MAX: Duration = Duration::from_secs(24 * 3600);
/// A request that could not be read for this long, while others could, is out of sight.
const UNREADABLE_FOR: Duration = Duration::from_secs(2 * 60);
/// The hub shows a request that it took within this time, or not at all.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);

/// Asks about the request that is due next, if one is.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let Some(line) = served.ledger.next_ask(&served.account.name).await? else {
        return Ok(Step::Idle(None));
    };
    if line.in_ms > 0 {
        return Ok(Step::Idle(Some(millis(line.in_ms))));
    }
    match ask_now(served, &line).await? {
        Asked::Read(_) => return Ok(Step::Did),
        Asked::OutOfSight(_) => {}
        Asked::Unread(_) => {
            let again = unread_again(line.asks);
            served.ledger.ask_later(line.chunk_id, again).await?;
        }
    }
    Ok(Step::Idle(Some(Duration::from_secs(1))))
}

/// What asking about one request came to.
#[derive(Debug)]
pub enum Asked {
    /// It was read, and what the hub says is stored; what was new in it.
    Read(Learnt),
    /// This request alone is out of sight, which is remembered: it holds up only the rows that
    /// meet its bills.
    OutOfSight(AskError),
    /// It could not be read: what it holds is open.
    Unread(AskError),
}

/// Asks about one request now, as [`ask`] does, and does what a failure asks for: everybody who
/// asks for the sake of something else goes by this.
pub async fn ask_now(served: &Served, line: &AskLine) -> Result<Asked, LedgerError> {
    let error = match ask_and_learn(served, line).await? {
        Ok((_, learnt)) => return Ok(Asked::Read(learnt)),
        Err(error) => error,
    };
    served.not_read(&error).await?;
    Ok(match is_out_of_sight(served, line, &error).await? {
        true => Asked::OutOfSight(error),
        false => Asked::Unread(error),
    })
}

/// Asks about one request now and stores what the hub says. The inner error is the hub's.
pub async fn ask(
    served: &Served,
    line: &AskLine,
) -> Result<Result<RequestReading, AskError>, LedgerError> {
    let asked = ask_and_learn(served, line).await?;
    Ok(asked.map(|(reading, _)| reading))
}

/// As [`ask`], with what was new in it.
async fn ask_and_learn(
    served: &Served,
    line: &AskLine,
) -> Result<Result<(RequestReading, Learnt), AskError>, LedgerError> {
    let rows = served.ledger.open_rows(line.chunk_id).await?;
    let reading = match served.gateway().ask(&line.request_id, &rows).await {
        Ok(reading) => reading,
        Err(error) => return Ok(Err(error)),
    };
    Moment::OutcomeRead.reached();
    served.was_read(line.chunk_id);
    served.reached(None);
    served.ledger.read_answered(&served.account.name).await?;
    // The ledger gives a chunk's rows in order.
    let before = |row_no| {
        let at = rows.binary_search_by_key(&row_no, |open| open.row_no);
        at.ok().map(|at| rows[at].state)
    };
    let learnt = served
        .ledger
        .learn(
            line.chunk_id,
            &Reading {
                facts: reading
                    .rows
                    .iter()
                    .filter_map(|row| {
                        Some(Learned {
                            row_no: row.row_no,
                            state: row.state.or_else(|| before(row.row_no))?,
                            psid: row.psid.clone(),
                            payment_id: row.payment_id.clone(),
                            message: row.message.clone(),
                        })
                    })
                    .collect(),
                absent: reading.absent.clone(),
                processed: reading.processed,
                ask_in: ask_in(line, &rows, &reading),
            },
        )
        .await?;
    if learnt.changed > 0 {
        tracing::info!(
            chunk_id = line.chunk_id,
            rows = learnt.changed,
            "the hub moved on"
        );
        served.moved();
        served.wrote(learnt.changed).await?;
    }
    Ok(Ok((reading, learnt)))
}

/// Whether this request alone is out of sight: the hub shows none of that number, or fails at it
/// for two minutes while it answers about others. That is remembered until it is read again.
async fn is_out_of_sight(
    served: &Served,
    line: &AskLine,
    error: &AskError,
) -> Result<bool, LedgerError> {
    let alone = match error {
        // One that was taken just now may not have reached every part of the hub yet.
        AskError::NotFound(_) => line.asks > 0 || millis(line.taken_ms) >= SHOWN_WITHIN,
        AskError::Hidden(_) => served.hidden_for(line.chunk_id) >= UNREADABLE_FOR,
        AskError::Unreadable(_) | AskError::Refused(_) | AskError::Ledger(_) => false,
    };
    if !alone {
        return Ok(false);
    }
    let why = error.to_string();
    let again = (UNSEEN_AGAIN_MIN, UNSEEN_AGAIN_MAX);
    let age = served.ledger.unseen(line.chunk_id, &why, again).await?;
    if age.is_zero() {
        tracing::warn!(
            chunk_id = line.chunk_id,
            "the hub does not show a request any more; rows that meet its bills wait"
        );
        served.moved();
    }
    Ok(true)
}

/// When to ask again: soon while PSIDs are awaited, then ever more rarely; about an unpaid bill
/// within minutes at first, hourly for two days, then daily.
fn ask_in(line: &AskLine, rows: &[OpenRow], reading: &RequestReading) -> Option<Duration> {
    let read: HashMap<u32, RowState> = reading
        .rows
        .iter()
        .filter_map(|read| Some((read.row_no, read.state?)))
        .collect();
    let now = |row: &OpenRow| read.get(&row.row_no).copied().unwrap_or(row.state);
    let mut awaited = false;
    let mut unpaid = false;
    for row in rows {
        match now(row) {
            RowState::Billed => unpaid = true,
            state => awaited |= !state.is_final(),
        }
    }
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = match (awaited, unpaid, line.asks) {
        (true, _, asks @ ..8) => [1, 1, 2, 3, 5, 8, 15, 30][usize::try_from(asks).unwrap_or(0)],
        (true, _, ..18) => MINUTE,
        (true, _, ..42) => 5 * MINUTE,
        (true, _, ..66) => HOUR,
        (false, true, ..6) => MINUTE,
        (false, true, ..10) => 5 * MINUTE,
        (false, true, ..14) => 15 * MINUTE,
        (false, true, ..60) => HOUR,
        (true, ..) | (false, true, _) => DAY,
        (false, false, _) => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// How soon a request is asked about again that could not be read.
fn unread_again(asks: i64) -> Duration {
    let doublings = u32::try_from(asks.clamp(0, 6)).unwrap_or(6);
    Duration::from_secs(5) * 2_u32.pow(doublings)
}

/// Learns when paid bills were paid: only payment by id, or a search, says so.
pub async fn stamp_step(served: &Served) -> Result<Step, LedgerError> {
    let unstamped = served
        .ledger
        .unstamped(&served.account.name, STAMPS_AT_A_TIME)
        .await?;
    if unstamped.is_empty() {
        return Ok(Step::Idle(None));
    }
    for row in unstamped {
        if served.stopping() {
            break;
        }
        match served
            .gateway()
            .paid_at(row.payment_id.as_deref(), row.psid.as_deref())
            .await
        {
            Ok(paid_at) => {
                served
                    .ledger
                    .paid_stamp(row.file_id, row.row_no, paid_at)
                    .await?
            }
            Err(AskError::NotFound(_)) => {
                served
                    .ledger
                    .paid_stamp(row.file_id, row.row_no, None)
                    .await?
            }
            Err(error) => {
                served.not_read(&error).await?;
                return Ok(Step::Idle(Some(Duration::from_secs(60))));
            }
        }
    }
    Ok(Step::Did)
}
