//! Values of the command line that are more than a word: lists of rows, and sheets as a person
//! types them.

use std::fmt;
use std::str::FromStr;

/// The highest row number there can be: the ledger keeps 24 bits of it.
const ROW_MAX: u32 = (1 << 24) - 1;

/// Rows as the sheet counts them, written `5,9-12`: sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowList(Vec<(u32, u32)>);

impl RowList {
    /// These row numbers, in whatever order they come.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> RowList {
        RowList::joined(numbers.into_iter().map(|number| (number, number)).collect())
    }

    /// How many numbers and ranges it is written with.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.0.len()
    }

    /// Every row number, in order.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        self.0
            .iter()
            .flat_map(|(first, last)| *first..=*last)
            .collect()
    }

    /// Ranges in order, those that touch made one.
    fn joined(mut ranges: Vec<(u32, u32)>) -> RowList {
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        RowList(joined)
    }
}

impl FromStr for RowList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim().parse::<u32>() {
            Ok(0) => Err("rows are counted from 1".to_owned()),
            Ok(number) if number <= ROW_MAX => Ok(number),
            Ok(_) => Err(format!("no sheet has more than {ROW_MAX} rows")),
            Err(_) => Err(format!(
                "`{}` is not a row; write rows like 5,9-12",
                text.trim()
            )),
        };
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None => (number(part)?, number(part)?),
            };
            if last < first {
                return Err(format!("`{}` runs backwards", part.trim()));
            }
            ranges.push((first, last));
        }
        Ok(RowList::joined(ranges))
    }
}

impl fmt::Display for RowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (first, last)) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// ` --sheet 'Grade 1'`; `None`: it can't be copied.
#[must_use]
pub fn sheet_option(sheet: &str) -> Option<String> {
    Some(format!(" --sheet {}", quoted(sheet)?))
}

/// A text as a POSIX shell takes it for one word, plain where it can be. What a terminal would not
/// show as it is, is replaced: this is read, and not typed again.
#[must_use]
pub fn as_one_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@+%".contains(c);
    match text.chars().all(plain) && !text.is_empty() {
        true => text.to_owned(),
        false => quoted(text).unwrap_or_else(|| format!("'{}'", text.escape_debug())),
    }
}

/// A text as a POSIX shell takes it for one word; `None`: a terminal would not show it as it is, so it
/// can't be copied.
pub(super) fn quoted(text: &str) -> Option<String> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    (!text.contains(hidden)).then(|| format!("'{}'", text.replace('\'', r"'\''")))
}
