//! Text files.

use fee_sheet::{DayMonthOrder, Unreadable};

use crate::{Folder, left, options, read, read_with, rows};

const HEADINGS: &str = "Student Name,Reg No,Fee,Due Date,After Due Date\n";

fn csv(text: impl AsRef<[u8]>) -> Result<crate::Read, Unreadable> {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text))
}

#[test]
fn a_plain_sheet_is_read_with_positions() {
    let read = csv(format!(
        "{HEADINGS}Ali,FS-1,1500,2035-03-05,1600\nSana,FS-2,\"Rs. 1,500/-\",5-Mar-35,\n"
    ))
    .unwrap();
    assert_eq!(
        rows(&read),
        [
            (2, ["Ali", "FS-1", "1500.00", "2035-03-05", "1600.00"]),
            (3, ["Sana", "FS-2", "1500.00", "2035-03-05", ""]),
        ]
    );
    let sheet = &read.sheets[0];
    assert_eq!((sheet.name.as_str(), sheet.header_row), ("fees", 1));
    assert_eq!(sheet.mapping[1], ("identifier", "Reg No".to_owned()));
    assert_eq!(read.held, None);
}

#[test]
fn blank_lines_and_broken_cells_count_as_a_spreadsheet_counts_them() {
    let text = format!(
        "Greenfield School\r\n\r\n{}\r\nAli,FS-1,1500,2035-03-05,\r\n\r\n,,,,\r\n\"Sana\nBibi\",FS-2,1500,2035-03-05,\r\nZain,FS-3,1500,2035-03-05,",
        HEADINGS.trim()
    );
    let read = csv(text).unwrap();
    assert_eq!(read.sheets[0].header_row, 3);
    let numbers: Vec<u32> = read.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [4, 7, 8]);
    assert_eq!(read.rows[1].values[0], "Sana\nBibi");
}

#[test]
fn bare_carriage_returns_end_lines_too() {
    let text = format!("{HEADINGS}Ali,FS-1,1500,2035-03-05,\n\nSana,FS-2,1500,2035-03-05,\n")
        .replace('\n', "\r");
    let read = csv(text).unwrap();
    assert_eq!(
        read.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 4]
    );
}

#[test]
fn the_delimiter_is_told_even_where_amounts_have_commas() {
    for delimiter in [";", "\t", "|"] {
        let text = ["Name", "Roll No", "Fee", "Due Date"].join(delimiter)
            + "\n"
            + &["Ali, Muhammad", "1", "1,500", "05/03/2035"].join(delimiter)
            + "\n";
        assert_eq!(
            rows(&csv(text).unwrap()),
            [(2, ["Ali, Muhammad", "1", "1500.00", "2035-03-05", ""])]
        );
    }
}

#[test]
fn a_line_that_names_the_separator_is_obeyed_and_not_counted() {
    let read = csv("sep=;\nName;Roll No;Fee;Due Date\nAli;1;1500;2035-03-05\n").unwrap();
    assert_eq!(
        rows(&read),
        [(2, ["Ali", "1", "1500.00", "2035-03-05", ""])]
    );
}

#[test]
fn urdu_headings_and_digits_are_read() {
    let read = csv("طالب علم کا نام,رول نمبر,فيس,آخری تاریخ\nعائشہ صدیقہ,FS-7,۱۵۰۰,۵ مارچ ۲۰۳۵\n")
        .unwrap();
    assert_eq!(
        rows(&read),
        [(2, ["عائشہ صدیقہ", "FS-7", "1500.00", "2035-03-05", ""])]
    );
}

#[test]
fn flaws_are_named_cell_by_cell() {
    let text = format!(
        "{HEADINGS}Ali,3.5202E+12,\"12,0O\",31/02/2035,\nSana,FS-2,10.005,#REF!,\"1,5\"\n,,1500,2035-03-05,\nZain,FS-3,,,\n"
    );
    assert_eq!(
        rows(&csv(text).unwrap()),
        [
            (2, ["Ali", "PrecisionLost", "NotANumber", "NoSuchDay", ""]),
            (
                3,
                [
                    "Sana",
                    "FS-2",
                    "TooManyDecimals",
                    "ErrorCell(\"#REF!\")",
                    "OddGrouping"
                ]
            ),
            (4, ["", "", "1500.00", "2035-03-05", ""]),
            (5, ["Zain", "FS-3", "", "", ""]),
        ]
    );
}

