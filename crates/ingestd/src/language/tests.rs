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
        Flaw::OtherCurrency("$".to_owned()),
        Flaw::TooManyDecimals,
        Flaw::TooLarge,
        Flaw::NotADate,
        Flaw::NoSuchDay,
        Flaw::IncompleteDate,
        Flaw::AmbiguousDate,
        Flaw::DoubtfulYear,
        Flaw::PrecisionLost,
        Flaw::TurnedIntoDate,
        Flaw::Exchanged {
            name: "103".to_owned(),
        },
        Flaw::TooNarrow,
        Flaw::ShownOtherwise {
            shown: "15".to_owned(),
            held: "15000".to_owned(),
        },
        Flaw::ShownOtherwise {
            shown: String::new(),
            held: "15000".to_owned(),
        },
        Flaw::ErrorCell("#REF!".to_owned()),
        Flaw::FormulaWithoutValue,
        Flaw::MoreCells {
            cells: 6,
            headings: 5,
        },
    ];
    let others = [
        Said::OrderAssumed(day(5)),
        Said::YearMayComeFirst(day(5)),
        Said::DayNumberTaken(day(5)),
        Said::DayNotShown(day(5)),
        Said::PaisaNotShown(150_050),
        Said::Blank,
        Said::Nought,
        Said::Negative,
        Said::LateBelowAmount(150_000),
        Said::LateMuchHigher(150_050),
        Said::YearOutOfRange,
        Said::Past(day(6)),
        Said::PastButSent,
        Said::TooLong(201, 200),
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
                | Flaw::Exchanged { .. }
                | Flaw::TooNarrow
                | Flaw::ShownOtherwise { .. }
                | Flaw::ErrorCell(_)
                | Flaw::FormulaWithoutValue
                | Flaw::MoreCells { .. },
            )
            | Said::OrderAssumed(_)
            | Said::YearMayComeFirst(_)
            | Said::DayNumberTaken(_)
            | Said::DayNotShown(_)
            | Said::PaisaNotShown(_)
            | Said::Blank
            | Said::Nought
            | Said::Negative
            | Said::LateBelowAmount(_)
            | Said::LateMuchHigher(_)
            | Said::YearOutOfRange
            | Said::Past(_)
            | Said::PastButSent
            | Said::TooLong(..)
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
            | Said::Flaw(
                Flaw::ErrorCell(_)
                    | Flaw::FormulaWithoutValue
                    | Flaw::MoreCells { .. }
                    // It quotes what is shown, which is what the cell shows.
                    | Flaw::ShownOtherwise { .. }
            )
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
        Unreadable::NothingFilled,
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
        Unreadable::OldExcel,
        Unreadable::NoSheetInside {
            found: "`a.txt`".to_owned(),
        },
        Unreadable::Member {
            member: "a.xlsx".to_owned(),
            why: Box::new(Unreadable::Encrypted),
        },
        Unreadable::OtherFormat {
            what: "a picture".into(),
        },
        Unreadable::NeedsMemory { limit_mb: 96 },
        Unreadable::TakesTooLong { limit_seconds: 15 },
        Unreadable::ReaderFailed("it died".to_owned()),
        Unreadable::NotNow("no process".to_owned()),
        Unreadable::NoRows,
        Unreadable::Io(std::io::Error::other("gone")),
    ];
    for refusal in &refusals {
        assert_eq!(Language::En.unreadable(refusal), refusal.to_string());
        let sentence = Language::Ur.unreadable(refusal);
        assert!(sentence.chars().any(is_urdu), "{sentence}");
        assert!(sentence.contains([':', '؛']), "{sentence}");
    }
    let no_columns = |refusal: &&Unreadable| matches!(refusal, Unreadable::NoColumns { .. });
    let why = Language::Ur.unreadable(refusals.iter().find(no_columns).unwrap());
    assert!(
        why.contains("رقم (`Amount`)") && why.contains("`Student`"),
        "{why}"
    );
}

/// One of each variant, and its pattern beside it, so that none is listed that is not made.
macro_rules! all_of {
    ($kind:ident: $($made:expr => $pattern:pat),+ $(,)?) => {{
        let all = vec![$($made),+];
        for one in &all {
            #[allow(unreachable_patterns)]
            match one {
                $($pattern => {})+
                _ => panic!("{one:?} is not told"),
            }
        }
        all
    }};
}

fn place_of(letters: &str, heading: &str) -> fee_sheet::Place {
    fee_sheet::Place {
        letters: letters.to_owned(),
        heading: Some(heading.to_owned()),
    }
}

