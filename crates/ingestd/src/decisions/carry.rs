//! Carrying a decision out: what it does, what it leaves alone and why, in sentences.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use ingest_ledger::{
    AskLine, FileLine, HeldFilter, LedgerError, PlanRules, RetryFilter, RetryRow, RowSet,
};

use super::{Answer, Ask, Named, resolve, restored, unowned};
use crate::account::Served;
use crate::cli::{RowList, sheet_option};
use crate::commands::counted;
use crate::elsewhere;
use crate::intake::{self, Taken};
use crate::planning;
use crate::spool::Spooled;

/// What was read this shortly before a decision need not be read again for it.
const ASKED_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
/// Rows left alone that are named one by one.
const LEFT_NAMED_MAX: usize = 50;
/// What is said of a row, or of several, that need not be sent.
const SAME_BILL: (&str, &str) = (
    "row need not be sent: the same bill is already made",
    "rows need not be sent: the same bill is already made",
);
/// What is said of a row, or of several, whose day has passed.
const PAST_DUE: (&str, &str) = (
    "row is past its due date now",
    "rows are past their due date now",
);

/// Does what was asked, to what stood so when it was asked: this may be the second time that it is
/// carried out.
pub(super) async fn out(
    served: &Served,
    ask: &Ask,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    match ask {
        Ask::Submit {
            file_name,
            spool_name,
            sha256,
            size,
            by_hand,
        } => submit(served, file_name, spool_name, sha256, *size, *by_hand).await,
        Ask::Retry {
            file_id,
            sheet,
            rows,
            states,
        } => {
            let filter = RetryFilter {
                account: Some(served.account.name.clone()),
                file_id: *file_id,
                sheet: sheet.clone(),
                row_numbers: rows.clone(),
                states: states.clone(),
            };
            retry(served, &filter, asked_at).await
        }
        Ask::Approve {
            file_id,
            sheet,
            rows,
            ..
        } => {
            let filter = HeldFilter {
                sheet: sheet.clone(),
                row_numbers: rows.clone(),
            };
            approve(served, *file_id, &filter, asked_at).await
        }
        Ask::Cancel { file_id } => cancel(served, *file_id).await,
        Ask::Reconcile { .. } => Ok(Answer::refused(
            "a reconciliation is carried out piece by piece",
        )),
        Ask::Restored {} => restored::take_over(served).await,
        Ask::Resolve {
            chunk_id,
            sheet,
            rows,
            sent,
        } => {
            let named = Named {
                sheet: sheet.as_deref(),
                rows: rows.as_deref(),
            };
            resolve::resolve(served, *chunk_id, named, sent.as_deref(), asked_at).await
        }
    }
}

/// The file, if it is one of this account.
pub(super) async fn own_file(served: &Served, file_id: i64) -> Result<FileLine, LedgerError> {
    served
        .ledger
        .file(file_id)
        .await?
        .filter(|file| file.account == served.account.name)
        .ok_or_else(|| {
            LedgerError::Missing(format!(
                "there is no file {file_id} of account {}",
                served.account.name
            ))
        })
}

async fn submit(
    served: &Served,
    file_name: &str,
    spool_name: &str,
    sha256: &str,
    size: u64,
    by_hand: bool,
) -> Result<Answer, LedgerError> {
    let Some(sha256) = intake::sha256_from_hex(sha256) else {
        return Ok(Answer::refused("the copy's checksum is no checksum"));
    };
    if let Some(why) = intake::unavailable(served).await {
        return Ok(Answer::ambiguous(format!(
            "the inbox {} is unavailable, and with it the copy of {file_name}: {why}. Nothing of it was taken: ask again when it is back",
            served.account.inbox.display()
        )));
    }
    let spooled = Spooled {
        name: spool_name.to_owned(),
        sha256,
        size,
    };
    let mut answer = Answer::default();
    match intake::take_spooled(served, file_name, &spooled, by_hand).await? {
        Taken::Stored { file_id } => {
            served.ledger.file_put_away(file_id).await?;
            answer.files.push(file_id);
            answer
                .done
                .push(format!("{file_name} was taken as file {file_id}"));
        }
        Taken::Unreadable { file_id, why } => {
            answer.files.push(file_id);
            answer.unreadable = Some(why.clone());
            answer.refused = Some(why);
        }
        Taken::Duplicate { of, .. } => {
            answer.files.push(of.file_id);
            answer.left.push(match by_hand {
                true => format!(
                    "this very bill was asked for before, as file {}; it is not sent again",
                    of.file_id
                ),
                false => format!(
                    "{file_name} holds exactly what {} held, which was taken as file {}; nothing is sent for it again",
                    of.file_name, of.file_id
                ),
            });
        }
    }
    Ok(answer)
}

