//! What is struck through in a workbook is crossed out for whoever looks at it, and
//! what is not shown is read by nobody: neither is billed without a word.

use rust_xlsxwriter::{Format, Workbook};

use crate::dress::xlsb::record;
use crate::dress::{Book, Page};
use crate::enemy_books::told;
use crate::{Folder, Read, read};

const STRUCK: &str = "has rows in which something is struck through (1, the last is row 3)";

/// A workbook of three rows, each written by `write`.
fn workbook(write: impl Fn(&mut rust_xlsxwriter::Worksheet, u32)) -> Read {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, heading) in (0..).zip(["Name", "Roll No", "Fee", "Due Date", "Remarks"]) {
        page.write(0, column, heading).unwrap();
    }
    for row in 1..=3 {
        page.write(row, 0, format!("Pupil {row}")).unwrap();
        page.write(row, 1, format!("R-{row}")).unwrap();
        page.write(row, 2, 1500).unwrap();
        page.write(row, 3, "2035-03-05").unwrap();
        write(page, row);
    }
    let folder = Folder::new();
    let path = folder.at("fees.xlsx");
    book.save(&path).unwrap();
    read(&path).unwrap()
}

#[test]
fn a_row_that_is_struck_through_holds_the_file() {
    let line = Format::new().set_font_strikethrough();
    let number = workbook(|page, row| {
        if row == 2 {
            page.write_with_format(row, 2, 1500, &line).unwrap();
        }
    });
    let formula = workbook(|page, row| {
        if row == 2 {
            let sum = rust_xlsxwriter::Formula::new("=1000+500").set_result("1500");
            page.write_formula_with_format(row, 2, sum, &line).unwrap();
        }
    });
    let part = workbook(|page, row| {
        if row == 2 {
            let plain = Format::new();
            let parts = [(&line, "1500 "), (&plain, "1800")];
            page.write_rich_string(row, 2, &parts).unwrap();
        }
    });
    for read in [number, formula, part] {
        let why = read.held.unwrap_or_default();
        assert!(why.contains(STRUCK), "{why}");
    }
}

#[test]
fn a_line_through_nothing_or_above_the_headings_holds_nothing() {
    let line = Format::new().set_font_strikethrough();
    let blank = workbook(|page, row| {
        page.write_blank(row, 4, &line).unwrap();
    });
    let heading = workbook(|page, _| {
        page.write_with_format(0, 4, "Remarks", &line).unwrap();
    });
    let only_where = workbook(|page, row| {
        let rule = rust_xlsxwriter::ConditionalFormatCell::new()
            .set_rule(rust_xlsxwriter::ConditionalFormatCellRule::LessThan(0))
            .set_format(&line);
        page.add_conditional_format(row, 2, row, 2, &rule).unwrap();
    });
    for read in [blank, heading, only_where] {
        assert_eq!((read.rows.len(), read.held), (3, None));
    }
}

/// An OpenDocument book of three bills, styles added and the second's cells changed.
fn ods(styles: &str, from: &str, to: &str) -> Read {
    let mut page = Page::new("Class 5");
    page.headings(0);
    for (row, name) in [(1, "Ali"), (2, "Sana"), (3, "Zain")] {
        page.bill(row, name, &format!("FS-{row}"), "1500");
    }
    let change = |name: &str, text: String| match name {
        "content.xml" => {
            assert!(text.contains(from), "{text}");
            let end = "</office:automatic-styles>";
            text.replacen(from, to, 1)
                .replace(end, &format!("{styles}{end}"))
        }
        _ => text,
    };
    told(crate::dress::ods::write_changed(&Book::of(page), change)).unwrap()
}

#[test]
fn a_row_that_is_struck_through_in_an_opendocument_sheet_holds_the_file() {
    const LINE: &str = "<style:style style:name=\"ce7\" style:family=\"table-cell\">\
        <style:text-properties style:text-line-through-style=\"solid\" style:text-line-through-type=\"single\"/></style:style>\
        <style:style style:name=\"ce8\" style:family=\"table-cell\">\
        <style:text-properties style:text-line-through-style=\"none\" style:text-line-through-type=\"none\"/></style:style>";
    let cell = "<table:table-cell office:value-type=\"string\"><text:p>Sana";
    for (to, held) in [
        (
            "<table:table-cell table:style-name=\"ce7\" office:value-type=\"string\"><text:p>Sana",
            true,
        ),
        (
            "<table:table-cell table:style-name=\"ce8\" office:value-type=\"string\"><text:p>Sana",
            false,
        ),
        (
            "<table:table-cell office:value-type=\"string\"><text:p>Sa<text:span text:style-name=\"ce7\">na</text:span>",
            true,
        ),
    ] {
        let read = ods(LINE, cell, to);
        let why = read.held.unwrap_or_default();
        assert_eq!(why.contains(STRUCK), held, "{why}");
        assert_eq!(read.rows[1].values[0], "Sana");
    }
}

