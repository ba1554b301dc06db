//! One account: a school's login at a hub, its inbox, and the rules its sheets are judged by.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use ingest_ledger::ChangedBills;
use secrecy::SecretString;

use super::values::{AddressRange, base_url_normalised};
use crate::exit::Failure;
use crate::language::Language;

/// A password longer than this is some other file.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// One `[accounts.NAME]` section, defaults filled in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name of the section.
    pub name: String,
    /// Which hub this is.
    pub gateway: GatewayKind,
    /// Where the hub is, as configured: with or without `/integration`.
    pub base_url: String,
    /// Who signs in.
    pub username: String,
    /// Where the password is.
    pub password: PasswordSource,
    /// The folder sheets are dropped into, absolute.
    pub inbox: PathBuf,
    /// Calls that make bills, in any 60 seconds.
    pub requests_per_minute: u32,
    /// All other calls, in any 60 seconds.
    pub reads_per_minute: u32,
    /// Rows a call, 1 to 5000.
    pub rows_per_request: u16,
    /// What happens to an identifier that is twice in one file.
    pub duplicate_identifiers: DuplicateRule,
    /// What happens to a due date that has passed.
    pub past_due_dates: PastDueRule,
    /// What happens to an unpaid bill whose row comes again with other values.
    pub changed_bills: ChangedRule,
    /// What happens to a sheet whose headings serve other fields than those of earlier ones.
    pub changed_headings: HeadingsRule,
    /// How a date like 05/03/2026 is read.
    pub day_month_order: fee_sheet::DayMonthOrder,
    /// What the school is told in what is wrong with its sheets.
    pub language: Language,
    /// What day it is, and what the hub's times mean.
    pub time_zone: chrono_tz::Tz,
    /// Which files wait for a person before they are sent.
    pub approve: ApproveRule,
    /// After how long a chunk the hub never listed may be sent again without a person; `None` is never.
    pub resend_absent_after: Option<Duration>,
    /// How often the inbox is read.
    pub scan_every: Duration,
    /// How long a file must lie unchanged before it is taken.
    pub quiet_for: Duration,
    /// This school's own headings, by field.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Where the hub may tell us of payments, if it may.
    pub callback: Option<Callback>,
}

/// The hubs we speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum GatewayKind {
    /// AsaanBill's integration API.
    Asaanbill,
}

/// Where a password is kept; never in the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordSource {
    /// A file that holds nothing else, absolute.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

/// An identifier twice in one file, whatever sheet or due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateRule {
    /// Every row of it is invalid.
    Reject,
    /// The last valid row is sent, the others are skipped.
    LastWins,
}

/// A due date that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastDueRule {
    /// The row is invalid.
    Reject,
    /// The row is sent, with a warning.
    Warn,
    /// The row is sent.
    Allow,
}

/// The same identifier and due date with other values, the earlier bill unpaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedRule {
    /// It waits for a person.
    Hold,
    /// It replaces the earlier bill.
    Replace,
}

impl ChangedRule {
    /// As the ledger, which judges by it, calls it.
    #[must_use]
    pub fn in_the_ledger(self) -> ChangedBills {
        match self {
            ChangedRule::Hold => ChangedBills::Hold,
            ChangedRule::Replace => ChangedBills::Replace,
        }
    }
}

/// A sheet that is read otherwise than the account's earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadingsRule {
    /// It waits for a person.
    Hold,
    /// It is read for itself: the account gets sheets of many makers.
    Allow,
}

/// Which files wait for a person before they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApproveRule {
    /// None.
    Never,
    /// Every file.
    Always,
    /// A file whose valid rows sum to more than this many paisa.
    Over(i64),
}

/// `[accounts.NAME.callback]`: the hub may tell us of payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The file with the secret part of the callback's address, absolute.
    pub secret_file: PathBuf,
    /// Addresses that may call; empty is any.
    pub allow_from: Vec<AddressRange>,
    /// The proxy whose word on the caller's address is believed.
    pub trusted_proxy: Option<IpAddr>,
}

