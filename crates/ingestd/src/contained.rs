//! A sheet is taken apart in a child process of this very program (`ingestd read-sheet`), which may
//! use so much memory and so much time, opens no connection, writes no file, and knows no secret.
//! Whatever a file does to its parser costs that child, and one sentence for whoever dropped the file.
//!
//! The child sends lines of cells and a closing count (`fee_sheet::send_lines`); headings, amounts and
//! dates are judged here, and nothing that the child says is believed. It lives no longer than we do:
//! its standard input is a pipe that nothing is written to at its end, and the child ends with it.

mod child;
mod failing;
mod limits;
mod rooms;
mod stream;
mod walls;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fee_sheet::{AnotherReader, LineStream, ReadBy, ReadOptions, Unreadable};
use serde::{Deserialize, Serialize};

use crate::config::GatewayKind;

pub use child::read_sheet;
#[cfg(debug_assertions)]
pub(crate) use failing::READER_FAILS;

/// Who takes sheets apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A child process for each file: the program.
    AChild,
    /// This process itself: a test or a simulator, whose executable is another one, and whose sheets
    /// are its own.
    ThisProcess,
}

impl Reader {
    /// The same for sheets of this gateway.
    pub(crate) fn of(self, gateway: GatewayKind) -> ReadBy {
        match self {
            Reader::AChild => ReadBy::Another(Arc::new(Children { gateway })),
            Reader::ThisProcess => ReadBy::ThisProcess,
        }
    }
}

/// What the child is told, in one line.
#[derive(Serialize, Deserialize)]
struct Request {
    /// What the sheet is called.
    file_name: String,
    /// Whose fields it has.
    gateway: GatewayKind,
    options: ReadOptions,
    allowed: limits::Allowed,
}

/// A child for every file.
#[derive(Debug)]
struct Children {
    gateway: GatewayKind,
}

impl AnotherReader for Children {
    fn begin(
        &self,
        path: &Path,
        file_name: &str,
        options: &ReadOptions,
    ) -> Result<Box<dyn LineStream>, Unreadable> {
        // Relative to our own folder, which is also the child's, until somebody changes that.
        let path = std::path::absolute(path)?;
        let allowed = limits::Allowed::to_read(&path);
        let request = Request {
            file_name: file_name.to_owned(),
            gateway: self.gateway,
            options: options.clone(),
            allowed,
        };
        Ok(Box::new(stream::ChildStream::start(&path, &request)?))
    }
}

/// What this system lacks to keep a child apart, as far as a child has said so.
static LACKING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What this system lacks to keep a child apart, as far as it is known from those that ended.
pub(crate) fn lacking() -> Vec<String> {
    let said = LACKING.lock().unwrap_or_else(PoisonError::into_inner);
    said.iter().cloned().collect()
}

/// Says once of each thing that this system lacks that sheets are read without it.
fn say_what_is_lacking(lacking: &str) {
    let mut said = LACKING.lock().unwrap_or_else(PoisonError::into_inner);
    if said.len() < 16 && said.insert(lacking.to_owned()) {
        tracing::warn!(
            lacking,
            "sheets are read in a child process that is not kept apart in every way"
        );
    }
}
