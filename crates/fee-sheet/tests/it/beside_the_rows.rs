//! What a sheet shows beside the rows: columns that are not read, totals,
//! merged cells, hidden columns and sheets. None passes in silence.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::{Folder, Read, joined, left, read, read_with};

fn csv(text: &str) -> Read {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text)).unwrap()
}

/// Why a file of these headings and rows is held.
fn held(text: &str) -> Option<String> {
    csv(text).held
}

#[test]
fn every_column_with_values_that_is_not_read_is_named() {
    let read = csv(
        "S.No,Name,Father Name,Roll No,Fee,Due Date,Remarks,\n1,Ali,Zain,1,1500,2035-03-05,,\n2,Sana,,2,1500,2035-03-05,,new\n",
    );
    assert_eq!(read.sheets[0].unused, ["S.No", "Father Name", "column H"]);
    assert_eq!(read.held, None);
    let plain = csv("Name,Roll No,Fee,Due Date\nAli,1,1500,2035-03-05\n");
    assert_eq!(plain.sheets[0].unused, [] as [String; 0]);
}

#[test]
fn a_column_that_speaks_of_a_late_amount_and_is_not_it_holds_the_file() {
    for heading in [
        "Late Fee",
        "Fine",
        "Fine @ 10 per day",
        "Surcharge",
        "L.P. Surcharge",
        "Jurmana",
        "جرمانہ",
        "Amount after DD of month",
    ] {
        let text = format!(
            "Name,Father,Roll No,Fee,Due Date,{heading}\nAli,Zain,1,1500,2035-03-05,\nSana,Zain,2,1500,2035-03-05,100\n"
        );
        let read = csv(&text);
        let why = read.held.unwrap();
        assert!(
            why.contains(&format!("column F “{heading}”"))
                && why.contains("speaks of a late amount but isn't the amount after due date")
                && why.contains("headed “Amount after due date”")
                && why.contains("approve to send the amount alone"),
            "{why}"
        );
        assert_eq!(why.matches("speaks of").count(), 1);
        assert_eq!(read.sheets[0].unused, ["Father", heading]);
    }
    for cell in ["5%", "Rs. 100/-", "0.025", "100"] {
        let text = format!("Name,Roll No,Fee,Due Date,Late Fee\nAli,1,1500,2035-03-05,{cell}\n");
        assert!(held(&text).is_some(), "{cell}");
    }
}

#[test]
fn a_late_fee_that_is_nothing_or_is_in_the_late_amount_holds_nothing() {
    for cell in ["", "0", "-", "nil", "no", "0%"] {
        let text = format!("Name,Roll No,Fee,Due Date,Late Fee\nAli,1,1500,2035-03-05,{cell}\n");
        assert_eq!(held(&text), None, "{cell}");
    }
    let text = "Name,Roll No,Fee,Fine,After Due Date,Due Date\nAli,1,1500,100,1600,2035-03-05\n";
    assert_eq!(held(text), None);
    // But a row without the late amount would be sent with the amount alone.
    let text = format!("{text}Sana,2,1500,100,,2035-03-05\n");
    assert!(held(&text).unwrap().contains("“Fine”"));
}

#[test]
fn a_column_that_counts_late_days_or_tells_of_last_month_holds_nothing() {
    for heading in ["Days Late", "Late Arrivals", "Fine Paid Last Month"] {
        let text = format!("Name,Roll No,Fee,Due Date,{heading}\nAli,1,1500,2035-03-05,100\n");
        let read = csv(&text);
        assert_eq!(read.held, None, "{heading}");
        assert_eq!(read.sheets[0].unused, [heading]);
    }
}

