//! Identifiers, kept as the sheet shows them: leading zeros of a number
//! format put back, and those that a spreadsheet has destroyed found out.

/// Whether the text is what a spreadsheet leaves of a long number:
/// `3.5202E+12`.
pub(crate) fn is_exponent(text: &str) -> bool {
    if !text
        .trim_ascii_start()
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_digit)
    {
        return false;
    }
    let Some((mantissa, exponent)) = text.trim().split_once(['e', 'E']) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match mantissa.split_once(['.', ',']) {
        Some((whole, decimals)) if digits(decimals) => whole,
        Some(_) => return false,
        None => mantissa,
    };
    whole.len() == 1 && digits(whole) && exponent.strip_prefix('+').is_some_and(digits)
}

/// Whether a number cell's text has more digits than a spreadsheet keeps.
pub(crate) fn beyond_precision(number: &str) -> bool {
    let whole = number
        .trim_start_matches('-')
        .split('.')
        .next()
        .unwrap_or("");
    whole.len() > 15
}

/// A number format that writes a whole number as an identifier: digits with
/// leading zeros, and fixed text around and between (`000000`, `"GR-"0000`,
/// `00000-0000000-0`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DigitFormat {
    pieces: Vec<Piece>,
    zeros: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A place for a digit; `true` if it shows a zero where there is none.
    Digit(bool),
    Text(char),
}

impl DigitFormat {
    /// Reads a format code; `None` where it does more, or nothing, of this kind.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                '0' => pieces.push(Piece::Digit(true)),
                '#' => pieces.push(Piece::Digit(false)),
                '"' => pieces.extend(chars.by_ref().take_while(|c| *c != '"').map(Piece::Text)),
                '\\' => pieces.push(Piece::Text(chars.next()?)),
                '-' | '/' | ' ' | '(' | ')' => pieces.push(Piece::Text(c)),
                ';' => break,
                _ => return None,
            }
        }
        let zeros = pieces
            .iter()
            .filter(|piece| **piece == Piece::Digit(true))
            .count();
        let has_text = pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
        (zeros >= 2 || zeros == 1 && has_text).then_some(Self { pieces, zeros })
    }

    /// Writes the digits of a whole number through the format; `false`, and
    /// nothing written, if the number is not a plain whole one.
    pub(crate) fn write(&self, digits: &str, out: &mut String) -> bool {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let places = self
            .pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Digit(_)))
            .count();
        let mut left = places;
        let width = digits.len();
        let mut first = true;
        for piece in &self.pieces {
            match piece {
                Piece::Text(c) => out.push(*c),
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
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn destroyed_identifiers_are_found_out() {
        for text in ["3.5202E+12", "3.52e+12", "4E+10", "3,5202E+12"] {
            assert!(is_exponent(text), "{text}");
        }
        for text in [
            "FS-BSCS-095",
            "35202",
            "1E5",
            "12E+3",
            "E+12",
            "3.E+12",
            "GR2E+1x",
        ] {
            assert!(!is_exponent(text), "{text}");
        }
        assert!(beyond_precision("1001391001001548"));
        assert!(!beyond_precision("100139100100154"));
    }

    #[test]
    fn number_formats_give_leading_zeros_back() {
        let shown = |code: &str, digits: &str| {
            let mut out = String::new();
            DigitFormat::parse(code)
                .map(|format| format.write(digits, &mut out))
                .map(|_| out)
        };
        assert_eq!(shown("000000", "95").as_deref(), Some("000095"));
        assert_eq!(shown("\"GR-\"0000", "12").as_deref(), Some("GR-0012"));
        assert_eq!(
            shown("00000\\-0000000\\-0", "3520212345671").as_deref(),
            Some("35202-1234567-1")
        );
        assert_eq!(shown("000", "12345").as_deref(), Some("12345"));
        assert_eq!(shown("0", "5"), None);
        assert_eq!(shown("#,##0.00", "5"), None);
        assert_eq!(shown("General", "5"), None);
    }
}
