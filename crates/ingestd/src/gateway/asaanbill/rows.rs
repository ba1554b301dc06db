//! AsaanBill's sheet: its five fields, the headings schools give them, and what makes a row a bill.

use asaanbill_core::{
    Draft, Given, IDENTIFIER_CHARS_MAX, Paisa, PastDue, Problem, ProblemKind, Rules, Severity,
    judge, text as core_text,
};
use chrono::NaiveDate;
use fee_sheet::{Entry, Field, FieldKind, Flaw, Note, SheetRow, Value, cell_name, school_words};

pub use asaanbill_core::duplicates::{Met, Seen};

use crate::config::PastDueRule;
use crate::gateway::{Judgement, RowJudge};
use crate::language::Language;
use crate::said::Said;
use crate::sheet::{BillView, Readable, RowProblem, SheetRules};

const TITLE: usize = 0;
/// Where the identifier stands among the fields.
pub const IDENTIFIER_FIELD: usize = 1;
pub(super) const AMOUNT: usize = 2;
pub(super) const DUE_DATE: usize = 3;
pub(super) const LATE: usize = 4;

const NAMES: [&str; 5] = [
    "title",
    "identifier",
    "amount",
    "due_date",
    "amount_after_due_date",
];

/// The five fields of the guide's PSID form. A sheet can do without the late amount alone.
pub fn fields() -> Vec<Field> {
    let field = |at: usize, label, kind, synonyms| Field {
        name: NAMES[at],
        label,
        kind,
        required: at != LATE,
        synonyms,
    };
    vec![
        field(TITLE, "Title", FieldKind::Text, school_words::TITLE),
        field(
            IDENTIFIER_FIELD,
            "Identifier",
            FieldKind::Code,
            school_words::IDENTIFIER,
        ),
        field(AMOUNT, "Amount", FieldKind::Money, school_words::AMOUNT),
        field(
            DUE_DATE,
            "Due Date",
            FieldKind::Date,
            school_words::DUE_DATE,
        ),
        field(
            LATE,
            "Amount After Due Date",
            FieldKind::Money,
            school_words::AMOUNT_AFTER_DUE_DATE,
        ),
    ]
}

/// The one field that words of the hub name, as the guide spells it (`amountAfterDueDate cannot be
/// empty or null`), if they name just one.
pub fn field_named(words: &str) -> Option<&'static str> {
    const SPELT: [&str; 5] = [
        "title",
        "identifier",
        "amount",
        "dueDate",
        "amountAfterDueDate",
    ];
    let mut named = words
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| {
            SPELT
                .iter()
                .position(|field| field.eq_ignore_ascii_case(word))
        });
    let first = named.next()?;
    named.all(|other| other == first).then_some(NAMES[first])
}

/// Characters of a value that are kept with a problem. A cell may have 32,767, and a million rows a
/// problem each.
const VALUE_CHARS: usize = 1_000;

/// Judges rows by the rules of `asaanbill-core`.
pub struct AsaanBillRows {
    rules: Rules,
    language: Language,
    found: Vec<Problem>,
}

impl AsaanBillRows {
    /// By an account's rules.
    pub fn new(rules: &SheetRules) -> Self {
        let past_due = match rules.past_due {
            PastDueRule::Reject => PastDue::Reject,
            PastDueRule::Warn => PastDue::Warn,
            PastDueRule::Allow => PastDue::Allow,
        };
        AsaanBillRows {
            rules: Rules {
                today: rules.today,
                past_due,
            },
            language: rules.language,
            found: Vec::new(),
        }
    }
}

impl AsaanBillRows {
    fn problem(
        &self,
        row: &SheetRow,
        field: &str,
        entry: &Entry<'_>,
        said: &Said,
        warning: bool,
    ) -> RowProblem {
        RowProblem {
            field: field.to_owned(),
            cell: entry
                .column
                .map(|column| cell_name(column, row.row_number())),
            value: entry.shown.chars().take(VALUE_CHARS).collect(),
            problem: self.language.said(field, entry.shown, said),
            warning,
        }
    }
}

impl RowJudge for AsaanBillRows {
    fn judge<'a>(&mut self, row: &'a SheetRow, problems: &mut Vec<RowProblem>) -> Judgement<'a> {
        // Each cell is read once.
        let entries: [Entry<'a>; 5] = std::array::from_fn(|at| row.entry(at));
        for (name, entry) in NAMES.iter().zip(&entries) {
            if let Value::Wrong(flaw) = &entry.value {
                problems.push(self.problem(row, name, entry, &Said::Flaw(flaw.clone()), false));
            }
            if let Some(said) = assumed(entry, self.rules.today) {
                problems.push(self.problem(row, name, entry, &said, true));
            }
        }
        let draft = Draft {
            title: text(&entries[TITLE]),
            identifier: text(&entries[IDENTIFIER_FIELD]),
            amount: money(&entries[AMOUNT]),
            due_date: date(&entries[DUE_DATE]),
            amount_after_due_date: money(&entries[LATE]),
        };
        self.found.clear();
        let bill = judge(&draft, &self.rules, &mut self.found);
        for problem in &self.found {
            let at = NAMES
                .iter()
                .position(|name| *name == problem.field.name())
                .unwrap_or(TITLE);
            let entry = &entries[at];
            if is_wrong(entry) && at <= IDENTIFIER_FIELD {
                continue; // the reader has already said what is wrong with this cell
            }
            let warning = problem.severity() == Severity::Warning;
            let said = said_of(problem, entry);
            problems.push(self.problem(row, NAMES[at], entry, &said, warning));
        }
        let unreadable_text = is_wrong(&entries[TITLE]) || is_wrong(&entries[IDENTIFIER_FIELD]);
        let bill = bill.filter(|_| !unreadable_text).map(|bill| BillView {
            title: bill.title,
            identifier: bill.identifier,
            amount: bill.amount.paisa(),
            due_date: bill.due_date,
            amount_after_due_date: bill.amount_after_due_date.paisa(),
        });
        Judgement {
            bill,
            readable: readable(&entries),
        }
    }

    fn identifier<'j>(&self, judgement: &'j Judgement<'_>) -> &'j str {
        match &judgement.bill {
            Some(bill) => &bill.identifier,
            // One that is too long is wrong by itself, and is not remembered to be compared.
            None => match judgement.readable.identifier.trim() {
                identifier if identifier.len() > 4 * IDENTIFIER_CHARS_MAX => "",
                identifier => identifier,
            },
        }
    }
}

