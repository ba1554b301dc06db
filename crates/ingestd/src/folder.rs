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
pub use marker::{MarkerError, claim_inbox, is_marked, marked, marked_by_no_other, missing};
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
mod tests;
