//! `NAME.held.txt`: for what a file, or a row of it, waits, and who can decide it how.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use ingest_ledger::{FileLine, FileState, HeldFilter, HoldKind, LedgerError, RowState};

use super::{remove_own, report_path};
use crate::account::Served;
use crate::commands::counted;
use crate::commands::status::waiting;
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

async fn note(served: &Served, file: &FileLine) -> Result<String, Failure> {
    let waits = |state| file.counts.get(&state).is_some_and(|n| *n > 0);
    let mut text = String::new();
    if waits(RowState::Held) {
        held_rows(served, file, &mut text).await?;
    }
    if waits(RowState::Unknown) && file.state == FileState::Held {
        unknown_rows(served, file, &mut text).await?;
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
        HoldKind::Unseen => format!(
            "They go on by themselves when the hub shows that request again. If the hub's own pages show that no bill of it is left to pay, the administrator can send them: ingestd approve {file_id} --rows …; or never: ingestd cancel {file_id}"
        ),
        _ => format!(
            "The administrator decides: ingestd approve {file_id}, or ingestd cancel {file_id}"
        ),
    }
}

/// Rows that may or may not be at the hub, once looking has not settled them: what `ingestd
/// status` says of them.
async fn unknown_rows(served: &Served, file: &FileLine, text: &mut String) -> Result<(), Failure> {
    for waits in waiting(&served.ledger, std::slice::from_ref(file)).await? {
        if waits.what == RowState::Unknown.as_str() {
            let unknown = counted(waits.rows, "row is unknown", "rows are unknown");
            let _ = writeln!(text, "\n{unknown}: {}\n  {}", waits.why, waits.command);
        }
    }
    Ok(())
}
