//! Files that are broken, or meant to break: each is read or refused in a
//! sentence, at once and in little memory.

use std::io::{Read, Write};
use std::path::Path;

use fee_sheet::Unreadable;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{Folder, options, read, read_with};

/// Copies a workbook with the text of its parts changed.
pub(crate) fn rewrite(from: &Path, to: &Path, change: impl Fn(&str, String) -> String) {
    let mut archive = ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut writer = ZipWriter::new(std::fs::File::create(to).unwrap());
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        writer
            .start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        writer.write_all(change(&name, text).as_bytes()).unwrap();
    }
    writer.finish().unwrap();
}

fn plain_book(path: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (heading, value)) in (0..).zip([
        ("Name", "Ali"),
        ("Roll No", "1"),
        ("Fee", "1500"),
        ("Due Date", "2035-03-05"),
    ]) {
        sheet.write_string(0, column, heading).unwrap();
        sheet.write_string(1, column, value).unwrap();
    }
    book.save(path).unwrap();
}

fn changed(change: impl Fn(&str, String) -> String) -> Result<crate::Read, Unreadable> {
    let folder = Folder::new();
    let plain = folder.at("plain.xlsx");
    plain_book(&plain);
    let enemy = folder.at("enemy.xlsx");
    rewrite(&plain, &enemy, change);
    read(&enemy)
}

#[test]
fn what_other_programs_lay_beside_a_workbook_does_not_matter() {
    let folder = Folder::new();
    let path = folder.at("plain.xlsx");
    plain_book(&path);
    let open = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path);
    let mut archive = ZipWriter::new_append(open.unwrap()).unwrap();
    let wide: Vec<u8> = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for part in [
        "customXml/item1.xml",
        "xl/customProperty1.bin",
        "docProps/custom.xml",
    ] {
        let plain = SimpleFileOptions::default();
        archive.start_file(part, plain).unwrap();
        archive.write_all(&wide).unwrap();
    }
    archive.finish().unwrap();
    assert_eq!(read(&path).unwrap().rows.len(), 1);
}

#[test]
fn a_grid_with_only_its_corners_filled_costs_nothing() {
    let error = changed(|name, text| {
        if !name.ends_with("sheet1.xml") {
            return text;
        }
        let corner = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
        text.replace("</sheetData>", corner)
            .replace("A1:D2", "A1:XFD1048576")
    })
    .unwrap_err();
    assert!(
        matches!(&error, Unreadable::TooLarge { what, .. } if what.contains("XFD1048576")),
        "{error:?}"
    );
    // Within the columns it is a note far below, and the rest is read.
    let read = changed(|name, text| {
        let corner = "<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row></sheetData>";
        if name.ends_with("sheet1.xml") {
            text.replace("</sheetData>", corner)
        } else {
            text
        }
    })
    .unwrap();
    assert_eq!((read.rows.len(), read.left_out[0].row), (1, 1_048_576));
}

#[test]
fn counts_that_lie_are_refused_before_anything_is_reserved() {
    let error = changed(|name, text| {
        if name.ends_with("sharedStrings.xml") {
            text.replace("uniqueCount=\"8\"", "uniqueCount=\"4000000000\"")
        } else {
            text
        }
    })
    .unwrap_err();
    assert!(matches!(error, Unreadable::TooLarge { .. }), "{error:?}");
}

#[test]
fn names_without_end_are_refused_before_a_parser_keeps_them() {
    let named = |n: usize| {
        changed(move |name, text| {
            let names = "<definedName name=\"a\">S0!$A$1</definedName>".repeat(n);
            let names = format!("<definedNames>{names}</definedNames></workbook>");
            match name.ends_with("workbook.xml") {
                true => text.replace("</workbook>", &names),
                false => text,
            }
        })
    };
    assert_eq!(named(5_000).unwrap().rows.len(), 1);
    let error = named(100_001).unwrap_err();
    assert!(error.to_string().contains("100000 names"), "{error}");
}

