//! A sheet, judged: every row with its bill or with all its problems, duplicates across the
//! whole file found exactly. No network and no database; `check` and the intake both stand on it.

mod mapped;
mod twice;
mod usual;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use fee_sheet::{DayMonthOrder, Field, LeftOutList, Limits, ReadOptions, SheetRow, Unreadable};
use serde::Serialize;

use crate::config::{Account, DuplicateRule, GatewayKind, PastDueRule};
use crate::contained::Reader;
use crate::exit::{Exit, Failure};
use crate::gateway;
use crate::language::Language;
use crate::said::OfFile;
use twice::{IDENTIFIER_BYTES_MAX, Twice};

pub use mapped::SeenColumn;
pub use twice::{Late, said_of_all};
pub use usual::UsualHeadings;

/// By which rules a sheet is read and its rows are judged.
#[derive(Clone, Debug)]
pub struct SheetRules {
    /// Whose sheet it is: the gateway says which fields it has.
    pub gateway: GatewayKind,
    /// Headings of this school's own sheets, by field.
    pub columns: BTreeMap<String, Vec<String>>,
    /// By field, the heading that served it in the account's sheet that was read last.
    pub usual: BTreeMap<String, String>,
    /// For dates that leave it open.
    pub day_month_order: DayMonthOrder,
    /// What an identifier that stands twice in one file means.
    pub duplicates: DuplicateRule,
    /// What a due date in the past means.
    pub past_due: PastDueRule,
    /// The day it is where the school is.
    pub today: NaiveDate,
    /// What problems are said in.
    pub language: Language,
    /// Who takes the sheet apart.
    pub reader: Reader,
}

impl SheetRules {
    /// The rules of an account's configuration, today by this machine's clock.
    pub fn of(account: &Account, reader: Reader) -> SheetRules {
        SheetRules::on(account, account.today(), reader)
    }

    /// The rules of an account's configuration on a day.
    pub fn on(account: &Account, today: NaiveDate, reader: Reader) -> SheetRules {
        SheetRules {
            gateway: account.gateway,
            columns: account.columns.clone(),
            usual: BTreeMap::new(),
            day_month_order: account.day_month_order,
            duplicates: account.duplicate_identifiers,
            past_due: account.past_due_dates,
            today,
            language: account.language,
            reader,
        }
    }

    /// The rules of an account that configures nothing but what it must.
    pub fn defaults(reader: Reader) -> SheetRules {
        SheetRules {
            gateway: GatewayKind::Asaanbill,
            columns: BTreeMap::new(),
            usual: BTreeMap::new(),
            day_month_order: DayMonthOrder::Dmy,
            duplicates: DuplicateRule::Reject,
            past_due: PastDueRule::Reject,
            today: chrono::Utc::now()
                .with_timezone(&chrono_tz::Asia::Karachi)
                .date_naive(),
            language: Language::En,
            reader,
        }
    }

    /// The fields of this gateway's sheets, in the order rows carry them.
    pub fn fields(&self) -> Vec<Field> {
        gateway::fields(self.gateway)
    }

    /// How the file is opened.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            fields: self.fields(),
            columns: self.columns.clone(),
            usual: self.usual.clone(),
            day_month_order: self.day_month_order,
            limits: Limits::default(),
            read_by: self.reader.of(self.gateway),
        }
    }
}

/// One thing about a row that a person should read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct RowProblem {
    /// The field's name (`amount`), or empty where it is the row as a whole.
    pub field: String,
    /// Where it stands (`B17`), if the sheet has that column.
    pub cell: Option<String>,
    /// What stands there.
    pub value: String,
    /// What is wrong, and what to write instead.
    pub problem: String,
    /// Whether the row goes all the same.
    #[serde(rename = "severity", with = "severity")]
    pub warning: bool,
}

