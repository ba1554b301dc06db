//! Result and fix sheets, written and read back.

use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use fee_sheet::{FixRow, RowResult, write_fix_xlsx, write_result_csv, write_result_xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::{Folder, options, read, write_fix};

/// Every cell of a workbook of ours, sheet by sheet.
fn grid(path: &Path) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheets()
        .into_iter()
        .map(|(name, range)| {
            let (rows, columns) = range
                .end()
                .map_or((0, 0), |(row, column)| (row + 1, column + 1));
            let cell = |row, column| range.get_value((row, column)).cloned().unwrap_or_default();
            (
                name,
                (0..rows)
                    .map(|row| (0..columns).map(|column| cell(row, column)).collect())
                    .collect(),
            )
        })
        .collect()
}

fn billed(_: &str, row: u32) -> Option<RowResult<'static>> {
    Some(RowResult {
        state: "billed".into(),
        psid: Some(format!("1001391001001548545845{row:02}").into()),
        message: "=HYPERLINK(\"x\")".into(),
    })
}

fn text(value: &str) -> Data {
    if value.is_empty() {
        Data::Empty
    } else {
        Data::String(value.to_owned())
    }
}

#[test]
fn a_result_workbook_is_the_sheet_as_it_came_and_three_columns() {
    let folder = Folder::new();
    let original = folder.at("fees.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("March").unwrap();
    sheet.write_string(0, 0, "Greenfield School").unwrap();
    for (column, heading) in (0..).zip(["Name", "Roll No", "Fee", "Due Date"]) {
        sheet.write_string(2, column, heading).unwrap();
    }
    sheet.write_string(3, 0, "=2+2").unwrap();
    sheet.write_string(3, 1, "007").unwrap();
    sheet.write_number(3, 2, 1500.5).unwrap();
    let date = ExcelDateTime::from_ymd(2035, 3, 5).unwrap();
    sheet
        .write_datetime_with_format(3, 3, &date, &Format::new().set_num_format("dd/mm/yyyy"))
        .unwrap();
    sheet.write_string(5, 0, "Total").unwrap();
    sheet.write_number(5, 2, 1500.5).unwrap();
    sheet.write_string(6, 8, "far right").unwrap();
    book.add_worksheet()
        .set_name("Notes")
        .unwrap()
        .write_string(0, 0, "Keep me")
        .unwrap();
    book.save(&original).unwrap();
    let out = folder.at("fees.results.xlsx");
    let mut asked = Vec::new();
    write_result_xlsx(
        &original,
        "fees.xlsx",
        &options(),
        &out,
        &mut |sheet, row| {
            asked.push((sheet.to_owned(), row));
            billed(sheet, row)
        },
    )
    .unwrap();
    assert_eq!(asked, [("March".to_owned(), 4)]);
    let pages = grid(&out);
    assert_eq!(
        pages.iter().map(|page| page.0.as_str()).collect::<Vec<_>>(),
        ["March", "Notes"]
    );
    let march = &pages[0].1;
    assert_eq!(march[0][0], text("Greenfield School"));
    // The sheet said that it reaches to column I, so the columns follow that.
    let added = march[2]
        .iter()
        .position(|cell| *cell == text("State"))
        .unwrap();
    assert_eq!(march[2][added + 1..], [text("PSID"), text("Message")]);
    assert_eq!(
        march[3][..3],
        [text("=2+2"), text("007"), Data::Float(1500.5)]
    );
    assert!(
        matches!(&march[3][3], Data::DateTime(date) if date.to_ymd_hms_milli().0 == 2035),
        "{:?}",
        march[3]
    );
    assert_eq!(
        march[3][added..],
        [
            text("billed"),
            text("100139100100154854584504"),
            text("=HYPERLINK(\"x\")")
        ]
    );
    assert_eq!(march[5][0], text("Total"));
    assert!(march[6].contains(&text("far right")));
    assert_eq!(pages[1].1[0][0], text("Keep me"));
}

#[test]
fn a_result_csv_keeps_lines_and_never_starts_a_formula() {
    let folder = Folder::new();
    let text = "Greenfield\n\nName;Roll No;Fee;Due Date\n=cmd;+92-300;-5;2035-03-05;extra\n\n@x;2;1500;2035-03-05\n";
    let original = folder.file("fees.csv", text);
    let out = folder.at("fees.results.csv");
    write_result_csv(
        &original,
        "fees.csv",
        &options(),
        &out,
        &mut |sheet, row| billed(sheet, row).filter(|_| row == 4),
    )
    .unwrap();
    let written = std::fs::read_to_string(&out).unwrap();
    let lines: Vec<&str> = written.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "Greenfield",
            "\"\"",
            "Name;Roll No;Fee;Due Date;State;PSID;Message",
            "'=cmd;'+92-300;-5;2035-03-05;billed;100139100100154854584504;\"'=HYPERLINK(\"\"x\"\")\";extra",
            "\"\"",
            "'@x;2;1500;2035-03-05",
        ]
    );
    let book = folder.at("fees.results.xlsx");
    write_result_xlsx(&original, "fees.csv", &options(), &book, &mut billed).unwrap();
    let pages = grid(&book);
    assert_eq!(
        pages[0].1[3][..3],
        [
            crate::results::text("=cmd"),
            crate::results::text("+92-300"),
            crate::results::text("-5")
        ]
    );
}

