//! One book in every dress: a small model of a workbook, and writers that put
//! it into each format that is read. They are written by hand from the
//! formats' descriptions, so that every byte can be made wrong on purpose.

pub(crate) mod ods;
pub(crate) mod xls;
pub(crate) mod xlsb;
pub(crate) mod xlsx;

/// What stands in a cell. Numbers are written as their decimals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(String),
    /// A number, the format it is shown in, and what that shows.
    Shown(String, &'static str, String),
    /// A day as year, month, day.
    Day(i32, u32, u32),
    Truth(bool),
    Error(&'static str),
    /// A formula and its result.
    Formula(Box<Cell>),
    /// A formula that nobody calculated.
    Uncalculated,
}

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

pub(crate) fn number(number: &str) -> Cell {
    Cell::Number(number.to_owned())
}

/// One sheet. Rows and columns count from 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    pub(crate) cells: Vec<(u32, u16, Cell)>,
    pub(crate) hidden_rows: Vec<u32>,
    pub(crate) hidden_columns: Vec<u16>,
    /// First row and column, last row and column.
    pub(crate) merged: Vec<(u32, u16, u32, u16)>,
}

impl Page {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Puts cells side by side into a row.
    pub(crate) fn row(&mut self, row: u32, cells: impl IntoIterator<Item = Cell>) -> &mut Self {
        self.cells
            .extend((0..).zip(cells).map(|(column, cell)| (row, column, cell)));
        self
    }

    /// The headings of a bill.
    pub(crate) fn headings(&mut self, row: u32) -> &mut Self {
        let headings = [
            "Student Name",
            "Reg No",
            "Fee",
            "Due Date",
            "After Due Date",
        ];
        self.row(row, headings.map(text))
    }

    /// A plain bill.
    pub(crate) fn bill(&mut self, row: u32, name: &str, id: &str, amount: &str) -> &mut Self {
        let cells = [text(name), text(id), number(amount), Cell::Day(2035, 3, 5)];
        self.row(row, cells)
    }
}

/// A workbook.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    pub(crate) pages: Vec<Page>,
    pub(crate) epoch_1904: bool,
}

impl Book {
    pub(crate) fn of(page: Page) -> Self {
        Self {
            pages: vec![page],
            epoch_1904: false,
        }
    }

    /// A book of one sheet with one bill.
    pub(crate) fn plain() -> Self {
        let mut page = Page::new("Class 5");
        page.headings(0).bill(1, "Ali", "FS-1", "1500");
        Self::of(page)
    }

    /// The number of a day, as this book counts days.
    fn day_number(&self, year: i32, month: u32, day: u32) -> i64 {
        let days = |year, month, day| {
            chrono::NaiveDate::from_ymd_opt(year, month, day)
                .unwrap()
                .signed_duration_since(chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap())
                .num_days()
        };
        let epoch = if self.epoch_1904 { days(1904, 1, 1) } else { 0 };
        days(year, month, day) - epoch
    }

    /// Every number format of the book, the one of days first.
    fn formats(&self) -> Vec<&'static str> {
        let mut formats = vec!["dd/mm/yyyy"];
        for (_, _, cell) in self.pages.iter().flat_map(|page| &page.cells) {
            if let Cell::Shown(_, format, _) = cell
                && !formats.contains(format)
            {
                formats.push(format);
            }
        }
        formats
    }
}

/// A format that a book is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dress {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

pub(crate) const ALL: [Dress; 4] = [Dress::Xlsx, Dress::Xlsb, Dress::Xls, Dress::Ods];

impl Dress {
    pub(crate) fn write(self, book: &Book) -> Vec<u8> {
        match self {
            Self::Xlsx => xlsx::write(book),
            Self::Xlsb => xlsb::write(book),
            Self::Xls => xls::write(book),
            Self::Ods => ods::write(book),
        }
    }
}

/// Writes an archive.
pub(crate) fn archive<'a>(parts: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The distinct texts of a book, in the order in which cells name them.
fn texts(book: &Book) -> Vec<&str> {
    let mut texts: Vec<&str> = Vec::new();
    for (_, _, cell) in book.pages.iter().flat_map(|page| &page.cells) {
        if let Cell::Text(text) = cell
            && !texts.contains(&text.as_str())
        {
            texts.push(text);
        }
    }
    texts
}

fn error_number(name: &str) -> u8 {
    match name {
        "#DIV/0!" => 0x07,
        "#REF!" => 0x17,
        _ => 0x2A,
    }
}
