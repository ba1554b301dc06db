//! Which column is which field: the headings that schools write, alone and
//! beside each other.

use fee_sheet::Unreadable;

use crate::{Folder, options, read, read_with};

fn mapping(headings: &str, row: &str) -> Result<Vec<(&'static str, String)>, Unreadable> {
    let folder = Folder::new();
    let read = read(&folder.file("fees.csv", format!("{headings}\n{row}\n")))?;
    Ok(read.sheets[0].mapping.clone())
}

/// The heading that a field was given.
fn given(field: &str, headings: &str, row: &str) -> Option<String> {
    let mapping = mapping(headings, row).unwrap_or_else(|error| panic!("{headings}: {error}"));
    mapping
        .into_iter()
        .find_map(|(name, heading)| (name == field).then_some(heading))
}

fn is_refused(headings: &str, row: &str) -> bool {
    matches!(
        mapping(headings, row),
        Err(Unreadable::AmbiguousColumns { .. } | Unreadable::NoColumns { .. })
    )
}

#[test]
fn every_way_to_head_the_late_amount_is_taken() {
    for heading in [
        "With Fine",
        "Fee With Fine",
        "LATE",
        "Late",
        "Payable After D/D",
        "Payable after DD",
        "Payable After Due Date",
        "Fee Payable (After Due Date)",
        "After Due Date",
        "After 10th",
        "After 5th March",
        "Payable After 15th",
        "Tareekh ke baad",
        "Baad az tareekh",
        "Muqarrara tareekh ke baad",
        "بعد از تاریخ",
        "مقررہ تاریخ کے بعد",
    ] {
        let headings = format!("Name,Roll No,Fee,Due Date,{heading}");
        let row = "Ali,1,1500,2035-03-05,1600";
        let late = given("amount_after_due_date", &headings, row);
        assert_eq!(late.as_deref(), Some(heading));
    }
}

#[test]
fn increments_are_not_taken_for_the_late_amount() {
    for heading in ["Late Fee", "Fine", "Surcharge", "L.P. Surcharge", "جرمانہ"] {
        let headings = format!("Name,Roll No,Fee,Due Date,{heading}");
        let row = "Ali,1,1500,2035-03-05,100";
        assert_eq!(
            given("amount_after_due_date", &headings, row),
            None,
            "{heading}"
        );
    }
}

#[test]
fn the_headings_that_schools_write_are_known() {
    for (field, heading) in [
        ("identifier", "CNIC"),
        ("identifier", "B-Form No"),
        ("identifier", "A/C No"),
        ("identifier", "Account No"),
        ("identifier", "Code"),
        ("identifier", "Adm #"),
        ("identifier", "Reg. #"),
        ("amount", "Fee Payable (Within Due Date)"),
        ("due_date", "Due Date (m/d/yyyy)"),
        ("amount", "Amt"),
        ("amount", "Rs."),
        ("amount", "Amount in PKR"),
        ("amount", "Tuition Fee"),
        ("amount", "Grand Total"),
        ("amount", "Bill"),
        ("amount", "Balance"),
        ("amount", "Due"),
        ("due_date", "Due Dt"),
        ("due_date", "Submit Before"),
        ("due_date", "Last Date"),
        ("due_date", "Pay By"),
        ("due_date", "Due"),
    ] {
        let or = |name: &str, usual: &str| {
            if name == field {
                heading.to_owned()
            } else {
                usual.to_owned()
            }
        };
        let headings = format!(
            "Name,{},{},{}",
            or("identifier", "Roll No"),
            or("amount", "Fee"),
            or("due_date", "Due Date")
        );
        let got = given(field, &headings, "Ali,1,1500,05/03/2035");
        assert_eq!(got.as_deref(), Some(heading), "{headings}");
    }
}

#[test]
fn the_whole_of_a_bill_goes_before_a_part_of_it() {
    let amount = |headings: &str| {
        let headings = format!("Name,Roll No,{headings},Due Date");
        given("amount", &headings, "Ali,1,1500,2000,2035-03-05").unwrap()
    };
    assert_eq!(amount("Tuition Fee,Total Payable"), "Total Payable");
    assert_eq!(amount("Grand Total,Tuition Fee"), "Grand Total");
    assert_eq!(amount("Current Bill,Net Payable"), "Net Payable");
    assert_eq!(
        amount("Current Bill,Payable Within Due Date"),
        "Payable Within Due Date"
    );
    assert_eq!(amount("Tuition Fee,Fee"), "Fee");
    assert_eq!(amount("Bill,Amount"), "Amount");
    assert_eq!(amount("Fee,Balance"), "Fee");
}

