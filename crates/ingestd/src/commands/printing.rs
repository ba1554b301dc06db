//! How an answer is put on paper: a table for people, JSON or CSV for programs, each as it comes,
//! so that a list of a million rows needs no memory.
//!
//! JSON is held back until it is whole: a command that fails halfway leaves standard output empty,
//! never half a list.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;
use tempfile::SpooledTempFile;

use crate::cli::{Format, as_typed};
use crate::exit::{Exit, Failure};

/// Rows of a table that are laid out together: their columns have one width.
const TABLE_ROWS: usize = 500;
/// JSON that is held back in memory, in bytes; what is more goes to a temporary file.
const HELD_BYTES: usize = 8 * 1024 * 1024;

/// Where an answer is written.
pub(super) struct Paper<'w> {
    out: Box<dyn Write + Send + 'w>,
    /// JSON, until it is whole.
    held: Option<BufWriter<SpooledTempFile>>,
    format: Format,
}

impl<'w> Paper<'w> {
    pub(super) fn new(out: Box<dyn Write + Send + 'w>, format: Format) -> Self {
        let held =
            (format == Format::Json).then(|| BufWriter::new(SpooledTempFile::new(HELD_BYTES)));
        Paper { out, held, format }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// One answer as JSON.
    pub(super) fn json(&mut self, answer: &impl Serialize) -> Result<(), Failure> {
        self.written(|out| Ok(serde_json::to_writer_pretty(out, answer)?))?;
        self.line("")
    }

    /// A piece of JSON, compact, without a line end.
    pub(super) fn json_piece(&mut self, piece: &impl Serialize) -> Result<(), Failure> {
        self.written(|out| Ok(serde_json::to_writer(out, piece)?))
    }

    /// A piece of text, without a line end.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.written(|out| out.write_all(text.as_bytes()))
    }

    /// A line of text. For people, its commands as they are to be typed.
    pub(super) fn line(&mut self, line: &str) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.laid_out(&as_typed(line)),
            _ => self.laid_out(line),
        }
    }

    /// Lines that are laid out already.
    pub(super) fn laid_out(&mut self, lines: &str) -> Result<(), Failure> {
        self.written(|out| writeln!(out, "{lines}"))
    }

    /// What is written so far is to be seen now, unless it is half an answer.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|error| unwritten(&error))
    }

    /// Everything is written. A paper that is dropped without it shows no JSON at all.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        if let Some(held) = self.held.take() {
            let mut whole = held.into_inner().map_err(|error| not_held(error.error()))?;
            whole
                .seek(SeekFrom::Start(0))
                .map_err(|error| not_held(&error))?;
            io::copy(&mut whole, &mut self.out).map_err(|error| unwritten(&error))?;
        }
        self.flush()
    }

    fn written(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match &mut self.held {
            Some(held) => write(held).map_err(|error| not_held(&error)),
            None => write(&mut self.out).map_err(|error| unwritten(&error)),
        }
    }

    /// Begins a list with these columns.
    pub(super) fn list<'p>(
        &'p mut self,
        headings: &'static [&'static str],
    ) -> Result<List<'p, 'w>, Failure> {
        match self.format {
            Format::Json => self.text("[")?,
            Format::Csv => self.csv_line(headings.iter().map(|heading| (*heading).to_owned()))?,
            Format::Table => {}
        }
        Ok(List {
            paper: self,
            headings,
            table: Vec::new(),
            pushed: 0,
        })
    }

    /// A line of a CSV that is written line by line.
    pub(super) fn csv(&mut self, cells: &[&str]) -> Result<(), Failure> {
        self.csv_line(cells.iter().map(|cell| (*cell).to_owned()))
    }

    fn csv_line(&mut self, cells: impl Iterator<Item = String>) -> Result<(), Failure> {
        let mut line = String::new();
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                line.push(',');
            }
            push_csv_cell(&mut line, &cell);
        }
        self.line(&line)
    }
}

/// A list on its way to the paper.
pub(super) struct List<'p, 'w> {
    paper: &'p mut Paper<'w>,
    headings: &'static [&'static str],
    table: Vec<Vec<String>>,
    pushed: u64,
}

impl List<'_, '_> {
    /// One more: `whole` in JSON, `cells` elsewhere.
    pub(super) fn push(
        &mut self,
        whole: &impl Serialize,
        cells: impl FnOnce() -> Vec<String>,
    ) -> Result<(), Failure> {
        match self.paper.format {
            Format::Json => {
                self.paper
                    .text(if self.pushed == 0 { "\n" } else { ",\n" })?;
                self.paper.json_piece(whole)?;
            }
            Format::Csv => self.paper.csv_line(cells().into_iter())?,
            Format::Table => {
                self.table.push(cells());
                if self.table.len() == TABLE_ROWS {
                    self.lay_out()?;
                }
            }
        }
        self.pushed += 1;
        Ok(())
    }

    /// How many there were.
    pub(super) fn finish(mut self) -> Result<u64, Failure> {
        match self.paper.format {
            Format::Json => self
                .paper
                .line(if self.pushed == 0 { "]" } else { "\n]" })?,
            Format::Csv => {}
            Format::Table => self.lay_out()?,
        }
        Ok(self.pushed)
    }

