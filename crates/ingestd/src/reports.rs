//! What the bursar finds beside the sheet: the result sheet, the fix sheet, and a note while
//! something waits for a person. Written whole under another name, and renamed; when the file
//! settles or waits for a person, then at most hourly (the ledger says what is due).

mod held_note;
mod owned;
mod rows;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fee_sheet::{FixRow, RowResult};
use ingest_ledger::{FileLine, Ledger, LedgerError, ResultRow, ResultRows, RowState};
use tempfile::TempPath;
use tokio::sync::watch;

use crate::account::Served;
use crate::config::{Account, GatewayKind};
use crate::contained::Reader;
use crate::exit::Failure;
use crate::folder;
use crate::gateway;
use crate::language::{Language, ended};
use crate::moments::Moment;
use crate::road::Step;
use crate::sheet::{RowProblem, SheetRules, SheetSeen};
use crate::spool::Spool;
use crate::token;
use crate::writes::Writes;

use owned::{remove_own, report_path};
use rows::{Pages, Rows};

/// A command waits no longer for the sheets of what it did: the next service writes them too.
const WAITED_FOR: Duration = Duration::from_secs(60);
/// How often it looks whether they are written.
const LOOKED_EVERY: Duration = Duration::from_millis(100);

/// Writes what is due for one file of the account.
pub async fn step(served: &Served) -> Result<Step, LedgerError> {
    let due = served.ledger.reports_due(&served.account.name).await?;
    let mut did = false;
    for file in due {
        if served.stopping() {
            break;
        }
        if !served.may_write(file.file_id) {
            continue;
        }
        match write_all(served, &file).await {
            Ok(()) => {
                Moment::ReportInPlace.reached();
                served.ledger.report_written(&file).await?;
                served.was_written(file.file_id);
                did = true;
            }
            Err(_) if served.stopping() => break,
            Err(failure) => {
                // Open elsewhere, folder away, disk full: the rows are safe, the sheet comes later.
                if served.could_not_write(file.file_id) {
                    tracing::debug!(file_id = file.file_id, file = %file.file_name, %failure, "the result sheet still can't be written");
                } else {
                    tracing::warn!(file_id = file.file_id, file = %file.file_name, %failure, "the result sheet can't be written now; it is tried again");
                }
                served.not_written(file.file_id);
            }
        }
    }
    Ok(if did { Step::Did } else { Step::Idle(None) })
}

async fn write_all(served: &Served, file: &FileLine) -> Result<(), Failure> {
    let unusable = |error: io::Error| Failure::file(error.to_string());
    folder::marked(&served.account.inbox, &served.ledger_id).map_err(unusable)?;
    let results = folder::make_inside(&served.account.inbox, "results").map_err(unusable)?;
    if !file.by_hand {
        let sheets = Sheets::of(served, file);
        // The workbook takes about as long as the other two together.
        let (workbook, others) = tokio::join!(
            sheets.write(&results, "results.xlsx", Kind::Result),
            beside_the_workbook(&sheets, &results)
        );
        workbook.and(others)?;
    }
    held_note::write(served, file, &results).await
}

async fn beside_the_workbook(sheets: &Sheets, results: &Path) -> Result<(), Failure> {
    let file = &sheets.file;
    if is_csv(&file.file_name) {
        sheets
            .write(results, "results.csv", Kind::ResultCsv)
            .await?;
    }
    let to_fix = [RowState::Invalid, RowState::Rejected, RowState::Errored];
    if to_fix
        .iter()
        .any(|state| file.counts.get(state).is_some_and(|n| *n > 0))
    {
        return sheets.write(results, "fix.xlsx", Kind::Fix).await;
    }
    remove_own(results, file, "fix.xlsx")
        .map_err(|error| cant_write(&report_path(results, file, "fix.xlsx"), &error))
}

/// Waits until every sheet that is due is written, or is known not to be written for now; not
/// for ever.
///
/// # Errors
/// The database's.
pub async fn written(served: &Served) -> Result<(), LedgerError> {
    let clock = &served.world.clock;
    let end = clock.now() + WAITED_FOR;
    while clock.now() < end && !served.stopping() {
        let due = served.ledger.reports_due(&served.account.name).await?;
        if due.iter().all(|file| served.could_not_write(file.file_id)) {
            break;
        }
        served.moved();
        clock.sleep(LOOKED_EVERY).await;
    }
    Ok(())
}

/// Why the result sheets of a file that are due can never be written, if so: they are made from its
/// copy.
///
/// # Errors
/// The database's.
pub async fn copy_gone(ledger: &Ledger, account: &Account) -> Result<Option<String>, LedgerError> {
    let spool = Spool::of(&account.inbox);
    let mut due = ledger.reports_due(&account.name).await?;
    due.retain(|file| !file.by_hand && !spool.path(&file.spool_name).exists());
    let Some(file) = due.first() else {
        return Ok(None);
    };
    let more = match due.len() - 1 {
        0 => String::new(),
        n => format!(" (nor of {n} more)"),
    };
    Ok(Some(format!(
        "no result sheet of {} (file {}){more} can be written: its copy is gone; put the original, which lies in {}, back as {}",
        file.file_name,
        file.file_id,
        account.inbox.join("done").display(),
        spool.path(&file.spool_name).display()
    )))
}

