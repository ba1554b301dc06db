//! Which line holds the headings, and which column is which field. The
//! school's own headings come first, then the synonyms; two columns with an
//! equal right are said, not chosen between.

use std::collections::HashMap;

use crate::headings::normal;
use crate::unreadable::{MissingField, Unreadable};
use crate::{Field, ReadOptions};

/// The heading of the hidden column that ties a corrected row to its origin.
pub(crate) const TOKEN_HEADING: &str = "ingestd-row";

/// A cell longer than this is no heading.
const HEADING_BYTES: usize = 300;

/// All headings that are known, made comparable once.
#[derive(Debug)]
pub(crate) struct Matcher {
    fields: Vec<Field>,
    own: Vec<Vec<String>>,
    /// Normal form → field, and its rank: the school's own headings in their
    /// order, then every synonym alike.
    known: HashMap<String, (usize, usize)>,
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
            for (rank, heading) in headings.iter().enumerate() {
                known.entry(normal(heading)).or_insert((index, rank));
            }
            own.push(headings);
        }
        for (index, field) in options.fields.iter().enumerate() {
            for synonym in field.synonyms.iter().chain([&field.label, &field.name]) {
                known.entry(normal(synonym)).or_insert((index, usize::MAX));
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
            ..Match::default()
        };
        let mut ranks = vec![usize::MAX; count];
        let mut rivals: Vec<Option<String>> = vec![None; count];
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
            let Some((field, rank)) = self.known.get(&form).copied() else {
                continue;
            };
            if found.columns[field].is_none() || rank < ranks[field] {
                found.columns[field] = Some(column);
                found.headings[field] = heading.to_owned();
                ranks[field] = rank;
                rivals[field] = None;
            } else if rank == ranks[field] && rivals[field].is_none() {
                rivals[field] = Some(heading.to_owned());
            }
        }
        found.matched = found.columns.iter().flatten().count();
        found.missing = (0..count)
            .filter(|index| self.fields[*index].required && found.columns[*index].is_none())
            .collect();
        found.ambiguous = rivals
            .into_iter()
            .enumerate()
            .find_map(|(field, rival)| Some((field, found.headings[field].clone(), rival?)));
        found
    }

    /// The line of the headings among a sheet's first lines: the one with
    /// most fields among those that have all that are required, the upper one
    /// of equals.
    pub(crate) fn best(&self, sheet: &str, lines: impl Iterator<Item = Match>) -> Search {
        let mut best: Option<(usize, Match)> = None;
        let mut nearest = Match::default();
        for (index, line) in lines.enumerate() {
            let beats = |best: &(usize, Match)| line.matched > best.1.matched;
            let nearer = line.matched > nearest.matched
                || line.matched == nearest.matched
                    && line.found.len() > 1
                    && nearest.found.len() <= 1;
            if line.is_header() && best.as_ref().is_none_or(beats) {
                best = Some((index, line));
            } else if nearer {
                nearest = line;
            }
        }
        match best {
            None => Search::Nearest(nearest),
            Some((index, line)) => match line.ambiguous {
                None => Search::Found(index, line),
                Some((field, first, second)) => Search::Refused(Unreadable::AmbiguousColumns {
                    sheet: sheet.to_owned(),
                    field: self.fields[field].label,
                    first,
                    second,
                }),
            },
        }
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
