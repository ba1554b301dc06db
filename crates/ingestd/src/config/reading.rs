//! Reading a TOML table by asking for its keys: each question carries its default, what was never
//! asked for is unknown, and every problem is collected with its line.
//!
//! serde would stop at the first problem, and know no line of a value that parses but makes no sense.

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::values::nearest;
use crate::exit::Failure;

/// The problems found so far, in one text.
pub(super) struct Findings<'t> {
    text: &'t str,
    list: RefCell<Vec<(usize, String)>>,
}

impl<'t> Findings<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Findings {
            text,
            list: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// A problem at a byte of the text; `None` for one that has no place.
    pub(super) fn add(&self, at: Option<usize>, sentence: impl Into<String>) {
        let line = at.map_or(0, |at| self.line(at));
        self.list.borrow_mut().push((line, sentence.into()));
    }

    /// A problem on a line that is already known.
    pub(super) fn add_on_line(&self, line: usize, sentence: impl Into<String>) {
        self.list.borrow_mut().push((line, sentence.into()));
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// All problems as one failure, in the order of their lines.
    pub(super) fn into_failure(self, path: &Path) -> Option<Failure> {
        let mut list = self.list.into_inner();
        list.sort_by_key(|(line, _)| *line);
        list.dedup();
        let shown = path.display();
        let said = |(line, sentence): &(usize, String)| match line {
            0 => sentence.clone(),
            line => format!("line {line}: {sentence}"),
        };
        match list.as_slice() {
            [] => None,
            [only] => Some(Failure::usage(match only.0 {
                0 => format!("{shown}: {}", only.1),
                line => format!("{shown} line {line}: {}", only.1),
            })),
            many => {
                let lines: Vec<String> =
                    many.iter().map(|one| format!("  {}", said(one))).collect();
                Some(Failure::usage(format!(
                    "{shown} has {} problems:\n{}",
                    many.len(),
                    lines.join("\n")
                )))
            }
        }
    }
}

/// One table of the text, and what has been asked of it.
pub(super) struct Section<'a> {
    findings: &'a Findings<'a>,
    /// As in the heading: `accounts.greenfield`; empty for the whole file.
    name: String,
    line: usize,
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<&'static str>>,
    spoilt: Cell<bool>,
}

impl<'a> Section<'a> {
    pub(super) fn whole(findings: &'a Findings<'a>, table: &'a DeTable<'a>) -> Self {
        Section::new(findings, String::new(), 0, Some(table))
    }

    fn new(
        findings: &'a Findings<'a>,
        name: String,
        line: usize,
        table: Option<&'a DeTable<'a>>,
    ) -> Self {
        Section {
            findings,
            name,
            line,
            table,
            asked: RefCell::new(Vec::new()),
            spoilt: Cell::new(false),
        }
    }

