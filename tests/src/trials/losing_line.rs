//! A line to the hub that loses the answer of every `add-bulk`, each in another way, and writes down
//! whose bills each call carried: so that a call made twice is seen, whatever the hub has.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::chance::Chance;

/// How an answer is lost, or the call before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// The hub worked it off, and the connection was closed without a byte.
    Closed,
    /// The same, and the connection was reset.
    Reset,
    /// The answer was cut within.
    Cut,
    /// A gateway in between said 503 in the hub's place, after the work.
    Overloaded,
    /// A gateway in between said 200 with a page of HTML.
    Page,
    /// Nothing came until the caller gave up.
    Silent,
    /// The call itself was cut within its body: the hub never got it whole.
    CallCut,
}

impl Loss {
    /// Whether the hub had the call.
    pub(super) fn reached_the_hub(self) -> bool {
        self != Loss::CallCut
    }

    /// In a few words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Loss::Closed => "worked off, connection closed without a byte",
            Loss::Reset => "worked off, connection reset",
            Loss::Cut => "worked off, answer cut at a random byte",
            Loss::Overloaded => "worked off, 503 in its place",
            Loss::Page => "worked off, 200 with HTML in its place",
            Loss::Silent => "worked off, silence until the caller's deadline",
            Loss::CallCut => "the call's body cut at a random byte",
        }
    }
}

/// By payer: how each of their calls was lost. More than one entry is a call made twice.
pub(super) type Seen = BTreeMap<String, Vec<Loss>>;

/// The line.
pub(super) struct LosingLine {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    chance: Chance,
    /// So many calls yet are met by silence.
    silent: usize,
    seen: Seen,
}

impl LosingLine {
    /// Lays it to a hub; `silent` of the calls, the first of them, are met by silence.
    pub(super) async fn to(hub: SocketAddr, seed: u64, silent: usize) -> io::Result<LosingLine> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            chance: Chance::from(seed),
            silent,
            seen: Seen::new(),
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // Whoever hangs up has had what there was.
                    let _ = pass(caller, hub, &state).await;
                });
            }
        });
        Ok(LosingLine { address, state })
    }

    /// Whose bills were on the wire so far.
    pub(super) fn seen(&self) -> Seen {
        lock(&self.state).seen.clone()
    }

    /// How many calls there were.
    pub(super) fn calls(&self) -> usize {
        lock(&self.state).seen.values().map(Vec::len).sum()
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The loss of a call, and a number below `length` for where it is cut.
fn loss_of(state: &Mutex<State>, payers: &[String], length: usize) -> (Loss, usize) {
    let mut state = lock(state);
    let loss = match state.silent.checked_sub(1) {
        Some(left) => {
            state.silent = left;
            Loss::Silent
        }
        // One in twenty never gets to the hub; those stay unknown.
        None => match state.chance.below(20) {
            0 => Loss::CallCut,
            1..=5 => Loss::Closed,
            6..=8 => Loss::Reset,
            9..=15 => Loss::Cut,
            16..=17 => Loss::Overloaded,
            _ => Loss::Page,
        },
    };
    for payer in payers {
        state.seen.entry(payer.clone()).or_default().push(loss);
    }
    let at = state.chance.below(length);
    (loss, at)
}

async fn pass(mut caller: TcpStream, hub: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let mut first = Vec::new();
    while !first.contains(&b'\n') {
        if caller.read_buf(&mut first).await? == 0 {
            return Ok(());
        }
    }
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let mut there = TcpStream::connect(hub).await?;
    if !String::from_utf8_lossy(line).contains("/add-bulk") {
        there.write_all(&first).await?;
        tokio::io::copy_bidirectional(&mut caller, &mut there).await?;
        return Ok(());
    }
    let (call, body_from) = whole(&mut caller, first).await?;
    let payers = payers_of(&call[body_from..]);
    let (loss, at) = loss_of(state, &payers, call.len() - body_from);
    if loss == Loss::CallCut {
        there.write_all(&call[..body_from + at]).await?;
        return there.shutdown().await;
    }
    there.write_all(&call).await?;
    let (answer, _) = whole(&mut there, Vec::new()).await?;
    match loss {
        Loss::Closed | Loss::CallCut => {}
        Loss::Reset => caller.set_zero_linger()?,
        Loss::Cut => {
            caller
                .write_all(&answer[..1 + at % (answer.len() - 1)])
                .await?
        }
        Loss::Overloaded => caller.write_all(OVERLOADED).await?,
        Loss::Page => caller.write_all(PAGE).await?,
        // The caller hangs up at its deadline.
        Loss::Silent => drop(caller.read_u8().await),
    }
    Ok(())
}

const OVERLOADED: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10\r\n\r\noverloaded";
const PAGE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<h1>Welcome</h1";

/// Reads a call or an answer as long as its head says; and where its body begins.
async fn whole(from: &mut TcpStream, mut bytes: Vec<u8>) -> io::Result<(Vec<u8>, usize)> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let reading = async {
        loop {
            if let Some((from, length)) = extent(&bytes)
                && bytes.len() >= from + length
            {
                return Ok((bytes, from));
            }
            if from.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Where the body begins, and how long it is.
fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.split_once("content-length:")?.1;
    Some((head, length.lines().next()?.trim().parse().ok()?))
}

fn payers_of(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let payments = body["payments"].as_array().cloned().unwrap_or_default();
    let payers = payments.iter().filter_map(|one| one["identifier"].as_str());
    payers.map(str::to_owned).collect()
}
