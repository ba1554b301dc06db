//! Amounts as bursars write them, and what leaves anything open.

#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

#[test]
fn amounts_are_read_as_bursars_write_them() {
    for (text, minor) in [
        ("1500", 150_000),
        ("1500.5", 150_050),
        ("1500.00", 150_000),
        (" 1500 ", 150_000),
        ("Rs. 1,500/-", 150_000),
        ("Rs.1500", 150_000),
        ("RS 1,500.00/=", 150_000),
        ("PKR 1 500", 150_000),
        ("PKR\u{a0}1\u{a0}500", 150_000),
        ("1,50,000", 15_000_000),
        ("12,34,567.89", 123_456_789),
        ("1,234,567", 123_456_700),
        ("₨ 1500", 150_000),
        ("1500 Rupees", 150_000),
        ("Rupees 1500 only", 150_000),
        ("۱۵۰۰", 150_000),
        ("١٬٥٠٠٫٥٠", 150_050),
        ("۱۵۰۰ روپے", 150_000),
        ("-5", -500),
        ("(1,500)", -150_000),
        ("1,500-", -150_000),
        ("1500 =/", 150_000),
        ("2,000.-", 200_000),
        ("Rs. 2,000.--", 200_000),
        ("2000,-", 200_000),
        ("2000.=", 200_000),
        ("Rs 1,500/- only", 150_000),
        ("Rs. 1,500/-.", 150_000),
        ("PKR: 1,500", 150_000),
        ("1,500／－", 150_000),
        ("۱٬۵۰٬۰۰۰ روپے", 15_000_000),
        ("۱،۵۰۰ روپے صرف", 150_000),
        ("روپيه 1500", 150_000),
        ("1\u{202f}500", 150_000),
        ("\u{200f}1500\u{200e}", 150_000),
        ("0", 0),
        ("1500.", 150_000),
        (".50", 50),
        ("1500.000", 150_000),
    ] {
        assert_eq!(read_amount(text), Ok(minor), "{text}");
    }
}

#[test]
fn an_amount_filled_up_with_blanks_is_the_same_amount() {
    for blanks in [1, 63, 64, 200] {
        let blanks = " ".repeat(blanks);
        assert_eq!(read_amount(&format!("{blanks}1,500{blanks}")), Ok(150_000));
    }
}

#[test]
fn amounts_that_leave_anything_open_are_refused() {
    for text in [
        "1,5",
        "1.500,00",
        "1.500",
        "1,50",
        "15,00",
        "1,50,0000",
        "1,500,00,000",
        "1,,500",
        "1500,",
        ",500",
        "1,500 000",
        "1.5.0",
        "1 5",
        "5,000,00",
        "Rs. 1500,50/-",
        "۱٫۵۰۰٫۰۰",
    ] {
        assert_eq!(read_amount(text), Err(Flaw::OddGrouping), "{text}");
    }
    for text in [
        "12,0O", "Rs", "", "-", ".", ",", "()", "abc", "1500abc", "1e3", "NaN", "--5", "-5-", "½",
        "5%", "$15",
    ] {
        assert_eq!(read_amount(text), Err(Flaw::NotANumber), "{text}");
    }
    assert_eq!(read_amount("1500.505"), Err(Flaw::TooManyDecimals));
    assert_eq!(read_amount("99999999999999999999"), Err(Flaw::TooLarge));
}

#[test]
fn what_is_no_amount_of_rupees_is_said_to_be_what_it_is() {
    let named = |text| named(read_amount(text).unwrap_err(), text);
    assert_eq!(named("5%"), Flaw::Percentage);
    assert_eq!(named("$1,500"), Flaw::OtherCurrency("$".to_owned()));
    assert_eq!(named("1500 €"), Flaw::OtherCurrency("€".to_owned()));
    for (text, money) in [
        ("USD 2000", "USD"),
        ("2000usd", "USD"),
        ("AED2,000", "AED"),
        ("2 lakh", "lakh"),
        ("200000 paisa", "paisa"),
    ] {
        assert_eq!(named(text), Flaw::OtherCurrency(money.to_owned()), "{text}");
    }
    assert_eq!(named("a $"), Flaw::NotANumber);
    assert_eq!(named("1,5"), Flaw::OddGrouping);
}

