//! Corrections: a row of a fix sheet takes the place of the row that its hidden token names, once,
//! and only if that row waits for one. Whatever fits no such row is held and says why.

use crate::archive::is_archived;
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::row_lines::{RowLine, line_mut, lines_of, save_lines};
use crate::row_set::RowSet;
use crate::sentences::Sentence;
use crate::states::{HoldKind, RowState};
use crate::step::Step;
use crate::{row_id, row_of};
use std::collections::{BTreeMap, HashMap};

/// A row's correction that names no row of this ledger; such a row is held.
pub const CORRECTS_NOTHING: i64 = 0;
/// The same, because another row of the same file carries its token; such a row is held.
pub const CORRECTS_TWICE: i64 = -1;

/// Why a token fits no row that waits for a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It names no row of the account in this ledger, or a row of a newer file.
    Unknown,
    /// The row it names was archived.
    Archived(i64),
    /// Another row of the same file carries it: nobody can say which of them is the correction.
    Twice,
    /// The row it names is well, or was corrected before.
    State(RowState),
}

impl Unfit {
    /// What such a row is told.
    pub(crate) fn sentence(self, file_id: &str) -> String {
        match self {
            Unfit::Unknown => Sentence::TokenUnknown.with(&[file_id]),
            Unfit::Archived(of) => Sentence::TokenArchived.with(&[&of.to_string(), file_id]),
            Unfit::Twice => Sentence::TokenTwice.with(&[file_id]),
            Unfit::State(RowState::Corrected) => Sentence::TokenUsed.with(&[file_id]),
            Unfit::State(state) => Sentence::TokenOfAWellRow.with(&[state.as_str(), file_id]),
        }
    }
}

/// Does a row in this state wait for a correction? A refused row that the hub has a bill for after
/// all (`has_psid`) is not to be billed again.
pub(crate) fn waits_for_correction(state: RowState, has_psid: bool) -> bool {
    matches!(state, RowState::Invalid | RowState::Errored)
        || (state == RowState::Rejected && !has_psid)
}

/// Where these rows of the account stand, and whether they have a PSID.
pub(crate) async fn originals(
    tx: &mut Tx,
    account: &str,
    ids: impl Iterator<Item = i64>,
) -> Result<BTreeMap<i64, (RowState, bool)>> {
    let ids: Vec<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!(
        "select row_id, state, psid is not null from row_facts where {} and account = $2",
        tx.is_in("row_id", 1)
    );
    let lines = tx.rows(sql(text), args![ids, account]).await?;
    lines
        .iter()
        .map(|line| Ok((line.int(0)?, (line.word(1)?, line.get(2)?))))
        .collect()
}

/// Gives every live row of the file that is a correction the place of its original. Those whose
/// token fits no row that waits for one are held, and answered.
pub(crate) async fn corrections(step: &mut Step, file_id: i64, live: &RowSet) -> Result<RowSet> {
    let found = step
        .tx
        .rows(
            "select row_id, corrects from rows where row_id > $1 and row_id < $2 and corrects is not null order by row_id",
            args![row_id(file_id, 0), row_id(file_id + 1, 0)],
        )
        .await?;
    // Each that is named, and whether more than one row names it: one that is not sent itself, too,
    // for it may be the one that is meant.
    let mut tokens: HashMap<i64, bool> = HashMap::new();
    for line in &found {
        let original = line.int(1)?;
        let twice = tokens.contains_key(&original);
        tokens.insert(original, twice);
    }
    let mut unfit = Vec::new();
    for line in &found {
        let (row, original) = (line.int(0)?, line.int(1)?);
        if !live.contains(row_of(row).1) {
            continue;
        }
        let twice = original != CORRECTS_NOTHING && tokens.get(&original) == Some(&true);
        let why = match twice {
            true => Some(Unfit::Twice),
            false => correct(step, file_id, original).await?,
        };
        if let Some(why) = why {
            let mut line = RowLine::new(row);
            line.hold(HoldKind::Token, why.sentence(&file_id.to_string()), None);
            unfit.push(line);
        }
    }
    save_lines(step, &unfit).await?;
    Ok(unfit.iter().map(RowLine::row_no).collect())
}

/// Makes a row `corrected`, and whatever it was itself a correction of, if that still waits for
/// one; or says why it is left as it is.
async fn correct(step: &mut Step, new_file: i64, corrects: i64) -> Result<Option<Unfit>> {
    if corrects == CORRECTS_TWICE {
        return Ok(Some(Unfit::Twice));
    }
    let mut next = Some(corrects);
    let mut why = Some(Unfit::Unknown);
    while let Some(id) = next {
        let (file_id, row_no) = row_of(id);
        let found = step
            .tx
            .row(
                "select account, state, corrects, psid is not null from row_facts where row_id = $1",
                args![id],
            )
            .await?;
        let Some(line) = found else {
            if why.is_some() && is_archived(&mut step.tx, &step.account, id).await? {
                why = Some(Unfit::Archived(file_id));
            }
            break;
        };
        if line.text(0)? != step.account || file_id >= new_file {
            break;
        }
        let state: RowState = line.word(1)?;
        if !waits_for_correction(state, line.get(3)?) {
            why = why.map(|_| Unfit::State(state));
            break;
        }
        next = line.get(2)?;
        let rows = RowSet::range(row_no, row_no);
        let mut lines = lines_of(&mut step.tx, file_id, &rows).await?;
        let old = line_mut(&mut lines, file_id, row_no);
        old.own(
            RowState::Corrected,
            Some(Sentence::Corrected.with(&[&new_file.to_string()])),
        );
        save_lines(step, lines.values()).await?;
        step.moved(file_id, Some(state), RowState::Corrected, &rows);
        why = None;
    }
    Ok(why)
}
