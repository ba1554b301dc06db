//! Callbacks: the two notices that the hub posts to its integrator (guide,
//! "Call-back APIs"), over a POST small enough to be written here.
//!
//! Best effort: each has five seconds, is never repeated, and nothing waits
//! for it.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::books::{Books, Payment};
use crate::config::SandboxError;
use crate::writing::object;

const DEADLINE: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// One callback as the hub has it to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The user it is about.
    pub user: String,
    /// What stands behind the integrator's URL: `processed` or
    /// `bulk-payment-request-approved`.
    pub kind: &'static str,
    /// The JSON to post.
    pub body: String,
}

/// One callback that was posted, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackRecord {
    /// Milliseconds since 1970, when it was posted.
    pub at_ms: i64,
    /// The user it is about.
    pub user: String,
    /// `processed` or `bulk-payment-request-approved`.
    pub kind: String,
    /// The JSON as sent.
    pub body: String,
    /// `acknowledged`, or why it was not; `handed over` by a hub in process,
    /// which posts none itself.
    pub outcome: String,
}

impl CallbackRecord {
    pub(crate) fn of(callback: Callback, at_ms: i64, outcome: String) -> CallbackRecord {
        CallbackRecord {
            at_ms,
            user: callback.user,
            kind: callback.kind.to_owned(),
            body: callback.body,
            outcome,
        }
    }
}

/// An `http://` URL of this machine, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallbackUrl {
    host: String,
    port: u16,
    path: String,
}

impl CallbackUrl {
    pub(crate) fn parse(url: &str) -> Result<CallbackUrl, SandboxError> {
        let wrong = |reason: &str| SandboxError::CallbackUrl {
            url: url.to_owned(),
            reason: reason.to_owned(),
        };
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| wrong("it must begin with http://"))?;
        if rest.contains(|c: char| c.is_whitespace() || c.is_control() || "?#@".contains(c)) {
            return Err(wrong("only a host, a port and a path are understood"));
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (
                host,
                port.parse()
                    .map_err(|_| wrong("its port is not a number"))?,
            ),
            _ => (authority, 80),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if !here {
            return Err(wrong("the sandbox calls back to this machine only"));
        }
        let path = path.trim_end_matches('/').to_owned();
        Ok(CallbackUrl {
            host: host.to_owned(),
            port,
            path,
        })
    }

    /// Posts, and says what came of it.
    pub(crate) async fn post(&self, kind: &str, body: &str) -> String {
        match tokio::time::timeout(DEADLINE, self.exchange(kind, body)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => format!("not delivered: {error}"),
            Err(_) => "no answer within 5 seconds".to_owned(),
        }
    }

    async fn exchange(&self, kind: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let request = format!(
            "POST {}/{kind} HTTP/1.1\r\nHost: {host}:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.path,
            self.port,
            body.len(),
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while answer.len() < ANSWER_BYTES_MAX && !is_whole(&answer) {
            match stream.read(&mut piece).await? {
                0 => break,
                read => answer.extend_from_slice(&piece[..read]),
            }
        }
        Ok(outcome(&String::from_utf8_lossy(&answer)))
    }
}

/// Whether as much has come as the headers promise.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse::<usize>().ok())
        .is_some_and(|length| body.len() >= length)
}

/// "Must be 200 to acknowledge receipt": the status and `responseCode`.
fn outcome(answer: &str) -> String {
    let status = answer.split_whitespace().nth(1).unwrap_or("nothing");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    // From brace to brace, so that a chunked body reads as well.
    let json = match (body.find('{'), body.rfind('}')) {
        (Some(start), Some(end)) if start < end => &body[start..=end],
        _ => "",
    };
    let code = serde_json::from_str::<serde_json::Value>(json)
        .ok()
        .and_then(|body| body["responseCode"].as_i64());
    match (status, code) {
        ("200", Some(200)) => "acknowledged".to_owned(),
        (status, Some(code)) => format!("not acknowledged: status {status}, responseCode {code}"),
        (status, None) => format!("not acknowledged: status {status}, no responseCode"),
    }
}

/// `/processed`: this payment was paid.
pub(crate) fn processed(user: String, books: &Books, payment: &Payment) -> Callback {
    let mut out = Vec::new();
    object(&mut out, |o| {
        o.text("title", payment.title());
        o.text("identifier", &books.payer_of(payment).identifier);
        o.text("dueDate", payment.due_date());
        o.text("amount", payment.amount());
        o.text("amountAfterDueDate", payment.late_amount());
        o.text_or_null("psid", payment.psid().as_deref());
    });
    Callback {
        user,
        kind: "processed",
        body: String::from_utf8(out).expect("JSON is UTF-8"),
    }
}

/// `/bulk-payment-request-approved`: this request got its PSIDs.
pub(crate) fn bulk_approved(user: String, bulk: u64) -> Callback {
    Callback {
        user,
        kind: "bulk-payment-request-approved",
        body: format!("{{\"bulkPaymentRequestId\":{bulk}}}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_this_machine_is_called_back() {
        let url = CallbackUrl::parse("http://127.0.0.1:8080/callbacks/x/").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port, url.path.as_str()),
            ("127.0.0.1", 8080, "/callbacks/x")
        );
        let url = CallbackUrl::parse("http://[::1]:9").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port, url.path.as_str()),
            ("::1", 9, "")
        );
        assert_eq!(CallbackUrl::parse("http://localhost/a").unwrap().port, 80);
        for wrong in [
            "https://localhost/",
            "http://example.org/",
            "http://localhost:x/",
            "http://127.0.0.1/a b",
        ] {
            assert!(CallbackUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_200_that_says_200_acknowledges() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n";
        assert_eq!(
            outcome(&format!("{head}{{\"responseCode\": 200}}")),
            "acknowledged"
        );
        assert_eq!(
            outcome(&format!("{head}{{\"responseCode\": 500}}")),
            "not acknowledged: status 200, responseCode 500"
        );
        assert_eq!(
            outcome("HTTP/1.1 404 Not Found\r\n\r\nnowhere"),
            "not acknowledged: status 404, no responseCode"
        );
        assert!(is_whole(
            format!("{head}{{\"responseCode\": 200}}").as_bytes()
        ));
        assert!(!is_whole(format!("{head}{{\"responseCode\"").as_bytes()));
    }
}
