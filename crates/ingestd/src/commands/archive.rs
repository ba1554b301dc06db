//! `archive`: old rows moved out of the database into packed files, put back, and listed.
//!
//! A file's rows are written, synced and read back first; then each part leaves the database in a
//! transaction of its own, if it is still there as the packed file has it. Whenever this ends, every row is
//! in the database or in a packed file that the database knows.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use ingest_ledger::{ArchiveLine, Before, FileLine, Ledger};
use serde::Serialize;

use super::printing::{Paper, many, moment};
use super::terminal::Terminal;
use crate::archive_file::{Head, Reading, Writing, name};
use crate::cli::ArchiveArgs;
use crate::config::{Account, Config};
use crate::exit::{Exit, Failure};
use crate::folder::make_inside;

/// Its name in the inbox.
const FOLDER: &str = ".archive";

const COLUMNS: &[&str] = &[
    "archive_id",
    "file_id",
    "file_name",
    "account",
    "before",
    "rows",
    "archived_at",
    "path",
];

/// An archive, and where it lies.
#[derive(Debug, Serialize)]
pub struct Archived {
    /// As the ledger knows it.
    #[serde(flatten)]
    pub line: ArchiveLine,
    /// The packed file.
    pub path: PathBuf,
}

impl Archived {
    fn at(line: ArchiveLine, folder: &Path) -> Archived {
        let path = folder.join(name(line.file_id, line.archive_id));
        Archived { line, path }
    }

    /// Where it was written, or the folder that a person says it lies in now.
    fn lies(line: ArchiveLine, folder: Option<&Path>) -> Archived {
        let folder = folder.map_or_else(|| PathBuf::from(&line.folder), Path::to_owned);
        Archived::at(line, &folder)
    }

    fn cells(&self) -> Vec<String> {
        let line = &self.line;
        vec![
            line.archive_id.to_string(),
            line.file_id.to_string(),
            line.file_name.clone(),
            line.account.clone(),
            line.before.to_string(),
            line.rows.to_string(),
            moment(Some(line.archived_at)),
            self.path.display().to_string(),
        ]
    }
}

/// Moves the account's old rows out; `folder` as in [`ArchiveArgs`].
///
/// # Errors
/// Exit 2: the day is not past. Exit 3: a packed file can't be written or read back; no row of it has
/// left. Exit 5: the database.
pub async fn archive(
    ledger: &Ledger,
    account: &Account,
    day: NaiveDate,
    folder: Option<&Path>,
) -> Result<Vec<Archived>, Failure> {
    let today = account.day_at(Utc::now());
    if day > today {
        return Err(Failure::usage(format!(
            "--before {day} is not past: at {} it is {today}",
            account.name
        ))
        .help("rows that are due today or later may still be sent"));
    }
    let before = Before {
        day,
        began: began(account, day),
    };
    give_up_unused(ledger, &account.name).await?;
    let mut made = Vec::new();
    let files = ledger.archivable(&account.name, before).await?;
    if files.is_empty() {
        return Ok(made);
    }
    let folder = folder_of(account, folder)?;
    for file in &files {
        made.extend(archive_file(ledger, file, before, &folder).await?);
    }
    Ok(made)
}

/// What is not to be seen of a file, because it was moved out, and how it comes back.
pub(crate) fn not_here(file: &FileLine) -> Option<String> {
    let id = file.file_id;
    (file.archived > 0).then(|| {
        format!(
            "{} of file {id} {} archived; `ingestd archive --restore {id}` brings {} back",
            many(file.archived.unsigned_abs(), "row"),
            if file.archived == 1 { "is" } else { "are" },
            if file.archived == 1 { "it" } else { "them" },
        )
    })
}

/// When a day began where the account is.
fn began(account: &Account, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let there = midnight.and_local_timezone(account.time_zone).earliest();
    there.map_or(midnight.and_utc(), |time| time.with_timezone(&Utc))
}

