//! Moving a file out of the inbox: never over another one, and never as if it were what was
//! read when somebody replaced it meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::names::tagged;
use crate::spool::{Spooled, sync_folder};
use crate::writes::Writes;

/// Where a file that was dealt with ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutAway {
    /// It lies here now, and holds what was read.
    There(PathBuf),
    /// Somebody removed it before it could be moved.
    Gone,
    /// Another file had taken its place, and lies in the inbox again: a new file.
    Replaced,
    /// Another file had taken its place, and then a third one its name. The second lies here,
    /// untaken; the third is in the inbox, a new file.
    ReplacedTwice(PathBuf),
}

/// Moves a file into a folder if it still holds what was read of it.
///
/// It is moved first and compared afterwards, because nobody replaces a file that lies where
/// only we write: whatever was found under its name is either what was read, or goes back.
///
/// # Errors
/// It can't be moved, or can't be compared (then it is in the inbox again).
pub fn put_away(file: &Path, read: &Spooled, folder: &Path, tag: &str) -> io::Result<PutAway> {
    let moved = match move_into(file, folder, tag) {
        Ok(moved) => moved,
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_free(file) => {
            return Ok(PutAway::Gone);
        }
        Err(error) => return Err(error),
    };
    let trouble = match read.is_held_by(&moved) {
        Ok(true) => return Ok(PutAway::There(moved)),
        Ok(false) => None,
        Err(error) => Some(error),
    };
    match rename_if_free(&moved, file) {
        Ok(()) => sync_folder(folder)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Ok(PutAway::ReplacedTwice(moved));
        }
        Err(error) => return Err(error),
    }
    trouble.map_or(Ok(PutAway::Replaced), Err)
}

/// Moves a file into a folder without ever replacing another: a taken name gets `-TAG` before
/// its ending, then `-TAG-2` and so on. Answers the name it has there.
///
/// # Errors
/// The file is gone, or the folder can't be written.
fn move_into(file: &Path, folder: &Path, tag: &str) -> io::Result<PathBuf> {
    let name = file.file_name().unwrap_or_default();
    for attempt in 0..1000 {
        let candidate = match attempt {
            0 => name.to_os_string(),
            1 => tagged(name, &format!("-{tag}")),
            more => tagged(name, &format!("-{tag}-{more}")),
        };
        let target = folder.join(&candidate);
        match rename_if_free(file, &target) {
            Ok(()) => {
                // It lies there, and whatever is due about it is due. If the machine fails before
                // that is on the disk, the file is found in the inbox again, and put away then.
                if let Err(error) = sync_folder(folder) {
                    tracing::warn!(folder = %folder.display(), %error, "a file was moved here, but that can't be synced to the disk");
                }
                return Ok(target);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("no free name for {}", name.display()),
    ))
}

/// Renames in one step, and only to a name that nobody has.
fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    Writes::Rename.here()?;
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // Some shares have no such rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    rename_if_seen_free(from, to)
}

/// Where the system can't do both at once: looks first. Of the names moved to, only one in the
/// inbox is written by others.
fn rename_if_seen_free(from: &Path, to: &Path) -> io::Result<()> {
    if !is_free(to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

fn is_free(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::spool::Spool;

    struct Place {
        inbox: tempfile::TempDir,
        file: PathBuf,
        done: PathBuf,
        read: Spooled,
    }

    /// An inbox with `fees.csv`, of which `read` was read.
    fn place() -> Place {
        let inbox = tempfile::tempdir().unwrap();
        let file = inbox.path().join("fees.csv");
        let done = inbox.path().join("done");
        fs::create_dir(&done).unwrap();
        fs::write(&file, "read").unwrap();
        let read = Spool::of(inbox.path()).take(&file).unwrap();
        Place {
            inbox,
            file,
            done,
            read,
        }
    }

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn moving_never_replaces_a_file_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let done = folder.path().join("done");
        fs::create_dir(&done).unwrap();
        for (content, expected) in [
            ("1", "fees.csv"),
            ("2", "fees-7.csv"),
            ("3", "fees-7-2.csv"),
        ] {
            let file = folder.path().join("fees.csv");
            fs::write(&file, content).unwrap();
            let moved = move_into(&file, &done, "7").unwrap();
            assert_eq!(moved, done.join(expected));
            assert_eq!(fs::read_to_string(moved).unwrap(), content);
            assert!(!file.exists());
        }
    }

    #[test]
    fn a_share_that_can_only_look_first_replaces_nothing_either() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&a, "a").unwrap();
        fs::write(&b, "b").unwrap();
        let refused = rename_if_seen_free(&a, &b).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&b).unwrap(), "b");
        rename_if_seen_free(&a, &folder.path().join("c")).unwrap();
        assert!(!a.exists());
    }

    #[test]
    fn a_file_that_holds_what_was_read_is_put_away() {
        let place = place();
        let end = put_away(&place.file, &place.read, &place.done, "7").unwrap();
        assert_eq!(end, PutAway::There(place.done.join("fees.csv")));
        assert!(!place.file.exists());
    }

    #[test]
    fn a_file_replaced_while_it_was_read_is_in_the_inbox_again_and_nowhere_else() {
        for other in ["something longer", "tory"] {
            let place = place();
            fs::write(&place.file, other).unwrap();
            let end = put_away(&place.file, &place.read, &place.done, "7").unwrap();
            assert_eq!(end, PutAway::Replaced);
            assert_eq!(fs::read_to_string(&place.file).unwrap(), other);
            assert_eq!(count(&place.done), 0);
        }
    }

    #[test]
    fn a_folder_or_a_link_in_the_place_of_a_file_goes_back_too() {
        let place = place();
        fs::remove_file(&place.file).unwrap();
        fs::create_dir(&place.file).unwrap();
        let end = put_away(&place.file, &place.read, &place.done, "7").unwrap();
        assert_eq!(end, PutAway::Replaced);
        assert!(place.file.is_dir());
        fs::remove_dir(&place.file).unwrap();
        #[cfg(unix)]
        {
            let copy = place.inbox.path().join(".spool").join(&place.read.name);
            std::os::unix::fs::symlink(copy, &place.file).unwrap();
            let end = put_away(&place.file, &place.read, &place.done, "7").unwrap();
            assert_eq!(end, PutAway::Replaced);
        }
        assert_eq!(count(&place.done), 0);
    }

    #[test]
    fn going_back_never_replaces_a_third_file() {
        let place = place();
        fs::write(&place.file, "second").unwrap();
        let moved = move_into(&place.file, &place.done, "7").unwrap();
        fs::write(&place.file, "third").unwrap();
        let refused = rename_if_free(&moved, &place.file).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&place.file).unwrap(), "third");
        assert_eq!(fs::read_to_string(&moved).unwrap(), "second");
    }

    #[test]
    fn a_file_that_somebody_removed_is_gone_and_a_missing_folder_is_an_error() {
        let place = place();
        let nowhere = place.inbox.path().join("nowhere");
        assert!(put_away(&place.file, &place.read, &nowhere, "7").is_err());
        fs::remove_file(&place.file).unwrap();
        let end = put_away(&place.file, &place.read, &place.done, "7").unwrap();
        assert_eq!(end, PutAway::Gone);
    }
}
