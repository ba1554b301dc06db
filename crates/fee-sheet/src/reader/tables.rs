//! Tables that follow each other in one sheet: headings that stand again
//! further down. The same in the same columns are the top of another page;
//! others are a new table, and the lines below are read by them. What can't be
//! read by them is left out and asked about, never read by the headings that
//! stood there before.

use std::sync::Arc;

use super::finding::{settle, two};
use super::{SheetInfo, SheetReader};
use crate::FieldKind;
use crate::flaws::Flaw;
use crate::header::{HEADINGS_MIN, Match};
use crate::headings::normal;
use crate::holds::{Hold, HoldWhy};
use crate::judge::Verdict;
use crate::remarks::LineWhy;
use crate::row::{Plan, SheetRow, Value};
use crate::unreadable::Unreadable;

/// What a line is for those that follow it.
pub(super) enum Headings {
    /// It holds no headings.
    None,
    /// The headings that are read by, in their columns.
    Same,
    /// Other headings, or in other columns, and all that are needed.
    Table(Match),
    /// The same, and some are missing.
    Unclear(Match),
}

/// Lines that are read ahead of headings, to see what stands below them.
const AHEAD: usize = 50;

/// No honest file has more.
const TABLES_MAX: usize = 1_000;

impl SheetReader {
    /// Whether a line holds headings. The next lines decide where a heading
    /// leaves it open; those are read ahead.
    ///
    /// # Errors
    /// Two columns with an equal right to one field, as at the top of a sheet.
    pub(super) fn headings(&mut self, row: &SheetRow) -> Result<Headings, Unreadable> {
        if !self.lost && has_values(row) {
            return Ok(Headings::None);
        }
        let wanted = self.wanted();
        if self.rubbish.has_fewer(row, &self.matcher, wanted) {
            let limit = self.options.limits.loose_texts;
            return match self.rubbish.matched() > limit {
                true => Err(endless(limit)),
                false => self.worded(row),
            };
        }
        if self.rubbish.is_again(row) {
            return Ok(Headings::Same);
        }
        let cells = row.filled().map(|cell| (cell.column, cell.shown));
        let mut found = self.matcher.line(cells);
        if found.matched < wanted {
            return self.worded(row);
        }
        if self.is_same(row, &found) {
            self.rubbish.again(row);
            return Ok(Headings::Same);
        }
        self.read_ahead()?;
        settle(&self.matcher, &mut found, row, || self.replay.iter());
        if let Some(lower) = self.replay.front() {
            let merges = &self.merges;
            let below = || self.replay.iter().skip(1);
            let both = two(&self.matcher, row, lower, merges, below);
            if let Some(both) = both.filter(|both| both.is_no_worse_than(&found)) {
                found = both;
            }
        }
        if found.is_header() {
            let name = self.names.last().map_or("", String::as_str);
            return self.matcher.chosen(name, found).map(Headings::Table);
        }
        Ok(Headings::Unclear(found))
    }

    /// How many headings a line of headings has at least.
    pub(super) fn wanted(&self) -> usize {
        let required = self.plan.required.iter().filter(|required| **required);
        HEADINGS_MIN.min(required.count())
    }

    /// A line of which too little is known: no headings, or such that can't be read by.
    fn worded(&mut self, row: &SheetRow) -> Result<Headings, Unreadable> {
        Ok(match self.is_worded(row)? {
            false => Headings::None,
            true => {
                let cells = row.filled().map(|cell| (cell.column, cell.shown));
                Headings::Unclear(self.matcher.line(cells))
            }
        })
    }

    /// Reads the lines ahead that may say what a heading means.
    pub(super) fn read_ahead(&mut self) -> Result<(), Unreadable> {
        while self.replay.len() < AHEAD {
            let mut line = SheetRow::default();
            if !self.door.next_line(&mut line)? {
                break;
            }
            if line.filled().next().is_some() {
                self.replay.push_back(line);
            }
        }
        Ok(())
    }

