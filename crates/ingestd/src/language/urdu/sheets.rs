//! The sentences in Urdu that speak of a sheet or a file as a whole: what its
//! reader remarks, what is left out, and what `check` shows around the problems.

use fee_sheet::{LeftWhy, LineWhy, Remark, SheetWhy};

use super::details::{detail, names};
use super::holds::place;
use super::{Urdu, day};
use crate::commands::printing::{grouped, shown};
use crate::language::{Words, quoted};
use crate::said::{Frame, Grounds, OfFile};
use crate::sheet::rupees;

pub(super) fn of_remark(remark: &Remark) -> Option<String> {
    Some(match remark {
        Remark::Macros => {
            "فائل میں میکرو (macro) ہیں: وہ چلائے نہیں گئے، صرف قدریں پڑھی گئیں".to_owned()
        }
        Remark::HiddenSheet(sheet) => {
            format!("شیٹ {} چھپی ہوئی ہے اور چھوڑ دی گئی", quoted(sheet))
        }
        Remark::MergedCells { sheet, count } => format!(
            "شیٹ {} میں ملے ہوئے (merged) خانے ہیں ({count}): ہر ایک صرف اپنے پہلے خانے کے طور پر گنا جاتا ہے",
            quoted(sheet)
        ),
        Remark::NobodysFiles { files } => {
            format!(
                "آرکائیو میں یہ فائلیں پروگراموں نے رکھی تھیں اور چھوڑ دی گئیں: {}",
                names(files)
            )
        }
        Remark::Inside { member, remark } => {
            format!("{}: {}", quoted(member), of_remark(remark)?)
        }
        Remark::HiddenColumns { sheet, columns } => {
            let said = columns.iter().map(|(at, read)| match read {
                true => place(at),
                false => format!("{} (استعمال نہیں ہوا)", place(at)),
            });
            format!(
                "شیٹ {} میں چھپے ہوئے کالم ہیں جو باقی کالموں کی طرح پڑھے جاتے ہیں: {}",
                quoted(sheet),
                said.collect::<Vec<_>>().join("، ")
            )
        }
        Remark::DatesRead {
            sheet,
            column,
            month_first,
            proof,
        } => {
            let first = if *month_first { "مہینہ" } else { "دن" };
            format!(
                "شیٹ {} کے کالم {} کی تاریخوں میں {first} پہلے پڑھا گیا ہے، جیسا کہ {} (قطار {}) سے ظاہر ہے",
                quoted(sheet),
                place(column),
                quoted(&proof.text),
                proof.row
            )
        }
        Remark::DueDateAbove { sheet, shown, date } => format!(
            "شیٹ {} میں آخری تاریخ کا کوئی کالم نہیں: سب قطاروں کے لیے تاریخ {} (قطار {}) سے لی گئی ہے، یہ اندازہ ہے، اور اسے {} پڑھا گیا ہے",
            quoted(sheet),
            quoted(&shown.text),
            shown.row,
            day(*date)
        ),
        _ => return None,
    })
}

