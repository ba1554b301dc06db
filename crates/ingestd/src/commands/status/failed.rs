//! Files with rows that failed: nothing of them moves any more, and a person may correct them or send
//! them again.

use ingest_ledger::{FileLine, Ledger, RowState};

use super::waiting::Waiting;
use crate::exit::Failure;

/// Files that are named, the newest first.
const NAMED_MAX: u32 = 20;

/// The newest files with failed rows, and whether there are more of them.
///
/// # Errors
/// Exit 5: the database.
pub(super) async fn failed(ledger: &Ledger) -> Result<(Vec<Waiting>, bool), Failure> {
    let mut files = ledger.files_with_failed(NAMED_MAX + 1).await?;
    let more = files.len() > NAMED_MAX as usize;
    files.truncate(NAMED_MAX as usize);
    Ok((files.iter().map(waiting).collect(), more))
}

fn waiting(file: &FileLine) -> Waiting {
    let n = |state| {
        let n = file.counts.get(&state).copied().unwrap_or_default();
        n.unsigned_abs()
    };
    let (invalid, rejected) = (n(RowState::Invalid), n(RowState::Rejected));
    let errored = n(RowState::Errored);
    let rows = invalid + rejected + errored;
    let why = [
        (invalid, "wrong in the sheet (invalid)"),
        (rejected, "refused by the hub (rejected)"),
        (errored, "failed at the hub (errored)"),
    ];
    let why: Vec<String> = why
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, why)| format!("{n} {why}"))
        .collect();
    Waiting {
        account: file.account.clone(),
        file_id: file.file_id,
        file_name: file.file_name.clone(),
        chunk_id: None,
        rows,
        what: "failed",
        why: why.join(", "),
        command: command(file, rejected + errored > 0),
    }
}

/// `again`: there are rows that may go again as they are.
fn command(file: &FileLine, again: bool) -> String {
    let retry = format!(
        "once the cause is mended, `ingestd retry --file {}` sends again what the hub did not take",
        file.file_id
    );
    let fix = match file.by_hand {
        true => "make it anew with payments add".to_owned(),
        false => {
            "correct them in the fix sheet in results/, and drop that into the inbox".to_owned()
        }
    };
    match again {
        true => format!("{fix}; or {retry}"),
        false => fix,
    }
}
