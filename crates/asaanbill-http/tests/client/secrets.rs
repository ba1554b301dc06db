//! The token and the password are nowhere: not in Debug, not in errors, not in
//! the log at its loudest, not even where the hub repeats them.

use std::io::Write;
use std::sync::{Arc, Mutex};

use asaanbill_http::{Client, PageAsk};
use tokio::io::AsyncWriteExt;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{PASSWORD, bare, bills, ok_json, quick};

const TOKEN: &str = "NOh/caEvov912PrLXRmLmNK92+yXQ==";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// Everything a client says about itself and its calls.
async fn all_it_says(client: &Client) -> String {
    let mut said = vec![format!("{client:?}")];
    said.push(format!("{:?}", client.login().await));
    match client.login().await {
        Ok(login) => said.push(format!("{login:?}")),
        Err(err) => said.push(format!("{err} {err:?}")),
    }
    let write = client.add_bulk(&bills(0..1)).await.map(|_| ());
    said.push(write.map_or_else(|err| format!("{err} {err:?}"), |()| String::new()));
    let read = client.payments(PageAsk::first()).await.map(|_| ());
    said.push(read.map_or_else(|err| format!("{err} {err:?}"), |()| String::new()));
    said.push(format!("{client:?}"));
    said.join("\n")
}

#[tokio::test]
async fn neither_token_nor_password_is_ever_said() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // For this thread, on which the test's runtime runs.
    let _guard = tracing::subscriber::set_default(subscriber);

    let login =
        format!(r#"{{"responseCode":200,"data":{{"token":"{TOKEN}","channel":{{"id":23}}}}}}"#);
    let broken_login = login[..login.len() - 1].to_owned();
    let mouthy = format!(
        r#"{{"responseCode":400,"responseMessage":"bad token {TOKEN} or password {PASSWORD}","data":{{"payments":[{{"identifier":"GF-0000","status":"token {TOKEN} password {PASSWORD}"}}]}}}}"#
    );
    let answers = [
        (ok_json(&login), 400, mouthy.clone()),
        (ok_json(&login), 401, mouthy.replace(":400", ":401")),
        (ok_json(&login), 403, mouthy.replace(":400", ":403")),
        (ok_json(&login), 503, mouthy.replace(":400", ":503")),
        (ok_json(&login), 200, format!("{TOKEN} {PASSWORD}")),
        (
            ok_json(&login),
            500,
            format!("<html><title>{TOKEN} {PASSWORD}</title>"),
        ),
        (ok_json(&broken_login), 200, String::new()),
        (ok_json(&login.replace(":200", ":500")), 200, String::new()),
        // A token that was never given to us is none of our secrets.
        (ok_json(&mouthy.replace(TOKEN, "x")), 200, String::new()),
    ];
    for (login, code, body) in answers {
        let hub = bare(move |request, mut stream| {
            let answer = if request.starts_with("POST /integration/login") {
                login.clone()
            } else {
                let length = body.len();
                format!("HTTP/1.1 {code} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
            };
            async move {
                let _ = stream.write_all(&answer).await;
            }
        })
        .await;
        let builder = quick(hub.base_url).read_tries(2);
        let mut said = format!("{builder:?}\n");
        said += &all_it_says(&builder.build().unwrap()).await;
        for secret in [TOKEN, PASSWORD] {
            assert!(!said.contains(secret), "{code}: {said}");
        }
    }

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("called the hub"), "the log was listened to");
    for secret in [TOKEN, PASSWORD, "Pupil 0"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
