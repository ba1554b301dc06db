//! Workbooks of Excel in their binary writing.

use super::{Book, Cell, Page, archive, error_number, texts, utf16, xls::packed};

pub(crate) fn write(book: &Book) -> Vec<u8> {
    write_changed(book, |_, bytes| bytes)
}

/// As [`write`], the parts changed by their names.
pub(crate) fn write_changed(book: &Book, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut parts = vec![
        ("_rels/.rels".to_owned(), b"<Relationships/>".to_vec()),
        ("xl/workbook.bin".to_owned(), workbook(book)),
        ("xl/_rels/workbook.bin.rels".to_owned(), relations(book)),
        ("xl/styles.bin".to_owned(), styles(book)),
        ("xl/sharedStrings.bin".to_owned(), shared(book)),
    ];
    for (number, page) in (1..).zip(&book.pages) {
        parts.push((
            format!("xl/worksheets/sheet{number}.bin"),
            sheet(book, page),
        ));
    }
    for (name, bytes) in &mut parts {
        *bytes = change(name, std::mem::take(bytes));
    }
    archive(
        parts
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone())),
    )
}

/// One record.
pub(crate) fn record(number: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let small = |part: u16| u8::try_from(part & 0x7F).unwrap();
    if number < 0x80 {
        bytes.push(small(number));
    } else {
        bytes.extend([small(number) | 0x80, small(number >> 7)]);
    }
    let mut left = data.len();
    loop {
        let part = u8::try_from(left & 0x7F).unwrap();
        left >>= 7;
        bytes.push(if left > 0 { part | 0x80 } else { part });
        if left == 0 {
            break;
        }
    }
    bytes.extend(data);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let letters = utf16(text);
    let count = u32::try_from(letters.len() / 2).unwrap();
    [count.to_le_bytes().to_vec(), letters].concat()
}

fn workbook(book: &Book) -> Vec<u8> {
    let mut part = record(0x0083, &[]);
    let days = u32::from(book.epoch_1904).to_le_bytes();
    part.extend(record(0x0099, &[days, [0; 4]].concat()));
    part.extend(record(0x008F, &[]));
    for (number, page) in (1u32..).zip(&book.pages) {
        let mut data = u32::from(page.hidden).to_le_bytes().to_vec();
        data.extend(number.to_le_bytes());
        data.extend(wide(&format!("rId{number}")));
        data.extend(wide(&page.name));
        part.extend(record(0x009C, &data));
    }
    part.extend(record(0x0090, &[]));
    part.extend(record(0x009D, &[0; 26]));
    part.extend(record(0x0084, &[]));
    part
}

fn relations(book: &Book) -> Vec<u8> {
    let mut xml = "<Relationships>".to_owned();
    for (number, _) in (1..).zip(&book.pages) {
        xml.push_str(&format!(
            "<Relationship Id=\"rId{number}\" Type=\"worksheet\" Target=\"worksheets/sheet{number}.bin\"/>"
        ));
    }
    xml.push_str("</Relationships>");
    xml.into_bytes()
}

fn styles(book: &Book) -> Vec<u8> {
    let formats = book.formats();
    let count = |count: usize| u32::try_from(count).unwrap().to_le_bytes();
    let mut part = record(0x0116, &[]);
    part.extend(record(0x0267, &count(formats.len())));
    for (number, format) in (164u16..).zip(&formats) {
        let data = [number.to_le_bytes().to_vec(), wide(format)].concat();
        part.extend(record(0x002C, &data));
    }
    part.extend(record(0x0268, &[]));
    part.extend(record(0x0269, &count(formats.len() + 1)));
    for format in [0].into_iter().chain((164u16..).take(formats.len())) {
        let mut data = vec![0; 16];
        data[2..4].copy_from_slice(&format.to_le_bytes());
        part.extend(record(0x002F, &data));
    }
    part.extend(record(0x026A, &[]));
    part.extend(record(0x0117, &[]));
    part
}

fn shared(book: &Book) -> Vec<u8> {
    let texts = texts(book);
    let count = u32::try_from(texts.len()).unwrap().to_le_bytes();
    let mut part = record(0x009F, &[count, count].concat());
    for text in texts {
        part.extend(record(0x0013, &[vec![0], wide(text)].concat()));
    }
    part.extend(record(0x00A0, &[]));
    part
}

