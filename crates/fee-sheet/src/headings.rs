//! Headings made comparable. `Student's  Name:`, `STUDENT NAME` and
//! `student_name` are one heading; so are the Arabic and the Urdu way to
//! write the same letter. Only for matching: what is shown stays as typed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::DayMonthOrder;
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
    if let Some((at, length, _)) = date_form(&words).filter(|(_, length, _)| *length < words.len())
    {
        words.drain(at..at + length);
    }
    if words.iter().any(|word| !WORDLESS.contains(&word.as_str())) {
        words.retain(|word| !WORDLESS.contains(&word.as_str()));
    }
    words.concat()
}

/// The form by which a heading is known again from sheet to sheet: comparable,
/// and without the month that it is for.
pub fn known_again(heading: &str) -> String {
    let without = timeless(&words(heading));
    normal(without.as_deref().unwrap_or(heading))
}

/// The order of day and month that a heading asks for: `Due Date
/// (mm/dd/yyyy)`. One that puts the year first asks for none: such dates are
/// read one way only.
pub(crate) fn date_order(heading: &str) -> Option<DayMonthOrder> {
    date_form(&words(heading)).and_then(|(.., order)| order)
}

/// Where among the words the form of a date stands, of how many words it is,
/// and its order.
fn date_form(words: &[String]) -> Option<(usize, usize, Option<DayMonthOrder>)> {
    const DAY: [&str; 3] = ["d", "dd", "day"];
    const MONTH: [&str; 5] = ["m", "mm", "mmm", "mon", "month"];
    const YEAR: [&str; 4] = ["y", "yy", "yyyy", "year"];
    let told = |word: &String| {
        let word = word.as_str();
        let is = |list: &[&str], sign| list.contains(&word).then_some(sign);
        is(&DAY, 'd').or(is(&MONTH, 'm')).or(is(&YEAR, 'y'))
    };
    let order = |form: &str| match form {
        "dmy" | "dm" => Some(Some(DayMonthOrder::Dmy)),
        "mdy" | "md" => Some(Some(DayMonthOrder::Mdy)),
        "ymd" | "ydm" => Some(None),
        _ => None,
    };
    let run_together = |word: &String| {
        let mut form: Vec<char> = word.chars().collect();
        form.dedup();
        let known = form.len() == 3 && word.len() > 3 || word == "dmy" || word == "mdy";
        known.then(|| form.into_iter().collect::<String>())
    };
    for length in [3, 2, 1] {
        for (at, few) in words.windows(length).enumerate() {
            let form = match few {
                [word] => run_together(word),
                [one, other] if one.len() < 2 || other.len() < 2 => None,
                _ => few.iter().map(told).collect(),
            };
            if let Some(order) = form.as_deref().and_then(order) {
                return Some((at, length, order));
            }
        }
    }
    None
}

/// A heading without the month that it is for (`Fee for March 2035` is `fee`),
/// if it names one and says more than that.
pub(crate) fn timeless(words: &[String]) -> Option<String> {
    const FILLERS: &str = "for of the month session year mahina ka ki ماہ مہینہ برائے";
    if !words.iter().any(|word| is_month(word)) {
        return None;
    }
    let mut left = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let behind_month = at > 0 && is_month(&words[at - 1]);
        if is_month(word) || is_year(word, behind_month) || is_word(word, FILLERS) {
            continue;
        }
        left.push(word.as_str());
    }
    (!left.is_empty()).then(|| left.join(" "))
}

/// Whether the words are a month, with or without its year, and nothing else.
pub(crate) fn is_month_alone(words: &[String]) -> bool {
    words.iter().any(|word| is_month(word))
        && (0..words.len()).all(|at| {
            is_month(&words[at]) || is_year(&words[at], at > 0 && is_month(&words[at - 1]))
        })
}

/// Whether a comparable word is one of a list, which is written as people write
/// and made comparable once in each thread.
pub(crate) fn is_word(word: &str, list: &'static str) -> bool {
    type Lists = HashMap<(usize, usize), HashSet<String>>;
    thread_local! {
        static LISTS: RefCell<Lists> = RefCell::default();
    }
    LISTS.with_borrow_mut(|lists| {
        let made = || list.split_whitespace().flat_map(words).collect();
        let place = (list.as_ptr().addr(), list.len());
        lists.entry(place).or_insert_with(made).contains(word)
    })
}

fn is_month(word: &str) -> bool {
    const MONTHS: &str = "january february march april may june july august september october november \
        december jan feb mar apr jun jul aug sep sept oct nov dec \
        جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر";
    is_word(word, MONTHS)
}

fn is_year(word: &str, behind_month: bool) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits && (word.len() == 4 && word.starts_with("20") || word.len() == 2 && behind_month)
}

/// The sign of another currency than the rupee, or of a rate, in a heading.
pub(crate) fn foreign_sign(heading: &str) -> Option<char> {
    heading.chars().find(|c| {
        matches!(
            c,
            '$' | '¢' | '£' | '¤' | '¥' | '%' | '؋' | '৳' | '฿' | '﷼' | '＄' | '％' | '￠' | '￡' | '￥' | '￦'
                | '\u{20a0}'..='\u{20a7}' | '\u{20a9}'..='\u{20cf}'
        )
    })
}

