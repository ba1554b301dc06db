//! What stands between the hub's callbacks and the service: it writes down what the hub posts, and
//! passes it on only when a test says so. So a test decides what comes, when, and how often.
//!
//! And a caller of its own: one POST over a plain connection, with whatever headers a test likes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The secret part of the callbacks' address in a world that has them.
pub const SECRET: &str = "8d6a1b0c-relay-of-the-tests-5f2e";
/// An answer that takes longer than this will never come.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// A callback as the hub posted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Account, secret and kind in it.
    pub path: String,
    /// Byte for byte.
    pub body: Vec<u8>,
}

impl Told {
    /// The last part of its path.
    pub fn kind(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Where a world's hub posts its callbacks to.
#[derive(Clone)]
pub struct Relay {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
    target: Arc<Mutex<Option<SocketAddr>>>,
}

impl Relay {
    /// Listens on a free port; without a target it only writes down, and acknowledges.
    pub(crate) fn start() -> Relay {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener can be used by many");
        let relay = Relay {
            address: listener.local_addr().expect("it listens somewhere"),
            told: Arc::default(),
            target: Arc::default(),
        };
        let listener = TcpListener::from_std(listener).expect("a runtime is there");
        let here = relay.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let relay = here.clone();
                tokio::spawn(async move { relay.take(caller).await });
            }
        });
        relay
    }

    /// The URL that the hub is given for a user.
    pub(crate) fn url_for(&self, user: &str) -> String {
        format!("http://{}/callbacks/{user}/{SECRET}", self.address)
    }

    /// From now on what the hub posts is passed on to there, too.
    pub fn pass_on_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
    }

    /// Everything that the hub posted so far.
    pub fn told(&self) -> Vec<Told> {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn take(&self, mut caller: TcpStream) -> Option<()> {
        let mut request = Vec::new();
        let (head, length) = loop {
            caller.read_buf(&mut request).await.ok()?;
            let text = String::from_utf8_lossy(&request);
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let length = head.to_ascii_lowercase();
                let length = length.split_once("content-length:")?.1;
                let length: usize = length.lines().next()?.trim().parse().ok()?;
                break (head.to_owned(), length);
            }
        };
        while request.len() < head.len() + 4 + length {
            caller.read_buf(&mut request).await.ok()?;
        }
        let told = Told {
            path: head.split_whitespace().nth(1)?.to_owned(),
            body: request[head.len() + 4..].to_vec(),
        };
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(told.clone());
        let target = *self.target.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, body) = match target {
            Some(target) => {
                let answer = post(target, &told.path, &[], &told.body).await;
                (answer.status, answer.body)
            }
            None => (200, r#"{"responseCode": 200}"#.to_owned()),
        };
        let answer = format!(
            "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        caller.write_all(answer.as_bytes()).await.ok()
    }
}

/// What came back from a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 0 if the connection ended without one.
    pub status: u16,
    /// The body.
    pub body: String,
    /// How long it took.
    pub took: Duration,
}

/// Posts over a connection of its own, and waits for the answer.
///
/// # Panics
/// If none comes in a long time.
pub async fn post(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {to}\r\n");
    let length = body.len().to_string();
    if !headers.iter().any(|(name, _)| *name == "content-length") {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    raw(to, &bytes).await
}

/// Sends these bytes and nothing more, and reads until the other side has said all.
///
/// # Panics
/// If it says nothing in a long time.
pub async fn raw(to: SocketAddr, bytes: &[u8]) -> Answer {
    let began = std::time::Instant::now();
    let asked = async {
        let mut stream = TcpStream::connect(to).await?;
        // The other side may answer and close before it has read all.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        while stream
            .read_buf(&mut answer)
            .await
            .is_ok_and(|read| read > 0)
        {}
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let asked = tokio::time::timeout(ANSWERED_WITHIN, asked).await;
    let text = asked
        .expect("an answer comes, or the connection ends")
        .unwrap_or_default();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Answer {
        status: head
            .split_whitespace()
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0),
        body: body.to_owned(),
        took: began.elapsed(),
    }
}
