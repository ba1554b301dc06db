//! Workbooks of Excel 97 to 2003, and their container.

use super::{Book, Cell, Page, error_number, texts, utf16};

/// The records of one part of a workbook: numbers and bytes.
pub(crate) type Records = Vec<(u16, Vec<u8>)>;

pub(crate) fn write(book: &Book) -> Vec<u8> {
    write_changed(book, |_, _| {})
}

/// As [`write`], the records of each part changed: 0 is what holds for all
/// sheets, the sheets follow.
pub(crate) fn write_changed(book: &Book, change: impl Fn(usize, &mut Records)) -> Vec<u8> {
    let mut parts = vec![globals(book)];
    parts.extend(book.pages.iter().map(|page| sheet(book, page)));
    for (index, part) in parts.iter_mut().enumerate() {
        change(index, part);
    }
    container("Workbook", &stream(parts))
}

/// Puts the parts behind one another, and tells the first where the others lie.
pub(crate) fn stream(mut parts: Vec<Records>) -> Vec<u8> {
    let bytes = |part: &Records| -> usize { part.iter().map(|(_, data)| data.len() + 4).sum() };
    let mut place = bytes(&parts[0]);
    let mut places = Vec::new();
    for part in &parts[1..] {
        places.push(u32::try_from(place).unwrap());
        place += bytes(part);
    }
    let listed = parts[0].iter_mut().filter(|(number, _)| *number == 0x0085);
    for ((_, data), place) in listed.zip(places) {
        data[..4].copy_from_slice(&place.to_le_bytes());
    }
    let mut stream = Vec::new();
    for (number, data) in parts.concat() {
        stream.extend(number.to_le_bytes());
        stream.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
        stream.extend(data);
    }
    stream
}

fn begin(kind: u16) -> (u16, Vec<u8>) {
    let words = [0x0600, kind, 0x0DBB, 0x07CC, 0, 0, 6, 0];
    (
        0x0809,
        words
            .iter()
            .flat_map(|word: &u16| word.to_le_bytes())
            .collect(),
    )
}

fn globals(book: &Book) -> Records {
    let mut records = vec![begin(0x0005), (0x0042, 1200u16.to_le_bytes().to_vec())];
    records.push((0x0022, u16::from(book.epoch_1904).to_le_bytes().to_vec()));
    for (number, format) in (164u16..).zip(book.formats()) {
        let mut data = number.to_le_bytes().to_vec();
        data.extend(u16::try_from(format.len()).unwrap().to_le_bytes());
        data.push(0);
        data.extend(format.bytes());
        records.push((0x041E, data));
    }
    // The first look is that of plain numbers, the next one that of days.
    let looks = [0].into_iter().chain((164u16..).take(book.formats().len()));
    for format in looks {
        let mut data = vec![0; 20];
        data[2..4].copy_from_slice(&format.to_le_bytes());
        records.push((0x00E0, data));
    }
    for page in &book.pages {
        let mut data = vec![0, 0, 0, 0, u8::from(page.hidden), 0];
        let name = utf16(&page.name);
        data.push(u8::try_from(name.len() / 2).unwrap());
        data.push(1);
        data.extend(name);
        records.push((0x0085, data));
    }
    records.extend(shared(book));
    records.push((0x000A, Vec::new()));
    records
}

/// The texts, each record cut short so that texts go on in the next one.
fn shared(book: &Book) -> Records {
    const ROOM: usize = 60;
    let texts = texts(book);
    let count = u32::try_from(texts.len()).unwrap();
    let mut data = [count.to_le_bytes(), count.to_le_bytes()].concat();
    let mut records = Vec::new();
    let mut number = 0x00FC;
    for text in texts {
        let wide = text.chars().any(|letter| u32::from(letter) > 0xFF);
        let units: Vec<u16> = text.encode_utf16().collect();
        data.extend(u16::try_from(units.len()).unwrap().to_le_bytes());
        data.push(u8::from(wide));
        for unit in units {
            if data.len() + 2 > ROOM {
                records.push((number, std::mem::take(&mut data)));
                number = 0x003C;
                data.push(u8::from(wide));
            }
            if wide {
                data.extend(unit.to_le_bytes());
            } else {
                data.push(unit.to_le_bytes()[0]);
            }
        }
    }
    records.push((number, data));
    records
}

