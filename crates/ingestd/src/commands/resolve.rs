//! `resolve`: a person says what became of a chunk whose answer was lost; the hub is asked first.

use ingest_ledger::{BulkRequestLine, ChunkFilter, Ledger};

use super::asking;
use super::terminal::Terminal;
use crate::cli::ResolveArgs;
use crate::config::GatewayKind;
use crate::decisions::Ask;
use crate::exit::{Exit, Failure};

/// One chunk.
///
/// # Errors
/// Exit 2: there is none of that number. Exit 5: the database.
pub async fn chunk(ledger: &Ledger, chunk_id: i64) -> Result<BulkRequestLine, Failure> {
    let filter = ChunkFilter {
        after: Some(chunk_id.saturating_sub(1)),
        limit: 1,
        ..ChunkFilter::default()
    };
    let found = ledger
        .chunks(&filter)
        .await?
        .into_iter()
        .find(|chunk| chunk.chunk_id == chunk_id);
    found.ok_or_else(|| {
        Failure::usage(format!("there is no chunk {chunk_id}"))
            .help("`ingestd chunks --state unknown` lists those that wait; `ingestd status` says what decides them")
    })
}

pub(super) async fn command(terminal: &Terminal, args: ResolveArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let chunk = chunk(&ledger, args.chunk_id).await?;
    if let Some(request_id) = &args.sent {
        match config.account(&chunk.account)?.gateway {
            GatewayKind::Asaanbill => super::hub::number(
                request_id,
                "a bulk request's id",
                "`ingestd bulk list` lists them",
            )?,
        };
    }
    let wait = asking::patience(&args.waiting);
    let rows = args.rows.map(|rows| rows.numbers());
    let ask = Ask::Resolve {
        chunk_id: args.chunk_id,
        sheet: args.sheet,
        rows,
        sent: args.sent.map(|id| id.trim().to_owned()),
    };
    let exit = asking::ask(terminal, &config, &ledger, &chunk.account, ask, wait).await?;
    ledger.close().await;
    Ok(exit)
}
