//! The door for callbacks: its secret's file, and the shape of the URL to give to the hub.

use secrecy::ExposeSecret;

use super::{Finding, folders};
use crate::commands::status::url_shape;
use crate::config::{Account, Config};

/// A secret shorter than this may be guessed.
const SECRET_CHARS_MIN: usize = 20;

/// `None` where no callback is configured.
pub(super) fn look(config: &Config, account: &Account) -> Option<Finding> {
    let callback = account.callback.as_ref()?;
    let what = format!("{}: callbacks", account.name);
    let secret = match account.read_callback_secret() {
        Ok(secret) => secret?,
        Err(failure) => return Some(Finding::of(what, failure)),
    };
    let (listen, file) = (config.listen, callback.secret_file.display());
    let good = Finding::good(
        what,
        format!(
            "give the hub {} (SECRET is what {file} holds), and have HOST pass it on to {listen}",
            url_shape(account)
        ),
    );
    let secret = secret.expose_secret();
    let in_a_url = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    Some(if secret.chars().count() < SECRET_CHARS_MIN {
        good.but(format!(
            "the secret is short enough to be guessed: `openssl rand -hex 32 > {file}` writes a longer one"
        ))
    } else if !secret.chars().all(in_a_url) {
        good.but(
            "the secret has characters that a URL writes otherwise: letters and digits are safest",
        )
    } else if folders::others_may_read(&callback.secret_file) {
        good.but(format!(
            "others on this machine may read it: chmod 600 {file}"
        ))
    } else if callback.allow_from.is_empty() {
        good.but("anyone who knows the secret may call: allow_from names the hub's addresses")
    } else {
        good
    })
}
