//! Which requests the hub is asked about, and when: open rows in their turn, and earlier bills of
//! an identifier before a new one is judged.

use crate::callbacks::calls_are_ours;
use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, Val, args, sql};
use crate::errors::Result;
use crate::files::FileLine;
use crate::foreign_bills::replaced::ask_at_once;
use crate::history::{has_history, open_chunks_of_keys, payer_key, payers_of};
use crate::open::Ledger;
use crate::row_id;
use crate::step::Step;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::time::Duration;

/// A request the hub is to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskLine {
    /// The chunk.
    pub chunk_id: i64,
    /// The hub's number for it.
    pub request_id: String,
    /// Whose rows.
    pub file_id: i64,
    /// How often it was asked.
    pub asks: i64,
    /// In how many milliseconds; 0 or less: now.
    pub in_ms: i64,
    /// How long ago the hub took it, in milliseconds.
    pub taken_ms: i64,
}

const ASK_COLUMNS: &str = "select chunk_id, request_id, file_id, asks, next_ask_at, coalesce(answered_at, planned_at) from chunks";

/// Rows of one block when a whole file's earlier bills are sought.
const BLOCK_ROWS: i64 = 5_000;

impl Ledger {
    /// The request to ask about soonest.
    pub async fn next_ask(&self, account: &str) -> Result<Option<AskLine>> {
        let mut tx = self.db.read().await?;
        let text = format!(
            "{ASK_COLUMNS} where account = $1 and state = 'accepted' and next_ask_at is not null and request_id is not null order by next_ask_at, chunk_id limit 1"
        );
        Ok(asks_in(&mut tx, text, args![account]).await?.pop())
    }

    /// Every request that was taken, soonest to be asked first; of a file alone where one is given.
    pub async fn asks(&self, account: &str, file_id: Option<i64>) -> Result<Vec<AskLine>> {
        let mut tx = self.db.read().await?;
        let text = format!(
            "{ASK_COLUMNS} where account = $1 and state = 'accepted' and request_id is not null and ($2 = 0 or file_id = $2) order by next_ask_at, chunk_id"
        );
        asks_in(&mut tx, text, args![account, file_id.unwrap_or(0)]).await
    }

    /// Every request of which the hub may still have something to say by itself, soonest to be asked
    /// first; of a file alone where one is given.
    pub async fn open_asks(&self, account: &str, file_id: Option<i64>) -> Result<Vec<AskLine>> {
        let mut tx = self.db.read().await?;
        let text = format!(
            "{ASK_COLUMNS} where account = $1 and state = 'accepted' and next_ask_at is not null and request_id is not null and ($2 = 0 or file_id = $2) order by next_ask_at, chunk_id"
        );
        asks_in(&mut tx, text, args![account, file_id.unwrap_or(0)]).await
    }

