//! Dates as bursars write them, and what is no date.

#![allow(clippy::unwrap_used)]
use super::*;
use chrono::Datelike;
use proptest::prelude::*;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn dates_are_read_as_bursars_write_them() {
    for text in [
        "2035-03-25",
        "25/03/2035",
        "25-03-2035",
        "25.03.2035",
        "25-Mar-35",
        "25 March 2035",
        "March 25, 2035",
        "25th March 2035",
        "Sunday, 25 March 2035",
        "2035/3/25",
        "2035-03-25 00:00:00",
        "2035-03-25T10:30:00Z",
        "25/3/35",
        "03/25/2035",
        "25Mar2035",
        "۲۵ مارچ ۲۰۳۵",
        "۲۵/۰۳/۲۰۳۵",
        "25-mar-2035 5:30 PM",
        " 25/03/2035 ",
        "25 March, 2035",
        "2035-Mar-25",
    ] {
        assert_eq!(
            read_date(text, DayMonthOrder::Dmy, false),
            Ok((date(2035, 3, 25), None)),
            "{text}"
        );
    }
    for text in [
        "5 aktubar 2035",
        "5 اکتوبر 2035",
        "5 Oct 35",
        "اکتوبر 5، 2035",
        "بروز جمعہ ۵ اکتوبر ۲۰۳۵ء",
        "مورخہ 5 اکتوبر 2035",
        "۵ویں اکتوبر ۲۰۳۵",
        "5 اكتوبر 2035",
        "5 اکـتوبر\u{200f} 2035",
        "٥ ﺍﮐﺘﻮﺑﺮ ٢٠٣٥",
        "juma 5 oktobar 2035",
    ] {
        assert_eq!(
            read_date(text, DayMonthOrder::Reject, false),
            Ok((date(2035, 10, 5), None)),
            "{text}"
        );
    }
}

#[test]
fn a_date_that_can_be_read_two_ways_follows_the_account_and_says_so() {
    let assumed = Some(Note::DateOrderAssumed);
    let text = "05/03/2035";
    assert_eq!(
        read_date(text, DayMonthOrder::Dmy, false),
        Ok((date(2035, 3, 5), assumed))
    );
    assert_eq!(
        read_date(text, DayMonthOrder::Mdy, false),
        Ok((date(2035, 5, 3), assumed))
    );
    assert_eq!(
        read_date(text, DayMonthOrder::Reject, false),
        Err(Flaw::AmbiguousDate)
    );
    assert_eq!(
        read_date("05/05/2035", DayMonthOrder::Reject, false),
        Ok((date(2035, 5, 5), None))
    );
    assert_eq!(
        read_date("25/03/2035", DayMonthOrder::Reject, false),
        Ok((date(2035, 3, 25), None))
    );
}

#[test]
fn a_year_of_two_digits_that_may_be_of_the_last_century_is_refused() {
    for text in ["10/05/99", "10-May-99", "10 May 70", "May 10, 85"] {
        let read = read_date(text, DayMonthOrder::Dmy, false);
        assert_eq!(read, Err(Flaw::DoubtfulYear), "{text}");
    }
    let read = read_date("10-May-69", DayMonthOrder::Dmy, false);
    assert_eq!(read, Ok((date(2069, 5, 10), None)));
}

