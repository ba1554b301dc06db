//! The container of old Office files: a small file system of sectors, chained
//! by a table. Nothing in it is believed: a chain can't be longer than the
//! file has sectors, and nothing is reserved by a number that the file says.

use std::collections::HashSet;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use crate::source::{Bytes, Source};
use crate::unreadable::Unreadable;

const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Numbers from here on are no sectors.
const NO_SECTOR: u32 = 0xFFFF_FFFA;
/// Streams smaller than this lie in the small sectors.
const SMALL: u64 = 4_096;
const SMALL_SECTOR: u64 = 64;
/// Entries of the directory that are looked at; a workbook has a dozen.
const ENTRIES_MAX: usize = 50_000;

/// Whether a file that begins so is such a container.
pub(crate) fn is_container(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}

/// A container, its directory read.
pub(crate) struct Container {
    source: Source,
    sector_bytes: u64,
    sectors: u64,
    table: Vec<u32>,
    entries: Vec<Entry>,
    /// The entries that lie at the top, and not in a storage inside.
    top: Vec<usize>,
    small_table: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    bytes: u64,
}

const STREAM: u8 = 2;
const ROOT: u8 = 5;

impl Container {
    pub(crate) fn open(source: &Source) -> Result<Self, Unreadable> {
        let mut file = source.open()?;
        let file_bytes = file.len()?;
        let mut header = [0u8; 512];
        file.read_exact(&mut header)
            .map_err(Unreadable::from_reading)?;
        let sector_bytes: u64 = match u16_at(&header, 30) {
            9 => 512,
            12 => 4_096,
            other => {
                let why = format!("its container has sectors of size {other}");
                return Err(Unreadable::damaged(why));
            }
        };
        if !is_container(&header) || u16_at(&header, 32) != 6 {
            return Err(Unreadable::damaged("its container has a broken header"));
        }
        let mut container = Self {
            source: source.clone(),
            sector_bytes,
            sectors: file_bytes.saturating_sub(1) / sector_bytes,
            table: Vec::new(),
            entries: Vec::new(),
            top: Vec::new(),
            small_table: Vec::new(),
        };
        container.read_table(&mut file, &header)?;
        let directory = container.chain(u32_at(&header, 48), u64::MAX)?;
        container.read_directory(&mut file, &directory)?;
        let small = container.chain(u32_at(&header, 60), u64::MAX)?;
        for sector in small {
            let sector = container.sector(&mut file, sector)?;
            container.small_table.extend(numbers(&sector));
        }
        Ok(container)
    }

    fn read_table(&mut self, file: &mut Bytes, header: &[u8]) -> Result<(), Unreadable> {
        let mut parts: Vec<u32> = numbers(&header[76..512]).collect();
        let mut next = u32_at(header, 68);
        let mut lists = 0;
        while next < NO_SECTOR {
            lists += 1;
            if lists > self.sectors {
                return Err(turns_in_a_circle());
            }
            let sector = self.sector(file, next)?;
            parts.extend(numbers(&sector));
            // The last number of a list says where the next one lies.
            next = parts.pop().unwrap_or(NO_SECTOR);
        }
        let mut seen = HashSet::new();
        for part in parts.into_iter().filter(|part| *part < NO_SECTOR) {
            if !seen.insert(part) {
                return Err(turns_in_a_circle());
            }
            let sector = self.sector(file, part)?;
            self.table.extend(numbers(&sector));
        }
        Ok(())
    }

    fn read_directory(&mut self, file: &mut Bytes, sectors: &[u32]) -> Result<(), Unreadable> {
        for sector in sectors {
            let sector = self.sector(file, *sector)?;
            for entry in sector.chunks_exact(128) {
                if self.entries.len() >= ENTRIES_MAX {
                    return Err(Unreadable::damaged("its container has too many entries"));
                }
                self.entries.push(self.entry(entry));
            }
        }
        let Some(root) = self.entries.first().filter(|entry| entry.kind == ROOT) else {
            return Err(Unreadable::damaged("its container has no directory"));
        };
        let mut seen = HashSet::new();
        let mut waiting = vec![root.child];
        while let Some(place) = waiting.pop() {
            let Ok(place) = usize::try_from(place) else {
                continue;
            };
            let Some(entry) = self.entries.get(place) else {
                continue;
            };
            if seen.insert(place) {
                self.top.push(place);
                waiting.extend([entry.left, entry.right]);
            }
        }
        self.top.sort_unstable();
        Ok(())
    }

    fn entry(&self, bytes: &[u8]) -> Entry {
        let units: Vec<u16> = bytes[..64]
            .chunks_exact(2)
            .map(|pair| u16_at(pair, 0))
            .take_while(|unit| *unit != 0)
            .collect();
        let low = u64::from(u32_at(bytes, 120));
        // Small sectors come from programs that leave the upper half unset.
        let high = if self.sector_bytes == 512 {
            0
        } else {
            u64::from(u32_at(bytes, 124))
        };
        Entry {
            name: String::from_utf16_lossy(&units),
            kind: bytes[66],
            left: u32_at(bytes, 68),
            right: u32_at(bytes, 72),
            child: u32_at(bytes, 76),
            start: u32_at(bytes, 116),
            bytes: high << 32 | low,
        }
    }

