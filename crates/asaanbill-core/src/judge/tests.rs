//! What is said of a row, word for word.

#![allow(clippy::unwrap_used)]
use super::*;

const GOOD: RawBill<'static> = RawBill {
    title: "Ayesha Khan",
    identifier: "GF-001",
    amount: "1500",
    due_date: "2035-08-31",
    amount_after_due_date: "1600",
};

fn rules(past_due: PastDue) -> Rules {
    Rules {
        today: NaiveDate::from_ymd_opt(2035, 8, 31).unwrap(),
        past_due,
    }
}

/// What a person reads about the row, `error` or `warning` first.
fn said(row: RawBill<'_>) -> Vec<String> {
    let judged = row.validate(&rules(PastDue::Reject));
    assert_eq!(
        judged.value.is_none(),
        judged.problems.iter().any(Problem::is_error)
    );
    judged
        .problems
        .iter()
        .map(|p| format!("{}: {p}", p.severity()))
        .collect()
}

#[test]
fn a_good_row_borrows_and_says_nothing() {
    let judged = GOOD.validate(&rules(PastDue::Reject));
    assert_eq!(judged.problems, []);
    let bill = judged.value.unwrap();
    assert!(matches!(
        (bill.title, bill.identifier),
        (Cow::Borrowed("Ayesha Khan"), Cow::Borrowed("GF-001"))
    ));
}

#[test]
fn all_problems_of_a_row_come_at_once() {
    let row = RawBill {
        title: " ",
        identifier: "",
        amount: "1,500",
        due_date: "31/08/35",
        amount_after_due_date: "0",
    };
    assert_eq!(
        said(row),
        [
            "error: title is blank; write the payer's name",
            "error: identifier is blank; write the payer's number at the school",
            "error: amount `1,500` has thousands separators; write the fee in rupees, such as 1500",
            "error: due date `31/08/35` is not a date of the form yyyy-MM-dd; write the last day of payment, such as 2035-08-31",
            "error: amount after the due date must be more than 0; write rupees, such as 1500, or leave it blank to charge the amount",
        ]
    );
}

#[test]
fn each_error_says_what_to_write_instead() {
    assert_eq!(
        said(RawBill {
            amount: "0",
            ..GOOD
        }),
        ["error: amount must be more than 0; write the fee in rupees, such as 1500"]
    );
    assert_eq!(
        said(RawBill { amount: "", ..GOOD }),
        ["error: amount is blank; write the fee in rupees, such as 1500"]
    );
    assert_eq!(
        said(RawBill {
            amount_after_due_date: "1499.99",
            ..GOOD
        }),
        [
            "error: amount after the due date is less than the amount; write 1500 or more, or leave it blank"
        ]
    );
    assert_eq!(
        said(RawBill {
            due_date: "2035-08-30",
            ..GOOD
        }),
        ["error: due date 2035-08-30 is past; write 2035-08-31 or a later day"]
    );
    assert_eq!(
        said(RawBill {
            due_date: "",
            ..GOOD
        }),
        ["error: due date is blank; write the last day of payment, such as 2035-08-31"]
    );
}

#[test]
fn the_guides_slip_of_a_digit_is_a_warning() {
    assert_eq!(
        said(RawBill {
            amount: "1400",
            amount_after_due_date: "14550",
            ..GOOD
        }),
        [
            "warning: amount after the due date is three times the amount (1400) or more; look for a digit too many"
        ]
    );
    assert_eq!(
        said(RawBill {
            amount: "1000",
            amount_after_due_date: "2999.99",
            ..GOOD
        }),
        Vec::<String>::new()
    );
}

#[test]
fn blanks_at_the_ends_are_left_out_with_a_warning() {
    let row = RawBill {
        identifier: " FS-BSME-055",
        ..GOOD
    };
    let judged = row.validate(&rules(PastDue::Reject));
    assert_eq!(judged.value.unwrap().identifier, "FS-BSME-055");
    assert_eq!(judged.problems.len(), 1);
    assert_eq!(judged.problems[0].severity(), Severity::Warning);
    assert_eq!(judged.problems[0].value, " FS-BSME-055");
}

#[test]
fn a_blank_late_amount_is_the_amount() {
    let judged = RawBill {
        amount_after_due_date: " ",
        ..GOOD
    }
    .validate(&rules(PastDue::Reject));
    assert_eq!(
        judged.value.unwrap().amount_after_due_date,
        Paisa::from_paisa(150_000)
    );
    assert_eq!(judged.problems, []);
}

#[test]
fn a_past_due_date_is_what_the_account_says() {
    let row = RawBill {
        due_date: "2035-08-30",
        ..GOOD
    };
    let outcome = |past_due| {
        let judged = row.validate(&rules(past_due));
        (
            judged.value.is_some(),
            judged.problems.first().map(Problem::severity),
        )
    };
    assert_eq!(outcome(PastDue::Reject), (false, Some(Severity::Error)));
    assert_eq!(outcome(PastDue::Warn), (true, Some(Severity::Warning)));
    assert_eq!(outcome(PastDue::Allow), (true, None));
}

#[test]
fn what_the_caller_could_not_read_is_invalid_without_a_second_problem() {
    let draft = Draft {
        title: "Ayesha Khan",
        identifier: "GF-001",
        amount: Given::Unreadable,
        due_date: Given::Unreadable,
        amount_after_due_date: Given::Unreadable,
    };
    let mut problems = Vec::new();
    assert_eq!(judge(&draft, &rules(PastDue::Reject), &mut problems), None);
    assert_eq!(problems, []);
}

#[test]
fn a_year_too_far_ahead_is_refused() {
    let judged = |year: i32| {
        let draft = Draft {
            title: "Ayesha Khan",
            identifier: "GF-001",
            amount: Given::Value(Paisa::from_paisa(100)),
            due_date: Given::Value(NaiveDate::from_ymd_opt(year, 8, 31).unwrap()),
            amount_after_due_date: Given::Blank,
        };
        let mut problems = Vec::new();
        let bill = judge(&draft, &rules(PastDue::Allow), &mut problems);
        assert_eq!(bill.is_some(), problems.is_empty());
        problems.pop().map(|problem| problem.kind)
    };
    let this_year = rules(PastDue::Allow).today.year();
    assert_eq!(judged(this_year + 90), None);
    for year in [this_year + 91, this_year + 100, 20_350] {
        assert_eq!(judged(year), Some(ProblemKind::YearOutOfRange), "{year}");
    }
}
