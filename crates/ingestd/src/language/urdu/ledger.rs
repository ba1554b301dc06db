//! What the ledger stored of a row or a file, in Urdu. It is stored in English, sentence by
//! sentence known; what is none of them are the hub's words, or a program's, and they are quoted.

use ingest_ledger::{RowState, Sentence};

use crate::language::{is_urdu, quoted};

/// What was stored of a row in this state, or of why it is held.
pub(super) fn of_stored(state: RowState, words: &str) -> String {
    if words.trim().is_empty() || says_it_in_urdu(words) {
        return words.to_owned();
    }
    if let Some((sentence, fillings)) = Sentence::of(words) {
        return said(sentence, &fillings);
    }
    // What the hub said later stands behind what was known.
    if let Some((known, later)) = words.rsplit_once("; ")
        && let Some((Sentence::Contradicted, fillings)) = Sentence::of(later)
    {
        let later = said(Sentence::Contradicted, &fillings);
        return format!("{}؛ {later}", of_stored(state, known));
    }
    let words = cited(words);
    match state {
        RowState::Rejected | RowState::Errored | RowState::Discarded => {
            format!("ہب کا جواب: {words}")
        }
        RowState::Held => format!("کسی شخص کے فیصلے کا انتظار ہے ({words})"),
        RowState::Unknown => {
            format!("معلوم نہیں کہ ہب نے اسے لیا یا نہیں، ہب سے پوچھا جا رہا ہے ({words})")
        }
        RowState::Ready | RowState::Sending => {
            format!("ابھی نہیں بھیجی جا سکی، دوبارہ کوشش کی جائے گی ({words})")
        }
        RowState::Invalid
        | RowState::Corrected
        | RowState::Skipped
        | RowState::Accepted
        | RowState::Billed
        | RowState::Paid => words,
    }
}

/// Whether its own words, outside of what it quotes, are in Urdu.
fn says_it_in_urdu(words: &str) -> bool {
    words.split('`').step_by(2).any(|own| own.contains(is_urdu))
}

