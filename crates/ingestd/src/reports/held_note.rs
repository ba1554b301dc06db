//! `NAME.held.txt`: for what a file, or a row of it, waits, and who can decide it how.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use ingest_ledger::{
    ChunkFilter, ChunkState, FileLine, HeldFilter, HoldKind, LOOKS_BEFORE_ASKING, LedgerError,
    RowState,
};

use super::{remove_own, report_path};
use crate::account::Served;
use crate::commands::counted;
use crate::exit::Failure;

/// Rows of one reason that are named; the result sheet and `ingestd rows` have them all.
const NAMED_MAX: usize = 20;

/// Writes the note, or takes it away where nothing waits any more.
pub(super) async fn write(served: &Served, file: &FileLine, results: &Path) -> Result<(), Failure> {
    let text = note(served, file).await?;
    if text.is_empty() {
        remove_own(results, file, "held.txt");
        return Ok(());
    }
    let target = report_path(results, file, "held.txt");
    let draft = target.with_extension("txt.tmp");
    std::fs::write(&draft, text)
        .and_then(|()| std::fs::rename(&draft, &target))
        .map_err(|error| Failure::file(format!("{}: {error}", target.display())))
}

async fn note(served: &Served, file: &FileLine) -> Result<String, LedgerError> {
    let waits = |state| file.counts.get(&state).is_some_and(|n| *n > 0);
    let mut text = String::new();
    if waits(RowState::Held) {
        held_rows(served, file, &mut text).await?;
    }
    if waits(RowState::Unknown) {
        unknown_chunks(served, file, &mut text).await?;
    }
    if !text.is_empty() {
        text.insert_str(
            0,
            &format!(
                "{} (file {}): this waits for a person.\n",
                file.file_name, file.file_id
            ),
        );
    }
    Ok(text)
}

async fn held_rows(served: &Served, file: &FileLine, text: &mut String) -> Result<(), LedgerError> {
    let held = served
        .ledger
        .held_list(file.file_id, &HeldFilter::default())
        .await?;
    let mut by_reason: BTreeMap<(HoldKind, String), Vec<u32>> = BTreeMap::new();
    for line in held {
        by_reason
            .entry((line.kind, line.reason))
            .or_default()
            .extend(line.rows.iter());
    }
    for ((kind, reason), mut rows) in by_reason {
        rows.sort_unstable();
        let named = match rows.first() {
            Some(_) if rows.len() <= NAMED_MAX => named_rows(served, file, &rows).await?,
            _ => String::new(),
        };
        let held = counted(rows.len() as u64, "row is held", "rows are held");
        let _ = writeln!(text, "\n{held}: {reason}{named}");
        let _ = writeln!(text, "  {}", who_decides(kind, file.file_id));
    }
    Ok(())
}

/// `\n  rows 5, 9` as the sheet counts them.
async fn named_rows(
    served: &Served,
    file: &FileLine,
    row_nos: &[u32],
) -> Result<String, LedgerError> {
    let mut names = Vec::new();
    for row_no in row_nos {
        let rows = served
            .ledger
            .result_rows(file.file_id, row_no - 1, 1)
            .await?;
        names.extend(rows.iter().map(|row| row.row_number.to_string()));
    }
    Ok(format!("\n  rows {}", names.join(", ")))
}

fn who_decides(kind: HoldKind, file_id: i64) -> String {
    match kind {
        HoldKind::Waits => format!(
            "They go on by themselves when the earlier row is done. The administrator can send them all the same: ingestd approve {file_id} --rows …"
        ),
        HoldKind::ChangedPaid => format!(
            "The earlier bill is paid, so sending makes a second bill for the payer. The administrator decides: ingestd approve {file_id} --rows …, or ingestd cancel {file_id}"
        ),
        _ => format!(
            "The administrator decides: ingestd approve {file_id}, or ingestd cancel {file_id}"
        ),
    }
}

async fn unknown_chunks(
    served: &Served,
    file: &FileLine,
    text: &mut String,
) -> Result<(), LedgerError> {
    let chunks = served
        .ledger
        .chunk_list(&ChunkFilter {
            file_id: Some(file.file_id),
            state: Some(ChunkState::Unknown),
            limit: 1000,
            ..ChunkFilter::default()
        })
        .await?;
    for chunk in chunks {
        if chunk.looks < LOOKS_BEFORE_ASKING {
            continue; // it is still being looked for
        }
        let _ = writeln!(
            text,
            "\n{} rows may or may not be at the hub: the answer to request {} was lost, and {} look-ups did not find it.\n  \
             It is looked for again. If the hub's own pages show it: ingestd resolve {} --sent ITS_NUMBER; if they show that it never arrived: ingestd resolve {} --not-sent",
            chunk.live.len(),
            chunk.chunk_id,
            chunk.looks,
            chunk.chunk_id,
            chunk.chunk_id,
        );
    }
    Ok(())
}