#[test]
fn a_fine_in_a_total_is_asked_about_and_the_column_of_the_amount_named() {
    let text = "Name,Roll No,Fee,Fine,Total Fee,Due Date\nAli,1,1500,,1500,2035-03-05\n";
    assert_eq!(held(text), None);
    let why = held(&format!("{text}Sana,2,1500,100,1600,2035-03-05\n")).unwrap();
    assert!(
        why.contains("column D “Fine”")
            && why.contains("the amount of column E “Total Fee” has it in it")
            && why.contains("if column C “Fee” is to be paid until the due date")
            && why.contains("approving sends column E"),
        "{why}"
    );
    // What it is in is not told where the rows do not show it.
    let why = held(&format!("{text}Sana,2,1500,100,1500,2035-03-05\n")).unwrap();
    assert!(
        why.ends_with("send the amount alone (column E “Total Fee”)"),
        "{why}"
    );
}

#[test]
fn a_heading_in_the_line_above_counts_for_a_column_without_one() {
    let text = ",,,Late Fee,Until\nName,Roll No,Fee,,Due Date\nAli,1,1500,100,2035-03-05\n";
    let read = csv(text);
    assert!(read.held.unwrap().contains("column D “Late Fee”"));
    assert_eq!(read.sheets[0].unused, ["Late Fee"]);
}

#[test]
fn a_second_line_that_is_not_understood_counts_for_a_column_without_a_heading() {
    let rows = "Ali,1,1500,1600,2035-03-05\nSana,2,1500,1600,2035-03-05\n";
    let text = format!("Name,Roll No,Amount,,Due Date\n,,(see note),Late Fine,\n{rows}");
    assert!(held(&text).unwrap().contains("column D “"));
    // Nor are amounts passed over that have no heading at all.
    let why = held(&format!("Name,Roll No,Amount,,Due Date\n{rows}")).unwrap();
    assert!(
        why.contains("column D holds amounts too") && !why.contains("late"),
        "{why}"
    );
}

#[test]
fn a_part_of_the_bill_beside_other_charges_holds_the_file() {
    let why = held("Name,Roll No,Tuition Fee,Transport Fee,Due Date\nAli,1,1500,500,2035-03-05\n");
    let why = why.unwrap();
    assert!(
        why.contains("column C “Tuition Fee”") && why.contains("column D “Transport Fee”"),
        "{why}"
    );
    for text in [
        "Name,Roll No,Tuition Fee,Fee Bill No,Due Date\nAli,1,1500,500,2035-03-05\n",
        "Name,Roll No,Tuition Fee,Transport Fee,Due Date\nAli,1,1500,0,2035-03-05\n",
        "Name,Roll No,Tuition Fee,Arrears,Total Payable,Due Date\nAli,1,1500,500,2000,2035-03-05\n",
    ] {
        assert_eq!(held(text), None, "{text}");
    }
}

const HEADINGS: &str = "Name,Roll No,Fee,Due Date,After Due Date\n";

#[test]
fn a_totals_row_that_fits_says_nothing() {
    let rows = "Ali,1,1500.50,2035-03-05,1600\nSana,2,1500.25,2035-03-05,\n";
    for total in [
        "Total,,3000.75,,",
        "Total,,3000.75,,1600",
        ",,\"Rs. 3,000.75/-\",,",
        "Total,,,,",
    ] {
        assert_eq!(held(&format!("{HEADINGS}{rows}{total}\n")), None, "{total}");
    }
    assert_eq!(held(&format!("{HEADINGS}Total,,3000.75,,\n{rows}")), None);
    let classes = format!(
        "{HEADINGS}{rows}Class Total,,3000.75,,\nZain,3,1000,2035-03-05,\nClass Total,,1000,,\nGrand Total,,4000.75,,\n"
    );
    assert_eq!(held(&classes), None);
}

#[test]
fn a_totals_row_that_differs_holds_the_file_with_both_sums() {
    let rows = "Ali,1,1500.50,2035-03-05,1600\nSana,2,1500.25,2035-03-05,1700\n";
    let why = held(&format!("{HEADINGS}{rows}Total,,3000.74,,3300\n")).unwrap();
    assert!(
        why.contains("(row 4)") && why.contains("has 3000.74") && why.contains("come to 3000.75"),
        "{why}"
    );
    let why = held(&format!("{HEADINGS}{rows}Total,,3000.75,,3400\n")).unwrap();
    assert!(
        why.contains("has 3400.00 for the Amount after due date"),
        "{why}"
    );
    let classes =
        format!("{HEADINGS}{rows}Class Total,,3000.75,,\nZain,3,1000,2035-03-05,\nTotal,,2000,,\n");
    assert!(held(&classes).unwrap().contains("come to 1000.00"));
}

