//! Which column of a sheet serves which field, on what grounds, and what is said of it: a guess is
//! shown as a guess wherever the sheet is told of, and the whole is compared with earlier sheets.

use std::collections::BTreeMap;

use fee_sheet::{ColumnMatch, How, column_name, headings};
use ingest_ledger::{MappedColumn, TableMapping};
use serde::{Deserialize, Serialize};

use super::SheetSeen;
use crate::language::Language;
use crate::said::{Grounds, Guess, OfFile};

/// A column that serves a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenColumn {
    /// The field.
    pub field: String,
    /// Its letters.
    pub column: String,
    /// Its heading, as written.
    pub heading: String,
    /// On what grounds: `configured`, `synonym`, `choice`, `spelling` or `shape`.
    pub how: String,
    /// Whether that is a guess.
    pub guess: bool,
    /// The heading that it is spelt like, or that gave way to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The first values that differ.
    #[serde(default)]
    pub examples: Vec<String>,
}

impl SeenColumn {
    pub(super) fn of(column: &ColumnMatch) -> SeenColumn {
        SeenColumn {
            field: column.field.to_owned(),
            column: column_name(column.column),
            heading: column.heading.clone(),
            how: column.how.as_str().to_owned(),
            guess: column.how.is_guess(),
            other: match &column.how {
                How::Spelling { meant: other } | How::Choice { instead_of: other } => {
                    Some(other.clone())
                }
                _ => None,
            },
            examples: column.examples.clone(),
        }
    }

    /// On what grounds.
    fn on_grounds(&self) -> Grounds {
        let other = self.other.clone().unwrap_or_default();
        match self.how.as_str() {
            "spelling" => Grounds::Spelling(other),
            "choice" => Grounds::Choice(other),
            "shape" => Grounds::Shape,
            how => Grounds::Known(how.to_owned()),
        }
    }

    /// The same, for a person.
    pub fn grounds(&self, language: Language) -> String {
        language.grounds(&self.on_grounds())
    }
}

impl SheetSeen {
    /// The guesses, each a sentence without its end.
    pub fn said_of_guesses(&self, language: Language) -> Vec<String> {
        let guesses = self.columns.iter().filter(|column| column.guess);
        let said = guesses.map(|column| {
            language.of_file(&OfFile::Guess(Guess {
                field: column.field.clone(),
                sheet: self.name.clone(),
                column: column.column.clone(),
                heading: column.heading.clone(),
                how: column.on_grounds(),
            }))
        });
        said.collect()
    }

    /// What is compared with earlier sheets.
    fn mapping(&self) -> TableMapping {
        let mapped = |column: &SeenColumn| MappedColumn {
            heading: column.heading.clone(),
            known_as: headings::known_again(&column.heading),
            configured: column.how == How::Configured.as_str(),
        };
        let columns = self.columns.iter();
        let mut columns: BTreeMap<_, _> = columns
            .map(|column| (column.field.clone(), mapped(column)))
            .collect();
        // What stands above the headings for all rows goes as the column that it lacks: a fix
        // sheet has it, and so may the next month's.
        for field in &self.guesses {
            columns.entry(field.clone()).or_insert_with(|| {
                let heading = Language::En.label(field).to_owned();
                MappedColumn {
                    known_as: headings::known_again(&heading),
                    heading,
                    configured: false,
                }
            });
        }
        TableMapping {
            sheet: self.name.clone(),
            columns,
        }
    }

    /// What of a file is compared with earlier ones.
    pub fn mappings(sheets: &[SheetSeen]) -> Vec<TableMapping> {
        sheets.iter().map(SheetSeen::mapping).collect()
    }
}
