//! Where the hub may post its callbacks: the address's shape, never the secret in it.

use chrono::{DateTime, Utc};
use ingest_ledger::CallbackCounts;
use serde::Serialize;

use crate::commands::printing::{many, moment};
use crate::config::{Account, Config};

/// One account's door for callbacks.
#[derive(Clone, Debug, Serialize)]
pub struct CallbackDoor {
    /// The URL to give to the hub, with `SECRET` where the secret belongs.
    pub url: String,
    /// Where it has to arrive.
    pub listen: String,
    /// Stored, and not heard yet.
    pub waiting: i64,
    /// When the newest came.
    pub newest_at: Option<DateTime<Utc>>,
}

impl CallbackDoor {
    pub(super) fn of(config: &Config, account: &Account, counts: CallbackCounts) -> CallbackDoor {
        CallbackDoor {
            url: url_shape(account),
            listen: config.listen.to_string(),
            waiting: counts.waiting,
            newest_at: counts.newest_at,
        }
    }

    /// In a sentence.
    pub(super) fn sentence(&self) -> String {
        let newest = match self.newest_at {
            Some(_) => format!("the newest came at {} UTC", moment(self.newest_at)),
            None => "none came yet".to_owned(),
        };
        let waiting = match u64::try_from(self.waiting).unwrap_or(0) {
            0 => String::new(),
            n => format!(", {} to be heard", many(n, "callback")),
        };
        format!("callbacks: {}: {newest}{waiting}", self.url)
    }
}

/// The URL to give to the hub, as far as we know it: its host is the operator's, and the secret is
/// nobody's to see.
pub(in crate::commands) fn url_shape(account: &Account) -> String {
    format!("https://HOST/callbacks/{}/SECRET", account.name)
}
