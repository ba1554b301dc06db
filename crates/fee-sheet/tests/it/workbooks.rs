//! Workbooks, made here and read back.

use std::path::Path;

use fee_sheet::Unreadable;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::{Folder, joined, left, read, rows};

const HEADINGS: [&str; 5] = [
    "Student Name",
    "Reg No",
    "Fee",
    "Due Date",
    "After Due Date",
];

fn headings(sheet: &mut Worksheet, row: u32) {
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(row, column, heading).unwrap();
    }
}

fn day() -> (ExcelDateTime, Format) {
    (
        ExcelDateTime::from_ymd(2035, 3, 5).unwrap(),
        Format::new().set_num_format("dd/mm/yyyy"),
    )
}

fn row(sheet: &mut Worksheet, at: u32, name: &str, id: &str, amount: f64) {
    let (date, format) = day();
    sheet.write_string(at, 0, name).unwrap();
    sheet.write_string(at, 1, id).unwrap();
    sheet.write_number(at, 2, amount).unwrap();
    sheet
        .write_datetime_with_format(at, 3, &date, &format)
        .unwrap();
}

fn save(book: &mut Workbook, path: &Path) {
    book.save(path).unwrap();
}

#[test]
fn a_workbook_with_titles_dates_and_a_total_is_read() {
    let folder = Folder::new();
    let path = folder.at("named.csv");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 4, "Greenfield School", &Format::new())
        .unwrap();
    sheet.write_string(1, 0, "Fees for March").unwrap();
    headings(sheet, 3);
    row(sheet, 4, "Ali", "FS-1", 1500.5);
    row(sheet, 6, "Sana", "FS-2", 0.1 + 0.2);
    sheet.write_string(7, 0, "Total").unwrap();
    sheet.write_number(7, 2, 1500.8).unwrap();
    sheet.write_string(9, 4, "Principal").unwrap();
    save(&mut book, &path);
    let read = read(&path).unwrap();
    assert_eq!(
        rows(&read),
        [
            (5, ["Ali", "FS-1", "1500.50", "2035-03-05", ""]),
            (7, ["Sana", "FS-2", "0.30", "2035-03-05", ""])
        ]
    );
    assert_eq!(
        left(&read).iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [8, 10]
    );
    assert_eq!(read.sheets[0].header_row, 4);
    assert!(
        joined(&read.sheets[0].notes).unwrap().contains("merged"),
        "{:?}",
        read.sheets[0].notes
    );
}

