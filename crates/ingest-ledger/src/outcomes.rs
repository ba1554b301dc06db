//! What the hub says later about a chunk it took: PSIDs, payments, failures.

use crate::callbacks::call_answered;
use crate::chunk_lines::ChunkLine;
use crate::db::args;
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::bills_of;
use crate::open::Ledger;
use crate::paid_replaced::note_replaced;
use crate::regroup::CANCELLED;
use crate::row_id;
use crate::row_lines::{
    CONFIRMED, CONFIRMED_LISTED, LISTED, RowLine, SAID, line_mut, lines_of, row_nos, save_lines,
};
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::sentences::Sentence;
use crate::states::{ChunkState, RowState};
use crate::step::once_more;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A row of a taken chunk whose end is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRow {
    /// Its place in the file.
    pub row_no: u32,
    /// `Accepted`, `Billed` or `Unknown`; or `Rejected`, `Errored` or `Corrected`.
    pub state: RowState,
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// Paisa.
    pub amount: i64,
    /// Until when.
    pub due_date: NaiveDate,
    /// Paisa after that.
    pub late: i64,
    /// The hub's number for the payment, if known.
    pub payment_id: Option<String>,
    /// Its PSID, if known.
    pub psid: Option<String>,
}

impl OpenRow {
    /// A bill as the hub is asked about it while no payment of it is known.
    pub fn of(bill: BillRow, state: RowState) -> OpenRow {
        OpenRow {
            row_no: bill.row_no,
            state,
            title: bill.title,
            identifier: bill.identifier,
            amount: bill.amount,
            due_date: bill.due_date,
            late: bill.amount_after_due_date,
            payment_id: None,
            psid: None,
        }
    }
}

/// What the hub says of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The row.
    pub row_no: u32,
    /// `Accepted`, `Billed`, `Paid`, `Discarded`, `Errored`, or `Unknown` for a status in no list
    /// (which leaves the row's state; its message is shown).
    pub state: RowState,
    /// Its PSID; `None` leaves what is known.
    pub psid: Option<String>,
    /// The hub's number for the payment; `None` leaves what is known.
    pub payment_id: Option<String>,
    /// What there is to say; `None` leaves what was said.
    pub message: Option<String>,
}

/// One complete reading of a request.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What it says, row by row.
    pub facts: Vec<Learned>,
    /// Open rows that it does not contain.
    pub absent: RowSet,
    /// The hub says it has worked the request off.
    pub processed: bool,
    /// When to ask again; `None`: not while nothing is open.
    pub ask_in: Option<Duration>,
}

/// What a reading changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// Rows that changed.
    pub changed: u64,
    /// Rows still open.
    pub open: u64,
    /// Of the rows that changed, those that came to another state, by that state.
    pub moved: BTreeMap<RowState, u64>,
}

