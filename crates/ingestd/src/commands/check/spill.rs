//! Problems on their way from the rows to the answer: in memory while they are few, in a temporary
//! file once they are many, in the order in which they were found.

use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use super::PlacedProblem;
use crate::exit::Failure;

/// Problems kept in memory, in bytes.
const MEMORY_BYTES: usize = 1024 * 1024;

/// A list of problems that may be longer than memory.
#[derive(Debug)]
pub(super) struct Spill {
    file: std::io::BufWriter<SpooledTempFile>,
}

impl Spill {
    pub(super) fn new() -> Self {
        Spill {
            file: std::io::BufWriter::new(SpooledTempFile::new(MEMORY_BYTES)),
        }
    }

    /// Adds a problem of a row.
    pub(super) fn write(&mut self, row_no: u32, problem: &PlacedProblem) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.file, &(row_no, problem))
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| lost(&error))
    }

    /// Hands on every problem, in the order in which they came.
    pub(super) fn read(
        &mut self,
        each: &mut dyn FnMut(u32, &PlacedProblem) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.file.flush().map_err(|error| lost(&error))?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))
            .map_err(|error| lost(&error))?;
        let mut lines = BufReader::new(&mut *file);
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines
                .read_until(b'\n', &mut line)
                .map_err(|error| lost(&error))?
                == 0
            {
                break;
            }
            let (row_no, problem): (u32, PlacedProblem) =
                serde_json::from_slice(&line).map_err(|error| lost(&error.into()))?;
            each(row_no, &problem)?;
        }
        file.seek(SeekFrom::End(0)).map_err(|error| lost(&error))?;
        Ok(())
    }
}

fn lost(error: &std::io::Error) -> Failure {
    Failure::file(format!(
        "the temporary file of the problems can't be used: {error}"
    ))
    .help("the system's temporary folder may be full; TMPDIR names another")
}
