//! The answer of `check`, byte for byte where the contract fixes it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::commands::printing::Paper;
use crate::contained::Reader;
use crate::language::Language;

const SHEET: &str = "\
Title,Identifier,Amount,Due Date,Amount After Due Date
Ayesha Khan,GF-1,1500,2035-03-31,1600
Bilal Ahmed,GF-2,\"12,0O\",2035-03-31,
Chand Bibi,GF-3,1200.50,2035-03-31,
Danish Ali,GF-4,1000,2035-03-31,
Danish Ali,GF-4,1000,2035-03-31,
";

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        World {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The day is fixed: no test reads the real date.
    fn rules(&self) -> SheetRules {
        SheetRules {
            today: chrono::NaiveDate::from_ymd_opt(2035, 1, 1).unwrap(),
            ..SheetRules::defaults(Reader::ThisProcess)
        }
    }

    fn check(&self, path: &Path) -> Result<Checked, Failure> {
        check_file(path, &self.rules(), None, &mut |_| {})
    }

    /// What an account of that language is told on paper.
    fn page_in(&self, path: &Path, language: Language) -> String {
        let rules = SheetRules {
            language,
            ..self.rules()
        };
        let mut checked = check_file(path, &rules, None, &mut |_| {}).unwrap();
        let mut out = Vec::new();
        let mut paper = Paper::new(Box::new(&mut out), Format::Table);
        let mut telling = telling::Telling::begin(&mut paper, false).unwrap();
        telling.file(path, &mut checked).unwrap();
        telling.end_of_file().unwrap();
        telling.end().unwrap();
        paper.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn told(&self, paths: &[PathBuf], format: Format, bills: bool) -> String {
        let mut out = Vec::new();
        let mut paper = Paper::new(Box::new(&mut out), format);
        let mut telling = telling::Telling::begin(&mut paper, bills).unwrap();
        for path in paths {
            match self.check(path) {
                Ok(mut checked) => {
                    telling.file(path, &mut checked).unwrap();
                    if bills {
                        telling
                            .bills(path, &self.rules(), &checked.summary, &mut |_| {})
                            .unwrap();
                    }
                    telling.end_of_file().unwrap();
                }
                Err(failure) => telling.unreadable(path, &failure).unwrap(),
            }
        }
        telling.end().unwrap();
        paper.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn json(&self, paths: &[PathBuf], bills: bool) -> Value {
        serde_json::from_str(&self.told(paths, Format::Json, bills)).unwrap()
    }
}

#[test]
fn the_json_has_the_shape_of_the_contract() {
    let world = World::new();
    let file = world.file("fees.csv", SHEET);
    let told = world.json(std::slice::from_ref(&file), true);
    let sheet = &told[0];
    assert_eq!(sheet["file"], json!(file.display().to_string()));
    assert_eq!(
        (&sheet["rows"], &sheet["valid"], &sheet["invalid"]),
        (&json!(5), &json!(2), &json!(3))
    );
    assert_eq!(sheet["held"], Value::Null);
    assert_eq!(sheet["sheets"][0]["header_row"], json!(1));
    assert_eq!(sheet["sheets"][0]["mapping"]["due_date"], json!("Due Date"));
    assert_eq!(sheet["left_out"], json!([]));
    let name = &sheet["sheets"][0]["name"];
    assert_eq!(
        sheet["bills"],
        json!([
            {"sheet": name, "row": 2, "title": "Ayesha Khan", "identifier": "GF-1", "amount": "1500.00",
             "due_date": "2035-03-31", "amount_after_due_date": "1600.00"},
            {"sheet": name, "row": 4, "title": "Chand Bibi", "identifier": "GF-3", "amount": "1200.50",
             "due_date": "2035-03-31", "amount_after_due_date": "1200.50"},
        ])
    );
    let problems = sheet["problems"].as_array().unwrap();
    let places: Vec<(u64, &str, &str)> = problems
        .iter()
        .map(|p| {
            (
                p["row"].as_u64().unwrap(),
                p["cell"].as_str().unwrap(),
                p["severity"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [(3, "C3", "error"), (5, "B5", "error"), (6, "B6", "error")]
    );
    for (key, value) in [("field", "amount"), ("value", "12,0O")] {
        assert_eq!(problems[0][key], json!(value));
    }
    assert!(problems[0]["problem"].as_str().unwrap().len() > 5);
}

#[test]
fn without_bills_there_are_none_in_the_answer() {
    let world = World::new();
    let told = world.json(&[world.file("fees.csv", SHEET)], false);
    assert!(told[0].get("bills").is_none());
}

#[test]
fn a_file_that_can_t_be_read_does_not_stop_the_next() {
    let world = World::new();
    let paths = [
        world.folder.path().to_owned(),
        world.folder.path().join("gone.csv"),
        world.file("fees.csv", SHEET),
    ];
    let told = world.json(&paths, false);
    assert!(told[0]["error"].as_str().unwrap().contains("is a folder"));
    assert!(
        told[1]["error"]
            .as_str()
            .unwrap()
            .contains("there is no file")
    );
    assert_eq!(told[2]["rows"], json!(5));
    assert_eq!(world.check(&paths[1]).unwrap_err().exit, Exit::File);
}

#[test]
fn the_exit_code_says_whether_a_person_should_look() {
    let world = World::new();
    let good = SHEET.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(
        world.check(&world.file("good.csv", &good)).unwrap().exit(),
        Exit::Done
    );
    assert_eq!(
        world.check(&world.file("fees.csv", SHEET)).unwrap().exit(),
        Exit::Attention
    );
}

#[test]
fn the_csv_lists_problems_and_the_table_groups_them_for_a_bursar() {
    let world = World::new();
    let file = world.file("fees.csv", SHEET);
    let csv = world.told(std::slice::from_ref(&file), Format::Csv, false);
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.starts_with("file,sheet,row,cell,field,value,problem,severity\n"));
    let page = world.told(std::slice::from_ref(&file), Format::Table, false);
    assert!(page.contains("5 rows: 2 valid, 3 invalid"), "{page}");
    assert!(page.contains("2 × identifier: "), "{page}");
    assert!(page.contains("(B5 `GF-4`, B6 `GF-4`)"), "{page}");
    let bills = world.told(&[file], Format::Csv, true);
    assert_eq!(bills.lines().count(), 3, "{bills}");
}

#[test]
fn ten_thousand_problems_come_back_in_the_order_of_their_rows() {
    let world = World::new();
    let mut text = String::from("Title,Identifier,Amount,Due Date\n");
    for n in 1..=10_000 {
        // Every hundredth repeats the identifier of the row before it, and is known only at the end.
        let payer = if n % 100 == 0 { n - 1 } else { n };
        text.push_str(&format!("Pupil {n},P-{payer},-{n},2035-03-31\n"));
    }
    let mut checked = world.check(&world.file("many.csv", &text)).unwrap();
    let mut rows = Vec::new();
    checked
        .problems(&mut |problem| {
            rows.push(problem.row);
            Ok(())
        })
        .unwrap();
    assert!(rows.len() > 10_000);
    assert!(rows.is_sorted());
    assert_eq!((checked.summary.rows, checked.summary.valid), (10_000, 0));
}

#[test]
fn duplicates_of_several_payers_are_not_told_the_rows_of_the_first() {
    let world = World::new();
    let row = |payer: &str| format!("Ali,{payer},1500,2035-03-31,\n");
    let rows: String = ["A-1", "A-1", "A-2", "B-1", "A-2"].map(row).concat();
    let file = world.file(
        "fees.csv",
        &format!("Title,Identifier,Amount,Due Date,Section\n{rows}"),
    );
    let page = world.told(std::slice::from_ref(&file), Format::Table, false);
    assert!(!page.contains("also in row"), "{page}");
    assert!(
        page.contains("4 × identifier: this identifier stands more than once in the file")
            && page.contains("(B2 `A-1`, B3 `A-1`, B4 `A-2`, B6 `A-2`)"),
        "{page}"
    );
    let told = world.json(&[file], false);
    let problems = told[0]["problems"].as_array().unwrap();
    let also = |at: usize| problems[at]["problem"].as_str().unwrap();
    assert!(also(0).contains("(also in row 3)") && also(3).contains("(also in row 4)"));
}

#[test]
fn numbers_that_differ_from_row_to_row_are_left_open_where_rows_are_told_of_together() {
    let world = World::new();
    let rows = "A,GF-1,1500,2035-03-31,100\nB,GF-2,1700,2035-03-31,100\n";
    let heading = "Title,Identifier,Amount,Due Date,Amount After Due Date\n";
    let two = world.file("two.csv", &format!("{heading}{rows}"));
    let page = world.told(&[two], Format::Table, false);
    assert!(page.contains("write … or more"), "{page}");
    let one = world.file(
        "one.csv",
        &format!("{heading}{}", &rows[..rows.find('B').unwrap()]),
    );
    let page = world.told(&[one], Format::Table, false);
    assert!(page.contains("write 1500 or more"), "{page}");
}

#[test]
fn columns_that_are_not_used_are_named_and_a_late_fee_among_them_holds_the_file() {
    let world = World::new();
    let file = world.file(
        "fees.csv",
        "Title,Father Name,Identifier,Amount,Due Date,Late Fee\nAli,Zain,GF-1,1500,2035-03-31,100\n",
    );
    let told = world.json(std::slice::from_ref(&file), false);
    assert_eq!(
        told[0]["sheets"][0]["unused"],
        json!(["Father Name", "Late Fee"])
    );
    assert!(
        told[0]["held"]
            .as_str()
            .unwrap()
            .contains("column F “Late Fee”")
    );
    assert_eq!(world.check(&file).unwrap().exit(), Exit::Attention);
    let page = world.told(&[file], Format::Table, false);
    assert!(
        page.contains("  not used: Father Name, Late Fee\n"),
        "{page}"
    );
}

#[test]
fn twins_are_both_warned_of_in_the_order_of_their_rows() {
    let world = World::new();
    let row = |payer: &str| format!("Ali,{payer},1500,2035-03-31,\n");
    let rows: String = ["gf-1", "GF-2", "GF-1"].map(row).concat();
    let file = world.file(
        "fees.csv",
        &format!("Title,Identifier,Amount,Due Date,\n{rows}"),
    );
    let told = world.json(&[file], false);
    let places: Vec<(&str, &str)> = told[0]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["cell"].as_str().unwrap(), p["severity"].as_str().unwrap()))
        .collect();
    assert_eq!(places, [("B2", "warning"), ("B4", "warning")]);
    assert_eq!(told[0]["valid"], json!(3));
}

#[test]
fn the_same_problem_on_many_rows_is_one_group_in_every_language() {
    let world = World::new();
    let rows: String = (1..=300)
        .map(|n| format!("Ali,GF-{n},1{n}x,05/03/2035,\n"))
        .collect();
    let file = world.file(
        "fees.csv",
        &format!("Title,Identifier,Amount,Due Date,Section\n{rows}"),
    );
    for (language, wrong, assumed) in [
        (
            Language::En,
            "300 × amount: `…` is not a number: write the amount in digits, such as 1500 or 1500.50 (C2 `11x`, C3 `12x`, C4 `13x`, C5 `14x`, C6 `15x` and 295 more)",
            "300 × due date: day and month of `05/03/2035` can be read either way round, and it is taken for `5 March 2035`",
        ),
        (
            Language::Ur,
            "300 × رقم: `…` کوئی رقم نہیں ہے: رقم ہندسوں میں لکھیں، جیسے 1500 یا 1500.50 (C2 `11x`, C3 `12x`, C4 `13x`, C5 `14x`, C6 `15x` اور 295 مزید)",
            "300 × آخری تاریخ: `05/03/2035` میں دن اور مہینہ دونوں طرح پڑھے جا سکتے ہیں، اسے `5 مارچ 2035` سمجھا گیا ہے",
        ),
    ] {
        let page = world.page_in(&file, language);
        assert!(page.contains(wrong), "{page}");
        assert!(page.contains(assumed), "{page}");
        assert_eq!(page.matches(" × ").count(), 2, "{page}");
    }
}

#[test]
fn values_of_one_letter_do_not_tear_a_group_apart() {
    let world = World::new();
    let rows: String = ["5", "15", "0", "x", "1,5"]
        .map(|wrong| format!("Ali,GF-{wrong},{wrong}x,2035-03-31,\n").replace("1,5", "7"))
        .concat();
    let file = world.file(
        "fees.csv",
        &format!("Title,Identifier,Amount,Due Date,Section\n{rows}"),
    );
    let page = world.told(&[file], Format::Table, false);
    assert!(page.contains("5 × amount: `…` is not a number"), "{page}");
}

#[test]
fn what_nobody_sees_in_a_title_is_left_out_and_reported() {
    let world = World::new();
    let file = world.file(
        "fees.csv",
        "Title,Identifier,Amount,Due Date\nAli\u{202e} Raza,GF-1,1500,2035-03-31\n  Sana ,GF-2,(1500),2035-03-31\n",
    );
    let told = world.json(std::slice::from_ref(&file), true);
    assert_eq!(told[0]["bills"][0]["title"], json!("Ali Raza"));
    let said: Vec<&str> = told[0]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["problem"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        [
            "there are characters in it that nobody sees (U+202E): it is sent without them, as `Ali Raza`",
            "there are blanks at its ends, or line breaks in it: it is sent as `Sana`",
            "`(1500)` is less than 0, by its minus or its parentheses: write the fee in rupees, such as 1500",
        ]
    );
}
