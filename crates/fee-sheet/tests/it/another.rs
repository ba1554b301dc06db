//! Files that somebody else takes apart: every sheet of these tests is read
//! both ways and must come to the same ([`crate::read_with`]); here are the
//! senders that break off or lie.

use std::io::{self, PipeReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fee_sheet::{AnotherReader, Broke, LineStream, ReadBy, ReadOptions, SheetRow, Unreadable};

use crate::{Folder, options};

/// What becomes of the bytes on their way.
type Tampering = fn(Vec<u8>) -> Vec<u8>;

/// A thread takes the file apart. With `tampering` everything is sent at once,
/// and not as it was read.
#[derive(Debug)]
struct Thread {
    tampering: Option<Tampering>,
}

struct Lines {
    pipe: PipeReader,
    skip: Arc<AtomicU32>,
}

impl AnotherReader for Thread {
    fn begin(
        &self,
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
    ) -> Result<Box<dyn LineStream>, Unreadable> {
        let (pipe, mut out) = io::pipe()?;
        // As another process gets them: written down.
        let written = serde_json::to_string(options).unwrap();
        let mut options_there: ReadOptions = serde_json::from_str(&written).unwrap();
        options_there.fields.clone_from(&options.fields);
        let skip = Arc::new(AtomicU32::new(0));
        let skip_there = Arc::clone(&skip);
        let (path, name, tampering) = (path.to_owned(), file_name.to_owned(), self.tampering);
        std::thread::spawn(move || {
            let mut whole = Vec::new();
            let to: &mut dyn Write = if tampering.is_some() {
                &mut whole
            } else {
                &mut out
            };
            // Whoever stops listening wants no more.
            let _ = fee_sheet::send_lines(&path, &name, &options_there, &skip_there, to);
            if let Some(tampering) = tampering {
                let _ = out.write_all(&tampering(whole));
            }
        });
        Ok(Box::new(Lines { pipe, skip }))
    }
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.pipe.read(into)
    }
}

impl LineStream for Lines {
    fn skip(&mut self, sheets: u32) {
        self.skip.store(sheets, Ordering::Relaxed);
    }

    fn ended_well(&mut self) -> Result<(), Unreadable> {
        match self.pipe.read(&mut [0]) {
            Ok(0) => Ok(()),
            _ => Err(self.broke(Broke::Lied("it goes on after its end"))),
        }
    }

    fn broke(&mut self, how: Broke) -> Unreadable {
        Unreadable::ReaderFailed(match how {
            Broke::Early(error) => error.kind().to_string(),
            Broke::Lied(lie) => lie.to_owned(),
        })
    }
}

fn by(tampering: Option<Tampering>) -> ReadBy {
    ReadBy::Another(Arc::new(Thread { tampering }))
}

/// The same options, with a thread that takes the file apart.
pub(crate) fn by_another(options: &ReadOptions) -> ReadOptions {
    ReadOptions {
        read_by: by(None),
        ..options.clone()
    }
}

const SHEET: &str = "\
Name,Roll No,Fee,Due Date
Ali,GF-1,1500,2035-03-05
Sana,GF-2,1600,2035-03-05
";

/// How reading this sheet ends, and after how many rows.
fn ends(tampering: Tampering) -> (usize, String) {
    let folder = Folder::new();
    let path = folder.file("fees.csv", SHEET);
    let options = ReadOptions {
        read_by: by(Some(tampering)),
        ..options()
    };
    let mut rows = 0;
    let mut row = SheetRow::default();
    let mut read = || -> Result<(), Unreadable> {
        let mut sheet = fee_sheet::open(&path, "fees.csv", &options)?;
        while sheet.next_row(&mut row)? {
            rows += 1;
        }
        Ok(())
    };
    let end = read().map_or_else(|why| why.to_string(), |()| "well".to_owned());
    (rows, end)
}

/// The frames: kind, and all bytes.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [kind, a, b, c, d, ..] = *bytes {
        let (frame, rest) = bytes.split_at(5 + u32::from_le_bytes([a, b, c, d]) as usize);
        frames.push((kind, frame.to_vec()));
        bytes = rest;
    }
    frames
}

fn joined(frames: Vec<(u8, Vec<u8>)>) -> Vec<u8> {
    frames.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

const LINES: u8 = 5;
const END: u8 = 7;

#[test]
fn an_honest_sender_ends_well() {
    assert_eq!(ends(|bytes| bytes), (2, "well".to_owned()));
}

#[test]
fn a_sender_that_dies_at_any_byte_never_ends_well() {
    let folder = Folder::new();
    let path = folder.file("fees.csv", SHEET);
    let mut whole = Vec::new();
    fee_sheet::send_lines(
        &path,
        "fees.csv",
        &options(),
        &AtomicU32::new(0),
        &mut whole,
    )
    .unwrap();
    for length in 0..whole.len() {
        /// What was sent before the sender died.
        #[derive(Debug)]
        struct Cut(Vec<u8>);
        impl AnotherReader for Cut {
            fn begin(
                &self,
                _: &Path,
                _: &str,
                _: &ReadOptions,
            ) -> Result<Box<dyn LineStream>, Unreadable> {
                let (pipe, mut out) = io::pipe()?;
                out.write_all(&self.0)?;
                let skip = Arc::default();
                Ok(Box::new(Lines { pipe, skip }))
            }
        }
        let options = ReadOptions {
            read_by: ReadBy::Another(Arc::new(Cut(whole[..length].to_vec()))),
            ..options()
        };
        let read = crate::read_once(&path, &options);
        assert!(
            matches!(read, Err(Unreadable::ReaderFailed(_))),
            "cut after {length} of {}: {read:?}",
            whole.len()
        );
    }
}

#[test]
fn a_closing_count_that_is_not_what_came_voids_the_rows() {
    let fewer = ends(|bytes| {
        let mut frames = frames(&bytes);
        frames.retain(|(kind, _)| *kind != LINES);
        joined(frames)
    });
    assert!(
        fewer.1.contains("the count of a sheet is wrong"),
        "{fewer:?}"
    );
    let twice = ends(|bytes| {
        let mut frames = frames(&bytes);
        let at = frames.iter().position(|(kind, _)| *kind == LINES).unwrap();
        frames.insert(at, frames[at].clone());
        joined(frames)
    });
    assert!(twice.1.contains("rows out of order"), "{twice:?}");
    let more = ends(|bytes| {
        let mut frames = frames(&bytes);
        let at = frames.iter().position(|(kind, _)| *kind == END).unwrap();
        let text = String::from_utf8(frames[at].1[5..].to_vec()).unwrap();
        assert_eq!(text, r#"{"sheets":1,"lines":3}"#);
        frames[at].1 = [&[END, 22, 0, 0, 0], text.replace('3', "4").as_bytes()].concat();
        joined(frames)
    });
    assert!(more.1.contains("its closing count is wrong"), "{more:?}");
    let after = ends(|mut bytes| {
        bytes.push(LINES);
        bytes
    });
    assert!(after.1.contains("it goes on after its end"), "{after:?}");
}

#[test]
fn a_frame_of_four_gigabytes_is_not_waited_for() {
    let (_, end) = ends(|_| vec![LINES, 0xff, 0xff, 0xff, 0xff]);
    assert!(end.contains("a frame of no kind"), "{end}");
}
