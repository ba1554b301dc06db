//! A file's last row is stored: its counts, its late facts, and the rows it corrects.

use crate::accounts::Lease;
use crate::db::args;
use crate::errors::{LedgerError, Result};
use crate::files::FileLine;
use crate::open::Ledger;
use crate::row_lines::{RowLine, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::states::{HoldKind, RowState};
use crate::step::{Step, once_more};
use crate::{row_id, row_of};
use std::collections::BTreeMap;

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
