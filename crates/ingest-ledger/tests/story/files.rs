//! Files: claimed by their bytes, resumed after a crash, corrected, reported.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(the_same_bytes_are_taken_once, duplicates);

async fn duplicates(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let claim = |file: NewFile| {
        let (ledger, lease) = (&world.ledger, &world.lease);
        async move { ledger.file_claim(lease, &file).await.unwrap() }
    };
    // A process died before it moved the original away.
    let Claim::Stored { file } = claim(new_file("a.csv", 5_000)).await else {
        panic!()
    };
    assert_eq!(file.file_id, file_id);
    world.ledger.file_put_away(file_id).await.unwrap();
    let Claim::Duplicate { file_id: again, of } = claim(new_file("a.csv", 5_000)).await else {
        panic!()
    };
    assert_eq!(of.file_id, file_id);
    let line = world.file(again).await;
    assert_eq!(
        (line.state, line.duplicate_of),
        (FileState::Duplicate, Some(file_id))
    );
    assert!(line.message.unwrap().contains("as file 1: a.csv"));
    let forced = NewFile {
        force: true,
        ..new_file("a.csv", 5_000)
    };
    assert!(matches!(claim(forced).await, Claim::New { .. }));

    // What was cancelled, or had no valid row, may come again.
    let bad = world.drop_in("bad.csv", &[invalid("x")]).await;
    assert_eq!(world.file(bad).await.state, FileState::Settled);
    assert!(matches!(
        claim(new_file("bad.csv", 5_000)).await,
        Claim::New { .. }
    ));
    let gone = world
        .drop_in("gone.csv", &[bill("Z", 1, "2035-03-10")])
        .await;
    world.ledger.cancel(gone).await.unwrap();
    let Claim::New { file_id: unread } = claim(new_file("gone.csv", 5_000)).await else {
        panic!()
    };
    world
        .ledger
        .file_unreadable(&world.lease, unread, "no heading fits")
        .await
        .unwrap();
    let line = world.file(unread).await;
    assert_eq!(
        (line.state, line.message.as_deref()),
        (FileState::Unreadable, Some("no heading fits"))
    );
    let newest = world
        .ledger
        .files(&FileFilter {
            limit: 2,
            ..FileFilter::default()
        })
        .await
        .unwrap();
    assert_eq!(newest[0].file_id, unread);
    assert_eq!(newest.len(), 2);
    world.verified().await;
}

both!(
    a_reading_that_was_cut_short_starts_again_and_the_stale_reader_is_fenced,
    resumed
);

async fn resumed(mut world: World) {
    let claim = world
        .ledger
        .file_claim(&world.lease, &new_file("a.csv", 5_000))
        .await
        .unwrap();
    let Claim::New { file_id } = claim else {
        panic!()
    };
    world.store_rows(file_id, &pupils(6_000)).await;
    assert!(
        world
            .ledger
            .rows(&RowFilter::default())
            .await
            .unwrap()
            .is_empty(),
        "not shown yet"
    );
    let stale = world.lease.clone();
    world.another_process().await;
    assert_eq!(
        world.ledger.files_reading(ACCOUNT).await.unwrap()[0].file_id,
        file_id
    );
    let claim = world
        .ledger
        .file_claim(&world.lease, &new_file("a.csv", 5_000))
        .await
        .unwrap();
    assert!(matches!(claim, Claim::Resume { file_id: same } if same == file_id));
    let row = NewRow {
        row_no: 1,
        sheet: "Fees",
        row_number: 2,
        title: "T",
        identifier: "I",
        amount: Some(100),
        due_date: Some(day("2035-03-10")),
        amount_after_due_date: Some(120),
        valid: true,
        raw_json: None,
        problems_json: None,
        corrects: None,
    };
    let late = world
        .ledger
        .rows_store(&stale, file_id, std::slice::from_ref(&row))
        .await;
    assert!(matches!(late, Err(LedgerError::Fenced(_))), "{late:?}");
    let skipped = NewRow {
        row_no: 2,
        ..row.clone()
    };
    let gap = world
        .ledger
        .rows_store(&world.lease, file_id, &[skipped])
        .await;
    assert!(matches!(gap, Err(LedgerError::Refused(_))), "{gap:?}");
    let undated = NewRow {
        due_date: None,
        ..row.clone()
    };
    assert!(
        world
            .ledger
            .rows_store(&world.lease, file_id, &[undated])
            .await
            .is_err()
    );
    world
        .ledger
        .rows_store(&world.lease, file_id, &[row])
        .await
        .unwrap();
    let wrong = Stored {
        rows: 2,
        valid: 2,
        ..Stored::default()
    };
    assert!(
        world
            .ledger
            .file_stored(&world.lease, file_id, &wrong)
            .await
            .is_err()
    );
    let stored = Stored {
        rows: 1,
        valid: 1,
        sheets_json: "{}".into(),
        ..Stored::default()
    };
    world
        .ledger
        .file_stored(&world.lease, file_id, &stored)
        .await
        .unwrap();
    world
        .ledger
        .file_stored(&world.lease, file_id, &stored)
        .await
        .unwrap();
    world.plan(file_id).await;
    assert_eq!(
        world.counts(file_id).await[&RowState::Ready],
        1,
        "stored twice, counted once"
    );
    let shown = &world.ledger.rows(&RowFilter::default()).await.unwrap()[0];
    assert_eq!(shown.amount.as_deref(), Some("1.00"));
    assert_eq!(shown.amount_after_due_date.as_deref(), Some("1.20"));
    world.verified().await;
}