#[test]
fn a_text_that_an_opendocument_sheet_does_not_show_is_not_taken() {
    const HIDING: &str = "<number:text-style style:name=\"N7\"><number:text/></number:text-style>\
        <number:text-style style:name=\"N8\"><number:text-content/></number:text-style>\
        <style:style style:name=\"ce7\" style:family=\"table-cell\" style:data-style-name=\"N7\"/>\
        <style:style style:name=\"ce8\" style:family=\"table-cell\" style:data-style-name=\"N8\"/>";
    let cell = "<table:table-cell office:value-type=\"string\"><text:p>FS-2";
    let hidden = "ShownOtherwise { shown: \"\", held: \"FS-2\" }";
    for (to, identifier) in [
        (
            "<table:table-cell table:style-name=\"ce7\" office:value-type=\"string\"><text:p>FS-2",
            hidden,
        ),
        (
            "<table:table-cell table:style-name=\"ce8\" office:value-type=\"string\"><text:p>FS-2",
            "FS-2",
        ),
    ] {
        assert_eq!(ods(HIDING, cell, to).rows[1].values[1], identifier);
    }
    let number =
        "<table:table-cell office:value-type=\"float\" office:value=\"1500\"><text:p>1500</text:p>";
    for (style, shown, amount) in [
        ("ce7", "", "ShownOtherwise { shown: \"\", held: \"1500\" }"),
        ("ce7", "<text:p>1500</text:p>", "1500.00"),
        ("ce8", "", "1500.00"),
    ] {
        let to = format!(
            "<table:table-cell table:style-name=\"{style}\" office:value-type=\"float\" office:value=\"1500\">{shown}"
        );
        assert_eq!(
            ods(HIDING, number, &to).rows[0].values[2],
            amount,
            "{style}"
        );
    }
}

#[test]
fn an_opendocument_number_that_shows_another_is_not_taken() {
    let number = "office:value=\"1500\"><text:p>1500<";
    for (shown, amount) in [
        ("1800", "ShownOtherwise { shown: \"1800\", held: \"1500\" }"),
        ("Free", "ShownOtherwise { shown: \"Free\", held: \"1500\" }"),
        ("Rs. 1,500.00", "1500.00"),
    ] {
        let to = format!("office:value=\"1500\"><text:p>{shown}<");
        let read = ods("", number, &to);
        assert_eq!(read.rows[0].values[2], amount, "{shown}");
        assert_eq!(read.rows[1].values[2], "1500.00");
    }
}

/// A font without a line through it, and one with it.
fn fonts() -> [Vec<u8>; 2] {
    [0u16, 8].map(|how| {
        let mut font = vec![220, 0];
        font.extend(how.to_le_bytes());
        font.extend([0; 30]);
        font
    })
}

#[test]
fn a_row_that_is_struck_through_in_a_binary_workbook_holds_the_file() {
    // The look of days is that of all days of the book.
    let says = "has rows in which something is struck through (1, the last is row 2)";
    for struck in [false, true] {
        let font = u8::from(struck);
        let old = crate::enemy_xls::xls_with(|part, records| {
            if part == 0 {
                for font in fonts().into_iter().rev() {
                    records.insert(1, (0x0031, font));
                }
                let looks = records.iter_mut().filter(|(number, _)| *number == 0x00E0);
                looks.last().unwrap().1[0] = font;
            }
        });
        let new = crate::enemy_xlsb::xlsb_with(|name, mut part| {
            if name == "xl/styles.bin" {
                let at = part.windows(2).position(|two| two == [0xE9, 0x04]).unwrap();
                let fonts = fonts().map(|font| record(0x002B, &font)).concat();
                part.splice(at..at, fonts);
                let last = part
                    .windows(2)
                    .rposition(|two| two == [0x2F, 0x10])
                    .unwrap();
                part[last + 2 + 4] = font;
            }
            part
        });
        for read in [old, new] {
            let why = read.unwrap().held.unwrap_or_default();
            assert_eq!(why.contains(says), struck, "{why}");
        }
    }
}
