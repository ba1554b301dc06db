//! Failed rows and what else the hub has: a request that this database does not know may hold them
//! all the same, made by another program, by a person, or by a call that the hub said it refused.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ingest_ledger::{
    BillRow, Elsewhere, FailedRow, HeldElsewhere, Ledger, LedgerError, OpenRow, PlanRules, RowSet,
    RowState, Sentence, row_id, row_of,
};

use crate::account::Served;
use crate::config::Account;
use crate::decisions::evidence;
use crate::gateway::{AskError, Doubt, Gateway, InTheWay, RowReading};
use crate::road::Step;

/// Read this shortly before, it is read.
const JUST_NOW: Duration = Duration::from_secs(5);

/// Failed rows, by file and by the chunk they went in; 0 for a row that names no chunk, which is
/// then held against every request there is.
pub type Failed = BTreeMap<(i64, i64), RowSet>;

/// The requests that may hold failed rows, by file and row.
pub type Holders = BTreeMap<(i64, u32), Holder>;

/// A request that may hold a failed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The hub's number.
    pub request_id: String,
    /// Why it may.
    pub why: String,
    /// What it shows of the row; `None`: nothing that is known.
    pub state: Option<RowState>,
}

/// Failed rows that were held against the hub's requests, and when; by file and row.
#[derive(Debug, Default)]
pub struct LookedAt(BTreeMap<(i64, u32), (Instant, Option<Holder>)>);

impl LookedAt {
    /// What was found of a row, if that was within this time.
    pub fn within(
        &self,
        row: (i64, u32),
        within: Duration,
        now: Instant,
    ) -> Option<Option<Holder>> {
        let (at, holder) = self.0.get(&row)?;
        (now.saturating_duration_since(*at) <= within).then(|| holder.clone())
    }

    /// Forgets rows that were sent since.
    pub fn forget(&mut self, file_id: i64, rows: &RowSet) {
        for row_no in rows.iter() {
            self.0.remove(&(file_id, row_no));
        }
    }

    /// Remembers what was just found.
    pub fn remember(
        &mut self,
        rows: &Failed,
        holders: &BTreeMap<(i64, u32), Holder>,
        now: Instant,
    ) {
        if self.0.len() > REMEMBERED_MAX {
            self.0.clear();
        }
        for ((file_id, _), rows) in rows {
            for row_no in rows.iter() {
                let row = (*file_id, row_no);
                self.0.insert(row, (now, holders.get(&row).cloned()));
            }
        }
    }
}

/// Rows whose holders are remembered.
const REMEMBERED_MAX: usize = 100_000;

/// The failed rows of a chunk's payers that a request may hold which no chunk owns, before the chunk
/// is sent. What was read `within` this time is not read again. The inner error: the hub could not
/// be asked, so nothing is known.
///
/// # Errors
/// The database's.
pub async fn of_chunk(
    served: &Served,
    chunk_id: i64,
    within: Duration,
) -> Result<Result<HeldElsewhere, AskError>, LedgerError> {
    let failed = served.ledger.failed_without_request(chunk_id).await?;
    of_failed(served, failed, within).await
}

/// The same of payers whose rows are not stored, whoever serves the account: nothing is learnt of it
/// but what they would meet.
///
/// # Errors
/// The database's.
pub async fn of_payers(
    ledger: &Ledger,
    account: &Account,
    gateway: &dyn Gateway,
    failed: Vec<FailedRow>,
) -> Result<Result<HeldElsewhere, AskError>, LedgerError> {
    let holders = holders(ledger, account, gateway, &by_chunk(&failed)).await?;
    let of_row = |holders: &Holders, row: &FailedRow| holders.get(&row_of(row.row_id)).cloned();
    Ok(holders.map(|holders| by_payer(failed, |row| of_row(&holders, row))))
}

async fn of_failed(
    served: &Served,
    failed: Vec<FailedRow>,
    within: Duration,
) -> Result<Result<HeldElsewhere, AskError>, LedgerError> {
    let known = |row: &FailedRow, within| served.holder_within(row_of(row.row_id), within);
    if !failed.iter().all(|row| known(row, within).is_some()) {
        // Reading the requests costs the same for one row and for all: the others are next.
        let account = &served.account.name;
        let mut rows: Failed = served.ledger.all_failed_without_request(account).await?;
        for (of_chunk, row_nos) in by_chunk(&failed) {
            let all = rows.entry(of_chunk).or_default();
            *all = all.union(&row_nos);
        }
        let holders = match holders_of(served, &rows).await? {
            Ok(holders) => holders,
            Err(error) => return Ok(Err(error)),
        };
        served.held_against_requests(&rows, &holders);
    } else if !failed.is_empty() {
        evidence::just_read(|| "the requests that nobody owns".to_owned());
    }
    Ok(Ok(by_payer(failed, |row| {
        known(row, Duration::MAX).flatten()
    })))
}

