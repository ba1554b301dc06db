//! Whether a cell of an OpenDocument sheet shows less than it has. Other workbooks say by their number
//! formats what is shown; here the shown text itself stands in the file, whatever the format.

use crate::headings::digit;
use crate::number_cells::with_decimals;
use crate::number_formats::NumberFormat;
use crate::number_masks::divided;

/// The format by which a number is shown as it is here: with fewer decimals than paisa have, and than
/// the number has.
pub(super) fn rounded(shown: &str, plain: &str) -> Option<&'static NumberFormat> {
    const WHOLE: NumberFormat = NumberFormat::Rounded(0);
    const TENTHS: NumberFormat = NumberFormat::Rounded(1);
    // Nearly every number of a fee sheet is whole.
    let (_, fraction) = plain.split_once('.')?;
    let digits: String = without_words(shown)
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, ""));
    if whole.is_empty() || decimals.len() >= fraction.len().min(2) {
        return None;
    }
    let as_shown = with_decimals(plain.trim_start_matches('-'), decimals.len());
    (as_shown == digits).then_some(match decimals.len() {
        0 => &WHOLE,
        _ => &TENTHS,
    })
}

/// Whether a number is shown in thousands: `15` or `15k` for 15000. A point before three digits may
/// part thousands.
pub(super) fn is_divided(shown: &str, plain: &str) -> bool {
    let shown: String = without_words(shown).replace(',', "");
    let (whole, decimals) = shown.split_once('.').unwrap_or((&shown, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let places = decimals.len();
    if whole.is_empty() || places > 2 || !digits(whole) || !digits(decimals) || shown == plain {
        return false;
    }
    let plain = plain.trim_start_matches('-');
    let same = |number: &str| {
        let as_shown = with_decimals(number, places);
        let (as_whole, as_decimals) = as_shown.split_once('.').unwrap_or((&as_shown, ""));
        as_whole == whole && format!("{as_decimals:0<places$}") == decimals
    };
    !same(plain) && (1..=3).any(|times| same(&divided(plain, times)))
}

/// Whether something else is shown than the number, however it may be written: other
/// digits, or a word for a number that is not nought. Where nothing is shown, the file
/// may only not say it.
pub(super) fn is_another(shown: &str, plain: &str) -> bool {
    if shown == plain || shown.is_empty() {
        return false;
    }
    let digits = |text: &str| -> String {
        let digits = text.chars().filter_map(digit);
        let digits: String = digits.map(|digit| char::from(b'0' + digit)).collect();
        digits.trim_matches('0').to_owned()
    };
    let is_odd = |c: char| matches!(c, 'E' | 'e' | '#') || c.is_numeric() && digit(c).is_none();
    if shown.chars().all(|c| digit(c).is_none()) {
        let is_nought = digits(plain).is_empty();
        return !is_nought && shown.chars().any(|c| !c.is_whitespace() && c != '#');
    }
    // `1.5E+03`, and a fraction.
    if shown.contains(is_odd) {
        return false;
    }
    let said = digits(shown);
    let same = |number: &str| digits(number) == said;
    const DECIMALS: usize = 15;
    !same(plain) && !(0..=DECIMALS).any(|places| same(&with_decimals(plain, places)))
}

/// A currency's word may end in a point: `Rs. 1,501`.
fn without_words(shown: &str) -> &str {
    let at_digit = shown.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let shown = &shown[at_digit..];
    let end = shown.rfind(|c: char| c.is_ascii_digit());
    &shown[..end.map_or(0, |end| end + 1)]
}

/// Whether month and year of a day, `yyyy-MM-dd`, are all that is shown of it, or one of them: no
/// number that is shown can be the day.
pub(super) fn is_month(shown: &str, day: &str) -> bool {
    let part = |range: std::ops::Range<usize>| day.get(range)?.parse::<u32>().ok();
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) else {
        return false;
    };
    let mut numbers: Vec<u32> = Vec::new();
    for piece in shown.split(|c: char| !c.is_ascii_digit()) {
        match piece.parse() {
            Ok(number) => numbers.push(number),
            Err(_) if piece.is_empty() => {}
            Err(_) => return false,
        }
    }
    // Digits of other scripts are not looked through.
    if numbers.is_empty() || shown.chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        return false;
    }
    let has_word = shown.chars().any(char::is_alphabetic);
    let century = |number: u32| number == year % 100 && number != day;
    let of_year = numbers.iter().position(|number| *number == year);
    let Some(at) = of_year.or_else(|| numbers.iter().rposition(|number| century(*number))) else {
        return false;
    };
    numbers.remove(at);
    match &numbers[..] {
        [] => true,
        // `03/2035`, and not `5 March 35`.
        [one] => *one == month && !has_word,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_shown_with_fewer_decimals_than_it_has_is_told() {
        for (shown, plain, decimals) in [
            ("1,501", "1500.75", 0),
            ("Rs. 1,501", "1500.75", 0),
            ("1501 /-", "1500.75", 0),
            ("(1,501)", "-1500.75", 0),
            ("1500.8", "1500.75", 1),
            ("1,50,001", "150000.5", 0),
            ("0", "0.25", 0),
        ] {
            let format = rounded(shown, plain);
            assert_eq!(format, Some(&NumberFormat::Rounded(decimals)), "{shown}");
        }
        for (shown, plain) in [
            ("1,500.75", "1500.75"),
            ("1500.5", "1500.5"),
            ("1500.50", "1500.5"),
            ("1500", "1500"),
            ("1.500,75", "1500.75"),
            ("1.5E+03", "1500.75"),
            ("###", "1500.75"),
            ("", "1500.75"),
            ("1500.12", "1500.123"),
        ] {
            assert_eq!(rounded(shown, plain), None, "{shown}");
        }
    }

    #[test]
    fn a_number_that_is_shown_in_thousands_is_told() {
        for (shown, plain) in [
            ("15", "15000"),
            ("15k", "15000"),
            ("Rs. 15", "15000"),
            ("15.5", "15500"),
            ("1,500", "1500000"),
            ("1.5 M", "1500000"),
            ("0", "400"),
            ("16", "15500"),
        ] {
            assert!(is_divided(shown, plain), "{shown}");
        }
        for (shown, plain) in [
            ("15000", "15000"),
            ("15,000", "15000"),
            ("1,50,000", "150000"),
            ("15.000", "15000"),
            ("15,000.00", "15000"),
            ("15.000,00", "15000"),
            ("15'000", "15000"),
            ("1.5E+04", "15000"),
            ("1501", "1500.75"),
            ("0", "0"),
            ("0", "0.25"),
            ("000095", "95"),
            ("5%", "0.05"),
            ("", "15000"),
            ("###", "15000"),
        ] {
            assert!(!is_divided(shown, plain), "{shown}");
        }
    }

    #[test]
    fn another_number_than_the_cell_has_is_told() {
        for (shown, plain) in [
            ("1800", "1500"),
            ("Rs. 1,800", "1500"),
            ("۱۸۰۰", "1500"),
            ("Free", "1500"),
            ("2035-012", "12"),
            ("-", "1500"),
            ("1500", "1500000.5"),
        ] {
            assert!(is_another(shown, plain), "{shown}");
        }
        for (shown, plain) in [
            ("1500", "1500"),
            ("1,500.00", "1500"),
            ("1.500,00", "1500"),
            ("۱۵۰۰", "1500"),
            ("(1,500)", "-1500"),
            ("Rs 1,500/-", "1500"),
            ("1.5E+03", "1500"),
            ("###", "1500"),
            ("0.333", "0.333333333333333"),
            ("1500.13", "1500.125"),
            ("", "1500"),
            ("-", "0"),
            ("Nil", "0"),
            ("000095", "95"),
        ] {
            assert!(!is_another(shown, plain), "{shown}");
        }
    }

    #[test]
    fn a_day_of_which_only_month_and_year_are_shown_is_told() {
        let day = "2035-03-05";
        for shown in [
            "Mar-35",
            "March 2035",
            "03/2035",
            "3/35",
            "2035",
            "مارچ 2035",
        ] {
            assert!(is_month(shown, day), "{shown}");
        }
        assert!(is_month("Mar-35", "2035-03-01"));
        for shown in [
            "5-Mar-35",
            "05/03/2035",
            "03/05/35",
            "2035-03-05",
            "Mon 5 March 2035",
            "05-Mar",
            "5 March",
            "05/03",
            "2035-03-05 12:30",
            "49373",
            "",
            "۰۵/۰۳/۲۰۳۵",
        ] {
            assert!(!is_month(shown, day), "{shown}");
        }
        // Both could be the day.
        assert!(!is_month("Mar-05", "2005-03-05"));
    }
}
