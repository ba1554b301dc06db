//! Headings in two lines: `Fee` over `Within Due Date` and `After Due Date`, or
//! the same headings in two languages. What stands above belongs to all columns
//! that it reaches over; what stands below may stand for itself, unless what is
//! above makes something else of it: an `Amount` below `Arrears` is no amount.

use crate::beside::{Beside, Heard, heard, is_any};
use crate::guessing::OTHER_PEOPLE;
use crate::header::HEADING_BYTES;
use crate::headings::{is_blank, is_word, words};
use crate::known::Heading;
use crate::merged::Ranges;
use crate::row::{CellKind, SheetRow, Value};
use crate::speaking::speaks_of_late;

/// The headings of two lines that follow each other, if they can be headings
/// and the upper one is more than a title.
pub(crate) fn together(
    upper: &SheetRow,
    lower: &SheetRow,
    merges: &Ranges,
) -> Option<Vec<Heading>> {
    if !follow(upper, lower) {
        return None;
    }
    let groups = groups(upper, lower, merges);
    let last = lower.filled().map(|cell| cell.column).max()?;
    let first = lower.filled().map(|cell| cell.column).min()?;
    let is_title = |group: &Group<'_>| group.from <= first && group.to >= last;
    if groups.is_empty() || groups.len() == 1 && groups.iter().any(is_title) {
        return None;
    }
    let mut headings: Vec<Heading> = Vec::new();
    let mut under = vec![false; groups.len()];
    for cell in lower.filled() {
        let at = groups
            .iter()
            .position(|group| (group.from..=group.to).contains(&cell.column));
        if let Some(at) = at {
            under[at] |= groups[at].from == cell.column || groups[at].to > groups[at].from;
        }
        let above = at.map(|at| groups[at].text.clone());
        headings.push(match above {
            Some(above) => Heading::below(cell.column, &above, &one_line(cell.shown)),
            None => Heading::alone(cell.column, &one_line(cell.shown)),
        });
    }
    for group in &groups {
        // What has nothing right below it is the heading of its own column.
        if headings.iter().all(|heading| heading.column != group.from) {
            headings.push(Heading::alone(group.from, &group.text));
        }
    }
    headings.sort_by_key(|heading| heading.column);
    under.iter().any(|under| *under).then_some(headings)
}

/// Whether two lines of texts alone stand right below each other.
fn follow(upper: &SheetRow, lower: &SheetRow) -> bool {
    upper.number + 1 == lower.number && is_wordy(upper) && is_wordy(lower)
}

/// A heading of the upper line, and the columns that it reaches over.
pub(crate) struct Group<'a> {
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) text: std::borrow::Cow<'a, str>,
}

/// The upper line's headings, each with the columns that it reaches over.
pub(crate) fn groups<'a>(upper: &'a SheetRow, lower: &SheetRow, merges: &Ranges) -> Vec<Group<'a>> {
    let cells: Vec<(u16, &str)> = upper
        .filled()
        .map(|cell| (cell.column, cell.shown))
        .collect();
    let wide = merges.across(upper.number);
    let last = lower.filled().map(|cell| cell.column).max().unwrap_or(0);
    let alone = |column: u16| {
        lower.cell(column).kind == CellKind::Text && is_blank(lower.cell(column).shown)
    };
    let mut groups = Vec::with_capacity(cells.len());
    for (place, (from, text)) in cells.iter().enumerate() {
        let next = cells.get(place + 1).map(|(column, _)| *column);
        let to = if let Some((_, to)) = wide.iter().find(|(first, _)| first == from) {
            *to
        } else if !wide.is_empty() || cells.len() < 2 || alone(*from) {
            // A heading with nothing below it is the column's own.
            *from
        } else {
            next.map_or(last, |next| next - 1).max(*from)
        };
        groups.push(Group {
            from: *from,
            to,
            text: one_line(text),
        });
    }
    groups
}

fn one_line(text: &str) -> std::borrow::Cow<'_, str> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

/// Whether a line is of texts alone, as headings are.
pub(crate) fn is_wordy(line: &SheetRow) -> bool {
    let mut cells = line.filled().peekable();
    cells.peek().is_some()
        && cells.all(|cell| {
            cell.kind == CellKind::Text
                && cell.shown.len() <= HEADING_BYTES
                && !cell.is_date()
                && !matches!(cell.as_amount(), Value::Money(_))
        })
}

/// How much may stand above an amount that is to be one all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    /// Nothing that makes another amount of it.
    Plain,
    /// A charge by its name, too: it may as well be a title that happens to stand
    /// right above (`Fee Collection Sheet`).
    Charge,
}

/// Whether a heading below another can stand for itself as money.
pub(crate) fn leaves_money_alone(above: &str, allowed: Above) -> bool {
    if above.contains(':') || above.chars().any(char::is_numeric) {
        return true;
    }
    if speaks_of_late(above) {
        return false;
    }
    let words = words(above);
    let harmless = |heard: Heard| {
        allowed == Above::Charge
            && !heard.arrears
            && matches!(heard.beside, Beside::Charge | Beside::Sum)
    };
    heard(above).is_none_or(harmless) || words.iter().all(|word| is_word(word, GROUPS))
}

/// Whether it can as a name or a number.
pub(crate) fn leaves_payers_alone(above: &str) -> bool {
    !is_any(&words(above), OTHER_PEOPLE)
}

/// Whether it can as a date.
pub(crate) fn leaves_dates_alone(above: &str) -> bool {
    const OTHER: &str = "issue issued birth dob admission joining payment paid received previous";
    !is_any(&words(above), OTHER)
}

/// Words over several columns of money that make nothing else of them.
const GROUPS: &str = "fee fees charge charges amount amounts bill bills billing dues due payable payment \
    payments detail details structure breakup breakdown particulars information info of the for \
    and month monthly current this student students school rs pkr rupees total net \
    january february march april may june july august september october november december \
    jan feb mar apr jun jul aug sep sept oct nov dec فیس رقم واجبات تفصیل کی بل";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_can_make_something_else_of_an_amount() {
        for above in [
            "Fee",
            "Fee Details",
            "Fees for March",
            "Class 5",
            "Late Fee: 50",
            "Student",
        ] {
            assert!(leaves_money_alone(above, Above::Plain), "{above}");
        }
        for above in [
            "Arrears",
            "Transport Fee",
            "Discount",
            "Paid",
            "Late Fee",
            "Previous Balance",
        ] {
            assert!(!leaves_money_alone(above, Above::Plain), "{above}");
        }
        assert!(leaves_money_alone("Fee Collection Sheet", Above::Charge));
        assert!(!leaves_money_alone("Arrears", Above::Charge));
        assert!(leaves_payers_alone("Student") && !leaves_payers_alone("Father's"));
        assert!(leaves_dates_alone("Due") && !leaves_dates_alone("Issue"));
    }
}
