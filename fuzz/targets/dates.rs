//! Dates as people type them. Whatever is read is a real day, reads back the
//! same when it is written plainly, was typed with its year, and depends on the
//! order of day and month only where it is said.

#![no_main]

use chrono::Datelike;
use fee_sheet::{DayMonthOrder, Note, read_date};
use ingestd_fuzz::{digits, seeds};
use libfuzzer_sys::fuzz_target;

fn dates() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "2035-03-05",
        "05/03/2035",
        "13/3/35",
        "5-Mar-35",
        "5 March 2035",
        "March 5, 2035",
        "05.03.2035",
        "5th of March 2035",
        "\u{6f5} مارچ \u{6f2}\u{6f0}\u{6f3}\u{6f5}",
        "49373",
        "49373.0",
        "2035/3/5 10:30 PM",
        "2035-03-05T00:00:00Z",
        "Tuesday, 6 March 2035",
        "31/02/2035",
        "Mar-35",
        "10/05/99",
        "20350305",
        "5 Maarch 2035",
        "Wed 7-3-2035",
        "00:00",
        "29/2/2036",
    ])
}

fuzz_target!(init: seeds::sow(dates), |bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let ways = [DayMonthOrder::Dmy, DayMonthOrder::Mdy, DayMonthOrder::Reject];
    let [day_first, month_first, neither] = ways.map(|order| read_date(text, order, false));
    for read in [&day_first, &month_first, &neither] {
        let Ok((date, note)) = read else {
            continue;
        };
        let written = date.to_string();
        assert_eq!(read_date(&written, DayMonthOrder::Reject, false), Ok((*date, None)));
        let digits = digits::digits(text);
        match note {
            Some(Note::DayNumberTaken) => {
                assert!((2000..2100).contains(&date.year()), "{text:?} as {written}");
            }
            _ => {
                let year = format!("{:02}", date.year() % 100);
                assert!(digits.contains(&year), "{text:?} as {written}");
            }
        }
    }
    let open = |read: &Result<_, _>| matches!(read, Ok((_, Some(Note::DateOrderAssumed))));
    assert_eq!(open(&day_first), open(&month_first), "{text:?}");
    if !open(&day_first) {
        assert_eq!(day_first, month_first, "{text:?}");
        assert_eq!(day_first, neither, "{text:?}");
    } else {
        assert!(neither.is_err(), "{text:?}");
    }
});
