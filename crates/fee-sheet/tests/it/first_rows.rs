//! The line right below the headings, spoilt in every way: what was meant as a
//! row is a row, however little of it is there, and is never taken for a second
//! line of headings. And what stands above headings is no part of them.

use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

use crate::{Folder, Read, left, read, rows};

fn csv(text: &str) -> Read {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text)).unwrap()
}

/// Headings, and a row of which there are six, each with another number and name.
const SHEETS: [[&str; 2]; 5] = [
    ["Adm No,Name,Fee,Due Date", "A#,@,1600,2036-12-10"],
    ["Name,GR No,Amount,Last Date", "@,A#,1600,2036-12-10"],
    [
        "Roll No,Student Name,Total Payable,Due Date,After Due Date",
        "A#,@,1600,2036-12-10,1700",
    ],
    // Headings that are known by the look of their cells alone.
    ["SID,Kid,Fee,Due Date", "S-#7,@,1600,2036-12-10"],
    ["Adm No,Name,Lump,Due Date,Remarks", "A#,@,1600,2036-12-10,"],
];

/// The headings, these lines, and six rows.
fn sheet([headings, row]: [&str; 2], lines: &[String]) -> String {
    let names = ["Bano", "Omar", "Sara", "Zain", "Hina", "Amir"];
    let mut text = format!("{headings}\n");
    for line in lines {
        text.push_str(&format!("{line}\n"));
    }
    for (number, name) in (2..).zip(names) {
        let row = row
            .replace('#', &format!("{}", number * number))
            .replace('@', name);
        text.push_str(&format!("{row}\n"));
    }
    text
}

/// Lines that somebody meant as a row, the number of the pupil first.
const SPOILT: [&[&str]; 24] = [
    &["A1", "Ali", "", ""],
    &["A1", "Ali", "-", "-"],
    &["A1", "Ali"],
    &["A1"],
    &["", "Ali"],
    &["Pending", "Ali", "", ""],
    &["A1", "Ali", "free", "pending"],
    &["A1", "Ali", "TBA", "TBA"],
    &["A1", "Ali", "Rs fifteen hundred", "10th of Dec"],
    &["", "", "waived", ""],
    &["", "", "due", ""],
    &["", "", "half fee", ""],
    &["A1", "Ali", "half fee", "Dec"],
    &["A1", "Ali", "nil", "nil"],
    &["A1", "Ali", "due", "due"],
    &["A1", "Due Ali", "paid", "paid"],
    &["A1", "Ali", "#VALUE!", "#VALUE!"],
    &["A1", "Ali Fee", "full payment", "last date"],
    &["A1;Ali;1500;2026-12-10"],
    &["Reg 1", "Student Ali", "Total due", "after due"],
    &["A-1", "Ali", "15OO", "1O-12-2026"],
    &["A1", "Ali", "(nil)", "", "paid"],
    &["A1", "Ali", "", "", "late fee"],
    &["", "", "", "", "paid"],
];

fn with_first(of: [&str; 2], spoilt: &[&str]) -> String {
    let mut cells = spoilt.to_vec();
    cells.resize(of[0].split(',').count().max(cells.len()), "");
    if of[0].starts_with("Name") {
        cells.swap(0, 1);
    }
    sheet(of, &[cells.join(",")])
}

/// Whether a line below the headings is told of, as a row or as left out.
fn is_told(read: &Read, line: u32) -> bool {
    let row = read.rows.iter().any(|row| row.number == line);
    row || left(read).iter().any(|(left, _)| *left == line)
}

#[test]
fn a_first_row_without_a_fee_and_a_date_is_a_row() {
    for of in SHEETS {
        for spoilt in SPOILT {
            let text = with_first(of, spoilt);
            let read = csv(&text);
            assert!(is_told(&read, 2), "{text}{read:?}");
            assert_eq!(read.sheets[0].header_row, 1, "{text}");
            let named = spoilt.len() > 1 && spoilt[..2].iter().all(|cell| !cell.is_empty());
            let numbers: Vec<u32> = read.rows.iter().map(|row| row.number).collect();
            assert!(!named || numbers[0] == 2, "{text}{numbers:?}");
            assert!(numbers.ends_with(&[3, 4, 5, 6, 7, 8]), "{text}{numbers:?}");
        }
    }
}

#[test]
fn a_first_row_that_is_all_text_is_a_row_of_a_workbook_too() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [
        (0, ["Adm No", "Name", "Fee", "Due Date"]),
        (1, ["A1", "Ali", "", ""]),
        (2, ["A2", "Bano", "1600", "2036-12-10"]),
    ] {
        for (column, text) in (0..).zip(cells) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    book.save(&path).unwrap();
    let read = read(&path).unwrap();
    let numbers: Vec<u32> = read.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(read.rows[0].values[..2], ["Ali", "A1"]);
    let mapping: Vec<&str> = read.sheets[0]
        .mapping
        .iter()
        .map(|(_, heading)| &**heading)
        .collect();
    assert_eq!(mapping, ["Name", "Adm No", "Fee", "Due Date"]);
    assert_eq!(read.sheets[0].guesses, [] as [&str; 0]);
}

#[test]
fn a_first_row_of_a_second_page_or_table_is_a_row_too() {
    for headings in [
        "Adm No,Name,Fee,Due Date",
        "Roll No,Student Name,Amount,Last Date",
    ] {
        let read = csv(&format!(
            "Adm No,Name,Fee,Due Date\nA1,Ali,-,-\nA2,Bano,1600,2036-12-10\n{headings}\nA3,Omar,-,-\nA4,Sara,,\nA5,Zain,1600,2036-12-10\n"
        ));
        for line in [2, 3, 5, 6, 7] {
            assert!(
                read.rows.iter().any(|row| row.number == line),
                "{line}: {read:?}"
            );
        }
    }
}

