//! Whether the hub can be reached at all, for a command that waits for it: whoever serves the
//! account tries for ever, a person at a terminal does not.
//!
//! The hub's address is asked for anything, without a user, and only while nothing moves: any answer
//! will do, but one that a proxy gives for a hub behind it that is away.

use std::time::{Duration, Instant};

/// Asked this often, and first when nothing has moved for as long.
const ASKED_EVERY: Duration = Duration::from_secs(10);
/// How long the hub may take to answer at all.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// A command gives up when the hub was not reached for so long in a row.
const UNREACHED_MAX: Duration = Duration::from_secs(60);

/// Asks the hub's address now and then.
pub(super) struct Reach {
    base_url: String,
    client: Option<reqwest::Client>,
    next: Instant,
    unreached: Unreached,
}

impl Reach {
    pub(super) fn of(base_url: &str) -> Reach {
        Reach {
            base_url: base_url.to_owned(),
            client: None,
            next: Instant::now() + ASKED_EVERY,
            unreached: Unreached::default(),
        }
    }

    /// Notes that something moved: no need to ask for a while.
    pub(super) fn moved(&mut self) {
        self.unreached = Unreached::default();
        self.next = Instant::now() + ASKED_EVERY;
    }

    /// Asks if it is time to, and says why the hub can't be reached once that has lasted too long.
    pub(super) async fn given_up(&mut self) -> Option<String> {
        if Instant::now() < self.next {
            return None;
        }
        let client = match &self.client {
            Some(client) => client,
            None => self.client.insert(client_for(&self.base_url)?),
        };
        let answer = ask(client, &self.base_url).await;
        let now = Instant::now();
        self.next = now + ASKED_EVERY;
        self.unreached.noted(now, answer)
    }
}

/// Since when the hub was not reached.
#[derive(Default)]
struct Unreached(Option<Instant>);

impl Unreached {
    /// Why it was not, once it was not for too long in a row.
    fn noted(&mut self, now: Instant, answer: Result<(), String>) -> Option<String> {
        let Err(why) = answer else {
            self.0 = None;
            return None;
        };
        let since = *self.0.get_or_insert(now);
        (now.duration_since(since) >= UNREACHED_MAX).then_some(why)
    }
}

/// `None`, which decides nothing, where no client can be made on this machine.
fn client_for(base_url: &str) -> Option<reqwest::Client> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that somebody else was faster, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWERED_WITHIN);
    if base_url.starts_with("http://") {
        client = client.no_proxy(); // plain http goes to this machine alone
    }
    client.build().ok()
}

async fn ask(client: &reqwest::Client, base_url: &str) -> Result<(), String> {
    match client.get(base_url).send().await {
        Ok(answer) if matches!(answer.status().as_u16(), 502..=504) => {
            Err(format!("{base_url} answers {}", answer.status()))
        }
        Ok(_) => Ok(()),
        Err(error) => {
            // What went wrong at the bottom: the layers above say only that something did.
            let mut last: &dyn std::error::Error = &error;
            while let Some(below) = last.source() {
                last = below;
            }
            Err(format!("{base_url}: {last}"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_hub_is_given_up_after_a_minute_in_a_row_without_an_answer() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let away = || Err("away".to_owned());
        let mut unreached = Unreached::default();
        for seconds in [0, 20, 50] {
            assert_eq!(unreached.noted(at(seconds), away()), None);
        }
        assert_eq!(unreached.noted(at(55), Ok(())), None);
        assert_eq!(unreached.noted(at(65), away()), None, "counted anew");
        assert_eq!(unreached.noted(at(124), away()), None);
        assert_eq!(unreached.noted(at(125), away()).as_deref(), Some("away"));
    }

    /// A hub that answers once with this status, and its address.
    async fn answering(status: &'static str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/hub", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = caller.read(&mut asked).await;
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            let _ = caller.write_all(answer.as_bytes()).await;
        });
        base_url
    }

    #[tokio::test]
    async fn any_answer_shows_that_the_hub_is_there_but_one_for_a_hub_that_is_away() {
        let asked = async |base_url: String| ask(&client_for(&base_url).unwrap(), &base_url).await;
        for status in ["200 OK", "401 Unauthorized", "404 Not Found", "500 Oops"] {
            assert_eq!(asked(answering(status).await).await, Ok(()), "{status}");
        }
        let away = asked(answering("503 Service Unavailable").await).await;
        assert!(away.unwrap_err().contains("503"));
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}/hub", closed.local_addr().unwrap());
        drop(closed);
        assert!(asked(nobody.clone()).await.unwrap_err().contains(&nobody));
    }
}
