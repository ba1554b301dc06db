//! Lines around the rows of a table that are none: totals by every name, the
//! numbers of the columns, the rest of a name, counts, and who signed when.

use fee_sheet::Note;
use rust_xlsxwriter::{Format, Workbook};

use crate::{Folder, Read, left, read, rows};

fn csv(text: &str) -> Read {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text)).unwrap()
}

const TOP: &str = "Adm No,Name,Fee,Due Date\nA1,Ali,1500,2036-12-10\nA2,Bano,1600,2036-12-10\n";

#[test]
fn a_total_that_would_be_billed_holds_the_file() {
    for line in [
        "2,Total,3100,2036-12-10",
        "Total,Class 5,3100,2036-12-10",
        "2,Kul,3100,2036-12-10",
    ] {
        let read = csv(&format!("{TOP}{line}\n"));
        assert_eq!(read.rows.len(), 3, "{line}");
        let why = read.held.unwrap();
        assert!(why.contains("row 4 of the sheet `fees` is called"), "{why}");
        assert!(
            why.contains("has 3100.00, which the rows above it come to"),
            "{why}"
        );
    }
    // One whose name it is has another amount.
    for line in ["A3,Total,1600,2036-12-10", "A3,Sara,3100,2036-12-10"] {
        assert_eq!(csv(&format!("{TOP}{line}\n")).held, None, "{line}");
    }
}

#[test]
fn a_total_is_known_by_every_name_of_it() {
    for name in [
        "Overall",
        "Net",
        "Carried Forward",
        "C/F",
        "B/F",
        "Balance c/d",
        "Jumla",
        "Σ",
        "T",
        "جملہ",
        "Brought Forward",
    ] {
        let text = format!("{TOP},{name},3100,\n");
        let read = csv(&text);
        assert_eq!(
            left(&read),
            [(4, "a totals row: it says so itself")],
            "{name}"
        );
        assert_eq!(read.held, None, "{name}");
        let wrong = csv(&text.replace("3100", "3000"));
        assert!(wrong.held.unwrap().contains("(row 4)"), "{name}");
    }
}

#[test]
fn what_is_carried_over_to_the_next_page_is_no_row_and_counted_once() {
    let read = csv(&format!(
        "{TOP},C/F,3100,\n,B/F,3100,\nA3,Sara,2000,2036-12-10\n,Total,5100,\n"
    ));
    assert_eq!(read.rows.len(), 3);
    assert_eq!(left(&read).len(), 3);
    assert_eq!(read.held, None);
}

#[test]
fn notes_below_a_total_are_no_rows() {
    let read = csv(&format!(
        "{TOP},Total,3100,\nAmount in words: Rupees three thousand one hundred only,,,\nPrepared by: Saima,,Date: 01-12-2036,\n"
    ));
    assert_eq!(read.rows.len(), 2);
    let lines: Vec<u32> = left(&read).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [4, 5, 6]);

    let read = csv(&format!(
        "{TOP}Total Students,2,,\nTotal Fee,,3100,\nBoys,1,,\nGirls,1,,\n"
    ));
    assert_eq!(read.rows.len(), 2);
    assert_eq!(
        left(&read)[2..],
        [
            (6, "a count, and not a row: it says so itself"),
            (7, "a count, and not a row: it says so itself"),
        ]
    );
    assert_eq!(read.held, None);
    // A pupil without a fee is still a row, and so is a count that rows follow.
    assert_eq!(
        csv(&format!("{TOP},Total,3100,\nA3,Sara,,\n")).rows.len(),
        3
    );
    assert_eq!(
        csv(&format!("{TOP}Boys,1,,\nA3,Sara,1500,2036-12-10\n"))
            .rows
            .len(),
        4
    );
}

