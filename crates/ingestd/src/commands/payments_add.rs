//! `payments add`: one bill by hand. It is stored as a file of one row, named `by hand`, and sent
//! down the same road, so that it counts, is looked up, and is never made twice.

use super::asking;
use super::submit::{ask_for, spool_of};
use super::terminal::{Terminal, account_meant};
use crate::cli::AddArgs;
use crate::config::Account;
use crate::contained::Reader;
use crate::exit::{Exit, Failure};
use crate::sheet::{SheetRules, judge_sheet};

/// The name of a file that no one dropped.
pub const FILE_NAME: &str = "by hand";

/// The file of one row.
#[must_use]
pub fn sheet_of(args: &AddArgs) -> String {
    let late = args.amount_after_due_date.as_deref().unwrap_or_default();
    let cells = [
        &args.title,
        &args.identifier,
        &args.amount,
        &args.due_date,
        late,
    ];
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
        .collect();
    format!(
        "Title,Identifier,Amount,Due Date,Amount After Due Date\n{}\n",
        quoted.join(",")
    )
}

/// Whether the row would be sent; every problem, if not.
///
/// # Errors
/// Exit 2 with every problem.
pub fn judge(account: &Account, sheet: &str, reader: Reader) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        Failure::file(format!("a temporary file can't be written: {error}"))
    };
    let mut file = tempfile::NamedTempFile::new().map_err(unwritable)?;
    std::io::Write::write_all(&mut file, sheet.as_bytes()).map_err(unwritable)?;
    let mut wrong = Vec::new();
    let summary = judge_sheet(
        file.path(),
        FILE_NAME,
        &SheetRules::of(account, reader),
        &mut |row| {
            let errors = row.problems.iter().filter(|problem| !problem.warning);
            wrong.extend(errors.map(|problem| {
                format!(
                    "--{}: {}",
                    problem.field.replace('_', "-"),
                    problem.problem.trim_end_matches('.')
                )
            }));
            Ok(())
        },
    )?;
    if !wrong.is_empty() {
        return Err(Failure::usage(wrong.join("; ")).help("nothing was stored or sent"));
    }
    if (summary.rows, summary.valid) != (1, 1) {
        return Err(Failure::usage("that is not one bill").help("nothing was stored or sent"));
    }
    Ok(())
}

pub(super) async fn command(terminal: &Terminal, args: AddArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = account_meant(&config, &args.whose)?;
    let sheet = sheet_of(&args);
    judge(account, &sheet, Reader::AChild)?;
    let spooled = spool_of(&ledger, account)
        .await?
        .take_from(&mut sheet.as_bytes())
        .map_err(|error| {
            Failure::file(format!(
                "the bill can't be stored in {}: {error}",
                account.inbox.display()
            ))
        })?;
    let ask = ask_for(FILE_NAME.to_owned(), spooled, true);
    let exit = asking::ask(
        terminal,
        &config,
        &ledger,
        &account.name,
        ask,
        asking::patience(&args.waiting),
    )
    .await?;
    ledger.close().await;
    Ok(exit)
}