#[test]
fn what_stands_below_and_between_is_left_out_with_a_reason() {
    let text = format!(
        "S.No,{HEADINGS}1,Ali,FS-1,1500,2035-03-05,\nClass V,,,,,\nS.No,{HEADINGS}2,Sana,FS-2,1500,2035-03-05,\n,,,3000,,\n,Grand Total,,3000,,\n,Accountant,,,,\nSignature: ____,,,,,\n"
    );
    let read = csv(text).unwrap();
    assert_eq!(
        read.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 5]
    );
    let reasons = left(&read);
    assert_eq!(
        reasons.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [3, 4, 6, 7, 8, 9]
    );
    assert_eq!(reasons[1].1, "the headings again");
    assert!(reasons[3].1.contains("totals row"), "{reasons:?}");
}

#[test]
fn a_row_that_lacks_nearly_everything_is_still_a_row_if_rows_follow() {
    let text = format!("{HEADINGS}Ali,,,,\n,,1500,,\nSana,FS-2,1500,2035-03-05,\n");
    let read = csv(text).unwrap();
    assert_eq!(
        read.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        [2, 3, 4]
    );
    assert_eq!(left(&read), []);
}

#[test]
fn a_missing_column_is_named_with_the_headings_found() {
    let error = csv("Name,Class,Fee\nAli,V,1500\n").unwrap_err();
    let Unreadable::NoColumns { found, missing } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(found, &["Name", "Class", "Fee"]);
    assert_eq!(
        missing.iter().map(|field| field.field).collect::<Vec<_>>(),
        ["identifier", "due_date"]
    );
    let text = error.to_string();
    assert!(
        text.contains("`Class`") && text.contains("Due date") && text.contains("`last date`"),
        "{text}"
    );
}

#[test]
fn two_columns_for_one_field_are_refused_unless_the_account_names_one() {
    let text = "Name,Adm No,Reg No,Fee,Due Date\nAli,1,FS-1,1500,2035-03-05\n";
    let error = csv(text).unwrap_err();
    assert!(
        matches!(&error, Unreadable::AmbiguousColumns { first, second, .. } if first == "Adm No" && second == "Reg No"),
        "{error:?}"
    );
    let mut options = options();
    options
        .columns
        .insert("identifier".to_owned(), vec!["reg. no".to_owned()]);
    let folder = Folder::new();
    let read = read_with(&folder.file("fees.csv", text), &options).unwrap();
    assert_eq!(read.rows[0].values[1], "FS-1");
}

#[test]
fn an_unbalanced_quote_is_named_with_its_line() {
    let good = "Ali,FS-1,1500,2035-03-05,\n";
    let open = "\"Sana,FS-2,1500,2035-03-05,\n";
    let quoted = "\"Zain\",FS-3,1500,2035-03-05,\n";
    for text in [
        format!("{HEADINGS}\n{good}{open}{good}"),
        format!("{HEADINGS}\n{good}{open}{quoted}{good}"),
        format!("{HEADINGS}\n{good}{open}{}", good.repeat(100_000)),
        format!("{HEADINGS}\n{good}{}", open.trim_end()),
    ] {
        let error = csv(text).unwrap_err();
        assert!(
            matches!(error, Unreadable::UnbalancedQuote { line: 4 }),
            "{error:?}"
        );
    }
}

#[test]
fn quotes_that_stand_inside_a_cell_are_letters() {
    let read = csv(format!(
        "{HEADINGS}Ali \"Bobby\" Khan,FS-1,1500,2035-03-05,\n\"Sana \"\"S\"\" Bibi\",FS-2,1500,2035-03-05,\n"
    ));
    let names: Vec<String> = read
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.values[0].clone())
        .collect();
    assert_eq!(names, ["Ali \"Bobby\" Khan", "Sana \"S\" Bibi"]);
}

