//! The inbox: which files lie there, and which of them are complete.
//!
//! Events are hints; the scan is the truth. A file is complete when its size, times and inode
//! have not changed for `quiet_for` by a clock that only goes forward, or at once when the
//! system said that its writer closed it or that it was renamed into place.

mod away;
mod marker;
mod names;
pub mod newest_call;
mod opening;
mod usable;
mod watch;

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

pub use away::{PutAway, put_away};
pub use marker::{MarkerError, claim_inbox, marked, marked_by_no_other, missing};
pub use names::{NAME_MAX, name_with, numbered_report_stem, report_stem, shown};
pub use opening::open_plain;
pub use usable::{make_folders, make_inside, results_trouble, taking_trouble, unusable};
pub use watch::{Finished, watch};

/// A file with holes in it is taken for one that is still being filled in for so long.
const FILLED_WITHIN: Duration = Duration::from_secs(60);
/// How programs end the names of files that they are not done with.
const UNFINISHED: [&str; 6] = [
    ".tmp",
    ".part",
    ".crdownload",
    ".partial",
    ".filepart",
    ".download",
];

/// What tells one state of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl Look {
    fn of(metadata: &Metadata) -> Look {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Look {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ),
        }
    }

    /// How a file looks now.
    ///
    /// # Errors
    /// It is gone, or may not be looked at.
    pub fn at(path: &Path) -> io::Result<Look> {
        Ok(Look::of(&fs::symlink_metadata(path)?))
    }

    /// Whether the file came here after this time: copying keeps the modification time, but not
    /// the time of the last change of the file's entry, where the system has one.
    pub fn came_after(&self, time: chrono::DateTime<chrono::Utc>) -> bool {
        #[cfg(unix)]
        let changed = {
            let (.., seconds, nanos) = self.inode;
            chrono::DateTime::from_timestamp(seconds, u32::try_from(nanos).unwrap_or(0))
        };
        #[cfg(not(unix))]
        let changed = self.modified.map(chrono::DateTime::<chrono::Utc>::from);
        changed.is_some_and(|changed| changed > time)
    }
}

/// A file in an inbox that is complete.
#[derive(Clone, Debug)]
pub struct Complete {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name, as well as it can be shown ([`shown`]).
    pub name: String,
    /// How it looked when it was found complete.
    pub look: Look,
}

/// One look into an inbox.
#[derive(Debug, Default)]
pub struct Scan {
    /// Files that may be taken now, by name.
    pub complete: Vec<Complete>,
    /// How long until the next one may be, if any is still growing quiet.
    pub next_in: Option<Duration>,
    /// Whether there are files that were set aside and look as they did then.
    pub set_aside: bool,
    /// What lies there under a sheet's name, is none, and was not there the last time; each with
    /// what it is.
    pub odd: Vec<(String, &'static str)>,
}

/// What is known of an inbox between scans.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
    quiet_for: Duration,
    seen: HashMap<PathBuf, Seen>,
    /// What is no file, and was said to be there.
    odd: HashSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct Seen {
    look: Look,
    since: Instant,
    /// The system said that its writer is done, and it has looked the same since.
    finished: bool,
    /// It was handed out and could not be dealt with; not again until it looks different.
    set_aside: bool,
}

impl Inbox {
    /// An inbox of which nothing is known yet.
    pub fn new(folder: &Path, quiet_for: Duration) -> Inbox {
        Inbox {
            folder: folder.to_owned(),
            quiet_for,
            seen: HashMap::new(),
            odd: HashSet::new(),
        }
    }

