//! Answers that no hub should give: a redirect with our token in its mouth, a
//! compressed bomb, a status line and then nothing, bytes that are no HTTP.

use std::time::Duration;

use asaanbill_http::{PageAsk, ReadError};
use tokio::io::AsyncWriteExt;

use crate::world::{bare, bare_after_login, bills, ok_json, quick};

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_does_not_travel() {
    let thief = bare(|_, mut stream| async move {
        let _ = stream.write_all(&ok_json("{}")).await;
    })
    .await;
    for code in [301, 302, 303, 307, 308] {
        let thief_url = thief.base_url.clone();
        let hub = bare(move |request, mut stream| {
            let answer = if request.starts_with("POST /integration/login") {
                ok_json(r#"{"responseCode":200,"data":{"token":"t0ken","channel":{"id":23}}}"#)
            } else {
                format!("HTTP/1.1 {code} Elsewhere\r\nlocation: {thief_url}/steal\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .into_bytes()
            };
            async move { stream.write_all(&answer).await.unwrap() }
        })
        .await;
        let client = quick(hub.base_url).build().unwrap();
        assert!(
            client
                .add_bulk(&bills(0..1))
                .await
                .unwrap_err()
                .is_unknown()
        );
        let err = client.payments(PageAsk::first()).await.unwrap_err();
        assert!(matches!(err, ReadError::Unreadable { .. }), "{err:?}");
    }
    assert!(thief.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn garbage_is_unknown_for_a_write_and_unreadable_or_unreachable_for_a_read() {
    for answer in [
        &b""[..],
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"responseCode\":200",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"resp",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 32\r\n\r\n<html><title>Bad</title></html>\n",
    ] {
        let hub = bare_after_login(answer).await;
        let client = quick(hub.base_url).build().unwrap();
        let shown = String::from_utf8_lossy(answer);
        let err = client.add_bulk(&bills(0..1)).await.unwrap_err();
        assert!(err.is_unknown(), "{shown}: {err:?}");
        let err = client.payments(PageAsk::first()).await.unwrap_err();
        let fits = matches!(err, ReadError::Unreadable { .. } | ReadError::Unreachable { .. });
        assert!(fits, "{shown}: {err:?}");
    }
}

#[tokio::test]
async fn a_body_that_stalls_after_its_headers_ends_at_the_deadline() {
    let hub = bare(|request, mut stream| async move {
        if request.starts_with("POST /integration/login") {
            let login = r#"{"responseCode":200,"data":{"token":"t0ken","channel":{"id":23}}}"#;
            stream.write_all(&ok_json(login)).await.unwrap();
            return;
        }
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 9\r\n\r\n{")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let client = quick(hub.base_url)
        .write_deadline(Duration::from_millis(200))
        .build()
        .unwrap();
    let err = client.add_bulk(&bills(0..1)).await.unwrap_err();
    assert!(err.is_unknown(), "{err:?}");
}

#[tokio::test]
async fn a_long_answer_without_a_length_is_cut_off_at_the_limit() {
    let hub = bare(|request, mut stream| async move {
        if request.starts_with("POST /integration/login") {
            let login = r#"{"responseCode":200,"data":{"token":"t0ken","channel":{"id":23}}}"#;
            stream.write_all(&ok_json(login)).await.unwrap();
            return;
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        // Until the client has had enough.
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    })
    .await;
    let client = quick(hub.base_url)
        .answer_bytes_max(100_000)
        .build()
        .unwrap();
    assert!(
        client
            .add_bulk(&bills(0..1))
            .await
            .unwrap_err()
            .is_unknown()
    );
    let err = client.payments(PageAsk::first()).await.unwrap_err();
    assert!(matches!(err, ReadError::Unreadable { .. }), "{err:?}");
}

#[tokio::test]
async fn every_write_has_a_connection_of_its_own() {
    let hub = bare(|request, mut stream| async move {
        let body = if request.starts_with("POST /integration/login") {
            r#"{"responseCode":200,"data":{"token":"t0ken","channel":{"id":23}}}"#
        } else {
            r#"{"responseCode":200,"data":{"bulkPaymentRequestId":7}}"#
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        // Kept open, and deaf to a second request.
        std::future::pending::<()>().await;
    })
    .await;
    let client = quick(hub.base_url)
        .write_deadline(Duration::from_secs(5))
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(client.add_bulk(&bills(0..1)).await.unwrap().bulk_id, 7);
    }
    assert_eq!(hub.heard.lock().unwrap().len(), 4);
}
