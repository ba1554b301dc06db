//! Requests that the hub took and does not show any more. What was billed in them can't be asked
//! about, so rows that meet such a bill wait, and a person sees which request it is.

use crate::chunk_lines::ChunkLine;
use crate::db::{Tx, args};
use crate::errors::Result;
use crate::open::Ledger;
use crate::outcomes::state_in;
use crate::row_lines::{CONFIRMED, SAID, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::states::RowState;
use crate::step::Step;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::time::Duration;

/// Rows that the hub took in a request which it has not shown for so long are in doubt.
const DOUBTED_AFTER: Duration = Duration::from_secs(10 * 60);

/// A request that is out of sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenLine {
    /// Whose.
    pub account: String,
    /// The chunk.
    pub chunk_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// The file's name.
    pub file_name: String,
    /// The hub's number for it.
    pub request_id: String,
    /// Since when, by the database's clock.
    pub since: DateTime<Utc>,
    /// What the hub said when it was asked.
    pub why: String,
    /// Rows that are held because of it.
    pub rows_held: i64,
}

impl Ledger {
    /// The hub does not show this chunk's request. Remembered until a reading of it is stored;
    /// asked again after as long as it has been so, within `again` (the shortest wait and the
    /// longest). Answers for how long that is.
    pub async fn unseen(
        &self,
        chunk_id: i64,
        why: &str,
        again: (Duration, Duration),
    ) -> Result<Duration> {
        let mut step = self.step_of_chunk(chunk_id).await?;
        step.tx
            .exec(
                "insert into unseen_requests (chunk_id, account, since, why) values ($1, $2, $3, $4) on conflict (chunk_id) do nothing",
                args![chunk_id, &step.account, step.now, why],
            )
            .await?;
        let since = "select since from unseen_requests where chunk_id = $1";
        let line = step.tx.row(since, args![chunk_id]).await?;
        let since: Option<DateTime<Utc>> = line.map(|line| line.get(0)).transpose()?;
        let age = since.and_then(|since| (step.now - since).to_std().ok());
        let age = age.unwrap_or_default();
        // A chunk of which nothing was open is asked about, too: rows may wait to see it.
        step.tx
            .exec(
                "update chunks set next_ask_at = $2 where chunk_id = $1 and state = 'accepted'",
                args![chunk_id, step.now + age.clamp(again.0, again.1)],
            )
            .await?;
        let mut chunk = ChunkLine::need(&mut step.tx, chunk_id).await?;
        if age >= DOUBTED_AFTER {
            doubt_what_it_took(&mut step, &mut chunk).await?;
        }
        step.touch_quietly(chunk.file_id);
        step.finish().await?;
        Ok(age)
    }

    /// Every request that is out of sight, and how many rows wait because of it.
    pub async fn unseen_list(&self) -> Result<Vec<UnseenLine>> {
        let mut tx = self.db.read().await?;
        let lines = tx
            .rows(
                "select u.account, u.chunk_id, c.file_id, f.file_name, coalesce(c.request_id, ''), u.since, u.why,
                    (select count(*) from held_rows h join row_state s on s.row_id = h.row_id
                     join row_facts e on e.row_id = s.waits_for
                     where h.account = u.account and h.kind = 'unseen' and e.chunk_id = u.chunk_id)
                 from unseen_requests u join chunks c on c.chunk_id = u.chunk_id
                 join files f on f.file_id = c.file_id order by u.since, u.chunk_id",
                args![],
            )
            .await?;
        lines
            .iter()
            .map(|line| {
                Ok(UnseenLine {
                    account: line.text(0)?,
                    chunk_id: line.int(1)?,
                    file_id: line.int(2)?,
                    file_name: line.text(3)?,
                    request_id: line.text(4)?,
                    since: line.get(5)?,
                    why: line.text(6)?,
                    rows_held: line.int(7)?,
                })
            })
            .collect()
    }
}

/// The hub said that it took these rows, and has not shown the request since: they may be there or
/// not, so a person may say. A reading of the request outweighs that.
async fn doubt_what_it_took(step: &mut Step, chunk: &mut ChunkLine) -> Result<()> {
    let file_id = chunk.file_id;
    let mut lines = lines_of(&mut step.tx, file_id, &chunk.members).await?;
    let accepted: RowSet = chunk
        .members
        .iter()
        .filter(|n| state_in(chunk, *n, lines.get(n)) == Some(RowState::Accepted))
        // A person has decided these, knowing that.
        .filter(|n| lines.get(n).is_none_or(|line| line.absent != SAID))
        .collect();
    if accepted.is_empty() {
        return Ok(());
    }
    let request = chunk.request_id.as_deref().unwrap_or_default();
    let says = Sentence::RequestGone.with(&[request]);
    for row_no in accepted.iter() {
        let line = line_mut(&mut lines, file_id, row_no);
        line.own(RowState::Unknown, Some(says.clone()));
        line.absent = CONFIRMED; // no number of readings that lack it makes it refused
    }
    let these = lines.values().filter(|l| accepted.contains(l.row_no()));
    save_lines(step, these).await?;
    step.moved(
        file_id,
        Some(RowState::Accepted),
        RowState::Unknown,
        &accepted,
    );
    chunk.live = chunk.live.subtract(&accepted);
    chunk.save(step).await
}

/// The chunks of an account whose requests are out of sight: nearly always none.
pub(crate) async fn unseen_of(tx: &mut Tx, account: &str) -> Result<BTreeSet<i64>> {
    let sql = "select chunk_id from unseen_requests where account = $1";
    let lines = tx.rows(sql, args![account]).await?;
    lines.iter().map(|line| line.int(0)).collect()
}

/// How many accepted rows are in requests out of sight, of one file or of a whole account: they do
/// not move by themselves.
pub(crate) async fn accepted_unseen(
    tx: &mut Tx,
    account: &str,
    file_id: Option<i64>,
) -> Result<i64> {
    let mut accepted = 0;
    for chunk_id in unseen_of(tx, account).await? {
        let chunk = ChunkLine::need(tx, chunk_id).await?;
        if file_id.is_some_and(|file_id| file_id != chunk.file_id) {
            continue;
        }
        let lines = lines_of(tx, chunk.file_id, &chunk.members).await?;
        let is_accepted =
            |row_no: &u32| state_in(&chunk, *row_no, lines.get(row_no)) == Some(RowState::Accepted);
        accepted += chunk.members.iter().filter(is_accepted).count() as i64;
    }
    Ok(accepted)
}
