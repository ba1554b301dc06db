//! The cells of one sheet of an old workbook.

use super::container::{u16_at, u32_at};
use super::globals::{BEGIN, END, Globals, Writing};
use super::records::{Records, Run};
use crate::number_cells::packed;
use crate::unreadable::Unreadable;
use crate::walk::{Met, Stop, Walker, seen};

const WORKSHEET: u16 = 0x0010;

/// How many columns the sheet says it has; `None` if it is no worksheet.
pub(super) fn begin(records: &mut Records) -> Result<Option<u64>, Unreadable> {
    match records.next()? {
        Some(BEGIN) if u16_at(records.data(), 2) == WORKSHEET => {}
        Some(BEGIN) => return Ok(None),
        _ => {
            return Err(Unreadable::damaged(
                "one of its sheets is not where it says",
            ));
        }
    }
    // The dimensions come before the first row.
    while let Some(record) = records.next()? {
        match record {
            0x0200 => {
                let data = records.data();
                let at = if data.len() >= 14 { 10 } else { 6 };
                return Ok(Some(u64::from(u16_at(data, at))));
            }
            0x0208 | END => break,
            _ => {}
        }
    }
    Ok(Some(0))
}

/// Walks through a sheet, whose first record is the next.
pub(super) fn walk(
    records: &mut Records,
    globals: &Globals,
    walker: &mut dyn Walker,
) -> Result<(), Stop> {
    records.next()?;
    // Charts lie inside the sheet, and have cells of their own.
    let mut inside = 0u32;
    // A formula whose text is still to come.
    let mut awaits: Option<(u16, u16)> = None;
    let mut text = String::new();
    loop {
        let record = records
            .next()?
            .ok_or_else(|| Unreadable::damaged("it ends too early"))?;
        match record {
            BEGIN => inside += 1,
            END if inside == 0 => break,
            END => inside -= 1,
            _ if inside > 0 => continue,
            0x0207 => {
                let Some((row, column)) = awaits.take() else {
                    continue;
                };
                text.clear();
                read_text(records, globals.writing, 0, &mut text)?;
                walker.cell(row.into(), column.into(), Met::Text(&text))?;
            }
            _ => {
                if is_cell(record) && globals.is_struck(u16_at(records.data(), 4)) {
                    walker.struck(u16_at(records.data(), 0).into());
                }
                if is_cell(record)
                    && let Some((row, column)) = awaits.take()
                {
                    walker.cell(row.into(), column.into(), Met::Uncalculated)?;
                }
                if record == 0x0006 || record == 0x0206 || record == 0x0406 {
                    awaits = formula(records.data(), globals, walker)?;
                } else {
                    other(record, records, globals, &mut text, walker)?;
                }
            }
        }
        if !walker.wanted() {
            return Ok(());
        }
    }
    if let Some((row, column)) = awaits {
        walker.cell(row.into(), column.into(), Met::Uncalculated)?;
    }
    Ok(())
}

fn is_cell(record: u16) -> bool {
    matches!(
        record,
        0x0006 | 0x0206 | 0x0406 | 0x00BD | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E
    )
}

