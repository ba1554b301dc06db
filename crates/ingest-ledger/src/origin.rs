//! A correction belongs to the file that it came from: the payer of another row there is not to be
//! billed by it a second time. A file here is what was dropped first, together with the rows that
//! took the place of its own since.

use crate::corrections::{CORRECTS_NOTHING, originals, waits_for_correction};
use crate::db::{Tx, args, sql};
use crate::errors::Result;
use crate::history::payer_key;
use crate::open::Ledger;
use crate::states::RowState;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A row of a sheet that is there to take the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction<'a> {
    /// Its number among the rows of its file; the answer names it.
    pub row_no: u32,
    /// The row (its row id) that it is a correction of.
    pub corrects: i64,
    /// Its payer.
    pub identifier: &'a str,
}

/// Another row of the file that a correction came from has its identifier, and is sent or may be; or it
/// waits for a correction of its own, and the row that is corrected had another identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InOrigin {
    /// The correction's number in its own file.
    pub row_no: u32,
    /// The file that the other row stands in.
    pub file_name: String,
    /// Its sheet.
    pub sheet: String,
    /// Its number in the sheet.
    pub row_number: i64,
    /// Where it stands.
    pub state: RowState,
    /// Whether it stands below the row that is corrected.
    pub comes_later: bool,
}

impl Ledger {
    /// Which of these corrections have the identifier of another row of the file they came from; a
    /// few thousand at a time are best. Only those are looked at whose original waits for a
    /// correction, and of several with one original the first: the others are held in any case.
    pub async fn stands_in_origin(
        &self,
        account: &str,
        corrections: &[Correction<'_>],
    ) -> Result<Vec<InOrigin>> {
        let mut seen = HashSet::new();
        let mut corrections: Vec<&Correction<'_>> = corrections
            .iter()
            .filter(|one| one.corrects > CORRECTS_NOTHING && seen.insert(one.corrects))
            .collect();
        if corrections.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.read().await?;
        let mut waiting = originals(&mut tx, account, seen.into_iter()).await?;
        waiting.retain(|_, (state, has_psid)| waits_for_correction(*state, *has_psid));
        corrections.retain(|one| waiting.contains_key(&one.corrects));
        let keys: BTreeSet<i64> = corrections
            .iter()
            .map(|one| payer_key(account, one.identifier))
            .collect();
        let before = identifiers_of(&mut tx, waiting.keys().copied().collect()).await?;
        let others = rows_of_payers(&mut tx, account, keys).await?;
        let ids = others.iter().map(|other| other.id);
        let firsts = first_of(&mut tx, ids.chain(waiting.keys().copied()).collect()).await?;
        let first = |id: i64| firsts.get(&id).copied().unwrap_or(id);
        let of_origin = |one: &Correction<'_>| {
            let own = first(one.corrects);
            others
                .iter()
                .filter(|other| other.identifier == one.identifier && other.id != one.corrects)
                .filter(|other| !other.waits_beside(one))
                // A row that waits for its own correction counts if this one has its name and goes back
                // to another: it was written over somebody else's. A row that had it before keeps it.
                .filter(|other| {
                    let another = first(other.id) != own;
                    let kept = before.get(&one.corrects) == Some(&other.identifier);
                    !other.is_flagged() || another && !kept
                })
                .filter(|other| crate::row_of(first(other.id)).0 == crate::row_of(own).0)
                .max_by_key(|other| first(other.id))
                .map(|other| InOrigin {
                    row_no: one.row_no,
                    comes_later: first(other.id) > own,
                    ..other.told.clone()
                })
        };
        Ok(corrections.into_iter().filter_map(of_origin).collect())
    }
}

/// How the sentence of a row begins that a person cancelled.
const CANCELLED_BEGINS: &str = "cancelled";

/// The identifiers of these rows, as they were read.
async fn identifiers_of(tx: &mut Tx, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let text = format!(
        "select row_id, identifier from rows where {}",
        tx.is_in("row_id", 1)
    );
    let lines = tx.rows(sql(text), args![ids]).await?;
    let row = |line: &crate::db::Line| Ok((line.int(0)?, line.text(1)?));
    lines.iter().map(row).collect()
}

/// A row of a payer that is a bill, may be, stands for one, or waits for a correction.
struct RowOfPayer {
    id: i64,
    identifier: String,
    corrects: Option<i64>,
    has_psid: bool,
    told: InOrigin,
}

impl RowOfPayer {
    /// It waits for a correction of its own.
    fn is_flagged(&self) -> bool {
        waits_for_correction(self.told.state, self.has_psid)
    }

    /// It carries the same token and waits, as each of two copies of a row does: while their original
    /// waits too, it is no other row than the correction.
    fn waits_beside(&self, one: &Correction<'_>) -> bool {
        self.corrects == Some(one.corrects) && self.told.state == RowState::Held
    }
}

/// The rows of these payers, but for those that were corrected, and those that a person cancelled.
async fn rows_of_payers(
    tx: &mut Tx,
    account: &str,
    keys: BTreeSet<i64>,
) -> Result<Vec<RowOfPayer>> {
    let text = format!(
        "select row_id, identifier, file_name, sheet, row_number, state, corrects, psid is not null from row_facts
         where {} and account = $2
           and state <> 'corrected'
           and not (state = 'skipped' and coalesce(own_message, chunk_message, '') like $3)",
        tx.is_in("payer_key", 1)
    );
    let keys: Vec<i64> = keys.into_iter().collect();
    let cancelled = format!("{CANCELLED_BEGINS}%");
    let lines = tx.rows(sql(text), args![keys, account, cancelled]).await?;
    let row = |line: &crate::db::Line| {
        let told = InOrigin {
            row_no: 0,
            file_name: line.text(2)?,
            sheet: line.text(3)?,
            row_number: line.int(4)?,
            state: line.word(5)?,
            comes_later: false,
        };
        Ok(RowOfPayer {
            id: line.int(0)?,
            identifier: line.text(1)?,
            corrects: line.get(6)?,
            has_psid: line.get(7)?,
            told,
        })
    };
    lines.iter().map(row).collect()
}

/// For each row that is a correction the row it goes back to, by way of others that were corrected
/// in their turn.
async fn first_of(tx: &mut Tx, ids: Vec<i64>) -> Result<BTreeMap<i64, i64>> {
    let text = format!(
        "select row_id, corrects from rows where {} and corrects > 0",
        tx.is_in("row_id", 1)
    );
    let mut before: BTreeMap<i64, i64> = BTreeMap::new();
    let mut asked = ids.clone();
    while !asked.is_empty() {
        let lines = tx.rows(sql(text.clone()), args![asked]).await?;
        asked = Vec::new();
        for line in &lines {
            let (id, corrects) = (line.int(0)?, line.int(1)?);
            // A row corrects an older one only: whatever else is written there leads nowhere.
            if corrects < id && before.insert(id, corrects).is_none() {
                asked.push(corrects);
            }
        }
    }
    let first = |id: i64| {
        let mut first = id;
        while let Some(earlier) = before.get(&first) {
            first = *earlier;
        }
        (id, first)
    };
    Ok(ids.into_iter().map(first).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentences::Sentence;

    #[test]
    fn what_is_said_of_a_cancelled_row_begins_alike() {
        for sentence in Sentence::ALL {
            let cancels = matches!(
                sentence,
                Sentence::Cancelled | Sentence::CancelledAndRefused
            );
            assert_eq!(
                sentence.text().starts_with(CANCELLED_BEGINS),
                cancels,
                "{sentence:?}"
            );
        }
    }
}
