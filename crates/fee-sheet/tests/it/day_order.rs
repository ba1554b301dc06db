//! Which number of a due date is the month: the heading says it, or the
//! column proves it, and no proof against what is read passes in silence.

use fee_sheet::DayMonthOrder;
use proptest::prelude::*;

use crate::{Folder, Read, joined, options, read_with};

fn dates(heading: &str, dates: &[&str], order: DayMonthOrder) -> Read {
    let folder = Folder::new();
    let mut text = format!("Name,Roll No,Amount,{heading}\n");
    for (at, date) in dates.iter().enumerate() {
        text.push_str(&format!("P{at},R-{at},1500,{date}\n"));
    }
    let mut options = options();
    options.day_month_order = order;
    read_with(&folder.file("fees.csv", text), &options).unwrap()
}

/// The rows of which something was assumed.
fn noted(read: &Read) -> Vec<u32> {
    let rows = read.rows.iter().filter(|row| !row.notes.is_empty());
    rows.map(|row| row.number).collect()
}

fn first(read: &Read) -> &str {
    &read.rows[0].values[3]
}

#[test]
fn a_form_in_the_heading_decides_the_order() {
    for (heading, date) in [
        ("Due Date (mm/dd/yyyy)", "2036-05-10"),
        ("Due Date (M/D/YY)", "2036-05-10"),
        ("Due Date (dd/mm/yyyy)", "2036-10-05"),
        ("Due Date (dd-mmm-yyyy)", "2036-10-05"),
    ] {
        for order in [
            DayMonthOrder::Dmy,
            DayMonthOrder::Mdy,
            DayMonthOrder::Reject,
        ] {
            let read = dates(heading, &["05/10/2036", "10 May 2036"], order);
            assert_eq!((first(&read), &read.held), (date, &None), "{heading}");
        }
    }
    let read = dates("Due Date", &["05/10/2036"], DayMonthOrder::Dmy);
    assert_eq!((first(&read), &read.held), ("2036-10-05", &None));
}

#[test]
fn a_date_that_can_be_read_one_way_only_speaks_for_its_column() {
    let orders = [
        DayMonthOrder::Dmy,
        DayMonthOrder::Mdy,
        DayMonthOrder::Reject,
    ];
    // Wherever in the column it stands.
    for column in [["05/13/2036", "05/10/2036"], ["05/10/2036", "05/13/2036"]] {
        let open = column
            .iter()
            .position(|date| *date == "05/10/2036")
            .unwrap();
        for order in orders {
            let read = dates("Due Date", &column, order);
            assert_eq!(read.rows[open].values[3], "2036-05-10", "{order:?}");
            assert_eq!(read.held, None);
            assert_eq!(noted(&read), [0; 0], "nothing was assumed");
            let told = joined(&read.sheets[0].notes).unwrap_or_default();
            assert_eq!(
                told.contains("are read with the month first, as 05/13/2036"),
                order != DayMonthOrder::Mdy,
                "{told}"
            );
        }
    }
    let read = dates("Due Date", &["05/10/2036", "۲۵/۱۰/۳۶"], DayMonthOrder::Mdy);
    assert_eq!(first(&read), "2036-10-05");
}

#[test]
fn a_column_that_leaves_it_open_follows_the_account_and_says_so_row_by_row() {
    let column = ["05/10/2036", "2036-05-13", "06/10/2036", "13 May 2036"];
    let read = dates("Due Date", &column, DayMonthOrder::Dmy);
    assert_eq!(first(&read), "2036-10-05");
    assert_eq!(noted(&read), [2, 4]);
    let read = dates("Due Date", &column, DayMonthOrder::Mdy);
    assert_eq!(first(&read), "2036-05-10");
    let read = dates("Due Date", &column, DayMonthOrder::Reject);
    assert_eq!(first(&read), "AmbiguousDate");
    assert_eq!(noted(&read), [0; 0]);
}

#[test]
fn each_table_of_a_file_decides_for_itself() {
    let folder = Folder::new();
    let headings = "Name,Roll No,Amount,Due Date\n";
    let other = "Roll No,Name,Amount,Due Date\n";
    let text = format!(
        "{headings}A,R-1,1500,05/10/2036\nB,R-2,1500,05/13/2036\n{other}R-3,C,1500,05/10/2036\nR-4,D,1500,25/10/2036\n{headings}E,R-5,1500,05/10/2036\n"
    );
    let read = read_with(&folder.file("fees.csv", text), &options()).unwrap();
    let days: Vec<&str> = read.rows.iter().map(|row| row.values[3].as_str()).collect();
    assert_eq!(
        days,
        [
            "2036-05-10",
            "2036-05-13",
            "2036-10-05",
            "2036-10-25",
            "2036-10-05"
        ]
    );
    assert_eq!((read.sheets.len(), &read.held), (3, &None));
    assert_eq!(noted(&read), [8]);
}

