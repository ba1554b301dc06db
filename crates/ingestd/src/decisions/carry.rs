//! Carrying a decision out: what it does, what it leaves alone and why, in sentences.

use std::collections::BTreeSet;

use ingest_ledger::{AskLine, FileLine, HeldFilter, LedgerError, RetryFilter};

use super::{Answer, Ask, resolve};
use crate::account::Served;
use crate::commands::counted;
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

/// Does what was asked.
pub(super) async fn out(served: &Served, ask: &Ask) -> Result<Answer, LedgerError> {
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
            retry(served, &filter).await
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
            approve(served, *file_id, &filter).await
        }
        Ask::Cancel { file_id } => cancel(served, *file_id).await,
        Ask::Resolve {
            chunk_id,
            rows,
            sent,
        } => resolve::resolve(served, *chunk_id, rows.as_deref(), sent.as_deref()).await,
    }
}

/// The file, if it is one of this account.
async fn own_file(served: &Served, file_id: i64) -> Result<FileLine, LedgerError> {
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
            answer.left.push(format!(
                "{file_name} holds exactly what {} held, which was taken as file {}; nothing is sent for it again",
                of.file_name, of.file_id
            ));
        }
    }
    Ok(answer)
}

async fn retry(served: &Served, filter: &RetryFilter) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let candidates = ledger.retry_candidates(filter).await?;
    // The hub is asked first: what it took meanwhile is not failed any more.
    let requests: BTreeSet<i64> = candidates.iter().filter_map(|row| row.chunk_id).collect();
    let ask: Vec<AskLine> = ledger
        .asks(&served.account.name, filter.file_id)
        .await?
        .into_iter()
        .filter(|line| requests.contains(&line.chunk_id))
        .collect();
    if !planning::ask_about(served, &ask, ASKED_WITHIN).await? {
        return Ok(Answer::refused(
            "the hub could not be asked first, so nothing was sent again; try once it answers",
        ));
    }
    let candidates = ledger.retry_candidates(filter).await?;
    let mut answer = Answer::default();
    let refused: Vec<String> = candidates
        .iter()
        .filter_map(|row| {
            let why = row.refusal.as_ref()?;
            Some(format!(
                "file {} {} row {}: {why}",
                row.file_id, row.sheet, row.row_number
            ))
        })
        .collect();
    answer
        .left
        .extend(refused.iter().take(LEFT_NAMED_MAX).cloned());
    if refused.len() > LEFT_NAMED_MAX {
        let more = (refused.len() - LEFT_NAMED_MAX) as u64;
        answer.left.push(format!(
            "and {}",
            counted(
                more,
                "more row that is not sent again",
                "more rows that are not sent again"
            )
        ));
    }
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
        return Ok(answer);
    }
    for file_id in &answer.files {
        let earlier = ledger.earlier_chunks(*file_id).await?;
        if !planning::ask_about(served, &earlier, ASKED_WITHIN).await? {
            return Ok(Answer::refused(
                "the hub could not be asked about earlier bills, so nothing was sent again",
            ));
        }
    }
    let summary = ledger
        .retry(&served.lease, &again, &served.plan_rules())
        .await?;
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
    Ok(answer)
}

async fn approve(
    served: &Served,
    file_id: i64,
    filter: &HeldFilter,
) -> Result<Answer, LedgerError> {
    own_file(served, file_id).await?;
    let earlier = served.ledger.earlier_chunks(file_id).await?;
    if !planning::ask_about(served, &earlier, ASKED_WITHIN).await? {
        return Ok(Answer::refused(
            "the hub could not be asked about earlier bills, so nothing was released; try once it answers",
        ));
    }
    let summary = served
        .ledger
        .approve(&served.lease, file_id, filter, &served.plan_rules())
        .await?;
    let mut answer = Answer {
        files: vec![file_id],
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
    if summary.released.is_empty() {
        answer.done.push(format!(
            "nothing of file {file_id} is held that this releases"
        ));
    }
    say_if_any(
        &mut answer.left,
        summary.still_held,
        "row is still held: one that waits for another row, or whose earlier bill is paid or can't be seen, goes only if named by --rows",
        "rows are still held: those that wait for another row, or whose earlier bill is paid or can't be seen, go only if named by --rows",
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
