//! Which line holds the headings, and which column is which field. The
//! school's own headings come first, then the synonyms; two columns with an
//! equal right are said, not chosen between.

use std::collections::HashMap;

use crate::claims::{Claim, OPEN};
use crate::headings::normal;
use crate::row::{SheetRow, Value};
use crate::speaking::is_after_day;
use crate::summing::{Charges, Lean};
use crate::unreadable::{MissingField, Unreadable};
use crate::{Field, FieldKind, ReadOptions};

/// The heading of the hidden column that ties a corrected row to its origin.
pub(crate) const TOKEN_HEADING: &str = "ingestd-row";

/// A cell longer than this is no heading.
const HEADING_BYTES: usize = 300;

/// All headings that are known, made comparable once.
#[derive(Debug)]
pub(crate) struct Matcher {
    fields: Vec<Field>,
    own: Vec<Vec<String>>,
    /// Normal form → field, and how good a claim the heading has to it.
    known: HashMap<String, (usize, Claim)>,
    token: String,
}

/// What the first cells below a heading look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Amounts,
    Dates,
    Other,
}

/// How a line matches.
#[derive(Debug, Default, Clone)]
pub(crate) struct Match {
    /// For each field its column.
    pub(crate) columns: Vec<Option<u16>>,
    /// For each field its heading, as written.
    pub(crate) headings: Vec<String>,
    pub(crate) token: Option<u16>,
    pub(crate) matched: usize,
    /// For each field, how good a claim its column has to it.
    pub(crate) claims: Vec<Option<Claim>>,
    /// Columns whose heading leaves open what they are.
    open: Vec<(u16, String)>,
    /// Choices that the rows can still speak against.
    leans: Vec<Lean>,
    /// The required fields without a column.
    missing: Vec<usize>,
    /// A field, and two columns with an equal right to it.
    ambiguous: Option<(usize, String, String)>,
    /// Every heading of the line.
    pub(crate) found: Vec<String>,
}

/// What a search for the headings of a sheet came to.
pub(crate) enum Search {
    /// Which line, and its columns.
    Found(usize, Match),
    /// No line has all headings; this one came nearest.
    Nearest(Match),
    /// Two columns have an equal right to one field.
    Refused(Unreadable),
}

/// What the first cells of a column look like, of the lines given.
pub(crate) fn shape<'a>(lines: impl Iterator<Item = &'a SheetRow>, column: u16) -> Shape {
    const LOOKED_AT: usize = 5;
    let cells: Vec<_> = lines
        .filter_map(|line| line.filled().find(|cell| cell.column == column))
        .take(LOOKED_AT)
        .collect();
    if cells.is_empty() {
        Shape::Other
    } else if cells.iter().all(|cell| cell.is_date()) {
        Shape::Dates
    } else if cells
        .iter()
        .all(|cell| matches!(cell.as_amount(), Value::Money(_)))
    {
        Shape::Amounts
    } else {
        Shape::Other
    }
}

impl Match {
    /// Whether every field that the table can't do without has a column.
    pub(crate) fn is_header(&self) -> bool {
        self.matched > 0 && self.missing.is_empty()
    }
}