#[test]
fn the_same_headings_right_below_are_the_headings_again() {
    for of in SHEETS {
        let read = csv(&sheet(of, &[of[0].to_uppercase()]));
        assert_eq!(left(&read), [(2, "the headings again")], "{of:?}");
        assert_eq!((read.sheets[0].header_row, read.rows.len()), (1, 6));
    }
}

#[test]
fn a_second_line_that_says_headings_still_does() {
    let row = "A2,Bano,1600,1700,2036-12-10";
    for (upper, lower) in [
        (
            "Adm No,Name,Fee,,Due Date",
            ",,Within Due Date,After Due Date,",
        ),
        ("Adm,Student,Fee,,Due", "No,Name,Amount,After Due Date,Date"),
        ("Roll,Student,Fee,After,Due", "No.,Name,(Rs.),Due Date,Date"),
        (
            "Adm No,Name,Fee,After Due Date,Due Date",
            "داخلہ نمبر,نام,فیس,(روپے),آخری تاریخ",
        ),
        (
            "Adm No,Name,Fee,After Due Date,Due Date",
            ",,Rs.,Rs.,dd/mm/yyyy",
        ),
        (
            "Basic Info,,Fee,,Due Date",
            "Adm No,Kid,Within Due Date,After Due Date,",
        ),
    ] {
        let read = csv(&format!(
            "{upper}\n{lower}\n{row}\nA3,Omar,1600,1700,2036-12-10\n"
        ));
        assert_eq!(
            rows(&read)[0],
            (3, ["Bano", "A2", "1600.00", "2036-12-10", "1700.00"]),
            "{upper}"
        );
        assert_eq!(read.held, None, "{upper}");
    }
}

#[test]
fn a_title_above_the_headings_is_no_part_of_them() {
    for title in [
        "Late fee Rs. 50 will be charged after the due date",
        "ماہانہ فیس کی فہرست",
        "Hostel Charges December",
        "Fee Collection Sheet",
        "City School,,,Month: December",
        "Class 5-A,,,Late fee: 50",
        ",,The City School",
    ] {
        let read = csv(&format!(
            "{title}\nSr,Adm No,Name,Fee,Due Date\n1,A2,Bano,1600,2036-12-10\n2,A3,Omar,1700,2036-12-10\n"
        ));
        assert_eq!(read.rows.len(), 2, "{title}");
        assert_eq!(read.held, None, "{title}");
        assert_eq!(read.sheets[0].headings[0], "Sr", "{title}");
        assert_eq!(read.sheets[0].unused, ["Sr"], "{title}");
        let read = csv(&format!(
            "{title}\nHostel Reg. No.,Name,Fee,Due Date\nA2,Bano,1600,2036-12-10\nA3,Omar,1700,2036-12-10\n"
        ));
        let of = |field: &str| {
            let column = read.sheets[0]
                .columns
                .iter()
                .find(|column| column.field == field);
            column.unwrap().heading.clone()
        };
        assert_eq!(of("identifier"), "Hostel Reg. No.", "{title}");
    }
}

#[test]
fn a_heading_above_one_column_that_makes_another_thing_of_it_is_a_part_of_it() {
    for (above, headings) in [
        (",,Arrears,", "Adm No,Name,Amount,Due Date"),
        (",,Previous Balance,", "Adm No,Name,Amount,Due Date"),
        (",Father's,,", "Adm No,Name,Fee,Due Date"),
        (",,,Issue", "Adm No,Name,Fee,Date"),
    ] {
        let folder = Folder::new();
        let text =
            format!("{above}\n{headings}\nA2,Bano,1600,2036-12-10\nA3,Omar,1700,2036-12-10\n");
        assert!(read(&folder.file("fees.csv", text)).is_err(), "{above}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is in the first lines, each is a row or left out with its reason.
    #[test]
    fn every_line_below_the_headings_is_told_of(
        of in 0..SHEETS.len(),
        lines in prop::collection::vec(prop::collection::vec(prop_oneof![
            Just(""), Just("-"), Just("A1"), Just("Ali"), Just("Omar Total"), Just("free"), Just("paid"),
            Just("Class 5"), Just("Total"), Just("due"), Just("1500"), Just("2036-12-10"), Just("after due"),
            Just("Fee"), Just("late"), Just("12"), Just("Boys"), Just("soon"), Just("Rs."), Just("1"),
        ], 5), 1..4),
    ) {
        // A first line of such words alone may be one of headings.
        const HEADINGS: [&str; 8] = ["", "-", "Fee", "Rs.", "Total", "due", "after due", "late"];
        prop_assume!(lines[0][..4].iter().any(|cell| !HEADINGS.contains(cell)));
        let cells = SHEETS[of][0].split(',').count();
        let lines: Vec<String> = lines.iter().map(|line| line[..cells].join(",")).collect();
        let text = sheet(SHEETS[of], &lines);
        let folder = Folder::new();
        let Ok(read) = read(&folder.file("fees.csv", &text)) else {
            return Ok(());
        };
        prop_assert_eq!(read.sheets[0].header_row, 1, "{}", text);
        for (line, shown) in (1u32..).zip(text.lines()).skip(1) {
            let blank = shown.chars().all(|c| c == ',');
            prop_assert!(blank || is_told(&read, line), "line {line} of\n{text}{read:?}");
        }
    }
}
