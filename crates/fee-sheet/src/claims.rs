//! Two columns for one field: which of them is it? The school's own headings
//! come first; beyond that a heading wins only where it is clearly the field
//! and the other is not, since a wrong choice here is a wrong bill.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::headings::normal;
use crate::school_words::spelled_out;

/// How good a claim a heading has to be the column of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The school's own heading, and its place among them.
    Own(usize),
    /// Says of itself what the field is.
    Exact,
    Whole,
    /// The whole, or what is left from before.
    Dues,
    Ordinary,
    /// May also be something else's, beside one that says whose it is.
    General,
    /// The same, of a class: the payer's beside a general one where the rows
    /// bear it out.
    Roll,
    /// Says neither that it is the whole nor that it is not.
    Plain,
    Share,
    Part,
    /// A total of something: the whole where the rows add up to it.
    Qualified,
    LastResort,
    /// The number of a paper, which is another one next month.
    Paper,
}

impl Claim {
    pub(crate) fn of(form: &str) -> Self {
        // Every file asks for every heading that is known, so this is made once.
        static CLAIMS: LazyLock<HashMap<String, Claim>> = LazyLock::new(|| {
            let lists = [
                (EXACT, Claim::Exact),
                (WHOLE, Claim::Whole),
                (DUES, Claim::Dues),
                (GENERAL, Claim::General),
                (ROLL, Claim::Roll),
                (PLAIN, Claim::Plain),
                (SHARE, Claim::Share),
                (PART, Claim::Part),
                (LAST_RESORT, Claim::LastResort),
                (PAPER, Claim::Paper),
            ];
            lists
                .into_iter()
                .flat_map(|(words, claim)| words.iter().map(move |word| (word, claim)))
                .flat_map(|(word, claim)| {
                    let all = spelled_out(word).into_iter();
                    all.map(move |heading| (normal(&heading), claim))
                })
                .collect()
        });
        CLAIMS.get(form).copied().unwrap_or(Self::Ordinary)
    }

    /// Whether this one is clearly the column and the other is not. Where
    /// neither beats the other, a person has to say.
    pub(crate) fn beats(self, other: Self) -> bool {
        match (self, other) {
            (Self::Own(one), Self::Own(other)) => one < other,
            (Self::Own(_), _) => true,
            (_, Self::Own(_)) | (Self::Paper, _) => false,
            (_, Self::Paper) => true,
            (Self::LastResort, _) => false,
            (Self::Exact, other) => other != Self::Exact,
            (_, Self::LastResort) | (Self::Whole, Self::Share) => true,
            (Self::Ordinary, Self::General | Self::Roll) => true,
            (Self::Whole, Self::Qualified) => true,
            // Whether it is the sum of the others, the rows have to say.
            (Self::Qualified, _) | (_, Self::Qualified) => false,
            (one, Self::Part) => !matches!(one, Self::Part | Self::Dues),
            _ => false,
        }
    }
}

/// Headings that say of themselves what the field is: an amount that is to be
/// paid within the due date is that, whatever other amounts stand beside it.
const EXACT: &[&str] = &[
    "identifier",
    "consumer no|number|id|code",
    "customer no|number|id",
    "sarif number",
    "صارف نمبر",
    "due date",
    "duedate",
    "payment due date",
    "extended|revised due date",
    "extended|revised last date",
    "due date extended|revised",
    "student name",
    "name of student",
    "fee|fees payable within due date",
    "fee within due date",
    "amount|total|net payable within due date",
    "fee payable by|before due date",
    "payable within due date",
    "amount within due date",
    "within due date",
    "amount before due date",
    "payable by due date",
    "payable before due date",
    "before due date",
    "amount till due date",
    "مقررہ تاریخ تک رقم",
    "مقررہ تاریخ تک",
];

/// Headings of a name or a number that give way to one that says whose it is.
const GENERAL: &[&str] = &[
    "name",
    "title",
    "naam",
    "nam",
    "نام",
    "owner",
    "id",
    "account no|number",
    "اکاؤنٹ نمبر",
    "ref|reference no|number",
    "حوالہ نمبر",
];

/// Headings of the number in a class: it begins anew in each, and that of the
/// register does not.
const ROLL: &[&str] = &[
    "roll",
    "roll no|number|nambar",
    "class roll no|number",
    "rollno",
    "r no|number",
    "rol nambar",
    "رول نمبر",
];

