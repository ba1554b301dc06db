//! Identifiers that a spreadsheet has destroyed, found out.

pub(crate) use crate::digit_format::DigitFormat;
use crate::headings::digit;

/// Whether the text is what a spreadsheet leaves of a long number:
/// `3.5202E+12`, `3.52E12`.
pub(crate) fn is_exponent(text: &str) -> bool {
    // Cheap, since nearly no identifier gets past it.
    if !text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return false;
    }
    let Some((mantissa, exponent)) = text.trim().split_once(['e', 'E']) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| digit(c).is_some());
    let (whole, has_point) = match mantissa.split_once(['.', ',', '٫']) {
        Some((whole, decimals)) if digits(decimals) => (whole, true),
        Some(_) => return false,
        None => (mantissa, false),
    };
    let power = exponent.strip_prefix(['+', '-']);
    // `1E5` may be a class; a point in it, or a sign, is a spreadsheet's.
    let written = has_point || exponent.starts_with('+');
    whole.chars().count() == 1 && digits(whole) && written && digits(power.unwrap_or(exponent))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn destroyed_identifiers_are_found_out() {
        for text in [
            "3.5202E+12",
            "3.52e+12",
            "4E+10",
            "3,5202E+12",
            " 3.52E12 ",
            "3.5E-05",
            "۳٫۵۲E+12",
        ] {
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
}
