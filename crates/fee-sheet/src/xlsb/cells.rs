//! The cells of one sheet of a binary workbook.

use super::globals::Globals;
use super::records::{Records, read_text};
use crate::number_cells::packed;
use crate::unreadable::Unreadable;
use crate::walk::{Met, Stop, Walker, seen};
use crate::xls::container::u32_at;
use crate::xls::error_name;

/// Reads to the dimensions, which come before everything that [`walk`] tells;
/// how many columns the sheet says it has.
pub(super) fn begin(records: &mut Records<'_>) -> Result<u64, Unreadable> {
    loop {
        // The first record is that a sheet begins; the dimensions come soon.
        match records.next_within()? {
            0x0094 => return Ok(u64::from(u32_at(records.data(16)?, 12)).saturating_add(1)),
            0x0091 => return Err(Unreadable::damaged("one of its sheets has no dimensions")),
            _ => {}
        }
    }
}

/// Walks through the rest of a sheet.
pub(super) fn walk(
    records: &mut Records<'_>,
    globals: &Globals,
    walker: &mut dyn Walker,
) -> Result<(), Stop> {
    let mut row = 0;
    let mut column = 0u32;
    let mut within = false;
    let mut text = String::new();
    loop {
        match records.next_within()? {
            0x0091 => within = true,
            0x0092 => within = false,
            // The sheet ends.
            0x0082 => return Ok(()),
            0x003C => {
                let data = records.data(18)?;
                if data[16] & 1 != 0 {
                    walker.hidden_columns(u32_at(data, 0), u32_at(data, 4));
                }
            }
            0x00B0 => {
                let data = records.data(16)?;
                let at = |index: usize| u32_at(data, 4 * index);
                walker.merged((at(0), at(1)), (at(2), at(3)));
            }
            0x0000 if within => {
                let data = records.data(12)?;
                row = u32_at(data, 0);
                if data[11] & 0x10 != 0 {
                    walker.hidden_row(row);
                }
            }
            record @ (0x0001..=0x0012 | 0x003E) if within => {
                // A short cell stands to the right of the one before it.
                let is_short = (0x000C..=0x0012).contains(&record);
                let at = if is_short { 4 } else { 8 };
                let data = records.data(at)?;
                column = if is_short {
                    column.saturating_add(1)
                } else {
                    u32_at(data, 0)
                };
                let struck = globals.is_struck(look(records, at)?);
                if let Some(met) = met(record, records, at, globals, &mut text)? {
                    if struck {
                        walker.struck(row);
                    }
                    walker.cell(row, column, met)?;
                }
            }
            _ => {}
        }
        if !walker.wanted() {
            return Ok(());
        }
    }
}

/// The number of the look of a cell whose value begins at this place of its record.
fn look(records: &Records<'_>, at: usize) -> Result<u32, Unreadable> {
    Ok(u32_at(records.data(at)?, at - 4) & 0x00FF_FFFF)
}

/// What stands in a cell whose value begins at this place of its record.
fn met<'a>(
    record: u16,
    records: &Records<'_>,
    at: usize,
    globals: &'a Globals,
    text: &'a mut String,
) -> Result<Option<Met<'a>>, Unreadable> {
    let value = |bytes: usize| records.data(at + bytes).map(|data| &data[at..]);
    let format = globals.format_of(look(records, at)?);
    text.clear();
    let met = match record {
        0x0002 | 0x000D => Met::Number(packed(u32_at(value(4)?, 0)), format),
        0x0003 | 0x000B | 0x000E => Met::Error(error_name(value(1)?[0])),
        0x0004 | 0x000A | 0x000F => Met::Truth(value(1)?[0] != 0),
        0x0005 | 0x0009 | 0x0010 => {
            let data = value(8)?;
            let bits = u64::from(u32_at(data, 0)) | u64::from(u32_at(data, 4)) << 32;
            Met::Number(f64::from_bits(bits), format)
        }
        0x0006 | 0x0008 | 0x0011 => {
            read_text(value(4)?, 0, text)?;
            seen(text, format)
        }
        // Its letters have looks of their own.
        0x003E => {
            read_text(value(5)?, 1, text)?;
            seen(text, format)
        }
        0x0007 | 0x0012 => seen(globals.texts.get(u32_at(value(4)?, 0))?, format),
        _ => return Ok(None),
    };
    Ok(Some(met))
}