#[test]
fn a_line_that_is_cut_keeps_what_it_has_and_one_that_is_too_long_is_not_believed() {
    let read = csv(format!(
        "{HEADINGS}Ali,FS-1,1500\nSana,FS-2,1500,2035-03-05,,,\nZain,FS-3,1500,2035-03-05,1,600\n"
    ))
    .unwrap();
    assert_eq!(
        rows(&read),
        [
            (2, ["Ali", "FS-1", "1500.00", "", ""]),
            (3, ["Sana", "FS-2", "1500.00", "2035-03-05", ""]),
            (
                4,
                [
                    "Zain",
                    "FS-3",
                    "MoreCells { cells: 6, headings: 5 }",
                    "2035-03-05",
                    "1.00"
                ]
            )
        ]
    );
}

#[test]
fn a_text_is_read_however_its_cells_are_quoted() {
    let wanted = [
        (2, ["Khan, Ali", "FS-1", "1500.00", "2035-03-05", ""]),
        (3, ["Sana \"S\" Bibi", "FS-2", "1500.00", "2035-03-05", ""]),
    ];
    for text in [
        "Name,Reg No,Fee,Due Date\n'Khan, Ali',FS-1,'1,500',2035-03-05\n'Sana \"S\" Bibi',FS-2,1500,2035-03-05\n",
        "Name,Reg No,Fee,Due Date\n\"Khan, Ali\",FS-1,1500,2035-03-05\n\"Sana \\\"S\\\" Bibi\",FS-2,\"1,500\",2035-03-05\n",
        "Name, Reg No, Fee, Due Date\n\"Khan, Ali\",  \"FS-1\", \"1,500\", 2035-03-05\n\"Sana \"\"S\"\" Bibi\",\"FS-2\", \"1500\", \"2035-03-05\"\n",
    ] {
        assert_eq!(rows(&csv(text).unwrap()), wanted, "{text}");
    }
}

#[test]
fn a_lone_quote_never_takes_the_cells_behind_it_along() {
    for line in [
        "\"Zain,FS-3,1500,2035-03-05,\"1,600\"",
        "\"\"Khan, Zain\",FS-3,1500,2035-03-05,",
        "Zain,\"FS-3,1500,\"2035-03-05\",1600",
        "\"Zain \"Bobby\" Khan\",FS-3,1500,2035-03-05,",
    ] {
        let text =
            format!("{HEADINGS}Ali,FS-1,1500,2035-03-05,\n{line}\nSana,FS-2,1500,2035-03-05,\n");
        let error = csv(text).unwrap_err();
        assert!(
            matches!(error, Unreadable::UnbalancedQuote { line: 3 }),
            "{line}: {error:?}"
        );
    }
}

#[test]
fn the_day_and_month_follow_the_account() {
    let folder = Folder::new();
    let path = folder.file("fees.csv", format!("{HEADINGS}Ali,FS-1,1500,05/03/2035,\n"));
    for (order, date) in [
        (DayMonthOrder::Dmy, "2035-03-05"),
        (DayMonthOrder::Mdy, "2035-05-03"),
        (DayMonthOrder::Reject, "AmbiguousDate"),
    ] {
        let mut options = options();
        options.day_month_order = order;
        assert_eq!(read_with(&path, &options).unwrap().rows[0].values[3], date);
    }
}

#[test]
fn identifiers_stay_as_they_are_shown() {
    let read = csv(format!(
        "{HEADINGS}Ali,000123,1500,2035-03-05,\nSana,\"=\"\"00124\"\"\",1500,2035-03-05,\n"
    ))
    .unwrap();
    assert_eq!(read.rows[0].values[1], "000123");
    assert_eq!(read.rows[1].values[1], "00124");
}

#[test]
fn headings_without_rows_are_refused() {
    assert!(matches!(csv(HEADINGS), Err(Unreadable::NoRows)));
    assert!(matches!(
        csv(format!("{HEADINGS},,,,\n\n")),
        Err(Unreadable::NoRows)
    ));
}

/// What a text file of these lines comes to: its titles, and why it waits.
fn titles_of(text: &str) -> (Vec<String>, Option<String>) {
    let folder = Folder::new();
    let read = read(&folder.file("fees.csv", text)).unwrap();
    let titles = read.rows.iter().map(|row| row.values[0].clone());
    (titles.collect(), read.held)
}

