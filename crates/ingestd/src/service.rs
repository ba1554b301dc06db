//! The service: every account served under its lease, side by side, until it is stopped or, with
//! `--once`, until nothing is left to do but what a person must decide.

mod asked_first;
mod demo;
mod desk;
mod once;
mod progress;
mod stopping;

pub use asked_first::{AskedBy, asked_first};
pub use demo::{DemoOptions, demo};

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ingest_ledger::{Ledger, LedgerError};
use tokio::sync::watch;

use crate::account::Served;
use crate::config::{Account, Config, DATABASE_URL_VARIABLE};
use crate::exit::{Exit, Failure};
use crate::folder::{self, MarkerError};
use crate::reports;
use crate::road::{self, Stops};
use crate::spool::Spool;
use crate::web;
use crate::world::World;
use desk::Desk;
pub(crate) use desk::holder;

/// How `ingestd run` goes about it.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Take what lies in the inboxes, work until nothing moves any more, and end.
    pub once: bool,
    /// With `once`: what the hub has not finished by then is left as it is.
    pub patience: Duration,
    /// No progress bars.
    pub quiet: bool,
}

/// Runs the service.
///
/// # Errors
/// Configuration, database or inboxes that can't be used; with `once`, a hub that refuses.
pub async fn run(config: &Config, options: RunOptions) -> Result<Exit, Failure> {
    let about = |failure| about_the_database(config, failure);
    let ledger = Ledger::open(&config.database_url)
        .await
        .map_err(|error| about(error.into()))?;
    let exit = run_on(config, &ledger, options).await;
    ledger.close().await;
    exit.map_err(about)
}

/// A failure of the database with the one that is meant, without a password it may carry, and
/// what to do; any other as it is.
pub fn about_the_database(config: &Config, failure: Failure) -> Failure {
    if failure.exit != Exit::Database || failure.help.is_some() {
        return failure;
    }
    let from = if std::env::var_os(DATABASE_URL_VARIABLE).is_some() {
        DATABASE_URL_VARIABLE.to_owned()
    } else {
        config.path.display().to_string()
    };
    failure.help(format!(
        "the database is {}, from {from}; `ingestd doctor` looks closer",
        config.database_shown()
    ))
}

/// Says once what a power cut may cost on this database.
async fn warn_of_settings(ledger: &Ledger) -> Result<(), LedgerError> {
    let settings = ledger.settings().await?;
    let bad: Vec<String> = settings
        .iter()
        .filter(|setting| !setting.good)
        .map(|setting| format!("{} is {}", setting.name, setting.value))
        .collect();
    if !bad.is_empty() {
        tracing::warn!(
            "a power cut may take back what this database committed, and bills that were made would be forgotten and made \
             again: {} (`ingestd doctor` says what to set)",
            bad.join(", ")
        );
    }
    Ok(())
}

async fn run_on(config: &Config, ledger: &Ledger, options: RunOptions) -> Result<Exit, Failure> {
    if config.accounts.is_empty() {
        return Err(
            Failure::usage(format!("{} names no account", config.path.display()))
                .help("add an [accounts.NAME] table; `ingestd init` writes an example"),
        );
    }
    let ledger_id = ledger.ledger_id().await?;
    for account in config.accounts.values() {
        prepare(account, ledger, &ledger_id).await?;
    }
    warn_of_settings(ledger).await?;
    let stop = watch::Sender::new(false);
    let desks: Vec<Desk> = config
        .accounts
        .values()
        .map(|account| Desk::new(account, ledger, &ledger_id, &stop))
        .collect();
    let (ear, web) = match options.once {
        true => (None, None),
        false => {
            // Whoever sees the web face answer may ask for a stop at once.
            let ear = stopping::Ear::open();
            let (accounts, heard) = (config.accounts.values(), wakes(desks.clone()));
            let (listen, ledger) = (config.listen, ledger.clone());
            let web = web::start(listen, ledger, accounts, heard, stop.subscribe()).await?;
            (Some(ear), Some(web))
        }
    };
    // What was there before is looked at before anything moves.
    let before = once::Before::now(ledger, &desks).await?;
    let serving: Vec<_> = desks
        .iter()
        .map(|desk| tokio::spawn(desk.clone().serve(Stops::All)))
        .collect();
    let end = match ear {
        None => once::until_done(ledger, &desks, &before, options).await,
        Some(ear) => {
            tracing::info!(accounts = desks.len(), "serving; stop with ctrl-c");
            ear.asked().await;
            Ok(Exit::Done)
        }
    };
    stop.send_replace(true);
    for desk in &desks {
        desk.stop();
    }
    stopping::drain(serving).await;
    if let Some(web) = web {
        let _ = web.await;
    }
    end
}

