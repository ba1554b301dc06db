//! A due date that no column has, and a line above the headings says for all
//! rows (`Due Date: 15-12-2035`). It is taken only if there is one such line and
//! nothing else is missing, and it is shown as a guess.

use super::SheetReader;
use crate::FieldKind;
use crate::beside::is_any;
use crate::dates::read_date;
use crate::guessing::OTHER_DATES;
use crate::header::Match;
use crate::headings::{digit, is_word, words};
use crate::holds::{Hold, HoldWhy, Shown};
use crate::row::{CellKind, DateAbove, SheetRow, Value};

/// A longer text tells a story.
const TEXT_BYTES_MAX: usize = 300;

impl SheetReader {
    /// The date that stands above a line of headings for which nothing else is
    /// missing.
    pub(super) fn date_above(&self, at: usize, line: &Match) -> Option<DateAbove> {
        let &[field] = line.missing.as_slice() else {
            return None;
        };
        if self.options.fields[field].kind != FieldKind::Date || line.ambiguous.is_some() {
            return None;
        }
        let lines = self.replay.iter().take(at);
        let mut found = lines.flat_map(|row| self.dates_in(row, field));
        let first = found.next()?;
        // Two that say the same are one; the rows must not choose between two.
        found.all(|other| other.date == first.date).then_some(first)
    }

    /// Why the file waits if a line below the headings says another day than the one above them, which
    /// all rows have: maybe a class has its own. A line with an amount is a row, and says nothing of others.
    pub(super) fn other_date_below(&self, row: &SheetRow) -> Option<Hold> {
        let above = row.plan.above.as_ref()?;
        let is_amount = |column: u16| matches!(row.cell(column).as_amount(), Value::Money(_));
        if row
            .plan
            .of_kind(FieldKind::Money)
            .any(|(column, _)| is_amount(column))
        {
            return None;
        }
        let mut said = self.dates_in(row, above.field).into_iter();
        let other = said.find(|other| other.date != above.date)?;
        Some(Hold {
            sheet: self.sheets.get(row.sheet)?.name.clone(),
            why: HoldWhy::OtherDateBelow {
                above: above.shown.clone(),
                other: other.shown,
            },
        })
    }

    /// What the cells of a line say of the field.
    fn dates_in(&self, row: &SheetRow, field: usize) -> Vec<DateAbove> {
        let cells: Vec<_> = row.filled().collect();
        let read = |text: &str, value: &str| {
            let value = value.trim().trim_end_matches([')', '.', ']', '*']);
            let read = read_date(value, self.options.day_month_order, false);
            let (date, note) = read.ok()?;
            Some(DateAbove {
                field,
                shown: Shown {
                    text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                    row: row.row_number(),
                },
                date,
                note,
            })
        };
        let says = |text: &str| {
            let last = text.rsplit(['(', ',', ';', '|', '،', '[', '–']).next();
            let heading = last
                .unwrap_or(text)
                .trim()
                .trim_end_matches([':', '-', '=']);
            let claim = self.matcher.claim(heading);
            claim.is_some_and(|(of, ..)| of == field)
        };
        let mut found = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            if cell.kind != CellKind::Text || cell.shown.len() > TEXT_BYTES_MAX {
                continue;
            }
            let shown = cell.shown;
            let colon = shown.char_indices().filter(|(_, c)| *c == ':');
            let starts = colon.map(|(at, _)| at + 1);
            let within = starts.chain(numbers(shown)).find_map(|at| {
                let (heading, value) = shown.split_at_checked(at)?;
                let value = value.trim_start();
                let value = value
                    .split([',', ';', '|', '،'])
                    .next()
                    .and_then(|value| value.split("  ").next())
                    .filter(|_| says(heading));
                // A comma may also stand within a date.
                value
                    .and_then(|value| read(shown, value))
                    .or_else(|| read(shown, &shown[at..]).filter(|_| says(heading)))
            });
            let beside = || {
                let next = cells.get(index + 1).filter(|_| says(shown))?;
                let day = matches!(next.kind, CellKind::Date) && next.plain.is_none();
                let text = next.kind == CellKind::Text;
                let text = (day || text).then(|| format!("{shown} {}", next.shown))?;
                read(&text, next.shown)
            };
            if let Some(named) = within.or_else(beside) {
                found.push(named);
                // Another day in the same text may be the right one.
                found.extend(other_days(shown).filter_map(|value| read(shown, value)));
            }
        }
        if !found.is_empty() {
            // A comma in a title may have parted it: `…, for January: 10-01-2035`.
            let goes_on = |text: &&str| words(text).first().is_some_and(|word| word == "for");
            let texts = cells.iter().map(|cell| cell.shown).filter(goes_on);
            found.extend(
                texts.flat_map(|text| other_days(text).filter_map(move |value| read(text, value))),
            );
        }
        found
    }
}

/// Where the numbers of a text begin.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    let mut within = false;
    text.char_indices().filter_map(move |(at, c)| {
        let before = std::mem::replace(&mut within, digit(c).is_some());
        (within && !before).then_some(at)
    })
}

/// What stands behind the colons of a text (`for January: 10-01-2035`), but for days
/// of another kind: `Issue Date: 01-12-2034`, `Dated: 01-12-2034`.
fn other_days(text: &str) -> impl Iterator<Item = &str> {
    let colons = text.char_indices().filter(|(_, c)| *c == ':');
    colons.filter_map(|(at, _)| {
        let heading = text[..at].rsplit([',', ';', '|', '،', '(']).next()?;
        let value = text[at + 1..].split([',', ';', '|', '،']).next()?;
        let heading = words(heading);
        let dated = heading
            .iter()
            .all(|word| is_word(word, "date dated dt day on"));
        (!dated && !is_any(&heading, OTHER_DATES)).then_some(value)
    })
}
