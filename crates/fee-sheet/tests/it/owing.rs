//! Money beside the amount: what is charged, let off, paid or left. A sheet
//! whose amount may not be what is to be paid waits for a person, and one
//! that shows that it is goes.

use proptest::prelude::*;

use crate::{Folder, options, read, read_with};

/// Why a sheet of these columns and cells is held; every line is one payer's.
fn held(headings: &str, lines: &[&str]) -> Option<String> {
    let folder = Folder::new();
    let mut text = format!("Name,Roll No,{headings},Due Date\n");
    for (at, line) in lines.iter().enumerate() {
        text.push_str(&format!("P{at},R-{at},{line},2035-03-05\n"));
    }
    let read = read(&folder.file("fees.csv", text));
    read.unwrap_or_else(|error| panic!("{headings}: {error}"))
        .held
}

const BESIDE_A_FEE: &str = "Van Charges,Van,Bus,Hostel,Transport,Transport Fee,Annual Charges,Annual Fund,Paper Fund,Exam,Exam Fee,Stationery,Books,Lab Charges,Computer Fee,Sports Fund,Arrears,Previous Dues,Old Balance,Discount,Concession,Scholarship,Paid,Received,Advance,Remaining,Balance,Outstanding,Security,Admission,Misc,Other,Tax,Adjustment,بقایا,ٹرانسپورٹ,رعایت,وصول شدہ";

#[test]
fn money_beside_a_fee_holds_the_file_and_says_what_to_write() {
    for heading in BESIDE_A_FEE.split(',') {
        let headings = format!("Fee,{heading}");
        let why = held(&headings, &["1500,", "1500,500"]).unwrap_or_else(|| panic!("{heading}"));
        assert!(
            why.contains("taken from column C “Fee” of the sheet `fees`")
                && why.contains(&format!("column D “{heading}” holds"))
                && why.contains("in column C and take column D out")
                && why.contains("approve to send column C alone"),
            "{why}"
        );
        for nothing in ["", "0", "-", "nil"] {
            let lines = [format!("1500,{nothing}"), "1500,".to_owned()];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(held(&headings, &lines), None, "{heading}: {nothing}");
        }
    }
}

#[test]
fn a_total_of_which_a_part_is_paid_is_never_billed_unasked() {
    for headings in [
        "Total Fee,Paid,Balance",
        "Total Fee,Received,Balance",
        "Total Fee,Paid Amount,Outstanding",
        "Fee,Received,Remaining",
        "Amount,Deposit,Remaining Balance",
        "Total Payable,Paid,Balance",
    ] {
        let why = held(headings, &["1500,1000,500"]).unwrap_or_else(|| panic!("{headings}"));
        assert!(
            why.contains("column C")
                && why.contains("holds what is paid already")
                && why.contains("holds another amount")
                && why.contains("take columns D and E out"),
            "{why}"
        );
        // Nobody has paid as yet: what is left is the amount.
        assert_eq!(held(headings, &["1500,,1500", "1600,0,1600"]), None);
        // One has, all of it.
        assert!(held(headings, &["1500,,1500", "1500,1500,0"]).is_some());
    }
    for headings in ["Total Fee,Balance", "Fee,Outstanding"] {
        assert!(held(headings, &["1500,1500", "1500,0"]).is_some());
        assert!(held(headings, &["1500,1500", "1500,"]).is_some());
        assert_eq!(held(headings, &["1500,1500", "1500,1500"]), None);
    }
    assert!(held("Total Fee,Discount,Net", &["1500,500,1000"]).is_some());
}

#[test]
fn parts_beside_a_whole_and_what_was_paid_before_it_are_harmless() {
    for (headings, line) in [
        ("Tuition Fee,Van,Arrears,Total Payable", "1000,300,200,1500"),
        ("Tuition Fee,Discount,Net Payable", "2000,500,1500"),
        ("Tuition Fee,Paid,Amount Payable", "2000,500,1500"),
        ("Tuition Fee,Van,Total Fee", "1000,500,1500"),
        ("Previous Balance,Tuition Fee,Grand Total", "500,1000,1500"),
        ("Fee,Van,Books,Total", "1000,300,200,1500"),
        ("Units,Meter Rent,GST,Bill Amount", "70,15,285,1700"),
        ("Total Charges,Paid,Balance", "1500,1000,500"),
        // The rows add up.
        ("Total Fee,Tuition Fee,Van", "1500,1000,500"),
        ("Tuition Fee,Van,Fee", "1000,500,1500"),
        ("Gross Fee,Discount,Amount", "2000,500,1500"),
    ] {
        assert_eq!(held(headings, &[line, line]), None, "{headings}");
    }
    // The rows of these do not, or may by chance.
    for (headings, line) in [
        ("Total Fee,Tuition Fee,Van", "1500,1500,500"),
        ("Total Fee,Discount", "1500,500"),
        ("Tuition Fee,Van,Fee", "1000,600,1500"),
        ("Admission,Fee", "1500,1500"),
        ("Tuition Fee,Paid,Total Fee", "1500,1000,1500"),
        ("Net Payable,Paid", "1500,1000"),
        ("Bill Amount,Arrears", "1500,1000"),
    ] {
        assert!(held(headings, &[line, line]).is_some(), "{headings}");
    }
}

