//! Everything that is said in Urdu, walked from end to end: no word of it is in Latin letters but
//! names, commands, keys of the configuration and what a sheet says itself.

#![allow(clippy::unwrap_used)]

use fee_sheet::Unreadable;
use ingest_ledger::{
    BillLine, ChangedBills, Earlier, HoldKind, RowState, Sentence, Verdict, judge,
};

use super::urdu::DETAILS;
use super::{Language, is_urdu};
use crate::said::OfNote;

/// Names of things that have no other.
const NAMES: [&str; 32] = [
    "PSID",
    "UTC",
    "PDF",
    "HTML",
    "XML",
    "RTF",
    "RAR",
    "7z",
    "tar",
    "ZIP",
    "gzip",
    "bzip2",
    "xz",
    "zstd",
    "Access",
    "Google",
    "Sheets",
    "File",
    "Download",
    "Lotus",
    "1-2-3",
    "Excel",
    "OpenDocument",
    "fods",
    "SYLK",
    "Word",
    "PowerPoint",
    "Office",
    "OpenOffice",
    "Apple",
    "Numbers",
    "MB",
];
const MORE_NAMES: [&str; 13] = [
    "GB", "KB", "doc", "ppt", "msg", "sxc", "Export", "To", "xlsx", "csv", "merged", "macro",
    "UTF-32",
];

/// Words in Latin letters that nobody gave: outside of quotes all but names, and in quotes all but
/// commands, keys, words of states, and what was given.
fn stray_words(said: &str, given: &[&str]) -> Vec<String> {
    let is_name = |word: &&str| NAMES.contains(word) || MORE_NAMES.contains(word);
    let is_latin = |word: &str| word.chars().any(|c| c.is_ascii_alphabetic());
    let mut stray = Vec::new();
    for (at, piece) in said.split('`').enumerate() {
        let is_quoted = at % 2 == 1;
        let is_state = piece.parse::<RowState>().is_ok();
        let is_ours = piece.starts_with("ingestd ") || piece.starts_with("--") || is_state;
        let is_key = ["columns", "resend_absent_after"].contains(&piece);
        if is_quoted && (is_ours || is_key || given.iter().any(|given| given.contains(piece))) {
            continue;
        }
        let split = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
        let words = piece.split(split).filter(|word| is_latin(word));
        stray.extend(words.filter(|word| !is_name(word)).map(str::to_owned));
    }
    stray
}

#[track_caller]
fn assert_all_urdu(said: &str, given: &[&str]) {
    assert!(said.contains(is_urdu), "{said}");
    assert_eq!(said.matches('`').count() % 2, 0, "{said}");
    let stray = stray_words(said, given);
    assert!(stray.is_empty(), "{stray:?} in {said}");
}

#[test]
fn every_sentence_that_the_ledger_stores_is_said_in_urdu() {
    let place = Sentence::RowOf.with(&["5", "march.xlsx"]);
    let bill = Sentence::WithPsid.with(&[&place, "1000012345"]);
    for sentence in Sentence::ALL {
        for filling in ["77", "GF 42", &place, &bill, "billed"] {
            let words = sentence.with(&vec![filling; sentence.gaps()]);
            let said = Language::Ur.stored(RowState::Held, &words);
            assert_all_urdu(&said, &["77", "GF 42", "march.xlsx", &words]);
            assert_eq!(Language::Ur.stored(RowState::Held, &said), said);
            assert_eq!(Language::En.stored(RowState::Held, &words), words);
        }
    }
}

#[test]
fn what_a_row_meets_that_was_billed_before_is_said_in_urdu_to_the_last_word() {
    let row = BillLine {
        row_id: 900,
        file_id: Some(7),
        sheet: None,
        row_number: 4,
        title: "Ayesha".to_owned(),
        identifier: "GF-1".to_owned(),
        amount: 150_000,
        due_date: "2035-03-05".parse().unwrap(),
        late: 170_050,
    };
    let mut met = 0;
    for state in RowState::ALL {
        for (row_id, due) in [
            (3, "2035-03-05"),
            (3, "2035-04-05"),
            (3, "2035-02-05"),
            (950, "2035-03-05"),
        ] {
            for (amount, out_of_sight) in [
                (150_000, None),
                (140_000, None),
                (150_000, Some("99".to_owned())),
            ] {
                let earlier = Earlier {
                    row_id,
                    file_name: "march.xlsx".to_owned(),
                    row_number: 9,
                    title: "A.".to_owned(),
                    amount,
                    due_date: due.parse().unwrap(),
                    late: 160_000,
                    state: *state,
                    psid: Some("1000012345".to_owned()),
                    out_of_sight,
                    foreign: None,
                };
                let message = match judge(&row, &[earlier], ChangedBills::Hold, &[]) {
                    Verdict::Send { message, .. } => message,
                    Verdict::Skip { message } | Verdict::Hold { message, .. } => Some(message),
                };
                let Some(message) = message else { continue };
                met += 1;
                let said = Language::Ur.stored(RowState::Held, &message);
                assert_all_urdu(&said, &["march.xlsx"]);
            }
        }
    }
    assert!(met > 30, "{met}");
}

