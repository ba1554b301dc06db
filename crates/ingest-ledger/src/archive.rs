//! Old rows moved out of the ledger, into archives that somebody else keeps, and back.
//!
//! What moves are rows that nothing can happen to any more: final ones of settled files, due before a
//! day that has passed, so that no row that is still sent can meet them. What stays: files with their
//! hashes and counts, chunks, calls, the feed, and every row whose bill may still be paid. An archive
//! holds rows of one file, in parts; each part leaves the ledger in one transaction, and only if what
//! the archive says of it is still what is stored. What has left is summed up in the archive's line, so
//! that [`verify`](Ledger::verify) goes on adding up.

mod lines;
mod sums;

pub(crate) use sums::{Sums, sums_of_files};

use self::lines::{forget, lines_among, put_back};
use self::sums::Moved;
use crate::chunk_lines::AttemptLine;
use crate::db::{Line, Tx, args, sql};
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::open::Ledger;
use crate::row_id;
use crate::row_set::RowSet;
use crate::step::{Step, once_more};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// Row numbers of one part.
const PART_ROWS: u32 = 20_000;

/// What is to be archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// No row that is due on this day or later.
    pub day: NaiveDate,
    /// No file that changed at this moment or later: when that day began where the school is.
    pub began: DateTime<Utc>,
}

/// One archive, as the ledger knows it. As JSON it is what `ingestd archive` prints.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ArchiveLine {
    /// Its number.
    pub archive_id: i64,
    /// Whose rows.
    pub file_id: i64,
    /// The file's name as dropped.
    pub file_name: String,
    /// The account.
    pub account: String,
    /// The folder it was written into.
    pub folder: String,
    /// Its rows are due before this day.
    pub before: NaiveDate,
    /// When.
    pub archived_at: DateTime<Utc>,
    /// Rows that are in it, and not in the ledger.
    pub rows: i64,
}

/// Rows of an archive that move together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePart {
    /// 1 for the first.
    pub no: u32,
    /// SHA-256 of its lines as they stand in the archive, in hex.
    pub sha256: String,
    /// A row each, in their order: one JSON object, which is the ledger's own affair.
    pub lines: Vec<String>,
}

impl Ledger {
    /// The files that have something to archive, oldest first.
    pub async fn archivable(&self, account: &str, before: Before) -> Result<Vec<FileLine>> {
        let mut tx = self.db.read().await?;
        let rest = format!("where f.account = $1 and {RESTS} order by f.file_id");
        let mut found = Vec::new();
        for file in FileLine::find(&mut tx, &rest, args![account, before.began]).await? {
            if lines::any(&mut tx, file.file_id, before.day).await? {
                found.push(file);
            }
        }
        Ok(found)
    }

    /// Begins an archive of a file; `None` if the file does not rest (any more).
    pub async fn archive_begin(
        &self,
        file_id: i64,
        before: Before,
        folder: &str,
    ) -> Result<Option<i64>> {
        let mut step = self.step_of_file(file_id).await?;
        if !rests(&mut step, file_id, before.began).await? {
            return Ok(None);
        }
        let archive_id = step
            .tx
            .number(
                "insert into archives (file_id, account, folder, before, archived_at, sums, parts)
                 values ($1, $2, $3, $4, $5, '{}', '{}') returning archive_id",
                args![file_id, step.account.clone(), folder, before.day, step.now],
            )
            .await?;
        step.finish().await?;
        Ok(Some(archive_id))
    }

    /// The rows of a part as they stand, for the archive; `None` after the file's last part.
    pub async fn archive_lines(&self, archive_id: i64, no: u32) -> Result<Option<Vec<String>>> {
        let mut tx = self.db.read().await?;
        let archive = ArchiveLine::need(&mut tx, archive_id).await?;
        let file = FileLine::need(&mut tx, archive.file_id).await?;
        let (first, last) = rows_of_part(no);
        if i64::from(first) > file.rows {
            return Ok(None);
        }
        let among = (row_id(file.file_id, first), row_id(file.file_id, last));
        Ok(Some(lines_among(&mut tx, among, archive.before).await?))
    }

