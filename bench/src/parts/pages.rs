//! Pages as people and programs ask for them, of a ledger with a history: lists of files and chunks,
//! pages of `bill_results` and of the change feed, a payer's bills. Each at places that chance picks.

use std::time::Instant;

use anyhow::{Context, Result};
use ingest_ledger::{ChunkFilter, FileFilter, Ledger, RowFilter};
use serde_json::{Map, Value};

use super::micros;
use crate::figures::of_hundred;

const LIST_PAGE: u32 = 50;
const ROWS_PAGE: u32 = 1_000;

/// `asked`: how many pages of each kind.
pub(super) async fn pages(url: &str, asked: u32) -> Result<Value> {
    let ledger = Ledger::open(url).await?;
    let all = FileFilter::default();
    let files = ledger.files(&all).await?;
    let newest_change = ledger.newest_change().await?;
    let mut chance = fastrand::Rng::with_seed(1);
    let mut said = Map::new();
    let began = Instant::now();
    let mut lines = 0;
    for kind in ["files", "chunks", "bill_results", "changes", "payer"] {
        let mut took = Vec::new();
        for _ in 0..asked {
            let file = chance.choice(&files).context("a history has files")?;
            let row_no = chance.u32(1..u32::try_from(file.rows.max(2))?);
            let after = Some(ingest_ledger::row_id(file.file_id, row_no));
            let of_file = RowFilter {
                file_id: Some(file.file_id),
                after,
                limit: ROWS_PAGE,
                ..RowFilter::default()
            };
            let payer = match kind {
                "payer" => ledger
                    .rows(&RowFilter {
                        limit: 1,
                        ..of_file.clone()
                    })
                    .await?
                    .pop(),
                _ => None,
            };
            let change = chance.i64(0..newest_change.max(1));
            let began = Instant::now();
            lines += match kind {
                "files" => {
                    let filter = FileFilter {
                        account: Some(file.account.clone()),
                        before: Some(file.file_id + 1),
                        limit: LIST_PAGE,
                        ..FileFilter::default()
                    };
                    ledger.files(&filter).await?.len()
                }
                "chunks" => {
                    let filter = ChunkFilter {
                        account: Some(file.account.clone()),
                        file_id: Some(file.file_id),
                        limit: LIST_PAGE,
                        ..ChunkFilter::default()
                    };
                    ledger.chunks(&filter).await?.len()
                }
                "bill_results" => ledger.rows(&of_file).await?.len(),
                "changes" => ledger.changes_after(change, ROWS_PAGE).await?.len(),
                _ => {
                    let filter = RowFilter {
                        account: Some(file.account.clone()),
                        identifier: payer.map(|row| row.identifier),
                        limit: LIST_PAGE,
                        ..RowFilter::default()
                    };
                    ledger.rows(&filter).await?.len()
                }
            };
            took.push(micros(began));
        }
        for (part, name) in [(50, "p50"), (99, "p99")] {
            said.insert(
                format!("{kind}_{name}_micros"),
                of_hundred(&took, part).into(),
            );
        }
    }
    ledger.close().await;
    said.insert("micros".to_owned(), micros(began).into());
    said.insert("rows".to_owned(), lines.into());
    Ok(Value::Object(said))
}
