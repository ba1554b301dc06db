//! In which language a school is spoken to.

use clap::ValueEnum;

/// A language that what we write for a school is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Urdu.
    Ur,
}
