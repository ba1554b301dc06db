//! Every fault, as a client meets it, and what the hub did meanwhile.

use std::time::{Duration, Instant};

use asaanbill_sandbox::{Endpoint, Fault, Garble, Rule};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, row};

async fn with(fault: Fault) -> World {
    let world = World::new().await;
    world
        .sandbox
        .add_faults([Rule::once(Endpoint::AddBulk, fault)])
        .unwrap();
    world
}

fn rows() -> Vec<Value> {
    (1..=4).map(|n| row(&format!("A-{n}"), "100")).collect()
}

fn billed(world: &World) -> usize {
    world.sandbox.state().payments
}

fn last_status(world: &World) -> String {
    world.sandbox.calls().pop().unwrap().status
}

#[tokio::test]
async fn a_status_is_answered_without_work_with_the_body_and_headers_told() {
    let body = Some(json!("not JSON"));
    let headers = [("X-Seen".to_owned(), "yes".to_owned())].into();
    let world = with(Fault::Status {
        code: 503,
        body,
        headers,
    })
    .await;
    let answer = world.bulk(&rows()).await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "not JSON"));
    assert_eq!(answer.headers["x-seen"], "yes");
    assert_eq!(billed(&world), 0);
    assert_eq!(world.bulk(&rows()).await.status, 200, "once means once");
}

#[tokio::test]
async fn an_after_status_is_answered_after_the_work() {
    let world = with(Fault::AfterStatus {
        code: 503,
        body: None,
    })
    .await;
    let answer = world.bulk(&rows()).await;
    assert_eq!(
        (answer.status, &answer.json()["responseCode"]),
        (503, &json!(503))
    );
    assert_eq!(billed(&world), 4);
}

#[tokio::test]
async fn a_connection_closes_before_the_work() {
    for read_bytes in [None, Some(0), Some(100)] {
        let world = with(Fault::CloseBefore { read_bytes }).await;
        assert!(world.try_bulk(&rows()).await.is_err());
        assert_eq!(
            (billed(&world), last_status(&world).as_str()),
            (0, "closed")
        );
    }
}

#[tokio::test]
async fn a_connection_closes_after_the_work_without_a_byte() {
    let world = with(Fault::CloseAfter).await;
    let mut line = TcpStream::connect(world.sandbox.address()).await.unwrap();
    let body = json!({"payments": rows()}).to_string();
    let request = format!(
        "POST /integration/add-bulk?contentType=JSON HTTP/1.1\r\nHost: hub\r\n\
         Content-Type: application/json\r\nx-auth-ph-key: {}\r\nchannel-id: 23\r\n\
         username: demo\r\nContent-Length: {}\r\n\r\n{body}",
        world.token,
        body.len(),
    );
    line.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = line.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    assert_eq!(
        (billed(&world), last_status(&world).as_str()),
        (4, "closed")
    );
    let call = world.sandbox.calls().pop().unwrap();
    assert_eq!(
        (call.rows, call.bulk_id, call.fault.as_deref()),
        (4, Some(11), Some("close_after"))
    );
}

#[tokio::test]
async fn an_answer_is_cut_after_so_many_bytes_of_its_body() {
    let world = with(Fault::CutAfter { bytes: 40 }).await;
    let post = world.client.post(world.url("/add-bulk?contentType=JSON"));
    let sent = world
        .signed(post)
        .json(&json!({"payments": rows()}))
        .send()
        .await;
    let mut response = sent.unwrap();
    let promised = response.content_length().unwrap();
    assert!(promised > 400);
    let mut got = Vec::new();
    let cut = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got.extend_from_slice(&chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(cut, "the client sees that it is cut");
    assert_eq!(got.len(), 40);
    assert!(got.starts_with(b"{\"responseCode\":200"));
    assert_eq!((billed(&world), last_status(&world).as_str()), (4, "cut"));
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_stop_the_work() {
    let world = with(Fault::DelayBeforeMs(300)).await;
    let post = world.signed(world.client.post(world.url("/add-bulk?contentType=JSON")));
    let post = post
        .timeout(Duration::from_millis(100))
        .json(&json!({"payments": rows()}));
    assert!(post.send().await.unwrap_err().is_timeout());
    let worked = async {
        while billed(&world) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), worked)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_answer_waits_after_the_work() {
    let world = with(Fault::DelayAfterMs(60_000)).await;
    let post = world.signed(world.client.post(world.url("/add-bulk?contentType=JSON")));
    let sending = tokio::spawn(post.json(&json!({"payments": rows()})).send());
    let worked = async {
        while billed(&world) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), worked)
        .await
        .unwrap();
    assert!(!sending.is_finished());
    let started = Instant::now();
    world.sandbox.stop().await;
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "a stop does not wait it out"
    );
    assert!(sending.await.unwrap().is_err());
}

