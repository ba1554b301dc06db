//! The configuration, `ingestd.toml`: read whole, checked whole, and refused with every problem at once.
//!
//! What is read here is the proof: after [`Config::load`] no path is relative, no inbox lies in
//! another, and no two accounts sign in as the same user at the same hub.

mod account;
mod contradictions;
mod database;
mod reading;
mod sections;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use account::{
    Account, ApproveRule, Callback, ChangedRule, DuplicateRule, GatewayKind, HeadingsRule,
    PasswordSource, PastDueRule,
};
pub use database::without_password;
pub use values::{AddressRange, duration_shown, parse_duration};

use crate::exit::Failure;
use crate::language::Language;
use reading::Findings;

/// The file `ingestd init` writes: every key with its default, explained.
pub const DEFAULT_TOML: &str = include_str!("config/default.toml");

/// The environment variable that overrides `database.url`.
pub const DATABASE_URL_VARIABLE: &str = "INGESTD_DATABASE_URL";

/// A configuration larger than this is some other file.
const BYTES_MAX: u64 = 1024 * 1024;

/// Everything `ingestd.toml` says, defaults filled in.
#[derive(Clone)]
pub struct Config {
    /// The file it was read from, absolute.
    pub path: PathBuf,
    /// The folder of that file, absolute: relative paths in it are against this folder.
    pub folder: PathBuf,
    /// What bursars are told in what is wrong with their sheets, unless their account says otherwise.
    pub language: Language,
    /// `sqlite:/absolute/path` or `postgres://…`; may carry a password, so it is never printed:
    /// [`Config::database_shown`] is what a person sees.
    pub database_url: String,
    /// Where `GET /health` and callbacks are answered.
    pub listen: SocketAddr,
    /// The accounts by name.
    pub accounts: BTreeMap<String, Arc<Account>>,
}

impl Config {
    /// Reads and checks a configuration file; `INGESTD_DATABASE_URL` overrides its database.
    ///
    /// # Errors
    /// Exit 2 with every problem found, each with its line.
    pub fn load(path: &Path) -> Result<Config, Failure> {
        let text = text_of(path)?;
        let over = match std::env::var(DATABASE_URL_VARIABLE) {
            Ok(url) if !url.trim().is_empty() => Some(url),
            Ok(_) | Err(std::env::VarError::NotPresent) => None,
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!(
                    "{DATABASE_URL_VARIABLE} is set, but is not text"
                )));
            }
        };
        Config::parse(&text, path, over.as_deref())
    }

    /// Checks the text of a configuration as if it were read from `path` (which need not exist,
    /// but its folder must). `database_url` overrides what the text says.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path, database_url: Option<&str>) -> Result<Config, Failure> {
        let (path, folder) = place_of(path)?;
        let findings = Findings::new(text);
        let config =
            sections::read(&findings, &path, &folder, database_url).map(|(config, lines)| {
                contradictions::find(&config, &lines, &findings);
                config
            });
        match (config, findings.into_failure(&path)) {
            (Some(config), None) => Ok(config),
            (_, Some(failure)) => Err(failure),
            (None, None) => Err(Failure::defect(
                "a configuration was neither read nor refused",
            )),
        }
    }

    /// The account of that name.
    ///
    /// # Errors
    /// Exit 2, naming the nearest account, or all of them.
    pub fn account(&self, name: &str) -> Result<&Arc<Account>, Failure> {
        if let Some(account) = self.accounts.get(name) {
            return Ok(account);
        }
        let shown = self.path.display();
        let names: Vec<&str> = self.accounts.keys().map(String::as_str).collect();
        let failure = Failure::usage(format!("{shown} has no account {name:?}"));
        Err(
            match (
                values::nearest(name, names.iter().copied()),
                names.is_empty(),
            ) {
                (Some(near), _) => failure.help(format!("did you mean {near}?")),
                (None, true) => failure.help(format!("add a section [accounts.{name}] to {shown}")),
                (None, false) => failure.help(format!("its accounts are: {}", names.join(", "))),
            },
        )
    }

    /// The database for a person to read: without the password the URL may carry.
    #[must_use]
    pub fn database_shown(&self) -> String {
        without_password(&self.database_url)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("path", &self.path)
            .field("database", &self.database_shown())
            .field("listen", &self.listen)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// The text of the file, or the sentence that says why there is none.
fn text_of(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let advice = "`ingestd init` writes a commented one; `--config FILE` names another";
    let about = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::usage(format!("there is no configuration {shown}")).help(advice)
        }
        _ => {
            Failure::usage(format!("the configuration {shown} can't be read: {error}")).help(advice)
        }
    })?;
    if about.is_dir() {
        return Err(
            Failure::usage(format!("{shown} is a folder, not a configuration file")).help(advice),
        );
    }
    if about.len() > BYTES_MAX {
        return Err(
            Failure::usage(format!("{shown} is too large to be a configuration")).help(advice),
        );
    }
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::usage(format!("the configuration {shown} can't be read: {error}"))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!("the configuration {shown} is not UTF-8 text"))
            .help("save it as UTF-8 and try again")
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

/// The absolute path of a configuration and of its folder.
fn place_of(path: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let broken = |error: std::io::Error| {
        Failure::usage(format!(
            "the folder of the configuration {} can't be read: {error}",
            path.display()
        ))
    };
    let absolute = std::path::absolute(path).map_err(broken)?;
    let parent = absolute.parent().unwrap_or(Path::new("/"));
    let folder = std::fs::canonicalize(parent).map_err(broken)?;
    let name = absolute.file_name().unwrap_or_default().to_owned();
    Ok((folder.join(name), folder))
}

#[cfg(test)]
impl Config {
    /// One account, `greenfield`, whose hub is never reached; and a line of its own.
    pub(crate) fn of_greenfield(folder: &Path, line: &str) -> Config {
        let text = format!(
            "[accounts.greenfield]\n\
             gateway = \"asaanbill\"\n\
             base_url = \"http://127.0.0.1:9/payment-hub/integration\"\n\
             username = \"greenfield\"\n\
             password_file = \"greenfield.password\"\n\
             inbox = \"greenfield\"\n\
             {line}\n"
        );
        Config::parse(&text, &folder.join("ingestd.toml"), None).expect("it is right")
    }
}

#[cfg(test)]
mod tests;
