//! `NAME.held.txt`: for what a file, or a row of it, waits, and who can decide it how.

use std::fmt::Write;
use std::path::Path;

use ingest_ledger::{FileLine, FileState, HeldLine, LedgerError, RowSet, RowState};

use super::{cant_write, remove_own, report_path};
use crate::account::Served;
use crate::cli::RowList;
use crate::commands::counted;
use crate::commands::status::{command_behind, deciding, rows_named, waiting, what_goes_first};
use crate::exit::Failure;
use crate::writes::Writes;

/// Rows of one reason that are named; the result sheet and `ingestd rows` have them all.
const NAMED_MAX: u64 = 20;

/// Writes the note, or takes it away where nothing waits any more.
pub(super) async fn write(served: &Served, file: &FileLine, results: &Path) -> Result<(), Failure> {
    let text = note(served, file).await?;
    if text.is_empty() {
        return remove_own(results, file, "held.txt")
            .map_err(|error| cant_write(&report_path(results, file, "held.txt"), &error));
    }
    let target = report_path(results, file, "held.txt");
    let draft = target.with_extension("txt.tmp");
    Writes::Bytes
        .here()
        .and_then(|()| std::fs::write(&draft, text))
        .and_then(|()| Writes::Rename.here())
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
    let list = served.ledger.held_list(file.file_id).await?;
    let first = what_goes_first(&list);
    for held in list {
        let number = counted(held.rows.len(), "row is held", "rows are held");
        let _ = match &held.reasons[..] {
            [(_, reason)] => write!(text, "\n{number}: {reason}"),
            _ => write!(text, "\n{number}:"),
        };
        text.push_str(&named_rows(served, file, &held).await?);
        let named = rows_named(&served.ledger, file.file_id, &held.rows).await?;
        let decides = match first {
            Some(first) if held.behind => format!(
                "The administrator decides: {}",
                command_behind(first, file.file_id).replace('`', "")
            ),
            _ => deciding(held.kind, file.file_id, named.as_deref()).note,
        };
        let _ = writeln!(text, "\n  {decides}");
    }
    Ok(())
}

/// `\n  rows 5,9-12` as the sheet counts them; where they are held for several reasons, each with
/// its own behind it, in the order of the sheet, as far as a person reads on.
async fn named_rows(
    served: &Served,
    file: &FileLine,
    held: &HeldLine,
) -> Result<String, LedgerError> {
    let mut names = String::new();
    let one_reason = held.reasons.len() == 1;
    let mut said = 0;
    for (rows, reason) in &held.reasons {
        said += rows.len();
        let places = places(served, file, rows).await?;
        let _ = match (one_reason, places.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => write!(names, "\n  {}", places.join("\n  ")),
            (false, true) => {
                let many = counted(rows.len(), "row", "rows");
                write!(names, "\n  {many}: {reason}")
            }
            (false, false) => write!(names, "\n  {}: {reason}", places.join(", ")),
        };
    }
    let more = held.rows.len() - said;
    if more > 0 {
        let _ = write!(
            names,
            "\n  and {}; the result sheet says it for each",
            counted(more, "more", "more")
        );
    }
    Ok(names)
}

/// `rows 5,9-12`, sheet by sheet where the file has several; nothing where they are too many.
async fn places(
    served: &Served,
    file: &FileLine,
    rows: &RowSet,
) -> Result<Vec<String>, LedgerError> {
    if rows.len() > NAMED_MAX {
        return Ok(Vec::new());
    }
    let several = served.ledger.has_several_sheets(file.file_id).await?;
    let mut sheets: Vec<(String, Vec<u32>)> = Vec::new();
    for bill in served.ledger.bills(file.file_id, rows).await? {
        let Ok(number) = u32::try_from(bill.row_number) else {
            continue;
        };
        match sheets.last_mut() {
            Some((sheet, numbers)) if *sheet == bill.sheet => numbers.push(number),
            _ => sheets.push((bill.sheet, vec![number])),
        }
    }
    let place = |(sheet, numbers): (String, Vec<u32>)| {
        let one = if numbers.len() == 1 { "row" } else { "rows" };
        match several {
            true => format!("{one} {} of {sheet}", RowList::of(numbers)),
            false => format!("{one} {}", RowList::of(numbers)),
        }
    };
    Ok(sheets.into_iter().map(place).collect())
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