#[tokio::test]
async fn retry_after_carries_its_text_as_it_is() {
    for header in [
        "7",
        "-1",
        "Wed, 21 Oct 2035 07:28:00 GMT",
        "99999999999999999999",
        "soon",
    ] {
        let world = with(Fault::RetryAfter {
            code: 429,
            header: header.to_owned(),
        })
        .await;
        let answer = world.bulk(&rows()).await;
        assert_eq!(
            (answer.status, answer.headers["retry-after"].as_bytes()),
            (429, header.as_bytes())
        );
        assert_eq!(billed(&world), 0);
    }
}

#[tokio::test]
async fn unauthorized_forgets_the_token_until_the_next_login() {
    let mut world = with(Fault::Unauthorized).await;
    assert_eq!(world.bulk(&rows()).await.status, 401);
    assert_eq!(
        world.bulk(&rows()).await.status,
        401,
        "the old token is dead"
    );
    let old = world.token.clone();
    world.sign_in("demo").await;
    assert_ne!(world.token, old);
    world.bulk(&rows()).await.ok();
}

#[tokio::test]
async fn a_redirect_names_another_place() {
    let to = "http://127.0.0.2:1/elsewhere".to_owned();
    let world = with(Fault::Redirect {
        to: to.clone(),
        code: 307,
    })
    .await;
    let answer = world.bulk(&rows()).await;
    assert_eq!(
        (answer.status, answer.headers["location"].to_str().unwrap()),
        (307, to.as_str())
    );
    assert_eq!(billed(&world), 0);
}

#[tokio::test]
async fn html_comes_with_200_after_the_work() {
    let world = with(Fault::Html).await;
    let answer = world.bulk(&rows()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.starts_with("<!DOCTYPE html>"));
    assert_eq!(billed(&world), 4);
}

#[tokio::test]
async fn status_and_response_code_can_disagree() {
    for (http, code) in [(200, 500), (500, 200)] {
        let world = with(Fault::BodyCode { http, code }).await;
        let answer = world.bulk(&rows()).await;
        assert_eq!(
            (answer.status, &answer.json()["responseCode"]),
            (http, &json!(code))
        );
        assert_eq!(billed(&world), 4);
    }
}

#[tokio::test]
async fn an_echo_is_garbled_in_each_way() {
    let identifiers = |answer: &Value| -> Vec<String> {
        let rows = answer["payments"].as_array().unwrap().iter();
        rows.map(|row| row["identifier"].as_str().unwrap().to_owned())
            .collect()
    };
    let echo = async |garble: Garble| {
        let world = with(Fault::GarbleEcho(garble)).await;
        let data = world.bulk(&rows()).await.ok().data();
        assert_eq!(billed(&world), 4, "the work is done all the same");
        data
    };
    let nobody = "NOBODY-SENT-THIS";
    let garbled = echo(Garble {
        drop_rows: 3,
        ..Garble::default()
    })
    .await;
    assert_eq!(identifiers(&garbled), ["A-1"]);
    let garbled = echo(Garble {
        extra_row: true,
        ..Garble::default()
    })
    .await;
    assert_eq!(identifiers(&garbled), ["A-1", "A-2", "A-3", "A-4", nobody]);
    let garbled = echo(Garble {
        foreign_identifier: true,
        ..Garble::default()
    })
    .await;
    assert_eq!(identifiers(&garbled), [nobody, "A-2", "A-3", "A-4"]);
    let garbled = echo(Garble {
        shuffle: true,
        ..Garble::default()
    })
    .await;
    assert_eq!(identifiers(&garbled), ["A-4", "A-3", "A-2", "A-1"]);
    let garbled = echo(Garble {
        other_dates: true,
        ..Garble::default()
    })
    .await;
    assert_eq!(garbled["payments"][0]["dueDate"], "2035-01-31");
}

