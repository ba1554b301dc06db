//! What cells beside the rows say in words: that a bill is paid, that somebody is
//! not to be billed any more. Such a word stands below `Remarks` as often as below
//! `Status`, and a receipt's number says the same.

use std::sync::LazyLock;

use chrono::Datelike;

use crate::beside::{Beside, heard, is_any};
use crate::dates::names::month_named;
use crate::guessing::OTHER_PEOPLE;
use crate::headings::{is_month_alone, is_word, words};
use crate::holds::{Hold, HoldWhy, Place, Shown};
use crate::row::{CellKind, SheetRow, Value};

/// What is written longer tells a story.
const TEXT_BYTES_MAX: usize = 60;

/// What the cells of one table's columns say that are not read.
#[derive(Debug, Default)]
pub(crate) struct Sayings {
    columns: Vec<Column>,
    /// The field of the due date, which says which month is billed.
    date: Option<usize>,
}

#[derive(Debug)]
struct Column {
    at: u16,
    kind: Kind,
    /// The first row that says that its bill is paid.
    paid: Option<u32>,
    /// The first cell that says that nobody is to be billed.
    gone: Option<Shown>,
    /// Some row says nothing.
    blank: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Remarks, a state, or nothing that is known.
    Words {
        /// It may say that a bill is paid.
        paid: bool,
        /// It may say what became of a payer.
        of_payers: bool,
    },
    /// Numbers of receipts.
    Receipts,
    /// Whether somebody is still a payer, in a yes or a no.
    Active,
    /// A month of the year, from 1, and what was paid or not paid for it.
    Month(u32),
}

impl Sayings {
    /// `date` is the field of the due date.
    pub(crate) fn new(date: Option<usize>) -> Self {
        Self {
            columns: Vec::new(),
            date,
        }
    }

    /// A column that no field has.
    pub(crate) fn column(&mut self, at: u16, heading: Option<&str>) {
        let kind = match heading {
            None => Kind::Words {
                paid: true,
                of_payers: true,
            },
            Some(heading) => match kind(heading) {
                Some(kind) => kind,
                None => return,
            },
        };
        self.columns.push(Column {
            at,
            kind,
            paid: None,
            gone: None,
            blank: false,
        });
    }

    /// Looks at a row.
    pub(crate) fn row(&mut self, row: &SheetRow) {
        let mut billed = None;
        for column in &mut self.columns {
            let cell = row.cell(column.at);
            let text = cell.shown.trim();
            match column.kind {
                Kind::Receipts => {
                    let nothing = text.is_empty() || text.chars().all(|c| !c.is_alphanumeric());
                    column.blank |= nothing;
                    if !nothing && !matches!(cell.as_amount(), Value::Money(0)) {
                        column.paid.get_or_insert(row.row_number());
                    }
                }
                Kind::Words { paid, of_payers } => {
                    if cell.kind != CellKind::Text || !may_say(text) {
                        continue;
                    }
                    let words = words(text);
                    if paid && says_paid(&words) {
                        column.paid.get_or_insert(row.row_number());
                    } else if of_payers && says_gone(&words) {
                        column.gone.get_or_insert_with(|| Shown {
                            text: text.to_owned(),
                            row: row.row_number(),
                        });
                    }
                }
                Kind::Active => {
                    let words = words(text);
                    if column.gone.is_none() && words.len() == 1 && is_any(&words, NO) {
                        column.gone = Some(Shown {
                            text: text.to_owned(),
                            row: row.row_number(),
                        });
                    }
                }
                Kind::Month(month) => {
                    if column.paid.is_some() || !ticks(text) {
                        continue;
                    }
                    let due = *billed.get_or_insert_with(|| due_month(row, self.date));
                    if due == Some(month) {
                        column.paid = Some(row.row_number());
                    }
                }
            }
        }
    }

    /// Why the file waits, if it does. `place` names a column.
    pub(crate) fn reasons(&self, sheet: &str, place: impl Fn(u16) -> Place) -> Vec<Hold> {
        let mut reasons = Vec::new();
        let mut hold = |why: HoldWhy| {
            reasons.push(Hold {
                sheet: sheet.to_owned(),
                why,
            });
        };
        for column in &self.columns {
            // Where every row has a receipt's number, it is not that of a payment.
            let is_said = column.kind != Kind::Receipts || column.blank;
            if let Some(row) = column.paid.filter(|_| is_said) {
                hold(HoldWhy::PaidAlready {
                    column: place(column.at),
                    row,
                });
            }
            if let Some(first) = &column.gone {
                hold(HoldWhy::NotToBeBilled {
                    column: place(column.at),
                    first: first.clone(),
                });
            }
        }
        reasons
    }
}

