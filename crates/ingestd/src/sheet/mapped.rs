//! Which column of a sheet serves which field, on what grounds, and what is said of it: a guess is
//! shown as a guess wherever the sheet is told of, and the whole is compared with earlier sheets.

use std::collections::BTreeMap;

use fee_sheet::{ColumnMatch, How, column_name, headings};
use ingest_ledger::{MappedColumn, TableMapping};
use serde::{Deserialize, Serialize};

use super::SheetSeen;

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

    /// On what grounds, for a person.
    pub fn grounds(&self) -> String {
        let other = self.other.as_deref().unwrap_or_default();
        match self.how.as_str() {
            "spelling" => format!("a guess: spelt like “{other}”"),
            "choice" => format!("a guess: and not “{other}”"),
            "shape" => "a guess: by what stands in it".to_owned(),
            how => how.to_owned(),
        }
    }
}

impl SheetSeen {
    /// The guesses, each a sentence without its end.
    pub fn said_of_guesses(&self) -> Vec<String> {
        let guesses = self.columns.iter().filter(|column| column.guess);
        let said = guesses.map(|column| {
            format!(
                "the {} of the sheet `{}` is taken from column {} “{}”, {}",
                column.field.replace('_', " "),
                self.name,
                column.column,
                column.heading,
                column.grounds()
            )
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
        TableMapping {
            sheet: self.name.clone(),
            columns: columns
                .map(|column| (column.field.clone(), mapped(column)))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    /// What of a file is compared with earlier ones.
    pub fn mappings(sheets: &[SheetSeen]) -> Vec<TableMapping> {
        sheets.iter().map(SheetSeen::mapping).collect()
    }
}
