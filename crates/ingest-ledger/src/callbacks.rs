//! What a hub told us of its own accord, as it came. Nothing of it is believed: the requests it
//! names become due to be asked about, and that is all it ever does.
//!
//! Anyone who knows the address may post, so everything has a bound: what waits and what is kept,
//! how often one request is asked about because of callbacks, and how many of the account's reads
//! they may take (every other one at most).

use crate::accounts::{Lease, even_place};
use crate::db::{Tx, Val, args, sql};
use crate::errors::Result;
use crate::history::payer_key;
use crate::open::Ledger;
use crate::step::{Step, once_more};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::time::Duration;

/// Callbacks of an account that may wait to be heard, and their bytes together; more are not taken.
pub const CALLBACKS_WAITING_MAX: i64 = 10_000;
const WAITING_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// Callbacks of an account that are kept after they were heard, and their bytes together.
pub const CALLBACKS_KEPT_MAX: i64 = 10_000;
const KEPT_BYTES_MAX: i64 = 32 * 1024 * 1024;
/// How long they are kept.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// A request is asked about again because of a callback after this at the soonest: whoever pays
/// meanwhile is in the same reading.
const CALLED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Rows of a name, newest first, that are looked at, on an average of all the names.
const ROWS_PER_NAME: usize = 50;
/// A name longer than this is none of ours.
const NAME_BYTES_MAX: usize = 512;

/// A callback as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCallback {
    /// For which account.
    pub account: String,
    /// The gateway's word for what it is about.
    pub kind: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// Of the body.
    pub sha256: [u8; 32],
}

/// What became of a callback that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is stored.
    Stored,
    /// The very same one waits to be heard already.
    Already,
    /// Too many wait: it was not stored.
    Full,
}

/// A stored callback that was not heard yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackLine {
    /// Its number.
    pub callback_id: i64,
    /// The gateway's word for what it is about.
    pub kind: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// What callbacks name, as far as they can be read: hints, each of them perhaps a lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallbackNames {
    /// The hub's numbers of requests.
    pub request_ids: Vec<String>,
    /// PSIDs.
    pub psids: Vec<String>,
    /// Payers.
    pub identifiers: Vec<String>,
}

