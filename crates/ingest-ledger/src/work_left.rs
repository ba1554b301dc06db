//! What there is left to do for an account, and for whom: the service, time, or a person.

use crate::chunk_lines::ChunkLine;
use crate::db::{args, sql};
use crate::errors::Result;
use crate::lookup::LOOKS_BEFORE_ASKING;
use crate::open::Ledger;
use crate::states::RowState;
use crate::unseen::accepted_unseen;
use std::collections::BTreeSet;

/// Requests that are still being read for rows that are in doubt by themselves.
const STILL_READ: &str = "c.state = 'accepted' and c.asks < 3 and c.next_ask_at is not null
    and not exists (select 1 from unseen_requests u where u.chunk_id = c.chunk_id)
    and exists (select 1 from file_counts x where x.file_id = c.file_id and x.state = 'unknown' and x.n > 0)";

/// What there is left to do for an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkLeft {
    /// Files being read or not yet planned.
    pub files: i64,
    /// Rows ready to be sent.
    pub ready: i64,
    /// Rows in flight.
    pub sending: i64,
    /// Rows the hub took and has not finished, in requests that it shows.
    pub accepted: i64,
    /// Rows in doubt that have not been looked up without success yet.
    pub unknown_fresh: i64,
    /// Rows in doubt whose look-ups found nothing: a person's, or time's.
    pub unknown_stale: i64,
    /// Held rows that end by themselves: what they wait for moves, or is done.
    pub waits_moving: i64,
    /// All other held rows.
    pub held: i64,
}

impl Ledger {
    /// What there is left to do. When only [`held`](WorkLeft::held) and
    /// [`unknown_stale`](WorkLeft::unknown_stale) are left, it is a person's turn.
    pub async fn work_left(&self, account: &str) -> Result<WorkLeft> {
        let mut tx = self.db.read().await?;
        let mut left = WorkLeft {
            files: tx
                .number(
                    "select count(*) from files where account = $1 and (state = 'reading' or (stored_at is not null and planned_at is null))",
                    args![account],
                )
                .await?,
            ..WorkLeft::default()
        };
        let sums = tx
            .rows(
                "select c.state, cast(sum(c.n) as bigint) from file_counts c join files f on f.file_id = c.file_id
                 where f.account = $1 and f.state in ('sending', 'held') and c.n > 0 group by c.state",
                args![account],
            )
            .await?;
        let mut unknown = 0;
        for line in &sums {
            let n = line.int(1)?;
            match line.word(0)? {
                RowState::Ready => left.ready = n,
                RowState::Sending => left.sending = n,
                RowState::Accepted => left.accepted = n,
                RowState::Unknown => unknown = n,
                RowState::Held => left.held = n,
                _ => {}
            }
        }
        if unknown > 0 {
            let rest = "where c.account = $1 and c.state = 'unknown'";
            let (mut followed, mut fresh) = (0, 0);
            for chunk in ChunkLine::find(&mut tx, rest, args![account]).await? {
                let n = chunk.live.len() as i64;
                followed += n;
                fresh += if chunk.looks < LOOKS_BEFORE_ASKING {
                    n
                } else {
                    0
                };
            }
            let reading =
                format!("select count(*) from chunks c where c.account = $1 and {STILL_READ}");
            if tx.number(sql(reading), args![account]).await? > 0 {
                fresh += (unknown - followed).max(0);
            }
            left.unknown_fresh = fresh;
            left.unknown_stale = unknown - fresh;
        }
        if left.accepted > 0 {
            left.accepted -= accepted_unseen(&mut tx, account, None).await?;
        }
        if left.held > 0 {
            left.waits_moving = tx
                .number(
                    "select count(*) from held_rows h join row_state s on s.row_id = h.row_id
                     join row_facts e on e.row_id = s.waits_for
                     where h.account = $1 and h.kind = 'waits' and e.state not in ('held', 'unknown')",
                    args![account],
                )
                .await?;
            left.held -= left.waits_moving;
        }
        Ok(left)
    }

    /// The calls (their attempts' numbers) of a file that are in doubt, as a whole or for some of
    /// their rows, and are still looked for before a person is asked.
    pub async fn looked_for(&self, file_id: i64) -> Result<BTreeSet<i64>> {
        let mut tx = self.db.read().await?;
        let text = "select cast(coalesce(sum(n), 0) as bigint) from file_counts where file_id = $1 and state = 'unknown'";
        let unknown = tx.number(text, args![file_id]).await?;
        let mut followed = 0;
        let rest = "where c.file_id = $1 and c.state = 'unknown'";
        for chunk in ChunkLine::find(&mut tx, rest, args![file_id]).await? {
            followed += chunk.live.len() as i64;
        }
        let still_read = match unknown > followed {
            true => STILL_READ,
            false => "1 = 0",
        };
        let text = format!(
            "select max(a.attempt_id) from attempts a join chunks c on c.chunk_id = a.chunk_id
             where c.file_id = $1 and ((c.state = 'unknown' and c.looks < {LOOKS_BEFORE_ASKING}) or ({still_read}))
             group by c.chunk_id"
        );
        let lines = tx.rows(sql(text), args![file_id]).await?;
        lines.iter().map(|line| line.int(0)).collect()
    }
}
