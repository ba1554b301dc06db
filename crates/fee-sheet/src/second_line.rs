//! Whether the line below a line of headings says headings too, or is the first
//! row; and whether the line above one is a title. A pupil without a fee and a
//! date yet is all text, as headings are, and must not become a part of them.

use crate::FieldKind;
use crate::beside::{Beside, heard};
use crate::claims::Claim;
use crate::header::{Match, Matcher};
use crate::headings::{is_word, normal, words};
use crate::known::Heading;
use crate::merged::Ranges;
use crate::row::SheetRow;
use crate::speaking::speaks_of_late;
use crate::two_lines::{
    Above, groups, leaves_dates_alone, leaves_money_alone, leaves_payers_alone,
};

/// A text of more words is a title, and no heading of one column.
const HEADING_WORDS_MAX: usize = 3;

/// What a cell of a second line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// A heading of the field by itself.
    Heading,
    /// Something of the money of its column, or a hint to the heading above.
    More,
    /// Nothing.
    Nothing,
    /// What a row could hold there.
    Value,
}

impl Matcher {
    /// Whether the second line of two that were matched together says headings.
    pub(crate) fn says_headings(&self, both: &Match, headings: &[Heading]) -> bool {
        let mut pairs = headings.iter().filter_map(|heading| heading.lines.as_ref());
        if pairs.all(|(above, below)| normal(above) == normal(below)) {
            return false; // the same headings once more
        }
        let (mut known, mut more, mut values) = (0, 0, 0);
        let mut payer = false;
        for (column, lower) in &both.second {
            let heading = headings.iter().find(|heading| heading.column == *column);
            let Some(heading) = heading else { continue };
            match self.says(both, heading, lower) {
                Says::Heading => {
                    known += 1;
                    payer |= self.names_payer(both, *column);
                }
                Says::More => more += 1,
                Says::Nothing => {}
                // No heading of a field has a number of its own.
                Says::Value if lower.chars().any(char::is_numeric) => return false,
                Says::Value => values += 1,
            }
        }
        // A value may happen to be the name of a heading, but not the pupil's.
        match values {
            0 => known + more > 0,
            _ => payer && known > 1 && known > values,
        }
    }

    /// Whether a column is the one of the payer's name or number.
    fn names_payer(&self, line: &Match, column: u16) -> bool {
        let field = line.columns.iter().position(|of| *of == Some(column));
        let kind = field.map(|field| self.fields[field].kind);
        matches!(kind, Some(FieldKind::Text | FieldKind::Code))
    }

    fn says(&self, both: &Match, heading: &Heading, lower: &str) -> Says {
        let field =
            |claim: Option<(usize, Claim, _)>| claim.map(|(field, ..): (usize, _, _)| field);
        let column = Some(heading.column);
        let Some(of) = both.columns.iter().position(|of| *of == column) else {
            return match says_of_money(heading, lower) {
                true => Says::More,
                false => Says::Nothing,
            };
        };
        if words(lower).is_empty() {
            return Says::Nothing;
        }
        let above = heading.lines.as_ref().map(|(above, _)| above.as_str());
        if field(self.claim(lower)) == Some(of) {
            return Says::Heading;
        }
        let whole = field(self.claim(&heading.shown)) == Some(of);
        let adds = above.is_some_and(|above| field(self.claim(above)) != Some(of));
        match whole {
            true if adds || is_hint(lower) => Says::More,
            _ => Says::Value,
        }
    }

    /// Whether the line above headings that gain nothing by it is a title, or says
    /// something else of all of them: one text, or one with a colon, that makes
    /// nothing else of the columns below it.
    pub(crate) fn is_title(
        &self,
        upper: &SheetRow,
        lower: &SheetRow,
        merges: &Ranges,
        alone: &Match,
        both: &Match,
    ) -> bool {
        let own = |line: &Match| {
            let claims = line.claims.iter();
            claims
                .filter(|claim| matches!(claim, Some(Claim::Own(_))))
                .count()
        };
        // A due date may stand above the headings, too.
        let gains = !alone.is_header() && (both.is_header() || both.matched > alone.matched);
        if gains || alone.matched == 0 || alone.ambiguous.is_some() || own(both) > own(alone) {
            return false;
        }
        let groups = groups(upper, lower, merges);
        if groups.len() > 1 && groups.iter().all(|group| !group.text.contains(':')) {
            return false;
        }
        let first = lower.filled().map(|cell| cell.column).min();
        groups.iter().all(|group| {
            let text = &*group.text;
            let told = text.contains(':') || text.chars().any(char::is_numeric);
            let title = told || words(text).len() > HEADING_WORDS_MAX;
            let mut below = lower.filled().map(|cell| cell.column);
            below.all(|column| {
                if !(group.from..=group.to).contains(&column) {
                    return true;
                }
                let field = alone.columns.iter().position(|of| *of == Some(column));
                match field.map(|field| self.fields[field].kind) {
                    Some(FieldKind::Money) => leaves_money_alone(text, Above::Plain),
                    Some(FieldKind::Text | FieldKind::Code) => title || leaves_payers_alone(text),
                    Some(FieldKind::Date) => title || leaves_dates_alone(text),
                    // No table begins with a column of money.
                    None => {
                        let money = speaks_of_late(text) || heard(text).is_some();
                        title || first == Some(column) || !money
                    }
                }
            })
        })
    }
}

/// Whether a text below a heading that is no field's speaks of money: a status
/// below `Remarks` is a value.
fn says_of_money(heading: &Heading, lower: &str) -> bool {
    let speaks = |text: &str| {
        let money = heard(text).is_some_and(|heard| heard.beside != Beside::Status);
        speaks_of_late(text) || money
    };
    let above = heading.lines.as_ref().map(|(above, _)| above);
    speaks(lower) && above.is_none_or(|above| speaks(above))
}

/// Whether a text only ends the heading above it (`Roll` over `No.`), or says how
/// the column is written: `(Rs.)`, `dd/mm/yyyy`.
fn is_hint(text: &str) -> bool {
    const HINTS: &str = "no number num nambar id code نمبر rs pkr rupees rupee in روپے \
        d dd m mm mmm yy yyyy";
    let text = text.trim();
    let bracketed = text.starts_with(['(', '[']) && text.ends_with([')', ']']);
    bracketed || words(text).iter().all(|word| is_word(word, HINTS))
}
