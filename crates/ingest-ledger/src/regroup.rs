//! Rows judged anew, and rows put into chunks off the grid: what planning, intents, retries,
//! approvals and decisions have in common.

use crate::billed_before::{BillLine, Verdict, judge};
use crate::chunk_lines::NewChunk;
use crate::elsewhere;
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::{bills_of, earlier_of, has_several_sheets, line_of, may_meet_others};
use crate::past_due::PastDue;
use crate::plan::PlanRules;
use crate::row_lines::{RowLine, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::send::BillRow;
use crate::sentences::Sentence;
use crate::states::{ChunkState, HoldKind, RowState};
use crate::step::Step;
use crate::{row_id, row_of};
use std::collections::BTreeMap;

/// What judging some rows of a file came to. The rows in `send` have not moved yet: the caller
/// puts them somewhere and saves `lines`; all others are stored.
pub(crate) struct Judged {
    pub(crate) send: RowSet,
    /// The bills of `send`.
    pub(crate) bills: Vec<BillRow>,
    /// The lines of `send`, as far as they have one.
    pub(crate) lines: BTreeMap<u32, RowLine>,
    /// Those of `send` about which something new is said (the bill that they discard).
    pub(crate) said: RowSet,
    pub(crate) held: RowSet,
    pub(crate) skipped: RowSet,
    pub(crate) invalid: RowSet,
}

/// Judges rows that stand in `from`: past due by now, billed before; all skipped if their file
/// was cancelled. Writes and moves those that are not to be sent.
pub(crate) async fn judge_rows(
    step: &mut Step,
    rules: &PlanRules,
    file_id: i64,
    rows: &RowSet,
    from: RowState,
    cancelled: bool,
) -> Result<Judged> {
    let bills = bills_of(&mut step.tx, file_id, rows).await?;
    let mut lines = lines_of(&mut step.tx, file_id, rows).await?;
    let account = step.account.clone();
    let past_due = PastDue::of(&mut step.tx, &account, rules).await?;
    let several_sheets = has_several_sheets(&mut step.tx, file_id).await?;
    let question = |bill: &BillRow| BillLine {
        sheet: several_sheets.then(|| bill.sheet.clone()),
        ..line_of(file_id, bill)
    };
    let questions: Vec<_> = bills
        .iter()
        .filter(|bill| !past_due.has(bill.due_date))
        .map(question)
        .collect();
    let earlier = if !cancelled && may_meet_others(&mut step.tx, &account, file_id).await? {
        earlier_of(&mut step.tx, &account, &questions).await?
    } else {
        Default::default()
    };
    let corrected = match rules.elsewhere.is_empty() {
        true => BTreeMap::new(),
        false => elsewhere::corrected_by(&mut step.tx, file_id, rows).await?,
    };
    let (mut send, mut held, mut skipped, mut invalid) =
        (RowSet::new(), RowSet::new(), RowSet::new(), RowSet::new());
    let mut said = RowSet::new();
    let mut sent_bills = Vec::with_capacity(bills.len());
    let mut changed = Vec::new();
    let none = Vec::new();
    for bill in bills {
        let row_no = bill.row_no;
        if cancelled {
            line_mut(&mut lines, file_id, row_no).own(RowState::Skipped, Some(CANCELLED.into()));
            skipped.insert(row_no);
            changed.push(row_no);
            continue;
        }
        if past_due.has(bill.due_date) {
            let sentence = Some(rules.past_due_sentence.clone());
            line_mut(&mut lines, file_id, row_no).own(RowState::Invalid, sentence);
            invalid.insert(row_no);
            changed.push(row_no);
            continue;
        }
        let id = row_id(file_id, row_no);
        let waived: &[HoldKind] = lines.get(&row_no).map_or(&[], |line| &line.waived);
        let history = earlier.get(&id).unwrap_or(&none);
        let question = question(&bill);
        let verdict = judge(&question, history, rules.changed_bills, waived);
        let rule = (rules.changed_bills, waived);
        let corrects = corrected.get(&row_no).copied();
        match elsewhere::or_hold(
            verdict,
            &question,
            history,
            corrects,
            &rules.elsewhere,
            rule,
        ) {
            Verdict::Send { message, replaces } => {
                let known = lines.get(&row_no);
                // What held or failed it is over; what it replaces is said once.
                let stale = from != RowState::Ready && known.is_some_and(|l| l.message != message);
                if stale || known.and_then(|line| line.replaces) != replaces {
                    let line = line_mut(&mut lines, file_id, row_no);
                    line.message = message;
                    line.replaces = replaces;
                    said.insert(row_no);
                }
                send.insert(row_no);
                sent_bills.push(bill);
            }
            Verdict::Skip { message } => {
                line_mut(&mut lines, file_id, row_no).own(RowState::Skipped, Some(message));
                skipped.insert(row_no);
                changed.push(row_no);
            }
            Verdict::Hold {
                kind,
                message,
                waits_for,
            } => {
                line_mut(&mut lines, file_id, row_no).hold(kind, message, waits_for);
                held.insert(row_no);
                changed.push(row_no);
            }
        }
    }
    save_lines(step, changed.iter().filter_map(|n| lines.get(n))).await?;
    step.moved(file_id, Some(from), RowState::Held, &held);
    step.moved(file_id, Some(from), RowState::Skipped, &skipped);
    step.moved(file_id, Some(from), RowState::Invalid, &invalid);
    lines.retain(|row_no, _| send.contains(*row_no));
    Ok(Judged {
        send,
        bills: sent_bills,
        lines,
        said,
        held,
        skipped,
        invalid,
    })
}

/// What a row of a cancelled file is told.
pub(crate) const CANCELLED: &str = Sentence::Cancelled.text();

/// Puts rows of a file into new chunks off the grid, in the order of the sheet: each row's line
/// then says which. `lines` are those they have already. Answers the chunks.
pub(crate) async fn off_grid(
    step: &mut Step,
    file_id: i64,
    bills: &[BillRow],
    mut lines: BTreeMap<u32, RowLine>,
    rows_per_request: u64,
    born: &Born<'_>,
) -> Result<Vec<i64>> {
    let mut chunks = Vec::new();
    for part in bills.chunks(rows_per_request.max(1) as usize) {
        let members: RowSet = part.iter().map(|bill| bill.row_no).collect();
        let Some(first_due) = part.iter().map(|bill| bill.due_date).min() else {
            continue;
        };
        let chunk_id = NewChunk {
            file_id,
            chunk_no: None,
            state: born.state,
            members: &members,
            total_amount: part.iter().map(|bill| bill.amount).sum(),
            first_due,
            message: born.message,
            hold_kind: born.hold_kind,
            request_id: born.request_id,
        }
        .store(step)
        .await?;
        for row_no in members.iter() {
            let line = line_mut(&mut lines, file_id, row_no);
            line.chunk_id = Some(chunk_id);
            line.state = None;
            line.hold_kind = None;
            line.waits_for = None;
            line.absent = 0;
        }
        save_lines(step, members.iter().filter_map(|n| lines.get(&n))).await?;
        chunks.push(chunk_id);
    }
    Ok(chunks)
}

/// How a new chunk comes into the world.
pub(crate) struct Born<'a> {
    pub(crate) state: ChunkState,
    pub(crate) message: Option<&'a str>,
    pub(crate) hold_kind: Option<HoldKind>,
    pub(crate) request_id: Option<&'a str>,
}