    /// Moves a part out, once the archive is written and safe. Answers how many rows moved: none if
    /// what is stored is not what the part says (any more), or if the file does not rest.
    pub async fn archive_part(
        &self,
        archive_id: i64,
        began: DateTime<Utc>,
        part: &ArchivePart,
    ) -> Result<u64> {
        once_more!(self.archive_part_once(archive_id, began, part))
    }

    async fn archive_part_once(
        &self,
        archive_id: i64,
        began: DateTime<Utc>,
        part: &ArchivePart,
    ) -> Result<u64> {
        let archive = ArchiveLine::need(&mut self.db.read().await?, archive_id).await?;
        let mut step = self.step(&archive.account).await?;
        let file_id = archive.file_id;
        if part.lines.is_empty() || !rests(&mut step, file_id, began).await? {
            return Ok(0);
        }
        let (first, last) = rows_of_part(part.no);
        let among = (row_id(file_id, first), row_id(file_id, last));
        if lines_among(&mut step.tx, among, archive.before).await? != part.lines {
            return Ok(0);
        }
        let moved = Moved::all(&part.lines)?;
        let (mut sums, mut parts) = held_of(&mut step.tx, archive_id).await?;
        if parts.insert(part.no, part.sha256.clone()).is_some() {
            return Ok(0);
        }
        sums.add(&moved, &calls_of(&mut step.tx, file_id).await?);
        forget(&mut step, file_id, &moved).await?;
        hold(&mut step.tx, archive_id, &sums, &parts).await?;
        step.finish().await?;
        Ok(moved.len() as u64)
    }

    /// Forgets an archive that holds nothing; answers whether it did.
    pub async fn archive_unused(&self, archive_id: i64) -> Result<bool> {
        let mut tx = self.db.write().await?;
        let gone = tx
            .exec(
                "delete from archives where archive_id = $1 and rows_n = 0",
                args![archive_id],
            )
            .await?;
        tx.commit().await?;
        Ok(gone > 0)
    }

    /// Every archive that holds rows, or of which nobody knows whether it was ever written; of an
    /// account or a file alone where one is given.
    pub async fn archives(
        &self,
        account: Option<&str>,
        file_id: Option<i64>,
    ) -> Result<Vec<ArchiveLine>> {
        let mut tx = self.db.read().await?;
        let rest = "where ($1 = '' or a.account = $1) and ($2 = 0 or a.file_id = $2) order by a.archive_id";
        let values = args![account.unwrap_or(""), file_id.unwrap_or(0)];
        ArchiveLine::find(&mut tx, rest, values).await
    }

    /// Puts a part back, exactly as it was. Answers how many rows came back: none if they are back
    /// already.
    ///
    /// # Errors
    /// `Refused`: the part is not the one that was moved out.
    pub async fn restore_part(&self, archive_id: i64, part: &ArchivePart) -> Result<u64> {
        once_more!(self.restore_part_once(archive_id, part))
    }

    async fn restore_part_once(&self, archive_id: i64, part: &ArchivePart) -> Result<u64> {
        let archive = ArchiveLine::need(&mut self.db.read().await?, archive_id).await?;
        let mut step = self.step(&archive.account).await?;
        let (mut sums, mut parts) = held_of(&mut step.tx, archive_id).await?;
        let Some(sha256) = parts.remove(&part.no) else {
            return Ok(0);
        };
        if sha256 != part.sha256 {
            return Err(LedgerError::Refused(format!(
                "part {} of archive {archive_id} is not what was moved into it",
                part.no
            )));
        }
        let moved = Moved::all(&part.lines)?;
        sums.subtract(&moved, &calls_of(&mut step.tx, archive.file_id).await?);
        put_back(&mut step, &part.lines).await?;
        hold(&mut step.tx, archive_id, &sums, &parts).await?;
        step.finish().await?;
        Ok(moved.len() as u64)
    }
}

/// `f` is a file that nothing happens to: settled, shown to the bursar as it is, put away, and nothing
/// of it asked, looked up or in question. Since before `$2`.
const RESTS: &str = "f.state in ('settled', 'cancelled') and f.planned_at is not null and f.changed_at < $2
    and (f.put_away_at is not null or f.by_hand) and f.results_state = f.state and f.results_seen_at >= f.changed_at
    and not exists (select 1 from unseen_requests u join chunks c on c.chunk_id = u.chunk_id where c.file_id = f.file_id)
    and not exists (select 1 from decision_files d join decisions e on e.decision_id = d.decision_id
        where d.file_id = f.file_id and e.done_at is null)";