#[test]
fn of_many_reasons_of_one_kind_some_are_said_and_the_others_counted() {
    let class = |n: u32| format!("Ali,{n},1500,2035-03-05,\nClass Total,,1400,,\n");
    let classes: String = (1..=100).map(class).collect();
    let why = held(&format!("{HEADINGS}{classes}")).unwrap();
    assert_eq!(
        why.matches("has 1400.00 for the Amount").count(),
        5,
        "{why}"
    );
    assert!(why.contains("there are 95 more like that"), "{why}");
    assert!(why.len() < 3_000, "{}", why.len());
}

#[test]
fn a_total_rounded_to_rupees_is_the_same_total() {
    let rows = "Ali,1,1500.50,2035-03-05,\nSana,2,1500.25,2035-03-05,\n";
    for total in ["3000", "3001", "3,001/-"] {
        let text = format!("{HEADINGS}{rows}Total,,\"{total}\",,\n");
        assert_eq!(held(&text), None, "{total}");
    }
    for total in ["2999", "3002", "3000.70", "3000.80"] {
        let text = format!("{HEADINGS}{rows}Total,,{total},,\n");
        assert!(held(&text).is_some(), "{total}");
    }
    // There is nothing to round in whole rupees.
    let rows = "Ali,1,1500,2035-03-05,\nSana,2,1500,2035-03-05,\n";
    assert!(held(&format!("{HEADINGS}{rows}Total,,3001,,\n")).is_some());
}

#[test]
fn a_sum_with_an_amount_that_cannot_be_read_is_no_evidence() {
    let rows = "Ali,1,\"12,0O\",2035-03-05,\nSana,2,1500,2035-03-05,\n";
    assert_eq!(held(&format!("{HEADINGS}{rows}Total,,2700,,\n")), None);
}

fn sheet(book: &mut Workbook) -> &mut Worksheet {
    let sheet = book.add_worksheet().set_name("Class 5").unwrap();
    let headings = [
        "Name",
        "Roll No",
        "Fee",
        "Due Date",
        "After Due Date",
        "Class",
    ];
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for row in 1..=4u32 {
        sheet.write_string(row, 0, format!("Pupil {row}")).unwrap();
        sheet.write_string(row, 1, format!("R-{row}")).unwrap();
        sheet.write_number(row, 2, 1500).unwrap();
        sheet.write_string(row, 3, "2035-03-05").unwrap();
    }
    sheet
}

fn saved(mut book: Workbook) -> Read {
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    book.save(&path).unwrap();
    read(&path).unwrap()
}

#[test]
fn cells_merged_over_rows_of_a_column_that_is_read_hold_the_file() {
    let mut book = Workbook::new();
    let plain = Format::new();
    sheet(&mut book)
        .merge_range(1, 4, 3, 4, "1600", &plain)
        .unwrap();
    let read = saved(book);
    let why = read.held.unwrap();
    assert!(why.contains("cells E2:E4 of the sheet `Class 5`"), "{why}");
}

#[test]
fn cells_merged_beside_and_below_the_rows_hold_nothing() {
    let mut book = Workbook::new();
    let plain = Format::new();
    let sheet = sheet(&mut book);
    sheet.merge_range(1, 5, 4, 5, "V", &plain).unwrap();
    sheet.merge_range(7, 0, 9, 1, "Principal", &plain).unwrap();
    let read = saved(book);
    assert_eq!(read.held, None);
    assert_eq!(read.rows.len(), 4);
    assert_eq!(read.sheets[0].unused, ["Class"]);
}