pub(super) fn of_left(why: &LeftWhy) -> Option<String> {
    let said = match why {
        LeftWhy::Line(why) => match why {
            LineWhy::HeadingsAgain => "سرخیاں دوبارہ",
            LineWhy::SecondLine => "سرخیوں کی دوسری سطر",
            LineWhy::OtherHeadings => {
                "دوسری سرخیاں، یا دوسرے کالموں میں: نیچے کی سطریں انہی کے مطابق پڑھی جاتی ہیں"
            }
            LineWhy::UnclearHeadings => "دوسری سرخیاں، جن میں سے کچھ نہیں ہیں",
            LineWhy::BelowUnclear => "ایسی سرخیوں کے نیچے جو پڑھی نہیں جا سکتیں",
            LineWhy::Total => "میزان کی قطار: یہ خود یہی بتاتی ہے",
            LineWhy::TotalBelow => "میزان کی قطار: آخری قطار کے نیچے صرف رقم",
            LineWhy::TotalOfRows => {
                "میزان کی قطار: اس کی رقم اوپر کی قطاروں کا مجموعہ ہے، اور کسی کا شناختی نمبر نہیں"
            }
            LineWhy::NoteBelow => "نوٹ یا دستخط: آخری قطار کے نیچے، رقم اور تاریخ کے بغیر",
            LineWhy::Note => "نوٹ ہے، قطار نہیں: یہ خود یہی بتاتا ہے",
            LineWhy::SignatureBelow => "دستخط: آخری قطار کے نیچے، کسی ہندسے کے بغیر",
            LineWhy::BankBelow => "بینک کی سطر: آخری قطار کے نیچے، شناختی نمبر اور تاریخ کے بغیر",
            LineWhy::Count => "گنتی ہے، قطار نہیں: یہ خود یہی بتاتی ہے",
            LineWhy::Drawn => "لکیر",
            LineWhy::Section => "حصے کا عنوان: صرف ایک خانہ",
            LineWhy::NoteWithin => "درمیان کی سطر: پڑھے جانے والے کالموں سے باہر ایک خانہ",
            LineWhy::Numbered => "کالموں کے نمبر",
            LineWhy::Continued => "ولدیت: اوپر کی قطار کا باقی حصہ",
            _ => return None,
        },
        LeftWhy::Sheet(why) => match why {
            SheetWhy::WithoutHeadings => {
                "شیٹ چھوڑ دی گئی: اس کی کسی سطر میں سب ضروری سرخیاں نہیں ہیں"
            }
            SheetWhy::Hidden => "شیٹ چھوڑ دی گئی: یہ چھپی ہوئی ہے",
            SheetWhy::Macros => "شیٹ چھوڑ دی گئی: اس میں میکرو (macro) ہیں، خانے نہیں",
            SheetWhy::FileEmpty => "فائل چھوڑ دی گئی: یہ خالی ہے",
            SheetWhy::FileIs(what) => {
                return Some(format!("فائل چھوڑ دی گئی: یہ شیٹ نہیں ({})", detail(what)));
            }
            _ => return None,
        },
    };
    Some(said.to_owned())
}

pub(super) fn of_the_file(said: &OfFile) -> String {
    match said {
        OfFile::LinesLeftOut(1) => "سرخیوں کے نیچے 1 سطر قطار نہیں ہے اور چھوڑ دی گئی".to_owned(),
        OfFile::LinesLeftOut(n) => {
            format!("سرخیوں کے نیچے {n} سطریں قطاریں نہیں ہیں اور چھوڑ دی گئیں")
        }
        OfFile::SheetsLeft(names, more) => {
            let named: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let named = named.join("، ");
            match (names.len(), more) {
                (1, 0) => format!("شیٹ {named} چھوڑ دی گئی"),
                (_, 0) => format!("شیٹیں {named} چھوڑ دی گئیں"),
                (_, more) => format!("شیٹیں {named} اور {more} مزید چھوڑ دی گئیں"),
            }
        }
        OfFile::Guess(guess) => format!(
            "شیٹ {} میں {} کالم `{}` {} سے لیا گیا ہے، {}",
            quoted(&guess.sheet),
            Urdu.label(&guess.field),
            guess.column,
            quoted(&guess.heading),
            of_grounds(&guess.how)
        ),
        OfFile::AllApproved => "یہ اکاؤنٹ کچھ بھی بھیجنے سے پہلے منظوری مانگتا ہے".to_owned(),
        OfFile::OverLimit { total, limit } => format!(
            "اس کے بلوں کی کل رقم {} روپے ہے، جو اس حد ({} روپے) سے زیادہ ہے جو یہ اکاؤنٹ بغیر منظوری بھیجتا ہے",
            rupees(*total),
            rupees(*limit)
        ),
        OfFile::IdentifiersTooLong(limit) => format!(
            "اس کے شناختی نمبر اتنے لمبے ہیں کہ ان کا موازنہ نہیں ہو سکتا (کل حد {limit} MB ہے): اس کالم میں صرف وہ نمبر لکھیں جس سے اسکول اپنے طلبہ کو پہچانتا ہے"
        ),
        OfFile::TooManyRows => "قطاریں اتنی زیادہ ہیں کہ گنی نہیں جا سکتیں".to_owned(),
        OfFile::TooMuchMoney => "اس کی رقموں کا مجموعہ اتنا بڑا ہے کہ گنا نہیں جا سکتا".to_owned(),
    }
}