impl Ledger {
    /// The rows of a taken chunk that the hub may still say something new about: those that are
    /// not final, and those that failed, for it may have made their bills after all.
    pub async fn open_rows(&self, chunk_id: i64) -> Result<Vec<OpenRow>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        if chunk.state != ChunkState::Accepted {
            return Ok(Vec::new());
        }
        let mut lines = lines_of(&mut tx, chunk.file_id, &chunk.members).await?;
        let open: RowSet = chunk
            .members
            .iter()
            .filter(|row_no| {
                state_in(&chunk, *row_no, lines.get(row_no)).is_some_and(may_yet_change)
            })
            .collect();
        let bills = bills_of(&mut tx, chunk.file_id, &open).await?;
        Ok(bills
            .into_iter()
            .map(|bill| {
                let line = lines.remove(&bill.row_no);
                let state = state_in(&chunk, bill.row_no, line.as_ref());
                OpenRow {
                    payment_id: line.as_ref().and_then(|l| l.payment_id.clone()),
                    psid: line.and_then(|l| l.psid),
                    ..OpenRow::of(bill, state.unwrap_or(RowState::Accepted))
                }
            })
            .collect())
    }

    /// The file's rows in doubt that the newest reading of their own request lists all the same,
    /// without a word that proves a bill.
    pub async fn listed_in_doubt(&self, file_id: i64) -> Result<RowSet> {
        let text = "select row_id from row_state where row_id > $1 and row_id < $2
                and state = 'unknown' and absent in (-2, -4)
             order by row_id limit $3";
        row_nos(&mut self.db.read().await?, text, file_id).await
    }

    /// Stores what a reading says; writes only what changed.
    ///
    /// A state never goes back from final, but that any of them may turn out paid: a payment is a
    /// fact. What contradicts is kept in the row's message. Rows that a worked-off request lacks
    /// twice are rejected if they were in doubt, and in doubt if the hub had confirmed them.
    pub async fn learn(&self, chunk_id: i64, reading: &Reading) -> Result<Learnt> {
        once_more!(self.learn_once(chunk_id, reading))
    }

    async fn learn_once(&self, chunk_id: i64, reading: &Reading) -> Result<Learnt> {
        let mut step = self.step_of_chunk(chunk_id).await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if chunk.state != ChunkState::Accepted {
            return Ok(Learnt::default());
        }
        step.tx
            .exec(
                "delete from unseen_requests where chunk_id = $1",
                args![chunk_id],
            )
            .await?;
        let file_id = chunk.file_id;
        let cancelled = FileLine::need(&mut step.tx, file_id).await?.cancelled;
        let mut lines = lines_of(&mut step.tx, file_id, &chunk.members).await?;
        let mut moves: BTreeMap<(RowState, RowState), Vec<u32>> = BTreeMap::new();
        let mut changed: BTreeSet<u32> = BTreeSet::new();
        for fact in &reading.facts {
            let Some(from) = state_in(&chunk, fact.row_no, lines.get(&fact.row_no)) else {
                continue;
            };
            let had_line = lines.contains_key(&fact.row_no);
            let line = line_mut(&mut lines, file_id, fact.row_no);
            let before = line.clone();
            let to = take_fact(line, from, fact);
            let same = *line == before && to == from;
            if same || (!had_line && to == from && is_bare(line)) {
                continue;
            }
            // What follows the chunk goes on doing so, as long as it is what the chunk is.
            let follows = before.state.is_none() && to == from;
            line.state = if follows { None } else { Some(to) };
            changed.insert(fact.row_no);
            if to != from || line.psid != before.psid {
                moves.entry((from, to)).or_default().push(fact.row_no);
            }
        }
        for row_no in reading.absent.iter().filter(|_| reading.processed) {
            let Some(from) = state_in(&chunk, row_no, lines.get(&row_no)) else {
                continue;
            };
            let in_question = matches!(from, RowState::Unknown | RowState::Accepted);
            if !in_question || changed.contains(&row_no) {
                continue;
            }
            let line = line_mut(&mut lines, file_id, row_no);
            let before = line.clone();
            let to = match count_absence(line, from) {
                RowState::Rejected if cancelled => {
                    line.message = Some(CANCELLED.into());
                    RowState::Skipped
                }
                to => to,
            };
            if *line == before && to == from {
                continue; // a person decides; another reading says nothing new
            }
            line.state = if line.state.is_none() && to == from {
                None
            } else {
                Some(to)
            };
            changed.insert(row_no);
            if to != from {
                moves.entry((from, to)).or_default().push(row_no);
            }
        }
        save_lines(&mut step, changed.iter().filter_map(|n| lines.get(n))).await?;
        let paid_now: Vec<i64> = moves
            .iter()
            .filter(|((_, to), _)| *to == RowState::Paid)
            .flat_map(|((from, _), rows)| rows.iter().filter(|_| *from != RowState::Paid))
            .map(|row_no| row_id(file_id, *row_no))
            .collect();
        note_replaced(&mut step, &paid_now).await?;
        let mut left_chunk = Vec::new();
        let mut moved: BTreeMap<RowState, u64> = BTreeMap::new();
        for ((from, to), rows) in moves {
            let rows: RowSet = rows.into_iter().collect();
            left_chunk.extend(rows.intersect(&chunk.live).iter());
            if from == to {
                step.shown(file_id, to, &rows);
            } else {
                *moved.entry(to).or_default() += rows.len();
                step.moved(file_id, Some(from), to, &rows);
            }
        }
        left_chunk.retain(|n| lines.get(n).is_some_and(|line| line.state.is_some()));
        chunk.live = chunk.live.subtract(&left_chunk.into_iter().collect());
        let open = chunk
            .members
            .iter()
            .filter(|n| state_in(&chunk, *n, lines.get(n)).is_some_and(|s| !s.is_final()))
            .count();
        // What callbacks call for does not count, nor does what was asked before its turn (by a timer
        // that reconciles, say): nobody makes the hub be asked more rarely by asking more often. The
        // first readings always count: after them it is a person's turn, where rows are in doubt.
        let in_turn = chunk.asks < READINGS_BEFORE_A_PERSON
            || chunk.next_ask_at.is_none_or(|at| at <= step.now);
        chunk.asks += i64::from(!call_answered(&mut step, chunk_id).await? && in_turn);
        chunk.next_ask_at = match reading.ask_in {
            Some(wait) if open > 0 => Some(step.now + wait),
            // The caller must always say when; forgetting an open row is not an answer.
            None if open > 0 => Some(step.now + ASK_AGAIN),
            _ => None,
        };
        chunk.save(&mut step).await?;
        if changed.is_empty() {
            step.touch_quietly(file_id);
        } else {
            step.touch(file_id);
        }
        step.finish().await?;
        Ok(Learnt {
            changed: changed.len() as u64,
            open: open as u64,
            moved,
        })
    }
}

