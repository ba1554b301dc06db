//! A ready chunk becomes a call: the intent is recorded durably, the call is made once, and its
//! answer is recorded. What is not certain is called unknown and nothing is sent after it.

use std::sync::Arc;
use std::time::Duration;

use ingest_ledger::planted::Bug;
use ingest_ledger::{
    Attempt, ChunkLine, Desk, HoldKind, Intended, Intent, LedgerError, PauseKind, PlanRules,
    RowSet, Sentence, Settlement,
};

use crate::account::Served;
use crate::config::ChangedRule;
use crate::elsewhere;
use crate::foreign;
use crate::gateway::Sent;
use crate::moments::Moment;
use crate::planning;
use crate::restored;
use crate::road::Step;

/// Once an intent is stored the first byte leaves within this time, or the call is not made.
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(5);
/// Storing the intent itself may take longer, but never so long that the call would outlive
/// [`CALL_DEADLINE`], which counts from within the intent's transaction.
const INTENT_WITHIN: Duration = Duration::from_secs(20);
/// By when a call has ended, whatever happens; no decision about it is taken before.
pub const CALL_DEADLINE: Duration = Duration::from_secs(150);
/// How soon a taken chunk is asked about.
const ASKED_AFTER: Duration = Duration::from_millis(500);
/// Earlier bills were asked about at most this long before a chunk that follows them is sent.
const ASKED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// The same for a chunk whose rows may take the place of a bill that is paid meanwhile.
const ASKED_JUST_NOW: Duration = Duration::from_secs(20);
/// Two places of an account that may make one call a minute.
const PLACE_AHEAD_MAX: Duration = Duration::from_secs(122);
/// A chunk that can't be judged, because the hub can't be read, is looked at again after this.
const PUT_OFF_FOR: Duration = Duration::from_secs(5);
const RETRY_MIN: Duration = Duration::from_secs(2);
const RETRY_MAX: Duration = Duration::from_secs(300);

