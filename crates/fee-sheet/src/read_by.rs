//! Who takes a file apart: this process, or another one that is kept apart
//! from everything that matters. Parsers are the part of a reader that a
//! hostile file gets at, so a service lets a process of its own run them
//! under limits ([`crate::send_lines`]) and takes from it plain lines of
//! cells, none of which it trusts. Headings, amounts and dates are judged
//! here either way, and nothing above the doors knows the difference.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::ReadOptions;
use crate::unreadable::Unreadable;

/// Who takes a file apart.
#[derive(Debug, Clone, Default)]
pub enum ReadBy {
    /// This process: for files of one's own, and for tests.
    #[default]
    ThisProcess,
    /// Somebody else, who sends its lines.
    Another(Arc<dyn AnotherReader>),
}

impl PartialEq for ReadBy {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ThisProcess, Self::ThisProcess) => true,
            (Self::Another(one), Self::Another(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for ReadBy {}

/// Somebody who runs [`crate::send_lines`] elsewhere.
pub trait AnotherReader: Send + Sync + fmt::Debug {
    /// Begins to read a file; the stream brings what [`crate::send_lines`]
    /// writes.
    ///
    /// # Errors
    /// [`Unreadable::NotNow`] if nobody can be had to read it.
    fn begin(
        &self,
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
    ) -> Result<Box<dyn LineStream>, Unreadable>;
}

/// What somebody else reads, as it comes. Dropped before its end, nobody wants
/// the rest.
pub trait LineStream: Read + Send {
    /// So many sheets, from the first, are no longer wanted. A hint.
    fn skip(&mut self, sheets: u32);

    /// Everything that was announced has come, and its count is right: whether
    /// the sender ended well, too.
    ///
    /// # Errors
    /// It did not; the rows that it sent are void.
    fn ended_well(&mut self) -> Result<(), Unreadable>;

    /// The stream can't be read on. Why, as far as it is known.
    fn broke(&mut self, how: Broke) -> Unreadable;
}

/// How a stream of lines went wrong.
#[derive(Debug)]
pub enum Broke {
    /// It ended before its closing count, or could not be read.
    Early(io::Error),
    /// It says what can't be.
    Lied(&'static str),
}
