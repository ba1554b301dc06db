//! Cells under whose number format a sheet shows something else than they hold:
//! what the person sees would not be what is billed, so no such cell is taken.

use rust_xlsxwriter::{Format, Workbook};

use crate::dress::{ALL, Book, Cell, Page, number, text};
use crate::{Folder, read};

fn otherwise(shown: &str, held: &str) -> String {
    format!("ShownOtherwise {{ shown: {shown:?}, held: {held:?} }}")
}

#[test]
fn a_number_shown_in_thousands_is_not_taken_in_any_format() {
    let mut page = Page::new("Class 5");
    page.headings(0);
    let scaled = |shown: &str| Cell::Shown("15000".into(), "#,##0,", shown.into());
    let day = Cell::Day(2035, 3, 5);
    page.row(1, [text("Ali"), text("FS-1"), scaled("15"), day.clone()]);
    page.row(2, [text("Sana"), scaled("15"), number("1500"), day.clone()]);
    page.row(
        3,
        [
            text("Zain"),
            text("FS-3"),
            number("1500"),
            day,
            scaled("15"),
        ],
    );
    for dress in ALL {
        let folder = Folder::new();
        let path = folder.file("fees.dat", dress.write(&Book::of(page.clone())));
        let read = read(&path).unwrap_or_else(|error| panic!("{dress:?}: {error}"));
        let wrong = otherwise("15", "15000");
        assert_eq!(read.rows[0].values[2], wrong, "{dress:?}");
        assert_eq!(read.rows[1].values[1], wrong, "{dress:?}");
        assert_eq!(read.rows[2].values[2], "1500.00", "{dress:?}");
        assert_eq!(read.rows[2].values[4], wrong, "{dress:?}");
    }
}

/// The identifier and the amount of a row whose cells have a format of their own.
fn formatted(format: &str, amount: f64) -> [String; 2] {
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let format = Format::new().set_num_format(format);
    for (column, heading) in (0..).zip(["Name", "Roll No", "Fee", "Due Date"]) {
        page.write(0, column, heading).unwrap();
    }
    page.write(1, 0, "Ali").unwrap();
    page.write_with_format(1, 1, "GF-1", &format).unwrap();
    page.write_with_format(1, 2, amount, &format).unwrap();
    page.write(1, 3, "2035-03-05").unwrap();
    book.save(&path).unwrap();
    let read = read(&path).unwrap();
    let values = &read.rows[0].values;
    [values[1].clone(), values[2].clone()]
}

#[test]
fn what_is_hidden_or_stands_for_another_number_is_not_taken() {
    assert_eq!(
        formatted(";;;", 1500.0),
        [otherwise("", "GF-1"), otherwise("", "1500")]
    );
    for (format, shown) in [
        (";;;@", ""),
        ("\"\";\"\"", ""),
        ("\"Paid\"", "Paid"),
        ("0,\"k\"", "2k"),
        ("[>=1000]0.0,\"K\";0", "1.5K"),
    ] {
        let wrong = otherwise(shown, "1500");
        assert_eq!(
            formatted(format, 1500.0),
            ["GF-1".to_owned(), wrong],
            "{format}"
        );
    }
}

#[test]
fn a_format_that_shows_the_number_or_hides_only_nought_takes_nothing_away() {
    for format in [
        "#,##0;-#,##0;",
        "#,##0;-#,##0;\"-\"",
        "#,##0;;;@",
        "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)",
        "[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;##,##0",
        "[>=1000000]0.0,,\"M\";#,##0",
        "[=0]\"\";General",
        "\"Rs. \"#,##0\"/-\"",
    ] {
        let taken = ["GF-1".to_owned(), "1500.00".to_owned()];
        assert_eq!(formatted(format, 1500.0), taken, "{format}");
    }
    assert_eq!(formatted("0;-0;;@", 0.0)[1], "0.00");
}
