//! Bills at the hub that this ledger did not make: what a database that came back from a backup has
//! forgotten, and what others made beside it. They count as billed before, and are asked about as
//! long as the hub may have something new to say of them.

use crate::accounts::Lease;
use crate::billed_before::{BillLine, Earlier, Foreign};
use crate::chunk_lines::ChunkLine;
use crate::db::{Line, Tx, Val, args, sql};
use crate::errors::Result;
use crate::files::FileLine;
use crate::history::{open_chunks_of_keys, payer_key};
use crate::open::Ledger;
use crate::row_id;
use crate::states::RowState;
use crate::step::{Step, once_more};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

pub(crate) mod replaced;

/// A request that was read whole, with all of its bills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRequest {
    /// The hub's number of it.
    pub request_id: String,
    /// Its bills, in the hub's order.
    pub bills: Vec<HubBill>,
}

/// A bill as the hub shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubBill {
    /// The hub's number of the payment.
    pub payment_id: Option<String>,
    /// The payer.
    pub identifier: String,
    /// Paisa; `None`: it can't be read.
    pub amount: Option<i64>,
    /// Paisa after the due date.
    pub late: Option<i64>,
    /// Until when.
    pub due_date: Option<NaiveDate>,
    /// `Accepted`, `Billed`, `Paid`, `Discarded`, `Errored`, or `Unknown` for a word in no list.
    pub state: RowState,
    /// Its PSID, if it has one.
    pub psid: Option<String>,
}

/// A foreign bill, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ForeignBill {
    /// Its number in the ledger.
    pub foreign_id: i64,
    /// Whose.
    pub account: String,
    /// The hub's number of the request.
    pub request_id: String,
    /// The hub's number of the payment.
    pub payment_id: Option<String>,
    /// The payer.
    pub identifier: String,
    /// Paisa.
    #[serde(skip)]
    pub amount: Option<i64>,
    /// Until when.
    pub due_date: Option<NaiveDate>,
    /// Paisa after that.
    #[serde(skip)]
    pub late: Option<i64>,
    /// Where it stands.
    pub state: RowState,
    /// Its PSID.
    pub psid: Option<String>,
    /// When that was written last.
    pub updated_at: DateTime<Utc>,
}

/// Which foreign bills.
#[derive(Debug, Clone, Default)]
pub struct ForeignFilter {
    /// Of this account alone.
    pub account: Option<String>,
    /// Of this payer alone.
    pub identifier: Option<String>,
    /// After this one.
    pub after: i64,
    /// So many at most.
    pub limit: u32,
}

/// A foreign request that the hub is to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignAsk {
    /// The hub's number of it.
    pub request_id: String,
    /// How often it was asked about.
    pub asks: i64,
    /// In how many milliseconds; 0 or less: now.
    pub in_ms: i64,
    /// How long ago it was read, in milliseconds.
    pub read_ms: i64,
}

/// Of a request that is asked about again.
const ASKS: &str = "select request_id, asks, next_ask_at, read_at from foreign_requests";

/// The states of which the hub may have something new to say.
const OPEN: &str = "('accepted', 'billed', 'unknown')";

impl Ledger {
    /// Stores what a reading of a request that no chunk owns shows. States never go back from final,
    /// but that any bill may turn out paid. Answers how many bills are new or changed; a request that
    /// a chunk owns by now is no foreign one, and nothing is stored.
    pub async fn foreign_request_read(
        &self,
        lease: &Lease,
        request: &ForeignRequest,
    ) -> Result<u64> {
        once_more!(self.foreign_request_read_once(lease, request))
    }

