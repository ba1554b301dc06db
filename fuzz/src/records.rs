//! Workbooks of records: those of Excel 97 to 2003, and the parts of binary
//! ones since 2007. In the fuzz bytes each record stands behind a mark, with
//! its number; its length is counted when the file is made.

use crate::breaks::{MARK, pieces};
use crate::written::dress::{xls, xlsb};

/// Lists a sheet, and tells where it lies.
const LISTED: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;

/// Longest record that is made.
const RECORD_BYTES_MAX: usize = 8_224;

/// The old workbook that the bytes stand for; or themselves, where they are a
/// container or a bare stream already.
pub fn xls(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(MARK) {
        return bytes.to_vec();
    }
    // Each part ends where it says so, what begins inside it with it; the list
    // of sheets tells where they came to lie.
    let mut parts = vec![Vec::new()];
    let mut inside = 0usize;
    for piece in pieces(bytes, MARK) {
        let Some((number, data)) = piece.split_first_chunk::<2>() else {
            continue;
        };
        let number = u16::from_le_bytes(*number);
        let mut data = data[..data.len().min(RECORD_BYTES_MAX)].to_vec();
        if number == LISTED && data.len() < 4 {
            data.resize(4, 0);
        }
        match number {
            BEGIN => inside += 1,
            END => inside = inside.saturating_sub(1),
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push((number, data));
        }
        if number == END && inside == 0 {
            parts.push(Vec::new());
        }
    }
    xls::container("Workbook", &xls::stream(parts))
}

/// The records of an old workbook's parts, as [`xls()`] takes them.
pub(crate) fn open_xls(parts: &[xls::Records]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, data) in parts.concat() {
        bytes.extend(MARK);
        bytes.extend(number.to_le_bytes());
        bytes.extend(data);
    }
    bytes
}

/// The part of a binary workbook that the bytes stand for; or themselves.
pub(crate) fn xlsb(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(MARK) {
        return bytes.to_vec();
    }
    let numbered = pieces(bytes, MARK).filter_map(|piece| piece.split_first_chunk::<2>());
    numbered
        .flat_map(|(number, data)| xlsb::record(u16::from_le_bytes(*number) & 0x3FFF, data))
        .collect()
}

/// A part of a binary workbook, as [`xlsb`] takes it.
pub(crate) fn open_xlsb(mut part: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(number) = seven_bits(&mut part, 2) {
        let length = seven_bits(&mut part, 4).unwrap_or(0);
        let (data, rest) = part.split_at(length.min(part.len()));
        part = rest;
        bytes.extend(MARK);
        bytes.extend(u16::try_from(number).unwrap_or(0).to_le_bytes());
        bytes.extend(data);
    }
    bytes
}

/// A number in bytes of seven bits each, the highest of which says that more follow.
fn seven_bits(from: &mut &[u8], bytes_max: u32) -> Option<usize> {
    let mut number = 0;
    for place in 0..bytes_max {
        let (first, rest) = from.split_first()?;
        *from = rest;
        number |= usize::from(first & 0x7F) << (7 * place);
        if first & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}
