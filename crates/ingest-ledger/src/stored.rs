//! A file's last row is stored: its counts, its late facts, and the rows it corrects.

use crate::accounts::Lease;
use crate::corrections::corrections;
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::mappings::{self, Departures, TableMapping};
use crate::open::Ledger;
use crate::row_id;
use crate::row_lines::{RowLine, row_nos, save_lines};
use crate::row_set::RowSet;
use crate::states::{HoldKind, RowState};
use crate::step::once_more;
use std::fmt;
use std::sync::Arc;

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
    /// How its tables were read, to be compared with those of earlier files; none for a file that is
    /// no school's sheet.
    pub mappings: Vec<TableMapping>,
    /// What is said where they depart from those; `None`: in English.
    pub departed: Option<fn(&Departures) -> String>,
    /// What was found only after a row was stored (duplicates across the file).
    pub late: LateFacts,
}

/// Late facts in the order of their rows, one for each row at most, made one
/// after the other: a file may have millions.
#[derive(Clone, Default)]
pub struct LateFacts(Option<Arc<dyn Fn() -> LateIter + Send + Sync>>);

type LateIter = Box<dyn Iterator<Item = LateFact> + Send>;

impl LateFacts {
    /// Those that `made` makes, the same each time.
    pub fn new(made: impl Fn() -> LateIter + Send + Sync + 'static) -> LateFacts {
        LateFacts(Some(Arc::new(made)))
    }

    fn iter(&self) -> LateIter {
        match &self.0 {
            Some(made) => made(),
            None => Box::new(std::iter::empty()),
        }
    }
}

impl From<Vec<LateFact>> for LateFacts {
    fn from(mut facts: Vec<LateFact>) -> LateFacts {
        facts.sort_by_key(|fact| fact.row_no);
        facts.dedup_by_key(|fact| fact.row_no);
        LateFacts::new(move || Box::new(facts.clone().into_iter()))
    }
}

impl fmt::Debug for LateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LateFacts")
    }
}

/// A fact about a stored row that was found later in the file.
#[derive(Debug, Clone)]
pub struct LateFact {
    /// The row.
    pub row_no: u32,
    /// `Invalid` or `Skipped`; `None`: a warning alone, and the row goes its way.
    pub state: Option<RowState>,
    /// Why.
    pub message: Option<String>,
    /// All problems of the row, those known when it was stored included.
    pub problems_json: Option<String>,
}

/// Late facts that are made into lines at a time.
const LATE_MAX: usize = 5_000;

impl Ledger {
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
        // What held it before it was read still does.
        let before = file.hold_kind.zip(file.hold_reason.clone());
        let hold = match file.valid > 0 && !file.by_hand {
            true => {
                let hold = stored.hold.clone().or(before);
                mappings::compare(&mut step, file_id, &stored.mappings, hold, stored.departed)
                    .await?
            }
            false => stored.hold.clone(),
        };
        step.tx
            .exec(
                "update files set state = 'sending', stored_at = $2, sheets_json = $3, message = $4, hold_kind = coalesce($5, hold_kind), hold_reason = coalesce($6, hold_reason) where file_id = $1",
                args![
                    file_id,
                    step.now,
                    &stored.sheets_json,
                    &stored.message,
                    hold.as_ref().map(|h| h.0.as_str()),
                    hold.as_ref().map(|h| h.1.as_str()),
                ],
            )
            .await?;
        let invalid = row_nos(
            &mut step.tx,
            "select row_id from rows where row_id > $1 and row_id < $2 and chunk_no is null order by row_id limit $3",
            file_id,
        )
        .await?;
        let valid = RowSet::range(1, file.rows as u32).subtract(&invalid);
        let mut late = stored.late.iter().filter(|fact| {
            let known = matches!(
                fact.state,
                None | Some(RowState::Invalid | RowState::Skipped)
            );
            known && valid.contains(fact.row_no)
        });
        let (mut late_invalid, mut late_skipped) = (Vec::new(), Vec::new());
        loop {
            let part = late.by_ref().take(LATE_MAX).map(|fact| {
                match fact.state {
                    Some(RowState::Invalid) => late_invalid.push(fact.row_no),
                    Some(RowState::Skipped) => late_skipped.push(fact.row_no),
                    _ => {}
                }
                let mut line = RowLine::new(row_id(file_id, fact.row_no));
                if let Some(state) = fact.state {
                    line.own(state, fact.message);
                }
                line.problems_json = fact.problems_json;
                line
            });
            let lines: Vec<RowLine> = part.collect();
            if lines.is_empty() {
                break;
            }
            save_lines(&mut step, &lines).await?;
        }
        let (late_invalid, late_skipped): (RowSet, RowSet) = (
            late_invalid.into_iter().collect(),
            late_skipped.into_iter().collect(),
        );
        let live = valid.subtract(&late_invalid).subtract(&late_skipped);
        let unfit = corrections(&mut step, file_id, &live).await?;
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
}