/// The result sheet again, wherever a person wants it.
///
/// # Errors
/// No such file, its copy is gone, or the target can't be written.
pub async fn export(
    ledger: &Ledger,
    account: &Account,
    file_id: i64,
    out: Option<&Path>,
    reader: Reader,
) -> Result<PathBuf, Failure> {
    let file = ledger.file(file_id).await?.ok_or_else(|| {
        Failure::usage(format!(
            "there is no file {file_id}; `ingestd files` lists them"
        ))
    })?;
    let out = match out {
        Some(out) => out.to_owned(),
        None => PathBuf::from(folder::name_with(&file.file_name, ".results.xlsx", file_id)),
    };
    let kind = match out.extension().and_then(|extension| extension.to_str()) {
        Some(extension) if extension.eq_ignore_ascii_case("csv") => Kind::ResultCsv,
        Some(extension) if extension.eq_ignore_ascii_case("xlsx") => Kind::Result,
        _ => {
            return Err(Failure::usage(format!(
                "{}: write a name that ends in .xlsx or .csv",
                out.display()
            )));
        }
    };
    let spool = Spool::of(&account.inbox);
    let sheets = Sheets {
        ledger: ledger.clone(),
        ledger_id: ledger.ledger_id().await?,
        original: spool.path(&file.spool_name),
        rules: rules_as_taken(account, &file, reader),
        file,
        stop: None,
    };
    sheets.write_to(&out, kind).await?;
    Ok(out)
}

/// The account's rules, with the headings as they were matched when the file was taken: what the
/// configuration says of columns may have changed since.
fn rules_as_taken(account: &Account, file: &FileLine, reader: Reader) -> SheetRules {
    let mut rules = SheetRules::on(account, account.day_at(file.taken_at), reader);
    let seen = file
        .sheets_json
        .as_deref()
        .and_then(SheetSeen::from_json)
        .unwrap_or_default();
    for sheet in seen {
        for (field, heading) in sheet.mapping {
            let headings = rules.columns.entry(field).or_default();
            headings.retain(|known| *known != heading);
            headings.insert(0, heading);
        }
    }
    rules
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Result,
    ResultCsv,
    Fix,
}

/// Everything a sheet about a file is made of.
struct Sheets {
    ledger: Ledger,
    ledger_id: String,
    original: PathBuf,
    rules: SheetRules,
    file: FileLine,
    /// Says when to give up: the sheet is written the next time.
    stop: Option<watch::Receiver<bool>>,
}

impl Sheets {
    fn of(served: &Served, file: &FileLine) -> Sheets {
        Sheets {
            ledger: served.ledger.clone(),
            ledger_id: served.ledger_id.clone(),
            original: served.spool.path(&file.spool_name),
            rules: rules_as_taken(&served.account, file, served.world.reader),
            file: file.clone(),
            stop: Some(served.stop_signal()),
        }
    }

    /// Writes `NAME.ending` into a folder, under its own name or the one that is free.
    async fn write(&self, folder: &Path, ending: &str, kind: Kind) -> Result<(), Failure> {
        let named = folder.join(format!("{}.{ending}", self.file.file_name));
        let draft = self.draft(folder, &named, kind).await?;
        owned::put(draft, folder, &self.file, ending).map_err(|error| cant_write(&named, &error))
    }

    /// Writes to exactly this path.
    async fn write_to(&self, target: &Path, kind: Kind) -> Result<(), Failure> {
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let draft = self.draft(folder, target, kind).await?;
        // Rows that were moved out while it was written are not in it.
        let now = self.ledger.file(self.file.file_id).await?;
        if let Some(archived) = now.as_ref().and_then(crate::commands::archive::not_here) {
            return Err(Failure::usage(archived));
        }
        Writes::Rename
            .here()
            .map_err(|error| cant_write(target, &error))?;
        draft
            .persist(target)
            .map_err(|error| cant_write(target, &error.error))
    }

