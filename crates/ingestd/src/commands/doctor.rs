//! `doctor`: configuration, database, folders, credentials, clock, TLS; one line each, and what to
//! do about what is wrong. It looks at everything, and changes nothing.

mod door;
mod folders;
mod hub;
mod reader;

use ingest_ledger::Ledger;
use serde::Serialize;

use super::printing::{Paper, shown};
use super::terminal::{Terminal, open_ledger};
use crate::cli::Format;
use crate::config::{Config, PasswordSource};
use crate::exit::{Exit, Failure};

/// How other commands' advice ends.
const LOOKS_CLOSER: &str = "; `ingestd doctor` looks closer";

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at: `database`, `greenfield: inbox`.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// How it is.
    pub says: String,
    /// What to do, if there is something.
    pub advice: Option<String>,
    /// The exit code it stands for.
    #[serde(skip)]
    pub exit: Exit,
}

impl Finding {
    pub(super) fn good(what: impl Into<String>, says: impl Into<String>) -> Self {
        Finding {
            what: what.into(),
            ok: true,
            says: says.into(),
            advice: None,
            exit: Exit::Done,
        }
    }

    pub(super) fn bad(
        what: impl Into<String>,
        exit: Exit,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Finding {
            what: what.into(),
            ok: false,
            says: says.into(),
            advice: Some(advice.into()),
            exit,
        }
    }

    fn of(what: impl Into<String>, failure: Failure) -> Self {
        Finding {
            what: what.into(),
            ok: false,
            says: failure.sentence,
            advice: failure.help,
            exit: failure.exit,
        }
    }

    /// Good as it is, and better otherwise.
    pub(super) fn but(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Looks at everything of a configuration, handing on each finding as it comes.
///
/// # Errors
/// What `each` answers; what is wrong with the world is a finding.
pub async fn look(
    config: &Config,
    each: &mut dyn FnMut(&Finding) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let accounts = config.accounts.len();
    let many = super::printing::many(accounts as u64, "account");
    each(&Finding::good(
        "configuration",
        format!("{}: {many}", config.path.display()),
    ))?;
    each(&reader::look().await)?;
    let ledger = match open_ledger(config).await {
        Ok(ledger) => {
            for finding in database(config, &ledger).await {
                each(&finding)?;
            }
            Some(ledger)
        }
        Err(failure) => {
            // This is the closer look that other commands advise.
            let advice = failure
                .help
                .map(|help| help.trim_end_matches(LOOKS_CLOSER).to_owned());
            let failure = Failure {
                help: advice,
                ..failure
            };
            each(&Finding::of("database", failure))?;
            None
        }
    };
    let ledger_id = match &ledger {
        // What keeps it from being read was said of the database already.
        Some(ledger) => ledger.ledger_id().await.ok(),
        None => None,
    };
    for account in config.accounts.values() {
        let name = &account.name;
        let inbox = account.inbox.to_string_lossy();
        let was_marked = match &ledger {
            Some(ledger) => ledger.inbox_was_marked(name, &inbox).await.unwrap_or(false),
            None => false,
        };
        each(&folders::inbox(account, ledger_id.as_deref(), was_marked))?;
        if let (Some(ledger), Some(ledger_id)) = (&ledger, &ledger_id)
            && let Some(finding) = folders::newest_call(ledger, ledger_id, account).await
        {
            each(&finding)?;
        }
        if let Some(ledger) = &ledger
            && let Ok(Err(failure)) = super::status::fits(ledger, account).await
        {
            each(&Finding::of(format!("{name}: login"), failure))?;
        }
        let password = account.read_password();
        match &password {
            Ok(_) => each(&credentials(name, &account.password))?,
            Err(failure) => each(&Finding::bad(
                format!("{name}: credentials"),
                failure.exit,
                failure.sentence.clone(),
                failure.help.clone().unwrap_or_default(),
            ))?,
        }
        if let Some(finding) = door::look(config, account) {
            each(&finding)?;
        }
        let reached = hub::reach(account).await;
        each(&hub::tls(account, &reached))?;
        each(&hub::clock(account, &reached))?;
        if password.is_ok() {
            each(&hub::sign_in(account).await)?;
        }
    }
    if let Some(ledger) = ledger {
        ledger.close().await;
    }
    Ok(())
}

async fn database(config: &Config, ledger: &Ledger) -> Vec<Finding> {
    let mut findings = vec![Finding::good(
        "database",
        format!("{} ({})", config.database_shown(), ledger.engine()),
    )];
    match ledger.settings().await {
        Ok(settings) => findings.extend(settings.into_iter().map(|setting| {
            let what = format!("database: {}", setting.name);
            if setting.good {
                Finding::good(what, setting.value)
            } else {
                Finding::bad(what, Exit::Database, setting.value, setting.advice)
            }
        })),
        Err(error) => findings.push(Finding::of("database: settings", error.into())),
    }
    findings
}

/// A password that can be read; by others too, perhaps.
fn credentials(account: &str, source: &PasswordSource) -> Finding {
    let what = format!("{account}: credentials");
    match source {
        PasswordSource::Env(variable) => {
            Finding::good(what, format!("the password is in the variable {variable}"))
        }
        PasswordSource::File(path) => {
            let good = Finding::good(what, format!("the password is in {}", path.display()));
            if folders::others_may_read(path) {
                good.but(format!(
                    "others on this machine may read it: chmod 600 {}",
                    path.display()
                ))
            } else {
                good
            }
        }
    }
}

pub(super) async fn command(terminal: &Terminal) -> Result<Exit, Failure> {
    let mut worst = Exit::Done;
    let mut findings = Vec::new();
    let mut paper = terminal.paper();
    let mut tell = |finding: &Finding| {
        worst = worst.max(finding.exit);
        match paper.format() {
            Format::Table => line(&mut paper, finding),
            _ => {
                findings.push(finding.clone());
                Ok(())
            }
        }
    };
    match terminal.config() {
        Ok(config) => look(&config, &mut tell).await?,
        Err(failure) => tell(&Finding::of("configuration", failure))?,
    }
    match paper.format() {
        Format::Json => paper.json(&findings)?,
        Format::Csv => {
            let mut list = paper.list(&["what", "ok", "says", "advice"])?;
            for finding in &findings {
                list.push(finding, || {
                    vec![
                        finding.what.clone(),
                        finding.ok.to_string(),
                        finding.says.clone(),
                        finding.advice.clone().unwrap_or_default(),
                    ]
                })?;
            }
            list.finish()?;
        }
        Format::Table => {}
    }
    paper.finish()?;
    Ok(worst)
}

fn line(paper: &mut Paper<'_>, finding: &Finding) -> Result<(), Failure> {
    let mark = if finding.ok { "ok   " } else { "WRONG" };
    let advice = finding
        .advice
        .as_deref()
        .map(|advice| format!(" -> {advice}"))
        .unwrap_or_default();
    paper.line(&shown(&format!(
        "{mark}  {}: {}{advice}",
        finding.what, finding.says
    )))?;
    paper.flush()
}
