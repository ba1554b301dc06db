//! Headings that are not known: what is guessed, what is shown of it, and what is
//! never guessed.

use fee_sheet::{How, Unreadable};

use crate::{Folder, Read, read};

fn csv(text: &str) -> Result<Read, Unreadable> {
    let folder = Folder::new();
    read(&folder.file("fees.csv", text))
}

/// How a field was matched, and by which heading.
fn matched(field: &str, text: &str) -> Option<(String, How)> {
    let read = csv(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let column = read.sheets[0]
        .columns
        .iter()
        .find(|column| column.field == field)?;
    let is_shown = read.sheets[0].guesses.contains(&column.field);
    assert_eq!(is_shown, column.how.is_guess(), "a guess is shown as one");
    Some((column.heading.clone(), column.how.clone()))
}

const ROWS: &str = "Ali Khan,R-1,1500,2035-03-05,1600\nSana Bibi,R-2,1500,2035-03-05,1600\n";

#[test]
fn a_misspelt_heading_is_guessed_and_shown_as_a_guess() {
    for (field, headings, heading, meant) in [
        (
            "amount",
            "Name,Roll No,Ammount,Due Date",
            "Ammount",
            "amount",
        ),
        (
            "title",
            "Studnet Name,Roll No,Fee,Due Date",
            "Studnet Name",
            "student name",
        ),
        (
            "identifier",
            "Name,Regstration No.,Fee,Due Date",
            "Regstration No.",
            "registration no",
        ),
        (
            "due_date",
            "Name,Roll No,Fee,Deu Date",
            "Deu Date",
            "due date",
        ),
        (
            "due_date",
            "Name,Roll No,Fee,Akhri Tareehk",
            "Akhri Tareehk",
            "akhri tareekh",
        ),
    ] {
        let text = format!("{headings},\n{ROWS}");
        let (found, how) = matched(field, &text).unwrap();
        assert_eq!(found, heading);
        assert_eq!(
            how,
            How::Spelling {
                meant: meant.to_owned()
            },
            "{headings}"
        );
    }
}

#[test]
fn a_word_of_its_own_is_never_taken_for_a_misspelt_one() {
    for headings in [
        "Name,Bill No,Fee,Due Date",
        "Name,Roll No,Free,Due Date",
        "Name,Roll No,Fee,Sue Bate",
        "Name,Room No,Fee,Due Date",
        "Father Name,Roll No,Fee,Due Date",
    ] {
        // The cells below are those of the field, but for their look alone nothing
        // is taken whose heading speaks of something else.
        let rows = ROWS
            .replace("2035-03-05", "soon")
            .replace(",1500,", ",no,")
            .replace("R-", "");
        let refused = csv(&format!("{headings},\n{rows}"));
        assert!(
            matches!(refused, Err(Unreadable::NoColumns { .. })),
            "{headings}: {refused:?}"
        );
    }
}

#[test]
fn a_misspelt_heading_over_other_cells_is_not_guessed() {
    let text =
        "Name,Roll No,Ammount,Due Date\nAli,1,monthly,2035-03-05\nSana,2,yearly,2035-03-05\n";
    assert!(matches!(csv(text), Err(Unreadable::NoColumns { .. })));
}

#[test]
fn two_misspelt_headings_for_one_field_are_refused() {
    let text = "Name,Roll No,Ammount,Amuont,Due Date\nAli,1,1500,1600,2035-03-05\nSana,2,1500,1600,2035-03-05\n";
    assert!(matches!(
        csv(text),
        Err(Unreadable::AmbiguousColumns { .. })
    ));
}

#[test]
fn the_only_column_of_its_look_is_guessed() {
    for (field, headings, heading) in [
        (
            "amount",
            "Name,Roll No,Charges Payable Now,Due Date",
            "Charges Payable Now",
        ),
        ("amount", "Name,Roll No,Lump Sum,Due Date", "Lump Sum"),
        ("due_date", "Name,Roll No,Fee,Date", "Date"),
        ("title", "Bearer,Roll No,Fee,Due Date", "Bearer"),
        ("identifier", "Name,SID,Fee,Due Date", "SID"),
    ] {
        let text = format!("{headings},\n{ROWS}");
        assert_eq!(
            matched(field, &text).unwrap(),
            (heading.to_owned(), How::Shape)
        );
    }
}

#[test]
fn the_look_of_cells_is_no_answer_where_it_fits_two_columns_or_another_thing() {
    for (headings, rows) in [
        // Which of two?
        (
            "Name,Roll No,Alpha,Beta,Due Date",
            "Ali,1,1500,2000,2035-03-05\nSana,2,1500,2000,2035-03-05\n",
        ),
        (
            "Name,Roll No,Fee,Date,Day",
            "Ali,1,1500,2035-03-01,2035-03-05\nSana,2,1500,2035-03-01,2035-03-05\n",
        ),
        // Its heading says what it is.
        (
            "Name,Roll No,Fee,Issue Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Arrears,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Paid,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Late Fee,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Phone,Fee,Due Date",
            "Ali,03001234567,1500,2035-03-05\nSana,03001234568,1500,2035-03-05\n",
        ),
        (
            "Parentage,Roll No,Fee,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Fee,Challan Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Refund,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Name,Roll No,Fee per child,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        (
            "Father Name,Roll No,Fee,Due Date",
            "Ali,1,1500,2035-03-05\nSana,2,1500,2035-03-05\n",
        ),
        // The number of a class is no amount, nor one number for all a payer's.
        (
            "Name,Roll No,Level,Due Date",
            "Ali,1,5,2035-03-05\nSana,2,6,2035-03-05\n",
        ),
        (
            "Name,SID,Fee,Due Date",
            "Ali,77,1500,2035-03-05\nSana,77,1500,2035-03-05\n",
        ),
    ] {
        let refused = csv(&format!("{headings}\n{rows}"));
        assert!(
            matches!(refused, Err(Unreadable::NoColumns { .. })),
            "{headings}: {refused:?}"
        );
    }
}

#[test]
fn a_misspelt_late_amount_is_taken_only_where_the_rows_bear_it_out() {
    let headings = "Name,Roll No,Fee,Due Date,Amount aftr due date";
    let text = format!("{headings}\n{ROWS}");
    let (_, how) = matched("amount_after_due_date", &text).unwrap();
    assert!(matches!(how, How::Spelling { .. }));
    // A fine alone is less than the amount: then a person is asked.
    let read = csv(&text.replace("1600", "100")).unwrap();
    assert_eq!(read.sheets[0].guesses, [] as [&str; 0]);
    assert!(read.held.unwrap().contains("“Amount aftr due date”"));
}

#[test]
fn a_misspelt_amount_beside_an_amount_is_asked_about() {
    let text = "Name,Roll No,Fee,Ammount,Due Date\nAli,1,1500,2000,2035-03-05\n";
    assert!(csv(text).unwrap().held.unwrap().contains("“Ammount”"));
    let text = "Name,Roll No,Fee,Surchrage,Due Date\nAli,1,1500,200,2035-03-05\n";
    assert!(csv(text).unwrap().held.unwrap().contains("“Surchrage”"));
}

#[test]
fn the_number_of_the_register_goes_before_that_of_the_class_as_a_guess() {
    let text = "Name,Roll No,GR No,Fee,Due Date\nAli,1,G-77,1500,2035-03-05\n";
    let (heading, how) = matched("identifier", text).unwrap();
    assert_eq!(heading, "GR No");
    assert_eq!(
        how,
        How::Choice {
            instead_of: "Roll No".to_owned()
        }
    );
    for other in ["CNIC", "Challan No", "Voucher No"] {
        let quiet = format!("Name,Roll No,{other},Fee,Due Date\nAli,1,3,1500,2035-03-05\n");
        let (heading, how) = matched("identifier", &quiet).unwrap();
        assert_eq!((&*heading, how), ("Roll No", How::Synonym), "{other}");
    }
}

#[test]
fn what_stands_in_the_columns_is_shown() {
    let read = csv(&format!("Name,Roll No,Fee,Due Date,After Due Date\n{ROWS}")).unwrap();
    let examples: Vec<&[String]> = read.sheets[0]
        .columns
        .iter()
        .map(|column| &column.examples[..])
        .collect();
    assert_eq!(examples[0], ["Ali Khan", "Sana Bibi"]);
    assert_eq!(examples[3], ["2035-03-05"]);
    let columns: Vec<u16> = read.sheets[0]
        .columns
        .iter()
        .map(|column| column.column)
        .collect();
    assert_eq!(columns, [0, 1, 2, 3, 4]);
}

#[test]
fn the_number_of_a_class_is_taken_before_one_of_anything_where_it_tells_the_rows_apart() {
    for other in ["ID", "Account No", "Ref No"] {
        let choice = How::Choice {
            instead_of: other.to_owned(),
        };
        let rows = "Ali,70,R-1,1500,2035-03-05\nSana,71,R-2,1500,2035-03-05\n";
        let text = format!("Name,{other},Roll No,Fee,Due Date\n{rows}Total,,,3000,\n");
        let taken = matched("identifier", &text);
        assert_eq!(
            taken,
            Some(("Roll No".to_owned(), choice.clone())),
            "{other}"
        );
        let rows = "Ali,R-1,70,1500,2035-03-05\nSana,R-2,71,1500,2035-03-05\n";
        let text = format!("Name,Roll No,{other},Fee,Due Date\n{rows}");
        let taken = matched("identifier", &text);
        assert_eq!(taken, Some(("Roll No".to_owned(), choice)), "{other}");
        for rows in [
            "Ali,70,1,1500,2035-03-05\nSana,71,1,1500,2035-03-05\n",
            "Ali,70,,1500,2035-03-05\nSana,71,1,1500,2035-03-05\n",
        ] {
            let refusal = csv(&format!("Name,{other},Roll No,Fee,Due Date\n{rows}"));
            let ambiguous = matches!(refusal, Err(Unreadable::AmbiguousColumns { .. }));
            assert!(ambiguous, "{other} {rows}");
        }
    }
}

#[test]
fn two_columns_of_one_name_are_refused_with_what_to_do() {
    let text = "Student ID,First Name,Last Name,Amount,Due Date\nS1,Ali,Khan,2500,2035-03-05\n";
    let why = csv(text).unwrap_err().to_string();
    assert!(
        why.contains("`First Name` and `Last Name` are halves of one name: put both into one column called `Name`"),
        "{why}"
    );
}
