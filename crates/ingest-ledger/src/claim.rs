//! Taking a file: claimed by its bytes, once.

use crate::accounts::Lease;
use crate::db::{Tx, args};
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::open::Ledger;
use crate::row_id;
use crate::states::{FileState, HoldKind, RowState};
use crate::step::{Step, once_more};

/// A file about to be taken.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its name as dropped.
    pub file_name: String,
    /// What makes two files the same.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// The copy it is read from.
    pub spool_name: String,
    /// The account's `rows_per_request`: the grid its rows are numbered into.
    pub rows_per_request: u32,
    /// Made by `payments add`, not dropped.
    pub by_hand: bool,
    /// Take it even if the same bytes were taken before.
    pub force: bool,
    /// Why the file as a whole waits for a person, whatever is found in it.
    pub hold: Option<(HoldKind, String)>,
}

/// What the ledger knows of these bytes.
#[derive(Debug, Clone)]
pub enum Claim {
    /// Never seen (or seen, and nothing of it counts): store its rows.
    New {
        /// Its number.
        file_id: i64,
    },
    /// Seen, and its reading was cut short: its rows are gone again, store them from the start.
    Resume {
        /// Its number.
        file_id: i64,
    },
    /// Seen under this name, stored, and never put away: a process died before it moved the
    /// original. Move it; nothing else is to be done.
    Stored {
        /// The file.
        file: Box<FileLine>,
    },
    /// The same bytes were taken before. A line in state `duplicate` remembers this drop.
    Duplicate {
        /// The number of this drop.
        file_id: i64,
        /// The file that was taken.
        of: Box<FileLine>,
    },
}

/// Rows deleted in one transaction when a cut-short reading starts again.
const DELETE_ROWS_MAX: i64 = 50_000;

impl Ledger {
    /// Claims a file by its bytes.
    pub async fn file_claim(&self, lease: &Lease, file: &NewFile) -> Result<Claim> {
        loop {
            match once_more!(self.file_claim_once(lease, file))? {
                Claimed::Done(claim) => return Ok(*claim),
                Claimed::Clear { file_id } => self.rows_clear(lease, file_id).await?,
            }
        }
    }

    async fn file_claim_once(&self, lease: &Lease, file: &NewFile) -> Result<Claimed> {
        let mut step = self.step_under(lease).await?;
        let same = same_bytes(&mut step.tx, &lease.account, &file.sha256).await?;
        if let Some(cut_short) = same.iter().find(|f| f.state == FileState::Reading) {
            let file_id = cut_short.file_id;
            // Under this lease no one stores rows of it any more but who claims it now.
            step.tx
                .exec(
                    "update files set epoch = $2, spool_name = $3, file_name = $4 where file_id = $1",
                    args![file_id, lease.epoch, &file.spool_name, &file.file_name],
                )
                .await?;
            let empty = cut_short.rows == 0;
            step.finish().await?;
            return Ok(if empty {
                Claimed::Done(Box::new(Claim::Resume { file_id }))
            } else {
                Claimed::Clear { file_id }
            });
        }
        if let Some(of) = same.iter().find(|f| counts(f)).filter(|_| !file.force) {
            if of.put_away_at.is_none() && of.file_name == file.file_name && !of.by_hand {
                return Ok(Claimed::Done(Box::new(Claim::Stored {
                    file: Box::new(of.clone()),
                })));
            }
            let message = format!(
                "the same bytes were taken before, as file {}: {}",
                of.file_id, of.file_name
            );
            let file_id = insert(&mut step, lease, file, Some(of.file_id), Some(&message)).await?;
            let of = Box::new(of.clone());
            step.finish().await?;
            return Ok(Claimed::Done(Box::new(Claim::Duplicate { file_id, of })));
        }
        let file_id = insert(&mut step, lease, file, None, None).await?;
        step.finish().await?;
        Ok(Claimed::Done(Box::new(Claim::New { file_id })))
    }

    /// The file that these bytes would be a duplicate of, if they were dropped now: one that was
    /// taken and counts, or one that is being read this moment. Changes nothing.
    pub async fn taken_before(&self, account: &str, sha256: &[u8; 32]) -> Result<Option<FileLine>> {
        let same = same_bytes(&mut self.db.read().await?, account, sha256).await?;
        let reading = |file: &FileLine| file.state == FileState::Reading;
        Ok(same.into_iter().find(|file| reading(file) || counts(file)))
    }