#[test]
fn the_noise_of_binary_fractions_is_taken_off_number_cells() {
    for (text, minor) in [
        ("0.30000000000000004", 30),
        ("1499.9999999999998", 150_000),
        ("1500.1", 150_010),
        ("-12.5", -1_250),
    ] {
        assert_eq!(read_number_cell(text), Ok(minor), "{text}");
    }
    assert_eq!(read_number_cell("1500.505"), Err(Flaw::TooManyDecimals));
    assert_eq!(read_number_cell("NaN"), Err(Flaw::NotANumber));
    assert_eq!(read_number_cell("inf"), Err(Flaw::NotANumber));
}

/// The digits with commas before the last three, and before every `step` left
/// of those.
fn grouped(rupees: i64, step: usize) -> String {
    let digits = rupees.to_string();
    let mut out = String::new();
    for (index, c) in digits.chars().enumerate() {
        let left = digits.len() - index;
        if index > 0 && (left == 3 || left > 3 && (left - 3).is_multiple_of(step)) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The same text in other digits and, for those, other points and commas.
fn in_digits(text: &str, zero: char, urdu_marks: bool) -> String {
    let written = |c: char| match c {
        ',' if urdu_marks => '٬',
        '.' if urdu_marks => '٫',
        _ => c
            .to_digit(10)
            .and_then(|value| char::from_u32(u32::from(zero) + value))
            .unwrap_or(c),
    };
    text.chars().map(written).collect()
}

proptest! {
    #[test]
    fn every_amount_round_trips_in_every_dress(
        minor in prop_oneof![0i64..200_000, 0i64..1_000_000_000_000],
        script in prop::sample::select(vec![('0', false), ('۰', false), ('۰', true), ('٠', true), ('０', false)]),
        step in 2usize..=3,
    ) {
        let (rupees, paisa) = (minor / 100, minor % 100);
        let whole = grouped(rupees, step);
        let number = in_digits(&format!("{whole}.{paisa:02}"), script.0, script.1);
        let plain = in_digits(&format!("{rupees}.{paisa:02}"), script.0, script.1);
        for text in [
            plain.clone(),
            number.clone(),
            format!("Rs {plain}"),
            format!("Rs. {number}/-"),
            format!("PKR {number}/="),
            format!("₨{number}"),
            format!("\u{200f}{number} روپے"),
            format!("{number} Rupees only"),
            format!(" {number}\u{a0}"),
            format!("{number}00"),
        ] {
            prop_assert_eq!(read_amount(&text), Ok(minor), "{}", text);
        }
        for text in [
            format!("-{number}"),
            format!("({number})"),
            format!("{number}-"),
            format!("Rs. -{number}"),
            format!("(Rs. {number})"),
        ] {
            prop_assert_eq!(read_amount(&text), Ok(-minor), "{}", text);
        }
        if paisa == 0 {
            for text in [format!("{rupees}"), whole.clone(), format!("Rs.{whole}/-"), whole.replace(',', " ")] {
                prop_assert_eq!(read_amount(&text), Ok(minor), "{}", text);
            }
        }
        // A comma in any other place leaves it open how much it is.
        let digits = rupees.to_string();
        for at in 1..digits.len() {
            let text = format!("{},{}", &digits[..at], &digits[at..]);
            let read = read_amount(&text);
            if digits.len() - at == 3 && at <= 3 {
                prop_assert_eq!(read, Ok(rupees * 100), "{}", text);
            } else {
                prop_assert_eq!(read, Err(Flaw::OddGrouping), "{}", text);
            }
        }
    }

    #[test]
    fn a_number_cell_is_read_to_the_paisa(minor in -1_000_000_000_000i64..1_000_000_000_000) {
        let (sign, size) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
        let text = format!("{sign}{}.{:02}", size / 100, size % 100);
        prop_assert_eq!(read_number_cell(&text), Ok(minor), "{}", text);
        let shortest = text.trim_end_matches('0').trim_end_matches('.');
        prop_assert_eq!(read_number_cell(shortest), Ok(minor), "{}", shortest);
    }

    #[test]
    fn no_text_panics_as_an_amount(
        text in ".{0,80}",
        like in "[0-9۰-۹,.٬٫ ()Rsروپے/=%$-]{0,24}",
    ) {
        for text in [&text, &like] {
            let read = read_amount(text);
            // What is read has a digit in it.
            prop_assert!(read.is_err() || text.chars().any(|c| digit(c).is_some()), "{}", text);
            let _ = read_number_cell(text);
            if let Err(flaw) = read {
                let _ = named(flaw, text);
            }
        }
    }
}