#[test]
fn a_date_that_can_be_read_one_way_only_proves_its_order() {
    for (text, expected) in [
        ("05/13/2036", Some(Way::MonthFirst)),
        ("5-13-36", Some(Way::MonthFirst)),
        ("25/03/2036", Some(Way::DayFirst)),
        ("۲۵/۰۳/۲۰۳۶", Some(Way::DayFirst)),
        ("05/10/2036", Some(Way::Open)),
        ("5.10.36 00:00", Some(Way::Open)),
        ("05/05/2036", None),
        ("2036-05-13", None),
        ("2036/05/13", None),
        ("13 May 2036", None),
        ("31/31/2036", None),
        ("49805", None),
    ] {
        assert_eq!(way(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for (text, flaw) in [
        ("", Flaw::NotADate),
        ("tomorrow", Flaw::NotADate),
        ("31/02/2035", Flaw::NoSuchDay),
        ("30 February 2035", Flaw::NoSuchDay),
        ("2035-13-01", Flaw::NoSuchDay),
        ("13/13/2035", Flaw::NoSuchDay),
        ("5 March", Flaw::IncompleteDate),
        ("March 2035", Flaw::IncompleteDate),
        ("مارچ", Flaw::IncompleteDate),
        ("Mar-35", Flaw::IncompleteDate),
        ("5/3", Flaw::IncompleteDate),
        ("2035-03", Flaw::IncompleteDate),
        ("2035", Flaw::NotADate),
        ("5", Flaw::NotADate),
        ("1/2/3/4", Flaw::NotADate),
        ("5/3/235", Flaw::NotADate),
        ("20350305", Flaw::NotADate),
        ("Rs 1500", Flaw::NotADate),
        ("end of month", Flaw::NotADate),
        ("5 March 2035 or later", Flaw::NotADate),
        ("5:30", Flaw::NotADate),
        ("99999", Flaw::NotADate),
    ] {
        assert_eq!(
            read_date(text, DayMonthOrder::Dmy, false),
            Err(flaw),
            "{text}"
        );
    }
}

#[test]
fn every_month_is_known_in_english_roman_urdu_and_urdu() {
    const NAMES: [[&str; 3]; 12] = [
        ["January", "janwari", "جنوری"],
        ["Feb", "farwari", "فروري"],
        ["march", "maarch", "مارچ"],
        ["APRIL", "apreel", "اپریل"],
        ["May", "mai", "مئی"],
        ["June", "joon", "جون"],
        ["Jul", "julai", "جولائی"],
        ["August", "agast", "اگست"],
        ["Sept", "sitambar", "ستمبر"],
        ["October", "aktubar", "اکتوبر"],
        ["Nov", "nawambar", "نومبر"],
        ["December", "disambar", "دسمبر"],
    ];
    for (month, names) in (1..).zip(NAMES) {
        for name in names {
            for text in [
                format!("7 {name} 2035"),
                format!("7-{name}-35"),
                format!("{name} 7, 2035"),
            ] {
                let read = read_date(&text, DayMonthOrder::Reject, false);
                assert_eq!(read, Ok((date(2035, month, 7), None)), "{text}");
            }
        }
    }
}

#[test]
fn day_numbers_of_both_systems_are_read() {
    assert_eq!(day_number(49_373, false), Ok(date(2035, 3, 5)));
    assert_eq!(day_number(47_911, true), Ok(date(2035, 3, 5)));
    assert_eq!(day_number(2035, false), Err(Flaw::NotADate));
    let taken = Some(Note::DayNumberTaken);
    for text in ["49373", " 49373 ", "49373.0", "۴۹۳۷۳"] {
        assert_eq!(
            read_date(text, DayMonthOrder::Dmy, false),
            Ok((date(2035, 3, 5), taken)),
            "{text}"
        );
    }
    assert_eq!(
        read_date("47911", DayMonthOrder::Dmy, true),
        Ok((date(2035, 3, 5), taken))
    );
    // The day that only the 1900 system has.
    assert_eq!(day_number(60, false), Err(Flaw::NotADate));
}

/// The same text in Urdu or in Arabic digits.
fn in_digits(text: &str, zero: char) -> String {
    let written = |c: char| {
        c.to_digit(10)
            .and_then(|value| char::from_u32(u32::from(zero) + value))
            .unwrap_or(c)
    };
    text.chars().map(written).collect()
}

proptest! {
    #[test]
    fn every_date_round_trips_in_every_dress(
        days in 0u64..36_500,
        zero in prop::sample::select(vec!['0', '۰', '٠', '０']),
    ) {
        let date = date(2000, 1, 1).checked_add_days(Days::new(days)).unwrap();
        for style in [
            "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%y", "%d %B %Y", "%B %d, %Y",
            "%A, %d %B %Y", "%d.%m.%Y", "%-d-%-m-%y", "%d%b%Y", "%Y-%m-%d 00:00:00", "%d/%m/%Y 12:30 PM",
        ] {
            let text = in_digits(&date.format(style).to_string(), zero);
            let doubtful = date.year() >= 2070 && style.ends_with("%y");
            let expected = if doubtful { Err(Flaw::DoubtfulYear) } else { Ok(date) };
            prop_assert_eq!(read_date(&text, DayMonthOrder::Dmy, false).map(|read| read.0), expected, "{}", text);
        }
        let text = in_digits(&date.format("%m/%d/%Y").to_string(), zero);
        prop_assert_eq!(read_date(&text, DayMonthOrder::Mdy, false).map(|read| read.0), Ok(date), "{}", text);
        // The order that a column proves is never needed for a date that stands by itself.
        if date.day() > 12 {
            prop_assert_eq!(way(&text), Some(Way::MonthFirst), "{}", text);
        }
    }

    #[test]
    fn no_text_panics_as_a_date(
        text in ".{0,60}",
        like in "[0-9۰-۹/.:، TtZ'مارچmayو-]{0,24}",
        epoch_1904 in any::<bool>(),
    ) {
        for text in [&text, &like] {
            for order in [DayMonthOrder::Dmy, DayMonthOrder::Mdy, DayMonthOrder::Reject] {
                let read = read_date(text, order, epoch_1904);
                // What two orders read alike needs neither.
                if let Ok((_, Some(note))) = read {
                    prop_assert!(note == Note::DayNumberTaken || way(text) == Some(Way::Open));
                }
            }
            let _ = way(text);
        }
    }
}