#[test]
fn the_hub_s_own_words_are_quoted_and_all_around_them_is_urdu() {
    for state in RowState::ALL {
        let said = Language::Ur.stored(*state, "Consumer `12` not found");
        assert!(said.contains("`Consumer '12' not found`"), "{said}");
        assert!(stray_words(&said, &["Consumer '12' not found"]).is_empty());
    }
    let refused = Sentence::RefusedWhole.with(&["bad request"]);
    assert_all_urdu(
        &Language::Ur.stored(RowState::Held, &refused),
        &["bad request"],
    );
    let later = Sentence::Contradicted.with(&["discarded", "paid"]);
    let both = format!("Not found; {later}");
    let said = Language::Ur.stored(RowState::Rejected, &both);
    assert_all_urdu(&said, &["Not found"]);
    assert!(said.contains("`Not found`؛ "), "{said}");
    // What is stored in Urdu already stays as it is.
    let own = "شیٹ `Class 5` میں چھپی ہوئی قطاریں ہیں";
    assert_eq!(Language::Ur.stored(RowState::Held, own), own);
}

#[test]
fn the_notes_beside_a_sheet_are_in_urdu() {
    let mut notes = vec![
        OfNote::Waits {
            file: "march.xlsx".to_owned(),
            file_id: 7,
        },
        OfNote::Unknown {
            rows: 3,
            why: "the answer was lost".to_owned(),
            command: "`ingestd resolve 7 --not-sent`".to_owned(),
        },
        OfNote::SameBytes {
            name: "again.csv".to_owned(),
            of: "march.csv".to_owned(),
            taken_at: "2035-01-02 10:00 UTC".to_owned(),
            file_id: 7,
        },
        OfNote::NothingSent("march.xlsx".to_owned()),
    ];
    for n in [1, 2, 1_200] {
        notes.extend([OfNote::Held(n), OfNote::Rows(n), OfNote::More(n)]);
    }
    for sheet in [None, Some("Class 5".to_owned())] {
        for one in [true, false] {
            notes.push(OfNote::Numbers {
                numbers: "5,9-12".to_owned(),
                one,
                sheet: sheet.clone(),
            });
        }
    }
    for named in [true, false] {
        notes.push(OfNote::Behind { named, file_id: 7 });
        notes.extend(HoldKind::ALL.iter().map(|kind| OfNote::Decides {
            kind: *kind,
            file_id: 7,
            named: named.then(|| " --rows 5".to_owned()),
        }));
    }
    for note in &notes {
        let said = Language::Ur.note(note);
        assert_all_urdu(&said, &["march.xlsx", "march.csv", "again.csv", "Class 5"]);
        assert!(!Language::En.note(note).contains(is_urdu));
    }
}

#[test]
fn every_detail_in_brackets_is_said_in_urdu() {
    for (english, _) in DETAILS {
        let filled = english.replace("{}", "77");
        for refusal in [
            Unreadable::Damaged(filled.clone()),
            Unreadable::ReaderFailed(filled.clone()),
            Unreadable::NotNow(filled.clone()),
            Unreadable::OtherFormat {
                what: filled.clone().into(),
            },
            Unreadable::TooLarge {
                what: filled.clone(),
                limit: filled.clone(),
            },
        ] {
            assert_all_urdu(&Language::Ur.unreadable(&refusal), &[]);
        }
    }
    let found = "`a.txt`, `b.doc` and 3 more".to_owned();
    for found in [found, "nothing".to_owned()] {
        let refusal = Unreadable::NoSheetInside { found };
        assert_all_urdu(&Language::Ur.unreadable(&refusal), &["a.txt", "b.doc"]);
    }
}

/// The details as the reader's source has them: what stands behind the words that make a refusal of
/// them.
fn details_in(source: &str) -> Vec<String> {
    let makers = [
        "Unreadable::damaged(",
        "Self::damaged(",
        "Unreadable::too_large(",
        "return other(",
        "OtherFormat { what: ",
        "NotNow(",
    ];
    let mut found = Vec::new();
    for maker in makers {
        for (_, after) in source
            .match_indices(maker)
            .map(|(at, _)| source.split_at(at + maker.len()))
        {
            let after = after.trim_start();
            let after = after.strip_prefix("format!(").unwrap_or(after).trim_start();
            let Some(text) = after.strip_prefix('"') else {
                continue;
            };
            let Some((text, _)) = text.split_once('"') else {
                continue;
            };
            // Whatever a gap is filled with.
            let mut pattern = String::new();
            let mut is_gap = false;
            for c in text.chars() {
                match c {
                    '{' => is_gap = true,
                    '}' => {
                        is_gap = false;
                        pattern.push_str("{}");
                    }
                    c if !is_gap => pattern.push(c),
                    _ => {}
                }
            }
            found.push(pattern.replace("`{}`", "{}"));
        }
    }
    found
}

#[test]
fn no_detail_of_the_reader_s_source_is_without_its_urdu() {
    let mut files = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fee-sheet/src"
    ))];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        for detail in details_in(&std::fs::read_to_string(&path).unwrap()) {
            seen += 1;
            let known = DETAILS.iter().any(|(english, _)| {
                Sentence::fillings(english, &detail)
                    .or_else(|| Sentence::fillings(&detail, english))
                    .is_some()
            });
            assert!(known, "{detail} of {}", path.display());
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn a_column_without_heading_is_called_one_in_urdu_and_long_lists_are_told_in_full() {
    use crate::said::Frame;
    let said = Language::Ur.frame(&Frame::NotUsed("Section, column E".to_owned()));
    assert!(said.ends_with("`Section`، کالم `E`"), "{said}");
    let headings = (0..40)
        .map(|n| format!("\"H{n}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let said = Language::Ur.frame(&Frame::Headings(headings.clone()));
    assert!(said.contains(&headings), "{said}");
}