/// The heading of the amount among these, or why there is none.
fn amount(headings: &str, cells: &str) -> Result<String, Unreadable> {
    let headings = format!("Name,Roll No,{headings},Due Date");
    let mapping = mapping(&headings, &format!("Ali,1,{cells},2035-03-05"))?;
    let amount = mapping.into_iter().find(|(name, _)| *name == "amount");
    Ok(amount.unwrap().1)
}

#[test]
fn a_total_goes_before_a_fee_where_the_sheet_shows_what_is_added() {
    for (headings, whole) in [
        ("Monthly Fee,Arrears,Amount Payable", "Amount Payable"),
        ("Monthly Fee,Arrears,Payable Amount", "Payable Amount"),
        ("Current Bill,Arrears,Payable", "Payable"),
        ("Monthly Fee,Arrears,Amount Due", "Amount Due"),
        ("Monthly Fee,Arrears,Dues", "Dues"),
        ("Fee,Arrears,Dues", "Dues"),
        ("Fee,Arrears,Total", "Total"),
        ("Fee,Fine,Total Fee", "Total Fee"),
        ("Amount,Arrears,Grand Total", "Grand Total"),
        ("Fee,Previous Balance,Net Payable", "Net Payable"),
        ("Fee,Transport Fee,Total", "Total"),
        ("Arrears,Fee,Total", "Total"),
        ("فیس,بقایا,کل رقم", "کل رقم"),
    ] {
        for cells in ["1500,500,2000", "1500,,1500"] {
            assert_eq!(amount(headings, cells).unwrap(), whole, "{headings}");
        }
    }
    let taken_off = amount("Fee,Arrears,Discount,Total", "1500,0,500,1000");
    assert_eq!(taken_off.unwrap(), "Total");
}

#[test]
fn a_total_that_may_be_something_else_is_not_chosen() {
    for (headings, cells) in [
        // It is less than its part, so it is no sum of it.
        ("Fee,Arrears,Total", "1500,500,500"),
        // What is added is no amount.
        ("Fee,Fee Type,Total", "1500,monthly,18000"),
        // Something stands behind it that may not be in it.
        ("Fee,Arrears,Total,Transport Fee", "1500,500,2000,300"),
        ("Fee,Arrears,Total,Discount", "1500,500,2000,300"),
        // Was it taken off, or not?
        ("Fee,Arrears,Paid,Total", "1500,500,500,2000"),
        // Two sums.
        ("Fee,Arrears,Total,Net Payable", "1500,500,2000,1900"),
        (
            "Fee,Arrears,Total,Net Total With Books",
            "1500,500,2000,2900",
        ),
        // The total comes first: of what?
        ("Total,Fee,Arrears", "2000,1500,500"),
        // With a late amount the fine is in that one.
        ("Fee,Fine,Total,After Due Date", "1500,100,1600,1600"),
        ("Fee,Remarks,Total", "1500,new,18000"),
    ] {
        let chosen = amount(headings, cells);
        assert!(
            matches!(chosen, Err(Unreadable::AmbiguousColumns { .. })),
            "{headings}: {chosen:?}"
        );
    }
}

#[test]
fn headings_that_say_little_give_way_to_every_other() {
    let row = "Ali,1,2,1500,2035-03-05,3";
    let headings = "Name,Roll No,CNIC,Fee,Due Date,Code";
    assert_eq!(
        given("identifier", headings, row).as_deref(),
        Some("Roll No")
    );
    let headings = "Name,A/C No,Roll No,Fee,Due Date,Balance";
    assert_eq!(
        given("identifier", headings, row).as_deref(),
        Some("Roll No")
    );
    let row = "Ali,1,1500,2035-03-05,50,1600";
    let headings = "Name,Roll No,Fee,Due Date,Late,After Due Date";
    assert_eq!(
        given("amount_after_due_date", headings, row).as_deref(),
        Some("After Due Date")
    );
}

#[test]
fn two_amounts_of_which_neither_is_clearly_the_bill_are_refused() {
    for headings in [
        "Fee,Grand Total",
        "Amount,Net Payable",
        "Total Fee,Grand Total",
        "Monthly Fee,Fee",
        "Bill,Balance",
    ] {
        let headings = format!("Name,Roll No,{headings},Due Date");
        assert!(
            is_refused(&headings, "Ali,1,1500,2000,2035-03-05"),
            "{headings}"
        );
    }
    // Dues may be what is owed from before, where nothing else is.
    for headings in ["Monthly Fee,Dues", "Tuition Fee,Dues", "Fee,Dues"] {
        let headings = format!("Name,Roll No,{headings},Due Date");
        assert!(
            is_refused(&headings, "Ali,1,1500,2000,2035-03-05"),
            "{headings}"
        );
    }
    assert!(is_refused(
        "Name,CNIC,B-Form No,Fee,Due Date",
        "Ali,1,2,1500,2035-03-05"
    ));
}