fn shown_in(text: &str) -> fee_sheet::Shown {
    fee_sheet::Shown {
        text: text.to_owned(),
        row: 7,
    }
}

fn every_hold() -> Vec<Hold> {
    use fee_sheet::{BesideWhat, Changed, FieldNamed, HoldWhy as W};
    let field = FieldNamed {
        name: "amount",
        label: "Amount",
    };
    let column = || place_of("F", "Late Fee");
    let beside = [
        BesideWhat::Charge,
        BesideWhat::LetOff,
        BesideWhat::Paid,
        BesideWhat::Sum,
    ];
    let whys = all_of![HoldWhy:
        W::HiddenRows { rows: 2, last: 9 } => W::HiddenRows { .. },
        W::StruckRows { rows: 2, last: 9 } => W::StruckRows { .. },
        W::RowsAbove { rows: 2, last: 9, headings: 10 } => W::RowsAbove { .. },
        W::HeadingInOtherMoney { column: column(), money: "$".to_owned(), field } => W::HeadingInOtherMoney { .. },
        W::ShownInOtherMoney { column: column(), sign: '$', first: shown_in("$15") } => W::ShownInOtherMoney { .. },
        W::CalledPaid => W::CalledPaid,
        W::SectionPaid { title: shown_in("Paid") } => W::SectionPaid { .. },
        W::OtherDateBelow { above: shown_in("Due Date: 1-5-2035"), other: shown_in("Due Date: 2-5-2035") } => W::OtherDateBelow { .. },
        W::LacksHeadings { missing: vec![field] } => W::LacksHeadings { .. },
        W::OtherHeadings { row: 9, first: 1, missing: vec![field] } => W::OtherHeadings { .. },
        W::LateNotRead { column: column(), field, amount: Some(place_of("C", "Fee")), within: None } => W::LateNotRead { within: None, .. },
        W::LateNotRead { column: column(), field, amount: Some(place_of("E", "Total")), within: Some(place_of("C", "Fee")) } => W::LateNotRead { .. },
        W::NotToBeBilled { column: column(), first: shown_in("Left") } => W::NotToBeBilled { .. },
        W::Times { amount: place_of("C", "Fee"), times: column(), first: shown_in("3") } => W::Times { .. },
        W::IdentifiersChanged { column: column(), how: Changed::Dates, first: shown_in("5-Jan"), count: 2 } => W::IdentifiersChanged { how: Changed::Dates, .. },
        W::IdentifiersChanged { column: column(), how: Changed::Noughts, first: shown_in("3520210000000"), count: 2 } => W::IdentifiersChanged { how: Changed::Noughts, .. },
        W::IdentifiersChanged { column: column(), how: Changed::Pointed, first: shown_in("1001.0"), count: 2 } => W::IdentifiersChanged { how: Changed::Pointed, .. },
        W::IdentifiersChanged { column: column(), how: Changed::Quoted, first: shown_in("'0012"), count: 2 } => W::IdentifiersChanged { how: Changed::Quoted, .. },
        W::PaidAlready { column: column(), row: 5 } => W::PaidAlready { .. },
        W::MoneyBeside {
            amount: place_of("C", "Fee"),
            beside: beside.map(|what| (column(), what)).to_vec(),
            instead: None,
        } => W::MoneyBeside { instead: None, .. },
        W::MoneyBeside {
            amount: place_of("C", "Fee"),
            beside: beside.map(|what| (column(), what)).to_vec(),
            instead: Some(column()),
        } => W::MoneyBeside { .. },
        W::DatesDisagree {
            column: column(),
            field,
            against: shown_in("12/13/2035"),
            open: shown_in("05/03/2035"),
            day_first: true,
            written: false,
        } => W::DatesDisagree { .. },
        W::DatesTurned { column: column(), text: shown_in("13/12/2035"), date: shown_in("2035-03-05") } => W::DatesTurned { .. },
        W::NoughtsLost { column: column(), digits: 6, padded: shown_in("000123"), first: 4, count: 2 } => W::NoughtsLost { .. },
        W::OneColumnOff { row: 3, cells: 4, headings: 5, bare: vec!["B".to_owned()] } => W::OneColumnOff { .. },
        W::EndsEarly { column: column(), first: 3, count: 2, cells: 4, headings: 5 } => W::EndsEarly { .. },
        W::BesideText { column: column(), bare: "G".to_owned(), first: shown_in("Ali") } => W::BesideText { .. },
        W::TotalDiffers { row: 9, field, said: 150_000, above: 140_050 } => W::TotalDiffers { .. },
        W::TotalAsRow { named: shown_in("Total"), amount: 310_000 } => W::TotalAsRow { .. },
        W::MergedRows { first: "C5".to_owned(), last: "C7".to_owned() } => W::MergedRows { .. },
        W::TooManyMerged { limit: 4_000 } => W::TooManyMerged { .. },
        W::More { count: 95 } => W::More { .. },
    ];
    let sheet = "Class 5".to_owned();
    let hold = |why| Hold {
        sheet: sheet.clone(),
        why,
    };
    whys.into_iter().map(hold).collect()
}

