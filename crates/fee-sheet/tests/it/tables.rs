//! Headings that stand again further down: the top of another page, or a
//! table of its own whose columns stand elsewhere.

use fee_sheet::{FixRow, RowResult, Unreadable, write_result_csv};
use proptest::prelude::*;

use crate::{Folder, Read, left, options, read, rows, write_fix};

fn csv(text: &str) -> Read {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text)).unwrap()
}

const TOP: &str = "Student Name,Roll No,Amount,Due Date\nAli,E-1,1500,2036-05-10\n";

#[test]
fn a_table_whose_columns_stand_in_another_order_is_read_by_its_own_headings() {
    for (block, line) in [
        (
            "\nRoll No,Student Name,Amount,Due Date\nE-2,Sara,1600,2036-06-10\n",
            4,
        ),
        (
            "Student Name,Roll No,Due Date,Amount\nSara,E-2,2036-06-10,1600\n",
            3,
        ),
        (
            ",,Name,Reg No,Fee,Last Date\n,,Sara,E-2,1600,2036-06-10\n",
            3,
        ),
        (
            "Class 6\nName,Reg No,Class,Fee,Last Date\nSara,E-2,6,1600,2036-06-10\n",
            4,
        ),
    ] {
        let read = csv(&format!("{TOP}{block}"));
        let second = ["Sara", "E-2", "1600.00", "2036-06-10", ""];
        assert_eq!(
            rows(&read),
            [
                (2, ["Ali", "E-1", "1500.00", "2036-05-10", ""]),
                (line + 1, second)
            ]
        );
        let headers: Vec<_> = read.sheets.iter().map(|sheet| sheet.header_row).collect();
        assert_eq!(headers, [1, line]);
        assert_eq!(read.sheets[1].name, "fees");
        let why = "other headings, or in other columns: the lines below are read by them";
        assert!(left(&read).contains(&(line, why)), "{:?}", read.left_out);
        assert_eq!(read.held, None);
    }
}

#[test]
fn headings_that_lack_one_again_and_again_are_no_sheet() {
    let times = |n: usize| format!("{TOP}{}", "Student Name,Roll No,Amount,Left\n\n".repeat(n));
    let folder = Folder::new();
    let some = read(&folder.file("some.csv", times(900))).unwrap();
    let why = some.held.unwrap();
    assert!(why.contains("895 more like that"), "{why}");
    let refused = read(&folder.file("many.csv", times(1_100))).unwrap_err();
    assert!(
        refused.to_string().contains("headings again and again"),
        "{refused}"
    );
}

#[test]
fn the_same_headings_again_are_the_top_of_another_page() {
    for again in [
        "Student Name,Roll No,Amount,Due Date",
        "STUDENT NAME,Roll No.,Amount (Rs.),Due Date:",
        "Name,Reg No,Fee,Last Date",
        "Student Name,Roll No,Amount,",
    ] {
        let read = csv(&format!("{TOP}\n{again}\nSara,E-2,1600,2036-06-10\n"));
        assert_eq!(read.rows.len(), 2);
        assert_eq!(left(&read), [(4, "the headings again")]);
        assert_eq!((read.sheets.len(), read.held), (1, None));
    }
}

#[test]
fn a_late_amount_that_only_the_second_table_has_is_read_there() {
    let read = csv(&format!(
        "{TOP}Student Name,Roll No,Amount,Due Date,After Due Date\nSara,E-2,1600,2036-06-10,1700\n"
    ));
    assert_eq!(read.rows[0].values[4], "");
    assert_eq!(read.rows[1].values[4], "1700.00");
    assert_eq!(read.sheets.len(), 2);
}

#[test]
fn headings_of_which_some_are_not_known_hold_the_file_and_nothing_below_is_read() {
    let text = format!(
        "{TOP}Roll No,Student Name,Lump,Due Date\nE-2,Sara,1600,2036-06-10\nnote\n\nStudent Name,Roll No,Amount,Due Date\nZain,E-3,1700,2036-06-10\n"
    );
    let read = csv(&text);
    let titles: Vec<&str> = read.rows.iter().map(|row| row.values[0].as_str()).collect();
    assert_eq!(titles, ["Ali", "Zain"]);
    let lines: Vec<u32> = read.left_out.iter().map(|line| line.row).collect();
    assert_eq!(lines, [3, 4, 5, 7]);
    let why = read.held.unwrap();
    assert!(
        why.contains("row 3 of the sheet `fees` holds other headings than row 1")
            && why.contains("none for “Amount”"),
        "{why}"
    );
}

