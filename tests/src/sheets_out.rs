//! Reading what the program writes for the bursar: result and fix sheets, as
//! a spreadsheet would open them.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

/// A worksheet: its lines from the first one on.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name; empty for CSV.
    pub name: String,
    /// Its lines; the first of them is line 1 of the sheet.
    pub lines: Vec<Vec<String>>,
    /// Where cells are that hold a formula.
    pub formulas: Vec<(u32, u32)>,
    /// Where cells are that hold a text.
    pub texts: BTreeSet<(u32, u32)>,
}

/// What became of a row, as its line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line's number, counted from 1.
    pub number: usize,
    /// The cells as they came.
    pub cells: Vec<String>,
    /// The State column.
    pub state: String,
    /// The PSID column.
    pub psid: String,
    /// The Message column.
    pub message: String,
}

impl Page {
    /// Where the heading is that begins the three added columns: line and
    /// column, from 0.
    fn added(&self) -> Option<(usize, usize)> {
        self.lines.iter().enumerate().find_map(|(line, cells)| {
            let added = ["State", "PSID", "Message"];
            let column = cells.windows(3).position(|three| three == added)?;
            Some((line, column))
        })
    }

    /// The lines below the heading that have a state.
    ///
    /// # Panics
    /// If there is no heading `State`, `PSID`, `Message`.
    pub fn results(&self) -> Vec<Line> {
        let (heading, column) = self
            .added()
            .unwrap_or_else(|| panic!("no State, PSID, Message in {:?}", self.lines.first()));
        let below = self.lines.iter().enumerate().skip(heading + 1);
        below
            .filter_map(|(line, cells)| {
                let cell = |at: usize| cells.get(at).cloned().unwrap_or_default();
                let result = Line {
                    number: line + 1,
                    cells: cells.iter().take(column).cloned().collect(),
                    state: cell(column),
                    psid: cell(column + 1),
                    message: cell(column + 2),
                };
                (!result.state.is_empty()).then_some(result)
            })
            .collect()
    }

    /// Insists that the PSID column is text: as a number 24 digits are lost.
    ///
    /// # Panics
    /// If a PSID is anything else.
    pub fn psids_are_texts(&self) {
        let (_, column) = self.added().expect("a result sheet has its columns");
        let column = u32::try_from(column + 1).expect("a sheet is not that wide");
        for line in self.results().iter().filter(|line| !line.psid.is_empty()) {
            let at = (
                u32::try_from(line.number - 1).expect("a sheet is not that long"),
                column,
            );
            assert!(
                self.texts.contains(&at),
                "the PSID of line {} is no text",
                line.number
            );
        }
    }
}

/// The sheets of a workbook.
///
/// # Panics
/// If it can't be opened.
pub fn pages_of_xlsx(bytes: &[u8]) -> Vec<Page> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("the workbook opens");
    let names = book.sheet_names();
    let mut pages = Vec::new();
    for name in names {
        let range = book.worksheet_range(&name).expect("its sheet can be read");
        let formulas = book
            .worksheet_formula(&name)
            .expect("its formulas can be read");
        let formulas = match formulas.start() {
            Some((row, column)) => formulas
                .used_cells()
                .filter(|(_, _, text)| !text.is_empty())
                .map(|(r, c, _)| (row + index(r), column + index(c)))
                .collect(),
            None => Vec::new(),
        };
        let (rows, columns) = range
            .end()
            .map_or((0, 0), |(row, column)| (row + 1, column + 1));
        let mut texts = BTreeSet::new();
        let mut lines = Vec::new();
        for row in 0..rows {
            let mut cells = Vec::new();
            for column in 0..columns {
                let cell = range.get_value((row, column)).unwrap_or(&Data::Empty);
                if matches!(cell, Data::String(_)) {
                    texts.insert((row, column));
                }
                cells.push(shown(cell));
            }
            lines.push(cells);
        }
        pages.push(Page {
            name,
            lines,
            formulas,
            texts,
        });
    }
    pages
}

/// A CSV as a sheet.
///
/// # Panics
/// If it is none.
pub fn pages_of_csv(bytes: &[u8]) -> Vec<Page> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let lines: Vec<Vec<String>> = reader
        .records()
        .map(|record| {
            let record = record.expect("a result CSV is one");
            record.iter().map(str::to_owned).collect()
        })
        .collect();
    let mut formulas = Vec::new();
    for (row, cells) in lines.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            if starts_a_formula(cell) {
                formulas.push((index(row), index(column)));
            }
        }
    }
    vec![Page {
        name: String::new(),
        lines,
        formulas,
        texts: BTreeSet::new(),
    }]
}

/// Whether a spreadsheet that opens a CSV would calculate this cell. A number
/// with a sign is a number.
fn starts_a_formula(cell: &str) -> bool {
    let number = cell.trim_start_matches(['+', '-']);
    let is_number = !number.is_empty()
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number
}

fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::DateTime(time) => time
            .as_datetime()
            .map_or_else(|| time.to_string(), |time| time.date().to_string()),
        other => other.to_string(),
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a sheet of a test is not that large")
}
