//! `.ingestd` in an inbox names the ledger that serves it; another ledger refuses the inbox.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use thiserror::Error;

use crate::writes::Writes;

/// Why an inbox can't be served.
#[derive(Debug, Error)]
pub enum MarkerError {
    /// Another ledger serves it.
    #[error(
        "the inbox {inbox} is served by another database (its file .ingestd names ledger {other}); \
         use that database, or give this account an inbox of its own"
    )]
    OtherLedger {
        /// The inbox.
        inbox: String,
        /// The ledger its marker names.
        other: String,
    },
    /// The marker can't be read or written.
    #[error("the inbox {inbox} can't be marked as ours: {source}")]
    Io {
        /// The inbox.
        inbox: String,
        /// What the system says.
        source: io::Error,
    },
}

/// The name of the mark.
const MARK: &str = ".ingestd";
/// Folders that an inbox has once something was taken from it.
const KEPT: [&str; 2] = ["done", ".spool"];

/// Marks an inbox as served by `ledger_id`, or refuses it if another ledger has. Answers whether
/// the mark was not there yet.
///
/// # Errors
/// See [`MarkerError`].
pub fn claim_inbox(inbox: &Path, ledger_id: &str) -> Result<bool, MarkerError> {
    let marker = inbox.join(MARK);
    let io_error = |source| MarkerError::Io {
        inbox: inbox.display().to_string(),
        source,
    };
    // Written whole under another name and linked into place, so that of two services that come
    // at once exactly one writes it, and nobody ever reads half a marker.
    Writes::Create.here().map_err(io_error)?;
    let mut draft = tempfile::Builder::new()
        .prefix(".ingestd-")
        .tempfile_in(inbox)
        .map_err(io_error)?;
    Writes::Bytes.here().map_err(io_error)?;
    writeln!(draft, "{ledger_id}").map_err(io_error)?;
    Writes::Sync.here().map_err(io_error)?;
    draft.as_file().sync_all().map_err(io_error)?;
    Writes::Rename.here().map_err(io_error)?;
    match draft.persist_noclobber(&marker) {
        Ok(_) => {
            crate::spool::sync_folder(inbox).map_err(io_error)?;
            return Ok(true);
        }
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io_error(error.error)),
    }
    marked_by_no_other(inbox, ledger_id).map(|()| false)
}

/// Refuses an inbox that another ledger serves; one that is not marked yet is nobody's. Writes
/// nothing.
///
/// # Errors
/// See [`MarkerError`].
pub fn marked_by_no_other(inbox: &Path, ledger_id: &str) -> Result<(), MarkerError> {
    let named = match fs::read_to_string(inbox.join(MARK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        named => named.map_err(|source| MarkerError::Io {
            inbox: inbox.display().to_string(),
            source,
        })?,
    };
    if named.trim() == ledger_id {
        return Ok(());
    }
    Err(MarkerError::OtherLedger {
        inbox: inbox.display().to_string(),
        other: named.trim().chars().take(64).collect(),
    })
}

/// Whether some ledger serves an inbox, or did: nothing was ever taken from any other.
#[must_use]
pub fn is_marked(inbox: &Path) -> bool {
    inbox.join(MARK).exists()
}

/// Whether an inbox that was marked is still the folder that was: where a share was unmounted an
/// empty folder is left, or another one comes in its place.
///
/// # Errors
/// It is not; the sentence says what to do.
pub fn marked(inbox: &Path, ledger_id: &str) -> io::Result<()> {
    let marker = inbox.join(MARK);
    let write_it = format!("write the line {ledger_id} into {}", marker.display());
    match fs::read_dir(inbox) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(io::Error::new(
                error.kind(),
                format!(
                    "it is not there: is the share mounted? If a new folder is to be used in its place, make it and {write_it}"
                ),
            ));
        }
        Err(error) => return Err(error),
    }
    let named = match fs::read_to_string(&marker) {
        Ok(named) => named,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(io::Error::new(
                error.kind(),
                format!(
                    "its file .ingestd, by which the service knows it, is not there: is the share mounted? If this is the folder \
                     that is to be used, {write_it}"
                ),
            ));
        }
        Err(error) => return Err(error),
    };
    if named.trim() != ledger_id {
        return Err(io::Error::other(
            "its file .ingestd names another database: another folder was put in its place",
        ));
    }
    Ok(())
}

/// Why an inbox that was marked before is not there to be served, if it is not: as [`marked`], but
/// a folder that still holds what is kept in it has lost its mark alone. One that is another
/// ledger's by now, or no folder at all, is refused when it is claimed.
pub fn missing(inbox: &Path, ledger_id: &str) -> Option<io::Error> {
    let error = marked(inbox, ledger_id).err()?;
    let held = || KEPT.iter().any(|folder| inbox.join(folder).is_dir());
    let refused = fs::metadata(inbox).is_ok_and(|about| !about.is_dir())
        || fs::read_to_string(inbox.join(MARK)).is_ok();
    let unmarked = error.kind() == io::ErrorKind::NotFound;
    let lost_alone = unmarked && held();
    (!refused && !lost_alone).then_some(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_second_ledger_refuses_the_inbox_and_the_first_keeps_it() {
        let inbox = tempfile::tempdir().unwrap();
        marked_by_no_other(inbox.path(), "second").unwrap();
        assert!(claim_inbox(inbox.path(), "first").unwrap());
        assert!(!claim_inbox(inbox.path(), "first").unwrap());
        marked_by_no_other(inbox.path(), "first").unwrap();
        assert!(marked_by_no_other(inbox.path(), "second").is_err());
        let refused = claim_inbox(inbox.path(), "second").unwrap_err();
        assert!(refused.to_string().contains("ledger first"), "{refused}");
        assert_eq!(fs::read_dir(inbox.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_inbox_whose_mark_is_gone_or_anothers_is_not_the_one_that_was_served() {
        let inbox = tempfile::tempdir().unwrap();
        let told = marked(inbox.path(), "ours").unwrap_err().to_string();
        assert!(told.contains("mounted"), "{told}");
        let marker = inbox.path().join(".ingestd");
        let line = format!("write the line ours into {}", marker.display());
        assert!(told.ends_with(&line), "{told}");
        fs::write(marker, "ours\n").unwrap(); // as it says
        marked(inbox.path(), "ours").unwrap();
        let told = marked(inbox.path(), "theirs").unwrap_err().to_string();
        assert!(told.contains("another database"), "{told}");
        marked(&inbox.path().join("gone"), "ours").unwrap_err();
    }

    #[test]
    fn a_marked_inbox_is_missing_but_where_it_lost_its_mark_alone() {
        let inbox = tempfile::tempdir().unwrap();
        let place = inbox.path();
        assert!(missing(&place.join("gone"), "ours").is_some());
        assert!(missing(place, "ours").is_some());
        for kept in ["done", ".spool"] {
            fs::create_dir(place.join(kept)).unwrap();
            assert!(missing(place, "ours").is_none(), "{kept}");
            fs::remove_dir(place.join(kept)).unwrap();
        }
        // These are for claiming it to refuse.
        fs::write(place.join(".ingestd"), "theirs").unwrap();
        assert!(missing(place, "ours").is_none());
        assert!(missing(&place.join(".ingestd"), "ours").is_none());
    }
}
