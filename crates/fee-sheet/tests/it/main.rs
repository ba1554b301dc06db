//! Sheets from outside: made as schools make them, read back, and written.

#![allow(clippy::unwrap_used)]

mod another;
mod any_dress;
mod archives;
mod around_the_rows;
mod beside_the_rows;
mod changed;
mod csv_files;
mod day_order;
mod dress;
mod enemies;
mod enemy_books;
mod enemy_open_books;
mod enemy_xls;
mod enemy_xlsb;
mod every_hazard;
mod first_rows;
mod fixes;
mod formats;
mod guesses;
mod headings;
mod less_than_there_is;
mod owing;
mod results;
mod sheets_of_bursars;
mod shown_otherwise;
mod struck;
mod tables;
mod template;
mod values;
mod workbooks;

use std::path::{Path, PathBuf};

use fee_sheet::{
    Field, FieldKind, FixRow, Note, ReadOptions, SheetInfo, SheetRow, Unreadable, Value,
    WriteError, school_words,
};
use tempfile::TempDir;

/// A folder for one test, gone with it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The five fields of a bill.
/// Writes the fix sheet of `fees.csv`, in English.
fn write_fix(
    original: &Path,
    options: &ReadOptions,
    out: &Path,
    fixes: &mut dyn FnMut(&str, u32) -> Option<FixRow>,
) -> Result<u64, WriteError> {
    let heading = fee_sheet::TO_CORRECT[0];
    fee_sheet::write_fix_xlsx(original, "fees.csv", options, heading, out, fixes)
}

fn options() -> ReadOptions {
    let field = |name, label, kind, required, synonyms| Field {
        name,
        label,
        kind,
        required,
        synonyms,
    };
    let fields = vec![
        field("title", "Title", FieldKind::Text, true, school_words::TITLE),
        field(
            "identifier",
            "Identifier",
            FieldKind::Code,
            true,
            school_words::IDENTIFIER,
        ),
        field(
            "amount",
            "Amount",
            FieldKind::Money,
            true,
            school_words::AMOUNT,
        ),
        field(
            "due_date",
            "Due date",
            FieldKind::Date,
            true,
            school_words::DUE_DATE,
        ),
        field(
            "amount_after_due_date",
            "Amount after due date",
            FieldKind::Money,
            false,
            school_words::AMOUNT_AFTER_DUE_DATE,
        ),
    ];
    ReadOptions {
        fields,
        ..ReadOptions::default()
    }
}

/// Everything that a file says.
#[derive(Debug, PartialEq)]
struct Read {
    rows: Vec<Line>,
    left_out: Vec<Left>,
    sheets: Vec<SheetInfo>,
    held: Option<String>,
    notes: Vec<String>,
}

/// What was left out, and why.
#[derive(Debug, PartialEq)]
struct Left {
    sheet: String,
    row: u32,
    why: String,
    whole_sheet: bool,
}

fn left_of(sheet: &mut fee_sheet::SheetReader) -> Vec<Left> {
    let of = |left: fee_sheet::LeftOut<'_>| Left {
        sheet: left.sheet.to_owned(),
        row: left.row,
        whole_sheet: left.is_whole_sheet(),
        why: left.why.to_string(),
    };
    sheet.left_out().iter().map(of).collect()
}

/// Sentences, one behind the other; `None` if there are none.
fn joined<T: ToString>(said: &[T]) -> Option<String> {
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// One row: sheet, number, and the five values in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    sheet: usize,
    number: u32,
    values: [String; 5],
    /// What was assumed to read them.
    notes: Vec<Note>,
    token: Option<String>,
}

fn in_words(value: &Value<'_>) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(text) => (*text).to_owned(),
        Value::Money(minor) => format!("{}.{:02}", minor / 100, minor % 100),
        Value::Date(date) => date.to_string(),
        Value::Wrong(flaw) => format!("{flaw:?}"),
    }
}

/// Reads a file, taken apart here and by another: both must come to the same.
fn read_with(path: &Path, options: &ReadOptions) -> Result<Read, Unreadable> {
    let here = read_once(path, options);
    let there = read_once(path, &another::by_another(options));
    match (&here, &there) {
        (Ok(here), Ok(there)) => assert_eq!(here, there),
        (Err(here), Err(there)) => assert_eq!(here.to_string(), there.to_string()),
        _ => panic!("read here: {here:?}; by another: {there:?}"),
    }
    here
}

fn read_once(path: &Path, options: &ReadOptions) -> Result<Read, Unreadable> {
    let name = path.file_name().unwrap().to_string_lossy();
    let mut sheet = fee_sheet::open(path, &name, options)?;
    let mut row = SheetRow::default();
    let mut rows = Vec::new();
    let mut left_out = Vec::new();
    while sheet.next_row(&mut row)? {
        rows.push(Line {
            sheet: row.sheet(),
            number: row.row_number(),
            values: std::array::from_fn(|field| in_words(&row.entry(field).value)),
            notes: (0..5).filter_map(|field| row.entry(field).note).collect(),
            token: row.token().map(str::to_owned),
        });
        left_out.extend(left_of(&mut sheet));
    }
    left_out.extend(left_of(&mut sheet));
    Ok(Read {
        rows,
        left_out,
        sheets: sheet.sheets().to_vec(),
        held: joined(sheet.holds()),
        notes: sheet.notes().iter().map(ToString::to_string).collect(),
    })
}

fn read(path: &Path) -> Result<Read, Unreadable> {
    read_with(path, &options())
}

/// The numbers and values of all rows.
fn rows(read: &Read) -> Vec<(u32, [&str; 5])> {
    read.rows
        .iter()
        .map(|line| {
            (
                line.number,
                std::array::from_fn(|field| line.values[field].as_str()),
            )
        })
        .collect()
}

/// The numbers and reasons of all lines left out.
fn left(read: &Read) -> Vec<(u32, &str)> {
    read.left_out
        .iter()
        .map(|line| (line.row, line.why.as_str()))
        .collect()
}

#[test]
fn a_reader_can_go_to_another_thread() {
    fn goes<T: Send + 'static>() {}
    goes::<fee_sheet::SheetReader>();
    goes::<SheetRow>();
    goes::<Unreadable>();
}
