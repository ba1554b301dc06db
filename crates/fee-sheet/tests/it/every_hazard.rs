//! Every hazard of sheets that is known, by name: a generator of broken and
//! hostile files, and what must become of each. A hazard that is met for the
//! first time gets a line here before the reader is mended.
//!
//! Each file is read as the service reads it: taken apart by somebody else,
//! whose lines are not believed, and here as well, to the same end.

mod books;
mod columns;
mod disguised;
mod texts;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fee_sheet::{RowResult, write_result_csv, write_result_xlsx};

use crate::{Folder, Read, options, read, write_fix};

/// One file with a hazard in it.
struct Hazard {
    /// The hazard's name, and how it comes here.
    name: &'static str,
    bytes: Vec<u8>,
    must: Must,
}

/// What must become of a file.
enum Must {
    /// Refused, with these words in the sentence.
    Refused(&'static str),
    /// Read as these rows: number, title, identifier, amount, date, late
    /// amount; and these words stand in what is said beside them.
    Read(Vec<String>, &'static [&'static str]),
    /// The same, and the file waits for a person, who is told these words.
    Held(Vec<String>, &'static str),
}

fn hazard(name: &'static str, bytes: impl Into<Vec<u8>>, must: Must) -> Hazard {
    Hazard {
        name,
        bytes: bytes.into(),
        must,
    }
}

fn refused(words: &'static str) -> Must {
    Must::Refused(words)
}

fn rows(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|row| (*row).to_owned()).collect()
}

/// The row of [`crate::dress::Book::plain`].
const PLAIN: &str = "2|Ali|FS-1|1500.00|2035-03-05|";

/// Read as its one plain row, and nothing else is asked.
fn plain() -> Must {
    Must::Read(rows(&[PLAIN]), &[])
}

fn all() -> Vec<Hazard> {
    let mut all = books::all();
    all.extend(disguised::all());
    all.extend(columns::all());
    all.extend(texts::all());
    all
}

/// No file may keep the service longer.
const LONGEST: Duration = Duration::from_secs(20);

/// Everything that is said of a file beside its rows.
fn beside(read: &Read) -> String {
    let remarks = read.sheets.iter().flat_map(|sheet| &sheet.notes);
    let remarks: Vec<String> = remarks.map(ToString::to_string).collect();
    format!(
        "{:?} {:?} {remarks:?} {:?}",
        read.left_out, read.sheets, read.notes
    )
}

fn shown(read: &Read) -> Vec<String> {
    let rows = read.rows.iter();
    rows.map(|row| format!("{}|{}", row.number, row.values.join("|")))
        .collect()
}

/// What is wrong with what became of a file, if anything is.
fn judged(hazard: &Hazard) -> Result<(), String> {
    let folder = Folder::new();
    let path = folder.file("fees.dat", &hazard.bytes);
    let begun = Instant::now();
    let came = read(&path);
    if begun.elapsed() > LONGEST {
        return Err(format!("it took {:?}", begun.elapsed()));
    }
    match (&hazard.must, &came) {
        (Must::Refused(words), Err(why)) => match why.to_string().contains(words) {
            true => Ok(()),
            false => Err(format!("`{words}` is not in: {why}")),
        },
        (Must::Read(rows, words), Ok(read)) => {
            let beside = beside(read);
            let unsaid: Vec<_> = words
                .iter()
                .filter(|words| !beside.contains(**words))
                .collect();
            match (shown(read) == *rows, &read.held, unsaid.is_empty()) {
                (true, None, true) => Ok(()),
                _ => Err(format!(
                    "{:?}, held: {:?}, unsaid: {unsaid:?} in {beside}",
                    shown(read),
                    read.held
                )),
            }
        }
        (Must::Held(rows, words), Ok(read)) => {
            let told = read.held.as_ref().is_some_and(|why| why.contains(words));
            match shown(read) == *rows && told {
                true => Ok(()),
                false => Err(format!("{:?}, held: {:?}", shown(read), read.held)),
            }
        }
        (_, Ok(read)) => Err(format!("it was read: {:?}", shown(read))),
        (_, Err(why)) => Err(format!("it was refused: {why}")),
    }
}

#[test]
fn every_hazard_of_sheets_ends_as_it_must() {
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for hazard in all() {
        assert!(names.insert(hazard.name), "{} twice", hazard.name);
        if let Err(why) = judged(&hazard) {
            wrong.push(format!("{}: {why}", hazard.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Texts that a spreadsheet would take for a formula, or for worse.
const FORMULAS: [&str; 6] = [
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\u{9}=1+1",
    "=cmd|' /C calc'!A0",
];

#[test]
fn nothing_that_is_written_starts_a_formula() {
    let folder = Folder::new();
    let mut text = "Name;Roll No;Fee;Due Date\n".to_owned();
    for formula in FORMULAS {
        text.push_str(&format!(
            "\"{}\";1;1500;2035-03-05\n",
            formula.replace('"', "\"\"")
        ));
    }
    let path = folder.file("fees.csv", text);
    let result = |message: &'static str| {
        Some(RowResult {
            state: "billed".into(),
            psid: None,
            message: message.into(),
        })
    };
    let told = |row: u32| result(FORMULAS[row as usize % FORMULAS.len()]);
    let out = folder.at("fees.results.csv");
    write_result_csv(&path, "fees.csv", &options(), &out, &mut |_, row| told(row)).unwrap();
    let written = std::fs::read_to_string(&out).unwrap();
    let mut cells = 0;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_reader(written.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            cells += 1;
            let starts = cell.trim_start().starts_with(['=', '+', '-', '@']);
            assert!(!starts && !cell.starts_with(['\t', '\r']), "{cell:?}");
        }
    }
    assert!(cells >= 7 * FORMULAS.len(), "{written}");
    // A workbook says of each cell what it is: there is no formula among them.
    let results = folder.at("fees.results.xlsx");
    let fixes = folder.at("fees.fix.xlsx");
    write_result_xlsx(&path, "fees.csv", &options(), &results, &mut |_, row| {
        told(row)
    })
    .unwrap();
    write_fix(&path, &options(), &fixes, &mut |_, row| {
        Some(fee_sheet::FixRow {
            token: "=1".to_owned(),
            problems: vec![("title".to_owned(), told(row).unwrap().message.into_owned())],
        })
    })
    .unwrap();
    for book in [results, fixes] {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(&book).unwrap()).unwrap();
        let mut sheet = String::new();
        let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
        std::io::Read::read_to_string(&mut part, &mut sheet).unwrap();
        assert!(
            sheet.contains("<sheetData>") && !sheet.contains("<f>"),
            "{book:?}"
        );
    }
}
