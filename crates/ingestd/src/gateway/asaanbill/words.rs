//! A word of the hub's, made fit for a message, a result sheet and a database: the hub may put
//! anything where a status, a date or a PSID should be.

use asaanbill_core::text;

/// A status or a date is a word, not a story. In characters.
const LENGTH_MAX: usize = 100;

/// The text in one line, without what nobody sees and without NUL, and cut if it is long.
pub(super) fn cleaned(said: &str) -> String {
    let one_line = text::clean(said)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    match one_line.char_indices().nth(LENGTH_MAX - 1) {
        Some((cut, last)) if one_line.len() > cut + last.len_utf8() => {
            format!("{}…", &one_line[..cut])
        }
        _ => one_line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_short_line_without_what_nobody_sees() {
        assert_eq!(
            cleaned(" RE\0VER\u{202e}SED\r\n\x1b[31mnow\t"),
            "REVERSED [31mnow"
        );
        assert_eq!(cleaned("\0\u{200b} \n"), "");
        assert_eq!(cleaned(&"x".repeat(LENGTH_MAX)), "x".repeat(LENGTH_MAX));
        let long = cleaned(&"ج".repeat(10_000));
        assert_eq!(long.chars().count(), LENGTH_MAX);
        assert!(long.ends_with('…'));
    }
}