fn readable<'a>(entries: &[Entry<'a>; 5]) -> Readable<'a> {
    let paisa = |at: usize| match entries[at].value {
        Value::Money(minor) => Some(minor),
        _ => None,
    };
    Readable {
        title: entries[TITLE].shown,
        identifier: entries[IDENTIFIER_FIELD].shown,
        amount: paisa(AMOUNT),
        due_date: match entries[DUE_DATE].value {
            Value::Date(date) => Some(date),
            _ => None,
        },
        amount_after_due_date: paisa(LATE),
    }
}

fn is_wrong(entry: &Entry<'_>) -> bool {
    matches!(entry.value, Value::Wrong(_))
}

fn text<'a>(entry: &Entry<'a>) -> &'a str {
    match entry.value {
        Value::Text(text) => text,
        _ => "",
    }
}

fn money(entry: &Entry<'_>) -> Given<Paisa> {
    match entry.value {
        Value::Blank => Given::Blank,
        Value::Money(minor) => Given::Value(Paisa::from_paisa(minor)),
        _ => Given::Unreadable,
    }
}

fn date(entry: &Entry<'_>) -> Given<NaiveDate> {
    match entry.value {
        Value::Blank => Given::Blank,
        Value::Date(date) => Given::Value(date),
        _ => Given::Unreadable,
    }
}

/// What was assumed to read a cell.
fn assumed(entry: &Entry<'_>, today: NaiveDate) -> Option<Said> {
    /// No bill that is sent now is due later than that.
    const SOON_DAYS: i64 = 180;
    match (entry.note?, &entry.value) {
        (Note::YearMayComeFirst, Value::Date(date)) => {
            let days = date.signed_duration_since(today).num_days();
            (days > SOON_DAYS).then_some(Said::YearMayComeFirst(*date))
        }
        (Note::DateOrderAssumed, Value::Date(date)) => Some(Said::OrderAssumed(*date)),
        (Note::DayNumberTaken, Value::Date(date)) => Some(Said::DayNumberTaken(*date)),
        (Note::DayNotShown, Value::Date(date)) => Some(Said::DayNotShown(*date)),
        (Note::PaisaNotShown, Value::Money(minor)) => Some(Said::PaisaNotShown(*minor)),
        _ => None,
    }
}

/// A problem of the rules, as it is said of the cell that it stands in.
fn said_of(problem: &Problem, entry: &Entry<'_>) -> Said {
    match &problem.kind {
        ProblemKind::Blank => Said::Blank,
        ProblemKind::NotPositive => match entry.value {
            Value::Money(minor) if minor < 0 => Said::Negative,
            _ => Said::Nought,
        },
        ProblemKind::LateBelowAmount { amount } => Said::LateBelowAmount(amount.paisa()),
        ProblemKind::LateMuchHigher { amount } => Said::LateMuchHigher(amount.paisa()),
        ProblemKind::YearOutOfRange => Said::YearOutOfRange,
        ProblemKind::PastDue { today, severity } => match severity {
            Severity::Error => Said::Past(*today),
            Severity::Warning => Said::PastButSent,
        },
        ProblemKind::Cleaned => {
            let unseen = entry.shown.chars().filter(|c| core_text::is_unseen(*c));
            let unseen: Vec<char> = unseen.collect();
            let sent = core_text::clean(entry.shown).into_owned();
            if unseen.is_empty() {
                Said::Trimmed(sent)
            } else {
                Said::Unseen(unseen, sent)
            }
        }
        ProblemKind::TooLong { chars, most } => Said::TooLong(*chars, *most),
        // Texts are read by the sheet's reader, which says so itself.
        ProblemKind::NotAnAmount(_) => Said::Flaw(Flaw::NotANumber),
        ProblemKind::NotADate(_) => Said::Flaw(Flaw::NotADate),
    }
}

#[cfg(test)]
mod tests {
    use super::field_named;

    #[test]
    fn the_field_that_the_hub_names_is_found_where_it_is_one() {
        let late = field_named("amountAfterDueDate cannot be empty or null");
        assert_eq!(late, Some("amount_after_due_date"));
        assert_eq!(field_named("Invalid dueDate."), Some("due_date"));
        assert_eq!(field_named("amount, and again AMOUNT"), Some("amount"));
        assert_eq!(field_named("amount and title are wrong"), None);
        assert_eq!(field_named("the bank is closed"), None);
    }
}
