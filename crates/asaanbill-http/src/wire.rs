//! One request and its answer: sent once, not followed anywhere, read up to a
//! limit and until a deadline.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use chrono::Utc;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use crate::retry_after;

/// What came back, as far as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// What `Retry-After` asks for, if it is there.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Body,
}

/// The answer's body.
#[derive(Debug)]
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// It ended early, for this reason.
    Cut(String),
    /// It is longer than is read.
    TooLarge,
}

/// No status came back.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// No connection was made: no byte of the request left.
    NotSent(String),
    /// It may have arrived.
    Lost(String),
}

/// How long one exchange may take, and how many bytes its answer may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) answer_bytes_max: usize,
}

/// Sends the request and reads the answer.
pub(crate) async fn exchange(
    request: reqwest::RequestBuilder,
    limits: Limits,
) -> Result<Answer, NoAnswer> {
    let started = Instant::now();
    let end = started + limits.deadline;
    let answer = match timeout_at(end, request.send()).await {
        Ok(Ok(response)) => Ok(Answer {
            status: response.status().as_u16(),
            retry_after: wait_asked_for(response.headers()),
            body: read(response, end, limits).await,
        }),
        Ok(Err(err)) if err.is_connect() => Err(NoAnswer::NotSent(reason(err))),
        Ok(Err(err)) => Err(NoAnswer::Lost(reason(err))),
        Err(_) => Err(NoAnswer::Lost(no_answer_within(limits.deadline))),
    };
    tracing::debug!(
        status = answer.as_ref().ok().map(|answer| answer.status),
        took_ms = started.elapsed().as_millis(),
        "called the hub"
    );
    answer
}

async fn read(mut response: reqwest::Response, end: Instant, limits: Limits) -> Body {
    let max = limits.answer_bytes_max;
    let promised = response.content_length().unwrap_or(0);
    if usize::try_from(promised).map_or(true, |promised| promised > max) {
        return Body::TooLarge;
    }
    let mut body = Vec::new();
    loop {
        match timeout_at(end, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > max => return Body::TooLarge,
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return Body::Whole(body),
            Ok(Err(err)) => return Body::Cut(reason(err)),
            Err(_) => {
                return Body::Cut(format!(
                    "its answer was not complete within {} s",
                    limits.deadline.as_secs()
                ));
            }
        }
    }
}

fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get(RETRY_AFTER)?;
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let now = date
        .and_then(retry_after::http_date)
        .unwrap_or_else(Utc::now);
    Some(retry_after::wait_of(asked.to_str().unwrap_or(""), now))
}

fn no_answer_within(deadline: Duration) -> String {
    format!("no answer within {} s", deadline.as_secs())
}

/// An error and its causes in one line, without the address.
pub(crate) fn reason(err: reqwest::Error) -> String {
    let err = err.without_url();
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        let _ = write!(text, ": {err}");
        cause = err.source();
    }
    text
}