#[test]
fn a_line_that_can_be_no_bill_is_left_out_below_the_rows() {
    let below = "a note or a signature: below the last row, without amount and date";
    let note = "a note, and not a row: it says so itself";
    let count = "a count, and not a row: it says so itself";
    for (line, why) in [
        ("Note: fee after 10th will be charged Rs 50,,,", note),
        (",Note: fee after 10th will be charged Rs 50,,", note),
        (",,,Note: late fee Rs 50 per day", note),
        ("Note,Fee after 10th will be charged,,", note),
        ("1.,Fee once paid is not refundable,,", below),
        (",,Rs 50 per day after due date,", below),
        (",,Total students: 45,", below),
        (",No. of students,,45", below),
        (",Total students: 45,,", count),
        ("Strength,45,,", count),
        (",,,For parents", below),
        ("Prepared by,Aslam,Checked by,Akram", below),
        ("Boys,20,Girls,25", below),
    ] {
        let read = csv(&format!("{TOP}{line}\n"));
        assert_eq!(left(&read), [(4, why)], "{line}");
        assert_eq!((read.rows.len(), read.held), (2, None), "{line}");
    }
    // Between the rows only what says so is one; and a pupil is none anywhere.
    let next = "A3,Sara,1500,2036-12-10\n";
    let read = csv(&format!(
        "{TOP}Note: fee after 10th will be charged Rs 50,,,\n{next}"
    ));
    assert_eq!(left(&read), [(4, note)]);
    for line in [
        "A4,Zoya,twelve hundred,2036-12-10",
        "A4,Zoya,,",
        "A4,Zoya,free,free",
        ",Zoya,1500,",
        "A4,,12O0,",
        ",Zoya,,2036-12-10",
    ] {
        assert_eq!(csv(&format!("{TOP}{line}\n")).rows.len(), 3, "{line}");
        assert_eq!(csv(&format!("{TOP}{line}\n{next}")).rows.len(), 4, "{line}");
    }
    let remarks =
        "Remarks,Adm No,Name,Fee,Due Date\n,A1,Ali,1500,2036-12-10\nNote: pays late,A2,Bano,,\n";
    assert_eq!(csv(remarks).rows.len(), 2);
}

#[test]
fn whose_child_it_is_in_a_line_of_its_own_is_no_row() {
    let read = csv(
        "Adm No,Name,Fee,Due Date\nA1,Ali,1500,2036-12-10\n,s/o Akbar,,\nA2,Bano,1600,2036-12-10\n,D/O Akram Khan,,\n",
    );
    assert_eq!(read.rows.len(), 2);
    let why = "whose child it is: the rest of the row above";
    assert_eq!(left(&read), [(3, why), (5, why)]);
    // With a fee it is somebody's row.
    let read = csv(&format!("{TOP},s/o Akbar,1500,\nA3,Sara,1500,2036-12-10\n"));
    assert_eq!(read.rows.len(), 4);
}

#[test]
fn the_numbers_of_the_columns_are_no_row() {
    for numbers in [
        "1,2,3,4,5",
        "(1),(2),(3),(4),(5)",
        "1.,2.,3.,4.,5.",
        "a,b,c,d,e",
        "۱,۲,۳,۴,۵",
    ] {
        let read = csv(&format!(
            "S.No,Roll No,Name,Amount,Due Date\n{numbers}\n1,R1,Ali,1500,2036-12-10\n2,R2,Bano,1500,2036-12-10\n"
        ));
        assert_eq!(
            left(&read),
            [(2, "the numbers of the columns")],
            "{numbers}"
        );
        assert_eq!(read.rows.len(), 2, "{numbers}");
        assert_eq!(read.held, None, "{numbers}");
    }
    for row in ["1,2,Ali,4,5", "1,2,3,,", "1,2,,4,", "1,R1,3,4,5"] {
        let read = csv(&format!(
            "S.No,Roll No,Name,Amount,Due Date\n{row}\n2,R2,Bano,1500,2036-12-10\n"
        ));
        assert_eq!(read.rows.len(), 2, "{row}");
    }
}

#[test]
fn the_numbers_of_the_columns_are_no_row_of_a_workbook_either() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, heading) in (0..).zip(["S.No", "Roll No", "Name", "Amount", "Due Date"]) {
        sheet.write_string(0, column, heading).unwrap();
        sheet.write_number(1, column, column + 1).unwrap();
    }
    sheet.write_number_with_format(1, 4, 5, &day).unwrap();
    for (column, text) in (0..).zip(["1", "R1", "Ali"]) {
        sheet.write_string(2, column, text).unwrap();
    }
    sheet.write_number(2, 3, 1500).unwrap();
    sheet.write_number_with_format(2, 4, 50_014, &day).unwrap();
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    book.save(&path).unwrap();
    let read = read(&path).unwrap();
    assert_eq!(left(&read), [(2, "the numbers of the columns")]);
    assert_eq!(read.rows.len(), 1);
}