    async fn foreign_request_read_once(
        &self,
        lease: &Lease,
        request: &ForeignRequest,
    ) -> Result<u64> {
        let mut step = self.step_under(lease).await?;
        let (account, login) = (step.account.clone(), step.login.clone());
        let owned = "select count(*) from chunks where login = $1 and request_id = $2";
        if step
            .tx
            .number(owned, args![&login, &request.request_id])
            .await?
            > 0
        {
            return Ok(0);
        }
        let newest = "select coalesce(max(file_id), 0) from files where account = $1";
        let newest_file = step.tx.number(newest, args![&account]).await?;
        let mut known = known_bills(&mut step.tx, &login, &request.request_id).await?;
        let (mut changed, mut open, mut awaited) = (0, false, false);
        let mut paid = Vec::new();
        let mut payers = BTreeSet::new();
        for bill in &request.bills {
            let stored = known.get_mut(&same(bill)).and_then(Vec::pop);
            let state = match stored.as_ref().map(|known| known.state) {
                Some(before) => becomes(before, bill.state),
                None => bill.state,
            };
            open |= !state.is_final();
            awaited |= matches!(state, RowState::Accepted | RowState::Unknown);
            match stored {
                Some(before) if before.state == state && before.psid == bill.psid => {}
                Some(before) => {
                    let sql = "update foreign_bills set state = $2, psid = coalesce($3, psid), updated_at = $4 where foreign_id = $1";
                    let values = args![before.foreign_id, state.as_str(), &bill.psid, step.now];
                    step.tx.exec(sql, values).await?;
                    changed += 1;
                    if state == RowState::Paid && before.state != state {
                        paid.push(before.foreign_id);
                    }
                }
                None => {
                    let key = payer_key(&account, &bill.identifier);
                    insert(&mut step, &request.request_id, bill, key, newest_file).await?;
                    payers.insert(key);
                    changed += 1;
                }
            }
        }
        let store = "insert into foreign_requests (login, request_id, account, read_at, asks, next_ask_at) values ($1, $2, $3, $4, 0, $5)
            on conflict (login, request_id) do update set read_at = excluded.read_at, asks = foreign_requests.asks + 1, next_ask_at = excluded.next_ask_at
            returning asks";
        let values = args![
            &login,
            &request.request_id,
            &account,
            step.now,
            open.then_some(step.now)
        ];
        let asks = step.tx.number(store, values).await?;
        if open {
            let later =
                "update foreign_requests set next_ask_at = $3 where login = $1 and request_id = $2";
            let again = step.now + asked_again(asks, awaited);
            step.tx
                .exec(later, args![&login, &request.request_id, again])
                .await?;
        }
        // Bills of ours that these took the place of, or that took theirs: the hub knows which.
        let ours = open_chunks_of_keys(&mut step.tx, &account, payers, i64::MAX).await?;
        let text = format!(
            "update chunks set next_ask_at = $2, asks = 0 where {} and state = 'accepted' and next_ask_at is not null",
            step.tx.is_in("chunk_id", 1)
        );
        let ours: Vec<i64> = ours.into_iter().collect();
        if !ours.is_empty() {
            let now = step.now;
            step.tx.exec(sql(text), args![ours, now]).await?;
        }
        replaced::note(&mut step, &paid).await?;
        step.finish().await?;
        Ok(changed)
    }

    /// The foreign request to ask about soonest.
    pub async fn foreign_next_ask(&self, account: &str) -> Result<Option<ForeignAsk>> {
        let text = format!(
            "{ASKS} where account = $1 and next_ask_at is not null order by next_ask_at, request_id limit 1"
        );
        Ok(self.foreign_asks_in(text, args![account]).await?.pop())
    }

    /// Every foreign request of which the hub may have something new to say, soonest first.
    pub async fn foreign_asks(&self, account: &str) -> Result<Vec<ForeignAsk>> {
        let text = format!(
            "{ASKS} where account = $1 and next_ask_at is not null order by next_ask_at, request_id"
        );
        self.foreign_asks_in(text, args![account]).await
    }

