//! The ledger in spans of about a million rows, or ten thousand chunks, whole files each: what is held
//! in memory is one span's chunks and sums, however large the ledger is.

use crate::archive::{Sums, sums_of_files};
use crate::chunk_lines::{AttemptLine, ChunkLine};
use crate::db::{Tx, args};
use crate::errors::Result;
use crate::row_id;
use std::collections::BTreeMap;

/// Rows after which a new span begins.
const SPAN_ROWS: i64 = 1_000_000;

/// Chunks after which one begins: where a call carries few rows, they are what fills the memory.
const SPAN_CHUNKS: i64 = 10_000;

/// What a file says of its rows.
pub(super) struct FileSums {
    pub(super) rows_n: i64,
    pub(super) valid_n: i64,
    pub(super) valid_amount: i64,
    pub(super) stored: bool,
    pub(super) planned: bool,
}

/// Some files, and every row id from theirs to the next span's.
pub(super) struct Span {
    pub(super) files: BTreeMap<i64, FileSums>,
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Span {
    /// All of them: no row id lies outside.
    pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Span>> {
        let mut spans = vec![Span {
            files: BTreeMap::new(),
            first: i64::MIN,
            last: i64::MAX,
        }];
        let (mut rows, mut chunks) = (0, 0);
        let files = tx
            .rows(
                "select file_id, rows_n, valid_n, valid_amount, stored_at is not null, planned_at is not null,
                    (select count(*) from chunks c where c.file_id = f.file_id)
                 from files f order by file_id",
                args![],
            )
            .await?;
        for line in &files {
            let (file_id, rows_n) = (line.int(0)?, line.int(1)?);
            if rows >= SPAN_ROWS || chunks >= SPAN_CHUNKS {
                let first = row_id(file_id, 0);
                if let Some(before) = spans.last_mut() {
                    before.last = first - 1;
                }
                spans.push(Span {
                    files: BTreeMap::new(),
                    first,
                    last: i64::MAX,
                });
                (rows, chunks) = (0, 0);
            }
            rows += rows_n.max(0);
            chunks += line.int(6)?;
            let sums = FileSums {
                rows_n,
                valid_n: line.int(2)?,
                valid_amount: line.int(3)?,
                stored: line.get(4)?,
                planned: line.get(5)?,
            };
            if let Some(span) = spans.last_mut() {
                span.files.insert(file_id, sums);
            }
        }
        Ok(spans)
    }

    /// No file number lies outside either.
    fn file_ids(&self) -> (i64, i64) {
        (self.first >> 24, self.last >> 24)
    }

    /// The chunks of its files.
    pub(super) async fn chunks(&self, tx: &mut Tx) -> Result<Vec<ChunkLine>> {
        let (first, last) = self.file_ids();
        let rest = "where c.file_id >= $1 and c.file_id <= $2 order by c.chunk_id";
        ChunkLine::find(tx, rest, args![first, last]).await
    }

    /// The calls of its chunks.
    pub(super) async fn attempts(&self, tx: &mut Tx) -> Result<Vec<AttemptLine>> {
        let (first, last) = self.file_ids();
        let rest = "join chunks c on c.chunk_id = a.chunk_id
            where c.file_id >= $1 and c.file_id <= $2 order by a.attempt_id";
        AttemptLine::find(tx, rest, args![first, last]).await
    }

    /// What was moved out of its files.
    pub(super) async fn archived(&self, tx: &mut Tx) -> Result<BTreeMap<i64, Sums>> {
        sums_of_files(tx, self.file_ids()).await
    }

    /// What `file_counts` says, by file and word.
    pub(super) async fn counts(&self, tx: &mut Tx) -> Result<BTreeMap<i64, BTreeMap<String, i64>>> {
        let (first, last) = self.file_ids();
        let found = tx
            .rows(
                "select file_id, state, n from file_counts where file_id >= $1 and file_id <= $2 and n <> 0",
                args![first, last],
            )
            .await?;
        let mut counts: BTreeMap<i64, BTreeMap<String, i64>> = BTreeMap::new();
        for line in &found {
            let of_file = counts.entry(line.int(0)?).or_default();
            of_file.insert(line.text(1)?, line.int(2)?);
        }
        Ok(counts)
    }
}
