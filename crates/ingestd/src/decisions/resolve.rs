//! A person says what became of a call whose answer was lost; the hub is asked again first, and
//! what the hub shows is never overruled.

use ingest_ledger::{
    Adopted, BillRow, ChunkLine, DoubtLine, LedgerError, OpenRow, RowFilter, RowSet, RowState,
    row_of,
};

use super::Answer;
use crate::account::Served;
use crate::commands::{counted, many};
use crate::gateway::Doubt;
use crate::lookup::{look, may_not_be_called_absent};
use crate::outcomes;

/// `--sent ID`, or `--not-sent` where `sent` is `None`.
pub(super) async fn resolve(
    served: &Served,
    chunk_id: i64,
    rows: Option<&[u32]>,
    sent: Option<&str>,
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
        Some(doubt) => whole_chunk(served, doubt, &doubts, rows, sent).await,
        None => rows_of_taken(served, &chunk, rows, sent).await,
    }
}

/// A chunk of which nothing is known.
async fn whole_chunk(
    served: &Served,
    doubt: &DoubtLine,
    doubts: &[DoubtLine],
    rows: Option<&[u32]>,
    sent: Option<&str>,
) -> Result<Answer, LedgerError> {
    let chunk_id = doubt.chunk.chunk_id;
    let Ok(looked) = look(served, doubts).await? else {
        return Ok(Answer::refused(
            "the hub could not be asked again, so nothing was decided; try once it answers",
        ));
    };
    let mut answer = Answer {
        files: vec![doubt.chunk.file_id],
        ..Answer::default()
    };
    if let Some(found) = looked.found.iter().find(|found| found.chunk_id == chunk_id) {
        answer.done.push(format!(
            "the hub was asked again and has it: request {} holds {} of it",
            found.request_id,
            many(found.rows.len(), "row")
        ));
        return Ok(answer);
    }
    if let Some(request_id) = sent {
        return sent_as(served, &doubt.chunk, request_id, answer).await;
    }
    if let Some(why) = may_not_be_called_absent(doubt, &looked) {
        return Ok(Answer::refused(format!(
            "chunk {chunk_id} can't be called not sent: {why}"
        )));
    }
    let named = match rows {
        Some(row_numbers) => Some(named_rows(
            &served.ledger.chunk_bills(chunk_id).await?,
            row_numbers,
        )?),
        None => None,
    };
    let message = "a person decided that the hub never got it";
    let resolved = served
        .ledger
        .resolve_not_sent(
            &served.lease,
            chunk_id,
            named.as_ref(),
            message,
            &served.plan_rules(),
        )
        .await?;
    answer.done.push(sent_again(resolved.ready));
    for (n, one, several) in [
        (resolved.held, "row is held now", "rows are held now"),
        (resolved.skipped, "row is not sent", "rows are not sent"),
        (
            resolved.invalid,
            "row is past its due date",
            "rows are past their due date",
        ),
    ] {
        if n > 0 {
            answer.left.push(counted(n, one, several));
        }
    }
    Ok(answer)
}

/// A person names the request; it is believed only if it holds this chunk's rows and no other.
async fn sent_as(
    served: &Served,
    chunk: &ChunkLine,
    request_id: &str,
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    if ledger
        .owned_requests(&served.account.login())
        .await?
        .contains(request_id)
    {
        return Ok(Answer::refused(format!(
            "request {request_id} belongs to another chunk already"
        )));
    }
    let open: Vec<OpenRow> = ledger
        .chunk_bills(chunk.chunk_id)
        .await?
        .iter()
        .map(as_open)
        .collect();
    let reading = match served.gateway().ask(request_id, &open).await {
        Ok(reading) => reading,
        Err(error) => return Ok(Answer::refused(format!("request {request_id}: {error}"))),
    };
    ledger.read_answered(&served.account.name).await?;
    if reading.foreign > 0 || reading.rows.is_empty() {
        return Ok(Answer::refused(format!(
            "request {request_id} is not this chunk: it holds {} of the chunk and {} of others",
            many(reading.rows.len() as u64, "row"),
            many(reading.foreign, "row")
        )));
    }
    let matched: RowSet = reading
        .rows
        .iter()
        .filter(|row| row.state.is_some())
        .map(|row| row.row_no)
        .collect();
    match ledger
        .adopt(&served.lease, chunk.chunk_id, request_id, &matched)
        .await?
    {
        Adopted::Yes => answer.done.push(format!(
            "chunk {} is request {request_id}, with {}",
            chunk.chunk_id,
            many(matched.len(), "row")
        )),
        Adopted::TakenByAnother => {
            return Ok(Answer::refused(format!(
                "request {request_id} belongs to another chunk already"
            )));
        }
        Adopted::NotUnknown => {
            return Ok(Answer::refused(format!(
                "chunk {} is no longer in doubt",
                chunk.chunk_id
            )));
        }
    }
    Ok(answer)
}

