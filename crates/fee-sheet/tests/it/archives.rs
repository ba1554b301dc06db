//! Archives (ZIP) with sheets in them.

use std::io::{Cursor, Write};

use fee_sheet::Unreadable;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::dress::{Book, Dress, Page, archive, ods, xls, xlsb, xlsx};
use crate::{Folder, Read, left, options, read, read_with};

const CSV: &[u8] = b"Name,Roll No,Fee,Due Date\nSana,FS-2,1200,2035-03-05\n";

fn book(name: &str, id: &str) -> Book {
    let mut page = Page::new(name);
    page.headings(0).bill(1, "Ali", id, "1500");
    Book::of(page)
}

fn told(parts: Vec<(&str, Vec<u8>)>) -> Result<Read, Unreadable> {
    let folder = Folder::new();
    read(&folder.file("fees.zip", archive(parts)))
}

/// The sheets' names, and the identifiers of their rows.
fn taken(read: &Read) -> Vec<(&str, u32, &str)> {
    read.rows
        .iter()
        .map(|row| {
            let sheet = read.sheets[row.sheet].name.as_str();
            (sheet, row.number, row.values[1].as_str())
        })
        .collect()
}

#[test]
fn every_sheet_in_an_archive_is_read_under_its_own_name() {
    let read = told(vec![
        ("Class 1.xlsx", xlsx::write(&book("Boys", "FS-1"))),
        ("more/class 2.csv", CSV.to_vec()),
        ("more/class 3.ods", ods::write(&book("Girls", "FS-3"))),
        ("class 4.xls", xls::write(&book("Boys", "FS-4"))),
        ("class 5.dat", xlsb::write(&book("Boys", "FS-5"))),
    ])
    .unwrap();
    assert_eq!(
        taken(&read),
        [
            ("Class 1.xlsx: Boys", 2, "FS-1"),
            ("more/class 2.csv", 2, "FS-2"),
            ("more/class 3.ods: Girls", 2, "FS-3"),
            ("class 4.xls: Boys", 2, "FS-4"),
            ("class 5.dat: Boys", 2, "FS-5"),
        ]
    );
}

#[test]
fn what_is_no_sheet_is_left_and_named() {
    let read = told(vec![
        ("__MACOSX/._a.csv", b"\0\x05\x16\x07".to_vec()),
        (".DS_Store", b"\0\0\0\x01Bud1".to_vec()),
        ("fees/Thumbs.db", b"\xd0\xcf".to_vec()),
        ("notice.pdf", b"%PDF-1.7".to_vec()),
        ("crest.png", b"\x89PNG\r\n".to_vec()),
        ("empty.csv", Vec::new()),
        (
            "readme.txt",
            b"Please bill all of them\nThank you\n".to_vec(),
        ),
        ("a.csv", CSV.to_vec()),
    ])
    .unwrap();
    assert_eq!(taken(&read), [("a.csv", 2, "FS-2")]);
    let said: Vec<String> = read
        .left_out
        .iter()
        .map(|left| format!("{}: {}", left.sheet, left.why))
        .collect();
    assert_eq!(
        said,
        [
            "notice.pdf: the file is left: it is a PDF",
            "crest.png: the file is left: it is a picture",
            "empty.csv: the file is left: it is empty",
            "readme.txt: the sheet is left: no line of it has all the headings that are needed",
        ]
    );
    assert!(
        read.notes[0].contains("`__MACOSX/._a.csv`, `.DS_Store`, `fees/Thumbs.db`"),
        "{:?}",
        read.notes
    );
}

#[test]
fn notes_and_hidden_sheets_of_a_file_in_an_archive_are_told() {
    let mut old = Page::new("Old");
    old.hidden = true;
    old.headings(0).bill(1, "Never", "FS-9", "1");
    let mut both = book("Boys", "FS-1");
    both.pages.push(old);
    let read = told(vec![("a.xls", xls::write(&both))]).unwrap();
    assert_eq!(taken(&read), [("a.xls: Boys", 2, "FS-1")]);
    assert_eq!(left(&read), [(1, "the sheet is left: it is hidden")]);
    assert_eq!(read.left_out[0].sheet, "a.xls: Old");
    assert!(read.notes[0].starts_with("a.xls: "), "{:?}", read.notes);
}

