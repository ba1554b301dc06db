//! The workbook to hand to a school whose bills go to AsaanBill: the five columns of the guide's
//! PSID form, each with the rule that its rows are judged by later. The guide bounds neither the
//! length of a title or an identifier nor an amount, so no cell does either.

mod words;

use fee_sheet::{CellRule, Field, Template, TemplateColumn, TemplateNotes};

use super::rows::{AMOUNT, DUE_DATE, IDENTIFIER_FIELD, LATE, fields};
use crate::config::{Account, DuplicateRule, PastDueRule};
use crate::language::Language;
use crate::sheet::UsualHeadings;
use words::{ENGLISH, URDU, Words};

/// The template of an account, in a language. Where it is known how the school heads its sheets, the
/// template is headed so, in that order and without any other column: a sheet that has more than the
/// ones before it waits for a person.
pub fn of(account: &Account, language: Language, usual: Option<&UsualHeadings>) -> Template {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Ur => &URDU,
    };
    let fields = fields();
    let places = places(account, &fields, usual);
    let columns = places.iter().map(|at| {
        let field = &fields[*at];
        let mut usual = usual.into_iter().flat_map(|usual| &usual.columns);
        let usual = usual.find(|(name, _)| name == field.name);
        TemplateColumn {
            heading: heading(account, words, *at, field, usual),
            kind: field.kind,
            rule: rule(account, *at, &places),
            advice: words.columns[*at].advice.to_owned(),
            example: words.columns[*at].example.to_owned(),
        }
    });
    Template {
        sheet: words.sheet.to_owned(),
        columns: columns.collect(),
        notes: TemplateNotes {
            sheet: words.notes.to_owned(),
            title: words.title.to_owned(),
            lines: words.lines.iter().map(|line| (*line).to_owned()).collect(),
            headings: words.table.map(str::to_owned),
        },
        right_to_left: language == Language::Ur,
    }
}

/// Which fields it has, from the left.
fn places(account: &Account, fields: &[Field], usual: Option<&UsualHeadings>) -> Vec<usize> {
    let Some(usual) = usual else {
        return (0..fields.len()).collect();
    };
    let place = |name: &str| fields.iter().position(|field| field.name == name);
    let known = usual.columns.iter();
    let mut places: Vec<usize> = known.filter_map(|(name, _)| place(name)).collect();
    // What the account itself names, and what no bill is made without.
    let needed = |at: &usize| {
        let field = &fields[*at];
        account.columns.contains_key(field.name) || field.required
    };
    let others = (0..fields.len()).filter(|at| needed(at) && !places.contains(at));
    let others: Vec<usize> = others.collect();
    places.extend(others);
    places
}

fn heading(
    account: &Account,
    words: &Words,
    at: usize,
    field: &Field,
    usual: Option<&(String, String)>,
) -> String {
    let own = account.columns.get(field.name);
    let usual = usual.map(|(_, heading)| heading);
    let known_again = |own: &String| {
        let form = fee_sheet::headings::known_again(own);
        usual.is_some_and(|usual| fee_sheet::headings::known_again(usual) == form)
    };
    // Of several that the account names, the one that the school writes.
    let own = own.and_then(|all| all.iter().find(|own| known_again(own)).or(all.first()));
    let heading = own.or(usual).map(String::as_str);
    heading.unwrap_or(words.columns[at].heading).to_owned()
}

/// What the cells of a field refuse; `places` are the fields from the left.
fn rule(account: &Account, at: usize, places: &[usize]) -> CellRule {
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
        LATE => match places.iter().position(|place| *place == AMOUNT) {
            Some(amount) => CellRule::AmountFrom(amount),
            None => CellRule::Amount,
        },
        _ => CellRule::Filled,
    }
}