/// `severity` as the contract spells it.
mod severity {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(super) fn serialize<S: Serializer>(warning: &bool, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(if *warning { "warning" } else { "error" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
        Ok(String::deserialize(d)? == "warning")
    }
}

/// A bill, borrowed from the row it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillView<'a> {
    /// What the payer's bank shows.
    pub title: std::borrow::Cow<'a, str>,
    /// Who pays, in the school's own numbering.
    pub identifier: std::borrow::Cow<'a, str>,
    /// In paisa.
    pub amount: i64,
    /// The last day of `amount`.
    pub due_date: NaiveDate,
    /// In paisa; equal to `amount` where none applies.
    pub amount_after_due_date: i64,
}

/// What could be read of a row that is no bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readable<'a> {
    /// As the sheet shows it.
    pub title: &'a str,
    /// As the sheet shows it.
    pub identifier: &'a str,
    /// In paisa, where it is an amount.
    pub amount: Option<i64>,
    /// Where it is a date.
    pub due_date: Option<NaiveDate>,
    /// In paisa, where it is an amount.
    pub amount_after_due_date: Option<i64>,
}

/// One row, judged by itself; what stands twice in the file is known only at its end.
#[derive(Debug)]
pub struct JudgedRow<'a> {
    /// Its number among the file's rows, from 1, over all sheets.
    pub row_no: u32,
    /// The sheet's name.
    pub sheet: &'a str,
    /// The line as the spreadsheet counts it, the header included.
    pub row_number: u32,
    /// The bill, if nothing is wrong with the row by itself.
    pub bill: Option<BillView<'a>>,
    /// What could be read of it in any case.
    pub readable: Readable<'a>,
    /// Everything that is to be said of it, warnings too.
    pub problems: &'a [RowProblem],
    /// The token of a fix sheet's row: which row this one corrects.
    pub token: Option<&'a str>,
}

/// What is shown of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the payer reads.
    pub title: String,
    /// The payer.
    pub identifier: String,
    /// In paisa.
    pub amount: Option<i64>,
    /// Until when.
    pub due_date: Option<NaiveDate>,
    /// In paisa, after that.
    pub late: Option<i64>,
}

impl JudgedRow<'_> {
    /// The values of its bill, or as much as could be read where it is none.
    pub fn shown(&self) -> Shown {
        match &self.bill {
            Some(bill) => Shown {
                title: bill.title.to_string(),
                identifier: bill.identifier.to_string(),
                amount: Some(bill.amount),
                due_date: Some(bill.due_date),
                late: Some(bill.amount_after_due_date),
            },
            None => Shown {
                title: self.readable.title.trim().to_owned(),
                identifier: self.readable.identifier.trim().to_owned(),
                amount: self.readable.amount,
                due_date: self.readable.due_date,
                late: self.readable.amount_after_due_date,
            },
        }
    }
}

/// What became of a row because its identifier stands more than once in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwiceOutcome {
    /// Every row of the identifier is refused.
    Invalid,
    /// A later valid row wins.
    Skipped,
}

/// A row whose identifier stands more than once in the file.
#[derive(Clone, Debug)]
pub struct Duplicate {
    /// Its number among the file's rows.
    pub row_no: u32,
    /// The sheet's name.
    pub sheet: String,
    /// The line as the spreadsheet counts it.
    pub row_number: u32,
    /// What became of it.
    pub outcome: TwiceOutcome,
    /// Whether nothing else was wrong with it.
    pub was_valid: bool,
    /// What a person reads about it.
    pub problem: RowProblem,
}

/// A table that was found in the file.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct SheetSeen {
    /// The sheet's name.
    pub name: String,
    /// The header's line, from 1.
    pub header_row: u32,
    /// Which heading serves which field.
    pub mapping: BTreeMap<String, String>,
    /// The same, with each column, the grounds, and what stands in it.
    #[serde(default)]
    pub columns: Vec<SeenColumn>,
    /// The fields whose column was guessed.
    #[serde(default)]
    pub guesses: Vec<String>,
    /// Headings of the columns that have values and serve none.
    #[serde(default)]
    pub unused: Vec<String>,
    /// What else is worth saying of the sheet: hidden columns, merged cells.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl SheetSeen {
    /// The tables of a file as the ledger keeps them.
    pub fn to_json(sheets: &[SheetSeen]) -> String {
        serde_json::to_string(sheets).expect("sheets are plain texts")
    }

    /// The same, read back.
    pub fn from_json(text: &str) -> Option<Vec<SheetSeen>> {
        serde_json::from_str(text).ok()
    }
}

