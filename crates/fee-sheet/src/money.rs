//! Amounts as people type them, and as number cells hold them, to paisa.
//! Everything is done on digits: a float never takes part, and an amount
//! that can be read two ways is refused, not guessed.

use crate::flaws::Flaw;
use crate::headings::digit;

/// Reads an amount from text: `Rs. 1,500/-`, `PKR 1 500`, `1,50,000`,
/// `۱۵۰۰`, `(1,500)` as a negative one. Zero and negative amounts are read;
/// whether they make a bill is not this crate's business.
///
/// # Errors
/// [`Flaw::NotANumber`], [`Flaw::TooManyDecimals`] or [`Flaw::TooLarge`].
pub fn read_amount(text: &str) -> Result<i64, Flaw> {
    if let Some(minor) = plain_digits(text.as_bytes()) {
        return Ok(minor);
    }
    let mut buffer = [0u8; 64];
    let length = flatten(text, &mut buffer).ok_or(Flaw::NotANumber)?;
    read_flat(&buffer[..length])
}

/// Reads the shortest text of a number cell's value (`1500`, `1500.5`,
/// `0.30000000000000004`). Binary noise of less than a millionth of a rupee
/// is taken off.
///
/// # Errors
/// As [`read_amount`].
pub(crate) fn read_number_cell(text: &str) -> Result<i64, Flaw> {
    if let Some(minor) = plain_digits(text.as_bytes()) {
        return Ok(minor);
    }
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = body.split_once('.').unwrap_or((body, ""));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits_only(whole) || !digits_only(decimals) {
        return Err(Flaw::NotANumber);
    }
    let decimals = decimals.as_bytes();
    let at = |index: usize| decimals.get(index).copied().unwrap_or(b'0');
    let noise = [at(2), at(3), at(4), at(5)];
    let round_up = match noise {
        [b'0', b'0', b'0', b'0'] => 0,
        [b'9', b'9', b'9', b'9'] => 1,
        _ => {
            return Err(Flaw::TooManyDecimals);
        }
    };
    let minor = whole_to_minor(whole.as_bytes(), at(0), at(1))?;
    let minor = minor.checked_add(round_up).ok_or(Flaw::TooLarge)?;
    Ok(if negative { -minor } else { minor })
}

/// Up to 15 digits with at most two decimals: what nearly every cell holds.
fn plain_digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let mut value: i64 = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_digit() {
            value = value * 10 + i64::from(byte - b'0');
        } else if *byte == b'.' && index > 0 {
            return match bytes[index + 1..] {
                [a] if a.is_ascii_digit() => Some(value * 100 + i64::from(a - b'0') * 10),
                [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
                    Some(value * 100 + i64::from(a - b'0') * 10 + i64::from(b - b'0'))
                }
                _ => None,
            };
        } else {
            return None;
        }
    }
    Some(value * 100)
}

/// Brings the text down to lower-case ASCII: digits of every script to 0-9,
/// every kind of space to one, signs that only steer writing direction left
/// out, and the currency's words to `r`.
fn flatten(text: &str, out: &mut [u8; 64]) -> Option<usize> {
    let mut length = 0;
    let mut push = |byte: u8| -> Option<()> {
        *out.get_mut(length)? = byte;
        length += 1;
        Some(())
    };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(word) = CURRENCY_URDU.iter().find(|word| rest.starts_with(**word)) {
            push(b'r')?;
            rest = &rest[word.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            _ if digit(c).is_some() => push(b'0' + digit(c).unwrap_or(0))?,
            ' '..='~' => push(c.to_ascii_lowercase() as u8)?,
            '₨' => push(b'r')?,
            '٫' | '．' => push(b'.')?,
            '٬' | '،' | '，' => push(b',')?,
            '−' | '–' | '－' => push(b'-')?,
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            _ if c.is_whitespace() => push(b' ')?,
            _ => return None,
        }
    }
    Some(length)
}

const CURRENCY_URDU: [&str; 4] = ["روپے", "روپیہ", "روپئے", "روپیے"];
const BEFORE: [&[u8]; 8] = [
    b"rupees", b"rupee", b"pkr", b"rs.", b"rs:", b"rs", b"r.", b"r",
];
const AFTER: [&[u8]; 11] = [
    b"/-", b"/=", b"-/", b"only", b"rupees", b"rupee", b"pkr", b"rs.", b"rs", b"r", b"/",
];

fn read_flat(text: &[u8]) -> Result<i64, Flaw> {
    let mut text = text.trim_ascii();
    let mut negative = false;
    if let [b'(', inner @ .., b')'] = text {
        negative = true;
        text = inner.trim_ascii();
    }
    text = sign(text, &mut negative);
    text = peel(text, &BEFORE, |text, word| text.strip_prefix(word));
    text = sign(text, &mut negative);
    text = peel(text, &AFTER, |text, word| text.strip_suffix(word));
    let (whole, decimals) = match text.iter().position(|byte| *byte == b'.') {
        Some(point) => (&text[..point], Some(&text[point + 1..])),
        None => (text, None),
    };
    let mut digits = [0u8; 40];
    let count = ungroup(whole, &mut digits).ok_or(Flaw::NotANumber)?;
    let decimals = decimals.unwrap_or(b"");
    if count == 0 && decimals.is_empty() || !decimals.iter().all(u8::is_ascii_digit) {
        return Err(Flaw::NotANumber);
    }
    // `1.500` is one and a half here, and fifteen hundred elsewhere.
    let thousands_elsewhere =
        decimals.len() == 3 && decimals[2] == b'0' && (1..=3).contains(&count) && digits[0] != b'0';
    if thousands_elsewhere {
        return Err(Flaw::NotANumber);
    }
    if decimals.iter().skip(2).any(|digit| *digit != b'0') {
        return Err(Flaw::TooManyDecimals);
    }
    let at = |index: usize| decimals.get(index).copied().unwrap_or(b'0');
    let minor = whole_to_minor(&digits[..count], at(0), at(1))?;
    Ok(if negative { -minor } else { minor })
}

