//! `resume --restored`: a database that came back from a backup takes over an inbox that another
//! state of it, or another database, has served.
//!
//! What the hub was asked after the backup is not in the database any more. As long as the hub
//! lists a bulk request that the database does not know, its rows could be billed a second time, so
//! the inbox is taken over only if there is none.

use asaanbill_http::PageAsk;
use ingest_ledger::Ledger;

use crate::commands::hub::said_no;
use crate::config::Account;
use crate::decisions::evidence;
use crate::exit::{Exit, Failure};
use crate::folder;
use crate::gateway::asaanbill;

/// Requests that are named in the refusal.
const NAMED_MAX: usize = 10;

/// Takes the inbox over for this ledger.
pub(super) async fn take_over(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    ledger.account_put(&account.name, &account.login()).await?;
    let strangers = requests_unknown_here(ledger, account).await?;
    if !strangers.is_empty() {
        let named: Vec<String> = strangers
            .iter()
            .take(NAMED_MAX)
            .map(i64::to_string)
            .collect();
        let more = match strangers.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return Err(Failure::new(
            Exit::Attention,
            format!(
                "account {} stays as it is: the hub holds bulk requests that this database does not know ({}{more}), and \
                 their rows would be billed again if they were dropped again",
                account.name,
                named.join(", ")
            ),
        )
        .help(format!(
            "use the database that made them, or compare what the hub shows of them (`ingestd bulk list --account {}`, then bulk show and a number) with the sheets in done/ first",
            account.name
        )));
    }
    let marker = account.inbox.join(".ingestd");
    if let Err(error) = std::fs::remove_file(&marker)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(Failure::usage(format!(
            "{} can't be written: {error}",
            marker.display()
        )));
    }
    let ledger_id = ledger.ledger_id().await?;
    folder::claim_inbox(&account.inbox, &ledger_id)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let path = account.inbox.to_string_lossy();
    Ok(ledger.inbox_marked(&account.name, &path).await?)
}

/// Every bulk request of the hub's list that no chunk of this login owns.
async fn requests_unknown_here(ledger: &Ledger, account: &Account) -> Result<Vec<i64>, Failure> {
    let owned = ledger.owned_requests(&account.login()).await?;
    let mut listed = requests_listed(ledger, account).await?;
    listed.retain(|id| !owned.contains(&id.to_string()));
    Ok(listed)
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
