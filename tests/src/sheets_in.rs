//! The sheets that scenarios drop: small, and each row as it should be billed.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const HEADINGS: [&str; 5] = [
    "Student Name",
    "Student ID",
    "Fee",
    "Due Date",
    "After Due Date",
];

/// A row, in the sheet's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What the payer's bank shows.
    pub title: String,
    /// Who pays.
    pub identifier: String,
    /// Rupees.
    pub amount: String,
    /// `yyyy-MM-dd`.
    pub due_date: String,
    /// Rupees; may be blank.
    pub late: String,
}

impl Bill {
    /// A bill of a payer, the same after its due date.
    pub fn new(identifier: &str, amount: &str, due_date: &str) -> Bill {
        Bill {
            title: format!("Pupil {identifier}"),
            identifier: identifier.to_owned(),
            amount: amount.to_owned(),
            due_date: due_date.to_owned(),
            late: amount.to_owned(),
        }
    }
}

/// So many bills of payers `PREFIX-00001` and on, amounts and a few dates by
/// turns, some with paisa.
pub fn bills(prefix: &str, n: usize) -> Vec<Bill> {
    (1..=n)
        .map(|n| {
            let rupees = 1000 + n % 4000;
            let paisa = if n % 10 == 0 { ".50" } else { "" };
            let day = 1 + n % 28;
            Bill {
                late: format!("{}{paisa}", rupees + 100),
                ..Bill::new(
                    &format!("{prefix}-{n:05}"),
                    &format!("{rupees}{paisa}"),
                    &format!("2035-03-{day:02}"),
                )
            }
        })
        .collect()
}

/// As CSV.
pub fn csv(bills: &[Bill]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADINGS).expect("memory can be written");
    for bill in bills {
        let cells = [
            &bill.title,
            &bill.identifier,
            &bill.amount,
            &bill.due_date,
            &bill.late,
        ];
        out.write_record(cells).expect("memory can be written");
    }
    out.into_inner().expect("memory can be written")
}

/// As a workbook, the way a spreadsheet saves it: amounts are numbers, dates
/// are dates.
pub fn xlsx(bills: &[Bill]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet
            .write(0, column, heading)
            .expect("a cell can be written");
    }
    for (row, bill) in (1..).zip(bills) {
        let number = |text: &str| {
            text.parse::<f64>()
                .expect("an amount of a test is a number")
        };
        let date = ExcelDateTime::parse_from_str(&bill.due_date).expect("a date of a test is one");
        sheet
            .write(row, 0, &bill.title)
            .expect("a cell can be written");
        sheet
            .write(row, 1, &bill.identifier)
            .expect("a cell can be written");
        sheet
            .write(row, 2, number(&bill.amount))
            .expect("a cell can be written");
        sheet
            .write_with_format(row, 3, &date, &day)
            .expect("a cell can be written");
        if !bill.late.is_empty() {
            sheet
                .write(row, 4, number(&bill.late))
                .expect("a cell can be written");
        }
    }
    workbook.save_to_buffer().expect("memory can be written")
}

/// A workbook of these texts, one sheet, from the first cell on.
pub fn book(lines: &[Vec<String>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(cells) {
            if !cell.is_empty() {
                sheet
                    .write_string(row, column, cell)
                    .expect("a cell can be written");
            }
        }
    }
    workbook.save_to_buffer().expect("memory can be written")
}

/// As an OpenDocument workbook of one sheet.
pub fn ods(sheet: &str, bills: &[Bill]) -> Vec<u8> {
    let text = |text: &str| {
        let kind = "office:value-type=\"string\"";
        format!("<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |number: &str| {
        let kind = format!("office:value-type=\"float\" office:value=\"{number}\"");
        format!("<table:table-cell {kind}><text:p>{number}</text:p></table:table-cell>")
    };
    let row = |cells: &[String]| {
        let cells = cells.concat();
        format!("<table:table-row>{cells}</table:table-row>")
    };
    let mut rows = row(&HEADINGS.map(text));
    for bill in bills {
        let day = &bill.due_date;
        let day = format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}\"><text:p>{day}</text:p></table:table-cell>"
        );
        rows += &row(&[
            text(&bill.title),
            text(&bill.identifier),
            number(&bill.amount),
            day,
            number(&bill.late),
        ]);
    }
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"{sheet}\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    archive(&[
        ("mimetype", kind.to_vec()),
        ("content.xml", content.into_bytes()),
    ])
}

/// An archive (ZIP) of these files.
pub fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("memory can be written");
        archive.write_all(bytes).expect("memory can be written");
    }
    let written = archive.finish().expect("memory can be written");
    written.into_inner()
}