pub(super) fn of_grounds(grounds: &Grounds) -> String {
    match grounds {
        Grounds::Spelling(other) => {
            format!("اندازہ: اس کے ہجے {} سے ملتے ہیں", quoted(other))
        }
        Grounds::Choice(other) => format!("اندازہ: نہ کہ {}", quoted(other)),
        Grounds::Shape => "اندازہ: جو کچھ اس میں لکھا ہے اس سے".to_owned(),
        Grounds::Known(how) => match how.as_str() {
            "configured" => "ترتیبات میں یہی لکھا ہے".to_owned(),
            "synonym" => "یہ سرخی معلوم ہے".to_owned(),
            how => quoted(how),
        },
    }
}

pub(super) fn of_frame(frame: &Frame) -> String {
    match frame {
        Frame::Table(sheet, header_row, mapping) => {
            let mapping: Vec<String> = mapping
                .iter()
                .map(|(field, heading)| format!("{} = {}", Urdu.label(field), quoted(heading)))
                .collect();
            format!(
                "شیٹ {}: سرخیاں قطار {header_row} میں؛ {}",
                quoted(sheet),
                mapping.join("، ")
            )
        }
        Frame::NotUsed(columns) => {
            let columns: Vec<String> = columns.split(", ").map(unheaded).collect();
            format!("استعمال نہیں ہوئے: {}", columns.join("، "))
        }
        Frame::Counts {
            rows,
            valid,
            invalid,
            skipped,
            total,
        } => {
            let skipped = match skipped {
                0 => String::new(),
                skipped => format!("، {} چھوڑی گئیں", grouped(*skipped)),
            };
            format!(
                "کل قطاریں {}: {} درست، {} غلط{skipped}؛ درست قطاروں کی کل رقم {} روپے",
                grouped(*rows),
                grouped(*valid),
                grouped(*invalid),
                rupees(*total)
            )
        }
        Frame::WouldWait(why) => {
            format!(
                "پوری فائل کسی شخص کے فیصلے کا انتظار کرے گی: {}",
                shown(why)
            )
        }
        Frame::Wrong => "غلط (یہ قطاریں نہیں بھیجی جاتیں):".to_owned(),
        Frame::ToLookAt => "دیکھنے کے لیے (قطار پھر بھی بھیجی جاتی ہے):".to_owned(),
        Frame::LeftOut => "چھوڑ دی گئیں (یہ قطاریں نہیں):".to_owned(),
        Frame::Left(sheet, row, why) => {
            format!("شیٹ {} قطار {row}: {}", quoted(sheet), shown(why))
        }
        Frame::LeftMore(more) => {
            format!("اور {} مزید؛ `--format json` سب دکھاتا ہے", grouped(*more))
        }
        Frame::OtherKinds(count) => format!(
            "{} × دوسری قسموں کی غلطیاں؛ `--format csv` سب دکھاتا ہے",
            grouped(*count)
        ),
        Frame::AndMore(more) => format!(" اور {} مزید", grouped(*more)),
        Frame::Row(row) => format!("قطار {row}"),
        Frame::FilesChecked(n) => format!("{} فائلیں دیکھی گئیں", grouped(*n)),
        Frame::TableBelow(sheet, header_row) => {
            format!("شیٹ {}، سرخیاں قطار {header_row} میں", quoted(sheet))
        }
        Frame::Column {
            field,
            column,
            heading,
            grounds,
            examples,
        } => format!(
            "`{field}` {}: کالم `{column}` {} ({}): {}",
            Urdu.label(field),
            quoted(heading),
            shown(grounds),
            in_full(examples)
        ),
        Frame::Headings(headings) => format!("اس کی سرخیاں: {}", in_full(headings)),
        Frame::WriteHeading => "یہاں لکھیں کہ شیٹ میں اس کی سرخی کیا ہے".to_owned(),
        Frame::NameHeadings(table, file) => format!(
            "سرخیاں {} میں `{table}` کے تحت لکھیں اور دوبارہ دیکھیں",
            quoted(file)
        ),
    }
}

/// As [`quoted`], and however long.
fn in_full(text: &str) -> String {
    format!("`{}`", shown(text).replace('`', "'"))
}

/// A heading, or a column that has none, which the reader calls `column E`.
fn unheaded(heading: &str) -> String {
    let letters = heading.strip_prefix("column ");
    let is_column = |letters: &&str| letters.bytes().all(|letter| letter.is_ascii_uppercase());
    match letters.filter(is_column) {
        Some(letters) => format!("کالم `{letters}`"),
        None => quoted(heading),
    }
}
