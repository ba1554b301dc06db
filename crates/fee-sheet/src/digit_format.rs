//! Number formats that show more than a number's digits: leading zeros and
//! fixed text (`000000`, `"GR-"0000`, `00000-0000000-0`), a rate, or money
//! that is no rupees. An identifier is what such a format shows; an amount is
//! none if it is shown as `5%` or `$15`, or if the number is not shown at all
//! ([`crate::number_masks`]).

use crate::headings::foreign_sign;
use crate::number_masks::Mask;

/// A number format, as far as what it shows matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DigitFormat {
    sections: Vec<Section>,
    /// A fourth section is for texts, and this one does not show them.
    hides_texts: bool,
}

/// One of the sections that `;` parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    condition: Option<(Compared, u64)>,
    shows: Shows,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shows {
    /// The digits, in places, with text between.
    Digits(Vec<Piece>),
    /// A hundredfold, with its sign.
    Percent,
    /// Money, by its sign.
    Foreign(char),
    /// Another number, or none.
    Masked(Mask),
    /// The number as it is.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Less,
    LessOrSame,
    More,
    MoreOrSame,
    Same,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A place for a digit; `true` if it shows a zero where there is none.
    Digit(bool),
    /// All the digits there are.
    General,
    Text(char),
}

/// A longer code is nobody's.
const CODE_BYTES: usize = 1_024;

impl DigitFormat {
    /// Reads a format code; `None` where it shows a number as it is, or does
    /// more than is known here.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        if code.len() > CODE_BYTES || code.is_empty() {
            return None;
        }
        let codes = sections(code);
        let hides_texts = codes.get(3).is_some_and(|texts| !texts.contains('@'));
        let sections: Vec<Section> = codes.into_iter().take(3).map(Section::parse).collect();
        let matters = |at: usize, section: &Section| match section.shows {
            Shows::Plain => false,
            // Nought, and what is owed to somebody, may be a dash or nothing.
            Shows::Masked(_) => match section.condition {
                None => at == 0 || sections.iter().any(|one| one.condition.is_some()),
                Some((Compared::Same | Compared::LessOrSame, 0) | (Compared::Less, 0 | 1)) => false,
                Some(_) => true,
            },
            _ => true,
        };
        let any = (0..).zip(&sections).any(|(at, one)| matters(at, one));
        (any || hides_texts).then_some(Self {
            sections,
            hides_texts,
        })
    }

    /// Whether a text is not shown.
    pub(crate) fn hides_texts(&self) -> bool {
        self.hides_texts
    }

    /// What is shown in the place of a number, by its own text, that is not
    /// shown itself.
    pub(crate) fn mask(&self, number: &str) -> Option<String> {
        match self.section(number)? {
            Shows::Masked(mask) if number != "0" => Some(mask.shown(number)),
            _ => None,
        }
    }

    /// Whether it shows money that is no rupees.
    pub(crate) fn is_foreign(&self) -> bool {
        let foreign = |section: &Section| matches!(section.shows, Shows::Foreign(_));
        self.sections.iter().any(foreign)
    }

    /// Writes a number's own text as the format shows it; `false`, and nothing
    /// written, if it shows the number as it is.
    pub(crate) fn write(&self, number: &str, out: &mut String) -> bool {
        let Some(shows) = self.section(number) else {
            return false;
        };
        match shows {
            Shows::Plain | Shows::Masked(_) => false,
            Shows::Percent => hundredfold(number).is_some_and(|shown| {
                out.push_str(&shown);
                out.push('%');
                true
            }),
            Shows::Foreign(sign) => {
                out.push(*sign);
                out.push_str(number);
                true
            }
            Shows::Digits(pieces) => {
                is_whole(number) && {
                    write_digits(pieces, number, out);
                    true
                }
            }
        }
    }

    /// What the section for a number shows.
    fn section(&self, number: &str) -> Option<&Shows> {
        let whole = number.split('.').next()?.parse::<u64>().ok();
        let conditional = self.sections.iter().any(|one| one.condition.is_some());
        if !conditional {
            // Positive numbers, negative ones, nought.
            let at = match (number.starts_with('-'), number) {
                (true, _) => 1,
                (false, "0") => 2,
                _ => 0,
            };
            let at = if at < self.sections.len() { at } else { 0 };
            return Some(&self.sections[at].shows);
        }
        let holds = |section: &&Section| match (section.condition, whole) {
            (None, _) => true,
            (Some((compared, other)), Some(whole)) => compared.holds(whole, other),
            (Some(_), None) => false,
        };
        self.sections.iter().find(holds).map(|one| &one.shows)
    }
}

impl Compared {
    fn holds(self, one: u64, other: u64) -> bool {
        match self {
            Self::Less => one < other,
            Self::LessOrSame => one <= other,
            Self::More => one > other,
            Self::MoreOrSame => one >= other,
            Self::Same => one == other,
            Self::Other => one != other,
        }
    }
}