#[test]
fn identifiers_in_number_cells_are_shown_as_the_sheet_shows_them() {
    let folder = Folder::new();
    let path = folder.at("ids.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    headings(sheet, 0);
    let padded = Format::new().set_num_format("000000");
    for at in 1..=5 {
        row(sheet, at, "Ali", "", 1500.0);
    }
    sheet.write_number(1, 1, 3520212345671.0).unwrap();
    sheet.write_number_with_format(2, 1, 95.0, &padded).unwrap();
    sheet.write_number(3, 1, 1_001_391_001_001_548.0).unwrap();
    sheet.write_string(4, 1, "3.5202E+12").unwrap();
    let (date, format) = day();
    sheet
        .write_datetime_with_format(5, 1, &date, &format)
        .unwrap();
    save(&mut book, &path);
    let read = read(&path).unwrap();
    let ids: Vec<&str> = read.rows.iter().map(|row| row.values[1].as_str()).collect();
    assert_eq!(
        ids,
        [
            "3520212345671",
            "000095",
            "PrecisionLost",
            "PrecisionLost",
            "TurnedIntoDate"
        ]
    );
}

#[test]
fn formulas_give_what_was_calculated_or_say_that_nothing_was() {
    let folder = Folder::new();
    let path = folder.at("formulas.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    headings(sheet, 0);
    row(sheet, 1, "Ali", "FS-1", 0.0);
    sheet
        .write_formula(1, 2, Formula::new("=1000+500").set_result("1500"))
        .unwrap();
    row(sheet, 2, "Sana", "FS-2", 0.0);
    sheet
        .write_formula(2, 2, Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    row(sheet, 3, "Zain", "FS-3", 1500.0);
    sheet
        .write_formula(3, 2, Formula::new("=SUM(9,9)").set_result("77777"))
        .unwrap();
    save(&mut book, &path);
    // Take the calculated value out of the last formula, as some programs
    // never put one in.
    let bare = folder.at("bare.xlsx");
    crate::enemies::rewrite(&path, &bare, |name, text| {
        if name.ends_with("sheet1.xml") {
            text.replace("<v>77777</v>", "<v></v>")
        } else {
            text
        }
    });
    let amounts: Vec<String> = read(&bare)
        .unwrap()
        .rows
        .iter()
        .map(|row| row.values[2].clone())
        .collect();
    assert_eq!(
        amounts,
        ["1500.00", "ErrorCell(\"#DIV/0!\")", "FormulaWithoutValue"]
    );
    crate::enemies::rewrite(&path, &bare, |name, text| {
        if name.ends_with("sheet1.xml") {
            text.replace("<v>77777</v>", "")
        } else {
            text
        }
    });
    assert_eq!(
        read(&bare).unwrap().rows[2].values[2],
        "FormulaWithoutValue"
    );
}

#[test]
fn every_sheet_with_the_headings_is_taken_and_others_are_named() {
    let folder = Folder::new();
    let path = folder.at("classes.xlsx");
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("Notes").unwrap();
    notes.write_string(0, 0, "Please fill in").unwrap();
    for (name, id) in [("Class 1", "FS-1"), ("Class 2", "FS-2")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        headings(sheet, 0);
        row(sheet, 1, "Ali", id, 1500.0);
    }
    let hidden = book
        .add_worksheet()
        .set_name("Old")
        .unwrap()
        .set_hidden(true);
    headings(hidden, 0);
    row(hidden, 1, "Never", "FS-9", 1.0);
    save(&mut book, &path);
    let read = read(&path).unwrap();
    let taken: Vec<(usize, &str)> = read
        .rows
        .iter()
        .map(|row| (row.sheet, row.values[1].as_str()))
        .collect();
    assert_eq!(taken, [(0, "FS-1"), (1, "FS-2")]);
    assert_eq!(
        read.sheets
            .iter()
            .map(|sheet| sheet.name.as_str())
            .collect::<Vec<_>>(),
        ["Class 1", "Class 2"]
    );
    assert_eq!(read.left_out[0].sheet, "Notes");
    assert!(
        read.notes[0].contains("`Old` is hidden"),
        "{:?}",
        read.notes
    );
}

#[test]
fn hidden_rows_hold_the_file() {
    let folder = Folder::new();
    let path = folder.at("filtered.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("A & B").unwrap();
    headings(sheet, 0);
    row(sheet, 1, "Ali", "FS-1", 1500.0);
    row(sheet, 2, "Sana", "FS-2", 1500.0);
    sheet.set_row_hidden(2).unwrap();
    save(&mut book, &path);
    let read = read(&path).unwrap();
    assert_eq!(read.rows.len(), 2);
    let held = read.held.unwrap();
    assert!(held.contains("`A & B`") && held.contains("row 3"), "{held}");
}

#[test]
fn dates_of_the_1904_system_are_read() {
    let folder = Folder::new();
    let path = folder.at("mac.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    headings(sheet, 0);
    row(sheet, 1, "Ali", "FS-1", 1500.0);
    row(sheet, 2, "Sana", "FS-2", 1500.0);
    // A day number without a date's format, and as the other system counts.
    sheet.write_number(2, 3, 47_911.0).unwrap();
    save(&mut book, &path);
    let mac = folder.at("mac1904.xlsx");
    crate::enemies::rewrite(&path, &mac, |name, text| {
        let text = text.replace("<v>49373</v>", "<v>47911</v>");
        if name.ends_with("workbook.xml") {
            text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
        } else {
            text
        }
    });
    let dates: Vec<String> = read(&mac)
        .unwrap()
        .rows
        .iter()
        .map(|row| row.values[3].clone())
        .collect();
    assert_eq!(dates, ["2035-03-05", "2035-03-05"]);
}

#[test]
fn a_workbook_without_the_headings_is_refused_with_what_was_found() {
    let folder = Folder::new();
    let path = folder.at("wrong.xlsx");
    let mut book = Workbook::new();
    book.add_worksheet();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "Name").unwrap();
    sheet.write_string(0, 1, "Phone").unwrap();
    save(&mut book, &path);
    let error = read(&path).unwrap_err();
    assert!(
        matches!(&error, Unreadable::NoColumns { found, .. } if found == &["Name", "Phone"]),
        "{error:?}"
    );
    let mut empty = Workbook::new();
    empty.add_worksheet();
    save(&mut empty, &path);
    assert!(matches!(read(&path), Err(Unreadable::NothingFilled)));
}
