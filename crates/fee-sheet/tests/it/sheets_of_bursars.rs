//! Sheets as bursars make them, each as a CSV and as a workbook: crests and
//! titles, merged headings, classes one below the other, totals, signatures,
//! notes. Nearly all are read as they are; the others say what to do, and none is
//! read as something that it does not say.

use fee_sheet::Unreadable;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::{Folder, Read, read};

/// What must come of a sheet.
enum Comes {
    /// So many rows; the first and the last bill, their five values with `|`.
    Read(usize, &'static str, &'static str),
    /// The same, and the file waits for a person, for a reason with these words.
    Held(usize, &'static str, &'static str),
    /// It is refused, in a sentence with these words.
    Refused(&'static str),
}
use Comes::{Held, Read as Bills, Refused};

/// Lines of cells between `|`; `>` is merged with the cell on its left.
struct Sheet(&'static str, &'static str, Comes);

const SHEETS: &[Sheet] = &[
    Sheet("crest, titles, serial numbers, father's names", "
        GREENFIELD PUBLIC SCHOOL | > | > | > | > | >
        Fee Bill for the month of March 2035 | > | > | > | > | >
        |
        Sr. No. | Student Name | Father's Name | Roll No. | Amount (Rs.) | Due Date
        1 | Ali Khan | Zain Khan | GF-01 | 1500 | 2035-03-10
        2 | Sana Bibi | Umar Din | GF-02 | 1650 | 2035-03-10
        | Total | | | 3150 |
        |
        | Prepared By | | Accountant | | Principal",
        Bills(2, "Ali Khan|GF-01|1500.00|2035-03-10|", "Sana Bibi|GF-02|1650.00|2035-03-10|")),
    Sheet("class, section, register and roll numbers", "
        S# | Adm No | Roll No | Name of Student | Class | Sec | Fee Payable | Last Date
        1 | A-771 | 1 | Ali Khan | 5 | A | 1500 | 2035-03-10
        2 | A-772 | 2 | Sana Bibi | 5 | A | 1500 | 2035-03-10
        3 | A-801 | 1 | Omar Din | 6 | B | 1700 | 2035-03-10",
        Bills(3, "Ali Khan|A-771|1500.00|2035-03-10|", "Omar Din|A-801|1700.00|2035-03-10|")),
    Sheet("fee heads, arrears and a total", "
        Roll No | Name | Tuition Fee | Transport | Exam Fee | Arrears | Total Payable | Due Date | After Due Date
        R1 | Ali | 1000 | 300 | 200 | 500 | 2000 | 2035-03-10 | 2100
        R2 | Sana | 1000 | | 200 | | 1200 | 2035-03-10 | 1300
        Grand Total | | 2000 | 300 | 400 | 500 | 3200 | | 3400",
        Bills(2, "Ali|R1|2000.00|2035-03-10|2100.00", "Sana|R2|1200.00|2035-03-10|1300.00")),
    Sheet("a group heading over two amounts", "
        Sr | Student's Name | Reg # | Fee | > | Due Date
        | | | Within Due Date | After Due Date |
        1 | Ali | R-1 | 1500 | 1600 | 2035-03-10
        2 | Sana | R-2 | 1700 | 1800 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|1600.00", "Sana|R-2|1700.00|2035-03-10|1800.00")),
    Sheet("groups over all columns", "
        Student | > | Father | > | Fee Details | > | Dates
        Name | Roll No | Name | CNIC | Payable | With Fine | Due
        Ali | R-1 | Zain | 3520212345671 | 1500 | 1600 | 2035-03-10
        Sana | R-2 | Umar | 3520212345673 | 1700 | 1800 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|1600.00", "Sana|R-2|1700.00|2035-03-10|1800.00")),
    Sheet("an amount below arrears is no amount", "
        Name | Roll No | Current | Arrears | > | Due Date
        | | Fee | Amount | Months |
        Ali | R-1 | 1500 | 3000 | 2 | 2035-03-10
        Sana | R-2 | 1700 | 0 | 0 | 2035-03-10",
        Held(2, "Ali|R-1|1500.00|2035-03-10|", "“Arrears Amount”")),
    Sheet("headings in English and in Urdu below", "
        Student Name | Roll No | Fee | Due Date
        طالب علم کا نام | رول نمبر | فیس | آخری تاریخ
        علی خان | 12 | 1500 | 2035-03-10
        ثنا | 13 | 1700 | 2035-03-10",
        Bills(2, "علی خان|12|1500.00|2035-03-10|", "ثنا|13|1700.00|2035-03-10|")),
    Sheet("Urdu headings from a madrasa", "
        جامعہ نور | > | > | >
        نمبر شمار | نام طالب علم | ولدیت | داخلہ نمبر | ماہانہ فیس | فیس جمع کرانے کی آخری تاریخ | مقررہ تاریخ کے بعد فیس
        1 | احمد | زید | 501 | 800 | 2035-03-10 | 900
        2 | بلال | عمر | 502 | 800 | 2035-03-10 | 900
        میزان | | | | 1600 | | 1800
        دستخط مہتمم",
        Bills(2, "احمد|501|800.00|2035-03-10|900.00", "بلال|502|800.00|2035-03-10|900.00")),
    Sheet("Roman Urdu", "
        Talib ilm ka naam | Walid ka naam | Dakhla No | Fees ki raqam | Fees ki akhri tareekh | Akhri tareekh ke baad
        Ali | Zain | D-1 | 1500 | 2035-03-10 | 1600
        Sana | Umar | D-2 | 1500 | 2035-03-10 | 1600",
        Bills(2, "Ali|D-1|1500.00|2035-03-10|1600.00", "Sana|D-2|1500.00|2035-03-10|1600.00")),
    Sheet("classes one below the other, with their titles and totals", "
        Name | GR No | Fee | Due Date
        Class 5-A | > | > | >
        Ali | G-1 | 1500 | 2035-03-10
        Sana | G-2 | 1500 | 2035-03-10
        Class 5-A Total | | 3000 |
        Class 5-B (2 students) | > | > | >
        Omar | G-3 | 1600 | 2035-03-10
        Zoya | G-4 | 1600 | 2035-03-10
        Class 5-B Total | | 3200 |
        Grand Total | | 6200 |",
        Bills(4, "Ali|G-1|1500.00|2035-03-10|", "Zoya|G-4|1600.00|2035-03-10|")),
    Sheet("the headings again on every page, in two lines", "
        Name | Roll No | Fee | > | Due Date
        | | Within Due Date | After Due Date |
        Ali | 1 | 1500 | 1600 | 2035-03-10
        |
        Name | Roll No | Fee | > | Due Date
        | | Within Due Date | After Due Date |
        Sana | 2 | 1700 | 1800 | 2035-03-10",
        Bills(2, "Ali|1|1500.00|2035-03-10|1600.00", "Sana|2|1700.00|2035-03-10|1800.00")),
    Sheet("a total that does not fit", "
        Name | Roll No | Fee | Due Date
        Ali | 1 | 1500 | 2035-03-10
        Sana | 2 | 1700 | 2035-03-10
        Total | | 3300 |",
        Held(2, "Ali|1|1500.00|2035-03-10|", "come to 3200.00")),
    Sheet("misspelt headings", "
        Studnet Name | Rool No | Totl Fee | Due Dat
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("one misspelt heading", "
        Student Name | Roll No | Ammount | Due Date
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("months beside the fee", "
        Name | Roll No | Monthly Fee | Jan | Feb | Mar | Due Date
        Ali | R-1 | 1500 | 1500 | 1500 | | 2035-03-10
        Sana | R-2 | 1700 | 1700 | | | 2035-03-10",
        Held(2, "Ali|R-1|1500.00|2035-03-10|", "“Jan”")),
    Sheet("months and their total", "
        Name | Roll No | Jan | Feb | Mar | Total | Due Date
        Ali | R-1 | 1500 | 1500 | 1500 | 4500 | 2035-03-10
        Sana | R-2 | 1700 | 1700 | 1700 | 5100 | 2035-03-10",
        Bills(2, "Ali|R-1|4500.00|2035-03-10|", "Sana|R-2|5100.00|2035-03-10|")),
    Sheet("the month in the heading", "
        Name | Roll No | Fee (March 2035) | Due Date
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("fees of two months", "
        Name | Roll No | Fee March | Fee April | Due Date
        Ali | R-1 | 1500 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 1700 | 2035-03-10",
        Refused("`Fee March` and `Fee April`")),
    Sheet("a late fee as a percentage", "
        Name | Roll No | Fee | Due Date | Late Fee
        Ali | R-1 | 1500 | 2035-03-10 | 5%
        Sana | R-2 | 1700 | 2035-03-10 | 5%",
        Held(2, "Ali|R-1|1500.00|2035-03-10|", "“Late Fee”")),
    Sheet("a fine beside the late amount", "
        Name | Roll No | Payable by Due Date | Fine | Payable after Due Date | Due Date
        Ali | R-1 | 1500 | 100 | 1600 | 2035-03-10
        Sana | R-2 | 1700 | 100 | 1800 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|1600.00", "Sana|R-2|1700.00|2035-03-10|1800.00")),
    Sheet("water bills of a town", "
        TEHSIL MUNICIPAL ADMINISTRATION | > | > | > | >
        Sr# | Consumer No | Consumer Name | Address | Current Bill | Arrears | Payable Within Due Date | Payable After Due Date | Due Date
        1 | 10023001 | Ghulam Rasool | House 4, Gali 2 | 300 | 100 | 400 | 440 | 2035-03-15
        2 | 10023002 | Bashir Ahmad | House 5, Gali 2 | 300 | 0 | 300 | 330 | 2035-03-15",
        Bills(2, "Ghulam Rasool|10023001|400.00|2035-03-15|440.00", "Bashir Ahmad|10023002|300.00|2035-03-15|330.00")),
    Sheet("a housing society", "
        Sr | Owner Name | House No | Maintenance Charges | Due Date
        1 | Imran Shah | 12-B | 2500 | 2035-03-15
        2 | Hina Malik | 14-B | 2500 | 2035-03-15",
        Bills(2, "Imran Shah|12-B|2500.00|2035-03-15|", "Hina Malik|14-B|2500.00|2035-03-15|")),
    Sheet("ghost columns and a table that begins further right", "
        | | | | | |
        | | Academy of Science | | | |
        | | |
        | | Name | Reg No | | Fee | | Due Date
        | | Ali | R-1 | | 1500 | | 2035-03-10
        | | Sana | R-2 | | 1700 | | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("notes and bank details below", "
        Name | Roll No | Fee | Due Date
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10
        |
        Note: a fine of Rs. 50 a day is charged after the due date.
        Fees once paid are not refunded.
        Total Students | 2 | |
        Checked by | | Principal |",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("dashes between the parts", "
        Name | Roll No | Fee | Due Date
        ------ | ------ | ------ | ------
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10
        ------ | ------ | ------ | ------
        Total | | 3200 |",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("what was paid already", "
        Name | Roll No | Total Fee | Paid | Balance | Due Date
        Ali | R-1 | 1500 | 500 | 1000 | 2035-03-10
        Sana | R-2 | 1700 | 0 | 1700 | 2035-03-10",
        Held(2, "Ali|R-1|1500.00|2035-03-10|", "“Paid” holds what is paid already")),
    Sheet("a discount taken off", "
        Name | Roll No | Gross Fee | Concession | Net Payable | Due Date
        Ali | R-1 | 2000 | 500 | 1500 | 2035-03-10
        Sana | R-2 | 2000 | 0 | 2000 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|2000.00|2035-03-10|")),
    Sheet("dates in the heading's own words", "
        Name | Roll No | Monthly Fee | Last Date for Payment of Fee | Amount Payable after the Due Date
        Ali | R-1 | 1500 | 2035-03-10 | 1600
        Sana | R-2 | 1700 | 2035-03-10 | 1800",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|1600.00", "Sana|R-2|1700.00|2035-03-10|1800.00")),
    Sheet("issue date and due date", "
        Name | Roll No | Fee | Issue Date | Due Date | Valid Till
        Ali | R-1 | 1500 | 2035-03-01 | 2035-03-10 | 2035-03-31
        Sana | R-2 | 1700 | 2035-03-01 | 2035-03-10 | 2035-03-31",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet("a heading nobody knows over the only amounts", "
        Pupil Name | Student ID | Charges | Deadline | Remarks
        Ali | S-1 | 1500 | 2035-03-10 | new
        Sana | S-2 | 1700 | 2035-03-10 |",
        Bills(2, "Ali|S-1|1500.00|2035-03-10|", "Sana|S-2|1700.00|2035-03-10|")),
    Sheet("two amounts of which neither is the bill for certain", "
        Name | Roll No | Fee | Grand Total | Due Date
        Ali | R-1 | 1500 | 18000 | 2035-03-10",
        Refused("`Fee` and `Grand Total`")),
    Sheet("challan numbers beside the register's", "
        Challan No | Reg No | Student Name | Class/Section | Challan Amount | Due Date | Amount after Due Date
        9001 | R-1 | Ali | 5/A | 1500 | 2035-03-10 | 1600
        9002 | R-2 | Sana | 5/B | 1700 | 2035-03-10 | 1800",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|1600.00", "Sana|R-2|1700.00|2035-03-10|1800.00")),
    Sheet("class and month in cells right above the headings", "
        Class: 5-A | | Month: March | Due Date: 10-03-2035
        Name | Roll No | Fee | Due Date
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|")),
    Sheet(
        "a title in two cells right above the headings",
        "
        Greenfield School | | Fee Collection Sheet | March
        Name | Roll No | Amount | Due Date
        Ali | R-1 | 1500 | 2035-03-10
        Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|"),
    ),
    Sheet(
        "the title of a section right below the headings",
        "
        Sr | Name | Roll No | Amount | Due Date
        Nursery | | | |
        1 | Ali | R-1 | 1500 | 2035-03-10
        2 | Sana | R-2 | 1700 | 2035-03-10",
        Bills(2, "Ali|R-1|1500.00|2035-03-10|", "Sana|R-2|1700.00|2035-03-10|"),
    ),
    Sheet("a due date in a title alone", "
        Last date: 10th March 2035
        Name | Roll No | Fee
        Ali | R-1 | 1500",
        Bills(1, "Ali|R-1|1500.00|2035-03-10|", "Ali|R-1|1500.00|2035-03-10|")),
    Sheet("no date at all", "
        Fee for March 2035
        Name | Roll No | Fee
        Ali | R-1 | 1500",
        Refused("no column for the Due date")),
    Sheet("headings in two languages, one behind the other", "
        نمبر | Student Name (نام) | Reg No (رجسٹریشن نمبر) | Fee (فیس) | Issue Date (اجراء) | Due Date (آخری تاریخ)
        1 | حمزہ | M-1 | 900 | 2035-03-01 | 2035-03-10
        2 | عمر | M-2 | 950 | 2035-03-01 | 2035-03-10",
        Bills(2, "حمزہ|M-1|900.00|2035-03-10|", "عمر|M-2|950.00|2035-03-10|")),
    Sheet("a pupil and the father in one column", "
        Student Name / Father Name | Registration No. | Payable Fee | Last Date of Payment
        Areeba D/O Kashif | RN-01 | 3500 | 2035-03-10
        Sufyan S/O Imran | RN-02 | 3500 | 2035-03-10",
        Bills(2, "Areeba D/O Kashif|RN-01|3500.00|2035-03-10|", "Sufyan S/O Imran|RN-02|3500.00|2035-03-10|")),
    Sheet("vouchers of a school, and users of a network", "
        Voucher No | Student Name | Class | Amount Payable | Valid Till
        V-5001 | Hania | KG | 1950 | 2035-03-10",
        Bills(1, "Hania|V-5001|1950.00|2035-03-10|", "Hania|V-5001|1950.00|2035-03-10|")),
    Sheet("users of a network, with what they owe from before", "
        FIBERNET BROADBAND - Recovery Sheet
        User ID | Subscriber Name | Area | Package | Monthly Bill | Previous Balance | Total Payable | Due Date
        fn-12 | Adeel | Gulshan | 10 Mbps | 1800 | 0 | 1800 | 2035-03-10
        fn-13 | Noman | Gulshan | 20 Mbps | 2500 | 2500 | 5000 | 2035-03-10",
        Bills(2, "Adeel|fn-12|1800.00|2035-03-10|", "Noman|fn-13|5000.00|2035-03-10|")),
];

fn cells(sheet: &str) -> Vec<Vec<&str>> {
    let lines = sheet.lines().skip(1);
    lines
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

fn as_csv(folder: &Folder, sheet: &str) -> Result<Read, Unreadable> {
    let mut text = String::new();
    for line in cells(sheet) {
        let line: Vec<String> = line
            .iter()
            .map(|cell| match *cell {
                ">" => String::new(),
                cell => format!("\"{cell}\""),
            })
            .collect();
        text.push_str(&line.join(","));
        text.push('\n');
    }
    read(&folder.file("fees.csv", text))
}

fn as_workbook(folder: &Folder, sheet: &str) -> Result<Read, Unreadable> {
    let path = folder.at("fees.xlsx");
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, line) in (0..).zip(cells(sheet)) {
        for (column, cell) in (0..).zip(&line) {
            put(page, row, column, cell);
        }
        let mut column = 0;
        while column < line.len() {
            let wide = line[column + 1..]
                .iter()
                .take_while(|cell| **cell == ">")
                .count();
            if wide > 0 {
                let (first, last) = (column as u16, (column + wide) as u16);
                page.merge_range(row, first, row, last, line[column], &Format::new())
                    .unwrap();
            }
            column += wide + 1;
        }
    }
    book.save(&path).unwrap();
    read(&path)
}

fn put(page: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    if cell == ">" || cell.is_empty() {
        return;
    }
    if let Ok(number) = cell.parse::<f64>() {
        page.write_number(row, column, number).unwrap();
    } else if let Ok(date) = ExcelDateTime::parse_from_str(cell)
        && cell.len() == 10
    {
        page.write_datetime_with_format(row, column, &date, &day)
            .unwrap();
    } else {
        page.write_string(row, column, cell).unwrap();
    }
}

fn said(read: &Read, at: usize) -> String {
    read.rows[at].values.join("|")
}

#[test]
fn sheets_as_bursars_make_them_are_read_or_say_what_to_do() {
    let mut wrong = Vec::new();
    for Sheet(name, sheet, comes) in SHEETS {
        let folder = Folder::new();
        for (kind, came) in [
            ("csv", as_csv(&folder, sheet)),
            ("xlsx", as_workbook(&folder, sheet)),
        ] {
            let fits = match (comes, &came) {
                (Bills(rows, first, last), Ok(read)) => {
                    read.rows.len() == *rows
                        && said(read, 0) == *first
                        && said(read, rows - 1) == *last
                        && read.held.is_none()
                }
                (Held(rows, first, why), Ok(read)) => {
                    read.rows.len() == *rows
                        && said(read, 0) == *first
                        && read.held.as_ref().is_some_and(|held| held.contains(why))
                }
                (Refused(why), Err(error)) => error.to_string().contains(why),
                _ => false,
            };
            if !fits {
                wrong.push(format!("{name} ({kind}): {came:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let ready = SHEETS.iter().filter(|sheet| !matches!(sheet.2, Refused(_)));
    assert!(
        ready.count() * 30 >= SHEETS.len() * 26,
        "most need no configuration"
    );
}

#[test]
fn every_line_below_the_headings_is_a_row_or_left_out() {
    for Sheet(name, sheet, _) in SHEETS {
        let folder = Folder::new();
        let Ok(read) = as_csv(&folder, sheet) else {
            continue;
        };
        let header = read.sheets[0].header_row;
        let lines = cells(sheet);
        let filled = (1..)
            .zip(&lines)
            .filter(|(row, line)| *row > header && line.iter().any(|cell| !cell.is_empty()));
        let mut expected: Vec<u32> = filled.map(|(row, _)| row).collect();
        let rows = read.rows.iter().map(|row| row.number);
        let mut found: Vec<u32> = rows
            .chain(read.left_out.iter().map(|line| line.row))
            .collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn two_campuses_on_two_sheets_are_both_taken_and_a_third_that_lacks_a_heading_is_asked_about() {
    let folder = Folder::new();
    let path = folder.at("campuses.xlsx");
    let mut book = Workbook::new();
    for (name, headings) in [
        ("City Campus", "Name|Roll No|Fee|Due Date"),
        ("Canal Campus", "Roll No|Student Name|Last Date|Total Fee"),
        ("Old Campus", "Name|Roll No|Fee|Class"),
    ] {
        let page = book.add_worksheet().set_name(name).unwrap();
        for (column, heading) in (0..).zip(headings.split('|')) {
            put(page, 0, column, heading);
            let cell = match heading {
                "Roll No" => name,
                "Fee" | "Total Fee" => "1500",
                "Due Date" | "Last Date" => "2035-03-10",
                _ => "Ali",
            };
            put(page, 1, column, cell);
        }
    }
    book.save(&path).unwrap();
    let read = read(&path).unwrap();
    let ids: Vec<&str> = read.rows.iter().map(|row| row.values[1].as_str()).collect();
    assert_eq!(ids, ["City Campus", "Canal Campus"]);
    let why = read.held.unwrap();
    assert!(
        why.contains("`Old Campus`") && why.contains("“Due date”"),
        "{why}"
    );
    assert!(read.left_out[0].whole_sheet);
}

#[test]
fn a_fix_sheet_of_headings_in_two_lines_has_them_in_one_and_is_read_again() {
    use crate::write_fix;
    use fee_sheet::FixRow;
    let folder = Folder::new();
    let text = "Student Name,Roll No,Fee,,Due Date\nنام,,Within Due Date,After Due Date,\nAli,R-1,none,1600,2035-03-10\n";
    let path = folder.file("fees.csv", text);
    let fixes = folder.at("fees.fix.xlsx");
    let fixed = write_fix(&path, &crate::options(), &fixes, &mut |_, row| {
        (row == 3).then(|| FixRow {
            token: "t3".to_owned(),
            problems: vec![("amount".to_owned(), "no number".to_owned())],
        })
    });
    assert_eq!(fixed.unwrap(), 1);
    let (before, again) = (read(&path).unwrap(), read(&fixes).unwrap());
    assert_eq!(said(&again, 0), said(&before, 0));
    assert_eq!(again.rows[0].token.as_deref(), Some("t3"));
    let known = |read: &Read| -> Vec<String> {
        let columns = read.sheets[0].columns.iter();
        columns
            .map(|column| fee_sheet::headings::known_again(&column.heading))
            .collect()
    };
    assert_eq!(known(&again), known(&before));
}
