//! How the cells of a text file are quoted: by `"` nearly always, by `'` where a program of another
//! house wrote it, with `\"` or `""` for the mark itself, and here and there with a blank before the
//! mark. Told from the first lines: the usual way unless it tears them, and another one mends that.

use std::io::{self, Read};

/// How cells are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quoting {
    pub(crate) mark: u8,
    /// What stands before a mark that is a letter, beside the mark itself.
    pub(crate) escape: Option<u8>,
    /// Blanks may stand between a delimiter and the mark.
    pub(crate) after_blanks: bool,
}

impl Quoting {
    pub(crate) const USUAL: Quoting = Quoting {
        mark: b'"',
        escape: None,
        after_blanks: false,
    };

    /// Tells from the start of a text; `complete` if it is the whole.
    pub(crate) fn told(sample: &str, complete: bool, delimiter: u8) -> Quoting {
        let look = |quoting| Look::at(sample.as_bytes(), complete, delimiter, quoting);
        let usual = look(Self::USUAL);
        if delimiter != b' ' && usual.marks_after_blanks > 0 {
            let tight = Quoting {
                after_blanks: true,
                ..Self::USUAL
            };
            let looks = look(tight);
            if looks.torn == 0 && looks.odd <= usual.odd {
                return tight;
            }
        }
        if usual.torn > 0 {
            let escaped = Quoting {
                escape: Some(b'\\'),
                ..Self::USUAL
            };
            let looks = look(escaped);
            if looks.torn == 0 && looks.odd <= usual.odd {
                return escaped;
            }
        }
        let single = Quoting {
            mark: b'\'',
            ..Self::USUAL
        };
        if usual.quoted == 0 && sample.contains('\'') {
            let looks = look(single);
            if looks.torn == 0
                && looks.quoted > 0
                && (looks.odd < usual.odd || looks.every_line && looks.odd == usual.odd)
            {
                return single;
            }
        }
        Self::USUAL
    }
}

/// What a text looks like under one way of quoting.
#[derive(Debug, Default)]
struct Look {
    /// Lines in which a mark has no partner, or loose text behind it.
    torn: usize,
    /// Lines that have not as many cells as most.
    odd: usize,
    /// Cells in marks that have their partners.
    quoted: usize,
    /// Cells that begin with blanks and then a mark, where those are letters.
    marks_after_blanks: usize,
    /// Each line has a cell in marks, and the first has no other.
    every_line: bool,
}

impl Look {
    fn at(text: &[u8], complete: bool, delimiter: u8, quoting: Quoting) -> Look {
        let mut look = Look {
            every_line: true,
            ..Look::default()
        };
        let mut widths: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let line = Line::at(text, &mut at, delimiter, quoting);
            if at >= text.len() && !complete {
                // It may be cut.
                break;
            }
            if line.cells == 1 && line.filled == 0 {
                continue;
            }
            look.torn += usize::from(line.torn);
            look.quoted += line.quoted;
            look.marks_after_blanks += line.marks_after_blanks;
            look.every_line &= if widths.is_empty() {
                line.quoted == line.filled
            } else {
                line.quoted > 0
            };
            widths.push(line.cells);
        }
        widths.sort_unstable();
        let most = widths.chunk_by(|one, other| one == other).map(<[_]>::len);
        look.odd = widths.len() - most.max().unwrap_or(0);
        look
    }
}

/// One line, or what marks keep together.
#[derive(Debug, Default)]
struct Line {
    cells: usize,
    filled: usize,
    quoted: usize,
    marks_after_blanks: usize,
    torn: bool,
}

