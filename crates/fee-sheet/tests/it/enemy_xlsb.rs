//! Binary workbooks that are broken, or meant to break.

use fee_sheet::Unreadable;

use crate::Read;
use crate::dress::Book;
use crate::dress::xlsb::{self, record};
use crate::enemy_books::{is_damaged, told};

pub(crate) fn xlsb_with(change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Result<Read, Unreadable> {
    told(xlsb::write_changed(&Book::plain(), change))
}

#[test]
fn a_binary_workbook_that_lies_is_refused_or_read_as_what_is_there() {
    let lengths = xlsb_with(|name, bytes| match name {
        // A record of 268 million bytes.
        "xl/worksheets/sheet1.bin" => [
            record(0x0081, &[]),
            vec![0x94, 0x01, 0xFF, 0xFF, 0xFF, 0x7F],
        ]
        .concat(),
        _ => bytes,
    });
    assert!(is_damaged(&lengths), "{lengths:?}");
    let claims = xlsb_with(|name, bytes| {
        let claim = |number: u16, bytes: Vec<u8>, data: &[u8]| {
            let head = record(number, &vec![0; data.len()]);
            let head = &head[..head.len() - data.len()];
            let at = bytes
                .windows(head.len())
                .position(|part| part == head)
                .unwrap()
                + head.len();
            let mut bytes = bytes;
            bytes[at..at + data.len()].copy_from_slice(data);
            bytes
        };
        match name {
            "xl/sharedStrings.bin" => claim(0x009F, bytes, &[0xFF; 8]),
            "xl/worksheets/sheet1.bin" => claim(0x0094, bytes, &[0xFF; 16]),
            "xl/styles.bin" => claim(0x0269, bytes, &[0xFF; 4]),
            _ => bytes,
        }
    })
    .unwrap();
    assert_eq!(claims.rows.len(), 1);
    let no_texts = xlsb_with(|name, bytes| match name {
        "xl/sharedStrings.bin" => record(0x009F, &[0; 8]),
        _ => bytes,
    });
    assert!(is_damaged(&no_texts), "{no_texts:?}");
    for part in [
        "xl/workbook.bin",
        "xl/worksheets/sheet1.bin",
        "xl/sharedStrings.bin",
    ] {
        let cut = xlsb_with(|name, bytes| {
            if name == part {
                bytes[..bytes.len() / 2].to_vec()
            } else {
                bytes
            }
        });
        assert!(cut.is_err(), "{part} {cut:?}");
    }
    let nowhere = xlsb_with(|name, bytes| match name {
        "xl/_rels/workbook.bin.rels" => {
            let text = String::from_utf8(bytes).unwrap();
            text.replace("sheet1.bin", "../../../../etc/passwd")
                .into_bytes()
        }
        _ => bytes,
    });
    assert!(nowhere.is_err(), "{nowhere:?}");
    // Rows out of order, and a cell twice.
    let row = |row: u32| record(0x0000, &[row.to_le_bytes().to_vec(), vec![0; 13]].concat());
    let cell = |column: u32| record(0x0007, &[column.to_le_bytes(), [0; 4], [0; 4]].concat());
    for tail in [
        [row(0), cell(0)].concat(),
        [row(5), cell(1), cell(1)].concat(),
        [row(u32::MAX), cell(1)].concat(),
        [row(5), cell(u32::MAX)].concat(),
    ] {
        let end = [record(0x0092, &[]), record(0x0082, &[])].concat();
        let broken = xlsb_with(|name, bytes| match name {
            "xl/worksheets/sheet1.bin" => {
                let start = bytes[..bytes.len() - end.len()].to_vec();
                [start, tail.clone(), end.clone()].concat()
            }
            _ => bytes,
        });
        assert!(broken.is_err(), "{broken:?}");
    }
}

#[test]
fn two_sheets_that_are_one_part_are_refused() {
    let twice = xlsb_with(|name, bytes| match name {
        "xl/workbook.bin" => {
            let at = bytes
                .windows(2)
                .position(|part| part == [0x9C, 0x01])
                .unwrap();
            let listed = 3 + usize::from(bytes[at + 2]);
            let mut sheet = bytes[at..at + listed].to_vec();
            let letter = sheet.len() - 2;
            sheet[letter] = b'7';
            [&bytes[..at], &sheet, &bytes[at..]].concat()
        }
        _ => bytes,
    });
    assert!(is_damaged(&twice), "{twice:?}");
}
