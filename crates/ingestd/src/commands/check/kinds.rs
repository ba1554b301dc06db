//! Problems by their kind: forty amounts written the same wrong way are one thing for a bursar to
//! mend, not forty.

use std::collections::HashMap;

use super::PlacedProblem;
use crate::commands::printing::{grouped, shown};
use crate::language::Language;
use crate::said::Frame;
use crate::sheet::{TwiceOutcome, said_of_all};

/// Kinds that are told apart; what comes after them is counted together.
const KINDS_MAX: usize = 200;
/// Places that are named of each kind.
const PLACES_MAX: usize = 5;

/// The kinds of problems met so far, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    language: Language,
    by_pattern: HashMap<String, usize>,
    kinds: Vec<Kind>,
    others: u64,
}

#[derive(Debug)]
struct Kind {
    error: bool,
    field: String,
    /// The sentence of the first one.
    first: String,
    /// What all of them say: the same sentence, without the values and numbers that differ.
    common: Sentence,
    count: u64,
    places: Vec<String>,
}

impl Kinds {
    /// Of problems said in a language.
    pub(super) fn said_in(language: Language) -> Self {
        Kinds {
            language,
            ..Kinds::default()
        }
    }

    /// Counts a problem.
    pub(super) fn add(&mut self, problem: &PlacedProblem) {
        self.count(problem, Sentence::of(problem));
    }

    /// Counts a row whose identifier stands more than once. Each names the other rows of its own
    /// identifier, which must not be said of the next one.
    pub(super) fn add_duplicate(&mut self, problem: &PlacedProblem, outcome: TwiceOutcome) {
        let all = said_of_all(outcome, self.language);
        self.count(problem, Sentence::plain(all));
    }

    fn count(&mut self, problem: &PlacedProblem, sentence: Sentence) {
        let error = problem.severity == "error";
        let key = format!("{error} {} {}", problem.field, sentence.pattern());
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
                    field: match self.language {
                        Language::En => problem.field.replace('_', " "),
                        other => other.label(&problem.field).to_owned(),
                    },
                    first: problem.problem.clone(),
                    common: sentence.clone(),
                    count: 0,
                    places: Vec::new(),
                });
                self.kinds.len() - 1
            }
        };
        let Some(kind) = self.kinds.get_mut(at) else {
            return;
        };
        kind.common.keep_common(&sentence);
        kind.count += 1;
        if kind.places.len() < PLACES_MAX {
            kind.places.push(place(problem, self.language));
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
        let mut lines: Vec<String> = kinds
            .into_iter()
            .map(|kind| kind.line(self.language))
            .collect();
        if errors && self.others > 0 {
            lines.push(self.language.frame(&Frame::OtherKinds(self.others)));
        }
        lines
    }
}

impl Kind {
    fn line(&self, language: Language) -> String {
        let named = self.places.join(", ");
        let more = match self.count - self.places.len() as u64 {
            0 => String::new(),
            more => language.frame(&Frame::AndMore(more)),
        };
        let said = |sentence: &str| match self.field.as_str() {
            "" => shown(sentence),
            field => format!("{field}: {}", shown(sentence)),
        };
        match self.count {
            1 => format!("{named}: {}", said(&self.first)),
            count => format!(
                "{} × {} ({named}{more})",
                grouped(count),
                said(&self.common.text())
            ),
        }
    }
}

/// The cell and what stands there.
fn place(problem: &PlacedProblem, language: Language) -> String {
    let cell = problem
        .cell
        .clone()
        .unwrap_or_else(|| language.frame(&Frame::Row(problem.row)));
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

/// A sentence in pieces, so that what two of one kind do not share can be left open.
#[derive(Debug, Clone)]
struct Sentence(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    /// A value or a number; `None` where it differs from one problem to the next.
    Varies(Option<String>),
}

impl Sentence {
    /// The problem's, cut at what it quotes and at every number.
    fn of(problem: &PlacedProblem) -> Self {
        let mut sentence = Self(Vec::new());
        for (index, piece) in problem.problem.split('`').enumerate() {
            if index > 0 {
                sentence.0.push(Piece::Words("`".to_owned()));
            }
            // Every other piece is between two backticks.
            if index % 2 == 1 {
                sentence.0.push(Piece::Varies(Some(piece.to_owned())));
            } else {
                sentence.cut_at_numbers(piece);
            }
        }
        sentence
    }

    fn plain(text: String) -> Self {
        Self(vec![Piece::Words(text)])
    }

    fn cut_at_numbers(&mut self, mut text: &str) {
        while !text.is_empty() {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit());
            let end = text
                .find(|c: char| c.is_ascii_digit() != is_number)
                .unwrap_or(text.len());
            let (piece, rest) = text.split_at(end);
            self.0.push(if is_number {
                Piece::Varies(Some(piece.to_owned()))
            } else {
                Piece::Words(piece.to_owned())
            });
            text = rest;
        }
    }

    /// What makes two sentences one kind.
    fn pattern(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Words(words) => words.as_str(),
            Piece::Varies(_) => "\0",
        });
        pieces.collect()
    }

    /// Leaves open what the other, of one pattern with this one, has otherwise.
    fn keep_common(&mut self, other: &Self) {
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            if mine != other {
                *mine = Piece::Varies(None);
            }
        }
    }

    fn text(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Words(text) | Piece::Varies(Some(text)) => text.as_str(),
            Piece::Varies(None) => "…",
        });
        pieces.collect()
    }
}
