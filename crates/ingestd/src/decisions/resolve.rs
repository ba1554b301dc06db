//! A person says what became of a call whose answer was lost; the hub is asked again first, and
//! what the hub shows is never overruled.

mod taken;

use chrono::{DateTime, Utc};
use ingest_ledger::{
    Adopted, BillRow, ChunkLine, DoubtLine, LedgerError, OpenRow, RowSet, RowState,
};

use super::{Answer, Named};
use crate::account::Served;
use crate::commands::{counted, many};
use crate::gateway::{AskError, Doubt, RequestReading};
use crate::lookup::{look, may_not_be_called_absent};

/// `--sent ID`, or `--not-sent` where `sent` is `None`.
pub(super) async fn resolve(
    served: &Served,
    chunk_id: i64,
    named: Named<'_>,
    sent: Option<&str>,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let chunk = ledger
        .chunk(chunk_id)
        .await?
        .filter(|chunk| chunk.account == served.account.name)
        .ok_or_else(|| {
            LedgerError::Missing(format!(
                "there is no chunk {chunk_id} of account {}",
                served.account.name
            ))
        })?;
    let doubts = ledger.unknown_chunks(&served.account.name).await?;
    match doubts.iter().find(|doubt| doubt.chunk.chunk_id == chunk_id) {
        Some(doubt) => whole_chunk(served, doubt, &doubts, named, sent, asked_at).await,
        None => taken::rows_of_taken(served, &chunk, named, sent, asked_at).await,
    }
}

/// A chunk of which nothing is known.
async fn whole_chunk(
    served: &Served,
    doubt: &DoubtLine,
    doubts: &[DoubtLine],
    named: Named<'_>,
    sent: Option<&str>,
    asked_at: DateTime<Utc>,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let chunk_id = doubt.chunk.chunk_id;
    let bills = ledger.chunk_bills(chunk_id).await?;
    let places = || {
        bills
            .iter()
            .map(|bill| (bill.sheet.as_str(), bill.row_number))
    };
    let mut answer = match of_chunk(&doubt.chunk, named, places) {
        Ok(answer) => answer,
        Err(refused) => return Ok(*refused),
    };
    let chosen: Vec<&BillRow> = bills
        .iter()
        .filter(|bill| named.names(&bill.sheet, bill.row_number))
        .collect();
    let looked = match (look(served, doubts).await?, sent) {
        (Ok(looked), _) => Some(looked),
        // Another request can't be read; the one that is named may be, and is read whole.
        (Err(_), Some(_)) => None,
        (Err(_), None) => {
            return Ok(Answer::refused_by_hub(
                "the hub could not be asked again, so nothing was decided; try once it answers",
            ));
        }
    };
    let found = looked.iter().flat_map(|looked| &looked.found);
    if let Some(found) = found
        .into_iter()
        .find(|found| found.chunk_id == doubt.chunk.chunk_id)
    {
        answer.done.push(format!(
            "the hub was asked again and has it: request {} holds {} of it",
            found.request_id,
            many(found.rows.len(), "row")
        ));
        return Ok(answer);
    }
    ledger
        .may_be_resolved(&served.lease, chunk_id, asked_at)
        .await?;
    if let Some(request_id) = sent {
        if chosen.len() == bills.len() {
            return sent_as(served, &doubt.chunk, &bills, request_id, answer).await;
        }
        let wanted: Vec<OpenRow> = chosen.into_iter().map(as_open).collect();
        return rows_sent_as(served, &doubt.chunk, &wanted, request_id, answer).await;
    }
    let mut looked = looked;
    if chosen.len() < bills.len() {
        // What stands in the way of the others need not stand in the way of these.
        let these = Doubt {
            chunk_id,
            bills: chosen.iter().map(|bill| (*bill).clone()).collect(),
            settled: Vec::new(),
        };
        let owned = ledger.owned_requests(&served.account.login()).await?;
        looked = match served.gateway().look_up(&[these], &owned).await {
            Ok(looked) => Some(looked),
            Err(error) => {
                return Ok(Answer::refused_by_hub(format!(
                    "the hub could not be asked again: {error}"
                )));
            }
        };
    }
    if let Some(why) = looked.and_then(|looked| may_not_be_called_absent(doubt, &looked)) {
        return Ok(Answer::refused(format!(
            "chunk {chunk_id} can't be called not sent: {why}"
        )));
    }
    let rows: RowSet = chosen.iter().map(|bill| bill.row_no).collect();
    not_sent(served, chunk_id, &rows, asked_at, answer).await
}

