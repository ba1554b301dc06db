//! The hub is asked about requests before a command foresees something: nothing else of the road is
//! walked, so nothing is sent.
//!
//! Where no service holds the account, this process takes the lease, asks as a service does before
//! it plans, and gives the lease back: two processes never read one request at the same time, so that
//! an older reading can't come in after a newer one. Where a service holds it, only the time at which
//! the service asks about these requests anyway is brought forward to now, and its answers are waited
//! for. (A process that is killed meanwhile leaves its lease to run out, within seconds.) What is
//! written is what taking a lease and asking always write; no decision is recorded, because nobody
//! decides anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ingest_ledger::{AccountLine, AskLine, Ledger};
use serde::Serialize;

use super::desk::holder;
use crate::account::{Served, hub_refuses};
use crate::config::{Account, duration_shown};
use crate::exit::{Exit, Failure};
use crate::gateway::AskError;
use crate::outcomes::{self, Asked};
use crate::world::World;

/// How often the ledger is looked at for what the service was told.
const LOOKED_EVERY: Duration = Duration::from_millis(200);
/// A service that has not asked about a single request for this long is waited for no longer; more
/// where the account allows it only few calls.
const STALLED_AFTER: Duration = Duration::from_secs(60);

/// Who asked the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// Nobody: there was nothing to ask about.
    Nobody,
    /// This process, under the account's lease.
    Command,
    /// The service that holds the account.
    Service,
}