/// Rows in doubt of a chunk that the hub took. Its own request is read first, and what that says
/// is stored.
async fn rows_of_taken(
    served: &Served,
    chunk: &ChunkLine,
    rows: Option<&[u32]>,
    sent: Option<&str>,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let chunk_id = chunk.chunk_id;
    let mut answer = Answer {
        files: vec![chunk.file_id],
        ..Answer::default()
    };
    let before = rows_in_doubt(served, chunk, rows).await?;
    if before.is_empty() {
        return Ok(Answer::refused(format!(
            "nothing that you name of chunk {chunk_id} is unknown"
        )));
    }
    let asks = ledger
        .asks(&served.account.name, Some(chunk.file_id))
        .await?;
    let Some(own) = asks.iter().find(|line| line.chunk_id == chunk_id) else {
        return Ok(Answer::refused(format!(
            "chunk {chunk_id} has no request of its own at the hub"
        )));
    };
    let reading = match outcomes::ask(served, own).await? {
        Ok(reading) => reading,
        Err(error) => {
            return Ok(Answer::refused(format!(
                "the hub could not be asked again: {error}"
            )));
        }
    };
    let wanted = rows_in_doubt(served, chunk, rows).await?;
    if wanted.len() < before.len() {
        let known = before.len() - wanted.len();
        answer.done.push(format!(
            "the hub was asked again, and {} no longer unknown",
            counted(known as u64, "row is", "rows are")
        ));
    }
    if wanted.is_empty() || sent == Some(own.request_id.as_str()) {
        return Ok(answer);
    }
    if let Some(request_id) = sent {
        return rows_sent_as(served, chunk, &wanted, request_id, answer).await;
    }
    if !reading.processed {
        return Ok(Answer::refused(format!(
            "request {} is not worked off yet: its rows may still appear",
            own.request_id
        )));
    }
    if let Some(row) = reading
        .rows
        .iter()
        .find(|read| wanted.iter().any(|row| row.row_no == read.row_no))
        && rows.is_none()
    {
        return Ok(Answer::refused(format!(
            "request {} lists rows of these: {}. If the hub's own pages show that it made no bill of them, name them by --rows",
            own.request_id,
            row.message
                .as_deref()
                .unwrap_or("without a word that proves a bill"),
        )));
    }
    // Another request may hold them: every unowned one is read before they are called absent.
    let doubt = Doubt {
        chunk_id,
        attempt_at: chunk.sent_at.unwrap_or(chunk.planned_at),
        bills: wanted.iter().map(as_bill).collect(),
    };
    let owned = ledger.owned_requests(&served.account.login()).await?;
    let looked = match served
        .gateway()
        .look_up(std::slice::from_ref(&doubt), &owned)
        .await
    {
        Ok(looked) => looked,
        Err(error) => {
            return Ok(Answer::refused(format!(
                "the hub could not be asked again: {error}"
            )));
        }
    };
    if let Some(obstacle) = looked.in_the_way.first() {
        return Ok(Answer::refused(format!(
            "request {} at the hub may hold them: {}",
            obstacle.request_id, obstacle.why
        )));
    }
    let absent: RowSet = wanted.iter().map(|row| row.row_no).collect();
    let message = "a person decided that the hub never got it";
    let rules = served.plan_rules();
    let resolved = ledger
        .resolve_not_sent(&served.lease, chunk_id, Some(&absent), message, &rules)
        .await?;
    answer.done.push(sent_again(resolved.ready));
    Ok(answer)
}

