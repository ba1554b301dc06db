//! Sets of row numbers as sorted, disjoint ranges: how a chunk names its rows, and how the
//! change feed names what changed. 5,000 rows in a line are two numbers.

use crate::errors::{LedgerError, Result};
use std::fmt;

/// Row numbers of one file (`row_no`, 1 for the first row that was read).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct RowSet {
    /// Sorted; every range ends at least two before the next begins.
    ranges: Vec<(u32, u32)>,
}

impl RowSet {
    /// The empty set.
    pub fn new() -> RowSet {
        RowSet::default()
    }

    /// All numbers from `first` to `last`, both included. Empty if `last < first`.
    pub fn range(first: u32, last: u32) -> RowSet {
        RowSet {
            ranges: if first <= last {
                vec![(first, last)]
            } else {
                Vec::new()
            },
        }
    }

    /// How many rows are in it.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|(a, b)| u64::from(b - a) + 1).sum()
    }

    /// Is no row in it?
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Is this row in it?
    pub fn contains(&self, row_no: u32) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= row_no);
        after > 0 && self.ranges[after - 1].1 >= row_no
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|(a, b)| *a..=*b)
    }

    /// The ranges, ascending, both ends included.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// The smallest row number.
    pub fn first(&self) -> Option<u32> {
        self.ranges.first().map(|r| r.0)
    }

    /// The largest row number.
    pub fn last(&self) -> Option<u32> {
        self.ranges.last().map(|r| r.1)
    }

    /// Adds one row. Cheapest in ascending order.
    pub fn insert(&mut self, row_no: u32) {
        match self.ranges.last_mut() {
            Some((first, last)) if *first <= row_no => {
                if row_no <= *last {
                } else if row_no == *last + 1 {
                    *last = row_no;
                } else {
                    self.ranges.push((row_no, row_no));
                }
            }
            None => self.ranges.push((row_no, row_no)),
            Some(_) => *self = self.union(&RowSet::range(row_no, row_no)),
        }
    }

    /// The rows of either.
    pub fn union(&self, other: &RowSet) -> RowSet {
        let mut all: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len() + other.ranges.len());
        all.extend_from_slice(&self.ranges);
        all.extend_from_slice(&other.ranges);
        normal(all)
    }

    /// The rows of any of them. Cheaper than taking them in one by one.
    pub(crate) fn union_of<'a>(sets: impl Iterator<Item = &'a RowSet>) -> RowSet {
        normal(sets.flat_map(|set| &set.ranges).copied().collect())
    }

    /// The rows of this one that are not in `other`.
    pub fn subtract(&self, other: &RowSet) -> RowSet {
        let mut left = Vec::with_capacity(self.ranges.len());
        let mut holes = other.ranges.iter().peekable();
        for &(first, last) in &self.ranges {
            // u64, so that the number after u32::MAX exists.
            let (mut from, last) = (u64::from(first), u64::from(last));
            while let Some(&&(a, b)) = holes.peek() {
                let (a, b) = (u64::from(a), u64::from(b));
                if b < from {
                    holes.next();
                    continue;
                }
                if a > last {
                    break;
                }
                if a > from {
                    left.push((from as u32, (a - 1) as u32));
                }
                from = b + 1;
                if from > last {
                    break;
                }
                holes.next();
            }
            if from <= last {
                left.push((from as u32, last as u32));
            }
        }
        RowSet { ranges: left }
    }

    /// The rows of both.
    pub fn intersect(&self, other: &RowSet) -> RowSet {
        self.subtract(&self.subtract(other))
    }

    /// Is every row of this one in `other`?
    pub fn is_subset(&self, other: &RowSet) -> bool {
        self.subtract(other).is_empty()
    }

    /// In pieces of at most `rows_max` rows, ascending.
    pub fn pieces(&self, rows_max: u64) -> Vec<RowSet> {
        let rows_max = rows_max.max(1);
        let mut pieces = Vec::new();
        let mut piece = RowSet::new();
        let mut room = rows_max;
        for &(first, last) in &self.ranges {
            let mut from = u64::from(first);
            let last = u64::from(last);
            while from <= last {
                let to = last.min(from + room - 1);
                piece.ranges.push((from as u32, to as u32));
                room -= to - from + 1;
                from = to + 1;
                if room == 0 {
                    pieces.push(std::mem::take(&mut piece));
                    room = rows_max;
                }
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        pieces
    }

    /// `[[1,4800],[4802,5000]]`
    pub fn to_json(&self) -> String {
        let mut text = String::with_capacity(2 + self.ranges.len() * 14);
        text.push('[');
        for (i, (a, b)) in self.ranges.iter().enumerate() {
            use fmt::Write;
            let comma = if i == 0 { "" } else { "," };
            // Writing into a String can't fail.
            let _ = write!(text, "{comma}[{a},{b}]");
        }
        text.push(']');
        text
    }

    /// Reads [`to_json`](RowSet::to_json) back.
    pub fn from_json(text: &str) -> Result<RowSet> {
        let ranges: Vec<(u32, u32)> = serde_json::from_str(text)
            .map_err(|e| LedgerError::corrupt(format!("row ranges `{text}`: {e}")))?;
        if ranges.iter().any(|(a, b)| a > b) {
            return Err(LedgerError::corrupt(format!(
                "row ranges `{text}` run backwards"
            )));
        }
        Ok(normal(ranges))
    }
}

/// Sorts, and joins what touches or overlaps.
fn normal(mut ranges: Vec<(u32, u32)>) -> RowSet {
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if u64::from(first) <= u64::from(*end) + 1 => *end = (*end).max(last),
            _ => joined.push((first, last)),
        }
    }
    RowSet { ranges: joined }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> RowSet {
        normal(rows.into_iter().map(|n| (n, n)).collect())
    }
}

