//! What a sheet shows is less than what its cells hold, or than its rows need:
//! a date without its day, an amount without its paisa, a due date that only a
//! title says. It is taken where there is one answer, and said.

use fee_sheet::{FixRow, Note};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::{Folder, Read, joined, options, read, rows, write_fix};

/// A workbook of one row, whose amount and due date have formats of their own.
fn formatted(amount: (f64, &str), due: (u8, &str)) -> Read {
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, heading) in (0..).zip(["Name", "Roll No", "Fee", "Due Date"]) {
        page.write(0, column, heading).unwrap();
    }
    page.write(1, 0, "Ali").unwrap();
    page.write(1, 1, "GF-1").unwrap();
    let format = Format::new().set_num_format(amount.1);
    page.write_with_format(1, 2, amount.0, &format).unwrap();
    let date = ExcelDateTime::from_ymd(2035, 3, due.0).unwrap();
    let format = Format::new().set_num_format(due.1);
    page.write_with_format(1, 3, &date, &format).unwrap();
    book.save(&path).unwrap();
    read(&path).unwrap()
}

#[test]
fn a_month_that_was_typed_for_a_date_is_none() {
    let read = formatted((1500.0, "#,##0"), (1, "mmm-yy"));
    assert_eq!(read.rows[0].values[3], "IncompleteDate");
    let read = formatted((1500.0, "#,##0"), (1, "d-mmm-yy"));
    assert_eq!(read.rows[0].values[3], "2035-03-01");
    assert_eq!(read.rows[0].notes, []);
}

#[test]
fn a_day_that_is_there_and_not_shown_is_taken_and_said() {
    let read = formatted((1500.0, "0.00"), (10, "mmmm yyyy"));
    assert_eq!(read.rows[0].values[3], "2035-03-10");
    assert_eq!(read.rows[0].notes, [Note::DayNotShown]);
}

#[test]
fn paisa_that_are_there_and_not_shown_are_taken_and_said() {
    for (format, noted) in [
        ("#,##0", true),
        ("0.0", true),
        ("\"Rs. \"#,##0", true),
        ("#,##0.00", false),
        ("General", false),
    ] {
        let read = formatted((1500.75, format), (10, "yyyy-mm-dd"));
        assert_eq!(read.rows[0].values[2], "1500.75", "{format}");
        let notes: &[Note] = if noted { &[Note::PaisaNotShown] } else { &[] };
        assert_eq!(read.rows[0].notes, notes, "{format}");
    }
}

#[test]
fn a_due_date_in_a_title_is_taken_for_all_rows_and_said_as_a_guess() {
    let folder = Folder::new();
    for (title, date) in [
        ("Due Date: 15-12-2035", "2035-12-15"),
        (
            "\"Fee for December, Last Date 15 December 2035\"",
            "2035-12-15",
        ),
        ("Fee list (Due Date: 10-Dec-2035)", "2035-12-10"),
        (
            "\"Issue Date: 01-12-2035, Due Date: 10-12-2035\"",
            "2035-12-10",
        ),
        ("\"Dated: 01-12-2035, Due Date: 10-12-2035\"", "2035-12-10"),
        ("Due Date,2035-12-10", "2035-12-10"),
        ("فیس جمع کرانے کی آخری تاریخ: ۱۵ دسمبر ۲۰۳۵", "2035-12-15"),
        ("Due Date: 2035-12-15\nLast date: 15 Dec 2035", "2035-12-15"),
    ] {
        let path = folder.at("fees.csv");
        let text = format!("City School\n{title}\nRoll No,Name,Fee\nA1,Ali,1500\nA2,Sana,1700\n");
        std::fs::write(&path, text).unwrap();
        let read = read(&path).unwrap_or_else(|why| panic!("{title}: {why}"));
        let all = rows(&read);
        assert_eq!(all.len(), 2, "{title}");
        assert!(
            all.iter().all(|(_, values)| values[3] == date),
            "{title}: {all:?}"
        );
        assert_eq!(read.sheets[0].guesses, ["due_date"]);
        let said = joined(&read.sheets[0].notes).unwrap();
        assert!(said.contains("for all rows, a guess"), "{said}");
    }
}

