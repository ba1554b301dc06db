//! The words of a date: months in English, Roman Urdu and Urdu, and those that
//! say nothing more of which day it is (a weekday, an ordinal's ending).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::headings::folded;

/// The months in English, in small letters.
pub(crate) const ENGLISH: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Spellings that are no beginning of the English name.
const ROMAN: [&[&str]; 12] = [
    &["janwari", "janvari", "janwary", "janury", "janaury"],
    &["farwari", "farvari", "febuary", "feburary", "farwary"],
    &["march", "maarch"],
    &["aprail", "apreel", "aprel", "aperil"],
    &["mai", "mayi", "maee"],
    &["joon", "jun"],
    &["julai", "joolai", "julaai", "jolai"],
    &["agast", "aagast", "agust"],
    &["sitambar", "sitamber", "satambar", "septembar", "setember"],
    &[
        "aktubar", "aktoobar", "oktobar", "aktober", "oktober", "octuber",
    ],
    &["nawambar", "navambar", "nowambar", "novembar", "nawamber"],
    &["disambar", "dasambar", "decembar", "disamber", "dasamber"],
];

const URDU: [&[&str]; 12] = [
    &["جنوری"],
    &["فروری"],
    &["مارچ"],
    &["اپریل"],
    &["مئی", "مئ", "می"],
    &["جون"],
    &["جولائی", "جولای"],
    &["اگست"],
    &["ستمبر", "سپتمبر"],
    &["اکتوبر"],
    &["نومبر"],
    &["دسمبر"],
];

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const ROMAN_WEEKDAYS: [&str; 12] = [
    "peer", "pir", "somwar", "mangal", "budh", "jumerat", "jumeraat", "juma", "jumma", "hafta",
    "itwar", "itwaar",
];

/// Urdu weekdays, and words that stand before a date: on, dated, the year.
const URDU_ASIDE: [&str; 13] = [
    "پیر",
    "سوموار",
    "منگل",
    "بدھ",
    "جمعرات",
    "جمعہ",
    "ہفتہ",
    "اتوار",
    "بروز",
    "مورخہ",
    "بتاریخ",
    "تاریخ",
    "سن",
];

/// The month of an English name or its first letters, of a Roman Urdu name,
/// or of an Urdu one in whatever letters.
pub(crate) fn month_named(word: &str) -> Option<u32> {
    static OTHERS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
        let named = |names: [&'static [&'static str]; 12]| {
            (1..)
                .zip(names)
                .flat_map(|(month, names)| names.iter().map(move |name| (folded(name), month)))
        };
        named(ROMAN).chain(named(URDU)).collect()
    });
    if word.is_ascii()
        && word.len() >= 3
        && let Some(index) = ENGLISH.iter().position(|name| starts_with(name, word))
    {
        return u32::try_from(index + 1).ok();
    }
    OTHERS.get(&folded(word)).copied()
}

/// Whether a word says nothing more of the day; `after_number` says that a
/// number stands right before it.
pub(super) fn says_nothing(word: &str, after_number: bool) -> bool {
    if word.is_ascii() {
        return weekday(word) || after_number && ordinal(word);
    }
    static ASIDE: LazyLock<Vec<String>> =
        LazyLock::new(|| URDU_ASIDE.iter().map(|word| folded(word)).collect());
    let folded = folded(word);
    // `۲۰۳۵ء` is a year of our count; `۵ویں` is the fifth.
    ASIDE.contains(&folded) || after_number && ["ء", "ع", "ویں", "واں"].contains(&word)
}

fn ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th", "of", "ad"]
        .iter()
        .any(|suffix| word.eq_ignore_ascii_case(suffix))
}

fn weekday(word: &str) -> bool {
    let roman = ROMAN_WEEKDAYS
        .iter()
        .any(|day| day.eq_ignore_ascii_case(word));
    roman || word.len() >= 3 && WEEKDAYS.iter().any(|day| starts_with(day, word))
}

fn starts_with(name: &str, word: &str) -> bool {
    name.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}
