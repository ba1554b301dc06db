//! Rows in doubt of a chunk that the hub took. Its own request is read first, and what that says
//! is stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use ingest_ledger::{
    AskLine, BillRow, ChunkLine, LedgerError, OpenRow, ResultLine, RowFilter, RowSet, RowState,
    row_of,
};

use super::{Answer, Named, not_sent, of_chunk, rows_sent_as, say_what_stays};
use crate::account::Served;
use crate::commands::counted;
use crate::gateway::{AskError, Doubt, RequestReading};
use crate::outcomes;

/// Rows that are read at a time.
const ROWS_AT_A_TIME: u32 = 5_000;

/// A row in doubt: as the hub is asked about it, and as a person sees it.
struct InDoubt {
    open: OpenRow,
    line: ResultLine,
}

pub(super) async fn rows_of_taken(
    served: &Served,
    chunk: &ChunkLine,
    named: Named<'_>,
    sent: Option<&str>,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let chunk_id = chunk.chunk_id;
    let all = rows_in_doubt(served, chunk).await?;
    let places = || {
        all.iter()
            .map(|row| (row.line.sheet.as_str(), row.line.row_number))
    };
    let mut answer = match of_chunk(chunk, named, places) {
        Ok(answer) => answer,
        Err(refused) => return Ok(*refused),
    };
    // What is said of each of them by now.
    let before: BTreeMap<u32, Option<String>> = all
        .iter()
        .filter(|row| named.names(&row.line.sheet, row.line.row_number))
        .map(|row| (row.open.row_no, row.line.message.clone()))
        .collect();
    ledger
        .may_be_resolved(&served.lease, chunk_id, asked_at)
        .await?;
    let asks = ledger
        .asks(&served.account.name, Some(chunk.file_id))
        .await?;
    let Some(own) = asks.iter().find(|line| line.chunk_id == chunk_id) else {
        return Ok(Answer::refused(format!(
            "chunk {chunk_id} has no request of its own at the hub"
        )));
    };
    let names_own = sent == Some(own.request_id.as_str());
    let reading = match outcomes::ask(served, own).await? {
        Ok(reading) => Some(reading),
        // It gave the number, and knows of no such request: what its list says decides below.
        Err(AskError::NotFound(_)) => None,
        // It has long failed at this one alone, and nothing is sent on this word.
        Err(AskError::Hidden(_) | AskError::Unreadable(_))
            if names_own && is_out_of_sight(served, chunk_id).await? =>
        {
            None
        }
        Err(error) => {
            return Ok(Answer::refused_by_hub(format!(
                "the hub could not be asked again: {error}"
            )));
        }
    };
    // What is in doubt only since that reading, nobody was shown.
    let mut wanted = rows_in_doubt(served, chunk).await?;
    wanted.retain(|row| before.contains_key(&row.open.row_no));
    let known = (before.len() - wanted.len()) as u64;
    if known > 0 {
        answer.done.push(format!(
            "the hub was asked again, and {} no longer unknown",
            counted(known, "row is", "rows are")
        ));
    }
    if wanted.is_empty() {
        return Ok(answer);
    }
    let open: Vec<OpenRow> = wanted.iter().map(|row| row.open.clone()).collect();
    if names_own {
        return in_its_own(served, own, reading.as_ref(), &open, answer).await;
    }
    if let Some(request_id) = sent {
        return rows_sent_as(served, chunk, &open, request_id, answer).await;
    }
    let unread = reading.is_none();
    let shown = |row_no, says: Option<&str>| {
        named.rows.is_some()
            && before
                .get(&row_no)
                .is_some_and(|was| was.as_deref() == says)
    };
    if let Some(why) = reading.and_then(|reading| may_hold(&own.request_id, &reading, &open, shown))
    {
        return Ok(Answer::refused(why));
    }
    // Another request may hold them: every unowned one is read before they are called absent.
    let doubt = Doubt {
        chunk_id,
        bills: wanted.iter().map(as_bill).collect(),
        settled: Vec::new(),
    };
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let looked = match served
        .gateway()
        .look_up(std::slice::from_ref(&doubt), &owned)
        .await
    {
        Ok(looked) => looked,
        Err(error) => {
            return Ok(Answer::refused_by_hub(format!(
                "the hub could not be asked again: {error}"
            )));
        }
    };
    if unread && looked.listed.contains(&own.request_id) {
        return Ok(Answer::refused(format!(
            "the hub lists request {}, which holds them, and does not show it",
            own.request_id
        )));
    }
    if let Some(obstacle) = looked.in_the_way.first() {
        return Ok(Answer::refused(format!(
            "request {} at the hub may hold them: {}",
            obstacle.request_id, obstacle.why
        )));
    }
    let absent: RowSet = open.iter().map(|row| row.row_no).collect();
    not_sent(served, chunk_id, &absent, asked_at, answer).await
}

