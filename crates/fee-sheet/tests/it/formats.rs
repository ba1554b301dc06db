//! The same book in every format gives the same rows, and whatever a format
//! can hide is said in each.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Ods, Reader, Xls, Xlsb};
use proptest::prelude::*;

use crate::dress::{self, ALL, Book, Cell, Dress, Page, number, text, xls};
use crate::{Folder, Read, joined, left, read, rows};

fn read_in(dress: Dress, book: &Book) -> Read {
    let folder = Folder::new();
    // The name says nothing: each is told by its content.
    read(&folder.file("fees.dat", dress.write(book)))
        .unwrap_or_else(|error| panic!("{dress:?}: {error}"))
}

#[test]
fn a_sheet_as_a_school_makes_it_is_the_same_in_every_format() {
    let mut page = Page::new("Class 5 & 6");
    page.row(0, [text("Greenfield School")]);
    page.row(1, [text("فیس برائے مارچ")]);
    page.headings(4);
    page.bill(5, "Ali", "FS-1", "1500");
    page.bill(7, "Zoë <Q> & \"Co\"", "FS-2", "1500.25");
    page.row(
        8,
        [
            text("عائشہ صدیقہ"),
            Cell::Shown("95".into(), "000000", "000095".into()),
            Cell::Formula(Box::new(number("2000.5"))),
            Cell::Day(2036, 2, 29),
            number("2500"),
        ],
    );
    page.row(
        9,
        [
            Cell::Formula(Box::new(text("Sana"))),
            number("3520212345671"),
            number("0.1"),
            Cell::Day(2035, 12, 31),
        ],
    );
    page.row(
        10,
        [
            text("Zain"),
            Cell::Day(2035, 1, 1),
            Cell::Error("#DIV/0!"),
            Cell::Truth(true),
        ],
    );
    page.row(
        11,
        [
            text("Hina"),
            text("3.5202E+12"),
            Cell::Formula(Box::new(Cell::Error("#REF!"))),
            number("49373"),
        ],
    );
    page.row(12, [text("Total"), text(""), number("5000.85")]);
    page.merged.push((0, 0, 0, 4));
    page.hidden_columns.push(4);
    let mut old = Page::new("Old");
    old.hidden = true;
    old.headings(0).bill(1, "Never", "FS-9", "1");
    let mut notes = Page::new("Notes");
    notes.row(2, [text("Please fill in")]);
    let book = Book {
        pages: vec![notes, old, page],
        epoch_1904: false,
    };
    for dress in ALL {
        let read = read_in(dress, &book);
        assert_eq!(
            rows(&read),
            [
                (6, ["Ali", "FS-1", "1500.00", "2035-03-05", ""]),
                (8, ["Zoë <Q> & \"Co\"", "FS-2", "1500.25", "2035-03-05", ""]),
                (
                    9,
                    ["عائشہ صدیقہ", "000095", "2000.50", "2036-02-29", "2500.00"]
                ),
                (10, ["Sana", "3520212345671", "0.10", "2035-12-31", ""]),
                (
                    11,
                    [
                        "Zain",
                        "TurnedIntoDate",
                        "ErrorCell(\"#DIV/0!\")",
                        "NotADate",
                        ""
                    ]
                ),
                (
                    12,
                    [
                        "Hina",
                        "PrecisionLost",
                        "ErrorCell(\"#REF!\")",
                        "2035-03-05",
                        ""
                    ]
                ),
            ],
            "{dress:?}"
        );
        let left: Vec<(u32, &str)> = left(&read);
        assert_eq!(
            left.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            [3, 1, 13],
            "{dress:?} {left:?}"
        );
        assert!(left[1].1.contains("hidden"), "{dress:?} {left:?}");
        let sheet = &read.sheets[0];
        assert_eq!((sheet.name.as_str(), sheet.header_row), ("Class 5 & 6", 5));
        let notes = joined(&sheet.notes).unwrap_or_default();
        assert!(
            notes.contains("merged cells (1)") && notes.contains("hidden columns"),
            "{dress:?} {notes}"
        );
        assert!(read.notes[0].contains("`Old` is hidden"), "{dress:?}");
        assert_eq!(read.held, None, "{dress:?}");
    }
}

