//! What a heading beside the amount speaks of: another charge, something let
//! off, what is paid already, another sum, or whether it is paid. Each can
//! mean that the amount is not what is to be paid; whether it does is held
//! against the rows ([`crate::owing`]).

use crate::guessing::{OTHER_DATES, OTHER_NUMBERS, OTHER_PEOPLE, OTHER_TEXTS};
use crate::headings::{is_month_alone, is_word, words};
use crate::speaking::speaks_of_late;

/// What a column beside the amount holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Charged beside the fee, or owed from before.
    Charge,
    /// Taken off.
    LetOff,
    /// Paid already.
    Paid,
    /// Another sum of the bill, or what is left of it.
    Sum,
    /// Says whether the bill is paid, in words.
    Status,
    /// Nobody knows what, or nothing at all: its cells may be money.
    Unsaid,
}

/// What is heard of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) beside: Beside,
    /// Owed from before.
    pub(crate) arrears: bool,
    /// The least that is taken for money, in minor units: a van has a number.
    pub(crate) least: i64,
}

/// What a thing costs at least. Below lie numbers of buses and of books.
const LEAST_OF_A_THING: i64 = 5_000;

/// What a heading speaks of, if it is not a fine, which is watched by itself.
pub(crate) fn heard(heading: &str) -> Option<Heard> {
    let words = words(heading);
    let any = |list: &'static str| is_any(&words, list);
    let stem = |list: &'static str| {
        let has = |word: &String| list.split(' ').any(|stem| word.contains(stem));
        words.iter().any(has)
    };
    let heard = |beside, arrears, least| {
        Some(Heard {
            beside,
            arrears,
            least,
        })
    };
    if is_month_alone(&words) {
        // What is charged, or was paid, for that month.
        return heard(Beside::Charge, false, LEAST_OF_A_THING);
    }
    if abbreviates(&words, &["os"]) {
        return heard(Beside::Sum, false, 1);
    }
    if abbreviates(&words, &["cf", "bf", "cd", "bd"]) && !any(LEFT) {
        return heard(Beside::Charge, true, 1);
    }
    let paid = any(PAID) || stem(PAID_STEMS) && !stem("unpaid");
    if any(NO_MONEY) || paid && any(OF_ANOTHER_TIME) {
        return None;
    }
    if any("status") {
        return if any(OTHER_STATUS) {
            None
        } else {
            heard(Beside::Status, false, 1)
        };
    }
    let dated = any("date on dt");
    if dated && (!paid || any("payment payments advance")) {
        return None;
    }
    let kept = any("tax security refundable");
    let earlier = any(EARLIER);
    let charge = any(CHARGE) || stem(CHARGE_STEMS);
    if !any("paid received") && !earlier && (any(LEFT) || stem(LEFT_STEMS)) {
        return heard(Beside::Sum, false, 1);
    }
    if paid && !kept {
        return heard(Beside::Paid, false, 1);
    }
    if any("after") && !any(FINES) && (any(LET_OFF) || stem(LET_OFF_STEMS)) && (charge || any(SUM))
    {
        // What is left of it, and not what was taken off.
        return heard(Beside::Sum, false, 1);
    }
    if any(LET_OFF) || stem(LET_OFF_STEMS) {
        let beside = heard(Beside::LetOff, false, 1);
        return beside.filter(|_| !any(FINES));
    }
    if any(ARREARS) || stem("arrear") || earlier && (charge || any(SUM) || any(LEFT) || any(FINES))
    {
        return heard(Beside::Charge, true, 1);
    }
    let thing = (any(THING) || kept) && !any(NO_THING) && !heading.contains('%');
    let money = charge || any(SUM);
    if any(TOTAL) && (money || !any(NO_THING) && !any(SPAN)) {
        let least = if money { 1 } else { LEAST_OF_A_THING };
        return heard(Beside::Sum, false, least);
    }
    if speaks_of_late(heading) {
        return None;
    }
    let least = if any(SPAN) { LEAST_OF_A_THING } else { 1 };
    if charge || any(SUM) && thing {
        return heard(Beside::Charge, false, least);
    }
    if any(SUM) {
        return heard(Beside::Sum, false, least);
    }
    if thing {
        return heard(Beside::Charge, false, LEAST_OF_A_THING);
    }
    None
}

/// Whether a cell of a column that says what is paid, or whether it is, says
/// in words that it is.
pub(crate) fn says_paid(beside: Beside, text: &str) -> bool {
    if text.len() > 60 {
        return false;
    }
    let words = words(text);
    let Some(first) = words.get(..1) else {
        return beside == Beside::Paid && text.contains(['✓', '✔', '√', '☑']);
    };
    is_any(first, SAID_PAID) || beside == Beside::Paid && is_any(first, SAID_YES)
}

/// The least that is taken for money below a heading that says nothing.
pub(crate) const UNSAID: Heard = Heard {
    beside: Beside::Unsaid,
    arrears: false,
    least: LEAST_OF_A_THING,
};

