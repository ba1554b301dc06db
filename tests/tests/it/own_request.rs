//! Rows in doubt of a call that the hub took: what the hub shows of them is told before anybody
//! bills them again, and a person may say that their own request holds them.

use std::collections::BTreeMap;

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule};
use ingestd_tests::{World, bills, csv, on_each_engine};
use serde_json::{Value, json};

fn answers(code: u16, body: Option<Value>) -> Rule {
    let fault = Fault::Status {
        code,
        body,
        headers: BTreeMap::new(),
    };
    Rule::once(Endpoint::BulkStatus, fault).for_ever()
}

/// Three rows are taken, the third is not in the echo, and the request can't be read. Answers the
/// chunk and the hub's number.
async fn third_row_in_doubt(world: &World) -> (String, String) {
    let garbled = Garble {
        drop_rows: 1,
        ..Garble::default()
    };
    world.next_call(Fault::GarbleEcho(garbled));
    world.add_fault(answers(500, None));
    world.drop_sheet("fees.csv", &csv(&bills("U", 3)));
    world.run_once_for("6s").await.ended_with(1);
    let states = [("accepted".to_owned(), 2), ("unknown".to_owned(), 1)];
    assert_eq!(world.states("school").await, states.into());
    let chunk = world.chunks().await.remove(0);
    (chunk.chunk_id.to_string(), chunk.request.unwrap())
}

/// The request as the hub has it, but for the third payment: its status is in no list.
fn third_on_hold(world: &World, request: &str) -> Value {
    let payments = world.hub_payments();
    let shown = payments.iter().map(|payment| {
        let status = match payment.identifier.as_str() {
            "U-00003" => "ON_HOLD",
            _ => payment.status.as_str(),
        };
        json!({
            "id": payment.id, "identifier": payment.identifier, "amount": payment.amount,
            "amountAfterDueDate": payment.amount_after_due_date, "dueDate": payment.due_date,
            "status": status, "psid": payment.psid,
        })
    });
    let shown: Vec<Value> = shown.collect();
    let page = json!({"totalNoOfElements": shown.len(), "totalPages": 1, "isLast": true, "content": shown});
    let request: i64 = request.parse().unwrap();
    json!({"responseCode": 200, "responseMessage": "ok", "data": {
        "bulkPaymentRequestId": request, "status": "PROCESSED", "payments": page}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_its_request_shows_is_not_billed_again_before_a_person_was_told() {
    on_each_engine(async |world| {
        let (chunk, request) = third_row_in_doubt(&world).await;
        world.hub().clear_faults();
        world.add_fault(answers(200, Some(third_on_hold(&world, &request))));
        let sheet = world.rows_of("fees.csv").await[2].sheet.clone();
        // The first was copied from a screen that knew nothing of the hub's word.
        for named in [&["--rows", "4"][..], &["--sheet", &sheet], &[]] {
            let line = [&["resolve", &chunk, "--not-sent"], named].concat();
            world.command(&line).await.ended_with(1).in_one_sentence();
            assert_eq!(world.rows_of("fees.csv").await[2].state, "unknown");
            assert_eq!(world.bulk_calls().len(), 1);
        }
        let told = world.command(&["resolve", &chunk, "--not-sent"]).await;
        told.says("the hub says `ON_HOLD`, which is in no list of ours");
        let status = world.json(&["status"]).await;
        let waits = &status["waiting"][0];
        let (why, command) = (waits["why"].as_str(), waits["command"].as_str());
        assert!(why.unwrap().contains("the hub says `ON_HOLD`"), "{waits}");
        let has_it = format!("`ingestd resolve {chunk} --rows 4 --sent {request}`");
        assert!(command.unwrap().contains(&has_it), "{waits}");
        assert!(!command.unwrap().contains("--not-sent`"), "{waits}");

        world
            .command(&["resolve", &chunk, "--rows", "4", "--sent", &request])
            .await
            .ended_with(0)
            .says("1 row counts as taken");
        world.hub().clear_faults();
        world.run_once().await.ended_with(0);
        assert_eq!(
            world.states("school").await,
            [("billed".to_owned(), 3)].into()
        );
        assert_eq!(world.bulk_calls().len(), 1);
        world.hub_and_views_agree("school").await;
        world.verified().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_a_person_has_seen_in_its_own_request_counts_as_taken() {
    on_each_engine(async |world| {
        let (chunk, request) = third_row_in_doubt(&world).await;
        world.hub().clear_faults();
        world.add_fault(answers(404, None));
        world
            .command(&["resolve", &chunk, "--sent", &request])
            .await
            .ended_with(0)
            .says(&format!(
                "1 row counts as taken in request {request}, on your word"
            ));
        let row = world.rows_of("fees.csv").await.remove(2);
        assert_eq!(row.state, "accepted");
        assert!(row.says().contains("a person said"), "{row:?}");
        // The hub shows the request again, without that row: its word is the newer one.
        world.hub().clear_faults();
        let mut without = third_on_hold(&world, &request);
        let page = &mut without["data"]["payments"];
        page["content"].as_array_mut().unwrap().remove(2);
        page["totalNoOfElements"] = 2.into();
        world.add_fault(answers(200, Some(without)));
        world
            .wait_until("the row is in doubt again", async || {
                world.run_once_for("1s").await;
                world.rows_of("fees.csv").await[2].state == "unknown"
            })
            .await;
        world
            .command(&["resolve", &chunk, "--sent", &request])
            .await
            .ended_with(1)
            .says(&format!(
                "shows request {request}, and none of these rows in it"
            ));
        assert_eq!(world.rows_of("fees.csv").await[2].state, "unknown");
        assert_eq!(world.bulk_calls().len(), 1);
        world.verified().await;
    })
    .await;
}