both!(
    a_corrected_row_takes_the_place_of_its_original_once,
    corrected
);

async fn corrected(world: World) {
    use RowState::*;
    let first = world
        .drop_in("a.csv", &[invalid("P1"), bill("P2", 100, "2035-03-10")])
        .await;
    let of = |row_no: u32| Some(row_id(first, row_no));
    let still_bad = Bill {
        corrects: of(1),
        ..invalid("P1")
    };
    let second = world.drop_in("fix.csv", &[still_bad]).await;
    assert_eq!(
        world.states(first).await,
        [Invalid, Ready],
        "no valid row took its place yet"
    );
    let good = Bill {
        corrects: Some(row_id(second, 1)),
        ..bill("P1", 300, "2035-03-10")
    };
    let unasked = Bill {
        corrects: of(2),
        ..bill("P9", 300, "2035-03-10")
    };
    let third = world.drop_in("fix2.csv", &[good.clone(), unasked]).await;
    assert_eq!(world.states(third).await, [Ready, Held]);
    assert_eq!(world.states(first).await, [Corrected, Ready]);
    assert_eq!(world.states(second).await, [Corrected]);
    let fourth = world.drop_in("fix3.csv", &[good]).await;
    assert_eq!(
        world.states(fourth).await,
        [Held],
        "it was corrected already"
    );
    let held = world.ledger.held_list(fourth).await.unwrap();
    assert_eq!(held[0].kind, HoldKind::Token);
    world.send_and_bill_all(1).await;
    world.approve(fourth, &HeldFilter::default()).await.unwrap();
    assert_eq!(
        world.states(fourth).await,
        [Skipped],
        "every other rule is judged again"
    );
    let released = world.approve(third, &HeldFilter::default()).await.unwrap();
    assert_eq!(
        released.released,
        [Released {
            kind: HoldKind::Token,
            rows: 1
        }]
    );
    world.send_and_bill_all(20).await;
    assert_eq!(world.states(third).await, [Billed; 2]);
    world.verified().await;
}

both!(
    a_result_sheet_is_due_when_a_file_settles_and_then_hourly,
    reports
);

async fn reports(world: World) {
    let file_id = world.drop_in("a.csv", &pupils(2)).await;
    let due = || async { world.ledger.reports_due(ACCOUNT).await.unwrap().len() };
    assert_eq!(due().await, 0, "it is being sent");
    let chunk = world.send_taken("1").await.chunk_id;
    world.say_of_all(chunk, RowState::Billed).await;
    assert_eq!(due().await, 1);
    let seen = world.file(file_id).await;
    world.ledger.report_written(&seen).await.unwrap();
    assert_eq!(due().await, 0);
    world.say_of_all(chunk, RowState::Paid).await;
    assert_eq!(due().await, 0, "at most hourly");
    world
        .raw
        .run("update files set results_written_at = '2020-01-01T00:00:00.000Z'")
        .await;
    assert_eq!(due().await, 1);
    world
        .ledger
        .report_written(&world.file(file_id).await)
        .await
        .unwrap();
    world
        .raw
        .run("update files set results_written_at = '2020-01-01T00:00:00.000Z'")
        .await;
    assert_eq!(due().await, 0, "nothing changed since");
    let rows = world
        .ledger
        .result_rows(file_id, ResultRows::All, 1, 10)
        .await
        .unwrap();
    assert_eq!((rows.len(), rows[0].row_no, rows[0].row_number), (1, 2, 3));
}

both!(the_files_json_is_what_the_contract_says, json);

async fn json(world: World) {
    let file_id = world
        .drop_in("a.csv", &[invalid("x"), bill("P1", 1, "2035-03-10")])
        .await;
    let line = serde_json::to_value(world.file(file_id).await).unwrap();
    for key in [
        "file_id",
        "file_name",
        "account",
        "sha256",
        "state",
        "rows",
        "counts",
        "message",
        "taken_at",
        "settled_at",
    ] {
        assert!(line.get(key).is_some(), "{key}");
    }
    assert_eq!(line["state"], "sending");
    assert_eq!(
        line["counts"],
        serde_json::json!({"invalid": 1, "ready": 1})
    );
    assert_eq!(line["sha256"].as_str().unwrap().len(), 64);
    let row = &world
        .ledger
        .rows(&RowFilter {
            state: Some(RowState::Ready),
            identifier: Some("P1".into()),
            ..RowFilter::default()
        })
        .await
        .unwrap()[0];
    let row = serde_json::to_value(row).unwrap();
    assert_eq!(
        (row["amount"].clone(), row["due_date"].clone()),
        ("0.01".into(), "2035-03-10".into())
    );
}
