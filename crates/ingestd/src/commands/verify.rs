//! `verify`: the invariants of the whole database.

use ingest_ledger::{Broken, Ledger};
use serde::Serialize;

use super::printing::{cell, many};
use super::terminal::Terminal;
use crate::cli::Format;
use crate::exit::{Exit, Failure};

const COLUMNS: &[&str] = &["invariant", "file_id", "sheet", "row_number", "detail"];

/// What `verify` answers.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// Whether every invariant holds.
    pub ok: bool,
    /// Where one does not.
    pub broken: Vec<Broken>,
}

/// Checks everything that is stored.
///
/// # Errors
/// Exit 5: the database.
pub async fn verify(ledger: &Ledger) -> Result<Verified, Failure> {
    let broken = ledger.verify().await?;
    Ok(Verified {
        ok: broken.is_empty(),
        broken,
    })
}

pub(super) async fn command(terminal: &Terminal) -> Result<Exit, Failure> {
    let (_, ledger) = terminal.config_and_ledger().await?;
    let verified = verify(&ledger).await?;
    let mut paper = terminal.paper();
    if paper.format() == Format::Json {
        paper.json(&verified)?;
    } else {
        if verified.ok && paper.format() == Format::Table {
            paper.line("every invariant holds")?;
        }
        let mut list = paper.list(COLUMNS)?;
        for broken in &verified.broken {
            list.push(broken, || cells(broken))?;
        }
        list.finish()?;
    }
    paper.finish()?;
    ledger.close().await;
    if verified.ok {
        return Ok(Exit::Done);
    }
    terminal.note(&format!(
        "{}: send nothing more (pause the account) until it is known why",
        many(verified.broken.len() as u64, "broken invariant")
    ));
    Ok(Exit::Attention)
}

fn cells(broken: &Broken) -> Vec<String> {
    vec![
        broken.invariant.to_string(),
        cell(broken.file_id),
        cell(broken.sheet.clone()),
        cell(broken.row_number),
        broken.detail.clone(),
    ]
}
