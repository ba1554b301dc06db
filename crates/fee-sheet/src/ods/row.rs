//! One row of an OpenDocument sheet, held until it is known how often it is
//! there.

use quick_xml::events::Event;

use super::cell::{Cell, Extent, What};
use super::looks::Looks;
use super::table::place;
use super::xml::Xml;
use crate::cell_name;
use crate::limits::Limits;
use crate::number_formats::PLAIN;
use crate::unreadable::Unreadable;
use crate::walk::{Met, Stop, Walker};

/// Cells of one content, side by side, and where their text lies.
struct Run {
    first: u64,
    count: u64,
    what: What,
    start: usize,
    end: usize,
}

/// Cells that are merged: where the first stands, and how far they go.
struct Span {
    column: u64,
    rows: u64,
    columns: u64,
}

/// The cells of a row that hold anything.
#[derive(Default)]
pub(super) struct Row {
    text: String,
    runs: Vec<Run>,
    spans: Vec<Span>,
    cell: Cell,
    /// Something in it is struck through.
    struck: bool,
}

impl Row {
    /// Reads a row whose start was the last piece.
    pub(super) fn read(
        &mut self,
        xml: &mut Xml<'_>,
        limits: &Limits,
        looks: &Looks,
        row: u64,
    ) -> Result<(), Unreadable> {
        self.struck = false;
        self.text.clear();
        self.runs.clear();
        self.spans.clear();
        let mut column = 0u64;
        loop {
            let count = match xml.next_within()? {
                Event::End(_) => return Ok(()),
                Event::Start(start)
                    if matches!(
                        start.name().as_ref(),
                        "table:table-cell" | "table:covered-table-cell"
                    ) =>
                {
                    let Extent {
                        count,
                        rows,
                        columns,
                    } = self.cell.begin(&start, looks)?;
                    if (rows > 1 || columns > 1) && self.spans.len() < limits.columns.into() {
                        self.spans.push(Span {
                            column,
                            rows,
                            columns,
                        });
                    }
                    count
                }
                Event::Start(_) => {
                    xml.pass_over()?;
                    continue;
                }
                _ => continue,
            };
            self.cell.read(xml, limits.cell_bytes, looks)?;
            self.take(column, count, limits, row)?;
            column = column.saturating_add(count);
        }
    }

    fn take(
        &mut self,
        column: u64,
        count: u64,
        limits: &Limits,
        row: u64,
    ) -> Result<(), Unreadable> {
        let start = self.text.len();
        let Some(what) = self.cell.what(&mut self.text) else {
            return Ok(());
        };
        self.struck |= self.cell.struck;
        let name = |column: u64| {
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            cell_name(column, place(row.saturating_add(1)))
        };
        if self.text.len() - start > limits.cell_bytes {
            let what = format!("cell {} holds too long a text", name(column));
            let limit = format!("{} KB a cell", limits.cell_bytes >> 10);
            return Err(Unreadable::too_large(what, limit));
        }
        let last = column.saturating_add(count).saturating_sub(1);
        if last >= u64::from(limits.columns) {
            let what = format!("there is something in cell {}", name(last.min(16_383)));
            let limit = format!("{} columns", limits.columns);
            return Err(Unreadable::too_large(what, limit));
        }
        self.runs.push(Run {
            first: column,
            count,
            what,
            start,
            end: self.text.len(),
        });
        Ok(())
    }

    /// Tells the cells of the row as often as it is there.
    pub(super) fn tell(
        &self,
        row: u64,
        count: u64,
        hidden: bool,
        limits: &Limits,
        filled: &mut u64,
        walker: &mut dyn Walker,
    ) -> Result<(), Stop> {
        for span in &self.spans {
            let last = |at: u64, count: u64| place(at.saturating_add(count).saturating_sub(1));
            walker.merged(
                (place(row), last(row, span.rows)),
                (place(span.column), last(span.column, span.columns)),
            );
        }
        if self.runs.is_empty() || count == 0 {
            return Ok(());
        }
        let last = row.saturating_add(count).saturating_sub(1);
        let cells: u64 = self.runs.iter().map(|run| run.count).sum();
        *filled = filled.saturating_add(
            cells
                .saturating_mul(count)
                .saturating_sub(self.runs.len() as u64),
        );
        if *filled > limits.repeated_cells || last >= u64::from(limits.rows) {
            let what = format!(
                "what stands in row {} is said to be there {count} times",
                row.saturating_add(1)
            );
            let limit = format!("{} cells that are repeated", limits.repeated_cells);
            return Err(Unreadable::too_large(what, limit).into());
        }
        for row in row..=last {
            if hidden {
                walker.hidden_row(place(row));
            }
            if self.struck {
                walker.struck(place(row));
            }
            for run in &self.runs {
                let text = self.text.get(run.start..run.end).unwrap_or("");
                for column in run.first..run.first + run.count {
                    walker.cell(place(row), place(column), met(&run.what, text))?;
                }
            }
        }
        Ok(())
    }
}

fn met<'a>(what: &What, text: &'a str) -> Met<'a> {
    match what {
        What::Text => Met::Text(text),
        What::Number(value) => Met::Number(*value, PLAIN),
        What::Written(shown) => {
            let (shown, plain) = text.split_at_checked(*shown).unwrap_or((text, ""));
            Met::Written { shown, plain }
        }
        What::Masked(shown) => {
            let (shown, plain) = text.split_at_checked(*shown).unwrap_or((text, ""));
            Met::Masked { shown, plain }
        }
        What::Rounded(value, format) => Met::Number(*value, format),
        What::Day => Met::Day(text),
        What::Month => Met::Month(text),
        What::Truth(truth) => Met::Truth(*truth),
        What::Error => Met::Error(text),
        What::Uncalculated => Met::Uncalculated,
    }
}