    /// Looks at every sheet in the folder. `finished` are paths whose writers are done, as the
    /// system says; `now` is a clock that only goes forward.
    ///
    /// # Errors
    /// The folder itself can't be read: unavailable, which is not the same as empty. What was
    /// known of its files stays known.
    pub fn scan(&mut self, finished: &[PathBuf], now: Instant) -> io::Result<Scan> {
        let mut looks = HashMap::new();
        let mut odd = HashSet::new();
        let mut scan = Scan::default();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if !is_sheet_name(&name.to_string_lossy()) {
                continue;
            }
            // Only plain files: a link may lead out of the inbox, a pipe would never end.
            let Ok(metadata) = fs::symlink_metadata(entry.path()) else {
                continue; // gone meanwhile
            };
            if metadata.is_file() {
                looks.insert(entry.path(), Look::of(&metadata));
            } else if let Some(what) = what_it_is(&metadata, &name) {
                if !self.odd.contains(&entry.path()) {
                    scan.odd.push((shown(&name), what));
                }
                odd.insert(entry.path());
            }
        }
        self.odd = odd;
        self.seen.retain(|path, _| looks.contains_key(path));
        let finished: HashSet<&PathBuf> = finished.iter().collect();
        for (path, look) in looks {
            let seen = self.seen.entry(path.clone()).or_insert_with(|| Seen {
                look: look.clone(),
                since: now,
                finished: false,
                set_aside: false,
            });
            if seen.look != look {
                *seen = Seen {
                    look: look.clone(),
                    since: now,
                    finished: false,
                    set_aside: false,
                };
            }
            if finished.contains(&path) {
                seen.finished = true;
            }
            if seen.set_aside {
                scan.set_aside = true;
                continue;
            }
            let quiet = now.saturating_duration_since(seen.since);
            let mut left = match seen.finished {
                true => Duration::ZERO,
                false => self.quiet_for.saturating_sub(quiet),
            };
            if left.is_zero() && quiet < FILLED_WITHIN && opening::has_holes(&path) {
                // Whoever made it so long is not done, whatever the system says.
                left = FILLED_WITHIN - quiet;
            }
            if left.is_zero() {
                let name = path.file_name().map(shown).unwrap_or_default();
                scan.complete.push(Complete { path, name, look });
            } else {
                scan.next_in = Some(scan.next_in.map_or(left, |next: Duration| next.min(left)));
            }
        }
        scan.complete.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(scan)
    }

    /// A file that could not be dealt with is left alone until it looks different.
    pub fn set_aside(&mut self, path: &Path) {
        if let Some(seen) = self.seen.get_mut(path) {
            seen.set_aside = true;
        }
    }
}

/// What something in an inbox is that is no file, if a person may have meant it for a sheet. A
/// folder is one only if its name ends as a sheet's does: people keep folders of their own there.
fn what_it_is(metadata: &Metadata, name: &OsStr) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_dir() {
        let ending = Path::new(name).extension()?.to_ascii_lowercase();
        let endings = [
            "csv", "tsv", "txt", "xls", "xlsx", "xlsm", "xlsb", "ods", "zip",
        ];
        return endings
            .iter()
            .any(|known| ending == *known)
            .then_some("a folder");
    }
    Some(match kind.is_symlink() {
        true => "a link to something else",
        false => "a pipe, a socket or a device",
    })
}

/// Whether a name in an inbox is a sheet's, not an editor's lock, a half download or a system's.
pub fn is_sheet_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    !(name.starts_with("~$")
        || name.starts_with('.')
        || UNFINISHED.iter().any(|end| lower.ends_with(end))
        || lower == "thumbs.db"
        || lower == "desktop.ini")
}

