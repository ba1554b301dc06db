//! A file's last row is stored: its counts, its late facts, and the rows it corrects.

use crate::accounts::Lease;
use crate::corrections::corrections;
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::mappings::{self, TableMapping};
use crate::open::Ledger;
use crate::row_id;
use crate::row_lines::{RowLine, row_nos, save_lines};
use crate::row_set::RowSet;
use crate::states::{HoldKind, RowState};
use crate::step::once_more;

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
    /// What was found only after a row was stored (duplicates across the file).
    pub late: Vec<LateFact>,
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
                mappings::compare(&mut step, file_id, &stored.mappings, hold).await?
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
        let mut late: Vec<&LateFact> = stored
            .late
            .iter()
            .filter(|fact| {
                matches!(
                    fact.state,
                    None | Some(RowState::Invalid | RowState::Skipped)
                )
            })
            .filter(|fact| valid.contains(fact.row_no))
            .collect();
        late.sort_by_key(|fact| fact.row_no);
        late.dedup_by_key(|fact| fact.row_no);
        for part in late.chunks(LATE_MAX) {
            let lines: Vec<RowLine> = part
                .iter()
                .map(|fact| {
                    let mut line = RowLine::new(row_id(file_id, fact.row_no));
                    if let Some(state) = fact.state {
                        line.own(state, fact.message.clone());
                    }
                    line.problems_json.clone_from(&fact.problems_json);
                    line
                })
                .collect();
            save_lines(&mut step, &lines).await?;
        }
        let with = |state: RowState| -> RowSet {
            late.iter()
                .filter(|fact| fact.state == Some(state))
                .map(|fact| fact.row_no)
                .collect()
        };
        let (late_invalid, late_skipped) = (with(RowState::Invalid), with(RowState::Skipped));
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
