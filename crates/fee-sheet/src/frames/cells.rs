//! The cells of lines, as a frame holds them. First how many lines there are
//! and how long their shapes; then the shape of each line: its number, what
//! its format is, and of every cell where it stands, what it is, and how long
//! its texts are; then all the texts.

use std::io;

use csv::StringRecord;

use super::{pull_number, push_number};
use crate::limits::Limits;
use crate::row::{CellKind, Cells, Grid, GridCell, SheetRow};

const TEXT: u32 = 0;
const GRID: u32 = 1;

/// Lines on their way out.
#[derive(Debug, Default)]
pub(crate) struct LinesOut {
    lines: u32,
    shapes: Vec<u8>,
    texts: Vec<u8>,
}

impl LinesOut {
    /// Adds a line. What stands in no column that is read is left out.
    pub(crate) fn push(&mut self, row: &SheetRow, limits: &Limits) {
        self.lines += 1;
        push_number(&mut self.shapes, row.number);
        match &row.cells {
            Cells::Text(record) => self.record(record, limits),
            Cells::Grid(grid) => self.grid(grid),
        }
    }

    fn record(&mut self, record: &StringRecord, limits: &Limits) {
        push_number(&mut self.shapes, TEXT);
        // Those beyond are blank: the door refuses others.
        let cells = record.len().min(usize::from(limits.columns));
        push_number(&mut self.shapes, short(cells));
        let mut end = 0;
        for cell in record.iter().take(cells) {
            push_number(&mut self.shapes, short(cell.len()));
            end += cell.len();
        }
        let texts = record.as_slice().as_bytes();
        self.texts.extend_from_slice(&texts[..end.min(texts.len())]);
    }

    fn grid(&mut self, grid: &Grid) {
        push_number(&mut self.shapes, GRID);
        push_number(&mut self.shapes, short(grid.cells.len()));
        for cell in &grid.cells {
            // Taken apart whole, so that a new fact about a cell is not forgotten here.
            let GridCell {
                column,
                kind,
                start,
                shown_end,
                plain_end,
            } = *cell;
            let plain_end = plain_end.max(shown_end);
            push_number(&mut self.shapes, u32::from(column));
            push_number(&mut self.shapes, number_of(kind));
            push_number(&mut self.shapes, shown_end.saturating_sub(start));
            push_number(&mut self.shapes, plain_end - shown_end);
            let text = grid.text.get(start as usize..plain_end as usize);
            self.texts.extend_from_slice(text.unwrap_or("").as_bytes());
        }
    }

    /// How large the frame would be.
    pub(crate) fn bytes(&self) -> usize {
        self.shapes.len() + self.texts.len()
    }

    /// Hands on the parts of the frame, unless there are none, and begins anew.
    pub(crate) fn flush(
        &mut self,
        write: impl FnOnce(&[&[u8]]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.lines == 0 {
            return Ok(());
        }
        let head = [self.lines, short(self.shapes.len())].map(u32::to_le_bytes);
        write(&[&head[0], &head[1], &self.shapes, &self.texts])?;
        self.lines = 0;
        self.shapes.clear();
        self.texts.clear();
        Ok(())
    }
}

/// Lines that came. Nothing about them is believed.
#[derive(Debug, Default)]
pub(crate) struct LinesIn {
    left: u32,
    shapes: Vec<u8>,
    next_shape: usize,
    texts: String,
    next_text: usize,
}

/// What is wrong with a frame.
pub(crate) type Lie = &'static str;

impl LinesIn {
    /// Takes a frame, and tells how many lines there are.
    pub(crate) fn take(&mut self, frame: &[u8]) -> Result<u32, Lie> {
        self.left = 0;
        let (head, rest) = frame
            .split_first_chunk::<8>()
            .ok_or("a frame without a head")?;
        let number =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (lines, shapes) = (number(0), number(4) as usize);
        let (shapes, texts) = rest
            .split_at_checked(shapes)
            .ok_or("cells beyond the frame")?;
        self.shapes.clear();
        self.shapes.extend_from_slice(shapes);
        let mut bytes = std::mem::take(&mut self.texts).into_bytes();
        bytes.clear();
        bytes.extend_from_slice(texts);
        self.texts = String::from_utf8(bytes).map_err(|_| "a text that is none")?;
        (self.left, self.next_shape, self.next_text) = (lines, 0, 0);
        Ok(lines)
    }

