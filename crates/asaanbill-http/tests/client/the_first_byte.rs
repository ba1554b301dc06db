//! A write that asks at its first byte whether it may still go: what a hub
//! gets to see of it where it may, and where it may not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use asaanbill_http::{AddBulkBody, Client, Taken, WriteError};
use asaanbill_sandbox::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{bare_after_login, bills, ok_json, quick, read_request, world};

/// Three bills, with how often the question was asked.
async fn send(client: &Client, answer: bool) -> (Result<Taken, WriteError>, u32) {
    client.sign_in_if_needed().await.unwrap();
    let turn = client.write_turn().await.unwrap();
    let body = AddBulkBody::of(&bills(0..3)).unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let may_start = move || {
        count.fetch_add(1, Ordering::SeqCst);
        answer
    };
    let outcome = client.add_bulk_body_while(turn, body, may_start).await;
    (outcome, asked.load(Ordering::SeqCst))
}

fn assert_too_late(outcome: Result<Taken, WriteError>) {
    let why = "too much time passed before the first byte".to_owned();
    assert_eq!(outcome, Err(WriteError::NotSent { why }));
}

#[tokio::test]
async fn a_write_that_is_too_late_makes_nothing_at_the_hub() {
    let world = world().await;
    let (outcome, asked) = send(&world.client, false).await;
    assert_too_late(outcome);
    assert_eq!(asked, 1);
    // The call may be in the journal by its head, but never as one that came whole.
    for call in world.calls(Endpoint::AddBulk) {
        assert_eq!((call.rows, call.bulk_id), (0, None), "{call:?}");
    }
    assert!(world.hub.payments(None, None).is_empty());
    // And the client is as good as before.
    let (outcome, asked) = send(&world.client, true).await;
    assert_eq!(outcome.unwrap().echo.unwrap().len(), 3);
    assert_eq!(asked, 1);
    assert_eq!(world.hub.payments(None, None).len(), 3);
}

#[tokio::test]
async fn no_byte_of_a_body_that_is_too_late_leaves() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let hub = tokio::spawn(async move {
        let (mut login, _) = listener.accept().await.unwrap();
        read_request(&mut login).await;
        let answer = r#"{"responseCode":200,"data":{"token":"t0ken","channel":{"id":23}}}"#;
        login.write_all(&ok_json(answer)).await.unwrap();
        drop(login);
        let (mut write, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        // A reset is an end too; what came before it is in `bytes`.
        let _ = write.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    });
    let client = quick(base_url).build().unwrap();
    let (outcome, _) = send(&client, false).await;
    assert_too_late(outcome);
    let heard = hub.await.unwrap();
    let body = heard.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    assert_eq!(body, "", "{heard}");
    assert!(!heard.contains("GF-0000"), "{heard}");
}

#[tokio::test]
async fn a_write_in_time_goes_with_its_length_and_not_in_chunks() {
    let hub = bare_after_login(
        b"HTTP/1.1 200 OK\r\ncontent-length: 54\r\nconnection: close\r\n\r\n{\"responseCode\":200,\"data\":{\"bulkPaymentRequestId\":7}}",
    )
    .await;
    let client = quick(hub.base_url).build().unwrap();
    let (outcome, asked) = send(&client, true).await;
    assert_eq!(outcome.unwrap().bulk_id, 7);
    assert_eq!(asked, 1);
    let heard = hub.heard.lock().unwrap().clone();
    let [_, write] = &heard[..] else {
        panic!("a login and one write: {heard:?}");
    };
    let (head, body) = write.split_once("\r\n\r\n").unwrap();
    let expected = AddBulkBody::of(&bills(0..3)).unwrap();
    assert_eq!(body.as_bytes(), expected.as_bytes());
    let head = head.to_ascii_lowercase();
    let length = format!("content-length: {}", body.len());
    assert_eq!(head.lines().filter(|line| **line == length).count(), 1);
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert!(!head.contains("expect"), "{head}");
}

#[tokio::test]
async fn nobody_is_asked_where_no_connection_is_made() {
    let world = world().await;
    world.client.sign_in_if_needed().await.unwrap();
    world.hub.refuse_connections(true).await;
    let (outcome, asked) = send(&world.client, true).await;
    assert!(
        matches!(outcome, Err(WriteError::NotSent { .. })),
        "{outcome:?}"
    );
    assert_eq!(asked, 0);
}