#[test]
fn an_unknown_heading_in_the_column_of_the_amount_is_not_passed_over() {
    let text = format!("{TOP}Student Name,Roll No,Received,Due Date\nSara,E-2,1600,2036-06-10\n");
    let read = csv(&text);
    assert_eq!(read.rows.len(), 1);
    assert!(read.held.unwrap().contains("none for “Amount”"));
}

#[test]
fn what_stands_beside_the_amount_may_change_from_table_to_table() {
    let top = "Name,Roll No,Total Fee,Class,Due Date\nAli,E-1,1500,5,2036-05-10\n";
    let again = "Name,Roll No,Total Fee,Class,Due Date\nSara,E-2,1500,5,2036-05-10\n";
    let read = csv(&format!("{top}{again}"));
    assert_eq!((read.sheets.len(), read.held), (1, None));
    let paid = again.replace("Class", "Paid").replace(",5,", ",1000,");
    let why = csv(&format!("{top}{paid}")).held.unwrap();
    assert!(why.contains("column D “Paid”"), "{why}");
}

#[test]
fn two_columns_for_one_field_are_refused_in_a_second_table_too() {
    let folder = Folder::new();
    let text = format!("{TOP}Roll No,Name,Fee,Net Payable,Due Date\nE-2,Sara,1,2,2036-06-10\n");
    let refused = read(&folder.file("fees.csv", text));
    assert!(matches!(refused, Err(Unreadable::AmbiguousColumns { .. })));
}

#[test]
fn totals_of_each_table_and_of_all_are_compared() {
    let second = "Roll No,Name,Fee,Due Date\nE-2,Sara,1600,2036-06-10\n";
    for totals in [("", ""), ("Total,,1500,\n", ",Total,1600,\n")] {
        let text = format!("{TOP}{}{second}{}", totals.0, totals.1);
        assert_eq!(csv(&text).held, None);
        assert_eq!(csv(&format!("{text},Grand Total,3100,\n")).held, None);
        assert!(csv(&format!("{text},Grand Total,3101,\n")).held.is_some());
    }
}

#[test]
fn money_beside_the_amount_of_a_second_table_is_asked_about() {
    let read = csv(&format!(
        "{TOP}Roll No,Name,Fee,Van,Due Date\nE-2,Sara,1600,500,2036-06-10\n"
    ));
    let why = read.held.unwrap();
    assert!(why.contains("column D “Van”"), "{why}");
    assert_eq!(read.sheets[1].unused, ["Van"]);
}

