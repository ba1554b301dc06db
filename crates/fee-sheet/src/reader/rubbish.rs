//! Lines below the headings that are no rows, where there are very many of them: whether one could
//! hold headings is told without matching it, as far as that can be, since a file may have millions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::header::Matcher;
use crate::judge::{Look, look};
use crate::row::SheetRow;

/// What was learnt of the lines so far.
#[derive(Debug, Default)]
pub(super) struct Rubbish {
    /// Texts of cells, and whether each by itself could be a heading.
    texts: HashMap<String, bool>,
    /// How many texts were matched.
    matched: usize,
    /// The last line that held the headings once more.
    again: Option<SheetRow>,
    /// The last line that was looked at and is no row by itself, and what it looks like.
    looked: Option<(SheetRow, Look)>,
}

/// Texts that are remembered, and how long they may be: a line of rubbish is short, and repeats.
const TEXTS: usize = 4_096;
const TEXT_BYTES: usize = 80;

impl Rubbish {
    /// Whether fewer cells of a line than are wanted could be headings.
    pub(super) fn has_fewer(&mut self, row: &SheetRow, matcher: &Matcher, wanted: usize) -> bool {
        let filled = row.filled().take(wanted).count();
        if filled < wanted {
            return true;
        }
        let claims = row.filled().filter(|cell| self.claims(cell.shown, matcher));
        claims.take(wanted).count() < wanted
    }

    fn claims(&mut self, text: &str, matcher: &Matcher) -> bool {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        self.matched += 1;
        let claims = matcher.claims(text);
        if text.len() <= TEXT_BYTES {
            if self.texts.len() >= TEXTS {
                self.texts.clear();
            }
            self.texts.insert(text.to_owned(), claims);
        }
        claims
    }

    /// How many texts were matched, which takes its time.
    pub(super) fn matched(&self) -> usize {
        self.matched
    }

    /// Whether a line is, cell by cell, the last that held the headings once more.
    pub(super) fn is_again(&self, row: &SheetRow) -> bool {
        self.again
            .as_ref()
            .is_some_and(|again| is_alike(row, again))
    }

    /// What a line looks like; rubbish comes in lines that are alike.
    pub(super) fn look(&mut self, row: &SheetRow) -> Look {
        if let Some((line, looked)) = &self.looked
            && is_alike(row, line)
        {
            return *looked;
        }
        let looked = look(row);
        if !matches!(looked, Look::Row | Look::Blank) {
            self.looked = Some((row.clone(), looked));
        }
        looked
    }

    /// A line held the headings once more.
    pub(super) fn again(&mut self, row: &SheetRow) {
        self.again = Some(row.clone());
    }
}

/// Whether two lines show the same in the same columns, and are read alike.
fn is_alike(one: &SheetRow, other: &SheetRow) -> bool {
    let (mut ones, mut others) = (one.filled(), other.filled());
    Arc::ptr_eq(&one.plan, &other.plan)
        && loop {
            match (ones.next(), others.next()) {
                (None, None) => break true,
                (Some(cell), Some(against)) if cell == against => {}
                _ => break false,
            }
        }
}
