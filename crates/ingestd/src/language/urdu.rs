//! The sentences in Urdu. Numbers are in the digits that spreadsheets in
//! Pakistan are typed in, 0 to 9, and examples as they are to be typed. Of cells
//! and rows here, of refused files in `files`, of what holds a file in `holds`,
//! of sheets and what `check` shows of them in `sheets`, of the notes beside a sheet in
//! `note`, and of what the ledger stored of a row in `ledger`.

mod details;
mod files;
mod holds;
mod ledger;
mod note;
mod sheets;

use chrono::{Datelike, NaiveDate};
use fee_sheet::{Flaw, Hold, LeftWhy, Remark, Unreadable};
use ingest_ledger::{Departures, RowState};

use super::{Words, numbered, quoted, rupees};
use crate::said::{FilePlace, Frame, Grounds, OfFile, OfNote, Place, Said};

#[cfg(test)]
pub(super) use details::DETAILS;

pub(super) struct Urdu;

const WRITE_AMOUNT: &str = "رقم ہندسوں میں لکھیں، جیسے 1500 یا 1500.50";
const WRITE_RUPEES: &str = "رقم روپوں میں لکھیں، جیسے 1500";
const WRITE_DATE: &str = "تاریخ یوں لکھیں: 2035-03-05 یا 5-Mar-2035";
const TYPE_AGAIN: &str = "کالم کا فارمیٹ ٹیکسٹ (Text) کریں اور شناختی نمبر دوبارہ لکھیں";