#[test]
fn results_and_corrections_stand_below_the_headings_of_their_own_table() {
    let folder = Folder::new();
    let text = format!("{TOP}Roll No,Student Name,Amount,Due Date\nE-2,Sara,none,2036-06-10\n");
    let path = folder.file("fees.csv", text);
    let out = folder.at("fees.results.csv");
    let mut asked = Vec::new();
    write_result_csv(&path, "fees.csv", &options(), &out, &mut |_, row| {
        asked.push(row);
        Some(RowResult {
            state: format!("s{row}").into(),
            psid: None,
            message: "".into(),
        })
    })
    .unwrap();
    assert_eq!(asked, [2, 4]);
    let lines = std::fs::read_to_string(out).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(
        lines[2],
        "Roll No,Student Name,Amount,Due Date,State,PSID,Message"
    );
    assert_eq!(lines[3], "E-2,Sara,none,2036-06-10,s4,,");

    let fixes = folder.at("fees.fix.xlsx");
    let fixed = write_fix(&path, &options(), &fixes, &mut |_, row| {
        (row == 4).then(|| FixRow {
            token: "t4".to_owned(),
            problems: vec![("amount".to_owned(), "no number".to_owned())],
        })
    });
    assert_eq!(fixed.unwrap(), 1);
    let again = read(&fixes).unwrap();
    assert_eq!(again.rows[0].values[..2], ["Sara", "E-2"]);
    assert_eq!(again.rows[0].token.as_deref(), Some("t4"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However the columns of each block stand, its rows are the same rows.
    #[test]
    fn every_block_is_read_by_its_own_headings(
        orders in prop::collection::vec(
            Just(vec![0usize, 1, 2, 3, 4]).prop_shuffle(), 1..5),
    ) {
        let headings = ["Name", "Roll No", "Fee", "Due Date", "Class"];
        let mut text = String::new();
        let mut expected = Vec::new();
        for (at, order) in orders.iter().enumerate() {
            let cells = [
                format!("P{at}"), format!("R-{at}"), format!("{}", 1500 + at),
                format!("2036-05-{:02}", 10 + at), "5".to_owned(),
            ];
            let line = |cells: &dyn Fn(usize) -> String| {
                order.iter().map(|column| cells(*column)).collect::<Vec<_>>().join(",") + "\n"
            };
            text.push_str(&line(&|column| headings[column].to_owned()));
            text.push_str(&line(&|column| cells[column].clone()));
            expected.push([
                cells[0].clone(), cells[1].clone(), format!("{}.00", cells[2]), cells[3].clone(), String::new(),
            ]);
        }
        let read = csv(&text);
        let got: Vec<[String; 5]> = read.rows.iter().map(|row| row.values.clone()).collect();
        prop_assert_eq!(got, expected);
        prop_assert_eq!(read.held, None);
    }
}

#[test]
fn lines_that_are_alike_are_told_by_the_headings_above_them() {
    let folder = Folder::new();
    let one = "Name,Roll No,Fee,Due Date\n";
    let other = "Fee,Due Date,Name,Roll No\n";
    let total = "Total,,1500,\n".repeat(3);
    let text = format!(
        "{one}Ali,R-1,1500,2035-03-05\n{total}{one}{one}Sana,R-2,1500,2035-03-05\n{total}\
         {other}1500,2035-03-05,Bilal,R-3\n{other}{other}{total}{one}{one}Zain,R-4,1500,2035-03-05\n{total}"
    );
    let read = read(&folder.file("fees.csv", text)).unwrap();
    assert_eq!(read.rows.len(), 4, "{:?}", read.left_out);
    let again = "the headings again";
    let whys: Vec<(u32, &str)> = read
        .left_out
        .iter()
        .map(|left| (left.row, left.why.split(':').next().unwrap()))
        .collect();
    let count = |why: &str| whys.iter().filter(|(_, told)| *told == why).count();
    assert_eq!(count(again), 5, "{whys:?}");
    assert_eq!(count("a totals row"), 9, "{whys:?}");
    // Below the headings of the other table, they are words where an amount would be.
    assert_eq!(count("a note or a signature"), 3, "{whys:?}");
    assert_eq!(count("other headings, or in other columns"), 2, "{whys:?}");
}

#[test]
fn headings_of_which_too_few_are_known_are_no_row_and_nothing_below_is_read_by_others() {
    for (block, missing) in [
        (
            "Regd,Pupil,Charges,Submit\nE-2,Sara,1600,2036-06-10\n",
            "“Title” and “Identifier” and “Amount” and “Due date”",
        ),
        (
            "\nRoll Number,Student's Name,Payment,Before\nE-2,Sara,1600,2036-06-10\n",
            "“Amount” and “Due date”",
        ),
        (
            "Pupil,Regd,Charges,Submit\nOf the class,In all,In rupees,Not later than\nSara,E-2,1600,2036-06-10\n",
            "“Title” and “Identifier” and “Amount” and “Due date”",
        ),
    ] {
        let read = csv(&format!("{TOP}{block}"));
        assert_eq!(read.rows.len(), 1, "{block}");
        let why = read.held.unwrap_or_default();
        let said = format!("holds other headings than row 1, and none for {missing}");
        assert!(why.contains(&said), "{why}");
        let whys: Vec<&str> = read.left_out.iter().map(|left| left.why.as_str()).collect();
        assert_eq!(whys[0], "other headings, of which some are missing");
        assert!(
            whys[1..]
                .iter()
                .all(|why| *why == "below headings that can't be read")
        );
    }
}

#[test]
fn words_in_every_column_are_headings_only_where_rows_stand_below() {
    let signed = "Prepared by,Aslam,Checked by,Akram\n";
    let taught = "Class:,Five,Teacher:,Miss Sana\n";
    let next = "Sara,E-2,1600,2036-06-10\n";
    for text in [
        format!("{TOP}{signed}"),
        format!("{TOP}{signed}{TOP}"),
        format!("{TOP}{taught}{next}"),
        format!("{TOP}{signed}Total,,1500,\n"),
    ] {
        assert_eq!(csv(&text).held, None, "{text}");
    }
}
