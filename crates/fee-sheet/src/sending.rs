//! A file taken apart for somebody else: its sheets and their lines go out as
//! frames, as they come, and a count of them closes the stream. This is what
//! runs in the process that is kept apart; it judges nothing.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Serialize;

use crate::ReadOptions;
use crate::door::Door;
use crate::frames::{
    self, BLOCK_BYTES, End, Kind, LinesOut, Opened, SENT_BYTES_MAX, SheetEnd, line_bytes_max,
};
use crate::header::Matcher;
use crate::limits::Limits;
use crate::row::{Cells, SheetRow};
use crate::unreadable::Unreadable;

/// Reads a file to its end and writes everything that is in it to `out`; or
/// why it can't be read, which is no error here. `skip` holds how many sheets,
/// from the first, are no longer wanted.
///
/// # Errors
/// `out` takes no more: nobody listens.
pub fn send_lines(
    path: &Path,
    file_name: &str,
    options: &ReadOptions,
    skip: &AtomicU32,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut sender = Sender {
        out,
        sheets: 0,
        lines: 0,
        notes: 0,
        bytes: 0,
    };
    match sender.file(path, file_name, options, skip) {
        Ok(()) => sender.json(
            Kind::End,
            &End {
                sheets: sender.sheets,
                lines: sender.lines,
            },
        ),
        Err(Stop::Refused(refusal)) => sender.json(Kind::Refused, &refusal),
        Err(Stop::NobodyListens(error)) => Err(error),
    }?;
    sender.out.flush()
}

/// Why sending stops before the file's end.
enum Stop {
    Refused(Unreadable),
    NobodyListens(io::Error),
}

impl From<Unreadable> for Stop {
    fn from(refusal: Unreadable) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::NobodyListens(error)
    }
}

struct Sender<'a> {
    out: &'a mut dyn Write,
    sheets: u32,
    lines: u64,
    /// How many notes about the file were sent.
    notes: usize,
    /// Bytes of all lines, as they are sent.
    bytes: u64,
}

impl Sender<'_> {
    fn file(
        &mut self,
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
        skip: &AtomicU32,
    ) -> Result<(), Stop> {
        let mut door = Door::open(path, file_name, options, &Matcher::new(options))?;
        let opened = Opened {
            is_csv: door.is_csv(),
            delimiter: door.delimiter(),
        };
        self.json(Kind::Opened, &opened)?;
        loop {
            let sheet = door.next_sheet()?;
            for left in door.left() {
                self.json(Kind::Left, &left)?;
            }
            self.notes(&door)?;
            let Some(sheet) = sheet else {
                return Ok(());
            };
            self.sheets += 1;
            self.json(Kind::Sheet, &sheet)?;
            let lines = self.sheet(&mut door, &options.limits, skip)?;
            self.lines += lines;
            self.json(Kind::SheetEnd, &SheetEnd { lines })?;
        }
    }

    /// The lines of one sheet; tells how many.
    fn sheet(&mut self, door: &mut Door, limits: &Limits, skip: &AtomicU32) -> Result<u64, Stop> {
        let mut block = LinesOut::default();
        let mut row = SheetRow::default();
        let mut lines = 0;
        while door.next_line(&mut row)? {
            within(&row, limits)?;
            block.push(&row, limits);
            lines += 1;
            if block.bytes() >= BLOCK_BYTES {
                self.bytes += block.bytes() as u64;
                if self.bytes > SENT_BYTES_MAX {
                    return Err(Stop::Refused(too_much_text()));
                }
                block.flush(|parts| frames::write(self.out, Kind::Lines, parts))?;
                if skip.load(Ordering::Relaxed) >= self.sheets {
                    door.skip_sheet();
                    return Ok(lines);
                }
            }
        }
        block.flush(|parts| frames::write(self.out, Kind::Lines, parts))?;
        Ok(lines)
    }

    /// What is new to say of the file as a whole.
    fn notes(&mut self, door: &Door) -> io::Result<()> {
        for note in door.notes().iter().skip(self.notes) {
            self.json(Kind::Note, note)?;
        }
        self.notes = door.notes().len();
        Ok(())
    }

    fn json(&mut self, kind: Kind, what: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_vec(what)?;
        frames::write(self.out, kind, &[&text])
    }
}

/// One text, repeated in every cell of a large sheet, makes more than anybody
/// has the time for.
fn too_much_text() -> Unreadable {
    Unreadable::too_large(
        "its cells hold too much text",
        format!("{} GB", SENT_BYTES_MAX >> 30),
    )
}

/// A worksheet's line has no more text than a text file's: a thousand columns
/// with one long text in each are no sheet, and their copies would be.
fn within(row: &SheetRow, limits: &Limits) -> Result<(), Unreadable> {
    match &row.cells {
        Cells::Grid(grid) if grid.text.len() > line_bytes_max(limits) => {
            let what = format!(
                "row {} holds {} KB of text",
                row.number,
                grid.text.len() >> 10
            );
            let limit = format!("{} KB a row", line_bytes_max(limits) >> 10);
            Err(Unreadable::too_large(what, limit))
        }
        _ => Ok(()),
    }
}