/// The sections of a code; a `;` in quotes or behind a backslash parts none.
fn sections(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => escaped = true,
            ';' => {
                found.push(&code[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&code[start..]);
    found
}

impl Section {
    fn parse(code: &str) -> Self {
        let mut condition = None;
        let mask = || Mask::parse(code).map_or(Shows::Plain, Shows::Masked);
        let shows = shows(code, &mut condition).unwrap_or_else(mask);
        Self { condition, shows }
    }
}

/// What a section shows; `None` where it shows a number as it is, or does more
/// than is known here.
fn shows(code: &str, condition: &mut Option<(Compared, u64)>) -> Option<Shows> {
    let mut pieces = Vec::new();
    let (mut points, mut strange) = (false, false);
    let mut sign = None;
    let mut percent = false;
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '0' => pieces.push(Piece::Digit(true)),
            '#' | '?' => pieces.push(Piece::Digit(false)),
            '"' => {
                let end = rest.find('"').unwrap_or(rest.len());
                pieces.extend(rest[..end].chars().map(Piece::Text));
                sign = sign.or(foreign_sign(&rest[..end]));
                rest = rest.get(end + 1..).unwrap_or("");
            }
            '\\' => {
                let text = rest.chars().next()?;
                pieces.push(Piece::Text(text));
                sign = sign.or(foreign_sign(text.encode_utf8(&mut [0; 4])));
                rest = &rest[text.len_utf8()..];
            }
            // Room as wide as the next character, or filled with it.
            '_' | '*' => {
                let room = rest.chars().next().map_or(0, char::len_utf8);
                rest = &rest[room..];
            }
            '[' => {
                let end = rest.find(']')?;
                let inside = &rest[..end];
                rest = &rest[end + 1..];
                if let Some(money) = inside.strip_prefix('$') {
                    let money = money.split('-').next().unwrap_or("");
                    pieces.extend(money.chars().map(Piece::Text));
                    sign = sign.or(foreign_sign(money));
                } else if let Some(told) = compared(inside) {
                    *condition = Some(told);
                }
            }
            '%' => percent = true,
            'G' | 'g' if code.len() >= 7 && is_general(rest) => {
                pieces.push(Piece::General);
                rest = &rest["eneral".len()..];
            }
            '-' | '/' | ' ' | '(' | ')' | '+' | ':' | '\'' | '&' => pieces.push(Piece::Text(c)),
            '.' | ',' => points = true,
            other => {
                sign = sign.or(foreign_sign(other.encode_utf8(&mut [0; 4])));
                strange = true;
            }
        }
    }
    if percent {
        return Some(Shows::Percent);
    }
    if let Some(sign) = sign {
        return Some(Shows::Foreign(sign));
    }
    if points || strange {
        return None;
    }
    identifies(&pieces).then_some(Shows::Digits(pieces))
}

fn is_general(rest: &str) -> bool {
    rest.get(.."eneral".len())
        .is_some_and(|tail| tail.eq_ignore_ascii_case("eneral"))
}

/// Whether the pieces show more than the digits: zeros before them, or text.
fn identifies(pieces: &[Piece]) -> bool {
    let count = |wanted: &Piece| pieces.iter().filter(|piece| *piece == wanted).count();
    let zeros = count(&Piece::Digit(true));
    let general = count(&Piece::General);
    let digits = zeros + count(&Piece::Digit(false));
    let text = |piece: &Piece| matches!(piece, Piece::Text(c) if !c.is_whitespace());
    let has_text = pieces.iter().any(text);
    match general {
        0 => zeros >= 2 || digits >= 1 && has_text || digits >= 2 && is_parted(pieces),
        1 => digits == 0 && has_text,
        _ => false,
    }
}

/// Whether blanks stand between places for digits.
fn is_parted(pieces: &[Piece]) -> bool {
    let digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    let first = pieces.iter().position(digit);
    let last = pieces.iter().rposition(digit);
    first
        .zip(last)
        .is_some_and(|(first, last)| !pieces[first..=last].iter().all(digit))
}

fn compared(inside: &str) -> Option<(Compared, u64)> {
    const SIGNS: [(&str, Compared); 6] = [
        ("<=", Compared::LessOrSame),
        (">=", Compared::MoreOrSame),
        ("<>", Compared::Other),
        ("<", Compared::Less),
        (">", Compared::More),
        ("=", Compared::Same),
    ];
    SIGNS.iter().find_map(|(sign, compared)| {
        let number = inside.strip_prefix(sign)?.trim().parse().ok()?;
        Some((*compared, number))
    })
}

