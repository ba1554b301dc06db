//! Whether there is anything of what a person names: a file with rows, a sheet, a row of that
//! number. Where there is nothing, nothing is recorded: what was typed has to change.

use ingest_ledger::{FileLine, FileState, Ledger, LedgerError, RetryFilter, RowFilter};

use super::{Ask, Named};
use crate::exit::Failure;

/// Looks whether what is asked for names anything. `account`: whose, where that is known.
///
/// # Errors
/// Exit 2: it names nothing that is there. Exit 5: the database.
pub async fn must_mean_something(
    ledger: &Ledger,
    account: Option<&str>,
    ask: &Ask,
) -> Result<(), Failure> {
    let (file_id, sheet, rows) = match ask {
        Ask::Submit { .. } | Ask::Restored {} => return Ok(()),
        Ask::Cancel { file_id } => (Some(*file_id), &None, &None),
        Ask::Reconcile { file_id } => (*file_id, &None, &None),
        Ask::Retry {
            file_id,
            sheet,
            rows,
            ..
        } => (*file_id, sheet, rows),
        Ask::Approve {
            file_id,
            sheet,
            rows,
            ..
        } => (Some(*file_id), sheet, rows),
        Ask::Resolve {
            chunk_id,
            sheet,
            rows,
            ..
        } => {
            let chunk = ledger.chunk(*chunk_id).await?;
            (chunk.map(|chunk| chunk.file_id), sheet, rows)
        }
    };
    let mut file = None;
    if let Some(file_id) = file_id {
        file = ledger.file(file_id).await?;
    }
    if let Some(file) = &file {
        if let Some(why) = has_nothing(file, ask) {
            return Err(Failure::usage(why));
        }
        if file.state == FileState::Reading {
            return Ok(()); // its rows are not all there yet
        }
    }
    let named = Named {
        sheet: sheet.as_deref(),
        rows: rows.as_deref(),
    };
    let place = match file_id {
        Some(file_id) => format!("file {file_id}"),
        None => "any file".to_owned(),
    };
    match named_nowhere(ledger, account, file_id, named, &place).await? {
        Some(why) => {
            let listed = file_id.map(|id| format!(" --file {id}"));
            let help = file.as_ref().and_then(crate::commands::archive::not_here);
            Err(Failure::usage(why).help(help.unwrap_or_else(|| {
                format!(
                    "`ingestd rows{}` lists what is there",
                    listed.unwrap_or_default()
                )
            })))
        }
        None => Ok(()),
    }
}

/// Why there is nothing to decide of this file, if so.
fn has_nothing(file: &FileLine, ask: &Ask) -> Option<String> {
    let (id, name) = (file.file_id, &file.file_name);
    match (file.state, ask) {
        (FileState::Unreadable, _) => Some(format!(
            "file {id} ({name}) can't be read: nothing of it was stored"
        )),
        (FileState::Duplicate, _) => Some(match file.duplicate_of {
            Some(of) => {
                format!("file {id} ({name}) holds exactly what file {of} held: decide on file {of}")
            }
            None => format!("file {id} ({name}) holds what was taken before: it has no rows"),
        }),
        (_, Ask::Approve { .. }) if file.cancelled => {
            Some(format!("file {id} ({name}) was cancelled"))
        }
        _ => None,
    }
}

/// Why the sheet or the rows that are named are not there, if none of them is.
async fn named_nowhere(
    ledger: &Ledger,
    account: Option<&str>,
    file_id: Option<i64>,
    named: Named<'_>,
    place: &str,
) -> Result<Option<String>, LedgerError> {
    let account = account.map(str::to_owned);
    if let Some(sheet) = named.sheet {
        let of_sheet = RowFilter {
            account: account.clone(),
            file_id,
            sheet: Some(sheet.to_owned()),
            limit: 1,
            ..RowFilter::default()
        };
        if ledger.rows(&of_sheet).await?.is_empty() {
            return Ok(Some(format!("no row of {place} is in a sheet `{sheet}`")));
        }
    }
    let Some(rows) = named.rows else {
        return Ok(None);
    };
    // Named by number, rows are listed whatever became of them.
    let filter = RetryFilter {
        account,
        file_id,
        sheet: named.sheet.map(str::to_owned),
        row_numbers: Some(rows.to_vec()),
        ..RetryFilter::default()
    };
    let there = ledger.retry_candidates(&filter).await?;
    if !there.is_empty() {
        return Ok(None);
    }
    let place = match named.sheet {
        Some(sheet) => format!("in the sheet `{sheet}` of {place}"),
        None => format!("in {place}"),
    };
    Ok(named.others_are_not(&place, std::iter::empty()))
}