#[test]
fn a_fix_sheet_holds_the_bad_rows_and_brings_their_tokens_back() {
    let folder = Folder::new();
    let original = folder.file(
        "fees.csv",
        "School\nName,Roll No,Fee,Due Date\nAli,1,1500,2035-03-05\nSana,002,\"12,0O\",\nZain,3,1500,2035-03-05\n",
    );
    let out = folder.at("fees.fix.xlsx");
    let mut fixes = |_: &str, row: u32| {
        (row == 4).then(|| FixRow {
            token: "v1.7.4".to_owned(),
            problems: vec![
                ("amount".to_owned(), "This is not a number.".to_owned()),
                ("due_date".to_owned(), "The due date is blank.".to_owned()),
                (String::new(), "See both.".to_owned()),
            ],
        })
    };
    let written = write_fix(&original, &options(), &out, &mut fixes).unwrap();
    assert_eq!(written, 1);
    let pages = grid(&out);
    assert_eq!(pages[0].1.len(), 2);
    assert_eq!(
        pages[0].1[1][4],
        text("Amount: This is not a number. Due date: The due date is blank. See both.")
    );
    let back = read(&out).unwrap();
    assert_eq!(back.rows[0].values, ["Sana", "002", "NotANumber", "", ""]);
    assert_eq!(back.rows[0].token.as_deref(), Some("v1.7.4"));
    // A fix sheet of a fix sheet does not grow, in whichever language either is.
    let mut from = out.clone();
    for (at, to_correct) in fee_sheet::TO_CORRECT.iter().rev().enumerate() {
        let again = folder.at(&format!("again-{at}.fix.xlsx"));
        write_fix_xlsx(
            &from,
            "fees.fix.xlsx",
            &options(),
            to_correct,
            &again,
            &mut |_, row| (row == 2).then(FixRow::default),
        )
        .unwrap();
        let mut headings = grid(&out)[0].1[0].clone();
        headings[4] = text(to_correct);
        assert_eq!(grid(&again)[0].1[0], headings);
        let back = read(&again).unwrap();
        assert_eq!(back.rows[0].values, ["Sana", "002", "NotANumber", "", ""]);
        assert_eq!(back.held, None);
        from = again;
    }
    let none = folder.at("none.fix.xlsx");
    assert_eq!(
        write_fix(&original, &options(), &none, &mut |_, _| None).unwrap(),
        0
    );
    assert!(!none.exists());
}
