//! What the reader adds in brackets, in Urdu: which part of a file is damaged, which limit is
//! passed, what a file is. The reader says it in English, sentence by sentence known; what is none
//! of these are the words of a system or of a program, and they are quoted.

use ingest_ledger::Sentence;

use crate::language::quoted;

/// A detail of the reader's, in Urdu.
pub(super) fn detail(text: &str) -> String {
    let known = DETAILS.iter().find_map(|(english, urdu)| {
        let fillings = Sentence::fillings(english, text)?;
        Some((urdu, fillings))
    });
    let Some((urdu, fillings)) = known else {
        return quoted(text);
    };
    let mut said = (*urdu).to_owned();
    for (at, filling) in fillings.iter().enumerate() {
        let number = filling.trim_matches('`');
        let filling = match number.chars().all(|c| c.is_ascii_digit()) {
            true => number.to_owned(),
            false => part(filling),
        };
        said = said.replace(&format!("{{{at}}}"), &filling);
    }
    said
}

/// What fills a gap: something that is counted, or a name.
fn part(filling: &str) -> String {
    let counted = COUNTED.iter().find(|(english, _)| *english == filling);
    match counted {
        Some((_, urdu)) => (*urdu).to_owned(),
        None => quoted(filling.trim_matches('`')),
    }
}

/// Files by their names, with `and 3 more` or none at all.
pub(super) fn names(text: &str) -> String {
    if text == "nothing" {
        return "کچھ نہیں".to_owned();
    }
    let (names, more) = match text.rsplit_once(" and ") {
        Some((names, more)) if more.ends_with(" more") => (
            names,
            format!(" اور {} مزید", more.trim_end_matches(" more")),
        ),
        _ => (text, String::new()),
    };
    format!("{}{more}", names.replace("`, `", "`، `"))
}

/// What is counted in a limit.
const COUNTED: [(&str, &str); 5] = [
    ("texts", "عبارتیں"),
    ("cell formats", "خانوں کے فارمیٹ"),
    ("sheets", "شیٹیں"),
    ("relations", "حوالے"),
    ("names", "خانوں کے نام"),
];

