//! One file read as the service reads it, and the laws of every reading:
//! - it ends with rows or with a sentence about the file, and never with one about us;
//! - a column that was matched is there, each serves one field, and each field has one;
//! - rows are numbered upwards below their headings; a line that shows anything
//!   is a row or left out with a reason, and never both;
//! - no sentence is longer than somebody reads;
//! - an amount is exact paisa and reads back the same when it is written, and so does a day;
//! - taken apart by somebody else, the file says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use chrono::Datelike;
use fee_sheet::{
    DayMonthOrder, Field, FieldKind, ReadOptions, SheetInfo, SheetRow, Unreadable, Value,
    read_amount, read_date, school_words as words,
};

use crate::frames;

/// The fields of a bill.
pub fn options() -> ReadOptions {
    let field = |name, label, kind, required, synonyms| Field {
        name,
        label,
        kind,
        required,
        synonyms,
    };
    ReadOptions {
        fields: vec![
            field("title", "Title", FieldKind::Text, true, words::TITLE),
            field(
                "identifier",
                "Identifier",
                FieldKind::Code,
                true,
                words::IDENTIFIER,
            ),
            field("amount", "Amount", FieldKind::Money, true, words::AMOUNT),
            field(
                "due_date",
                "Due date",
                FieldKind::Date,
                true,
                words::DUE_DATE,
            ),
            field(
                "amount_after_due_date",
                "Amount after due date",
                FieldKind::Money,
                false,
                words::AMOUNT_AFTER_DUE_DATE,
            ),
        ],
        ..ReadOptions::default()
    }
}

/// Everything that a file said.
#[derive(Debug)]
pub struct Said {
    /// The sheets whose headings were found.
    pub sheets: Vec<SheetInfo>,
    left_out: Vec<Left>,
    /// Sheet and number of each row.
    rows: Vec<(usize, u32)>,
    /// What stands in the first rows, to be shown.
    pub first: Vec<String>,
    /// Made of all rows and everything that was said.
    print: u64,
}

/// A line that was left out, or a whole sheet.
#[derive(Debug)]
struct Left {
    sheet: String,
    row: u32,
    whole_sheet: bool,
    why: String,
}

/// Reads the file that these bytes are, and holds it to the laws; one in four,
/// by chance, both ways, which takes three times as long.
pub fn hold(bytes: &[u8]) -> Result<Said, Unreadable> {
    let path = lay_down(bytes);
    let said = hold_file(path, bytes);
    take_away(path);
    said
}

fn hold_file(path: &Path, bytes: &[u8]) -> Result<Said, Unreadable> {
    let options = options();
    let here = said(path, &options);
    if let Err(why) = &here {
        assert!(!about_us(why), "{why}");
        short(&why.to_string());
    }
    let mut chance = DefaultHasher::new();
    bytes.hash(&mut chance);
    if !chance.finish().is_multiple_of(4) {
        return here;
    }
    let mut stream = Short(Vec::new());
    let whole = fee_sheet::send_lines(path, NAME, &options, &AtomicU32::new(0), &mut stream);
    if whole.is_err() {
        return here;
    }
    if let Ok(here) = &here {
        nothing_is_lost(here, &stream.0);
    }
    let there = said(path, &frames::sent(&options, stream.0));
    match (&here, &there) {
        (Ok(here), Ok(there)) => assert_eq!(
            here.print, there.print,
            "read here: {here:?}\nby another: {there:?}"
        ),
        (Err(here), Err(there)) => assert_eq!(here.to_string(), there.to_string()),
        _ => panic!("read here: {here:?}\nby another: {there:?}"),
    }
    here
}

/// Reads what somebody else has sent, and holds it to the laws.
pub fn hold_sent(stream: Vec<u8>) {
    let path = lay_down(b"");
    if let Err(why) = said(path, &frames::sent(&options(), stream)) {
        assert!(!why.to_string().is_empty());
    }
    take_away(path);
}

const NAME: &str = "fees.dat";

/// What is sent of a file that is compared; more of it costs only time.
const STREAM_BYTES_MAX: usize = 32 << 20;

/// Bytes, up to a limit.
struct Short(Vec<u8>);

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > STREAM_BYTES_MAX {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the bytes where a file of this process lies, in memory where there is such a place.
fn lay_down(bytes: &[u8]) -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => memory.to_owned(),
            false => std::env::temp_dir(),
        };
        folder.join(format!("ingestd-fuzz.{}", std::process::id()))
    });
    std::fs::write(path, bytes).expect("a file can be written");
    path
}

/// Leaves nothing behind; only a finding does, which ends the process.
fn take_away(path: &Path) {
    std::fs::remove_file(path).expect("our own file can be removed");
}

/// Whether a refusal says that we failed, or the disk.
fn about_us(why: &Unreadable) -> bool {
    matches!(
        why,
        Unreadable::ReaderFailed(_) | Unreadable::NotNow(_) | Unreadable::Io(_)
    )
}

/// Rows of which the words are kept.
const SHOWN: usize = 20;

