//! Why a file can't be read, in Urdu.

use fee_sheet::Unreadable;

use super::Urdu;
use super::details::{detail, names};
use crate::language::english::English;
use crate::language::{Words, quoted};

pub(super) fn of_file(refusal: &Unreadable) -> String {
    const COPY_ALONE: &str = "اسے اسپریڈشیٹ پروگرام میں کھولیں، صرف جدول نئی شیٹ میں نقل کریں، اسے .xlsx یا .csv کے طور پر محفوظ کریں اور وہ ڈالیں";
    const SAVE_AS: &str = "شیٹ کو .xlsx یا .csv کے طور پر محفوظ کریں اور وہ فائل ڈالیں";
    match refusal {
        Unreadable::Empty => "فائل خالی ہے: شیٹ دوبارہ محفوظ کریں اور پھر ڈالیں".to_owned(),
        Unreadable::NothingFilled => "فائل کی نظر آنے والی کسی شیٹ میں کوئی بھرا ہوا خانہ نہیں ہے: شیٹ بھریں، یا چھپی ہوئی شیٹ ظاہر کریں، فائل دوبارہ محفوظ کریں اور پھر ڈالیں".to_owned(),
        Unreadable::IsDirectory => {
            "یہ فولڈر ہے، شیٹ نہیں: اس کے اندر کی فائلیں ایک ایک کر کے ڈالیں".to_owned()
        }
        Unreadable::NotAFile => format!("یہ عام فائل نہیں ہے: {SAVE_AS}"),
        Unreadable::Html => "نام جو بھی ہو، یہ ویب صفحہ (HTML) ہے، شیٹ نہیں: اسے اسپریڈشیٹ پروگرام میں کھول کر .xlsx کے طور پر محفوظ کریں".to_owned(),
        Unreadable::Pdf => "یہ PDF ہے، شیٹ نہیں: اصل شیٹ .xlsx یا .csv میں منگوائیں".to_owned(),
        Unreadable::Encrypted => "فائل پر پاس ورڈ لگا ہے: اسے کھولیں، پاس ورڈ ہٹا کر دوبارہ محفوظ کریں اور پھر ڈالیں".to_owned(),
        Unreadable::Damaged(why) => format!(
            "فائل خراب ہے ({}): اسے اسپریڈشیٹ پروگرام میں کھول کر .xlsx کے طور پر دوبارہ محفوظ کریں اور پھر ڈالیں",
            detail(why)
        ),
        Unreadable::TooLarge { what, limit } => format!(
            "فائل بہت بڑی ہے ({}؛ {}): اسے حصوں میں بانٹیں، یا جو جدول کا حصہ نہیں وہ مٹا دیں",
            detail(what),
            detail(limit)
        ),
        Unreadable::UnbalancedQuote { line } => format!(
            "سطر {line} میں واوین کے نشان (\") جوڑوں میں نہیں ہیں، اس لیے خانے یا سطریں آپس میں مل سکتی ہیں: زائد نشان مٹا دیں یا بند کریں، جو نشان قدر کا حصہ ہو اسے دو بار (\"\") لکھیں، اور فائل دوبارہ ڈالیں"
        ),
        Unreadable::NoColumns { found, missing } => {
            let missing: Vec<String> = missing
                .iter()
                .map(|missing| match Urdu.label(missing.field) {
                    "" => quoted(missing.label),
                    label => format!("{label} ({})", quoted(missing.label)),
                })
                .collect();
            let halves = fee_sheet::halves_of_name(found).map_or(String::new(), |(first, last)| {
                format!(
                    "{} اور {} ایک ہی نام کے دو حصے ہیں: دونوں کو `Name` نام کے ایک کالم میں لکھیں؛ ",
                    quoted(first),
                    quoted(last)
                )
            });
            let found: Vec<String> = found.iter().take(40).map(|found| quoted(found)).collect();
            let found = match found.len() {
                0 => "کوئی سرخی نہیں ملی".to_owned(),
                _ => format!("جو سرخیاں ملیں وہ یہ ہیں: {}", found.join("، ")),
            };
            format!(
                "ان کے لیے کوئی کالم نہیں ملا: {}؛ {found}؛ {halves}کالم کا نام بدلیں، یا ترتیبات میں `columns` کے تحت لکھیں، اور فائل دوبارہ ڈالیں",
                missing.join("، ")
            )
        }
        Unreadable::AmbiguousColumns {
            sheet,
            field,
            first,
            second,
        } => format!(
            "شیٹ {} کے دو کالم {} ہو سکتے ہیں، {} اور {}: ایک کا نام بدلیں، یا ترتیبات میں `columns` کے تحت درست کالم کا نام لکھیں",
            quoted(sheet),
            field_named(field),
            quoted(first),
            quoted(second)
        ),
        Unreadable::NoRows => {
            "سرخیوں کے نیچے کوئی قطار نہیں ہے: شیٹ بھریں اور دوبارہ ڈالیں".to_owned()
        }
        Unreadable::Io(error) => format!(
            "فائل پڑھی نہیں جا سکی ({}): دیکھیں کہ فائل موجود اور مکمل ہے اور اسے پڑھنے کی اجازت ہے",
            quoted(&error.to_string())
        ),
        Unreadable::OldExcel => "یہ Excel 4 یا اس سے پرانی فائل ہے جو پڑھی نہیں جاتی: اسے اسپریڈشیٹ پروگرام میں کھول کر .xlsx کے طور پر محفوظ کریں اور وہ ڈالیں".to_owned(),
        Unreadable::NoSheetInside { found } => format!(
            "آرکائیو میں کوئی شیٹ نہیں ہے (اس میں یہ ہے: {}): اس میں شیٹیں رکھیں، یا شیٹیں ویسے ہی ڈالیں",
            names(found)
        ),
        Unreadable::Member { member, why } => {
            format!("آرکائیو کی فائل {}: {}", quoted(member), of_file(why))
        }
        Unreadable::OtherFormat { what } => {
            format!("یہ شیٹ نہیں ہے ({}) اور پڑھی نہیں جاتی: {SAVE_AS}", detail(what))
        }
        Unreadable::NeedsMemory { limit_mb } => format!(
            "فائل پڑھنے کو {limit_mb} MB سے زیادہ میموری چاہیے، جو اس جسامت کی کسی شیٹ کو نہیں چاہیے: {COPY_ALONE}"
        ),
        Unreadable::TakesTooLong { limit_seconds } => format!(
            "اس مشین پر فائل {limit_seconds} سیکنڈ میں آخر تک نہیں پڑھی جا سکی: اسے اسپریڈشیٹ پروگرام میں کھولیں، صرف جدول نئی شیٹ میں نقل کریں، اسے .csv کے طور پر محفوظ کریں اور وہ ڈالیں؛ شیٹ بہت لمبی ہو تو حصوں میں"
        ),
        Unreadable::ReaderFailed(why) => format!(
            "ہمارا پروگرام یہ فائل نہیں پڑھ سکا ({}): اسے اسپریڈشیٹ پروگرام میں کھول کر .xlsx یا .csv کے طور پر دوبارہ محفوظ کریں اور وہ ڈالیں؛ یہ فائل ہمیں بھیج دیں تاکہ آئندہ پڑھی جا سکے",
            detail(why)
        ),
        Unreadable::NotNow(why) => format!(
            "فائل اس وقت پڑھی نہیں جا سکتی ({}): کچھ دیر بعد دوبارہ کوشش کریں",
            detail(why)
        ),
        // A refusal that is newer than these words.
        other => other.to_string(),
    }
}

/// A field, by its label, as the reader has it.
fn field_named(label: &str) -> String {
    let fields = [
        "title",
        "identifier",
        "amount",
        "due_date",
        "amount_after_due_date",
    ];
    let known = fields.iter().find(|field| English.label(field) == label);
    match known {
        Some(field) => format!("{} ({})", Urdu.label(field), quoted(label)),
        None => quoted(label),
    }
}