    /// The line of its heading.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The line of a key, or of the heading if the key is not written.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.value_of(key)
            .map_or(self.line, |value| self.findings.line(value.span().start))
    }

    /// Whether the key is written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value_of(key).is_some()
    }

    /// Whether a required key was missing or unreadable.
    pub(super) fn is_spoilt(&self) -> bool {
        self.spoilt.get()
    }

    /// A problem of this key.
    pub(super) fn problem(&self, key: &str, sentence: impl Into<String>) {
        self.spoilt.set(true);
        self.findings.add_on_line(self.line_of(key), sentence);
    }

    /// A text, read by `parse`; the default if it is not written, or wrong (and then reported).
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        self.optional(key, parse).unwrap_or(default)
    }

    /// A text, read by `parse`, if it is written.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.ask(key)?;
        let read = match value.get_ref() {
            DeValue::String(text) => parse(text),
            DeValue::Integer(number) => parse(&number.to_string()),
            other => Err(format!(
                "a text in quotes belongs here, not {}",
                kind_of(other)
            )),
        };
        read.map_err(|why| self.problem(key, format!("{}: {why}", self.full(key))))
            .ok()
    }

    /// A text that must be written.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        like: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(key) {
            self.asked.borrow_mut().push(key);
            self.spoilt.set(true);
            self.findings.add_on_line(
                self.line,
                format!("[{}] needs a {key}, such as {key} = {like}", self.name),
            );
            return None;
        }
        self.optional(key, parse)
    }

    /// One of a few names.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, default: T, names: &[(&str, T)]) -> T {
        self.parsed(key, default, |text| choose(text, names))
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &self,
        key: &'static str,
        default: u32,
        bounds: RangeInclusive<u32>,
    ) -> u32 {
        let Some(value) = self.ask(key) else {
            return default;
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse::<u32>().ok(),
            _ => None,
        };
        match number {
            Some(number) if bounds.contains(&number) => number,
            _ => {
                let (low, high) = (bounds.start(), bounds.end());
                self.problem(
                    key,
                    format!(
                        "{}: a whole number from {low} to {high} belongs here",
                        self.full(key)
                    ),
                );
                default
            }
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        match self.ask(key) {
            Some(value) => self.texts_in(key, value),
            None => Vec::new(),
        }
    }

    /// Every key of a table whose keys are for the user to choose, with its texts and its line.
    pub(super) fn all_texts(&self) -> Vec<(String, usize, Vec<String>)> {
        let entries = self.table.into_iter().flat_map(|table| table.iter());
        entries
            .map(|(key, value)| {
                let name = key.get_ref().to_string();
                let texts = self.texts_in(&name, value);
                (name, self.findings.line(key.span().start), texts)
            })
            .collect()
    }

    /// A table below this one; if it is not written, an empty one that answers every question with its default.
    pub(super) fn section(&self, key: &'static str) -> Section<'a> {
        self.written_section(key)
            .unwrap_or_else(|| Section::new(self.findings, self.full(key), self.line, None))
    }

    /// A table below this one, if it is written.
    pub(super) fn written_section(&self, key: &'static str) -> Option<Section<'a>> {
        let value = self.ask(key)?;
        self.table_in(key, self.findings.line(value.span().start), value)
    }

    /// Every table below this one, by name.
    pub(super) fn sections(&self) -> Vec<(String, Section<'a>)> {
        let entries = self.table.into_iter().flat_map(|table| table.iter());
        entries
            .filter_map(|(key, value)| {
                let line = self.findings.line(key.span().start);
                Some((
                    key.get_ref().to_string(),
                    self.table_in(key.get_ref(), line, value)?,
                ))
            })
            .collect()
    }

    /// Reports what is written here and was never asked for.
    pub(super) fn finish(&self, hints: &[(&str, &str)]) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.into_iter().flat_map(|table| table.iter()) {
            let name = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let place = if self.name.is_empty() {
                "this file".to_owned()
            } else {
                format!("[{}]", self.name)
            };
            let advice = match (
                hints.iter().find(|(wrong, _)| *wrong == name),
                nearest(name, asked.iter().copied()),
            ) {
                (Some((_, hint)), _) => (*hint).to_owned(),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("the keys here are {}", asked.join(", ")),
            };
            self.findings.add(
                Some(key.span().start),
                format!("`{name}` is not a key of {place}; {advice}"),
            );
        }
    }

    fn ask(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.value_of(key)
    }

    fn value_of(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table?
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn table_in(
        &self,
        key: &str,
        line: usize,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Option<Section<'a>> {
        let name = self.full(key);
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(self.findings, name, line, Some(table))),
            other => {
                let kind = kind_of(other);
                self.findings.add_on_line(
                    line,
                    format!("{name}: a section [{name}] belongs here, not {kind}"),
                );
                None
            }
        }
    }

    fn texts_in(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let wrong = |value: &DeValue<'_>| {
            let kind = kind_of(value);
            self.problem(
                key,
                format!(
                    "{}: a list of texts [\"…\"] belongs here, not {kind}",
                    self.full(key)
                ),
            );
        };
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(values) => values
                .iter()
                .filter_map(|value| match value.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    other => {
                        wrong(other);
                        None
                    }
                })
                .collect(),
            other => {
                wrong(other);
                Vec::new()
            }
        }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}

/// Picks by name, or says what the names are.
pub(super) fn choose<T: Copy>(text: &str, names: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = names.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let known: Vec<String> = names
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    Err(match nearest(text, names.iter().map(|(name, _)| *name)) {
        Some(near) => format!(
            "{text:?} is not known here; did you mean \"{near}\"? (known: {})",
            known.join(", ")
        ),
        None => format!("{text:?} is not known here; known: {}", known.join(", ")),
    })
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