/// What wakes the desk of an account that has callbacks to hear, if this process serves it; another
/// one finds them within its rest.
fn wakes(desks: Vec<Desk>) -> web::Heard {
    Arc::new(move |account| {
        let desk = desks.iter().find(|desk| desk.account.name == account);
        if let Some(served) = desk.and_then(Desk::served) {
            served.moved();
        }
    })
}

/// Makes an account known to the ledger, its folders, and marks its inbox as ours. An inbox that was
/// marked before and is not there is left so: the account is served all the same, and its files are
/// taken when it is back.
///
/// # Errors
/// The inbox is not to be used or another ledger's, the password can't be read (exit 2), or the
/// database's.
pub async fn prepare(account: &Account, ledger: &Ledger, ledger_id: &str) -> Result<(), Failure> {
    // One that is not there is said when it is looked into.
    drop(inbox_ready(account, ledger, ledger_id).await?);
    make_known(account, ledger).await
}

/// Makes an account's folders and marks its inbox as ours. The answer is why neither was done,
/// where the inbox was marked before and is not there now.
///
/// # Errors
/// It is not to be used, or another ledger's (exit 2); the database's.
pub async fn inbox_ready(
    account: &Account,
    ledger: &Ledger,
    ledger_id: &str,
) -> Result<Option<io::Error>, Failure> {
    let (name, inbox) = (&account.name, &account.inbox);
    let path = inbox.to_string_lossy();
    let was_marked = ledger.inbox_was_marked(name, &path).await?;
    if let (true, Some(why)) = (was_marked, folder::missing(inbox, ledger_id)) {
        return Ok(Some(why));
    }
    folder::make_folders(inbox).map_err(|error| folder::unusable(name, inbox, &error))?;
    let newly = folder::claim_inbox(inbox, ledger_id).map_err(|error| match error {
        MarkerError::Io { source, .. } => folder::unusable(name, inbox, &source),
        MarkerError::OtherLedger { .. } => Failure::usage(format!("account {name}: {error}")).help(
            format!(
                "if this database came back from a backup, or takes the other one's place: `ingestd resume {name} --restored`, \
                 which asks the hub first for every bill that it does not know"
            ),
        ),
    })?;
    if was_marked && newly {
        tracing::warn!(
            account = %name, inbox = %inbox.display(),
            "its file .ingestd was gone, and what is kept beside it was not: the folder is marked as ours again"
        );
    }
    let spooled = Spool::of(inbox).make();
    spooled.map_err(|error| folder::unusable(name, inbox, &error))?;
    ledger.inbox_marked(name, &path).await?;
    Ok(None)
}

/// Makes an account known to the ledger. Refused, before anything is taken, where its login has
/// its history under another name.
async fn make_known(account: &Account, ledger: &Ledger) -> Result<(), Failure> {
    account.read_password()?;
    ledger
        .account_put(&account.name, &account.login())
        .await
        .map_err(Failure::from)
}

/// How a command ends that a person stopped while it waited.
pub(crate) const STOPPED: &str =
    "stopped; what was asked for is recorded, and the service goes on with it when it runs";

/// Waits until `done` says so; meanwhile serves the account if nobody else does. `done` paces
/// itself: it rests before it answers no.
///
/// # Errors
/// The account can't be served, or what `done` answers.
pub async fn alongside(
    config: &Config,
    ledger: &Ledger,
    account: &str,
    stops: Stops,
    mut done: impl AsyncFnMut() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let account = config.account(account)?;
    let ledger_id = ledger.ledger_id().await?;
    // Whether its inbox is there or not: a decision of a person needs it not, but one that brings a
    // file, and that has looked.
    make_known(account, ledger).await?;
    while !done().await? {
        let taken = Served::take(account, ledger, &ledger_id, &holder(), &World::real()).await?;
        let Some(served) = taken else {
            continue; // somebody serves it: they do what was asked
        };
        if stops != Stops::Asking {
            served.new_process_new_try().await?;
        }
        let watching = async {
            let end = tokio::select! {
                end = done_and_written(&served, &mut done) => end.map(|()| true),
                () = served.stopped() => Ok(false),
                () = stopping::asked() => Err(Failure::new(Exit::Attention, STOPPED)),
            };
            served.stop();
            end
        };
        let (walked, watched) = tokio::join!(road::walk(&served, stops), watching);
        ledger.lease_release(&served.lease).await?;
        walked?;
        if watched? {
            return Ok(());
        }
    }
    Ok(())
}

/// Until it is done and the bursar's sheets say so too.
async fn done_and_written(
    served: &Served,
    done: &mut impl AsyncFnMut() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    while !done().await? {}
    Ok(reports::written(served).await?)
}
