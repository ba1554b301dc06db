//! Number formats under which a cell shows another number than it holds, or
//! none: thousands (`0,` shows 15 where the cell holds 15000), words in the
//! number's place, and nothing at all (`;;;`). What the person at the sheet
//! sees is then not what would be billed.

use crate::number_cells::with_decimals;

/// What such a section shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mask {
    /// So many times a thousand, with so many decimals, and words around.
    Thousands {
        times: usize,
        decimals: usize,
        before: String,
        after: String,
    },
    /// These words and no digit; none at all where it shows nothing.
    Words(String),
}

impl Mask {
    /// Reads a section of a format code; `None` where it shows the number.
    pub(crate) fn parse(section: &str) -> Option<Mask> {
        let (mut before, mut after) = (String::new(), String::new());
        let (mut digits, mut decimals, mut point) = (0, 0, false);
        let (mut times, mut commas) = (0, 0);
        let mut is_told = section.is_empty();
        let mut chars = section.chars();
        while let Some(c) = chars.next() {
            let words = if digits == 0 { &mut before } else { &mut after };
            match c {
                '"' => {
                    is_told = true;
                    words.extend(chars.by_ref().take_while(|c| *c != '"'));
                }
                '\\' => {
                    is_told = true;
                    words.extend(chars.next());
                }
                // Room as wide as the next character, or filled with it.
                '_' | '*' => {
                    chars.next();
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    if let Some(money) = inside.strip_prefix('$') {
                        words.push_str(money.split('-').next().unwrap_or(""));
                    }
                }
                '0' | '#' | '?' => {
                    digits += 1;
                    decimals += usize::from(point);
                    commas = 0;
                }
                '.' => {
                    point = true;
                    times += commas;
                    commas = 0;
                }
                // Behind the last place of a digit it divides by a thousand.
                ',' => commas += usize::from(digits > 0),
                '%' | '@' => return None,
                c if c.is_alphanumeric() => return None,
                c => {
                    is_told = true;
                    words.push(c);
                }
            }
        }
        times += commas;
        match digits {
            0 => is_told.then(|| Mask::Words(before.trim().to_owned())),
            _ => (times > 0).then_some(Mask::Thousands {
                times,
                decimals,
                before,
                after,
            }),
        }
    }

    /// What is shown for a number, by its own text.
    pub(crate) fn shown(&self, number: &str) -> String {
        match self {
            Mask::Words(words) => words.clone(),
            Mask::Thousands {
                times,
                decimals,
                before,
                after,
            } => {
                let divided = divided(number, *times);
                let shown = format!("{before}{}{after}", with_decimals(&divided, *decimals));
                shown.trim().to_owned()
            }
        }
    }
}

/// A number's text divided by a thousand so many times, by moving its point.
pub(crate) fn divided(number: &str, times: usize) -> String {
    let (sign, size) = match number.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", number),
    };
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let places = times.saturating_mul(3).min(400);
    let whole = format!("{whole:0>width$}", width = places + 1);
    let (whole, moved) = whole.split_at(whole.len() - places);
    let fraction = format!("{moved}{fraction}");
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_shown_of_a_number_that_is_divided_or_hidden_is_known() {
        for (section, number, shown) in [
            ("0,", "15000", "15"),
            ("#,##0,", "15500", "16"),
            ("#,##0.0,", "15550", "15.6"),
            ("0.0,,\"M\"", "1500000", "1.5M"),
            ("#,##0,\"k\"", "15000", "15k"),
            ("\"Rs \"0,", "15000", "Rs 15"),
            ("0,", "400", "0"),
            ("[Red]0,_)", "-15000", "-15"),
            ("0,.0", "15500", "15.5"),
            ("", "15000", ""),
            ("\"\"", "15000", ""),
            ("\"Paid\"", "15000", "Paid"),
            ("\\-", "15000", "-"),
        ] {
            let mask = Mask::parse(section).expect(section);
            assert_eq!(mask.shown(number), shown, "{section}");
        }
    }

    #[test]
    fn a_section_that_shows_the_number_masks_nothing() {
        for section in [
            "0",
            "#,##0",
            "#,##0.00",
            "##\\,##\\,##0",
            "General",
            "[Red]General",
            "[Red]",
            "@",
            "0%",
            "0.00E+00",
            "# ?/?",
            "_(* #,##0_)",
            "\"Rs. \"#,##0\"/-\"",
        ] {
            assert_eq!(Mask::parse(section), None, "{section}");
        }
    }
}
