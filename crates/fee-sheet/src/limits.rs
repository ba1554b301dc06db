//! How much of a file is read before it is refused. Everything that a file
//! can make large has a line here, so that a broken or hostile sheet costs a
//! sentence and not the service.

use serde::{Deserialize, Serialize};

/// The limits of one reading. `Limits::default()` fits every sheet that a
/// school or a utility makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file as it lies on the disk.
    pub file_bytes: u64,
    /// Rows of one sheet, title lines and blank lines included.
    pub rows: u32,
    /// Lines below the headings of all sheets together: something is
    /// remembered of each.
    pub file_lines: u64,
    /// Columns of one line that hold anything.
    pub columns: u16,
    /// Bytes of one cell's text, as UTF-8.
    pub cell_bytes: usize,
    /// Bytes of one record of a CSV: one open quote would otherwise swallow
    /// the rest of the file.
    pub record_bytes: usize,
    /// Lines that have anything and are searched for the headings: those of a
    /// covering letter stand above them.
    pub header_lines: usize,
    /// Cells of a whole file that are looked at for the headings of its sheets;
    /// of further sheets only the first few lines are.
    pub heading_cells: usize,
    /// Texts in lines that are no rows, by their look: each may be a heading.
    pub loose_texts: usize,
    /// Parts in the archive that a workbook is.
    pub archive_entries: usize,
    /// Bytes of all parts of a workbook when inflated, counted, not believed.
    pub inflated_bytes: u64,
    /// How many times larger than the file its parts may become, once they
    /// are larger than 64 MB.
    pub inflated_ratio: u64,
    /// Bytes of one part of a workbook that is held in memory whole (styles,
    /// the list of sheets, relations).
    pub part_bytes: u64,
    /// Distinct texts of a workbook.
    pub shared_strings: u64,
    /// Bytes of the part that holds the distinct texts.
    pub shared_string_bytes: u64,
    /// Cell formats of a workbook.
    pub cell_formats: u64,
    /// Sheets of a workbook.
    pub sheets: usize,
    /// Cells that a sheet fills by saying that one is repeated.
    pub repeated_cells: u64,
    /// Bytes of a sheet whose rows are out of order: it is sorted in memory.
    pub unordered_bytes: usize,
    /// Bytes of one file in an archive, which is held in memory whole.
    pub member_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            rows: 2_000_000,
            file_lines: 2_100_000,
            columns: 1_024,
            cell_bytes: 32 << 10,
            record_bytes: 1 << 20,
            header_lines: 200,
            heading_cells: 60_000,
            loose_texts: 1_000_000,
            archive_entries: 10_000,
            inflated_bytes: 4 << 30,
            inflated_ratio: 300,
            part_bytes: 64 << 20,
            shared_strings: 2_000_000,
            shared_string_bytes: 96 << 20,
            cell_formats: 70_000,
            sheets: 500,
            repeated_cells: 1_000_000,
            unordered_bytes: 48 << 20,
            member_bytes: 64 << 20,
        }
    }
}
