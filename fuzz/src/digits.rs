//! The digits of a text, told without the code that is tried.

/// Where the digits of the scripts that our sheets are written in begin, and
/// those that stand in for them.
const ZEROS: [char; 6] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];

/// Every digit, in order, as 0 to 9.
pub fn digits(text: &str) -> String {
    text.chars().filter_map(digit).collect()
}

fn digit(letter: char) -> Option<char> {
    let value = ZEROS.iter().find_map(|zero| {
        let value = u32::from(letter).checked_sub(u32::from(*zero))?;
        (value < 10).then_some(value)
    })?;
    char::from_digit(value, 10)
}