#[test]
fn a_blank_heading_too_many_holds_the_file() {
    let rows = "R-1,1500,2035-03-05,Ali,Khan\nR-2,1500,2035-03-05,Sana,Butt\n";
    let (_, held) = titles_of(&format!("Roll No,Fee,Due Date,,Name,Father\n{rows}"));
    let why = held.unwrap();
    assert!(
        why.contains("row 2") && why.contains("of which D has no name"),
        "{why}"
    );
    // Without it, and with a cell for it in each row, all is as it should be.
    let (titles, held) = titles_of(&format!("Roll No,Fee,Due Date,Name,Father\n{rows}"));
    assert_eq!(
        (titles, held),
        (vec!["Ali".to_owned(), "Sana".to_owned()], None)
    );
    let rows = "R-1,1500,2035-03-05,,Ali,Khan\nR-2,1500,2035-03-05,,Sana,Butt\n";
    let (titles, held) = titles_of(&format!("Roll No,Fee,Due Date,,Name,Father\n{rows}"));
    assert_eq!(
        (titles, held),
        (vec!["Ali".to_owned(), "Sana".to_owned()], None)
    );
    // What stands behind the last column that is read can't move any of them.
    let (_, held) = titles_of("Name,Roll No,Fee,Due Date,,Notes\nAli,R-1,1500,2035-03-05,new\n");
    assert_eq!(held, None);
}

#[test]
fn a_name_that_two_commas_do_not_part_from_its_comma_holds_the_file() {
    let head = "Roll No,,Fee,,Due Date,,Name,,Class\n";
    let whole = "R-1,,1500,,2035-03-05,,Ali,,5\nR-2,,1500,,2035-03-05,,Sana,,5\n";
    let (titles, held) = titles_of(&format!("{head}{whole}"));
    assert_eq!(
        (titles, held),
        (vec!["Ali".to_owned(), "Sana".to_owned()], None)
    );
    let (titles, held) = titles_of(&format!(
        "{head}{whole}R-3,,1500,,2035-03-05,,Khan, Bilal,,\n"
    ));
    assert_eq!(titles[2], "Khan");
    let why = held.unwrap();
    assert!(
        why.contains("Bilal, row 4") && why.contains("column H"),
        "{why}"
    );
}

#[test]
fn two_cells_that_have_run_together_at_the_end_of_a_line_hold_the_file() {
    let head = "Roll No,Fee,Due Date,Name,Father\n";
    let whole = "R-1,1500,2035-03-05,Ali,Khan\nR-2,1500,2035-03-05,Sana,Butt\n";
    let (_, held) = titles_of(&format!("{head}{whole}R-3,1500,2035-03-05,BilalAhmed\n"));
    let why = held.unwrap();
    assert!(
        why.contains("row 4") && why.contains("after 4 of 5 cells"),
        "{why}"
    );
    // A program that leaves out what is blank at the end does so in every line.
    let (_, held) = titles_of(&format!(
        "{head}R-1,1500,2035-03-05,Ali\nR-2,1500,2035-03-05,Sana\n{whole}"
    ));
    assert_eq!(held, None);
    let (_, held) = titles_of(&format!("{head}{whole}R-3,1500,2035-03-05,Bilal,\n"));
    assert_eq!(held, None);
}

#[test]
fn a_mark_that_took_a_whole_pupil_along_refuses_the_file() {
    let text = "Roll No,Name,Fee,Due Date\n1,\"Ali,2000,25/12/2035\n2,Bilal\",2000,25/12/2035\n3,Cara,2000,25/12/2035\n";
    let error = csv(text).unwrap_err();
    assert!(
        matches!(error, Unreadable::UnbalancedQuote { line: 2 }),
        "{error:?}"
    );
}

#[test]
fn a_text_in_utf_32_is_named() {
    let text = format!("\u{feff}{HEADINGS}Ali,FS-1,1500,2035-03-05,\n");
    let little = text.chars().flat_map(|c| u32::from(c).to_le_bytes());
    let big = text.chars().flat_map(|c| u32::from(c).to_be_bytes());
    let folder = Folder::new();
    for bytes in [little.collect::<Vec<u8>>(), big.collect()] {
        let error = read(&folder.file("fees.csv", bytes)).unwrap_err();
        let said = error.to_string();
        assert_eq!(
            said,
            "this is a text in UTF-32, which is not read: save the sheet as .xlsx or .csv and drop that"
        );
    }
}
