//! Callbacks as a little listener receives them.

use std::time::Duration;

use asaanbill_sandbox::{Pay, Sandbox, SandboxConfig, User};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::world::{World, quiet, row};

/// Answers every POST with `answer`; hands out path and body.
async fn listener(answer: &'static str) -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callbacks/secret", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut request, mut piece) = (String::new(), [0; 4096]);
            let body = loop {
                let read = stream.read(&mut piece).await.unwrap();
                assert_ne!(read, 0, "the request ended early: {request}");
                request.push_str(std::str::from_utf8(&piece[..read]).unwrap());
                if let Some((_, body)) = request.split_once("\r\n\r\n")
                    && let Ok(body) = serde_json::from_str(body)
                {
                    break body;
                }
            };
            assert!(request.contains("Content-Type: application/json\r\n"));
            let path = request.split_whitespace().nth(1).unwrap().to_owned();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            stream
                .write_all(format!("{head}{answer}").as_bytes())
                .await
                .unwrap();
            tell.send((path, body)).unwrap();
        }
    });
    (url, told)
}

async fn outcomes(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let all = async {
        loop {
            let callbacks = sandbox.callbacks();
            if callbacks.len() >= count {
                return callbacks
                    .into_iter()
                    .map(|callback| callback.outcome)
                    .collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all)
        .await
        .unwrap()
}

#[tokio::test]
async fn psids_and_payments_are_called_back() {
    let (url, mut told) = listener(r#"{"responseCode": 200, "responseMessage": "thanks"}"#).await;
    let world = World::with(SandboxConfig {
        callback_url: Some(url),
        ..quiet()
    })
    .await;
    world.bulk(&[row("A", "5000")]).await.ok();
    world.sandbox.assign().unwrap();
    let approved = (
        "/callbacks/secret/bulk-payment-request-approved".to_owned(),
        json!({"bulkPaymentRequestId": 11}),
    );
    assert_eq!(told.recv().await.unwrap(), approved);
    let paid = world.sandbox.pay(&Pay::identifier("A")).unwrap();
    let body = json!({
        "title": "Bareera Sheikh", "identifier": "A", "dueDate": "2035-08-31",
        "amount": "5000", "amountAfterDueDate": "5000", "psid": paid.psid,
    });
    assert_eq!(
        told.recv().await.unwrap(),
        ("/callbacks/secret/processed".to_owned(), body)
    );
    assert_eq!(
        outcomes(&world.sandbox, 2).await,
        ["acknowledged", "acknowledged"]
    );
}

#[tokio::test]
async fn a_users_own_url_comes_before_the_common_one() {
    let (common, mut at_common) = listener(r#"{"responseCode": 200}"#).await;
    let (own, mut at_own) = listener(r#"{"responseCode": 500}"#).await;
    let with_own = User {
        callback_url: Some(own),
        ..User::new("demo", "demo")
    };
    let users = vec![with_own, User::new("other", "x")];
    let config = SandboxConfig {
        users,
        callback_url: Some(common),
        ..quiet()
    };
    let mut world = World::with(config).await;
    world.add(row("A", "1")).await.ok();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    assert_eq!(at_own.recv().await.unwrap().1["identifier"], "A");
    let said = outcomes(&world.sandbox, 1).await;
    assert_eq!(said, ["not acknowledged: status 200, responseCode 500"]);
    world.user = "other".to_owned();
    world.sign_in("x").await;
    world.add(row("B", "1")).await.ok();
    world.sandbox.pay(&Pay::identifier("B")).unwrap();
    assert_eq!(at_common.recv().await.unwrap().1["identifier"], "B");
}

#[tokio::test]
async fn nobody_listening_disturbs_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let world = World::with(SandboxConfig {
        callback_url: Some(url),
        ..quiet()
    })
    .await;
    world.add(row("A", "1")).await.ok();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    assert!(outcomes(&world.sandbox, 1).await[0].starts_with("not delivered"));
    assert_eq!(world.statuses("A"), ["PROCESSED"]);
}