fn sheet(book: &Book, page: &Page) -> Records {
    let mut records = vec![begin(0x0010)];
    let rows = page
        .cells
        .iter()
        .map(|(row, ..)| row + 1)
        .max()
        .unwrap_or(0);
    let columns = page.cells.iter().map(|(_, column, _)| column + 1).max();
    let mut dimensions = [0u32.to_le_bytes(), rows.to_le_bytes()].concat();
    dimensions.extend([0, 0]);
    dimensions.extend(columns.unwrap_or(0).to_le_bytes());
    dimensions.extend([0, 0]);
    for column in &page.hidden_columns {
        let words = [*column, *column, 2560, 15, 1, 0];
        let data = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        records.push((0x007D, data));
    }
    records.push((0x0200, dimensions));
    for row in 0..rows {
        let hidden = if page.hidden_rows.contains(&row) {
            0x120
        } else {
            0x100
        };
        let row = u16::try_from(row).unwrap();
        let words = [row, 0, columns.unwrap_or(0), 255, 0, 0, hidden, 15];
        let data = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        records.push((0x0208, data));
    }
    let texts = texts(book);
    for (row, column, cell) in &page.cells {
        let at = [u16::try_from(*row).unwrap(), *column];
        self::cell(book, &texts, at, cell, &mut records);
    }
    if !page.merged.is_empty() {
        let mut data = u16::try_from(page.merged.len())
            .unwrap()
            .to_le_bytes()
            .to_vec();
        for (top, left, bottom, right) in &page.merged {
            let row = |row: &u32| u16::try_from(*row).unwrap();
            for word in [row(top), row(bottom), *left, *right] {
                data.extend(word.to_le_bytes());
            }
        }
        records.push((0x00E5, data));
    }
    records.push((0x000A, Vec::new()));
    records
}

fn cell(book: &Book, texts: &[&str], at: [u16; 2], cell: &Cell, records: &mut Records) {
    let mut data: Vec<u8> = at.iter().flat_map(|word| word.to_le_bytes()).collect();
    let look = |format: &str| {
        let place = book.formats().iter().position(|known| *known == format);
        u16::try_from(place.unwrap() + 1).unwrap().to_le_bytes()
    };
    let bits = |number: &str| number.parse::<f64>().unwrap().to_bits().to_le_bytes();
    match cell {
        Cell::Text(text) => {
            let place = texts.iter().position(|known| known == text).unwrap();
            data.extend([0, 0]);
            data.extend(u32::try_from(place).unwrap().to_le_bytes());
            records.push((0x00FD, data));
        }
        Cell::Number(number) => match packed(number) {
            Some(bits) => {
                data.extend([0, 0]);
                data.extend(bits.to_le_bytes());
                records.push((0x027E, data));
            }
            None => {
                data.extend([0, 0]);
                data.extend(bits(number));
                records.push((0x0203, data));
            }
        },
        Cell::Shown(number, format, _) => {
            data.extend(look(format));
            data.extend(bits(number));
            records.push((0x0203, data));
        }
        Cell::Day(year, month, day) => {
            data.extend(look("dd/mm/yyyy"));
            let number = book.day_number(*year, *month, *day).to_string();
            data.extend(packed(&number).unwrap().to_le_bytes());
            records.push((0x027E, data));
        }
        Cell::Truth(truth) => {
            data.extend([0, 0, u8::from(*truth), 0]);
            records.push((0x0205, data));
        }
        Cell::Error(name) => {
            data.extend([0, 0, error_number(name), 1]);
            records.push((0x0205, data));
        }
        Cell::Formula(result) => {
            data.extend([0, 0]);
            let (value, text) = match &**result {
                Cell::Number(number) => (bits(number).to_vec(), None),
                Cell::Text(text) if text.is_empty() => (vec![3, 0, 0, 0, 0, 0, 255, 255], None),
                Cell::Text(text) => (vec![0, 0, 0, 0, 0, 0, 255, 255], Some(text)),
                Cell::Error(name) => (vec![2, 0, error_number(name), 0, 0, 0, 255, 255], None),
                other => unreachable!("no result of a formula: {other:?}"),
            };
            data.extend(value);
            data.extend([0; 8]);
            records.push((0x0006, data));
            if let Some(text) = text {
                let mut data = u16::try_from(text.encode_utf16().count())
                    .unwrap()
                    .to_le_bytes()
                    .to_vec();
                data.push(1);
                data.extend(utf16(text));
                records.push((0x0207, data));
            }
        }
        Cell::Uncalculated => {
            data.extend([0, 0, 3, 0, 0, 0, 0, 0, 255, 255]);
            data.extend([0; 8]);
            records.push((0x0006, data));
        }
    }
}