#[test]
fn a_heading_that_leaves_open_what_it_is_is_told_by_its_cells() {
    let amount = |heading: &str, row: &str| given("amount", heading, row);
    assert_eq!(
        amount("Name,Roll No,Fee,Due", "Ali,1,1500,5-Mar-35").as_deref(),
        Some("Fee")
    );
    assert_eq!(
        amount("Name,Roll No,Due,Due Date", "Ali,1,1500,5-Mar-35").as_deref(),
        Some("Due")
    );
    // A number may be a day to a spreadsheet, but nobody wrote it as one.
    assert!(is_refused("Name,Roll No,Fee,Due", "Ali,1,1500,49383"));
    assert!(is_refused(
        "Name,Roll No,Due,Due Date",
        "Ali,1,05/03/2035,5-Mar-35"
    ));
    assert!(is_refused("Name,Roll No,Due", "Ali,1,1500"));
    assert!(is_refused(
        "Name,Roll No,Due,Due,Due Date",
        "Ali,1,1500,1600,5-Mar-35"
    ));
}

#[test]
fn a_total_of_something_is_the_amount_where_the_rows_add_up_to_it() {
    for (headings, cells) in [
        (
            "Admission Fee,Security (Refundable),Tuition Fee,Total Admission Dues",
            "10000,5000,4000,19000",
        ),
        ("Rent,Electricity,Total Rent Due", "30000,2500,32500"),
        (
            "Monthly Fee,Van Charges,Total School Charges",
            "1000,500,1500",
        ),
    ] {
        let whole = headings.rsplit(',').next().unwrap();
        assert_eq!(amount(headings, cells).unwrap(), whole);
    }
    for (headings, cells) in [
        (
            "Admission Fee,Tuition Fee,Total Exam Dues",
            "10000,4000,1900",
        ),
        ("Tuition Fee,Total Van Charges", "4000,1900"),
    ] {
        assert!(amount(headings, cells).is_err(), "{headings}");
    }
    // These are sums of another time, or of something else.
    for heading in [
        "Total Annual Fee",
        "Total Past Dues",
        "Total Arrears Amount",
        "Total Paid Amount",
        "Total Late Fee",
        "Total No of Bill",
    ] {
        let headings = format!("Name,Roll No,{heading},Due Date");
        let of = given(
            "amount",
            &format!("{headings},Fee"),
            "Ali,1,1500,2035-03-05,1500",
        );
        assert_eq!(of.as_deref(), Some("Fee"), "{heading}");
    }
}

#[test]
fn the_number_of_a_paper_gives_way_to_every_number_of_a_payer() {
    for other in ["Roll No", "CNIC", "Family No", "Reg No", "Account No"] {
        for paper in ["Voucher No", "Challan No", "Challan Number"] {
            let headings = format!("{paper},Name,{other},Fee,Due Date");
            let of = given("identifier", &headings, "9001,Ali,77,1500,2035-03-05");
            assert_eq!(of.as_deref(), Some(other), "{headings}");
        }
    }
}

#[test]
fn more_headings_that_schools_write_are_known() {
    for headings in [
        "Std ID,Std Name,Current Month Fee,Due Date",
        "College No,Name of the Student,Fee Total,Due Date",
        "Std. Roll #,Std. Name,Fee Dues,Due Dt",
        "GR,Student,Outstanding Dues,Pay By",
        "Customer ID,Customer Name,Monthly Charges,Expiry / Due Date",
        "Consumer No.,Consumer Name & Address,Current Bill,Due Date",
        "Child ID,Child Name,Fee,Payment Due By",
        "Roll No,Candidate,Fee,Due Date",
    ] {
        let mapping = mapping(headings, "R-1,Ali,1500,2035-03-05");
        let mapping = mapping.unwrap_or_else(|error| panic!("{headings}: {error}"));
        for (name, heading) in ["identifier", "title", "amount", "due_date"]
            .into_iter()
            .zip(headings.split(','))
        {
            let found = mapping.iter().find(|(field, _)| *field == name);
            assert_eq!(found.map(|(_, text)| text.as_str()), Some(heading));
        }
    }
    let headings = "Roll No,Name,Mahana fees,Due Date,Late fees ke sath";
    let late = given(
        "amount_after_due_date",
        headings,
        "1,Ali,900,2035-03-05,950",
    );
    assert_eq!(late.as_deref(), Some("Late fees ke sath"));
}

