//! `resume --restored`: a database that came back from a backup takes over an account.
//!
//! It is a decision like any other: the service that holds the account carries it out, or this command
//! where none does. Here is how it is asked for.

use asaanbill_http::PageAsk;
use ingest_ledger::{Ledger, PauseKind};

use crate::commands::asking;
use crate::commands::hub::said_no;
use crate::commands::terminal::Terminal;
use crate::config::{Account, Config};
use crate::decisions::{Ask, Wait, evidence};
use crate::exit::{Exit, Failure};
use crate::gateway::asaanbill;
use crate::restored::{Standing, behind_sentence, standing, what_to_do};

/// Asks for it, and waits until it is done.
pub(super) async fn take_over(
    terminal: &Terminal,
    config: &Config,
    ledger: &Ledger,
    account: &Account,
) -> Result<Exit, Failure> {
    let ask = Ask::Restored {};
    asking::ask(terminal, config, ledger, &account.name, ask, Wait::Answer).await
}

/// A pause that stands for a database that is behind does not end without it, unless the right
/// database was put back.
pub(super) async fn not_behind(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    let lines = ledger.accounts().await?;
    let behind = lines
        .iter()
        .find(|line| line.account == account.name)
        .is_some_and(|line| line.paused_kind == Some(PauseKind::Restored));
    let ledger_id = ledger.ledger_id().await?;
    let why = match standing(ledger, &ledger_id, account).await? {
        Standing::Behind(why) => why,
        Standing::Lost if behind => "the marker beside its spool is gone".to_owned(),
        _ => return Ok(()),
    };
    let says = behind_sentence(&account.name, &why);
    let says = says.split("; ").next().unwrap_or_default();
    Err(Failure::new(
        Exit::Attention,
        format!("account {} stays as it is: {says}", account.name),
    )
    .help(what_to_do(&account.name)))
}

/// Every bulk request of the hub's list.
pub(super) async fn requests_listed(
    ledger: &Ledger,
    account: &Account,
) -> Result<Vec<i64>, Failure> {
    let client = asaanbill::client(account, Some(ledger.clone()))?;
    let mut listed = Vec::new();
    let mut ask = PageAsk::first();
    let mut read = 0;
    loop {
        let page = client
            .bulk_requests(ask)
            .await
            .map_err(|error| said_no(account, &error))?;
        let got = page.content.len() as u64;
        read += got;
        for request in &page.content {
            match request.id {
                Some(id) => listed.push(id),
                None => {
                    return Err(Failure::hub(format!(
                        "account {}: the hub lists a bulk request without a number",
                        account.name
                    )));
                }
            }
        }
        let more = page.promises_more(read);
        if got == 0 && more {
            return Err(Failure::hub(format!(
                "account {}: the hub's list of bulk requests could not be read whole",
                account.name
            ))
            .help("try again"));
        }
        if !more {
            evidence::numbers_read(listed.len() as u64);
            return Ok(listed);
        }
        ask = ask.next();
    }
}