#[test]
fn a_late_amount_that_is_said_to_be_none_is_blank() {
    for late in ["-", "--", "—", "nil", "NIL", "n/a", "N.A.", "none", " - "] {
        let read = csv(&format!(
            "Adm No,Name,Fee,Due Date,After Due Date\nA1,Ali,1500,2036-12-10,{late}\n"
        ));
        assert_eq!(
            rows(&read),
            [(2, ["Ali", "A1", "1500.00", "2036-12-10", ""])],
            "{late}"
        );
    }
    for (fee, late) in [
        ("1500", "late"),
        ("1500", "-5"),
        ("nil", "1600"),
        ("-", "1600"),
    ] {
        let read = csv(&format!(
            "Adm No,Name,Fee,Due Date,After Due Date\nA1,Ali,{fee},2036-12-10,{late}\n"
        ));
        let values = rows(&read)[0].1;
        assert!(
            values[2] == "NotANumber" || !values[4].is_empty(),
            "{fee} {late}"
        );
    }
}

#[test]
fn a_due_date_above_the_headings_is_read_with_other_words_behind_it() {
    let read = csv(
        "Pak Turk Academy,,\nDue date: 10.12.2036      Late fine Rs. 20 per day,,\nAdm No,Name,Fee\nP1,Ali,2500\nP2,Bano,2500\n",
    );
    assert_eq!(
        rows(&read)[0],
        (4, ["Ali", "P1", "2500.00", "2036-12-10", ""])
    );
    assert_eq!(read.sheets[0].headings, ["Adm No", "Name", "Fee"]);
}

#[test]
fn a_date_of_two_digits_each_that_may_begin_with_its_year_says_so() {
    for (date, read_as, note) in [
        ("27/01/28", "2028-01-27", Some(Note::YearMayComeFirst)),
        ("26-12-15", "2015-12-26", Some(Note::YearMayComeFirst)),
        ("15/12/26", "2026-12-15", None),
        ("27/01/2028", "2028-01-27", None),
        ("27/01/35", "2035-01-27", None),
        ("27-Jan-28", "2028-01-27", None),
    ] {
        let read = csv(&format!("Adm No,Name,Fee,Due Date\nA1,Ali,1500,{date}\n"));
        assert_eq!(rows(&read)[0].1[3], read_as, "{date}");
        assert_eq!(read.rows[0].notes, Vec::from_iter(note), "{date}");
    }
}

#[test]
fn the_bank_that_the_fees_go_to_is_no_pupil() {
    for line in [
        ",Deposit in HBL A/C 1234-567,3100,",
        ",Meezan Bank A/c 0123456789 Title: Greenfield School,3100,",
        ",IBAN PK36SCBL0000001123456702,3100,",
    ] {
        let read = csv(&format!("{TOP},Total,3100,\n{line}\n"));
        assert_eq!(read.rows.len(), 2, "{line}");
        assert_eq!(left(&read).len(), 2, "{line}");
        assert_eq!(read.held, None, "{line}");
    }
    for row in [
        // A pupil has a number, or a date, or is followed by one.
        "A3,Ali Bank,1500,",
        ",Ali Bank,1500,2036-12-10",
        ",Deposit in HBL A/C 1234-567,1500,\nA3,Sara,1500,2036-12-10",
        ",Sara Khan,1500,",
    ] {
        let read = csv(&format!("{TOP}{row}\n"));
        assert!(read.rows.len() > 2, "{row}");
        assert_eq!(left(&read), [], "{row}");
    }
}

#[test]
fn headings_below_a_long_letter_are_found() {
    let letter = "Dear parents: the fees of this month are listed below.\n".repeat(110);
    let read = csv(&format!("{letter}{TOP}"));
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.sheets[0].header_row, 111);
}

#[test]
fn a_class_in_roman_urdu_and_last_months_payment_numbers_are_not_what_is_paid() {
    for (heading, cell) in [
        ("Jamat", "5"),
        ("Jamaat", "10"),
        ("PSID", "1001391234567890"),
    ] {
        let read = csv(&format!(
            "Adm No,Name,{heading},Fee,Due Date\nA1,Ali,{cell},1500,2035-12-10\nA2,Sara,{cell},1500,2035-12-10\n"
        ));
        assert_eq!(read.rows.len(), 2, "{heading}");
        assert_eq!(read.held, None, "{heading}");
    }
}