    /// Whether something at the top has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.top
            .iter()
            .any(|place| self.entries[*place].name.eq_ignore_ascii_case(name))
    }

    /// Opens a stream by its name: one at the top, and where a program wrote a
    /// broken directory, the first there is.
    pub(crate) fn stream(&self, name: &str) -> Result<Option<Stream>, Unreadable> {
        let named = |entry: &&Entry| entry.kind == STREAM && entry.name.eq_ignore_ascii_case(name);
        let top = self.top.iter().map(|place| &self.entries[*place]);
        let entry = if self.top.is_empty() {
            self.entries.iter().find(named)
        } else {
            top.into_iter().find(named)
        };
        let Some(entry) = entry else {
            return Ok(None);
        };
        if entry.bytes >= SMALL {
            let chain = self.chain(entry.start, entry.bytes)?;
            return Ok(Some(Stream::Sectors(Box::new(BufReader::with_capacity(
                64 << 10,
                Sectors::new(self.source.open()?, chain, self.sector_bytes, entry.bytes),
            )))));
        }
        let root = &self.entries[0];
        let chain = self.chain(root.start, root.bytes)?;
        let mut small = Sectors::new(self.source.open()?, chain, self.sector_bytes, root.bytes);
        let mut bytes = Vec::new();
        let mut next = entry.start;
        while next < NO_SECTOR && (bytes.len() as u64) < entry.bytes {
            let mut sector = Vec::new();
            small.seek(SeekFrom::Start(u64::from(next) * SMALL_SECTOR))?;
            small
                .by_ref()
                .take(SMALL_SECTOR)
                .read_to_end(&mut sector)
                .map_err(Unreadable::from_reading)?;
            if sector.is_empty() {
                break;
            }
            bytes.extend(sector);
            next = self
                .small_table
                .get(next as usize)
                .copied()
                .unwrap_or(NO_SECTOR);
        }
        bytes.truncate(usize::try_from(entry.bytes).unwrap_or(usize::MAX));
        Ok(Some(Stream::Small(Cursor::new(bytes))))
    }

    /// The sectors of a chain, at most as many as so many bytes need.
    fn chain(&self, start: u32, bytes: u64) -> Result<Vec<u32>, Unreadable> {
        let wanted = bytes.div_ceil(self.sector_bytes);
        let mut chain = Vec::new();
        let mut seen = vec![false; self.table.len()];
        let mut next = start;
        while next < NO_SECTOR && (chain.len() as u64) < wanted {
            // A sector that the table does not know ends the chain.
            if let Some(seen) = seen.get_mut(next as usize)
                && std::mem::replace(seen, true)
            {
                return Err(turns_in_a_circle());
            }
            chain.push(next);
            next = self.table.get(next as usize).copied().unwrap_or(NO_SECTOR);
        }
        Ok(chain)
    }

    /// One sector; the last one of a file may be short.
    fn sector(&self, file: &mut Bytes, number: u32) -> Result<Vec<u8>, Unreadable> {
        if u64::from(number) > self.sectors {
            return Err(Unreadable::damaged("it ends too early"));
        }
        file.seek(SeekFrom::Start((u64::from(number) + 1) * self.sector_bytes))?;
        let mut sector = Vec::new();
        file.take(self.sector_bytes).read_to_end(&mut sector)?;
        Ok(sector)
    }
}

/// A stream of a container.
pub(crate) enum Stream {
    Sectors(Box<BufReader<Sectors>>),
    Small(Cursor<Vec<u8>>),
}

impl Stream {
    /// How many bytes it has.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Sectors(sectors) => sectors.get_ref().bytes,
            Self::Small(bytes) => bytes.get_ref().len() as u64,
        }
    }

    /// Goes to a place in the stream.
    pub(crate) fn go_to(&mut self, place: u64) -> io::Result<()> {
        match self {
            Self::Sectors(sectors) => sectors.seek(SeekFrom::Start(place)),
            Self::Small(bytes) => bytes.seek(SeekFrom::Start(place)),
        }
        .map(drop)
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Sectors(sectors) => sectors.read(out),
            Self::Small(bytes) => bytes.read(out),
        }
    }
}

/// Bytes that lie in chained sectors, in their order.
pub(crate) struct Sectors {
    file: Bytes,
    chain: Vec<u32>,
    sector_bytes: u64,
    bytes: u64,
    at: u64,
}

impl Sectors {
    fn new(file: Bytes, chain: Vec<u32>, sector_bytes: u64, bytes: u64) -> Self {
        Self {
            file,
            bytes: bytes.min(chain.len() as u64 * sector_bytes),
            chain,
            sector_bytes,
            at: 0,
        }
    }
}

impl Read for Sectors {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.saturating_sub(self.at);
        let index = usize::try_from(self.at / self.sector_bytes).unwrap_or(usize::MAX);
        let (Some(first), true) = (self.chain.get(index), left > 0) else {
            return Ok(0);
        };
        let within = self.at % self.sector_bytes;
        // Sectors that lie side by side are read at once.
        let mut run = 1;
        while run < 128
            && self
                .chain
                .get(index + run)
                .is_some_and(|next| u64::from(*next) == u64::from(*first) + run as u64)
        {
            run += 1;
        }
        let room = (run as u64 * self.sector_bytes - within).min(left);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(out.len());
        self.file.seek(SeekFrom::Start(
            (u64::from(*first) + 1) * self.sector_bytes + within,
        ))?;
        let read = self.file.read(&mut out[..room])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Sectors {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.bytes.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

fn turns_in_a_circle() -> Unreadable {
    Unreadable::damaged("its container leads in a circle")
}

/// A number of two bytes; 0 where there are none.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    match bytes.get(at..at + 2) {
        Some([low, high]) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

/// A number of four bytes; 0 where there are none.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|four| u32_at(four, 0))
}