fn is_whole(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Writes digits into the places that the pieces have for them; those that
/// find none stand before the first.
fn write_digits(pieces: &[Piece], digits: &str, out: &mut String) {
    let is_place = |piece: &&Piece| matches!(piece, Piece::Digit(_));
    let places = pieces.iter().filter(is_place).count();
    let width = digits.len();
    let mut left = places;
    let mut first = true;
    let start = out.len();
    for piece in pieces {
        match piece {
            Piece::Text(c) => out.push(*c),
            Piece::General => out.push_str(digits),
            Piece::Digit(zero) => {
                if first && width > places {
                    out.push_str(&digits[..width - places]);
                }
                first = false;
                if left <= width {
                    let at = width - left;
                    out.push_str(&digits[at..=at]);
                } else if *zero {
                    out.push('0');
                }
                left -= 1;
            }
        }
    }
    // Room at the ends is room, and no part of an identifier.
    let kept = out[start..].trim().to_owned();
    out.truncate(start);
    out.push_str(&kept);
}

/// A hundred times a number, by moving its point.
fn hundredfold(number: &str) -> Option<String> {
    let (sign, size) = match number.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", number),
    };
    let (whole, decimals) = size.split_once('.').unwrap_or((size, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return None;
    }
    let mut moved: String = decimals.chars().chain("00".chars()).take(2).collect();
    moved.insert_str(0, whole);
    let whole = moved.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let rest = decimals.get(2..).unwrap_or("").trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{rest}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn shown(code: &str, number: &str) -> Option<String> {
        let mut out = String::new();
        DigitFormat::parse(code)?
            .write(number, &mut out)
            .then_some(out)
    }

    #[test]
    fn number_formats_give_back_leading_zeros_and_the_text_around() {
        for (code, digits, expected) in [
            ("000000", "95", "000095"),
            ("000000;-000000", "95", "000095"),
            ("[Red]000000", "95", "000095"),
            ("000000_)", "95", "000095"),
            ("\"GR-\"0000", "12", "GR-0012"),
            ("\\G\\R\\-0000", "12", "GR-0012"),
            ("\"GR-\"General", "12", "GR-12"),
            ("\"GR-\"#", "12", "GR-12"),
            ("0000\"/26\"", "12", "0012/26"),
            ("00000\\-0000000\\-0", "3520212345671", "35202-1234567-1"),
            ("00000-0000000-0", "352021234567", "03520-2123456-7"),
            ("0000 000 0000", "3001234567", "0300 123 4567"),
            ("###-###", "123456", "123-456"),
            ("000", "12345", "12345"),
            ("[<=9999999]###-####;(###) ###-####", "5551234", "555-1234"),
            (
                "[<=9999999]###-####;(###) ###-####",
                "2125551234",
                "(212) 555-1234",
            ),
            ("0000;;\"none\"", "7", "0007"),
        ] {
            assert_eq!(shown(code, digits).as_deref(), Some(expected), "{code}");
        }
        for code in [
            "0",
            "#",
            "#,##0.00",
            "0.00",
            "General",
            "@",
            "",
            "0.00E+00",
            "#,##0",
            "dd/mm/yyyy",
            "_-* #,##0_-",
        ] {
            assert_eq!(shown(code, "5"), None, "{code}");
        }
        assert_eq!(shown("000000", "9.5"), None);
        assert_eq!(shown("000000", "-95"), None);
    }

    #[test]
    fn rates_and_other_money_show_their_sign() {
        for (code, number, expected) in [
            ("0%", "0.05", "5%"),
            ("0.00%", "0.125", "12.5%"),
            ("0%", "1", "100%"),
            ("0%", "0", "0%"),
            ("0%", "0.00125", "0.125%"),
            ("0%", "-0.5", "-50%"),
            ("\"$\"#,##0.00", "1500", "$1500"),
            ("[$$-409]#,##0", "1500.5", "$1500.5"),
            ("[$€-2] #,##0", "15", "€15"),
            ("#,##0 \\£", "15", "£15"),
        ] {
            assert_eq!(shown(code, number).as_deref(), Some(expected), "{code}");
        }
        for code in [
            "\"Rs. \"#,##0",
            "[$Rs-420]#,##0",
            "[$PKR] #,##0.00",
            "[$-F800]#,##0",
            "_(* #,##0_);_(* \\(#,##0\\)",
        ] {
            assert_eq!(shown(code, "1500"), None, "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_code_panics_and_what_it_shows_keeps_the_digits(
            code in "[0#?\"GRgeneral\\\\_*;:%$€<>=,./() -]{0,20}",
            wild in ".{0,30}",
            number in "(0|-?[1-9][0-9]{0,15}(\\.[0-9]{1,4})?)",
        ) {
            for code in [&code, &wild] {
                let _ = shown(code, &number);
            }
        }

        #[test]
        fn zeros_before_a_number_are_given_back(width in 2usize..15, number in 0u64..1_000_000) {
            let digits = number.to_string();
            let expected = format!("{number:0width$}");
            prop_assert_eq!(shown(&"0".repeat(width), &digits), Some(expected));
        }
    }
}
