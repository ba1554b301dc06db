//! Whether an inbox and the folders in it can be used, in sentences that name the folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::marker::marked;
use crate::exit::Failure;
use crate::writes::Writes;

/// What a person does about a folder that can't be used.
const ADVICE: &str = "let the user ingestd runs as read and write the inbox and the folders in it, or name another folder as `inbox`; \
                      `ingestd doctor` looks closer";

/// The inbox and the folders in it, made if they are missing: for one who begins to serve it.
///
/// # Errors
/// One can't be made; the sentence names it.
pub fn make_folders(inbox: &Path) -> io::Result<()> {
    named(
        inbox,
        Writes::Create
            .here()
            .and_then(|()| fs::create_dir_all(inbox)),
    )?;
    for folder in ["done", "unreadable", "results"] {
        make_inside(inbox, folder)?;
    }
    Ok(())
}

/// A folder inside an inbox, made if it is missing, and its path. The inbox itself is never made
/// here: one that is gone is a share that was unmounted, and a folder made in its place would
/// pass for an inbox that is empty.
///
/// # Errors
/// It can't be made; the sentence names it.
pub fn make_inside(inbox: &Path, folder: &str) -> io::Result<PathBuf> {
    let path = inbox.join(folder);
    let made = match Writes::Create.here().and_then(|()| fs::create_dir(&path)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    };
    named(&path, made)?;
    Ok(path)
}

fn named(folder: &Path, made: io::Result<()>) -> io::Result<()> {
    made.map_err(|error| {
        let shown = folder.display();
        let what = match fs::metadata(folder) {
            Ok(about) if !about.is_dir() => format!("{shown} is a file, and a folder is needed"),
            _ => format!("{shown} can't be made: {error}"),
        };
        io::Error::new(error.kind(), what)
    })
}

/// Why an account can't be served from its inbox, and what to do (exit 2).
pub fn unusable(account: &str, inbox: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!(
        "account {account}: the inbox {} can't be used: {why}",
        inbox.display()
    ))
    .help(ADVICE)
}

/// Why nothing can be taken from an inbox just now, if that can be seen from its folders. What is
/// not there yet is made by the service. `marked_by` is the ledger that it has been served from,
/// if it has.
pub fn taking_trouble(inbox: &Path, marked_by: Option<&str>) -> Option<String> {
    let there = match marked_by {
        Some(ledger_id) => marked(inbox, ledger_id),
        None => fs::read_dir(inbox).map(drop),
    };
    there
        .err()
        .map(|error| error.to_string())
        .or_else(|| unwritable(inbox))
        .or_else(|| unwritable(&inbox.join(".spool")))
        .or_else(|| unwritable(&inbox.join("done")))
}

/// Why no result sheet can be written just now, if that can be seen from the folder.
pub fn results_trouble(inbox: &Path) -> Option<String> {
    unwritable(&inbox.join("results"))
}

fn unwritable(folder: &Path) -> Option<String> {
    let shown = folder.display();
    let about = fs::metadata(folder).ok()?;
    if !about.is_dir() {
        return Some(format!("{shown} is a file, and a folder is needed"));
    }
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        let error = access(folder, Access::WRITE_OK | Access::EXEC_OK).err()?;
        Some(format!(
            "{shown} can't be written: {}",
            io::Error::from(error)
        ))
    }
    #[cfg(not(unix))]
    about
        .permissions()
        .readonly()
        .then(|| format!("{shown} can't be written"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_where_a_folder_belongs_is_named() {
        let place = tempfile::tempdir().unwrap();
        make_folders(place.path()).unwrap();
        assert_eq!(taking_trouble(place.path(), None), None);
        assert_eq!(results_trouble(place.path()), None);
        for folder in [".spool", "done", "results"] {
            let path = place.path().join(folder);
            drop(fs::remove_dir(&path));
            fs::write(&path, "in the way").unwrap();
            let told = match folder {
                "results" => results_trouble(place.path()).unwrap(),
                _ => taking_trouble(place.path(), None).unwrap(),
            };
            assert!(
                told.contains(folder) && told.contains("is a file"),
                "{told}"
            );
            let refused = make_inside(place.path(), folder).unwrap_err().to_string();
            assert!(refused.contains(folder) && refused.contains("is a file"));
            fs::remove_file(&path).unwrap();
        }
        let gone = taking_trouble(&place.path().join("gone"), None);
        assert!(gone.is_some());
    }

    #[test]
    fn a_folder_is_made_in_an_inbox_that_is_there_and_never_the_inbox_for_its_sake() {
        let place = tempfile::tempdir().unwrap();
        let inbox = place.path().join("inbox");
        make_inside(&inbox, "results").unwrap_err();
        assert!(!inbox.exists());
        make_folders(&inbox).unwrap();
        assert_eq!(
            make_inside(&inbox, "results").unwrap(),
            inbox.join("results")
        );
    }
}