/// Sends the oldest ready chunk, if there is one and the account may send one now.
pub async fn step(served: &Served, desk: &Desk) -> Result<Step, LedgerError> {
    let ledger = &served.ledger;
    take_back_unsure_intent(served).await?;
    let mut line = desk.account.clone();
    if line.paused_kind == Some(PauseKind::Restored) || !served.marker_was_seen() {
        if let Err(wait) = restored::may_call(served).await? {
            return Ok(Step::Idle(wait));
        }
        line = served.line().await?;
    }
    let in_doubt = line.read_needed && !Bug::SendsWhileInDoubt.is_planted();
    if line.paused_kind.is_some() || in_doubt || !desk.ready {
        return Ok(Step::Idle(None));
    }
    let Some(chunk) = ledger.next_ready(&served.account.name).await? else {
        return Ok(Step::Idle(
            ledger.next_ready_in(&served.account.name).await?,
        ));
    };
    // Further ahead than any place lies is a clock that jumped: the intent puts that right.
    let wait = millis(line.next_write_in_ms);
    let too_early = !wait.is_zero() && wait <= PLACE_AHEAD_MAX;
    if too_early && !Bug::RateOfOneProcess.is_planted() {
        return Ok(Step::Idle(Some(wait)));
    }
    if let Err(wait) = restored::may_call(served).await? {
        return Ok(Step::Idle(wait));
    }
    // Rows off the grid were approved, retried or resolved: what they may replace is asked now.
    let may_replace =
        chunk.chunk_no.is_none() || served.account.changed_bills == ChangedRule::Replace;
    let within = if may_replace {
        ASKED_JUST_NOW
    } else {
        ASKED_WITHIN
    };
    // This may take its time; what is known of earlier bills must be fresh.
    let elsewhere = match elsewhere::of_chunk(served, chunk.chunk_id, within).await? {
        Ok(held) => held,
        Err(error) => {
            served.not_read(&error).await?;
            return put_off(served, chunk.chunk_id).await;
        }
    };
    let earlier = ledger.earlier_chunks_of(chunk.chunk_id).await?;
    let others = ledger.foreign_asks_of_chunk(chunk.chunk_id).await?;
    if !planning::ask_about(served, &earlier, within).await?
        || !foreign::ask_first(served, &others, within).await?
    {
        return put_off(served, chunk.chunk_id).await;
    }
    let gateway = served.gateway();
    if let Err(why) = gateway.ready().await {
        return Ok(Step::Idle(Some(served.not_ready(why).await?)));
    }
    served.reached(None);
    note_older_requests(served).await?;
    let bills = ledger.chunk_bills(chunk.chunk_id).await?;
    let rows: RowSet = bills.iter().map(|bill| bill.row_no).collect();
    let body = gateway.body(&bills);
    let rules = PlanRules {
        elsewhere,
        ..served.plan_rules()
    };
    let intent = Intent {
        rows: &rows,
        body_sha256: body.sha256,
        per_minute: served.account.requests_per_minute,
        deadline: CALL_DEADLINE,
        rules: &rules,
    };
    let clock = Arc::clone(&served.world.clock);
    if Bug::IntentAfterCall.is_planted() {
        let early = gateway.body(&bills);
        gateway.send(early, &bills, Box::new(|| true)).await;
        gateway.ready().await.ok();
    }
    let before = clock.awake();
    let intended = ledger.intend(&served.lease, chunk.chunk_id, &intent).await;
    if intended.is_err() {
        served.unsure_of(Some(chunk.chunk_id));
    }
    let attempt = match intended? {
        Intended::Go(attempt) => attempt,
        Intended::Wait(wait) => return Ok(Step::Idle(Some(wait))),
        Intended::Paused | Intended::ReadNeeded => return Ok(Step::Idle(None)),
        Intended::Changed => return Ok(Step::Did),
    };
    let stored = clock.awake();
    Moment::IntentStored.reached();
    let sent = if stored.saturating_sub(before) > INTENT_WITHIN {
        Sent::NotSent("storing the intent took too long for its call to be made".to_owned())
    } else if let Err(why) = restored::mark(served, &attempt, body.sha256).await {
        Sent::NotSent(why)
    } else {
        Moment::CallMarked.reached();
        let any_time = Bug::CallsLongAfterIntent.is_planted();
        let may_start =
            move || any_time || clock.awake().saturating_sub(stored) <= FIRST_BYTE_WITHIN;
        gateway.send(body, &bills, Box::new(may_start)).await
    };
    Moment::AnswerRead.reached();
    record(served, &chunk, &attempt, sent).await?;
    Moment::AnswerStored.reached();
    Ok(Step::Did)
}

/// What a chunk's rows may meet could not be read at the hub: it waits, and those behind it, whose
/// payers meet nothing there, need not.
async fn put_off(served: &Served, chunk_id: i64) -> Result<Step, LedgerError> {
    if served.stopping() {
        return Ok(Step::Idle(None));
    }
    let (ledger, lease) = (&served.ledger, &served.lease);
    ledger.put_off(lease, chunk_id, PUT_OFF_FOR).await?;
    Ok(Step::Did)
}

/// Before the first call of a login: what the hub lists by then is none of ours, and need not be
/// read when an answer is lost. A hub that does not tell hinders nothing; it is asked once.
async fn note_older_requests(served: &Served) -> Result<(), LedgerError> {
    let login = served.account.login();
    if served.asked_for_older() || !served.ledger.never_called(&login).await? {
        return Ok(());
    }
    match served.gateway().listed().await {
        Ok(requests) => {
            served
                .ledger
                .older_requests(&served.lease, &login, &requests)
                .await
        }
        Err(error) => {
            tracing::info!(account = %served.account.name, %error, "what the hub had before our first call is not known");
            Ok(())
        }
    }
}

/// The database broke while an intent was being stored, so no call was made for it. If it was
/// stored all the same, it is answered with just that: provably nothing was sent.
async fn take_back_unsure_intent(served: &Served) -> Result<(), LedgerError> {
    let Some(chunk_id) = served.unsure_intent() else {
        return Ok(());
    };
    for attempt in served.ledger.open_intents(&served.lease).await? {
        if attempt.chunk_id == chunk_id {
            let message =
                "whether its intent was stored was not certain, so no call was made".to_owned();
            let settlement = Settlement::Ready {
                message,
                wait: None,
            };
            served.ledger.settle(&attempt, &settlement).await?;
        }
    }
    served.unsure_of(None);
    Ok(())
}

