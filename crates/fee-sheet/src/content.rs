//! What a file is, told by what it holds: names lie. An `.xls` is as often a
//! web page as a workbook, and a `.csv` may be a renamed workbook.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::encodings::{self, TextEncoding};
use crate::limits::Limits;
use crate::unreadable::Unreadable;

/// A kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A zip archive, hopefully a workbook; the archive is looked at next.
    Workbook,
    /// Lines of text.
    Text(TextEncoding),
}

/// Tells what a file is, or why it is not read.
pub(crate) fn told(path: &Path, limits: &Limits) -> Result<Content, Unreadable> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Unreadable::IsDirectory);
    }
    if !metadata.is_file() {
        return Err(Unreadable::NotAFile);
    }
    if metadata.len() == 0 {
        return Err(Unreadable::Empty);
    }
    if metadata.len() > limits.file_bytes {
        let limit = format!("{} MB", limits.file_bytes >> 20);
        return Err(Unreadable::too_large(
            format!("it has {} MB", metadata.len() >> 20),
            limit,
        ));
    }
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(4096);
    file.by_ref().take(4096).read_to_end(&mut head)?;
    if let Some(refusal) = by_signature(&head, &mut file)? {
        return Err(refusal);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Content::Workbook);
    }
    file.seek(SeekFrom::Start(0))?;
    encodings::told(&mut file).map(Content::Text)
}

fn by_signature(head: &[u8], file: &mut File) -> Result<Option<Unreadable>, Unreadable> {
    const SIGNATURES: [(&[u8], &str); 10] = [
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"{\\rtf", "a text document (RTF)"),
        (b"Rar!", "an archive (RAR)"),
        (b"7z\xbc\xaf", "an archive (7z)"),
        (b"\x1f\x8b", "a compressed file (gzip)"),
        (b"SQLite format 3", "a database"),
        (b"PK\x05\x06", "an empty archive (ZIP)"),
        (b"MZ", "a program"),
    ];
    if head.starts_with(b"%PDF") {
        return Ok(Some(Unreadable::Pdf));
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(Some(old_container(file)?));
    }
    if let Some((_, what)) = SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature))
    {
        return Ok(Some(Unreadable::OtherFormat { what }));
    }
    let start: String = head
        .iter()
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .skip_while(|c| c.is_whitespace())
        .take(1_024)
        .collect();
    let tags = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<table",
        "<meta",
        "<style",
        "<script",
        "<div",
    ];
    if tags.iter().any(|tag| start.starts_with(tag))
        || start.starts_with('<') && start.contains("<html")
    {
        return Ok(Some(Unreadable::Html));
    }
    if start.starts_with("<?xml") || start.starts_with("<workbook") {
        return Ok(Some(Unreadable::OtherFormat {
            what: "an XML document",
        }));
    }
    Ok(None)
}

/// The container of old Excel workbooks is also that of workbooks with a
/// password.
fn old_container(file: &mut File) -> Result<Unreadable, Unreadable> {
    let mark: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    file.seek(SeekFrom::Start(0))?;
    let mut chunk = vec![0u8; 64 << 10];
    let mut kept = 0;
    let mut left: u64 = 64 << 20;
    while left > 0 {
        let read = file.read(&mut chunk[kept..])?;
        if read == 0 {
            break;
        }
        let filled = kept + read;
        if chunk[..filled]
            .windows(mark.len())
            .any(|window| window == mark)
        {
            return Ok(Unreadable::Encrypted);
        }
        kept = filled.min(mark.len() - 1);
        chunk.copy_within(filled - kept..filled, 0);
        left = left.saturating_sub(read as u64);
    }
    Ok(Unreadable::OldExcel)
}
