//! Whether the hub can be spoken to: safely, at the same time of day, and as the user configured.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::commands::hub::sign_in_once;
use crate::config::{Account, duration_shown};
use crate::exit::Exit;

/// How far two clocks may be apart before due dates are judged on the wrong day too often to be left alone.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(5);
/// How long the hub may take to answer at all.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// What came of asking the hub for its front page, without a user or a password: any answer shows
/// that it is reached, over TLS where its address says so.
pub(super) struct Reached {
    answer: Result<reqwest::Response, String>,
}

/// Asks the hub's address for anything at all.
pub(super) async fn reach(account: &Account) -> Reached {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that somebody else was faster, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER_WAIT)
        .build();
    let answer = match client {
        Ok(client) => client.get(&account.base_url).send().await,
        Err(error) => Err(error),
    };
    Reached {
        answer: answer.map_err(|error| innermost(&error)),
    }
}

/// What went wrong at the bottom: the layers above it say only that something did.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(below) = last.source() {
        last = below;
    }
    last.to_string()
}

/// Whether what is sent is sent safely. Plain http to another machine was refused with the configuration.
pub(super) fn tls(account: &Account, reached: &Reached) -> Finding {
    let what = format!("{}: TLS", account.name);
    let url = &account.base_url;
    let is_tls = url.starts_with("https://");
    match &reached.answer {
        Ok(answer) if is_tls => {
            let status = answer.status().as_u16();
            Finding::good(
                what,
                format!("{url} answered (HTTP {status}), and its certificate is trusted here"),
            )
        }
        Ok(_) => Finding::good(
            what,
            format!("{url} answered; it is this machine: nothing is encrypted, nothing leaves it"),
        ),
        Err(why) if is_tls && why.contains("certificate") => Finding::bad(
            what,
            Exit::Hub,
            format!("{url}: its certificate is not trusted here: {why}"),
            "set this machine's clock, install the hub's certificate authority, or ask the hub for a valid certificate",
        ),
        Err(why) => Finding::bad(
            what,
            Exit::Hub,
            format!("{url} did not answer: {why}"),
            "see that base_url is right, and that this machine may reach it (network, firewall, proxy)",
        ),
    }
}

/// Our clock beside the hub's: they decide together what is past due.
pub(super) fn clock(account: &Account, reached: &Reached) -> Finding {
    let what = format!("{}: clock", account.name);
    let here = format!(
        "it is {} in {}",
        Utc::now()
            .with_timezone(&account.time_zone)
            .format("%Y-%m-%d %H:%M"),
        account.time_zone
    );
    let Some(apart) = apart_from_hub(reached) else {
        return Finding::good(
            what,
            format!("{here}; the hub tells no time to compare it with"),
        );
    };
    let shown = duration_shown(apart.abs().to_std().unwrap_or_default());
    if apart.abs() > CLOCKS_APART_MAX {
        return Finding::bad(
            what,
            Exit::Attention,
            format!(
                "{here}; that is {shown} {} the hub's",
                if apart < TimeDelta::zero() {
                    "behind"
                } else {
                    "ahead of"
                }
            ),
            "set this machine's clock (timedatectl set-ntp true), or due dates are judged on the wrong day",
        );
    }
    Finding::good(what, format!("{here}; {shown} apart from the hub's"))
}

/// How far we are ahead of the hub, by the Date that every web server puts on its answers.
fn apart_from_hub(reached: &Reached) -> Option<TimeDelta> {
    let answer = reached.answer.as_ref().ok()?;
    let said = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let theirs = DateTime::parse_from_rfc2822(said).ok()?;
    Some(Utc::now().signed_duration_since(theirs))
}

/// Whether the hub lets the user in.
pub(super) async fn sign_in(account: &Account) -> Finding {
    let what = format!("{}: sign-in", account.name);
    // Not counted in the ledger: looking changes nothing, and one call is within any rate.
    match sign_in_once(account, None).await {
        Ok(who) => Finding::good(what, who.sentence()),
        Err(failure) => Finding::bad(
            what,
            failure.exit,
            failure.sentence,
            failure.help.unwrap_or_default(),
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::Config;

    fn account_at(base_url: &str) -> std::sync::Arc<Account> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[accounts.a]\ngateway = \"asaanbill\"\nbase_url = \"{base_url}\"\nusername = \"a\"\npassword_env = \"A\"\ninbox = \"in\"\n"
        );
        let config = Config::parse(&text, &folder.path().join("ingestd.toml"), None).unwrap();
        std::sync::Arc::clone(config.account("a").unwrap())
    }

    #[tokio::test]
    async fn a_hub_that_does_not_answer_is_not_called_safe() {
        // Listening and never speaking TLS, then not listening at all.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let plain = tokio::spawn(async move {
            while let Ok((mut stream, _)) = silent.accept().await {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"no TLS here\r\n").await;
            }
        });
        let account = account_at(&format!("https://127.0.0.1:{port}"));
        let told = tls(&account, &reach(&account).await);
        assert_eq!((told.ok, told.exit), (false, Exit::Hub), "{told:?}");
        plain.abort();
        drop(plain.await);
        let account = account_at(&format!("http://127.0.0.1:{port}"));
        let told = tls(&account, &reach(&account).await);
        assert_eq!((told.ok, told.exit), (false, Exit::Hub), "{told:?}");
        assert!(told.says.contains("did not answer"), "{told:?}");
    }
}