/// What an account has of callbacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CallbackCounts {
    /// Stored, and not heard yet.
    pub waiting: i64,
    /// Heard, and still kept.
    pub kept: i64,
    /// When the newest came.
    pub newest_at: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Stores callbacks, durably and all in one transaction; answers for each what became of it.
    pub async fn callbacks_store(&self, new: &[NewCallback]) -> Result<Vec<Kept>> {
        once_more!(self.callbacks_store_once(new))
    }

    async fn callbacks_store_once(&self, new: &[NewCallback]) -> Result<Vec<Kept>> {
        let mut tx = self.db.write().await?;
        let now = tx.now().await?;
        // Always in one order: two processes that store the same repeats would wait for each other.
        let mut order: Vec<usize> = (0..new.len()).collect();
        order.sort_by_key(|&at| (&new[at].account, &new[at].kind, new[at].sha256));
        let mut kept = vec![Kept::Full; new.len()];
        let mut room: Option<(&str, Room)> = None;
        for at in order {
            let callback = &new[at];
            let size = i64::try_from(callback.body.len()).unwrap_or(i64::MAX);
            let left = match room {
                Some((account, left)) if account == callback.account => left,
                _ => Room::of(&mut tx, &callback.account).await?,
            };
            room = Some((&callback.account, left));
            if left.callbacks <= 0 || left.bytes < size {
                continue;
            }
            let stored = tx
                .exec(
                    "insert into callbacks (account, kind, body, size, sha256, received_at) values ($1, $2, $3, $4, $5, $6)
                     on conflict (account, kind, sha256) where processed_at is null do nothing",
                    args![
                        &callback.account,
                        &callback.kind,
                        callback.body.as_slice(),
                        size,
                        callback.sha256.as_slice(),
                        now
                    ],
                )
                .await?;
            kept[at] = Kept::Already;
            if stored > 0 {
                kept[at] = Kept::Stored;
                let left = Room {
                    callbacks: left.callbacks - 1,
                    bytes: left.bytes - size,
                };
                room = Some((&callback.account, left));
            }
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// The account's oldest callbacks that were not heard yet.
    pub async fn callbacks_waiting(&self, account: &str, limit: u32) -> Result<Vec<CallbackLine>> {
        let mut tx = self.db.read().await?;
        let lines = tx
            .rows(
                "select callback_id, kind, body from callbacks where account = $1 and processed_at is null order by callback_id limit $2",
                args![account, limit],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                Ok(CallbackLine {
                    callback_id: line.int(0)?,
                    kind: line.text(1)?,
                    body: line.get(2)?,
                })
            })
            .collect()
    }

    /// These callbacks were heard: the requests that they name, and those that hold bills of the
    /// payers they name, become due to be asked about. Answers how many did. Names that nobody
    /// knows change nothing.
    ///
    /// One request is called for every few seconds at most, and all of them together take every
    /// other place of `reads_per_minute` at most.
    pub async fn callbacks_heard(
        &self,
        lease: &Lease,
        heard: &[i64],
        names: &CallbackNames,
        reads_per_minute: u32,
    ) -> Result<u64> {
        once_more!(self.callbacks_heard_once(lease, heard, names, reads_per_minute))
    }

    async fn callbacks_heard_once(
        &self,
        lease: &Lease,
        heard: &[i64],
        names: &CallbackNames,
        reads_per_minute: u32,
    ) -> Result<u64> {
        let mut step = self.step_under(lease).await?;
        let chunks = chunks_named(&mut step, names).await?;
        let due = call_for(&mut step, &chunks, even_place(reads_per_minute) * 2).await?;
        let text = format!(
            "update callbacks set processed_at = $2 where {} and processed_at is null",
            step.tx.is_in("callback_id", 1)
        );
        step.tx
            .exec(sql(text), args![heard.to_vec(), step.now])
            .await?;
        step.finish().await?;
        Ok(due)
    }

    /// Deletes heard callbacks of the account that are too old or too many, the oldest first;
    /// answers how many.
    pub async fn callbacks_sweep(&self, account: &str) -> Result<u64> {
        let mut tx = self.db.write().await?;
        let oldest = tx.now().await? - KEPT_FOR;
        let gone = tx
            .exec(
                "delete from callbacks where callback_id in (
                    select x.callback_id from (
                        select callback_id, processed_at,
                            row_number() over (order by callback_id desc) as nth,
                            sum(size) over (order by callback_id desc) as bytes
                        from callbacks where account = $1 and processed_at is not null
                    ) as x where x.nth > $2 or x.bytes > $3 or x.processed_at < $4)",
                args![account, CALLBACKS_KEPT_MAX, KEPT_BYTES_MAX, oldest],
            )
            .await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// What the account has of callbacks.
    pub async fn callback_counts(&self, account: &str) -> Result<CallbackCounts> {
        let mut tx = self.db.read().await?;
        let line = tx
            .row(
                "select count(*) filter (where processed_at is null), count(*) filter (where processed_at is not null), max(received_at)
                 from callbacks where account = $1",
                args![account],
            )
            .await?;
        let Some(line) = line else {
            return Ok(CallbackCounts::default());
        };
        Ok(CallbackCounts {
            waiting: line.int(0)?,
            kept: line.int(1)?,
            newest_at: line.get(2)?,
        })
    }
}

/// How much more of an account may wait.
#[derive(Clone, Copy)]
struct Room {
    callbacks: i64,
    bytes: i64,
}

impl Room {
    async fn of(tx: &mut Tx, account: &str) -> Result<Room> {
        let waiting = tx
            .row(
                "select count(*), cast(coalesce(sum(size), 0) as bigint) from callbacks where account = $1 and processed_at is null",
                args![account],
            )
            .await?;
        let (callbacks, bytes) = match waiting {
            Some(line) => (line.int(0)?, line.int(1)?),
            None => (0, 0),
        };
        Ok(Room {
            callbacks: CALLBACKS_WAITING_MAX - callbacks,
            bytes: WAITING_BYTES_MAX - bytes,
        })
    }
}

/// The request of this chunk was read: whatever called for that is answered. Was anything? It was
/// asked about now, even where its place was still to come: a later call has a place of its own.
pub(crate) async fn call_answered(step: &mut Step, chunk_id: i64) -> Result<bool> {
    let answered = step
        .tx
        .exec(
            "update called_requests set waiting = false, called_at = $2 where chunk_id = $1 and waiting",
            args![chunk_id, step.now],
        )
        .await?;
    Ok(answered > 0)
}

/// Somebody of ours waits for these requests to be read now: that reading is not a callback's, and
/// counts; a later call has a place of its own.
pub(crate) async fn calls_are_ours(step: &mut Step, chunks: &[i64]) -> Result<()> {
    let text = format!(
        "update called_requests set waiting = false, called_at = $2 where {} and waiting",
        step.tx.is_in("chunk_id", 1)
    );
    let values = args![chunks.to_vec(), step.now];
    step.tx.exec(sql(text), values).await?;
    Ok(())
}