/// What a column of this heading may say, if anything.
fn kind(heading: &str) -> Option<Kind> {
    let said = words(heading);
    let any = |list: &'static str| is_any(&said, list);
    if is_month_alone(&said) {
        return said
            .iter()
            .find_map(|word| month_named(word))
            .map(Kind::Month);
    }
    if said.len() <= 3 && any("active enabled") && !any("not non until from since date") {
        return Some(Kind::Active);
    }
    // Those are heard, and looked at by themselves.
    let looked_at = heard(heading).map(|heard| heard.beside);
    if looked_at == Some(Beside::Paid) || any(OTHER_PEOPLE) || any(ELSE) {
        return None;
    }
    if any(RECEIPTS) && !any(OF_ANOTHER_TIME) {
        return Some(Kind::Receipts);
    }
    Some(Kind::Words {
        paid: looked_at != Some(Beside::Status),
        of_payers: any(OF_PAYERS) && !any("connection meter"),
    })
}

/// Whether a text may say anything of this by its first word: cheap, since nearly
/// none does, and every row is asked.
fn may_say(text: &str) -> bool {
    static BY_LETTER: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
        let words = |letter| move |word: &&str| word.starts_with(char::from(letter));
        let by_letter = |letter| {
            let all = FIRST_WORDS.iter().flat_map(|list| list.split_whitespace());
            all.filter(words(letter)).collect()
        };
        (b'a'..=b'z').map(by_letter).collect()
    });
    let Some(first) = text.as_bytes().first() else {
        return false;
    };
    if !first.is_ascii_alphabetic() {
        return !first.is_ascii() && text.len() <= TEXT_BYTES_MAX;
    }
    let words = &BY_LETTER[usize::from(first.to_ascii_lowercase() - b'a')];
    !words.is_empty() && text.len() <= TEXT_BYTES_MAX && {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        words
            .iter()
            .any(|word| word.len() == letters && word.eq_ignore_ascii_case(&text[..letters]))
    }
}

/// Whether words say that the bill of their row is paid.
fn says_paid(said: &[String]) -> bool {
    let skipped = said.iter().take_while(|word| is_word(word, BEFORE_PAID));
    let at = skipped.count();
    let Some(word) = said.get(at) else {
        return false;
    };
    let rest = &said[at + 1..];
    let paid = is_word(word, PAID)
        || is_word(word, RECEIVED)
            && (is_any(rest, DONE)
                || rest.first().is_none_or(|next| {
                    is_word(next, OF_PAYMENT) || next.chars().any(char::is_numeric)
                }));
    paid && !is_any(rest, OF_ANOTHER_TIME) && !is_any(&said[..at], "not")
}

/// Whether words say that nobody is to be billed.
fn says_gone(said: &[String]) -> bool {
    let first = said.iter().find(|word| !is_word(word, BEFORE_GONE));
    let stopped = first.is_some_and(|word| is_word(word, GONE));
    let two = |one: &str, other: &str| {
        said.windows(2)
            .any(|pair| pair[0] == one && pair[1] == other)
    };
    let alone = said.len() == 1 && is_word(&said[0], GONE_ALONE);
    stopped
        || alone
        || two("tc", "issued")
        || two("struck", "off")
        || two("kat", "gaya")
        || two("کٹ", "گیا")
        || two("in", "active")
        || two("not", "active")
        || two("non", "active")
        || two("no", "longer")
        || two("passed", "out")
        || two("not", "bill")
        || two("no", "bill")
        || said.windows(4).any(|four| four.concat() == "nottobebilled")
}

/// Whether a cell below a month is ticked.
fn ticks(text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX
        && (text.contains(['✓', '✔', '√', '☑']) || {
            let said = words(text);
            said.len() == 1 && said[0] == "p" || says_paid(&said)
        })
}

/// The month of the due date of a row.
fn due_month(row: &SheetRow, date: Option<usize>) -> Option<u32> {
    match row.entry(date?).value {
        Value::Date(date) => Some(date.month()),
        _ => None,
    }
}

/// Headings of what says nothing of a payment, whatever stands there.
const ELSE: &str = "address street village city town caste phone mobile contact email";

