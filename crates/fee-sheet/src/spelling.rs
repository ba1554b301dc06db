//! Words that are nearly a word that school people write: `Ammount`, `Studnet`,
//! `Dat`. A word that is one in its own right is never taken for another: `Free`
//! is no misspelt `Fee`, nor `Rate` a `Date`.

use std::collections::HashSet;
use std::sync::LazyLock;

use strsim::osa_distance;

use crate::headings::words;
use crate::school_words::{
    AMOUNT, AMOUNT_AFTER_DUE_DATE, DUE_DATE, IDENTIFIER, TITLE, TOTALS, spelled_out,
};
use crate::{beside, speaking};

/// A heading of more words is a sentence.
const WORDS_MAX: usize = 8;

/// More readings than this are none.
const READINGS_MAX: usize = 12;

/// What a heading may have been meant to say, if some word of it is nearly
/// another: each reading in words with single spaces. None for a heading that
/// is spelt as it should be, or beyond guessing.
pub(crate) fn corrected(heading: &str) -> Vec<String> {
    let words = words(heading);
    if words.len() > WORDS_MAX {
        return Vec::new();
    }
    let mut readings = vec![String::new()];
    let mut changed = false;
    for word in &words {
        let mut near = nearest(word);
        changed |= !near.is_empty();
        if near.is_empty() {
            near.push(word);
        }
        readings = readings
            .iter()
            .flat_map(|head| {
                let space = if head.is_empty() { "" } else { " " };
                near.iter().map(move |word| format!("{head}{space}{word}"))
            })
            .collect();
        if readings.len() > READINGS_MAX {
            return Vec::new();
        }
    }
    if changed { readings } else { Vec::new() }
}

/// The known words that a word is nearest to, if it is not known itself.
fn nearest(word: &str) -> Vec<&str> {
    let length = word.chars().count();
    let is_known = |words: &HashSet<String>| words.contains(word);
    if !(3..=LETTERS_MAX).contains(&length)
        || WORDS.get(length).is_some_and(is_known)
        || word.chars().any(char::is_numeric)
    {
        return Vec::new();
    }
    let lengths = length - 2..=(length + 2).min(WORDS.len() - 1);
    let mut best = usize::MAX;
    let mut near = Vec::new();
    for known in WORDS[lengths].iter().flatten() {
        let other = known.chars().count();
        let allowed = allowed(length.max(other));
        if length.abs_diff(other) > allowed.max(1) {
            continue;
        }
        let distance = osa_distance(word, known);
        let swapped =
            length == 3 && other == 3 && distance == 1 && has_the_same_letters(word, known);
        let first = || word.chars().next() == known.chars().next();
        if !swapped && (distance > allowed || distance > 1 && !first()) || distance > best {
            continue;
        }
        if distance < best {
            (best, near) = (distance, Vec::new());
        }
        near.push(known.as_str());
    }
    near.sort_unstable();
    near
}

/// How many letters of a word may be wrong.
fn allowed(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

fn has_the_same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// A word of more letters is several, run together.
const LETTERS_MAX: usize = 20;

/// Every word that is known to stand in a heading, by its number of letters.
static WORDS: LazyLock<Vec<HashSet<String>>> = LazyLock::new(|| {
    let synonyms = [
        TITLE,
        IDENTIFIER,
        AMOUNT,
        DUE_DATE,
        AMOUNT_AFTER_DUE_DATE,
        TOTALS,
    ];
    let synonyms = synonyms
        .into_iter()
        .flatten()
        .flat_map(|synonym| spelled_out(synonym));
    let lists = beside::vocabulary().chain(speaking::vocabulary());
    let lists = lists.chain(ORDINARY.split_whitespace()).map(str::to_owned);
    let all = synonyms.chain(lists);
    let mut by_length = vec![HashSet::new(); LETTERS_MAX + 1];
    for word in all.flat_map(|heading| words(&heading)) {
        if let Some(words) = by_length.get_mut(word.chars().count()) {
            words.insert(word);
        }
    }
    by_length
});

/// Words that stand in the headings of fee sheets and are no field's, or look
/// like a word of a field and are another.
const ORDINARY: &str = "father fathers mother mothers guardian guardians parent parents husband wife son daughter \
    brother sister class classes section sections grade grades group groups campus branch \
    shift house houses block street sector plot flat floor tower level stage batch wing term \
    team tenure phase zone area region city town village district school college academy \
    address phone mobile contact whatsapp email telephone cell landline dob birth date dates \
    data gate rate rates late plate game same fame free fare feet fear fire fine find file \
    form from farm room rooms roof rule role poll toll pool full hall hours horse change range \
    large alter alert mount account bank title table month mouth mouths months year years day \
    days week weeks time times page part party past pass paid said pain maid main plan plain \
    line nine mine mind name game nave table cable bill hill hills mill mills till fill will \
    pill bull ball total tonal local vocal remark remarks mark marks gender age male female sex \
    religion caste nationality blood status state staff stop stuff subject subjects teacher \
    teachers result results test tests tent rent cent dent sent session season serial series \
    period position number numbers sibling siblings discount count county country court \
    route bus van driver vehicle book books look cook hostel hotel mess less lass loss lost cost \
    coast most post host meter metre water unit units usage reading readings reference \
    signature sign printed prepared checked verified approved entry issue issued start end \
    joining left right leaving active type types category quota merit hafiz orphan staff \
    rank tank bank back black clerk cash cheque check slip challan voucher invoice receipt \
    order code mode node note notes vote old new other order others mother father urdu english \
    maths science physics comment comments detail details description particulars purpose \
    quantity price value values percent percentage share charge charged \
    والد والدہ ولدیت کلاس جماعت سیکشن فون موبائل پتہ تاریخ ماہ مہینہ سال شمار کیفیت دستخط";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_read_as_what_was_meant() {
        for (heading, meant) in [
            ("Ammount", "amount"),
            ("Amuont (Rs.)", "amount rs"),
            ("Studnet Name", "student name"),
            ("Due Dat", "due date"),
            ("Deu Date", "due date"),
            ("Rool No", "roll no"),
            ("Regstration No.", "registration no"),
            ("Amount aftr due date", "amount after due date"),
            ("Akhri Tareehk", "akhri tareekh"),
        ] {
            let readings = corrected(heading);
            assert!(
                readings.iter().any(|reading| reading == meant),
                "{heading}: {readings:?}"
            );
        }
    }

    #[test]
    fn a_word_in_its_own_right_is_no_misspelling() {
        for heading in [
            "Free",
            "Rate",
            "Bill No",
            "Gate",
            "Class",
            "Late Fee",
            "Account",
            "Room No",
            "Fare",
            "Father Name",
            "Fine",
            "Cell",
            "Amount",
            "12",
            "R1",
        ] {
            assert_eq!(corrected(heading), [] as [String; 0], "{heading}");
        }
    }
}