#[test]
fn a_heading_that_says_other_money_or_another_due_date_is_not_passed_over() {
    for heading in [
        "Fee (USD)",
        "Fee in USD",
        "Fee (Paisa)",
        "Fee (in thousands)",
    ] {
        let read = csv(&format!(
            "Roll No,Name,{heading},Due Date\n1,Ali,200,2035-12-10\n2,Sara,250,2035-12-10\n"
        ));
        let why = read.held.unwrap_or_else(|| panic!("{heading}"));
        assert!(why.contains("amounts are rupees"), "{why}");
    }
    let folder = Folder::new();
    let text = "Roll No,Name,Fee,Due Date,Extended Due Date\n1,Ali,200,2035-12-10,2035-12-31\n";
    let why = read(&folder.file("fees.csv", text))
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(why, fee_sheet::Unreadable::AmbiguousColumns { .. }),
        "{why:?}"
    );
    let alone = csv("Roll No,Name,Fee,Extended Due Date\n1,Ali,200,2035-12-31\n");
    assert_eq!((alone.rows.len(), alone.held), (1, None));
}

#[test]
fn what_is_payable_in_urdu_is_the_amount_beside_the_fee_and_what_is_let_off() {
    let read = csv(
        "داخلہ نمبر,طالبہ کا نام,ماہانہ فیس,رعایت,قابل ادا رقم,آخری تاریخ\n12,علی,2000,100,1900,2035-12-25\n13,ثنا,2000,0,2000,2035-12-25\n",
    );
    assert_eq!(rows(&read)[0].1[2], "1900.00");
    assert_eq!(read.held, None);
}

#[test]
fn a_sheet_that_was_sorted_with_its_headings_is_held() {
    let sorted = csv(
        "A1,Ali,1500,2036-12-10\nA2,Bano,1600,2036-12-10\nAdm No,Name,Fee,Due Date\nB1,Sara,1700,2036-12-10\n",
    );
    assert_eq!(sorted.rows.len(), 1);
    let why = sorted.held.unwrap();
    assert!(
        why.contains("above its headings in row 3 (2, the last is row 2)"),
        "{why}"
    );
    // Titles, and a day of issue, are none.
    let titled = format!("Green School,,,\nFee for,December,,2036-12-01\n,,1500,\n{TOP}");
    assert_eq!(csv(&titled).held, None);
}

const THREE: &str =
    "Roll No,Name,Fee,Due Date\n101,Ali,1500,2035-03-10\n102,Sana,1700,2035-03-10\n";

#[test]
fn a_sum_of_several_rows_with_another_kind_of_identifier_holds_the_file() {
    for line in [
        "5A,Sum of class,3200,2035-03-10",
        "Jor,All of them,3200,2035-03-10",
        "Sub-Tot,Sub-Tot,3200,2035-03-10",
        "2,Class 5,3200,2035-03-10",
    ] {
        let read = csv(&format!("{THREE}{line}\n"));
        let why = read.held.unwrap_or_default();
        assert!(
            why.contains("has 3200.00, which the rows above it come to"),
            "{line}: {why}"
        );
    }
    for line in [
        "103,Umar,3200,2035-03-10",
        ",Umar,3200,2035-03-10",
        "C-1,Umar,3300,2035-03-10",
        "C-1,Umar,1700,2035-03-10",
    ] {
        assert_eq!(csv(&format!("{THREE}{line}\n")).held, None, "{line}");
    }
    // One row alone is no sum.
    let two = "Roll No,Name,Fee,Due Date\n101,Ali,1500,2035-03-10\nC-1,Umar,1500,2035-03-10\n";
    assert_eq!(csv(two).held, None);
}

#[test]
fn a_sum_of_several_rows_that_is_nobodys_bill_is_their_total() {
    let more = "103,Bilal,1000,2035-03-10\n104,Umar,1100,2035-03-10\n";
    for (first, second) in [
        (",,3200,", ",,2100,"),
        (",,3200,2035-03-10", ",,2100,2035-03-10"),
        (",Class five,3200,", ",Class six,2100,"),
        ("Jor,,3200,", "Jor,,2100,"),
    ] {
        let read = csv(&format!("{THREE}{first}\n{more}{second}\nTotal,,5300,\n"));
        let numbers: Vec<u32> = read.rows.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 3, 5, 6], "{first}");
        assert_eq!(read.held, None, "{first}");
        let why = "a totals row: it has what the rows above it come to, and no payer's number";
        assert_eq!(left(&read)[0], (4, why), "{first}");
    }
    // Who has a number, or a day, is somebody, and is missed if left out.
    for line in [
        "103,Umar,3200,",
        ",Umar,3200,2035-03-10",
        ",,3300,2035-03-10",
    ] {
        let read = csv(&format!("{THREE}{line}\n{more}"));
        assert_eq!(read.rows.len(), 5, "{line}");
    }
}
