//! One cell of an OpenDocument sheet: its value, and the text that it shows.

use quick_xml::events::{BytesStart, Event};

use super::looks::Looks;
use super::shown::{is_another, is_divided, is_month, rounded};
use super::xml::{Xml, attribute, count_of, repeated, value_of};
use crate::headings::foreign_sign;
use crate::number_formats::NumberFormat;
use crate::unreadable::Unreadable;

/// What a cell holds. Its text is what it shows, and for a day `yyyy-MM-dd`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Text,
    Number(f64),
    /// A number of which not all is shown.
    Rounded(f64, &'static NumberFormat),
    /// A number shown as an identifier, a rate or other money; how long what is shown is, the number
    /// stands behind it.
    Written(usize),
    /// A number in whose place another is shown; how long that is, the number stands behind it.
    Masked(usize),
    Day,
    /// A day of which only month and year are shown, or one of them.
    Month,
    Truth(bool),
    Error,
    Uncalculated,
}

/// What the start of a cell says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Type {
    #[default]
    None,
    Text,
    Number,
    Day,
    Truth,
}

/// How often a cell is there, and how far it goes if it is merged.
#[derive(Debug)]
pub(super) struct Extent {
    pub(super) count: u64,
    pub(super) rows: u64,
    pub(super) columns: u64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            count: 1,
            rows: 1,
            columns: 1,
        }
    }
}

/// A cell that is being read.
#[derive(Debug, Default)]
pub(super) struct Cell {
    kind: Type,
    /// The value, where it is not the text that is shown.
    value: Option<String>,
    is_error: bool,
    has_formula: bool,
    shown: String,
    /// Some of its text is struck through.
    pub(super) struck: bool,
    /// Its format shows no text, and a number only where it says which.
    hides: bool,
}

