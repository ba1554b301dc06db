//! Archives (ZIP), opened without belief in what they say of themselves: the
//! entries are counted before a list of them is made, what they inflate to is
//! counted as it comes, and two entries of one name are refused, because each
//! program would read another of them.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::limits::Limits;
use crate::source::{Bytes, Source};
use crate::unreadable::Unreadable;

/// An archive, and what may still be inflated of it.
pub(crate) struct Archive {
    zip: ZipArchive<BufReader<Bytes>>,
    /// Names in small letters with `/`, and their places.
    places: HashMap<String, usize>,
    names: Vec<String>,
    /// Two names differ only in how they are written.
    alike: bool,
    /// Bytes inflated so far, and the most there may be.
    inflated: u64,
    inflated_max: u64,
}

impl Archive {
    pub(crate) fn open(source: &Source, limits: &Limits) -> Result<Self, Unreadable> {
        let mut bytes = source.open()?;
        let file_bytes = bytes.len()?;
        let said = said_entries(&mut bytes, file_bytes)?;
        let entries_max = limits.archive_entries as u64;
        if said > entries_max {
            return Err(too_many(said, entries_max));
        }
        bytes.seek(SeekFrom::Start(0))?;
        let zip = ZipArchive::new(BufReader::new(bytes)).map_err(refusal)?;
        if zip.len() as u64 > entries_max {
            return Err(too_many(zip.len() as u64, entries_max));
        }
        let mut names = Vec::with_capacity(zip.len());
        let mut places = HashMap::with_capacity(zip.len());
        let mut alike = false;
        if zip.has_duplicate_names() {
            return Err(two_of_one_name());
        }
        for (place, (name, raw)) in zip.file_names().zip(zip.file_names_raw()).enumerate() {
            let name = name.map_or_else(
                |_| String::from_utf8_lossy(raw).into_owned(),
                std::borrow::Cow::into_owned,
            );
            alike |= places.insert(key(&name), place).is_some();
            names.push(name);
        }
        let inflated_max = file_bytes
            .saturating_mul(limits.inflated_ratio)
            .max(64 << 20)
            .min(limits.inflated_bytes);
        Ok(Self {
            zip,
            places,
            names,
            alike,
            inflated: 0,
            inflated_max,
        })
    }

    /// The names of the entries as written, by their places.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Refuses an archive that is one workbook, and in which two parts could be
    /// meant by one name.
    pub(crate) fn refuse_alike(&self) -> Result<(), Unreadable> {
        if self.alike {
            Err(two_of_one_name())
        } else {
            Ok(())
        }
    }

    /// Whether an entry has this name, in small letters.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Whether an entry begins so, in small letters.
    pub(crate) fn has_below(&self, folder: &str) -> bool {
        self.places.keys().any(|name| name.starts_with(folder))
    }

    /// The place of an entry by its name, however it is written.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&key(name)).copied()
    }

    /// Opens an entry, whose bytes are counted.
    pub(crate) fn part(&mut self, place: usize) -> Result<Part<'_>, Unreadable> {
        let inner = self.zip.by_index(place).map_err(refusal)?;
        Ok(Part {
            inner,
            bytes: &mut self.inflated,
            bytes_max: self.inflated_max,
        })
    }

    /// What was inflated so far does not count: the same parts are read again.
    pub(crate) fn begin_again(&mut self) {
        self.inflated = 0;
    }

    /// The start of an entry, at most so many bytes.
    pub(crate) fn head(&mut self, place: usize, bytes: u64) -> Result<Vec<u8>, Unreadable> {
        let mut head = Vec::new();
        self.part(place)?
            .take(bytes)
            .read_to_end(&mut head)
            .map_err(Unreadable::from_reading)?;
        Ok(head)
    }
}

/// One entry, inflated as it is read.
pub(crate) struct Part<'a> {
    inner: ZipFile<'a, BufReader<Bytes>>,
    bytes: &'a mut u64,
    bytes_max: u64,
}

impl Part<'_> {
    /// How many bytes the archive says that the entry has.
    pub(crate) fn said_bytes(&self) -> u64 {
        self.inner.size()
    }
}

impl Read for Part<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        *self.bytes += read as u64;
        if *self.bytes > self.bytes_max {
            let limit = format!("{} MB", self.bytes_max >> 20);
            return Err(
                Unreadable::too_large("its parts become too large when unpacked", limit)
                    .into_reading(),
            );
        }
        Ok(read)
    }
}

/// What a failure of the archive's reader means.
pub(crate) fn refusal(error: ZipError) -> Unreadable {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Unreadable::Encrypted
        }
        ZipError::CompressionMethodNotSupported(_) => {
            Unreadable::damaged("its archive is packed in a way that is not read")
        }
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            Unreadable::from_reading(error)
        }
        other => Unreadable::damaged(format!("its archive can't be read: {other}")),
    }
}

fn two_of_one_name() -> Unreadable {
    Unreadable::damaged("its archive has two entries of one name")
}

fn too_many(entries: u64, limit: u64) -> Unreadable {
    Unreadable::too_large(format!("it has {entries} parts"), format!("{limit} parts"))
}

fn key(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase()
}

/// How many entries the archive says it has, the largest of what its end says.
/// A reader of archives makes a list of so many before anyone can stop it.
fn said_entries(bytes: &mut Bytes, file_bytes: u64) -> Result<u64, Unreadable> {
    const TAIL: u64 = 128 << 10;
    bytes.seek(SeekFrom::Start(file_bytes.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    bytes.take(TAIL).read_to_end(&mut tail)?;
    let number = |at: usize, width: usize| -> u64 {
        let digits = tail.get(at..at + width).unwrap_or_default();
        digits
            .iter()
            .rev()
            .fold(0, |number, digit| number << 8 | u64::from(*digit))
    };
    let mut said = 0;
    for at in 0..tail.len().saturating_sub(3) {
        match &tail[at..at + 4] {
            b"PK\x05\x06" => said = said.max(number(at + 10, 2)),
            b"PK\x06\x06" => said = said.max(number(at + 32, 8)),
            _ => {}
        }
    }
    Ok(said)
}
