//! One sheet in every dress: whatever delimiter, encoding, date style and
//! column order a program wrote it in, it is the same rows.

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use crate::{Folder, read};

#[derive(Debug, Clone)]
struct Bill {
    title: String,
    identifier: String,
    minor: i64,
    date: (i32, u32, u32),
}

fn bill() -> impl Strategy<Value = Bill> {
    let title = "[A-Z][a-zéü]{2,10}( [A-Z][a-z,;\"]{1,8})?";
    (
        title,
        "FS-[0-9]{3,8}",
        1i64..100_000_000,
        (2030i32..2060, 1u32..=12, 1u32..=28),
    )
        .prop_map(|(title, identifier, minor, date)| Bill {
            title,
            identifier,
            minor,
            date,
        })
}

fn amount(minor: i64, style: usize) -> String {
    let (rupees, paisa) = (minor / 100, minor % 100);
    match style {
        0 => format!("{rupees}.{paisa:02}"),
        1 => format!("Rs. {rupees}.{paisa:02}/-"),
        _ => format!("PKR {rupees}.{paisa:02}"),
    }
}

fn date((year, month, day): (i32, u32, u32), style: usize) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let name = MONTHS[month as usize - 1];
    match style {
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{day:02}/{month:02}/{year}"),
        2 => format!("{day}-{name}-{:02}", year % 100),
        _ => format!("{day}.{month}.{year}"),
    }
}

fn bytes(text: &str, encoding: usize) -> Vec<u8> {
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [UTF_8_MARK, text.as_bytes()].concat(),
        2 => WINDOWS_1252.encode(text).0.into_owned(),
        3 => [
            b"\xff\xfe".to_vec(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ]
        .concat(),
        4 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => [
            b"\xfe\xff".to_vec(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ]
        .concat(),
    }
}

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_sheet_gives_the_same_rows_in_every_dress(
        bills in prop::collection::vec(bill(), 1..12),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        encoding in 0usize..6,
        amount_style in 0usize..3,
        date_style in 0usize..4,
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
        crlf in any::<bool>(),
        titled in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        if titled {
            writer.write_record(["Greenfield School"]).unwrap();
        }
        let in_order = |cells: [String; 4]| -> Vec<String> { order.iter().map(|at| cells[*at].clone()).collect() };
        let headings = ["Student Name", "Reg. No", "Fee (Rs.)", "Due Date"].map(str::to_owned);
        writer.write_record(in_order(headings)).unwrap();
        for bill in &bills {
            let cells = [
                bill.title.clone(),
                bill.identifier.clone(),
                amount(bill.minor, amount_style),
                date(bill.date, date_style),
            ];
            writer.write_record(in_order(cells)).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let folder = Folder::new();
        let read = read(&folder.file("dress.csv", bytes(&text, encoding))).unwrap();
        prop_assert_eq!(read.rows.len(), bills.len());
        for (index, (row, bill)) in read.rows.iter().zip(&bills).enumerate() {
            let number = u32::try_from(index).unwrap() + if titled { 3 } else { 2 };
            let want = [
                bill.title.clone(),
                bill.identifier.clone(),
                format!("{}.{:02}", bill.minor / 100, bill.minor % 100),
                date(bill.date, 0),
                String::new(),
            ];
            prop_assert_eq!((row.number, &row.values), (number, &want));
        }
    }
}
