//! Old Excel workbooks that are broken, or meant to break, and what Excel and
//! other programs put into them.

use fee_sheet::Unreadable;

use crate::dress::xls::{self, Records};
use crate::dress::{Book, Page, number, text};
use crate::enemy_books::{is_damaged, is_too_large, told};
use crate::{Folder, Read, options, read_with, rows};

pub(crate) fn xls_with(change: impl Fn(usize, &mut Records)) -> Result<Read, Unreadable> {
    told(xls::write_changed(&Book::plain(), change))
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
fn what_is_left_behind_the_texts_is_none_of_them() {
    let with = |said: u32| {
        xls_with(|part, records| {
            if part == 0 {
                let first = records.iter().position(|(number, _)| *number == 0x00FC);
                let first = first.unwrap();
                records[first].1[4..8].copy_from_slice(&said.to_le_bytes());
                let last = records
                    .iter()
                    .rposition(|(number, _)| matches!(number, 0x00FC | 0x003C));
                records[last.unwrap()].1.extend([0xFF; 5]);
            }
        })
    };
    assert_eq!(with(7).unwrap().rows.len(), 1);
    let lost = with(8);
    assert!(is_damaged(&lost), "{lost:?}");
}

#[test]
fn a_workbook_of_many_megabytes_is_read_to_its_end() {
    let mut page = Page::new("A");
    page.headings(0).bill(1, "Ali", "FS-1", "1500");
    // Pictures lie between the rows, and make the list of sectors a long one.
    page.bill(2, "Sana", "FS-2", "1500");
    let large = xls::write_changed(&Book::of(page), |part, records| {
        if part == 1 {
            let pictures = vec![(0x00EC, vec![7; 8_000]); 2_000];
            let end = records.len() - 5;
            records.splice(end..end, pictures);
        }
    });
    assert!(large.len() > 15 << 20);
    let read = told(&large).unwrap();
    assert_eq!(read.rows[1].values[1], "FS-2");
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
