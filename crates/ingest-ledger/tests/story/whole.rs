//! The whole road: 12,000 rows from claim to payment.

use crate::both;
use crate::world::*;
use ingest_ledger::*;

both!(
    twelve_thousand_rows_from_the_sheet_to_the_payment,
    twelve_thousand_rows
);

async fn twelve_thousand_rows(world: World) {
    let mut bills = pupils(12_000);
    for i in (0..12_000).step_by(50) {
        bills[i].valid = false;
    }
    // Found only when the file was read to its end: row 5 and row 11,999 are the same pupil.
    let late = [5, 11_999]
        .map(|row_no| LateFact {
            row_no,
            state: Some(RowState::Invalid),
            message: None,
            problems_json: Some(
                r#"[{"problem":"the identifier is in the sheet twice","severity":"error"}]"#.into(),
            ),
        })
        .to_vec();
    let file_id = world.store("march.csv", &bills, late).await;
    let planned = world.plan(file_id).await;
    assert_eq!(
        planned,
        Planned {
            ready: 11_758,
            held: 0,
            skipped: 0,
            invalid: 242,
            chunks: 3
        }
    );
    assert_eq!(
        world.plan(file_id).await,
        planned,
        "planning again changes nothing"
    );
    assert_eq!(
        world.message(file_id, 5).await,
        "the identifier is in the sheet twice"
    );
    assert_eq!(
        world.message(file_id, 1).await,
        "C2: Amount: `12,0O` is not a number"
    );
    assert_eq!(world.file(file_id).await.state, FileState::Sending);
    world.verified().await;

    let mut sent = 0;
    let mut identifiers = std::collections::BTreeSet::new();
    for request in ["1", "2", "3"] {
        let attempt = world.next_attempt().await;
        let rows = world.ledger.chunk_bills(attempt.chunk_id).await.unwrap();
        assert!(rows.len() <= 5_000);
        assert_eq!(rows.len() as i64, attempt.row_count);
        assert_eq!(
            rows.iter().map(|b| b.amount).sum::<i64>(),
            attempt.total_amount
        );
        assert!(rows.iter().all(|b| b.amount_after_due_date == b.amount));
        sent += rows.len();
        identifiers.extend(rows.into_iter().map(|b| b.identifier));
        world.settle(&attempt, taken(request)).await;
        world
            .settle(
                &attempt,
                Settlement::Unknown {
                    message: "late".into(),
                },
            )
            .await;
        assert_eq!(
            world
                .ledger
                .chunk(attempt.chunk_id)
                .await
                .unwrap()
                .unwrap()
                .state,
            ChunkState::Accepted,
            "an attempt is answered once"
        );
    }
    assert_eq!((sent, identifiers.len()), (11_758, 11_758));
    assert!(world.ledger.next_ready(ACCOUNT).await.unwrap().is_none());
    assert_eq!(world.counts(file_id).await[&RowState::Accepted], 11_758);

    while let Some(ask) = world.ledger.next_ask(ACCOUNT).await.unwrap() {
        if ask.in_ms > 0 {
            break;
        }
        world.say_of_all(ask.chunk_id, RowState::Billed).await;
    }
    let file = world.file(file_id).await;
    assert_eq!(file.state, FileState::Settled);
    assert!(file.settled_at.is_some());
    assert_eq!(file.counts[&RowState::Billed], 11_758);
    world.verified().await;

    assert_eq!(
        world
            .raw
            .text("select psid from bill_results where identifier = 'P00002'")
            .await,
        "1001P00002"
    );
    let amount = world
        .raw
        .text("select cast(amount as text) from bill_results where identifier = 'P00002'")
        .await;
    assert_eq!(amount, "1000.02");
    let sum = "select cast(sum(cast(amount as numeric)) as text) from bill_results where psid is not null";
    let expected: i64 = bills
        .iter()
        .enumerate()
        .filter(|(i, b)| b.valid && *i != 4 && *i != 11_998)
        .map(|(_, b)| b.amount)
        .sum();
    let got = world.raw.text(sum).await;
    let got: i64 = got
        .trim_end_matches('0')
        .replace('.', "")
        .parse::<i64>()
        .unwrap();
    assert!(
        expected.to_string().starts_with(&got.to_string()),
        "{expected} paisa, {got}"
    );

    let chunk_id = world.ledger.chunks(&ChunkFilter::default()).await.unwrap()[0].chunk_id;
    world.say_of_all(chunk_id, RowState::Paid).await;
    let paid = world.counts(file_id).await[&RowState::Paid];
    assert!(paid > 4_000);
    let unstamped = world.ledger.unstamped(ACCOUNT, 10).await.unwrap();
    assert_eq!(unstamped.len(), 10);
    let at = "2035-03-01T05:22:00Z".parse().unwrap();
    world
        .ledger
        .paid_stamp(file_id, unstamped[0].row_no, Some(at))
        .await
        .unwrap();
    let rows = RowFilter {
        psid: unstamped[0].psid.clone(),
        ..RowFilter::default()
    };
    let rows = world.ledger.rows(&rows).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].paid_at, Some(at));
    assert_eq!(rows[0].bulk_payment_request_id, Some(1.into()));
    assert_ne!(
        world.ledger.unstamped(ACCOUNT, 10).await.unwrap()[0],
        unstamped[0]
    );
    world.verified().await;
}
