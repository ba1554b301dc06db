//! Files: claimed by their bytes, stored whole, planned once.

use crate::accounts::Lease;
use crate::db::{Line, Tx, Val, args, sql};
use crate::errors::{LedgerError, Result};
use crate::open::Ledger;
use crate::row_lines::{RowLine, kinds_from, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::states::{FileState, HoldKind, RowState};
use crate::step::{Step, once_more};
use crate::{row_id, row_of};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::time::Duration;

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

/// A file as it stands. As JSON it is what `ingestd files` prints.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileLine {
    /// Its number.
    pub file_id: i64,
    /// Its name as dropped.
    pub file_name: String,
    /// The account.
    pub account: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Where it stands.
    pub state: FileState,
    /// Rows stored.
    pub rows: i64,
    /// How many rows are in each state.
    pub counts: BTreeMap<RowState, i64>,
    /// What there is to say about it.
    pub message: Option<String>,
    /// When it was claimed.
    pub taken_at: DateTime<Utc>,
    /// When it was settled first.
    pub settled_at: Option<DateTime<Utc>>,
    /// Bytes.
    pub size: i64,
    /// The copy it is read from.
    pub spool_name: String,
    /// Rows that were valid when read.
    pub valid: i64,
    /// Its grid.
    pub rows_per_request: i64,
    /// Sheet names, header rows, mapping: the caller's own text.
    #[serde(skip)]
    pub sheets_json: Option<String>,
    /// Why the whole file waits, if it does.
    pub hold_kind: Option<HoldKind>,
    /// The sentence that says so.
    pub hold_reason: Option<String>,
    /// The file that has the same bytes.
    pub duplicate_of: Option<i64>,
    /// When its last row was stored.
    pub stored_at: Option<DateTime<Utc>>,
    /// When its rows were put into chunks.
    pub planned_at: Option<DateTime<Utc>>,
    /// When a row of it changed last.
    pub changed_at: Option<DateTime<Utc>>,
    /// When its result sheet was written last.
    pub results_written_at: Option<DateTime<Utc>>,
    /// When its original was moved out of the inbox.
    pub put_away_at: Option<DateTime<Utc>>,
    /// A person cancelled what is not at the hub.
    pub cancelled: bool,
    /// Made by `payments add`.
    pub by_hand: bool,
    /// Holds of the whole file that a person has lifted.
    pub waived: Vec<HoldKind>,
}

/// What is known of a file when its last row is stored.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Rows stored; compared with what the ledger counted.
    pub rows: u64,
    /// Rows that were valid when read; compared too.
    pub valid: u64,
    /// Sheet names, header rows, mapping: kept as it is for result sheets.
    pub sheets_json: String,
    /// What there is to say about the file.
    pub message: Option<String>,
    /// Why the file as a whole waits for a person.
    pub hold: Option<(HoldKind, String)>,
    /// What was found only after a row was stored (duplicates across the file).
    pub late: Vec<LateFact>,
}

