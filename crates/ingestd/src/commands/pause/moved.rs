//! `resume --moved`: the hub has another address, or calls the user by another name, and is the same
//! hub. What was billed there is known under the new login from then on.
//!
//! The hub is asked: one that lists none of the requests that were made, or shows others' payments
//! in one of them, is another one, where nothing of it is billed.

use ingest_ledger::{Lease, Ledger, LedgerError, OpenRow, RowState};

use super::restored::requests_listed;
use crate::account::LEASE_TTL;
use crate::config::Account;
use crate::exit::{Exit, Failure};
use crate::gateway::{self, RequestReading};
use crate::service::holder;
use crate::world::World;

/// Requests that are tried, the newest first, where the hub fails at one.
const READ_MAX: usize = 5;

/// Takes what was billed along to the login that the configuration names now.
pub(super) async fn take_along(ledger: &Ledger, account: &Account) -> Result<(), Failure> {
    let (name, login) = (&account.name, account.login());
    let lines = ledger.accounts().await?;
    let Some(line) = lines.iter().find(|line| line.account == *name) else {
        return Ok(ledger.account_put(name, &login).await?);
    };
    if line.login == login {
        return Ok(());
    }
    // Nobody begins to serve it, under either login, before it is decided.
    let Some(lease) = ledger.lease_take(name, &holder(), LEASE_TTL).await? else {
        let by = line.lease_holder.as_deref().unwrap_or_default();
        return Err(stays(
            name,
            format!("it is served by {by} with the configuration of before"),
        )
        .help("stop that service, and ask again"));
    };
    let moved = take_along_under(ledger, account, &line.login, &lease).await;
    ledger.lease_release(&lease).await?;
    moved
}

async fn take_along_under(
    ledger: &Ledger,
    account: &Account,
    old: &str,
    lease: &Lease,
) -> Result<(), Failure> {
    let name = &account.name;
    let made = ledger.owned_requests(old).await?;
    if !made.is_empty() {
        let listed = requests_listed(ledger, account).await?;
        let mut both: Vec<i64> = listed;
        both.retain(|id| made.contains(&id.to_string()));
        if both.is_empty() {
            return Err(another_hub(
                account,
                format!("lists none of the bulk requests that were made as `{old}`"),
            ));
        }
        bears_out(ledger, account, old, both).await?;
    }
    if !ledger.lease_renew(lease, LEASE_TTL).await? {
        let why = "another process began to serve it meanwhile".to_owned();
        return Err(stays(name, why).help("stop it, and ask again"));
    }
    match ledger.account_moved(name, &account.login()).await {
        Err(LedgerError::Refused(why)) => Err(stays(name, why)),
        moved => Ok(moved?),
    }
}

/// Every hub counts from a small number, so that it lists a request of ours by its number says
/// little: one of them is read, and must hold our rows and nobody else's.
async fn bears_out(
    ledger: &Ledger,
    account: &Account,
    old: &str,
    mut both: Vec<i64>,
) -> Result<(), Failure> {
    let gateway = gateway::of(account, ledger, &World::real())?;
    both.sort_unstable();
    let mut unread = None;
    for id in both.iter().rev().take(READ_MAX) {
        let request_id = id.to_string();
        let bills = ledger.bills_of_request(old, &request_id).await?;
        let rows: Vec<OpenRow> = bills
            .into_iter()
            .map(|bill| OpenRow::of(bill, RowState::Accepted))
            .collect();
        match gateway.ask(&request_id, &rows).await {
            Ok(reading) if are_ours(&reading) => return Ok(()),
            Ok(_) => {
                return Err(another_hub(
                    account,
                    format!(
                        "lists bulk request {request_id}, which was made as `{old}`, with other payments than were sent in it"
                    ),
                ));
            }
            Err(error) => unread = Some(error),
        }
    }
    let why = unread.map(|error| error.to_string()).unwrap_or_default();
    Err(Failure::hub(format!(
        "account {}: none of the bulk requests that were made as `{old}` could be read at {}, so whether it is the same hub can't be told: {why}",
        account.name, account.base_url
    ))
    .help("try again"))
}

/// Whether all that a request holds are rows of ours, as they were sent.
fn are_ours(reading: &RequestReading) -> bool {
    !reading.rows.is_empty()
        && reading.foreign == 0
        && reading.rows.iter().all(|row| !row.is_another)
}

fn another_hub(account: &Account, what_it_does: String) -> Failure {
    stays(
        &account.name,
        format!(
            "the hub at {} {what_it_does}, so it is another hub",
            account.base_url
        ),
    )
    .help("give the account a name of its own in the configuration")
}

fn stays(name: &str, why: String) -> Failure {
    Failure::new(
        Exit::Attention,
        format!("account {name} stays as it is: {why}"),
    )
}
