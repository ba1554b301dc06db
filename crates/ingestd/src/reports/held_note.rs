//! `NAME.held.txt`: for what a file, or a row of it, waits, and who can decide it how.

use std::fmt::Write;
use std::path::Path;

use ingest_ledger::{FileLine, FileState, HeldLine, LedgerError, RowSet, RowState};

use super::{cant_write, remove_own, report_path};
use crate::account::Served;
use crate::cli::RowList;
use crate::commands::status::{First, rows_named, waiting, what_goes_first};
use crate::exit::Failure;
use crate::said::OfNote;
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
    let language = served.account.language;
    let waits = |state| file.counts.get(&state).is_some_and(|n| *n > 0);
    let mut text = String::new();
    if waits(RowState::Held) {
        held_rows(served, file, &mut text).await?;
    }
    if waits(RowState::Unknown) && file.state == FileState::Held {
        unknown_rows(served, file, &mut text).await?;
    }
    if !text.is_empty() {
        let first = language.note(&OfNote::Waits {
            file: file.file_name.clone(),
            file_id: file.file_id,
        });
        text.insert_str(0, &format!("{first}\n"));
    }
    Ok(text)
}

async fn held_rows(served: &Served, file: &FileLine, text: &mut String) -> Result<(), LedgerError> {
    let language = served.account.language;
    let list = served.ledger.held_list(file.file_id).await?;
    let first = what_goes_first(&list);
    for held in list {
        let number = language.note(&OfNote::Held(held.rows.len()));
        let _ = match &held.reasons[..] {
            [(_, reason)] => {
                let reason = language.stored(RowState::Held, reason);
                write!(text, "\n{number}: {reason}")
            }
            _ => write!(text, "\n{number}:"),
        };
        text.push_str(&named_rows(served, file, &held).await?);
        let file_id = file.file_id;
        let decides = match first {
            Some(first) if held.behind => OfNote::Behind {
                named: first == First::Named,
                file_id,
            },
            _ => OfNote::Decides {
                kind: held.kind,
                file_id,
                named: rows_named(&served.ledger, file_id, &held.rows).await?,
            },
        };
        let _ = writeln!(text, "\n  {}", language.note(&decides));
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
    let language = served.account.language;
    let mut names = String::new();
    let one_reason = held.reasons.len() == 1;
    let mut said = 0;
    for (rows, reason) in &held.reasons {
        said += rows.len();
        let places = places(served, file, rows).await?;
        let reason = language.stored(RowState::Held, reason);
        let _ = match (one_reason, places.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => write!(names, "\n  {}", places.join("\n  ")),
            (false, true) => {
                let many = language.note(&OfNote::Rows(rows.len()));
                write!(names, "\n  {many}: {reason}")
            }
            (false, false) => {
                let places = places.join(language.comma());
                write!(names, "\n  {places}: {reason}")
            }
        };
    }
    let more = held.rows.len() - said;
    if more > 0 {
        let _ = write!(names, "\n  {}", language.note(&OfNote::More(more)));
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
        served.account.language.note(&OfNote::Numbers {
            one: numbers.len() == 1,
            numbers: RowList::of(numbers).to_string(),
            sheet: several.then_some(sheet),
        })
    };
    Ok(sheets.into_iter().map(place).collect())
}

/// Rows that may or may not be at the hub, once looking has not settled them: what `ingestd
/// status` says of them.
async fn unknown_rows(served: &Served, file: &FileLine, text: &mut String) -> Result<(), Failure> {
    for waits in waiting(&served.ledger, std::slice::from_ref(file)).await? {
        if waits.what == RowState::Unknown.as_str() {
            let unknown = served.account.language.note(&OfNote::Unknown {
                rows: waits.rows,
                why: waits.why,
                command: waits.command,
            });
            let _ = writeln!(text, "\n{unknown}");
        }
    }
    Ok(())
}
