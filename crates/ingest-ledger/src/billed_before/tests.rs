//! The contract's table, line by line, and what must hold for any history.

use super::*;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date written here")
}

fn row() -> BillLine {
    BillLine {
        row_id: 1_000,
        file_id: Some(7),
        sheet: None,
        row_number: 14,
        title: "Ali".into(),
        identifier: "FS-1".into(),
        amount: 150_000,
        due_date: day("2035-03-10"),
        late: 160_000,
    }
}

/// An earlier row like [`row`], in a state.
fn like(row_id: i64, state: RowState) -> Earlier {
    let row = row();
    Earlier {
        row_id,
        file_name: "march.csv".into(),
        row_number: row_id + 1,
        title: row.title,
        amount: row.amount,
        due_date: row.due_date,
        late: row.late,
        state,
        psid: matches!(state, RowState::Billed | RowState::Paid).then(|| "1001".to_owned()),
        out_of_sight: None,
        foreign: None,
    }
}

fn due(mut earlier: Earlier, date: &str) -> Earlier {
    earlier.due_date = day(date);
    earlier
}

fn amount(mut earlier: Earlier, paisa: i64) -> Earlier {
    earlier.amount = paisa;
    earlier
}

fn titled(mut earlier: Earlier, title: &str) -> Earlier {
    earlier.title = title.into();
    earlier
}

/// `send`, `send!` (with a message), `skip`, or the hold's word.
fn short(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Send { message: None, .. } => "send",
        Verdict::Send {
            message: Some(_), ..
        } => "send!",
        Verdict::Skip { .. } => "skip",
        Verdict::Hold { kind, .. } => kind.as_str(),
    }
}

fn hold(earlier: &[Earlier]) -> &'static str {
    short(&judge(&row(), earlier, ChangedBills::Hold, &[]))
}

fn replace(earlier: &[Earlier]) -> &'static str {
    short(&judge(&row(), earlier, ChangedBills::Replace, &[]))
}

use RowState::*;

#[test]
fn rule_1_a_row_waits_for_an_earlier_one_that_is_under_way() {
    for state in [Ready, Sending, Unknown, Held] {
        assert_eq!(hold(&[like(1, state)]), "waits", "{state}");
        assert_eq!(hold(&[like(1, state), like(2, Paid)]), "waits", "{state}");
    }
    assert_eq!(hold(&[amount(like(1, Accepted), 1)]), "waits");
    assert_eq!(hold(&[titled(like(1, Accepted), "Aly")]), "waits");
    assert_eq!(hold(&[due(like(1, Accepted), "2035-02-10")]), "waits");
    assert_eq!(
        hold(&[like(1, Accepted)]),
        "skip",
        "the same bill is being made"
    );
}

#[test]
fn rule_1_names_the_newest_row_it_waits_for() {
    let verdict = judge(
        &row(),
        &[like(3, Held), like(1, Ready)],
        ChangedBills::Hold,
        &[],
    );
    let Verdict::Hold {
        waits_for, message, ..
    } = verdict
    else {
        panic!("{verdict:?}")
    };
    assert_eq!(waits_for, Some(3));
    assert!(message.contains("row 4 of march.csv"), "{message}");
}

#[test]
fn a_row_that_a_newer_one_overtook_is_not_sent_behind_it() {
    let newer = |state| like(2_000, state);
    for state in [Sending, Unknown] {
        assert_eq!(hold(&[newer(state)]), "overtaken", "{state}");
    }
    for state in [Accepted, Billed, Paid] {
        assert_eq!(hold(&[newer(state)]), "skip", "{state}: it is this bill");
        assert_eq!(hold(&[amount(newer(state), 1)]), "overtaken", "{state}");
    }
    for state in [
        Invalid, Corrected, Skipped, Held, Ready, Rejected, Errored, Discarded,
    ] {
        assert_eq!(
            hold(&[newer(state)]),
            "send",
            "{state}: never sent, or gone"
        );
    }
    let april = |state| due(newer(state), "2035-04-10");
    assert_eq!(hold(&[april(Billed)]), "overtaken", "it would be discarded");
    assert_eq!(hold(&[april(Paid)]), "send", "another month's bill");
    let waived = [HoldKind::Overtaken];
    let verdict = judge(&row(), &[april(Billed)], ChangedBills::Hold, &waived);
    assert_eq!(short(&verdict), "send", "a person said so");
}

