//! `chunks`: the calls to the hub, the columns of the view `bulk_requests`.

use ingest_ledger::{BulkRequestLine, ChunkFilter, ChunkState, Ledger};

use super::printing::cell;
use super::rows::{bulk_id, exact};
use super::terminal::Terminal;
use crate::cli::ChunksArgs;
use crate::exit::{Exit, Failure};

/// Chunks asked for at a time.
const PAGE: u32 = 500;

const COLUMNS: &[&str] = &[
    "chunk_id",
    "file_id",
    "account",
    "row_count",
    "total_amount",
    "bulk_payment_request_id",
    "state",
    "attempts",
    "sent_at",
    "answered_at",
    "message",
];

/// Hands on every chunk that fits, the oldest first.
///
/// # Errors
/// The database, or what `each` answers.
pub async fn chunks(
    ledger: &Ledger,
    filter: &ChunkFilter,
    each: &mut (dyn FnMut(&BulkRequestLine) -> Result<(), Failure> + Send),
) -> Result<(), Failure> {
    let mut filter = ChunkFilter {
        limit: PAGE,
        ..filter.clone()
    };
    loop {
        let page = ledger.chunks(&filter).await?;
        for chunk in &page {
            each(chunk)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => filter.after = Some(last.chunk_id),
            _ => return Ok(()),
        }
    }
}

pub(super) async fn command(terminal: &Terminal, args: ChunksArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    if let Some(account) = &args.account {
        config.account(account)?;
    }
    if let Some(file_id) = args.file {
        super::files::file(&ledger, file_id).await?;
    }
    let state = args
        .state
        .map(|state| state.parse::<ChunkState>())
        .transpose();
    let state = state.map_err(|error| Failure::usage(error.to_string()))?;
    let filter = ChunkFilter {
        account: args.account,
        file_id: args.file,
        state,
        ..ChunkFilter::default()
    };
    let mut paper = terminal.paper();
    let mut list = paper.list(COLUMNS)?;
    chunks(&ledger, &filter, &mut |chunk| {
        list.push(chunk, || cells(chunk))
    })
    .await?;
    if list.finish()? == 0 {
        terminal.note("no chunk fits");
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

fn cells(chunk: &BulkRequestLine) -> Vec<String> {
    vec![
        chunk.chunk_id.to_string(),
        chunk.file_id.to_string(),
        chunk.account.clone(),
        chunk.row_count.to_string(),
        chunk.total_amount.clone(),
        bulk_id(chunk.bulk_payment_request_id.as_ref()),
        chunk.state.to_string(),
        chunk.attempts.to_string(),
        exact(chunk.sent_at),
        exact(chunk.answered_at),
        cell(chunk.message.clone()),
    ]
}