/// Whether nothing stands outside of quotes and brackets in Latin letters, but what is typed so.
fn is_all_urdu(sentence: &str) -> bool {
    let mut outside = sentence.split('`').step_by(2).collect::<String>();
    for typed in [
        "(Text)",
        "(merged)",
        "(macro)",
        "MB",
        "(merged)",
        "2035-03-05",
    ] {
        outside = outside.replace(typed, "");
    }
    sentence.chars().any(is_urdu)
        && sentence.matches('`').count().is_multiple_of(2)
        && !outside.chars().any(|c| c.is_ascii_alphabetic())
}

#[test]
fn why_a_file_waits_is_said_in_every_language() {
    for hold in every_hold() {
        let one = std::slice::from_ref(&hold);
        assert_eq!(Language::En.holds(one), Some(hold.to_string()));
        let urdu = Language::Ur.holds(one).unwrap();
        assert!(is_all_urdu(&urdu), "{urdu}");
        assert!(
            urdu.contains("`Class 5`") && urdu.contains("منظوری"),
            "{urdu}"
        );
    }
    assert_eq!(Language::Ur.holds(&[]), None);
    let two = Language::Ur.holds(&every_hold()[..2]).unwrap();
    assert!(two.contains("؛ "), "{two}");
}

#[test]
fn what_is_remarked_on_a_sheet_is_said_in_every_language() {
    use fee_sheet::{LineWhy as L, SheetWhy as S};
    let sheet = || "Class 5".to_owned();
    let remarks = all_of![Remark:
        Remark::Macros => Remark::Macros,
        Remark::HiddenSheet(sheet()) => Remark::HiddenSheet(_),
        Remark::MergedCells { sheet: sheet(), count: 3 } => Remark::MergedCells { .. },
        Remark::NobodysFiles { files: "`a`".to_owned() } => Remark::NobodysFiles { .. },
        Remark::Inside { member: "a.xlsx".to_owned(), remark: Box::new(Remark::Macros) } => Remark::Inside { .. },
        Remark::HiddenColumns { sheet: sheet(), columns: vec![(place_of("B", "Fee"), true), (place_of("C", "X"), false)] } => Remark::HiddenColumns { .. },
        Remark::DatesRead { sheet: sheet(), column: place_of("D", "Due"), month_first: true, proof: shown_in("12/13/2035") } => Remark::DatesRead { .. },
        Remark::DueDateAbove { sheet: sheet(), shown: shown_in("Due Date: 15-12-2035"), date: day(15) } => Remark::DueDateAbove { .. },
    ];
    for remark in remarks {
        assert_eq!(Language::En.remark(&remark), remark.to_string());
        let urdu = Language::Ur.remark(&remark);
        assert!(is_all_urdu(&urdu), "{urdu}");
    }
    let lines = all_of![LineWhy:
        L::HeadingsAgain => L::HeadingsAgain,
        L::SecondLine => L::SecondLine,
        L::OtherHeadings => L::OtherHeadings,
        L::UnclearHeadings => L::UnclearHeadings,
        L::BelowUnclear => L::BelowUnclear,
        L::Total => L::Total,
        L::TotalBelow => L::TotalBelow,
        L::TotalOfRows => L::TotalOfRows,
        L::NoteBelow => L::NoteBelow,
        L::Note => L::Note,
        L::SignatureBelow => L::SignatureBelow,
        L::Count => L::Count,
        L::Drawn => L::Drawn,
        L::Section => L::Section,
        L::NoteWithin => L::NoteWithin,
        L::Numbered => L::Numbered,
        L::Continued => L::Continued,
    ];
    let sheets = all_of![SheetWhy:
        S::WithoutHeadings => S::WithoutHeadings,
        S::Hidden => S::Hidden,
        S::Macros => S::Macros,
        S::FileEmpty => S::FileEmpty,
        S::FileIs("`a picture`".to_owned()) => S::FileIs(_),
    ];
    let lines = lines.into_iter().map(LeftWhy::Line);
    for why in lines.chain(sheets.into_iter().map(LeftWhy::Sheet)) {
        assert_eq!(Language::En.left(&why), why.to_string());
        let urdu = Language::Ur.left(&why);
        assert!(is_all_urdu(&urdu), "{urdu}");
    }
}