impl Judged {
    /// Rows whose own hold is over go on in chunks off the grid: ready, or held by what holds their
    /// file as a whole.
    pub(crate) async fn go_on(
        self,
        step: &mut Step,
        rules: &PlanRules,
        file: &FileLine,
    ) -> Result<()> {
        let per = u64::from(rules.rows_per_request);
        let mut lines = self.lines;
        let Some((kind, reason)) = file.hold() else {
            off_grid(step, file.file_id, &self.bills, lines, per, &Born::READY).await?;
            step.moved(
                file.file_id,
                Some(RowState::Held),
                RowState::Ready,
                &self.send,
            );
            return Ok(());
        };
        let born = Born {
            state: ChunkState::Held,
            message: Some(reason),
            hold_kind: Some(kind),
            request_id: None,
        };
        for line in lines.values_mut() {
            // What it would discard is said again when it goes.
            (line.message, line.replaces) = (None, None);
        }
        off_grid(step, file.file_id, &self.bills, lines, per, &born).await?;
        step.touch(file.file_id);
        Ok(())
    }

    /// Stores what is said of rows that will be sent where they are.
    pub(crate) async fn save_said(&self, step: &mut Step) -> Result<()> {
        let said = self
            .lines
            .values()
            .filter(|line| self.said.contains(line.row_no()));
        save_lines(step, said).await
    }
}

impl Born<'_> {
    /// Ready to be sent.
    pub(crate) const READY: Born<'static> = Born {
        state: ChunkState::Ready,
        message: None,
        hold_kind: None,
        request_id: None,
    };
}

/// Row ids by file, ascending.
pub(crate) fn by_file(row_ids: &[i64]) -> BTreeMap<i64, RowSet> {
    let mut files: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for id in row_ids {
        let (file_id, row_no) = row_of(*id);
        files.entry(file_id).or_default().push(row_no);
    }
    files
        .into_iter()
        .map(|(file_id, rows)| (file_id, rows.into_iter().collect()))
        .collect()
}