fn said(path: &Path, options: &ReadOptions) -> Result<Said, Unreadable> {
    let mut print = DefaultHasher::new();
    let mut sheet = fee_sheet::open(path, NAME, options)?;
    let mut row = SheetRow::default();
    let (mut rows, mut first) = (Vec::new(), Vec::new());
    let mut left_out = Vec::new();
    let mut last: Option<(usize, u32)> = None;
    while sheet.next_row(&mut row)? {
        let place = (row.sheet(), row.row_number());
        let header = sheet.sheets()[row.sheet()].header_row;
        assert!(row.row_number() > header, "{place:?} is above its headings");
        assert!(last < Some(place), "{place:?} after {last:?}");
        last = Some(place);
        rows.push(place);
        place.hash(&mut print);
        let words: Vec<String> = (0..options.fields.len())
            .map(|field| in_words(&row.entry(field).value))
            .collect();
        words.hash(&mut print);
        row.token().hash(&mut print);
        if first.len() < SHOWN {
            first.push(words.join(" | "));
        }
        left(sheet.left_out(), &mut left_out);
    }
    left(sheet.left_out(), &mut left_out);
    for sheet in sheet.sheets() {
        matched(sheet, options);
    }
    let sheets = sheet.sheets().to_vec();
    for line in &left_out {
        assert!(!line.why.is_empty(), "{line:?}");
    }
    let said = left_out.iter().map(|line| line.why.clone());
    let said = said.chain(sheet.holds().iter().map(ToString::to_string));
    let said = said.chain(sheet.notes().iter().map(ToString::to_string));
    let notes = sheets.iter().flat_map(|sheet| &sheet.notes);
    for sentence in said.chain(notes.map(ToString::to_string)) {
        short(&sentence);
    }
    format!("{left_out:?} {sheets:?}").hash(&mut print);
    format!("{:?} {:?}", sheet.holds(), sheet.notes()).hash(&mut print);
    Ok(Said {
        sheets,
        left_out,
        rows,
        first,
        print: print.finish(),
    })
}

/// No sentence about a file is longer: it may quote a few headings, or forty.
const SENTENCE_CHARS_MAX: usize = 16_000;

fn short(sentence: &str) {
    let chars = sentence.chars().count();
    assert!(
        chars <= SENTENCE_CHARS_MAX,
        "{chars} characters: {sentence}"
    );
}

fn left(list: fee_sheet::LeftOutList, all: &mut Vec<Left>) {
    all.extend(list.iter().map(|line| Left {
        sheet: line.sheet.to_owned(),
        row: line.row,
        whole_sheet: line.is_whole_sheet(),
        why: line.why.to_string(),
    }));
}

/// A value in words, after it was written and read again.
fn in_words(value: &Value<'_>) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(text) => (*text).to_owned(),
        Value::Money(minor) => {
            let written = rupees(*minor);
            assert_eq!(read_amount(&written), Ok(*minor), "{written}");
            written
        }
        Value::Date(date) => {
            let written = date.to_string();
            assert!((1900..=9999).contains(&date.year()), "{written}");
            let again = read_date(&written, DayMonthOrder::Reject, false);
            assert_eq!(again, Ok((*date, None)), "{written}");
            written
        }
        Value::Wrong(flaw) => flaw.to_string(),
    }
}

/// Paisa as rupees, in digits.
pub fn rupees(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (rupees, paisa) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    format!("{sign}{rupees}.{paisa:02}")
}

/// Each column serves one field, each field has one column, and it has a name.
fn matched(sheet: &SheetInfo, options: &ReadOptions) {
    let mut columns = BTreeSet::new();
    let mut fields = BTreeSet::new();
    for column in &sheet.columns {
        assert!(columns.insert(column.column), "{:?}", sheet.columns);
        assert!(fields.insert(column.field), "{:?}", sheet.columns);
        assert!(column.column < options.limits.columns, "{column:?}");
        let by_name = (column.field, column.heading.clone());
        assert!(sheet.mapping.contains(&by_name), "{sheet:?}");
        assert_eq!(
            sheet.guesses.contains(&column.field),
            column.how.is_guess(),
            "{sheet:?}"
        );
    }
    assert_eq!(sheet.mapping.len(), sheet.columns.len(), "{sheet:?}");
    for field in options.fields.iter().filter(|field| field.required) {
        assert!(fields.contains(field.name), "no {} {sheet:?}", field.name);
    }
}

/// Every line that came from the file is a row or left out, and no line is both.
fn nothing_is_lost(said: &Said, stream: &[u8]) {
    let mut headers: BTreeMap<&str, u32> = BTreeMap::new();
    for sheet in &said.sheets {
        headers.entry(&sheet.name).or_insert(sheet.header_row);
    }
    let mut told: BTreeSet<(&str, u32)> = BTreeSet::new();
    let mut whole: BTreeSet<&str> = BTreeSet::new();
    let rows = said
        .rows
        .iter()
        .map(|(sheet, row)| (said.sheets[*sheet].name.as_str(), *row));
    let left = said.left_out.iter().filter(|line| !line.whole_sheet);
    for place in rows.chain(left.map(|line| (line.sheet.as_str(), line.row))) {
        assert!(told.insert(place), "{place:?} twice: {said:?}");
    }
    whole.extend(
        said.left_out
            .iter()
            .filter(|line| line.whole_sheet)
            .map(|line| line.sheet.as_str()),
    );
    let sheets = frames::lines_by_sheet(stream);
    let mut names = BTreeSet::new();
    let twice = !sheets.iter().all(|(name, _)| names.insert(name.as_str()));
    if twice {
        return;
    }
    for (name, lines) in &sheets {
        let Some(header) = headers.get(name.as_str()) else {
            let left = lines.is_empty() || whole.contains(name.as_str());
            assert!(left, "nothing is said of `{name}`: {said:?}");
            continue;
        };
        for line in lines.iter().filter(|line| *line > header) {
            let known = told.contains(&(name.as_str(), *line));
            assert!(known, "line {line} of `{name}` is lost: {said:?}");
        }
    }
}