impl Line {
    /// Reads the line that begins `at`, and goes behind it.
    fn at(text: &[u8], at: &mut usize, delimiter: u8, quoting: Quoting) -> Line {
        let mut line = Line::default();
        let ends = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
        loop {
            line.cells += 1;
            let start = *at;
            let blanks = text[*at..].iter().take_while(|byte| **byte == b' ').count();
            let marked = text.get(*at + blanks) == Some(&quoting.mark) && delimiter != b' ';
            if marked && (blanks == 0 || quoting.after_blanks) {
                *at += blanks;
                match closed(text, at, delimiter, quoting) {
                    true => line.quoted += 1,
                    false => line.torn = true,
                }
            } else if marked {
                line.marks_after_blanks += 1;
            }
            while text.get(*at).is_some_and(|byte| !ends(*byte)) {
                *at += 1;
            }
            line.filled += usize::from(text[start..*at].iter().any(|byte| *byte != b' '));
            let end = text.get(*at).copied();
            *at += 1;
            match end {
                Some(byte) if byte == delimiter => {}
                Some(b'\r') if text.get(*at) == Some(&b'\n') => {
                    *at += 1;
                    return line;
                }
                _ => return line,
            }
        }
    }
}

/// Goes behind the mark that closes a cell; whether there is one, and nothing loose behind it.
fn closed(text: &[u8], at: &mut usize, delimiter: u8, quoting: Quoting) -> bool {
    *at += 1;
    loop {
        match text.get(*at) {
            None => return false,
            Some(byte) if quoting.escape == Some(*byte) => *at += 1,
            Some(byte) if *byte == quoting.mark => {
                if text.get(*at + 1) != Some(&quoting.mark) {
                    break;
                }
                *at += 1;
            }
            Some(_) => {}
        }
        *at += 1;
    }
    *at += 1;
    let behind = text[*at..].iter().copied().find(|byte| *byte != b' ');
    behind.is_none_or(|byte| byte == delimiter || byte == b'\n' || byte == b'\r')
}

/// If a mark of a record has no partner where a cell ends, how many lines below the record's first
/// it stands. Loose text behind a cell in marks harms nothing, as in `"Ali" Khan`; but if the cell
/// holds a delimiter or a line end, or nothing at all, its marks were none, and cells ran together;
/// and of `"Bilal "Bobby" K"` nobody can say which marks are letters.
pub(crate) fn lone_mark(raw: &[u8], delimiter: u8, quoting: Quoting) -> Option<u64> {
    let mut index = 0;
    let mut line = 0;
    while index < raw.len() {
        if raw[index] != quoting.mark {
            // A bare cell goes to its delimiter; a mark inside is a letter.
            while index < raw.len() && raw[index] != delimiter {
                index += 1;
            }
            index += 1;
            continue;
        }
        let opened_at = line;
        index += 1;
        let opened = index;
        loop {
            match raw.get(index) {
                None => return Some(opened_at),
                Some(byte) if quoting.escape == Some(*byte) => index += 1,
                Some(byte) if *byte == quoting.mark => {
                    if raw.get(index + 1) != Some(&quoting.mark) {
                        break;
                    }
                    index += 1;
                }
                Some(b'\n') => line += 1,
                Some(b'\r') if raw.get(index + 1) != Some(&b'\n') => line += 1,
                Some(_) => {}
            }
            index += 1;
        }
        let inside = &raw[opened..index];
        index += 1;
        let after = raw[index..].iter().copied().find(|byte| *byte != b' ');
        let loose = after.is_some_and(|byte| !matches!(byte, b'\n' | b'\r') && byte != delimiter);
        let behind = index;
        while index < raw.len() && raw[index] != delimiter {
            index += 1;
        }
        let torn = line > opened_at || inside.is_empty() || inside.contains(&delimiter);
        if loose && (torn || raw[behind..index].contains(&quoting.mark)) {
            return Some(opened_at);
        }
        index += 1;
    }
    None
}

