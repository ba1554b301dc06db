//! What a file is, told by what it holds: names lie. An `.xls` is as often a
//! web page as a workbook, and a `.csv` may be a renamed workbook.

use std::io::{Read, Seek, SeekFrom};

use crate::archive::Archive;
use crate::book_door::BookKind;
use crate::encodings::{self, TextEncoding};
use crate::limits::Limits;
use crate::source::{Bytes, Source};
use crate::unreadable::Unreadable;
use crate::xls::container::{self, Container};

/// A kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Book(BookKind),
    /// An archive that is no workbook, hopefully with sheets in it.
    Archive,
    /// Lines of text.
    Text(TextEncoding),
}

/// Tells what a file is, or why it is not read.
pub(crate) fn told(source: &Source, limits: &Limits) -> Result<Content, Unreadable> {
    if let Source::File(path) = source {
        let metadata = std::fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(Unreadable::IsDirectory);
        }
        if !metadata.is_file() {
            return Err(Unreadable::NotAFile);
        }
    }
    let mut bytes = source.open()?;
    let len = bytes.len()?;
    if len == 0 {
        return Err(Unreadable::Empty);
    }
    if len > limits.file_bytes {
        let limit = format!("{} MB", limits.file_bytes >> 20);
        return Err(Unreadable::too_large(
            format!("it has {} MB", len >> 20),
            limit,
        ));
    }
    let mut head = Vec::with_capacity(4096);
    bytes.by_ref().take(4096).read_to_end(&mut head)?;
    if container::is_container(&head) {
        return in_container(source);
    }
    if let Some(refusal) = by_signature(&head) {
        return Err(refusal);
    }
    if head.starts_with(b"PK\x03\x04") {
        return in_archive(source, limits);
    }
    bytes.seek(SeekFrom::Start(0))?;
    encodings::told(&mut bytes).map(Content::Text)
}

fn by_signature(head: &[u8]) -> Option<Unreadable> {
    const SIGNATURES: [(&[u8], &str); 23] = [
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"II*\0", "a picture"),
        (b"{\\rtf", "a text document (RTF)"),
        (b"Rar!", "an archive (RAR)"),
        (b"7z\xbc\xaf", "an archive (7z)"),
        (b"\x1f\x8b", "a compressed file (gzip)"),
        (b"BZh", "a compressed file (bzip2)"),
        (b"\xfd7zXZ", "a compressed file (xz)"),
        (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)"),
        (b"SQLite format 3", "a database"),
        (b"\0\x01\0\0Standard", "a database (Access)"),
        (b"PK\x05\x06", "an empty archive (ZIP)"),
        (b"PK\x07\x08", "a part of a split archive (ZIP)"),
        (b"RIFF", "a picture or a sound"),
        (b"MZ", "a program"),
        (b"\x7fELF", "a program"),
        (b"L\0\0\0\x01\x14\x02\0", "a shortcut to another file"),
        (b"\0\0\x02\0\x06\x04\x06\0", "a Lotus 1-2-3 sheet"),
        (b"\xff\xfe\0\0", "a text in UTF-32"),
        (b"\0\0\xfe\xff", "a text in UTF-32"),
        (b"\0\0\x1a\0", "a Lotus 1-2-3 sheet"),
    ];
    if head.starts_with(b"%PDF") {
        return Some(Unreadable::Pdf);
    }
    let old = [b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08"];
    if old.iter().any(|start| head.starts_with(*start))
        && matches!(head.get(2), Some(4..=16))
        && head.get(3) == Some(&0)
    {
        return Some(Unreadable::OldExcel);
    }
    // A heading of a text may begin with such letters, too.
    let is_binary = head.contains(&0);
    let letters = |signature: &[u8]| signature.iter().all(u8::is_ascii_alphanumeric);
    if let Some((_, what)) = SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature) && (is_binary || !letters(signature)))
    {
        return Some(Unreadable::OtherFormat {
            what: (*what).into(),
        });
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Unreadable::OtherFormat {
            what: "an archive (tar)".into(),
        });
    }
    by_first_words(head)
}

