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

/// Another row of the file that a correction came from has its identifier, and is sent or may be.
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
        let others = live_rows(&mut tx, account, keys).await?;
        let ids = others.iter().map(|(id, ..)| *id);
        let firsts = first_of(&mut tx, ids.chain(waiting.keys().copied()).collect()).await?;
        let first = |id: i64| firsts.get(&id).copied().unwrap_or(id);
        let of_origin = |one: &Correction<'_>| {
            let own = first(one.corrects);
            others
                .iter()
                .filter(|(id, identifier, _)| identifier == one.identifier && *id != one.corrects)
                .filter(|(id, ..)| crate::row_of(first(*id)).0 == crate::row_of(own).0)
                .max_by_key(|(id, ..)| first(*id))
                .map(|(id, _, other)| InOrigin {
                    row_no: one.row_no,
                    comes_later: first(*id) > own,
                    ..other.clone()
                })
        };
        Ok(corrections.into_iter().filter_map(of_origin).collect())
    }
}

/// The rows of these payers that are bills, may be, or stand for one: row id, identifier, the rest.
async fn live_rows(
    tx: &mut Tx,
    account: &str,
    keys: BTreeSet<i64>,
) -> Result<Vec<(i64, String, InOrigin)>> {
    let text = format!(
        "select row_id, identifier, file_name, sheet, row_number, state from row_facts
         where {} and account = $2
           and (state not in ('invalid', 'corrected', 'rejected', 'errored')
             or state = 'rejected' and psid is not null)",
        tx.is_in("payer_key", 1)
    );
    let keys: Vec<i64> = keys.into_iter().collect();
    let lines = tx.rows(sql(text), args![keys, account]).await?;
    let row = |line: &crate::db::Line| {
        let other = InOrigin {
            row_no: 0,
            file_name: line.text(2)?,
            sheet: line.text(3)?,
            row_number: line.int(4)?,
            state: line.word(5)?,
            comes_later: false,
        };
        Ok((line.int(0)?, line.text(1)?, other))
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
