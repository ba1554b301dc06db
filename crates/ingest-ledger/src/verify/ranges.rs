//! Sums over ranges of rows, thousands of ranges in one statement: what the rows of a call come to is
//! asked of the rows themselves, and none of them travels for it.

use crate::db::{Tx, Val, args, sql};
use crate::errors::{LedgerError, Result};
use crate::row_id;
use crate::row_set::RowSet;
use std::fmt::Write;

/// Ranges in one statement.
const RANGES_MAX: usize = 5_000;

/// Sets of rows, each to be summed up. They are taken together until there is enough for a statement.
pub(super) struct Ranges {
    /// Text that sums up one range, from `x.first` to `x.last` of the set `x.who`: two numbers.
    each: &'static str,
    ranges: Vec<(i64, i64, usize)>,
    sums: Vec<(i64, i64)>,
    /// What is said of each set besides its rows.
    words: Vec<i64>,
}

impl Ranges {
    /// How many of them are stored, and what they come to.
    pub(super) fn of_money() -> Ranges {
        Ranges::new(
            "select count(*) || ' ' || coalesce(sum(r.amount), 0) from rows r
             where r.row_id >= x.first and r.row_id <= x.last",
        )
    }

    /// How many of them have a line of their own, and how many of those lines follow the chunk that the
    /// set's word names (0: the one on the grid).
    pub(super) fn of_followers() -> Ranges {
        Ranges::new(
            "select count(*) || ' ' || count(case when s.state is null and coalesce(s.chunk_id, 0) = x.word then 1 end)
             from row_state s where s.row_id >= x.first and s.row_id <= x.last",
        )
    }

    fn new(each: &'static str) -> Ranges {
        Ranges {
            each,
            ranges: Vec::new(),
            sums: Vec::new(),
            words: Vec::new(),
        }
    }

    /// One set more; its sum will have the place that it was added at.
    pub(super) async fn add(
        &mut self,
        tx: &mut Tx,
        file_id: i64,
        rows: &RowSet,
        word: i64,
    ) -> Result<()> {
        let who = self.sums.len();
        self.sums.push((0, 0));
        self.words.push(word);
        for &(a, b) in rows.ranges() {
            self.ranges
                .push((row_id(file_id, a), row_id(file_id, b), who));
            if self.ranges.len() == RANGES_MAX {
                self.sum(tx).await?;
            }
        }
        Ok(())
    }

    /// Every set's two numbers, in the order in which they were added.
    pub(super) async fn sums(mut self, tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
        self.sum(tx).await?;
        Ok(self.sums)
    }

    async fn sum(&mut self, tx: &mut Tx) -> Result<()> {
        if self.ranges.is_empty() {
            return Ok(());
        }
        let ranges = std::mem::take(&mut self.ranges);
        let from = tx.pick(
            "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as x (first, last, who, word)",
            "(select json_extract(value, '$[0]') as first, json_extract(value, '$[1]') as last,
                json_extract(value, '$[2]') as who, json_extract(value, '$[3]') as word from json_each($1)) as x",
        );
        let text = format!("select x.who, ({}) from {from}", self.each);
        let values = tx.pick(self.columns(&ranges), self.json(&ranges));
        for line in tx.rows(sql(text), values).await? {
            let sum = line.text(1)?;
            let numbers = sum
                .split_once(' ')
                .and_then(|(n, sum)| Some((n.parse::<i64>().ok()?, sum.parse::<i64>().ok()?)));
            let (n, sum) = numbers
                .ok_or_else(|| LedgerError::corrupt(format!("rows that come to `{sum}`")))?;
            let place = usize::try_from(line.int(0)?).ok();
            let all = place.and_then(|who| self.sums.get_mut(who));
            let all = all.ok_or_else(|| LedgerError::corrupt("a range that nobody asked for"))?;
            *all = (all.0 + n, all.1 + sum);
        }
        Ok(())
    }

    fn columns(&self, ranges: &[(i64, i64, usize)]) -> Vec<Val> {
        args![
            ranges.iter().map(|r| r.0).collect::<Vec<i64>>(),
            ranges.iter().map(|r| r.1).collect::<Vec<i64>>(),
            ranges.iter().map(|r| r.2 as i64).collect::<Vec<i64>>(),
            ranges.iter().map(|r| self.words[r.2]).collect::<Vec<i64>>(),
        ]
    }

    fn json(&self, ranges: &[(i64, i64, usize)]) -> Vec<Val> {
        let mut json = String::with_capacity(ranges.len() * 40);
        for (first, last, who) in ranges {
            let comma = if json.is_empty() { '[' } else { ',' };
            // Writing into a String can't fail.
            let _ = write!(json, "{comma}[{first},{last},{who},{}]", self.words[*who]);
        }
        json.push(']');
        args![json]
    }
}
