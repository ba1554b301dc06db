//! Why a file waits for a person, in Urdu.

use fee_sheet::{BesideWhat, Changed, FieldNamed, Hold, HoldWhy, Place};
use ingest_ledger::{Departures, Difference};

use super::Urdu;
use crate::language::{Words, quoted, rupees};

pub(super) fn of_hold(hold: &Hold) -> Option<String> {
    let sheet = quoted(&hold.sheet);
    Some(match &hold.why {
        HoldWhy::More { count } => format!(
            "ایسی {count} باتیں اور ہیں (آخری شیٹ {sheet} میں): انہیں بھی درست کریں، یا منظوری دیں"
        ),
        HoldWhy::HiddenRows { rows, last } => format!(
            "شیٹ {sheet} میں چھپی ہوئی قطاریں ہیں ({rows}، آخری قطار {last}): انہیں ظاہر کریں یا مٹا دیں، یا منظوری دیں کہ ان کے بل بھی بنیں"
        ),
        HoldWhy::StruckRows { rows, last } => format!(
            "شیٹ {sheet} میں ایسی قطاریں ہیں جن میں کچھ لکیر پھیر کر کاٹا گیا ہے ({rows}، آخری قطار {last}): جو کاٹا گیا ہے اسے مٹا دیں، یا منظوری دیں کہ ان کے بل بھی بنیں"
        ),
        HoldWhy::RowsAbove {
            rows,
            last,
            headings,
        } => format!(
            "شیٹ {sheet} میں سرخیوں (قطار {headings}) کے اوپر ایسی سطریں ہیں جو قطاریں لگتی ہیں ({rows}، آخری قطار {last})، اور ان میں سے کسی کا بل نہیں بنے گا: کیا شیٹ کو سرخیوں سمیت ترتیب دیا گیا تھا؟ سرخیوں کو سب قطاروں کے اوپر لائیں، یا منظوری دیں کہ صرف نیچے والی قطاروں کے بل بنیں"
        ),
        HoldWhy::HeadingInOtherMoney {
            column,
            money,
            field,
        } => format!(
            "شیٹ {sheet} کے کالم {} کی سرخی {money} کی بات کرتی ہے جبکہ رقم روپوں میں ہوتی ہے: رقم روپوں میں لکھیں اور کالم کا نام {} رکھیں، یا منظوری دیں کہ اس کے ہندسے روپے سمجھے جائیں",
            place(column),
            label(field)
        ),
        HoldWhy::ShownInOtherMoney {
            column,
            sign,
            first,
        } => format!(
            "شیٹ {sheet} کا کالم {} رقم {sign} میں دکھاتا ہے ({}، قطار {}) جبکہ بل روپوں میں بنتا ہے: خانوں کا فارمیٹ بدلیں، یا رقم روپوں میں لکھیں، یا منظوری دیں کہ اس کے ہندسے روپے سمجھے جائیں",
            place(column),
            quoted(&first.text),
            first.row
        ),
        HoldWhy::LacksHeadings { missing } => format!(
            "شیٹ {sheet} میں بلوں کی سرخیاں تو ہیں مگر ان کے لیے کوئی سرخی نہیں: {}، اس لیے یہ چھوڑ دی گئی ہے: اس کے کالموں کے نام باقی شیٹوں کی طرح رکھیں، یا یہ شیٹ نکال دیں، یا منظوری دیں کہ صرف باقی شیٹیں بھیجی جائیں",
            labels(missing)
        ),
        HoldWhy::OtherHeadings {
            row,
            first,
            missing,
        } => format!(
            "شیٹ {sheet} کی قطار {row} میں قطار {first} سے مختلف سرخیاں ہیں، اور ان کے لیے کوئی سرخی نہیں: {}؛ اس سے نیچے کی سطریں چھوڑ دی گئی ہیں: سب کالموں کے نام قطار {first} کی طرح رکھیں، یا انہیں الگ شیٹ میں رکھیں، یا منظوری دیں کہ صرف اوپر کی سطریں بھیجی جائیں",
            labels(missing)
        ),
        HoldWhy::LateNotRead {
            column,
            field,
            amount: Some(amount),
            within: Some(within),
        } => {
            let own = &amount.letters;
            format!(
                "شیٹ {sheet} کا کالم {} تاخیر کی رقم کی بات کرتا ہے مگر وہ آخری تاریخ کے بعد کی پوری رقم نہیں ہے، اور کالم {} کی رقم میں یہ پہلے سے شامل ہے: اگر آخری تاریخ تک کالم {} ادا کرنا ہے تو ترتیبات میں `columns` کے تحت رقم کے لیے اس کا نام لکھیں اور کالم `{own}` کا نام اس کے لیے: {}؛ منظوری دینے پر پہلے دن سے کالم `{own}` بھیجا جائے گا جس میں تاخیر کی رقم شامل ہے",
                place(column),
                place(amount),
                place(within),
                label(field)
            )
        }
        HoldWhy::LateNotRead {
            column,
            field,
            amount,
            ..
        } => {
            let amount = amount.as_ref();
            let of_column = amount.map_or_else(String::new, |at| format!(" (کالم {})", place(at)));
            format!(
                "شیٹ {sheet} کا کالم {} تاخیر کی رقم کی بات کرتا ہے مگر وہ آخری تاریخ کے بعد کی پوری رقم نہیں ہے: آخری تاریخ کے بعد کی پوری رقم اس نام کے کالم میں لکھیں: {}، یا منظوری دیں کہ صرف اصل رقم{of_column} بھیجی جائے",
                place(column),
                label(field)
            )
        }
        HoldWhy::PaidAlready { column, row } => format!(
            "شیٹ {sheet} کے کالم {} کے مطابق کوئی بل پہلے ہی ادا ہو چکا ہے (پہلی ایسی قطار {row}): ادا شدہ قطاریں نکال دیں، یا منظوری دیں کہ ان کے بل پھر بھی بنیں",
            place(column)
        ),
        HoldWhy::NotToBeBilled { column, first } => format!(
            "شیٹ {sheet} کے کالم {} کے مطابق شاید کسی کا بل اب نہیں بننا چاہیے ({}، قطار {}): ایسی قطاریں نکال دیں، یا منظوری دیں کہ ان کے بل پھر بھی بنیں",
            place(column),
            quoted(&first.text),
            first.row
        ),
        HoldWhy::CalledPaid => format!(
            "شیٹ {sheet} کا نام ایسا ہے جیسے اس میں ادا شدہ بل ہوں یا وہ لوگ جو چھوڑ گئے ہیں: اسے نکال دیں، یا منظوری دیں کہ اس کی قطاروں کے بل پھر بھی بنیں"
        ),
        HoldWhy::SectionPaid { title } => format!(
            "شیٹ {sheet} میں {} (قطار {}) کے مطابق نیچے کی قطاروں کے بل ادا ہو چکے ہیں یا وہ لوگ چھوڑ گئے ہیں: ایسی قطاریں نکال دیں، یا منظوری دیں کہ ان کے بل پھر بھی بنیں",
            quoted(&title.text),
            title.row
        ),
        HoldWhy::OtherDateBelow { above, other } => format!(
            "شیٹ {sheet} میں {} (قطار {}) کی آخری تاریخ {} (قطار {}) سے مختلف ہے، جو سب قطاروں کو دی گئی ہے: ہر قطار کی آخری تاریخ ایک کالم میں لکھیں، یا منظوری دیں کہ سب اسی ایک تاریخ کے ساتھ بھیجے جائیں",
            quoted(&other.text),
            other.row,
            quoted(&above.text),
            above.row
        ),
        HoldWhy::Times {
            amount,
            times,
            first,
        } => {
            let own = &amount.letters;
            format!(
                "رقم شیٹ {sheet} کے کالم {} سے لی گئی ہے، جبکہ ہو سکتا ہے کالم {} بتاتا ہو کہ یہ کتنی بار ادا کرنی ہے ({}، قطار {}): جو کچھ ادا کرنا ہے وہ سب کالم `{own}` میں لکھیں، یا منظوری دیں کہ کالم `{own}` جیسا ہے ویسا ایک بار بھیجا جائے",
                place(amount),
                place(times),
                quoted(&first.text),
                first.row
            )
        }
        HoldWhy::IdentifiersChanged {
            column,
            how,
            first,
            count,
        } => {
            let (said, mend) = match how {
                Changed::Dates => (
                    "تاریخوں جیسے ہیں",
                    "ہو سکتا ہے اسپریڈشیٹ نے نمبروں کو تاریخ بنا دیا ہو، کالم کا فارمیٹ ٹیکسٹ (Text) کریں اور نمبر دوبارہ لکھیں",
                ),
                Changed::Noughts => (
                    "سب صفروں پر ختم ہوتے ہیں",
                    "ہو سکتا ہے اسپریڈشیٹ نے آخری ہندسے مٹا دیے ہوں، کالم کا فارمیٹ ٹیکسٹ (Text) کریں اور نمبر دوبارہ لکھیں",
                ),
                Changed::Pointed => (
                    "سب `.0` پر ختم ہوتے ہیں",
                    "ہو سکتا ہے کسی پروگرام نے انہیں اعشاریہ کے ساتھ لکھا ہو، انہیں اس کے بغیر لکھیں",
                ),
                Changed::Quoted => (
                    "کے شروع یا آخر میں واوین کا نشان ہے",
                    "ہو سکتا ہے یہ نشان ان کا حصہ نہ ہو، انہیں اس کے بغیر لکھیں",
                ),
            };
            format!(
                "شیٹ {sheet} کے کالم {} کے شناختی نمبر {said} ({}، قطار {}؛ کل {count}): {mend}، یا اگر وہ درست ہیں تو منظوری دیں",
                place(column),
                quoted(&first.text),
                first.row
            )
        }
        HoldWhy::MoneyBeside {
            amount,
            beside,
            instead,
        } => {
            let said = beside.iter().map(|(at, what)| {
                let what = match what {
                    BesideWhat::Charge => "میں بھی رقم ہے",
                    BesideWhat::LetOff => "میں رعایت ہے",
                    BesideWhat::Paid => "میں ادا شدہ رقم ہے",
                    BesideWhat::Sum => "میں ایک اور رقم ہے",
                };
                format!("کالم {} {what}", place(at))
            });
            let said: Vec<String> = said.collect();
            let letters: Vec<&str> = beside.iter().map(|(at, _)| at.letters.as_str()).collect();
            let own = &amount.letters;
            let instead = instead.as_ref().map_or_else(String::new, |at| {
                let letters = &at.letters;
                format!("اگر اصل میں کالم `{letters}` ادا کرنا ہے تو ترتیبات میں `columns` کے تحت رقم کے لیے اس کا نام لکھیں؛ ورنہ ")
            });
            format!(
                "رقم شیٹ {sheet} کے کالم {} سے لی گئی ہے، جبکہ {}: {instead}جو کچھ ادا کرنا ہے وہ سب کالم `{own}` میں لکھیں اور یہ کالم نکال دیں: `{}`، یا منظوری دیں کہ صرف کالم `{own}` بھیجا جائے؛ اگر ہر بار یہی درست ہے تو ترتیبات میں `columns` کے تحت اس کا نام لکھیں",
                place(amount),
                said.join("، "),
                letters.join(", ")
            )
        }
        HoldWhy::DatesDisagree {
            column,
            field,
            against,
            open,
            day_first,
            written,
        } => {
            let (first, other, form) = match day_first {
                true => ("دن", "مہینہ", "mm/dd/yyyy"),
                false => ("مہینہ", "دن", "dd/mm/yyyy"),
            };
            let heading = match written {
                true => "سرخی میں لکھی ترتیب درست کریں".to_owned(),
                false => {
                    let label = Urdu.label(field.name);
                    format!("اگر تاریخیں اسی ترتیب میں ہیں تو کالم کا نام `{label} ({form})` رکھیں")
                }
            };
            format!(
                "شیٹ {sheet} کے کالم {} کی تاریخیں ایک ترتیب میں نہیں: {} (قطار {}) میں {other} پہلے ہے اور {} (قطار {}) میں {first} پہلے پڑھا گیا ہے: تاریخیں یوں لکھیں: 2035-03-05، یا {heading}، یا منظوری دیں کہ جن میں شک ہو ان میں {first} پہلے پڑھا جائے",
                place(column),
                quoted(&against.text),
                against.row,
                quoted(&open.text),
                open.row
            )
        }
        HoldWhy::DatesTurned { column, text, date } => format!(
            "شیٹ {sheet} کے کالم {} میں اسپریڈشیٹ نے کچھ تاریخوں کو عبارت سمجھا ہے ({}، قطار {}) اور ہو سکتا ہے باقی میں دن اور مہینہ آپس میں بدل دیے ہوں ({}، قطار {}): تاریخیں یوں لکھیں: 2035-03-05، یا اگر نتیجے کی تاریخیں درست ہیں تو منظوری دیں",
            place(column),
            quoted(&text.text),
            text.row,
            quoted(&date.text),
            date.row
        ),
        HoldWhy::NoughtsLost {
            column,
            digits,
            padded,
            first,
            count,
        } => format!(
            "شیٹ {sheet} کے کالم {} کے شناختی نمبر {digits} ہندسوں کے ہیں اور صفر سے شروع ہوتے ہیں ({}، قطار {})، جبکہ {count} اس سے چھوٹے ہیں اور صفر سے شروع نہیں ہوتے (پہلا قطار {first} میں): ہو سکتا ہے اسپریڈشیٹ نے صفر ہٹا دیے ہوں، کالم کا فارمیٹ ٹیکسٹ (Text) کریں اور نمبر دوبارہ لکھیں، یا اگر وہ درست ہیں تو منظوری دیں",
            place(column),
            quoted(&padded.text),
            padded.row
        ),
        HoldWhy::OneColumnOff {
            row,
            cells,
            headings,
            bare,
        } => format!(
            "شیٹ {sheet} کی قطار {row} میں {cells} خانے ہیں اور سرخیاں {headings}، جن میں سے `{}` کا کوئی نام نہیں، اس لیے قدریں غلط کالم میں ہو سکتی ہیں: خالی سرخی نکال دیں، یا ہر قطار میں وہ خانہ خالی چھوڑیں، یا اگر کالم درست پڑھے گئے ہیں تو منظوری دیں",
            bare.join(", ")
        ),
        HoldWhy::EndsEarly {
            column,
            first,
            count,
            cells,
            headings,
        } => format!(
            "شیٹ {sheet} کی {count} قطاریں (پہلی قطار {first}) کالم {} پر ختم ہو جاتی ہیں، {headings} میں سے {cells} خانوں کے بعد، جبکہ باقی قطاریں آگے جاتی ہیں: ہو سکتا ہے دو قدریں مل گئی ہوں، انہیں الگ کریں، یا آخری خانے خالی چھوڑیں، یا اگر وہ درست ہیں تو منظوری دیں",
            place(column)
        ),
        HoldWhy::BesideText {
            column,
            bare,
            first,
        } => format!(
            "شیٹ {sheet} کے کالم `{bare}` کی کوئی سرخی نہیں اور وہ کالم {} کے بعد ہے: جو کچھ اس میں بعض قطاروں میں ہے ({}، قطار {}) وہ اسی قدر کا باقی حصہ ہو سکتا ہے جو کومے سے کٹ گیا: ایسی قدر واوین میں لکھیں، یا کالم کو سرخی دیں، یا اگر ایسا نہیں تو منظوری دیں",
            place(column),
            quoted(&first.text),
            first.row
        ),
        HoldWhy::TotalDiffers {
            row,
            field,
            said,
            above,
        } => format!(
            "شیٹ {sheet} کی میزان کی قطار ({row}) میں {} کا مجموعہ {} ہے مگر اوپر کی قطاروں کا مجموعہ {} بنتا ہے: دیکھیں کہ کوئی قطار رہ تو نہیں گئی، دو بار تو نہیں آئی یا غلط تو نہیں لکھی گئی، یا منظوری دیں کہ قطاریں جیسی ہیں ویسی بھیجی جائیں",
            label(field),
            rupees(*said),
            rupees(*above)
        ),
        HoldWhy::TotalAsRow { named, amount } => format!(
            "شیٹ {sheet} کی قطار {} کا نام {} ہے اور رقم {}، جو اوپر کی قطاروں کا مجموعہ ہے، اس لیے یہ میزان معلوم ہوتی ہے: اسے نکال دیں، یا منظوری دیں کہ اس کا بل بھی بنے",
            named.row,
            quoted(&named.text),
            rupees(*amount)
        ),
        HoldWhy::MergedRows { first, last } => format!(
            "شیٹ {sheet} کے خانے `{first}:{last}` کئی قطاروں پر ملے ہوئے (merged) ہیں اور قدر صرف پہلی قطار میں ہے: انہیں الگ کریں اور ہر قطار میں قدر لکھیں، یا منظوری دیں کہ قطاریں جیسی ہیں ویسی بھیجی جائیں"
        ),
        HoldWhy::TooManyMerged { limit } => format!(
            "شیٹ {sheet} میں {limit} سے زیادہ ملے ہوئے (merged) خانے ہیں جو سب دیکھے نہیں جا سکتے: خانے الگ کریں اور ہر قطار میں قدر لکھیں، یا منظوری دیں کہ قطاریں جیسی ہیں ویسی بھیجی جائیں"
        ),
        _ => return None,
    })
}