/// Records an answer; tried for as long as the database is away, because a true answer is worth it.
async fn record(
    served: &Served,
    chunk: &ChunkLine,
    attempt: &Attempt,
    sent: Sent,
) -> Result<(), LedgerError> {
    let settlement = settlement_of(&sent, chunk);
    tracing::info!(
        chunk_id = chunk.chunk_id,
        rows = chunk.row_count,
        outcome = sent.in_a_word(),
        "chunk sent"
    );
    let mut wait = Duration::from_millis(200);
    loop {
        match served.ledger.settle(attempt, &settlement).await {
            Ok(()) => break,
            Err(error) if error.is_transient() && !served.stopping() => {
                tracing::warn!(chunk_id = chunk.chunk_id, %error, "the answer could not be stored; trying again");
                served.world.clock.sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
            Err(error) => return Err(error),
        }
    }
    // What requests of nobody may hold was looked at before this call.
    served.forget_holders(chunk.file_id, &chunk.live);
    if let Some((kind, reason)) = pause_after(served, sent).await? {
        served.pause(kind, &reason).await?;
    }
    served.moved();
    Ok(())
}

/// Whether the account is to be paused after this answer, and why.
async fn pause_after(
    served: &Served,
    sent: Sent,
) -> Result<Option<(PauseKind, String)>, LedgerError> {
    Ok(match sent {
        Sent::Forbidden(words) => Some((PauseKind::Refused, words)),
        Sent::RefusedWhole(words) => {
            let in_a_row = served.line().await?.refusals_in_a_row;
            let reason =
                format!("the hub refused two requests in a row without naming a row: {words}");
            (in_a_row >= 2).then_some((PauseKind::Refused, reason))
        }
        Sent::SignInAgain(words) => {
            let in_a_row = served.ledger.sign_in_refused(&served.account.name).await?;
            let reason = format!("the hub took no sign-in twice in a row: {words}");
            (in_a_row >= 2).then_some((PauseKind::SignIn, reason))
        }
        _ => None,
    })
}

/// The answer table, in the ledger's words.
fn settlement_of(sent: &Sent, chunk: &ChunkLine) -> Settlement {
    let again = backoff(chunk.attempts);
    match sent {
        Sent::Taken {
            request_id,
            refused,
            unproven,
            message,
        } => Settlement::Taken {
            request_id: request_id.clone(),
            refused: refused.clone(),
            unproven: unproven.clone(),
            message: message.clone(),
            ask_in: ASKED_AFTER,
        },
        Sent::RowsRefused {
            refused,
            unnamed,
            message,
        } => Settlement::RowsRefused {
            refused: refused.clone(),
            unnamed: unnamed.clone(),
            message: message.clone(),
        },
        Sent::RefusedWhole(words) => Settlement::Held {
            kind: HoldKind::Refused,
            message: Sentence::RefusedWhole.with(&[words]),
        },
        Sent::TooLarge(words) if chunk.row_count <= 1 => Settlement::Held {
            kind: HoldKind::TooLarge,
            message: Sentence::RowTooLarge.with(&[words]),
        },
        Sent::TooLarge(words) => Settlement::Split {
            message: Sentence::Halved.with(&[words]),
        },
        Sent::SignInAgain(words) => Settlement::Ready {
            message: words.clone(),
            wait: None,
        },
        Sent::Forbidden(words) => Settlement::Ready {
            message: words.clone(),
            wait: None,
        },
        Sent::Wait(wait, words) => Settlement::Ready {
            message: words.clone(),
            wait: Some(*wait),
        },
        Sent::NotSent(words) => Settlement::Ready {
            message: words.clone(),
            wait: Some(again),
        },
        Sent::Unknown(words) if Bug::UnknownIsNotSent.is_planted() => Settlement::Ready {
            message: words.clone(),
            wait: Some(again),
        },
        Sent::Unknown(words) => Settlement::Unknown {
            message: words.clone(),
        },
    }
}

/// Milliseconds of the ledger as a duration.
pub(crate) fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 8)).unwrap_or(8);
    (RETRY_MIN * 2_u32.pow(doublings)).min(RETRY_MAX)
}