/// The sheets that lie in a folder, by name.
///
/// # Errors
/// The folder can't be read.
pub fn sheet_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_sheet_name(&entry.file_name().to_string_lossy())
            && entry.file_type().is_ok_and(|kind| kind.is_file())
        {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Their names, as they can be shown.
///
/// # Errors
/// As [`sheet_files`].
pub fn sheets_in(folder: &Path) -> io::Result<Vec<String>> {
    let files = sheet_files(folder)?;
    Ok(files
        .iter()
        .filter_map(|file| file.file_name())
        .map(shown)
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const QUIET: Duration = Duration::from_secs(10);

    fn names(scan: &Scan) -> Vec<&str> {
        scan.complete
            .iter()
            .map(|file| file.name.as_str())
            .collect()
    }

    #[test]
    fn a_file_is_complete_after_it_was_quiet_long_enough_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "half").unwrap();
        let mut inbox = Inbox::new(folder.path(), QUIET);
        let start = Instant::now();
        let scan = inbox.scan(&[], start).unwrap();
        assert!(scan.complete.is_empty());
        assert_eq!(scan.next_in, Some(QUIET));
        fs::write(folder.path().join("a.csv"), "half and more").unwrap();
        assert!(inbox.scan(&[], start + QUIET).unwrap().complete.is_empty());
        assert_eq!(
            names(&inbox.scan(&[], start + QUIET + QUIET).unwrap()),
            ["a.csv"]
        );
    }

    #[test]
    fn a_file_whose_writer_is_done_is_complete_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        fs::write(&file, "whole").unwrap();
        let mut inbox = Inbox::new(folder.path(), QUIET);
        let scan = inbox.scan(&[file], Instant::now()).unwrap();
        assert_eq!(names(&scan), ["a.csv"]);
    }

    #[test]
    fn an_old_modification_time_does_not_make_a_file_complete() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        fs::write(&file, "still being copied").unwrap();
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        let mut inbox = Inbox::new(folder.path(), QUIET);
        assert!(inbox.scan(&[], Instant::now()).unwrap().complete.is_empty());
    }

    #[test]
    fn locks_half_downloads_folders_and_links_are_not_sheets() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "~$fees.xlsx",
            ".hidden.csv",
            "a.TMP",
            "b.part",
            "c.crdownload",
            "d.csv.filepart",
            "Thumbs.db",
            "desktop.ini",
        ] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join("x.csv")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.csv")).unwrap();
        let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
        assert!(inbox.scan(&[], Instant::now()).unwrap().complete.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_said_to_be_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("/etc/hostname", at("link.csv")).unwrap();
        fs::create_dir(at("x.csv")).unwrap();
        fs::create_dir(at("done")).unwrap();
        fs::create_dir(at("Class 5")).unwrap();
        let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
        let now = Instant::now();
        let mut odd = inbox.scan(&[], now).unwrap().odd;
        odd.sort();
        let expected = [
            ("link.csv", "a link to something else"),
            ("x.csv", "a folder"),
        ];
        assert_eq!(odd, expected.map(|(name, what)| (name.to_owned(), what)));
        assert!(inbox.scan(&[], now).unwrap().odd.is_empty());
        fs::remove_file(at("link.csv")).unwrap();
        inbox.scan(&[], now).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", at("link.csv")).unwrap();
        assert_eq!(inbox.scan(&[], now).unwrap().odd.len(), 1);
    }

    #[test]
    fn a_file_with_holes_is_not_complete_until_they_are_filled_or_nobody_fills_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fees.csv");
        fs::File::create(&file).unwrap().set_len(500_000).unwrap();
        if !opening::has_holes(&file) {
            return; // this file system can't say
        }
        let mut inbox = Inbox::new(folder.path(), QUIET);
        let start = Instant::now();
        let closed = [file.clone()];
        let scan = inbox.scan(&closed, start).unwrap();
        assert!(scan.complete.is_empty());
        assert_eq!(scan.next_in, Some(FILLED_WITHIN));
        let scan = inbox.scan(&[], start + QUIET).unwrap();
        assert!(scan.complete.is_empty());
        // Nobody does.
        let scan = inbox.scan(&[], start + FILLED_WITHIN).unwrap();
        assert_eq!(names(&scan), ["fees.csv"]);
        // Somebody does.
        fs::write(&file, vec![b'x'; 500_000]).unwrap();
        let later = start + FILLED_WITHIN;
        assert!(inbox.scan(&[], later).unwrap().complete.is_empty());
        assert_eq!(
            names(&inbox.scan(&[], later + QUIET).unwrap()),
            ["fees.csv"]
        );
    }

    #[test]
    fn ten_thousand_files_that_are_said_to_be_finished_are_found_in_one_look() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = (0..10_000)
            .map(|n| folder.path().join(format!("fees-{n:05}.csv")))
            .collect();
        for file in &files {
            fs::write(file, "x").unwrap();
        }
        let mut inbox = Inbox::new(folder.path(), QUIET);
        let scan = inbox.scan(&files, Instant::now()).unwrap();
        assert_eq!(scan.complete.len(), files.len());
        assert!(scan.complete.is_sorted_by_key(|file| file.name.clone()));
    }

    #[test]
    fn a_folder_that_is_gone_is_unavailable_and_not_empty() {
        let folder = tempfile::tempdir().unwrap();
        let mut inbox = Inbox::new(&folder.path().join("gone"), QUIET);
        assert!(inbox.scan(&[], Instant::now()).is_err());
    }

    #[test]
    fn a_file_set_aside_comes_back_when_it_looks_different() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        fs::write(&file, "one").unwrap();
        let mut inbox = Inbox::new(folder.path(), Duration::ZERO);
        let now = Instant::now();
        assert_eq!(inbox.scan(&[], now).unwrap().complete.len(), 1);
        inbox.set_aside(&file);
        let scan = inbox.scan(&[], now).unwrap();
        assert!(scan.complete.is_empty() && scan.set_aside);
        fs::write(&file, "one and two").unwrap();
        let scan = inbox.scan(&[], now).unwrap();
        assert_eq!(scan.complete.len(), 1);
        assert!(!scan.set_aside);
    }
}