/// A number in four bytes, where it is a whole one, or one of hundredths.
pub(crate) fn packed(number: &str) -> Option<u32> {
    let (whole, hundredths) = number.split_once('.').unwrap_or((number, ""));
    let (text, mark) = match hundredths.len() {
        0 => (whole.to_owned(), 2),
        1 => (format!("{whole}{hundredths}0"), 3),
        2 => (format!("{whole}{hundredths}"), 3),
        _ => return None,
    };
    let number: i32 = text.parse().ok()?;
    let fits = (-(1 << 29)..(1 << 29)).contains(&number);
    fits.then(|| number.cast_unsigned() << 2 | mark)
}

/// Puts a stream into a container.
pub(crate) fn container(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xFFFF_FFFE;
    let mut stream = stream.to_vec();
    let bytes = stream.len().max(4_096);
    stream.resize(bytes.next_multiple_of(SECTOR), 0);
    let sectors = stream.len() / SECTOR;
    // The table tells where each sector goes on, its own too. The header names
    // the first 109 sectors of it, and lists the others.
    let mut table_sectors = 1usize;
    let lists = |table: usize| table.saturating_sub(109).div_ceil(127);
    while table_sectors * SECTOR / 4 < table_sectors + lists(table_sectors) + 1 + sectors {
        table_sectors += 1;
    }
    let lists = lists(table_sectors);
    let number = |number: usize| u32::try_from(number).unwrap();
    // First the table, then the lists, the directory, and the stream.
    let directory = table_sectors + lists;
    let first = directory + 1;
    let mut table = vec![0xFFFF_FFFDu32; table_sectors];
    table.extend(vec![0xFFFF_FFFC; lists]);
    table.push(END);
    table.extend((first + 1..).take(sectors - 1).map(number));
    table.push(END);
    table.resize(table_sectors * SECTOR / 4, u32::MAX);

    let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    file.extend([0; 16]);
    for word in [0x3Eu16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    let listed = if lists > 0 {
        number(table_sectors)
    } else {
        END
    };
    let words = [
        0,
        number(table_sectors),
        number(directory),
        0,
        4_096,
        END,
        0,
        listed,
        number(lists),
    ];
    file.extend(words.iter().flat_map(|word: &u32| word.to_le_bytes()));
    let part_of_table = |place: usize| {
        let sector = if place < table_sectors {
            number(place)
        } else {
            u32::MAX
        };
        sector.to_le_bytes()
    };
    file.extend((0..109).flat_map(part_of_table));
    file.extend(table.iter().flat_map(|word| word.to_le_bytes()));
    for list in 0..lists {
        let from = 109 + 127 * list;
        file.extend((from..from + 127).flat_map(part_of_table));
        let next = if list + 1 < lists {
            number(table_sectors + list + 1)
        } else {
            END
        };
        file.extend(next.to_le_bytes());
    }
    for (name, kind, child, start, bytes) in [
        ("Root Entry", 5u8, 1u32, END, 0),
        (name, 2, u32::MAX, number(first), number(bytes)),
    ] {
        let mut entry = utf16(name);
        let name_bytes = u16::try_from(entry.len() + 2).unwrap();
        entry.resize(64, 0);
        entry.extend(name_bytes.to_le_bytes());
        entry.extend([kind, 1]);
        for word in [u32::MAX, u32::MAX, child] {
            entry.extend(word.to_le_bytes());
        }
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(bytes.to_le_bytes());
        entry.resize(128, 0);
        file.extend(entry);
    }
    file.resize((first + 1) * SECTOR, 0);
    file.extend(stream);
    file
}
