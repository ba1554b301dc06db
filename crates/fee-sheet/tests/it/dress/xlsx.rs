//! Workbooks of Excel since 2007.

use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{Book, Cell, archive};

pub(crate) fn write(book: &Book) -> Vec<u8> {
    write_changed(book, |_, text| text)
}

/// As [`write`], the parts changed by their names.
pub(crate) fn write_changed(book: &Book, change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut packed = ZipArchive::new(Cursor::new(plain(book))).unwrap();
    let mut parts = Vec::new();
    for index in 0..packed.len() {
        let mut part = packed.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let text = change(&name, text).into_bytes();
        parts.push((name, text));
    }
    archive(
        parts
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone())),
    )
}

/// The same workbook with macros in it (XLSM).
pub(crate) fn with_macros(workbook: Vec<u8>) -> Vec<u8> {
    let mut writer = ZipWriter::new_append(Cursor::new(workbook)).unwrap();
    let plain = SimpleFileOptions::default();
    writer.start_file("xl/vbaProject.bin", plain).unwrap();
    writer.write_all(b"\xd0\xcf\x11\xe0").unwrap();
    writer.finish().unwrap().into_inner()
}

fn plain(book: &Book) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for page in &book.pages {
        let sheet = workbook.add_worksheet().set_name(&page.name).unwrap();
        sheet.set_hidden(page.hidden);
        for (top, left, bottom, right) in &page.merged {
            sheet
                .merge_range(*top, *left, *bottom, *right, "", &Format::new())
                .unwrap();
        }
        for (row, column, cell) in &page.cells {
            let (row, column) = (*row, *column);
            let float = |number: &str| number.parse::<f64>().unwrap();
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, text),
                Cell::Number(number) => sheet.write_number(row, column, float(number)),
                Cell::Shown(number, format, _) => {
                    let format = Format::new().set_num_format(*format);
                    sheet.write_number_with_format(row, column, float(number), &format)
                }
                Cell::Day(year, month, day) => {
                    let small = |part: &u32| u8::try_from(*part).unwrap();
                    let year = u16::try_from(*year).unwrap();
                    let day = ExcelDateTime::from_ymd(year, small(month), small(day)).unwrap();
                    let format = Format::new().set_num_format("dd/mm/yyyy");
                    sheet.write_datetime_with_format(row, column, &day, &format)
                }
                Cell::Truth(truth) => sheet.write_boolean(row, column, *truth),
                Cell::Error(name) => {
                    sheet.write_formula(row, column, Formula::new("=1/0").set_result(*name))
                }
                Cell::Formula(result) => {
                    let result = match &**result {
                        Cell::Text(text) | Cell::Number(text) => text.as_str(),
                        Cell::Error(name) => name,
                        other => unreachable!("no result of a formula: {other:?}"),
                    };
                    sheet.write_formula(row, column, Formula::new("=A1").set_result(result))
                }
                Cell::Uncalculated => unreachable!("this writer always gives a value"),
            }
            .unwrap();
        }
        for row in &page.hidden_rows {
            sheet.set_row_hidden(*row).unwrap();
        }
        for column in &page.hidden_columns {
            sheet.set_column_hidden(*column).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}