impl Cell {
    /// Begins a cell; how often it is there, and how far it goes. Its
    /// attributes are gone through once: this runs on every cell.
    pub(super) fn begin(
        &mut self,
        start: &BytesStart<'_>,
        looks: &Looks,
    ) -> Result<Extent, Unreadable> {
        (self.struck, self.hides) = (false, false);
        self.kind = Type::None;
        self.value = None;
        self.is_error = false;
        self.has_formula = false;
        self.shown.clear();
        let mut extent = Extent::default();
        // The type may come behind the value.
        let (mut number, mut day, mut truth, mut text) = (None, None, None, None);
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(Unreadable::damaged)?;
            match attribute.key.as_ref() {
                "office:value-type" => {
                    self.kind = match &*value_of(&attribute)? {
                        "float" | "percentage" | "currency" => Type::Number,
                        "date" => Type::Day,
                        "boolean" => Type::Truth,
                        // A time of day is what it shows.
                        _ => Type::Text,
                    };
                }
                "office:value" => number = Some(value_of(&attribute)?.into_owned()),
                "office:date-value" => day = Some(value_of(&attribute)?.into_owned()),
                "office:boolean-value" => truth = Some(value_of(&attribute)?.into_owned()),
                "office:string-value" => text = Some(value_of(&attribute)?.into_owned()),
                "calcext:value-type" => self.is_error = &*value_of(&attribute)? == "error",
                "table:formula" => self.has_formula = true,
                "table:style-name" => {
                    let style = value_of(&attribute)?;
                    (self.struck, self.hides) = (looks.strikes(&style), looks.hides(&style));
                }
                "table:number-columns-repeated" => extent.count = count_of(&attribute)?,
                "table:number-columns-spanned" => extent.columns = count_of(&attribute)?,
                "table:number-rows-spanned" => extent.rows = count_of(&attribute)?,
                _ => {}
            }
        }
        self.value = match self.kind {
            Type::Number => number,
            Type::Day => day,
            Type::Truth => truth,
            Type::Text | Type::None => text,
        };
        Ok(extent)
    }

    /// Reads to the end of the cell. What lies in it beside its text (remarks,
    /// drawings) is passed over.
    pub(super) fn read(
        &mut self,
        xml: &mut Xml<'_>,
        bytes_max: usize,
        looks: &Looks,
    ) -> Result<(), Unreadable> {
        let mut paragraphs = 0u32;
        loop {
            match xml.next_within()? {
                Event::End(_) => return Ok(()),
                Event::Start(start) => match start.name().as_ref() {
                    "text:p" | "text:h" => {
                        if paragraphs > 0 {
                            self.shown.push('\n');
                        }
                        paragraphs += 1;
                        self.paragraph(xml, bytes_max, looks)?;
                    }
                    "table:table" => {
                        return Err(Unreadable::damaged("a cell of it holds a table of its own"));
                    }
                    _ => xml.pass_over()?,
                },
                _ => {}
            }
            self.check(bytes_max)?;
        }
    }

    fn check(&self, bytes_max: usize) -> Result<(), Unreadable> {
        if self.shown.len() <= bytes_max {
            return Ok(());
        }
        let limit = format!("{} KB a cell", bytes_max >> 10);
        Err(Unreadable::too_large("a cell holds too long a text", limit))
    }

    fn paragraph(
        &mut self,
        xml: &mut Xml<'_>,
        bytes_max: usize,
        looks: &Looks,
    ) -> Result<(), Unreadable> {
        let mut inside = 0;
        // Blanks are one blank, and none at the start: others are elements.
        let mut after_blank = true;
        loop {
            match xml.next_within()? {
                Event::End(_) if inside == 0 => return Ok(()),
                Event::End(_) => inside -= 1,
                Event::Start(start) => match start.name().as_ref() {
                    "text:s" => {
                        let blanks = repeated(&start, "text:c")?;
                        let blanks = usize::try_from(blanks).unwrap_or(usize::MAX);
                        let blanks = blanks.min(bytes_max.saturating_add(1));
                        self.shown.extend(std::iter::repeat_n(' ', blanks));
                        after_blank = false;
                        inside += 1;
                    }
                    "text:tab" => {
                        self.shown.push('\t');
                        after_blank = false;
                        inside += 1;
                    }
                    "text:line-break" => {
                        self.shown.push('\n');
                        after_blank = true;
                        inside += 1;
                    }
                    "text:span" => {
                        let style = attribute(&start, "text:style-name")?;
                        self.struck |= style.is_some_and(|style| looks.strikes(&style));
                        inside += 1;
                    }
                    "office:annotation" | "text:note" | "text:ruby-text" => xml.pass_over()?,
                    _ => inside += 1,
                },
                Event::Text(text) => push(&mut self.shown, &text, &mut after_blank),
                Event::CData(text) => push(&mut self.shown, &text, &mut after_blank),
                Event::GeneralRef(named) => {
                    let letter = match named.resolve_char_ref().map_err(Unreadable::damaged)? {
                        Some(letter) => Some(letter),
                        None => match &*named {
                            "amp" => Some('&'),
                            "lt" => Some('<'),
                            "gt" => Some('>'),
                            "quot" => Some('"'),
                            "apos" => Some('\''),
                            _ => None,
                        },
                    };
                    let letter =
                        letter.ok_or_else(|| Unreadable::damaged("it names an unknown letter"))?;
                    self.shown.push(letter);
                    after_blank = false;
                }
                _ => {}
            }
            self.check(bytes_max)?;
        }
    }

    /// What the cell holds, its text written behind `text`; `None` if it is
    /// blank.
    pub(super) fn what(&self, text: &mut String) -> Option<What> {
        let shown = self.shown.as_str();
        let error = self.has_formula && (shown.starts_with("Err:") || is_error(shown));
        if self.is_error || error {
            text.push_str(if shown.is_empty() { "#N/A" } else { shown });
            return Some(What::Error);
        }
        let value = self.value.as_deref();
        match (self.kind, value) {
            (Type::Text | Type::None, _) if self.hides => {
                let said = value.filter(|value| !value.is_empty()).unwrap_or(shown);
                text.push_str(said);
                (!said.is_empty()).then_some(What::Masked(said.len()))
            }
            (Type::Number, Some(value)) => {
                let Ok(number) = value.trim().parse::<f64>() else {
                    text.push_str(shown);
                    return Some(What::Text);
                };
                let plain = number.to_string();
                let hidden = self.hides && shown.is_empty() && number != 0.0;
                if hidden || is_divided(shown, &plain) {
                    text.push_str(shown);
                    text.push_str(&plain);
                    return Some(What::Masked(shown.len()));
                }
                if !is_identifier(shown, &plain) && !is_other_money(shown) {
                    if let Some(format) = rounded(shown, &plain) {
                        return Some(What::Rounded(number, format));
                    }
                    if !is_another(shown, &plain) {
                        return Some(What::Number(number));
                    }
                    text.push_str(shown);
                    text.push_str(&plain);
                    return Some(What::Masked(shown.len()));
                }
                text.push_str(shown);
                text.push_str(&plain);
                Some(What::Written(shown.len()))
            }
            (Type::Truth, Some(value)) => Some(What::Truth(value.eq_ignore_ascii_case("true"))),
            (Type::Day, Some(value)) if write_day(value, text) => {
                Some(match is_month(shown, value) {
                    true => What::Month,
                    false => What::Day,
                })
            }
            (Type::None, None) if shown.is_empty() && self.has_formula => Some(What::Uncalculated),
            (Type::Text | Type::None, Some(value)) if !value.is_empty() => {
                text.push_str(value);
                Some(What::Text)
            }
            _ if shown.is_empty() => None,
            _ => {
                text.push_str(shown);
                Some(What::Text)
            }
        }
    }
}

