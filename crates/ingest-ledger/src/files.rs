//! Files as they stand: their lines, and which of them wait for what.

use crate::db::{Line, Tx, Val, args, sql};
use crate::errors::{LedgerError, Result};
use crate::open::Ledger;
use crate::row_lines::kinds_from;
use crate::states::{FileState, HoldKind, RowState};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

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
    /// Rows of it that were moved into archives.
    pub archived: i64,
}

impl Ledger {
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
}

const COLUMNS: &str = "f.file_id, f.file_name, f.account, f.sha256, f.state, f.rows_n, f.message, \
    f.taken_at, f.settled_at, f.size, f.spool_name, f.valid_n, f.rows_per_request, f.sheets_json, \
    f.hold_kind, f.hold_reason, f.duplicate_of, f.stored_at, f.planned_at, f.changed_at, \
    f.results_written_at, f.put_away_at, f.cancelled_at is not null, f.by_hand, f.waived, \
    (select cast(coalesce(sum(a.rows_n), 0) as bigint) from archives a where a.file_id = f.file_id)";

impl FileLine {
    /// What holds the file as a whole, unless a person has lifted it.
    pub(crate) fn hold(&self) -> Option<(HoldKind, &str)> {
        let kind = self.hold_kind.filter(|kind| !self.waived.contains(kind))?;
        Some((kind, self.hold_reason.as_deref().unwrap_or_default()))
    }

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
            archived: line.int(25)?,
        })
    }
}
