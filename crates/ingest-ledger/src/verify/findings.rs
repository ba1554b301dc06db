//! What is found broken, and how much of it is named: a hundred places of each kind, and the number
//! of those that are left out. A million broken rows are one mistake, and nobody reads a million lines.

use super::Broken;
use crate::db::{Tx, Val, args, sql};
use crate::errors::Result;
use crate::row_of;
use std::collections::{BTreeMap, HashMap};

/// Places of one kind that are named.
pub(super) const NAMED_MAX: usize = 100;

/// Kinds in their order, by the invariant and a sentence that is true of each place.
#[derive(Default)]
pub(super) struct Findings {
    kinds: BTreeMap<(u8, &'static str), Kind>,
}

#[derive(Default)]
struct Kind {
    named: Vec<(Place, String)>,
    more: u64,
}

/// Where something is wrong.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// In the ledger as a whole.
    Ledger,
    /// In this file.
    File(i64),
    /// In the row of this row id.
    Row(i64),
}

impl Findings {
    /// One place; `detail` is asked for only while there is room.
    pub(super) fn add(
        &mut self,
        invariant: u8,
        kind: &'static str,
        place: Place,
        detail: impl FnOnce() -> String,
    ) {
        let found = self.kinds.entry((invariant, kind)).or_default();
        if found.named.len() < NAMED_MAX {
            found.named.push((place, detail()));
        } else {
            found.more += 1;
        }
    }

    /// The rows that a statement finds by their row id, in its first column: as many as are named,
    /// and how many they are.
    pub(super) async fn add_listed(
        &mut self,
        tx: &mut Tx,
        kind: &'static str,
        text: &str,
        args: Vec<Val>,
    ) -> Result<()> {
        let first = format!("{text} order by 1 limit {NAMED_MAX}");
        let named = tx.rows(sql(first), args.clone()).await?;
        if named.len() == NAMED_MAX {
            let all = format!("select count(*) from ({text}) as x");
            let n = tx.number(sql(all), args).await?;
            self.kinds.entry((1, kind)).or_default().more +=
                n.unsigned_abs().saturating_sub(NAMED_MAX as u64);
        }
        for line in &named {
            self.add(1, kind, Place::Row(line.int(0)?), || kind.to_owned());
        }
        Ok(())
    }

    /// Is nothing of this kind wrong?
    pub(super) fn none_of(&self, invariant: u8, kind: &'static str) -> bool {
        !self.kinds.contains_key(&(invariant, kind))
    }

    /// Takes over what was found elsewhere; no kind is looked for in two places.
    pub(super) fn and(mut self, other: Findings) -> Findings {
        self.kinds.extend(other.kinds);
        self
    }

    /// All of it, each row with its sheet and number.
    pub(super) async fn named(self, tx: &mut Tx) -> Result<Vec<Broken>> {
        let mut ids: Vec<i64> = Vec::new();
        for (place, _) in self.kinds.values().flat_map(|kind| &kind.named) {
            if let Place::Row(id) = place {
                ids.push(*id);
            }
        }
        let mut rows: HashMap<i64, (String, i64)> = HashMap::new();
        if !ids.is_empty() {
            let text = format!(
                "select row_id, sheet, row_number from rows where {}",
                tx.is_in("row_id", 1)
            );
            for line in tx.rows(sql(text), args![ids]).await? {
                rows.insert(line.int(0)?, (line.text(1)?, line.int(2)?));
            }
        }
        let mut broken = Vec::new();
        for ((invariant, sentence), kind) in self.kinds {
            for (place, detail) in kind.named {
                let (file_id, row) = match place {
                    Place::Ledger => (None, None),
                    Place::File(file_id) => (Some(file_id), None),
                    Place::Row(id) => (Some(row_of(id).0), rows.get(&id)),
                };
                broken.push(Broken {
                    invariant,
                    file_id,
                    sheet: row.map(|row| row.0.clone()),
                    row_number: row.map(|row| row.1),
                    detail,
                });
            }
            if kind.more > 0 {
                broken.push(Broken {
                    invariant,
                    file_id: None,
                    sheet: None,
                    row_number: None,
                    detail: format!("{} more are not listed: {sentence}", kind.more),
                });
            }
        }
        Ok(broken)
    }
}
