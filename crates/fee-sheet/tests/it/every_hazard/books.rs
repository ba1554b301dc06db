//! Workbooks that lie: about where their cells are, how large they are, and
//! what their parts hold.

use std::io::Cursor;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Hazard, Must, PLAIN, hazard, plain, refused, rows};
use crate::dress::{Book, Page, archive, number, ods, text, xls, xlsb, xlsx};

const CSV: &str = "Name,Roll No,Fee,Due Date\nAli,FS-1,1500,2035-03-05\n";

/// A plain workbook with one place of one part written otherwise.
fn xlsx_with(part: &str, from: &str, to: &str) -> Vec<u8> {
    xlsx::write_changed(&Book::plain(), |name, text| match name.ends_with(part) {
        true => {
            assert!(text.contains(from), "no {from} in {text}");
            text.replacen(from, to, 1)
        }
        false => text,
    })
}

fn ods_with(from: &str, to: &str) -> Vec<u8> {
    ods::write_changed(&Book::plain(), |name, text| match name {
        "content.xml" => {
            assert!(text.contains(from), "no {from} in {text}");
            text.replacen(from, to, 1)
        }
        _ => text,
    })
}

/// The records of a plain old workbook, each of one number changed.
fn xls_with(number: u16, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    xls::write_changed(&Book::plain(), |_, records| {
        for (_, data) in records.iter_mut().filter(|record| record.0 == number) {
            change(data);
        }
    })
}

/// A part of a plain binary workbook, with what follows the head of a record changed.
fn xlsb_with(part: &str, number: u16, claim: &[u8]) -> Vec<u8> {
    xlsb::write_changed(&Book::plain(), |name, mut bytes| {
        if name == part {
            let head = xlsb::record(number, &vec![0; claim.len()]);
            let head = &head[..head.len() - claim.len()];
            let at = bytes.windows(head.len()).position(|there| there == head);
            let at = at.unwrap() + head.len();
            bytes[at..at + claim.len()].copy_from_slice(claim);
        }
        bytes
    })
}

/// A workbook whose sheet has this many megabytes of one letter where `Ali` stands.
fn swollen(megabytes: usize) -> Vec<u8> {
    xlsx::write_changed(&Book::plain(), |name, text| {
        match name.ends_with("sharedStrings.xml") {
            true => text.replace("Ali", &"x".repeat(megabytes << 20)),
            false => text,
        }
    })
}

