//! One sheet of an OpenDocument workbook: its columns and its rows, which may
//! be said to be there any number of times.

use quick_xml::events::{BytesStart, Event};

use super::looks::Looks;
use super::row::Row;
use super::xml::{Xml, attribute, repeated};
use crate::limits::Limits;
use crate::unreadable::Unreadable;
use crate::walk::{Stop, Walker};

/// What a piece of a sheet is.
enum Piece {
    Columns { count: u64, hidden: bool },
    Row { count: u64, hidden: bool },
    Group { hidden: bool },
    GroupEnd,
    Other,
    Nothing,
}

/// Walks through a sheet whose start was the last piece. `filled` counts the
/// cells that are there because one is said to be repeated.
pub(super) fn walk(
    xml: &mut Xml<'_>,
    limits: &Limits,
    looks: &Looks,
    filled: &mut u64,
    walker: &mut dyn Walker,
) -> Result<(), Stop> {
    let mut column = 0u64;
    let mut row = 0u64;
    let mut groups: Vec<bool> = Vec::new();
    let mut cells = Row::default();
    loop {
        match piece(xml.next_within()?)? {
            Piece::Columns { count, hidden } => {
                xml.pass_over()?;
                let last = column.saturating_add(count);
                if hidden && count > 0 {
                    walker.hidden_columns(place(column), place(last - 1));
                }
                column = last;
            }
            Piece::Row { count, hidden } => {
                cells.read(xml, limits, looks, row)?;
                let hidden = hidden || groups.contains(&true);
                cells.tell(row, count, hidden, limits, filled, walker)?;
                row = row.saturating_add(count);
            }
            Piece::Group { hidden } => groups.push(hidden),
            Piece::GroupEnd => {
                // The last end is that of the sheet.
                if groups.pop().is_none() {
                    return Ok(());
                }
            }
            Piece::Other => xml.pass_over()?,
            Piece::Nothing => {}
        }
    }
}

fn piece(event: Event<'_>) -> Result<Piece, Unreadable> {
    let start = match event {
        Event::Start(start) => start,
        Event::End(_) => return Ok(Piece::GroupEnd),
        _ => return Ok(Piece::Nothing),
    };
    Ok(match start.name().as_ref() {
        "table:table-column" => Piece::Columns {
            count: repeated(&start, "table:number-columns-repeated")?,
            hidden: is_hidden(&start)?,
        },
        "table:table-row" => Piece::Row {
            count: repeated(&start, "table:number-rows-repeated")?,
            hidden: is_hidden(&start)?,
        },
        "table:table-columns"
        | "table:table-header-columns"
        | "table:table-column-group"
        | "table:table-rows"
        | "table:table-header-rows"
        | "table:table-row-group" => Piece::Group {
            hidden: attribute(&start, "table:display")?.as_deref() == Some("false"),
        },
        _ => Piece::Other,
    })
}

fn is_hidden(start: &BytesStart<'_>) -> Result<bool, Unreadable> {
    let visibility = attribute(start, "table:visibility")?;
    Ok(visibility.is_some_and(|how| how == "collapse" || how == "filter"))
}

/// A place as the walk counts; what is farther than that is too far anyway.
pub(super) fn place(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