    /// The requests that hold earlier, open bills of the identifiers in this file: the hub is
    /// asked about them before the file is planned. Cheap if the account has no earlier rows.
    pub async fn earlier_chunks(&self, file_id: i64) -> Result<Vec<AskLine>> {
        let mut tx = self.db.read().await?;
        let file = FileLine::need(&mut tx, file_id).await?;
        if !has_history(&mut tx, &file.account, file_id).await? {
            return Ok(Vec::new());
        }
        let (mut after, end) = (row_id(file_id, 0), row_id(file_id + 1, 0));
        let mut chunks = BTreeSet::new();
        loop {
            let page = "from (select row_id, payer_key from rows
                where row_id > $1 and row_id < $2 and chunk_no is not null order by row_id limit $3) as x";
            let found: Vec<(i64, Option<i64>)> = tx
                .tuples("row_id, payer_key", page, args![after, end, BLOCK_ROWS])
                .await?;
            let Some(last) = found.iter().map(|(row, _)| *row).max() else {
                break;
            };
            after = last;
            let keys = found.into_iter().filter_map(|(_, key)| key).collect();
            chunks.extend(open_chunks_of_keys(&mut tx, &file.account, keys, last).await?);
        }
        asks_by_id(&mut tx, chunks).await
    }

    /// The same for the rows of one chunk, before it is sent.
    pub async fn earlier_chunks_of(&self, chunk_id: i64) -> Result<Vec<AskLine>> {
        let mut tx = self.db.read().await?;
        let chunk = ChunkLine::need(&mut tx, chunk_id).await?;
        if !has_history(&mut tx, &chunk.account, chunk.file_id).await? {
            return Ok(Vec::new());
        }
        let Some(newest) = chunk.live.last() else {
            return Ok(Vec::new());
        };
        let newest = row_id(chunk.file_id, newest);
        let keys = payers_of(&mut tx, chunk.file_id, &chunk.live).await?;
        let mut chunks = open_chunks_of_keys(&mut tx, &chunk.account, keys, newest).await?;
        chunks.remove(&chunk_id);
        asks_by_id(&mut tx, chunks).await
    }

    /// The same for payers whose rows are not stored: the requests that hold open bills of these
    /// identifiers now.
    pub async fn open_chunks_of_payers(
        &self,
        account: &str,
        identifiers: &[&str],
    ) -> Result<BTreeSet<i64>> {
        let keys: BTreeSet<i64> = identifiers.iter().map(|i| payer_key(account, i)).collect();
        open_chunks_of_keys(&mut self.db.read().await?, account, keys, i64::MAX).await
    }

    /// These chunks, as far as the hub can be asked about them.
    pub async fn asks_of_chunks(&self, chunks: &BTreeSet<i64>) -> Result<Vec<AskLine>> {
        asks_by_id(&mut self.db.read().await?, chunks.clone()).await
    }

    /// Whoever serves the account asks about these requests as soon as it can, even where nothing
    /// of them was open any more.
    pub async fn ask_soon(&self, account: &str, chunks: &BTreeSet<i64>) -> Result<()> {
        let mut step = self.step(account).await?;
        let text = format!(
            "update chunks set next_ask_at = $2 where {} and account = $3 and state = 'accepted' and request_id is not null
               and (next_ask_at is null or next_ask_at > $2)",
            step.tx.is_in("chunk_id", 1)
        );
        let ids: Vec<i64> = chunks.iter().copied().collect();
        let values = args![ids.clone(), step.now, account];
        step.tx.exec(sql(text), values).await?;
        calls_are_ours(&mut step, &ids).await?;
        step.finish().await
    }

    /// The reading failed: ask again later.
    pub async fn ask_later(&self, chunk_id: i64, ask_in: Duration) -> Result<()> {
        let mut step = self.step_of_chunk(chunk_id).await?;
        step.tx
            .exec(
                "update chunks set next_ask_at = $2 where chunk_id = $1 and next_ask_at is not null",
                args![chunk_id, step.now + ask_in],
            )
            .await?;
        step.finish().await
    }
}

/// The chunk's rows replace older, unpaid bills: the hub is asked about those at once, because one
/// may have been paid in the meantime.
pub(crate) async fn ask_about_replaced(step: &mut Step, chunk: &ChunkLine) -> Result<()> {
    let (Some(first), Some(last)) = (chunk.members.first(), chunk.members.last()) else {
        return Ok(());
    };
    let older = step
        .tx
        .rows(
            "select distinct o.chunk_id from row_state s join row_facts o on o.row_id = s.replaces
             where s.row_id >= $1 and s.row_id <= $2 and s.replaces is not null and o.chunk_id is not null",
            args![row_id(chunk.file_id, first), row_id(chunk.file_id, last)],
        )
        .await?;
    for line in older {
        step.tx
            .exec(
                "update chunks set next_ask_at = $2, asks = 0 where chunk_id = $1 and state = 'accepted' and next_ask_at is not null",
                args![line.int(0)?, step.now],
            )
            .await?;
    }
    ask_at_once(step, chunk).await
}

async fn asks_in(tx: &mut Tx, text: String, values: Vec<Val>) -> Result<Vec<AskLine>> {
    let now = tx.now().await?;
    let lines = tx.rows(sql(text), values).await?;
    lines
        .iter()
        .map(|line| {
            let at: Option<DateTime<Utc>> = line.get(4)?;
            let taken: DateTime<Utc> = line.get(5)?;
            Ok(AskLine {
                chunk_id: line.int(0)?,
                request_id: line.text(1)?,
                file_id: line.int(2)?,
                asks: line.int(3)?,
                in_ms: at.map_or(0, |at| (at - now).num_milliseconds()),
                taken_ms: (now - taken).num_milliseconds(),
            })
        })
        .collect()
}

async fn asks_by_id(tx: &mut Tx, chunks: BTreeSet<i64>) -> Result<Vec<AskLine>> {
    let ids: Vec<i64> = chunks.into_iter().collect();
    let text = format!(
        "{ASK_COLUMNS} where {} and state = 'accepted' and request_id is not null order by chunk_id",
        tx.is_in("chunk_id", 1)
    );
    asks_in(tx, text, args![ids]).await
}