    /// Those that hold open bills of payers in this file: the hub is asked before it is planned.
    pub async fn foreign_asks_of_file(&self, file_id: i64) -> Result<Vec<ForeignAsk>> {
        let mut tx = self.db.read().await?;
        let account = FileLine::need(&mut tx, file_id).await?.account;
        if !has_foreign_bills(&mut tx, &account).await? {
            return Ok(Vec::new());
        }
        drop(tx);
        let text = format!(
            "{ASKS} where account = $1 and request_id in (select b.request_id from foreign_bills b
                join rows r on r.payer_key = b.payer_key
                where b.account = $1 and b.state in {OPEN} and r.row_id > $2 and r.row_id < $3)
             order by request_id"
        );
        let range = args![&account, row_id(file_id, 0), row_id(file_id + 1, 0)];
        self.foreign_asks_in(text, range).await
    }

    /// The same for the rows of a chunk, before it is sent.
    pub async fn foreign_asks_of_chunk(&self, chunk_id: i64) -> Result<Vec<ForeignAsk>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        if !has_foreign_bills(&mut tx, &chunk.account).await? {
            return Ok(Vec::new());
        }
        drop(tx);
        let rows: Vec<i64> = chunk
            .live
            .iter()
            .map(|row_no| row_id(chunk.file_id, row_no))
            .collect();
        let text = format!(
            "{ASKS} where account = $1 and request_id in (select b.request_id from foreign_bills b
                join rows r on r.payer_key = b.payer_key
                where b.account = $1 and b.state in {OPEN} and {})
             order by request_id",
            self.db.read().await?.is_in("r.row_id", 2)
        );
        self.foreign_asks_in(text, args![&chunk.account, rows])
            .await
    }

    /// The reading failed: asked about again after this.
    pub async fn foreign_ask_later(
        &self,
        account: &str,
        request_id: &str,
        wait: Duration,
    ) -> Result<()> {
        let mut step = self.step(account).await?;
        let sql = "update foreign_requests set next_ask_at = $3, asks = asks + 1
            where login = $1 and request_id = $2 and next_ask_at is not null";
        let values = args![&step.login, request_id, step.now + wait];
        step.tx.exec(sql, values).await?;
        step.finish().await
    }

    /// Foreign bills, the oldest first.
    pub async fn foreign_bills(&self, filter: &ForeignFilter) -> Result<Vec<ForeignBill>> {
        let sql = "select foreign_id, account, request_id, payment_id, identifier, amount, due_date, amount_after_due_date, state, psid, updated_at
            from foreign_bills where foreign_id > $1 and ($2 = '' or account = $2) and ($3 = '' or identifier = $3)
            order by foreign_id limit $4";
        let values = args![
            filter.after,
            filter.account.as_deref().unwrap_or_default(),
            filter.identifier.as_deref().unwrap_or_default(),
            filter.limit
        ];
        let lines = self.db.read().await?.rows(sql, values).await?;
        lines.iter().map(read).collect()
    }

    /// How many foreign bills of an account there are, and how many of them are still to be paid or
    /// being made.
    pub async fn foreign_count(&self, account: &str) -> Result<(i64, i64)> {
        let text = format!(
            "select count(*), count(case when state in {OPEN} then 1 end) from foreign_bills where account = $1"
        );
        let line = self.db.read().await?.row(sql(text), args![account]).await?;
        line.map_or(Ok((0, 0)), |line| Ok((line.int(0)?, line.int(1)?)))
    }

    async fn foreign_asks_in(&self, text: String, values: Vec<Val>) -> Result<Vec<ForeignAsk>> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let lines = tx.rows(sql(text), values).await?;
        lines
            .iter()
            .map(|line| {
                let at: Option<DateTime<Utc>> = line.get(2)?;
                let read: DateTime<Utc> = line.get(3)?;
                Ok(ForeignAsk {
                    request_id: line.text(0)?,
                    asks: line.int(1)?,
                    in_ms: at.map_or(0, |at| (at - now).num_milliseconds()),
                    read_ms: (now - read).num_milliseconds(),
                })
            })
            .collect()
    }
}

/// Has the account any bill that the ledger did not make?
pub(crate) async fn has_foreign_bills(tx: &mut Tx, account: &str) -> Result<bool> {
    let sql =
        "select count(*) from (select 1 from foreign_requests where account = $1 limit 1) as x";
    Ok(tx.number(sql, args![account]).await? > 0)
}

/// Adds the foreign bills of each bill's payer, by the bill's row id, as earlier ones.
///
/// The hub's list of a request has no titles: an unpaid bill with the row's values is the same bill.
pub(crate) async fn add_foreign_bills(
    tx: &mut Tx,
    account: &str,
    bills: &[BillLine],
    found: &mut HashMap<i64, Vec<Earlier>>,
) -> Result<()> {
    if !has_foreign_bills(tx, account).await? {
        return Ok(());
    }
    let mut by_identifier: HashMap<&str, Vec<&BillLine>> = HashMap::new();
    for bill in bills {
        let of_payer = by_identifier.entry(bill.identifier.trim()).or_default();
        of_payer.push(bill);
    }
    let keys: BTreeSet<i64> = by_identifier
        .keys()
        .map(|payer| payer_key(account, payer))
        .collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let text = format!(
        "select foreign_id, request_id, payment_id, identifier, amount, due_date, amount_after_due_date, state, psid, after_row
         from foreign_bills where {} and account = $2 and state not in ('errored', 'discarded') order by foreign_id",
        tx.is_in("payer_key", 1)
    );
    for line in tx.rows(sql(text), args![keys, account]).await? {
        let identifier = line.text(3)?;
        let (amount, late): (Option<i64>, Option<i64>) = (line.get(4)?, line.get(6)?);
        let due_date: Option<NaiveDate> = line.get(5)?;
        let state: RowState = line.word(7)?;
        let after_row = line.int(9)?;
        let foreign = Foreign {
            foreign_id: line.int(0)?,
            request_id: line.text(1)?,
            payment_id: line.get(2)?,
        };
        let psid: Option<String> = line.get(8)?;
        for bill in by_identifier.get(identifier.as_str()).into_iter().flatten() {
            // A bill whose values can't be read may be any bill of the payer.
            let (state, amount, late, due_date) = match (amount, late, due_date) {
                (Some(amount), Some(late), Some(due_date)) => (state, amount, late, due_date),
                _ => (RowState::Unknown, 0, 0, NaiveDate::MIN),
            };
            found.entry(bill.row_id).or_default().push(Earlier {
                row_id: after_row.min(bill.row_id - 1),
                file_name: String::new(),
                row_number: 0,
                title: bill.title.clone(),
                amount,
                due_date,
                late,
                state,
                psid: psid.clone(),
                out_of_sight: None,
                foreign: Some(foreign.clone()),
            });
        }
    }
    Ok(())
}