/// Sees to it that the hub is asked about these requests now, within `patience`; `progress` is told
/// how many it was asked about.
///
/// # Errors
/// Exit 4: the hub refuses, can't be reached or read, or is not asked about all of them in time.
/// Exit 5.
pub async fn asked_first(
    ledger: &Ledger,
    account: &Arc<Account>,
    chunks: &BTreeSet<i64>,
    patience: Duration,
    progress: &mut dyn FnMut(usize),
) -> Result<AskedBy, Failure> {
    let mut left = ask_lines(ledger, chunks).await?;
    let time = Time {
        since: Instant::now(),
        patience,
        all: left.len(),
    };
    if left.is_empty() {
        return Ok(AskedBy::Nobody);
    }
    let mut service = Service::default();
    loop {
        if let Some(served) = lease(ledger, account).await? {
            if ask_each(&served, &mut left, &time, progress).await? {
                return Ok(AskedBy::Command);
            }
            continue; // the lease was lost: whoever has it goes on
        }
        if service.asks(ledger, account, &mut left).await? {
            return Ok(AskedBy::Service);
        }
        progress(time.all - left.len());
        time.is_left(account, &left)?;
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}

/// How long the asking may take.
struct Time {
    since: Instant,
    patience: Duration,
    /// Requests to be asked about, at first.
    all: usize,
}

impl Time {
    /// Insists that the patience is not over.
    fn is_left(&self, account: &Account, left: &BTreeMap<i64, AskLine>) -> Result<(), Failure> {
        if self.since.elapsed() < self.patience {
            return Ok(());
        }
        Err(Failure::hub(format!(
            "account {}: after {} the hub was asked about {} of {} earlier requests only, so what their payers' new bills would meet can't be told",
            account.name,
            duration_shown(self.patience),
            self.all - left.len(),
            self.all
        ))
        .help("a longer --patience waits longer; reads_per_minute says how fast the hub is asked"))
    }
}

/// What the hub can be asked about, by chunk.
async fn ask_lines(
    ledger: &Ledger,
    chunks: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, AskLine>, Failure> {
    let lines = ledger.asks_of_chunks(chunks).await?;
    Ok(lines
        .into_iter()
        .map(|line| (line.chunk_id, line))
        .collect())
}

/// The requests of which it is known already that the hub does not show them.
async fn out_of_sight(ledger: &Ledger) -> Result<BTreeSet<i64>, Failure> {
    let unseen = ledger.unseen_list().await?;
    Ok(unseen.iter().map(|line| line.chunk_id).collect())
}

async fn lease(ledger: &Ledger, account: &Arc<Account>) -> Result<Option<Served>, Failure> {
    let ledger_id = ledger.ledger_id().await?;
    Served::take(account, ledger, &ledger_id, &holder(), &World::real()).await
}

/// Asks about each while the lease is kept, and gives it back. `false`: it was lost meanwhile.
async fn ask_each(
    served: &Served,
    left: &mut BTreeMap<i64, AskLine>,
    time: &Time,
    progress: &mut dyn FnMut(usize),
) -> Result<bool, Failure> {
    let asking = async {
        let end = ask_all(served, left, time, progress).await;
        served.stop();
        end
    };
    let (kept, asked) = tokio::join!(served.keep_lease(), asking);
    served.ledger.lease_release(&served.lease).await?;
    kept?;
    asked
}

async fn ask_all(
    served: &Served,
    left: &mut BTreeMap<i64, AskLine>,
    time: &Time,
    progress: &mut dyn FnMut(usize),
) -> Result<bool, Failure> {
    let unseen = out_of_sight(&served.ledger).await?;
    while let Some((&chunk_id, line)) = left.first_key_value() {
        if served.stopping() {
            return Ok(false);
        }
        time.is_left(&served.account, left)?;
        match outcomes::ask_now(served, line).await? {
            Asked::Read(_) | Asked::OutOfSight(_) => {}
            // Out of sight already, and no more of it is known now. One that was taken a moment
            // ago, and is not shown yet, leaves open what it holds.
            Asked::Unread(AskError::NotFound(_) | AskError::Hidden(_))
                if unseen.contains(&chunk_id) => {}
            Asked::Unread(error) => return Err(not_asked(&served.account, line, &error)),
        }
        left.remove(&chunk_id);
        progress(time.all - left.len());
    }
    Ok(true)
}

/// What is wrong, and that it leaves the answer open.
fn not_asked(account: &Account, line: &AskLine, error: &AskError) -> Failure {
    let sentence = format!(
        "account {}: asking about request {} failed, so what its payers' new bills would meet can't be told: {error}",
        account.name, line.request_id
    );
    match error {
        AskError::Ledger(_) => Failure::new(Exit::Database, sentence),
        _ => Failure::hub(sentence).help("`ingestd doctor` looks closer"),
    }
}

/// A service at its work, as it can be seen in the ledger.
#[derive(Default)]
struct Service {
    told: bool,
    last_moved: Option<Instant>,
}

impl Service {
    /// Tells the service to ask at once, and afterwards looks what it has done; whether nothing is
    /// left.
    async fn asks(
        &mut self,
        ledger: &Ledger,
        account: &Account,
        left: &mut BTreeMap<i64, AskLine>,
    ) -> Result<bool, Failure> {
        let chunks: BTreeSet<i64> = left.keys().copied().collect();
        if !self.told {
            // As they stand before it is told: whatever is counted from here on is an answer.
            *left = ask_lines(ledger, &chunks).await?;
            ledger.ask_soon(&account.name, &chunks).await?;
            self.told = true;
        }
        if let Some(why) = refusal(ledger, account).await? {
            return Err(Failure::hub(format!(
                "account {} is paused, and the hub is not asked: {why}",
                account.name
            )));
        }
        let now = ask_lines(ledger, &chunks).await?;
        let unseen = out_of_sight(ledger).await?;
        let before = left.len();
        let mut failed = None;
        left.retain(|chunk_id, then| match now.get(chunk_id) {
            Some(now) if now.asks != then.asks => false,
            Some(now) if now.in_ms <= 0 => true, // its turn has not come
            Some(_) if unseen.contains(chunk_id) => false,
            // The service put it off, and learnt nothing.
            Some(now) => {
                failed.get_or_insert_with(|| now.request_id.clone());
                true
            }
            None => false, // there is nothing to ask about any more
        });
        if let Some(request_id) = failed {
            return Err(Failure::hub(format!(
                "account {}: the service could not read request {request_id} at the hub, so what its payers' new bills would meet can't be told",
                account.name
            ))
            .help("its log says why; try again"));
        }
        let moved = self.last_moved.get_or_insert_with(Instant::now);
        if left.len() < before {
            *moved = Instant::now();
        }
        let calls_apart = Duration::from_secs(60) / account.reads_per_minute.max(1);
        if moved.elapsed() > STALLED_AFTER.max(3 * calls_apart) {
            return Err(Failure::hub(format!(
                "account {}: the service that holds it has not asked the hub about {} of {} earlier requests",
                account.name,
                left.len(),
                chunks.len()
            ))
            .help("`ingestd status` says what it is doing"));
        }
        Ok(left.is_empty())
    }
}

/// Why the hub would not have the account, if it would not.
async fn refusal(ledger: &Ledger, account: &Account) -> Result<Option<String>, Failure> {
    let lines = ledger.accounts().await?;
    let refuses = |line: &&AccountLine| line.account == account.name && hub_refuses(line);
    let line = lines.iter().find(refuses);
    Ok(line.map(|line| line.paused_reason.clone().unwrap_or_default()))
}
