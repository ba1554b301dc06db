//! Whether a heading that is no field's speaks of money for being late. Such a
//! column is not passed over in silence; what else a heading can speak of is in
//! [`crate::beside`].

use crate::dates::names::ENGLISH;
use crate::headings::words;

/// Whether a heading in its normal form is `after` a day of the month, with or
/// without what is paid then: `After 10th`, `Payable after the 15th March`.
pub(crate) fn is_after_day(form: &str) -> bool {
    const BEFORE: [&str; 12] = [
        "",
        "amount",
        "amt",
        "fee",
        "fees",
        "bill",
        "total",
        "payable",
        "dues",
        "amountpayable",
        "feepayable",
        "totalpayable",
    ];
    let Some((before, day)) = form.split_once("after") else {
        return false;
    };
    let day = day.strip_prefix("the").unwrap_or(day);
    let digits = day.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = day.split_at(digits);
    if !BEFORE.contains(&before)
        || !number
            .parse::<u32>()
            .is_ok_and(|day| (1..=31).contains(&day))
    {
        return false;
    }
    let rest = ["th", "st", "nd", "rd"]
        .iter()
        .find_map(|end| rest.strip_prefix(end))
        .unwrap_or(rest);
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix("of").unwrap_or(rest);
    ["", "month", "themonth", "everymonth", "eachmonth", "date"].contains(&rest)
        || ENGLISH
            .iter()
            .any(|month| rest == *month || rest == &month[..3])
}

/// Whether a heading speaks of money for being late: a fine, a surcharge, what
/// is paid after the due date. In doubt it does: then a person is asked.
pub(crate) fn speaks_of_late(heading: &str) -> bool {
    let words = words(heading);
    let joined = words.concat();
    if joined.contains("fineart") {
        return false;
    }
    if speaks_of_after(&words) {
        return true;
    }
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let late = any(LATE_WORDS)
        || any(FINE_WORDS)
        || LATE_STEMS.iter().any(|stem| joined.contains(stem))
        || ["lps", "lpsc", "lpf", "lf"].contains(&joined.as_str());
    let money = any(FINE_WORDS)
        || any(CHARGE_WORDS)
        || any(&["per", "each", "every", "rs", "pkr", "rupees"])
        || LATE_STEMS.iter().any(|stem| joined.contains(stem));
    late && !is_past_or_let_off(&words)
        && !any(TALLY_WORDS)
        // A number of days or pupils, unless it is so much for each of them.
        && (money || !any(NUMBER_WORDS) && !any(ATTENDANCE_WORDS))
}

/// Whether a heading says `after`, and not after a discount or after school.
fn speaks_of_after(words: &[String]) -> bool {
    let Some(at) = words.iter().position(|word| word == "after") else {
        return false;
    };
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let day = ["date", "due", "deadline", "day"];
    match word(at + 1) {
        "payment" | "last" | "sibling" => words[at + 2..]
            .iter()
            .any(|word| day.contains(&word.as_str())),
        next => !LET_OFF_OR_ELSE.contains(&next),
    }
}

/// Whether a heading speaks of what was paid before, or is let off.
fn is_past_or_let_off(words: &[String]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let last = words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map_or("", String::as_str);
        // The last date is the due date.
        word == "last" && !["date", "day", "dt"].contains(&next)
    });
    // What is to be paid, or if it is paid late, was not paid.
    let paid = has(&["paid"]) && !has(&["be", "if", "when", "not"]);
    last || paid || has(&["previous", "rebate", "waiver", "waived", "sibling"])
}

/// Every word that speaks of being late, or of money.
pub(crate) fn vocabulary() -> impl Iterator<Item = &'static str> {
    let lists = [
        LATE_WORDS,
        FINE_WORDS,
        LET_OFF_OR_ELSE,
        CHARGE_WORDS,
        NUMBER_WORDS,
    ];
    lists
        .into_iter()
        .flatten()
        .copied()
        .chain(["after", "deadline"])
}

/// Words of a heading that speak of being late; a fine does so, too.
const LATE_WORDS: &[&str] = &["late", "baad", "بعد", "لیٹ"];