/// May the hub say something new about a row in this state?
fn may_yet_change(state: RowState) -> bool {
    let failed = matches!(
        state,
        RowState::Rejected | RowState::Errored | RowState::Corrected
    );
    failed || !state.is_final()
}

/// Readings of a request after which its rows in doubt are a person's, or time's; the views say the
/// same (`asks < 3`).
const READINGS_BEFORE_A_PERSON: i64 = 3;
/// When an open request is asked about if nothing else is said.
const ASK_AGAIN: Duration = Duration::from_secs(3600);

/// What the row's line says when its chunk is this one: `None` for a grid chunk.
pub(crate) fn own_chunk(chunk: &ChunkLine) -> Option<i64> {
    chunk.chunk_no.is_none().then_some(chunk.chunk_id)
}

/// Where a member of the chunk stands; `None`: it went on to another chunk, or is no member.
pub(crate) fn state_in(chunk: &ChunkLine, row_no: u32, line: Option<&RowLine>) -> Option<RowState> {
    if !chunk.members.contains(row_no) {
        return None;
    }
    if line.and_then(|line| line.chunk_id) != own_chunk(chunk) {
        return None;
    }
    match line.and_then(|line| line.state) {
        Some(own) => Some(own),
        None if chunk.live.contains(row_no) => chunk.state.row_state(),
        None => None,
    }
}

/// Would the line say anything at all?
fn is_bare(line: &RowLine) -> bool {
    line.psid.is_none() && line.payment_id.is_none() && line.message.is_none()
}

/// Takes over what the hub says of a row; answers the state it has then.
fn take_fact(line: &mut RowLine, from: RowState, fact: &Learned) -> RowState {
    use RowState::*;
    let to = match (from, fact.state) {
        // A status in no list, or one that never comes from the hub, leaves the state.
        (_, Unknown | Invalid | Corrected | Skipped | Held | Ready | Sending | Rejected) => from,
        (Accepted | Unknown, to) => to,
        // A reading that is older than what is known already.
        (Billed, Accepted) => from,
        (Billed, to) => to,
        // The hub has it after all, and says so of this very payment: that outweighs an earlier
        // refusal, and a person's correction of the row that had failed.
        (Rejected | Errored | Corrected, to @ (Accepted | Billed | Paid)) => to,
        (Discarded, Paid) => Paid,
        (Rejected | Discarded | Errored | Corrected | Paid, to) if to != from => {
            // Never back from final: but a row the hub has after all must not go again either.
            let says = Sentence::Contradicted.with(&[to.as_str(), from.as_str()]);
            let known = line.message.as_deref().unwrap_or_default();
            if !known.contains(&says) {
                line.message = Some(if known.is_empty() {
                    says
                } else {
                    format!("{known}; {says}")
                });
            }
            if line.psid.is_none() {
                line.psid.clone_from(&fact.psid);
            }
            if line.payment_id.is_none() {
                line.payment_id.clone_from(&fact.payment_id);
            }
            return from;
        }
        _ => from,
    };
    if to.is_final() && to == from && from != Paid {
        return from;
    }
    if fact.psid.is_some() {
        line.psid.clone_from(&fact.psid);
    }
    if fact.payment_id.is_some() {
        line.payment_id.clone_from(&fact.payment_id);
    }
    if fact.message.is_some() {
        line.message.clone_from(&fact.message);
    } else if line.absent == SAID
        || (to != from && matches!(from, Unknown | Rejected | Errored | Corrected))
    {
        // What was said of the doubt, or of the failure, is over with it.
        line.message = None;
    }
    line.absent = match (to, line.absent) {
        (Unknown, CONFIRMED | CONFIRMED_LISTED) => CONFIRMED_LISTED,
        (Unknown, _) => LISTED,
        _ => 0,
    };
    to
}

