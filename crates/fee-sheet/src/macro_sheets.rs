//! Workbooks that list sheets of macros, as programs of the nineties did, and lay no part beside the
//! name. They hold no cells; but the parser takes no workbook that names a sheet which is nowhere. So
//! it is given one that does not name them: every other part is copied as it is packed.

use std::io::{BufReader, Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::archive::refusal;
use crate::limits::Limits;
use crate::source::Source;
use crate::unreadable::Unreadable;
use crate::workbook_check::{attribute, local_name};

/// The copy is held in memory; of a larger workbook there is none.
const FILE_BYTES: u64 = 32 << 20;

/// The workbook without the names that lead nowhere; `list` is the part that has them. `None`: it is too
/// large to be copied, or they stand otherwise than was looked for.
pub(crate) fn without(
    source: &Source,
    list: usize,
    limits: &Limits,
) -> Result<Option<Source>, Unreadable> {
    let bytes = source.open()?;
    if bytes.len()? > FILE_BYTES {
        return Ok(None);
    }
    let mut archive = ZipArchive::new(BufReader::new(bytes)).map_err(refusal)?;
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        if place != list {
            let part = archive.by_index_raw(place).map_err(refusal)?;
            copy.raw_copy_file(part).map_err(refusal)?;
            continue;
        }
        let part = archive.by_index(place).map_err(refusal)?;
        let name = part.name().map_err(refusal)?.into_owned();
        let mut text = Vec::new();
        part.take(limits.part_bytes)
            .read_to_end(&mut text)
            .map_err(Unreadable::from_reading)?;
        let Some(text) = without_names(&text) else {
            return Ok(None);
        };
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        copy.start_file(name, stored).map_err(refusal)?;
        copy.write_all(&text)?;
    }
    let copy = copy.finish().map_err(refusal)?;
    Ok(Some(Source::memory(copy.into_inner())))
}

/// Whether a tag names a sheet that is nowhere.
pub(crate) fn is_nowhere(relation: &str) -> bool {
    relation.is_empty()
}

/// The list of sheets without those that are nowhere.
fn without_names(text: &[u8]) -> Option<Vec<u8>> {
    let mut left = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.iter().position(|byte| *byte == b'<') {
        let length = rest[start..].iter().position(|byte| *byte == b'>')?;
        let tag = &rest[start + 1..start + length];
        let names = local_name(tag) == b"sheet"
            && attribute(tag, "id").is_some_and(|relation| is_nowhere(&relation));
        // One with an end of its own has something in it.
        if names && !tag.ends_with(b"/") {
            return None;
        }
        let end = start + length + 1;
        left.extend_from_slice(&rest[..if names { start } else { end }]);
        rest = &rest[end..];
    }
    left.extend_from_slice(rest);
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_nowhere_are_left_out_and_nothing_else() {
        let list = |sheets: &str| format!("<workbook><sheets>{sheets}</sheets></workbook>");
        let one = r#"<sheet name="A" sheetId="1" r:id="rId1"/>"#;
        let nowhere = r#"<sheet name="Module1" sheetId="2" state="veryHidden" r:id=""/>"#;
        let text = list(&format!("{one}{nowhere}\n{one}"));
        let left =
            without_names(text.as_bytes()).map(|left| String::from_utf8_lossy(&left).into_owned());
        assert_eq!(left, Some(list(&format!("{one}\n{one}"))));
        let open = list(r#"<x:sheet name="M" x:id=''></x:sheet>"#);
        assert_eq!(without_names(open.as_bytes()), None);
    }
}