#[test]
fn the_command_that_lets_a_row_go_names_its_sheet_where_there_are_several() {
    let row = BillLine {
        sheet: Some("Ali's class".into()),
        ..row()
    };
    let earlier = [amount(like(1, Paid), 1)];
    let verdict = judge(&row, &earlier, ChangedBills::Hold, &[]);
    let Verdict::Hold { message, .. } = verdict else {
        panic!("{verdict:?}")
    };
    assert!(
        message.ends_with(r"`ingestd approve 7 --sheet 'Ali'\''s class' --rows 14`"),
        "{message}"
    );
}

#[test]
fn rule_2_the_newest_bill_with_this_due_date_decides() {
    assert_eq!(hold(&[like(1, Billed)]), "skip");
    assert_eq!(hold(&[like(1, Paid)]), "skip");
    assert_eq!(
        hold(&[titled(like(1, Paid), "Aly")]),
        "skip",
        "a title matters only until paid"
    );
    assert_eq!(hold(&[titled(like(1, Billed), "Aly")]), "changed");
    assert_eq!(hold(&[amount(like(1, Billed), 1)]), "changed");
    assert_eq!(replace(&[amount(like(1, Billed), 1)]), "send!");
    assert_eq!(hold(&[amount(like(1, Paid), 1)]), "changed_paid");
    assert_eq!(replace(&[amount(like(1, Paid), 1)]), "changed_paid");
    assert_eq!(hold(&[amount(like(1, Paid), 1), like(2, Billed)]), "skip");
    assert_eq!(
        hold(&[like(1, Paid), amount(like(2, Billed), 1)]),
        "changed"
    );
    assert_eq!(
        hold(&[like(1, Billed), due(like(2, Billed), "2035-04-10")]),
        "skip"
    );
}

#[test]
fn rule_3_bills_with_other_due_dates() {
    assert_eq!(hold(&[due(like(1, Billed), "2035-02-10")]), "send!");
    assert_eq!(hold(&[due(like(1, Paid), "2035-02-10")]), "send");
    assert_eq!(hold(&[due(like(1, Paid), "2035-04-10")]), "send");
    assert_eq!(hold(&[due(like(1, Billed), "2035-04-10")]), "later");
    let earlier_then_later = [
        due(like(1, Billed), "2035-02-10"),
        due(like(2, Billed), "2035-04-10"),
    ];
    assert_eq!(hold(&earlier_then_later), "later");
    let later_then_earlier = [
        due(like(1, Billed), "2035-04-10"),
        due(like(2, Billed), "2035-02-10"),
    ];
    assert_eq!(hold(&later_then_earlier), "send!");
}

#[test]
fn rule_4_nothing_before_and_nothing_that_counts() {
    assert_eq!(hold(&[]), "send");
    let nothing = [Invalid, Corrected, Skipped, Rejected, Errored, Discarded];
    assert_eq!(hold(&nothing.map(|s| like(1, s))), "send");
}

#[test]
fn a_waived_hold_is_not_held_for_the_same_reason_again_but_for_another() {
    let w = |earlier: &[Earlier], waived: &[HoldKind]| {
        short(&judge(&row(), earlier, ChangedBills::Hold, waived))
    };
    assert_eq!(
        w(&[amount(like(1, Billed), 1)], &[HoldKind::Changed]),
        "send!"
    );
    assert_eq!(
        w(&[amount(like(1, Paid), 1)], &[HoldKind::Changed]),
        "changed_paid"
    );
    assert_eq!(
        w(&[amount(like(1, Paid), 1)], &[HoldKind::ChangedPaid]),
        "send"
    );
    assert_eq!(
        w(&[due(like(1, Billed), "2035-04-10")], &[HoldKind::Later]),
        "send!"
    );
    assert_eq!(
        w(&[like(1, Held), like(0, Billed)], &[HoldKind::Waits]),
        "skip"
    );
    let paid_then_later = [amount(like(1, Paid), 1), due(like(2, Billed), "2035-04-10")];
    assert_eq!(w(&paid_then_later, &[HoldKind::ChangedPaid]), "later");
}

#[test]
fn a_sent_row_names_the_bill_it_discards_and_a_held_one_the_command() {
    let earlier = [due(like(1, Billed), "2035-02-10")];
    let verdict = judge(&row(), &earlier, ChangedBills::Hold, &[]);
    let Verdict::Send {
        message: Some(message),
        replaces: Some(1),
    } = verdict
    else {
        panic!("{verdict:?}")
    };
    assert_eq!(
        message,
        "replaces the unpaid bill of Rs 1500 due 2035-02-10 (row 2 of march.csv, PSID 1001), which the hub discards"
    );
    let earlier = [amount(like(1, Billed), 140_050)];
    let verdict = judge(&row(), &earlier, ChangedBills::Hold, &[]);
    let Verdict::Hold { message, .. } = verdict else {
        panic!("{verdict:?}")
    };
    assert!(
        message.contains("amount Rs 1500 instead of Rs 1400.50"),
        "{message}"
    );
    assert!(
        message.contains("`ingestd approve 7 --rows 14`"),
        "{message}"
    );
}

