//! The journal: JSON lines, each written and synced before the call that
//! caused it is answered, so that a killed hub remembers whatever it may have
//! answered.
//!
//! A whole `/add-bulk` is one line and one sync. A torn last line (the hub
//! was killed while writing it, so nobody had an answer) is cut off at the
//! next start.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::books::Books;
use crate::config::SandboxError;
use crate::events::Event;

/// The books, and the file that they can be built from again.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) books: Books,
    file: Target,
}

#[derive(Debug)]
enum Target {
    Memory,
    File {
        file: File,
        length: u64,
    },
    /// The hub has stopped: nothing may change any more.
    Closed,
}

impl Journal {
    /// Opens the file, locks it against a second sandbox, and replays it.
    pub(crate) fn open(path: Option<&Path>) -> Result<Journal, SandboxError> {
        let Some(path) = path else {
            return Ok(Journal {
                books: Books::default(),
                file: Target::Memory,
            });
        };
        let failed = |source| SandboxError::Journal {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => SandboxError::JournalInUse(path.to_owned()),
            TryLockError::Error(source) => failed(source),
        })?;
        let mut books = Books::default();
        let length = replay(&file, path, &mut books)?;
        file.set_len(length).map_err(failed)?;
        sync_folder(path).map_err(failed)?;
        Ok(Journal {
            books,
            file: Target::File { file, length },
        })
    }

    /// Writes the change down, syncs it, then makes it. On an error nothing
    /// has changed.
    pub(crate) fn record(&mut self, event: &Event) -> io::Result<()> {
        match &mut self.file {
            Target::Memory => {}
            Target::Closed => return Err(io::Error::other("the sandbox has stopped")),
            Target::File { file, length } => {
                let mut line = serde_json::to_vec(event)?;
                line.push(b'\n');
                let written = file.write_all(&line).and_then(|()| file.sync_data());
                if let Err(error) = written {
                    // Half a line must not be found in front of the next one.
                    let _ = file.set_len(*length);
                    return Err(error);
                }
                *length += line.len() as u64;
            }
        }
        self.books.apply(event).map_err(io::Error::other)
    }

    /// After this nothing changes and the file is free for another sandbox.
    pub(crate) fn close(&mut self) {
        self.file = Target::Closed;
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.file, Target::Closed)
    }
}

/// Applies every whole line; answers the length of what was good.
fn replay(file: &File, path: &Path, books: &mut Books) -> Result<u64, SandboxError> {
    let failed = |source| SandboxError::Journal {
        path: path.to_owned(),
        source,
    };
    let size = file.metadata().map_err(failed)?.len();
    let mut file = file;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut good, mut number, mut line) = (0, 0, Vec::new());
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(failed)? as u64;
        if read == 0 {
            return Ok(good);
        }
        number += 1;
        let applied = if line.last() == Some(&b'\n') {
            serde_json::from_slice::<Event>(&line)
                .map_err(|error| error.to_string())
                .and_then(|event| books.apply(&event))
        } else {
            Err("the line is torn".to_owned())
        };
        match applied {
            Ok(()) => good += read,
            Err(reason) if good + read == size => {
                tracing::warn!(line = number, reason, "the journal's last line is cut off");
                return Ok(good);
            }
            Err(reason) => {
                return Err(SandboxError::JournalLine {
                    path: PathBuf::from(path),
                    line: number,
                    reason,
                });
            }
        }
    }
}

/// A new file is only there for good once its folder is synced too.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