fn sign<'a>(text: &'a [u8], negative: &mut bool) -> &'a [u8] {
    match text {
        [b'-', rest @ ..] if !*negative => {
            *negative = true;
            rest.trim_ascii()
        }
        [b'+', rest @ ..] => rest.trim_ascii(),
        _ => text,
    }
}

/// Takes words of the currency off one end. After a word a digit must remain
/// in reach, so no text is peeled to nothing unseen: what is left is checked.
fn peel<'a>(
    mut text: &'a [u8],
    words: &[&[u8]],
    strip: impl Fn(&'a [u8], &[u8]) -> Option<&'a [u8]>,
) -> &'a [u8] {
    for _ in 0..3 {
        match words.iter().find_map(|word| strip(text, word)) {
            Some(rest) => text = rest.trim_ascii(),
            None => break,
        }
    }
    text
}

/// Takes the group separators out if they stand as they should: threes from
/// the right (`1,500,000`), or a three and then twos (`15,00,000`).
fn ungroup(text: &[u8], out: &mut [u8; 40]) -> Option<usize> {
    let separator = text.iter().copied().find(|byte| !byte.is_ascii_digit());
    if let Some(separator) = separator {
        if separator != b',' && separator != b' ' {
            return None;
        }
        let mut lengths = [0usize; 16];
        let mut groups = 0;
        for group in text.split(|byte| *byte == separator) {
            *lengths.get_mut(groups)? = group.len();
            groups += 1;
        }
        let lengths = &lengths[..groups];
        let (last, before) = lengths.split_last()?;
        let (first, middle) = before.split_first()?;
        let thousands = (1..=3).contains(first) && middle.iter().all(|length| *length == 3);
        let lakhs = (1..=2).contains(first) && middle.iter().all(|length| *length == 2);
        if *last != 3 || !(thousands || lakhs) {
            return None;
        }
    }
    let mut count = 0;
    for byte in text.iter().copied().filter(|byte| Some(*byte) != separator) {
        if !byte.is_ascii_digit() {
            return None;
        }
        *out.get_mut(count)? = byte;
        count += 1;
    }
    Some(count)
}

fn whole_to_minor(whole: &[u8], tenths: u8, hundredths: u8) -> Result<i64, Flaw> {
    whole
        .iter()
        .chain([&tenths, &hundredths])
        .try_fold(0i64, |value, byte| {
            value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))
        })
        .ok_or(Flaw::TooLarge)
}

#[cfg(test)]
mod tests {
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
            ("0", 0),
            ("1500.", 150_000),
            (".50", 50),
            ("1500.000", 150_000),
        ] {
            assert_eq!(read_amount(text), Ok(minor), "{text}");
        }
    }

    #[test]
    fn amounts_that_leave_anything_open_are_refused() {
        for text in [
            "1,5",
            "12,0O",
            "1.500,00",
            "1.500",
            "1,50",
            "15,00",
            "1,,500",
            "1500,",
            ",500",
            "1,500 000",
            "Rs",
            "",
            "-",
            "abc",
            "1500abc",
            "1.5.0",
            "1e3",
            "NaN",
            "--5",
            "1 5",
            "5,000,00",
            "½",
        ] {
            assert_eq!(read_amount(text), Err(Flaw::NotANumber), "{text}");
        }
        assert_eq!(read_amount("1500.505"), Err(Flaw::TooManyDecimals));
        assert_eq!(read_amount("99999999999999999999"), Err(Flaw::TooLarge));
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

    fn lakhs(rupees: u64) -> String {
        let digits = rupees.to_string();
        if digits.len() <= 3 {
            return digits;
        }
        let (head, tail) = digits.split_at(digits.len() - 3);
        let mut out = String::new();
        for (index, c) in head.chars().enumerate() {
            if index > 0 && (head.len() - index) % 2 == 0 {
                out.push(',');
            }
            out.push(c);
        }
        format!("{out},{tail}")
    }

    proptest! {
        #[test]
        fn every_amount_round_trips_in_every_dress(minor in 0i64..1_000_000_000_000) {
            let (rupees, paisa) = (minor / 100, minor % 100);
            let grouped = lakhs(rupees.unsigned_abs());
            for text in [
                format!("{rupees}.{paisa:02}"),
                format!("Rs. {grouped}.{paisa:02}/-"),
                format!("PKR {grouped}.{paisa:02}"),
                format!("-{grouped}.{paisa:02}"),
            ] {
                let want = if text.starts_with('-') { -minor } else { minor };
                prop_assert_eq!(read_amount(&text), Ok(want), "{}", text);
            }
        }

        #[test]
        fn no_text_panics_as_an_amount(text in ".{0,80}") {
            let _ = read_amount(&text);
            let _ = read_number_cell(&text);
        }
    }
}
