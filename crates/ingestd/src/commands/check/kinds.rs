//! Problems by their kind: forty amounts written the same wrong way are one thing for a bursar to
//! mend, not forty.

use std::collections::HashMap;

use super::PlacedProblem;
use crate::commands::printing::{grouped, shown};

/// Kinds that are told apart; what comes after them is counted together.
const KINDS_MAX: usize = 200;
/// Places that are named of each kind.
const PLACES_MAX: usize = 5;

/// The kinds of problems met so far, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    by_pattern: HashMap<(bool, String), usize>,
    kinds: Vec<Kind>,
    others: u64,
}

#[derive(Debug)]
struct Kind {
    error: bool,
    /// The sentence of the first one.
    sentence: String,
    count: u64,
    places: Vec<String>,
}

impl Kinds {
    pub(super) fn add(&mut self, problem: &PlacedProblem) {
        let error = problem.severity == "error";
        let key = (error, pattern(problem));
        let at = match self.by_pattern.get(&key) {
            Some(at) => *at,
            None if self.kinds.len() == KINDS_MAX => {
                self.others += 1;
                return;
            }
            None => {
                self.by_pattern.insert(key, self.kinds.len());
                self.kinds.push(Kind {
                    error,
                    sentence: sentence(problem),
                    count: 0,
                    places: Vec::new(),
                });
                self.kinds.len() - 1
            }
        };
        let Some(kind) = self.kinds.get_mut(at) else {
            return;
        };
        kind.count += 1;
        if kind.places.len() < PLACES_MAX {
            kind.places.push(place(problem));
        }
    }

    /// The lines that tell of them, errors or warnings, the most frequent first.
    pub(super) fn lines(&self, errors: bool) -> Vec<String> {
        let mut kinds: Vec<&Kind> = self
            .kinds
            .iter()
            .filter(|kind| kind.error == errors)
            .collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        let mut lines: Vec<String> = kinds.into_iter().map(Kind::line).collect();
        if errors && self.others > 0 {
            lines.push(format!(
                "{} × of other kinds; --format csv lists all",
                grouped(self.others)
            ));
        }
        lines
    }
}

impl Kind {
    fn line(&self) -> String {
        let named = self.places.join(", ");
        let more = match self.count - self.places.len() as u64 {
            0 => String::new(),
            more => format!(" and {} more", grouped(more)),
        };
        match self.count {
            1 => format!("{named}: {}", self.sentence),
            count => format!("{} × {} ({named}{more})", grouped(count), self.sentence),
        }
    }
}

fn sentence(problem: &PlacedProblem) -> String {
    let field = problem.field.replace('_', " ");
    if field.is_empty() {
        shown(&problem.problem)
    } else {
        format!("{field}: {}", shown(&problem.problem))
    }
}

/// The cell and what stands there.
fn place(problem: &PlacedProblem) -> String {
    let cell = problem
        .cell
        .clone()
        .unwrap_or_else(|| format!("row {}", problem.row));
    match problem.value.trim() {
        "" => cell,
        value => format!("{cell} `{}`", shown(&shortened(value))),
    }
}

fn shortened(value: &str) -> String {
    const CHARS_MAX: usize = 40;
    if value.chars().count() <= CHARS_MAX {
        return value.to_owned();
    }
    value.chars().take(CHARS_MAX).chain(['…']).collect()
}

/// What two problems of one kind share: the field and the sentence, without the value and the numbers in it.
fn pattern(problem: &PlacedProblem) -> String {
    let value = problem.value.trim();
    let plain = if value.is_empty() {
        problem.problem.clone()
    } else {
        problem.problem.replace(value, "…")
    };
    let mut text = format!("{}: ", problem.field);
    let mut in_number = false;
    for c in plain.chars() {
        if c.is_ascii_digit() {
            if !in_number {
                text.push('#');
            }
            in_number = true;
        } else {
            in_number = false;
            text.push(c);
        }
    }
    text
}
