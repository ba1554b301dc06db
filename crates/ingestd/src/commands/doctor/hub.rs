//! Whether the hub can be spoken to: safely, at the same time of day, and as the user configured.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::commands::hub::sign_in_once;
use crate::config::{Account, duration_shown};
use crate::exit::Exit;

/// How far two clocks may be apart before due dates are judged on the wrong day too often to be left alone.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(5);
/// How long the hub may take to tell the time.
const CLOCK_WAIT: Duration = Duration::from_secs(5);

/// Whether what is sent is sent safely. Plain http to another machine was refused with the configuration.
pub(super) fn tls(account: &Account) -> Finding {
    let what = format!("{}: TLS", account.name);
    if account.base_url.starts_with("https://") {
        Finding::good(what, account.base_url.clone())
    } else {
        Finding::good(
            what,
            format!(
                "{} is this machine: nothing is encrypted, nothing leaves it",
                account.base_url
            ),
        )
    }
}

/// Our clock beside the hub's: they decide together what is past due.
pub(super) async fn clock(account: &Account) -> Finding {
    let what = format!("{}: clock", account.name);
    let here = format!(
        "it is {} in {}",
        Utc::now()
            .with_timezone(&account.time_zone)
            .format("%Y-%m-%d %H:%M"),
        account.time_zone
    );
    let Some(apart) = apart_from_hub(account).await else {
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
async fn apart_from_hub(account: &Account) -> Option<TimeDelta> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that somebody else was faster, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(CLOCK_WAIT)
        .build()
        .ok()?;
    let answer = client.get(&account.base_url).send().await.ok()?;
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
