//! The hub's calls with nothing around them: HTTP/1.1 on one connection that stays open, answers parsed
//! for just what is wanted of them.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection that is signed in.
pub(super) struct Hub {
    stream: BufReader<TcpStream>,
    host: String,
    path: String,
    /// The headers of every call, each with its line end.
    headers: String,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Added {
    #[serde(rename = "bulkPaymentRequestId")]
    number: u64,
}

#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(borrow)]
    payments: &'a RawValue,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct Payment<'a> {
    #[serde(borrow, default)]
    psid: Option<Cow<'a, str>>,
}

impl Hub {
    pub(super) async fn sign_in(base_url: &str, username: &str, password: &str) -> Result<Hub> {
        let rest = base_url
            .strip_prefix("http://")
            .context("a hub of ours speaks plain HTTP")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let mut hub = Hub {
            stream: BufReader::new(stream),
            host: host.to_owned(),
            path: format!("/{path}"),
            headers: format!("username: {username}\r\n"),
        };
        let body = json!({"password": password}).to_string();
        let text = hub.call("POST", "/login", &body).await?;
        let answer: Value = serde_json::from_str(&text)?;
        let data = &answer["data"];
        let token = data["token"].as_str().context("a login gives a token")?;
        let channel = &data["channel"]["id"];
        hub.headers =
            format!("username: {username}\r\nx-auth-ph-key: {token}\r\nchannel-id: {channel}\r\n");
        Ok(hub)
    }

    /// The request's number.
    pub(super) async fn add_bulk(&mut self, body: &str) -> Result<u64> {
        let text = self
            .call("POST", "/add-bulk?contentType=JSON", body)
            .await?;
        let answer: Answer<'_> = serde_json::from_str(&text)?;
        let added: Added = serde_json::from_str(alone(answer.data.get()))?;
        Ok(added.number)
    }

    /// The PSIDs of a request, in the order of its rows; `None` while one is missing.
    pub(super) async fn psids(&mut self, number: u64) -> Result<Option<Vec<String>>> {
        let path = format!("/bulk-payment-request/{number}");
        let text = self.call("GET", &path, "").await?;
        let answer: Answer<'_> = serde_json::from_str(&text)?;
        let detail: Detail<'_> = serde_json::from_str(alone(answer.data.get()))?;
        let payments = detail.payments.get();
        let rows: Vec<Payment<'_>> = match payments.starts_with('{') {
            true => {
                let page: Page<'_> = serde_json::from_str(payments)?;
                serde_json::from_str(page.content.get())?
            }
            false => serde_json::from_str(payments)?,
        };
        let psids = rows.into_iter().map(|row| row.psid);
        Ok(psids.map(|psid| psid.map(Cow::into_owned)).collect())
    }

    /// The answer's body, if it says 200.
    async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<String> {
        let head = format!(
            "{method} {}{path} HTTP/1.1\r\nhost: {}\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.path,
            self.host,
            self.headers,
            body.len()
        );
        let stream = &mut self.stream;
        stream.get_mut().write_all(head.as_bytes()).await?;
        stream.get_mut().write_all(body.as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let status = line.trim().to_owned();
        let mut length = None;
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim().split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let length = length.context("the hub says how long its answer is")?;
        let mut text = vec![0; length];
        stream.read_exact(&mut text).await?;
        let text = String::from_utf8(text)?;
        if status.split(' ').nth(1) != Some("200") {
            let start: String = text.chars().take(200).collect();
            bail!("{method} {path}: {status}: {start}");
        }
        Ok(text)
    }
}

/// The hub writes an object, or a list of one.
fn alone(data: &str) -> &str {
    let inner = data
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(data)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use asaanbill_sandbox::{Sandbox, SandboxConfig, User};

    #[tokio::test]
    async fn two_rows_come_back_with_their_psids_in_every_format_of_the_hub() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = SandboxConfig {
            users: vec![User::new("bench", "bench")],
            psid_delay: std::time::Duration::from_secs(3_600),
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(listener, config).unwrap();
        let mut hub = Hub::sign_in(&sandbox.base_url(), "bench", "bench")
            .await
            .unwrap();
        // The hub changes its formats from one call to the next.
        for round in 0..8 {
            let bill = |n: u32| json!({"title": "Ayesha \"A\" Khan", "identifier": format!("GF-{round}-{n}"), "amount": "1500.00", "dueDate": "2035-03-10", "amountAfterDueDate": "1600.00"});
            let body = json!({"payments": [bill(1), bill(2)]}).to_string();
            let number = hub.add_bulk(&body).await.unwrap();
            assert_eq!(hub.psids(number).await.unwrap(), None);
            sandbox.assign().unwrap();
            let psids = hub.psids(number).await.unwrap().unwrap();
            assert_eq!(psids.len(), 2);
            assert!(psids.iter().all(|psid| psid.len() == 24), "{psids:?}");
        }
        let refused = hub.add_bulk("{}").await.unwrap_err().to_string();
        assert!(refused.contains("400"), "{refused}");
    }
}