const RECEIPTS: &str = "receipt receipts rcpt rasid raseed transaction txn trx utr رسید";

const OF_PAYERS: &str = "status state remark remarks note notes comment comments kaifiyat kefiyat \
    کیفیت حالت";

const BEFORE_PAID: &str = "fee fees dues bill challan voucher amount already fully full partly partially \
    partial half all has been is was not رقم فیس";

const PAID: &str = "paid pd cleared deposited وصول ادائیگی";

const RECEIVED: &str = "received recd rcvd ada jama ادا جمع";

const OF_PAYMENT: &str = "rs pkr fee fees cash full payment amount in on by shuda شدہ ہو کر";

/// What says that it has been done.
const DONE: &str = "gaya gya gayi gai gayee gaye gia gyi diya dia di chuka chuki chuke hogaya hogya hogayi hogai گئی گیا دی دیا چکی چکا";

const NO: &str = "no n false 0 nahi nahin inactive نہیں";

const OF_ANOTHER_TIME: &str = "till until upto up through last previous prev old";

const BEFORE_GONE: &str = "has student pupil already the fee fees is name naam nam school child bacha bachi \
    نام سکول اسکول مدرسہ طالب علم بچہ بچی نے سے";

const GONE: &str = "left withdrawn withdrew slc cancelled canceled discontinued \
    expelled exempt exempted waived dropped dropout inactive deactivated deleted removed \
    terminated rusticated relieved migrated alumni deceased died \
    chhor chor chhod chhora chora chala chali kharij \
    چھوڑ چھوڑا خارج فوت";

/// What says so only where nothing else is said.
const GONE_ALONE: &str = "drop tc closed quit transferred";

/// With what a text that says either begins; the last are of `struck off`, `do not bill`.
const FIRST_WORDS: [&str; 7] = [
    BEFORE_PAID,
    PAID,
    RECEIVED,
    BEFORE_GONE,
    GONE,
    GONE_ALONE,
    "struck passed not do no non in",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_say_paid_are_told_from_others() {
        for text in [
            "Paid",
            "PAID in cash",
            "Fee paid",
            "Fully paid on 2-12",
            "already deposited",
            "Received Rs. 500",
            "Received",
            "ادا شدہ",
            "partially paid",
            "fee jama ho gayi",
            "Jama karwa di hai",
            "ada ho chuki",
            "فیس جمع ہو گئی",
        ] {
            assert!(may_say(text) && says_paid(&words(text)), "{text}");
        }
        for text in [
            "Unpaid",
            "Not paid",
            "Paid till October",
            "Received books",
            "new admission",
            "Pending",
            "Jama Masjid Road",
            "jama karwani hai",
            "fee jama nahi hui",
            "",
        ] {
            assert!(!says_paid(&words(text)), "{text}");
        }
    }

    #[test]
    fn words_that_say_that_somebody_has_left_are_told_from_others() {
        for text in [
            "Left",
            "left school",
            "SLC issued",
            "Struck off",
            "Has left",
            "Not to be billed",
            "Dropped",
            "Drop",
            "TC issued",
            "Transferred",
            "In-active",
            "Inactive",
            "Not active",
            "Deleted",
            "Name struck off",
            "school chhor gaya",
            "Naam kharij",
            "naam kat gaya",
            "سکول چھوڑ گیا",
            "نام خارج",
        ] {
            assert!(may_say(text) && says_gone(&words(text)), "{text}");
        }
        for text in [
            "Active",
            "Promoted",
            "New",
            "books left behind",
            "name to be changed",
            "School van",
            "In class 5",
            "Closed on Friday",
            "Drop at gate 2",
            "TC book",
            "Transferred from Campus 2",
            "",
        ] {
            assert!(!says_gone(&words(text)), "{text}");
        }
    }

    #[test]
    fn columns_are_told_by_their_headings() {
        let words = |paid, of_payers| Some(Kind::Words { paid, of_payers });
        assert_eq!(kind("Remarks"), words(true, true));
        assert_eq!(kind("Class"), words(true, false));
        assert_eq!(kind("Status"), words(false, true));
        assert_eq!(kind("Receipt No"), Some(Kind::Receipts));
        assert_eq!(kind("Dec"), Some(Kind::Month(12)));
        for heading in ["Father Name", "Paid", "Address"] {
            assert_eq!(kind(heading), None, "{heading}");
        }
    }
}
