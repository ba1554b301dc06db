//! Every language has every sentence, and each says what there is to do.

#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use fee_sheet::{Flaw, MissingField, Unreadable};

use super::*;
use crate::said::{FilePlace, Place};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2035, 3, day).unwrap()
}

fn place(sheet: Option<&str>) -> Place {
    Place {
        row: 17,
        sheet: sheet.map(str::to_owned),
    }
}

fn in_file() -> FilePlace {
    FilePlace {
        file: "march.xlsx".to_owned(),
        sheet: "Class 2".to_owned(),
        row: 17,
        state: "billed",
    }
}

/// One of everything there is to say. What is added to `Said` or `Flaw` is
/// added here: the match below does not compile without it.
fn everything() -> Vec<Said> {
    let flaws = [
        Flaw::NotANumber,
        Flaw::OddGrouping,
        Flaw::Percentage,
        Flaw::OtherCurrency('$'),
        Flaw::TooManyDecimals,
        Flaw::TooLarge,
        Flaw::NotADate,
        Flaw::NoSuchDay,
        Flaw::IncompleteDate,
        Flaw::AmbiguousDate,
        Flaw::DoubtfulYear,
        Flaw::PrecisionLost,
        Flaw::TurnedIntoDate,
        Flaw::TooNarrow,
        Flaw::ErrorCell("#REF!".to_owned()),
        Flaw::FormulaWithoutValue,
        Flaw::MoreCells {
            cells: 6,
            headings: 5,
        },
    ];
    let others = [
        Said::OrderAssumed(day(5)),
        Said::DayNumberTaken(day(5)),
        Said::Blank,
        Said::Nought,
        Said::Negative,
        Said::LateBelowAmount(150_000),
        Said::LateMuchHigher(150_050),
        Said::YearOutOfRange,
        Said::Past(day(6)),
        Said::PastButSent,
        Said::Trimmed("Ali".to_owned()),
        Said::Unseen(vec!['\u{202e}', '\u{7}'], "Ali".to_owned()),
        Said::LaterRowCounts(place(None)),
        Said::LaterRowsCount,
        Said::Twice(vec![place(None), place(Some("Class 2"))], 3),
        Said::AllTwice,
        Said::InOrigin(in_file()),
        Said::LaterInOrigin(in_file()),
        Said::Twin(place(Some("Class 2"))),
    ];
    let all: Vec<Said> = flaws.into_iter().map(Said::Flaw).chain(others).collect();
    for said in &all {
        match said {
            Said::Flaw(
                Flaw::NotANumber
                | Flaw::OddGrouping
                | Flaw::Percentage
                | Flaw::OtherCurrency(_)
                | Flaw::TooManyDecimals
                | Flaw::TooLarge
                | Flaw::NotADate
                | Flaw::NoSuchDay
                | Flaw::IncompleteDate
                | Flaw::AmbiguousDate
                | Flaw::DoubtfulYear
                | Flaw::PrecisionLost
                | Flaw::TurnedIntoDate
                | Flaw::TooNarrow
                | Flaw::ErrorCell(_)
                | Flaw::FormulaWithoutValue
                | Flaw::MoreCells { .. },
            )
            | Said::OrderAssumed(_)
            | Said::DayNumberTaken(_)
            | Said::Blank
            | Said::Nought
            | Said::Negative
            | Said::LateBelowAmount(_)
            | Said::LateMuchHigher(_)
            | Said::YearOutOfRange
            | Said::Past(_)
            | Said::PastButSent
            | Said::Trimmed(_)
            | Said::Unseen(..)
            | Said::LaterRowCounts(_)
            | Said::LaterRowsCount
            | Said::Twice(..)
            | Said::AllTwice
            | Said::InOrigin(_)
            | Said::LaterInOrigin(_)
            | Said::Twin(_) => {}
        }
    }
    all
}

/// Whether the sentence has no need of what the cell shows: there is nothing,
/// or it is beside the point.
fn quotes_nothing(said: &Said) -> bool {
    matches!(
        said,
        Said::Blank
            | Said::Trimmed(_)
            | Said::Unseen(..)
            | Said::LaterRowCounts(_)
            | Said::LaterRowsCount
            | Said::Twice(..)
            | Said::AllTwice
            | Said::InOrigin(_)
            | Said::LaterInOrigin(_)
            | Said::Twin(_)
            | Said::Flaw(Flaw::ErrorCell(_) | Flaw::FormulaWithoutValue)
    )
}

fn is_urdu(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}')
}

#[test]
fn every_language_says_everything_and_what_to_do_about_it() {
    for (name, language) in Language::ALL {
        let mut told: Vec<String> = Vec::new();
        for said in everything() {
            let sentence = language.said("amount", "12,0O", &said);
            assert!(
                quotes_nothing(&said) || sentence.contains("`12,0O`"),
                "{name}: {sentence}"
            );
            let (wrong, mend) = sentence
                .split_once(':')
                .unwrap_or_else(|| panic!("{sentence}"));
            assert!(wrong.len() > 10 && mend.len() > 10, "{name}: {sentence}");
            assert!(
                !sentence.ends_with(['.', '۔', ' ', ':']),
                "{name}: {sentence}"
            );
            assert_eq!(sentence.matches('`').count() % 2, 0, "{name}: {sentence}");
            assert_eq!(
                sentence.chars().any(is_urdu),
                language == Language::Ur,
                "{name}: {sentence}"
            );
            assert!(!told.contains(&sentence), "{name}: {sentence}");
            told.push(sentence);
        }
    }
}