/// What a heading says of its numbers if they are no rupees: the sign or the word of other money, of
/// its hundredth part, or of a number of rupees.
pub(crate) fn other_money(heading: &str) -> Option<String> {
    const WORDS: &str = "usd eur gbp aed sar dollar dollars euro euros pound pounds dirham dirhams riyal riyals \
        paisa paisas paise thousand thousands hazar lakh lakhs lac lacs million millions crore crores \
        ڈالر پیسے ہزار لاکھ";
    let word = || words(heading).into_iter().find(|word| is_word(word, WORDS));
    foreign_sign(heading).map(String::from).or_else(word)
}

/// The words of a heading, each made comparable, hints included. `#` is one:
/// a number.
pub(crate) fn words(heading: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for c in heading.nfkd().filter(|c| !is_combining_mark(*c)) {
        if c == '#' {
            words.extend(["no".to_owned(), String::new()]);
            continue;
        }
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

/// One word made comparable: compatibility forms resolved, marks, lengthening
/// strokes and signs without width left out, letters that Arabic and Urdu
/// write differently made one.
pub(crate) fn folded(word: &str) -> String {
    word.nfkd()
        .filter(|c| !is_combining_mark(*c) && *c != 'ـ' && !invisible(*c))
        .flat_map(char::to_lowercase)
        .map(unify)
        .collect()
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

/// Whether a text has a digit, of whatever script: asked of nearly every cell of a
/// payer's number, where it is one of the first signs.
pub(crate) fn has_digits(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        || !text.is_ascii() && text.chars().any(char::is_numeric)
}

/// Signs that take no room: zero-width ones, and those that steer direction.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{61c}' | '\u{180e}')
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
        'ك' | 'ڪ' => 'ک',
        'ه' | 'ة' | 'ۀ' | 'ۂ' | 'ۃ' | 'ھ' | 'ە' => 'ہ',
        'ٱ' => 'ا',
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
            ("Reg #", "reg no"),
            ("Adm.#", "Adm No"),
            ("Due Date", "Due Date (m/d/yyyy)"),
            ("Due Date", "Due Date [DD-MMM-YYYY]"),
            ("Due Date", "Due Date mmddyyyy"),
            ("Due Date", "Due Date (Day/Month/Year)"),
        ] {
            assert_eq!(normal(one), normal(other), "{one} / {other}");
        }
        assert_ne!(normal("Name"), normal("Father Name"));
        assert_eq!(normal("Rs."), "rs");
        assert_eq!(normal("After D/D"), "afterdd");
        assert_ne!(normal("Monthly Fee"), normal("Fee"));
    }

    #[test]
    fn a_heading_says_the_same_without_its_month() {
        for (heading, without) in [
            ("Fee for March 2035", Some("fee")),
            ("Fee (Mar-35)", Some("fee")),
            ("Due Date for the month of April", Some("due date")),
            ("March", None),
            ("Monthly Fee", None),
            ("فیس برائے مارچ", Some("فیس")),
        ] {
            assert_eq!(timeless(&words(heading)).as_deref(), without, "{heading}");
        }
        assert!(is_month_alone(&words("Mar-35")) && !is_month_alone(&words("Fee Mar")));
    }

    #[test]
    fn a_form_of_dates_says_its_order_unless_the_year_comes_first() {
        for (heading, order) in [
            ("Due Date (mm/dd/yyyy)", Some(DayMonthOrder::Mdy)),
            ("Due Date (M/D/YY)", Some(DayMonthOrder::Mdy)),
            ("Due Date MM-DD", Some(DayMonthOrder::Mdy)),
            ("Due Date (mmddyyyy)", Some(DayMonthOrder::Mdy)),
            ("Due Date (month/day/year)", Some(DayMonthOrder::Mdy)),
            ("Due Date (dd/mm/yyyy)", Some(DayMonthOrder::Dmy)),
            ("Due Date dd.mm.yy", Some(DayMonthOrder::Dmy)),
            ("Due Date (yyyy-mm-dd)", None),
            ("Due Date", None),
            ("Last day of month", None),
            ("After D/D", None),
        ] {
            assert_eq!(date_order(heading), order, "{heading}");
        }
    }

    #[test]
    fn numbers_that_are_no_rupees_are_told_by_a_sign_or_a_word() {
        for (heading, money) in [
            ("Fee ($)", "$"),
            ("Fee (USD)", "usd"),
            ("Fee in Dollars", "dollars"),
            ("Fee (Paisa)", "paisa"),
            ("Fee (in thousands)", "thousands"),
            ("فیس (ڈالر)", "ڈالر"),
        ] {
            assert_eq!(other_money(heading).as_deref(), Some(money), "{heading}");
        }
        for heading in ["Fee (Rs.)", "Fee PKR", "Fee in Rupees", "فیس (روپے)"] {
            assert_eq!(other_money(heading), None, "{heading}");
        }
    }

    #[test]
    fn the_sign_of_another_currency_is_seen() {
        for heading in ["Amount ($)", "Fee €", "Fee in ₹", "Amount (%)"] {
            assert!(foreign_sign(heading).is_some(), "{heading}");
        }
        for heading in ["Amount (Rs.)", "Fee ₨", "Fee #", "Amount*"] {
            assert!(foreign_sign(heading).is_none(), "{heading}");
        }
    }
}