impl Words for Urdu {
    fn of_cell(&self, field: &str, shown: &str, said: &Said) -> String {
        match said {
            Said::Flaw(flaw) => of_flaw(shown, flaw),
            Said::OrderAssumed(date) => format!(
                "{shown} میں دن اور مہینہ دونوں طرح پڑھے جا سکتے ہیں، اسے {} سمجھا گیا ہے: شک سے بچنے کے لیے تاریخ یوں لکھیں: 2035-03-05",
                day(*date)
            ),
            Said::YearMayComeFirst(date) => format!(
                "{shown} کو {} سمجھا گیا ہے جو ابھی بہت دور ہے، ہو سکتا ہے سال شروع میں لکھا ہو: شک سے بچنے کے لیے تاریخ یوں لکھیں: 2035-03-05",
                day(*date)
            ),
            Said::DayNumberTaken(date) => format!(
                "{shown} کو اسپریڈشیٹ کا دن نمبر مان کر {} پڑھا گیا ہے: شک سے بچنے کے لیے تاریخ یوں لکھیں: 2035-03-05",
                day(*date)
            ),
            Said::DayNotShown(date) => format!(
                "شیٹ میں صرف {shown} نظر آتا ہے جبکہ خانے میں تاریخ {} ہے اور وہی لی گئی ہے: شک سے بچنے کے لیے پوری تاریخ دکھائیں، جیسے 2035-03-05",
                day(*date)
            ),
            Said::PaisaNotShown(paisa) => format!(
                "شیٹ میں {shown} نظر آتا ہے جبکہ خانے میں {} ہے اور یہی رقم بھیجی جائے گی: شک سے بچنے کے لیے پورے روپے لکھیں، یا اعشاریہ کے بعد دو ہندسے دکھائیں",
                quoted(&rupees(*paisa))
            ),
            Said::Blank => format!("یہ خانہ خالی ہے: {}", advice(field)),
            Said::Nought => format!("{shown} صفر سے زیادہ نہیں ہے: {}", advice(field)),
            Said::Negative => format!(
                "{shown} صفر سے کم ہے، منفی کا نشان یا قوسین یہی بتاتے ہیں: {}",
                advice(field)
            ),
            Said::LateBelowAmount(amount) => format!(
                "{shown} اصل رقم سے کم ہے: {} یا اس سے زیادہ لکھیں، یا خانہ خالی چھوڑ دیں تو اصل رقم ہی لی جائے گی",
                rupees(*amount)
            ),
            Said::LateMuchHigher(amount) => format!(
                "{shown} اصل رقم ({}) کا تین گنا یا اس سے بھی زیادہ ہے: دیکھ لیں کہ کوئی ہندسہ زائد تو نہیں لکھا گیا",
                rupees(*amount)
            ),
            Said::YearOutOfRange => {
                format!("{shown} کا سال بل کے لیے بہت آگے کا ہے: {WRITE_DATE}")
            }
            Said::Past(today) => {
                format!("{shown} کی تاریخ گزر چکی ہے: {today} یا اس کے بعد کی تاریخ لکھیں")
            }
            Said::PastButSent => format!(
                "{shown} کی تاریخ گزر چکی ہے: بل بھیجا جائے گا، مگر مقررہ تاریخ کے بعد والی رقم فوراً لاگو ہو جائے گی"
            ),
            Said::TooLong(chars, most) => format!(
                "{shown} میں {chars} حروف ہیں اور زیادہ سے زیادہ {most} بھیجے جاتے ہیں: {}",
                advice(field)
            ),
            Said::Trimmed(sent) => format!(
                "اس کے شروع یا آخر میں فالتو خالی جگہ ہے، یا اندر نئی سطر: اسے {} لکھ کر بھیجا جائے گا",
                quoted(sent)
            ),
            Said::Unseen(unseen, sent) => format!(
                "اس میں ایسے نشان ہیں جو نظر نہیں آتے ({}): انہیں نکال کر {} بھیجا جائے گا",
                numbered(unseen),
                quoted(sent)
            ),
            Said::LaterRowCounts(place) => format!(
                "یہی شناختی نمبر {} میں دوبارہ آیا ہے اور آخری والا مانا جاتا ہے: اس قطار کے لیے کچھ نہیں بھیجا جائے گا",
                named(place)
            ),
            Said::LaterRowsCount => "یہی شناختی نمبر نیچے دوبارہ آیا ہے اور اس کی آخری قطار مانی جاتی ہے: اس قطار کے لیے کچھ نہیں بھیجا جائے گا".to_owned(),
            Said::Twice(others, more) => format!(
                "یہ شناختی نمبر فائل میں ایک سے زیادہ بار آیا ہے ({} میں بھی): ان میں سے کوئی نہیں بھیجا جائے گا؛ ہر ادا کرنے والے کی ایک ہی قطار رکھیں، یا ہر ایک کو اس کا اپنا نمبر دیں",
                listed(others, *more)
            ),
            Said::AllTwice => "یہ شناختی نمبر فائل میں ایک سے زیادہ بار آیا ہے: اس کی کوئی قطار نہیں بھیجی جائے گی؛ ہر ادا کرنے والے کی ایک ہی قطار رکھیں، یا ہر ایک کو اس کا اپنا نمبر دیں".to_owned(),
            Said::InOrigin(place) => format!(
                "یہ شناختی نمبر اُس فائل میں بھی ہے جس کی یہ قطار درستی ہے ({}، حالت `{}`)، اس لیے اس قطار کے لیے کچھ نہیں بھیجا جائے گا: ہر ادا کرنے والے کو اس کا اپنا نمبر دیں، یا یہ قطار نکال دیں",
                of_file_named(place),
                place.state
            ),
            Said::LaterInOrigin(place) => format!(
                "یہ شناختی نمبر اُس فائل میں نیچے دوبارہ آیا ہے جس کی یہ قطار درستی ہے ({})، اور آخری والا مانا جاتا ہے: اس قطار کے لیے کچھ نہیں بھیجا جائے گا",
                of_file_named(place)
            ),
            Said::Twin(place) => format!(
                "یہ شناختی نمبر {} کے نمبر سے صرف بڑے چھوٹے حروف یا حروف کے لکھنے کے انداز میں مختلف ہے: اگر ادا کرنے والا ایک ہی ہے تو دونوں کو ایک ہی طرح لکھیں",
                named(place)
            ),
        }
    }

