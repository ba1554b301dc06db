//! Headings of every wording, in every order, above columns of every kind. A
//! match names columns that are there, by what stands above them, and it does
//! not depend on the order in which the columns stand.

#![no_main]

use std::collections::BTreeSet;

use ingestd_fuzz::reading::{self, Said};
use ingestd_fuzz::seeds;
use libfuzzer_sys::fuzz_target;

/// Headings a tab apart, and a letter for what stands below each.
fn headings() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "tName\tcRoll No\tmFee\tdDue Date",
        "tStudent Name\tcReg. No\tmFee (Rs.)\tdLast Date\tmAfter Due Date",
        "tنام\tcرول نمبر\tmفیس\tdآخری تاریخ\tmبعد از تاریخ",
        "nS.No\ttFather Name\ttStudnet Nmae\tcAdmision No\tmAmuont\tdDue Dt",
        "tTalib e Ilm\tcGR No\tmTuition Fee\tmTotal Payable\tdPay by\tpLate Fee %\tmFine",
        "tClass\ttX\tcY\tmZ\tdW",
        "tConsumer\tcConsumer No\tmBill Amount\tdValid Till\tmPayable within due date",
        "tName\ttName\tcRoll No\tcRoll No\tmFee\tmFee\tdDue Date\tdDue Date",
    ])
}

const ROWS: usize = 4;

/// What stands in a cell of a column of this kind.
fn cell(kind: char, row: usize) -> String {
    match kind {
        't' => ["Ali Khan", "Sana", "Zain ul Abideen", "Hina"][row].to_owned(),
        'c' => format!("FS-{:04}", row + 17),
        'm' => format!("{}", 1500 + 25 * row),
        'd' => format!("2035-03-{:02}", row + 14),
        'n' => format!("{}", row + 1),
        'p' => "5%".to_owned(),
        _ => String::new(),
    }
}

fn read(columns: &[(char, String)]) -> Option<Said> {
    let mut text = String::new();
    let mut line = |cells: Vec<String>| {
        let quoted = cells
            .iter()
            .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text.push_str(&quoted.collect::<Vec<_>>().join(","));
        text.push('\n');
    };
    line(columns.iter().map(|(_, heading)| heading.clone()).collect());
    for row in 0..ROWS {
        line(columns.iter().map(|(kind, _)| cell(*kind, row)).collect());
    }
    reading::hold(text.as_bytes()).ok()
}

/// What can be seen of a heading, whatever stands between its words.
fn letters(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn fields(said: &Said) -> BTreeSet<(&'static str, String)> {
    said.sheets
        .iter()
        .flat_map(|sheet| sheet.mapping.iter().cloned())
        .collect()
}

fuzz_target!(init: seeds::sow(headings), |bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let mut columns: Vec<(char, String)> = text
        .split('\t')
        .take(40)
        .filter_map(|column| {
            let mut letters = column.chars();
            // A file that is cut off by a NUL is another matter.
            Some((letters.next()?, letters.as_str().replace('\0', "")))
        })
        .collect();
    let Some(said) = read(&columns) else {
        return;
    };
    for sheet in said.sheets.iter().filter(|sheet| sheet.header_row == 1) {
        for column in &sheet.columns {
            let there = &columns[usize::from(column.column)].1;
            assert_eq!(letters(there), letters(&column.heading), "{column:?}");
        }
    }
    columns.reverse();
    if let Some(turned) = read(&columns) {
        assert_eq!(fields(&said), fields(&turned), "{columns:?}");
    }
});
