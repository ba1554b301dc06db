//! What became of rows one by one, and what is counted and told of them.

use super::fates::{Fate, Sheet};
use super::{Filling, ROWS_PER_CALL, account};
use crate::raw::Raw;
use ingest_ledger::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

impl Filling {
    /// The lines of rows with facts of their own, and the short lists.
    pub(super) async fn own_facts(&self, sheet: &Sheet, off_grid: &[(i64, RowSet)]) {
        let file_id = sheet.file_id;
        let mut by_fate: BTreeMap<Fate, RowSet> = BTreeMap::new();
        for (n, fate) in sheet.row_nos().into_iter().zip(&sheet.fates) {
            by_fate.entry(*fate).or_default().insert(n);
        }
        let mut cases = String::new();
        for (fate, rows) in &by_fate {
            // Every fate is a place among a hundred, or several.
            let places: BTreeSet<u32> = rows.iter().map(|n| n % 100).collect();
            if let Fate::Aside(state) | Fate::Own(state) = fate {
                for k in places {
                    write!(cases, " when {k} then '{state}'").unwrap();
                }
            }
        }
        let first = row_id(file_id, 1);
        let last = row_id(file_id, self.rows_per_sheet);
        let known = "case when x.state in ('paid', 'billed', 'discarded')";
        self.raw
            .run(&format!(
                "insert into row_state (row_id, updated_at, state, paid_at, psid, payment_id, message, hold_kind)
                 select x.row_id, '2026-01-05T00:00:00.000Z', x.state,
                    case when x.state = 'paid' then {},
                    {known} then '10010' || x.identifier end, {known} then cast(x.row_id as text) end,
                    case when x.state in ('rejected', 'errored', 'held', 'skipped') then 'the hub or the ledger said why' end,
                    case when x.state = 'held' then 'changed' end
                 from (select row_id, identifier, case (row_id & 16777215) % 100 when 98 then 'rejected' {cases} end as state
                    from rows where row_id between {first} and {last}) as x
                 where x.state is not null order by x.row_id;
                 insert into held_rows (row_id, account, kind) select row_id, '{}', 'changed' from row_state
                 where row_id between {first} and {last} and state = 'held';
                 insert into failed_rows (row_id, account, state) select row_id, '{}', state from row_state
                 where row_id between {first} and {last} and state in ('rejected', 'errored')",
                match self.raw {
                    Raw::Postgres(_) => "timestamptz '2026-01-05T00:00:00.000Z' end",
                    Raw::Sqlite(_) => "'2026-01-05T00:00:00.000Z' end",
                },
                account(sheet.school),
                account(sheet.school),
            ))
            .await;
        for (chunk_id, rows) in off_grid {
            let values: Vec<String> = rows
                .iter()
                .map(|n| {
                    let id = row_id(file_id, n);
                    format!("({id}, {chunk_id}, '2026-01-05T00:00:00.000Z')")
                })
                .collect();
            let values = values.join(", ");
            self.raw
                .run(&format!(
                    "insert into row_state (row_id, chunk_id, updated_at) values {values}"
                ))
                .await;
        }
    }

    pub(super) async fn counts_and_feed(&mut self, sheet: &Sheet) {
        let mut by_state: BTreeMap<RowState, RowSet> = BTreeMap::new();
        for (n, fate) in sheet.row_nos().into_iter().zip(&sheet.fates) {
            by_state.entry(fate.state()).or_default().insert(n);
        }
        let file_id = sheet.file_id;
        for (state, rows) in by_state {
            let n = rows.len();
            let mut batches = String::new();
            for piece in rows.pieces(u64::from(ROWS_PER_CALL)) {
                let mut before = 0;
                let ranges: Vec<String> = piece
                    .ranges()
                    .iter()
                    .map(|(a, b)| {
                        let range = format!("[{a},{b},{before}]");
                        before += b - a + 1;
                        range
                    })
                    .collect();
                self.changes += i64::from(before);
                let comma = if batches.is_empty() { "" } else { ", " };
                let (last, ranges) = (self.changes, ranges.join(","));
                write!(batches, "{comma}({last}, {before}, '2026-01-05T00:00:00.000Z', {file_id}, '{state}', '[{ranges}]')").unwrap();
            }
            self.raw
                .run(&format!(
                    "insert into file_counts (file_id, state, n) values ({file_id}, '{state}', {n});
                     insert into changes (last_id, n, changed_at, file_id, state, rows) values {batches}"
                ))
                .await;
        }
    }
}