/// Texts that are no sheets, by how they begin.
fn by_first_words(head: &[u8]) -> Option<Unreadable> {
    let start: String = head
        .iter()
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .skip_while(|c| c.is_whitespace())
        .take(2_048)
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
        || start.starts_with("mime-version:") && start.contains("multipart/related")
    {
        return Some(Unreadable::Html);
    }
    let what = if start.starts_with("<?xml") || start.starts_with("<workbook") {
        if start.contains("urn:schemas-microsoft-com:office:spreadsheet") {
            "an XML spreadsheet of Excel 2003"
        } else if start.contains("opendocument") {
            "a flat OpenDocument file (.fods)"
        } else {
            "an XML document"
        }
    } else if start.starts_with('{') && start.contains("docs.google.com") {
        "a shortcut to a Google sheet, and not the sheet (in Google Sheets: File, Download)"
    } else if start.starts_with("[internetshortcut]") {
        "a shortcut to a web page"
    } else if start.starts_with("id;p")
        && ["\nc;y", "\nc;x", "\np;p"]
            .iter()
            .any(|line| start.contains(line))
    {
        "a SYLK file"
    } else {
        return None;
    };
    Some(Unreadable::OtherFormat { what: what.into() })
}

/// The container of old Excel workbooks is also that of other documents, and
/// of new workbooks with a password.
fn in_container(source: &Source) -> Result<Content, Unreadable> {
    let container = match Container::open(source) {
        Ok(container) => container,
        Err(refusal) => {
            // A program that encrypts may cut the rest of it short.
            return Err(if holds_encrypted_package(&mut source.open()?)? {
                Unreadable::Encrypted
            } else {
                refusal
            });
        }
    };
    if container.has("EncryptedPackage") {
        return Err(Unreadable::Encrypted);
    }
    if container.has("Workbook") || container.has("Book") {
        return Ok(Content::Book(BookKind::Xls));
    }
    let what = if container.has("WordDocument") {
        "an old Word document (.doc)"
    } else if container.has("PowerPoint Document") {
        "an old PowerPoint document (.ppt)"
    } else if container.has("__properties_version1.0") {
        "a saved e-mail (.msg)"
    } else {
        "an Office file without a sheet"
    };
    Err(Unreadable::OtherFormat { what: what.into() })
}

fn holds_encrypted_package(file: &mut Bytes) -> Result<bool, Unreadable> {
    let mark: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
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
            return Ok(true);
        }
        kept = filled.min(mark.len() - 1);
        chunk.copy_within(filled - kept..filled, 0);
        left = left.saturating_sub(read as u64);
    }
    Ok(false)
}

/// Newer documents are archives, and told apart by the parts that they have.
fn in_archive(source: &Source, limits: &Limits) -> Result<Content, Unreadable> {
    let mut archive = Archive::open(source, limits)?;
    let other = |what: &'static str| Err(Unreadable::OtherFormat { what: what.into() });
    if archive.has("xl/workbook.bin") {
        return Ok(Content::Book(BookKind::Xlsb));
    }
    if let Some(place) = archive.place("mimetype") {
        let kind = archive.head(place, 200)?;
        let kind = String::from_utf8_lossy(&kind);
        let kind = kind.trim();
        if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
            return Ok(Content::Book(BookKind::Ods));
        }
        if kind.starts_with("application/vnd.oasis.opendocument.") {
            return other("an OpenDocument file that is no sheet");
        }
        if kind.starts_with("application/vnd.sun.xml.calc") {
            return other("a workbook of OpenOffice 1 (.sxc)");
        }
        if kind.starts_with("application/") {
            return other("a document that is no sheet");
        }
    }
    // Some programs leave out the part that says what it is.
    if archive.has("content.xml") && archive.has("meta-inf/manifest.xml") {
        return Ok(Content::Book(BookKind::Ods));
    }
    if archive.has("word/document.xml") {
        return other("a Word document");
    }
    if archive.has("ppt/presentation.xml") {
        return other("a PowerPoint document");
    }
    let older = archive.has("index.xml") && archive.has("buildversionhistory.plist");
    if older || archive.has("index/document.iwa") || archive.has("index.zip") {
        return other("an Apple Numbers document (in Numbers: File, Export To, Excel)");
    }
    // A package has this part, whatever its workbook is called.
    if archive.has("_rels/.rels") || archive.has("xl/workbook.xml") {
        return Ok(Content::Book(BookKind::Xlsx));
    }
    Ok(Content::Archive)
}
