//! What is held, as people are told of it: every row counted, the first ones with their words.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(
    of_many_held_rows_all_are_counted_and_the_first_are_told_in_order,
    many
);

async fn many(world: World) {
    // More than are read at a time.
    const ROWS: u32 = 4_500;
    world.drop_in("march.csv", &pupils(ROWS)).await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(ROWS);
    let (last, changed) = bills.split_last_mut().unwrap();
    for bill in changed {
        bill.amount += 500;
    }
    last.due = day("2035-02-10"); // before the bill that is not paid yet
    let second = world.drop_in("march again.csv", &bills).await;
    let held = world.ledger.held_list(second).await.unwrap();
    let [changed, later] = &held[..] else {
        panic!("two kinds are held: {held:?}")
    };
    assert_eq!(
        (changed.kind, changed.rows.to_string()),
        (HoldKind::Changed, "1-4499".to_owned())
    );
    assert_eq!(changed.reasons.len(), HeldLine::REASONS_MAX);
    for (row_no, (rows, reason)) in (1..).zip(&changed.reasons) {
        assert_eq!(rows.to_string(), format!("{row_no}"));
        assert_eq!(*reason, world.message(second, row_no).await);
    }
    assert_eq!(
        (later.kind, later.rows.to_string()),
        (HoldKind::Later, "4500".to_owned())
    );
    assert!(later.reasons[0].1.contains("later due date 2035-03-10"));

    // The sheet counts its heading: row 1 of the file is its row 2.
    let named = |sheet: Option<&str>, numbers: &[u32]| HeldFilter {
        sheet: sheet.map(str::to_owned),
        row_numbers: Some(numbers.to_vec()),
    };
    let numbers = async |filter: HeldFilter| {
        let found = world.ledger.held_numbers(second, &filter).await.unwrap();
        let shown = |(sheet, rows): (&String, &RowSet)| format!("{sheet} {rows}");
        found.iter().map(shown).collect::<Vec<_>>()
    };
    let some = [1, 3, 4_000, 4_001, 4_501, 9_000];
    assert_eq!(numbers(named(None, &some)).await, ["Fees 3,4000-4001,4501"]);
    assert_eq!(numbers(named(Some("Fees"), &[5])).await, ["Fees 5"]);
    assert!(numbers(named(Some("Fines"), &some)).await.is_empty());
    assert!(numbers(named(None, &[])).await.is_empty());

    // A sheet alone, without numbers, names all of its rows.
    let sheet = HeldFilter {
        sheet: Some("Fees".to_owned()),
        row_numbers: None,
    };
    let released = world.approve(second, &sheet).await.unwrap();
    let of = |kind, rows| Released { kind, rows };
    assert_eq!(
        released.released,
        [of(HoldKind::Changed, 4_499), of(HoldKind::Later, 1)]
    );
    assert_eq!(world.ledger.held_list(second).await.unwrap(), []);
    world.verified().await;
}

both!(
    chunks_held_as_a_whole_and_rows_held_alone_are_told_together,
    together
);

async fn together(world: World) {
    let hold = Some((HoldKind::File, "rows 7 and 9 are hidden".to_owned()));
    world
        .drop_in("march.csv", &[bill("Q1", 100, "2035-03-10")])
        .await;
    world.send_and_bill_all(1).await;
    let mut bills = pupils(6);
    bills[4] = bill("Q1", 200, "2035-03-10");
    let file_id = world.store_held("a.csv", &bills, Vec::new(), hold, 2).await;
    world.plan(file_id).await;
    let told = async || {
        let held = world.ledger.held_list(file_id).await.unwrap();
        let told = held.into_iter().flat_map(|line| {
            let (kind, all) = (line.kind, line.rows);
            let told = |(rows, reason): (RowSet, String)| format!("{rows}: {reason}");
            let reasons = line.reasons.into_iter().map(told);
            reasons
                .map(move |told| format!("{kind} {all}; {told}"))
                .collect::<Vec<_>>()
        });
        told.collect::<Vec<_>>()
    };
    let before = told().await;
    assert_eq!(before.len(), 2, "{before:?}");
    assert_eq!(before[0], "file 1-4,6; 1-4,6: rows 7 and 9 are hidden");
    assert!(before[1].starts_with("changed 5; 5: "), "{before:?}");
    let one = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![3]),
    };
    world.approve(file_id, &one).await.unwrap();
    let after = told().await;
    assert_eq!(after[0], "file 1,3-4,6; 1,3-4,6: rows 7 and 9 are hidden");
    world.verified().await;
}

both!(
    a_long_reason_of_a_file_is_told_whole_once_and_begun_on_each_row,
    long_reason
);

async fn long_reason(world: World) {
    let reason = "the totals row has another sum; ".repeat(40);
    let hold = Some((HoldKind::File, reason.clone()));
    let file_id = world
        .store_held("a.csv", &pupils(4), Vec::new(), hold, 4)
        .await;
    world.plan(file_id).await;
    let told = world.ledger.held_list(file_id).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].reasons, [(RowSet::range(1, 4), reason)]);
    let rows = world.ledger.result_rows(file_id, ResultRows::All, 0, 9);
    for row in rows.await.unwrap() {
        let said = row.message.unwrap();
        assert!(said.len() < 600 && said.ends_with(" …"), "{said}");
    }
    world.verified().await;
}
