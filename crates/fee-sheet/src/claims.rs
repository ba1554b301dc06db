//! Two columns for one field: which of them is it? The school's own headings
//! come first; beyond that a heading wins only where it is clearly the field
//! and the other is not, since a wrong choice here is a wrong bill.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::headings::normal;

/// How good a claim a heading has to be the column of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The school's own heading, and its place among them.
    Own(usize),
    Whole,
    /// The whole, or what is left from before.
    Dues,
    Ordinary,
    /// Says neither that it is the whole nor that it is not.
    Plain,
    Share,
    Part,
    LastResort,
}

impl Claim {
    pub(crate) fn of(form: &str) -> Self {
        // Every file asks for every heading that is known, so this is made once.
        static CLAIMS: LazyLock<HashMap<String, Claim>> = LazyLock::new(|| {
            let lists = [
                (WHOLE, Claim::Whole),
                (DUES, Claim::Dues),
                (PLAIN, Claim::Plain),
                (SHARE, Claim::Share),
                (PART, Claim::Part),
                (LAST_RESORT, Claim::LastResort),
            ];
            lists
                .into_iter()
                .flat_map(|(words, claim)| words.iter().map(move |word| (normal(word), claim)))
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
            (_, Self::Own(_)) | (Self::LastResort, _) => false,
            (_, Self::LastResort) | (Self::Whole, Self::Share) => true,
            (one, Self::Part) => !matches!(one, Self::Part | Self::Dues),
            _ => false,
        }
    }
}

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
    "قابل ادائیگی",
    "fee payable",
    "payable fee",
    "fee payable within due date",
    "fees payable within due date",
    "fee within due date",
    "amount payable within due date",
    "total payable within due date",
    "net payable within due date",
    "fee payable by due date",
    "fee payable before due date",
    "payable within due date",
    "amount within due date",
    "within due date",
    "amount before due date",
    "payable by due date",
    "payable before due date",
    "before due date",
    "amount till due date",
    "kul raqam",
    "kul fees",
    "کل رقم",
    "کل فیس",
    "مقررہ تاریخ تک رقم",
    "مقررہ تاریخ تک",
];

/// Headings of all that is owed, or of what is owed from before: the whole of a
/// bill only where the arrears have a column of their own.
const DUES: &[&str] = &["dues"];

/// Headings of an amount that say no more of it.
const PLAIN: &[&str] = &[
    "amount",
    "amt",
    "amount in rs",
    "fee",
    "fees",
    "fee amount",
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
const SHARE: &[&str] = &["monthly fee", "school fee", "current bill", "ماہانہ فیس"];

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
    "bill",
    "balance",
    "rs",
    "pkr",
    "rupees",
    "submit before",
    "submit by",
    "submit upto",
    "late",
];

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
        let fields: Vec<String> = fields.iter().map(|word| normal(word)).collect();
        let mut seen = Vec::new();
        for word in [WHOLE, DUES, PLAIN, SHARE, PART, LAST_RESORT].concat() {
            let form = normal(word);
            assert!(fields.contains(&form), "{word} stands for no field");
            assert!(!seen.contains(&form), "{word} has two standings");
            seen.push(form);
        }
        assert!(!fields.contains(&normal(OPEN)));
    }
}