impl fmt::Debug for RowSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowSet{}", self.to_json())
    }
}

/// As a person writes rows: `5,9-12`.
impl fmt::Display for RowSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (a, b)) in self.ranges.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if a == b {
                write!(f, "{comma}{a}")?;
            } else {
                write!(f, "{comma}{a}-{b}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn some_rows() -> impl Strategy<Value = BTreeSet<u32>> {
        prop::collection::btree_set(1u32..200, 0..60)
    }

    proptest! {
        #[test]
        fn a_row_set_does_what_a_set_of_numbers_does(a in some_rows(), b in some_rows()) {
            let (sa, sb): (RowSet, RowSet) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(sa.len(), a.len() as u64);
            prop_assert_eq!(sa.iter().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            let union: Vec<u32> = a.union(&b).copied().collect();
            prop_assert_eq!(sa.union(&sb).iter().collect::<Vec<_>>(), union);
            let less: Vec<u32> = a.difference(&b).copied().collect();
            prop_assert_eq!(sa.subtract(&sb).iter().collect::<Vec<_>>(), less);
            let both: Vec<u32> = a.intersection(&b).copied().collect();
            prop_assert_eq!(sa.intersect(&sb).iter().collect::<Vec<_>>(), both);
            for n in 0..210 { prop_assert_eq!(sa.contains(n), a.contains(&n)); }
            prop_assert_eq!(RowSet::from_json(&sa.to_json()).unwrap(), sa);
        }

        #[test]
        fn inserting_in_any_order_makes_the_same_set(rows in prop::collection::vec(1u32..100, 0..50)) {
            let mut one_by_one = RowSet::new();
            for row in &rows { one_by_one.insert(*row); }
            prop_assert_eq!(one_by_one, rows.into_iter().collect::<RowSet>());
        }

        #[test]
        fn pieces_hold_every_row_once_and_none_too_many(a in some_rows(), most in 1u64..20) {
            let set: RowSet = a.iter().copied().collect();
            let pieces = set.pieces(most);
            prop_assert!(pieces.iter().all(|p| p.len() <= most && !p.is_empty()));
            prop_assert!(pieces.iter().rev().skip(1).all(|p| p.len() == most));
            let again: Vec<u32> = pieces.iter().flat_map(|p| p.iter().collect::<Vec<_>>()).collect();
            prop_assert_eq!(again, a.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn ranges_are_short_in_json_and_for_people() {
        let set: RowSet = [1, 2, 3, 7, 9, 10].into_iter().collect();
        assert_eq!(set.to_json(), "[[1,3],[7,7],[9,10]]");
        assert_eq!(set.to_string(), "1-3,7,9-10");
        assert!(RowSet::from_json("[[3,1]]").is_err());
        assert!(RowSet::from_json("{}").is_err());
    }
}