#[test]
fn short_headings_of_bursars_are_known() {
    let folder = Folder::new();
    for (headings, line, values) in [
        (
            "R.No,Name,Amount,D.Date",
            "7,Ali,1500,2035-03-05",
            ["Ali", "7", "1500.00", "2035-03-05", ""],
        ),
        (
            "Reg,Name,Monthly Dues,Payable By",
            "R-7,Ali,1500,2035-03-05",
            ["Ali", "R-7", "1500.00", "2035-03-05", ""],
        ),
        (
            "Computer No,Name,Unpaid Fee,Due Date",
            "7,Ali,1500,2035-03-05",
            ["Ali", "7", "1500.00", "2035-03-05", ""],
        ),
        (
            "Plot No,Owner,Maintenance Charges,Due Date",
            "P-7,Ali,1500,2035-03-05",
            ["Ali", "P-7", "1500.00", "2035-03-05", ""],
        ),
        (
            "R.No,G.R No,Name,Fee,Due Date",
            "7,G-99,Ali,1500,2035-03-05",
            ["Ali", "G-99", "1500.00", "2035-03-05", ""],
        ),
        (
            "Reg No,Owner Name,Fee,Due Date,Fee After Due",
            "7,Ali,1500,2035-03-05,1600",
            ["Ali", "7", "1500.00", "2035-03-05", "1600.00"],
        ),
    ] {
        let next = line.replace('7', "8").replace("99", "98");
        let read = read(&folder.file("fees.csv", format!("{headings}\n{line}\n{next}\n"))).unwrap();
        assert_eq!(read.rows[0].values, values, "{headings}");
        assert_eq!(read.held, None, "{headings}");
    }
    let beside = "Reg No,Name,Fee,Unpaid Fee,Due Date\n7,Ali,1500,500,2035-03-05\n8,Sana,1500,1500,2035-03-05\n";
    let held = read(&folder.file("fees.csv", beside))
        .unwrap()
        .held
        .unwrap_or_default();
    assert!(held.contains("“Unpaid Fee” holds another amount"), "{held}");
}

#[test]
fn a_second_due_date_is_asked_about_and_not_passed_over() {
    let folder = Folder::new();
    for other in [
        "Due Date 2",
        "2nd Due Date",
        "Second Last Date",
        "New Due Date",
    ] {
        let text = format!("Roll No,Name,Fee,Due Date,{other}\n7,Ali,1500,2035-03-05,2035-03-20\n");
        let path = folder.file("fees.csv", text);
        let said = read(&path).unwrap_err().to_string();
        assert!(
            said.contains(&format!("`Due Date` and `{other}`")),
            "{said}"
        );
        let mut own = options();
        own.columns
            .insert("due_date".to_owned(), vec![other.to_owned()]);
        assert_eq!(
            read_with(&path, &own).unwrap().rows[0].values[3],
            "2035-03-20"
        );
    }
}

#[test]
fn of_two_amounts_the_one_of_earlier_sheets_is_read_and_the_other_asked_about() {
    let folder = Folder::new();
    let mut usual = options();
    usual
        .usual
        .insert("amount".to_owned(), "Fee for March".to_owned());
    for (headings, place) in [
        (
            "Fee,Amount",
            "column C “Fee” of the sheet `fees`, and column D “Amount” holds another amount",
        ),
        (
            "Amount,Fee",
            "column D “Fee” of the sheet `fees`, and column C “Amount” holds another amount",
        ),
    ] {
        let one = "7,Ali,1500,1500,2035-03-05";
        let text = format!("Roll No,Name,{headings},Due Date\n{one}\n");
        let path = folder.file("fees.csv", &text);
        assert!(
            matches!(read(&path), Err(Unreadable::AmbiguousColumns { .. })),
            "{headings}"
        );
        // The same amounts twice are no difference.
        assert_eq!(read_with(&path, &usual).unwrap().held, None, "{headings}");
        let other = match headings.starts_with("Fee") {
            true => "8,Sana,1500,1700",
            false => "8,Sana,1700,1500",
        };
        let path = folder.file("fees.csv", format!("{text}{other},2035-03-05\n"));
        let read = read_with(&path, &usual).unwrap();
        assert_eq!(read.rows[1].values[2], "1500.00", "{headings}");
        let held = read.held.unwrap_or_default();
        assert!(held.contains(place), "{held}");
    } // Neither of the two is what it was.
    let text = "Roll No,Name,Total Fee,Net Fee,Due Date\n7,Ali,1500,1500,2035-03-05\n";
    let refused = read_with(&folder.file("fees.csv", text), &usual);
    assert!(matches!(refused, Err(Unreadable::AmbiguousColumns { .. })));
}
