//! An archive as a file: rows of one sheet that were moved out of the ledger, a line of JSON each, in
//! parts, packed with gzip. Anybody can read it (`zcat`); only what its sums bear out is put back.
//!
//! The first line says what it is. Before each part stands a line with its number, how many rows it
//! has, and the SHA-256 of their lines; at the end stands how many there were.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use ingest_ledger::ArchivePart;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::spool::{hex, sync_folder};

/// No line is longer: a sheet's own limits keep a row far below it.
const LINE_MAX: u64 = 64 * 1024 * 1024;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The archive's number in the ledger.
    pub(crate) archive_id: i64,
    /// The ledger that it was moved out of.
    pub(crate) ledger_id: String,
    /// Whose rows.
    pub(crate) file_id: i64,
    /// The sheet's name as dropped.
    pub(crate) file_name: String,
    /// The SHA-256 of the sheet, in hex.
    pub(crate) sheet_sha256: String,
    /// The account.
    pub(crate) account: String,
}

/// The line before a part.
#[derive(Debug, Serialize, Deserialize)]
struct PartHead {
    part: u32,
    rows: u64,
    sha256: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    parts: u32,
    rows: u64,
}

/// `file-12-archive-3.jsonl.gz`: unique in a ledger.
pub(crate) fn name(file_id: i64, archive_id: i64) -> String {
    format!("file-{file_id}-archive-{archive_id}.jsonl.gz")
}

/// An archive being written, under another name until it is whole and synced.
pub(crate) struct Writing {
    packed: GzEncoder<BufWriter<NamedTempFile>>,
    end: End,
}

impl Writing {
    /// Begins one in a folder.
    pub(crate) fn begin(folder: &Path, head: &Head) -> io::Result<Writing> {
        let draft = tempfile::Builder::new()
            .prefix(".archive-")
            .tempfile_in(folder)?;
        let mut writing = Writing {
            packed: GzEncoder::new(BufWriter::new(draft), Compression::default()),
            end: End { parts: 0, rows: 0 },
        };
        writing.line(&serde_json::to_string(head)?)?;
        Ok(writing)
    }

    /// A part more; one without rows is left out.
    pub(crate) fn part(&mut self, no: u32, lines: &[String]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let head = PartHead {
            part: no,
            rows: lines.len() as u64,
            sha256: sha256_of(lines),
        };
        self.line(&serde_json::to_string(&head)?)?;
        for line in lines {
            self.line(line)?;
        }
        self.end.parts += 1;
        self.end.rows += head.rows;
        Ok(())
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> u64 {
        self.end.rows
    }

    /// Ends it: whole, synced, and under its name, which no file has yet.
    pub(crate) fn end(mut self, path: &Path) -> io::Result<()> {
        let end = serde_json::to_string(&self.end)?;
        self.line(&end)?;
        let draft = self.packed.finish()?;
        let draft = draft.into_inner().map_err(io::IntoInnerError::into_error)?;
        draft.as_file().sync_all()?;
        draft.persist_noclobber(path).map_err(|e| e.error)?;
        match path.parent() {
            Some(folder) => sync_folder(folder),
            None => Ok(()),
        }
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        self.packed.write_all(line.as_bytes())?;
        self.packed.write_all(b"\n")
    }
}

/// An archive being read.
pub(crate) struct Reading {
    lines: Lines,
    head: Head,
    read: End,
}

impl Reading {
    /// Opens one, and reads what it is.
    pub(crate) fn open(path: &Path) -> io::Result<Reading> {
        let mut lines = Lines::open(path)?;
        let head = serde_json::from_str(&lines.next()?)
            .map_err(|_| lines.damaged("its first line is not an archive's"))?;
        Ok(Reading {
            lines,
            head,
            read: End { parts: 0, rows: 0 },
        })
    }