/// A line below a header that is no row, or a sheet that is left as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutLine<'a> {
    /// The sheet's name.
    pub sheet: &'a str,
    /// The line, from 1.
    pub row: u32,
    /// Why it is no row.
    pub why: String,
}

/// All that was left out of a file, said in a language.
#[derive(Clone, Debug, Default)]
pub struct LeftOutLines {
    list: LeftOutList,
    language: Language,
}

impl LeftOutLines {
    /// Each, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = LeftOutLine<'_>> {
        self.list.iter().map(|left| LeftOutLine {
            sheet: left.sheet,
            row: left.row,
            why: self.language.left(&left.why),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Serialize for LeftOutLines {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A row that a later one differs from only in capital letters. Known when that one was read, and
/// a warning: both rows go.
#[derive(Clone, Debug)]
pub struct LateWarning {
    /// Its number among the file's rows.
    pub row_no: u32,
    /// The sheet's name.
    pub sheet: String,
    /// The line as the spreadsheet counts it.
    pub row_number: u32,
    /// What a person reads about it.
    pub problem: RowProblem,
}

/// What a whole file came to.
#[derive(Clone, Debug, Default)]
pub struct SheetSummary {
    /// The tables found.
    pub sheets: Vec<SheetSeen>,
    /// Rows read.
    pub rows: u64,
    /// Rows that are bills, duplicates taken off.
    pub valid: u64,
    /// Rows that are none.
    pub invalid: u64,
    /// Sum of the valid rows, in paisa.
    pub valid_total: i64,
    /// Why the file as a whole would wait.
    pub held: Option<String>,
    /// Lines that are no rows, and whole sheets without any.
    pub left_out: LeftOutLines,
    /// What is worth saying of the file: hidden sheets, macros.
    pub notes: Vec<String>,
    /// What is guessed of its tables, beside their columns.
    pub guessed: Vec<String>,
    /// What is known of some rows only at the end: those whose identifier stands more than once, and
    /// those that a later row differs from only in capital letters.
    pub late: Late,
}

impl SheetSummary {
    /// What there is to say about the file when it is taken: its guesses, and what was left out.
    pub fn message(&self) -> Option<String> {
        const GUESSES_MAX: usize = 5;
        let language = self.left_out.language;
        let of_columns = self
            .sheets
            .iter()
            .flat_map(|sheet| sheet.said_of_guesses(language));
        let guesses = self.guessed.iter().cloned().chain(of_columns);
        let mut said: Vec<String> = guesses.take(GUESSES_MAX).collect();
        said.extend(self.said_of_left_out());
        (!said.is_empty()).then(|| said.join(language.between()))
    }

    /// What was left out, in a sentence without its end; `None` if nothing was.
    pub fn said_of_left_out(&self) -> Option<String> {
        const NAMED_MAX: usize = 3;
        let LeftOutLines { list, language } = &self.left_out;
        let mut said = Vec::new();
        if list.lines() > 0 {
            said.push(language.of_file(&OfFile::LinesLeftOut(list.lines())));
        }
        let named: Vec<String> = list.sheets().take(NAMED_MAX).map(str::to_owned).collect();
        if !named.is_empty() {
            let more = list.sheets().count() - named.len();
            said.push(language.of_file(&OfFile::SheetsLeft(named, more)));
        }
        (!said.is_empty()).then(|| said.join(language.between()))
    }
}

/// Reads and judges a file row by row, handing each to `sink` in order.
///
/// # Errors
/// A file that can't be read (exit 3); nobody to read it just now (exit 70, which says nothing of
/// the file); or whatever `sink` answers.
pub fn judge_sheet(
    path: &Path,
    file_name: &str,
    rules: &SheetRules,
    sink: &mut dyn FnMut(&JudgedRow<'_>) -> Result<(), Failure>,
) -> Result<SheetSummary, Failure> {
    let unreadable = |error: Unreadable| {
        let exit = match &error {
            Unreadable::NotNow(_) => Exit::Defect,
            _ => Exit::File,
        };
        let why = rules.language.unreadable(&error);
        Failure::new(exit, format!("{file_name}: {why}"))
    };
    let language = rules.language;
    let refused = |said: &OfFile| Failure::file(format!("{file_name}: {}", language.of_file(said)));
    let options = rules.read_options();
    let mut reader = fee_sheet::open(path, file_name, &options).map_err(unreadable)?;
    let mut judge = gateway::row_judge(rules);
    let mut twice = Twice::new(rules.duplicates, rules.language);
    let mut summary = SheetSummary::default();
    let mut problems = Vec::new();
    let mut row = SheetRow::default();
    while reader.next_row(&mut row).map_err(unreadable)? {
        let row_no = u32::try_from(summary.rows + 1).map_err(|_| refused(&OfFile::TooManyRows))?;
        summary.rows += 1;
        problems.clear();
        let judgement = judge.judge(&row, &mut problems);
        twice.see(
            row_no,
            &row,
            judge.identifier(&judgement),
            judgement.bill.as_ref(),
            reader.sheets(),
            &mut problems,
        );
        if twice.is_full() {
            let limit = IDENTIFIER_BYTES_MAX >> 20;
            return Err(refused(&OfFile::IdentifiersTooLong(limit)));
        }
        match &judgement.bill {
            Some(bill) => {
                summary.valid += 1;
                summary.valid_total = summary
                    .valid_total
                    .checked_add(bill.amount)
                    .ok_or_else(|| refused(&OfFile::TooMuchMoney))?;
            }
            None => summary.invalid += 1,
        }
        let sheet = &reader.sheets()[row.sheet()].name;
        sink(&JudgedRow {
            row_no,
            sheet,
            row_number: row.row_number(),
            readable: judgement.readable,
            bill: judgement.bill,
            problems: &problems,
            token: row.token(),
        })?;
    }
    summary.sheets = reader
        .sheets()
        .iter()
        .map(|sheet| SheetSeen {
            name: sheet.name.clone(),
            header_row: sheet.header_row,
            mapping: sheet
                .mapping
                .iter()
                .map(|(field, heading)| (field.to_string(), heading.clone()))
                .collect(),
            columns: sheet.columns.iter().map(SeenColumn::of).collect(),
            guesses: sheet.guesses.iter().map(ToString::to_string).collect(),
            unused: sheet.unused.clone(),
            notes: sheet
                .notes
                .iter()
                .map(|note| language.remark(note))
                .collect(),
        })
        .collect();
    let remarks = reader.sheets().iter().flat_map(|sheet| &sheet.notes);
    summary.guessed = remarks
        .filter(|remark| remark.is_guess())
        .map(|remark| language.remark(remark))
        .collect();
    summary.left_out = LeftOutLines {
        list: reader.left_out(),
        language,
    };
    summary.held = language.holds(reader.holds());
    summary.notes = reader
        .notes()
        .iter()
        .map(|note| language.remark(note))
        .collect();
    summary.late = twice.finish(reader.sheets());
    let (lost_total, lost, outcome) = summary.late.lost();
    summary.valid -= lost;
    if outcome == Some(TwiceOutcome::Invalid) {
        summary.invalid += lost;
    }
    summary.valid_total -= lost_total;
    Ok(summary)
}

/// Paisa as a person reads them: `1500.00`. Sums may be wider than one amount.
pub fn rupees(paisa: impl Into<i128>) -> String {
    let paisa = paisa.into();
    let sign = if paisa < 0 { "-" } else { "" };
    let paisa = paisa.unsigned_abs();
    format!("{sign}{}.{:02}", paisa / 100, paisa % 100)
}

#[cfg(test)]
mod tests;