/// Whether a heading that is not [`heard`] leaves it possible that its column is
/// money: none of its words is of something else that has numbers.
pub(crate) fn says_nothing(heading: &str) -> bool {
    let words = words(heading);
    let any = |list: &'static str| is_any(&words, list);
    let else_said = [
        OTHER_PEOPLE,
        OTHER_TEXTS,
        OTHER_NUMBERS,
        OTHER_DATES,
        NO_MONEY,
        NO_THING,
        OF_ANOTHER_TIME,
        FINES,
        MEASURES,
    ];
    !heading.contains('%') && !any("status date dt") && !else_said.into_iter().any(any)
}

/// Whether words speak of money: a charge, or a sum.
pub(crate) fn is_money(words: &[String]) -> bool {
    let stem = |word: &String| CHARGE_STEMS.split(' ').any(|stem| word.contains(stem));
    [CHARGE, SUM, TOTAL]
        .into_iter()
        .any(|list| is_any(words, list))
        || words.iter().any(stem)
}

/// How often something is charged, as a heading says: `No. of Months` beside a
/// fee for one.
pub(crate) fn is_times(heading: &str) -> bool {
    let words = words(heading);
    let any = |list: &'static str| is_any(&words, list);
    any("months mahine mahinay instalments installments quarters semesters weeks مہینے")
        && !any(PAID)
        && !any(OF_ANOTHER_TIME_BUT_MONTHS)
        && !any("absent present attendance attended late free name names age")
}

/// Whether words are one of these abbreviations, with points or strokes or
/// without, alone or beside a word for money: `O/S`, `B/F Amount`.
fn abbreviates(words: &[String], list: &[&str]) -> bool {
    let few = words.len() <= 3;
    let alone = words.iter().any(|word| list.contains(&word.as_str()));
    let parted = words
        .windows(2)
        .any(|pair| pair.iter().all(|word| word.len() == 1) && list.contains(&&*pair.concat()));
    few && (alone || parted)
}

/// Whether one of the words stands in a list.
pub(crate) fn is_any(words: &[String], list: &'static str) -> bool {
    words.iter().any(|word| is_word(word, list))
}

/// Every word that is heard.
pub(crate) fn vocabulary() -> impl Iterator<Item = &'static str> {
    let lists = [
        PAID,
        LEFT,
        LET_OFF,
        ARREARS,
        EARLIER,
        FINES,
        TOTAL,
        SUM,
        CHARGE,
        THING,
        NO_MONEY,
        NO_THING,
        MEASURES,
        OTHER_STATUS,
    ];
    lists.into_iter().flat_map(str::split_whitespace)
}

/// Words that make no money of a heading, whatever else it says.
const NO_MONEY: &str = "no number num nambar id code serial sr year obtained unit units reading marks students children \
    siblings phone mobile contact email cnic type category group plan slab mode method by \
    remarks remark note notes words income salary name slip voucher receipt ref reference \
    نمبر تاریخ";

/// Words that make of a thing something else than its charge.
const NO_THING: &str = "result grade grades position rank percentage percent present absent attendance score \
    mark subject subjects teacher incharge time route seat seats stop driver load age \
    strength limit card class jamat jamaat section status address";

/// Words of what was paid for another time than this bill's.
const OF_ANOTHER_TIME: &str =
    "last previous prev old pichla upto till until through month months سابقہ";
const OF_ANOTHER_TIME_BUT_MONTHS: &str =
    "last previous prev old pichla upto till until through سابقہ";

/// Words of what is measured or put in order, in numbers that may look like
/// amounts.
const MEASURES: &str = "session batch term wing folio ledger merit rank size plot flat floor area marla kanal \
    sqft sq ft yards kg weight height tariff quota position point points file form locker vehicle \
    machine version extension ext zip postal psid holiday visits visit calls level \
    stage order priority gr reg regd adm admn roll challan voucher slip invoice";

/// Another status than that of a payment.
const OTHER_STATUS: &str = "marital admission student pupil connection meter employment health enrollment enrolment \
    academic family class house";

/// Words of what was paid already.
const PAID: &str = "paid received recd rcvd advance deposit deposited collected payment payments jama wasool \
    wasooli vasool وصول وصولی جمع ادا";
const PAID_STEMS: &str = "paid received";

/// Words of what is left to be paid.
pub(crate) const LEFT: &str =
    "balance bal remaining remainder outstanding unpaid left baqi باقی بقیہ";
const LEFT_STEMS: &str = "balance remaining outstanding unpaid";

/// Words of what is taken off a bill.
const LET_OFF: &str = "discount disc concession rebate waiver waived scholarship deduction deductions relief \
    subsidy exemption off less riayat رعایت وظیفہ کٹوتی";
const LET_OFF_STEMS: &str = "discount concession scholarship";

/// Words of what is owed from before.
const ARREARS: &str = "arrear arrears baqaya baqayajat overdue بقایا بقایاجات";

/// The same, beside a word for money.
const EARLIER: &str = "previous prev last old opening earlier pichla pichli sabqa sabiqa sabika sabka سابقہ پچھلا پچھلی";

