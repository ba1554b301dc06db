//! What was found in the rows on its way to the answer: in memory while it is little, in a temporary
//! file once it is much, in the order in which it was found.

use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::SpooledTempFile;

use crate::exit::Failure;

/// What is kept in memory, in bytes.
const MEMORY_BYTES: usize = 1024 * 1024;

/// A list (of problems, of rows) that may be longer than memory.
#[derive(Debug)]
pub(super) struct Spill<T> {
    file: std::io::BufWriter<SpooledTempFile>,
    of: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Spill<T> {
    pub(super) fn new() -> Self {
        Spill {
            file: std::io::BufWriter::new(SpooledTempFile::new(MEMORY_BYTES)),
            of: PhantomData,
        }
    }

    /// Adds what was found in a row.
    pub(super) fn write(&mut self, row_no: u32, found: &T) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.file, &(row_no, found))
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| lost(&error))
    }

    /// Hands on everything, in the order in which they came.
    pub(super) fn read(
        &mut self,
        each: &mut dyn FnMut(u32, &T) -> Result<(), Failure>,
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
            let (row_no, found): (u32, T) =
                serde_json::from_slice(&line).map_err(|error| lost(&error.into()))?;
            each(row_no, &found)?;
        }
        file.seek(SeekFrom::End(0)).map_err(|error| lost(&error))?;
        Ok(())
    }
}

fn lost(error: &std::io::Error) -> Failure {
    Failure::file(format!(
        "the temporary file of the answer can't be used: {error}"
    ))
    .help("the system's temporary folder may be full; TMPDIR names another")
}
