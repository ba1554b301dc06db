//! The workbook to hand to a school whose bills go to AsaanBill: the five columns of the guide's
//! PSID form, each with the rule that its rows are judged by later. The guide bounds neither the
//! length of a title or an identifier nor an amount, so no cell does either.

mod words;

use fee_sheet::{CellRule, Field, Template, TemplateColumn, TemplateNotes};

use super::rows::{AMOUNT, DUE_DATE, IDENTIFIER_FIELD, LATE, fields};
use crate::config::{Account, DuplicateRule, PastDueRule};
use crate::language::Language;
use words::{ENGLISH, URDU, Words};

/// The template of an account, in a language.
pub fn of(account: &Account, language: Language) -> Template {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Ur => &URDU,
    };
    let fields = fields();
    let columns = fields.iter().enumerate();
    Template {
        sheet: words.sheet.to_owned(),
        columns: columns
            .map(|(at, field)| column(account, words, at, field))
            .collect(),
        notes: TemplateNotes {
            sheet: words.notes.to_owned(),
            title: words.title.to_owned(),
            lines: words.lines.iter().map(|line| (*line).to_owned()).collect(),
            headings: words.table.map(str::to_owned),
        },
        right_to_left: language == Language::Ur,
    }
}

fn column(account: &Account, words: &Words, at: usize, field: &Field) -> TemplateColumn {
    let own = account.columns.get(field.name).and_then(|all| all.first());
    let column = &words.columns[at];
    TemplateColumn {
        heading: own.map_or(column.heading, String::as_str).to_owned(),
        kind: field.kind,
        rule: rule(account, at),
        advice: column.advice.to_owned(),
        example: column.example.to_owned(),
    }
}

fn rule(account: &Account, at: usize) -> CellRule {
    match at {
        IDENTIFIER_FIELD => match account.duplicate_identifiers {
            DuplicateRule::Reject => CellRule::FilledOnce,
            DuplicateRule::LastWins => CellRule::Filled,
        },
        AMOUNT => CellRule::Amount,
        DUE_DATE => match account.past_due_dates {
            PastDueRule::Reject => CellRule::DayFromToday,
            PastDueRule::Warn => CellRule::DayAskedAbout,
            PastDueRule::Allow => CellRule::Day,
        },
        LATE => CellRule::AmountFrom(AMOUNT),
        _ => CellRule::Filled,
    }
}