#[test]
fn hidden_rows_and_merged_cells_hold_the_file_in_every_format() {
    for dress in ALL {
        let mut page = Page::new("A");
        page.headings(0);
        for row in 1..=3 {
            page.bill(row, "Ali", &format!("FS-{row}"), "1500");
        }
        page.hidden_rows.push(2);
        let held = read_in(dress, &Book::of(page.clone())).held.unwrap();
        assert!(
            held.contains("hidden rows (1, the last is row 3)"),
            "{dress:?} {held}"
        );
        page.hidden_rows.clear();
        page.merged.push((1, 2, 2, 2));
        let held = read_in(dress, &Book::of(page)).held.unwrap();
        assert!(held.contains("C2:C3"), "{dress:?} {held}");
    }
}

#[test]
fn days_of_both_systems_are_read_in_every_format() {
    for dress in [Dress::Xlsb, Dress::Xls, Dress::Ods] {
        for epoch_1904 in [false, true] {
            let mut page = Page::new("A");
            page.headings(0).bill(1, "Ali", "FS-1", "1500");
            let bare = if epoch_1904 { "47911" } else { "49373" };
            page.row(2, [text("Sana"), text("FS-2"), number("1"), number(bare)]);
            let book = Book {
                pages: vec![page],
                epoch_1904,
            };
            let read = read_in(dress, &book);
            let days: Vec<&str> = read.rows.iter().map(|row| row.values[3].as_str()).collect();
            assert_eq!(days, ["2035-03-05", "2035-03-05"], "{dress:?} {epoch_1904}");
        }
    }
}

#[test]
fn several_sheets_are_each_taken_in_every_format() {
    for dress in ALL {
        let page = |name: &str, id: &str| {
            let mut page = Page::new(name);
            page.headings(0).bill(1, "Ali", id, "1500");
            page
        };
        let book = Book {
            pages: vec![
                page("Boys", "FS-1"),
                page("Girls", "FS-2"),
                page("لڑکے", "FS-3"),
            ],
            epoch_1904: false,
        };
        let read = read_in(dress, &book);
        let taken: Vec<(usize, &str)> = read
            .rows
            .iter()
            .map(|row| (row.sheet, row.values[1].as_str()))
            .collect();
        assert_eq!(taken, [(0, "FS-1"), (1, "FS-2"), (2, "FS-3")], "{dress:?}");
        assert_eq!(read.sheets[2].name, "لڑکے");
    }
}

#[test]
fn a_formula_that_nobody_calculated_is_not_blank() {
    let mut page = Page::new("A");
    page.headings(0).bill(1, "Ali", "FS-1", "1500");
    page.cells.push((1, 4, Cell::Uncalculated));
    for dress in [Dress::Xls, Dress::Ods] {
        let read = read_in(dress, &Book::of(page.clone()));
        assert_eq!(read.rows[0].values[4], "FormulaWithoutValue", "{dress:?}");
    }
    // An empty text is a result where a program that calculates says so.
    let calculated = xls::write_changed(&Book::of(page), |part, records| {
        if part == 0 {
            records.insert(1, (0x01C1, vec![0; 8]));
        }
    });
    let folder = Folder::new();
    let read = read(&folder.file("calculated.xls", calculated)).unwrap();
    assert_eq!(read.rows[0].values[4], "");
}

