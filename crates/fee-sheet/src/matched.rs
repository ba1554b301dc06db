//! Which column was taken for which field, and on what grounds: what `map`
//! shows, and what a later sheet is compared with.

/// On what grounds a column was taken for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The school's configuration names the heading.
    Configured,
    /// The heading is known.
    Synonym,
    /// A guess: another column could be the field too, and has the poorer name.
    Choice {
        /// The heading of the other one.
        instead_of: String,
    },
    /// A guess: the heading is nearly a known one.
    Spelling {
        /// The heading that it is nearly.
        meant: String,
    },
    /// A guess: the heading is not known, and this is the only column whose
    /// cells are what the field holds.
    Shape,
}

impl How {
    /// Whether a person should look at it.
    pub fn is_guess(&self) -> bool {
        !matches!(self, Self::Configured | Self::Synonym)
    }

    /// The ground in one word: `configured`, `synonym`, `choice`,
    /// `spelling`, `shape`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Synonym => "synonym",
            Self::Choice { .. } => "choice",
            Self::Spelling { .. } => "spelling",
            Self::Shape => "shape",
        }
    }
}

/// A column that was taken for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMatch {
    /// The field's name, as in [`crate::Field::name`].
    pub field: &'static str,
    /// The column, from 0.
    pub column: u16,
    /// Its heading, as written; headings in two lines with a space between.
    pub heading: String,
    /// On what grounds.
    pub how: How,
    /// The first values of the column that differ, as shown; known at the
    /// sheet's end.
    pub examples: Vec<String>,
}