/// The account's taken chunks that callbacks name: by the request's number, or because they hold a
/// bill with that PSID, or of that payer, of which the hub may have something new to say.
async fn chunks_named(step: &mut Step, names: &CallbackNames) -> Result<BTreeSet<i64>> {
    let (account, login) = (step.account.clone(), step.login.clone());
    let tx = &mut step.tx;
    let mut chunks = BTreeSet::new();
    let request_ids = usable(&names.request_ids);
    if !request_ids.is_empty() {
        let text = format!(
            "select chunk_id from chunks where login = $1 and account = $2 and state = 'accepted' and {}",
            is_text_in(tx, "request_id", 3)
        );
        let list = texts(tx, request_ids);
        let values = vec![Val::from(&login), Val::from(&account), list];
        for line in tx.rows(sql(text), values).await? {
            chunks.insert(line.int(0)?);
        }
    }
    let mut rows = BTreeSet::new();
    let psids = usable(&names.psids);
    if !psids.is_empty() {
        let text = format!(
            "select row_id from row_state where {} order by row_id desc limit {}",
            is_text_in(tx, "psid", 1),
            psids.len() * ROWS_PER_NAME
        );
        let list = texts(tx, psids);
        for line in tx.rows(sql(text), vec![list]).await? {
            rows.insert(line.int(0)?);
        }
    }
    let identifiers: BTreeSet<String> = usable(&names.identifiers).into_iter().collect();
    if !identifiers.is_empty() {
        let keys: BTreeSet<i64> = identifiers.iter().map(|i| payer_key(&account, i)).collect();
        let text = format!(
            "select row_id, identifier from rows where {} order by row_id desc limit {}",
            tx.is_in("payer_key", 1),
            identifiers.len() * ROWS_PER_NAME
        );
        let keys: Vec<i64> = keys.into_iter().collect();
        for line in tx.rows(sql(text), args![keys]).await? {
            if identifiers.contains(&line.text(1)?) {
                rows.insert(line.int(0)?);
            }
        }
    }
    if !rows.is_empty() {
        let text = format!(
            "select distinct chunk_id from row_facts where {} and account = $2 and request_id is not null
               and state in ('accepted', 'billed', 'unknown', 'rejected', 'errored', 'corrected')",
            tx.is_in("row_id", 1)
        );
        let rows: Vec<i64> = rows.into_iter().collect();
        for line in tx.rows(sql(text), args![rows, &account]).await? {
            chunks.insert(line.int(0)?);
        }
    }
    Ok(chunks)
}

/// Makes these chunks due, each at its own place; answers how many are asked about sooner for it.
async fn call_for(step: &mut Step, chunks: &BTreeSet<i64>, apart: Duration) -> Result<u64> {
    if chunks.is_empty() {
        return Ok(0);
    }
    let newest = "select max(called_at) from called_requests where account = $1";
    let newest = step.tx.row(newest, args![&step.account]).await?;
    let newest: Option<DateTime<Utc>> = newest.map_or(Ok(None), |line| line.get(0))?;
    let mut free = newest.map_or(step.now, |at| at + apart);
    let mut due = 0;
    for &chunk_id in chunks {
        let called = "select called_at, waiting from called_requests where chunk_id = $1";
        let called: Option<(DateTime<Utc>, bool)> =
            match step.tx.row(called, args![chunk_id]).await? {
                Some(line) => Some((line.get(0)?, line.get(1)?)),
                None => None,
            };
        if called.is_some_and(|(at, waiting)| waiting && at > step.now) {
            continue; // its place is still to come
        }
        let again = called.map_or(step.now, |(at, _)| at + CALLED_AGAIN_AFTER);
        let at = step.now.max(again).max(free);
        let sooner = step
            .tx
            .exec(
                "update chunks set next_ask_at = $2 where chunk_id = $1 and state = 'accepted' and request_id is not null
                   and (next_ask_at is null or next_ask_at > $2)",
                args![chunk_id, at],
            )
            .await?;
        if sooner == 0 {
            continue; // it is asked about sooner by itself
        }
        step.tx
            .exec(
                "insert into called_requests (chunk_id, account, called_at, waiting) values ($1, $2, $3, true)
                 on conflict (chunk_id) do update set called_at = excluded.called_at, waiting = true",
                args![chunk_id, &step.account, at],
            )
            .await?;
        free = at + apart;
        due += 1;
    }
    Ok(due)
}

/// The names that may be names: no database takes a NUL in a text, and nobody has a name so long.
fn usable(names: &[String]) -> Vec<String> {
    let may_be =
        |name: &&String| !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains('\0');
    names.iter().filter(may_be).cloned().collect()
}

/// `column` is one of the texts in the list bound as `$n`.
fn is_text_in(tx: &Tx, column: &str, n: usize) -> String {
    tx.pick(
        format!("{column} = any(${n})"),
        format!("{column} in (select value from json_each(${n}))"),
    )
}

fn texts(tx: &Tx, list: Vec<String>) -> Val {
    let json = || serde_json::Value::from(list.clone()).to_string();
    match tx.engine() {
        crate::Engine::Postgres => Val::Texts(list.into_iter().map(Some).collect()),
        crate::Engine::Sqlite => Val::Text(Some(json())),
    }
}