fn sheet(book: &Book, page: &Page) -> Vec<u8> {
    let mut part = record(0x0081, &[]);
    let last = |places: Vec<u32>| places.into_iter().max().unwrap_or(0);
    let rows = last(page.cells.iter().map(|(row, ..)| *row).collect());
    let columns = last(
        page.cells
            .iter()
            .map(|(_, column, _)| u32::from(*column))
            .collect(),
    );
    let words = [0, rows, 0, columns];
    let dimensions: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    part.extend(record(0x0094, &dimensions));
    if !page.hidden_columns.is_empty() {
        part.extend(record(0x0186, &[]));
        for column in &page.hidden_columns {
            let column = u32::from(*column);
            let words = [column, column, 2560, 0];
            let mut data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            data.extend([1, 0]);
            part.extend(record(0x003C, &data));
        }
        part.extend(record(0x0187, &[]));
    }
    part.extend(record(0x0091, &[]));
    let texts = texts(book);
    let mut begun = None;
    for (row, column, cell) in &page.cells {
        if begun != Some(*row) {
            begun = Some(*row);
            let mut data = row.to_le_bytes().to_vec();
            data.extend([0, 0, 0, 0, 44, 1, 0]);
            data.push(if page.hidden_rows.contains(row) {
                0x10
            } else {
                0
            });
            data.extend([0; 5]);
            part.extend(record(0x0000, &data));
        }
        part.extend(self::cell(book, &texts, u32::from(*column), cell));
    }
    part.extend(record(0x0092, &[]));
    if !page.merged.is_empty() {
        let count = u32::try_from(page.merged.len()).unwrap();
        part.extend(record(0x00B1, &count.to_le_bytes()));
        for (top, left, bottom, right) in &page.merged {
            let words = [*top, *bottom, u32::from(*left), u32::from(*right)];
            let data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            part.extend(record(0x00B0, &data));
        }
        part.extend(record(0x00B2, &[]));
    }
    part.extend(record(0x0082, &[]));
    part
}

fn cell(book: &Book, texts: &[&str], column: u32, cell: &Cell) -> Vec<u8> {
    let look = |format: &str| {
        let place = book.formats().iter().position(|known| *known == format);
        u32::try_from(place.unwrap() + 1).unwrap()
    };
    let bits = |number: &str| {
        number
            .parse::<f64>()
            .unwrap()
            .to_bits()
            .to_le_bytes()
            .to_vec()
    };
    let (number, look, value) = match cell {
        Cell::Text(text) => {
            let place = texts.iter().position(|known| known == text).unwrap();
            (
                0x0007,
                0,
                u32::try_from(place).unwrap().to_le_bytes().to_vec(),
            )
        }
        Cell::Number(number) => match packed(number) {
            Some(bits) => (0x0002, 0, bits.to_le_bytes().to_vec()),
            None => (0x0005, 0, bits(number)),
        },
        Cell::Shown(number, format, _) => (0x0005, look(format), bits(number)),
        Cell::Day(year, month, day) => {
            let number = book.day_number(*year, *month, *day).to_string();
            let bits = packed(&number).unwrap().to_le_bytes().to_vec();
            (0x0002, look("dd/mm/yyyy"), bits)
        }
        Cell::Truth(truth) => (0x0004, 0, vec![u8::from(*truth)]),
        Cell::Error(name) => (0x0003, 0, vec![error_number(name)]),
        Cell::Formula(result) => {
            let (number, mut value) = match &**result {
                Cell::Number(number) => (0x0009, bits(number)),
                Cell::Text(text) => (0x0008, wide(text)),
                Cell::Error(name) => (0x000B, vec![error_number(name)]),
                other => unreachable!("no result of a formula: {other:?}"),
            };
            // Marks, and a formula of no length.
            value.extend([0; 10]);
            (number, 0, value)
        }
        Cell::Uncalculated => unreachable!("this writing always has a value"),
    };
    let data = [
        column.to_le_bytes().to_vec(),
        look.to_le_bytes().to_vec(),
        value,
    ]
    .concat();
    record(number, &data)
}