/// The answer about what is named of a chunk, or why it can't be meant. `places`: the sheets and
/// numbers of the rows that are in doubt.
fn of_chunk<'p, I>(
    chunk: &ChunkLine,
    named: Named<'_>,
    places: impl Fn() -> I,
) -> Result<Answer, Box<Answer>>
where
    I: Iterator<Item = (&'p str, i64)>,
{
    if let Some(why) = named.in_several_sheets(places()) {
        return Err(Box::new(Answer::ambiguous(why)));
    }
    let chunk_id = chunk.chunk_id;
    if !places().any(|(sheet, number)| named.names(sheet, number)) {
        let why = format!("nothing that you name of chunk {chunk_id} is unknown");
        return Err(Box::new(Answer::refused(why)));
    }
    let in_doubt = format!("in doubt in chunk {chunk_id}");
    Ok(Answer {
        files: vec![chunk.file_id],
        left: named
            .others_are_not(&in_doubt, places())
            .into_iter()
            .collect(),
        ..Answer::default()
    })
}

/// These rows were never taken.
async fn not_sent(
    served: &Served,
    chunk_id: i64,
    rows: &RowSet,
    asked_at: DateTime<Utc>,
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    let message = "a person decided that the hub never got it";
    let rules = served.plan_rules();
    let resolved = served
        .ledger
        .resolve_not_sent_as_asked(
            &served.lease,
            chunk_id,
            Some(rows),
            message,
            &rules,
            asked_at,
        )
        .await?;
    answer.done.push(counted(
        resolved.ready,
        "row is sent again",
        "rows are sent again",
    ));
    for (n, one, several) in [
        (resolved.held, "row is held now", "rows are held now"),
        (resolved.skipped, "row is not sent", "rows are not sent"),
        (
            resolved.invalid,
            "row is past its due date",
            "rows are past their due date",
        ),
        (
            resolved.in_doubt_since,
            "row came to be in doubt, or was told anew, only since you asked: look again",
            "rows came to be in doubt, or were told anew, only since you asked: look again",
        ),
    ] {
        if n > 0 {
            answer.left.push(counted(n, one, several));
        }
    }
    Ok(answer)
}

/// A person names the request of a whole chunk; it is believed only if it holds this chunk's rows
/// and no other.
async fn sent_as(
    served: &Served,
    chunk: &ChunkLine,
    bills: &[BillRow],
    request_id: &str,
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    // It may also list rows of the chunk that were refused by name.
    let settled = served.ledger.chunk_settled_bills(chunk.chunk_id).await?;
    let open: Vec<OpenRow> = bills.iter().chain(&settled).map(as_open).collect();
    let reading = match unowned_request(served, request_id, &open).await? {
        Ok(reading) => reading,
        Err(refused) => return Ok(refused),
    };
    if reading.foreign > 0 || reading.rows.is_empty() {
        return Ok(Answer::refused(format!(
            "request {request_id} is not this chunk: it holds {} of the chunk and {} of others",
            many(reading.rows.len() as u64, "row"),
            many(reading.foreign, "row")
        )));
    }
    let in_doubt: RowSet = bills.iter().map(|bill| bill.row_no).collect();
    let matched = proven(&reading).intersect(&in_doubt);
    match served
        .ledger
        .adopt(&served.lease, chunk.chunk_id, request_id, &matched)
        .await?
    {
        Adopted::Yes => answer.done.push(format!(
            "chunk {} is request {request_id}, with {}",
            chunk.chunk_id,
            many(matched.len(), "row")
        )),
        Adopted::TakenByAnother => return Ok(belongs_to_another(request_id)),
        Adopted::NotUnknown => {
            return Ok(Answer::refused(format!(
                "chunk {} is no longer in doubt",
                chunk.chunk_id
            )));
        }
    }
    say_what_stays(&mut answer, request_id, in_doubt.len() - matched.len());
    Ok(answer)
}

/// A person names the request that holds these rows of a chunk: it is believed only if it holds
/// none but these. They go on in a chunk of their own.
async fn rows_sent_as(
    served: &Served,
    chunk: &ChunkLine,
    wanted: &[OpenRow],
    request_id: &str,
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    let reading = match unowned_request(served, request_id, wanted).await? {
        Ok(reading) => reading,
        Err(refused) => return Ok(refused),
    };
    let there = proven(&reading);
    if reading.foreign > 0 || there.is_empty() {
        return Ok(Answer::refused(format!(
            "request {request_id} does not hold these rows alone: it holds {} of them, and {} that {} not; name all the rows that it holds, and no others",
            there.len(),
            reading.foreign,
            if reading.foreign == 1 { "is" } else { "are" }
        )));
    }
    match served
        .ledger
        .adopt_rows(&served.lease, chunk.chunk_id, &there, request_id)
        .await?
    {
        Adopted::Yes => answer.done.push(format!(
            "the hub has {} of them, in request {request_id}",
            many(there.len(), "row")
        )),
        Adopted::TakenByAnother => return Ok(belongs_to_another(request_id)),
        Adopted::NotUnknown => {
            return Ok(Answer::refused("these rows are no longer in doubt"));
        }
    }
    say_what_stays(&mut answer, request_id, wanted.len() as u64 - there.len());
    Ok(answer)
}

/// Reads a request that a person names whole, if no chunk owns it.
async fn unowned_request(
    served: &Served,
    request_id: &str,
    rows: &[OpenRow],
) -> Result<Result<RequestReading, Answer>, LedgerError> {
    let login = served.account.login();
    if served
        .ledger
        .owned_requests(&login)
        .await?
        .contains(request_id)
    {
        return Ok(Err(belongs_to_another(request_id)));
    }
    match served.gateway().ask(request_id, rows).await {
        Ok(reading) => {
            served.ledger.read_answered(&served.account.name).await?;
            Ok(Ok(reading))
        }
        Err(error) => {
            let why = format!("request {request_id}: {error}");
            Ok(Err(match error {
                AskError::NotFound(_) => Answer::refused(why),
                _ => Answer::refused_by_hub(why),
            }))
        }
    }
}

/// The rows of which the reading says in a known word that the request holds them.
fn proven(reading: &RequestReading) -> RowSet {
    reading
        .rows
        .iter()
        .filter(|row| row.state.is_some())
        .map(|row| row.row_no)
        .collect()
}

fn belongs_to_another(request_id: &str) -> Answer {
    Answer::refused(format!(
        "request {request_id} belongs to another chunk already"
    ))
}

fn say_what_stays(answer: &mut Answer, request_id: &str, rows: u64) {
    if rows > 0 {
        answer.left.push(counted(
            rows,
            &format!("row is not shown in request {request_id}, and stays unknown"),
            &format!("rows are not shown in request {request_id}, and stay unknown"),
        ));
    }
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow::of(bill.clone(), RowState::Unknown)
}
