//! A small world: a sandbox hub with a client, or a bare server that answers
//! the same bytes to whatever it is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use asaanbill_core::{Bill, Paisa};
use asaanbill_http::{Client, ClientBuilder};
use asaanbill_sandbox::{CallRecord, Endpoint, Fault, Rule, Sandbox, SandboxConfig, User};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const PASSWORD: &str = "corr3ct-horse-battery";

pub(crate) struct World {
    pub(crate) hub: Sandbox,
    pub(crate) client: Client,
}

pub(crate) async fn world() -> World {
    world_with(|client| client).await
}

pub(crate) async fn world_with(setting: impl FnOnce(ClientBuilder) -> ClientBuilder) -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = SandboxConfig {
        users: vec![User::new("greenfield", PASSWORD)],
        ..SandboxConfig::default()
    };
    let hub = Sandbox::start(listener, config).unwrap();
    let client = setting(quick(hub.base_url())).build().unwrap();
    World { hub, client }
}

/// A client that does not keep a test waiting.
pub(crate) fn quick(base_url: String) -> ClientBuilder {
    Client::builder(base_url, "greenfield", PASSWORD.into())
        .requests_per_minute(60_000)
        .reads_per_minute(60_000)
        .retry_pause(Duration::from_millis(1))
}

impl World {
    pub(crate) fn fault(&self, on: Endpoint, fault: Fault) {
        self.hub.add_faults([Rule::once(on, fault)]).unwrap();
    }

    pub(crate) fn faults(&self, on: Endpoint, times: u32, fault: Fault) {
        self.hub
            .add_faults([Rule::once(on, fault).times(times)])
            .unwrap();
    }

    pub(crate) fn calls(&self, to: Endpoint) -> Vec<CallRecord> {
        self.hub
            .calls()
            .into_iter()
            .filter(|call| call.endpoint == to)
            .collect()
    }
}

pub(crate) fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        body: None,
        headers: Default::default(),
    }
}

pub(crate) fn bills(range: std::ops::Range<u32>) -> Vec<Bill<'static>> {
    range
        .map(|n| Bill {
            title: format!("Pupil {n}").into(),
            identifier: format!("GF-{n:04}").into(),
            amount: Paisa::from_rupees(1500).unwrap(),
            due_date: "2035-08-31".parse().unwrap(),
            amount_after_due_date: Paisa::parse("1600.50").unwrap(),
        })
        .collect()
}

/// A server that reads a request and answers it by this function, once a
/// connection. It keeps what it was sent.
pub(crate) struct Bare {
    pub(crate) base_url: String,
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
}

pub(crate) async fn bare<F, R>(answer: F) -> Bare
where
    F: Fn(String, TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        let answer = Arc::new(answer);
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                log.lock().unwrap().push(request.clone());
                answer(request, stream).await;
            });
        }
    });
    Bare { base_url, heard }
}

/// Answers logins well, and everything else with these bytes.
pub(crate) async fn bare_after_login(answer: &'static [u8]) -> Bare {
    bare(move |request, mut stream| async move {
        let bytes = if request.starts_with("POST /integration/login") {
            ok_json(r#"{"responseCode":200,"responseMessage":"ok","data":{"token":"t0ken-of-bare","channel":{"id":23}}}"#)
        } else {
            answer.to_vec()
        };
        // A client that has heard enough may close first.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
    })
    .await
}

pub(crate) fn ok_json(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Head and body, as far as they come.
pub(crate) async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}