/// The request has an owner now: its bills are rows of ours.
pub(crate) async fn not_foreign(step: &mut Step, request_id: &str) -> Result<()> {
    let login = step.login.clone();
    for sql in [
        "delete from foreign_bills where login = $1 and request_id = $2",
        "delete from foreign_requests where login = $1 and request_id = $2",
    ] {
        step.tx.exec(sql, args![&login, request_id]).await?;
    }
    Ok(())
}

/// A bill of a request that is known already.
struct Known {
    foreign_id: i64,
    state: RowState,
    psid: Option<String>,
}

/// What tells one bill of a request from another: the payment's number, or else payer and day.
type Same = (Option<String>, String, Option<NaiveDate>);

fn same(bill: &HubBill) -> Same {
    match &bill.payment_id {
        Some(id) => (Some(id.clone()), String::new(), None),
        None => (None, bill.identifier.clone(), bill.due_date),
    }
}

async fn known_bills(
    tx: &mut Tx,
    login: &str,
    request_id: &str,
) -> Result<HashMap<Same, Vec<Known>>> {
    let sql = "select foreign_id, payment_id, identifier, due_date, state, psid from foreign_bills
        where login = $1 and request_id = $2 order by foreign_id desc";
    let mut known: HashMap<Same, Vec<Known>> = HashMap::new();
    for line in tx.rows(sql, args![login, request_id]).await? {
        let payment_id: Option<String> = line.get(1)?;
        let key = match payment_id {
            Some(id) => (Some(id), String::new(), None),
            None => (None, line.text(2)?, line.get(3)?),
        };
        known.entry(key).or_default().push(Known {
            foreign_id: line.int(0)?,
            state: line.word(4)?,
            psid: line.get(5)?,
        });
    }
    Ok(known)
}

async fn insert(
    step: &mut Step,
    request_id: &str,
    bill: &HubBill,
    key: i64,
    newest_file: i64,
) -> Result<()> {
    let sql = "insert into foreign_bills (account, login, request_id, payment_id, payer_key, identifier, amount, amount_after_due_date, due_date, state, psid, after_row, stored_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
    let values = args![
        &step.account,
        &step.login,
        request_id,
        &bill.payment_id,
        key,
        &bill.identifier,
        bill.amount,
        bill.late,
        bill.due_date,
        bill.state.as_str(),
        &bill.psid,
        row_id(newest_file + 1, 0),
        step.now
    ];
    step.tx.exec(sql, values).await?;
    Ok(())
}

/// What a bill that stood `before` is when the hub now calls it `now`.
fn becomes(before: RowState, now: RowState) -> RowState {
    use RowState::{Accepted, Billed, Paid, Unknown};
    match (before, now) {
        (_, Paid) => Paid,
        (Unknown | Accepted, now) => now,
        // A reading that is older than what is known already, or a word in no list.
        (Billed, Accepted | Unknown) => Billed,
        (Billed, now) => now,
        (before, _) => before,
    }
}

/// Soon at first while it is being made, then ever more rarely.
fn asked_again(asks: i64, awaited: bool) -> Duration {
    let first = if awaited { 2 } else { 60 };
    let doublings = u32::try_from(asks.clamp(0, 16)).unwrap_or(16);
    Duration::from_secs((first << doublings).min(24 * 3600))
}

fn read(line: &Line) -> Result<ForeignBill> {
    Ok(ForeignBill {
        foreign_id: line.int(0)?,
        account: line.text(1)?,
        request_id: line.text(2)?,
        payment_id: line.get(3)?,
        identifier: line.text(4)?,
        amount: line.get(5)?,
        due_date: line.get(6)?,
        late: line.get(7)?,
        state: line.word(8)?,
        psid: line.get(9)?,
        updated_at: line.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_bill_never_goes_back_from_final_but_to_paid() {
        use RowState::*;
        for before in [Paid, Discarded, Errored] {
            for now in [Accepted, Billed, Unknown, Discarded, Errored] {
                assert_eq!(becomes(before, now), before, "{before} told {now}");
            }
            assert_eq!(becomes(before, Paid), Paid);
        }
        assert_eq!(becomes(Billed, Accepted), Billed);
        assert_eq!(becomes(Billed, Discarded), Discarded);
        assert_eq!(becomes(Unknown, Billed), Billed);
    }

    #[test]
    fn what_is_being_made_is_asked_about_soon_and_nothing_more_rarely_than_daily() {
        assert_eq!(asked_again(0, true), Duration::from_secs(2));
        assert_eq!(asked_again(0, false), Duration::from_secs(60));
        assert_eq!(asked_again(1_000, true), Duration::from_secs(24 * 3600));
    }
}
