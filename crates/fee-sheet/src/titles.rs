//! What the title of a part says of the rows below it: `Fee paid students` above
//! some of them, `Paid` as the name of a sheet. Only titles that say nothing else
//! are heard, since a note may have any of these words.

use crate::beside::is_any;
use crate::headings::{is_month_alone, is_word, words};

/// What is written longer tells a story.
const WORDS_MAX: usize = 10;

/// Whom the rows of a part are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Those that are to be billed.
    Billed,
    /// Those whose bill is paid, or who have left.
    NotBilled,
}

/// What a title says, if it speaks of such a part and of nothing else.
pub(crate) fn part(title: &str) -> Option<Part> {
    // Cheap, since every line with one cell is asked, and a name may be one.
    if title.len() > 120 {
        return None;
    }
    let said = words(title);
    let any = |list: &'static str| is_any(&said, list);
    let known = |word: &String| {
        let other = word.chars().any(char::is_numeric) || word.chars().count() == 1;
        let lists = [PAID, GONE, OWING, AROUND];
        other
            || lists.into_iter().any(|list| is_word(word, list))
            || is_month_alone(std::slice::from_ref(word))
    };
    if said.len() > WORDS_MAX || !said.iter().all(known) {
        return None;
    }
    let off = said.windows(2).any(|pair| pair == ["struck", "off"]);
    let not = any("not non");
    match (any(OWING), any(PAID) || any(GONE) || off) {
        (true, false) => Some(Part::Billed),
        (false, true) if not => Some(Part::Billed),
        (false, true) => Some(Part::NotBilled),
        _ => None,
    }
}

const PAID: &str = "paid cleared deposited received وصول ادا جمع شدہ";

const GONE: &str = "left dropped dropout dropouts inactive withdrawn discontinued exempt exempted alumni \
    خارج";

const OWING: &str =
    "unpaid defaulter defaulters pending remaining outstanding owing نادہندگان نادہندہ";

/// What may stand around those words.
const AROUND: &str = "fee fees dues bill bills challan challans list of the all who have has had already \
    not non struck off and for in month session \
    student students pupil pupils boys girls children child consumer consumers member members \
    class classes section sec grade school campus sheet \
    کی کے والے طلبہ طلباء فہرست فیس کلاس جماعت";

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn titles_of_paid_and_unpaid_parts_are_told_from_all_others() {
        for title in [
            "Paid",
            "Fee paid students",
            "PAID STUDENTS (Class 5-A)",
            "Students who have left",
            "Struck off",
            "List of Paid Students, March 2035",
            "فیس ادا شدہ طلبہ",
        ] {
            assert_eq!(part(title), Some(Part::NotBilled), "{title}");
        }
        for title in [
            "Unpaid",
            "Fee unpaid students",
            "Not paid",
            "Defaulters (Class 5)",
        ] {
            assert_eq!(part(title), Some(Part::Billed), "{title}");
        }
        for title in [
            "Class 5-A",
            "Ali Khan",
            "Fee to be paid by 10 March",
            "Fee once paid is not refundable",
            "Paid and unpaid students",
            "Sheet1",
            "Turn left",
            "",
        ] {
            assert_eq!(part(title), None, "{title}");
        }
    }
}
