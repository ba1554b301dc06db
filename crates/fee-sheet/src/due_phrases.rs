//! Headings that are a small sentence about the due date: `Fees ki akhri tareekh`,
//! `Amount payable on or before the last date`, `آخری تاریخ کے بعد فیس`. They have
//! so many forms that a list would miss the next one; their words are few.

use crate::beside::is_any;
use crate::headings::is_word;

/// The synonym that a heading's words come to, if they speak of the due date
/// and of nothing else.
pub(crate) fn meaning(words: &[String]) -> Option<&'static str> {
    let (at, length) = due_date(words)?;
    let rest: Vec<String> = words[..at]
        .iter()
        .chain(&words[at + length..])
        .cloned()
        .collect();
    let only = |lists: &[&'static str]| {
        rest.iter()
            .all(|word| lists.iter().any(|list| is_word(word, list)))
    };
    if is_any(&rest, AFTER) {
        let whole = only(&[AFTER, FILLERS, MONEY]);
        return whole.then_some("after due date");
    }
    if is_any(&rest, WITHIN) {
        let whole = is_any(&rest, MONEY) && only(&[WITHIN, FILLERS, MONEY]);
        return whole.then_some("within due date");
    }
    only(&[FILLERS, OF_WHAT]).then_some("due date")
}

/// Where the due date itself is named, and in how many words.
fn due_date(words: &[String]) -> Option<(usize, usize)> {
    let is = |at: usize, list: &'static str| {
        let word = words.get(at..=at);
        word.is_some_and(|word| is_any(word, list))
    };
    (0..words.len()).find_map(|at| {
        if is(at, "duedate") {
            Some((at, 1))
        } else if is(at, WHICH) && is(at + 1, DATE) {
            Some((at, 2))
        } else if is(at, "واجب") && is(at + 1, "الادا") && is(at + 2, "تاریخ") {
            Some((at, 3))
        } else {
            None
        }
    })
}

const WHICH: &str = "due last final akhri aakhri akhiri aakhiri akhree muqarrara muqarara muqarrarah muqarrar \
    آخری مقررہ";

const DATE: &str = "date dt day tareekh tarikh tareek tarekh taareekh tarik تاریخ";

const AFTER: &str = "after beyond baad بعد";

const WITHIN: &str = "within up by before till until upto tak تک پہلے pehle";

/// What is to be paid, all of it.
const MONEY: &str = "total net gross grand amount amt fee fees bill dues payable payment rs pkr rupees raqam raqm \
    kul wajib فیس رقم کل واجب الادا قابل ادائیگی بل";

/// What the date is the last one of.
const OF_WHAT: &str = "fee fees bill payment dues submission submitting deposit depositing paying pay adaigi adaegi \
    adaaigi ada jama karanay karane karwanay karwane karne karnay \
    فیس بل ادائیگی جمع کرانے کروانے کرنے";

const FILLERS: &str = "of for the to be on or in if ki ka ke kay k se کی کا کے میں سے";

#[cfg(test)]
mod tests {
    use super::meaning;
    use crate::headings::words;

    #[test]
    fn sentences_about_the_due_date_are_understood() {
        for (expected, headings) in [
            (
                "due date",
                "Fees ki akhri tareekh|Last Date for Payment of Fee|Due Date of Fee|Final Date|فیس کی آخری تاریخ|Fee jama karanay ki aakhri tarikh|Bill Due Date|Payment Last Date|واجب الادا تاریخ",
            ),
            (
                "within due date",
                "Amount payable on or before the last date|Total Fee till Due Date|Akhri tareekh tak fees|مقررہ تاریخ تک فیس|Payable up to due date|Gross Bill within Due Date",
            ),
            (
                "after due date",
                "Akhri tareekh ke baad fees|Amount Payable after the Due Date|آخری تاریخ کے بعد فیس|Total after last date|Net Amount after Due Dt",
            ),
        ] {
            for heading in headings.split('|') {
                assert_eq!(meaning(&words(heading)), Some(expected), "{heading}");
            }
        }
    }

    #[test]
    fn what_speaks_of_more_than_the_due_date_is_left_alone() {
        for heading in [
            "Late fee after due date",
            "Fine after last date",
            "Surcharge after due date",
            "Charges after due date",
            "Due Date of Birth Certificate",
            "Last Payment Date",
            "Amount Due Date",
            "Until Due Date",
            "Pay by due date",
            "Discount before due date",
            "Last Class Date",
            "Date",
            "Days after due date",
        ] {
            assert_eq!(meaning(&words(heading)), None, "{heading}");
        }
    }
}
