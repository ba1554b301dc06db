//! How much a child may use. Enough for every sheet of its size that somebody made, and so little
//! that all children together leave room for the service in 256 MB.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failing;

const MB: u64 = 1 << 20;

/// Memory to read text: its parser holds a line.
const TEXT_MB: u64 = 48;
/// Memory to read the smallest workbook, and what each megabyte of a larger one adds: its texts are
/// held while it is read, and packed they are a tenth.
const WORKBOOK_MB: u64 = 64;
const WORKBOOK_MB_EACH: u64 = 16;
/// Memory to read the largest.
pub(super) const WORKBOOK_MB_MAX: u64 = 144;
/// Processor time, of all its threads: a backstop for one that nobody waits for.
const CPU_SECONDS: u64 = 60;
/// Files at once: a workbook is opened three times.
pub(super) const FILES_MAX: u64 = 32;

/// How long a child is waited for, in all, before it has sent anything.
const PATIENCE: Duration = Duration::from_secs(15);
/// Whoever sends so much may take a second longer: a large sheet on a slow machine.
const BYTES_A_SECOND: u64 = 32 * MB;
/// However much it sends: with what is done beside the waiting, whoever dropped the file is told why
/// within twenty seconds.
const PATIENCE_MAX: Duration = Duration::from_secs(17);

/// What a child may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Allowed {
    pub(super) memory_mb: u64,
    pub(super) cpu_seconds: u64,
}

/// What a file is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Text,
    Workbook { bytes: u64 },
}

impl Allowed {
    /// What reading this file may take. One that can't be opened needs little.
    pub(super) fn to_read(path: &Path) -> Allowed {
        let memory_mb = match weight(path) {
            Weight::Text => TEXT_MB,
            Weight::Workbook { bytes } => {
                (WORKBOOK_MB + WORKBOOK_MB_EACH * (bytes / MB)).min(WORKBOOK_MB_MAX)
            }
        };
        Allowed {
            memory_mb,
            cpu_seconds: CPU_SECONDS,
        }
    }

    /// Whether it is what a text file gets.
    pub(super) fn is_little(self) -> bool {
        self.memory_mb <= TEXT_MB
    }
}

/// Archives and the containers of old workbooks are heavy, whatever is in them.
fn weight(path: &Path) -> Weight {
    let look = || -> std::io::Result<Weight> {
        let mut file = File::open(path)?;
        let mut head = [0; 4];
        let is_workbook = file.read_exact(&mut head).is_ok()
            && (head.starts_with(b"PK") || head == *b"\xd0\xcf\x11\xe0");
        Ok(match is_workbook {
            true => Weight::Workbook {
                bytes: file.metadata()?.len(),
            },
            false => Weight::Text,
        })
    };
    look().unwrap_or(Weight::Text)
}

/// How long a child is waited for. Only waiting counts: a child that waits for us is in no hurry.
#[derive(Debug)]
pub(super) struct Patience {
    at_first: Duration,
    waited: Duration,
    received: u64,
}

impl Patience {
    /// With the child that reads this file.
    pub(super) fn with(file_name: &str) -> Patience {
        Patience {
            at_first: failing::patience(file_name).unwrap_or(PATIENCE),
            waited: Duration::ZERO,
            received: 0,
        }
    }

    /// How long to wait still.
    pub(super) fn left(&self) -> Duration {
        self.in_all().saturating_sub(self.waited)
    }

    /// How long the child is waited for altogether.
    pub(super) fn in_all(&self) -> Duration {
        let longer = Duration::from_secs(self.received / BYTES_A_SECOND);
        (self.at_first + longer).min(self.at_first.max(PATIENCE_MAX))
    }

    pub(super) fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    pub(super) fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_file_is_and_how_large_decides_what_its_reader_may_use() {
        let folder = tempfile::tempdir().unwrap();
        let memory = |bytes: &[u8], length: u64| {
            let path = folder.path().join("sheet");
            std::fs::write(&path, bytes).unwrap();
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(length)
                .unwrap();
            Allowed::to_read(&path).memory_mb
        };
        assert_eq!(memory(b"Name,Fee\n", 900 * MB), TEXT_MB);
        assert_eq!(memory(b"PK\x03\x04", 1_700), WORKBOOK_MB);
        assert_eq!(
            memory(b"\xd0\xcf\x11\xe0", 2 * MB),
            WORKBOOK_MB + 2 * WORKBOOK_MB_EACH
        );
        assert_eq!(memory(b"PK\x03\x04", 900 * MB), WORKBOOK_MB_MAX);
        let gone = Allowed::to_read(&folder.path().join("gone"));
        assert!(gone.is_little());
    }

    #[test]
    fn whoever_sends_much_may_take_longer_and_whoever_sends_nothing_may_not() {
        let mut patience = Patience::with("fees.csv");
        patience.waited(PATIENCE);
        assert_eq!(patience.left(), Duration::ZERO);
        patience.received(64 << 20);
        assert_eq!(patience.left(), Duration::from_secs(2));
        assert_eq!(patience.in_all(), PATIENCE + Duration::from_secs(2));
        patience.received(2 << 30);
        assert_eq!(patience.in_all(), PATIENCE_MAX);
    }
}
