//! What a template says, in each language. Its headings are among those that the reader knows.

/// A column, in words.
pub(super) struct ColumnWords {
    /// Its heading, where the account has none of its own.
    pub(super) heading: &'static str,
    /// What to write; a spreadsheet shows 255 characters of it.
    pub(super) advice: &'static str,
    /// A value as it should be written.
    pub(super) example: &'static str,
}

/// Everything that a template says in one language.
pub(super) struct Words {
    /// The name of the sheet that is filled in.
    pub(super) sheet: &'static str,
    /// The name of the sheet of notes.
    pub(super) notes: &'static str,
    /// The first line of the notes.
    pub(super) title: &'static str,
    /// The notes.
    pub(super) lines: [&'static str; 5],
    /// The headings of their table.
    pub(super) table: [&'static str; 3],
    /// The columns, as the fields are counted.
    pub(super) columns: [ColumnWords; 5],
}

pub(super) const ENGLISH: Words = Words {
    sheet: "Fees",
    notes: "How to fill in",
    title: "How to fill in the sheet Fees",
    lines: [
        "1. One row for each payer, from row 2 on. Leave the headings as they are; more columns to their right (class, section) do no harm.",
        "2. The cells refuse what could not be billed. Paste values only (Paste Special, Values): whole cells that are pasted take the rules of the cells away.",
        "3. Below the last payer a row with the word Total and the sum of the amounts may stand: the sum is compared.",
        "4. Save it as an Excel workbook (.xlsx), under a name of its own for each month, and put it into the folder that you were given.",
        "5. Rows that are wrong come back in the folder results, in a sheet that ends in .fix.xlsx: correct them there, and put that sheet into the folder.",
    ],
    table: ["Column", "What to write", "Example"],
    columns: [
        ColumnWords {
            heading: "Student Name",
            advice: "The payer's name, as the payer's bank will show it.",
            example: "Ayesha Khan",
        },
        ColumnWords {
            heading: "Student ID",
            advice: "The payer's own number with you (registration, roll or consumer number), the same every month. Each payer has one row.",
            example: "GF-0042",
        },
        ColumnWords {
            heading: "Amount",
            advice: "What is to be paid until the due date, in rupees: more than 0, in digits, with a point before paisa.",
            example: "1500.00",
        },
        ColumnWords {
            heading: "Due Date",
            advice: "The last day of payment, written year-month-day; not a day that is past.",
            example: "2035-08-31",
        },
        ColumnWords {
            heading: "Amount After Due Date",
            advice: "All that is to be paid after the due date, in rupees: amount and fine together, so never less than the amount. Blank: the amount stays.",
            example: "1700.00",
        },
    ],
};

pub(super) const URDU: Words = Words {
    sheet: "فیس",
    notes: "ہدایات",
    title: "شیٹ فیس کیسے پُر کی جائے",
    lines: [
        "۱۔ دوسری قطار سے شروع کریں، ہر ادا کرنے والے کے لیے ایک قطار۔ عنوانات نہ بدلیں؛ ان کے آگے مزید کالم (جماعت، سیکشن) ہوں تو کوئی حرج نہیں۔",
        "۲۔ خانے وہ چیز قبول نہیں کرتے جس کا بل نہ بن سکے۔ کہیں سے نقل کریں تو صرف قدریں چسپاں کریں (Paste Special، Values)، ورنہ خانوں کی جانچ ختم ہو جاتی ہے۔",
        "۳۔ آخری قطار کے نیچے میزان کی قطار رکھی جا سکتی ہے: اس کا جوڑ رقموں سے ملایا جاتا ہے۔",
        "۴۔ اسے ایکسل ورک بُک (.xlsx) کے طور پر ہر مہینے الگ نام سے محفوظ کریں اور اس فولڈر میں رکھیں جو آپ کو بتایا گیا ہے۔",
        "۵۔ غلط قطاریں فولڈر results میں ایک شیٹ میں واپس آتی ہیں جس کا نام ‎.fix.xlsx پر ختم ہوتا ہے: انہیں وہیں درست کریں اور وہ شیٹ فولڈر میں رکھ دیں۔",
    ],
    table: ["کالم", "کیا لکھیں", "مثال"],
    columns: [
        ColumnWords {
            heading: "طالب علم کا نام",
            advice: "ادا کرنے والے کا نام، جیسا اس کے بینک میں دکھایا جائے گا۔",
            example: "عائشہ خان",
        },
        ColumnWords {
            heading: "رجسٹریشن نمبر",
            advice: "آپ کے ہاں ادا کرنے والے کا اپنا نمبر (رجسٹریشن، رول یا صارف نمبر)، جو ہر مہینے وہی رہے۔ ہر ایک کی ایک ہی قطار ہو۔",
            example: "GF-0042",
        },
        ColumnWords {
            heading: "رقم",
            advice: "مقررہ تاریخ تک کی رقم، روپوں میں: صفر سے زیادہ، ہندسوں میں، پیسوں سے پہلے نقطہ۔",
            example: "1500.00",
        },
        ColumnWords {
            heading: "آخری تاریخ",
            advice: "ادائیگی کی آخری تاریخ، سال-مہینہ-دن؛ گزری ہوئی تاریخ نہ ہو۔",
            example: "2035-08-31",
        },
        ColumnWords {
            heading: "آخری تاریخ کے بعد رقم",
            advice: "آخری تاریخ کے بعد کی پوری رقم، روپوں میں: رقم اور جرمانہ ملا کر، اس لیے رقم سے کم نہیں۔ خالی چھوڑیں تو وہی رقم رہتی ہے۔",
            example: "1700.00",
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_shows_every_word_of_it() {
        for words in [&ENGLISH, &URDU] {
            for name in [words.sheet, words.notes] {
                assert!(name.chars().count() <= 31, "{name}");
            }
            for column in &words.columns {
                assert!(column.heading.chars().count() <= 32, "{}", column.heading);
                assert!(column.advice.chars().count() <= 255, "{}", column.advice);
            }
        }
    }
}
