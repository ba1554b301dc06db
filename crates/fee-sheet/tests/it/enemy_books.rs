//! Workbooks of the older and the open formats that are broken, or meant to
//! break: each is read or refused in a sentence, at once and in little memory.

use fee_sheet::Unreadable;
use proptest::prelude::*;

use crate::dress::xls::{self, Records};
use crate::dress::xlsb::{self, record};
use crate::dress::{ALL, Book, Page, number, ods, text};
use crate::{Folder, Read, options, read, read_with, rows};

fn told(bytes: impl AsRef<[u8]>) -> Result<Read, Unreadable> {
    let folder = Folder::new();
    read(&folder.file("enemy.dat", bytes))
}

fn xls_with(change: impl Fn(usize, &mut Records)) -> Result<Read, Unreadable> {
    told(xls::write_changed(&Book::plain(), change))
}

fn xlsb_with(change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Result<Read, Unreadable> {
    told(xlsb::write_changed(&Book::plain(), change))
}

fn ods_with(change: impl Fn(&str, String) -> String) -> Result<Read, Unreadable> {
    told(ods::write_changed(&Book::plain(), change))
}

fn is_damaged(result: &Result<Read, Unreadable>) -> bool {
    matches!(result, Err(Unreadable::Damaged(_)))
}

fn is_too_large(result: &Result<Read, Unreadable>) -> bool {
    matches!(result, Err(Unreadable::TooLarge { .. }))
}

#[test]
fn a_workbook_with_a_password_is_told_in_every_format() {
    let old = xls_with(|part, records| {
        if part == 0 {
            records.insert(1, (0x002F, vec![1, 0, 1, 0, 1, 0]));
        }
    });
    assert!(matches!(old, Err(Unreadable::Encrypted)), "{old:?}");
    let open = ods_with(|name, text| match name {
        "META-INF/manifest.xml" => {
            text.replace("/>", "><manifest:encryption-data/></manifest:file-entry>")
        }
        _ => text,
    });
    assert!(matches!(open, Err(Unreadable::Encrypted)), "{open:?}");
    let new = told(xls::container("EncryptedPackage", &[7; 5_000]));
    assert!(matches!(new, Err(Unreadable::Encrypted)), "{new:?}");
}

#[test]
fn other_documents_of_old_office_are_told_from_workbooks() {
    for (stream, said) in [
        ("WordDocument", "Word document"),
        ("PowerPoint Document", "PowerPoint"),
        ("__properties_version1.0", "e-mail"),
        ("Something", "without a sheet"),
    ] {
        let error = told(xls::container(stream, b"")).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    for start in [
        b"\x09\x00\x04\x00",
        b"\x09\x02\x06\x00",
        b"\x09\x04\x06\x00",
    ] {
        let error = told([start.as_slice(), &[0; 100]].concat()).unwrap_err();
        assert!(matches!(error, Unreadable::OldExcel), "{error:?}");
    }
    let excel_4 = xls_with(|part, records| {
        if part == 0 {
            records[0].0 = 0x0409;
        }
    });
    assert!(matches!(excel_4, Err(Unreadable::OldExcel)), "{excel_4:?}");
}

#[test]
fn texts_of_excel_95_are_read_in_their_own_letters() {
    let words = |words: &[u16]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    let urdu = encoding_rs::WINDOWS_1256.encode("فاطمہ").0.into_owned();
    let mut sheet: Records = vec![(0x0809, words(&[0x0500, 0x0010, 0, 0]))];
    sheet.push((0x0200, words(&[0, 2, 0, 4, 0])));
    let label = |row: u16, column: u16, bytes: &[u8]| {
        let count = u16::try_from(bytes.len()).unwrap();
        (
            0x0204,
            [words(&[row, column, 0, count]), bytes.to_vec()].concat(),
        )
    };
    for (column, heading) in (0..).zip(["Name", "Roll No", "Fee", "Due Date"]) {
        sheet.push(label(0, column, heading.as_bytes()));
    }
    sheet.push(label(1, 0, &urdu));
    sheet.push(label(1, 1, b"FS-1"));
    // Three whole numbers in one record, the last of them blank of meaning.
    let mut many = words(&[1, 2]);
    for value in ["1500", "49373"] {
        many.extend(words(&[0]));
        many.extend(xls::packed(value).unwrap().to_le_bytes());
    }
    many.extend(words(&[3]));
    sheet.push((0x00BD, many));
    sheet.push((0x000A, Vec::new()));
    let mut listed = vec![0, 0, 0, 0, 0, 0, 4];
    listed.extend(b"Fees");
    let globals: Records = vec![
        (0x0809, words(&[0x0500, 0x0005, 0, 0])),
        (0x0042, words(&[1256])),
        (0x0085, listed),
        (0x000A, Vec::new()),
    ];
    let read = told(xls::container("Book", &xls::stream(vec![globals, sheet]))).unwrap();
    assert_eq!(
        rows(&read),
        [(2, ["فاطمہ", "FS-1", "1500.00", "2035-03-05", ""])]
    );
    assert_eq!(read.sheets[0].name, "Fees");
}

#[test]
fn rows_that_an_old_program_wrote_out_of_order_are_sorted() {
    let book = || {
        let mut page = Page::new("A");
        page.headings(0)
            .bill(1, "Ali", "FS-1", "1")
            .bill(2, "Sana", "FS-2", "2")
            .bill(3, "Zain", "FS-3", "3");
        Book::of(page)
    };
    let by_column = |records: &mut Records| {
        let is_cell = |record: &(u16, Vec<u8>)| matches!(record.0, 0x00FD | 0x027E);
        let mut cells: Records = records
            .iter()
            .filter(|record| is_cell(record))
            .cloned()
            .collect();
        cells.sort_by_key(|(_, data)| (data[2], std::cmp::Reverse(data[0])));
        records.retain(|record| !is_cell(record));
        let end = records.len() - 1;
        records.splice(end..end, cells);
    };
    let sorted = told(xls::write_changed(&book(), |part, records| {
        if part == 1 {
            by_column(records);
        }
    }))
    .unwrap();
    let ids: Vec<(u32, &str)> = sorted
        .rows
        .iter()
        .map(|row| (row.number, row.values[1].as_str()))
        .collect();
    assert_eq!(ids, [(2, "FS-1"), (3, "FS-2"), (4, "FS-3")]);
    let twice = told(xls::write_changed(&book(), |part, records| {
        if part == 1 {
            by_column(records);
            let last = records.len() - 1;
            records.insert(last, records[last - 1].clone());
        }
    }));
    assert!(is_damaged(&twice), "{twice:?}");
    let folder = Folder::new();
    let path = folder.file(
        "wide.xls",
        xls::write_changed(&book(), |part, records| {
            if part == 1 {
                by_column(records);
            }
        }),
    );
    let mut options = options();
    options.limits.unordered_bytes = 100;
    assert!(is_too_large(&read_with(&path, &options)));
}

#[test]
fn an_old_workbook_that_lies_is_refused_or_read_as_what_is_there() {
    // A text that is not there.
    let beyond = xls_with(|part, records| {
        if let Some((_, data)) = records
            .iter_mut()
            .find(|(number, _)| part == 1 && *number == 0x00FD)
        {
            data[6..10].copy_from_slice(&u32::MAX.to_le_bytes());
        }
    });
    assert!(is_damaged(&beyond), "{beyond:?}");
    // Four billion texts, and a grid of everything: nothing is reserved for it.
    let claims = xls_with(|_, records| {
        for (number, data) in records {
            match number {
                0x00FC => data[..8].copy_from_slice(&[0xFF; 8]),
                0x0200 => data[..12].copy_from_slice(&[0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 1]),
                _ => {}
            }
        }
    })
    .unwrap();
    assert_eq!(claims.rows.len(), 1);
    // A sheet that is somewhere else.
    for place in [0u32, 3, 0x7FFF_FFFF, u32::MAX] {
        let stream = xls::write_changed(&Book::plain(), |_, _| {});
        let at = stream
            .windows(4)
            .position(|part| part == [0x85, 0, 22, 0])
            .unwrap()
            + 4;
        let mut stream = stream;
        stream[at..at + 4].copy_from_slice(&place.to_le_bytes());
        let elsewhere = told(&stream);
        assert!(elsewhere.is_err(), "{place} {elsewhere:?}");
    }
    // Cells and texts cut short, and no end.
    for (number, bytes) in [
        (0x00FD, 8),
        (0x027E, 6),
        (0x0085, 5),
        (0x00E0, 1),
        (0x041E, 1),
    ] {
        let cut = xls_with(|_, records| {
            for (_, data) in records.iter_mut().filter(|(other, _)| *other == number) {
                data.truncate(bytes);
            }
        });
        assert!(
            cut.is_err() || number != 0x00FD && number != 0x027E,
            "{number} {cut:?}"
        );
    }
    let endless = xls_with(|part, records| {
        if part == 1 {
            records.pop();
        }
    });
    assert!(is_damaged(&endless), "{endless:?}");
    // A column that no old worksheet has, and one beyond all that are read.
    let wide = xls_with(|part, records| {
        if let Some((_, data)) = records
            .iter_mut()
            .rfind(|(number, _)| part == 1 && *number == 0x027E)
        {
            data[2..4].copy_from_slice(&[0xFF, 0x3F]);
        }
    });
    assert!(is_too_large(&wide), "{wide:?}");
}

#[test]
fn what_excel_puts_beside_texts_and_cells_is_no_part_of_them() {
    let words = |words: &[u16]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    let read = xls_with(|part, records| {
        if part == 0 {
            // The texts anew: with letters of several looks, and how they are
            // spoken, each in a record of its own.
            let texts = [
                "Student Name",
                "Reg No",
                "Fee",
                "Due Date",
                "After Due Date",
                "Ali",
                "FS-1",
            ];
            let first = records
                .iter()
                .position(|(number, _)| *number == 0x00FC)
                .unwrap();
            records.retain(|(number, _)| !matches!(number, 0x00FC | 0x003C));
            let mut all = vec![(0x00FC, vec![9; 8])];
            for text in texts {
                let mut head = words(&[u16::try_from(text.len()).unwrap()]);
                head.push(0x0C);
                head.extend(words(&[2, 6, 0]));
                let (one, two) = text.as_bytes().split_at(1);
                head.extend(one);
                all.push((0x003C, head));
                // The letters go on, two bytes each.
                let mut rest = vec![1];
                rest.extend(two.iter().flat_map(|letter| [*letter, 0]));
                rest.extend([7; 5]);
                all.push((0x003C, rest));
                all.push((0x003C, vec![7; 9]));
            }
            records.splice(first..first, all);
        } else {
            // A chart with cells of its own, and what lies between a formula
            // and its text.
            let amount = records
                .iter()
                .position(|(number, _)| *number == 0x027E)
                .unwrap();
            let chart = [
                (0x0809, words(&[0x0600, 0x0020, 0, 0])),
                (0x0203, [words(&[9, 9, 0]), vec![0; 8]].concat()),
                (0x000A, Vec::new()),
            ];
            let mut formula = words(&[1, 4, 0]);
            formula.extend([0, 0, 0, 0, 0, 0, 255, 255]);
            formula.extend([0; 8]);
            let mut text = words(&[6]);
            text.extend(b"\x001,600.");
            let late = [(0x0006, formula), (0x04BC, vec![0; 10]), (0x0207, text)];
            records.splice(amount..amount, chart);
            let end = records.len() - 1;
            records.splice(end..end, late);
        }
    })
    .unwrap();
    assert_eq!(
        rows(&read),
        [(2, ["Ali", "FS-1", "1500.00", "2035-03-05", "1600.00"])]
    );
}

#[test]
fn sheets_that_lie_inside_one_another_are_not_read_again_and_again() {
    let mut book = Book::plain();
    for number in 0..400 {
        book.pages.push(Page::new(&format!("{number}")));
    }
    let mut page = Page::new("long");
    for row in 1..2_000 {
        page.row(row, [text("Ali"), text("FS-1"), number("1"), number("2")]);
    }
    book.pages.push(page);
    // Each sheet but the last goes on into the next one, and all end there.
    let nested = told(xls::write_changed(&book, |part, records| match part {
        0 => {}
        402 => records.extend(vec![(0x000A, Vec::new()); 401]),
        _ => drop(records.pop()),
    }));
    assert!(
        matches!(&nested, Err(Unreadable::Damaged(why)) if why.contains("inside one another")),
        "{nested:?}"
    );
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

#[test]
fn a_container_that_leads_in_a_circle_or_nowhere_is_refused() {
    let good = xls::write(&Book::plain());
    assert_eq!(told(&good).unwrap().rows.len(), 1);
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        told(&file)
    };
    let one = 1u32.to_le_bytes();
    for (at, bytes) in [
        // Sectors of no known size, and no small ones.
        (30, &[0xFF, 0xFF][..]),
        (32, &[9, 0]),
        // The directory, the table, and a list of tables elsewhere.
        (48, &[0xFF, 0xFF, 0xFF, 0x00]),
        (76, &[0xFF, 0xFF, 0xFF, 0x00]),
        (68, &[0xFF, 0xFF, 0xFF, 0x00]),
        // The table twice.
        (80, &[0, 0, 0, 0]),
    ] {
        let broken = with(at, bytes);
        assert!(broken.is_err(), "{at} {broken:?}");
    }
    // The directory follows itself; the stream does.
    let circle = with(512 + 4, &one);
    assert!(is_damaged(&circle), "{circle:?}");
    let circle = with(512 + 8, &2u32.to_le_bytes());
    assert!(circle.is_err(), "{circle:?}");
    // A stream of four gigabytes is as long as its sectors are.
    let claims = with(512 + 512 + 128 + 120, &u32::MAX.to_le_bytes());
    assert_eq!(claims.unwrap().rows.len(), 1);
    // Entries that name each other.
    let circle = with(512 + 512 + 128 + 68, &one);
    assert_eq!(circle.unwrap().rows.len(), 1);
    for cut in [600, 1_100, 1_700] {
        let short = told(&good[..cut]);
        assert!(short.is_err(), "{cut} {short:?}");
    }
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
fn two_billion_repeats_cost_nothing() {
    let with = |from: &str, to: &str| {
        ods_with(|name, text| match name {
            "content.xml" => {
                assert!(text.contains(from));
                text.replacen(from, to, 1)
            }
            _ => text,
        })
    };
    let many = "2000000000";
    // Of nothing: it is passed over.
    let blank = with(
        "table:number-rows-repeated=\"1048574\"",
        "table:number-rows-repeated=\"99999999999999999999999999\"",
    );
    assert_eq!(blank.unwrap().rows.len(), 1);
    let blank = with(
        "<table:table-row>",
        &format!(
            "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"{many}\"/></table:table-row><table:table-row>"
        ),
    );
    assert_eq!(blank.unwrap().rows[0].number, 5);
    // Of something.
    let cells = with(
        "<table:table-cell office:value-type=\"float\"",
        &format!(
            "<table:table-cell table:number-columns-repeated=\"{many}\" office:value-type=\"float\""
        ),
    );
    assert!(is_too_large(&cells), "{cells:?}");
    let rows = with(
        "</table:table-row><table:table-row>",
        &format!("</table:table-row><table:table-row table:number-rows-repeated=\"{many}\">"),
    );
    assert!(is_too_large(&rows), "{rows:?}");
    let far = with(
        "<table:table-row>",
        &format!("<table:table-row table:number-rows-repeated=\"{many}\"/><table:table-row>"),
    );
    assert!(far.is_err(), "{far:?}");
    let blanks = with(
        "<text:p>Ali</text:p>",
        &format!("<text:p>Ali<text:s text:c=\"{many}\"/></text:p>"),
    );
    assert!(is_too_large(&blanks), "{blanks:?}");
    // Equal rows that were saved as one are each a row.
    let twice = with(
        "</table:table-row><table:table-row>",
        "</table:table-row><table:table-row table:number-rows-repeated=\"3\">",
    )
    .unwrap();
    let numbers: Vec<u32> = twice.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [2, 3, 4]);
}

#[test]
fn an_open_document_that_lies_is_refused() {
    let with = |from: &str, to: &str| {
        ods_with(|name, text| match name {
            "content.xml" => {
                assert!(text.contains(from));
                text.replacen(from, to, 1)
            }
            _ => text,
        })
    };
    let long = "x".repeat(3 << 20);
    for (from, to) in [
        // A text, a remark, and a quoted text without end; the last two hold
        // what looks like tags.
        ("Ali", long.as_str()),
        ("Ali", &format!("<!--{}-->", "<a>".repeat(1 << 20))),
        ("Ali", &format!("<![CDATA[{}]]>", "<a>".repeat(1 << 20))),
        ("Class 5", &long),
    ] {
        let huge = with(from, to);
        assert!(is_too_large(&huge), "{huge:?}");
    }
    for (from, to) in [
        (
            "<office:document-content>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><office:document-content>",
        ),
        ("Ali", "&undeclared;"),
        ("Ali", &"<a>".repeat(1_000)),
        ("</table:table-row>", ""),
        ("</office:document-content>", ""),
        (
            "<office:spreadsheet>",
            "<table:null-date table:date-value=\"1900-01-01\"/><office:spreadsheet>",
        ),
        ("<text:p>Ali", "<table:table/><text:p>Ali"),
    ] {
        let broken = with(from, to);
        assert!(is_damaged(&broken), "{from} {to:.60} {broken:?}");
    }
    let nothing = ods_with(|name, text| {
        if name == "content.xml" {
            String::new()
        } else {
            text
        }
    });
    assert!(nothing.is_err(), "{nothing:?}");
}

#[test]
fn what_lies_beside_the_text_of_an_open_cell_is_no_part_of_it() {
    let read = ods_with(|name, text| match name {
        "content.xml" => text
            .replacen("<text:p>Ali</text:p>", "<office:annotation><text:p>ask his father</text:p></office:annotation><draw:frame><text:p>picture</text:p></draw:frame><text:p>\n  Ali  <text:span>Khan</text:span>\n<text:s text:c=\"2\"/>Jr&#46; &amp; Co</text:p>", 1)
            .replacen("<table:table ", "<table:tracked-changes><table:table table:name=\"x\"/></table:tracked-changes><table:table ", 1)
            .replacen("<table:table-column ", "<table:shapes><draw:frame><table:table table:name=\"y\"/></draw:frame></table:shapes><table:table-column ", 1),
        _ => text,
    })
    .unwrap();
    assert_eq!(read.rows[0].values[0], "Ali Khan   Jr. & Co");
    assert_eq!(read.sheets.len(), 1);
}

#[test]
fn numbers_that_are_no_numbers_are_errors() {
    let infinite = xls_with(|part, records| {
        if let Some((number, data)) = records
            .iter_mut()
            .find(|(number, _)| part == 1 && *number == 0x027E)
        {
            *number = 0x0203;
            data.truncate(6);
            data.extend(f64::INFINITY.to_bits().to_le_bytes());
        }
    })
    .unwrap();
    assert_eq!(infinite.rows[0].values[2], "ErrorCell(\"#NUM!\")");
}

#[test]
fn macros_are_mentioned_in_every_format() {
    let book = ods::write_changed(&Book::plain(), |_, text| text);
    let folder = Folder::new();
    let path = folder.file("plain.ods", &book);
    let with = folder.at("macros.ods");
    let mut archive = zip::ZipWriter::new_append(
        std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap(),
    )
    .unwrap();
    let plain = zip::write::SimpleFileOptions::default();
    archive.start_file("Basic/script-lc.xml", plain).unwrap();
    archive.finish().unwrap();
    std::fs::copy(&path, &with).unwrap();
    assert!(read(&with).unwrap().notes[0].contains("macros"));
}

#[test]
fn a_page_of_many_texts_goes_over_several_records() {
    let mut page = Page::new("A");
    page.headings(0);
    for row in 1..400 {
        let title = format!("Ṭālib‑e‑ʿilm {row}, فلاں بن فلاں 💰");
        page.row(
            row,
            [
                text(&title),
                text(&format!("FS-{row}")),
                number("1"),
                number("49373"),
            ],
        );
    }
    for dress in ALL {
        let read = told(dress.write(&Book::of(page.clone()))).unwrap();
        assert_eq!(read.rows.len(), 399, "{dress:?}");
        assert_eq!(read.rows[398].values[0], "Ṭālib‑e‑ʿilm 399, فلاں بن فلاں 💰");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_damage_to_a_workbook_of_any_format_panics(
        dress in prop::sample::select(ALL.to_vec()),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = dress.write(&Book::plain());
        for (at, byte) in damages {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = told(&bytes);
    }

    /// The archive around a part checks its bytes, so parts are damaged before
    /// they are put into it.
    #[test]
    fn no_damage_to_a_part_panics(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        part in prop::sample::select(vec!["xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin", "xl/worksheets/sheet1.bin"]),
    ) {
        let damaged = |mut bytes: Vec<u8>| {
            for (at, byte) in &damages {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes
        };
        let _ = xlsb_with(|name, bytes| if name == part { damaged(bytes) } else { bytes });
        let _ = ods_with(|name, text| {
            if name == "content.xml" {
                String::from_utf8_lossy(&damaged(text.into_bytes())).into_owned()
            } else {
                text
            }
        });
        let mut stream = xls::write(&Book::plain());
        let body = damaged(stream.split_off(1_536));
        stream.extend(body);
        let _ = told(&stream);
    }
}