    /// The whole sheet, in the folder where it is to lie; `named` is for errors.
    async fn draft(&self, folder: &Path, named: &Path, kind: Kind) -> Result<TempPath, Failure> {
        let cant = |error: &dyn Display| cant_write(named, error);
        Writes::Create.here().map_err(|error| cant(&error))?;
        let draft = tempfile::Builder::new()
            .prefix(".writing-")
            .tempfile_in(folder)
            .map_err(|error| cant(&error))?
            .into_temp_path();
        let which = match kind {
            Kind::Result | Kind::ResultCsv => ResultRows::All,
            Kind::Fix => ResultRows::ToFix,
        };
        let pages = Pages::of(&self.ledger, self.file.file_id, which);
        let mut rows = Rows::new(pages, self.stop.clone());
        let (original, name, ledger_id) = (
            self.original.clone(),
            self.file.file_name.clone(),
            self.ledger_id.clone(),
        );
        let mut options = self.rules.read_options();
        if kind == Kind::Fix {
            for field in &mut options.fields {
                field.label = self.rules.language.label(field.name);
            }
        }
        let (kind_of_hub, language) = (self.rules.gateway, self.rules.language);
        let draft = tokio::task::spawn_blocking(move || {
            let cant = |error: std::io::Error| Failure::file(error.to_string());
            Writes::Bytes.here().map_err(cant)?;
            let written = match kind {
                Kind::Result => fee_sheet::write_result_xlsx(
                    &original,
                    &name,
                    &options,
                    &draft,
                    &mut |sheet, row| rows.at(sheet, row).map(|row| result_of(row, language)),
                ),
                Kind::ResultCsv => fee_sheet::write_result_csv(
                    &original,
                    &name,
                    &options,
                    &draft,
                    &mut |sheet, row| rows.at(sheet, row).map(|row| result_of(row, language)),
                ),
                Kind::Fix => {
                    let to_correct = language.to_correct();
                    let mut fixes = |sheet: &str, row: u32| {
                        let row = rows.at(sheet, row)?;
                        Some(fix_of(&row, kind_of_hub, &ledger_id, language))
                    };
                    fee_sheet::write_fix_xlsx(
                        &original, &name, &options, to_correct, &draft, &mut fixes,
                    )
                    .map(|_| ())
                }
            };
            if let Some(error) = rows.failed {
                return Err(Failure::from(error));
            }
            written.map_err(|error| Failure::file(error.to_string()))?;
            Writes::Sync
                .here()
                .and_then(|()| std::fs::File::open(&draft)?.sync_all())
                .map_err(cant)?;
            Ok(draft)
        })
        .await
        // The workbook's writer knows no other way to say that its disk took no more.
        .map_err(|_| cant(&"it can't be written; is the disk full?"))??;
        readable_by_others(&draft).map_err(|error| cant(&error))?;
        Ok(draft)
    }
}

fn cant_write(target: &Path, error: &dyn Display) -> Failure {
    Failure::file(format!("{}: {error}", target.display()))
}

fn result_of(row: ResultRow, language: Language) -> RowResult<'static> {
    RowResult {
        state: row.state.as_str().into(),
        message: message_of(&row, language).into(),
        psid: row.psid.map(Into::into),
    }
}

fn problems_of(row: &ResultRow) -> Vec<RowProblem> {
    let stored = row.problems_json.as_deref();
    stored
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// What there is to say of a row, in a language. The ledger says it in English, and behind it what is
/// wrong with the cells, in the language in which that was found.
fn message_of(row: &ResultRow, language: Language) -> String {
    let whole = row.message.as_deref().unwrap_or_default();
    if language == Language::En || whole.is_empty() {
        return whole.to_owned();
    }
    let mut problems = problems_of(row);
    problems.sort_by_key(|problem| problem.warning);
    let of_cells: Vec<String> = problems
        .iter()
        .map(|problem| match &problem.cell {
            Some(cell) => format!("{cell}: {}", problem.problem),
            None => problem.problem.clone(),
        })
        .collect();
    let Some(own) = whole.strip_suffix(&of_cells.join("; ")) else {
        return language.stored(row.state, whole);
    };
    let own = language.stored(row.state, own.trim_end_matches("; "));
    let said = [own].into_iter().filter(|own| !own.is_empty());
    let said: Vec<String> = said.chain(of_cells).collect();
    said.join(language.between())
}

/// What the fix sheet says of a row.
fn fix_of(row: &ResultRow, hub: GatewayKind, ledger_id: &str, language: Language) -> FixRow {
    let mut problems: Vec<(String, String)> = problems_of(row)
        .into_iter()
        .filter(|problem| !problem.warning)
        .map(|problem| (problem.field, ended(&problem.problem)))
        .collect();
    if row.state != RowState::Invalid || problems.is_empty() {
        let words = row.message.as_deref().unwrap_or_default();
        let field = gateway::field_named(hub, words).unwrap_or_default();
        problems.insert(0, (field.to_owned(), message_of(row, language)));
    }
    FixRow {
        token: token::of(ledger_id, row.row_id),
        problems,
    }
}

fn is_csv(file_name: &str) -> bool {
    let lower = file_name.to_lowercase();
    [".csv", ".tsv", ".txt"]
        .iter()
        .any(|ending| lower.ends_with(ending))
}

/// Temporary files are the service's alone; reports are for everybody who may read the inbox.
fn readable_by_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}
