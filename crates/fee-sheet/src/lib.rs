//! Fee sheets as schools make them: files to rows, and rows to result and
//! fix sheets. Knows no gateway and no database: the caller says which fields
//! a sheet has and what their columns are called.
//!
//! ```no_run
//! use fee_sheet::{Field, FieldKind, ReadOptions, SheetRow, Value, school_words};
//!
//! let mut options = ReadOptions::default();
//! options.fields.push(Field {
//!     name: "amount",
//!     label: "Amount",
//!     kind: FieldKind::Money,
//!     required: true,
//!     synonyms: school_words::AMOUNT,
//! });
//! let mut sheet = fee_sheet::open("fees.xlsx".as_ref(), "fees.xlsx", &options)?;
//! let mut row = SheetRow::default();
//! while sheet.next_row(&mut row)? {
//!     if let Value::Wrong(flaw) = row.entry(0).value {
//!         println!("row {}: {flaw}", row.row_number());
//!     }
//! }
//! # Ok::<(), fee_sheet::Unreadable>(())
//! ```
//!
//! Everything streams: a million rows are read in a few megabytes. A file may
//! be taken apart in another process, which sends its lines ([`ReadBy`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod archive;
mod around;
mod beside;
mod book_door;
mod cell_styles;
mod changed;
mod choices;
mod claims;
mod codes;
mod content;
mod csv_door;
mod dates;
mod day_order;
mod delimiter;
mod digit_format;
mod door;
mod due_phrases;
mod encodings;
mod fixes;
mod flaws;
mod frames;
mod guessing;
mod header;
pub mod headings;
mod holds;
mod judge;
mod known;
mod left_out;
mod limits;
mod lines;
mod macro_sheets;
mod matched;
mod merged;
mod money;
mod number_cells;
mod number_formats;
mod number_masks;
mod ods;
mod other_money;
mod out_of_step;
mod owing;
mod quoting;
mod read_by;
mod reader;
mod receiving;
mod remarks;
mod results;
mod row;
mod sayings;
pub mod school_words;
mod second_line;
mod sending;
mod shapes;
mod source;
mod speaking;
mod spelling;
mod stripped;
mod summing;
mod sums;
mod template;
mod texts;
mod titles;
mod totals;
mod two_lines;
mod unreadable;
mod unused;
mod walk;
mod watch;
mod workbook_check;
mod workbook_out;
mod xls;
mod xlsb;
mod xlsx_cells;
mod zip_door;

pub use dates::{DayMonthOrder, read_date};
pub use fixes::{FixRow, TO_CORRECT, write_fix_xlsx};
pub use flaws::{Flaw, Note};
pub use holds::{BesideWhat, Changed, FieldNamed, Hold, HoldWhy, Place, Shown};
pub use left_out::{LeftOut, LeftOutList};
pub use limits::Limits;
pub use matched::{ColumnMatch, How};
pub use money::read_amount;
pub use read_by::{AnotherReader, Broke, LineStream, ReadBy};
pub use reader::{SheetInfo, SheetReader, open};
pub use remarks::{LeftWhy, LineWhy, Remark, SheetWhy};
pub use results::{Results, RowResult, WriteError, write_result_csv, write_result_xlsx};
pub use row::{Entry, SheetRow, Value};
pub use sending::send_lines;
pub use template::{CellRule, Template, TemplateColumn, TemplateNotes, write_template_xlsx};
pub use unreadable::{MissingField, Unreadable, halves_of_name};

/// A field that a sheet has a column for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in configuration and JSON: `due_date`.
    pub name: &'static str,
    /// The name in sentences: `Due date`.
    pub label: &'static str,
    /// What the column holds.
    pub kind: FieldKind,
    /// Whether a table without this column is no table of ours.
    pub required: bool,
    /// Headings that are taken for it; see [`school_words`].
    pub synonyms: &'static [&'static str],
}

impl Field {
    /// How it is spoken of.
    pub(crate) fn named(&self) -> FieldNamed {
        FieldNamed {
            name: self.name,
            label: self.label,
        }
    }
}

/// What a column holds, which decides how its cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A name or another text.
    Text,
    /// An identifier: kept as the sheet shows it, refused where a spreadsheet
    /// has destroyed it.
    Code,
    /// An amount, to paisa.
    Money,
    /// A day.
    Date,
}

/// How a file is read. Everything but the fields and who reads can be written
/// down, for a process that takes the file apart ([`send_lines`]).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadOptions {
    /// The fields, in the order in which [`SheetRow::entry`] counts them.
    #[serde(skip)]
    pub fields: Vec<Field>,
    /// By field name, the headings that this school uses; they come before
    /// the synonyms.
    pub columns: BTreeMap<String, Vec<String>>,
    /// By field name, the heading that served it in the school's earlier sheets. It
    /// decides nothing but which of two amounts is read, which is asked about.
    #[serde(default)]
    pub usual: BTreeMap<String, String>,
    /// For columns whose dates leave it open.
    pub day_month_order: DayMonthOrder,
    /// How much is read before the file is refused.
    pub limits: Limits,
    /// Who takes the file apart.
    #[serde(skip)]
    pub read_by: ReadBy,
}

/// The name of a cell, as a spreadsheet shows it: `B17`. `column` counts from
/// 0 ([`Entry::column`]), `row` from 1 ([`SheetRow::row_number`]).
pub fn cell_name(column: u16, row: u32) -> String {
    format!("{}{row}", column_name(column))
}

/// The cell that a name such as `B17` or `$B$17` means: its column, from 0, and its row, as written.
pub(crate) fn cell_named(cell: &str) -> Option<(u16, u32)> {
    let cell = cell.trim_start_matches('$');
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = cell.split_at(letters);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().fold(0u16, |column, letter| {
        column * 26 + u16::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some((column - 1, row.trim_start_matches('$').parse().ok()?))
}

/// The letters of a column, counted from 0: `AA`.
pub fn column_name(column: u16) -> String {
    let mut letters = Vec::new();
    let mut left = u32::from(column) + 1;
    while left > 0 {
        left -= 1;
        letters.push(b'A' + u8::try_from(left % 26).unwrap_or(0));
        left /= 26;
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::cell_name;

    #[test]
    fn cells_are_named_as_a_spreadsheet_names_them() {
        assert_eq!(cell_name(0, 1), "A1");
        assert_eq!(cell_name(1, 17), "B17");
        assert_eq!(cell_name(25, 2), "Z2");
        assert_eq!(cell_name(26, 2), "AA2");
        assert_eq!(cell_name(16_383, 1_048_576), "XFD1048576");
    }
}
