//! The door for callbacks: `POST /callbacks/<account>/<secret>/<what it is about>`.
//!
//! Who does not know the secret, or calls from elsewhere, is told that there is no such place, and
//! nothing of what it sends is read. Who does is read within seconds, 64 KB at most, and stored as
//! it came; the answer is given then, and the hub asked later. The secret is compared by its hash,
//! in constant time, and appears in no log, answer or error.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use ingest_ledger::{Kept, NewCallback};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::connections::Peer;
use super::keeper::Keeper;
use crate::account::lock;
use crate::config::Account;
use crate::exit::Failure;
use crate::gateway;
use crate::moments::Moment;

/// A body larger than this is none of a hub's.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// A body has come whole within this, or is not waited for.
const BODY_WITHIN: Duration = Duration::from_millis(2_500);
/// Bodies of one account that are read at once.
const BODIES_AT_ONCE: usize = 128;
/// A secret's file is looked at again after this, so that a new secret needs no restart.
const SECRET_READ_EVERY: Duration = Duration::from_secs(5);
/// Callers from elsewhere are told of in the log this often.
const STRANGERS_TOLD_EVERY: Duration = Duration::from_secs(60);

/// The doors by account.
pub(super) type Doors = BTreeMap<String, Door>;

/// One account's door.
pub(super) struct Door {
    account: Arc<Account>,
    /// The secret's hash, and when it was read; without one the door is shut.
    secret: Mutex<(Option<[u8; 32]>, Instant)>,
    bodies: Semaphore,
    strangers_told: Mutex<Option<Instant>>,
}

/// A door for each account that has callbacks configured.
///
/// # Errors
/// A secret can't be read.
pub(super) fn doors<'a>(
    accounts: impl Iterator<Item = &'a Arc<Account>>,
) -> Result<Doors, Failure> {
    let mut doors = Doors::new();
    for account in accounts {
        let Some(secret) = hash_of_secret(account)? else {
            continue;
        };
        let door = Door {
            account: Arc::clone(account),
            secret: Mutex::new((Some(secret), Instant::now())),
            bodies: Semaphore::new(BODIES_AT_ONCE),
            strangers_told: Mutex::default(),
        };
        doors.insert(account.name.clone(), door);
    }
    Ok(doors)
}

pub(super) fn router(doors: Doors, keeper: Keeper) -> Router {
    Router::new()
        // Every way of asking, and every path below: who may not come in learns nothing of either.
        .route("/callbacks/{*rest}", any(receive))
        .with_state((Arc::new(doors), keeper))
}

async fn receive(
    State((doors, keeper)): State<(Arc<Doors>, Keeper)>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    rest: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(Path(rest)) = rest else {
        return no_such_place();
    };
    let Some((door, kind)) = door_of(&doors, &rest) else {
        return no_such_place();
    };
    if !door.lets(peer, &headers) {
        return no_such_place();
    }
    if method != Method::POST {
        return door.refused(StatusCode::METHOD_NOT_ALLOWED, "callbacks are posted");
    }
    let body = match door.body(&headers, body).await {
        Ok(body) => body,
        Err((status, why)) => return door.refused(status, why),
    };
    let callback = NewCallback {
        account: door.account.name.clone(),
        kind: kind.to_owned(),
        sha256: Sha256::digest(&body).into(),
        body,
    };
    Moment::CallbackReceived.reached();
    let kept = keeper.keep(callback).await;
    if let Some(Kept::Stored) = kept {
        Moment::CallbackStored.reached();
    }
    match kept {
        Some(Kept::Stored | Kept::Already) => door.received(),
        Some(Kept::Full) => {
            door.refused(StatusCode::SERVICE_UNAVAILABLE, "too many wait: repeat it")
        }
        None => door.refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "it can't be stored now: repeat it",
        ),
    }
}

/// The door that this path opens, and what the callback is about. The secret stands between the
/// first and the last part, whatever is in it. The hub may have been given its URL with a slash at
/// the end.
fn door_of<'d>(doors: &'d Doors, rest: &str) -> Option<(&'d Door, &'static str)> {
    let (account, rest) = rest.trim_end_matches('/').split_once('/')?;
    let (secret, kind) = rest.rsplit_once('/')?;
    let secret = secret.trim_end_matches('/');
    let door = doors.get(account)?;
    let kinds = gateway::callback_kinds(door.account.gateway);
    let kind = kinds.iter().find(|known| **known == kind);
    // Compared even where the kind is wrong: the time that it takes tells nothing.
    let opens = door.opens(secret);
    kind.copied().filter(|_| opens).map(|kind| (door, kind))
}