/// A fact about a stored row that was found later in the file.
#[derive(Debug, Clone)]
pub struct LateFact {
    /// The row.
    pub row_no: u32,
    /// `Invalid` or `Skipped`.
    pub state: RowState,
    /// Why.
    pub message: Option<String>,
    /// All problems of the row, those known when it was stored included.
    pub problems_json: Option<String>,
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
        let same = FileLine::find(
            &mut step.tx,
            "where f.account = $1 and f.sha256 = $2 order by f.file_id",
            args![&lease.account, &file.sha256[..]],
        )
        .await?;
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
        let counts = |f: &&FileLine| {
            f.stored_at.is_some() && f.valid > 0 && !f.cancelled && f.state != FileState::Duplicate
        };
        if let Some(of) = same.iter().find(counts).filter(|_| !file.force) {
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

    /// The last row is stored: counts, corrections, late facts, and the first feed lines. Runs
    /// again harmlessly.
    pub async fn file_stored(&self, lease: &Lease, file_id: i64, stored: &Stored) -> Result<()> {
        once_more!(self.file_stored_once(lease, file_id, stored))
    }

    async fn file_stored_once(&self, lease: &Lease, file_id: i64, stored: &Stored) -> Result<()> {
        let mut step = self.step_under(lease).await?;
        let file = FileLine::need(&mut step.tx, file_id).await?;
        if file.stored_at.is_some() {
            return Ok(());
        }
        if file.rows != stored.rows as i64 || file.valid != stored.valid as i64 {
            return Err(LedgerError::corrupt(format!(
                "file {file_id} has {} rows stored, {} of them valid; {} and {} were read",
                file.rows, file.valid, stored.rows, stored.valid
            )));
        }
        step.tx
            .exec(
                "update files set state = 'sending', stored_at = $2, sheets_json = $3, message = $4, hold_kind = $5, hold_reason = $6 where file_id = $1",
                args![
                    file_id,
                    step.now,
                    &stored.sheets_json,
                    &stored.message,
                    stored.hold.as_ref().map(|h| h.0.as_str()),
                    stored.hold.as_ref().map(|h| h.1.as_str()),
                ],
            )
            .await?;
        let odd = step
            .tx
            .rows(
                "select row_id, chunk_no, corrects from rows where row_id > $1 and row_id < $2 and (chunk_no is null or corrects is not null) order by row_id",
                args![row_id(file_id, 0), row_id(file_id + 1, 0)],
            )
            .await?;
        let (mut invalid, mut corrections) = (RowSet::new(), Vec::new());
        for line in &odd {
            let row_no = row_of(line.int(0)?).1;
            if line.get::<Option<i64>>(1)?.is_none() {
                invalid.insert(row_no);
            } else if let Some(corrects) = line.get(2)? {
                corrections.push((row_no, corrects));
            }
        }
        let all = RowSet::range(1, file.rows as u32);
        let valid = all.subtract(&invalid);
        let mut own: BTreeMap<u32, RowLine> = BTreeMap::new();
        let (mut late_invalid, mut late_skipped) = (RowSet::new(), RowSet::new());
        for fact in &stored.late {
            let twice = own.contains_key(&fact.row_no);
            let known = matches!(fact.state, RowState::Invalid | RowState::Skipped);
            if twice || !known || !valid.contains(fact.row_no) {
                continue;
            }
            let mut line = RowLine::new(row_id(file_id, fact.row_no));
            line.own(fact.state, fact.message.clone());
            line.problems_json.clone_from(&fact.problems_json);
            match fact.state {
                RowState::Skipped => late_skipped.insert(fact.row_no),
                _ => late_invalid.insert(fact.row_no),
            }
            own.insert(fact.row_no, line);
        }
        let live = valid.subtract(&late_invalid).subtract(&late_skipped);
        let mut unfit = RowSet::new();
        for (row_no, corrects) in corrections {
            if live.contains(row_no) && !correct(&mut step, file_id, corrects).await? {
                let mut line = RowLine::new(row_id(file_id, row_no));
                let message = format!(
                    "this row's hidden token names a row that needs no correction any more. If it is to be sent all the same: `ingestd approve {file_id}`"
                );
                line.hold(HoldKind::Token, message, None);
                unfit.insert(row_no);
                own.insert(row_no, line);
            }
        }
        save_lines(&mut step, own.values()).await?;
        step.moved(
            file_id,
            None,
            RowState::Invalid,
            &invalid.union(&late_invalid),
        );
        step.moved(file_id, None, RowState::Skipped, &late_skipped);
        step.moved(file_id, None, RowState::Held, &unfit);
        step.moved(file_id, None, RowState::Ready, &live.subtract(&unfit));
        step.touch(file_id);
        step.finish().await
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

    /// Its original was moved out of the inbox.
    pub async fn file_put_away(&self, file_id: i64) -> Result<()> {
        let mut step = self.step_of_file(file_id).await?;
        step.tx
            .exec(
                "update files set put_away_at = coalesce(put_away_at, $2) where file_id = $1",
                args![file_id, step.now],
            )
            .await?;
        step.finish().await
    }

    /// Files whose reading was cut short: to be read again from the spool.
    pub async fn files_reading(&self, account: &str) -> Result<Vec<FileLine>> {
        let rest = "where f.account = $1 and f.state = 'reading' order by f.file_id";
        FileLine::find(&mut self.db.read().await?, rest, args![account]).await
    }

    /// Files that are stored and not planned, oldest first.
    pub async fn files_to_plan(&self, account: &str) -> Result<Vec<FileLine>> {
        let rest = "where f.account = $1 and f.stored_at is not null and f.planned_at is null order by f.file_id";
        FileLine::find(&mut self.db.read().await?, rest, args![account]).await
    }

    /// One file.
    pub async fn file(&self, file_id: i64) -> Result<Option<FileLine>> {
        let mut tx = self.db.read().await?;
        Ok(
            FileLine::find(&mut tx, "where f.file_id = $1", args![file_id])
                .await?
                .pop(),
        )
    }

    /// Files whose result sheet is to be written (again), oldest first: settled, cancelled or
    /// held and not shown so yet, or changed while the last writing is an hour past.
    pub async fn reports_due(&self, account: &str) -> Result<Vec<FileLine>> {
        let mut tx = self.db.read().await?;
        let hour_ago = tx.now().await? - Duration::from_secs(3600);
        let rest = "where f.account = $1 and f.stored_at is not null and f.planned_at is not null
              and ((f.state in ('settled', 'held', 'cancelled') and coalesce(f.results_state, '') <> f.state)
                or (f.changed_at > f.results_seen_at and f.results_written_at <= $2))
            order by f.file_id";
        FileLine::find(&mut tx, rest, args![account, hour_ago]).await
    }

    /// The result sheet was written, with what the file was as `seen`.
    pub async fn report_written(&self, seen: &FileLine) -> Result<()> {
        let mut step = self.step_of_file(seen.file_id).await?;
        step.tx
            .exec(
                "update files set results_written_at = $2, results_seen_at = $3, results_state = $4 where file_id = $1",
                args![seen.file_id, step.now, seen.changed_at, seen.state.as_str()],
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
            "insert into files (account, file_name, sha256, size, spool_name, state, epoch, rows_per_request, by_hand, duplicate_of, message, taken_at, settled_at, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12) returning file_id",
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
            ],
        )
        .await
}

/// Makes a row `corrected`, and whatever it was itself a correction of, if that still waits for
/// one. `false`: the row needs no correction, or is another account's.
async fn correct(step: &mut Step, new_file: i64, corrects: i64) -> Result<bool> {
    let mut next = Some(corrects);
    let mut done = false;
    while let Some(id) = next {
        let (file_id, row_no) = row_of(id);
        let found = step
            .tx
            .row(
                "select account, state, corrects from row_facts where row_id = $1",
                args![id],
            )
            .await?;
        let Some(line) = found else { break };
        let state: RowState = line.word(1)?;
        let waits = matches!(
            state,
            RowState::Invalid | RowState::Rejected | RowState::Errored
        );
        if line.text(0)? != step.account || file_id >= new_file || !waits {
            break;
        }
        next = line.get(2)?;
        let rows = RowSet::range(row_no, row_no);
        let mut lines = lines_of(&mut step.tx, file_id, &rows).await?;
        let old = line_mut(&mut lines, file_id, row_no);
        old.own(
            RowState::Corrected,
            Some(format!("a corrected row in file {new_file} took its place")),
        );
        save_lines(step, lines.values()).await?;
        step.moved(file_id, Some(state), RowState::Corrected, &rows);
        done = true;
    }
    Ok(done)
}

const COLUMNS: &str = "f.file_id, f.file_name, f.account, f.sha256, f.state, f.rows_n, f.message, \
    f.taken_at, f.settled_at, f.size, f.spool_name, f.valid_n, f.rows_per_request, f.sheets_json, \
    f.hold_kind, f.hold_reason, f.duplicate_of, f.stored_at, f.planned_at, f.changed_at, \
    f.results_written_at, f.put_away_at, f.cancelled_at is not null, f.by_hand, f.waived";

impl FileLine {
    /// Files that a condition finds, with their counts. `f` is the file.
    pub(crate) async fn find(tx: &mut Tx, rest: &str, args: Vec<Val>) -> Result<Vec<FileLine>> {
        let text = format!("select {COLUMNS} from files f {rest}");
        let found = tx.rows(sql(text), args).await?;
        let mut files: Vec<FileLine> = found.iter().map(FileLine::read).collect::<Result<_>>()?;
        let ids: Vec<i64> = files.iter().map(|f| f.file_id).collect();
        let text = format!(
            "select file_id, state, n from file_counts where {} and n <> 0",
            tx.is_in("file_id", 1)
        );
        let mut counts: BTreeMap<i64, BTreeMap<RowState, i64>> = BTreeMap::new();
        for line in tx.rows(sql(text), args![ids]).await? {
            counts
                .entry(line.int(0)?)
                .or_default()
                .insert(line.word(1)?, line.int(2)?);
        }
        for file in &mut files {
            file.counts = counts.remove(&file.file_id).unwrap_or_default();
        }
        Ok(files)
    }

    /// One file that must be there.
    pub(crate) async fn need(tx: &mut Tx, file_id: i64) -> Result<FileLine> {
        FileLine::find(tx, "where f.file_id = $1", args![file_id])
            .await?
            .pop()
            .ok_or_else(|| LedgerError::Missing(format!("there is no file {file_id}")))
    }

    fn read(line: &Line) -> Result<FileLine> {
        let sha256: Vec<u8> = line.get(3)?;
        let waived: Option<String> = line.get(24)?;
        Ok(FileLine {
            file_id: line.int(0)?,
            file_name: line.text(1)?,
            account: line.text(2)?,
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
            state: line.word(4)?,
            rows: line.int(5)?,
            counts: BTreeMap::new(),
            message: line.get(6)?,
            taken_at: line.get(7)?,
            settled_at: line.get(8)?,
            size: line.int(9)?,
            spool_name: line.text(10)?,
            valid: line.int(11)?,
            rows_per_request: line.int(12)?,
            sheets_json: line.get(13)?,
            hold_kind: line.maybe_word(14)?,
            hold_reason: line.get(15)?,
            duplicate_of: line.get(16)?,
            stored_at: line.get(17)?,
            planned_at: line.get(18)?,
            changed_at: line.get(19)?,
            results_written_at: line.get(20)?,
            put_away_at: line.get(21)?,
            cancelled: line.get(22)?,
            by_hand: line.get(23)?,
            waived: kinds_from(waived.as_deref())?,
        })
    }
}