fn other(
    record: u16,
    records: &mut Records,
    globals: &Globals,
    text: &mut String,
    walker: &mut dyn Walker,
) -> Result<(), Stop> {
    let data = records.data();
    let (row, column, look) = (u16_at(data, 0), u16_at(data, 2), u16_at(data, 4));
    let at = (u32::from(row), u32::from(column));
    let needs = |bytes: usize| {
        if data.len() < bytes {
            Err(Unreadable::damaged("one of its cells is cut short"))
        } else {
            Ok(())
        }
    };
    match record {
        0x0203 => {
            needs(14)?;
            let met = Met::Number(float(data, 6), globals.format_of(look));
            walker.cell(at.0, at.1, met)
        }
        0x027E => {
            needs(10)?;
            let met = Met::Number(packed(u32_at(data, 6)), globals.format_of(look));
            walker.cell(at.0, at.1, met)
        }
        0x00BD => {
            needs(12)?;
            let cells = data[4..data.len() - 2].chunks_exact(6);
            for (column, cell) in (at.1..).zip(cells) {
                let format = globals.format_of(u16_at(cell, 0));
                walker.cell(at.0, column, Met::Number(packed(u32_at(cell, 2)), format))?;
            }
            Ok(())
        }
        0x00FD => {
            needs(10)?;
            let text = globals.texts.get(u32_at(data, 6))?;
            walker.cell(at.0, at.1, seen(text, globals.format_of(look)))
        }
        0x0204 | 0x00D6 => {
            needs(8)?;
            text.clear();
            read_text(records, globals.writing, 6, text)?;
            walker.cell(at.0, at.1, seen(text, globals.format_of(look)))
        }
        0x0205 => {
            needs(8)?;
            let met = truth_or_error(data[6], data[7] != 0);
            walker.cell(at.0, at.1, met)
        }
        // A row, whether it is hidden.
        0x0208 => {
            if u16_at(data, 12) & 0x20 != 0 {
                walker.hidden_row(row.into());
            }
            Ok(())
        }
        // Columns, whether they are hidden.
        0x007D => {
            if u16_at(data, 8) & 1 != 0 {
                walker.hidden_columns(row.into(), column.into());
            }
            Ok(())
        }
        0x00E5 => {
            let ranges = data.get(2..).unwrap_or_default().chunks_exact(8);
            for range in ranges {
                let at = |index: usize| u32::from(u16_at(range, 2 * index));
                walker.merged((at(0), at(1)), (at(2), at(3)));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A formula's result; its place, if the result is a text that comes next.
fn formula(
    data: &[u8],
    globals: &Globals,
    walker: &mut dyn Walker,
) -> Result<Option<(u16, u16)>, Stop> {
    if data.len() < 14 {
        return Err(Unreadable::damaged("one of its formulas is cut short").into());
    }
    let (row, column, look) = (u16_at(data, 0), u16_at(data, 2), u16_at(data, 4));
    let met = if u16_at(data, 12) == 0xFFFF {
        match data[6] {
            0 => return Ok(Some((row, column))),
            1 => truth_or_error(data[8], false),
            2 => truth_or_error(data[8], true),
            // An empty text. Programs that write formulas and can't calculate
            // them leave it where a result belongs.
            _ if globals.calculated => return Ok(None),
            _ => Met::Uncalculated,
        }
    } else {
        Met::Number(float(data, 6), globals.format_of(look))
    };
    walker.cell(row.into(), column.into(), met)?;
    Ok(None)
}

fn truth_or_error(value: u8, is_error: bool) -> Met<'static> {
    if is_error {
        Met::Error(error_name(value))
    } else {
        Met::Truth(value != 0)
    }
}

/// What a sheet shows for an error of this number.
pub(crate) fn error_name(number: u8) -> &'static str {
    match number {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2B => "#GETTING_DATA",
        _ => "#N/A",
    }
}

/// The text of the last record, from this place on.
fn read_text(
    records: &mut Records,
    writing: Writing,
    at: usize,
    text: &mut String,
) -> Result<(), Unreadable> {
    let count = usize::from(u16_at(records.data(), at));
    match writing {
        Writing::Bytes(_) => {
            let letters = records.data().get(at + 2..).unwrap_or_default();
            text.push_str(&writing.text(letters, count));
            Ok(())
        }
        // Two bytes that say there is nothing are a text, too.
        Writing::Unicode if count == 0 => Ok(()),
        Writing::Unicode => {
            let mut run = Run::new(records, at + 2);
            let how = run.byte()?;
            run.letters(count, how & 1 != 0, text)
        }
    }
}

fn float(data: &[u8], at: usize) -> f64 {
    let bits = u64::from(u32_at(data, at)) | u64::from(u32_at(data, at + 4)) << 32;
    f64::from_bits(bits)
}