    fn lay_out(&mut self) -> Result<(), Failure> {
        if self.table.is_empty() {
            return Ok(());
        }
        let text = table(self.headings, std::mem::take(&mut self.table));
        self.paper.laid_out(&text)
    }
}

/// A table as wide as the terminal; off a terminal as wide as it needs to be.
pub(super) fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    /// One line below the headings, none between rows: a list is to be read, not framed.
    const STYLE: TableStyle =
        TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(headings.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| shown(cell)).collect::<Vec<_>>());
    }
    table.trim_fmt()
}

/// A text from a sheet or a hub as it may stand on a terminal: nothing in it moves the cursor,
/// colours the screen, or turns the direction of what follows.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                '\u{fffd}'
            }
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// A cell of a CSV: quoted where it must be, and never the start of a formula for whoever opens it
/// in a spreadsheet.
fn push_csv_cell(line: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || cell.contains(['"', ',', '\n', '\r', ';']);
    if quoted {
        line.push('"');
    }
    if formula {
        line.push('\'');
    }
    for c in cell.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    if quoted {
        line.push('"');
    }
}

/// What could not be written. Where nobody reads on (`… | head`), that is a quiet end, not a failure.
pub(super) fn unwritten(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::new(Exit::Done, "");
    }
    Failure::file(format!(
        "the answer can't be written to standard output: {error}"
    ))
}

/// What could not be held back: a list that is longer than memory needs a temporary file.
fn not_held(error: &io::Error) -> Failure {
    Failure::file(format!(
        "the temporary file of the answer can't be used: {error}"
    ))
    .help("the system's temporary folder may be full; TMPDIR names another")
}

/// A value that may be missing, as a cell.
pub(super) fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A moment as a cell: UTC, to the second.
pub(super) fn moment(at: Option<chrono::DateTime<chrono::Utc>>) -> String {
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// A number of things with its word: `1 row`, `1,200 rows`.
pub(crate) fn many(n: u64, one: &str) -> String {
    counted(n, one, &format!("{one}s"))
}

/// A number with what is said of one or of several: `1 row is held`, `1,200 rows are held`.
pub(crate) fn counted(n: u64, one: &str, several: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{} {several}", grouped(n))
    }
}

/// A number with commas.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn printed(format: Format, items: &[(u32, &str)]) -> String {
        let mut out = Vec::new();
        let mut paper = Paper::new(Box::new(&mut out), format);
        let mut list = paper.list(&["n", "word"]).unwrap();
        for (n, word) in items {
            list.push(&serde_json::json!({"n": n, "word": word}), || {
                vec![n.to_string(), (*word).to_owned()]
            })
            .unwrap();
        }
        list.finish().unwrap();
        paper.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_is_one_json_value_even_if_it_is_empty() {
        assert_eq!(printed(Format::Json, &[]), "[]\n");
        let value: serde_json::Value =
            serde_json::from_str(&printed(Format::Json, &[(1, "a"), (2, "b")])).unwrap();
        assert_eq!(
            value,
            serde_json::json!([{"n": 1, "word": "a"}, {"n": 2, "word": "b"}])
        );
    }

    #[test]
    fn json_that_was_cut_short_is_not_shown_at_all() {
        let mut out = Vec::new();
        let mut paper = Paper::new(Box::new(&mut out), Format::Json);
        let mut list = paper.list(&["n"]).unwrap();
        for n in 0..3 {
            list.push(&serde_json::json!({"n": n}), Vec::new).unwrap();
        }
        paper.flush().unwrap();
        // The hub fails on the next page: the command ends here.
        drop(paper);
        assert_eq!(String::from_utf8(out).unwrap(), "");
    }

    #[test]
    fn a_list_that_is_longer_than_memory_is_shown_whole() {
        let word = "w".repeat(HELD_BYTES / 4);
        let items: Vec<(u32, &str)> = (0..6).map(|n| (n, word.as_str())).collect();
        let text = printed(Format::Json, &items);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value.as_array().map(Vec::len), Some(6));
        assert_eq!(value[5]["word"], word);
    }

    #[test]
    fn a_csv_cell_is_quoted_and_never_starts_a_formula() {
        assert_eq!(
            printed(Format::Csv, &[(1, "a, \"b\""), (2, "=1+1"), (3, "+92 300")]),
            "n,word\n1,\"a, \"\"b\"\"\"\n2,\"'=1+1\"\n3,\"'+92 300\"\n"
        );
    }

    #[test]
    fn a_table_shows_what_a_sheet_says_without_obeying_it() {
        let text = printed(Format::Table, &[(1, "\u{1b}[2Jgone\u{202e}")]);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(text.contains("gone") && text.contains("word"));
        assert_eq!(printed(Format::Table, &[]), "");
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end() {
        let failure = unwritten(&io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit, failure.sentence.as_str()), (Exit::Done, ""));
        assert_eq!(unwritten(&io::Error::other("full")).exit, Exit::File);
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(
            [grouped(0), grouped(999), grouped(1000), grouped(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            (many(1, "row"), many(12_000, "row")),
            ("1 row".to_owned(), "12,000 rows".to_owned())
        );
        let held = |n| counted(n, "row is held", "rows are held");
        assert_eq!(
            [held(0), held(1), held(1200)],
            ["0 rows are held", "1 row is held", "1,200 rows are held"]
        );
    }
}
