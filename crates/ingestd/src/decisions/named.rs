//! Rows as a person names them: by their number in the sheet, which in a workbook of several sheets
//! may be that of several rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::RowList;

/// Numbers and ranges of rows that fit in a sentence.
const PARTS_MAX: usize = 20;

/// What a person names of a file or a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// Rows of this sheet alone.
    pub sheet: Option<&'a str>,
    /// These rows alone, as the sheet counts them, in order.
    pub rows: Option<&'a [u32]>,
}

impl Named<'_> {
    /// Whether everything is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.sheet.is_none() && self.rows.is_none()
    }

    /// Whether it names this row of this sheet.
    #[must_use]
    pub fn names(&self, sheet: &str, row_number: i64) -> bool {
        self.sheet.is_none_or(|named| named == sheet)
            && self.rows.is_none_or(|rows| {
                u32::try_from(row_number).is_ok_and(|number| rows.binary_search(&number).is_ok())
            })
    }

    /// Why the rows it names can't be told, if one of its numbers is that of a row in several
    /// sheets of a file. `places` are the rows that could be meant: their sheet and number there.
    #[must_use]
    pub fn in_several_sheets<'p>(
        &self,
        places: impl IntoIterator<Item = (&'p str, i64)>,
    ) -> Option<String> {
        if self.sheet.is_some() || self.rows.is_none() {
            return None;
        }
        let mut sheets: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
        for (sheet, number) in places {
            if self.names(sheet, number) {
                let among = sheets.entry(number).or_default();
                if !among.contains(&sheet) {
                    among.push(sheet);
                }
            }
        }
        let (number, among) = sheets.into_iter().find(|(_, among)| among.len() > 1)?;
        let (last, first) = among.split_last()?;
        Some(format!(
            "row {number} is in the sheets {} and {last}: add --sheet",
            first.join(", ")
        ))
    }

    /// Says which of the numbers it names are none of these rows', if any are: `rows 5,9-12 are not
    /// …`.
    #[must_use]
    pub fn others_are_not<'p>(
        &self,
        what: &str,
        places: impl IntoIterator<Item = (&'p str, i64)>,
    ) -> Option<String> {
        let there: BTreeSet<i64> = places
            .into_iter()
            .filter(|(sheet, number)| self.names(sheet, *number))
            .map(|(_, number)| number)
            .collect();
        let others: Vec<u32> = self
            .rows?
            .iter()
            .copied()
            .filter(|number| !there.contains(&i64::from(*number)))
            .collect();
        let n = others.len();
        let list = RowList::of(others);
        match (n, list.parts()) {
            (0, _) => None,
            (1, _) => Some(format!("row {list} is not {what}")),
            (_, ..=PARTS_MAX) => Some(format!("rows {list} are not {what}")),
            _ => Some(format!("{n} of the rows that you name are not {what}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(&str, i64); 4] = [("Grade1", 2), ("Grade1", 3), ("Grade2", 2), ("Grade3", 2)];

    #[test]
    fn a_number_that_stands_in_several_sheets_names_no_row() {
        let rows = [2, 3];
        let named = Named {
            rows: Some(&rows),
            ..Named::default()
        };
        assert_eq!(
            named.in_several_sheets(PLACES).as_deref(),
            Some("row 2 is in the sheets Grade1, Grade2 and Grade3: add --sheet")
        );
        assert_eq!(named.in_several_sheets(PLACES[..2].to_vec()), None);
        let of_one = Named {
            sheet: Some("Grade2"),
            ..named
        };
        assert_eq!(of_one.in_several_sheets(PLACES), None);
        assert!(of_one.names("Grade2", 2) && !of_one.names("Grade1", 2));
        assert_eq!(Named::default().in_several_sheets(PLACES), None);
    }

    #[test]
    fn numbers_that_no_row_has_are_said() {
        let said = |rows: &[u32], sheet| {
            let named = Named {
                sheet,
                rows: Some(rows),
            };
            named.others_are_not("in doubt", PLACES)
        };
        assert_eq!(said(&[2, 3], None), None);
        assert_eq!(
            said(&[2, 3, 9], None).as_deref(),
            Some("row 9 is not in doubt")
        );
        assert_eq!(
            said(&[2, 3, 4], Some("Grade2")).as_deref(),
            Some("rows 3-4 are not in doubt")
        );
        let many: Vec<u32> = (5..100).map(|n| 2 * n).collect();
        assert_eq!(
            said(&many, None).as_deref(),
            Some("95 of the rows that you name are not in doubt")
        );
        assert_eq!(Named::default().others_are_not("in doubt", PLACES), None);
    }
}