fn push(shown: &mut String, text: &str, after_blank: &mut bool) {
    for letter in text.chars() {
        let blank = matches!(letter, ' ' | '\t' | '\r' | '\n');
        if !blank {
            shown.push(letter);
        } else if !*after_blank {
            shown.push(' ');
        }
        *after_blank = blank;
    }
}

/// Whether a formula shows an error: `#DIV/0!`, and not the `#` of a number.
fn is_error(shown: &str) -> bool {
    let name = shown.strip_prefix('#').unwrap_or("");
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.ends_with(['!', '?', 'A'])
}

/// Whether a whole number is shown as an identifier: its own digits, with zeros
/// before them or signs between them. What separates thousands or decimals
/// makes no identifier.
fn is_identifier(shown: &str, plain: &str) -> bool {
    let whole = !plain.is_empty() && plain.len() <= 15 && plain.bytes().all(|b| b.is_ascii_digit());
    if !whole || shown == plain || shown.contains([',', '.', '%', ':', '+', '٬', '٫', '\'', '’'])
    {
        return false;
    }
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let without_zeros = digits.trim_start_matches('0');
    !digits.is_empty() && without_zeros == plain.trim_start_matches('0')
}

/// Whether a number is shown as a rate, or as money that is no rupees.
fn is_other_money(shown: &str) -> bool {
    foreign_sign(shown).is_some()
}

/// Writes a day such as `2035-03-05T00:00:00` as the sheet's days are written.
fn write_day(value: &str, text: &mut String) -> bool {
    let digits = |part: &str, pattern: &str| {
        part.len() == pattern.len()
            && part.bytes().zip(pattern.bytes()).all(|(byte, want)| {
                if want == b'0' {
                    byte.is_ascii_digit()
                } else {
                    byte == want
                }
            })
    };
    let (day, time) = value.trim().split_once('T').unwrap_or((value.trim(), ""));
    if !digits(day, "0000-00-00") {
        return false;
    }
    text.push_str(day);
    if let Some(time) = time.get(..8)
        && digits(time, "00:00:00")
        && time != "00:00:00"
    {
        text.push(' ');
        text.push_str(time);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_identifier_where_the_sheet_shows_it_as_one() {
        for (shown, plain) in [
            ("000095", "95"),
            ("35202-1234567-1", "3520212345671"),
            ("GR-0012", "12"),
            ("0000", "0"),
        ] {
            assert!(is_identifier(shown, plain), "{shown}");
        }
        for (shown, plain) in [
            ("95", "95"),
            ("1,500", "1500"),
            ("1500.00", "1500"),
            ("3.52E+12", "3520212345671"),
            ("500%", "5"),
            ("Rs 1,500", "1500"),
            ("-5", "-5"),
            ("", "5"),
            ("12'345", "12345"),
        ] {
            assert!(!is_identifier(shown, plain), "{shown}");
        }
    }

    #[test]
    fn rates_and_other_money_keep_their_signs() {
        for shown in ["5%", "$1,500.00", "1.500,00 €"] {
            assert!(is_other_money(shown), "{shown}");
        }
        for shown in ["1,500.00", "Rs 1,500", "PKR1,500", "1500/-", ""] {
            assert!(!is_other_money(shown), "{shown}");
        }
    }

    #[test]
    fn days_are_written_as_other_workbooks_give_them() {
        let day = |value: &str| {
            let mut text = String::new();
            write_day(value, &mut text).then_some(text)
        };
        assert_eq!(day("2035-03-05").as_deref(), Some("2035-03-05"));
        assert_eq!(day("2035-03-05T00:00:00").as_deref(), Some("2035-03-05"));
        assert_eq!(
            day("2035-03-05T09:30:00.5").as_deref(),
            Some("2035-03-05 09:30:00")
        );
        assert_eq!(day("-0044-03-15"), None);
        assert_eq!(day("soon"), None);
    }
}