impl Door {
    fn opens(&self, secret: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let mut ours = lock(&self.secret);
        if ours.1.elapsed() >= SECRET_READ_EVERY {
            ours.1 = Instant::now();
            match hash_of_secret(&self.account) {
                Ok(now) => {
                    if ours.0.is_none() && now.is_some() {
                        tracing::info!(account = %self.account.name, "the callback's secret is there again: the door is open");
                    }
                    ours.0 = now;
                }
                Err(failure) if self.account.callback_secret_is_gone() => {
                    if ours.0.take().is_some() {
                        tracing::warn!(account = %self.account.name, %failure, "the callback's secret is gone: the door is shut");
                    }
                }
                Err(failure) => {
                    tracing::warn!(account = %self.account.name, %failure, "the callback's secret can't be read; the last one stays good");
                }
            }
        }
        // As long a comparison where the door is shut: the time that it takes tells nothing.
        let (is_open, secret) = (ours.0.is_some(), ours.0.unwrap_or_default());
        let differs = given
            .iter()
            .zip(&secret)
            .fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(differs) == 0 && is_open
    }

    /// Whether this caller may call; one that knows the secret and may not is told of in the log.
    fn lets(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let lets = self
            .account
            .callback
            .as_ref()
            .is_some_and(|callback| callback.lets(peer.ip(), last_hop(headers)));
        if !lets {
            let mut told = lock(&self.strangers_told);
            if told.is_none_or(|at| at.elapsed() >= STRANGERS_TOLD_EVERY) {
                *told = Some(Instant::now());
                tracing::warn!(
                    account = %self.account.name, peer = %peer.ip(),
                    "a callback came from an address that allow_from does not name; it was not taken"
                );
            }
        }
        lets
    }

    async fn body(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Vec<u8>, (StatusCode, &'static str)> {
        const TOO_LARGE: (StatusCode, &str) =
            (StatusCode::PAYLOAD_TOO_LARGE, "at most 64 KB are read");
        let promised = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if promised.is_some_and(|length| length > BODY_BYTES_MAX as u64) {
            return Err(TOO_LARGE);
        }
        let Ok(_place) = self.bodies.try_acquire() else {
            return Err((
                StatusCode::SERVICE_UNAVAILABLE,
                "too many come at once: repeat it",
            ));
        };
        match tokio::time::timeout(BODY_WITHIN, to_bytes(body, BODY_BYTES_MAX)).await {
            Ok(Ok(bytes)) => Ok(bytes.to_vec()),
            Ok(Err(error)) if is_too_large(&error) => Err(TOO_LARGE),
            Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "the body could not be read")),
            Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body came too slowly")),
        }
    }

    fn received(&self) -> Response {
        self.answer(StatusCode::OK, None)
    }

    fn refused(&self, status: StatusCode, why: &str) -> Response {
        tracing::debug!(account = %self.account.name, status = status.as_u16(), why, "a callback was refused");
        let mut answer = self.answer(status, Some((status.as_u16(), why)));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = HeaderValue::from_static("30");
            answer.headers_mut().insert(RETRY_AFTER, soon);
        }
        answer
    }

    fn answer(&self, status: StatusCode, refused: Option<(u16, &str)>) -> Response {
        let body = gateway::callback_answer(self.account.gateway, refused);
        let headers = [(CONTENT_TYPE, "application/json"), (CONNECTION, "close")];
        (status, headers, body).into_response()
    }
}

/// What everybody is told who may not come in, whatever the reason.
fn no_such_place() -> Response {
    (StatusCode::NOT_FOUND, [(CONNECTION, "close")]).into_response()
}

/// The hash of an account's secret; `None` where it has no callbacks.
fn hash_of_secret(account: &Account) -> Result<Option<[u8; 32]>, Failure> {
    let secret = account.read_callback_secret()?;
    Ok(secret.map(|secret| Sha256::digest(secret.expose_secret().as_bytes()).into()))
}

/// The last address in `X-Forwarded-For`: the one that the nearest proxy added.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    let hop = last.to_str().ok()?.rsplit(',').next()?.trim();
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|at| at.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        // The limit's own error has no name that is ours to use.
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hop(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        last_hop(&headers).map(|hop| hop.to_string())
    }

    #[test]
    fn of_what_was_passed_on_only_the_last_hop_is_believed() {
        assert_eq!(hop(&[]), None);
        assert_eq!(hop(&["203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        let forged = hop(&["203.0.113.7, 198.51.100.9"]);
        assert_eq!(forged.as_deref(), Some("198.51.100.9"));
        let twice = hop(&["203.0.113.7", "198.51.100.9:4711"]);
        assert_eq!(twice.as_deref(), Some("198.51.100.9"));
        assert_eq!(hop(&["[2001:db8::1]"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(hop(&["203.0.113.7, unknown"]), None);
    }
}
