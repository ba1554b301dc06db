//! The surroundings of the real program: reqwest's connections, tokio's clock.
//! A request is sent once, not followed anywhere, and its answer read up to a
//! limit and until a deadline.

use std::error::Error;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{DATE, RETRY_AFTER};
use rustls::crypto::{CryptoProvider, ring};
use tokio::time::{Instant, sleep, timeout_at};

use crate::base_url::BaseUrl;
use crate::builder::BuildError;
use crate::pace::CallKind;
use crate::request::Request;
use crate::surroundings::{Answer, AnswerBody, Limits, NoAnswer, Surroundings};

/// The way to one hub.
pub(crate) struct Internet {
    reads: reqwest::Client,
    writes: reqwest::Client,
    started: Instant,
}

impl Internet {
    /// The way to the hub with this address. Connects to nobody yet.
    pub(crate) fn to(base: &BaseUrl, connect_timeout: Duration) -> Result<Internet, BuildError> {
        let reads = transport(base, connect_timeout)?
            .pool_idle_timeout(Duration::from_secs(30))
            .build();
        // A fresh connection for every write: on a kept one that the hub has
        // closed meanwhile, the layer below would send the request again.
        let writes = transport(base, connect_timeout)?
            .pool_max_idle_per_host(0)
            .build();
        let tls = |err: reqwest::Error| BuildError::Tls { why: reason(err) };
        Ok(Internet {
            reads: reads.map_err(tls)?,
            writes: writes.map_err(tls)?,
            started: Instant::now(),
        })
    }
}

impl Surroundings for Internet {
    fn exchange(
        &self,
        request: Request,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
        let line = match request.kind() {
            CallKind::Write => &self.writes,
            CallKind::Read | CallKind::SignIn => &self.reads,
        };
        async move {
            let end = Instant::now() + limits.deadline;
            match timeout_at(end, line.execute(onto_the_wire(request))).await {
                Ok(Ok(response)) => Ok(answer_of(response, end, limits).await),
                Ok(Err(err)) if err.is_connect() => Err(NoAnswer::NotSent(reason(err))),
                Ok(Err(err)) => Err(NoAnswer::Lost(reason(err))),
                Err(_) => Err(NoAnswer::Lost(no_answer_within(limits.deadline))),
            }
        }
        .boxed()
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn utc_now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
        sleep(how_long).boxed()
    }

    fn chance(&self, parts: u64) -> u64 {
        // RandomState is keyed at random, which is all the randomness needed here.
        RandomState::new().hash_one(0u8) % parts
    }
}

/// What reads and writes have in common: nothing is repeated, followed,
/// unpacked or sent by way of anybody else on its own account.
fn transport(
    base: &BaseUrl,
    connect_timeout: Duration,
) -> Result<reqwest::ClientBuilder, BuildError> {
    let mut transport = reqwest::Client::builder()
        .user_agent(concat!("asaanbill-http/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http1_only()
        .connect_timeout(connect_timeout);
    if base.is_loopback() {
        transport = transport.no_proxy();
    }
    if base.is_plain() {
        // No TLS will be spoken; don't ask for root certificates, which a bare
        // machine may not have.
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|err| BuildError::Tls {
                why: err.to_string(),
            })?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        return Ok(transport.tls_backend_preconfigured(tls).https_only(false));
    }
    if CryptoProvider::get_default().is_none() {
        // An error means that somebody else was faster, which is as good.
        let _ = ring::default_provider().install_default();
    }
    Ok(transport.https_only(true))
}

fn onto_the_wire(request: Request) -> reqwest::Request {
    let mut onto = reqwest::Request::new(request.method, request.url);
    *onto.headers_mut() = request.headers;
    *onto.body_mut() = request.body.map(|body| body.onto_the_wire());
    onto
}

async fn answer_of(response: reqwest::Response, end: Instant, limits: Limits) -> Answer {
    // A header that is no text is there all the same.
    let header = |name| {
        let value: Option<&reqwest::header::HeaderValue> = response.headers().get(name);
        value.map(|value| value.to_str().unwrap_or("").to_owned())
    };
    Answer {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
        body: read(response, end, limits).await,
    }
}

async fn read(mut response: reqwest::Response, end: Instant, limits: Limits) -> AnswerBody {
    let max = limits.answer_bytes_max;
    let promised = response.content_length().unwrap_or(0);
    if usize::try_from(promised).map_or(true, |promised| promised > max) {
        return AnswerBody::TooLarge;
    }
    let mut body = Vec::new();
    loop {
        match timeout_at(end, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > max => return AnswerBody::TooLarge,
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return AnswerBody::Whole(body),
            Ok(Err(err)) => return AnswerBody::Cut(reason(err)),
            Err(_) => {
                return AnswerBody::Cut(format!(
                    "its answer was not complete within {} s",
                    limits.deadline.as_secs()
                ));
            }
        }
    }
}

fn no_answer_within(deadline: Duration) -> String {
    format!("no answer within {} s", deadline.as_secs())
}

/// An error and its causes in one line, without the address.
fn reason(err: reqwest::Error) -> String {
    let err = err.without_url();
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        let _ = write!(text, ": {err}");
        cause = err.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn chance_stays_below_its_parts_and_is_not_always_the_same() {
        let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
        let internet = Internet::to(&base, Duration::from_secs(1)).unwrap();
        let thrown: Vec<u64> = (0..100).map(|_| internet.chance(1000)).collect();
        assert!(thrown.iter().all(|number| *number < 1000), "{thrown:?}");
        assert!(
            thrown.iter().any(|number| *number != thrown[0]),
            "{thrown:?}"
        );
    }
}