#[test]
fn an_accepted_bill_that_a_newer_one_has_overtaken_is_waited_for() {
    let mut newer = like(2, Billed);
    newer.title = "Aly".into();
    let earlier = [like(1, Accepted), newer];
    for changed in [ChangedBills::Hold, ChangedBills::Replace] {
        let verdict = judge(&row(), &earlier, changed, &[]);
        assert!(
            matches!(
                verdict,
                Verdict::Hold {
                    kind: HoldKind::Waits,
                    waits_for: Some(1),
                    ..
                }
            ),
            "{verdict:?}"
        );
    }
}

fn any_earlier() -> impl Strategy<Value = Vec<Earlier>> {
    let one = (
        0usize..RowState::ALL.len(),
        prop::sample::select(vec!["2035-02-10", "2035-03-10", "2035-04-10"]),
        any::<bool>(),
        any::<bool>(),
    );
    prop::collection::vec(one, 0..6).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(i, (state, date, other_sum, other_title))| {
                let mut e = due(like(i as i64 + 1, RowState::ALL[state]), date);
                if other_sum {
                    e.amount = 1;
                }
                if other_title {
                    e.title = "Aly".into();
                }
                e
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn the_verdict_does_not_depend_on_the_order_of_history(
        (earlier, shuffled) in any_earlier().prop_flat_map(|e| (Just(e.clone()), Just(e).prop_shuffle()))
    ) {
        prop_assert_eq!(
            judge(&row(), &earlier, ChangedBills::Hold, &[]),
            judge(&row(), &shuffled, ChangedBills::Hold, &[])
        );
    }

    #[test]
    fn nothing_is_sent_past_a_row_under_way_a_same_bill_or_a_later_unpaid_one(earlier in any_earlier()) {
        for changed in [ChangedBills::Hold, ChangedBills::Replace] {
            if let Verdict::Send { message, replaces } = judge(&row(), &earlier, changed, &[]) {
                let live: Vec<&Earlier> = earlier.iter().filter(|e| !e.state.is_final() || e.state == Paid).collect();
                prop_assert!(live.iter().all(|e| matches!(e.state, Billed | Paid)));
                let same_day = live.iter().filter(|e| e.due_date == row().due_date).max_by_key(|e| e.row_id);
                if let Some(bill) = same_day {
                    // Only an unpaid bill with other values, and only where the school said so.
                    prop_assert_eq!(changed, ChangedBills::Replace);
                    prop_assert_eq!(bill.state, Billed);
                    prop_assert!(bill.amount != row().amount || bill.title != row().title);
                }
                if let Some(newest) = live.iter().max_by_key(|e| e.row_id) {
                    prop_assert!(newest.due_date <= row().due_date || newest.state == Paid);
                }
                prop_assert_eq!(message.is_some(), replaces.is_some());
                prop_assert_eq!(message.is_some(), live.iter().any(|e| e.state == Billed));
            }
        }
    }

    #[test]
    fn bills_that_are_paid_and_were_due_on_other_days_say_nothing_by_themselves(earlier in any_earlier()) {
        // Whoever fetches what a row is judged against leaves out payers who have nothing else.
        let says_nothing = |e: &Earlier| match e.state {
            Paid => e.due_date != row().due_date,
            Invalid | Skipped | Discarded => true,
            _ => false,
        };
        let alone: Vec<Earlier> = earlier.into_iter().filter(says_nothing).collect();
        for changed in [ChangedBills::Hold, ChangedBills::Replace] {
            prop_assert_eq!(judge(&row(), &alone, changed, &[]), judge(&row(), &[], changed, &[]));
        }
    }

    #[test]
    fn a_hold_that_is_not_waived_is_never_lifted_by_waiving_another(earlier in any_earlier()) {
        if let Verdict::Hold { kind, .. } = judge(&row(), &earlier, ChangedBills::Hold, &[]) {
            let others: Vec<HoldKind> = HoldKind::ALL.iter().copied().filter(|k| *k != kind).collect();
            let verdict = judge(&row(), &earlier, ChangedBills::Hold, &others);
            let held = matches!(verdict, Verdict::Hold { kind: k, .. } if k == kind);
            prop_assert!(held);
        }
    }
}