impl Matcher {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let mut known = HashMap::new();
        let mut own = Vec::new();
        for (index, field) in options.fields.iter().enumerate() {
            let headings = options.columns.get(field.name).cloned().unwrap_or_default();
            for (place, heading) in headings.iter().enumerate() {
                let claim = (index, Claim::Own(place));
                known.entry(normal(heading)).or_insert(claim);
            }
            own.push(headings);
        }
        for (index, field) in options.fields.iter().enumerate() {
            for synonym in field.synonyms.iter().chain([&field.label, &field.name]) {
                let form = normal(synonym);
                let claim = (index, Claim::of(&form));
                known.entry(form).or_insert(claim);
            }
        }
        known.remove("");
        Self {
            fields: options.fields.clone(),
            own,
            known,
            token: normal(TOKEN_HEADING),
        }
    }

    /// Matches one line's cells.
    pub(crate) fn line<'a>(&self, cells: impl Iterator<Item = (u16, &'a str)>) -> Match {
        let count = self.fields.len();
        let mut found = Match {
            columns: vec![None; count],
            headings: vec![String::new(); count],
            claims: vec![None; count],
            ..Match::default()
        };
        let mut claims: Vec<Vec<(Claim, u16, &str)>> = vec![Vec::new(); count];
        let mut others = Vec::new();
        for (column, text) in cells {
            let heading = text.trim();
            if heading.len() > HEADING_BYTES {
                continue;
            }
            found
                .found
                .push(heading.split_whitespace().collect::<Vec<_>>().join(" "));
            let form = normal(heading);
            if form == self.token {
                found.token = Some(column);
            }
            match self.claim(&form) {
                Some((field, claim)) => claims[field].push((claim, column, heading)),
                None if form == OPEN => found.open.push((column, heading.to_owned())),
                None => others.push((column, heading)),
            }
        }
        let late_known = self.fields.iter().zip(&claims).any(|(field, claims)| {
            field.kind == FieldKind::Money && !field.required && !claims.is_empty()
        });
        let charges = Charges::of(&others, late_known);
        for (field, claims) in claims.iter().enumerate() {
            let sums_up = |whole: &(Claim, u16, &str), part: &(Claim, u16, &str)| {
                charges.sum_up((whole.0, whole.1), (part.0, part.1))
            };
            let is_beaten = |claim: &(Claim, u16, &str)| {
                let beats =
                    |other: &(Claim, u16, &str)| other.0.beats(claim.0) || sums_up(other, claim);
                claims.iter().any(beats)
            };
            let mut unbeaten = claims.iter().filter(|claim| !is_beaten(claim));
            let Some(best @ (claim, column, heading)) = unbeaten.next() else {
                continue;
            };
            for part in claims.iter().filter(|part| sums_up(best, part)) {
                let lean = charges.lean(field, (*column, *heading), (part.1, part.2));
                found.leans.push(lean);
            }
            found.columns[field] = Some(*column);
            found.headings[field] = (*heading).to_owned();
            found.claims[field] = Some(*claim);
            if let Some((_, _, rival)) = unbeaten.next()
                && found.ambiguous.is_none()
            {
                found.ambiguous = Some((field, (*heading).to_owned(), (*rival).to_owned()));
            }
        }
        self.count(&mut found);
        found
    }

    fn claim(&self, form: &str) -> Option<(usize, Claim)> {
        self.known.get(form).copied().or_else(|| {
            if !is_after_day(form) {
                return None;
            }
            let (field, _) = self.known.get(&normal("after due date"))?;
            Some((*field, Claim::Ordinary))
        })
    }

    fn count(&self, found: &mut Match) {
        found.matched = found.columns.iter().flatten().count();
        found.missing = (0..self.fields.len())
            .filter(|index| self.fields[*index].required && found.columns[*index].is_none())
            .collect();
    }

    /// Gives a column whose heading leaves open what it is to the one field
    /// that has no other column, if the cells below it look like that field.
    pub(crate) fn settle_open(&self, line: &mut Match, shape: impl Fn(u16) -> Shape) {
        let [(column, heading)] = line.open.as_slice() else {
            return;
        };
        let [field] = line.missing.as_slice() else {
            return;
        };
        let (column, field) = (*column, *field);
        let wanted = match self.fields[field].kind {
            FieldKind::Money => Shape::Amounts,
            FieldKind::Date => Shape::Dates,
            FieldKind::Text | FieldKind::Code => return,
        };
        if shape(column) == wanted {
            line.columns[field] = Some(column);
            line.headings[field] = heading.clone();
            line.claims[field] = Some(Claim::LastResort);
            self.count(line);
        }
    }

    /// Holds a choice of the whole before its part against the rows below;
    /// where they speak against it, there are two columns for one field.
    pub(crate) fn settle_leans<'a, L>(&self, line: &mut Match, lines: impl Fn() -> L)
    where
        L: Iterator<Item = &'a SheetRow>,
    {
        for lean in std::mem::take(&mut line.leans) {
            if line.ambiguous.is_none() && !lean.is_borne_out(lines()) {
                line.ambiguous = Some((lean.field, lean.part.1, lean.whole.1));
            }
        }
    }

    /// The line of the headings among a sheet's first lines: the first that
    /// has all that are required. Others below it begin tables of their own.
    pub(crate) fn best(&self, sheet: &str, lines: impl Iterator<Item = Match>) -> Search {
        let mut nearest = Match::default();
        for (index, line) in lines.enumerate() {
            if line.is_header() {
                return match self.chosen(sheet, line) {
                    Ok(line) => Search::Found(index, line),
                    Err(refusal) => Search::Refused(refusal),
                };
            }
            let nearer = line.matched > nearest.matched
                || line.matched == nearest.matched
                    && line.found.len() > 1
                    && nearest.found.len() <= 1;
            if nearer {
                nearest = line;
            }
        }
        Search::Nearest(nearest)
    }

    /// A line of headings, unless two columns have an equal right to one field.
    pub(crate) fn chosen(&self, sheet: &str, line: Match) -> Result<Match, Unreadable> {
        match line.ambiguous {
            None => Ok(line),
            Some((field, first, second)) => Err(Unreadable::AmbiguousColumns {
                sheet: sheet.to_owned(),
                field: self.fields[field].label,
                first,
                second,
            }),
        }
    }

    /// The labels of the fields that a line has no heading for.
    pub(crate) fn missing(&self, line: &Match) -> Vec<&'static str> {
        let missing = line.missing.iter();
        missing.map(|index| self.fields[*index].label).collect()
    }

    /// The refusal of a file of which no line has all headings.
    pub(crate) fn no_columns(&self, nearest: Match) -> Unreadable {
        let missing = if nearest.columns.is_empty() {
            (0..self.fields.len())
                .filter(|index| self.fields[*index].required)
                .collect()
        } else {
            nearest.missing
        };
        let missing = missing
            .into_iter()
            .map(|index| {
                let field = &self.fields[index];
                let known = field.synonyms.iter().map(|synonym| (*synonym).to_owned());
                let recognised = self.own[index].iter().cloned().chain(known).collect();
                MissingField {
                    field: field.name,
                    label: field.label,
                    recognised,
                }
            })
            .collect();
        Unreadable::NoColumns {
            found: nearest.found,
            missing,
        }
    }
}