#[test]
fn a_file_that_may_be_a_sheet_and_cant_be_read_refuses_the_archive() {
    let encrypted = xls::container("EncryptedPackage", &[7; 5_000]);
    let inner = archive(vec![("b.csv", CSV.to_vec())]);
    for (name, bytes, said) in [
        ("b.xlsx", encrypted, "password"),
        (
            "b.xls",
            b"<html><table></table></html>".to_vec(),
            "web page",
        ),
        ("b.xlsx", b"PK\x03\x04 cut short".to_vec(), "damaged"),
        ("b.zip", inner, "an archive inside an archive"),
        (
            "b.csv",
            b"Name,Roll No,Fee,Due Date\n\"Ali,1,1,2035-03-05\n".to_vec(),
            "quotation mark",
        ),
    ] {
        let error = told(vec![("a.csv", CSV.to_vec()), (name, bytes)]).unwrap_err();
        assert!(
            matches!(&error, Unreadable::Member { member, .. } if member == name),
            "{error:?}"
        );
        assert!(error.to_string().contains(said), "{error}");
    }
    let error = told(vec![("a.pdf", b"%PDF-1.7".to_vec())]).unwrap_err();
    assert!(
        matches!(&error, Unreadable::NoSheetInside { found } if found == "`a.pdf`"),
        "{error:?}"
    );
}

#[test]
fn names_in_an_archive_are_only_names() {
    let read = told(vec![
        ("../../../etc/cron.d/a.csv", CSV.to_vec()),
        ("/absolute.csv", CSV.to_vec()),
        ("c:\\windows\\b.csv", CSV.to_vec()),
        ("two\nlines\u{202e}.csv", CSV.to_vec()),
        ("two_lines_.csv", CSV.to_vec()),
    ])
    .unwrap();
    let names: Vec<&str> = read
        .sheets
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "../../../etc/cron.d/a.csv",
            "/absolute.csv",
            "c:/windows/b.csv",
            "two_lines_.csv",
            "two_lines_.csv (2)",
        ]
    );
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let mut bytes = archive(vec![("a.csv", CSV.to_vec()), ("b.csv", CSV.to_vec())]);
    for at in 0..bytes.len() - 5 {
        if &bytes[at..at + 5] == b"b.csv" {
            bytes[at] = b'a';
        }
    }
    let folder = Folder::new();
    let error = read(&folder.file("a.zip", &bytes)).unwrap_err();
    assert!(error.to_string().contains("two entries"), "{error}");
}