/// If marks keep lines of a record together each of which is a row by itself: how many lines below the
/// record's first the mark stands that took the rest along. `1,"Ali,2000` above `2,Bilal",2000` closes
/// well, and yet a pupil is gone. Lines of an address are told from it by what stands in their cells.
pub(crate) fn swallowed(raw: &[u8], delimiter: u8, mark: u8) -> Option<u64> {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    let lines: Vec<Vec<String>> = raw
        .split(|byte| *byte == b'\n')
        .map(|line| {
            let cells = line.split(|byte| *byte == delimiter);
            cells.map(|cell| shape(cell, mark)).collect()
        })
        .collect();
    let (last, upper) = lines.split_last()?;
    let is_row = |line: &Vec<String>| {
        let same = || line.iter().zip(last).filter(|(one, other)| one == other);
        line.len() == last.len()
            && line.len() > 2
            && 2 * same().count() >= line.len()
            && same().any(|(shape, _)| shape.contains('9'))
    };
    let at = upper.iter().position(is_row)?;
    u64::try_from(at).ok()
}

/// What kind of characters stand in a cell: `1,500/-` and `12,000/-` are alike, `Ali` and `Block C` not.
fn shape(cell: &[u8], mark: u8) -> String {
    let mut shape = String::new();
    for byte in cell.iter().filter(|byte| **byte != mark) {
        let kind = match byte {
            b'0'..=b'9' => '9',
            b if b.is_ascii_alphabetic() || *b >= 0x80 => 'a',
            b' ' | b'\r' | b'\t' => continue,
            b => char::from(*b),
        };
        if !shape.ends_with(kind) {
            shape.push(kind);
        }
    }
    shape
}

/// Takes away the blanks that stand before the mark of a cell.
pub(crate) struct Tight<R> {
    inner: R,
    delimiter: u8,
    quoting: Quoting,
    place: Place,
    /// Blanks that are held back until it is seen what follows them.
    blanks: usize,
    ready: Vec<u8>,
    given: usize,
    chunk: Vec<u8>,
}

/// Where in a line the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    CellStart,
    Bare,
    InMarks,
    Escaped,
    /// Behind a mark that closes the cell, or is the first of two.
    AfterMark,
}

/// No more blanks stand before a mark.
const BLANKS: usize = 64;

impl<R: Read> Tight<R> {
    pub(crate) fn new(inner: R, delimiter: u8, quoting: Quoting) -> Self {
        Self {
            inner,
            delimiter,
            quoting,
            place: Place::CellStart,
            blanks: 0,
            ready: Vec::new(),
            given: 0,
            chunk: Vec::new(),
        }
    }

    fn take(&mut self, byte: u8) {
        let between = byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let bare = if between {
            Place::CellStart
        } else {
            Place::Bare
        };
        self.place = match self.place {
            Place::CellStart if byte == b' ' && self.blanks < BLANKS => {
                self.blanks += 1;
                return;
            }
            Place::CellStart if byte == self.quoting.mark => {
                self.blanks = 0;
                Place::InMarks
            }
            Place::CellStart => {
                self.give_blanks();
                bare
            }
            Place::Bare => bare,
            Place::InMarks if self.quoting.escape == Some(byte) => Place::Escaped,
            Place::InMarks if byte == self.quoting.mark => Place::AfterMark,
            Place::InMarks | Place::Escaped => Place::InMarks,
            Place::AfterMark if byte == self.quoting.mark => Place::InMarks,
            Place::AfterMark => bare,
        };
        self.ready.push(byte);
    }

    fn give_blanks(&mut self) {
        self.ready.extend(std::iter::repeat_n(b' ', self.blanks));
        self.blanks = 0;
    }
}

impl<R: Read> Read for Tight<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.quoting.after_blanks {
            return self.inner.read(out);
        }
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let mut chunk = std::mem::take(&mut self.chunk);
            chunk.resize(out.len(), 0);
            let read = self.inner.read(&mut chunk)?;
            chunk[..read].iter().for_each(|byte| self.take(*byte));
            self.chunk = chunk;
            if read == 0 {
                self.give_blanks();
                if self.ready.is_empty() {
                    return Ok(0);
                }
            }
        }
        let given = out.len().min(self.ready.len() - self.given);
        out[..given].copy_from_slice(&self.ready[self.given..self.given + given]);
        self.given += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests;
