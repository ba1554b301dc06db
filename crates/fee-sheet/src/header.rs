//! Which line holds the headings, and which column is which field. The
//! school's own headings come first, then the synonyms; two columns with an
//! equal right are said, not chosen between.

use std::collections::HashSet;
use std::sync::Arc;

use crate::claims::{Claim, OPEN};
use crate::headings::{is_word, known_again, normal, words};
use crate::holds::FieldNamed;
use crate::known::{Heading, Known, known_of};
use crate::matched::How;
use crate::row::SheetRow;
use crate::shapes::Shape;
use crate::summing::{Charges, Lean};
use crate::two_lines::Above;
use crate::unreadable::{MissingField, Unreadable};
use crate::{Field, FieldKind, ReadOptions};

/// The heading of the hidden column that ties a corrected row to its origin.
pub(crate) const TOKEN_HEADING: &str = "ingestd-row";

/// A cell longer than this is no heading.
pub(crate) const HEADING_BYTES: usize = 300;

/// Fewer headings than this are a note that happens to use their words.
pub(crate) const HEADINGS_MIN: usize = 3;

/// All headings that are known, made comparable once.
#[derive(Debug)]
pub(crate) struct Matcher {
    pub(crate) fields: Vec<Field>,
    own: Vec<Vec<String>>,
    /// For each field, by what its heading in earlier sheets is known again.
    usual: Vec<Option<String>>,
    /// The school's own headings.
    pub(crate) of_school: Known,
    /// Those that everybody writes.
    pub(crate) of_all: Arc<Known>,
    token: String,
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
    /// For each field, why its column was taken for it.
    pub(crate) hows: Vec<How>,
    /// Columns whose heading leaves open what they are.
    open: Vec<(u16, String)>,
    /// Choices that the rows can still speak against.
    leans: Vec<Lean>,
    /// A number of a class taken before a more general one, if the rows bear
    /// it out: the field, the column, and both headings.
    roll: Option<(usize, u16, String, String)>,
    /// The required fields without a column.
    pub(crate) missing: Vec<usize>,
    /// A field, and two columns with an equal right to it.
    pub(crate) ambiguous: Option<(usize, String, String)>,
    /// The column of another amount, which was not read in earlier sheets.
    pub(crate) asked: Option<u16>,
    /// Every heading, with its column.
    pub(crate) all: Vec<(u16, String)>,
    /// The cells of the second line, where the headings have two.
    pub(crate) second: Vec<(u16, String)>,
    /// Whether that line says headings, and is no row.
    pub(crate) says: bool,
}

impl Match {
    /// Whether every field that the table can't do without has a column.
    pub(crate) fn is_header(&self) -> bool {
        self.matched > 0 && self.missing.is_empty()
    }

    /// The headings as one line would have them, where they stand in two: by
    /// what a field's was known, and both lines of the others.
    pub(crate) fn in_one_line(&self) -> Vec<(u16, String)> {
        if self.second.is_empty() {
            return Vec::new();
        }
        let known = |column: u16| {
            let field = self.columns.iter().position(|of| *of == Some(column))?;
            Some(self.headings[field].clone())
        };
        self.all
            .iter()
            .map(|(column, heading)| (*column, known(*column).unwrap_or_else(|| heading.clone())))
            .collect()
    }

    /// Whether two lines read as many fields as the upper one alone, are as
    /// clear, and the second one says something: it may also be the first row,
    /// or the title of a first section.
    pub(crate) fn is_no_worse_than(&self, other: &Self) -> bool {
        self.is_header()
            && self.says
            && self.matched >= other.matched
            && (self.ambiguous.is_none() || other.ambiguous.is_some())
    }

    /// The headings that are no field's, with their columns.
    pub(crate) fn others(&self) -> impl Iterator<Item = (u16, &str)> {
        let read = |column: &u16| self.columns.contains(&Some(*column));
        let all = self.all.iter().filter(move |(column, _)| !read(column));
        all.filter(|(column, _)| self.token != Some(*column))
            .map(|(column, heading)| (*column, heading.as_str()))
    }

    /// Gives a field its column.
    pub(crate) fn give(
        &mut self,
        field: usize,
        column: u16,
        heading: String,
        claim: Claim,
        how: How,
    ) {
        self.columns[field] = Some(column);
        self.headings[field] = heading;
        self.claims[field] = Some(claim);
        self.hows[field] = how;
    }
}