    /// Were these bytes ever taken, whatever came of them?
    pub async fn knows_bytes(&self, account: &str, sha256: &[u8; 32]) -> Result<bool> {
        let sql = "select count(*) from files where account = $1 and sha256 = $2";
        let mut tx = self.db.read().await?;
        Ok(tx.number(sql, args![account, &sha256[..]]).await? > 0)
    }

    /// Deletes what a cut-short reading left, the last rows first, in bounded transactions.
    async fn rows_clear(&self, lease: &Lease, file_id: i64) -> Result<()> {
        loop {
            let mut step = self.step_under(lease).await?;
            let file = FileLine::need(&mut step.tx, file_id).await?;
            if file.state != FileState::Reading || file.stored_at.is_some() {
                return Err(LedgerError::corrupt(format!(
                    "file {file_id} is stored already"
                )));
            }
            let keep = (file.rows - DELETE_ROWS_MAX).max(0);
            step.tx
                .exec(
                    "delete from rows where row_id > $1 and row_id < $2",
                    args![row_id(file_id, 0) + keep, row_id(file_id + 1, 0)],
                )
                .await?;
            step.tx
                .exec(
                    "update files set rows_n = $2, valid_n = 0, valid_amount = 0 where file_id = $1",
                    args![file_id, keep],
                )
                .await?;
            step.finish().await?;
            if keep == 0 {
                return Ok(());
            }
        }
    }

    /// The file can't be read; `why` is for the person who dropped it. What was stored of it goes.
    pub async fn file_unreadable(&self, lease: &Lease, file_id: i64, why: &str) -> Result<()> {
        self.rows_clear(lease, file_id).await?;
        let mut step = self.step_under(lease).await?;
        step.tx
            .exec(
                "update files set state = 'unreadable', message = $2, settled_at = $3, changed_at = $3 where file_id = $1 and state = 'reading'",
                args![file_id, why, step.now],
            )
            .await?;
        step.finish().await
    }
}

enum Claimed {
    Done(Box<Claim>),
    /// Rows of a cut-short reading are in the way.
    Clear {
        file_id: i64,
    },
}

/// The files of an account with these bytes, oldest first; but those that were duplicates themselves: a
/// sheet may be dropped thousands of times, and none of these says anything of the next.
async fn same_bytes(tx: &mut Tx, account: &str, sha256: &[u8; 32]) -> Result<Vec<FileLine>> {
    let rest =
        "where f.account = $1 and f.sha256 = $2 and f.state <> 'duplicate' order by f.file_id";
    FileLine::find(tx, rest, args![account, &sha256[..]]).await
}

/// Does a file with the same bytes make this one a duplicate? Not if nothing of it was good, or
/// it was cancelled.
fn counts(file: &FileLine) -> bool {
    let any_good = file
        .counts
        .iter()
        .any(|(state, n)| *state != RowState::Invalid && *n > 0);
    file.stored_at.is_some() && any_good && !file.cancelled && file.state != FileState::Duplicate
}

async fn insert(
    step: &mut Step,
    lease: &Lease,
    file: &NewFile,
    duplicate_of: Option<i64>,
    message: Option<&str>,
) -> Result<i64> {
    let duplicate = duplicate_of.is_some();
    let state = if duplicate {
        FileState::Duplicate
    } else {
        FileState::Reading
    };
    step.tx
        .number(
            "insert into files (account, file_name, sha256, size, spool_name, state, epoch, rows_per_request, by_hand, duplicate_of, message, taken_at, settled_at, changed_at, hold_kind, hold_reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12, $14, $15) returning file_id",
            args![
                &lease.account,
                &file.file_name,
                &file.sha256[..],
                file.size as i64,
                &file.spool_name,
                state.as_str(),
                lease.epoch,
                file.rows_per_request,
                file.by_hand,
                duplicate_of,
                message,
                step.now,
                duplicate.then_some(step.now),
                file.hold.as_ref().map(|hold| hold.0.as_str()),
                file.hold.as_ref().map(|hold| hold.1.as_str()),
            ],
        )
        .await
}