/// Cells of every kind. Letters beyond the first 65,536 are not among them:
/// the other reader breaks them where a record ends inside.
fn cell() -> impl Strategy<Value = Cell> {
    let figures = "(0|[1-9][0-9]{0,8})(\\.[0-9]?[1-9])?";
    prop_oneof![
        "[A-Za-zéاب گ<&\"'=+-]{1,40}".prop_map(|text| Cell::Text(format!("x{text}x"))),
        figures.prop_map(Cell::Number),
        (1i32..=28, 1u32..=12).prop_map(|(day, month)| Cell::Day(
            2030 + day,
            month,
            day.unsigned_abs()
        )),
        any::<bool>().prop_map(Cell::Truth),
        prop::sample::select(vec!["#DIV/0!", "#REF!", "#N/A"]).prop_map(Cell::Error),
    ]
}

fn page() -> impl Strategy<Value = Page> {
    let cells = prop::collection::btree_map((0u32..60, 0u16..20), cell(), 1..80);
    cells.prop_map(|cells| {
        let mut page = Page::new("Any");
        page.cells = cells
            .into_iter()
            .map(|((row, column), cell)| (row, column, cell))
            .collect();
        page
    })
}

/// What another reader makes of the same bytes.
fn by_another(dress: Dress, bytes: Vec<u8>) -> BTreeMap<(u32, u32), String> {
    let bytes = Cursor::new(bytes);
    let range = match dress {
        Dress::Xls => Xls::new(bytes).unwrap().worksheet_range("Any").unwrap(),
        Dress::Xlsb => Xlsb::new(bytes).unwrap().worksheet_range("Any").unwrap(),
        _ => Ods::new(bytes).unwrap().worksheet_range("Any").unwrap(),
    };
    let (top, first) = range.start().unwrap_or_default();
    let words = |data: &Data| match data {
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    };
    range
        .used_cells()
        .map(|(row, column, data)| {
            let at = |place: usize| u32::try_from(place).unwrap();
            ((top + at(row), first + at(column)), words(data))
        })
        .collect()
}

fn as_meant(page: &Page) -> BTreeMap<(u32, u32), String> {
    let words = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Number(text) => text.clone(),
        Cell::Day(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Error(name) => (*name).to_owned(),
        other => panic!("{other:?}"),
    };
    page.cells
        .iter()
        .map(|(row, column, cell)| ((*row, u32::from(*column)), words(cell)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// That the writers here write what other readers understand.
    #[test]
    fn what_is_written_for_these_tests_another_reader_reads(page in page()) {
        let meant = as_meant(&page);
        for dress in [Dress::Xls, Dress::Xlsb, Dress::Ods] {
            prop_assert_eq!(&by_another(dress, dress.write(&Book::of(page.clone()))), &meant, "{:?}", dress);
        }
    }

    #[test]
    fn any_bills_are_the_same_in_every_format(
        bills in prop::collection::vec(("[A-Zا-ی][a-zéا-ی ]{0,20}[a-zی]", "FS-[0-9]{3,8}", 1i64..100_000_000, (2030i32..2060, 1u32..=12, 1u32..=28)), 1..20),
        top in 0u32..30,
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let mut page = Page::new("Any");
        let in_order = |cells: [Cell; 4]| -> Vec<Cell> { order.iter().map(|at| cells[*at].clone()).collect() };
        page.row(top, in_order(["Student Name", "Reg. No", "Fee (Rs.)", "Due Date"].map(text)));
        let mut want = Vec::new();
        for (row, (title, id, minor, (year, month, day))) in (top + 1..).zip(&bills) {
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            let plain = amount.trim_end_matches('0').trim_end_matches('.');
            page.row(row, in_order([text(title), text(id), number(plain), Cell::Day(*year, *month, *day)]));
            let date = format!("{year}-{month:02}-{day:02}");
            want.push((row + 1, [title.clone(), id.clone(), amount, date, String::new()]));
        }
        let book = Book::of(page);
        for dress in dress::ALL {
            let read = read_in(dress, &book);
            let got: Vec<_> = read.rows.iter().map(|row| (row.number, row.values.clone())).collect();
            prop_assert_eq!(&got, &want, "{:?}", dress);
        }
    }
}
