//! What a fix sheet does for whoever corrects it: cells that keep what is
//! typed, a list where there is a choice, and nothing that rests on the rows
//! that are not in it.

use std::io::Read;
use std::path::Path;

use fee_sheet::{DayMonthOrder, FixRow, ReadOptions};

use crate::{Folder, options, read, read_with, write_fix};

/// The first worksheet, as it is written.
pub(crate) fn first_sheet(path: &Path) -> String {
    part(path, "xl/worksheets/sheet1.xml")
}

/// A part of a workbook, as it is written.
pub(crate) fn part(path: &Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    let mut part = archive.by_name(name).unwrap();
    part.read_to_string(&mut text).unwrap();
    text
}

/// What a cell's style is: an index, as the sheet has it.
fn style<'a>(sheet: &'a str, cell: &str) -> Option<&'a str> {
    let at = sheet.find(&format!("r=\"{cell}\""))?;
    let tag = sheet[at..].split('>').next()?;
    tag.split("s=\"").nth(1)?.split('"').next()
}

fn problem(field: &str, sentence: &str) -> (String, String) {
    (field.to_owned(), sentence.to_owned())
}

#[test]
fn a_date_that_was_read_is_a_date_in_the_fix_sheet_whatever_order_it_was_written_in() {
    let folder = Folder::new();
    let original = folder.file(
        "fees.csv",
        "Name,Roll No,Fee,Due Date\nAli,0042,a lot,05/03/2035\nSana,7,a lot,03/25/2035\n",
    );
    let mdy = ReadOptions {
        day_month_order: DayMonthOrder::Mdy,
        ..options()
    };
    let out = folder.at("fees.fix.xlsx");
    let mut fix = |_: &str, row: u32| {
        (row == 2).then(|| FixRow {
            token: "t".to_owned(),
            problems: vec![problem("amount", "This is not a number.")],
        })
    };
    write_fix(&original, &mdy, &out, &mut fix).unwrap();
    // Alone, and read by an account of the other order.
    let back = read(&out).unwrap();
    assert_eq!(
        back.rows[0].values,
        ["Ali", "0042", "NotANumber", "2035-05-03", ""]
    );

    // And where it is the other row, which is not in it, that shows the order.
    std::fs::remove_file(&out).unwrap();
    write_fix(&original, &options(), &out, &mut fix).unwrap();
    assert_eq!(read(&out).unwrap().rows[0].values[3], "2035-05-03");
}

#[test]
fn a_cell_with_two_readings_offers_both_and_any_other_cell_no_list() {
    let folder = Folder::new();
    let original = folder.file(
        "fees.csv",
        "Name,Roll No,Fee,Due Date\nAli,1,1500,05/03/2035\nSana,2,a lot,2035-03-05\n",
    );
    let strict = ReadOptions {
        day_month_order: DayMonthOrder::Reject,
        ..options()
    };
    let out = folder.at("fees.fix.xlsx");
    let mut fix = |_: &str, row: u32| {
        let field = if row == 2 { "due_date" } else { "amount" };
        Some(FixRow {
            token: row.to_string(),
            problems: vec![problem(field, "Which?")],
        })
    };
    write_fix(&original, &strict, &out, &mut fix).unwrap();
    let sheet = first_sheet(&out);
    assert!(sheet.contains("<dataValidations count=\"1\">"), "{sheet}");
    assert!(
        sheet.contains("\"2035-03-05,2035-05-03\"") || sheet.contains("2035-03-05,2035-05-03"),
        "{sheet}"
    );
    assert!(sheet.contains("sqref=\"D2\""), "{sheet}");
    // What stands there is left for the person to choose from.
    let back = read_with(&out, &strict).unwrap();
    assert_eq!(back.rows[0].values[3], "AmbiguousDate");
}

#[test]
fn identifiers_stay_as_they_are_typed_and_what_has_no_cell_colours_the_message() {
    let folder = Folder::new();
    let original = folder.file(
        "fees.csv",
        "Name,Roll No,Fee,Due Date\nAli,,1500,2035-03-05\nSana,007,1500,2035-03-05\n",
    );
    let out = folder.at("fees.fix.xlsx");
    let mut fix = |_: &str, row: u32| {
        let field = if row == 2 { "identifier" } else { "" };
        Some(FixRow {
            token: row.to_string(),
            problems: vec![problem(field, "Write it.")],
        })
    };
    write_fix(&original, &options(), &out, &mut fix).unwrap();
    let sheet = first_sheet(&out);
    let styles = part(&out, "xl/styles.xml");
    // The format of texts is number 49 in every workbook.
    assert!(styles.contains("numFmtId=\"49\""), "{styles}");
    let (bad, good) = (style(&sheet, "B2"), style(&sheet, "B3"));
    assert!(bad.is_some() && good.is_some() && bad != good, "{sheet}");
    let column = sheet.split("<col min=\"2\"").nth(1).unwrap();
    assert_eq!(
        column.split("style=\"").nth(1).unwrap().split('"').next(),
        good
    );
    // Columns A to D are the sheet's, E says what to correct.
    assert_eq!(style(&sheet, "E2"), None);
    assert!(style(&sheet, "E3").is_some(), "{sheet}");
    assert_eq!(read(&out).unwrap().rows[1].values[1], "007");
}