#[test]
fn hidden_columns_and_sheets_are_mentioned() {
    let mut book = Workbook::new();
    let first = sheet(&mut book);
    first.write_string(1, 5, "V").unwrap();
    first.set_column_hidden(2).unwrap();
    first.set_column_hidden(5).unwrap();
    first.set_column_hidden(9).unwrap();
    let old = book.add_worksheet().set_name("Old").unwrap();
    old.write_string(0, 0, "Name").unwrap();
    old.set_hidden(true);
    let read = saved(book);
    let notes = joined(&read.sheets[0].notes).unwrap_or_default();
    assert!(
        notes.contains("hidden columns")
            && notes.contains("C “Fee”, F “Class” (not used)")
            && !notes.contains('J'),
        "{notes}"
    );
    let left = &read.left_out[0];
    assert_eq!((left.sheet.as_str(), left.whole_sheet), ("Old", true));
    assert!(left.why.contains("hidden"), "{}", left.why);
}

#[test]
fn all_reasons_to_hold_a_file_are_told() {
    let text = "Name,Roll No,Fee,Due Date,Late Fee\nAli,1,1500,2035-03-05,100\nTotal,,1600,,\n";
    let why = held(text).unwrap();
    assert!(
        why.contains("Late Fee") && why.contains("totals row"),
        "{why}"
    );
}

#[test]
fn a_heading_that_the_account_names_is_not_unused() {
    let mut options = crate::options();
    options
        .columns
        .insert("amount_after_due_date".to_owned(), vec!["Fine".to_owned()]);
    let folder = Folder::new();
    let path = folder.file(
        "fees.csv",
        "Name,Roll No,Fee,Due Date,Fine\nAli,1,1500,2035-03-05,1600\n",
    );
    let read = read_with(&path, &options).unwrap();
    assert_eq!(read.held, None);
    assert_eq!(read.rows[0].values[4], "1600.00");
}

#[test]
fn whoever_has_left_or_paid_is_asked_about_however_the_sheet_says_it() {
    let sheet = |heading: &str, said: &str| {
        format!(
            "Roll No,Name,Fee,Due Date,{heading}\n1,Ali,1500,2035-03-10,\n2,Sana,1500,2035-03-10,{said}\n"
        )
    };
    for (heading, said) in [
        ("Status", "Dropped"),
        ("Status", "In-active"),
        ("Remarks", "Deleted"),
        ("Remarks", "Name struck off"),
        ("Remarks", "سکول چھوڑ گیا"),
        ("Active", "No"),
        ("Is Active", "0"),
    ] {
        let why = held(&sheet(heading, said)).unwrap_or_default();
        let says = format!(
            "column E “{heading}” of the sheet `fees` says that somebody may not be billed any more ({said}, row 3)"
        );
        assert!(why.contains(&says), "{heading} {said}: {why}");
    }
    for said in ["fee jama ho gayi", "فیس جمع ہو گئی"] {
        let why = held(&sheet("Remarks", said)).unwrap_or_default();
        assert!(
            why.contains("says that a bill is paid already (row 3"),
            "{said}: {why}"
        );
    }
    for (heading, said) in [
        ("Active", "Yes"),
        ("Status", "Active"),
        ("Remarks", "Promoted"),
    ] {
        assert_eq!(held(&sheet(heading, said)), None, "{heading} {said}");
    }
}

#[test]
fn a_part_of_those_who_have_paid_is_asked_about_and_one_of_those_who_owe_is_not() {
    let text = "Roll No,Name,Fee,Due Date\nFee unpaid students\n1,Ali,1500,2035-03-10\nFee paid students\n2,Sana,1500,2035-03-10\n";
    let read = csv(text);
    let why = "the title of a section: one cell alone";
    assert_eq!(left(&read), [(2, why), (4, why)]);
    let held = read.held.unwrap_or_default();
    assert!(
        held.starts_with("“Fee paid students” (row 4) of the sheet `fees` says"),
        "{held}"
    );
    assert!(!held.contains("unpaid"), "{held}");
    for (name, holds) in [("Paid", true), ("Unpaid", false), ("Class 5", false)] {
        let mut book = Workbook::new();
        sheet(&mut book).set_name(name).unwrap();
        let held = saved(book).held.unwrap_or_default();
        assert_eq!(
            held.contains("is called like one of bills that are paid"),
            holds,
            "{name}: {held}"
        );
    }
}