fn folder_of(account: &Account, folder: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => make_inside(&account.inbox, FOLDER).map_err(|e| Failure::file(e.to_string()))?,
    };
    std::fs::canonicalize(&folder)
        .map_err(|error| Failure::file(format!("{}: {error}", folder.display())))
}

/// Archives of which no row ever left the database: somebody was stopped before it came to that.
async fn give_up_unused(ledger: &Ledger, account: &str) -> Result<(), Failure> {
    for line in ledger.archives(Some(account), None).await? {
        if line.rows == 0 {
            give_up(ledger, &Archived::lies(line, None)).await?;
        }
    }
    Ok(())
}

/// First the ledger says that no row is in it, and that none ever will be; then the file goes.
async fn give_up(ledger: &Ledger, archived: &Archived) -> Result<(), Failure> {
    if ledger.archive_unused(archived.line.archive_id).await? {
        match std::fs::remove_file(&archived.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::file(format!(
                    "{} is of no use and can't be removed: {error}",
                    archived.path.display()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

async fn archive_file(
    ledger: &Ledger,
    file: &FileLine,
    before: Before,
    folder: &Path,
) -> Result<Option<Archived>, Failure> {
    let begun = ledger
        .archive_begin(file.file_id, before, &folder.display().to_string())
        .await?;
    let Some(archive_id) = begun else {
        return Ok(None);
    };
    let find = || async {
        let lines = ledger.archives(None, Some(file.file_id)).await?;
        let found = lines.into_iter().find(|line| line.archive_id == archive_id);
        Ok::<_, Failure>(found.map(|line| Archived::at(line, folder)))
    };
    let Some(begun) = find().await? else {
        return Ok(None);
    };
    let head = Head {
        archive_id,
        ledger_id: ledger.ledger_id().await?,
        file_id: file.file_id,
        file_name: file.file_name.clone(),
        sheet_sha256: file.sha256.clone(),
        account: file.account.clone(),
    };
    let written = write(ledger, &head, &begun.path).await;
    let moved = match written {
        Ok(()) => move_out(ledger, &begun, before).await,
        Err(failure) => Err(failure),
    };
    // What has left stays where it is now, whatever stopped the rest.
    let held = find().await?;
    match held {
        Some(archived) if archived.line.rows > 0 => moved.map(|()| Some(archived)),
        _ => {
            give_up(ledger, &begun).await?;
            moved.map(|()| None)
        }
    }
}

async fn write(ledger: &Ledger, head: &Head, path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let cant = |error: io::Error| Failure::file(format!("{}: {error}", path.display()));
    let mut writing = Writing::begin(folder, head).map_err(cant)?;
    for no in 1.. {
        let Some(lines) = ledger.archive_lines(head.archive_id, no).await? else {
            break;
        };
        writing.part(no, &lines).map_err(cant)?;
    }
    tracing::debug!(rows = writing.rows(), path = %path.display(), "written");
    writing.end(path).map_err(cant)
}

/// Moves what the packed file says, read back from it.
async fn move_out(ledger: &Ledger, archived: &Archived, before: Before) -> Result<(), Failure> {
    let mut reading = opened(&archived.path)?;
    while let Some(part) = next_part(&mut reading, &archived.path)? {
        let moved = ledger
            .archive_part(archived.line.archive_id, before.began, &part)
            .await?;
        if moved == 0 {
            tracing::info!(
                file_id = archived.line.file_id,
                part = part.no,
                "changed meanwhile, and stays in the database"
            );
        }
    }
    Ok(())
}

fn opened(path: &Path) -> Result<Reading, Failure> {
    Reading::open(path).map_err(|error| cant_read(path, &error))
}

fn next_part(
    reading: &mut Reading,
    path: &Path,
) -> Result<Option<ingest_ledger::ArchivePart>, Failure> {
    reading.part().map_err(|error| cant_read(path, &error))
}

fn cant_read(path: &Path, error: &io::Error) -> Failure {
    Failure::file(match error.kind() {
        // It names the file itself.
        io::ErrorKind::InvalidData => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    })
}

/// Puts every row of a file back that was moved out; answers each archive with the rows it had.
///
/// # Errors
/// Exit 2: nothing of it was moved out. Exit 3: a packed file is not there, or not the one that was
/// written; parts of it that are whole, up to there, were put back and stay. Exit 5: the database.
pub async fn restore(
    ledger: &Ledger,
    file_id: i64,
    folder: Option<&Path>,
) -> Result<Vec<Archived>, Failure> {
    let file = super::files::file(ledger, file_id).await?;
    let ledger_id = ledger.ledger_id().await?;
    let mut archives = ledger.archives(None, Some(file_id)).await?;
    archives.retain(|archive| archive.rows > 0);
    if archives.is_empty() {
        return Err(Failure::usage(format!(
            "no row of file {file_id} ({}) is archived",
            file.file_name
        ))
        .help("`ingestd archive` lists what is"));
    }
    let mut restored = Vec::new();
    for line in archives {
        let archived = Archived::lies(line, folder);
        let mut reading = opened(&archived.path)
            .map_err(|failure| failure.help("--folder says where the packed files lie now"))?;
        let head = reading.head();
        if (head.archive_id, &head.ledger_id) != (archived.line.archive_id, &ledger_id) {
            return Err(Failure::file(format!(
                "{} was moved out of another database",
                archived.path.display()
            )));
        }
        while let Some(part) = next_part(&mut reading, &archived.path)? {
            ledger.restore_part(archived.line.archive_id, &part).await?;
        }
        restored.push(archived);
    }
    let left = ledger.archives(None, Some(file_id)).await?;
    if left.iter().any(|archive| archive.rows > 0) {
        return Err(Failure::defect(format!(
            "rows of file {file_id} are still archived, though every part was put back"
        )));
    }
    Ok(restored)
}

pub(super) async fn command(terminal: &Terminal, args: ArchiveArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let accounts = accounts_of(&config, args.account.as_deref())?;
    let folder = args.folder.as_deref();
    let mut paper = terminal.paper();
    match (args.before, args.restore) {
        (Some(day), _) => {
            let mut made = Vec::new();
            for account in accounts {
                made.extend(archive(&ledger, account, day, folder).await?);
            }
            if made.is_empty() {
                terminal.note("nothing came to rest before that day that is not archived");
            } else {
                ledger.refresh_statistics().await?;
            }
            print(&mut paper, &made)?;
        }
        (None, Some(file_id)) => {
            let restored = restore(&ledger, file_id, folder).await?;
            ledger.refresh_statistics().await?;
            print(&mut paper, &restored)?;
            terminal.note("every row is back; the packed files are not needed any more");
        }
        (None, None) => {
            let mut lines = ledger.archives(args.account.as_deref(), None).await?;
            lines.retain(|line| line.rows > 0);
            let all: Vec<Archived> = lines
                .into_iter()
                .map(|line| Archived::lies(line, folder))
                .collect();
            if all.is_empty() {
                terminal.note("nothing is archived; `ingestd archive --before DATE` archives");
            }
            print(&mut paper, &all)?;
        }
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

fn accounts_of<'a>(config: &'a Config, account: Option<&str>) -> Result<Vec<&'a Account>, Failure> {
    match account {
        Some(account) => Ok(vec![config.account(account)?]),
        None => Ok(config.accounts.values().map(AsRef::as_ref).collect()),
    }
}

fn print(paper: &mut Paper<'_>, archives: &[Archived]) -> Result<(), Failure> {
    let mut list = paper.list(COLUMNS)?;
    for archived in archives {
        list.push(archived, || archived.cells())?;
    }
    list.finish().map(|_| ())
}