#[test]
fn columns_that_are_no_money_are_harmless_beside_a_fee() {
    for (heading, cell) in [
        ("Remarks", "paid till February"),
        ("Remarks", "not paid"),
        ("Remarks", "received books"),
        ("Phone", "03001234567"),
        ("Contact No", "03001234567"),
        ("Class", "5"),
        ("Section", "2"),
        ("Father's Name", "Zain"),
        ("S.No", "7"),
        ("Sr #", "7"),
        ("Attendance %", "93"),
        ("Bus", "12"),
        ("Van No", "1200"),
        ("Books", "7"),
        ("Exam Marks", "450"),
        ("Fee Type", "2"),
        ("Bill No", "10023"),
        ("Units", "248"),
        ("Status", "Active"),
        ("Status", "Unpaid"),
        ("Paid", "No"),
        ("Paid", "-"),
        ("Discount", "none"),
        ("Fee Paid Upto", "2035-02-28"),
        ("Last Payment", "1500"),
        ("Issue Date", "2035-02-01"),
        ("Fine Paid Last Month", "100"),
        ("Age", "12"),
        ("CNIC", "3520212345671"),
        ("Zzz", "7"),
        ("Zzz", "0750"),
        ("Zzz", "12345678"),
        ("", "5"),
        ("Receipt No", "7781"),
        ("Months", "Feb, March"),
        ("Siblings", "3"),
        ("Challan", "90211"),
    ] {
        let headings = format!("Fee,{heading}");
        let line = format!("1500,{cell}");
        assert_eq!(held(&headings, &[&line, &line]), None, "{heading}: {cell}");
    }
}

#[test]
fn a_row_that_says_it_is_paid_holds_the_file() {
    for (heading, cell) in [
        ("Status", "Paid"),
        ("Fee Status", "PAID"),
        ("Paid", "Yes"),
        ("Paid?", "✓"),
        ("Paid On", "2035-03-01"),
        ("Remarks", "paid"),
        ("Remarks", "Paid in cash"),
        ("Remarks", "Fee received"),
        ("State", "Paid"),
        ("", "PAID"),
        ("Receipt No", "7781"),
        ("Mar", "P"),
    ] {
        let why = held(
            &format!("Fee,{heading}"),
            &["1500,", &format!("1500,{cell}")],
        );
        let why = why.unwrap_or_else(|| panic!("{heading}: {cell}"));
        assert!(
            (heading.is_empty() || why.contains(&format!("column D “{heading}”")))
                && why.contains("row 3 is the first"),
            "{why}"
        );
    }
    // The month before, or somebody who came late, says nothing of this bill.
    assert_eq!(held("Fee,Feb,Mar", &["1500,P,", "1500,P,A"]), None);
}

#[test]
fn somebody_who_has_left_is_asked_about() {
    for (heading, cell) in [
        ("Status", "Left"),
        ("Remarks", "left school"),
        ("Remarks", "Struck off"),
    ] {
        let headings = format!("Fee,{heading}");
        let why = held(&headings, &["1500,", &format!("1500,{cell}")]).unwrap();
        assert!(
            why.contains(&format!("column D “{heading}”"))
                && why.contains("may not be billed any more")
                && why.contains(&format!("({cell}, row 3)")),
            "{why}"
        );
    }
    assert_eq!(held("Fee,Status", &["1500,Active"]), None);
}

