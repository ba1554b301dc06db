//! The notes beside a sheet, in Urdu.

use ingest_ledger::HoldKind;

use crate::commands::printing::grouped;
use crate::language::quoted;
use crate::said::OfNote;

pub(super) fn of_note(note: &OfNote) -> String {
    match note {
        OfNote::Waits { file, file_id } => {
            format!(
                "{} (فائل {file_id}): یہ کسی شخص کے فیصلے کا انتظار کر رہی ہے۔",
                quoted(file)
            )
        }
        OfNote::Held(1) => "1 قطار رکی ہوئی ہے".to_owned(),
        OfNote::Held(n) => format!("{} قطاریں رکی ہوئی ہیں", grouped(*n)),
        OfNote::Rows(1) => "1 قطار".to_owned(),
        OfNote::Rows(n) => format!("{} قطاریں", grouped(*n)),
        OfNote::More(n) => format!(
            "اور {} مزید؛ نتیجے کی شیٹ میں ہر ایک کی وجہ ہے",
            grouped(*n)
        ),
        OfNote::Numbers {
            numbers,
            one,
            sheet,
        } => {
            let rows = if *one { "قطار" } else { "قطاریں" };
            match sheet {
                Some(sheet) => format!("شیٹ {} کی {rows} {numbers}", quoted(sheet)),
                None => format!("{rows} {numbers}"),
            }
        }
        OfNote::Decides {
            kind,
            file_id,
            named,
        } => deciding(*kind, *file_id, named.as_deref()),
        OfNote::Behind { named, file_id } => {
            let approved = match named {
                true => format!(
                    "`ingestd approve {file_id}` صرف یہ روک ہٹاتا ہے: پھر ہر قطار اپنی وجہ کے مطابق چلتی ہے"
                ),
                false => format!(
                    "اس کی قطاریں اپنی اپنی وجہ سے بھی رکی ہوئی ہیں: `ingestd approve {file_id}` پہلے وہ روکیں ہٹاتا ہے، اور دوبارہ چلانے پر یہ بھی"
                ),
            };
            format!("منتظم فیصلہ کرے: {approved}؛ `ingestd cancel {file_id}` اسے کبھی نہیں بھیجتا")
        }
        OfNote::Unknown { rows, .. } => format!(
            "{} قطاریں ایسی ہیں جن کا معلوم نہیں کہ ہب نے لیں یا نہیں۔\n  ہب سے بار بار پوچھا جاتا ہے؛ منتظم `ingestd status` میں دیکھے کہ فیصلہ کیسے ہو",
            grouped(*rows)
        ),
        OfNote::SameBytes {
            name,
            of,
            taken_at,
            file_id,
        } => format!(
            "{} میں بالکل وہی ہے جو {} میں تھا، جو {taken_at} کو فائل {file_id} کے طور پر لی گئی تھی۔\nاس کے لیے دوبارہ کچھ نہیں بھیجا گیا۔ `ingestd export {file_id}` فائل {file_id} کے نتیجے لکھتا ہے۔",
            quoted(name),
            quoted(of)
        ),
        OfNote::NothingSent(name) => format!(
            "{} میں سے کچھ نہیں بھیجا گیا۔ فائل درست کریں اور دوبارہ فولڈر میں ڈالیں۔",
            quoted(name)
        ),
    }
}

fn deciding(kind: HoldKind, file_id: i64, named: Option<&str>) -> String {
    let approve = match named {
        Some(named) => format!("`ingestd approve {file_id}{named}`"),
        None => format!(
            "فائل {file_id} کی منظوری `--rows` اور قطاروں کے نمبروں کے ساتھ (شیٹیں کئی ہوں تو `--sheet` بھی)"
        ),
    };
    let cancel = format!("`ingestd cancel {file_id}`");
    let whole =
        format!("منتظم فیصلہ کرے: `ingestd approve {file_id}`، یا نہ بھیجنے کے لیے {cancel}");
    match kind {
        HoldKind::Waits => format!(
            "پہلی قطار مکمل ہونے پر یہ خود بخود آگے چلیں گی۔ منتظم پھر بھی بھیج سکتا ہے: {approve}"
        ),
        HoldKind::Overtaken => format!(
            "اب بھیجی گئیں تو نئی قطار کی جگہ لے لیں گی یا دوسرا بل بن جائیں گی۔ منتظم فیصلہ کرے: {approve}، یا نہ بھیجنے کے لیے {cancel}"
        ),
        HoldKind::Elsewhere => format!(
            "ہو سکتا ہے ناکام قطار کا بل پھر بھی بن گیا ہو۔ اگر ہب کے اپنے صفحات کے مطابق اس کا کوئی بل ادا ہونا باقی نہیں تو منتظم بھیج سکتا ہے: {approve}؛ یا کبھی نہیں: {cancel}"
        ),
        HoldKind::ChangedPaid => format!(
            "پہلا بل ادا ہو چکا ہے، اس لیے بھیجنے سے ادا کرنے والے کا دوسرا بل بنے گا۔ منتظم فیصلہ کرے: {approve}، یا نہ بھیجنے کے لیے {cancel}"
        ),
        HoldKind::Unseen => format!(
            "جب ہب وہ درخواست دوبارہ دکھائے گا تو یہ خود بخود آگے چلیں گی۔ اگر ہب کے اپنے صفحات کے مطابق اس کا کوئی بل ادا ہونا باقی نہیں تو منتظم بھیج سکتا ہے: {approve}؛ یا کبھی نہیں: {cancel}"
        ),
        HoldKind::Changed | HoldKind::Later => {
            let named = named.unwrap_or_default();
            format!(
                "منتظم فیصلہ کرے: `ingestd approve {file_id}{named}`، یا نہ بھیجنے کے لیے {cancel}"
            )
        }
        HoldKind::Approval
        | HoldKind::File
        | HoldKind::Refused
        | HoldKind::TooLarge
        | HoldKind::Token => whole,
    }
}