/// A worked-off request lacks the row once more; answers the state it has then.
fn count_absence(line: &mut RowLine, from: RowState) -> RowState {
    if [CONFIRMED, CONFIRMED_LISTED].contains(&line.absent) {
        line.absent = CONFIRMED;
        return from;
    }
    line.absent = line.absent.max(0) + 1;
    if line.absent < 2 {
        return from;
    }
    match from {
        RowState::Unknown => {
            line.message = Some(Sentence::ReasonLost.text().into());
            RowState::Rejected
        }
        RowState::Accepted => {
            line.absent = CONFIRMED;
            line.message = Some(Sentence::NotListedAnyMore.text().into());
            RowState::Unknown
        }
        _ => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(state: RowState) -> Learned {
        Learned {
            row_no: 1,
            state,
            psid: None,
            payment_id: None,
            message: None,
        }
    }

    #[test]
    fn no_state_goes_back_from_final_but_to_what_the_hub_has_after_all() {
        use RowState::*;
        for from in RowState::ALL.iter().filter(|s| s.is_final()) {
            for to in RowState::ALL {
                let mut line = RowLine::new(1);
                let became = take_fact(&mut line, *from, &fact(*to));
                let after_all = matches!(
                    (from, to),
                    (Rejected | Errored | Corrected, Accepted | Billed | Paid) | (Discarded, Paid)
                );
                assert_eq!(
                    became,
                    if after_all { *to } else { *from },
                    "{from} told {to}"
                );
            }
        }
    }

    #[test]
    fn a_contradiction_is_kept_in_the_message_once() {
        let mut line = RowLine::new(1);
        line.message = Some("refused".into());
        for _ in 0..2 {
            assert_eq!(
                take_fact(&mut line, RowState::Paid, &fact(RowState::Discarded)),
                RowState::Paid
            );
        }
        assert_eq!(
            line.message.as_deref(),
            Some("refused; the hub later called it discarded, after it was paid")
        );
    }

    #[test]
    fn an_older_reading_does_not_take_a_bill_back() {
        let mut line = RowLine::new(1);
        assert_eq!(
            take_fact(&mut line, RowState::Billed, &fact(RowState::Accepted)),
            RowState::Billed
        );
    }

    #[test]
    fn a_row_in_doubt_is_rejected_at_the_second_reading_that_lacks_it() {
        let mut line = RowLine::new(1);
        assert_eq!(
            count_absence(&mut line, RowState::Unknown),
            RowState::Unknown
        );
        assert_eq!(
            count_absence(&mut line, RowState::Unknown),
            RowState::Rejected
        );
    }

    #[test]
    fn a_confirmed_row_that_vanishes_is_never_rejected_by_counting() {
        let mut line = RowLine::new(1);
        assert_eq!(
            count_absence(&mut line, RowState::Accepted),
            RowState::Accepted
        );
        assert_eq!(
            count_absence(&mut line, RowState::Accepted),
            RowState::Unknown
        );
        for _ in 0..9 {
            assert_eq!(
                count_absence(&mut line, RowState::Unknown),
                RowState::Unknown
            );
        }
    }
}