/// In English as the reader says it, and in Urdu; of two that fit, the first is meant.
pub(in crate::language) const DETAILS: &[(&str, &str)] = &[
    // What is damaged.
    ("it ends too early", "یہ ادھوری ہے"),
    (
        "its archive is packed in a way that is not read",
        "اس کا آرکائیو ایسے بند کیا گیا ہے جو پڑھا نہیں جاتا",
    ),
    (
        "its archive can't be read: {}",
        "اس کا آرکائیو پڑھا نہیں جا سکتا: {0}",
    ),
    (
        "its archive has two entries of one name",
        "اس کے آرکائیو میں ایک ہی نام کے دو حصے ہیں",
    ),
    (
        "two of its sheets are the same",
        "اس کی دو شیٹیں ایک ہی ہیں",
    ),
    (
        "two of its sheets are named {}",
        "اس کی دو شیٹوں کا نام {0} ہے",
    ),
    (
        "nothing says where its sheet {} is",
        "معلوم نہیں کہ اس کی شیٹ {0} کہاں ہے",
    ),
    ("the sheet {} is not in it", "شیٹ {0} اس میں نہیں ہے"),
    (
        "a sheet is said to be in {}, which nobody looks through",
        "اس کی ایک شیٹ {0} میں بتائی گئی ہے جو دیکھا نہیں جاتا",
    ),
    ("its styles can't be read", "اس کے فارمیٹ پڑھے نہیں جا سکتے"),
    ("its reader gave up", "اسے پڑھنے والا رک گیا"),
    (
        "one of its rows or cells does not say where it stands",
        "اس کی ایک قطار یا ایک خانہ نہیں بتاتا کہ وہ کہاں ہے",
    ),
    (
        "one of its cells shows the error {}",
        "اس کے ایک خانے میں خرابی {0} ہے",
    ),
    (
        "one of its sheets has no dimensions",
        "اس کی ایک شیٹ کی حدیں نہیں لکھیں",
    ),
    (
        "one of its sheets is not where it says",
        "اس کی ایک شیٹ اپنی جگہ پر نہیں ہے",
    ),
    ("one of its records is cut short", "اس کا ایک حصہ ادھورا ہے"),
    ("one of its texts is cut short", "اس کی ایک عبارت ادھوری ہے"),
    ("one of its cells is cut short", "اس کا ایک خانہ ادھورا ہے"),
    (
        "one of its formulas is cut short",
        "اس کا ایک فارمولا ادھورا ہے",
    ),
    ("a text of it ends too early", "اس کی ایک عبارت ادھوری ہے"),
    ("there is no workbook in it", "اس میں کوئی ورک بُک نہیں ہے"),
    ("there is no content in it", "اس میں کچھ نہیں ہے"),
    (
        "it does not begin as a workbook",
        "یہ ورک بُک کی طرح شروع نہیں ہوتی",
    ),
    (
        "its sheets lie inside one another",
        "اس کی شیٹیں ایک دوسری کے اندر ہیں",
    ),
    (
        "its container has sectors of size {}",
        "اس کے حصوں کی جسامت {0} ہے جو نہیں ہو سکتی",
    ),
    ("its container has a broken header", "اس کا آغاز خراب ہے"),
    (
        "its container has too many entries",
        "اس میں حصے بہت زیادہ ہیں",
    ),
    (
        "its container has no directory",
        "اس میں حصوں کی فہرست نہیں ہے",
    ),
    (
        "its container leads in a circle",
        "اس کے حصے ایک دائرے میں جاتے ہیں",
    ),
    (
        "a cell of it holds a table of its own",
        "اس کے ایک خانے میں ایک اور جدول ہے",
    ),
    (
        "a cell lies outside every worksheet",
        "ایک خانہ ہر شیٹ سے باہر ہے",
    ),
    ("it names an unknown letter", "اس میں ایک نامعلوم حرف ہے"),
    ("its elements lie too deep", "اس کے حصے بہت گہرے ہیں"),
    (
        "its days count from {}, which no other program does",
        "اس کی تاریخیں {0} سے گنی جاتی ہیں، جو کوئی اور پروگرام نہیں کرتا",
    ),
    (
        "a cell of it names text {}, and there are {}",
        "اس کا ایک خانہ عبارت {0} کا نام لیتا ہے جبکہ کل {1} ہیں",
    ),
    (
        "row {} comes after row {}",
        "قطار {0} قطار {1} کے بعد آتی ہے",
    ),
    ("cell {} is there twice", "خانہ {0} دو بار ہے"),
    (
        "its part {} declares entities",
        "اس کے حصے {0} میں ایسی تعریفیں ہیں جو شیٹ میں نہیں ہوتیں",
    ),
    (
        "its part {} has rows in two places",
        "اس کے حصے {0} میں قطاریں دو جگہ ہیں",
    ),
    (
        "its part {} is in UTF-16",
        "اس کا حصہ {0} ایسی تحریر میں ہے جو پڑھی نہیں جاتی",
    ),
    (
        "its part {} is in {}",
        "اس کا حصہ {0} تحریر {1} میں ہے جو پڑھی نہیں جاتی",
    ),
    (
        "a value in its part {} names a text that is not there",
        "اس کے حصے {0} کی ایک قدر ایسی عبارت کا نام لیتی ہے جو نہیں ہے",
    ),
    (
        "a value in its part {} is a number with an entity in it",
        "اس کے حصے {0} کا ایک عدد درست نہیں لکھا",
    ),
    (
        "a value in its part {} goes on behind another tag",
        "اس کے حصے {0} کی ایک قدر بیچ میں کٹی ہوئی ہے",
    ),
    (
        "it is full of empty bytes, as if it were still being copied",
        "اس میں خالی جگہ بھری ہے، جیسے ابھی نقل ہو رہی ہو",
    ),
    // What is too much.
    (
        "its parts become too large when unpacked",
        "کھولنے پر اس کے حصے بہت بڑے ہو جاتے ہیں",
    ),
    ("it has {} parts", "اس کے {0} حصے ہیں"),
    ("it has {} MB", "اس کی جسامت {0} MB ہے"),
    ("it is too large", "یہ بہت بڑی ہے"),
    (
        "its part {} has, or says it has, too many {}",
        "اس کے حصے {0} میں حد سے زیادہ {1} ہیں",
    ),
    (
        "its part {} holds a text of more than 1 MB",
        "اس کے حصے {0} میں 1 MB سے بڑی عبارت ہے",
    ),
    (
        "its part {} has too much in it",
        "اس کے حصے {0} میں بہت کچھ ہے",
    ),
    ("it has too many lines", "اس میں سطریں بہت زیادہ ہیں"),
    ("it has too many rows", "اس میں قطاریں بہت زیادہ ہیں"),
    ("it has too many sheets", "اس میں شیٹیں بہت زیادہ ہیں"),
    ("it has too many texts", "اس میں عبارتیں بہت زیادہ ہیں"),
    (
        "it has too many cell formats",
        "اس میں خانوں کے فارمیٹ بہت زیادہ ہیں",
    ),
    ("it has a record too long", "اس کا ایک حصہ بہت لمبا ہے"),
    (
        "it has headings again and again",
        "اس میں سرخیاں بار بار آتی ہیں",
    ),
    (
        "the name of a sheet has {} bytes",
        "ایک شیٹ کا نام {0} بائٹ لمبا ہے",
    ),
    (
        "the names of its sheets, and what is to be said of them, are too long",
        "اس کی شیٹوں کے نام بہت لمبے ہیں",
    ),
    (
        "its cells hold too much text",
        "اس کے خانوں میں عبارت بہت زیادہ ہے",
    ),
    (
        "its rows are out of order, and there are too many to sort",
        "اس کی قطاریں بے ترتیب ہیں اور اتنی زیادہ کہ ترتیب نہیں دی جا سکتیں",
    ),
    ("there is something in cell {}", "خانے {0} میں کچھ ہے"),
    (
        "cell {} holds too long a text",
        "خانے {0} کی عبارت بہت لمبی ہے",
    ),
    (
        "a cell holds too long a text",
        "ایک خانے کی عبارت بہت لمبی ہے",
    ),
    (
        "what stands in row {} is said to be there {} times",
        "قطار {0} کا مواد {1} بار بتایا گیا ہے",
    ),
    ("row {} has {} columns", "قطار {0} میں {1} کالم ہیں"),
    (
        "cell {} holds {} KB of text",
        "خانے {0} میں {1} KB عبارت ہے",
    ),
    ("row {} holds {} KB of text", "قطار {0} میں {1} KB عبارت ہے"),
    (
        "too many lines below its headings have neither an amount nor a date",
        "سرخیوں کے نیچے بہت زیادہ سطروں میں نہ رقم ہے نہ تاریخ",
    ),
    (
        "{} lines from line {} on are blank",
        "سطر {1} سے {0} سطریں خالی ہیں",
    ),
    (
        "line {} is longer than a line of a sheet",
        "سطر {0} شیٹ کی سطر سے لمبی ہے",
    ),
    ("line {}: {}", "سطر {0}: {1}"),
    // The limits.
    ("{} texts, {} MB", "حد {0} عبارتیں، {1} MB"),
    ("{} MB", "حد {0} MB"),
    ("{} GB", "حد {0} GB"),
    ("{} bytes", "حد {0} بائٹ"),
    ("{} parts", "حد {0} حصے"),
    ("{} KB a cell", "حد فی خانہ {0} KB"),
    ("{} texts in such lines", "ایسی سطروں میں عبارتوں کی حد {0}"),
    ("{} KB of blank lines", "خالی سطروں کی حد {0} KB"),
    ("{} KB a line", "حد فی سطر {0} KB"),
    ("{} KB a row", "حد فی قطار {0} KB"),
    ("{} KB a record", "حد فی حصہ {0} KB"),
    ("{} MB in an archive", "آرکائیو میں حد {0} MB"),
    ("{} lines a file", "حد فی فائل {0} سطریں"),
    ("{} rows a sheet", "حد فی شیٹ {0} قطاریں"),
    ("{} sheets", "حد {0} شیٹیں"),
    ("{} tables", "حد {0} جدول"),
    ("{} columns", "حد {0} کالم"),
    ("{} texts", "حد {0} عبارتیں"),
    ("{} relations", "حد {0} حوالے"),
    ("{} names", "حد {0} خانوں کے نام"),
    ("{} cell formats", "حد {0} خانوں کے فارمیٹ"),
    ("{} cells that are repeated", "حد {0} دہرائے گئے خانے"),
    // What a file is.
    ("a PDF", "PDF"),
    ("a picture", "تصویر"),
    ("a picture or a sound", "تصویر یا آواز"),
    ("a text document (RTF)", "تحریری دستاویز (RTF)"),
    ("an archive (RAR)", "آرکائیو (RAR)"),
    ("an archive (7z)", "آرکائیو (7z)"),
    ("an archive (tar)", "آرکائیو (tar)"),
    ("an archive inside an archive", "آرکائیو کے اندر آرکائیو"),
    ("an empty archive (ZIP)", "خالی آرکائیو (ZIP)"),
    (
        "a part of a split archive (ZIP)",
        "بٹے ہوئے آرکائیو (ZIP) کا ایک حصہ",
    ),
    ("a compressed file (gzip)", "بھینچی ہوئی فائل (gzip)"),
    ("a compressed file (bzip2)", "بھینچی ہوئی فائل (bzip2)"),
    ("a compressed file (xz)", "بھینچی ہوئی فائل (xz)"),
    ("a compressed file (zstd)", "بھینچی ہوئی فائل (zstd)"),
    ("a database", "ڈیٹابیس"),
    ("a database (Access)", "ڈیٹابیس (Access)"),
    ("a program", "پروگرام"),
    ("a text in UTF-32", "UTF-32 میں لکھی تحریر"),
    ("a shortcut to another file", "کسی اور فائل کا شارٹ کٹ"),
    ("a shortcut to a web page", "ویب صفحے کا شارٹ کٹ"),
    (
        "a shortcut to a Google sheet, and not the sheet (in Google Sheets: File, Download)",
        "Google Sheets کی شیٹ کا شارٹ کٹ، خود شیٹ نہیں (Google Sheets میں: File، Download)",
    ),
    ("a Lotus 1-2-3 sheet", "Lotus 1-2-3 کی شیٹ"),
    ("an XML spreadsheet of Excel 2003", "Excel 2003 کی XML شیٹ"),
    (
        "a flat OpenDocument file (.fods)",
        "OpenDocument کی سادہ فائل (.fods)",
    ),
    ("an XML document", "XML دستاویز"),
    ("a SYLK file", "SYLK فائل"),
    (
        "an old Word document (.doc)",
        "Word کی پرانی دستاویز (.doc)",
    ),
    (
        "an old PowerPoint document (.ppt)",
        "PowerPoint کی پرانی دستاویز (.ppt)",
    ),
    ("a saved e-mail (.msg)", "محفوظ کی ہوئی ای میل (.msg)"),
    (
        "an Office file without a sheet",
        "Office کی فائل جس میں شیٹ نہیں",
    ),
    (
        "an OpenDocument file that is no sheet",
        "OpenDocument کی فائل جو شیٹ نہیں",
    ),
    (
        "a workbook of OpenOffice 1 (.sxc)",
        "OpenOffice 1 کی ورک بُک (.sxc)",
    ),
    ("a document that is no sheet", "دستاویز جو شیٹ نہیں"),
    ("a Word document", "Word کی دستاویز"),
    ("a PowerPoint document", "PowerPoint کی دستاویز"),
    (
        "an Apple Numbers document (in Numbers: File, Export To, Excel)",
        "Apple Numbers کی دستاویز (Numbers میں: File، Export To، Excel)",
    ),
    // What became of the reader.
    ("it is too slow", "یہ بہت سست ہے"),
    ("it ended too early", "وہ وقت سے پہلے ختم ہو گیا"),
    ("it did not end well", "وہ ٹھیک سے ختم نہیں ہوا"),
    (
        "it goes on after its end",
        "وہ ختم ہونے کے بعد بھی بولتا رہا",
    ),
    ("what it sent can't be", "اس نے جو بھیجا وہ درست نہیں"),
    ("it crashed", "وہ اچانک رک گیا"),
    (
        "the system killed it, as it does when the machine is short of memory",
        "مشین میں میموری کم ہونے پر سسٹم نے اسے روک دیا",
    ),
    (
        "no process can be started to read it: {}",
        "اسے پڑھنے والا پروگرام شروع نہیں ہو سکا: {0}",
    ),
    (
        "the process that read it was told to end",
        "اسے پڑھنے والے پروگرام کو رکنے کا کہا گیا",
    ),
    (
        "the process that read it is lost: {}",
        "اسے پڑھنے والا پروگرام نہیں ملا: {0}",
    ),
];
