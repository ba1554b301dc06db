//! What cells hold as their sheet shows it: number formats, dates that a
//! spreadsheet turned round, noughts that it took away, money that is no rupees.

use std::path::Path;

use fee_sheet::DayMonthOrder;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::{Folder, Read, options, read, read_with};

const HEADINGS: [&str; 4] = ["Student Name", "Reg No", "Fee", "Due Date"];

fn begun(book: &mut Workbook) -> &mut Worksheet {
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(0, column, heading).unwrap();
    }
    sheet
}

/// A sheet of which one column is written by the test, the others are plain.
fn sheet_with(column: u16, rows: u32, each: impl Fn(&mut Worksheet, u32)) -> (Folder, Read) {
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    let mut book = Workbook::new();
    let sheet = begun(&mut book);
    for row in 1..=rows {
        let plain = [
            "Ali".to_owned(),
            format!("FS-{row}"),
            "1500".to_owned(),
            "2035-03-05".to_owned(),
        ];
        for (at, text) in (0..).zip(plain).filter(|(at, _)| *at != column) {
            sheet.write_string(row, at, text).unwrap();
        }
        each(sheet, row);
    }
    book.save(&path).unwrap();
    let read = read(&path).unwrap();
    (folder, read)
}

fn column(read: &Read, field: usize) -> Vec<&str> {
    read.rows
        .iter()
        .map(|row| row.values[field].as_str())
        .collect()
}

/// Identifiers in number cells, each with its number format.
const PADDED: [(f64, &str, &str); 6] = [
    (95.0, "000000", "000095"),
    (352_021_234_567.0, "0000000000000", "0352021234567"),
    (3_520_212_345_671.0, "00000-0000000-0", "35202-1234567-1"),
    (12.0, "\"GR-\"0000", "GR-0012"),
    (3_520_212_345_671.0, "General", "3520212345671"),
    (12_345.0, "#,##0", "12345"),
];

#[test]
fn identifiers_are_what_their_number_format_shows_beside_formulas_too() {
    for formulas in [false, true] {
        let (_folder, read) = sheet_with(1, 6, |sheet, row| {
            let (number, code, _) = PADDED[row as usize - 1];
            let format = Format::new().set_num_format(code);
            sheet
                .write_number_with_format(row, 1, number, &format)
                .unwrap();
            if formulas {
                let sum = Formula::new("=1000+500").set_result("1500");
                sheet.write_formula(row, 2, sum).unwrap();
            }
        });
        assert_eq!(
            column(&read, 1),
            PADDED.map(|(_, _, shown)| shown),
            "{formulas}"
        );
        assert_eq!(column(&read, 2), ["1500.00"; 6]);
    }
}

#[test]
fn a_rate_is_no_amount_and_other_money_is_for_a_person() {
    let (_folder, rates) = sheet_with(2, 2, |sheet, row| {
        let format = Format::new().set_num_format("0.0%");
        let rate = if row == 1 { 0.125 } else { 15.0 };
        sheet
            .write_number_with_format(row, 2, rate, &format)
            .unwrap();
    });
    assert_eq!(column(&rates, 2), ["Percentage", "Percentage"]);
    for (code, sign) in [("\"$\"#,##0.00", '$'), ("[$€-2] #,##0", '€')] {
        let (_folder, read) = sheet_with(2, 2, |sheet, row| {
            let format = Format::new().set_num_format(code);
            sheet
                .write_number_with_format(row, 2, 1500.0, &format)
                .unwrap();
        });
        assert_eq!(column(&read, 2), ["1500.00", "1500.00"]);
        let why = read.held.unwrap();
        assert!(
            why.contains(&format!(
                "column C “Fee” of the sheet `Sheet1` shows amounts in {sign} ({sign}1500, row 2)"
            )),
            "{why}"
        );
    }
    for code in ["[$Rs-420] #,##0", "\"Rs. \"#,##0", "_($* #,##0.00_)"] {
        let (_folder, read) = sheet_with(2, 1, |sheet, row| {
            let format = if code.starts_with('_') {
                Format::new().set_num_format_index(44)
            } else {
                Format::new().set_num_format(code)
            };
            sheet
                .write_number_with_format(row, 2, 1500.0, &format)
                .unwrap();
        });
        assert_eq!(
            (column(&read, 2), &read.held),
            (vec!["1500.00"], &None),
            "{code}"
        );
    }
}

#[test]
fn amounts_typed_with_other_signs_say_what_they_are() {
    let folder = Folder::new();
    let text = "Name,Roll No,Fee,Due Date\nA,1,$15,2035-03-05\nB,2,5%,2035-03-05\nC,3,\"1,50,0000\",2035-03-05\nD,4,\"(1,500)\",2035-03-05\nE,5,\"1,500-\",2035-03-05\n";
    let read = read(&folder.file("fees.csv", text)).unwrap();
    assert_eq!(
        column(&read, 2),
        [
            "OtherCurrency(\"$\")",
            "Percentage",
            "OddGrouping",
            "-1500.00",
            "-1500.00"
        ]
    );
}

#[test]
fn a_column_too_narrow_when_it_was_saved_is_refused_cell_by_cell() {
    let folder = Folder::new();
    let text = "Name,Roll No,Fee,Due Date\nA,#####,########,########\n#,1#,1500,2035-03-05\n";
    let read = read(&folder.file("fees.csv", text)).unwrap();
    assert_eq!(
        read.rows[0].values[1..4],
        ["TooNarrow", "TooNarrow", "TooNarrow"]
    );
    assert_eq!(read.rows[1].values[..2], ["#", "1#"]);
}