    /// Reads the next line into `row`; `false` at the end of the frame.
    pub(crate) fn next(&mut self, row: &mut SheetRow, limits: &Limits) -> Result<bool, Lie> {
        if self.left == 0 {
            return match self.next_shape == self.shapes.len() && self.next_text == self.texts.len()
            {
                true => Ok(false),
                false => Err("more than the lines it announced"),
            };
        }
        self.left -= 1;
        let mut shapes = &self.shapes[self.next_shape..];
        let before = shapes.len();
        let mut number = || pull_number(&mut shapes).ok_or("a line cut short");
        row.number = number()?;
        let format = number()?;
        let cells = number()?;
        if cells > u32::from(limits.columns) {
            return Err("more cells than a line has");
        }
        let text = &self.texts[self.next_text..];
        let used = match format {
            TEXT => record(&mut number, cells, text, &mut row.cells)?,
            GRID => grid(&mut number, cells, text, limits, &mut row.cells)?,
            _ => return Err("a line of no format"),
        };
        if used > line_bytes_max(limits) {
            return Err("a line that is too long");
        }
        self.next_shape += before - shapes.len();
        self.next_text += used;
        Ok(true)
    }
}

/// Bytes of text that a line may have: those of the longest record, which are
/// more as UTF-8 than they were in the file.
pub(crate) fn line_bytes_max(limits: &Limits) -> usize {
    limits.record_bytes.saturating_mul(2)
}

/// A record of a text file; tells how many bytes of `text` it took.
fn record(
    number: &mut impl FnMut() -> Result<u32, Lie>,
    cells: u32,
    text: &str,
    into: &mut Cells,
) -> Result<usize, Lie> {
    if !matches!(into, Cells::Text(_)) {
        *into = Cells::Text(StringRecord::new());
    }
    let mut at = 0;
    if let Cells::Text(record) = into {
        record.clear();
        for _ in 0..cells {
            let end = at + number()? as usize;
            record.push_field(text.get(at..end).ok_or("a text beyond the frame")?);
            at = end;
        }
    }
    Ok(at)
}

/// A row of a worksheet; tells how many bytes of `text` it took.
fn grid(
    number: &mut impl FnMut() -> Result<u32, Lie>,
    cells: u32,
    text: &str,
    limits: &Limits,
    into: &mut Cells,
) -> Result<usize, Lie> {
    if !matches!(into, Cells::Grid(_)) {
        *into = Cells::Grid(Grid::default());
    }
    let Cells::Grid(grid) = into else {
        return Ok(0);
    };
    grid.cells.clear();
    grid.text.clear();
    let mut at = 0;
    for _ in 0..cells {
        let column = u16::try_from(number()?)
            .ok()
            .filter(|column| *column < limits.columns)
            .ok_or("a cell beyond the last column")?;
        if grid.cells.last().is_some_and(|left| left.column >= column) {
            return Err("cells out of order");
        }
        let kind = kind_of(number()?).ok_or("a cell of no kind")?;
        let shown_end = at + number()? as usize;
        let plain_end = shown_end + number()? as usize;
        let ends = [shown_end, plain_end];
        if !ends.iter().all(|end| text.is_char_boundary(*end)) {
            return Err("a text beyond the frame");
        }
        grid.cells.push(GridCell {
            column,
            kind,
            start: short(at),
            shown_end: short(shown_end),
            plain_end: short(plain_end),
        });
        at = plain_end;
    }
    grid.text
        .push_str(text.get(..at).ok_or("a text beyond the frame")?);
    Ok(at)
}

/// Lengths within a frame.
fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

const KINDS: [CellKind; 7] = [
    CellKind::Text,
    CellKind::Number,
    CellKind::Date,
    CellKind::Truth,
    CellKind::Error,
    CellKind::Uncalculated,
    CellKind::Masked,
];

fn kind_of(number: u32) -> Option<CellKind> {
    KINDS.get(number as usize).copied()
}

fn number_of(kind: CellKind) -> u32 {
    match kind {
        CellKind::Text => 0,
        CellKind::Number => 1,
        CellKind::Date => 2,
        CellKind::Truth => 3,
        CellKind::Error => 4,
        CellKind::Uncalculated => 5,
        CellKind::Masked => 6,
    }
}

#[cfg(test)]
mod tests;