const FINES: &str = "late fine fines penalty surcharge";

/// Words of a sum of charges.
pub(crate) const TOTAL: &str = "total net gross grand kul کل sum ٹوٹل میزان";

/// Words of money that say no more of it.
const SUM: &str =
    "amount amt bill payable due dues rs pkr rupees raqam wajib wajibat wajibaat واجب واجبات رقم";

/// Words of what is charged.
const CHARGE: &str = "fee fees charge charges chg chgs chrgs fund funds tax taxes gst cost price rent duty \
    chanda adjustment adjustments adj wht withholding kiraya kharcha kharch akhrajat subscription \
    فیس فنڈ چندہ ٹیکس چارجز کرایہ خرچہ";
const CHARGE_STEMS: &str = "charges fees";

/// Words that may make a number of months of a charge.
const SPAN: &str = "month months mahina days day weeks";

/// Things that are charged for, and have other numbers too.
const THING: &str = "ac van bus wagon rickshaw transport transportation conveyance hostel mess boarding lunch \
    meal meals food canteen exam exams examination examinations \
    stationery stationary book books notebooks copies uniform lab laboratory library \
    computer sports games trip tour picnic party function event events annual \
    admission security misc miscellaneous other others extra additional maintenance \
    generator electricity gas water sewerage parking medical development building insurance \
    activity activities tuition tution prospectus diary swimming syllabus syllabi coaching \
    academy fpa gratuity donation zakat imtihan kitabein mutafarriq ٹرانسپورٹ وین بس ہاسٹل \
    امتحان امتحانی کتابیں کتب متفرق دیگر داخلہ ٹیوشن یونیفارم";

/// What is said of a bill that is paid.
const SAID_PAID: &str = "paid received recd cleared clear deposited fully partly partially partial ادا اداشدہ \
    وصول جمع";

/// What answers whether it is.
const SAID_YES: &str = "yes y done ok full half haan han ہاں جی";

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(heading: &str) -> Option<Beside> {
        heard(heading).map(|heard| heard.beside)
    }

    #[test]
    fn what_stands_beside_a_fee_is_heard() {
        for (expected, headings) in [
            (
                Beside::Charge,
                "Van Charges,Van,Bus,Hostel,Transport,Transport Fee,Annual Charges,Annual Fund,Paper Fund,Exam,Exam Fee,Stationery,Books,Lab Charges,Computer Fee,Sports Fund,Arrears,Previous Dues,Old Balance,Security,Security Deposit,Admission,Misc,Other,Tax,Advance Tax,Adjustment,بقایا,ٹرانسپورٹ,VanCharges,Van Amount,Previous Fine,Tuition Fee,Sabiqa Wajibat,Gari ka kiraya,C/F,B/F,WHT 5%,AC",
            ),
            (
                Beside::LetOff,
                "Discount,Concession,Scholarship,رعایت,Sibling Discount",
            ),
            (
                Beside::Paid,
                "Paid,Received,Advance,Paid Amount,Amount Received,Deposit,وصول شدہ,Already Paid,PaidAmount,Paid On",
            ),
            (
                Beside::Sum,
                "Balance,Remaining,Outstanding,Unpaid,Net,Remaining Balance,Balance after payment,Bill,Due,باقی,Total with books,O/S,Fee After Rebate,Fee After Scholarship",
            ),
            (Beside::Status, "Status,Fee Status,Payment Status"),
        ] {
            for heading in headings.split(',') {
                assert_eq!(beside(heading), Some(expected), "{heading}");
            }
        }
        assert!(heard("Arrears").unwrap_or_else(|| panic!()).arrears);
    }

    #[test]
    fn what_is_no_money_and_what_is_late_is_not_heard() {
        for heading in "S.No,Father Name,Class,Section,Roll #,Phone,Contact No,Remarks,Address,Attendance %,Bill No,Total Units,Total Students,Bus No,Bus Stop,Exam Marks,Issue Date,Fee Month No,Billing Month,Fee Type,Late Fee,Fine,Days Late,Fine Paid Last Month,Fee Paid Upto,Payment Date,Last Payment,Received By,Marital Status,Annual Income,Amount in Words,Receipt No,Father's CNIC,Late Fee Waiver,Gender,Age,Total Attendance,Total Days,Last Exam %,Monthly Test,State,PSID,Message,Shows"
            .split(',')
        {
            assert_eq!(beside(heading), None, "{heading}");
        }
    }

    #[test]
    fn a_word_that_says_paid_is_told_from_one_that_does_not() {
        for text in ["Paid", "PAID ", "Fully paid", "ادا شدہ", "Received 5-3"] {
            assert!(says_paid(Beside::Status, text), "{text}");
        }
        for text in ["Unpaid", "Not paid", "Pending", "", "Active", "Yes", "-"] {
            assert!(!says_paid(Beside::Status, text), "{text}");
        }
        assert!(says_paid(Beside::Paid, "Yes") && says_paid(Beside::Paid, "✓"));
        assert!(!says_paid(Beside::Paid, "No") && !says_paid(Beside::Paid, "-"));
    }
}
