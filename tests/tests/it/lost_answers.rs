//! A call without an answer is looked for, never repeated; what the hub never
//! got waits for a person.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Rule};
use ingestd_tests::{bills, csv, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_looked_up_and_adopted_and_nothing_is_sent_twice() {
    on_each_engine(async |world| {
        world.set("rows_per_request", "20");
        // The second of three calls is worked off, and its answer lost.
        world.add_fault(Rule::once(Endpoint::AddBulk, Fault::CloseAfter).skip(1));
        world.drop_sheet("fees.csv", &csv(&bills("L", 60)));
        world.run_once().await.ended_with(0);

        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 60)].into()
        );
        let calls = world.bulk_calls();
        assert_eq!(calls.len(), 3, "{calls:?}");
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        let chunks = world.chunks().await;
        assert!(
            chunks
                .iter()
                .all(|chunk| chunk.state == "accepted" && chunk.attempts == 1),
            "{chunks:?}"
        );
        let adopted = calls[1].bulk_id.map(|id| id.to_string());
        assert_eq!(
            chunks[1].request, adopted,
            "the chunk is the request the hub made"
        );
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_the_hub_never_got_is_unknown_until_a_person_says_so_and_then_billed_once() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("fees.csv", &csv(&bills("N", 5)));
        world.run_once().await.ended_with(1);
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 5)].into()
        );
        assert_eq!(world.hub_payments().len(), 0);
        assert_eq!(world.bulk_calls().len(), 1);
        let chunk = world.chunks().await[0].chunk_id.to_string();
        world
            .command(&["status"])
            .await
            .ended_with(0)
            .says(&format!("ingestd resolve {chunk}"));
        let note = String::from_utf8(world.in_results("fees.csv.held.txt")).unwrap();
        assert!(note.contains(&format!("ingestd resolve {chunk}")), "{note}");
        assert_eq!(world.file("fees.csv").await["state"], "held");

        // Waiting alone changes nothing.
        world.run_once().await.ended_with(1);
        assert_eq!(world.bulk_calls().len(), 1);

        world
            .command(&["resolve", &chunk, "--not-sent"])
            .await
            .ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 5)].into()
        );
        assert_eq!(world.bulk_calls().len(), 2);
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;

        // The note goes when nothing waits any more, and the result sheet comes.
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.names_in("results"),
            ["fees.csv.results.csv", "fees.csv.results.xlsx"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_that_the_hub_holds_can_not_be_called_not_sent() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseAfter);
        let unread = Fault::Status {
            code: 503,
            body: None,
            headers: BTreeMap::new(),
        };
        world.add_fault(Rule::once(Endpoint::BulkList, unread).for_ever());
        world.drop_sheet("fees.csv", &csv(&bills("H", 5)));
        let ran = world.run_once_for("8s").await;
        assert!([1, 4].contains(&ran.code), "{ran:?}");
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 5)].into()
        );
        let chunk = world.chunks().await[0].chunk_id.to_string();

        // While the hub can't be read, nothing is decided.
        let ran = world.command(&["resolve", &chunk, "--not-sent"]).await;
        assert!([1, 4].contains(&ran.code), "{ran:?}");
        assert_eq!(
            world.states("school").await,
            [("unknown".to_owned(), 5)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);

        world.hub().clear_faults();
        world.command(&["resolve", &chunk, "--not-sent"]).await;
        world.run_once().await.ended_with(0);
        assert_eq!(world.bulk_calls().len(), 1, "the hub had it");
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 5)].into()
        );
        world.nobody_is_billed_twice("school");
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_not_give_a_chunk_a_request_of_others() {
    on_each_engine(async |world| {
        world.drop_sheet("first.csv", &csv(&bills("A", 3)));
        world.run_once().await.ended_with(0);
        let owned = world.chunks().await[0].request.clone().unwrap();
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("second.csv", &csv(&bills("B", 3)));
        world.run_once().await.ended_with(1);
        let chunk = world.chunks().await[1].chunk_id.to_string();
        for request in [owned.as_str(), "999999"] {
            let ran = world.command(&["resolve", &chunk, "--sent", request]).await;
            assert_ne!(ran.code, 0, "{ran:?}");
            ran.says(request);
        }
        assert_eq!(world.rows_of("second.csv").await[0].state, "unknown");
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_waits_for_the_unknown_row_of_its_payer_and_then_goes_on_by_itself() {
    on_each_engine(async |world| {
        world.next_call(Fault::CloseBefore { read_bytes: None });
        world.drop_sheet("march.csv", &csv(&bills("W", 2)));
        world.run_once().await.ended_with(1);
        let mut april = bills("W", 2);
        for bill in &mut april {
            bill.due_date = "2035-04-30".to_owned();
        }
        world.drop_sheet("april.csv", &csv(&april));
        world.run_once().await.ended_with(1);
        for row in world.rows_of("april.csv").await {
            assert_eq!(row.state, "held", "{row:?}");
            assert!(
                row.says().contains("march.csv"),
                "it says what it waits for: {row:?}"
            );
        }
        let chunk = world.chunks().await[0].chunk_id.to_string();
        world.command(&["resolve", &chunk, "--not-sent"]).await;
        world.run_once().await.ended_with(0);
        let states: Vec<String> = world
            .rows_of("march.csv")
            .await
            .into_iter()
            .map(|row| row.state)
            .collect();
        assert_eq!(
            states,
            ["discarded", "discarded"],
            "the later bill took its PSID"
        );
        for row in world.rows_of("april.csv").await {
            assert_eq!(row.state, "billed", "{row:?}");
            assert!(
                row.says().contains("march.csv"),
                "it names the bill it discards: {row:?}"
            );
        }
        assert_eq!(world.hub_payments().len(), 4);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}
