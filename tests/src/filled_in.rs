//! A template as a school fills it in: the workbook that the program wrote, with rows written into
//! it and everything else as it was.

use std::io::{Cursor, Read, Write};

/// What is typed into a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A text, or a number in a cell of text.
    Text(String),
    /// A number, or a day by its number; as a workbook spells it.
    Number(String),
}

/// The part of a workbook that is filled in: its first sheet.
const SHEET: &str = "xl/worksheets/sheet1.xml";

/// The workbook with these rows below its headings. A cell looks as its column says.
///
/// # Panics
/// If it is no workbook that the program wrote.
pub fn filled_in(template: &[u8], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(template)).expect("a workbook is an archive");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("its parts can be read");
        let name = part.name().expect("its parts have names").into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("its parts can be read");
        if name == SHEET {
            let sheet = String::from_utf8(bytes).expect("a sheet is text");
            bytes = with_rows(&sheet, rows).into_bytes();
        }
        let options = zip::write::SimpleFileOptions::default();
        out.start_file(name, options)
            .expect("an archive in memory can be written");
        out.write_all(&bytes)
            .expect("an archive in memory can be written");
    }
    let done = out.finish().expect("an archive in memory can be written");
    done.into_inner()
}

fn with_rows(sheet: &str, rows: &[Vec<Cell>]) -> String {
    let mut lines = String::new();
    for (number, row) in (2..).zip(rows) {
        lines.push_str(&format!("<row r=\"{number}\">"));
        for (column, cell) in row.iter().enumerate() {
            let letter = char::from(b'A' + u8::try_from(column).expect("a bill has few columns"));
            let style = style(sheet, column + 1);
            lines.push_str(&match cell {
                Cell::Blank => String::new(),
                Cell::Text(text) => format!(
                    "<c r=\"{letter}{number}\" s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
                ),
                Cell::Number(value) => {
                    format!("<c r=\"{letter}{number}\" s=\"{style}\"><v>{value}</v></c>")
                }
            });
        }
        lines.push_str("</row>");
    }
    let end = "</sheetData>";
    assert!(sheet.contains(end), "a template has headings: {sheet}");
    sheet.replacen(end, &format!("{lines}{end}"), 1)
}

/// How the cells of a column look: columns that look alike are told of together.
fn style(sheet: &str, column: usize) -> String {
    let told = sheet.split("<col ").skip(1).find_map(|tag| {
        let tag = tag.split("/>").next()?;
        let value = |name: &str| tag.split(&format!("{name}=\"")).nth(1)?.split('"').next();
        let number = |name: &str| value(name)?.parse::<usize>().ok();
        let range = number("min")?..=number("max")?;
        range
            .contains(&column)
            .then(|| value("style").map(str::to_owned))?
    });
    told.expect("a column has its look")
}
