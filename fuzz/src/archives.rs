//! Workbooks that are archives. Their parts lie open in the fuzz bytes, each
//! behind a line with its name, and are packed when the file is made: the
//! engine sees and changes the XML itself, and no checksum is spoilt.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::breaks::{pieces, split};
use crate::records;

/// Stands before the name of a part.
const PART: &[u8] = b"\n@@ ";

/// The file that the bytes stand for: an archive of their parts, or, where they
/// are one already, themselves.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"PK") {
        return bytes.to_vec();
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in pieces(bytes, PART) {
        let (name, body) = split(part, b"\n").unwrap_or((part, b""));
        // A second part of one name is none: this writer makes no such archive.
        let begun = writer.start_file(String::from_utf8_lossy(name), stored);
        if begun.is_ok() {
            let body = if name.ends_with(b".bin") {
                records::xlsb(body)
            } else {
                body.to_vec()
            };
            writer.write_all(&body).expect("memory takes every byte");
        }
    }
    writer
        .finish()
        .expect("memory takes every byte")
        .into_inner()
}

/// An archive laid open, as [`packed`] takes it.
pub fn open(archive: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("our own archive");
    let mut bytes = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("our own archive");
        let name = part.name().expect("a name of ours").into_owned();
        let mut body = Vec::new();
        part.read_to_end(&mut body).expect("our own archive");
        bytes.extend(PART);
        bytes.extend(name.as_bytes());
        bytes.push(b'\n');
        bytes.extend(if name.ends_with(".bin") {
            records::open_xlsb(&body)
        } else {
            body
        });
    }
    bytes
}
