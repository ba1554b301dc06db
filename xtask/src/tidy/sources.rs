//! Our Rust files, and what each of them owes a reader: a first line that says
//! what lives there, and nothing left for later.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Where our own code lies.
const FOLDERS: &[&str] = &["bench", "crates", "fuzz", "simulate", "tests", "xtask"];

/// What a compiler accepts and a finished file does not hold.
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

/// One Rust file: its path from the root, with slashes, and its text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// The number of the first line that names `word`, comments aside.
    pub(super) fn names(&self, word: &str) -> Option<usize> {
        self.code()
            .find(|(_, line)| has_word(line, word))
            .map(|(number, _)| number)
    }

    /// The lines that are not a comment from their beginning, counted from one.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// Every Rust file of ours, in the order of their paths.
pub(super) fn ours(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect(root, &root.join(folder), &mut sources)
            .with_context(|| format!("the sources in {folder} can't be read"))?;
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // A crate that is built by itself has its own target folder.
            if !path.ends_with("target") {
                collect(root, &path, sources)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let parts: Vec<_> = path
                .strip_prefix(root)?
                .iter()
                .map(|part| part.to_string_lossy())
                .collect();
            sources.push(Source {
                path: parts.join("/"),
                text,
            });
        }
    }
    Ok(())
}

/// Files that do not say what they are, and lines left for later.
pub(super) fn unfinished(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        if !source.text.starts_with("//!") {
            complaints.push(format!(
                "{} does not begin with a line that says what lives here (//!)",
                source.path
            ));
        }
        for (number, line) in source.code() {
            for name in UNFINISHED {
                if calls_macro(line, name) {
                    complaints.push(format!("{}:{number} still holds a {name}", source.path));
                }
            }
        }
    }
    complaints
}

/// `word` as a whole identifier.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_of_a_name) && !after.is_some_and(is_of_a_name)
    })
}

fn calls_macro(line: &str, name: &str) -> bool {
    let call = format!("{name}!");
    line.match_indices(&call).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + call.len()..].trim_start().chars().next();
        !before.is_some_and(is_of_a_name) && after.is_some_and(|opening| "([{".contains(opening))
    })
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source {
            path: "crates/a/src/b.rs".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_file_says_what_it_is_in_its_first_line() {
        assert_eq!(unfinished(&[source("//! Chunks.\n")]), Vec::<String>::new());
        assert_eq!(
            unfinished(&[source("use std::fs;\n//! Chunks.\n")]).len(),
            1
        );
        assert_eq!(unfinished(&[source("")]).len(), 1);
    }

    #[test]
    fn what_is_left_for_later_is_found_with_its_line() {
        for name in UNFINISHED {
            let text = format!("//! Chunks.\nfn f() {{\n    {name}!(\"later\")\n}}\n");
            assert_eq!(
                unfinished(&[source(&text)]),
                [format!("crates/a/src/b.rs:3 still holds a {name}")]
            );
        }
    }

    #[test]
    fn comments_and_longer_names_are_not_calls() {
        let text = format!(
            "//! Chunks.\n// {0}!() was here\nmy_{0}!();\n",
            UNFINISHED[0]
        );
        assert_eq!(unfinished(&[source(&text)]), Vec::<String>::new());
    }

    #[test]
    fn a_name_is_a_whole_word_outside_comments() {
        let text =
            "//! asaanbill_core speaks.\nuse asaanbill_core_extra::X;\nuse asaanbill_core::Y;\n";
        assert_eq!(source(text).names("asaanbill_core"), Some(3));
        assert_eq!(source(text).names("asaanbill"), None);
    }
}
