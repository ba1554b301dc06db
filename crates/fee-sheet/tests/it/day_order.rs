//! Which number of a due date is the month: the heading says it, or the
//! column proves it, and no proof against what is read passes in silence.

use fee_sheet::DayMonthOrder;
use proptest::prelude::*;

use crate::{Folder, Read, options, read_with};

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
fn a_date_that_proves_another_order_than_the_one_taken_holds_the_file() {
    let column = ["05/13/2036", "05/10/2036"];
    let why = dates("Due Date", &column, DayMonthOrder::Dmy).held.unwrap();
    assert!(
        why.contains("the dates of column D “Due Date” of the sheet `fees` disagree")
            && why.contains("05/13/2036 (row 2) has the month first")
            && why.contains("05/10/2036 (row 3) is read with the day first")
            && why.contains("head the column “Due date (mm/dd/yyyy)”"),
        "{why}"
    );
    assert_eq!(dates("Due Date", &column, DayMonthOrder::Mdy).held, None);
    // There, the one that leaves it open is refused.
    assert_eq!(dates("Due Date", &column, DayMonthOrder::Reject).held, None);
    let said = dates("Due Date (mm/dd/yyyy)", &column, DayMonthOrder::Dmy);
    assert_eq!((first(&said), &said.held), ("2036-05-13", &None));
    // The heading is wrong about its own column.
    let wrong = dates("Due Date (dd/mm/yyyy)", &column, DayMonthOrder::Mdy);
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
        prop_assert!(got(&unsaid) == meant || unsaid.held.is_some() || !proven);
    }
}