/// Headings of the whole of a bill: beside [`SHARE`] and [`PART`] they are
/// clearly the amount, and beside [`PLAIN`] where the sheet shows what is added
/// ([`crate::summing`]). Beside any other heading of an amount they are not: the
/// sheet has two amounts then, and only its maker knows which is to be paid.
const WHOLE: &[&str] = &[
    "total",
    "total fee",
    "total fees",
    "total amount",
    "total payable",
    "total amount payable",
    "total due",
    "total dues",
    "grand total",
    "net amount",
    "net payable",
    "net amount payable",
    "net fee",
    "payable",
    "payable amount",
    "amount payable",
    "amt payable",
    "amount due",
    "due amount",
    "amt due",
    "wajib ul ada",
    "wajib raqam",
    "wajib ul ada raqam",
    "واجب الادا",
    "واجب الادا رقم",
    "قابل ادائیگی رقم",
    "قابل ادا رقم",
    "قابل ادا",
    "قابل ادائیگی",
    "fee payable",
    "payable fee",
    "total|net bill|payment",
    "total|net|grand fee|fees|charges|bill payable",
    "net total",
    "total|net amt",
    "total|net fee amount",
    "total fee|fees due",
    "fee|fees total",
    "amount|fee|fees|bill due|receivable",
    "total|net receivable",
    "fees|dues|bill payable",
    "payable fees|dues|bill|amt",
    "amount|fee|fees|sum|total to be paid",
    "amount to pay",
    "to pay",
    "to be paid",
    "total payable amount",
    "net payable amount",
    "grand total payable",
    "challan|voucher|invoice|slip amount|total",
    "کل واجب الادا",
    "کل واجبات",
    "kul raqam",
    "kul fees",
    "کل رقم",
    "کل فیس",
];

/// Headings of all that is owed, or of what is owed from before: the whole of a
/// bill only where the arrears have a column of their own.
const DUES: &[&str] = &["dues", "fee|fees dues", "واجبات"];

/// Headings of an amount that say no more of it.
const PLAIN: &[&str] = &[
    "amount",
    "amt",
    "amount in rs",
    "fee",
    "fees",
    "fee amount",
    "fees amount|amt",
    "fee|bill amt",
    "bill amount",
    "raqam",
    "raqm",
    "fees ki raqam",
    "رقم",
    "فیس",
    "فیس کی رقم",
    "بل کی رقم",
];

/// Headings of what is often all that is charged, and often not.
const SHARE: &[&str] = &[
    "monthly|school|mahana fee|fees",
    "monthly|mahana charges|dues",
    "current month|months|_ fee|fees|charges",
    "this month|months fee|fees|charges",
    "current bill",
    "ماہانہ فیس",
];

/// Headings of one charge among others: the amount only where no column has a
/// better name for it.
const PART: &[&str] = &["tuition fee", "tuition fees"];

/// Headings that say little: taken only where no other column is the field's.
const LAST_RESORT: &[&str] = &[
    "cnic",
    "cnic no",
    "cnic number",
    "nic no",
    "b form",
    "b form no",
    "b form number",
    "bay form no",
    "a c",
    "a c no",
    "a c number",
    "acct no",
    "code",
    "family no",
    "family number",
    "meter no",
    "valid till",
    "valid upto",
    "valid until",
    "bill",
    "balance",
    "outstanding dues|amount|fee|fees|bill",
    "total outstanding dues|amount|fee|fees|_",
    "unpaid dues|amount|fee|fees|bill",
    "rs",
    "pkr",
    "rupees",
    "submit before",
    "submit by",
    "submit upto",
    "late",
    "consumer|customer|subscriber|member|owner|student|resident name and|_ address",
];

/// Headings of the number of a paper: the payer's only where no other is.
const PAPER: &[&str] = &["challan|voucher no|number"];

/// A heading that is a date in one sheet and an amount in the next: the cells
/// below it say which, and the field must be missing otherwise.
pub(crate) const OPEN: &str = "due";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school_words::{AMOUNT, AMOUNT_AFTER_DUE_DATE, DUE_DATE, IDENTIFIER, TITLE};

    #[test]
    fn a_heading_with_a_standing_is_the_heading_of_a_field() {
        let fields = [TITLE, IDENTIFIER, AMOUNT, DUE_DATE, AMOUNT_AFTER_DUE_DATE].concat();
        let all = |words: &[&str]| -> Vec<String> {
            let all = words.iter().flat_map(|word| spelled_out(word));
            all.map(|heading| normal(&heading)).collect()
        };
        let fields = all(&fields);
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (list, words) in [
            EXACT,
            WHOLE,
            DUES,
            GENERAL,
            ROLL,
            PLAIN,
            SHARE,
            PART,
            LAST_RESORT,
            PAPER,
        ]
        .into_iter()
        .enumerate()
        {
            for form in all(words) {
                assert!(fields.contains(&form), "{form} stands for no field");
                let earlier = seen.insert(form.clone(), list);
                let once = earlier.is_none_or(|earlier| earlier == list);
                assert!(once, "{form} has two standings");
            }
        }
        assert!(!fields.contains(&normal(OPEN)));
    }
}
