//! Number formats, as far as they change what a number is: a day, an
//! identifier with leading zeros, or another number than is shown. Colours, separators and currency signs only
//! change its look.

use crate::codes::DigitFormat;

/// What a number format makes of a number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum NumberFormat {
    /// A number.
    #[default]
    Plain,
    /// A number of which no more decimals are shown than these.
    Rounded(usize),
    /// A day, a time of day, or both.
    Day,
    /// A day of which only month and year are shown, or one of them.
    Month,
    /// An identifier.
    Digits(DigitFormat),
}

/// A workbook that names no format shows plain numbers.
pub(crate) const PLAIN: &NumberFormat = &NumberFormat::Plain;

impl NumberFormat {
    /// Reads a format code such as `dd/mm/yyyy` or `000000`.
    pub(crate) fn parse(code: &str) -> Self {
        match letters_of_day(code) {
            Some(letters) if letters.chars().all(|letter| "mye".contains(letter)) => Self::Month,
            Some(_) => Self::Day,
            None => match DigitFormat::parse(code) {
                Some(digits) => Self::Digits(digits),
                None => decimals(code).map_or(Self::Plain, Self::Rounded),
            },
        }
    }

    /// The format that a workbook describes under this number. Below the first
    /// of its own, money is shown as the machine is set that opens it, so that
    /// only days are believed.
    pub(crate) fn of(number: u16, code: &str) -> Self {
        const FIRST_OWN: u16 = 164;
        match Self::parse(code) {
            day @ (Self::Day | Self::Month) => day,
            format if number >= FIRST_OWN => format,
            _ => Self::known(number),
        }
    }

    /// The format of a number that every program knows. Those that differ by
    /// country (27 to 36 and 50 to 58) are days wherever they are anything.
    pub(crate) fn known(number: u16) -> Self {
        match number {
            9 => Self::parse("0%"),
            10 => Self::parse("0.00%"),
            1 | 3 | 5 | 6 | 37 | 38 | 41 | 42 => Self::Rounded(0),
            17 => Self::Month,
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Day,
            _ => Self::Plain,
        }
    }

    /// Whether a text is not shown.
    pub(crate) fn hides_texts(&self) -> bool {
        matches!(self, Self::Digits(digits) if digits.hides_texts())
    }
}

/// How many decimals a code shows of a number above nought, where that is less
/// than paisa have, and it shows nothing but its digits.
fn decimals(code: &str) -> Option<usize> {
    let mut shown = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => chars.by_ref().find(|c| *c == '"').map_or((), drop),
            '\\' | '_' | '*' => chars.next().map_or((), drop),
            '[' => chars.by_ref().find(|c| *c == ']').map_or((), drop),
            ';' => break,
            '0' | '#' | '?' | '.' | ',' => shown.push(c),
            'E' | 'e' | '%' | '/' | '@' | 'G' | 'g' => return None,
            _ => {}
        }
    }
    let (whole, decimals) = shown.split_once('.').unwrap_or((&shown, ""));
    // A comma at the end divides by a thousand.
    let counts = whole.ends_with(['0', '#', '?']) && !decimals.ends_with(',');
    (counts && decimals.len() < 2).then_some(decimals.len())
}

/// The letters with which a code shows a day or a time of day; `None` if it
/// shows none. Hours beyond a day (`[h]:mm`) are a duration, and that is a
/// number.
fn letters_of_day(code: &str) -> Option<String> {
    // Two words, in which letters of days stand by chance.
    let code = code.to_lowercase();
    let code = code.replace("general", "").replace("standard", "");
    let mut chars = code.chars().peekable();
    let mut day = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                for quoted in chars.by_ref() {
                    if quoted == '"' {
                        break;
                    }
                }
            }
            // The letter behind these is shown, or left as room, or repeated.
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let unit = |letter: char| !inside.is_empty() && inside.chars().all(|c| c == letter);
                if unit('h') || unit('m') || unit('s') {
                    return None;
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' => day.push(c),
            // `E+` is how a large number is written, a bare `e` is a year.
            'e' => match chars.peek() {
                Some('+' | '-') => {
                    chars.next();
                }
                _ => day.push(c),
            },
            _ => {}
        }
    }
    (!day.is_empty()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_from_numbers_that_only_look_like_them() {
        for code in [
            "dd/mm/yyyy",
            "d-mmm-yy",
            "[$-409]d mmmm yyyy;@",
            "yyyy\\-mm\\-dd",
            "h:mm AM/PM",
            "*-yyyy-mm-dd",
            "[$-404]e\"x\"m\"x\"d",
            "General;dd/mm/yyyy",
        ] {
            assert_eq!(NumberFormat::parse(code), NumberFormat::Day, "{code}");
        }
        for code in [
            "General",
            "Standard",
            "GENERAL;[Red]-General",
            "0.00",
            "#,##0.00;[Red]-#,##0.00",
            "0.00E+00",
            "#,##0\" days\"",
            "#,##0*y",
            "0.0\\m",
            "[h]:mm:ss",
            "[mm]:ss",
            "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)",
            "\"Rs. \"#,##0",
            "@",
            "",
        ] {
            assert_ne!(NumberFormat::parse(code), NumberFormat::Day, "{code}");
        }
        assert!(matches!(
            NumberFormat::parse("00000\\-0000000\\-0"),
            NumberFormat::Digits(_)
        ));
        assert!(matches!(
            NumberFormat::of(164, "000"),
            NumberFormat::Digits(_)
        ));
        assert_eq!(NumberFormat::of(5, "000"), NumberFormat::Rounded(0));
        assert_eq!(NumberFormat::of(14, "d/m/yy"), NumberFormat::Day);
        assert_eq!(NumberFormat::known(14), NumberFormat::Day);
        assert_eq!(NumberFormat::known(4), NumberFormat::Plain);
        assert_eq!(NumberFormat::known(17), NumberFormat::Month);
    }

    #[test]
    fn what_a_format_leaves_out_is_known() {
        for code in [
            "mmm-yy",
            "mmmm yyyy",
            "[$-409]mmm\\-yy;@",
            "yyyy",
            "mm/yyyy",
        ] {
            assert_eq!(NumberFormat::parse(code), NumberFormat::Month, "{code}");
        }
        for (code, decimals) in [
            ("0", 0),
            ("#,##0", 0),
            ("#,##0.0", 1),
            ("\"Rs. \"#,##0;[Red]-#,##0", 0),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)", 0),
        ] {
            let rounded = NumberFormat::Rounded(decimals);
            assert_eq!(NumberFormat::parse(code), rounded, "{code}");
        }
        for code in ["General", "0.00", "#,##0.00", "0.00E+00", "@", ""] {
            assert_eq!(NumberFormat::parse(code), NumberFormat::Plain, "{code}");
        }
    }
}