fn by_chunk(failed: &[FailedRow]) -> Failed {
    let mut rows = Failed::new();
    for row in failed {
        let (file_id, row_no) = row_of(row.row_id);
        let of_chunk = rows.entry((file_id, row.chunk_id)).or_default();
        of_chunk.insert(row_no);
    }
    rows
}

fn by_payer(
    failed: Vec<FailedRow>,
    holder_of: impl Fn(&FailedRow) -> Option<Holder>,
) -> HeldElsewhere {
    let mut held = HeldElsewhere::new();
    for failed in failed {
        let Some(holder) = holder_of(&failed) else {
            continue;
        };
        let of_payer = held.entry(failed.identifier.clone()).or_default();
        of_payer.push(Elsewhere {
            failed,
            request_id: holder.request_id,
            why: holder.why,
            state: holder.state,
        });
    }
    held
}

/// Rows that were held because a request of nobody might hold a failed row of their payer go on by
/// themselves once none stands in their way: it was worked off, or could be read, and bills somebody
/// else, or another fee. They are judged as they are when they go.
///
/// # Errors
/// The database's.
pub async fn let_go(served: &Served) -> Result<Step, LedgerError> {
    let (ledger, account) = (&served.ledger, &served.account.name);
    let mut held = ledger.held_elsewhere(account, 0).await?;
    if held.is_empty() {
        return Ok(Step::Idle(None));
    }
    if let Some(wait) = served.elsewhere_wait() {
        return Ok(Step::Idle(Some(wait)));
    }
    let mut gone_on = 0;
    'all: while let Some((last_file, last_rows)) = held.last_key_value() {
        let after = row_id(*last_file, last_rows.last().unwrap_or_default());
        for (file_id, rows) in held {
            if served.stopping() {
                break 'all;
            }
            // Read anew but for the first: the others were read with it, just now.
            let failed = ledger.failed_before(account, file_id, &rows).await?;
            match of_failed(served, failed, JUST_NOW).await? {
                Ok(elsewhere) => {
                    let rules = PlanRules {
                        elsewhere,
                        ..served.plan_rules()
                    };
                    let lease = &served.lease;
                    gone_on += ledger
                        .rejudge_elsewhere(lease, file_id, &rows, &rules)
                        .await?;
                }
                Err(error) => {
                    served.not_read(&error).await?;
                    break 'all;
                }
            }
        }
        held = ledger.held_elsewhere(account, after).await?;
    }
    served.elsewhere_looked_at(gone_on > 0);
    Ok(match gone_on {
        0 => Step::Idle(served.elsewhere_wait()),
        _ => Step::Did,
    })
}

/// What requests of nobody may hold of the rows of a file whose calls the hub refused and that are
/// held, before a person's decision lets some of them go.
///
/// # Errors
/// The database's. The inner error: the hub could not be asked.
pub async fn of_held(
    served: &Served,
    file_id: i64,
) -> Result<Result<HeldElsewhere, AskError>, LedgerError> {
    let (ledger, account) = (&served.ledger, &served.account.name);
    let rows = ledger.held_and_called(file_id).await?;
    let failed = ledger.failed_before(account, file_id, &rows).await?;
    of_failed(served, failed, JUST_NOW).await
}

/// Which of these failed rows a request may hold that no chunk owns, by file and row. The inner
/// error: the hub could not be asked, so nothing is known.
///
/// # Errors
/// The database's.
pub async fn holders_of(
    served: &Served,
    failed: &Failed,
) -> Result<Result<Holders, AskError>, LedgerError> {
    if failed.is_empty() {
        return Ok(Ok(Holders::new()));
    }
    let (ledger, account) = (&served.ledger, &served.account);
    let gateway = served.gateway();
    let mut broken = None;
    let reading = async {
        match holders(ledger, account, &*gateway, failed).await {
            Ok(holders) => holders,
            Err(error) => {
                let why = error.to_string();
                broken = Some(error);
                Err(AskError::Ledger(why))
            }
        }
    };
    let holders = served.unless_stopped(reading).await;
    if let Some(error) = broken {
        return Err(error);
    }
    if holders.is_ok() {
        served.reached(None);
        ledger.read_answered(&account.name).await?;
    }
    Ok(holders)
}