/// In what a file departs from those before it.
pub(super) fn of_departures(departures: &Departures) -> String {
    let said = departures.told().map(|departure| {
        let differences: Vec<String> = departure.differences.iter().map(difference).collect();
        format!(
            "شیٹ {} ویسے نہیں پڑھی جاتی جیسے فائل {} ({}) پڑھی گئی تھی: {}",
            quoted(&departure.sheet),
            departure.file_id,
            quoted(&departure.file_name),
            differences.join("؛ ")
        )
    });
    let said: Vec<String> = said.collect();
    format!(
        "{}۔ دیکھیں کہ یہ درست ہے یا نہیں (`ingestd map` ہر کالم دکھاتا ہے): درست ہے تو فائل منظور کریں اور آئندہ ایسی شیٹیں یونہی پڑھی جائیں گی؛ نہیں تو اسے منسوخ کریں اور سرخیاں درست کریں",
        said.join("؛ ")
    )
}

fn difference(difference: &Difference) -> String {
    let field = Urdu.label(&difference.field);
    match (&difference.before, &difference.now) {
        (Some(before), Some(now)) => {
            format!(
                "{field} پہلے {} تھا اور اب {} ہے",
                quoted(before),
                quoted(now)
            )
        }
        (Some(before), None) => {
            format!("{field} پہلے {} تھا اور اب کوئی کالم نہیں", quoted(before))
        }
        (None, now) => format!(
            "{field} اب {} ہے اور پہلے کوئی کالم نہیں تھا",
            quoted(now.as_deref().unwrap_or_default())
        ),
    }
}

pub(super) fn place(place: &Place) -> String {
    match &place.heading {
        Some(heading) => format!("`{}` {}", place.letters, quoted(heading)),
        None => format!("`{}`", place.letters),
    }
}

fn label(field: &FieldNamed) -> String {
    match Urdu.label(field.name) {
        "" => quoted(field.label),
        label => format!("{label} ({})", quoted(field.label)),
    }
}

fn labels(fields: &[FieldNamed]) -> String {
    fields.iter().map(label).collect::<Vec<_>>().join("، ")
}