#[test]
fn what_there_is_to_say_of_a_file_is_said_in_every_language() {
    use crate::said::{Grounds as G, Guess};
    let guess = |how| {
        OfFile::Guess(Guess {
            field: "amount".to_owned(),
            sheet: "Class 5".to_owned(),
            column: "C".to_owned(),
            heading: "Ammount".to_owned(),
            how,
        })
    };
    let all = all_of![OfFile:
        OfFile::LinesLeftOut(2) => OfFile::LinesLeftOut(_),
        OfFile::SheetsLeft(vec!["Notes".to_owned()], 2) => OfFile::SheetsLeft(..),
        guess(G::Spelling("amount".to_owned())) => OfFile::Guess(_),
        guess(G::Choice("Dues".to_owned())) => OfFile::Guess(_),
        guess(G::Shape) => OfFile::Guess(_),
        OfFile::AllApproved => OfFile::AllApproved,
        OfFile::OverLimit { total: 150_000, limit: 100_000 } => OfFile::OverLimit { .. },
        OfFile::IdentifiersTooLong(96) => OfFile::IdentifiersTooLong(_),
        OfFile::TooManyRows => OfFile::TooManyRows,
        OfFile::TooMuchMoney => OfFile::TooMuchMoney,
    ];
    let frames = all_of![Frame:
        Frame::Table("Class 5".to_owned(), 3, vec![("amount".to_owned(), "Fee".to_owned())]) => Frame::Table(..),
        Frame::NotUsed("Section, column E".to_owned()) => Frame::NotUsed(_),
        Frame::Counts { rows: 4, valid: 2, invalid: 1, skipped: 1, total: 300_000 } => Frame::Counts { .. },
        Frame::WouldWait("`x`".to_owned()) => Frame::WouldWait(_),
        Frame::Wrong => Frame::Wrong,
        Frame::ToLookAt => Frame::ToLookAt,
        Frame::LeftOut => Frame::LeftOut,
        Frame::Left("Class 5".to_owned(), 9, "`x`".to_owned()) => Frame::Left(..),
        Frame::LeftMore(3) => Frame::LeftMore(_),
        Frame::OtherKinds(3) => Frame::OtherKinds(_),
        Frame::AndMore(3) => Frame::AndMore(_),
        Frame::Row(3) => Frame::Row(_),
        Frame::FilesChecked(3) => Frame::FilesChecked(_),
        Frame::TableBelow("Class 5".to_owned(), 3) => Frame::TableBelow(..),
        Frame::Column {
            field: "amount".to_owned(),
            column: "C".to_owned(),
            heading: "Fee".to_owned(),
            grounds: "`x`".to_owned(),
            examples: "1500 | 1600".to_owned(),
        } => Frame::Column { .. },
        Frame::Headings("\"Fee\"".to_owned()) => Frame::Headings(_),
        Frame::WriteHeading => Frame::WriteHeading,
        Frame::NameHeadings("[accounts.a.columns]".to_owned(), "ingestd.toml".to_owned()) => Frame::NameHeadings(..),
    ];
    for (name, language) in Language::ALL {
        let of_file = all.iter().map(|said| language.of_file(said));
        for said in of_file.chain(frames.iter().map(|frame| language.frame(frame))) {
            assert_eq!(
                is_all_urdu(&said),
                language == Language::Ur,
                "{name}: {said}"
            );
        }
    }
}

#[test]
fn no_sentence_acts_on_the_terminal_that_shows_it() {
    let heading = "Fee\u{1b}[31m\u{1b}]0;owned\u{7}\u{202e}";
    let refusal = Unreadable::NoColumns {
        found: vec![heading.to_owned()],
        missing: Vec::new(),
    };
    let hold = Hold {
        sheet: heading.to_owned(),
        why: fee_sheet::HoldWhy::LacksHeadings {
            missing: Vec::new(),
        },
    };
    for (_, language) in Language::ALL {
        let table = Frame::Table(
            heading.to_owned(),
            1,
            vec![("amount".to_owned(), heading.to_owned())],
        );
        for said in [
            language.unreadable(&refusal),
            language.holds(std::slice::from_ref(&hold)).unwrap(),
            language.frame(&table),
        ] {
            assert!(said.contains("Fee"), "{said:?}");
            assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
        }
    }
}