/// A person names another request that holds these rows.
async fn rows_sent_as(
    served: &Served,
    chunk: &ChunkLine,
    wanted: &[OpenRow],
    request_id: &str,
    mut answer: Answer,
) -> Result<Answer, LedgerError> {
    let ledger = &served.ledger;
    let belongs = || {
        Answer::refused(format!(
            "request {request_id} belongs to another chunk already"
        ))
    };
    if ledger
        .owned_requests(&served.account.login())
        .await?
        .contains(request_id)
    {
        return Ok(belongs());
    }
    let reading = match served.gateway().ask(request_id, wanted).await {
        Ok(reading) => reading,
        Err(error) => return Ok(Answer::refused(format!("request {request_id}: {error}"))),
    };
    ledger.read_answered(&served.account.name).await?;
    let there: RowSet = reading
        .rows
        .iter()
        .filter(|row| row.state.is_some())
        .map(|row| row.row_no)
        .collect();
    if reading.foreign > 0 || there.is_empty() {
        return Ok(Answer::refused(format!(
            "request {request_id} does not hold these rows alone: it holds {} of them, and {} that {} not",
            there.len(),
            reading.foreign,
            if reading.foreign == 1 { "is" } else { "are" }
        )));
    }
    match ledger
        .adopt_rows(&served.lease, chunk.chunk_id, &there, request_id)
        .await?
    {
        Adopted::Yes => answer.done.push(format!(
            "the hub has {} of them, in request {request_id}",
            many(there.len(), "row")
        )),
        Adopted::TakenByAnother => return Ok(belongs()),
        Adopted::NotUnknown => {
            return Ok(Answer::refused("these rows are no longer in doubt"));
        }
    }
    Ok(answer)
}

/// The chunk's rows that are unknown, or those of them that are named.
async fn rows_in_doubt(
    served: &Served,
    chunk: &ChunkLine,
    rows: Option<&[u32]>,
) -> Result<Vec<OpenRow>, LedgerError> {
    let mut in_doubt = served.ledger.open_rows(chunk.chunk_id).await?;
    in_doubt.retain(|row| row.state == RowState::Unknown);
    if let Some(row_numbers) = rows {
        let named = unknown_rows_named(served, chunk.file_id, row_numbers).await?;
        in_doubt.retain(|row| named.contains(row.row_no));
    }
    Ok(in_doubt)
}

fn sent_again(rows: u64) -> String {
    counted(rows, "row is sent again", "rows are sent again")
}

fn named_rows(bills: &[BillRow], row_numbers: &[u32]) -> Result<RowSet, LedgerError> {
    let named: RowSet = bills
        .iter()
        .filter(|bill| u32::try_from(bill.row_number).is_ok_and(|n| row_numbers.contains(&n)))
        .map(|bill| bill.row_no)
        .collect();
    if named.is_empty() {
        return Err(LedgerError::Refused(
            "none of the named rows is in this chunk".to_owned(),
        ));
    }
    Ok(named)
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow {
        row_no: bill.row_no,
        state: RowState::Unknown,
        title: bill.title.clone(),
        identifier: bill.identifier.clone(),
        amount: bill.amount,
        due_date: bill.due_date,
        late: bill.amount_after_due_date,
        payment_id: None,
        psid: None,
    }
}

fn as_bill(row: &OpenRow) -> BillRow {
    BillRow {
        row_no: row.row_no,
        row_number: 0,
        sheet: String::new(),
        title: row.title.clone(),
        identifier: row.identifier.clone(),
        amount: row.amount,
        due_date: row.due_date,
        amount_after_due_date: row.late,
    }
}

/// The unknown rows of a file that have these numbers in their sheet.
async fn unknown_rows_named(
    served: &Served,
    file_id: i64,
    row_numbers: &[u32],
) -> Result<RowSet, LedgerError> {
    let mut named = RowSet::new();
    let mut filter = RowFilter {
        file_id: Some(file_id),
        state: Some(RowState::Unknown),
        limit: 5_000,
        ..RowFilter::default()
    };
    loop {
        let page = served.ledger.rows(&filter).await?;
        for row in &page {
            if u32::try_from(row.row_number).is_ok_and(|n| row_numbers.contains(&n)) {
                named.insert(row_of(row.row_id).1);
            }
        }
        match page.last() {
            Some(last) => filter.after = Some(last.row_id),
            None => return Ok(named),
        }
    }
}