#[test]
fn dates_of_both_systems_are_read_with_and_without_their_format() {
    let folder = Folder::new();
    let (plain, path) = (folder.at("plain.xlsx"), folder.at("1904.xlsx"));
    let mut book = Workbook::new();
    let sheet = begun(&mut book);
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for row in 1..=4 {
        for (column, text) in [
            (0, "Ali".to_owned()),
            (1, format!("FS-{row}")),
            (2, "1500".to_owned()),
        ] {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    sheet
        .write_number_with_format(1, 3, 49_373.0, &date)
        .unwrap();
    sheet.write_number(2, 3, 49_373.0).unwrap();
    sheet.write_string(3, 3, "49373").unwrap();
    // A day that the 1900 system has and the calendar has not.
    sheet.write_number_with_format(4, 3, 60.0, &date).unwrap();
    book.save(&plain).unwrap();
    let in_1900 = read(&plain).unwrap();
    assert_eq!(
        column(&in_1900, 3),
        ["2035-03-05", "2035-03-05", "2035-03-05", "NoSuchDay"]
    );
    crate::enemies::rewrite(&plain, &path, |name, text| {
        if name == "xl/workbook.xml" {
            text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
        } else {
            text
        }
    });
    let in_1904 = read(&path).unwrap();
    assert_eq!(
        column(&in_1904, 3)[..3],
        ["2039-03-06", "2039-03-06", "2039-03-06"]
    );
}

fn write_dates(path: &Path, cells: &[(u8, &str)]) {
    let mut book = Workbook::new();
    let sheet = begun(&mut book);
    let format = Format::new().set_num_format("dd/mm/yyyy");
    for (row, (day, text)) in (1..).zip(cells) {
        for (column, plain) in [
            (0, "Ali".to_owned()),
            (1, format!("FS-{row}")),
            (2, "1500".to_owned()),
        ] {
            sheet.write_string(row, column, plain).unwrap();
        }
        if text.is_empty() {
            let date = ExcelDateTime::from_ymd(2035, 3, *day).unwrap();
            sheet
                .write_datetime_with_format(row, 3, &date, &format)
                .unwrap();
        } else {
            sheet.write_string(row, 3, *text).unwrap();
        }
    }
    book.save(path).unwrap();
}

#[test]
fn dates_that_the_spreadsheet_seems_to_have_turned_round_hold_the_file() {
    let folder = Folder::new();
    let path = folder.at("turned.xlsx");
    write_dates(&path, &[(5, ""), (0, "25/05/2035"), (7, "")]);
    let held = read(&path).unwrap();
    let why = held.held.clone().unwrap();
    assert!(
        why.contains("column D “Due Date”")
            && why.contains("(25/05/2035, row 3)")
            && why.contains("(2035-03-05, row 2)"),
        "{why}"
    );
    assert_eq!(column(&held, 3), ["2035-03-05", "2035-05-25", "2035-03-07"]);
    // A day that is no month shows that they stand as they were typed.
    write_dates(&path, &[(5, ""), (0, "25/05/2035"), (20, "")]);
    assert_eq!(read(&path).unwrap().held, None);
    // Texts that are read one way only prove nothing of it.
    write_dates(&path, &[(5, ""), (0, "25 May 2035")]);
    assert_eq!(read(&path).unwrap().held, None);
}

#[test]
fn a_workbook_s_column_of_texts_decides_its_order_too() {
    let folder = Folder::new();
    let path = folder.at("texts.xlsx");
    write_dates(&path, &[(0, "05/10/2035"), (0, "05/31/2035")]);
    let mut options = options();
    for order in [DayMonthOrder::Dmy, DayMonthOrder::Reject] {
        options.day_month_order = order;
        let read = read_with(&path, &options).unwrap();
        assert_eq!(column(&read, 3), ["2035-05-10", "2035-05-31"]);
        assert_eq!(read.held, None);
    }
}

#[test]
fn numbers_that_lost_their_noughts_hold_the_file() {
    let held = |ids: &[&str]| {
        let folder = Folder::new();
        let mut text = "Name,Roll No,Fee,Due Date\n".to_owned();
        for id in ids {
            text.push_str(&format!("Ali,{id},1500,2035-03-05\n"));
        }
        read(&folder.file("fees.csv", text)).unwrap().held
    };
    let why = held(&["000123", "456", "000124", "78"]).unwrap();
    assert!(
        why.contains("identifiers of column B “Roll No” of the sheet `fees` have 6 digits and begin with noughts (000123, row 2)")
            && why.contains("2 are shorter and begin with none (the first in row 3)"),
        "{why}"
    );
    for fine in [
        &["000123", "123456", "000124"][..],
        &["1", "2", "30"],
        &["01", "02", "10", "100"],
        &["01", "007", "5"],
        &["FS-001", "FS-2", "3"],
        &["0", "1", "12"],
    ] {
        assert_eq!(held(fine), None, "{fine:?}");
    }
}

#[test]
fn a_name_and_a_number_in_each_others_columns_are_no_bill() {
    let folder = Folder::new();
    let text = "Name,Roll No,Fee,Due Date\nAli,12,1500,2035-03-05\n13,Sana Bibi,1500,2035-03-05\nGF-14,Umar,1500,2035-03-05\nHouse 15,ABC,1500,2035-03-05\n16,17,1500,2035-03-05\n";
    let read = read(&folder.file("fees.csv", text)).unwrap();
    assert_eq!(
        column(&read, 1),
        [
            "12",
            "Exchanged { name: \"13\" }",
            "Exchanged { name: \"GF-14\" }",
            "ABC",
            "17",
        ]
    );
}
