//! The lines that are no rows, and the sheets that are left, each with its
//! reason. A file may have millions of such lines, so each is a few bytes until
//! it is asked for.

use std::collections::BTreeMap;

use crate::remarks::{LeftWhy, LineWhy, SheetWhy};

/// A line that is not a row, or a sheet that is left, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut<'a> {
    /// The sheet's name.
    pub sheet: &'a str,
    /// The line, from 1; of a sheet that was left as a whole, its first.
    pub row: u32,
    /// Why.
    pub why: LeftWhy,
}

impl LeftOut<'_> {
    /// Whether it stands for a sheet that was left as a whole.
    #[must_use]
    pub fn is_whole_sheet(&self) -> bool {
        matches!(self.why, LeftWhy::Sheet(_))
    }
}

/// All that was left out of a file, in the file's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOutList {
    names: Vec<String>,
    entries: Vec<Entry>,
    /// Why a whole sheet is left, by its entry.
    sheets: BTreeMap<usize, SheetWhy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    row: u32,
    name: u16,
    /// `None` for a whole sheet.
    why: Option<LineWhy>,
}

impl LeftOutList {
    /// Adds a line. A file has fewer sheets than are counted here: beyond
    /// them, all go by the last name.
    pub(crate) fn line(&mut self, sheet: &str, row: u32, why: LineWhy) {
        self.add(sheet, row, Some(why));
    }

    /// Adds a whole sheet.
    pub fn sheet(&mut self, sheet: &str, row: u32, why: SheetWhy) {
        self.sheets.insert(self.entries.len(), why);
        self.add(sheet, row, None);
    }

    fn add(&mut self, sheet: &str, row: u32, why: Option<LineWhy>) {
        let known = self.names.last().is_some_and(|name| name == sheet);
        if !known && self.names.len() < usize::from(u16::MAX) {
            self.names.push(sheet.to_owned());
        }
        let name = u16::try_from(self.names.len() - 1).unwrap_or(u16::MAX);
        self.entries.push(Entry { row, name, why });
    }

    /// Each, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = LeftOut<'_>> {
        let read = |(at, entry): (usize, &Entry)| {
            let why = match entry.why {
                Some(why) => LeftWhy::Line(why),
                None => LeftWhy::Sheet(self.sheets.get(&at)?.clone()),
            };
            let sheet = self.names.get(usize::from(entry.name))?;
            Some(LeftOut {
                sheet,
                row: entry.row,
                why,
            })
        };
        self.entries.iter().enumerate().filter_map(read)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many lines, sheets as a whole not counted.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.entries.len() - self.sheets.len()
    }

    /// The names of the sheets that are left as a whole.
    pub fn sheets(&self) -> impl Iterator<Item = &str> {
        let name = |at: &usize| Some(&*self.names[usize::from(self.entries.get(*at)?.name)]);
        self.sheets.keys().filter_map(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_a_few_bytes_and_comes_back_whole() {
        assert!(size_of::<Entry>() <= 8);
        let mut list = LeftOutList::default();
        list.sheet("Notes", 1, SheetWhy::Hidden);
        list.line("Class 5", 9, LineWhy::Total);
        list.line("Class 5", 10, LineWhy::Drawn);
        list.line("Class 6", 4, LineWhy::Section);
        let told: Vec<String> = list
            .iter()
            .map(|left| format!("{} {}: {}", left.sheet, left.row, left.why))
            .collect();
        assert_eq!(
            told,
            [
                "Notes 1: the sheet is left: it is hidden",
                "Class 5 9: a totals row: it says so itself",
                "Class 5 10: a line of dashes",
                "Class 6 4: the title of a section: one cell alone",
            ]
        );
        assert_eq!((list.len(), list.lines()), (4, 3));
        assert_eq!(list.sheets().collect::<Vec<_>>(), ["Notes"]);
    }
}