    /// Whether the columns are those that are read now, and the others are
    /// known.
    fn is_same(&self, row: &SheetRow, found: &Match) -> bool {
        let fields = found.columns.iter().zip(&self.plan.columns);
        let mut fields = fields.zip(&self.plan.headings);
        let stands = |((now, before), heading): ((&Option<u16>, &Option<u16>), &String)| {
            // What a heading that leaves it open was told to be, it stays; and
            // one that is not written again is meant.
            let stays = |column: &u16| {
                let again = normal(row.cell(*column).shown);
                again.is_empty() || again == normal(heading)
            };
            now == before || now.is_none() && before.as_ref().is_some_and(stays)
        };
        let known = self.sheets.last().map_or(&[][..], |sheet| &sheet.headings);
        let is_known = |heading: &String| {
            let form = normal(heading);
            let mut all = found.headings.iter().chain(known);
            all.any(|known| normal(known) == form)
        };
        fields.all(stands) && found.all.iter().all(|(_, heading)| is_known(heading))
    }

    /// Begins another table of the sheet with its headings.
    ///
    /// # Errors
    /// More tables than a file can have.
    pub(super) fn take_table(&mut self, row: &mut SheetRow, line: Match) -> Result<(), Unreadable> {
        if self.sheets.len() >= TABLES_MAX {
            return Err(too_often());
        }
        let name = self.names.last().cloned().unwrap_or_default();
        let seen = self.watch.as_ref().map(|watch| watch.seen().clone());
        self.end_watch();
        self.lost = false;
        let lower = self.replay.front().filter(|_| !line.second.is_empty());
        let width = row.width().max(lower.map_or(0, SheetRow::width));
        self.plan = Arc::new(self.plan(&line, width, self.plan.epoch_1904));
        self.sums.table();
        self.left_out
            .line(&name, row.number, LineWhy::OtherHeadings);
        let info = SheetInfo {
            name,
            header_row: row.number,
            ..self.info(&line)
        };
        self.begin(info, None, &line, seen.unwrap_or_default());
        row.sheet = self.sheets.len() - 1;
        row.plan = Arc::clone(&self.plan);
        if !line.second.is_empty()
            && let Some(mut lower) = self.replay.pop_front()
        {
            (lower.sheet, lower.page) = (row.sheet, row.page);
            lower.plan = Arc::clone(&self.plan);
            self.ready
                .push_back((lower, Verdict::LeftOut(LineWhy::SecondLine)));
        }
        Ok(())
    }

    /// Leaves out what follows headings that can't be read.
    ///
    /// # Errors
    /// More of them than a file can have.
    pub(super) fn lose(&mut self, row: &SheetRow, line: &Match) -> Result<(), Unreadable> {
        self.losses += 1;
        if self.losses > TABLES_MAX {
            return Err(too_often());
        }
        self.lost = true;
        let sheet = self.names.last().cloned().unwrap_or_default();
        let why = HoldWhy::OtherHeadings {
            row: row.number,
            first: self.sheets.last().map_or(1, |sheet| sheet.header_row),
            missing: self.matcher.missing(line),
        };
        self.hold(Hold { sheet, why });
        Ok(())
    }
}

fn endless(limit: usize) -> Unreadable {
    Unreadable::too_large(
        "too many lines below its headings have neither an amount nor a date",
        format!("{limit} texts in such lines"),
    )
}

fn too_often() -> Unreadable {
    Unreadable::too_large(
        "it has headings again and again".to_owned(),
        format!("{TABLES_MAX} tables"),
    )
}

/// Whether a line has an amount or a date where those are: then it is no line
/// of headings, which is told cheaply of nearly every row.
fn has_values(row: &SheetRow) -> bool {
    let Plan {
        kinds, required, ..
    } = &*row.plan;
    (0..)
        .zip(kinds.iter().zip(required))
        .any(|(field, (kind, required))| {
            *required
                && row.plan.columns[field].is_some()
                && match kind {
                    FieldKind::Money => matches!(row.entry(field).value, Value::Money(_)),
                    // Whichever way round it is read, it is one.
                    FieldKind::Date => matches!(
                        row.entry(field).value,
                        Value::Date(_) | Value::Wrong(Flaw::AmbiguousDate)
                    ),
                    FieldKind::Text | FieldKind::Code => false,
                }
        })
}