/// Whether the hub does not show the chunk's own request any more, as far as that is remembered.
async fn is_out_of_sight(served: &Served, chunk_id: i64) -> Result<bool, LedgerError> {
    let unseen = served.ledger.unseen_list().await?;
    Ok(unseen.iter().any(|line| line.chunk_id == chunk_id))
}

/// A person says that the rows' own request holds them. That is believed where the hub does not
/// show it, or shows the rows without a word that proves a bill: nothing is sent on it, and the
/// request is asked about as before. `reading`: what the hub shows of it, if anything.
async fn in_its_own(
    served: &Served,
    own: &AskLine,
    reading: Option<&RequestReading>,
    open: &[OpenRow],
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    let request_id = &own.request_id;
    let mut there: RowSet = open.iter().map(|row| row.row_no).collect();
    if let Some(reading) = reading {
        there = there.intersect(&reading.rows.iter().map(|row| row.row_no).collect());
    }
    if there.is_empty() {
        return Ok(Answer::refused(format!(
            "the hub shows request {request_id}, and none of these rows in it, so nothing was decided; they stay unknown, and it is asked about again by itself"
        )));
    }
    let rows = served
        .ledger
        .said_taken(&served.lease, own.chunk_id, &there)
        .await?;
    answer.done.push(counted(
        rows,
        &format!("row counts as taken in request {request_id}, on your word; the hub is asked about it as before"),
        &format!("rows count as taken in request {request_id}, on your word; the hub is asked about them as before"),
    ));
    // What becomes of them is the hub's matter, and may take it days.
    answer.sets_nothing_going = true;
    say_what_stays(&mut answer, request_id, open.len() as u64 - there.len());
    Ok(answer)
}

/// Why a request's own reading does not allow these rows to be called not sent, if it does not.
/// `shown`: whether the person named the row when the hub's word on it was known.
fn may_hold(
    request_id: &str,
    reading: &RequestReading,
    open: &[OpenRow],
    shown: impl Fn(u32, Option<&str>) -> bool,
) -> Option<String> {
    if !reading.processed {
        return Some(format!(
            "request {request_id} is not worked off yet: its rows may still appear"
        ));
    }
    let asked: BTreeSet<u32> = open.iter().map(|row| row.row_no).collect();
    let mut listed = reading.rows.iter();
    let row = listed.find(|read| {
        asked.contains(&read.row_no) && !shown(read.row_no, read.message.as_deref())
    })?;
    let says = row.message.as_deref();
    Some(format!(
        "request {request_id} lists rows of these: {}. If the hub's own pages show that it made no bill of them, name them by --rows",
        says.unwrap_or("without a word that proves a bill"),
    ))
}

/// The chunk's rows that are unknown, in order.
async fn rows_in_doubt(served: &Served, chunk: &ChunkLine) -> Result<Vec<InDoubt>, LedgerError> {
    let mut open = served.ledger.open_rows(chunk.chunk_id).await?;
    open.retain(|row| row.state == RowState::Unknown);
    let (Some(first), Some(last)) = (open.first(), open.last()) else {
        return Ok(Vec::new());
    };
    let mut lines = unknown_lines(served, chunk.file_id, first.row_no, last.row_no).await?;
    let with_line = |open: OpenRow| {
        let line = lines.remove(&open.row_no)?;
        Some(InDoubt { open, line })
    };
    Ok(open.into_iter().filter_map(with_line).collect())
}

/// The unknown rows of a file from one place in it to another.
async fn unknown_lines(
    served: &Served,
    file_id: i64,
    first: u32,
    last: u32,
) -> Result<BTreeMap<u32, ResultLine>, LedgerError> {
    let mut filter = RowFilter {
        file_id: Some(file_id),
        state: Some(RowState::Unknown),
        after: Some(ingest_ledger::row_id(file_id, first) - 1),
        limit: ROWS_AT_A_TIME,
        ..RowFilter::default()
    };
    let mut lines = BTreeMap::new();
    loop {
        let page = served.ledger.rows(&filter).await?;
        let Some(end) = page.last().map(|line| line.row_id) else {
            return Ok(lines);
        };
        lines.extend(page.into_iter().map(|line| (row_of(line.row_id).1, line)));
        if row_of(end).1 >= last {
            return Ok(lines);
        }
        filter.after = Some(end);
    }
}

fn as_bill(row: &InDoubt) -> BillRow {
    BillRow {
        row_no: row.open.row_no,
        row_number: row.line.row_number,
        sheet: row.line.sheet.clone(),
        title: row.open.title.clone(),
        identifier: row.open.identifier.clone(),
        amount: row.open.amount,
        due_date: row.open.due_date,
        amount_after_due_date: row.open.late,
    }
}