    fn of_file(&self, refusal: &Unreadable) -> Option<String> {
        Some(files::of_file(refusal))
    }

    fn of_hold(&self, hold: &Hold) -> Option<String> {
        holds::of_hold(hold)
    }

    fn of_remark(&self, remark: &Remark) -> Option<String> {
        sheets::of_remark(remark)
    }

    fn of_left(&self, why: &LeftWhy) -> Option<String> {
        sheets::of_left(why)
    }

    fn of_departures(&self, departures: &Departures) -> Option<String> {
        Some(holds::of_departures(departures))
    }

    fn of_the_file(&self, said: &OfFile) -> String {
        sheets::of_the_file(said)
    }

    fn of_grounds(&self, grounds: &Grounds) -> String {
        sheets::of_grounds(grounds)
    }

    fn of_frame(&self, frame: &Frame) -> String {
        sheets::of_frame(frame)
    }

    fn of_note(&self, said: &OfNote) -> String {
        note::of_note(said)
    }

    fn of_stored(&self, state: RowState, words: &str) -> String {
        ledger::of_stored(state, words)
    }

    fn label(&self, field: &str) -> &'static str {
        match field {
            "title" => "نام",
            "identifier" => "شناختی نمبر",
            "amount" => "رقم",
            "due_date" => "آخری تاریخ",
            "amount_after_due_date" => "آخری تاریخ کے بعد رقم",
            _ => "",
        }
    }
}

fn of_flaw(shown: &str, flaw: &Flaw) -> String {
    match flaw {
        Flaw::NotANumber => format!("{shown} کوئی رقم نہیں ہے: {WRITE_AMOUNT}"),
        Flaw::OddGrouping => format!(
            "{shown} میں کومے، نقطے یا خالی جگہیں ایسی ہیں کہ رقم واضح نہیں: اسے یوں لکھیں: 1500 یا 150,000 یا 1,50,000"
        ),
        Flaw::Percentage => format!("{shown} فی صد ہے، رقم نہیں: {WRITE_RUPEES}"),
        Flaw::OtherCurrency(sign) => {
            format!(
                "{shown} کی رقم {} میں ہے، جبکہ بل روپوں میں بنتا ہے: {WRITE_RUPEES}",
                quoted(sign)
            )
        }
        Flaw::TooManyDecimals => format!(
            "{shown} میں اعشاریہ کے بعد دو سے زیادہ ہندسے ہیں: اسے پیسوں تک محدود کریں، جیسے 1500.50"
        ),
        Flaw::TooLarge => {
            format!("{shown} بہت بڑی رقم ہے: ایک بل کی رقم روپوں میں لکھیں، جیسے 1500")
        }
        Flaw::NotADate => format!("{shown} کوئی تاریخ نہیں ہے: {WRITE_DATE}"),
        Flaw::NoSuchDay => format!("{shown} جیسا دن کیلنڈر میں نہیں ہے: {WRITE_DATE}"),
        Flaw::IncompleteDate => format!(
            "{shown} میں دن یا سال نہیں لکھا گیا: پوری تاریخ لکھیں، جیسے 2035-03-05 یا 5-Mar-2035"
        ),
        Flaw::AmbiguousDate => {
            format!("{shown} میں دن اور مہینہ دونوں طرح پڑھے جا سکتے ہیں: {WRITE_DATE}")
        }
        Flaw::DoubtfulYear => format!(
            "{shown} کا سال اس صدی کا بھی ہو سکتا ہے اور پچھلی صدی کا بھی: سال کے چاروں ہندسے لکھیں، جیسے 2035-03-05"
        ),
        Flaw::PrecisionLost => format!(
            "اسپریڈشیٹ نے یہ شناختی نمبر بگاڑ کر {shown} کر دیا ہے اور اس کے آخری ہندسے ضائع ہو گئے ہیں: {TYPE_AGAIN}"
        ),
        Flaw::TurnedIntoDate => {
            format!("اسپریڈشیٹ نے اس شناختی نمبر کو تاریخ {shown} بنا دیا ہے: {TYPE_AGAIN}")
        }
        Flaw::Exchanged { name } => format!(
            "{shown} کوئی نمبر نہیں بلکہ لفظ ہے، اور نام کی جگہ {} لکھا ہے: دونوں آپس میں بدل گئے لگتے ہیں، ہر ایک کو اپنے کالم میں لکھیں",
            quoted(name)
        ),
        Flaw::TooNarrow => format!(
            "فائل محفوظ کرتے وقت کالم تنگ تھا، اس لیے صرف {shown} باقی رہا: کالم چوڑا کر کے فائل دوبارہ محفوظ کریں، یا اصل قدر خود لکھیں"
        ),
        Flaw::ShownOtherwise { shown, held } => format!(
            "نمبر فارمیٹ کی وجہ سے شیٹ یہاں {} دکھاتی ہے، جبکہ خانے میں {} ہے: خانے کو سادہ نمبر فارمیٹ دیں، دیکھیں کہ ان میں سے کیا درست ہے، اور شیٹ دوبارہ محفوظ کریں",
            if shown.is_empty() { "کچھ نہیں".to_owned() } else { quoted(shown) },
            quoted(held)
        ),
        Flaw::ErrorCell(error) => {
            format!("اس خانے میں خرابی {error} نظر آ رہی ہے: فارمولا درست کریں، یا اصل قدر خود لکھیں")
        }
        Flaw::MoreCells { cells, headings } => format!(
            "اس سطر میں {cells} خانے ہیں اور عنوان {headings}، اس لیے قدریں غلط کالم میں ہو سکتی ہیں: جس قدر میں کوما ہو اسے واوین (\") میں لکھیں، یا ہر کالم کو عنوان دیں"
        ),
        Flaw::FormulaWithoutValue => "اس خانے کے فارمولے کا حساب کبھی نہیں ہوا: فائل کو اسپریڈشیٹ پروگرام میں کھول کر محفوظ کریں، یا اصل قدر خود لکھیں".to_owned(),
    }
}