async fn rests(step: &mut Step, file_id: i64, began: DateTime<Utc>) -> Result<bool> {
    let text = format!("select count(*) from files f where f.file_id = $1 and {RESTS}");
    Ok(step.tx.number(sql(text), args![file_id, began]).await? > 0)
}

/// The first and the last row number of a part.
fn rows_of_part(no: u32) -> (u32, u32) {
    let last = no.saturating_mul(PART_ROWS);
    (last.saturating_sub(PART_ROWS) + 1, last)
}

/// The calls that rows of a file went in, or may have.
async fn calls_of(tx: &mut Tx, file_id: i64) -> Result<Vec<(i64, RowSet)>> {
    let rest = "join chunks c on c.chunk_id = a.chunk_id where c.file_id = $1";
    let attempts = AttemptLine::find(tx, rest, args![file_id]).await?;
    let calls = attempts.into_iter();
    Ok(calls.map(|call| (call.attempt_id, call.members)).collect())
}

/// What an archive's line says it holds: its sums, and each part's SHA-256.
async fn held_of(tx: &mut Tx, archive_id: i64) -> Result<(Sums, BTreeMap<u32, String>)> {
    let line = tx
        .row(
            "select sums, parts from archives where archive_id = $1",
            args![archive_id],
        )
        .await?
        .ok_or_else(|| missing(archive_id))?;
    let parts = serde_json::from_str(&line.text(1)?)
        .map_err(|e| LedgerError::corrupt(format!("an archive's parts: {e}")))?;
    Ok((Sums::from_json(&line.text(0)?)?, parts))
}

async fn hold(
    tx: &mut Tx,
    archive_id: i64,
    sums: &Sums,
    parts: &BTreeMap<u32, String>,
) -> Result<()> {
    let parts = serde_json::to_string(parts)
        .map_err(|e| LedgerError::corrupt(format!("an archive's parts: {e}")))?;
    tx.exec(
        "update archives set rows_n = $2, sums = $3, parts = $4 where archive_id = $1",
        args![archive_id, sums.rows, sums.to_json()?, parts],
    )
    .await?;
    Ok(())
}

/// Whether a row that is not stored is in an archive, as far as its number says.
pub(crate) async fn is_archived(tx: &mut Tx, account: &str, row: i64) -> Result<bool> {
    let (file_id, row_no) = crate::row_of(row);
    let text = "select count(*) from archives a join files f on f.file_id = a.file_id
        where a.file_id = $1 and a.account = $2 and a.rows_n > 0 and $3 <= f.rows_n";
    let values = args![file_id, account, i64::from(row_no)];
    Ok(tx.number(text, values).await? > 0)
}

fn missing(archive_id: i64) -> LedgerError {
    LedgerError::Missing(format!("there is no archive {archive_id}"))
}

impl ArchiveLine {
    async fn find(
        tx: &mut Tx,
        rest: &str,
        values: Vec<crate::db::Val>,
    ) -> Result<Vec<ArchiveLine>> {
        let text = format!(
            "select a.archive_id, a.file_id, f.file_name, a.account, a.folder, a.before, a.archived_at, a.rows_n
             from archives a join files f on f.file_id = a.file_id {rest}"
        );
        let found = tx.rows(sql(text), values).await?;
        found.iter().map(ArchiveLine::read).collect()
    }

    async fn need(tx: &mut Tx, archive_id: i64) -> Result<ArchiveLine> {
        let found = ArchiveLine::find(tx, "where a.archive_id = $1", args![archive_id]).await?;
        found.into_iter().next().ok_or_else(|| missing(archive_id))
    }

    fn read(line: &Line) -> Result<ArchiveLine> {
        Ok(ArchiveLine {
            archive_id: line.int(0)?,
            file_id: line.int(1)?,
            file_name: line.text(2)?,
            account: line.text(3)?,
            folder: line.text(4)?,
            before: line.get(5)?,
            archived_at: line.get(6)?,
            rows: line.int(7)?,
        })
    }
}
