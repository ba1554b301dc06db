//! OpenDocument workbooks that are broken, or meant to break, and what other
//! programs put into them.

use fee_sheet::Unreadable;

use crate::Read;
use crate::dress::{Book, ods};
use crate::enemy_books::{is_damaged, is_too_large, told};

pub(crate) fn ods_with(change: impl Fn(&str, String) -> String) -> Result<Read, Unreadable> {
    told(ods::write_changed(&Book::plain(), change))
}

/// As [`ods_with`], with one place of the sheet written otherwise.
fn content_with(from: &str, to: &str) -> Result<Read, Unreadable> {
    ods_with(|name, text| match name {
        "content.xml" => {
            assert!(text.contains(from));
            text.replacen(from, to, 1)
        }
        _ => text,
    })
}

#[test]
fn two_billion_repeats_cost_nothing() {
    let with = content_with;
    let many = "2000000000";
    // Of nothing: it is passed over.
    let blank = with(
        "table:number-rows-repeated=\"1048574\"",
        "table:number-rows-repeated=\"99999999999999999999999999\"",
    );
    assert_eq!(blank.unwrap().rows.len(), 1);
    let blank = with(
        "<table:table-row>",
        &format!(
            "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"{many}\"/></table:table-row><table:table-row>"
        ),
    );
    assert_eq!(blank.unwrap().rows[0].number, 5);
    // Of something.
    let cells = with(
        "<table:table-cell office:value-type=\"float\"",
        &format!(
            "<table:table-cell table:number-columns-repeated=\"{many}\" office:value-type=\"float\""
        ),
    );
    assert!(is_too_large(&cells), "{cells:?}");
    let rows = with(
        "</table:table-row><table:table-row>",
        &format!("</table:table-row><table:table-row table:number-rows-repeated=\"{many}\">"),
    );
    assert!(is_too_large(&rows), "{rows:?}");
    let far = with(
        "<table:table-row>",
        &format!("<table:table-row table:number-rows-repeated=\"{many}\"/><table:table-row>"),
    );
    assert!(far.is_err(), "{far:?}");
    let blanks = with(
        "<text:p>Ali</text:p>",
        &format!("<text:p>Ali<text:s text:c=\"{many}\"/></text:p>"),
    );
    assert!(is_too_large(&blanks), "{blanks:?}");
    // Equal rows that were saved as one are each a row.
    let twice = with(
        "</table:table-row><table:table-row>",
        "</table:table-row><table:table-row table:number-rows-repeated=\"3\">",
    )
    .unwrap();
    let numbers: Vec<u32> = twice.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [2, 3, 4]);
}

#[test]
fn an_open_document_that_lies_is_refused() {
    let with = content_with;
    let long = "x".repeat(3 << 20);
    for (from, to) in [
        // A text, a remark, and a quoted text without end; the last two hold
        // what looks like tags.
        ("Ali", long.as_str()),
        ("Ali", &format!("<!--{}-->", "<a>".repeat(1 << 20))),
        ("Ali", &format!("<![CDATA[{}]]>", "<a>".repeat(1 << 20))),
        ("Class 5", &long),
    ] {
        let huge = with(from, to);
        assert!(is_too_large(&huge), "{huge:?}");
    }
    for (from, to) in [
        (
            "<office:document-content>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><office:document-content>",
        ),
        ("Ali", "&undeclared;"),
        ("Ali", &"<a>".repeat(1_000)),
        ("</table:table-row>", ""),
        ("</office:document-content>", ""),
        (
            "<office:spreadsheet>",
            "<table:null-date table:date-value=\"1900-01-01\"/><office:spreadsheet>",
        ),
        ("<text:p>Ali", "<table:table/><text:p>Ali"),
    ] {
        let broken = with(from, to);
        assert!(is_damaged(&broken), "{from} {to:.60} {broken:?}");
    }
    let nothing = ods_with(|name, text| {
        if name == "content.xml" {
            String::new()
        } else {
            text
        }
    });
    assert!(nothing.is_err(), "{nothing:?}");
}

#[test]
fn what_lies_beside_the_text_of_an_open_cell_is_no_part_of_it() {
    let read = ods_with(|name, text| match name {
        "content.xml" => text
            .replacen("<text:p>Ali</text:p>", "<office:annotation><text:p>ask his father</text:p></office:annotation><draw:frame><text:p>picture</text:p></draw:frame><text:p>\n  Ali  <text:span>Khan</text:span>\n<text:s text:c=\"2\"/>Jr&#46; &amp; Co</text:p>", 1)
            .replacen("<table:table ", "<table:tracked-changes><table:table table:name=\"x\"/></table:tracked-changes><table:table ", 1)
            .replacen("<table:table-column ", "<table:shapes><draw:frame><table:table table:name=\"y\"/></draw:frame></table:shapes><table:table-column ", 1),
        _ => text,
    })
    .unwrap();
    assert_eq!(read.rows[0].values[0], "Ali Khan   Jr. & Co");
    assert_eq!(read.sheets.len(), 1);
}