fn advice(field: &str) -> &'static str {
    match field {
        "title" => "ادا کرنے والے کا نام لکھیں",
        "identifier" => "ادا کرنے والے کا وہ نمبر لکھیں جو اسکول میں ہے",
        "amount" => "فیس روپوں میں لکھیں، جیسے 1500",
        "due_date" => "ادائیگی کی آخری تاریخ لکھیں، جیسے 2035-08-31",
        "amount_after_due_date" => {
            "رقم روپوں میں لکھیں، جیسے 1500، یا خانہ خالی چھوڑ دیں تو اصل رقم ہی لی جائے گی"
        }
        _ => "جو یہاں ہونا چاہیے وہ لکھیں",
    }
}

/// `5 مارچ 2035`, in quotes.
fn day(date: NaiveDate) -> String {
    const MONTHS: [&str; 12] = [
        "جنوری",
        "فروری",
        "مارچ",
        "اپریل",
        "مئی",
        "جون",
        "جولائی",
        "اگست",
        "ستمبر",
        "اکتوبر",
        "نومبر",
        "دسمبر",
    ];
    let month = MONTHS.get(date.month0() as usize).copied().unwrap_or("");
    format!("`{} {month} {}`", date.day(), date.year())
}

fn of_file_named(place: &FilePlace) -> String {
    format!(
        "فائل {} کی شیٹ {} کی قطار {}",
        quoted(&place.file),
        quoted(&place.sheet),
        place.row
    )
}

fn named(place: &Place) -> String {
    match &place.sheet {
        None => format!("قطار {}", place.row),
        Some(sheet) => format!("شیٹ {} کی قطار {}", quoted(sheet), place.row),
    }
}

fn listed(places: &[Place], more: usize) -> String {
    let named: Vec<String> = places.iter().map(named).collect();
    match more {
        0 => named.join("، "),
        more => format!("{} اور {more} مزید", named.join("، ")),
    }
}
