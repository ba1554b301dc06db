//! Headings made comparable. `Student's  Name:`, `STUDENT NAME` and
//! `student_name` are one heading; so are the Arabic and the Urdu way to
//! write the same letter. Only for matching: what is shown stays as typed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that say only how a column is written, not what it is.
const WORDLESS: [&str; 10] = [
    "rs", "pkr", "rupees", "rupee", "روپے", "dd", "mm", "yy", "yyyy", "inrs",
];

/// The form of a heading that is compared: compatibility forms resolved,
/// marks and zero-width signs taken off, case, spacing and punctuation
/// ignored, currency and date-format hints (`(Rs.)`, `(dd/mm/yyyy)`) left out.
pub fn normal(heading: &str) -> String {
    let mut words = words(heading);
    if words.iter().any(|word| !WORDLESS.contains(&word.as_str())) {
        words.retain(|word| !WORDLESS.contains(&word.as_str()));
    }
    words.concat()
}

/// The words of a heading, each made comparable, hints included.
pub(crate) fn words(heading: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for c in heading.nfkd().filter(|c| !is_combining_mark(*c)) {
        if matches!(c, '\'' | '’' | '`' | 'ـ') || invisible(c) {
            continue;
        }
        for c in c.to_lowercase() {
            let c = unify(c);
            if c.is_alphanumeric() {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            } else if words.last().is_some_and(|word| !word.is_empty()) {
                words.push(String::new());
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The value of a digit of the scripts that our sheets are written in.
pub(crate) fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        '۰'..='۹' => '۰',
        '٠'..='٩' => '٠',
        '０'..='９' => '０',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

/// Signs that take no room: zero-width ones, and those that steer direction.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

/// Whether nothing of the text can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'!'..=b'~', ..] => false,
        _ => text
            .chars()
            .all(|c| c.is_whitespace() || invisible(c) || c == '\0'),
    }
}

fn unify(c: char) -> char {
    match c {
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        'ه' | 'ة' | 'ۀ' | 'ۂ' => 'ہ',
        _ => digit(c).map_or(c, |digit| char::from(b'0' + digit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_one_however_they_are_written() {
        for (one, other) in [
            ("Student Name", " student_NAME : "),
            ("Amount", "AMOUNT (Rs.)"),
            ("Due Date", "Due Date (dd/mm/yyyy)"),
            ("Reg. No", "reg no."),
            ("فيس", "فیس"),
            ("كل رقم", "کل رقم"),
            ("آخری تاریخ", "آخری\u{200c} تاريخ"),
            ("Ｆｅｅ", "fee"),
            ("Student's Name", "Student’s name"),
        ] {
            assert_eq!(normal(one), normal(other), "{one} / {other}");
        }
        assert_ne!(normal("Name"), normal("Father Name"));
        assert_eq!(normal("Rs."), "rs");
    }
}
