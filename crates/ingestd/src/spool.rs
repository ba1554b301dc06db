//! The spool: a copy of every file, taken before it is read, named by what is in it.
//!
//! A file is copied here, hashed as it is copied, synced, and read from here alone: never a
//! file that someone may still write. Result sheets are made from the copy too.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::folder;
use crate::writes::Writes;

/// Its name in the inbox.
const FOLDER: &str = ".spool";
/// A copy that nobody wrote to for so long is nobody's.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);
/// How often it is said of one file that it can't be copied.
const SAID_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Where copies lie: a folder inside the inbox, so that every service of the inbox sees it.
#[derive(Clone, Debug)]
pub struct Spool {
    inbox: PathBuf,
    folder: PathBuf,
    /// Files that stay in the inbox: they could not be copied, or not moved away, the last time.
    untaken: Arc<Mutex<BTreeMap<String, Untaken>>>,
}

/// A file that stays in the inbox.
#[derive(Clone, Debug)]
pub struct Untaken {
    /// Why, in the system's words.
    pub why: String,
    said_at: Instant,
}

/// A copy in the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// Its name in the spool.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
}

impl Spooled {
    /// Whether a file holds what was copied: a plain file with the same bytes.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn is_held_by(&self, file: &Path) -> io::Result<bool> {
        let metadata = fs::symlink_metadata(file)?;
        if !metadata.is_file() || metadata.len() != self.size {
            return Ok(false);
        }
        Ok(sha256_of(file)? == self.sha256)
    }
}

impl Spool {
    /// The spool of an inbox. Its folder is made when the first copy is taken into it.
    pub fn of(inbox: &Path) -> Spool {
        Spool {
            inbox: inbox.to_owned(),
            folder: inbox.join(FOLDER),
            untaken: Arc::default(),
        }
    }

    /// Makes the spool's folder if it is missing; never the inbox.
    ///
    /// # Errors
    /// It can't be made; the sentence names it.
    pub fn make(&self) -> io::Result<()> {
        folder::make_inside(&self.inbox, FOLDER).map(drop)
    }

    /// Notes why a file stays in the inbox; whether that is to be said (again): one that can't be
    /// copied is tried at every scan, and that is said once a minute.
    pub fn could_not_take(&self, name: &str, why: &str, now: Instant) -> bool {
        let mut untaken = self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
        match untaken.get_mut(name) {
            Some(known) if now.saturating_duration_since(known.said_at) < SAID_AGAIN_AFTER => {
                why.clone_into(&mut known.why);
                false
            }
            _ => {
                let said = Untaken {
                    why: why.to_owned(),
                    said_at: now,
                };
                untaken.insert(name.to_owned(), said);
                true
            }
        }
    }

    /// Notes that a file of the inbox was copied, or is gone.
    pub fn could_take(&self, name: &str) {
        let mut untaken = self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
        untaken.remove(name);
    }

    /// The files that stay in the inbox, by name.
    pub fn untaken(&self) -> BTreeMap<String, Untaken> {
        let untaken = self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
        untaken.clone()
    }

    /// Copies a file in, hashing what is copied, and syncs copy and folder.
    ///
    /// # Errors
    /// The file can't be read, or the copy can't be written whole; nothing is left behind.
    pub fn take(&self, file: &Path) -> io::Result<Spooled> {
        self.take_from(&mut File::open(file)?)
    }

    /// Copies bytes in from any reader.
    ///
    /// # Errors
    /// As [`Spool::take`].
    pub fn take_from(&self, from: &mut dyn Read) -> io::Result<Spooled> {
        self.make()?;
        Writes::Create.here()?;
        let mut copy = tempfile::Builder::new()
            .prefix("taking-")
            .tempfile_in(&self.folder)?;
        let mut hash = Sha256::new();
        let mut size = 0;
        read_through(from, |bytes| {
            hash.update(bytes);
            size += bytes.len() as u64;
            Writes::Bytes.here()?;
            copy.write_all(bytes)
        })?;
        Writes::Sync.here()?;
        copy.as_file().sync_all()?;
        let sha256: [u8; 32] = hash.finalize().into();
        let name = hex(&sha256);
        Writes::Rename.here()?;
        copy.persist(self.folder.join(&name))
            .map_err(|error| error.error)?;
        sync_folder(&self.folder)?;
        Ok(Spooled { name, sha256, size })
    }

    /// Where a copy lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes what an interrupted copy left behind.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with("taking-") {
                continue;
            }
            // A younger one may be another process's, which is at it now.
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            if written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= ABANDONED_AFTER)) {
                Writes::Remove.here()?;
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// SHA-256 of a file's bytes.
///
/// # Errors
/// It can't be read.
pub fn sha256_of(file: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    read_through(&mut File::open(file)?, |bytes| {
        hash.update(bytes);
        Ok(())
    })?;
    Ok(hash.finalize().into())
}

fn read_through(
    from: &mut dyn Read,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => each(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes a rename in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        Writes::Sync.here()?;
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String never fails");
            text
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_copy_is_named_by_what_is_in_it_and_taken_twice_is_one() {
        let inbox = tempfile::tempdir().unwrap();
        let spool = Spool::of(inbox.path());
        fs::write(inbox.path().join("a.csv"), "one").unwrap();
        fs::write(inbox.path().join("b.csv"), "one").unwrap();
        let first = spool.take(&inbox.path().join("a.csv")).unwrap();
        let second = spool.take(&inbox.path().join("b.csv")).unwrap();
        assert_eq!(first, second);
        assert_eq!(fs::read(spool.path(&first.name)).unwrap(), b"one");
        assert_eq!(
            fs::read_dir(inbox.path().join(".spool")).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_file_that_was_replaced_no_longer_holds_what_was_copied() {
        let inbox = tempfile::tempdir().unwrap();
        let spool = Spool::of(inbox.path());
        let file = inbox.path().join("a.csv");
        fs::write(&file, "one").unwrap();
        let taken = spool.take(&file).unwrap();
        assert!(taken.is_held_by(&file).unwrap());
        fs::write(&file, "two").unwrap();
        assert!(!taken.is_held_by(&file).unwrap());
    }

    #[test]
    fn a_file_that_can_not_be_copied_is_said_once_a_minute_until_it_can() {
        let inbox = tempfile::tempdir().unwrap();
        let spool = Spool::of(inbox.path());
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(spool.could_not_take("a.csv", "disk full", start));
        assert!(!spool.could_not_take("a.csv", "denied", after(59)));
        assert!(spool.could_not_take("b.csv", "denied", after(59)));
        assert_eq!(spool.untaken()["a.csv"].why, "denied");
        assert!(spool.clone().could_not_take("a.csv", "denied", after(60)));
        assert!(!spool.could_not_take("a.csv", "denied", after(61)));
        spool.could_take("a.csv");
        assert_eq!(spool.untaken().len(), 1);
        assert!(spool.could_not_take("a.csv", "denied", after(62)));
    }

    #[test]
    fn what_an_interrupted_copy_left_is_swept_and_nothing_else() {
        let inbox = tempfile::tempdir().unwrap();
        let spool = Spool::of(inbox.path());
        let kept = spool.take_from(&mut &b"kept"[..]).unwrap();
        let half = File::create(spool.path("taking-half")).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * ABANDONED_AFTER;
        half.set_modified(long_ago).unwrap();
        fs::write(spool.path("taking-now"), "ha").unwrap();
        spool.sweep().unwrap();
        assert!(spool.path(&kept.name).exists());
        assert!(spool.path("taking-now").exists(), "another process's");
        assert!(!spool.path("taking-half").exists());
    }
}