#[test]
fn another_due_date_further_down_is_asked_about() {
    let folder = Folder::new();
    let sheet = |line: &str| {
        let path = folder.at("fees.csv");
        let text = format!(
            "Class V (Due Date 15-12-2035),,\nRoll No,Name,Fee\nA1,Ali,1500\n{line}\nA2,Sana,1700\n"
        );
        std::fs::write(&path, text).unwrap();
        read(&path).unwrap()
    };
    for line in [
        "Class VI (Due Date 20-12-2035),,",
        "Class 6 (Due Date 20-12-2035),,",
        "Class 6,Due Date: 20-12-2035,",
        "Due Date: 20-12-2035,,",
    ] {
        let read = sheet(line);
        let why = read.held.unwrap_or_default();
        assert!(
            why.contains("says another due date than “Class V"),
            "{line}: {why}"
        );
        assert!(why.contains("(row 4)"), "{line}: {why}");
    }
    for line in [
        "Class VI (Due Date 15-12-2035),,",
        "Class 6,,",
        "Issue Date: 01-12-2035,,",
    ] {
        assert_eq!(sheet(line).held, None, "{line}");
    }
}

#[test]
fn a_due_date_in_a_title_that_leaves_it_open_is_refused() {
    let folder = Folder::new();
    for title in [
        "Due Date: 15-12-2035\nDue Date: 20-12-2035",
        "\"Due date for December: 10-12-2035, for January: 10-01-2036\"",
        "Due date for December: 10-12-2035, for January: 10-01-2036",
        "Issue Date: 15-12-2035",
        "Dated: 15-12-2035",
        "Fee after due date 15-12-2035 is 1600",
        "Due date is the 10th of each month",
    ] {
        let path = folder.at("fees.csv");
        std::fs::write(&path, format!("{title}\nRoll No,Name,Fee\nA1,Ali,1500\n")).unwrap();
        let why = read(&path).unwrap_err().to_string();
        assert!(why.contains("no column for the Due date"), "{title}: {why}");
    }
}

#[test]
fn the_fix_sheet_of_such_a_sheet_has_a_column_for_it_and_is_read_again() {
    let folder = Folder::new();
    let (path, fix) = (folder.at("fees.csv"), folder.at("fees.fix.xlsx"));
    let text = "Due Date: 15-12-2035\nRoll No,Name,Fee\nA1,Ali,12x\nA2,Sana,1700\n";
    std::fs::write(&path, text).unwrap();
    let written = write_fix(&path, &options(), &fix, &mut |_, row| {
        (row == 3).then(|| FixRow {
            token: "t1".to_owned(),
            problems: vec![("amount".to_owned(), "`12x` is no number".to_owned())],
        })
    });
    assert_eq!(written.unwrap(), 1);
    let again = read(&fix).unwrap();
    assert_eq!(again.rows.len(), 1);
    assert_eq!(again.rows[0].values[3], "2035-12-15");
    assert_eq!(again.rows[0].token.as_deref(), Some("t1"));
    assert_eq!(again.sheets[0].guesses, [""; 0]);
}

/// An OpenDocument workbook of one row: what its amount and its due date have, and what they show.
fn open_document(amount: (&str, &str), due: (&str, &str)) -> Read {
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let headings: String = ["Name", "Roll No", "Fee", "Due Date"].map(text).concat();
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Class 5\">\
         <table:table-row>{headings}</table:table-row><table:table-row>{}{}\
         <table:table-cell office:value-type=\"float\" office:value=\"{}\"><text:p>{}</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"date\" office:date-value=\"{}\"><text:p>{}</text:p></table:table-cell>\
         </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>",
        text("Ali"),
        text("GF-1"),
        amount.0,
        amount.1,
        due.0,
        due.1
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let parts = [("mimetype", kind.to_owned()), ("content.xml", content)];
    let bytes = crate::dress::archive(parts.map(|(name, text)| (name, text.into_bytes())));
    let folder = Folder::new();
    let path = folder.at("fees.ods");
    std::fs::write(&path, bytes).unwrap();
    read(&path).unwrap()
}

#[test]
fn what_an_open_document_hides_is_taken_and_said_or_refused_as_in_any_workbook() {
    let read = open_document(("1500.75", "Rs. 1,501"), ("2035-03-10", "March 2035"));
    assert_eq!(read.rows[0].values[2..4], ["1500.75", "2035-03-10"]);
    let notes = [Note::PaisaNotShown, Note::DayNotShown];
    assert_eq!(read.rows[0].notes, notes);
    let read = open_document(("1500", "1,500.00"), ("2035-03-01", "Mar-35"));
    assert_eq!(read.rows[0].values[2..4], ["1500.00", "IncompleteDate"]);
    let read = open_document(("1500.75", "1,500.75"), ("2035-03-01", "1-Mar-35"));
    assert_eq!(read.rows[0].values[2..4], ["1500.75", "2035-03-01"]);
    assert_eq!(read.rows[0].notes, []);
}