#[test]
fn texts_entities_and_positions_beyond_reason_are_refused() {
    let long = changed(|name, text| {
        if name.ends_with("sharedStrings.xml") {
            text.replace("Ali", &"x".repeat(3 << 20))
        } else {
            text
        }
    });
    assert!(matches!(long, Err(Unreadable::TooLarge { .. })), "{long:?}");
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
        // What looks like tags does not end it, and a parser holds all of it.
        let long = changed(|name, text| {
            let inside = format!("{start}{}{end}<row r=\"2\"", "<a>".repeat(1 << 20));
            if name.ends_with("sheet1.xml") {
                text.replace("<row r=\"2\"", &inside)
            } else {
                text
            }
        });
        assert!(matches!(long, Err(Unreadable::TooLarge { .. })), "{long:?}");
    }
    let entities = changed(|name, text| {
        if name.ends_with("sheet1.xml") {
            text.replace("<worksheet", "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet")
        } else {
            text
        }
    });
    assert!(
        matches!(entities, Err(Unreadable::Damaged(_))),
        "{entities:?}"
    );
    for (from, to) in [
        ("r=\"A2\"", "r=\"A0\""),
        ("r=\"A2\"", "r=\"2\""),
        ("r=\"A2\"", "r=\"ZZZZ2\""),
        ("r=\"B2\"", "r=\"A2\""),
        ("<row r=\"1\"", "<row r=\"99999999999999\""),
        ("<v>7</v>", "<v>70</v>"),
        ("<v>7</v>", "<v>-1</v>"),
        ("</row>", ""),
        ("</sheetData></worksheet>", ""),
        ("<sheetData>", ""),
    ] {
        // Whatever it is taken for, it is not taken for more than one row.
        match changed(|name, text| {
            if name.ends_with("sheet1.xml") {
                text.replace(from, to)
            } else {
                text
            }
        }) {
            Ok(read) => assert!(read.rows.len() <= 1, "{from} {to}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn rows_out_of_order_are_refused_and_cells_out_of_order_are_sorted() {
    let read = changed(|name, text| {
        if !name.ends_with("sheet1.xml") {
            return text;
        }
        let start = text.find("<row r=\"2\"").unwrap();
        let (head, rest) = text.split_at(start);
        let end = rest.find("</row>").unwrap();
        let (cells, tail) = rest.split_at(end);
        let mut cells: Vec<&str> = cells.split_inclusive("</c>").collect();
        let first = cells[0].split_at(cells[0].find("<c ").unwrap());
        cells[0] = first.1;
        cells.reverse();
        format!("{head}{}{}{tail}", first.0, cells.concat())
    })
    .unwrap();
    assert_eq!(
        read.rows[0].values[..4],
        ["Ali", "1", "1500.00", "2035-03-05"]
    );
    let error = changed(|name, text| {
        if !name.ends_with("sheet1.xml") {
            return text;
        }
        text.replace("</sheetData>", "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>")
    });
    assert!(matches!(error, Err(Unreadable::Damaged(_))), "{error:?}");
}

#[test]
fn what_inflates_without_measure_is_refused() {
    let folder = Folder::new();
    let plain = folder.at("plain.xlsx");
    plain_book(&plain);
    let enemy = folder.at("enemy.xlsx");
    rewrite(&plain, &enemy, |name, text| {
        let bomb = format!("{}<sheetData>", "<a/>".repeat(1 << 20));
        if name.ends_with("sheet1.xml") {
            text.replace("<sheetData>", &bomb)
        } else {
            text
        }
    });
    let mut options = options();
    options.limits.inflated_bytes = 2 << 20;
    let error = read_with(&enemy, &options).unwrap_err();
    assert!(matches!(error, Unreadable::TooLarge { .. }), "{error:?}");
}

#[test]
fn files_are_told_by_what_they_hold() {
    let folder = Folder::new();
    let told = |bytes: &[u8]| read(&folder.file("sheet.xls", bytes)).unwrap_err();
    assert!(matches!(told(b""), Unreadable::Empty));
    assert!(matches!(told(b" \n\n"), Unreadable::Empty));
    assert!(matches!(told(b"%PDF-1.7"), Unreadable::Pdf));
    assert!(matches!(
        told(b"\xef\xbb\xbf\n<HTML><table>"),
        Unreadable::Html
    ));
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    assert!(matches!(told(&old), Unreadable::Damaged(_)));
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(matches!(
        told(&[old, vec![0; 70_000], name].concat()),
        Unreadable::Encrypted
    ));
    assert!(matches!(
        told(b"PK\x03\x04 cut short"),
        Unreadable::Damaged(_)
    ));
    assert!(matches!(told(&[0; 5_000]), Unreadable::Damaged(_)));
    assert!(matches!(
        read(folder.0.path()),
        Err(Unreadable::IsDirectory)
    ));
    assert!(matches!(
        read(&folder.at("nowhere")),
        Err(Unreadable::Io(_))
    ));
}

#[test]
fn lines_without_anything_are_called_that() {
    let folder = Folder::new();
    let text = format!("Name,Roll No,Fee,Due Date\n{}", "\n".repeat(3 << 20));
    let why = read(&folder.file("blank.csv", text))
        .unwrap_err()
        .to_string();
    assert!(why.contains("lines from line 2 on are blank"), "{why}");
}

#[test]
fn lines_and_cells_beyond_reason_are_refused() {
    let folder = Folder::new();
    let head = "Name,Roll No,Fee,Due Date\n";
    let line =
        read(&folder.file("line.csv", format!("{head}{}", "x".repeat(3 << 20)))).unwrap_err();
    assert!(matches!(line, Unreadable::TooLarge { .. }), "{line:?}");
    let commas =
        read(&folder.file("commas.csv", format!("{head}{}", ",".repeat(3 << 20)))).unwrap_err();
    assert!(matches!(commas, Unreadable::TooLarge { .. }), "{commas:?}");
    let cell = read(&folder.file(
        "cell.csv",
        format!("{head}{},1,1500,2035-03-05\n", "x".repeat(40 << 10)),
    ))
    .unwrap_err();
    assert!(
        matches!(&cell, Unreadable::TooLarge { what, .. } if what.contains("A2")),
        "{cell:?}"
    );
    let wide = read(&folder.file(
        "wide.csv",
        format!("{head}Ali,1,1500,2035-03-05{}x\n", ",".repeat(2_000)),
    ))
    .unwrap_err();
    assert!(matches!(wide, Unreadable::TooLarge { .. }), "{wide:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_panic_as_text(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let folder = Folder::new();
        let _ = read(&folder.file("any.csv", &bytes));
        let headed = [b"Name,Roll No,Fee,Due Date\n", bytes.as_slice()].concat();
        let _ = read(&folder.file("headed.csv", &headed));
    }

    #[test]
    fn no_pieces_of_a_csv_panic(pieces in prop::collection::vec(
        prop::sample::select(vec!["Name", "Roll No", "Fee", "Due Date", ",", ";", "\t", "\"", "\n", "\r", "\r\n", "1500", "ا", "\0", " "]), 0..120)
    ) {
        let folder = Folder::new();
        let _ = read(&folder.file("pieces.csv", pieces.concat()));
        let _ = read(&folder.file("pieces.csv", format!("Name,Roll No,Fee,Due Date\n{}", pieces.concat())));
    }

    #[test]
    fn no_damage_to_a_workbook_panics(at in 0usize..6_000, byte in any::<u8>(), cut in prop::option::of(0usize..6_000)) {
        let folder = Folder::new();
        let path = folder.at("book.xlsx");
        plain_book(&path);
        let mut bytes = std::fs::read(&path).unwrap();
        let place = at % bytes.len();
        bytes[place] = byte;
        if let Some(cut) = cut {
            bytes.truncate(cut);
        }
        let _ = read(&folder.file("broken.xlsx", &bytes));
    }
}

#[test]
fn a_cell_that_is_nowhere_is_called_that() {
    let folder = Folder::new();
    let plain = folder.at("plain.xlsx");
    plain_book(&plain);
    let enemy = folder.at("enemy.xlsx");
    for nowhere in ["r=\"A0\"", "r=\"A-2\"", "r=\"2\"", "r=\"A\""] {
        rewrite(&plain, &enemy, |_, text| text.replace("r=\"A2\"", nowhere));
        let why = read(&enemy).unwrap_err().to_string();
        assert!(
            why.contains("does not say where it stands"),
            "{nowhere}: {why}"
        );
    }
}

#[test]
fn lines_of_words_are_not_matched_without_end() {
    let folder = Folder::new();
    let mut options = options();
    options.limits.loose_texts = 50;
    let rows = |words: &str| -> String {
        let rows = (0..40).map(|at| format!("Ali{at} {words},R-{at} {words},soon,later\n"));
        format!("Name,Roll No,Fee,Due Date\n{}", rows.collect::<String>())
    };
    let path = folder.file("fees.csv", rows("of class"));
    let why = read_with(&path, &options).unwrap_err().to_string();
    assert!(
        why.contains("too many lines below its headings have neither an amount nor a date"),
        "{why}"
    );
    options.limits.loose_texts = 500;
    assert_eq!(read_with(&path, &options).unwrap().rows.len(), 40);
}

#[test]
fn headings_are_looked_for_in_every_sheet_and_in_few_cells_of_the_last() {
    let folder = Folder::new();
    let mut options = options();
    options.limits.heading_cells = 0;
    let book = |lines: usize| {
        let words = vec!["some words"; 100].join(",");
        let bill = "Name,Roll No,Fee,Due Date\nAli,1,1500,2035-03-05\n";
        format!("{}{bill}", format!("{words}\n").repeat(lines))
    };
    let found = read_with(&folder.file("fees.csv", book(1)), &options);
    assert_eq!(found.unwrap().rows.len(), 1);
    let lost = read_with(&folder.file("fees.csv", book(3)), &options);
    assert!(
        matches!(lost, Err(Unreadable::NoColumns { .. })),
        "{lost:?}"
    );
    options.limits.heading_cells = 4_000;
    let found = read_with(&folder.file("fees.csv", book(3)), &options);
    assert_eq!(found.unwrap().rows.len(), 1);
}