#[test]
fn the_proof_may_stand_ten_thousand_rows_further_down() {
    let mut column = vec!["05/10/2036"; 10_000];
    column.push("05/31/2036");
    let read = dates("Due Date", &column, DayMonthOrder::Dmy);
    assert_eq!(first(&read), "2036-05-10");
    assert_eq!((read.rows.len(), &read.held), (10_001, &None));
    assert_eq!(noted(&read), [0; 0]);
}

#[test]
fn dates_that_contradict_each_other_hold_the_file() {
    let column = ["05/13/2036", "05/10/2036", "25/10/2036"];
    for order in [DayMonthOrder::Dmy, DayMonthOrder::Mdy] {
        let why = dates("Due Date", &column, order).held.unwrap();
        assert!(
            why.contains("the dates of column D “Due Date” of the sheet `fees` disagree")
                && why.contains("25/10/2036 (row 4) has the day first")
                && why.contains("05/10/2036 (row 3) is read with the month first")
                && why.contains("head the column “Due date (dd/mm/yyyy)”"),
            "{why}"
        );
    }
    // What the heading says is not overruled in silence.
    let said = dates("Due Date (mm/dd/yyyy)", &column[..2], DayMonthOrder::Dmy);
    assert_eq!((first(&said), &said.held), ("2036-05-13", &None));
    let wrong = dates("Due Date (dd/mm/yyyy)", &column[..2], DayMonthOrder::Mdy);
    assert!(
        wrong
            .held
            .unwrap()
            .contains("correct the form in the heading")
    );
    // Nothing is left open.
    let plain = dates(
        "Due Date",
        &["05/13/2036", "25/03/2036"],
        DayMonthOrder::Dmy,
    );
    assert_eq!(plain.held, None);
}

#[test]
fn a_year_of_the_last_century_is_refused() {
    let read = dates("Due Date", &["10/05/99"], DayMonthOrder::Dmy);
    assert_eq!(first(&read), "DoubtfulYear");
}

#[test]
fn amounts_in_another_currency_hold_the_file() {
    let folder = Folder::new();
    let held = |heading: &str| {
        let text = format!("Name,Roll No,{heading},Due Date\nAli,1,15,2035-03-05\n");
        let read = read_with(&folder.file("fees.csv", text), &options());
        read.unwrap().held
    };
    for heading in ["Amount ($)", "Fee €", "Total Fee (₹)", "Amount (%)"] {
        let why = held(heading).unwrap_or_else(|| panic!("{heading}"));
        assert!(
            why.contains(&format!("column C “{heading}”"))
                && why.contains("head the column “Amount”"),
            "{why}"
        );
    }
    for heading in ["Amount (Rs.)", "Fee ₨", "Amount (PKR)"] {
        assert_eq!(held(heading), None, "{heading}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever writes the month first everywhere is read right, or asked.
    #[test]
    fn a_column_with_the_month_first_is_read_right_or_held_or_open_throughout(
        days in prop::collection::vec((1u32..=12, 1u32..=28), 1..6),
    ) {
        let written: Vec<String> =
            days.iter().map(|(month, day)| format!("{month:02}/{day:02}/2036")).collect();
        let written: Vec<&str> = written.iter().map(String::as_str).collect();
        let meant: Vec<String> =
            days.iter().map(|(month, day)| format!("2036-{month:02}-{day:02}")).collect();
        let got = |read: &Read| -> Vec<String> {
            read.rows.iter().map(|row| row.values[3].clone()).collect()
        };

        let said = dates("Due Date (mm/dd/yyyy)", &written, DayMonthOrder::Dmy);
        prop_assert_eq!(got(&said), meant.clone());
        prop_assert_eq!(said.held, None);

        let unsaid = dates("Due Date", &written, DayMonthOrder::Dmy);
        let proven = days.iter().any(|(_, day)| *day > 12);
        prop_assert!(got(&unsaid) == meant || !proven);
        prop_assert_eq!(unsaid.held, None);
    }
}