/// An archive of so many entries with nothing in them.
fn entries(count: u32) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..count {
        let plain = SimpleFileOptions::default();
        writer.start_file(format!("{number}.csv"), plain).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An archive whose list says that its entry has so many bytes.
fn lying_size(bytes: u32) -> Vec<u8> {
    let mut file = archive([("fees.csv", CSV.as_bytes().to_vec())]);
    let list = file.windows(4).position(|part| part == b"PK\x01\x02");
    let at = list.unwrap() + 24;
    file[at..at + 4].copy_from_slice(&bytes.to_le_bytes());
    file
}

/// Many texts, each of a megabyte less a bit: no one of them is too long.
fn two_gigabytes_of_text() -> Vec<u8> {
    let one = format!("<si><t>{}</t></si>", "x".repeat(30_000));
    xlsx::write_changed(&Book::plain(), |name, text| {
        match name.ends_with("sharedStrings.xml") {
            true => text.replace("</sst>", &format!("{}</sst>", one.repeat(3_500))),
            false => text,
        }
    })
}

pub(super) fn all() -> Vec<Hazard> {
    const CORNER: &str = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
    const BELOW: &str = "<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row></sheetData>";
    let row_twice = "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>";
    vec![
        hazard(
            "a cell at XFD1048576",
            xlsx_with("sheet1.xml", "</sheetData>", CORNER),
            refused("XFD1048576"),
        ),
        hazard(
            "a cell at A1048576",
            xlsx_with("sheet1.xml", "</sheetData>", BELOW),
            Must::Read(rows(&[PLAIN]), &["row: 1048576"]),
        ),
        hazard(
            "a cell beyond the grid of an old workbook",
            xls_with(0x027E, |data| data[2..4].copy_from_slice(&[0xFF, 0x3F])),
            refused("column"),
        ),
        hazard(
            "rows in two places of a sheet",
            xlsx_with(
                "sheet1.xml",
                "</sheetData>",
                "</sheetData><sheetData><row r=\"9\"><c r=\"A9\"><v>1</v></c></row></sheetData>",
            ),
            refused("two places"),
        ),
        hazard(
            "dimensions of the whole grid",
            xlsx_with("sheet1.xml", "ref=\"A1:E2\"", "ref=\"A1:XFD1048576\""),
            plain(),
        ),
        hazard(
            "dimensions that start at row 0",
            xlsx_with("sheet1.xml", "ref=\"A1:E2\"", "ref=\"A0:E2\""),
            refused("damaged"),
        ),
        hazard(
            "dimensions of the whole grid, in an old workbook",
            xls_with(0x0200, |data| {
                data[..12].copy_from_slice(&[0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 1]);
            }),
            plain(),
        ),
        hazard(
            "dimensions of the whole grid, in a binary workbook",
            xlsb_with("xl/worksheets/sheet1.bin", 0x0094, &[0xFF; 16]),
            plain(),
        ),
        hazard(
            "four billion shared texts",
            xlsx_with(
                "sharedStrings.xml",
                "uniqueCount=\"",
                "uniqueCount=\"400000000",
            ),
            refused("too large"),
        ),
        hazard(
            "four billion shared texts, in an old workbook",
            xls_with(0x00FC, |data| data[..8].copy_from_slice(&[0xFF; 8])),
            plain(),
        ),
        hazard(
            "four billion shared texts, in a binary workbook",
            xlsb_with("xl/sharedStrings.bin", 0x009F, &[0xFF; 8]),
            plain(),
        ),
        hazard(
            "gigabytes of text in megabytes of archive",
            two_gigabytes_of_text(),
            refused("too large"),
        ),
        hazard(
            "an entry that says it has 4 GB",
            lying_size(u32::MAX - 1),
            plain(),
        ),
        hazard(
            "an entry that says it has 10 bytes",
            lying_size(10),
            refused("damaged"),
        ),
        hazard("200,000 entries", entries(200_000), refused("200000 parts")),
        hazard("one endless cell", swollen(8), refused("too large")),
        hazard(
            "one endless attribute",
            xlsx_with(
                "sheet1.xml",
                "r=\"A2\"",
                &format!("r=\"A2\" x=\"{}\"", "x".repeat(8 << 20)),
            ),
            refused("too large"),
        ),
        hazard(
            "two billion repeats of nothing",
            ods_with(
                "<table:table-row>",
                "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"2000000000\"/></table:table-row><table:table-row>",
            ),
            Must::Read(rows(&["4|Ali|FS-1|1500.00|2035-03-05|"]), &[]),
        ),
        hazard(
            "two billion repeats of a cell",
            ods_with(
                "<table:table-cell office:value-type=\"float\"",
                "<table:table-cell table:number-columns-repeated=\"2000000000\" office:value-type=\"float\"",
            ),
            refused("too large"),
        ),
        hazard(
            "two billion repeats of a row",
            ods_with(
                "</table:table-row><table:table-row>",
                "</table:table-row><table:table-row table:number-rows-repeated=\"2000000000\">",
            ),
            refused("too large"),
        ),
        hazard(
            "an entity bomb",
            xlsx_with(
                "sheet1.xml",
                "<worksheet",
                "<!DOCTYPE a [<!ENTITY b \"lol\"><!ENTITY c \"&b;&b;&b;&b;\">]><worksheet",
            ),
            refused("damaged"),
        ),
        hazard(
            "an external entity",
            xlsx_with(
                "sharedStrings.xml",
                "<sst",
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><sst",
            ),
            refused("damaged"),
        ),
        hazard(
            "an external entity in an OpenDocument",
            ods_with(
                "<office:document-content>",
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><office:document-content>",
            ),
            refused("damaged"),
        ),
        hazard(
            "../ in the names of an archive",
            archive([("../../../etc/cron.d/fees.csv", CSV.as_bytes().to_vec())]),
            Must::Read(rows(&[PLAIN]), &["../../../etc/cron.d/fees.csv"]),
        ),
        hazard(
            "../ in a relation",
            xlsx_with(
                "workbook.xml.rels",
                "worksheets/sheet1.xml",
                "../../../../etc/passwd",
            ),
            refused("damaged"),
        ),
        hazard(
            "macros",
            xlsx::with_macros(xlsx::write(&Book::plain())),
            Must::Read(rows(&[PLAIN]), &["macros"]),
        ),
        hazard(
            "a shared text that is not there",
            xlsx_with("sheet1.xml", "<v>6</v>", "<v>70</v>"),
            refused("damaged"),
        ),
        hazard(
            "shared text -1",
            xlsx_with("sheet1.xml", "<v>6</v>", "<v>-1</v>"),
            refused("damaged"),
        ),
        hazard(
            "a shared text beyond all numbers",
            xlsx_with(
                "sheet1.xml",
                "<v>6</v>",
                "<v>99999999999999999999999999</v>",
            ),
            refused("damaged"),
        ),
        hazard(
            "an amount that goes on behind an entity",
            xlsx_with("sheet1.xml", "<v>1500</v>", "<v>15&#48;0</v>"),
            refused("damaged"),
        ),
        hazard(
            "an amount that goes on behind a remark",
            xlsx_with("sheet1.xml", "<v>1500</v>", "<v>15<!-- -->00</v>"),
            refused("damaged"),
        ),
        hazard(
            "an amount in a quoted text",
            xlsx_with("sheet1.xml", "<v>1500</v>", "<v><![CDATA[1500]]></v>"),
            refused("damaged"),
        ),
        hazard(
            "a shared text that is not there, in an old workbook",
            xls_with(0x00FD, |data| data[6..10].copy_from_slice(&[0xFF; 4])),
            refused("damaged"),
        ),
        hazard(
            "a cell twice",
            xlsx_with("sheet1.xml", "r=\"B2\"", "r=\"A2\""),
            refused("damaged"),
        ),
        hazard(
            "a row twice",
            xlsx_with("sheet1.xml", "</sheetData>", row_twice),
            refused("damaged"),
        ),
        hazard(
            "rows out of order",
            xlsx_with(
                "sheet1.xml",
                "</sheetData>",
                "<row r=\"4\"><c r=\"A4\" t=\"inlineStr\"><is><t>Total</t></is></c><c r=\"C4\"><v>1500</v></c></row><row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>Note</t></is></c></row></sheetData>",
            ),
            refused("row 3 comes after row 4"),
        ),
        hazard(
            "several sheets",
            several(),
            Must::Read(
                rows(&[PLAIN, "2|Sana|FS-2|1600.00|2035-03-05|"]),
                &["Girls"],
            ),
        ),
    ]
}

fn several() -> Vec<u8> {
    let mut girls = Page::new("Girls");
    girls.headings(0);
    let cells = [text("Sana"), text("FS-2"), number("1600"), number("49373")];
    girls.row(1, cells);
    let mut book = Book::plain();
    book.pages.push(girls);
    xlsx::write(&book)
}