impl Matcher {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let mut known = Known::new();
        let mut own = Vec::new();
        for (index, field) in options.fields.iter().enumerate() {
            let headings = options.columns.get(field.name).cloned().unwrap_or_default();
            for (place, heading) in headings.iter().enumerate() {
                let claim = (index, Claim::Own(place));
                known.entry(normal(heading)).or_insert(claim);
            }
            own.push(headings);
        }
        known.remove("");
        Self {
            fields: options.fields.clone(),
            own,
            usual: options
                .fields
                .iter()
                .map(|field| {
                    options
                        .usual
                        .get(field.name)
                        .map(|usual| known_again(usual))
                })
                .collect(),
            of_school: known,
            of_all: known_of(&options.fields),
            token: normal(TOKEN_HEADING),
        }
    }

    /// Matches one line's cells.
    pub(crate) fn line<'a>(&self, cells: impl Iterator<Item = (u16, &'a str)>) -> Match {
        let headings = cells.map(|(column, text)| Heading::alone(column, text));
        self.headings(headings, Above::Plain)
    }

    /// Whether a text by itself could be the heading of some field.
    pub(crate) fn claims(&self, text: &str) -> bool {
        let words = text.split_whitespace().map(|word| word.len() + 1);
        words.sum::<usize>() <= HEADING_BYTES + 1
            && self
                .claim_of(&Heading::alone(0, text), Above::Plain)
                .is_some()
    }

    /// Matches headings.
    pub(crate) fn headings(&self, headings: impl Iterator<Item = Heading>, above: Above) -> Match {
        let count = self.fields.len();
        let mut found = Match {
            columns: vec![None; count],
            headings: vec![String::new(); count],
            claims: vec![None; count],
            hows: vec![How::Synonym; count],
            ..Match::default()
        };
        let mut claims: Vec<Vec<(Claim, u16, String)>> = vec![Vec::new(); count];
        let mut others = Vec::new();
        for heading in headings {
            let column = heading.column;
            let shown = heading.shown.split_whitespace().collect::<Vec<_>>();
            let shown = shown.join(" ");
            if shown.len() > HEADING_BYTES {
                continue;
            }
            if normal(&shown) == self.token {
                found.token = Some(column);
            }
            match self.claim_of(&heading, above) {
                Some((field, claim, heading)) => {
                    claims[field].push((claim, column, heading.trim().to_owned()));
                }
                None if normal(&shown) == OPEN => found.open.push((column, shown.clone())),
                None => others.push((column, shown.clone())),
            }
            found.all.push((column, shown));
        }
        let late_known = self.fields.iter().zip(&claims).any(|(field, claims)| {
            field.kind == FieldKind::Money && !field.required && !claims.is_empty()
        });
        let others: Vec<(u16, &str)> = others.iter().map(|(at, text)| (*at, &**text)).collect();
        let charges = Charges::of(&others, late_known);
        for (field, claims) in claims.iter().enumerate() {
            let sums_up = |whole: &(Claim, u16, String), part: &(Claim, u16, String)| {
                charges.sum_up((whole.0, whole.1), (part.0, part.1))
            };
            let is_beaten = |claim: &(Claim, u16, String)| {
                let beats =
                    |other: &(Claim, u16, String)| other.0.beats(claim.0) || sums_up(other, claim);
                claims.iter().any(beats)
            };
            let mut unbeaten = claims.iter().filter(|claim| !is_beaten(claim));
            let Some(mut best) = unbeaten.next() else {
                continue;
            };
            let mut second = unbeaten.next();
            if self.fields[field].kind == FieldKind::Code
                && let Some(other) = second
                && unbeaten.next().is_none()
            {
                let (roll, general) = match (best.0, other.0) {
                    (Claim::Roll, Claim::General) => (Some(best), other),
                    (Claim::General, Claim::Roll) => (Some(other), best),
                    _ => (None, other),
                };
                if let Some(roll) = roll {
                    found.roll = Some((field, roll.1, roll.2.clone(), general.2.clone()));
                    (best, second) = (roll, None);
                }
            }
            let (claim, column, heading) = best;
            for part in claims.iter().filter(|part| sums_up(best, part)) {
                let lean = charges.lean(field, (*claim, *column, heading), (part.1, &part.2));
                found.leans.push(lean);
            }
            // Which of two amounts it is, is held against the rows.
            let rival = claims.iter().find(|rival| {
                self.fields[field].kind != FieldKind::Money
                    && is_beaten(rival)
                    && !matches!(rival.0, Claim::LastResort | Claim::Paper)
            });
            let general = found.roll.as_ref().filter(|roll| roll.0 == field);
            let rival = rival.map(|rival| &rival.2);
            let rival = rival.or(general.map(|roll| &roll.3));
            let how = match (claim, rival) {
                (Claim::Own(_), _) => How::Configured,
                (_, Some(heading)) => How::Choice {
                    instead_of: heading.clone(),
                },
                (_, None) => How::Synonym,
            };
            found.give(field, *column, heading.clone(), *claim, how);
            if let Some((_, _, rival)) = second
                && found.ambiguous.is_none()
            {
                found.ambiguous = Some((field, heading.clone(), rival.clone()));
            }
        }
        self.count(&mut found);
        self.ask_of_another_date(&mut found, &others);
        found
    }

    /// Beside a due date may stand another that differs in its number alone.
    fn ask_of_another_date(&self, found: &mut Match, others: &[(u16, &str)]) {
        if found.ambiguous.is_some() {
            return;
        }
        let rivals = others.iter().filter_map(|(_, heading)| {
            let (field, ..) = self.claim(&unnumbered(heading)?)?;
            let open = !matches!(found.claims[field], None | Some(Claim::Own(_)));
            let date = self.fields[field].kind == FieldKind::Date && open;
            date.then(|| (field, (*heading).to_owned()))
        });
        if let Some((field, rival)) = rivals.min() {
            found.ambiguous = Some((field, found.headings[field].clone(), rival));
        }
    }

    pub(crate) fn count(&self, found: &mut Match) {
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
        let kind = self.fields[field].kind;
        if matches!(kind, FieldKind::Money | FieldKind::Date) && shape(column).is_all(kind) {
            let heading = heading.clone();
            line.give(field, column, heading, Claim::LastResort, How::Synonym);
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
        if let Some((field, column, roll, general)) = line.roll.take()
            && line.ambiguous.is_none()
            && !tells_apart(column, lines())
        {
            line.ambiguous = Some((field, roll, general));
        }
    }

    /// A line of headings, unless two columns have an equal right to one field. Of two
    /// amounts that one is read that earlier sheets had, and the other asked about.
    pub(crate) fn chosen(&self, sheet: &str, mut line: Match) -> Result<Match, Unreadable> {
        self.as_usual(&mut line);
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

    fn as_usual(&self, line: &mut Match) {
        let Some((field, first, second)) = &line.ambiguous else {
            return;
        };
        let (field, of) = (*field, &self.fields[*field]);
        let Some(usual) = &self.usual[field] else {
            return;
        };
        let column = |heading: &String| {
            let mut columns = line.all.iter().filter(|(_, text)| text == heading);
            columns
                .next()
                .map(|(column, _)| *column)
                .filter(|_| columns.next().is_none())
        };
        let (read, other) = match (known_again(first) == *usual, known_again(second) == *usual) {
            (true, false) => (first, second),
            (false, true) => (second, first),
            _ => return,
        };
        let (Some(at), Some(beside)) = (column(read), column(other)) else {
            return;
        };
        if of.kind != FieldKind::Money || !of.required {
            return;
        }
        let claim = self.claim(read).map_or(Claim::Plain, |(_, claim, _)| claim);
        let how = How::Choice {
            instead_of: other.clone(),
        };
        let read = read.clone();
        line.ambiguous = None;
        line.asked = Some(beside);
        line.give(field, at, read, claim, how);
    }

    /// The fields that a line has no heading for.
    pub(crate) fn missing(&self, line: &Match) -> Vec<FieldNamed> {
        let missing = line.missing.iter();
        missing.map(|index| self.fields[*index].named()).collect()
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
                let plain = field
                    .synonyms
                    .iter()
                    .filter(|synonym| !synonym.contains('|'));
                let known = plain.map(|synonym| (*synonym).to_owned());
                let recognised = self.own[index].iter().cloned().chain(known).collect();
                MissingField {
                    field: field.name,
                    label: field.label,
                    recognised,
                }
            })
            .collect();
        Unreadable::NoColumns {
            found: nearest
                .all
                .into_iter()
                .map(|(_, heading)| heading)
                .collect(),
            missing,
        }
    }
}

/// A heading without what says which of several it is: `Due Date 2`, `2nd Due Date`.
fn unnumbered(heading: &str) -> Option<String> {
    const WHICH: &str = "1 2 3 i ii iii 1st 2nd 3rd first second third new";
    let mut said = words(heading);
    let count = said.len();
    said.retain(|word| !is_word(word, WHICH));
    (said.len() < count && !said.is_empty()).then(|| said.join(" "))
}

/// Whether the cells of a column are filled, but in a few lines that may be no
/// rows, and no two are the same.
fn tells_apart<'a>(column: u16, lines: impl Iterator<Item = &'a SheetRow>) -> bool {
    let mut seen = HashSet::new();
    let mut blank = 0;
    for line in lines {
        let shown = normal(line.cell(column).shown);
        match shown.is_empty() {
            true => blank += 1,
            false if !seen.insert(shown) => return false,
            false => {}
        }
    }
    seen.len() > blank
}
