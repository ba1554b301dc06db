//! Twelve thousand rows: three calls, and every list tells the same.

use ingestd_tests::{bills, csv, on_each_engine, paisa};

use crate::first_steps::as_lines;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_thousand_rows_are_three_calls_and_everyone_agrees_row_by_row() {
    on_each_engine(async |world| {
        let fees = bills("K", 12_000);
        let bytes = csv(&fees);
        world.drop_sheet("fees.csv", &bytes);
        world.run_once().await.ended_with(0);

        let calls = world.bulk_calls();
        let sizes: Vec<usize> = calls.iter().map(|call| call.rows).collect();
        assert_eq!(sizes, [5000, 5000, 2000]);
        assert!(calls.iter().all(|call| call.status == "200"), "{calls:?}");
        let state = world.hub().state();
        assert_eq!(
            (
                state.identifiers,
                state.payments,
                state.payments_beyond_first
            ),
            (12_000, 12_000, 0)
        );
        world.hub_and_views_agree("school").await;
        world
            .result_sheets_agree("fees.csv", &as_lines(&bytes))
            .await;

        let file = world.file("fees.csv").await;
        assert_eq!(file["state"], "settled");
        assert_eq!(file["account"], "school");
        assert_eq!(file["rows"], 12_000);
        assert_eq!(file["counts"], serde_json::json!({"billed": 12_000}));
        assert_eq!(file["sha256"].as_str().map(str::len), Some(64));
        assert!(file["taken_at"].is_string() && file["settled_at"].is_string());
        assert!(file.as_object().unwrap().contains_key("message"));
        let same = world.json(&["file", &file["file_id"].to_string()]).await;
        assert_eq!(same["sha256"], file["sha256"]);

        let chunks = world.json(&["chunks"]).await;
        let chunks = chunks.as_array().unwrap();
        assert_eq!(chunks.len(), 3);
        for (chunk, call) in chunks.iter().zip(&calls) {
            assert_eq!(chunk["state"], "accepted");
            assert_eq!(chunk["attempts"], 1);
            assert_eq!(chunk["row_count"].as_u64(), Some(call.rows as u64));
            assert_eq!(chunk["bulk_payment_request_id"].as_u64(), call.bulk_id);
        }
        let total: i64 = chunks
            .iter()
            .map(|chunk| paisa(chunk["total_amount"].as_str().unwrap()))
            .sum();
        assert_eq!(
            total,
            fees.iter().map(|fee| paisa(&fee.amount)).sum::<i64>()
        );
        world.verified().await;

        let rows = world.json(&["rows", "--identifier", "K-07777"]).await;
        assert_eq!(rows.as_array().map(Vec::len), Some(1));
        assert_eq!(rows[0]["row_number"], 7778);
        let psid = rows[0]["psid"].as_str().unwrap();
        assert_eq!(psid.len(), 24);
        let found = world.json(&["rows", "--psid", psid]).await;
        assert_eq!(found[0]["identifier"], "K-07777");
        let none = world.json(&["rows", "--state", "invalid"]).await;
        assert_eq!(none, serde_json::json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_views_have_the_columns_that_downstream_reads() {
    on_each_engine(async |world| {
        let mut fees = bills("V", 2);
        fees[1].amount = "x".to_owned();
        world.drop_sheet("fees.csv", &csv(&fees));
        world.run_once().await.ended_with(1);
        for (view, columns) in [
            (
                "bill_results",
                &[
                    "row_id",
                    "file_id",
                    "file_name",
                    "account",
                    "sheet",
                    "row_number",
                    "title",
                    "identifier",
                    "amount",
                    "due_date",
                    "amount_after_due_date",
                    "state",
                    "psid",
                    "bulk_payment_request_id",
                    "message",
                    "sent_at",
                    "updated_at",
                    "paid_at",
                ][..],
            ),
            (
                "bulk_requests",
                &[
                    "chunk_id",
                    "file_id",
                    "account",
                    "row_count",
                    "total_amount",
                    "bulk_payment_request_id",
                    "state",
                    "attempts",
                    "sent_at",
                    "answered_at",
                    "message",
                ],
            ),
            (
                "result_changes",
                &[
                    "change_id",
                    "changed_at",
                    "row_id",
                    "file_id",
                    "sheet",
                    "row_number",
                    "state",
                    "psid",
                ],
            ),
        ] {
            let found = world.columns_of(view).await;
            assert!(found.len() >= columns.len(), "{view}: {found:?}");
            assert_eq!(&found[..columns.len()], columns, "{view}");
        }
        let money = world.type_of("bill_results", "amount").await;
        let time = world.type_of("bill_results", "updated_at").await;
        match world.engine() {
            ingestd_tests::Engine::Sqlite => {
                assert_eq!((money.as_str(), time.as_str()), ("text", "text"))
            }
            ingestd_tests::Engine::Postgres => {
                assert_eq!(
                    (money.as_str(), time.as_str()),
                    ("numeric", "timestamp with time zone")
                );
            }
        }
        let rows = world.results().await;
        assert_eq!(rows[0].amount.as_deref(), Some("1001.00"));
        assert_eq!(rows[0].due_date.as_deref(), Some("2035-03-02"));
        assert_eq!(rows[1].amount, None, "what is no amount is none");

        let listed = world.json(&["rows"]).await;
        let keys: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
        for column in world.columns_of("bill_results").await.iter().take(18) {
            assert!(keys.contains(&column), "`rows` lacks {column}");
        }
    })
    .await;
}
