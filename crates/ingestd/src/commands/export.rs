//! `export`: the result sheet of a file, written again. No file that is there is written over but
//! the one that a person names.

use std::io;
use std::path::{Path, PathBuf};

use ingest_ledger::{FileLine, FileState};

use super::terminal::Terminal;
use crate::cli::ExportArgs;
use crate::contained::Reader;
use crate::exit::{Exit, Failure};
use crate::folder;

pub(super) async fn command(terminal: &Terminal, args: &ExportArgs) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let file = super::files::file(&ledger, args.file_id).await?;
    let account = config.account(&file.account)?;
    if let Some(why) = has_no_results(&file) {
        return Err(why);
    }
    let out = match &args.out {
        Some(out) => named(out)?,
        None => in_this_folder(&file)?,
    };
    writable(&out)?;
    let written =
        crate::reports::export(&ledger, account, file.file_id, Some(&out), Reader::AChild).await?;
    ledger.close().await;
    terminal.say(&written.display().to_string())?;
    Ok(Exit::Done)
}

/// Why there is no result sheet of this file, if there is none.
fn has_no_results(file: &FileLine) -> Option<Failure> {
    let (id, name) = (file.file_id, &file.file_name);
    if let Some(archived) = super::archive::not_here(file) {
        return Some(Failure::usage(archived));
    }
    match file.state {
        FileState::Unreadable => {
            let why = file.message.as_deref().unwrap_or_default();
            let unread = format!("file {id} ({name}) can't be read, so it has no results");
            Some(Failure::usage(unread).help(why))
        }
        FileState::Duplicate => {
            let same = format!("file {id} ({name}) holds exactly what was taken before");
            let failure = Failure::usage(same);
            Some(match file.duplicate_of {
                Some(of) => failure.help(format!("`ingestd export {of}` writes its results")),
                None => failure,
            })
        }
        FileState::Reading => {
            let reading = format!("file {id} ({name}) is still being read");
            Some(Failure::usage(reading).help("ask again in a moment"))
        }
        _ => None,
    }
}

/// The file that a person names.
fn named(out: &Path) -> Result<PathBuf, Failure> {
    let shown = out.display();
    let known = out
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("xlsx") || end.eq_ignore_ascii_case("csv"));
    if !known {
        return Err(
            Failure::usage(format!("{shown} ends neither in .xlsx nor in .csv"))
                .help("the ending says which of the two is written"),
        );
    }
    if out.is_dir() {
        return Err(Failure::usage(format!("{shown} is a folder")));
    }
    Ok(out.to_owned())
}

/// A name that no file has yet, in the current folder.
fn in_this_folder(file: &FileLine) -> Result<PathBuf, Failure> {
    let plain = folder::name_with(&file.file_name, ".results.xlsx", file.file_id);
    let tagged = format!("{}-{}", file.file_name, file.file_id);
    let tagged = folder::name_with(&tagged, ".results.xlsx", file.file_id);
    let free = [&plain, &tagged]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| !is_there(path));
    free.ok_or_else(|| {
        Failure::usage(format!("{plain} and {tagged} are there already"))
            .help("--out says where to write")
    })
}

/// A link to nothing is there, too.
fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// Whether a file can be made there; if not, the path that was given is named.
pub(super) fn writable(out: &Path) -> Result<(), Failure> {
    let folder = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => {
            // The error itself may name a temporary file, which nobody asked for.
            let why = match error.kind() {
                io::ErrorKind::NotFound => format!("there is no folder {}", folder.display()),
                kind => kind.to_string(),
            };
            Err(Failure::file(format!(
                "{} can't be written: {why}",
                out.display()
            )))
        }
    }
}
