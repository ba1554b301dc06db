//! Where the bytes of a sheet lie: in a file, or, where the sheet came inside
//! an archive, in memory. Every reader opens them as often as it has to go
//! through them, and no name inside an archive ever becomes a path.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The bytes of one file, to be opened again and again.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    File(PathBuf),
    Memory(Held),
}

/// Bytes in memory, which all who read them share.
#[derive(Debug, Clone)]
pub(crate) struct Held(Arc<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes, opened.
#[derive(Debug)]
pub(crate) enum Bytes {
    File(File),
    Memory(Cursor<Held>),
}

impl Source {
    pub(crate) fn file(path: &Path) -> Self {
        Self::File(path.to_owned())
    }

    /// Bytes that are there already; they are not copied.
    pub(crate) fn memory(bytes: Vec<u8>) -> Self {
        Self::Memory(Held(Arc::new(bytes)))
    }

    /// Opens the bytes at their start.
    pub(crate) fn open(&self) -> io::Result<Bytes> {
        match self {
            Self::File(path) => File::open(path).map(Bytes::File),
            Self::Memory(bytes) => Ok(Bytes::Memory(Cursor::new(bytes.clone()))),
        }
    }
}

impl Bytes {
    /// How many there are.
    pub(crate) fn len(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.get_ref().as_ref().len() as u64),
        }
    }
}

impl Read for Bytes {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(out),
            Self::Memory(bytes) => bytes.read(out),
        }
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Memory(bytes) => bytes.seek(to),
        }
    }
}