/// Why a retry can't tell the rows that it names, if it can't.
pub fn retry_in_several_sheets(filter: &RetryFilter, candidates: &[RetryRow]) -> Option<String> {
    let named = Named {
        sheet: filter.sheet.as_deref(),
        rows: filter.row_numbers.as_deref(),
    };
    let again = || candidates.iter().filter(|row| row.refusal.is_none());
    let files: BTreeSet<i64> = again().map(|row| row.file_id).collect();
    files.into_iter().find_map(|file_id| {
        let places = again()
            .filter(|row| row.file_id == file_id)
            .map(|row| (row.sheet.as_str(), row.row_number));
        let why = named.in_several_sheets(places)?;
        Some(match filter.file_id {
            Some(_) => why,
            None => format!("file {file_id}: {why}"),
        })
    })
}

async fn retry(
    served: &Served,
    filter: &RetryFilter,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let candidates = ledger.retry_candidates(filter).await?;
    if let Some(why) = retry_in_several_sheets(filter, &candidates) {
        return Ok(Answer::ambiguous(why));
    }
    // The hub is asked first: what it took meanwhile is not failed any more.
    let requests: BTreeSet<i64> = candidates.iter().filter_map(|row| row.chunk_id).collect();
    let ask: Vec<AskLine> = ledger
        .asks(&served.account.name, filter.file_id)
        .await?
        .into_iter()
        .filter(|line| requests.contains(&line.chunk_id))
        .collect();
    if !planning::ask_about(served, &ask, ASKED_WITHIN).await? {
        return Ok(not_asked_first());
    }
    let mut candidates = ledger.retry_candidates(filter).await?;
    if let Err(error) = unowned::refuse_held_elsewhere(served, &mut candidates).await? {
        served.not_read(&error).await?;
        return Ok(not_asked_first());
    }
    let mut answer = Answer::default();
    say_refused(&mut answer, &candidates);
    let again: Vec<i64> = candidates
        .iter()
        .filter(|row| row.refusal.is_none())
        .map(|row| row.row_id)
        .collect();
    let files: BTreeSet<i64> = candidates
        .iter()
        .filter(|row| row.refusal.is_none())
        .map(|row| row.file_id)
        .collect();
    answer.files = files.into_iter().collect();
    if again.is_empty() {
        answer.done.push("no row is to be sent again".to_owned());
        answer.sets_nothing_going = true;
        return Ok(answer);
    }
    for file_id in &answer.files {
        let earlier = ledger.earlier_chunks(*file_id).await?;
        if !planning::ask_about(served, &earlier, ASKED_WITHIN).await? {
            return Ok(Answer::refused_by_hub(
                "the hub could not be asked about earlier bills, so nothing was sent again",
            ));
        }
    }
    let summary = ledger
        .retry(&served.lease, &again, &served.plan_rules(), asked_at)
        .await?;
    answer.sets_nothing_going = summary.ready == 0;
    answer.done.push(counted(
        summary.ready,
        "row is sent again",
        "rows are sent again",
    ));
    say_if_any(
        &mut answer.left,
        summary.held,
        "row is held now: `ingestd rows --state held` says why",
        "rows are held now: `ingestd rows --state held` says why",
    );
    say_if_any(&mut answer.left, summary.skipped, SAME_BILL.0, SAME_BILL.1);
    say_if_any(&mut answer.left, summary.invalid, PAST_DUE.0, PAST_DUE.1);
    say_if_any(
        &mut answer.left,
        summary.left,
        "row had moved on meanwhile",
        "rows had moved on meanwhile",
    );
    say_if_any(
        &mut answer.left,
        summary.failed_since,
        "row failed anew since you asked: look again",
        "rows failed anew since you asked: look again",
    );
    Ok(answer)
}

fn not_asked_first() -> Answer {
    Answer::refused_by_hub(
        "the hub could not be asked first, so nothing was sent again; try once it answers",
    )
}

/// Says which rows don't go again, and why.
fn say_refused(answer: &mut Answer, candidates: &[RetryRow]) {
    let mut refused = candidates.iter().filter_map(|row| {
        let why = row.refusal.as_ref()?;
        let (file_id, sheet, number) = (row.file_id, &row.sheet, row.row_number);
        Some(format!("file {file_id} {sheet} row {number}: {why}"))
    });
    answer.left.extend(refused.by_ref().take(LEFT_NAMED_MAX));
    let more = refused.count() as u64;
    if more > 0 {
        answer.left.push(format!(
            "and {}",
            counted(
                more,
                "more row that is not sent again",
                "more rows that are not sent again"
            )
        ));
    }
}

/// The held rows that are named, if any are by number: their numbers in each sheet.
async fn held_by_number(
    served: &Served,
    file_id: i64,
    filter: &HeldFilter,
) -> Result<BTreeMap<String, RowSet>, LedgerError> {
    match filter.row_numbers {
        Some(_) => served.ledger.held_numbers(file_id, filter).await,
        None => Ok(BTreeMap::new()),
    }
}

