//! Where a command was typed: which configuration it means, and where its answer goes.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest_ledger::Ledger;

use super::printing::{Paper, unwritten};
use crate::cli::{Format, Global, Whose, as_typed};
use crate::config::{Account, Config};
use crate::exit::Failure;
use crate::service::about_the_database;

/// The configuration that is read where none is named.
const CONFIG_NAME: &str = "ingestd.toml";

/// The options of the command line that every command takes, and the two streams.
#[derive(Debug)]
pub(super) struct Terminal {
    global: Global,
}

impl Terminal {
    pub(super) fn new(global: Global) -> Self {
        Terminal { global }
    }

    pub(super) fn format(&self) -> Format {
        self.global.format
    }

    pub(super) fn quiet(&self) -> bool {
        self.global.quiet
    }

    /// The configuration that is meant, whether it exists or not.
    pub(super) fn config_path(&self) -> &Path {
        self.global
            .config
            .as_deref()
            .unwrap_or(Path::new(CONFIG_NAME))
    }

    /// The configuration that is meant.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Config::load(self.config_path())
    }

    /// The configuration, if one is named or lies here.
    pub(super) fn config_if_any(&self) -> Result<Option<Config>, Failure> {
        match &self.global.config {
            None if !PathBuf::from(CONFIG_NAME).exists() => Ok(None),
            _ => self.config().map(Some),
        }
    }

    /// Configuration and ledger, for a command that needs both.
    pub(super) async fn config_and_ledger(&self) -> Result<(Config, Ledger), Failure> {
        let config = self.config()?;
        let ledger = open_ledger(&config).await?;
        Ok((config, ledger))
    }

    /// Standard output, in the format that was asked for.
    pub(super) fn paper(&self) -> Paper<'static> {
        Paper::new(
            Box::new(std::io::BufWriter::new(std::io::stdout())),
            self.global.format,
        )
    }

    /// A sentence for the person, on standard output if tables are asked for, else on standard
    /// error: json and csv stand alone.
    pub(super) fn say(&self, sentence: &str) -> Result<(), Failure> {
        match self.global.format {
            Format::Table => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "{}", as_typed(sentence))
                    .and_then(|()| out.flush())
                    .map_err(|error| unwritten(&error))
            }
            _ => {
                self.note(sentence);
                Ok(())
            }
        }
    }

    /// A remark on standard error; not with `-q`.
    pub(super) fn note(&self, sentence: &str) {
        if !self.global.quiet {
            // Whoever closed standard error does not want to know.
            drop(writeln!(std::io::stderr(), "{}", as_typed(sentence)));
        }
    }

    /// Rows read so far on a terminal, and nothing at all elsewhere; a bar where their number is known.
    pub(super) fn progress(&self, what: &str, rows: Option<u64>) -> ProgressBar {
        match rows {
            Some(_) => self.bar(
                what,
                rows,
                "{msg} {wide_bar} {human_pos} of {human_len} rows",
            ),
            None => self.bar(what, None, "{spinner} {msg}: {human_pos} rows, {elapsed}"),
        }
    }

    /// A sign of life on a terminal while somebody else works.
    pub(super) fn waiting(&self, what: &str) -> ProgressBar {
        let bar = self.bar(what, None, "{spinner} {msg}, {elapsed}");
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        bar
    }

    fn bar(&self, what: &str, length: Option<u64>, template: &str) -> ProgressBar {
        if self.global.quiet || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar
    }
}

/// Opens the ledger of a configuration.
///
/// # Errors
/// Exit 5: the sentence names the database, without a password it may carry, and what to do.
pub(super) async fn open_ledger(config: &Config) -> Result<Ledger, Failure> {
    let opened = Ledger::open(&config.database_url).await;
    opened.map_err(|error| about_the_database(config, error.into()))
}

/// The account that is meant: the one that is named, or the only one there is.
///
/// # Errors
/// Exit 2, naming the accounts there are.
pub(super) fn account_meant<'c>(
    config: &'c Config,
    whose: &Whose,
) -> Result<&'c Arc<Account>, Failure> {
    if let Some(name) = &whose.account {
        return config.account(name);
    }
    let mut accounts = config.accounts.values();
    match (accounts.next(), accounts.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(
            Failure::usage(format!("{} has no account yet", config.path.display()))
                .help("add a section [accounts.NAME]; `ingestd init` writes an example"),
        ),
        _ => {
            let names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
            Err(
                Failure::usage("there is more than one account: say which with --account")
                    .help(format!("the accounts are: {}", names.join(", "))),
            )
        }
    }
}
