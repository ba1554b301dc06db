//! OpenDocument workbooks, as LibreOffice writes them.

use std::fmt::Write;

use super::{Book, Cell, Page, archive};

pub(crate) fn write(book: &Book) -> Vec<u8> {
    write_changed(book, |_, text| text)
}

/// As [`write`], the parts changed by their names.
pub(crate) fn write_changed(book: &Book, change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<manifest:manifest><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{kind}\"/></manifest:manifest>"
    );
    let parts = [
        ("mimetype", kind.to_owned()),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content(book)),
    ];
    archive(parts.map(|(name, text)| (name, change(name, text).into_bytes())))
}

fn content(book: &Book) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content><office:automatic-styles>\
        <style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"true\"/></style:style>\
        <style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>\
        </office:automatic-styles><office:body><office:spreadsheet>"
        .to_owned();
    if book.epoch_1904 {
        xml.push_str("<table:calculation-settings><table:null-date table:date-value=\"1904-01-01\"/></table:calculation-settings>");
    }
    for page in &book.pages {
        sheet(page, &mut xml);
    }
    xml.push_str("</office:spreadsheet></office:body></office:document-content>");
    xml
}

fn sheet(page: &Page, xml: &mut String) {
    let style = if page.hidden { "ta2" } else { "ta1" };
    let name = escaped(&page.name);
    write!(
        xml,
        "<table:table table:name=\"{name}\" table:style-name=\"{style}\">"
    )
    .unwrap();
    let last = page
        .hidden_columns
        .iter()
        .max()
        .map_or(0, |column| column + 1);
    for column in 0..last {
        let hidden = page.hidden_columns.contains(&column);
        let how = if hidden {
            " table:visibility=\"collapse\""
        } else {
            ""
        };
        write!(xml, "<table:table-column{how}/>").unwrap();
    }
    let left = 16_384 - last;
    write!(
        xml,
        "<table:table-column table:number-columns-repeated=\"{left}\"/>"
    )
    .unwrap();
    let rows = page
        .cells
        .iter()
        .map(|(row, ..)| *row + 1)
        .max()
        .unwrap_or(0);
    for row in 0..rows {
        let hidden = page.hidden_rows.contains(&row);
        let how = if hidden {
            " table:visibility=\"filter\""
        } else {
            ""
        };
        write!(xml, "<table:table-row{how}>").unwrap();
        let mut next = 0;
        for (_, column, cell) in page.cells.iter().filter(|(at, ..)| *at == row) {
            if *column > next {
                let gap = column - next;
                write!(
                    xml,
                    "<table:table-cell table:number-columns-repeated=\"{gap}\"/>"
                )
                .unwrap();
            }
            next = column + 1;
            let span = page
                .merged
                .iter()
                .find(|(top, left, ..)| (*top, *left) == (row, *column));
            let span = span.map_or(String::new(), |(top, left, bottom, right)| {
                format!(
                    " table:number-columns-spanned=\"{}\" table:number-rows-spanned=\"{}\"",
                    right - left + 1,
                    bottom - top + 1
                )
            });
            self::cell(cell, &span, xml);
        }
        write!(
            xml,
            "<table:table-cell table:number-columns-repeated=\"{}\"/>",
            16_384 - next
        )
        .unwrap();
        xml.push_str("</table:table-row>");
    }
    let left = 1_048_576 - rows;
    write!(
        xml,
        "<table:table-row table:number-rows-repeated=\"{left}\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
    )
    .unwrap();
}

fn cell(cell: &Cell, span: &str, xml: &mut String) {
    let (formula, cell) = match cell {
        Cell::Formula(result) => (" table:formula=\"of:=1+1\"", &**result),
        other => ("", other),
    };
    let (value, shown) = match cell {
        Cell::Text(text) => (" office:value-type=\"string\"".to_owned(), text.clone()),
        Cell::Number(number) => (
            format!(" office:value-type=\"float\" office:value=\"{number}\""),
            number.clone(),
        ),
        Cell::Shown(number, _, shown) => (
            format!(" office:value-type=\"float\" office:value=\"{number}\""),
            shown.clone(),
        ),
        Cell::Day(year, month, day) => (
            format!(
                " office:value-type=\"date\" office:date-value=\"{year:04}-{month:02}-{day:02}\""
            ),
            format!("{day:02}/{month:02}/{year:04}"),
        ),
        Cell::Truth(truth) => (
            format!(" office:value-type=\"boolean\" office:boolean-value=\"{truth}\""),
            truth.to_string().to_uppercase(),
        ),
        Cell::Error(name) => (
            " office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\""
                .to_owned(),
            (*name).to_owned(),
        ),
        Cell::Uncalculated => (" table:formula=\"of:=1+1\"".to_owned(), String::new()),
        Cell::Formula(_) => unreachable!("a formula of a formula"),
    };
    write!(xml, "<table:table-cell{formula}{value}{span}>").unwrap();
    for line in shown.split('\n').filter(|_| !shown.is_empty()) {
        let line = escaped(line).replace('\t', "<text:tab/>");
        // Blanks after a blank are said to be there.
        let line = line.replace("  ", " <text:s/>");
        let line = match line.strip_prefix(' ') {
            Some(rest) => format!("<text:s/>{rest}"),
            None => line,
        };
        write!(xml, "<text:p>{line}</text:p>").unwrap();
    }
    xml.push_str("</table:table-cell>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