fn said(sentence: Sentence, fillings: &[&str]) -> String {
    let raw = |at: usize| fillings.get(at).copied().unwrap_or_default();
    let filled = |at: usize| piece(raw(at));
    use Sentence as S;
    match sentence {
        S::Overtaken => format!(
            "اسی شناختی نمبر کی ایک نئی قطار اس سے پہلے بھیجی جا چکی ہے: {}، آخری تاریخ {}، حالت {}۔ اب یہ قطار بھیجی گئی تو اُس کی جگہ لے لے گی یا دوسرا بل بن جائے گی۔ اگر یہی مقصود ہے: {}",
            filled(0),
            filled(1),
            filled(2),
            filled(3)
        ),
        S::Waits => format!(
            "یہ اسی شناختی نمبر کے ایک اور بل کا انتظار کر رہی ہے: {}، حالت {}؛ وہ مکمل ہونے پر یہ خود بخود دوبارہ دیکھی جائے گی",
            filled(0),
            filled(1)
        ),
        S::SamePaid => format!("یہی بل پہلے ہی ادا ہو چکا ہے: {}", filled(0)),
        S::SameMade => format!("یہی بل پہلے ہی بن چکا ہے: {}", filled(0)),
        S::Changed => format!(
            "اس شناختی نمبر اور آخری تاریخ کا ایک بل موجود ہے جو ادا نہیں ہوا ({})، اور اس قطار کی قدریں مختلف ہیں: {}۔ اُس کی جگہ یہ بھیجنے کے لیے: {}؛ اُسے رہنے دینے کے لیے: `ingestd cancel {}`",
            filled(0),
            list(raw(1)),
            filled(2),
            raw(3)
        ),
        S::ChangedPaid => format!(
            "اس شناختی نمبر اور آخری تاریخ کا بل ادا ہو چکا ہے ({})، اور اس قطار کی قدریں مختلف ہیں: {}۔ بھیجی گئی تو ادا کرنے کے لیے دوسرا بل بن جائے گی۔ اگر یہی مقصود ہے: {}",
            filled(0),
            list(raw(1)),
            filled(2)
        ),
        S::Later => format!(
            "ایک بل موجود ہے جو ادا نہیں ہوا اور جس کی آخری تاریخ {} اس قطار کے بعد کی ہے ({})؛ یہ قطار بھیجنے سے وہ منسوخ ہو جائے گا۔ اگر یہی مقصود ہے: {}",
            filled(0),
            filled(1),
            filled(2)
        ),
        S::Unseen => format!(
            "اسی شناختی نمبر کا ایک بل ({}، حالت {}) درخواست {} میں گیا تھا اور ہب اب وہ درخواست نہیں دکھاتا: معلوم نہیں ہو سکتا کہ وہ بل ادا ہو گیا یا باقی ہے۔ جب ہب دکھائے گا تو یہ خود بخود دوبارہ دیکھی جائے گی؛ پھر بھی اس قطار کا بل بنانا ہو تو: {}",
            filled(0),
            filled(1),
            filled(2),
            filled(3)
        ),
        S::Discards => format!(
            "یہ {} کے اُس بل کی جگہ لیتا ہے جو ادا نہیں ہوا، آخری تاریخ {} ({})، اور ہب اُسے منسوخ کر دیتا ہے",
            filled(0),
            filled(1),
            filled(2)
        ),
        S::Elsewhere => format!(
            "{}، مگر ہب پر درخواست {} میں، جسے یہ ڈیٹابیس نہیں جانتا، اس کا بل ہو سکتا ہے ({})۔ اگر ہب کے اپنے صفحات کے مطابق اس کا کوئی بل ادا ہونا باقی نہیں: {}؛ اگر یہ قطار نہیں بھیجنی: `ingestd cancel {}`",
            filled(0),
            filled(1),
            filled(2),
            filled(3),
            raw(4)
        ),
        S::ItselfElsewhere => {
            "یہ قطار پہلے بھیجی گئی تھی اور ہب کے کہنے کے مطابق اس نے نہیں لی".to_owned()
        }
        S::OtherElsewhere => format!(
            "اسی شناختی نمبر کی ایک قطار ہب کے کہنے کے مطابق اس نے نہیں لی ({})",
            filled(0)
        ),
        S::TokenUnknown => {
            token("اس قطار کا چھپا ہوا نشان اس اکاؤنٹ کی کسی قطار کا نہیں ہے".to_owned(), raw(0))
        }
        S::TokenArchived => token(
            format!(
                "جس قطار کا یہ چھپا ہوا نشان ہے وہ پرانی ہے اور ذخیرے میں رکھ دی گئی ہے؛ `ingestd archive --restore {}` اسے واپس لاتا ہے",
                raw(0)
            ),
            raw(1),
        ),
        S::TokenTwice => token(
            "اس قطار کا چھپا ہوا نشان اسی فائل کی کسی اور قطار پر بھی ہے، جبکہ ایک قطار ایک ہی بار درست کی جاتی ہے (کیا قطار نقل کی گئی تھی؟)".to_owned(),
            raw(0),
        ),
        S::TokenUsed => token(
            "جس قطار کا یہ چھپا ہوا نشان ہے وہ پہلے ہی درست کی جا چکی ہے".to_owned(),
            raw(0),
        ),
        S::TokenOfAWellRow => token(
            format!(
                "جس قطار کا یہ چھپا ہوا نشان ہے اسے درستی کی ضرورت نہیں، اس کی حالت {} ہے",
                filled(0)
            ),
            raw(1),
        ),
        S::Corrected => format!("فائل {} کی ایک درست کی ہوئی قطار نے اس کی جگہ لے لی", filled(0)),
        S::Cancelled => "بھیجنے سے پہلے منسوخ کر دی گئی".to_owned(),
        S::CancelledAndRefused => {
            format!("منسوخ کر دی گئی؛ ہب نے بھی اسے نہیں لیا تھا: {}", cited(raw(0)))
        }
        S::RefusedWhole => format!(
            "ہب نے پوری درخواست رد کر دی اور کسی قطار کا نام نہیں لیا: {}",
            cited(raw(0))
        ),
        S::RowTooLarge => format!("ہب کے لیے یہ ایک قطار ہی بہت بڑی ہے: {}", cited(raw(0))),
        S::Halved => format!("ہب کے لیے بہت بڑی تھی، آدھی آدھی بھیجی گئی: {}", cited(raw(0))),
        S::Found => format!("ہب پر درخواست {} کے طور پر مل گئی", filled(0)),
        S::SentAgain => format!(
            "ہب کی {} مکمل فہرستوں میں نہیں ملی؛ `resend_absent_after` کے مطابق دوبارہ بھیجی گئی",
            filled(0)
        ),
        S::ServiceStopped => {
            "بھیجنے کے دوران پروگرام رک گیا تھا: ہب سے پوچھا جا رہا ہے".to_owned()
        }
        S::OthersRequest => format!(
            "ہب نے نمبر {} بتایا جو کسی اور درخواست کا ہے: ہب سے پوچھا جا رہا ہے",
            filled(0)
        ),
        S::NotNamed => {
            "ہب نے دوسری قطاریں رد کیں اور اس کا نام نہیں لیا: ہب سے پوچھا جا رہا ہے".to_owned()
        }
        S::NotShown => {
            "ہب کے جواب میں یہ قطار نہیں ہے: درخواست سے دیکھا جا رہا ہے".to_owned()
        }
        S::NotListedYet => format!(
            "درخواست {} میں اس کے ساتھ کی قطاریں ہیں مگر یہ ابھی نہیں",
            filled(0)
        ),
        S::RequestGone => format!(
            "ہب نے کہا تھا کہ یہ قطار درخواست {} میں لے لی گئی، اور اب وہ درخواست نہیں دکھاتا: `ingestd status` بتاتا ہے کہ فیصلہ کیسے ہو",
            filled(0)
        ),
        S::NotListedAnyMore => {
            "ہب نے اس قطار کی تصدیق کی تھی اور اب اپنی فہرست میں نہیں دکھاتا: `ingestd status` بتاتا ہے کہ فیصلہ کیسے ہو".to_owned()
        }
        S::ReasonLost => "ہب نے اس کا بل نہیں رکھا اور وجہ معلوم نہیں".to_owned(),
        S::SaidTaken => format!("ایک شخص کے کہنے کے مطابق یہ ہب پر درخواست {} میں ہے", filled(0)),
        S::PaidMeanwhile => format!(
            "جس بل کی جگہ یہ بل بنا وہ اسی دوران ادا ہو گیا ({}): ادا کرنے والا دو بار ادا کر سکتا ہے",
            filled(0)
        ),
        S::Contradicted => format!(
            "ہب نے بعد میں اس کی حالت {} بتائی جبکہ پہلے {} تھی",
            filled(0),
            filled(1)
        ),
        S::PastWhenSent => {
            "آخری تاریخ گزر چکی ہے: آج یا اس کے بعد کی تاریخ لکھیں".to_owned()
        }
        S::WithPsid => format!("{}، PSID {}", filled(0), filled(1)),
        S::LateDiffers => format!(
            "آخری تاریخ کے بعد رقم {} کی بجائے {}",
            filled(1),
            filled(0)
        ),
        S::AmountDiffers => format!("رقم {} کی بجائے {}", filled(1), filled(0)),
        S::TitleDiffers => "نام مختلف ہے".to_owned(),
        S::Rupees => format!("{} روپے", filled(0)),
        S::InNoKnownState => "معلوم نہیں".to_owned(),
        S::ForeignPayment => format!(
            "ہب پر درخواست {} کا بل {}، جو اس ڈیٹابیس نے نہیں بنایا",
            filled(1),
            filled(0)
        ),
        S::ForeignPaymentUnnumbered => format!(
            "ہب پر درخواست {} کا ایک بل، جو اس ڈیٹابیس نے نہیں بنایا",
            filled(0)
        ),
        S::HubPayment => format!("ہب پر درخواست {} کا بل {}", filled(1), filled(0)),
        S::BillsToo => format!("وہ {} کا بل بھی بناتی ہے", quoted(raw(0))),
        S::NotWorkedOff => "ہب نے ابھی اس پر کام مکمل نہیں کیا".to_owned(),
        S::RowOf => format!("فائل {} کی قطار {}", quoted(raw(1)), filled(0)),
    }
}

fn token(why: String, file_id: &str) -> String {
    format!("{why}۔ پھر بھی یہ قطار بھیجنی ہو تو: `ingestd approve {file_id}`")
}

/// What fills a gap: a piece that is known, a number, a command in its quotes; anything else is
/// somebody's own word.
fn piece(filling: &str) -> String {
    if let Some((sentence, fillings)) = Sentence::of(filling) {
        return said(sentence, &fillings);
    }
    let is_command = filling.starts_with('`') && filling.ends_with('`');
    if is_command || !filling.chars().any(char::is_alphabetic) {
        return filling.to_owned();
    }
    cited(filling)
}

fn list(fillings: &str) -> String {
    let pieces = fillings.split(Sentence::BETWEEN).map(piece);
    pieces.collect::<Vec<_>>().join("، ")
}

/// Somebody's words as they are, in quotes.
fn cited(words: &str) -> String {
    format!("`{}`", words.trim().replace('`', "'"))
}