#[test]
fn urdu_is_written_in_urdu_letters_and_only_what_is_typed_is_not() {
    for said in everything() {
        let sentence = Language::Ur.said("due_date", "12,0O", &said);
        for arabic in ['ي', 'ك', 'ى', 'ة'] {
            assert!(!sentence.contains(arabic), "{sentence}");
        }
        // Outside of quotes and brackets stand examples, and nothing in English.
        let mut outside = sentence.split('`').step_by(2).collect::<String>();
        for typed in ["5-Mar-2035", "(Text)", "U+0007", "U+202E", "#REF!"] {
            outside = outside.replace(typed, "");
        }
        assert!(
            !outside.chars().any(|c| c.is_ascii_alphabetic()),
            "{outside}"
        );
    }
}

#[test]
fn every_field_has_a_name_and_advice_of_its_own_in_every_language() {
    let fields = [
        "title",
        "identifier",
        "amount",
        "due_date",
        "amount_after_due_date",
    ];
    for (name, language) in Language::ALL {
        let mut told = Vec::new();
        for field in fields {
            assert!(!language.label(field).is_empty(), "{name} {field}");
            let sentence = language.said(field, "", &Said::Blank);
            assert!(!told.contains(&sentence), "{name}: {sentence}");
            told.push(sentence);
        }
    }
}

#[test]
fn what_a_cell_shows_is_quoted_in_one_line_and_without_what_nobody_sees() {
    assert_eq!(quoted(" 12\u{202e},0O\n"), "`12,0O`");
    assert_eq!(quoted("a`b\tc"), "`a'b c`");
    assert_eq!(quoted("آٹھ\u{200c}سو"), "`آٹھ\u{200c}سو`");
    let long = quoted(&"x".repeat(1_000));
    assert_eq!(long.chars().count(), QUOTED_CHARS + 3);
    assert!(long.ends_with("…`"));
    assert_eq!(numbered(&['\u{202e}', '\u{7}', '\u{7}']), "U+0007 U+202E");
    assert_eq!(rupees(150_000), "1500");
    assert_eq!(rupees(150_050), "1500.50");
}

#[test]
fn sentences_read_as_a_bursar_would_have_them() {
    let said = |language: Language, said: &Said| language.said("amount", "12,0O", said);
    let flaw = Said::Flaw(Flaw::NotANumber);
    assert_eq!(
        said(Language::En, &flaw),
        "`12,0O` is not a number: write the amount in digits, such as 1500 or 1500.50"
    );
    assert_eq!(
        said(Language::Ur, &flaw),
        "`12,0O` کوئی رقم نہیں ہے: رقم ہندسوں میں لکھیں، جیسے 1500 یا 1500.50"
    );
    assert_eq!(
        said(Language::Ur, &Said::Twice(vec![place(None)], 2)),
        "یہ شناختی نمبر فائل میں ایک سے زیادہ بار آیا ہے (قطار 17 اور 2 مزید میں بھی): ان میں سے کوئی نہیں بھیجا جائے گا؛ ہر ادا کرنے والے کی ایک ہی قطار رکھیں، یا ہر ایک کو اس کا اپنا نمبر دیں"
    );
    assert_eq!(
        Language::En.said("due_date", "05/03/2035", &Said::OrderAssumed(day(5))),
        "day and month of `05/03/2035` can be read either way round, and it is taken for `5 March 2035`: write it like 2035-03-05 to be sure"
    );
    assert_eq!(
        Language::Ur.said("due_date", "05/03/2035", &Said::OrderAssumed(day(5))),
        "`05/03/2035` میں دن اور مہینہ دونوں طرح پڑھے جا سکتے ہیں، اسے `5 مارچ 2035` سمجھا گیا ہے: شک سے بچنے کے لیے تاریخ یوں لکھیں: 2035-03-05"
    );
}

#[test]
fn a_sentence_gets_the_end_of_its_language_once() {
    assert_eq!(ended("write 1500"), "write 1500.");
    assert_eq!(ended("write 1500."), "write 1500.");
    assert_eq!(ended("رقم 1500 لکھیں"), "رقم 1500 لکھیں۔");
}

#[test]
fn why_a_file_can_t_be_read_is_said_in_every_language() {
    let missing = vec![MissingField {
        field: "amount",
        label: "Amount",
        recognised: vec!["Fee".to_owned()],
    }];
    let refusals = [
        Unreadable::Empty,
        Unreadable::IsDirectory,
        Unreadable::NotAFile,
        Unreadable::Html,
        Unreadable::Pdf,
        Unreadable::Encrypted,
        Unreadable::Damaged("its archive can't be read".to_owned()),
        Unreadable::TooLarge {
            what: "it has 300 MB".to_owned(),
            limit: "200 MB".to_owned(),
        },
        Unreadable::UnbalancedQuote { line: 17 },
        Unreadable::NoColumns {
            found: vec!["Student".to_owned()],
            missing,
        },
        Unreadable::AmbiguousColumns {
            sheet: "Class 1".to_owned(),
            field: "Amount",
            first: "Fee".to_owned(),
            second: "Dues".to_owned(),
        },
        Unreadable::NoRows,
        Unreadable::Io(std::io::Error::other("gone")),
    ];
    for refusal in &refusals {
        assert_eq!(Language::En.unreadable(refusal), refusal.to_string());
        let sentence = Language::Ur.unreadable(refusal);
        assert!(sentence.chars().any(is_urdu), "{sentence}");
        assert!(sentence.contains([':', '؛']), "{sentence}");
    }
    let why = Language::Ur.unreadable(&refusals[9]);
    assert!(
        why.contains("رقم (`Amount`)") && why.contains("`Student`"),
        "{why}"
    );
}