#[tokio::test]
async fn an_echo_can_be_missing() {
    let world = with(Fault::NoEcho).await;
    assert_eq!(
        world.bulk(&rows()).await.ok().data(),
        json!({"bulkPaymentRequestId": 11})
    );
    assert_eq!(billed(&world), 4);
}

#[tokio::test]
async fn rows_are_refused_by_identifier_by_turn_and_all_together() {
    let refuse = |identifiers: &[&str], every| Fault::RefuseRows {
        identifiers: identifiers.iter().map(ToString::to_string).collect(),
        every,
        message: "no such pupil".to_owned(),
    };
    for (fault, refused) in [
        (refuse(&["A-2"], None), vec![1]),
        (refuse(&[], Some(2)), vec![1, 3]),
    ] {
        let world = with(fault).await;
        let data = world.bulk(&rows()).await.ok().data();
        for place in 0..4 {
            let said = if refused.contains(&place) {
                "no such pupil"
            } else {
                "PROCESSED"
            };
            assert_eq!(data["payments"][place]["status"], said);
        }
        assert_eq!(billed(&world), 4 - refused.len());
    }
    let world = with(Fault::RefuseAll {
        message: "closed".to_owned(),
    })
    .await;
    let answer = world.bulk(&rows()).await;
    assert_eq!(
        (answer.status, &answer.data()["payments"][3]["status"]),
        (400, &json!("closed"))
    );
    assert_eq!(billed(&world), 0);
}

#[tokio::test]
async fn a_body_drips() {
    let world = with(Fault::Drip {
        bytes_per_second: 1,
    })
    .await;
    let post = world.signed(world.client.post(world.url("/add-bulk?contentType=JSON")));
    let response = post
        .json(&json!({"payments": rows()}))
        .send()
        .await
        .unwrap();
    assert!(response.content_length().unwrap() > 400);
    let whole = tokio::time::timeout(Duration::from_millis(50), response.text()).await;
    assert!(whole.is_err(), "it is far from whole");
    assert_eq!(billed(&world), 4);
    // Fast enough, it is a whole answer.
    let world = with(Fault::Drip {
        bytes_per_second: 1_000_000,
    })
    .await;
    assert_eq!(
        world.bulk(&rows()).await.ok().data()["payments"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[tokio::test]
async fn an_answer_is_as_huge_as_told() {
    let world = with(Fault::Huge { bytes: 3_000_000 }).await;
    let answer = world.bulk(&rows()).await;
    assert_eq!(answer.text.len(), 3_000_000);
    assert_eq!(answer.json()["responseCode"], 200);
    assert_eq!(billed(&world), 4);
}

#[tokio::test]
async fn rules_skip_count_and_pick_their_calls() {
    let world = World::new().await;
    let status = |code| Fault::Status {
        code,
        body: None,
        headers: Default::default(),
    };
    world
        .sandbox
        .add_faults([
            Rule::once(Endpoint::PaymentList, status(500))
                .skip(1)
                .times(2),
            Rule::once(None, status(502)).skip(2),
            Rule::once(Endpoint::PaymentList, status(503))
                .for_user("other")
                .for_ever(),
        ])
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(world.get("/payment").await.status);
    }
    // The second rule looks only at calls that the first one let go.
    assert_eq!(seen, [200, 500, 500, 200, 502, 200]);
    assert_eq!(world.sandbox.faults().len(), 1, "used-up rules are gone");
    world.sandbox.clear_faults();
    assert!(world.sandbox.faults().is_empty());
    let wrong = Rule::once(None, status(99));
    assert!(world.sandbox.add_faults([wrong]).is_err());
}
