//! Amounts as people type them, and as number cells hold them, to paisa.
//! Everything is done on digits: a float never takes part, and an amount
//! that can be read two ways is refused, not guessed.

use crate::flaws::Flaw;
use crate::headings::{digit, invisible, other_money};

/// Reads an amount from text: `Rs. 1,500/-`, `PKR 1 500`, `1,50,000`,
/// `۱۵۰۰ روپے`, `(1,500)` and `1,500-` as negative ones. Zero and negative amounts are read;
/// whether they make a bill is not this crate's business.
///
/// # Errors
/// [`Flaw::NotANumber`], [`Flaw::OddGrouping`], [`Flaw::TooManyDecimals`] or
/// [`Flaw::TooLarge`].
pub fn read_amount(text: &str) -> Result<i64, Flaw> {
    if let Some(minor) = plain_digits(text.as_bytes()) {
        return Ok(minor);
    }
    // Columns of a fixed width come filled up with blanks.
    let text = text.trim();
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
            '−' | '–' | '—' | '－' => push(b'-')?,
            '／' | '⁄' => push(b'/')?,
            '（' => push(b'(')?,
            '）' => push(b')')?,
            _ if invisible(c) => {}
            _ if c.is_whitespace() => push(b' ')?,
            _ => return None,
        }
    }
    Some(length)
}

/// Rupees, and words that stand beside them: only, Pakistani.
const CURRENCY_URDU: [&str; 13] = [
    "روپے",
    "روپیہ",
    "روپيه",
    "روپيہ",
    "روپیه",
    "روپئے",
    "روپیے",
    "روپيے",
    "روپۓ",
    "روپی",
    "صرف",
    "فقط",
    "پاکستانی",
];
const BEFORE: [&[u8]; 9] = [
    b"rupees", b"rupee", b"pkr", b"rs.", b"rs:", b"rs", b"r.", b"r", b":",
];
const AFTER: [&[u8]; 21] = [
    b".-", b".--", b",-", b",--", b".=", b"/-", b"/=", b"-/", b"=/", b"/_", b"/-.", b"/=.",
    b"only", b"only.", b"rupees", b"rupee", b"pkr", b"rs.", b"rs", b"r", b"/",
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
    if let [before @ .., b'-'] = text
        && !negative
    {
        negative = true;
        text = before.trim_ascii();
    }
    let unread = || {
        let grouped = text
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.' | b' '));
        let grouped = grouped && text.iter().any(u8::is_ascii_digit);
        if grouped {
            Flaw::OddGrouping
        } else {
            Flaw::NotANumber
        }
    };
    let (whole, decimals) = match text.iter().position(|byte| *byte == b'.') {
        Some(point) => (&text[..point], Some(&text[point + 1..])),
        None => (text, None),
    };
    let mut digits = [0u8; 40];
    let count = ungroup(whole, &mut digits).ok_or_else(unread)?;
    let decimals = decimals.unwrap_or(b"");
    if count == 0 && decimals.is_empty() || !decimals.iter().all(u8::is_ascii_digit) {
        return Err(unread());
    }
    // `1.500` is one and a half here, and fifteen hundred elsewhere.
    let thousands_elsewhere =
        decimals.len() == 3 && decimals[2] == b'0' && (1..=3).contains(&count) && digits[0] != b'0';
    if thousands_elsewhere {
        return Err(Flaw::OddGrouping);
    }
    if decimals.iter().skip(2).any(|digit| *digit != b'0') {
        return Err(Flaw::TooManyDecimals);
    }
    let at = |index: usize| decimals.get(index).copied().unwrap_or(b'0');
    let minor = whole_to_minor(&digits[..count], at(0), at(1))?;
    Ok(if negative { -minor } else { minor })
}

/// The flaw by its best name: `5%` and `$15` are no numbers, but it can be said
/// what they are.
pub(crate) fn named(flaw: Flaw, shown: &str) -> Flaw {
    let is_digit = |c: char| digit(c).is_some();
    if !matches!(flaw, Flaw::NotANumber | Flaw::OddGrouping) || !shown.contains(is_digit) {
        return flaw;
    }
    // A word may stand right beside its number: `USD2000`.
    match other_money(&shown.replace(is_digit, " ")).as_deref() {
        Some("%" | "％") => Flaw::Percentage,
        // `USD`, as it is written.
        Some(money) if money.len() == 3 => Flaw::OtherCurrency(money.to_uppercase()),
        Some(money) => Flaw::OtherCurrency(money.to_owned()),
        None => flaw,
    }
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
mod tests;