#[test]
fn amounts_below_a_heading_that_says_nothing_are_never_passed_over() {
    for headings in [
        "Fee,",
        "Fee,+",
        "Fee,AC",
        "Fee,Zzz",
        "Fee,Sabiqa Wajibat",
        "Fee,Gari ka kiraya",
        "Fee,O/S",
        "Fee,C/F",
        "Fee,WHT 5%",
        "Zzz,Fee",
        "Fee,L.F.",
    ] {
        let mut lines = ["1500,750", "1700,600"].map(str::to_owned);
        if headings.ends_with(",Fee") {
            lines = ["750,1500", "600,1700"].map(str::to_owned);
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let why = held(headings, &lines).unwrap_or_else(|| panic!("{headings}"));
        assert!(why.contains("column"), "{why}");
    }
    // They are in the amount, by what it says of itself or because the rows show it.
    for (headings, line) in [
        ("Zzz,Total Payable", "750,1500"),
        ("Tuition Fee,Zzz,Amount", "1000,500,1500"),
        (",Total Fee", "750,1500"),
    ] {
        assert_eq!(held(headings, &[line, line]), None, "{headings}");
    }
    assert!(held("Tuition Fee,Van,Amount,Zzz", &["1000,500,1500,300"]).is_some());
    // Rows that are counted are no amounts.
    let counted = ["1500,101", "1500,102", "1500,103"];
    assert_eq!(held("Fee,Zzz", &counted), None);
}

#[test]
fn a_fee_for_one_month_beside_a_number_of_months_is_asked_about() {
    let why = held("Monthly Fee,No. of Months", &["2000,1", "2000,3"]).unwrap();
    assert!(
        why.contains("column D “No. of Months” may say how often it is to be paid (3, row 3)"),
        "{why}"
    );
    assert_eq!(
        held("Monthly Fee,No. of Months", &["2000,1", "2000,1"]),
        None
    );
    assert_eq!(held("Total Payable,Months", &["6000,3"]), None);
    assert_eq!(held("Fee,Months Absent", &["6000,3"]), None);
}

#[test]
fn a_total_that_leaves_something_out_is_asked_about() {
    for (headings, lines) in [
        ("Tuition,Arrears,Total", ["1500,300,1500", "1500,0,1500"]),
        ("Arrears,Total Fee", ["300,1500", "0,1500"]),
        ("Paid,Total Payable", ["500,1500", "0,1500"]),
        (
            "Tuition,Van,Arrears,Total",
            ["1500,500,300,2000", "1000,0,200,1000"],
        ),
    ] {
        let why = held(headings, &lines).unwrap_or_else(|| panic!("{headings}"));
        assert!(why.contains("the amount is taken from column"), "{why}");
    }
    let by_chance = ["500,2000", "0,1500", "500,2000", "1000,2000", "0,2000"];
    assert_eq!(held("Arrears,Total Payable", &by_chance), None);
    for (headings, lines) in [
        ("Tuition,Arrears,Total", ["1500,300,1800", "1500,0,1500"]),
        ("Arrears,Total Fee", ["300,1800", "0,1500"]),
        // By chance one row's sum is another's fee.
        ("Tuition,Arrears,Total", ["1200,300,1500", "1500,0,1500"]),
        ("Arrears,Total Fee", ["300,1800", "300,2000"]),
    ] {
        assert_eq!(held(headings, &lines), None, "{headings}");
    }
}

#[test]
fn the_column_that_may_be_what_is_to_be_paid_is_named() {
    for headings in [
        "Total Course Fee,Discount,Paid,Remaining",
        "Total Fee,Scholarship %,Paid,Fee After Scholarship",
    ] {
        let why = held(headings, &["30000,5000,10000,15000"]).unwrap();
        assert!(
            why.contains("if what is to be paid is in column F, name its heading"),
            "{why}"
        );
    }
}

#[test]
fn an_amount_with_a_note_behind_it_and_a_formula_without_value_are_amounts() {
    for (heading, cell) in [
        ("Arrears", "500 (March)"),
        ("Paid", "500+300"),
        ("Discount", "10%"),
        ("Discount", "10% sibling"),
        ("Van", "10%"),
        ("Arrears", "1500.005"),
    ] {
        let line = format!("1500,{cell}");
        assert!(
            held(&format!("Fee,{heading}"), &[&line]).is_some(),
            "{cell}"
        );
    }
}

#[test]
fn headings_in_a_second_line_are_looked_at_too() {
    let folder = Folder::new();
    let text = "Name,Roll No,Fee,,Due Date\n,,Tuition,Van,\nP,R-1,1500,500,2035-03-05\n";
    let why = read(&folder.file("fees.csv", text)).unwrap().held.unwrap();
    assert!(why.contains("column D “Van” holds amounts too"), "{why}");
}

#[test]
fn a_heading_that_the_account_names_answers_what_stands_beside_it() {
    let mut options = options();
    options
        .columns
        .insert("amount".to_owned(), vec!["Total Fee".to_owned()]);
    let folder = Folder::new();
    let text = "Name,Roll No,Total Fee,Paid,Due Date\nP,R-1,1500,1000,2035-03-05\n";
    let path = folder.file("fees.csv", text);
    assert!(read(&path).unwrap().held.is_some());
    assert_eq!(read_with(&path, &options).unwrap().held, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is charged: a fee alone is asked about exactly where something
    /// else is charged too, and its total never is.
    #[test]
    fn a_fee_waits_exactly_where_another_charge_is_not_nothing(
        rows in prop::collection::vec((1i64..100_000, prop_oneof![Just(0i64), 50i64..100_000]), 1..8),
        heading in prop::sample::select(BESIDE_A_FEE.split(',').take(17).collect::<Vec<_>>()),
    ) {
        let lines: Vec<String> = rows.iter().map(|(fee, other)| format!("{fee},{other}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let any = rows.iter().any(|(_, other)| *other != 0);
        prop_assert_eq!(held(&format!("Fee,{heading}"), &lines).is_some(), any);

        let lines: Vec<String> = rows
            .iter()
            .map(|(fee, other)| format!("{fee},{other},{}", fee + other))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        prop_assert_eq!(held(&format!("Fee,{heading},Total Payable"), &lines), None);
        prop_assert_eq!(held(&format!("Tuition Fee,{heading},Amount"), &lines).is_some(), !any);
    }
}