/// What is paid for being late: money by itself, whatever is counted beside it.
const FINE_WORDS: &[&str] = &[
    "fine",
    "fines",
    "surcharge",
    "penalty",
    "penalties",
    "lps",
    "lpsc",
    "jurmana",
    "jurmanah",
    "jurmane",
    "jurmanay",
    "jurmaana",
    "جرمانہ",
    "جرمانے",
    "جرمانا",
    "سرچارج",
];

/// What an amount may be after without being late.
const LET_OFF_OR_ELSE: &[&str] = &[
    "discount",
    "concession",
    "scholarship",
    "tax",
    "school",
    "deduction",
    "rebate",
    "waiver",
];

/// The same, where they may be run together with others.
const LATE_STEMS: &[&str] = &[
    "latefee",
    "latefine",
    "latecharge",
    "latepay",
    "surcharge",
    "afterdue",
    "jurman",
    "جرمان",
];

/// Words of a heading that speak of money that is charged or let off.
const CHARGE_WORDS: &[&str] = &[
    "fee",
    "fees",
    "charge",
    "charges",
    "arrear",
    "arrears",
    "fund",
    "funds",
    "dues",
    "due",
    "balance",
    "total",
    "bill",
    "amount",
    "amt",
    "payable",
    "discount",
    "concession",
    "tax",
    "gst",
    "transport",
    "conveyance",
    "hostel",
    "baqaya",
    "raqam",
    "بقایا",
    "فیس",
    "رقم",
    "کل",
    "واجبات",
    "رعایت",
];

/// Words that make a number of a heading that is no money.
const NUMBER_WORDS: &[&str] = &[
    "no", "number", "num", "nambar", "id", "code", "month", "months", "year", "date", "serial",
    "sr", "نمبر", "unit", "units", "reading", "marks", "students", "children", "days",
];

/// Words that make the number of a paper of a heading, fine or not.
const TALLY_WORDS: &[&str] = &["number", "num", "nambar", "id", "code", "serial", "نمبر"];

/// Words that make of `late` how a pupil comes to school.
const ATTENDANCE_WORDS: &[&str] = &["arrival", "arrivals", "coming", "comings", "comers"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headings::normal;

    #[test]
    fn a_day_after_which_more_is_paid_is_told_from_other_numbers() {
        for heading in [
            "After 10th",
            "AFTER 10",
            "Payable After 15th",
            "Fee after the 5th of the month",
            "After 10th March 2035",
            "After 21st Jan",
        ] {
            assert!(is_after_day(&normal(heading)), "{heading}");
        }
        for heading in [
            "After",
            "After 32nd",
            "After 10th Class",
            "Before 10th",
            "10th",
            "Due after 10 installments",
        ] {
            assert!(!is_after_day(&normal(heading)), "{heading}");
        }
    }

    #[test]
    fn headings_that_speak_of_late_are_heard() {
        for heading in [
            "Late Fee",
            "LateFee",
            "Fine",
            "Fine @ 50/day",
            "L.P. Surcharge",
            "L.P.S.",
            "L.F.",
            "Amount after DD",
            "Jurmana",
            "جرمانہ",
            "لیٹ فیس",
            "Penalty %",
            "Late fee per month",
            "Late per month",
            "Late fee for 10 days",
            "Fine / days",
            "Late Arrival Fine",
            "Late Payment Charges",
            "Fee to be paid late",
            "Amount if paid late",
            "Fine after last date",
            "Amount after payment due date",
            "Amount after sibling discount and due date",
        ] {
            assert!(speaks_of_late(heading), "{heading}");
        }
        for heading in [
            "Fine Arts Fee",
            "Father Name",
            "Section",
            "Class",
            "Related To",
            "Latest Result",
            "Plate No",
            "Fee After Discount",
            "Days Late",
            "Late Arrivals",
            "Late Coming (days)",
            "No. of late days",
            "Fine Receipt Number",
            "Fine Paid Last Month",
            "Last Month Fine",
            "Previous Fine",
            "Late Fee Waiver",
            "Fine (sibling)",
            "Balance after payment",
            "Fee After Rebate",
            "Fee After Sibling Discount",
        ] {
            assert!(!speaks_of_late(heading), "{heading}");
        }
    }
}