impl Callback {
    /// Whether a caller may call: its own address decides, or, only where it is the trusted
    /// proxy, the last address that the proxy says it passes on. An empty list lets anyone.
    #[must_use]
    pub fn lets(&self, peer: IpAddr, forwarded: Option<IpAddr>) -> bool {
        if self.allow_from.is_empty() {
            return true;
        }
        let proxied = self
            .trusted_proxy
            .is_some_and(|proxy| proxy.to_canonical() == peer.to_canonical());
        let caller = if proxied { forwarded } else { Some(peer) };
        caller.is_some_and(|caller| self.allow_from.iter().any(|range| range.contains(caller)))
    }
}

impl Account {
    /// The password, read anew at each call, so that a mended file is seen. Line ends after it, and
    /// a byte order mark before it, are not part of it.
    ///
    /// # Errors
    /// Exit 2; the sentence names the file or variable, and never what is in it.
    pub fn read_password(&self) -> Result<SecretString, Failure> {
        let name = &self.name;
        let text = match &self.password {
            PasswordSource::File(path) => {
                let advice = format!(
                    "write the hub's password for {} into {} (nothing else), readable by the user ingestd runs as",
                    self.username,
                    path.display()
                );
                line_alone(path, "password", name, &advice)?
            }
            PasswordSource::Env(variable) => match std::env::var(variable) {
                Ok(text) if !text.trim().is_empty() => {
                    text.trim_end_matches(['\r', '\n']).to_owned()
                }
                _ => {
                    return Err(Failure::usage(format!(
                        "the environment variable {variable} with the password of account {name} is not set"
                    ))
                    .help(format!("set {variable} to the hub's password for {}", self.username)));
                }
            },
        };
        Ok(SecretString::from(text))
    }

    /// The secret part of the callback's address, read anew at each call; `None` where no callback
    /// is configured.
    ///
    /// # Errors
    /// Exit 2; the sentence names the file, and never what is in it.
    pub fn read_callback_secret(&self) -> Result<Option<SecretString>, Failure> {
        let Some(callback) = &self.callback else {
            return Ok(None);
        };
        let path = &callback.secret_file;
        let advice = format!(
            "`openssl rand -hex 32 > {}` writes one; readable by the user ingestd runs as",
            path.display()
        );
        let text = line_alone(path, "callback secret", &self.name, &advice)?;
        Ok(Some(SecretString::from(text.trim().to_owned())))
    }

    /// Whether the file of the callback's secret is not there: somebody took it away.
    #[must_use]
    pub fn callback_secret_is_gone(&self) -> bool {
        self.callback.as_ref().is_some_and(|callback| {
            let there = std::fs::symlink_metadata(&callback.secret_file);
            there.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        })
    }

    /// What day it is in the account's time zone, by this machine's clock.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day_at(Utc::now())
    }

    /// What day it was in the account's time zone.
    #[must_use]
    pub fn day_at(&self, time: DateTime<Utc>) -> NaiveDate {
        time.with_timezone(&self.time_zone).date_naive()
    }

    /// Who this account is at which hub: the same text for every spelling of the same login.
    #[must_use]
    pub fn login(&self) -> String {
        format!("{} {}", base_url_normalised(&self.base_url), self.username)
    }

    /// Where the password is, for a sentence.
    #[must_use]
    pub fn password_place(&self) -> String {
        match &self.password {
            PasswordSource::File(path) => path.display().to_string(),
            PasswordSource::Env(variable) => format!("the environment variable {variable}"),
        }
    }
}

/// The one line of a file that holds nothing else.
fn line_alone(path: &Path, what: &str, account: &str, advice: &str) -> Result<String, Failure> {
    let broken = |why: String| {
        Failure::usage(format!(
            "the {what} file {} of account {account} {why}",
            path.display()
        ))
        .help(advice)
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(PASSWORD_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => broken("does not exist".to_owned()),
            std::io::ErrorKind::IsADirectory => broken("is a folder".to_owned()),
            _ => broken(format!("can't be read: {error}")),
        })?;
    if bytes.len() as u64 > PASSWORD_BYTES_MAX {
        return Err(broken(format!("is too long to be a {what}")));
    }
    let text = String::from_utf8(bytes).map_err(|_| broken("is not UTF-8 text".to_owned()))?;
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(&text)
        .trim_end_matches(['\r', '\n'])
        .to_owned();
    if text.trim().is_empty() {
        return Err(broken("is empty".to_owned()));
    }
    if text.contains(['\r', '\n']) {
        return Err(broken("has more than one line".to_owned()));
    }
    Ok(text)
}