    /// What it is.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// The next part, as its sum bears it out; `None` at its end.
    pub(crate) fn part(&mut self) -> io::Result<Option<ArchivePart>> {
        let line = self.lines.next()?;
        let Ok(head) = serde_json::from_str::<PartHead>(&line) else {
            return match serde_json::from_str::<End>(&line) {
                Ok(end) if (end.parts, end.rows) == (self.read.parts, self.read.rows) => {
                    self.lines.end()?;
                    Ok(None)
                }
                _ => Err(self.lines.damaged("a part of it is missing")),
            };
        };
        let rows = 0..head.rows;
        let lines: Vec<String> = rows.map(|_| self.lines.next()).collect::<io::Result<_>>()?;
        if sha256_of(&lines) != head.sha256 {
            let how = format!("part {} is not as it was written", head.part);
            return Err(self.lines.damaged(&how));
        }
        self.read.parts += 1;
        self.read.rows += head.rows;
        Ok(Some(ArchivePart {
            no: head.part,
            sha256: head.sha256,
            lines,
        }))
    }
}

/// The lines of an archive, unpacked.
struct Lines {
    path: PathBuf,
    unpacked: BufReader<MultiGzDecoder<BufReader<File>>>,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Lines> {
        let unpacked = MultiGzDecoder::new(BufReader::new(File::open(path)?));
        Ok(Lines {
            path: path.to_owned(),
            unpacked: BufReader::new(unpacked),
        })
    }

    fn next(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut limited = self.unpacked.by_ref().take(LINE_MAX);
        if let Err(error) = limited.read_until(b'\n', &mut line) {
            return Err(self.damaged(&error.to_string()));
        }
        if line.pop() != Some(b'\n') {
            return Err(self.damaged("it ends too early"));
        }
        String::from_utf8(line).map_err(|_| self.damaged("a line of it is no text"))
    }

    /// Nothing follows, and gzip's own sum agrees.
    fn end(&mut self) -> io::Result<()> {
        match self.unpacked.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.damaged("something stands behind its end")),
            Err(error) => Err(self.damaged(&error.to_string())),
        }
    }

    fn damaged(&self, how: &str) -> io::Error {
        let message = format!("{} is damaged: {how}", self.path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

fn sha256_of(lines: &[String]) -> String {
    let mut sum = Sha256::new();
    for line in lines {
        sum.update(line.as_bytes());
        sum.update(b"\n");
    }
    hex(&sum.finalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn head() -> Head {
        Head {
            archive_id: 3,
            ledger_id: "a-ledger".into(),
            file_id: 12,
            file_name: "فیس.csv".into(),
            sheet_sha256: "00".into(),
            account: "greenfield".into(),
        }
    }

    fn written(folder: &Path, parts: &[Vec<String>]) -> PathBuf {
        let path = folder.join(name(12, 3));
        let mut writing = Writing::begin(folder, &head()).unwrap();
        for (no, lines) in (1..).zip(parts) {
            writing.part(no, lines).unwrap();
        }
        writing.end(&path).unwrap();
        path
    }

    fn read(path: &Path) -> io::Result<Vec<Vec<String>>> {
        let mut reading = Reading::open(path)?;
        let mut parts = Vec::new();
        while let Some(part) = reading.part()? {
            parts.push(part.lines);
        }
        Ok(parts)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_archive_gives_back_the_lines_it_was_given(
            parts in prop::collection::vec(prop::collection::vec("[^\n]{0,40}", 0..5), 0..5)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = written(folder.path(), &parts);
            let mut with_rows = parts.clone();
            with_rows.retain(|lines| !lines.is_empty());
            prop_assert_eq!(read(&path).unwrap(), with_rows);
            let reading = Reading::open(&path).unwrap();
            prop_assert_eq!(reading.head(), &head());
        }

        #[test]
        fn an_archive_that_was_cut_or_changed_is_never_read_as_whole(
            at in any::<prop::sample::Index>(), cut in any::<bool>()
        ) {
            let folder = tempfile::tempdir().unwrap();
            let parts = vec![vec!["{\"row\":1}".to_owned(), "{\"row\":2}".to_owned()]];
            let path = written(folder.path(), &parts);
            let mut bytes = std::fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            match cut {
                true => bytes.truncate(at),
                false => bytes[at] ^= 0x10,
            }
            std::fs::write(&path, &bytes).unwrap();
            // What gzip's own head says beside the data (time, system) matters to nobody.
            if let Ok(again) = read(&path) {
                prop_assert_eq!(again, parts);
                prop_assert!(!cut, "cut at {}", at);
            }
        }
    }

    #[test]
    fn no_archive_is_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path(), &[vec!["{}".to_owned()]]);
        let writing = Writing::begin(folder.path(), &head()).unwrap();
        let error = writing.end(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path).unwrap().len(), 1);
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