async fn holders(
    ledger: &Ledger,
    account: &Account,
    gateway: &dyn Gateway,
    failed: &Failed,
) -> Result<Result<Holders, AskError>, LedgerError> {
    let mut holders = Holders::new();
    let mut doubts = Vec::with_capacity(failed.len());
    for ((file_id, chunk_id), rows) in failed {
        doubts.push(Doubt {
            chunk_id: *chunk_id,
            bills: ledger.bills(*file_id, rows).await?,
            settled: Vec::new(),
        });
    }
    let owned = ledger.owned_requests(&account.login()).await?;
    let looked = match gateway.look_up(&doubts, &owned).await {
        Ok(looked) => looked,
        Err(error) => return Ok(Err(error)),
    };
    for (doubt, (file_id, _)) in doubts.iter().zip(failed.keys()) {
        let obstacles = looked.in_the_way.iter();
        for obstacle in obstacles.filter(|obstacle| obstacle.chunk_id == doubt.chunk_id) {
            let held = match rows_it_may_hold(gateway, doubt, obstacle).await {
                Ok(held) => held,
                Err(error) => return Ok(Err(error)),
            };
            for (row_no, why, state) in held {
                let holder = || Holder {
                    request_id: obstacle.request_id.clone(),
                    why,
                    state,
                };
                holders.entry((*file_id, row_no)).or_insert_with(holder);
            }
        }
    }
    Ok(Ok(holders))
}

/// Which rows of a chunk a request may hold, and why: all of them, unless it is worked off and can
/// be read.
async fn rows_it_may_hold(
    gateway: &dyn Gateway,
    doubt: &Doubt,
    obstacle: &InTheWay,
) -> Result<Vec<(u32, String, Option<RowState>)>, AskError> {
    let rows: Vec<OpenRow> = doubt.bills.iter().map(as_open).collect();
    let all = |why: &str| {
        doubt
            .bills
            .iter()
            .map(|bill| (bill.row_no, why.to_owned(), None))
            .collect()
    };
    if obstacle.is_unread {
        return Ok(all(&obstacle.why));
    }
    match gateway.ask(&obstacle.request_id, &rows).await {
        Ok(reading) if reading.processed => Ok(doubt
            .bills
            .iter()
            .filter_map(|bill| {
                let may_be = |row: &&RowReading| row.row_no == bill.row_no && may_be_billed(row);
                let shown = reading.rows.iter().find(may_be)?;
                let why = Sentence::BillsToo.with(&[&bill.identifier]);
                Some((bill.row_no, why, shown.state))
            })
            .collect()),
        Ok(_) => Ok(all(Sentence::NotWorkedOff.text())),
        Err(AskError::NotFound(why) | AskError::Hidden(why)) => Ok(all(&why)),
        Err(error) => Err(error),
    }
}

/// Another amount or due date is another bill of the payer, and no reason not to send this one; nor
/// is what the hub failed or discarded, or lists with the words of its refusal: a hub may list a
/// request that it refused as a whole.
fn may_be_billed(row: &RowReading) -> bool {
    let is_over = matches!(row.state, Some(RowState::Errored | RowState::Discarded));
    !(row.is_another || row.is_refusal || is_over)
}

fn as_open(bill: &BillRow) -> OpenRow {
    OpenRow::of(bill.clone(), RowState::Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_bill_of_the_failed_row_stands_in_the_way() {
        let shown = |state| RowReading {
            row_no: 1,
            state,
            psid: None,
            payment_id: None,
            message: None,
            is_another: false,
            is_refusal: false,
        };
        for state in [
            None,
            Some(RowState::Accepted),
            Some(RowState::Billed),
            Some(RowState::Paid),
        ] {
            assert!(may_be_billed(&shown(state)), "{state:?}");
        }
        for state in [RowState::Errored, RowState::Discarded] {
            assert!(!may_be_billed(&shown(Some(state))), "{state:?}");
        }
        let another = RowReading {
            is_another: true,
            ..shown(None)
        };
        let refusal = RowReading {
            is_refusal: true,
            ..shown(None)
        };
        assert!(!may_be_billed(&another) && !may_be_billed(&refusal));
    }
}