async fn approve(
    served: &Served,
    file_id: i64,
    filter: &HeldFilter,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    let before = own_file(served, file_id).await?;
    let planned = before.planned_at.is_some();
    let named = Named {
        sheet: filter.sheet.as_deref(),
        rows: filter.row_numbers.as_deref(),
    };
    let held = held_by_number(served, file_id, filter).await?;
    let places = || {
        held.iter().flat_map(|(sheet, numbers)| {
            let place = move |number| (sheet.as_str(), i64::from(number));
            numbers.iter().map(place)
        })
    };
    if let Some(why) = named.in_several_sheets(places()) {
        return Ok(Answer::ambiguous(why));
    }
    let earlier = served.ledger.earlier_chunks(file_id).await?;
    if !planning::ask_about(served, &earlier, ASKED_WITHIN).await? {
        return Ok(Answer::refused_by_hub(
            "the hub could not be asked about earlier bills, so nothing was released; try once it answers",
        ));
    }
    let elsewhere = match elsewhere::of_held(served, file_id).await? {
        Ok(elsewhere) => elsewhere,
        Err(error) => {
            served.not_read(&error).await?;
            return Ok(Answer::refused_by_hub(
                "the hub could not be asked what became of the refused call, so nothing was released; try once it answers",
            ));
        }
    };
    let rules = PlanRules {
        elsewhere,
        ..served.plan_rules()
    };
    let summary = served
        .ledger
        .approve(&served.lease, file_id, filter, &rules, asked_at)
        .await?;
    let mut answer = Answer {
        files: vec![file_id],
        left: named.others_are_not("held", places()).into_iter().collect(),
        // A file that was not planned yet goes by itself once it need not be held.
        sets_nothing_going: summary.released.is_empty() && planned,
        ..Answer::default()
    };
    for released in &summary.released {
        let kind = released.kind.as_str();
        answer.done.push(counted(
            released.rows,
            &format!("row is released that was held as `{kind}`"),
            &format!("rows are released that were held as `{kind}`"),
        ));
    }
    for lifted in &summary.lifted {
        let kind = lifted.kind.as_str();
        answer.done.push(counted(
            lifted.rows,
            &format!("row is not held as `{kind}` any more, and does not go for another reason"),
            &format!("rows are not held as `{kind}` any more, and do not go for another reason"),
        ));
    }
    let file = own_file(served, file_id).await?;
    if let (Some(_), Some(reason), true) =
        (file.hold_kind, &file.hold_reason, summary.still_held > 0)
    {
        let sheet = match &filter.sheet {
            Some(sheet) => sheet_option(sheet),
            None => Some(String::new()),
        };
        let rows = filter.row_numbers.iter().flatten().copied();
        let rows = filter
            .row_numbers
            .as_ref()
            .map(|_| format!(" --rows {}", RowList::of(rows)));
        let command = match sheet {
            Some(sheet) => format!(
                "`ingestd approve {file_id}{sheet}{}`",
                rows.unwrap_or_default()
            ),
            None => "the same command".to_owned(),
        };
        answer.left.push(format!(
            "file {file_id} itself is held: {reason}. {command} once more lets {} go",
            if filter.row_numbers.is_some() {
                "them"
            } else {
                "it"
            }
        ));
    }
    let lifted = before.hold_kind.is_some() && file.hold_kind.is_none();
    if let (true, true, Some(reason)) = (
        lifted,
        summary.released.is_empty(),
        before.hold_reason.as_ref(),
    ) {
        answer.done.push(format!(
            "file {file_id} itself is held no longer ({reason})"
        ));
    } else if summary.released.is_empty() && summary.lifted.is_empty() {
        answer.done.push(format!(
            "nothing of file {file_id} is held that this releases"
        ));
    }
    say_if_any(
        &mut answer.left,
        summary.still_held,
        "row is still held: one that waits for another row, that a newer one overtook, or whose earlier bill is paid or can't be seen, goes only if named by --rows",
        "rows are still held: those that wait for another row, that a newer one overtook, or whose earlier bill is paid, can't be seen or may be there although it failed, go only if named by --rows",
    );
    say_if_any(
        &mut answer.left,
        summary.held_since,
        "row was held anew since you asked: look again",
        "rows were held anew since you asked: look again",
    );
    say_if_any(&mut answer.left, summary.skipped, SAME_BILL.0, SAME_BILL.1);
    say_if_any(&mut answer.left, summary.invalid, PAST_DUE.0, PAST_DUE.1);
    Ok(answer)
}

async fn cancel(served: &Served, file_id: i64) -> Result<Answer, LedgerError> {
    own_file(served, file_id).await?;
    let summary = served.ledger.cancel(file_id).await?;
    let mut answer = Answer {
        files: vec![file_id],
        ..Answer::default()
    };
    answer.done.push(counted(
        summary.skipped,
        &format!("row of file {file_id} will never be sent"),
        &format!("rows of file {file_id} will never be sent"),
    ));
    say_if_any(
        &mut answer.left,
        summary.in_doubt,
        "row is in flight or unknown: it is cancelled if it turns out that the hub has not taken it",
        "rows are in flight or unknown: they are cancelled if it turns out that the hub has not taken them",
    );
    say_if_any(
        &mut answer.left,
        summary.at_hub,
        "row is at the hub already and stays as it is",
        "rows are at the hub already and stay as they are",
    );
    Ok(answer)
}

/// Adds what is said of one row or of several, if there is any.
fn say_if_any(sentences: &mut Vec<String>, n: u64, one: &str, several: &str) {
    if n > 0 {
        sentences.push(counted(n, one, several));
    }
}
