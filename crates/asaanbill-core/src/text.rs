//! Titles and identifiers as they are sent: without the characters nobody sees.

use std::borrow::Cow;

/// The text without blanks at its ends and without invisible characters:
/// control characters, marks that turn the writing direction, zero-width
/// spaces and byte order marks. A line break or tab inside becomes a blank, so
/// that two words stay two; other blanks inside are left alone, and so are the
/// joiners that Urdu is written with.
///
/// A text that needs nothing is borrowed, not copied. Cleaning twice changes
/// nothing more.
///
/// ```
/// use asaanbill_core::text::clean;
///
/// assert_eq!(clean(" FS-BSME-055"), "FS-BSME-055");
/// assert_eq!(clean("Ali\nRaza\u{202e}"), "Ali Raza");
/// ```
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if is_plain_ascii(trimmed) || trimmed.chars().all(|c| fate(c) == Fate::Kept) {
        return Cow::Borrowed(trimmed);
    }
    let kept: String = trimmed
        .chars()
        .filter_map(|c| match fate(c) {
            Fate::Kept => Some(c),
            Fate::Blank => Some(' '),
            Fate::Removed => None,
        })
        .collect();
    // What stood between a removed character and the end is now at the end.
    Cow::Owned(kept.trim().to_owned())
}

/// Whether a character is one that nobody sees and [`clean`] leaves out; a
/// blank is not.
///
/// ```
/// use asaanbill_core::text::is_unseen;
///
/// assert!(is_unseen('\u{202e}') && is_unseen('\u{7}'));
/// assert!(!is_unseen(' ') && !is_unseen('\n') && !is_unseen('\u{200c}'));
/// ```
#[must_use]
pub fn is_unseen(c: char) -> bool {
    fate(c) == Fate::Removed
}

#[derive(PartialEq)]
enum Fate {
    Kept,
    Blank,
    Removed,
}

fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

fn fate(c: char) -> Fate {
    match c {
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Blank,
        c if c.is_control() => Fate::Removed,
        // The marks, embeddings, overrides and isolates of bidirectional text.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Fate::Removed
        }
        '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => Fate::Removed,
        // Soft hyphens, deprecated steering marks, notes between lines, tags.
        '\u{ad}'
        | '\u{180e}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Fate::Removed,
        _ => Fate::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_text_is_not_copied() {
        for good in ["FS-BSCS-095", "عائشہ خان", "a  b", "نوازش\u{200c}علی"] {
            assert!(matches!(clean(good), Cow::Borrowed(text) if text == good));
        }
        assert!(matches!(clean(" trimmed\u{a0}"), Cow::Borrowed("trimmed")));
    }

    #[test]
    fn what_nobody_sees_is_removed() {
        for (text, cleaned) in [
            ("\u{feff}GF-1", "GF-1"),
            ("GF\u{200b}-1\u{0}", "GF-1"),
            ("\u{202e} GF-1 \u{202c} ", "GF-1"),
            ("a\r\nb", "a  b"),
            ("\u{200f}", ""),
            ("A\u{ad}li\u{e0041}\u{2062}", "Ali"),
            (" \t\n", ""),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }
}