#[test]
fn archives_beyond_reason_are_refused_before_they_are_unpacked() {
    let folder = Folder::new();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..300 {
        let name = format!("{number}.csv");
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
    }
    let many = writer.finish().unwrap().into_inner();
    let path = folder.file("many.zip", &many);
    let mut limited = options();
    limited.limits.archive_entries = 299;
    let error = read_with(&path, &limited).unwrap_err();
    assert!(
        matches!(&error, Unreadable::TooLarge { what, .. } if what.contains("300 parts")),
        "{error:?}"
    );
    // It says less than there is, or two hundred thousand more.
    let end = many.len() - 22;
    for said in [10u16, 65_000] {
        let mut lying = many.clone();
        lying[end + 8..end + 10].copy_from_slice(&said.to_le_bytes());
        lying[end + 10..end + 12].copy_from_slice(&said.to_le_bytes());
        let result = read(&folder.file("lying.zip", &lying));
        assert!(result.is_err(), "{said} {result:?}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("a.csv", SimpleFileOptions::default())
        .unwrap();
    writer.write_all(&vec![b' '; 3 << 20]).unwrap();
    let path = folder.file("bomb.zip", writer.finish().unwrap().into_inner());
    let mut limited = options();
    limited.limits.member_bytes = 1 << 20;
    let error = read_with(&path, &limited).unwrap_err();
    assert!(
        matches!(&error, Unreadable::Member { why, .. } if matches!(**why, Unreadable::TooLarge { .. })),
        "{error:?}"
    );
    let mut limited = options();
    limited.limits.inflated_bytes = 1 << 20;
    let error = read_with(&path, &limited).unwrap_err();
    assert!(error.to_string().contains("when unpacked"), "{error}");
}

#[test]
fn an_archive_that_asks_for_a_password_says_so() {
    let mut bytes = archive(vec![("a.csv", CSV.to_vec())]);
    // The mark that an entry is encrypted, in front of it and in the list.
    bytes[6] |= 1;
    let list = bytes
        .windows(4)
        .position(|part| part == b"PK\x01\x02")
        .unwrap();
    bytes[list + 8] |= 1;
    let folder = Folder::new();
    let error = read(&folder.file("a.zip", &bytes)).unwrap_err();
    assert!(error.to_string().contains("password"), "{error}");
}

#[test]
fn results_of_an_archive_are_a_workbook_of_all_its_sheets() {
    use calamine::Reader;
    let folder = Folder::new();
    let path = folder.file(
        "fees.zip",
        archive(vec![
            ("class 1.xlsx", Dress::Xlsx.write(&book("Boys", "FS-1"))),
            ("class 2.csv", CSV.to_vec()),
        ]),
    );
    let out = folder.at("fees.zip.results.xlsx");
    let mut asked = Vec::new();
    fee_sheet::write_result_xlsx(&path, "fees.zip", &options(), &out, &mut |sheet, row| {
        asked.push((sheet.to_owned(), row));
        Some(fee_sheet::RowResult {
            state: "billed".into(),
            psid: Some(format!("1000{}", asked.len() - 1).into()),
            message: "".into(),
        })
    })
    .unwrap();
    let places = [("class 1.xlsx: Boys", 2), ("class 2.csv", 2)];
    assert_eq!(asked, places.map(|(sheet, row)| (sheet.to_owned(), row)));
    let mut results: calamine::Xlsx<_> = calamine::open_workbook(&out).unwrap();
    let sheets: Vec<(String, Vec<String>)> = results
        .worksheets()
        .into_iter()
        .map(|(name, range)| {
            let last = range.rows().next_back().unwrap();
            (name, last.iter().map(ToString::to_string).collect())
        })
        .collect();
    assert_eq!(sheets[0].0, "class 1.xlsx_ Boys");
    assert_eq!(sheets[1].0, "class 2.csv");
    assert!(sheets[0].1.contains(&"10000".to_owned()), "{sheets:?}");
    assert!(sheets[1].1.contains(&"10001".to_owned()), "{sheets:?}");
}

#[test]
fn a_document_of_another_program_is_told_from_an_archive_of_sheets() {
    for (part, said) in [
        ("word/document.xml", "Word document"),
        ("ppt/presentation.xml", "PowerPoint"),
        ("Index/Document.iwa", "Apple Numbers"),
    ] {
        let error = told(vec![
            ("[Content_Types].xml", b"<a/>".to_vec()),
            (part, b"<a/>".to_vec()),
        ])
        .unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    let older = told(vec![
        ("index.xml", b"<?xml?><a/>".to_vec()),
        ("buildVersionHistory.plist", b"<a/>".to_vec()),
    ]);
    let older = older.unwrap_err().to_string();
    assert!(older.contains("Apple Numbers"), "{older}");
    for (kind, said) in [
        ("application/vnd.oasis.opendocument.text", "no sheet"),
        ("application/vnd.sun.xml.calc", "OpenOffice 1"),
        ("application/epub+zip", "no sheet"),
    ] {
        let parts = vec![
            ("mimetype", kind.as_bytes().to_vec()),
            ("content.xml", text_of_nothing()),
        ];
        let error = told(parts).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    let folder = Folder::new();
    let said = |bytes: &[u8]| read(&folder.file("a.xls", bytes)).unwrap_err().to_string();
    assert!(said(b"{\"url\":\"https://docs.google.com/open?id=1\"}").contains("Google"));
    assert!(said(b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">").contains("Excel 2003"));
    assert!(
        said(b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x")
            .contains("web page")
    );
    assert!(said(b"ID;PWXL;N;E\nC;Y1;X1;K\"a\"").contains("SYLK"));
    assert!(said(b"PK\x07\x08PK\x03\x04").contains("split archive"));
    // Headings that begin like other files.
    for heading in [
        "ID;P/Name;Fee;Due Date",
        "MZ Name;ID;Fee;Due Date",
        "RIFF Name;ID;Fee;Due Date",
    ] {
        let names = ["Name", "P/Name", "MZ Name", "RIFF Name"].map(str::to_owned);
        let mut options = options();
        options.columns.insert("title".to_owned(), names.to_vec());
        let path = folder.file("a.csv", format!("{heading}\n1;2;1500;2035-03-05\n"));
        assert_eq!(
            read_with(&path, &options).unwrap().rows.len(),
            1,
            "{heading}"
        );
    }
}

fn text_of_nothing() -> Vec<u8> {
    b"<office:document-content/>".to_vec()
}
