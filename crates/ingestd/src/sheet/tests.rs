//! What a whole file comes to, beside its rows.

#![allow(clippy::unwrap_used)]

use super::*;

fn summary(text: &str) -> SheetSummary {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fees.csv");
    std::fs::write(&path, text).unwrap();
    let rules = SheetRules {
        today: NaiveDate::from_ymd_opt(2035, 1, 1).unwrap(),
        ..SheetRules::defaults(Reader::ThisProcess)
    };
    judge_sheet(&path, "fees.csv", &rules, &mut |_| Ok(())).unwrap()
}

const HEADINGS: &str = "Name,Roll No,Fee,Due Date,Section,Late Fee\n";

#[test]
fn a_late_fee_that_is_not_read_holds_the_file_and_the_rows_stay_bills() {
    let summary = summary(&format!("{HEADINGS}Ali,GF-1,1500,2035-03-05,A,100\n"));
    assert_eq!((summary.valid, summary.invalid), (1, 0));
    let held = summary.held.unwrap();
    assert!(held.starts_with("column F “Late Fee”"), "{held}");
    assert!(held.contains("headed “Amount After Due Date”"), "{held}");
    assert_eq!(summary.sheets[0].unused, ["Section", "Late Fee"]);
}

#[test]
fn sheets_that_were_stored_before_unused_columns_were_are_still_read() {
    let old = r#"[{"name":"fees","header_row":1,"mapping":{"title":"Name"}}]"#;
    let sheets = SheetSeen::from_json(old).unwrap();
    assert_eq!(sheets[0].unused, [] as [String; 0]);
}

#[test]
fn both_of_two_identifiers_that_differ_only_in_case_are_warned_of() {
    let summary = summary(&format!(
        "{HEADINGS}Ali,GF-1,1500,2035-03-05,,\nSana,GF-2,1500,2035-03-05,,\nAli,gf-1,1500,2035-03-05,,\n"
    ));
    assert_eq!(summary.valid, 3);
    let twins: Vec<_> = summary.late.twins().collect();
    let [twin] = twins.as_slice() else {
        panic!("{twins:?}")
    };
    assert_eq!((twin.row_no, twin.row_number), (1, 2));
    assert_eq!(twin.problem.cell.as_deref(), Some("B2"));
    assert_eq!(twin.problem.value, "GF-1");
    assert!(twin.problem.warning && twin.problem.problem.contains("in row 4"));
}

#[test]
fn a_date_long_from_now_that_may_begin_with_its_year_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fees.csv");
    let dates = ["27/01/28", "27/01/29", "28/01/27", "27/01/2028"];
    let rows: String = (1..)
        .zip(dates)
        .map(|(at, date)| format!("Ali,GF-{at},1500,{date}\n"))
        .collect();
    std::fs::write(&path, format!("Name,Roll No,Fee,Due Date\n{rows}")).unwrap();
    let rules = SheetRules {
        today: NaiveDate::from_ymd_opt(2026, 12, 20).unwrap(),
        ..SheetRules::defaults(Reader::ThisProcess)
    };
    let mut warned = Vec::new();
    let summary = judge_sheet(&path, "fees.csv", &rules, &mut |row| {
        for problem in row.problems {
            assert!(problem.warning, "{}", problem.problem);
            assert!(problem.problem.contains("may as well begin with its year"));
            warned.push(row.row_number);
        }
        Ok(())
    });
    assert_eq!(summary.unwrap().valid, 4);
    assert_eq!(warned, [2, 3]);
}

#[test]
fn lines_and_sheets_that_were_left_out_are_told_apart_and_counted_right() {
    let said = |lines: &str, sheets: usize| {
        let mut summary = summary(&format!("{HEADINGS}Ali,GF-1,1500,2035-03-05,,\n{lines}"));
        for _ in 0..sheets {
            let why = fee_sheet::SheetWhy::Hidden;
            summary.left_out.list.sheet("Notes", 1, why);
        }
        summary.said_of_left_out()
    };
    assert_eq!(said("", 0), None);
    assert_eq!(
        said("----,,,,,\n", 0).unwrap(),
        "1 line below the header is no row and was left out"
    );
    assert_eq!(
        said("----,,,,,\n----,,,,,\n", 0).unwrap(),
        "2 lines below the header are no rows and were left out"
    );
    assert_eq!(said("", 1).unwrap(), "the sheet `Notes` was left");
    assert_eq!(
        said("----,,,,,\n", 4).unwrap(),
        "1 line below the header is no row and was left out; the sheets `Notes`, `Notes`, `Notes` and 1 more were left"
    );
}

#[test]
fn a_sentence_of_a_row_twice_is_made_when_it_is_asked_for() {
    let summary = summary(&format!(
        "{HEADINGS}A,GF-1,1500,2035-03-05,,\nB,GF-2,1500,2035-03-05,,\nC,GF-1,1600,2035-03-05,,\nD,GF-1,x,2035-03-05,,\n"
    ));
    assert_eq!((summary.valid, summary.invalid), (1, 3));
    assert_eq!((summary.late.count(), summary.late.valid_count()), (3, 2));
    assert_eq!(summary.valid_total, 150_000);
    let told: Vec<(u32, bool, String)> = summary
        .late
        .duplicates()
        .map(|twice| (twice.row_no, twice.was_valid, twice.problem.problem))
        .collect();
    assert_eq!(
        told.iter()
            .map(|(row, valid, _)| (*row, *valid))
            .collect::<Vec<_>>(),
        [(1, true), (3, true), (4, false)]
    );
    assert!(told[1].2.contains("also in row 2, row 5"), "{told:?}");
    assert!(summary.late.has(4) && !summary.late.has(2));
    assert!(summary.late.duplicate(2).is_none());
}

#[test]
fn a_due_date_that_a_title_says_is_told_of_when_the_file_is_taken() {
    let summary = summary("Due Date: 15-12-2035\nName,Roll No,Fee\nAli,GF-1,1500\n");
    assert_eq!(summary.valid, 1);
    let message = summary.message().unwrap();
    assert!(message.contains("for all rows, a guess"), "{message}");
    // A fix sheet has it as a column of its own.
    let mappings = SheetSeen::mappings(&summary.sheets);
    assert_eq!(mappings[0].columns["due_date"].known_as, "duedate");
}

#[test]
fn a_guess_is_said_with_the_file_and_what_is_configured_is_none() {
    let summary = summary("Name,Roll No,Ammount,Due Date\nAli,GF-1,1500,2035-03-05\n");
    assert_eq!(summary.sheets[0].guesses, ["amount"]);
    let message = summary.message().unwrap();
    assert!(
        message.contains("amount of the sheet `fees` is taken from column C “Ammount”, a guess: spelt like “amount”"),
        "{message}"
    );
    let mappings = SheetSeen::mappings(&summary.sheets);
    assert_eq!(mappings[0].columns["amount"].known_as, "ammount");
    assert!(!mappings[0].columns["amount"].configured);
}
